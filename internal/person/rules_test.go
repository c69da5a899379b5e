package person_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/person"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
)

func TestIDNumbers(t *testing.T) {
	const today = clock.Date("2026-03-02")
	for _, c := range []struct{ in, number, birth, gender, key string }{
		{"11010519491231002X", "11010519491231002X", "1949-12-31", person.Female, ""},
		{"１１０１０５１９４９１２３１００２ｘ", "11010519491231002X", "1949-12-31", person.Female, ""},
		{" 110105 19491231 002x ", "11010519491231002X", "1949-12-31", person.Female, ""},
		{"110105491231002", "11010519491231002X", "1949-12-31", person.Female, ""},
		{"110105194912310021", "", "", "", "person.error.id_check"},
		{"110105194902300024", "", "", "", "person.error.id_birth"},
		{idNumber("110105", "2027-01-01", 1), "", "", "", "person.error.id_birth"},
		{"01010519491231002X", "", "", "", "person.error.id_region"},
		{"1101051949123100", "", "", "", "person.error.id_form"},
		{"", "", "", "", "person.error.id_form"},
		{"11010519491231O02X", "", "", "", "person.error.id_form"},
	} {
		got, err := person.ParseIDNumber(c.in, today)
		if f, ok := fault.Of(err); ok && f.Key != c.key || !ok && c.key != "" {
			t.Errorf("%q: %v, want %q", c.in, err, c.key)
		}
		if got.Number != c.number || string(got.Birth) != c.birth || got.Gender != c.gender {
			t.Errorf("%q: %+v", c.in, got)
		}
	}
}

// A valid number reads back, no single wrong digit passes, and the mask hides
// exactly the middle.
func TestIDNumberProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		birth := clock.Date("1930-01-01").AddDays(rapid.IntRange(0, 30000).Draw(t, "day"))
		serial := rapid.IntRange(0, 999).Draw(t, "serial")
		n := idNumber(rapid.SampledFrom([]string{"110101", "410702", "659001"}).Draw(t, "region"), birth, serial)
		c, err := person.ParseIDNumber(n, "2026-03-02")
		if err != nil || c.Number != n || c.Birth != birth || (c.Gender == person.Male) != (serial%2 == 1) {
			t.Fatalf("%s: %+v, %v", n, c, err)
		}
		i := rapid.IntRange(0, 16).Draw(t, "place")
		wrong := n[:i] + string('0'+(n[i]-'0'+byte(rapid.IntRange(1, 9).Draw(t, "by")))%10) + n[i+1:]
		if _, err := person.ParseIDNumber(wrong, "2026-03-02"); err == nil {
			t.Fatalf("%s passes for %s", wrong, n)
		}
		if m := person.MaskIDNumber(n); m != n[:3]+"***********"+n[14:] {
			t.Fatal(m)
		}
	})
}

func FuzzParseIDNumber(f *testing.F) {
	for _, s := range []string{"11010519491231002X", "110105491231002", "", "x", "９９９"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := person.ParseIDNumber(s, "2026-03-02")
		if err != nil {
			return
		}
		again, err := person.ParseIDNumber(c.Number, "2026-03-02")
		if err != nil || again != c || len(c.Number) != 18 {
			t.Fatalf("%q reads as %+v, that as %+v, %v", s, c, again, err)
		}
	})
}

