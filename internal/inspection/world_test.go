package inspection

import (
	"context"
	"io/fs"
	"testing"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/org/orgtest"
	"huikan/internal/person"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/search"
	"huikan/internal/platform/vault"
	"huikan/internal/platform/web"
)

var program = actor.Program("test")

func parts() platformtest.Parts {
	return platformtest.Parts{Schemas: []fs.FS{org.Schema, person.Schema, search.Schema, Schema},
		Tables: append(append(append([]string{}, org.Tables...), person.Tables...), Tables...), Rules: append(append(org.Rules(), person.Rules()...), Rules()...)}
}

// world is the room over the real tree, with one round whose team is in Henan.
type world struct {
	*platformtest.Kit
	s                         *Service
	spp, henan, hebei, prefec access.Place
	round                     Round
	team                      Team
	visit                     Visit
	office, leader, inspector actor.Actor
	head, stranger            actor.Actor
	fed                       map[id.ID]clock.Date
}

func must[T any](v T, err error) func(t *testing.T) T { return platformtest.Must(v, err) }

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, k *platformtest.Kit) *world {
	t.Helper()
	ctx := context.Background()
	o := org.New(org.Deps{Log: k.Log, Policy: k.Policy, Clock: k.Clock})
	check(t, o.SeedTree(ctx, program, orgtest.Provinces...))
	people := person.New(person.Deps{Log: k.Log, Policy: k.Policy, Keys: k.Keys, Clock: k.Clock, Dir: o.Directory()})
	v := must(vault.Open(k.Dir, k.Keys))(t)
	w := &world{Kit: k, fed: map[id.ID]clock.Date{}, s: New(Deps{Log: k.Log, Policy: k.Policy, Clock: k.Clock, Units: o.Directory(), People: people, Vault: v})}
	place := func(name string) access.Place {
		u, ok := o.Directory().ByName(name)
		if !ok {
			t.Fatalf("no unit %s", name)
		}
		return o.Directory().Place(u.ID)
	}
	w.spp, w.henan, w.hebei, w.prefec = place("最高人民检察院"), place("河南省人民检察院"), place("河北省人民检察院"), place("新乡市人民检察院")
	check(t, people.AddMany(ctx, program, []person.NewPerson{
		{StaffNo: "A1", Name: "组长甲", Unit: string(w.spp.Unit), Title: "检察官"}, {StaffNo: "A2", Name: "组员乙", Unit: string(w.spp.Unit), Title: "检察官"},
		{StaffNo: "A3", Name: "豫人丙", Unit: string(w.spp.Unit), Title: "检察官", Native: "410700"}, {StaffNo: "A4", Name: "本院丁", Unit: string(w.prefec.Unit), Title: "检察官"}}))
	w.s.OnFedBack(func(_ context.Context, _ *audit.Tx, f Finding, due clock.Date) error { w.fed[f.ID] = due; return nil })
	w.office = platformtest.As("office", actor.Office, w.spp)
	w.head = platformtest.As("head", actor.UnitHead, w.henan)
	w.stranger = platformtest.As("stranger", actor.UnitHead, w.hebei)
	term := must(w.s.CreateTerm(ctx, w.office, CreateTermCmd{No: 19, Name: "第十九届", Unit: "最高人民检察院", Start: "2022-10-01"}))(t)
	w.round = must(w.s.CreateRound(ctx, w.office, RoundCmd{Term: term.ID, No: 7, Name: "第七轮巡视", Kind: KindRegular, Start: "2026-01-05", End: "2026-02-27", RectifyMonths: 6, RectifySource: "工作方案", SeatsMin: 1, SeatsMax: 9, SeatsSource: "工作方案"}))(t)
	w.team = must(w.s.AddTeam(ctx, w.office, w.round.ID, "第一巡视组"))(t)
	w.visit = must(w.s.AddVisit(ctx, w.office, w.round.ID, VisitCmd{Unit: "河南省人民检察院", Team: w.team.ID}))(t)
	return w
}

type auditTx = audit.Tx

// words are those of the room below whose pages of import this room uses.
func words() web.Room { return web.Room{Name: "org", Words: org.New(org.Deps{}).Room().Words} }
