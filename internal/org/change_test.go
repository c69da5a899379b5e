package org_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
)

// small makes a root, two provinces and a prefecture with a county.
func small(t *testing.T, s *org.Service) map[string]org.Unit {
	t.Helper()
	out := map[string]org.Unit{}
	for _, c := range []org.AddUnitCmd{
		{Code: "00000000", Name: "最高人民检察院", Level: 1, Kind: "spp"},
		{Code: "41000000", Name: "河南省人民检察院", Level: 2, Kind: "provincial", Parent: "00000000", Region: "410000", Coverage: "410000"},
		{Code: "33000000", Name: "浙江省人民检察院", Level: 2, Kind: "provincial", Parent: "00000000", Region: "330000", Coverage: "330000"},
		{Code: "41070000", Name: "新乡市人民检察院", Level: 3, Kind: "prefecture", Parent: "河南省人民检察院", Region: "410700", Coverage: "410700"},
		{Code: "41078100", Name: "卫辉市人民检察院", Level: 4, Kind: "basic", Parent: "41070000", Region: "410781", Coverage: "410781", From: "1988-10-01"},
	} {
		u, err := s.Add(context.Background(), program, c)
		if err != nil {
			t.Fatal(c.Name, err)
		}
		out[u.Name] = u
	}
	return out
}

func fieldOf(err error) string {
	if f, ok := fault.Of(err); ok && len(f.Fields) > 0 {
		return f.Fields[0].Name + ":" + f.Fields[0].Key
	}
	return fmt.Sprint(err)
}

func TestRefusals(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		ctx := context.Background()
		s := service(k)
		us := small(t, s)
		henan, zhejiang, xinxiang, weihui := us["河南省人民检察院"], us["浙江省人民检察院"], us["新乡市人民检察院"], us["卫辉市人民检察院"]
		add := func(c org.AddUnitCmd) error { _, err := s.Add(ctx, program, c); return err }
		base := org.AddUnitCmd{Code: "41010000", Name: "郑州市人民检察院", Level: 3, Kind: "prefecture", Parent: "41000000"}
		with := func(fn func(*org.AddUnitCmd)) org.AddUnitCmd { c := base; fn(&c); return c }
		for _, c := range []struct {
			name string
			err  error
			want string
		}{
			{"second root", add(with(func(c *org.AddUnitCmd) { c.Parent, c.Level = "", 1 })), "parent:unit.error.two_roots"},
			{"code taken", add(with(func(c *org.AddUnitCmd) { c.Code = "41070000" })), "code:unit.error.code_taken"},
			{"name taken", add(with(func(c *org.AddUnitCmd) { c.Name = "新乡市人民检察院" })), "name:unit.error.name_taken"},
			{"level not below", add(with(func(c *org.AddUnitCmd) { c.Level = 2 })), "parent:unit.error.parent_level"},
			{"code malformed", add(with(func(c *org.AddUnitCmd) { c.Code = "4101" })), "code:unit.error.code"},
			{"kind unknown", add(with(func(c *org.AddUnitCmd) { c.Kind = "court" })), "kind:unit.error.kind"},
			{"region unknown", add(with(func(c *org.AddUnitCmd) { c.Coverage = "999999" })), "coverage:unit.error.region"},
			{"no such parent", add(with(func(c *org.AddUnitCmd) { c.Parent = "天上人民检察院" })), "parent:unit.error.no_parent"},
			{"no name", add(with(func(c *org.AddUnitCmd) { c.Name = "" })), "name:error.required"},
			{"circle", s.Move(ctx, program, henan.ID, org.MoveUnitCmd{Rev: 1, Parent: weihui.Code, Reason: "x"}), "parent:unit.error.circle"},
			{"under itself", s.Move(ctx, program, henan.ID, org.MoveUnitCmd{Rev: 1, Parent: henan.Code, Reason: "x"}), "parent:unit.error.circle"},
			{"move without reason", s.Move(ctx, program, xinxiang.ID, org.MoveUnitCmd{Rev: 1, Parent: zhejiang.Code}), "reason:error.required"},
			{"move to a level above the children", s.Move(ctx, program, xinxiang.ID, org.MoveUnitCmd{Rev: 1, Parent: zhejiang.Code, Level: 4, Reason: "x"}), "level:unit.error.below_level"},
			{"stale", s.Edit(ctx, program, henan.ID, org.EditUnitCmd{Rev: 7, Short: "x", Kind: "provincial"}), "conflict: error.conflict unit"},
			{"rename to the same", s.Rename(ctx, program, henan.ID, org.RenameUnitCmd{Rev: 1, Name: henan.Name, From: "2026-01-01", Reason: "x"}), "name:unit.error.same_name"},
			{"rename in the future", s.Rename(ctx, program, henan.ID, org.RenameUnitCmd{Rev: 1, Name: "豫", From: "2027-01-01", Reason: "x"}), "from:unit.error.future"},
			{"close with units below", s.Close(ctx, program, xinxiang.ID, org.CloseUnitCmd{Rev: 1, On: "2026-01-01", Reason: "x"}), "on:unit.error.open_below"},
			{"merge into itself", s.Close(ctx, program, weihui.ID, org.CloseUnitCmd{Rev: 1, On: "2026-01-01", Into: weihui.Code, Reason: "x"}), "into:unit.error.into"},
			{"close before founding", s.Close(ctx, program, weihui.ID, org.CloseUnitCmd{Rev: 1, On: "1980-01-01", Reason: "x"}), "on:error.end_before_start"},
			{"seed a full database", s.SeedTree(ctx, program), "seed the tree: state: unit.error.seeded"},
		} {
			if got := fieldOf(c.err); got != c.want {
				t.Errorf("%s: %s, want %s", c.name, got, c.want)
			}
		}
	})
}

