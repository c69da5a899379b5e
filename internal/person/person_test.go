package person_test

import (
	"context"
	"fmt"
	"io/fs"
	"testing"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/person"
	"huikan/internal/platform/access"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
)

var program = actor.Program("test")

func parts() platformtest.Parts {
	return platformtest.Parts{Schemas: []fs.FS{org.Schema, person.Schema}, Tables: append(append([]string{}, org.Tables...), person.Tables...),
		Rules: append(org.Rules(), person.Rules()...)}
}

// world is the two rooms over a small tree.
type world struct {
	*platformtest.Kit
	org    *org.Service
	people *person.Service
}

func open(t *testing.T, k *platformtest.Kit) *world {
	t.Helper()
	o := org.New(org.Deps{Log: k.Log, Policy: k.Policy, Clock: k.Clock})
	return &world{Kit: k, org: o, people: person.New(person.Deps{Log: k.Log, Policy: k.Policy, Keys: k.Keys, Clock: k.Clock, Dir: o.Directory()})}
}

// plant makes a small tree: enough for every scope, and quick.
func (w *world) plant(t *testing.T) {
	t.Helper()
	for _, c := range []org.AddUnitCmd{
		{Code: "00000000", Name: "最高人民检察院", Level: 1, Kind: "spp"},
		{Code: "41000000", Name: "河南省人民检察院", Level: 2, Kind: "provincial", Parent: "00000000"},
		{Code: "41010000", Name: "郑州市人民检察院", Level: 3, Kind: "prefecture", Parent: "41000000"},
		{Code: "41030000", Name: "洛阳市人民检察院", Level: 3, Kind: "prefecture", Parent: "41000000"},
		{Code: "41070000", Name: "新乡市人民检察院", Level: 3, Kind: "prefecture", Parent: "41000000"},
		{Code: "41078100", Name: "卫辉市人民检察院", Level: 4, Kind: "basic", Parent: "41070000"},
		{Code: "33000000", Name: "浙江省人民检察院", Level: 2, Kind: "provincial", Parent: "00000000"},
		{Code: "33010000", Name: "杭州市人民检察院", Level: 3, Kind: "prefecture", Parent: "33000000"},
	} {
		if _, err := w.org.Add(context.Background(), program, c); err != nil {
			t.Fatal(err)
		}
	}
}

// place is a unit of the tree by name; it must be there.
func (w *world) place(t *testing.T, name string) access.Place {
	t.Helper()
	u, ok := w.org.Directory().ByName(name)
	if !ok {
		t.Fatalf("no unit %s", name)
	}
	return w.org.Directory().Place(u.ID)
}

// idNumber makes a valid number of a birthday and a serial; odd serials are men's.
func idNumber(region string, birth clock.Date, serial int) string {
	n := region + string(birth[:4]) + string(birth[5:7]) + string(birth[8:]) + fmt.Sprintf("%03d", serial)
	weights := []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += w * int(n[i]-'0')
	}
	return n + string("10X98765432"[sum%11])
}

var family = []string{"王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙"}
var given = []string{"伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明", "超", "秀英", "霞", "平"}

// crowd makes n people spread over units.
func crowd(units []org.Unit, from, n int) []person.NewPerson {
	out := make([]person.NewPerson, 0, n)
	for i := from; i < from+n; i++ {
		u := units[(i/7)%len(units)]
		birth := clock.Date("1970-01-01").AddDays(i % 9000)
		p := person.NewPerson{StaffNo: fmt.Sprintf("J%07d", i), Name: family[i%len(family)] + given[i/3%len(given)] + given[i/61%len(given)],
			IDNumber: idNumber("110101", birth, i/9000), Unit: string(u.ID), Title: "检察官", From: "2020-01-01", Leadership: i%15 == 0}
		if i%20 == 3 {
			p.Status, p.DepartedOn = person.Retired, "2025-12-31"
		}
		out = append(out, p)
	}
	return out
}

func TestAddManyIsAllOrNothing(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		ctx := context.Background()
		w := open(t, k)
		w.plant(t)
		all := crowd(w.org.Directory().All(), 0, 3000)
		if err := w.people.AddMany(ctx, program, all); err != nil {
			t.Fatal(err)
		}
		got, err := w.people.Find(ctx, program, "J0000", "", 20)
		if err != nil || len(got) != 20 || got[0].StaffNo != "J0000000" {
			t.Fatalf("found %d, %v", len(got), err)
		}
		more := crowd(w.org.Directory().All(), 3000, 2)
		more[1].Unit = "无此单位"
		if err := w.people.AddMany(ctx, program, more); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("an unknown unit: %v", err)
		}
		more[1] = all[0] // a staff number that is there
		if err := w.people.AddMany(ctx, program, more); !fault.Is(err, fault.KindConflict) {
			t.Errorf("a staff number twice: %v", err)
		}
		if got, err := w.people.Find(ctx, program, "J0003000", "", 20); err != nil || len(got) != 0 {
			t.Errorf("half was taken in: %d, %v", len(got), err)
		}
	})
}

// Who belonged to a unit on some days is counted as on each day by itself, and as the
// list of that day has them: those who stayed, came, left and came for a while.
func TestHeadcountsAreThoseOfEachDay(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		ctx := context.Background()
		w := open(t, k)
		w.plant(t)
		units := w.org.Directory().All()
		all := crowd(units, 0, 300)
		days := []clock.Date{"2025-01-31", "2025-02-28", "2025-06-30", "2025-11-30"}
		for i := range all {
			switch all[i].From = "2020-01-01"; i % 6 {
			case 1:
				all[i].From = days[i/6%len(days)]
			case 2:
				all[i].Status, all[i].DepartedOn = person.Retired, days[i/6%len(days)]
			case 4:
				all[i].From, all[i].Status, all[i].DepartedOn = "2025-02-10", person.Retired, "2025-06-29"
			}
		}
		if err := w.people.AddMany(ctx, program, all); err != nil {
			t.Fatal(err)
		}
		counted := 0
		if err := w.DB.Read(ctx, func(q db.Q) error {
			got, err := person.Headcounts(ctx, q, days...)
			if err != nil {
				return err
			}
			for _, d := range days {
				one, err := person.Headcounts(ctx, q, d)
				if err != nil {
					return err
				}
				for _, u := range units {
					list, err := person.InService(ctx, q, u.ID, d, "", 1000)
					if err != nil {
						return err
					}
					if got[d][u.ID] != len(list) || one[d][u.ID] != len(list) {
						t.Errorf("%s on %s: %d, alone %d, the list has %d", u.Name, d, got[d][u.ID], one[d][u.ID], len(list))
					}
					counted += len(list)
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if counted == 0 || counted == len(all)*len(days) {
			t.Errorf("%d counted: nobody came or left", counted)
		}
	})
}

func (w *world) kin(n id.ID) (out []id.ID, err error) {
	err = w.DB.Read(context.Background(), func(q db.Q) error {
		out, err = person.Kin(context.Background(), q, n)
		return err
	})
	return out, err
}
