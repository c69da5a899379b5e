package access_test

import (
	"context"
	"fmt"
	"strings"

	"pgregory.net/rapid"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/db"
)

// thing is a record of the tests; every relation may be missing.
type thing struct {
	ID, Parent, State, Unit, Other, By, Team, Maker, Worker string
}

// world is a tree, people, records and a table of rules, all by chance.
type world struct {
	units  []access.Place
	above  [][2]string // unit, above
	things []thing
	extra  thing
	concern
	actors  []actor.Actor
	actions []string
	policy  *access.Policy
}

// concern notes whom a record concerns: record → persons.
type concern map[string][]string

var (
	states  = []string{"draft", "sent", "closed"}
	actions = []string{"thing.read", "thing.write", "thing.close"}
	scopes  = []flow.Scope{flow.Own, flow.OfTeam, flow.OfUnit, flow.Below, flow.ByUs, flow.Anything}
	persons = []string{"p0", "p1", "p2", "p3", "p4"}
	teams   = []string{"t0", "t1", "t2"}
)

func business() []actor.Role {
	var out []actor.Role
	for _, r := range append(actor.Roles(), actor.TeamRoles()...) {
		if !r.Administrator() {
			out = append(out, r)
		}
	}
	return out
}

func drawWorld(t *rapid.T) *world {
	w := &world{concern: concern{}, actions: actions}
	w.drawTree(t)
	for i := range rapid.IntRange(1, 12).Draw(t, "things") {
		w.things = append(w.things, w.drawThing(t, fmt.Sprintf("x%d", i)))
	}
	w.extra = w.drawThing(t, "extra")
	for range rapid.IntRange(1, 3).Draw(t, "actors") {
		w.actors = append(w.actors, w.drawActor(t))
	}
	var rules []access.Rule
	for range rapid.IntRange(1, 8).Draw(t, "rules") {
		r := access.Permit(rapid.SampledFrom(business()).Draw(t, "role"), rapid.SampledFrom(scopes).Draw(t, "scope"),
			rapid.SliceOfN(rapid.SampledFrom(actions), 1, 2).Draw(t, "actions")...)
		rules = append(rules, r.In(rapid.SliceOfN(rapid.SampledFrom(states), 0, 2).Draw(t, "states")...))
	}
	p, err := access.NewPolicy(rules...)
	if err != nil {
		t.Fatal(err)
	}
	w.policy = p
	return w
}

// drawTree makes paths of codes that begin alike (1, 11, 111), so that a test
// of beginnings without the separator would be found out.
func (w *world) drawTree(t *rapid.T) {
	w.units = []access.Place{{Unit: "u0", Path: "spp/"}}
	line := [][]string{{"u0"}}
	for i := range rapid.IntRange(0, 39).Draw(t, "units") {
		parent := rapid.IntRange(0, len(w.units)-1).Draw(t, "parent")
		if len(line[parent]) >= 5 {
			parent = 0
		}
		code := strings.Repeat("1", i+1)
		u := fmt.Sprintf("u%d", i+1)
		w.units = append(w.units, access.Place{Unit: id.ID(u), Path: w.units[parent].Path + code + "/"})
		line = append(line, append([]string{u}, line[parent]...))
	}
	for i, l := range line {
		for _, a := range l {
			w.above = append(w.above, [2]string{string(w.units[i].Unit), a})
		}
	}
}

func (w *world) place(t *rapid.T, label string) access.Place {
	return rapid.SampledFrom(w.units).Draw(t, label)
}

func maybe(t *rapid.T, label string, from []string) string {
	return rapid.SampledFrom(append([]string{""}, from...)).Draw(t, label)
}

func (w *world) drawThing(t *rapid.T, name string) thing {
	units := make([]string, len(w.units))
	for i, u := range w.units {
		units[i] = string(u.Unit)
	}
	x := thing{ID: name, State: rapid.SampledFrom(states).Draw(t, "state"), Unit: maybe(t, "unit", units), Other: maybe(t, "other unit", units),
		By: maybe(t, "by", units), Team: maybe(t, "team", teams), Maker: maybe(t, "maker", persons), Worker: maybe(t, "worker", persons),
		Parent: maybe(t, "parent", []string{"parent0", "parent1"})}
	for _, of := range []string{x.ID, x.Parent} {
		if p := maybe(t, "concerned", persons); of != "" && p != "" && rapid.Bool().Draw(t, "noted") {
			w.concern[of] = append(w.concern[of], p)
		}
	}
	return x
}

