package conduct_test

import (
	"context"
	"io/fs"
	"slices"
	"testing"
	"time"

	"huikan/internal/conduct"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/org/orgtest"
	"huikan/internal/person"
	"huikan/internal/platform/access"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
)

var (
	ctx    = context.Background()
	system = actor.Program("test")

	root, henan, xin, hebei = orgtest.Root, orgtest.Henan, orgtest.Xinxiang, orgtest.Hebei
)

// world is the room on the platform, with people who are made up.
type world struct {
	*platformtest.Kit
	s                                                    *conduct.Service
	site                                                 *platformtest.Site
	people                                               map[id.ID]person.Person
	kin                                                  map[id.ID][]id.ID
	moves                                                []person.Move
	office, second, third, boss, subject, personnel, far actor.Actor
	above                                                actor.Actor
}

func each(t *testing.T, fn func(t *testing.T, w *world)) {
	parts := platformtest.Parts{Schemas: []fs.FS{conduct.Schema}, Tables: conduct.Tables, Rules: append(conduct.Rules(), access.Permit(actor.SysAdmin, "anything", "system.read"))}
	platformtest.Each(t, parts, func(t *testing.T, k *platformtest.Kit) {
		w := &world{Kit: k, kin: map[id.ID][]id.ID{}, people: map[id.ID]person.Person{}}
		for _, p := range []person.Person{{ID: "office", Unit: "henan"}, {ID: "second", Unit: "henan"}, {ID: "third", Unit: "henan"}, {ID: "boss", Unit: "henan", Leadership: true}, {ID: "subject", Unit: "henan", Department: "desk", Rank: "二级检察官"},
			{ID: "chief", Unit: "xinxiang", Leadership: true}, {ID: "old", Unit: "henan", Status: person.Retired}, {ID: "farboss", Unit: "hebei", Leadership: true}} {
			p.Name, p.StaffNo = "姓名"+string(p.ID), "S-"+string(p.ID)
			if p.Status == "" {
				p.Status = person.Serving
			}
			w.people[p.ID] = p
		}
		w.s = conduct.New(conduct.Deps{Log: k.Log, Policy: k.Policy, Clock: k.Clock, Keys: k.Keys, Units: orgtest.Small{}, Find: orgtest.Find,
			Names: func(_ context.Context, _ db.Q, ids ...id.ID) (map[id.ID]string, error) {
				out := map[id.ID]string{}
				for _, n := range ids {
					out[n] = w.people[n].Name
				}
				return out, nil
			},
			Person: func(_ context.Context, _ db.Q, n id.ID) (person.Person, error) {
				p, ok := w.people[n]
				if !ok {
					return p, fault.NotFound("person")
				}
				return p, nil
			},
			Kin: func(_ context.Context, _ db.Q, n id.ID) ([]id.ID, error) { return w.kin[n], nil },
			Moves: func(_ context.Context, _ db.Q, since clock.Date, persons ...id.ID) (out []person.Move, _ error) {
				for _, m := range w.moves {
					if m.On >= since && slices.Contains(persons, m.Person) {
						out = append(out, m)
					}
				}
				return out, nil
			},
			Staff: func(context.Context, db.Q) (map[id.ID]int, error) { return map[id.ID]int{"henan": 200}, nil },
			Backward: []conduct.Source{{Keys: []string{"contacts"}, Read: func(context.Context, db.Q, conduct.BackQuery) (map[string][]conduct.BackLine, error) {
				return map[string][]conduct.BackLine{"contacts": {{On: "2025-03-01", Text: "律师来访", Source: "三个规定记录 R-1"}}}, nil
			}}}})
		as := func(n id.ID, r actor.Role, p access.Place) actor.Actor { return platformtest.As(string(n), r, p) }
		w.office, w.second, w.third = as("office", actor.InternalSupervision, henan), as("second", actor.InternalSupervision, henan), as("third", actor.InternalSupervision, henan)
		w.boss, w.subject, w.personnel = as("boss", actor.Leader, henan), as("subject", actor.Staff, henan), as("personnel", actor.Personnel, henan)
		w.far, w.above = as("far", actor.InternalSupervision, hebei), as("above", actor.InternalSupervision, root)
		orgtest.Put(t, k.Log)
		w.site = k.Serve(t, w.s.Room())
		fn(t, w)
	})
}