func TestPersonnelReachesBelowOnly(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		ctx := context.Background()
		s := service(k)
		us := small(t, s)
		henan, zhejiang, xinxiang := us["河南省人民检察院"], us["浙江省人民检察院"], us["新乡市人民检察院"]
		officer := platformtest.As("o", actor.Personnel, s.Directory().Place(henan.ID))
		staff := platformtest.As("s", actor.Staff, s.Directory().Place(henan.ID))
		edit := org.EditUnitCmd{Rev: 1, Short: "新乡检察院", Kind: "prefecture"}
		platformtest.WantKind(t, "staff edits", s.Edit(ctx, staff, xinxiang.ID, edit), fault.KindNotFound)
		platformtest.WantKind(t, "edit of another province", s.Edit(ctx, officer, zhejiang.ID, edit), fault.KindNotFound)
		platformtest.WantKind(t, "move into another province", s.Move(ctx, officer, xinxiang.ID, org.MoveUnitCmd{Rev: 1, Parent: zhejiang.Code, Reason: "x"}), fault.KindNotFound)
		if _, err := s.Add(ctx, officer, org.AddUnitCmd{Code: "33010000", Name: "杭州市人民检察院", Level: 3, Kind: "prefecture", Parent: zhejiang.Code}); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("add in another province: %v", err)
		}
		if err := s.Edit(ctx, officer, xinxiang.ID, edit); err != nil {
			t.Error(err)
		}
		site := k.Serve(t, s.Room())
		for _, c := range []struct {
			who  actor.Actor
			path string
			code int
		}{{staff, "/units", 200}, {staff, "/units/" + string(henan.ID), 200}, {staff, "/units/" + string(henan.ID) + "/edit", 404}, {staff, "/units/import", 404},
			{officer, "/units/" + string(zhejiang.ID) + "/move", 404}, {officer, "/units/" + string(xinxiang.ID) + "/move", 200}, {officer, "/units/" + string(id.New()), 404},
			{platformtest.As("a", actor.SysAdmin, s.Directory().Place(henan.ID)), "/units", 404},
			{platformtest.As("a", actor.SecAdmin, s.Directory().Place(henan.ID)), "/pick/units?q=xx", 200}} {
			site.Actor = c.who
			if code, _ := site.Get(t, c.path); code != c.code {
				t.Errorf("%s %s: %d, want %d", c.who.Name, c.path, code, c.code)
			}
		}
	})
}

