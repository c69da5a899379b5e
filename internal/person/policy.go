package person

import (
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/platform/access"
)

// Rules: see "Who may what" of the package.
func Rules() []access.Rule {
	out := []access.Rule{
		access.Permit(actor.Staff, flow.Own, "person.read", "relative.read", "relative.declare", "relative.correct"),
		access.Permit(actor.Leader, flow.Below, "person.read"),
		access.Permit(actor.Personnel, flow.Below, "person.read", "person.identity", "person.reveal", "person.export", "person.create", "person.import",
			"person.edit", "person.post", "person.history", "relative.read", "relative.declare", "relative.correct", "relative.end"),
		access.Permit(actor.Staff, flow.OfUnit, "person.pick"),
	}
	for _, r := range []actor.Role{actor.Leader, actor.Office, actor.UnitHead, actor.Liaison, actor.Reviewer, actor.Supervisor, actor.Personnel, actor.InternalSupervision} {
		out = append(out, access.Permit(r, flow.Below, "person.pick"))
	}
	return append(out, access.FromFlow(Flow)...)
}

// ownActions are what one does with the own record; everything else about
// oneself is somebody else's work.
var ownActions = []string{"person.read", "relative.read", "relative.declare", "relative.correct", "person.pick"}

// object is what access judges of a person. A person is concerned by the own
// record, so kin never see it; he himself does, for what is his own to do.
func object(who actor.Actor, action string, p Person, dir *org.Directory) access.Object {
	o := access.Object{Kind: "person", ID: p.ID, State: p.Status, Units: []access.Place{dir.Place(p.Unit)}, Owners: []id.ID{p.ID}}
	if p.ID != who.Person || !slices.Contains(ownActions, action) {
		o.Concerns = []id.ID{p.ID}
	}
	return o
}

func (s *Service) can(who actor.Actor, action string, p Person) error {
	return s.Policy.Can(who, action, object(who, action, p, s.Dir))
}

// canAt judges an action about people of a unit where no person is yet.
func (s *Service) canAt(who actor.Actor, action string, unit id.ID) error {
	return s.Policy.Can(who, action, access.Object{Kind: "unit", State: Serving, Units: []access.Place{s.Dir.Place(unit)}})
}

// filter is the same judgement for lists over person p.
func (s *Service) filter(who actor.Actor, action string, args *[]any) string {
	cond := s.Policy.Filter(who, action, access.Columns{State: "p.status", Units: []string{"p.unit_id"}, Owners: []string{"p.id"}}, args)
	if who.Has(actor.System) {
		return cond
	}
	hidden := slices.Clone(who.Related)
	if !slices.Contains(ownActions, action) {
		hidden = who.Kin()
	}
	if len(hidden) == 0 {
		return cond
	}
	marks := make([]string, len(hidden))
	for i, n := range hidden {
		*args = append(*args, string(n))
		marks[i] = "$" + strconv.Itoa(len(*args))
	}
	return cond + " AND p.id NOT IN (" + strings.Join(marks, ",") + ")"
}

// hiddenUnit answers for a unit in a form that does not exist.
func hiddenUnit(field, text string) error {
	var f fault.Fields
	f.Add(field, "person.error.unit", text)
	return f.Err()
}
