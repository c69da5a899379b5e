// Package access judges who may do what to which record. One table of rules
// gives both the judgement of a single record (Can) and the filter of a list
// (Filter); a property test over random trees, teams and relatives holds the
// two against each other.
//
// Forbid comes first: whoever is concerned by a matter, or whose relative is,
// neither sees nor counts nor finds it, whatever his role. Then a rule must
// permit: a role, over a scope, for an action, in certain states. What is not
// permitted does not exist for the asker: the answer is that of an absent record.
//
// The three administrators (三员) hold no rule over business records; NewPolicy
// refuses a table that gives them one.
package access

import (
	"context"
	"embed"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
)

// Schema has the two tables that list filters read: who is above whom, and whom
// a record concerns.
//
//go:embed schema/*.sql
var Schema embed.FS

// Tables are the business tables of this package, for the log.
var Tables = []string{"access_tree", "access_concern"}

// Rule permits actions to a role.
type Rule struct {
	Role   actor.Role
	Do     []string // "finding.read", "finding.submit"
	Over   flow.Scope
	States []string // only in these; empty for every state
}

// Permit is a shorthand for rule tables.
func Permit(r actor.Role, over flow.Scope, do ...string) Rule {
	return Rule{Role: r, Do: do, Over: over}
}

// In restricts a rule to states.
func (r Rule) In(states ...string) Rule { r.States = states; return r }

// FromFlow reads the permissions of a workflow from its table.
func FromFlow(t flow.Table) []Rule {
	var out []Rule
	for _, s := range t.Steps {
		for _, by := range s.Who {
			out = append(out, Rule{Role: by.Role, Do: []string{t.Name + "." + s.Do}, Over: by.Scope, States: []string{s.From}})
		}
	}
	return out
}

// administrative are the kinds that the three administrators work on; every
// other kind is business.
var administrative = []string{"account", "grant", "session", "log", "system", "calendar"}

// Policy is the table, indexed by action.
type Policy struct {
	by map[string][]Rule
}

// NewPolicy checks and indexes rules.
func NewPolicy(rules ...Rule) (*Policy, error) {
	p := &Policy{by: map[string][]Rule{}}
	for _, r := range rules {
		for _, do := range r.Do {
			kind, _, ok := strings.Cut(do, ".")
			if !ok {
				return nil, fmt.Errorf("access: action %q is not kind.verb", do)
			}
			if r.Role.Administrator() && !slices.Contains(administrative, kind) {
				return nil, fmt.Errorf("access: %s is an administrator and may not hold %s", r.Role, do)
			}
			p.by[do] = append(p.by[do], r)
		}
	}
	return p, nil
}

// Actions lists every action of the table.
func (p *Policy) Actions() []string {
	out := make([]string, 0, len(p.by))
	for a := range p.by {
		out = append(out, a)
	}
	sort.Strings(out)
	return out
}

// Ever tells whether the actor holds any rule for an action. It is the gate at
// the door; the record itself is judged by Can.
func (p *Policy) Ever(a actor.Actor, action string) bool {
	if a.Has(actor.System) {
		return true
	}
	return slices.ContainsFunc(p.by[action], func(r Rule) bool { return a.Has(r.Role) })
}

// Object is what Can needs to know of a record.
type Object struct {
	Kind     string
	ID       id.ID
	State    string
	Units    []Place // units that the record is about: inspected, responsible, assigned
	By       Place   // unit that made or sent it: the dispatching Party group, the issuing unit
	Team     id.ID
	Owners   []id.ID // persons who made it or work on it
	Concerns []id.ID // persons whom it concerns
}

// Place is a unit with its path.
type Place struct {
	Unit id.ID
	Path string
}

// Can judges one record. The answer to a refusal is a not-found fault that
// carries the reason for the log only.
func (p *Policy) Can(a actor.Actor, action string, o Object) error {
	if a.Has(actor.System) {
		return nil
	}
	for _, k := range a.Kin() {
		if slices.Contains(o.Concerns, k) {
			return fault.Denied(o.Kind, action+": recusal")
		}
	}
	for _, r := range p.by[action] {
		if len(r.States) > 0 && !slices.Contains(r.States, o.State) {
			continue
		}
		if reaches(a, r, o) {
			return nil
		}
	}
	return fault.Denied(o.Kind, action+": no rule")
}

func reaches(a actor.Actor, r Rule, o Object) bool {
	switch r.Over {
	case flow.Anything:
		return a.Has(r.Role)
	case flow.Own:
		return a.Person != "" && a.Has(r.Role) && slices.Contains(o.Owners, a.Person)
	case flow.OfTeam:
		return o.Team != "" && slices.ContainsFunc(a.Teams, func(m actor.Membership) bool { return m.Role == r.Role && m.Team == o.Team })
	case flow.OfUnit:
		return slices.ContainsFunc(grants(a, r.Role), func(g actor.Grant) bool {
			return slices.ContainsFunc(o.Units, func(p Place) bool { return p.Unit == g.Unit })
		})
	case flow.Below:
		return slices.ContainsFunc(grants(a, r.Role), func(g actor.Grant) bool {
			return slices.ContainsFunc(o.Units, func(p Place) bool { return under(p.Path, g.Path) })
		})
	case flow.ByUs:
		return slices.ContainsFunc(grants(a, r.Role), func(g actor.Grant) bool { return under(o.By.Path, g.Path) })
	}
	return false
}

func under(path, root string) bool { return root != "" && strings.HasPrefix(path, root) }

// grants are the places where the actor holds a role; everybody is staff of his own unit.
func grants(a actor.Actor, r actor.Role) []actor.Grant {
	var out []actor.Grant
	for _, g := range a.Grants {
		if g.Role == r {
			out = append(out, g)
		}
	}
	if r == actor.Staff && len(out) == 0 && a.Has(actor.Staff) && a.Unit != "" {
		out = append(out, actor.Grant{Role: r, Unit: a.Unit, Path: a.Path})
	}
	return out
}

