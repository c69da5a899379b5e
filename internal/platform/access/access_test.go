package access_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/db/dbtest"
	"huikan/internal/platform/platformtest"
)

// worlds is how many worlds each engine is asked about.
const worlds = 400

var errUndo = errors.New("the world is over")

// answer is what a list shows an actor.
type answer struct {
	ids   []string
	count int
}

func ask(ctx context.Context, q db.Q, w *world, a actor.Actor, action string) (answer, error) {
	// A value that stands before, as lists have: the numbers go on from there.
	args := []any{"no such state"}
	where := "t.state <> $1 AND " + w.policy.Filter(a, action, columns, &args)
	rs, err := q.Query(ctx, "SELECT t.id FROM thing t WHERE "+where+" ORDER BY t.id", args...)
	if err != nil {
		return answer{}, fmt.Errorf("%s: %w", where, err)
	}
	var out answer
	for rs.Next() {
		var s string
		if err := rs.Scan(&s); err != nil {
			return out, err
		}
		out.ids = append(out.ids, s)
	}
	if err := errors.Join(rs.Err(), rs.Close()); err != nil {
		return out, err
	}
	return out, q.QueryRow(ctx, "SELECT COUNT(*) FROM (SELECT 1 FROM thing t WHERE "+where+" LIMIT 10001) x", args...).Scan(&out.count)
}

// judged is the same by the judgement of every single record.
func judged(w *world, a actor.Actor, action string) answer {
	var out answer
	for _, x := range w.things {
		if w.policy.Can(a, action, w.object(x)) == nil {
			out.ids = append(out.ids, x.ID)
		}
	}
	slices.Sort(out.ids)
	out.count = len(out.ids)
	return out
}

func same(a, b answer) bool { return slices.Equal(a.ids, b.ids) && a.count == b.count }

// examine holds list against judgement for every actor and action, then adds a
// record and sees that whoever may not see it gets the same answers as before.
func (w *world) examine(ctx context.Context, tx *db.Tx) error {
	if err := w.store(ctx, tx); err != nil {
		return err
	}
	before := map[string]answer{}
	for i, a := range w.actors {
		for _, action := range w.actions {
			got, err := ask(ctx, tx, w, a, action)
			if err != nil {
				return err
			}
			if want := judged(w, a, action); !same(got, want) {
				return fmt.Errorf("%s by %+v: the list has %v, single judgement allows %v of %+v", action, a, got, want, w.things)
			}
			if len(got.ids) > 0 && !w.policy.Ever(a, action) {
				return fmt.Errorf("%s by %+v: refused at the door, yet the list has %v", action, a, got)
			}
			before[fmt.Sprint(i, action)] = got
		}
	}
	if err := insertThings(ctx, tx, w.extra); err != nil {
		return err
	}
	for i, a := range w.actors {
		for _, action := range w.actions {
			got, err := ask(ctx, tx, w, a, action)
			if err != nil {
				return err
			}
			want := before[fmt.Sprint(i, action)]
			if w.policy.Can(a, action, w.object(w.extra)) == nil {
				want = answer{append(slices.Clone(want.ids), w.extra.ID), want.count + 1}
				slices.Sort(want.ids)
			}
			if !same(got, want) {
				return fmt.Errorf("%s by %+v after adding %+v: got %v, want %v", action, a, w.extra, got, want)
			}
		}
	}
	return errUndo
}

// The list filter in SQL and the judgement of single records are the same
// relation, on both engines, whatever the tree, people, records and rules.
func TestListsShowExactlyWhatMayBeOpened(t *testing.T) {
	ctx := context.Background()
	checks := flag.Lookup("rapid.checks")
	if was := checks.Value.String(); was == checks.DefValue {
		if err := checks.Value.Set(fmt.Sprint(worlds)); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := checks.Value.Set(was); err != nil {
				t.Error(err)
			}
		})
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := d.Migrate(ctx, audit.Schema, access.Schema, fstest.MapFS{"9000_thing.sql": {Data: []byte(thingTable)}}); err != nil {
			t.Fatal(err)
		}
		rapid.Check(t, func(rt *rapid.T) {
			w := drawWorld(rt)
			err := d.Write(ctx, func(tx *db.Tx) error { return w.examine(ctx, tx) })
			if !errors.Is(err, errUndo) {
				rt.Fatal(err)
			}
		})
	})
}

func place(unit, path string) access.Place { return access.Place{Unit: id.ID(unit), Path: path} }

var (
	root     = place("root", "spp/")
	province = place("41", "spp/41/")
	city     = place("4107", "spp/41/4107/")
	sister   = place("42", "spp/42/")
	alike    = place("411", "spp/411/") // its code begins like the province's
)

func with(a actor.Actor, change func(*actor.Actor)) actor.Actor {
	a.Grants = slices.Clone(a.Grants)
	change(&a)
	return a
}

