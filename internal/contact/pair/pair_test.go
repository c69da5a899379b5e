package pair_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"huikan/internal/contact/pair"
	"huikan/internal/kernel/clock"
)

// The floors hold for registers of other names, rates and seeds than any the weights were looked at with.
func TestRecordsOfOneContactAreFound(t *testing.T) {
	with := func(f func(*rates)) rates { x := usual; f(&x); return x }
	cases := []struct {
		name  string
		rates rates
		floor float64
	}{
		{"as usual", usual, 0.97},
		{"another seed", with(func(x *rates) { x.seed = 2 }), 0.97},
		{"few records", with(func(x *rates) { x.events, x.seed = 120, 3 }), 0.96},
		{"crowded", with(func(x *rates) { x.events, x.prefects, x.seed = 6000, 40, 4 }), 0.95},
		{"everything twice as bad", with(func(x *rates) {
			x.masked, x.blank, x.caseBlank, x.caseShort, x.caseSlip, x.nameSlip, x.otherDay, x.otherWay, x.seed = 0.4, 0.14, 0.24, 0.2, 0.1, 0.1, 0.5, 0.25, 5
		}), 0.90},
		{"one place", with(func(x *rates) { x.events, x.prefects, x.counties, x.seed = 1500, 1, 8, 6 }), 0.93},
		{"one county to each prefecture, national size", with(func(x *rates) { x.events, x.prefects, x.counties, x.seed = 15000, 330, 1, 7 }), 0.97},
		{"nearly all recorded by one", with(func(x *rates) { x.lone, x.seed = 0.95, 8 }), 0.88},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			records, event := c.rates.make()
			began := time.Now()
			got := pair.Match(records, pair.Options{})
			p, r, f := score(records, event, got.Pairs)
			t.Logf("%d records: F1 %.4f precision %.4f recall %.4f in %v", len(records), f, p, r, time.Since(began).Round(time.Millisecond))
			if f < c.floor {
				t.Errorf("F1 %.4f is under the floor %.2f", f, c.floor)
			}
		})
	}
}

func TestTheOrderOfTheRecordsDoesNotMatter(t *testing.T) {
	x := usual
	x.events = 60
	x.prefects = 3
	rapid.Check(t, func(rt *rapid.T) {
		x.seed = rapid.Uint64().Draw(rt, "seed")
		records, _ := x.make()
		other := slices.Clone(records)
		slices.Reverse(other)
		a, b := pair.Match(records, pair.Options{}), pair.Match(other, pair.Options{})
		if len(a.Pairs) != len(b.Pairs) || len(a.Groups) != len(b.Groups) {
			rt.Fatalf("%d pairs %d groups, turned round %d and %d", len(a.Pairs), len(a.Groups), len(b.Pairs), len(b.Groups))
		}
		for i, p := range a.Pairs {
			q := b.Pairs[i]
			if records[p.Left].ID != other[q.Left].ID || records[p.Right].ID != other[q.Right].ID || math.Abs(p.Probability-q.Probability) > 1e-9 {
				rt.Fatalf("pair %d differs: %+v %+v", i, p, q)
			}
		}
	})
}

func TestPairsAndGroupsAgreeAndLinesAddUp(t *testing.T) {
	x := usual
	x.events = 200
	x.prefects = 5
	rapid.Check(t, func(rt *rapid.T) {
		x.seed = rapid.Uint64().Draw(rt, "seed")
		records, _ := x.make()
		got := pair.Match(records, pair.Options{Least: 0.001})
		group := map[int]int{}
		want := 0
		for i, g := range got.Groups {
			want += len(g) * (len(g) - 1) / 2
			for _, r := range g {
				if group[r] != 0 {
					rt.Fatalf("record %d is in two groups", r)
				}
				group[r] = i + 1
			}
		}
		inside := 0
		for _, p := range got.Pairs {
			same := group[p.Left] != 0 && group[p.Left] == group[p.Right]
			if same != (p.Probability >= 0.5) {
				rt.Fatalf("pair %+v, same group: %v", p, same)
			}
			if same {
				inside++
			}
			sum := p.Prior
			for _, l := range p.Lines {
				sum += l.Bits
			}
			if own := 1 / (1 + math.Exp2(-sum)); !p.Joined && math.Abs(own-p.Probability) > 1e-5 {
				rt.Fatalf("lines give %.4f, the pair says %.4f", own, p.Probability)
			}
		}
		if inside != want {
			rt.Fatalf("groups hold %d pairs, %d are listed", want, inside)
		}
	})
}