func TestFlow(t *testing.T) {
	if err := person.Flow.Check(); err != nil {
		t.Fatal(err)
	}
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		s := play(t, k)
		ctx := context.Background()
		rev := int64(1)
		for _, state := range person.Flow.States() {
			if state != person.Serving { // reach the state, try everything, come back
				for _, st := range person.Flow.From(person.Serving) {
					if st.To != state {
						continue
					}
					if err := s.people.Do(ctx, program, s.staff.ID, st.Do, person.StatusCmd{Rev: rev, On: "2026-02-01", Reason: "x"}); err != nil {
						t.Fatal(st.Do, err)
					}
					rev++
				}
			}
			for _, do := range person.Flow.Actions() {
				_, want := person.Flow.Next(state, do)
				if want == nil {
					continue
				}
				platformtest.WantKind(t, state+" "+do, s.people.Do(ctx, program, s.staff.ID, do, person.StatusCmd{Rev: rev, On: "2026-02-02", Reason: "x"}), fault.KindState)
			}
			if state != person.Serving {
				if err := s.people.Do(ctx, program, s.staff.ID, "reinstate", person.StatusCmd{Rev: rev, On: "2026-02-02", Reason: "x"}); err != nil {
					t.Fatal(err)
				}
				rev++
			}
		}
		officer := s.as(t, s.officer, actor.Personnel, "河南省人民检察院")
		cmd := person.StatusCmd{Rev: rev, On: "2026-03-03", Reason: "x"}
		platformtest.WantKind(t, "leave tomorrow", s.people.Do(ctx, officer, s.staff.ID, "retire", cmd), fault.KindInvalid)
		cmd.On, cmd.Rev = "2026-03-01", rev-1
		platformtest.WantKind(t, "stale", s.people.Do(ctx, officer, s.staff.ID, "retire", cmd), fault.KindConflict)
		platformtest.WantKind(t, "his own", s.people.Do(ctx, officer, s.officer.ID, "retire", person.StatusCmd{Rev: 1, On: "2026-03-01", Reason: "x"}), fault.KindNotFound)
		platformtest.WantKind(t, "by a leader", s.people.Do(ctx, s.as(t, s.officer, actor.Leader, "河南省人民检察院"), s.staff.ID, "retire", cmd), fault.KindNotFound)
	})
}

func TestRelativesCloseMattersBothWays(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		s := play(t, k)
		ctx := context.Background()
		me := s.as(t, s.staff, actor.Staff, "新乡市人民检察院")
		officer := s.as(t, s.officer, actor.Personnel, "河南省人民检察院")
		declare := func(c person.RelativeCmd) (person.Relative, error) {
			return s.people.DeclareRelative(ctx, me, s.staff.ID, c)
		}
		for _, c := range []struct {
			name string
			cmd  person.RelativeCmd
			want string
		}{
			{"himself", person.RelativeCmd{Relation: "spouse", Name: "李婷", StaffNo: "HN002"}, "staff_no relative.error.self"},
			{"nobody", person.RelativeCmd{Relation: "spouse", Name: "某", StaffNo: "HN999"}, "staff_no relative.error.staff_no"},
			{"two people", person.RelativeCmd{Relation: "spouse", Name: "某", StaffNo: "HN001", IDNumber: idNumber("410102", "1984-01-02", 1)}, "staff_no relative.error.two"},
			{"no relation", person.RelativeCmd{Relation: "friend", Name: "某"}, "relation relative.error.relation"},
			{"wrong number", person.RelativeCmd{Relation: "spouse", Name: "某", IDNumber: "110105194912310021"}, "id_number person.error.id_check"},
		} {
			_, err := declare(c.cmd)
			f, ok := fault.Of(err)
			if !ok || len(f.Fields) == 0 || f.Fields[0].Name+" "+f.Fields[0].Key != c.want {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		// The ID number alone finds the colleague.
		r, err := declare(person.RelativeCmd{Relation: "spouse", Name: "赵强", IDNumber: idNumber("410102", "1984-01-02", 1)})
		if err != nil || r.Related != s.wife.ID {
			t.Fatalf("declared %+v, %v", r, err)
		}
		for _, x := range [][2]person.Person{{s.staff, s.wife}, {s.wife, s.staff}} {
			if kin, err := s.kin(x[0].ID); err != nil || !slices.Equal(kin, []id.ID{x[1].ID}) {
				t.Errorf("kin of %s: %v, %v", x[0].Name, kin, err)
			}
		}
		var facts person.Facts
		if err := k.DB.Read(ctx, func(q db.Q) error { facts, err = person.RecusalFacts(ctx, q, s.staff.ID); return err }); err != nil || !slices.Equal(facts.KinUnits, []id.ID{s.wife.Unit}) {
			t.Errorf("facts %+v, %v", facts, err)
		}
		// A personnel officer who is her husband neither reads, nor counts, nor finds her.
		husband := s.as(t, s.wife, actor.Personnel, "河南省人民检察院")
		list, err := s.people.List(ctx, husband, person.ListQuery{})
		if err != nil || list.Count != 2 || slices.ContainsFunc(list.People, func(p person.Person) bool { return p.ID == s.staff.ID }) {
			t.Errorf("her husband counts %d, %v", list.Count, err)
		}
		if got, err := s.people.Find(ctx, husband, "李", "", 5); err != nil || len(got) != 0 {
			t.Errorf("her husband finds %d, %v", len(got), err)
		}
		platformtest.WantKind(t, "her husband edits", s.people.Edit(ctx, husband, s.staff.ID, person.EditCmd{Rev: 1, Name: "x"}), fault.KindNotFound)

		// She corrects, but cannot loosen the link; nor may she end it.
		_, err = s.people.CorrectRelative(ctx, me, s.staff.ID, r.ID, person.RelativeCmd{Relation: "spouse", Name: "赵强", StaffNo: "HN001", Reason: "x"})
		platformtest.WantKind(t, "another colleague", err, fault.KindInvalid)
		fixed, err := s.people.CorrectRelative(ctx, me, s.staff.ID, r.ID, person.RelativeCmd{Relation: "spouse", Name: "赵 强", Employer: "郑州", Reason: "补充单位"})
		if err != nil || fixed.Related != s.wife.ID {
			t.Fatalf("corrected %+v, %v", fixed, err)
		}
		_, err = s.people.CorrectRelative(ctx, me, s.staff.ID, r.ID, person.RelativeCmd{Relation: "spouse", Name: "赵强", Reason: "x"})
		platformtest.WantKind(t, "an entry already replaced", err, fault.KindConflict)
		end := person.EndRelativeCmd{To: "2026-02-01", Reason: "离婚"}
		platformtest.WantKind(t, "she ends it", s.people.EndRelative(ctx, me, s.staff.ID, fixed.ID, end), fault.KindNotFound)
		if err := s.people.EndRelative(ctx, officer, s.staff.ID, fixed.ID, end); err != nil {
			t.Fatal(err)
		}
		if kin, err := s.kin(s.wife.ID); err != nil || len(kin) != 0 {
			t.Errorf("kin after the end: %v, %v", kin, err)
		}
	})
}