// Each scope is shown where it reaches and where it ends.
func TestScopes(t *testing.T) {
	p, err := access.NewPolicy(
		access.Permit(actor.Inspector, flow.Own, "own.do"), access.Permit(actor.Inspector, flow.OfTeam, "team.do"),
		access.Permit(actor.UnitHead, flow.OfUnit, "unit.do"), access.Permit(actor.Reviewer, flow.Below, "below.do"),
		access.Permit(actor.Office, flow.ByUs, "by.do"), access.Permit(actor.Staff, flow.Anything, "any.do"),
		access.Permit(actor.Staff, flow.OfUnit, "home.do"), access.Permit(actor.Staff, flow.Own, "mine.do"),
		access.Permit(actor.Reviewer, flow.Below, "state.do").In("applied", "returned"),
	)
	if err != nil {
		t.Fatal(err)
	}
	member := with(platformtest.As("p", actor.Staff, city), func(a *actor.Actor) {
		a.Teams = []actor.Membership{{Team: "t1", Role: actor.Inspector}}
	})
	leader := with(platformtest.As("p", actor.Staff, city), func(a *actor.Actor) {
		a.Teams = []actor.Membership{{Team: "t1", Role: actor.TeamLeader}}
	})
	staff := platformtest.As("p", actor.Staff, city)
	reviewer := platformtest.As("p", actor.Reviewer, province)
	about := func(ps ...access.Place) access.Object { return access.Object{Kind: "item", Units: ps} }
	for _, c := range []struct {
		name   string
		who    actor.Actor
		action string
		o      access.Object
		may    bool
	}{
		{"own record", member, "own.do", access.Object{Owners: []id.ID{"x", "p"}}, true},
		{"another's record", member, "own.do", access.Object{Owners: []id.ID{"x"}}, false},
		{"own record without the role", staff, "own.do", access.Object{Owners: []id.ID{"p"}}, false},
		{"a record without owner for one without person", with(staff, func(a *actor.Actor) { a.Person = "" }), "mine.do", access.Object{Owners: []id.ID{""}}, false},
		{"own team", member, "team.do", access.Object{Team: "t1"}, true},
		{"another team", member, "team.do", access.Object{Team: "t2"}, false},
		{"own team in another role", leader, "team.do", access.Object{Team: "t1"}, false},
		{"no team", member, "team.do", access.Object{}, false},
		{"own unit", platformtest.As("p", actor.UnitHead, city), "unit.do", about(city), true},
		{"second unit of the record", platformtest.As("p", actor.UnitHead, city), "unit.do", about(sister, city), true},
		{"the unit above", platformtest.As("p", actor.UnitHead, city), "unit.do", about(province), false},
		{"a unit below", platformtest.As("p", actor.UnitHead, province), "unit.do", about(city), false},
		{"staff at home", staff, "home.do", about(city), true},
		{"staff elsewhere", staff, "home.do", about(sister), false},
		{"below: itself", reviewer, "below.do", about(province), true},
		{"below: a city", reviewer, "below.do", about(city), true},
		{"below: the one above", reviewer, "below.do", about(root), false},
		{"below: a sister", reviewer, "below.do", about(sister), false},
		{"below: a code that begins alike", reviewer, "below.do", about(alike), false},
		{"below: no unit", reviewer, "below.do", about(), false},
		{"below: a grant without path", with(reviewer, func(a *actor.Actor) { a.Grants[0].Path = "" }), "below.do", about(province), false},
		{"by us", platformtest.As("p", actor.Office, province), "by.do", access.Object{By: city}, true},
		{"about us, by others", platformtest.As("p", actor.Office, province), "by.do", access.Object{Units: []access.Place{province}, By: sister}, false},
		{"by nobody", platformtest.As("p", actor.Office, root), "by.do", access.Object{}, false},
		{"anything", staff, "any.do", access.Object{}, true},
		{"anything for nobody", actor.Actor{}, "any.do", access.Object{}, false},
		{"anything for an administrator", platformtest.As("p", actor.SysAdmin, root), "any.do", access.Object{}, false},
		{"the state fits", reviewer, "state.do", access.Object{State: "returned", Units: []access.Place{city}}, true},
		{"the state does not fit", reviewer, "state.do", access.Object{State: "closed", Units: []access.Place{city}}, false},
		{"an action of nobody", reviewer, "nothing.do", about(city), false},
		{"the program", actor.Program("job"), "nothing.do", about(city), true},
	} {
		err := p.Can(c.who, c.action, c.o)
		if (err == nil) != c.may {
			t.Errorf("%s: got %v, may = %v", c.name, err, c.may)
		}
		if f, ok := fault.Of(err); err != nil && (!ok || f.Kind != fault.KindNotFound || f.Denied == "") {
			t.Errorf("%s: a refusal must look like an absent record and keep its reason: %v", c.name, err)
		}
	}
}