func TestWhatSpeaksForAndAgainst(t *testing.T) {
	base := pair.Record{ID: "a", Region: "510104", Level: "承办检察官", On: "2026-03-02", Name: "欧阳青云", Case: "川锦检刑诉〔2026〕1234号", Channel: "电话", Words: "来电询问进展"}
	with := func(f func(*pair.Record)) pair.Record {
		r := base
		r.ID, r.Level = "b", "部门负责人"
		f(&r)
		return r
	}
	cases := []struct {
		name  string
		other pair.Record
		fact  pair.Fact
		level pair.Level
		same  bool
	}{
		{"all the same", with(func(r *pair.Record) {}), pair.Person, pair.Equal, true},
		{"blanks and traditional characters", with(func(r *pair.Record) { r.Name = "歐陽 青雲" }), pair.Person, pair.Equal, true},
		{"a masked name", with(func(r *pair.Record) { r.Name = "欧某" }), pair.Person, pair.Part, true},
		{"a character that sounds alike", with(func(r *pair.Record) { r.Name = "欧阳清云" }), pair.Person, pair.Near, true},
		{"the name only in the account", with(func(r *pair.Record) { r.Name = ""; r.Words = "欧阳青云打来电话" }), pair.Person, pair.Equal, true},
		{"no name", with(func(r *pair.Record) { r.Name = "" }), pair.Person, pair.Missing, true},
		{"last figures", with(func(r *pair.Record) { r.Case = "1234号" }), pair.Case, pair.Part, true},
		{"full width figures", with(func(r *pair.Record) { r.Case = "川锦检刑诉[２０２６]１２３４号" }), pair.Case, pair.Equal, true},
		{"a slip before the serial number", with(func(r *pair.Record) { r.Case = "川锦检刑诉〔2062〕1234号" }), pair.Case, pair.Near, true},
		{"figures in the account", with(func(r *pair.Record) { r.Case = ""; r.Words = "问起1234号案" }), pair.Case, pair.Part, true},
		{"the prefecture above", with(func(r *pair.Record) { r.Region = "510100" }), pair.Place, pair.Near, true},
		{"the province above", with(func(r *pair.Record) { r.Region = "510000" }), pair.Place, pair.Part, true},
		{"the nation above", with(func(r *pair.Record) { r.Region = "100000" }), pair.Place, pair.Part, true},
		{"two days later", with(func(r *pair.Record) { r.On = "2026-03-04" }), pair.Day, pair.Near, true},
		{"another person about the same case by the same way on the same day: one contact, told in contradiction", with(func(r *pair.Record) { r.Name = "司马长风" }), pair.Person, pair.Different, true},
		{"another person and case", with(func(r *pair.Record) { r.Name, r.Case = "司马长风", "川锦检刑诉〔2026〕7788号" }), pair.Case, pair.Different, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := pair.Match([]pair.Record{base, c.other}, pair.Options{Least: 1e-9})
			if len(got.Pairs) != 1 {
				t.Fatalf("%d pairs", len(got.Pairs))
			}
			p := got.Pairs[0]
			if l := p.Lines[c.fact].Level; l != c.level {
				t.Errorf("%v is %v, not %v", c.fact, l, c.level)
			}
			if (p.Probability >= 0.5) != c.same {
				t.Errorf("probability %.3f", p.Probability)
			}
		})
	}
}

func TestRecordsThatCannotMeetAreNoPair(t *testing.T) {
	a := pair.Record{ID: "a", Region: "510104", On: "2026-03-02", Name: "欧阳青云", Case: "1234号", Channel: "电话"}
	for name, b := range map[string]pair.Record{
		"two weeks apart":     {ID: "b", Region: "510104", On: "2026-03-16", Name: "欧阳青云", Case: "1234号", Channel: "电话"},
		"another prefecture":  {ID: "b", Region: "510704", On: "2026-03-02", Name: "欧阳青云", Case: "1234号", Channel: "电话"},
		"no day":              {ID: "b", Region: "510104", Name: "欧阳青云", Case: "1234号", Channel: "电话"},
		"an impossible day":   {ID: "b", Region: "510104", On: "2026-02-30", Name: "欧阳青云", Case: "1234号"},
		"the nation, nothing": {ID: "b", Region: "100000", On: "2026-03-02", Channel: "电话"},
	} {
		if got := pair.Match([]pair.Record{a, b}, pair.Options{Least: 1e-9}); len(got.Pairs) != 0 {
			t.Errorf("%s: %+v", name, got.Pairs)
		}
	}
	if got := pair.Match(nil, pair.Options{}); got.Pairs != nil || got.Groups != nil {
		t.Error("nothing in, something out")
	}
}

// One who records twice does not make a contact of two people out of it, and a third record ends with the better of two.
func TestARecordGoesToTheBetterOfTwoContacts(t *testing.T) {
	records := []pair.Record{
		{ID: "a1", Region: "510104", Level: "承办检察官", On: "2026-03-02", Name: "王伟", Case: "20265101041111", Channel: "电话"},
		{ID: "b1", Region: "510104", Level: "承办检察官", On: "2026-03-02", Name: "王芳", Case: "20265101042222", Channel: "微信"},
		{ID: "c", Region: "510104", Level: "院领导", On: "2026-03-02", Name: "王某", Case: "2222号", Channel: "微信"},
	}
	got := pair.Match(records, pair.Options{})
	if len(got.Groups) != 1 || !slices.Equal(got.Groups[0], []int{1, 2}) {
		t.Errorf("groups %v", got.Groups)
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("510104", "王某", "1234号", "电话", "words 2026", "2026-01-02")
	f.Add("", "某", "号", "", "", "")
	f.Add("100000", "律师", "０１", "\u200b", "12345678901", "2026-02-30")
	f.Fuzz(func(t *testing.T, region, name, number, channel, words, day string) {
		a := pair.Record{ID: "a", Region: region, Name: name, Case: number, Channel: channel, Words: words, On: clock.Date(day)}
		b := pair.Record{ID: "b", Region: region, Name: words, Case: words, Channel: channel, Words: name, On: "2026-01-02"}
		x, y := pair.Match([]pair.Record{a, b}, pair.Options{Least: 1e-9}), pair.Match([]pair.Record{b, a}, pair.Options{Least: 1e-9})
		if len(x.Pairs) != len(y.Pairs) {
			t.Fatal("order matters")
		}
		for i := range x.Pairs {
			if x.Pairs[i].Probability != y.Pairs[i].Probability || x.Pairs[i].Probability < 0 || x.Pairs[i].Probability > 1 {
				t.Fatalf("%+v %+v", x.Pairs[i], y.Pairs[i])
			}
		}
	})
}

func BenchmarkMatch35000(b *testing.B) {
	x := usual
	x.events, x.prefects, x.counties = 20800, 330, 1
	records, _ := x.make()
	b.ReportMetric(float64(len(records)), "records")
	b.ResetTimer()
	for b.Loop() {
		pair.Match(records, pair.Options{})
	}
}
