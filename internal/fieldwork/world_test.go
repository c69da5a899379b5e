package fieldwork

import (
	"context"
	"fmt"
	"io/fs"
	"testing"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/org/orgtest"
	"huikan/internal/person"
	"huikan/internal/platform/access"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/search"
	"huikan/internal/platform/vault"
)

var (
	ctx     = context.Background()
	program = actor.Program("test")
)

func parts() platformtest.Parts {
	return platformtest.Parts{Schemas: []fs.FS{org.Schema, person.Schema, search.Schema, inspection.Schema, Schema},
		Tables: append(append(append(append([]string{}, org.Tables...), person.Tables...), inspection.Tables...), Tables...),
		Rules:  append(append(append(org.Rules(), person.Rules()...), inspection.Rules()...), Rules()...)}
}

// world is the room over the real tree with one round whose team is in Henan.
type world struct {
	*platformtest.Kit
	s                                     *Service
	spp, henan, hebei                     access.Place
	term                                  inspection.Term
	round                                 inspection.Round
	team                                  inspection.Team
	visit                                 inspection.Visit
	people                                map[string]id.ID
	office, boss, leader, inspector, peer actor.Actor
	head, liaison, stranger, discipline   actor.Actor
}

type dbQ = db.Q

func must[T any](v T, err error) func(t *testing.T) T { return platformtest.Must(v, err) }

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// seeded is the tree with the services over it.
func seeded(t *testing.T, k *platformtest.Kit) world {
	t.Helper()
	o := org.New(org.Deps{Log: k.Log, Policy: k.Policy, Clock: k.Clock})
	check(t, o.SeedTree(ctx, program, orgtest.Provinces...))
	people := person.New(person.Deps{Log: k.Log, Policy: k.Policy, Keys: k.Keys, Clock: k.Clock, Dir: o.Directory()})
	files := must(vault.Open(k.Dir, k.Keys))(t)
	ins := inspection.New(inspection.Deps{Log: k.Log, Policy: k.Policy, Clock: k.Clock, Units: o.Directory(), People: people, Vault: files})
	w := world{Kit: k, s: New(Deps{Log: k.Log, Policy: k.Policy, Clock: k.Clock, Keys: k.Keys, Files: files, Units: o.Directory(), People: people, Inspect: ins})}
	ins.OnStep(w.s.Guard)
	ins.OnPage(w.s.Links)
	place := func(name string) access.Place {
		u, ok := o.Directory().ByName(name)
		if !ok {
			t.Fatalf("no unit %s", name)
		}
		return o.Directory().Place(u.ID)
	}
	w.spp, w.henan, w.hebei = place("最高人民检察院"), place("河南省人民检察院"), place("河北省人民检察院")
	return w
}

// open makes the n-th world over the tree: people, term and round of its own.
func open(t *testing.T, seed world, n int) *world {
	t.Helper()
	w := &seed
	w.people = map[string]id.ID{}
	ins, people := w.s.Inspect, w.s.People
	var list []person.NewPerson
	for i, name := range []string{"组长甲", "组员乙", "组员丙", "豫人丁", "候补戊"} {
		p := person.NewPerson{ID: id.New(), StaffNo: fmt.Sprintf("A%d%d", n, i+1), Name: name, Unit: string(w.spp.Unit), Title: "检察官"}
		if name == "豫人丁" {
			p.Native = "410700"
		}
		w.people[name] = p.ID
		list = append(list, p)
	}
	check(t, people.AddMany(ctx, program, list))
	w.office, w.boss = platformtest.As("office", actor.Office, w.spp), platformtest.As("boss", actor.Leader, w.spp)
	w.head, w.liaison, w.stranger = platformtest.As("head", actor.UnitHead, w.henan), platformtest.As("liaison", actor.Liaison, w.henan), platformtest.As("stranger", actor.UnitHead, w.hebei)
	w.discipline = platformtest.As("discipline", actor.Discipline, w.spp)
	w.term = must(ins.CreateTerm(ctx, w.office, inspection.CreateTermCmd{No: 19 + n, Name: "第十九届", Unit: "最高人民检察院", Start: "2022-10-01", End: "2027-10-01"}))(t)
	w.round = must(ins.CreateRound(ctx, w.office, inspection.RoundCmd{Term: w.term.ID, No: 7, Name: "第七轮巡视", Kind: inspection.KindRegular, Start: "2026-01-05", End: "2026-03-31", RectifyMonths: 6, RectifySource: "工作方案", SeatsMin: 1, SeatsMax: 9, SeatsSource: "工作方案"}))(t)
	w.team = must(ins.AddTeam(ctx, w.office, w.round.ID, "第一巡视组"))(t)
	w.visit = must(ins.AddVisit(ctx, w.office, w.round.ID, inspection.VisitCmd{Unit: "河南省人民检察院", Team: w.team.ID}))(t)
	return w
}

// enter seats the team, authorises its leader and takes it to the unit.
func (w *world) enter(t *testing.T) {
	t.Helper()
	for name, post := range map[string]string{"组长甲": inspection.PostLeader, "组员乙": inspection.PostMember, "组员丙": inspection.PostMember} {
		must(w.s.Inspect.Seat(ctx, w.office, w.team.ID, inspection.SeatCmd{Person: w.people[name], Post: post}))(t)
	}
	must(w.s.Authorise(ctx, w.boss, w.team.ID, AuthoriseCmd{Document: "授权〔2026〕1号"}))(t)
	w.leader, w.inspector, w.peer = w.sit(t, "组长甲"), w.sit(t, "组员乙"), w.sit(t, "组员丙")
	w.round = must(w.s.Inspect.AdvanceRound(ctx, w.office, w.round.ID, "enter", w.round.Rev))(t)
	w.visit = must(w.s.Inspect.MoveVisit(ctx, w.leader, w.visit.ID, "enter", inspection.MoveVisitCmd{On: "2026-01-05", Rev: w.visit.Rev}))(t)
}

func (w *world) sit(t *testing.T, name string) actor.Actor {
	t.Helper()
	a := platformtest.As(string(w.people[name]), actor.Staff, w.spp)
	a.Name = name
	check(t, w.DB.Read(ctx, func(q db.Q) (err error) {
		a.Teams, err = inspection.Teams(ctx, q, w.people[name], w.s.today())
		return err
	}))
	return a
}

func (w *world) paper(t *testing.T, who actor.Actor, c PaperCmd) Paper {
	t.Helper()
	if c.Kind == "" {
		c.Kind = "files"
	}
	if c.Title == "" {
		c.Title = "查阅记录"
	}
	if c.Secrecy == "" {
		c.Secrecy = Internal
	}
	if c.Text == "" {
		c.Text = "抽查二十份，六份没有过程。"
	}
	c.On = "2026-01-06"
	return must(w.s.AddPaper(ctx, who, w.visit.ID, c, nil))(t)
}