// Whoever a matter concerns, and whoever's relative it concerns, is refused in
// every role, even in all at once.
func TestRecusalBeatsEveryRole(t *testing.T) {
	for _, scope := range scopes {
		for _, r := range business() {
			p, err := access.NewPolicy(access.Permit(r, scope, "item.read"))
			if err != nil {
				t.Fatal(err)
			}
			a := with(platformtest.As("p", r, root), func(a *actor.Actor) {
				a.Related = []id.ID{"sister"}
				if slices.Contains(actor.TeamRoles(), r) {
					a.Grants, a.Teams = []actor.Grant{{Role: r, Unit: root.Unit, Path: root.Path}}, []actor.Membership{{Team: "t", Role: r}}
				}
			})
			o := access.Object{Kind: "item", Units: []access.Place{root, city}, By: city, Team: "t", Owners: []id.ID{"p"}}
			if scope == flow.OfTeam && len(a.Teams) == 0 {
				a.Teams = []actor.Membership{{Team: "t", Role: r}}
			}
			if err := p.Can(a, "item.read", o); err != nil {
				t.Errorf("%s over %s: %v", r, scope, err)
			}
			for _, concerned := range []id.ID{"p", "sister"} {
				o.Concerns = []id.ID{"somebody", concerned}
				platformtest.WantKind(t, fmt.Sprintf("%s over %s, concerning %s", r, scope, concerned), p.Can(a, "item.read", o), fault.KindNotFound)
			}
			o.Concerns = []id.ID{"somebody"}
			if err := p.Can(a, "item.read", o); err != nil {
				t.Errorf("%s over %s, concerning somebody else: %v", r, scope, err)
			}
		}
	}
}

func TestPolicyRefusesRules(t *testing.T) {
	for _, r := range []actor.Role{actor.SysAdmin, actor.SecAdmin, actor.Auditor} {
		for _, do := range []string{"finding.read", "item.close", "person.read", "accounts.read", "logs.read"} {
			if _, err := access.NewPolicy(access.Permit(r, flow.Anything, do)); err == nil {
				t.Errorf("%s may hold %s", r, do)
			}
		}
		if _, err := access.NewPolicy(access.Permit(r, flow.Anything, "account.read", "finding.read")); err == nil {
			t.Errorf("%s may hold business behind an administrative action", r)
		}
		if _, err := access.NewPolicy(access.Permit(r, flow.Anything, "account.read", "log.read")); err != nil {
			t.Errorf("%s: %v", r, err)
		}
	}
	if _, err := access.NewPolicy(access.Permit(actor.Staff, flow.Own, "read")); err == nil {
		t.Error("an action without a kind is accepted")
	}
}

func TestRulesOfAWorkflow(t *testing.T) {
	p, err := access.NewPolicy(access.FromFlow(flow.Table{Name: "item", Start: "a", Steps: []flow.Step{
		{From: "a", Do: "send", To: "b", Who: []flow.By{{Role: actor.Liaison, Scope: flow.OfUnit}}},
		{From: "b", Do: "close", To: "c", Who: []flow.By{{Role: actor.Reviewer, Scope: flow.Below}, {Role: actor.Office, Scope: flow.ByUs}}},
	}})...)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Actions(); !slices.Equal(got, []string{"item.close", "item.send"}) {
		t.Errorf("actions: %v", got)
	}
	liaison, reviewer := platformtest.As("l", actor.Liaison, city), platformtest.As("r", actor.Reviewer, province)
	o := access.Object{Kind: "item", State: "a", Units: []access.Place{city}}
	if p.Can(liaison, "item.send", o) != nil || p.Can(reviewer, "item.send", o) == nil || p.Can(reviewer, "item.close", o) == nil {
		t.Error("state a: only the liaison may, and only send")
	}
	o.State = "b"
	if p.Can(liaison, "item.send", o) == nil || p.Can(liaison, "item.close", o) == nil || p.Can(reviewer, "item.close", o) != nil {
		t.Error("state b: only the reviewer may, and only close")
	}
	if p.Ever(liaison, "item.close") || !p.Ever(liaison, "item.send") {
		t.Error("the door is not where the table has it")
	}
}

// What the functions note is what the filter reads, and every row is in the log.
func TestNotesAreRead(t *testing.T) {
	ctx := context.Background()
	parts := platformtest.Parts{Schemas: nil, Rules: []access.Rule{access.Permit(actor.Staff, flow.Below, "thing.read")}}
	platformtest.Each(t, parts, func(t *testing.T, k *platformtest.Kit) {
		err := k.Log.Write(ctx, actor.Program("test"), "thing.make", func(tx *audit.Tx) error {
			if err := access.PutUnit(ctx, tx, city.Unit, []id.ID{city.Unit, province.Unit, root.Unit}); err != nil {
				return err
			}
			for range 2 { // a second note of the same is none
				if err := access.Concern(ctx, tx, "x1", "p", access.Subject); err != nil {
					return err
				}
			}
			return access.Concern(ctx, tx, "x1", "a", access.Declared)
		})
		if err != nil {
			t.Fatal(err)
		}
		err = k.Log.DB().Read(ctx, func(q db.Q) error {
			got, err := access.Concerns(ctx, q, "x1")
			if !slices.Equal(got, []id.ID{"a", "p"}) {
				t.Errorf("whom x1 concerns: %v", got)
			}
			if err != nil {
				return err
			}
			var n int
			err = q.QueryRow(ctx, "SELECT COUNT(*) FROM access_tree WHERE unit_id = $1", string(city.Unit)).Scan(&n)
			if n != 3 {
				t.Errorf("%d rows of the tree", n)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