func (w *world) days(n int) { w.Clock.Advance(time.Duration(n) * 24 * time.Hour) }

const told = "2025年3月在办理张某案期间接受辩护律师宴请并收受礼金五千元，之后对该案作出不起诉决定"

func (w *world) lead(t *testing.T, cmd conduct.LeadCmd) conduct.Lead {
	t.Helper()
	if cmd.Source == "" {
		cmd.Source = "petition"
	}
	if cmd.Person == "" && cmd.Name == "" {
		cmd.Person = "subject"
	}
	if cmd.Facts == "" {
		cmd.Facts = told
	}
	l, err := w.s.AddLead(ctx, w.office, cmd)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// opened is a case of a conduct in its preliminary check.
func (w *world) opened(t *testing.T, class string) conduct.Case {
	t.Helper()
	return w.openedOf(t, class, told)
}

func (w *world) openedOf(t *testing.T, class, facts string) conduct.Case {
	t.Helper()
	l := w.lead(t, conduct.LeadCmd{Conduct: class, Facts: facts, ActFrom: "2025-03-01", ActTo: "2025-03-31"})
	if l.Same != "" {
		l.ID = l.Same
	}
	w.dispose(t, l.ID, "assign", conduct.DisposeCmd{Assignee: "office"})
	l = w.dispose(t, l.ID, "open", conduct.DisposeCmd{Assignee: "office", Second: "second", Text: "核实宴请和礼金"})
	return w.get(t, l.Case)
}

func (w *world) dispose(t *testing.T, n id.ID, do string, cmd conduct.DisposeCmd) conduct.Lead {
	t.Helper()
	l, err := w.s.Dispose(ctx, w.office, n, do, cmd)
	if err != nil {
		t.Fatalf("%s: %v", do, err)
	}
	return l
}

func (w *world) get(t *testing.T, n id.ID) (c conduct.Case) {
	t.Helper()
	if err := w.DB.Read(ctx, func(q db.Q) (err error) { c, err = conduct.CaseByID(ctx, q, n); return err }); err != nil {
		t.Fatal(err)
	}
	return c
}

func (w *world) step(t *testing.T, who actor.Actor, n id.ID, do string, cmd conduct.CaseCmd) conduct.Case {
	t.Helper()
	if cmd.Text == "" {
		cmd.Text = "说明"
	}
	c, err := w.s.Step(ctx, who, n, do, cmd)
	if err != nil {
		t.Fatalf("%s: %v", do, err)
	}
	return c
}

// submitted is a case that waits for its decision.
func (w *world) submitted(t *testing.T, class string) conduct.Case {
	t.Helper()
	c := w.opened(t, class)
	w.step(t, w.office, c.ID, "file", conduct.CaseCmd{})
	w.step(t, w.office, c.ID, "report", conduct.CaseCmd{Text: "查明属实", Gravity: "normal"})
	w.step(t, w.office, c.ID, "notify", conduct.CaseCmd{Text: "拟给予记过", Kinds: []string{"admin.demerit"}, Circumstances: []string{"cooperated"}})
	w.step(t, w.office, c.ID, "hear", conduct.CaseCmd{Text: "承认事实"})
	return w.step(t, w.office, c.ID, "submit", conduct.CaseCmd{Text: "建议记过", Decider: "boss"})
}

func (w *world) refused(t *testing.T, what string, who actor.Actor, n id.ID, do string, cmd conduct.CaseCmd, k fault.Kind, key string) {
	t.Helper()
	_, err := w.s.Step(ctx, who, n, do, cmd)
	platformtest.Refused(t, what, err, k, key)
}

// served lists the papers of the subject by their kind.
func (w *world) served(t *testing.T) map[string]conduct.Served {
	t.Helper()
	w.site.Actor = w.subject
	out := map[string]conduct.Served{}
	for _, v := range w.papers(t) {
		out[v.Kind] = v
	}
	return out
}