func (w *world) drawActor(t *rapid.T) actor.Actor {
	switch rapid.IntRange(0, 19).Draw(t, "kind of actor") {
	case 0:
		return actor.Actor{}
	case 1:
		return actor.Program("job")
	}
	a := actor.Actor{Account: "account", Person: id.ID(maybe(t, "person", persons))}
	if rapid.Bool().Draw(t, "has a unit") {
		p := w.place(t, "own unit")
		a.Unit, a.Path = p.Unit, p.Path
	}
	for range rapid.IntRange(0, 3).Draw(t, "grants") {
		p := w.place(t, "granted unit")
		a.Grants = append(a.Grants, actor.Grant{Role: rapid.SampledFrom(actor.Roles()).Draw(t, "granted role"), Unit: p.Unit, Path: p.Path})
	}
	for range rapid.IntRange(0, 2).Draw(t, "seats") {
		a.Teams = append(a.Teams, actor.Membership{Team: id.ID(rapid.SampledFrom(teams).Draw(t, "seat")), Role: rapid.SampledFrom(actor.TeamRoles()).Draw(t, "seat's role")})
	}
	for range rapid.IntRange(0, 2).Draw(t, "relatives") {
		a.Related = append(a.Related, id.ID(rapid.SampledFrom(persons).Draw(t, "relative")))
	}
	return a
}

// object is what a room builds of a record for Can.
func (w *world) object(x thing) access.Object {
	find := func(u string) (access.Place, bool) {
		for _, p := range w.units {
			if string(p.Unit) == u {
				return p, true
			}
		}
		return access.Place{}, false
	}
	o := access.Object{Kind: "thing", ID: id.ID(x.ID), State: x.State, Team: id.ID(x.Team)}
	for _, u := range []string{x.Unit, x.Other} {
		if p, ok := find(u); ok {
			o.Units = append(o.Units, p)
		}
	}
	o.By, _ = find(x.By)
	for _, p := range []string{x.Maker, x.Worker} {
		if p != "" {
			o.Owners = append(o.Owners, id.ID(p))
		}
	}
	for _, of := range []string{x.ID, x.Parent} {
		for _, p := range w.concern[of] {
			o.Concerns = append(o.Concerns, id.ID(p))
		}
	}
	return o
}

const thingTable = `
CREATE TABLE thing (
	id TEXT PRIMARY KEY,
	parent_id TEXT,
	state TEXT NOT NULL,
	unit_id TEXT,
	other_id TEXT,
	by_id TEXT,
	team_id TEXT,
	maker_id TEXT,
	worker_id TEXT
);
`

var columns = access.Columns{State: "t.state", Units: []string{"t.unit_id", "t.other_id"}, By: "t.by_id", Team: "t.team_id",
	Owners: []string{"t.maker_id", "t.worker_id"}, Concern: []string{"t.id", "t.parent_id"}}

// rows inserts many rows with one statement.
func rows(ctx context.Context, tx *db.Tx, into string, values [][]string) error {
	if len(values) == 0 {
		return nil
	}
	var args []any
	var marks []string
	for _, v := range values {
		var ms []string
		for _, s := range v {
			args = append(args, db.Null(s))
			ms = append(ms, fmt.Sprintf("$%d", len(args)))
		}
		marks = append(marks, "("+strings.Join(ms, ",")+")")
	}
	_, err := tx.Exec(ctx, "INSERT INTO "+into+" VALUES "+strings.Join(marks, ","), args...)
	return err
}

func insertThings(ctx context.Context, tx *db.Tx, things ...thing) error {
	var vs [][]string
	for _, x := range things {
		vs = append(vs, []string{x.ID, x.Parent, x.State, x.Unit, x.Other, x.By, x.Team, x.Maker, x.Worker})
	}
	return rows(ctx, tx, "thing (id, parent_id, state, unit_id, other_id, by_id, team_id, maker_id, worker_id)", vs)
}

// store writes the world, all but the extra record.
func (w *world) store(ctx context.Context, tx *db.Tx) error {
	var tree, about [][]string
	for i, a := range w.above {
		tree = append(tree, []string{fmt.Sprintf("tree%d", i), a[0], a[1]})
	}
	for of, ps := range w.concern {
		for _, p := range ps {
			about = append(about, []string{fmt.Sprintf("concern%d", len(about)), of, p, access.Subject, "2026-03-02T01:00:00Z"})
		}
	}
	if err := rows(ctx, tx, "access_tree (id, unit_id, above_id)", tree); err != nil {
		return err
	}
	for _, v := range about { // a person may be noted twice for a record by chance
		_, err := tx.Exec(ctx, "INSERT INTO access_concern (id, object_id, person_id, ground, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
			v[0], v[1], v[2], v[3], v[4])
		if err != nil {
			return err
		}
	}
	return insertThings(ctx, tx, w.things...)
}