func TestRevealIsBounded(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		s := play(t, k)
		ctx := context.Background()
		officer := s.as(t, s.officer, actor.Personnel, "河南省人民检察院")
		for i := range person.RevealsPerHour {
			if n, err := s.people.Reveal(ctx, officer, s.staff.ID, person.RevealCmd{Reason: "核对"}); err != nil || n != idNumber("410702", "1985-05-06", 2) {
				t.Fatal(i, n, err)
			}
		}
		_, err := s.people.Reveal(ctx, officer, s.staff.ID, person.RevealCmd{Reason: "核对"})
		platformtest.WantKind(t, "one more", err, fault.KindLimit)
		k.Clock.Advance(61 * time.Minute)
		if _, err := s.people.Reveal(ctx, officer, s.staff.ID, person.RevealCmd{Reason: "核对"}); err != nil {
			t.Error("an hour later:", err)
		}
		_, err = s.people.Reveal(ctx, officer, s.officer.ID, person.RevealCmd{Reason: "x"})
		platformtest.WantKind(t, "his own", err, fault.KindNotFound)
		_, err = s.people.Reveal(ctx, s.as(t, s.far, actor.Leader, "最高人民检察院"), s.staff.ID, person.RevealCmd{Reason: "x"})
		platformtest.WantKind(t, "a leader", err, fault.KindNotFound)
	})
}