func TestHistoryIsKept(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		ctx := context.Background()
		s := service(k)
		us := small(t, s)
		weihui, xinxiang := us["卫辉市人民检察院"], us["新乡市人民检察院"]
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(s.Rename(ctx, program, weihui.ID, org.RenameUnitCmd{Rev: 1, Name: "新乡市卫辉区人民检察院", From: "2026-01-10", Reason: "撤市设区"}))
		u, ok := s.Directory().ByName("中共卫辉市人民检察院党组")
		if !ok || u.Name != "新乡市卫辉区人民检察院" {
			t.Errorf("the former name finds %q", u.Name)
		}
		must(s.Close(ctx, program, weihui.ID, org.CloseUnitCmd{Rev: 2, On: "2026-02-01", Into: xinxiang.Code, Reason: "合并"}))
		u, _ = s.Directory().Unit(weihui.ID)
		if !u.Closed() || u.Into != xinxiang.ID || len(s.Directory().Find("卫辉", 5)) != 0 {
			t.Errorf("closed: %+v", u)
		}
		platformtest.WantKind(t, "edit of a closed unit", s.Edit(ctx, program, weihui.ID, org.EditUnitCmd{Rev: 3, Short: "x", Kind: "basic"}), fault.KindState)
		_, err := s.Add(ctx, program, org.AddUnitCmd{Code: weihui.Code, Name: "卫辉市人民检察院", Level: 4, Kind: "basic", Parent: xinxiang.Code})
		if fieldOf(err) != "code:unit.error.code_taken" {
			t.Errorf("the code of a closed unit: %v", err)
		}
	})
}

// treeRows reads access_tree as unit → units above.
func treeRows(t *testing.T, k *platformtest.Kit) map[id.ID][]id.ID {
	t.Helper()
	out := map[id.ID][]id.ID{}
	err := k.DB.Read(context.Background(), func(q db.Q) error {
		rows, err := q.Query(context.Background(), "SELECT unit_id, above_id FROM access_tree ORDER BY above_id")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var u, a id.ID
			if err := rows.Scan(&u, &a); err != nil {
				return err
			}
			out[u] = append(out[u], a)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Whatever is added and moved, in whatever order: one root, levels rise, paths
// follow the parents, and the tree of access says the same as the parents.
func TestTheTreeStaysATree(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		ctx := context.Background()
		s := service(k)
		small(t, s)
		n := 0
		rapid.Check(t, func(rt *rapid.T) {
			all := s.Directory().All()
			for range rapid.IntRange(1, 3).Draw(rt, "steps") {
				parent := rapid.SampledFrom(all).Draw(rt, "parent")
				parent, _ = s.Directory().Unit(parent.ID) // a step before may have moved it
				if rapid.Bool().Draw(rt, "add") && len(all) < 40 {
					n++
					level := rapid.IntRange(1, 4).Draw(rt, "level")
					_, err := s.Add(ctx, program, org.AddUnitCmd{Code: fmt.Sprintf("90%06d", n), Name: fmt.Sprintf("单位%d", n), Level: level, Kind: "dispatched", Parent: parent.Code})
					if (err == nil) != (level > parent.Level) {
						rt.Fatalf("add at %d under %d: %v", level, parent.Level, err)
					}
					continue
				}
				u := rapid.SampledFrom(all).Draw(rt, "unit")
				now, _ := s.Directory().Unit(u.ID)
				err := s.Move(ctx, program, u.ID, org.MoveUnitCmd{Rev: now.Rev, Parent: parent.Code, Level: rapid.IntRange(0, 4).Draw(rt, "to"), Reason: "x"})
				if err != nil && !fault.Is(err, fault.KindInvalid) {
					rt.Fatal(err)
				}
			}
			d, rows := s.Directory(), treeRows(t, k)
			roots := 0
			for _, u := range d.All() {
				want := []id.ID{u.ID}
				path := ""
				if u.Parent == "" {
					roots++
				}
				for p, ok := d.Unit(u.Parent); ok; p, ok = d.Unit(p.Parent) {
					want = append(want, p.ID)
					if len(want) > 10 {
						rt.Fatalf("%s stands in a circle", u.Name)
					}
				}
				if p, ok := d.Unit(u.Parent); ok {
					path = p.Path
					if p.Level >= u.Level {
						rt.Fatalf("%s of level %d is below level %d", u.Name, u.Level, p.Level)
					}
				}
				slices.Sort(want)
				if !slices.Equal(want, rows[u.ID]) || !strings.HasPrefix(u.Path, path) || strings.Count(u.Path, "/") != len(want) {
					rt.Fatalf("%s: access %v, parents %v, path %s", u.Name, rows[u.ID], want, u.Path)
				}
			}
			if roots != 1 {
				rt.Fatalf("%d roots", roots)
			}
		})
	})
}

func TestImportUnits(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		ctx := context.Background()
		s := service(k)
		small(t, s)
		run := func(text string, dry bool) *org.Report {
			t.Helper()
			res, err := s.ImportUnits(ctx, program, "单位.csv", bytes.NewReader([]byte(text)), int64(len(text)), dry)
			if err != nil {
				t.Fatal(err)
			}
			return res
		}
		head := "单位代码,单位名称,层级,类别,上级单位,管辖区划\n"
		good := head + "41010200,郑州市中原区人民检察院,基层,基层院,郑州市人民检察院,410102\n41010000,郑州市人民检察院,设区的市级,,41000000,410100\n41070000,新乡市人民检察院,3,市级院,河南省人民检察院,\n"
		if res := run(good, true); !res.OK() || res.Added != 2 || res.Same != 1 || res.Applied {
			t.Errorf("dry run: %+v", res.Faults)
		}
		if _, ok := s.Directory().ByCode("41010000"); ok {
			t.Error("a dry run wrote")
		}
		bad := run(good+"41020000,开封市人民检察院,省级,,41000000,\n41030000,洛阳市人民检察院,市局,,41000000,\n41040000,平顶山市人民检察院,3,,平顶山市人民检察院,\n33000000,别的名字,2,,00000000,\n", false)
		var got []string
		for _, f := range bad.Faults {
			got = append(got, fmt.Sprintf("%d %s %s", f.Row, f.Column, f.Key))
		}
		slices.Sort(got)
		want := []string{"5 parent unit.error.parent_level", "6 level unit.error.level", "7 parent unit.error.circle", "8 code unit.error.differs"}
		if !slices.Equal(got, want) || bad.Applied {
			t.Errorf("faults %q, want %q", got, want)
		}
		if _, ok := s.Directory().ByCode("41010000"); ok {
			t.Error("a faulty table was half imported")
		}
		if res := run(good, false); !res.Applied || s.Directory().Name("") != "" {
			t.Errorf("import: %+v", res.Faults)
		}
		if u, ok := s.Directory().ByName("郑州市中原区人民检察院"); !ok || u.Path != "spp/41/4101/410102/" {
			t.Errorf("imported %+v", u)
		}
		if res := run(good, false); res.Applied || res.Same != 3 {
			t.Errorf("a second time: %+v", res)
		}
	})
}