// Columns tells Filter where a list keeps what Object holds. An empty name
// means that the kind has no such relation.
type Columns struct {
	State   string   // "f.state"
	Units   []string // "f.unit_id", "f.responsible_id"
	By      string   // "r.unit_id"
	Team    string   // "f.team_id"
	Owners  []string // "f.created_by"
	Concern []string // ids under which a concern may be noted: "f.id"
}

// Filter is the same judgement as SQL: a condition over the columns of a list.
// Values go to args; the condition uses the numbers after those already there.
func (p *Policy) Filter(a actor.Actor, action string, c Columns, args *[]any) string {
	if a.Has(actor.System) {
		return "TRUE"
	}
	var permit []string
	for _, r := range p.by[action] {
		if len(r.States) > 0 && c.State == "" {
			continue // before any argument is taken: PostgreSQL refuses one that no condition names
		}
		cond := condition(a, r, c, args)
		if cond == "" {
			continue
		}
		if len(r.States) > 0 {
			cond = "(" + cond + " AND " + c.State + " IN (" + marks(args, r.States) + "))"
		}
		permit = append(permit, cond)
	}
	if len(permit) == 0 {
		return "FALSE"
	}
	out := "(" + strings.Join(unique(permit), " OR ") + ")"
	if kin := a.Kin(); len(kin) > 0 {
		for _, col := range c.Concern {
			// A reference that is NULL concerns nobody; NULL NOT IN (…) would hide the record.
			out += " AND COALESCE(" + col + ", '') NOT IN (SELECT object_id FROM access_concern WHERE person_id IN (" + marks(args, kin) + "))"
		}
	}
	return out
}

func condition(a actor.Actor, r Rule, c Columns, args *[]any) string {
	switch r.Over {
	case flow.Anything:
		if a.Has(r.Role) {
			return "TRUE"
		}
	case flow.Own:
		if a.Person != "" && a.Has(r.Role) && len(c.Owners) > 0 {
			return anyOf(c.Owners, func(col string) string { return col + " = " + mark(args, a.Person) })
		}
	case flow.OfTeam:
		var teams []id.ID
		for _, m := range a.Teams {
			if m.Role == r.Role && m.Team != "" {
				teams = append(teams, m.Team)
			}
		}
		if len(teams) > 0 && c.Team != "" {
			return c.Team + " IN (" + marks(args, teams) + ")"
		}
	case flow.OfUnit:
		var units []id.ID
		for _, g := range grants(a, r.Role) {
			units = append(units, g.Unit)
		}
		if len(units) > 0 && len(c.Units) > 0 {
			return anyOf(c.Units, func(col string) string { return col + " IN (" + marks(args, units) + ")" })
		}
	case flow.Below:
		return below(grants(a, r.Role), c.Units, args)
	case flow.ByUs:
		if c.By != "" {
			return below(grants(a, r.Role), []string{c.By}, args)
		}
	}
	return ""
}

func below(gs []actor.Grant, cols []string, args *[]any) string {
	if len(gs) == 0 || len(cols) == 0 {
		return ""
	}
	var roots []id.ID
	for _, g := range gs {
		if g.Path == "" {
			continue
		}
		if strings.Count(g.Path, "/") == 1 {
			// The root: every unit is below it, but a record without a unit is below nothing.
			return anyOf(cols, func(col string) string { return col + " <> ''" })
		}
		roots = append(roots, g.Unit)
	}
	if len(roots) == 0 {
		return ""
	}
	return anyOf(cols, func(col string) string {
		return col + " IN (SELECT unit_id FROM access_tree WHERE above_id IN (" + marks(args, roots) + "))"
	})
}

// Ours narrows a list to what the actor's own units made or asked for. Whoever may act
// for every unit below finds at his desk what waits for his own; what waits for one of
// the others stands in the lists.
func Ours(who actor.Actor, column string, args *[]any) string {
	var units []id.ID
	if who.Unit != "" {
		units = append(units, who.Unit)
	}
	for _, g := range who.Grants {
		if g.Unit != "" && !slices.Contains(units, g.Unit) {
			units = append(units, g.Unit)
		}
	}
	if len(units) == 0 {
		return " AND FALSE"
	}
	return " AND " + column + " IN (" + marks(args, units) + ")"
}

func anyOf(cols []string, fn func(string) string) string {
	parts := make([]string, len(cols))
	for i, c := range cols {
		parts[i] = fn(c)
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}

func mark[T ~string](args *[]any, v T) string {
	*args = append(*args, string(v))
	return "$" + strconv.Itoa(len(*args))
}

func marks[T ~string](args *[]any, vs []T) string {
	out := make([]string, len(vs))
	for i, v := range vs {
		out[i] = mark(args, v)
	}
	return strings.Join(out, ",")
}

func unique(in []string) []string {
	slices.Sort(in)
	return slices.Compact(in)
}

// Concerns lists the persons whom a record concerns.
func Concerns(ctx context.Context, q db.Q, objects ...id.ID) ([]id.ID, error) {
	if len(objects) == 0 {
		return []id.ID{}, nil // "IN ()" is no SQL to PostgreSQL and would end the transaction
	}
	var args []any
	rows, err := q.Query(ctx, "SELECT person_id FROM access_concern WHERE object_id IN ("+marks(&args, objects)+") ORDER BY person_id", args...)
	out, err := db.Collect(rows, err, func(r scanner) (p id.ID, err error) { return p, r.Scan(&p) })
	if err != nil {
		return nil, fmt.Errorf("read whom it concerns: %w", err)
	}
	return out, nil
}
