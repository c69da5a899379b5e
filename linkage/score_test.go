package linkage

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// people makes records: small worlds in which names and days collide.
func people(t *rapid.T, label string) Record {
	pick := func(what string, list ...string) string { return rapid.SampledFrom(list).Draw(t, label+what) }
	return Record{
		Name:   pick("name", "王伟", "王玮", "張偉", "张伟", "欧阳雪梅", "李雪梅", "GAO XIAOMEI", "高小梅", "黄?梦", "黄若梦", "艾力·库尔班", "", "单怡"),
		Former: []string{pick("former", "", "", "王伟", "李雪梅")},
		IDNo:   pick("id", "", "330522197901132451", "330522********2451", "330522790113245", "330522197901132469", "3.30522E+17", "330522197901******", "330522197902132451", "不详"),
		Birth:  pick("birth", "", "1979-01-13", "1979年1月", "1979", "1980-01-13", "1979-01-01", "1990-03-26"),
		Sex:    pick("sex", "", "男", "女"),
		Places: []string{pick("place", "", "湖州市", "杭州市", "330522", "河南省")},
		Orgs:   []string{pick("org", "", "湖州市检察院", "浙江省湖州市人民检察院", "律师", "税务局")},
		Code:   pick("code", "", "13800000000", "+86 138 0000 0000", "13900000000"),
	}
}

func TestScoresAreSymmetricAndReproducible(t *testing.T) {
	m := Default(DefaultRules(), .01)
	var file bytes.Buffer
	if err := m.Save(&file); err != nil {
		t.Fatal(err)
	}
	loaded, err := Load(&file)
	if err != nil {
		t.Fatal(err)
	}
	if loaded.ID() != m.ID() {
		t.Errorf("the model is %s, read again %s", m.ID(), loaded.ID())
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := people(t, "a "), people(t, "b ")
		s, back, again := m.Score(&a, &b, 5000), m.Score(&b, &a, 5000), loaded.Score(&a, &b, 5000)
		if math.Abs(s.Bits-back.Bits) > .01 {
			t.Fatalf("%v and %v: %.3f bits, back %.3f", a, b, s.Bits, back.Bits)
		}
		if math.Abs(s.Bits-again.Bits) > .01 || s.Band != again.Band {
			t.Fatalf("under the stored model %.3f bits, %.3f before", again.Bits, s.Bits)
		}
		sum := s.Prior + s.Rivals
		for _, e := range s.Evidence {
			sum += e.Bits
		}
		if math.Abs(sum-s.Bits) > .01 || math.Abs(probability(sum)-s.Probability) > 1e-6 {
			t.Fatalf("the account adds up to %.3f, the score is %.3f", sum, s.Bits)
		}
		for _, lang := range []Language{Chinese, English} {
			text := s.Explain(lang)
			if text == "" || strings.Contains(text, "%!") {
				t.Fatalf("no account: %q", text)
			}
		}
		if s.Band == Auto && s.Probability < AutoFrom {
			t.Fatalf("auto at %.3f", s.Probability)
		}
	})
}

// Hiding digits takes evidence away: it never raises a probability above that of the complete equal number.
func TestAMaskNeverHelps(t *testing.T) {
	m := Default(DefaultRules(), .01)
	const whole = "330522197901132451"
	rapid.Check(t, func(t *rapid.T) {
		a, b := people(t, "a "), people(t, "b ")
		a.IDNo, b.IDNo = whole, whole
		full := m.Score(&a, &b, 800000)
		from := rapid.IntRange(0, 17).Draw(t, "from")
		to := rapid.IntRange(from+1, 18).Draw(t, "to")
		a.IDNo = whole[:from] + strings.Repeat("*", to-from) + whole[to:]
		if got := m.Score(&a, &b, 800000); got.Bits > full.Bits+.01 {
			t.Fatalf("%s: %.2f bits, complete %.2f\n%s\n%s", a.IDNo, got.Bits, full.Bits, got.Explain(English), full.Explain(English))
		}
	})
}

func TestTwoRightNumbersAreTwoPeople(t *testing.T) {
	m := Default(DefaultRules(), .05)
	a := Record{Name: "侯栋向", IDNo: "44510319990622573X", Birth: "1999-06-22", Sex: "男", Orgs: []string{"海成律所"}}
	b := Record{Name: "侯栋向", Birth: "1999-06-22", Sex: "男", Orgs: []string{"吉林海成律师事务所"}}
	n := parseID([]byte("445103199906223990"))
	n.set(17, n.check())
	digits := []byte("44510319990622399")
	b.IDNo = string(digits) + string("0123456789X"[n.check()])
	n = parseID([]byte(a.IDNo))
	a.IDNo = a.IDNo[:17] + string("0123456789X"[n.check()])
	if s := m.Score(&a, &b, 1000); s.Probability > .02 {
		t.Errorf("%s", s.Explain(English))
	}
}