func TestDirectoryFinds(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		ctx := context.Background()
		s := service(k)
		if err := s.SeedTree(ctx, program); err != nil {
			t.Fatal(err)
		}
		d := s.Directory()
		for _, c := range [][2]string{{"新乡市人民检察院", "41070000"}, {"中共新乡市人民检察院党组", "41070000"}, {"新 乡市人民检察院 ", "41070000"}, {"河南检察院", "41000000"}, {"最高检", "00000000"}} {
			if u, ok := d.ByName(c[0]); !ok || u.Code != c[1] {
				t.Errorf("%s: %s", c[0], u.Code)
			}
		}
		if _, ok := d.ByName("  "); ok {
			t.Error("blanks name a unit")
		}
		for _, text := range []string{"xxsrmjcy", "新乡", "410700", "XXS"} {
			if got := d.Find(text, 5); !slices.ContainsFunc(got, func(u org.Unit) bool { return u.Code == "41070000" }) {
				t.Errorf("%s finds %d others", text, len(got))
			}
		}
		henan, _ := d.ByCode("41000000")
		if below := d.Below(henan.ID); below[0] != henan.ID || len(below) < 150 {
			t.Errorf("%d below", len(below))
		}
		other := service(k)
		if err := other.Load(ctx); err != nil || len(other.Directory().All()) != len(d.All()) {
			t.Errorf("a replica has another tree: %v", err)
		}
		if err := s.SeedDepartments(ctx, program, d.Below(henan.ID)...); err != nil {
			t.Fatal(err)
		}
	})
}
