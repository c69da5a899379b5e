package contact

import (
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/platform/access"
	"huikan/internal/platform/secret"
)

// Rules: the reporter sees what is his own; the two offices that hold a wrap see
// the index row and may open it with a purpose. Leaders see whether returns were
// filed and figures, never a matter. OfUnit is meant: an office two levels up
// reads statistics, not records.
func Rules() []access.Rule {
	rules := access.FromFlow(Flow)
	rules = append(rules, access.FromFlow(OpeningFlow)...)
	for _, t := range []flow.Table{CrosscheckFlow, DrawFlow, LetterFlow, OmissionFlow, TalkFlow, TakeoverFlow} {
		rules = append(rules, access.FromFlow(t)...)
	}
	return append(rules,
		access.Permit(actor.Staff, flow.Own, "matter.read", "matter.receipt", "return.file", "return.read", "return.confirm", "delegate.name", "delegate.end"),
		access.Permit(actor.Staff, flow.OfUnit, "gate.file", "gate.read"),
		access.Permit(actor.InternalSupervision, flow.OfUnit, "matter.read", "matter.open", "matter.bulk").In(Kept...),
		access.Permit(actor.InternalSupervision, flow.OfUnit, "crosscheck.read", "crosscheck.run", "draw.read", "draw.commit", "letter.read", "omission.read", "talk.read", "summary.send"),
		access.Permit(actor.InternalSupervision, flow.Anything, "matter.around", "published.read", "published.take"),
		access.Permit(actor.Leader, flow.Anything, "published.read"),
		access.Permit(actor.InternalSupervision, flow.Below, "return.calendar", "return.office", "return.remind", "return.close", "return.admit", "return.setting", "return.takeover", "delegate.name", "delegate.end", "register.stats", "silence.read", "caseload.import", "summary.read", "overdue.read", "omission.note", "talk.arrange"),
		access.Permit(actor.Leader, flow.Below, "return.calendar", "register.stats"),
		access.Permit(actor.UnitHead, flow.OfUnit, "return.calendar"),
		access.Permit(actor.Liaison, flow.OfUnit, "return.calendar"))
}

// Ref is the pseudonym under which this room knows a person. Rows of matters and
// of concerns hold it instead of the person, so that the table alone names nobody.
func (s *Service) Ref(person id.ID) id.ID {
	if person == "" {
		return ""
	}
	return id.ID(s.Keys.Blind(secret.Contact, "person/"+string(person))[:32])
}

// shadow is the actor under the pseudonyms of this room: the policy judges
// matters by him.
func (s *Service) shadow(who actor.Actor) actor.Actor {
	who.Person = s.Ref(who.Person)
	related := make([]id.ID, len(who.Related))
	for i, n := range who.Related {
		related[i] = s.Ref(n)
	}
	who.Related = related
	return who
}

// object is what the policy needs to know of a matter.
func (s *Service) object(m Matter, concerns []id.ID) access.Object {
	o := access.Object{Kind: "matter", ID: m.ID, State: m.State, Owners: []id.ID{id.ID(m.Reporter)}, Concerns: concerns, Units: []access.Place{s.Units.Place(m.Office)}}
	if m.Upper != "" {
		o.Units = append(o.Units, s.Units.Place(m.Upper))
	}
	return o
}

// matterColumns tell the policy where a list of matters keeps what object holds.
var matterColumns = access.Columns{State: "m.state", Units: []string{"m.office_id", "m.upper_id"}, Owners: []string{"m.reporter"}, Concern: []string{"m.id"}}

// place is the object of an action about the returns of a unit.
// unitFor is the unit that a command names by a text, when the actor may do it there.
func (s *Service) unitFor(who actor.Actor, action, text string) (org.Unit, error) {
	u, ok := s.Units.Resolve(text)
	if !ok {
		return u, fault.NotFound("unit")
	}
	return u, s.policy.Can(who, action, s.place(u.ID))
}

func (s *Service) place(unit id.ID) access.Object {
	return access.Object{Kind: "unit", Units: []access.Place{s.Units.Place(unit)}}
}
