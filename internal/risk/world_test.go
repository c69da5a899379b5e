package risk_test

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/org"
	"huikan/internal/org/orgtest"
	"huikan/internal/person"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/search"
	"huikan/internal/risk"
)

var (
	ctx    = context.Background()
	system = actor.Program("test")

	root, henan, xin, hebei = orgtest.Root, orgtest.Henan, orgtest.Xinxiang, orgtest.Hebei
)

// world is the room on the platform, with people who are made up.
type world struct {
	*platformtest.Kit
	s                                             *risk.Service
	site                                          *platformtest.Site
	contacts                                      map[string][]clock.Date
	restricted                                    map[string]risk.Restriction
	leads                                         []risk.LeadCmd
	office, second, boss, far, above, desk, chief actor.Actor
}

const today = clock.Date("2026-03-02") // the day on which the test kit's clock stands, or a later one

func each(t *testing.T, fn func(t *testing.T, w *world)) {
	parts := platformtest.Parts{Schemas: []fs.FS{search.Schema, risk.Schema}, Tables: risk.Tables, Rules: slices.Concat(risk.Rules(), org.Rules(), []access.Rule{access.Permit(actor.SysAdmin, "anything", "system.read")})}
	platformtest.Each(t, parts, func(t *testing.T, k *platformtest.Kit) {
		w := &world{Kit: k, contacts: map[string][]clock.Date{}, restricted: map[string]risk.Restriction{}}
		staff := func(n string) person.Person {
			p := person.Person{ID: id.ID(n), Name: "姓名" + n, StaffNo: n, Unit: "henan", Status: person.Serving, Leadership: n == "boss"}
			if strings.HasPrefix(n, "x") {
				p.Unit = "xinxiang"
			}
			return p
		}
		w.s = risk.New(risk.Deps{Log: k.Log, Policy: k.Policy, Clock: k.Clock, Keys: k.Keys, Units: orgtest.Small{}, Root: func() id.ID { return "spp" }, Find: orgtest.Find,
			Names: func(_ context.Context, _ db.Q, ids ...id.ID) (map[id.ID]string, error) {
				out := map[id.ID]string{}
				for _, n := range ids {
					out[n] = "姓名" + string(n)
				}
				return out, nil
			},
			Person: func(_ context.Context, _ db.Q, n id.ID) (person.Person, error) { return staff(string(n)), nil },
			StaffNo: func(_ context.Context, _ db.Q, no string) (person.Person, error) {
				if strings.HasPrefix(no, "nobody") {
					return person.Person{}, fault.NotFound("person")
				}
				return staff(no), nil
			},
			Contacts: func(context.Context, db.Q) (func(string) []clock.Date, error) {
				return func(no string) []clock.Date { return w.contacts[no] }, nil
			},
			Restricted: func(context.Context) (map[string]risk.Restriction, error) { return w.restricted, nil },
			TakeLead: func(_ context.Context, _ *audit.Tx, _ actor.Actor, cmd risk.LeadCmd) (string, error) {
				w.leads = append(w.leads, cmd)
				return fmt.Sprintf("X-%d", len(w.leads)), nil
			},
			Findings: func(context.Context, db.Q, id.ID, int) ([]risk.FindingRef, error) {
				return []risk.FindingRef{{No: "W-1", Title: "分案不规范", On: "2026-01-01", Href: "/findings/x"}}, nil
			}})
		as := func(n id.ID, r actor.Role, p access.Place) actor.Actor { return platformtest.As(string(n), r, p) }
		w.office, w.second = as("office", actor.InternalSupervision, henan), as("second", actor.InternalSupervision, henan)
		w.boss, w.desk, w.chief = as("boss", actor.Leader, henan), as("desk", actor.Staff, henan), as("chief", actor.UnitHead, henan)
		w.far, w.above = as("far", actor.InternalSupervision, hebei), as("above", actor.InternalSupervision, root)
		orgtest.Put(t, k.Log)
		units := org.New(org.Deps{Log: k.Log, Policy: k.Policy, Clock: k.Clock}) // its room has the words of imports
		w.site = k.Serve(t, units.Room(), w.s.Room())
		fn(t, w)
	})
}

// day gives a day before the clock's.
func (w *world) day(ago int) clock.Date { return clock.Today(w.Clock).AddDays(-ago) }

// ev is an event of a made-up case.
func (w *world) ev(kind risk.Kind, ago int, handler string, more ...func(*risk.Event)) risk.Event {
	e := risk.Event{Kind: kind, Day: w.day(ago), Minute: -1, Handler: id.ID(handler)}
	for _, f := range more {
		f(&e)
	}
	return e
}

func at(hour int) func(*risk.Event)    { return func(e *risk.Event) { e.Minute = hour * 60 } }
func basis(b string) func(*risk.Event) { return func(e *risk.Event) { e.Basis = b } }
func yuan(n int64) func(*risk.Event)   { return func(e *risk.Event) { e.Amount = n } }
func lawyer(no string) func(*risk.Event) {
	return func(e *risk.Event) { e.Lawyer, e.Licence = "律师"+no, no }
}

func (w *world) stock(t *testing.T, cases ...risk.Case) {
	t.Helper()
	for i := range cases {
		if cases[i].Unit == "" {
			cases[i].Unit = "henan"
		}
		if cases[i].Type == "" {
			cases[i].Type = "prosecution"
		}
	}
	if _, err := w.s.Stock(ctx, system, "test", cases); err != nil {
		t.Fatal(err)
	}
}

func (w *world) run(t *testing.T, whole bool) risk.Run {
	t.Helper()
	r, err := w.s.Run(ctx, system, risk.RunCmd{Whole: whole})
	if err != nil {
		t.Fatal(err)
	}
	if r.Failed > 0 {
		t.Errorf("%d hits have no explanation", r.Failed)
	}
	return r
}

// alerts lists what somebody sees, by rule.
func (w *world) alerts(t *testing.T, who actor.Actor) map[string][]risk.Alert {
	t.Helper()
	list, _, err := w.s.Alerts(ctx, who, page.Query{Size: 100})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]risk.Alert{}
	for _, a := range list {
		out[a.Rule] = append(out[a.Rule], a)
	}
	return out
}
