package contact

import (
	"context"
	"slices"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/secret"
)

// HandleCmd is one step of the office.
type HandleCmd struct {
	Category string `json:"category"` // classify
	Outcome  string `json:"outcome"`  // feedback
	Text     string `json:"text"`
	Rev      int64  `json:"rev"`
	// Prohibited is the forbidden kind that a contact is of, if any (classify; R-13).
	Prohibited string `json:"prohibited"`
	Managed    string `json:"managed"` // refer: what manages the person

	lead string // number under which it goes on as a lead
}

// wordless are the steps that need no words.
var wordless = []string{"check", "classify", "archive"}

// consequential are the steps that only a class with consequences allows.
var consequential = []string{"refer", "circulate"}

// Handle takes one step of the office on a matter that it has opened today.
// Giving an answer and archiving need no second reading.
func (s *Service) Handle(ctx context.Context, who actor.Actor, n id.ID, do string, c HandleCmd) (m Matter, err error) {
	var bad fault.Fields
	if !slices.Contains(wordless, do) {
		bad.Need("text", c.Text)
	}
	bad.Max("text", c.Text, maxText)
	if _, ok := s.Rules.Category(c.Category); do == "classify" && !ok {
		bad.Add("category", "contact.bad.pick")
	}
	if do == "feedback" && !slices.Contains(Outcomes(), c.Outcome) {
		bad.Add("outcome", "contact.bad.pick")
	}
	if do == "refer" && !slices.Contains(Managers(), c.Managed) {
		bad.Add("managed", "contact.bad.pick")
	}
	if err := bad.Err(); err != nil {
		return m, err
	}
	err = s.log.Write(ctx, who, "matter."+do, func(tx *audit.Tx) error {
		var to string
		if m, to, err = s.step(ctx, tx, who, n, do, c.Rev); err != nil {
			return err
		}
		if slices.Contains(consequential, do) && m.group(s.Rules) != Improper {
			return fault.State("matter.not_improper")
		}
		env, err := s.key(ctx, tx, who, m)
		if err != nil {
			return err
		}
		if do == "classify" {
			if err := s.classify(&m, c); err != nil {
				return err
			}
		}
		if do == "feedback" {
			m.Outcome = c.Outcome
		}
		if do == "refer" {
			m.Managed = c.Managed
			if c.lead, err = s.refer(ctx, tx, who, m, env, c.Text); err != nil {
				return err
			}
		}
		return s.advance(ctx, tx, who, &m, do, to, c, env)
	})
	return m, err
}

// classify sets the class, and the prohibited kind that the contact is of: one that
// bound contacts with such an asker on the day of the record, with a class that is
// not a neutral one.
func (s *Service) classify(m *Matter, c HandleCmd) error {
	m.Category, m.Prohibited = c.Category, c.Prohibited
	if c.Prohibited == "" {
		return nil
	}
	var bad fault.Fields
	if !slices.ContainsFunc(s.Rules.ProhibitedFor(m.Asker, m.Recorded), func(p Prohibited) bool { return p.Code == c.Prohibited }) {
		bad.Add("prohibited", "contact.bad.pick")
	} else if m.group(s.Rules) == Neutral {
		bad.Add("prohibited", "contact.bad.prohibited")
	}
	return bad.Err()
}

// refer makes a lead of a matter about somebody of the procuratorates; others are
// referred on paper to the body that manages them.
func (s *Service) refer(ctx context.Context, tx *audit.Tx, who actor.Actor, m Matter, env secret.Envelope, text string) (no string, err error) {
	if s.Refer == nil || !m.Insider {
		return "", nil
	}
	e, err := submission(ctx, tx, m.ID)
	if err != nil {
		return "", err
	}
	p, err := unseal(env, e)
	if err != nil || p.Content == nil {
		return "", err
	}
	r := Referral{Code: m.Code, Person: p.Content.AskerPerson, Name: p.Content.AskerName, On: p.Content.On, Group: m.group(s.Rules), Text: text}
	if u, ok := s.Units.Resolve(p.Content.AskerUnit); ok {
		r.Unit = u.ID
	}
	if r.Person == "" && r.Unit == "" {
		return "", nil
	}
	return s.Refer(ctx, tx, who, r)
}

// group is the group of the class in force.
func (m Matter) group(r *RuleSet) string {
	c, _ := r.Category(m.category())
	return c.Group
}

// advance writes one step of the office with its dated, sealed entry.
func (s *Service) advance(ctx context.Context, tx *audit.Tx, who actor.Actor, m *Matter, do, to string, c HandleCmd, env secret.Envelope) error {
	detail := ""
	switch do {
	case "classify":
		detail = c.Category
	case "feedback":
		detail = c.Outcome
	case "refer":
		detail = c.lead
	}
	e := Entry{ID: id.New(), Do: do, From: m.State, To: to, Unit: officeOf(who, *m), Detail: detail}
	if c.Text != "" {
		if err := seal(env, &e, payload{Text: c.Text}); err != nil {
			return err
		}
	}
	m.State, m.Due = to, s.dueOf(to, *m)
	if err := s.put(ctx, tx, *m); err != nil {
		return err
	}
	m.Rev++
	return insertEntry(ctx, tx, m.ID, e)
}

// dueOf is the limit of the next step by the rules.
func (s *Service) dueOf(state string, m Matter) clock.Date {
	limit := "answer"
	switch state {
	case Answered, Archived, Withdrawn, Discarded:
		return ""
	case Submitted, Checked:
		limit = "check"
	case Classified:
		if m.group(s.Rules) == Improper {
			limit = "verify"
		}
	}
	return s.Rules.Due(limit, s.today(), s.Calendar)
}

// Harmless tells whether a record can be settled as a lawful question from its
// index row alone: so classed by the reporter, asked by a party or lawyer,
// without effect on the case.
func (m Matter) lawful(r *RuleSet) bool {
	c, _ := r.Category(m.Claimed)
	return m.State == Submitted && m.Harmless && c.Harmless && !m.Affected && !m.Insider && slices.Contains([]string{"party", "lawyer", "special", "other"}, m.Asker)
}

// BulkCmd names matters of a list.
type BulkCmd struct {
	Matters []id.ID `json:"id"`
}

const maxBulk = 200

// SettleHarmless confirms lawful questions, each with its own entries; all of
// them or none. No content is opened for it.
func (s *Service) SettleHarmless(ctx context.Context, who actor.Actor, c BulkCmd) (int, error) {
	if len(c.Matters) == 0 || len(c.Matters) > maxBulk {
		return 0, fault.Limit("contact.bad.bulk", maxBulk)
	}
	err := s.log.Write(ctx, who, "matter.settle", func(tx *audit.Tx) error {
		for _, n := range c.Matters {
			m, _, err := s.step(ctx, tx, who, n, "check", 0)
			if err != nil {
				return err
			}
			if !m.lawful(s.Rules) {
				return fault.State("matter.not_lawful", m.Code)
			}
			m.Category, m.Outcome = m.Claimed, "harmless"
			for _, step := range []struct {
				do string
				c  HandleCmd
			}{{"check", HandleCmd{}}, {"classify", HandleCmd{Category: m.Claimed}}, {"feedback", HandleCmd{Outcome: "harmless"}}} {
				to, err := Flow.Next(m.State, step.do)
				if err != nil {
					return err
				}
				if err := s.advance(ctx, tx, who, &m, step.do, to, step.c, secret.Envelope{}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return len(c.Matters), err
}
