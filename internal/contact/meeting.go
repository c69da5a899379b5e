package contact

import (
	"context"
	"slices"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/person"
	"huikan/internal/platform/db"
)

// Meeting is how somebody who handles a case met a party, lawyer, special relation
// or intermediary: at work in working hours, elsewhere with approval before,
// or unforeseen, which is reported within the days of the rules.
const (
	MetAtWork     = "at_work"
	MetApproved   = "approved"
	MetUnforeseen = "unforeseen"
)

// Meetings lists the ways to have met.
func Meetings() []string { return []string{MetAtWork, MetApproved, MetUnforeseen} }

// Prohibited is a kind of contact that the rules forbid, with its article.
type Prohibited struct {
	Code    string     `yaml:"code" json:"code"`
	Source  string     `yaml:"source" json:"source"`
	Article int        `yaml:"article" json:"article"`
	Item    int        `yaml:"item" json:"item"`
	Askers  []string   `yaml:"askers" json:"askers"`
	From    clock.Date `yaml:"from" json:"from"`
	Mark    string     `yaml:"mark" json:"mark,omitempty"`
}

// ProhibitedFor lists the kinds that bound contacts with a kind of asker on a day.
func (r *RuleSet) ProhibitedFor(asker string, on clock.Date) []Prohibited {
	var out []Prohibited
	for _, p := range r.Prohibited {
		if p.From <= on && slices.Contains(p.Askers, asker) {
			out = append(out, p)
		}
	}
	return out
}

// prohibitedKind finds a kind by its code.
func (r *RuleSet) prohibitedKind(code string) (Prohibited, bool) {
	i := slices.IndexFunc(r.Prohibited, func(p Prohibited) bool { return p.Code == code })
	if i < 0 {
		return Prohibited{}, false
	}
	return r.Prohibited[i], true
}

// ReportLate tells whether an unforeseen contact was recorded after its last day.
func (m Matter) ReportLate() bool { return m.ReportBy != "" && m.Recorded > m.ReportBy }

// checkMeeting judges how the two met: a record of the class for contacts out of
// place must say it.
func (c Content) checkMeeting(rules *RuleSet, bad *fault.Fields) {
	k, _ := rules.Category(c.Claimed)
	switch {
	case c.Meeting == "" && k.Group == Contact:
		bad.Add("meeting", "contact.bad.meeting")
	case c.Meeting != "" && !slices.Contains(Meetings(), c.Meeting):
		bad.Add("meeting", "contact.bad.pick")
	}
}

// reportBy is the last day for reporting an unforeseen contact.
func (s *Service) reportBy(c Content) clock.Date {
	if c.Meeting != MetUnforeseen {
		return ""
	}
	return s.Rules.Due("contact", c.On, s.Calendar)
}

// Bodies that manage somebody: the unit where he serves, the level above it
// for who leads a unit, another organ for who is no member of the staff.
const (
	ManagedByUnit  = "unit"
	ManagedByUpper = "upper"
	ManagedByOther = "other"
)

// Managers lists them.
func Managers() []string { return []string{ManagedByUnit, ManagedByUpper, ManagedByOther} }

// Manager is the body that a person's post points to, with the unit when it is known.
type Manager struct {
	Kind string `json:"kind"`
	Unit id.ID  `json:"unit,omitempty"`
	Why  string `json:"why"` // leadership, staff, departed, outside
}

// managerOf proposes the body that manages the person asking: by his post when he is
// known, else by what the record says of him. Nothing is proposed where neither does.
func (s *Service) managerOf(ctx context.Context, q db.Q, c Content) (m Manager, err error) {
	u, known := s.Units.Resolve(c.AskerUnit)
	leads, serving := c.AskerLeader, c.AskerPerson != ""
	if serving {
		p, err := person.ByID(ctx, q, c.AskerPerson)
		if err != nil {
			return m, err
		}
		if p.Status != person.Serving {
			return Manager{Kind: ManagedByUnit, Unit: p.Unit, Why: "departed"}, nil
		}
		u, known = s.Units.Unit(p.Unit)
		leads = p.Leadership
	}
	insider := serving || s.Rules.Insider(c.Asker) && known
	switch {
	case insider && leads && u.Parent != "":
		return Manager{Kind: ManagedByUpper, Unit: u.Parent, Why: "leadership"}, nil
	case insider && leads: // the leadership of the Supreme: managed outside of the procuratorates
		return Manager{Kind: ManagedByOther, Why: "leadership"}, nil
	case insider:
		return Manager{Kind: ManagedByUnit, Unit: u.ID, Why: "staff"}, nil
	case !s.Rules.Insider(c.Asker) && slices.Contains([]string{"leader", "leader_kin", "organisation"}, c.Asker):
		return Manager{Kind: ManagedByOther, Why: "outside"}, nil
	}
	return Manager{}, nil
}