func TestPostsAndTransfers(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		s := play(t, k)
		ctx := context.Background()
		officer := s.as(t, s.officer, actor.Personnel, "河南省人民检察院")
		give := person.PostCmd{Unit: "郑州市人民检察院", Title: "副检察长", Rank: "四级高级检察官", Leadership: true, Main: true, From: "2025-06-01"}
		if err := s.people.AddPost(ctx, officer, s.staff.ID, give); err != nil {
			t.Fatal(err)
		}
		away := give
		away.Unit = "浙江省人民检察院"
		platformtest.WantKind(t, "a post in another province", s.people.AddPost(ctx, officer, s.staff.ID, away), fault.KindInvalid)
		early := give
		early.From = "2024-01-01"
		platformtest.WantKind(t, "before the present one", s.people.AddPost(ctx, officer, s.staff.ID, early), fault.KindInvalid)
		err := k.DB.Read(ctx, func(q db.Q) error {
			p, err := person.ByID(ctx, q, s.staff.ID)
			if err != nil {
				return err
			}
			if p.Unit != s.wife.Unit || !p.Leadership || p.Title != "副检察长" {
				t.Errorf("after the transfer: %+v", p)
			}
			f, err := person.RecusalFacts(ctx, q, s.staff.ID)
			if !slices.Equal(f.FormerUnits, []id.ID{s.staff.Unit}) {
				t.Errorf("former units %v", f.FormerUnits)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// Whatever the roles, places and kin: the list holds exactly the people whose
// record may be read.
func TestListAndRecordAgree(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		s := open(t, k)
		ctx := context.Background()
		s.plant(t)
		d := s.org.Directory()
		henan := s.place(t, "河南省人民检察院")
		units := append(d.Below(henan.Unit), d.Root().ID, s.place(t, "浙江省人民检察院").Unit)
		var in []person.NewPerson
		for i := range 60 {
			in = append(in, person.NewPerson{ID: id.New(), StaffNo: fmt.Sprintf("T%03d", i), Name: strings.Repeat("丁", 1+i%3), Unit: string(units[i%len(units)])})
		}
		if err := s.people.AddMany(ctx, program, in); err != nil {
			t.Fatal(err)
		}
		site := k.Serve(t, s.org.Room(), s.people.Room())
		rapid.Check(t, func(rt *rapid.T) {
			self := rapid.SampledFrom(in).Draw(rt, "self")
			a := platformtest.As(string(self.ID), actor.Staff, d.Place(id.ID(self.Unit)))
			for range rapid.IntRange(0, 2).Draw(rt, "grants") {
				p := d.Place(rapid.SampledFrom(units).Draw(rt, "over"))
				a.Grants = append(a.Grants, actor.Grant{Role: rapid.SampledFrom([]actor.Role{actor.Personnel, actor.Leader, actor.Office}).Draw(rt, "role"), Unit: p.Unit, Path: p.Path})
			}
			for range rapid.IntRange(0, 2).Draw(rt, "kin") {
				if r := rapid.SampledFrom(in).Draw(rt, "relative"); r.ID != self.ID {
					a.Related = append(a.Related, r.ID)
				}
			}
			list, err := s.people.List(ctx, a, person.ListQuery{Size: 100})
			if err != nil {
				rt.Fatal(err)
			}
			site.Actor = a
			for range 6 {
				x := rapid.SampledFrom(in).Draw(rt, "record")
				listed := slices.ContainsFunc(list.People, func(p person.Person) bool { return p.ID == x.ID })
				code, _ := site.Get(t, "/api/v1/people/"+string(x.ID))
				if listed != (code == 200) {
					rt.Fatalf("%s: listed %t, record %d", x.StaffNo, listed, code)
				}
			}
			if list.Count != len(list.People) {
				rt.Fatalf("counted %d of %d", list.Count, len(list.People))
			}
		})
	})
}

// Every order pages forward over the whole list once, and back again.
func TestPaging(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		s := open(t, k)
		ctx := context.Background()
		s.plant(t)
		henan := s.place(t, "河南省人民检察院")
		var units []id.ID = s.org.Directory().Below(henan.Unit)[:5]
		var in []person.NewPerson
		for i := range 53 {
			in = append(in, person.NewPerson{StaffNo: fmt.Sprintf("P%03d", (i*37)%53), Name: []string{"王芳", "王伟", "李强"}[i%3], Unit: string(units[i%5])})
		}
		if err := s.people.AddMany(ctx, program, in); err != nil {
			t.Fatal(err)
		}
		for _, base := range []person.ListQuery{{}, {Unit: henan.Unit}, {Unit: henan.Unit, Sort: "name"}, {Sort: "name", Desc: true}, {Text: "王"}, {Text: "w", Unit: henan.Unit}, {Text: "P0"}, {Unit: henan.Unit, Desc: true}} {
			base.Size = 10
			var all []string
			q := base
			var last person.Page
			for {
				p, err := s.people.List(ctx, program, q)
				if err != nil {
					t.Fatal(err)
				}
				for _, x := range p.People {
					all = append(all, x.StaffNo)
				}
				last = p
				if p.After == nil {
					break
				}
				q.After = p.After
			}
			distinct := slices.Compact(slices.Sorted(slices.Values(all)))
			if len(all) != last.Count || len(distinct) != len(all) {
				t.Errorf("%+v: %d rows, %d of them distinct, %d counted", base, len(all), len(distinct), last.Count)
			}
			q.After, q.Before = nil, last.Before
			back, err := s.people.List(ctx, program, q)
			if err != nil || len(back.People) != 10 || back.People[9].StaffNo != all[len(all)-len(last.People)-1] {
				t.Errorf("%+v: the page before has %d rows, %v", base, len(back.People), err)
			}
		}
	})
}