func TestWhatWouldChangeTheVerdictIsSaid(t *testing.T) {
	m := Default(DefaultRules(), .01)
	a := Record{Name: "覃海祥", Birth: "1980-04-09", Places: []string{"湖州市"}}
	b := Record{Name: "覃海祥", Birth: "1980-04-09", IDNo: "330522198004092451", Places: []string{"湖州市"}}
	s := m.Score(&a, &b, 20000)
	if s.Band != Review || s.Pivot == nil || s.Pivot.Band != Auto || s.Pivot.Field != "id" || !strings.Contains(s.Explain(Chinese), "若核实证件号后四位一致") {
		t.Errorf("%s %s %+v", s.Band, s.Explain(Chinese), s.Pivot)
	}
	if s.Namesakes <= 0 || m.Expected("王伟", 800000) < m.Expected("覃海祥", 800000) {
		t.Errorf("namesakes: %f; 王伟 %f", s.Namesakes, m.Expected("王伟", 800000))
	}
}

func TestADeclarersNumberIsNotHisRelatives(t *testing.T) {
	m := Default(DefaultRules(), .01)
	lawyer := Record{Name: "李娜", IDNo: "330522197901132451", Birth: "1979-01-13"}
	r := Record{Name: "王芳", IDNo: "330522197901132451"}
	with := m.Score(&r, &lawyer, 1000)
	r.OwnerID = "330522790113245" // the declarer's, of 15 digits
	void := m.Score(&r, &lawyer, 1000)
	if void.Bits > with.Bits-10 || void.Probability > .02 || len(void.Notes) == 0 {
		t.Errorf("with the declarer's number %.1f bits, %.1f before; notes %v", void.Bits, with.Bits, void.Notes)
	}
}

func TestAnIndexAnswersAndIsReplaced(t *testing.T) {
	set := NewSet(DefaultRules())
	for i := range 3000 {
		set.Add(&Record{ID: fmt.Sprint("L", i), Name: "王" + string([]rune("伟强芳娜敏静丽洋勇艳")[i%10]) + string([]rune("一二三四五六七八九十")[i/10%10]), Birth: fmt.Sprintf("19%02d-%02d-%02d", 50+i%40, 1+i%12, 1+i%28), IDNo: ""})
	}
	set.Add(&Record{ID: "HIT", Name: "張偉國", Birth: "1990年3月", IDNo: "4101**********2780", Places: []string{"郑州市"}})
	x := NewIndex(set, Default(DefaultRules(), .05, set))
	var live Live
	if live.Index() != nil {
		t.Error("an index before the first")
	}
	live.Refresh(x)
	got := live.Index().Query(&Record{Name: "张伟国", Birth: "1990-03-26", IDNo: "410105199003262780"}, 5)
	if len(got) == 0 || got[0].ID != "HIT" || got[0].Score.Band == Drop {
		t.Fatalf("%+v", got)
	}
	if got := live.Index().Query(&Record{}, 5); len(got) != 0 {
		t.Errorf("an empty record found %v", got)
	}
	one := NewSet(DefaultRules())
	one.Add(&Record{ID: "a", Name: "张伟国", Birth: "1990-03-26", IDNo: "410105199003262780"})
	links, err := x.Link(context.Background(), one, Options{})
	if err != nil || len(links) == 0 || math.Abs(links[0].Probability-got[0].Score.Probability) > 1e-6 {
		t.Errorf("the batch says %v, the look-up %v: %v", links, got[0].Score.Probability, err)
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if _, err := x.Link(ctx, one, Options{}); err == nil {
		t.Error("a stopped batch ended well")
	}
}

func TestModelFilesAreChecked(t *testing.T) {
	var b bytes.Buffer
	if err := Default(DefaultRules(), .01).Save(&b); err != nil {
		t.Fatal(err)
	}
	good := b.String()
	for _, bad := range []string{"", "{}", "[]", strings.Replace(good, `"format":1`, `"format":99`, 1), strings.Replace(good, `"rate":0.01`, `"rate":-1`, 1), good[:len(good)/2]} {
		if _, err := Load(strings.NewReader(bad)); err == nil {
			t.Errorf("%.40q was loaded", bad)
		}
	}
}

func TestDriftNamesWhatMoved(t *testing.T) {
	a, b := Default(DefaultRules(), .01), Default(DefaultRules(), .02)
	b.match[fieldSex][levelDiffer] *= 8
	b.seal()
	d := b.Drift(a, .5)
	if len(d) != 2 || d[0].Field != "sex" || d[0].Level != "differ" || math.Abs(d[0].New-d[0].Old-3) > .01 || d[1].Field != "rate" {
		t.Errorf("%+v", d)
	}
	if len(a.Drift(a, .01)) != 0 {
		t.Error("a model drifted from itself")
	}
}

func BenchmarkQuery(b *testing.B) {
	set := NewSet(DefaultRules())
	given := []rune("伟强芳娜敏静丽洋勇艳杰涛明超秀霞平刚桂英")
	for i := range 50000 {
		set.Add(&Record{ID: fmt.Sprint(i), Name: string([]rune("王李张刘陈")[i%5]) + string(given[i/5%20]) + string(given[i/100%20]), Birth: fmt.Sprintf("19%02d-%02d-%02d", 50+i%45, 1+i/7%12, 1+i/3%28)})
	}
	x := NewIndex(set, Default(DefaultRules(), .01, set))
	r := Record{Name: "王伟明", Birth: "1990-03-26", IDNo: "110101199003260011"}
	for b.Loop() {
		x.Query(&r, 10)
	}
}
