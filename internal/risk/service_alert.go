package risk

import (
	"context"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

func (s *Service) alertObject(a Alert) access.Object {
	return access.Object{Kind: "alert", ID: a.ID, State: a.State, Units: []access.Place{s.Units.Place(a.Home)}, Concerns: a.Concerns}
}

// Alert opens an alert with its facts; every opening is in the log.
func (s *Service) Alert(ctx context.Context, who actor.Actor, n id.ID) (a Alert, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		if a, err = alertByID(ctx, q, n); err != nil {
			return err
		}
		return s.policy.Can(who, "alert.read", s.alertObject(a))
	})
	if err != nil {
		s.log.Refused(ctx, who, "alert.read", err)
		return a, err
	}
	if err := s.openJSON("risk_alert", a.ID, a.sealed, &a.Facts); err != nil {
		return a, err
	}
	return a, s.log.Note(ctx, who, "alert.read", map[string]any{"no": a.No})
}

// Judge takes one step with an alert.
func (s *Service) Judge(ctx context.Context, who actor.Actor, n id.ID, do string, cmd AlertCmd) (a Alert, err error) {
	err = s.log.Write(ctx, who, "alert."+do, func(tx *audit.Tx) error {
		if a, err = alertByID(ctx, tx, n); err != nil {
			return err
		}
		if err := s.policy.Can(who, "alert.read", s.alertObject(a)); err != nil {
			return err
		}
		if _, err := AlertFlow.Next(a.State, do); err != nil {
			return err
		}
		if err := s.policy.Can(who, "alert."+do, s.alertObject(a)); err != nil {
			return err
		}
		if cmd.Rev != 0 && cmd.Rev != a.Rev {
			return fault.Conflict("alert")
		}
		if err := s.step(ctx, tx, who, a, do, cmd); err != nil {
			return err
		}
		a, err = alertByID(ctx, tx, n)
		return err
	})
	return a, err
}

// step moves an alert on inside a transaction.
func (s *Service) step(ctx context.Context, tx *audit.Tx, who actor.Actor, a Alert, do string, cmd AlertCmd) error {
	to, err := AlertFlow.Next(a.State, do)
	if err != nil {
		return err
	}
	set, _, err := s.settings(ctx, tx)
	if err != nil {
		return err
	}
	bad := cmd.check(do, s.today(), set["snooze.days"])
	if cmd.Point != "" {
		p, err := pointByID(ctx, tx, cmd.Point)
		if err != nil && !fault.Is(err, fault.KindNotFound) {
			return err
		}
		if err != nil || s.policy.Can(who, "risk_point.read", s.pointObject(p)) != nil {
			bad.Add("point", "risk.alert.bad.point")
		}
	}
	if err := bad.Err(); err != nil {
		return err
	}
	old := a.State
	a.State = to
	switch do {
	case "verify":
		a.Verifier = who.Person
	case "snooze":
		a.Snooze = cmd.Until
	case "wake":
		a.Snooze, a.Due = "", s.today().AddDays(set["alert.days"])
	case "clear":
		if a.Level == 1 && a.Verifier != "" && a.Verifier == who.Person {
			return forbid("risk.refuse.second")
		}
	case "reopen":
		a.Decided, a.Verifier = "", who.Person
	case "lead":
		if a.Lead, err = s.lead(ctx, tx, who, a, cmd.Text); err != nil {
			return err
		}
	}
	if decided(to) {
		a.Decided, a.Point = s.today(), cmd.Point
	}
	tx.Note("no", a.No)
	if err := s.enter(ctx, tx, Entry{Object: a.ID, Person: who.Person, Do: do, Old: old, New: to, Text: cmd.Text}); err != nil {
		return err
	}
	return updateAlert(ctx, tx, a)
}

// lead hands an alert to the room of leads; only the number that it returns stays.
func (s *Service) lead(ctx context.Context, tx *audit.Tx, who actor.Actor, a Alert, text string) (string, error) {
	if a.Person == "" {
		return "", forbid("risk.refuse.nobody")
	}
	if s.TakeLead == nil {
		return "", fault.Unavailable("risk.refuse.leads")
	}
	if err := s.openJSON("risk_alert", a.ID, a.sealed, &a.Facts); err != nil {
		return "", err
	}
	cmd := LeadCmd{Ref: a.No, Person: a.Person, Facts: text}
	if a.Facts.CaseNo != "" {
		cmd.Facts += "\n" + a.Facts.CaseNo
	}
	for _, e := range a.Facts.Events {
		if cmd.From == "" || e.Day < cmd.From {
			cmd.From = e.Day
		}
		cmd.To = max(cmd.To, e.Day)
	}
	return s.TakeLead(ctx, tx, who, cmd)
}

// Precisions gives for each version of a rule how often people found it right.
func (s *Service) Precisions(ctx context.Context, who actor.Actor) (out []Precision, err error) {
	if err := s.policy.Can(who, "alert.count", access.Object{Kind: "alert"}); err != nil {
		return nil, err
	}
	err = s.log.DB().Read(ctx, func(q db.Q) (err error) {
		out, err = precisions(ctx, q, s.policy, who, "", 0)
		return err
	})
	return out, err
}

// Judged says how often the alerts at a unit and below it were right that the actor
// may see and that people judged from one day to another.
func (s *Service) Judged(ctx context.Context, who actor.Actor, under id.ID, from, to clock.Date) (out Interval, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		right, all, err := judgedIn(ctx, q, s.policy, who, under, from, to)
		out = Wilson(right, all)
		return err
	})
	return out, err
}

// Alerts lists alerts that the actor may see, newest first, their facts closed.
func (s *Service) Alerts(ctx context.Context, who actor.Actor, pq page.Query) (out []Alert, next page.Next, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) (err error) {
		out, next, err = visibleAlerts(ctx, q, s.policy, who, alertFilter{}, pq)
		return err
	})
	return out, next, err
}

// takenAtOnce is how many alerts one transaction takes over. Each counts the numbers
// of all its units on, so that few large ones write far less than many small ones.
const takenAtOnce = 20_000

// AddMany takes alerts over that stand elsewhere already, such as those of an
// earlier system, and whom each concerns. Numbers and seals are made here.
func (s *Service) AddMany(ctx context.Context, who actor.Actor, list []Alert) error {
	if err := s.policy.Can(who, "risk_run.start", access.Object{Kind: "risk_run"}); err != nil {
		return err
	}
	for len(list) > 0 {
		part := list[:min(takenAtOnce, len(list))]
		list = list[len(part):]
		concerns := make([][]id.ID, len(part))
		for i := range part {
			a := &part[i]
			a.ID, a.Rev = id.New(), 1
			if a.Home == "" {
				a.Home = s.home(a.Unit, a.Subject == OfUnit)
			}
			a.base = digestOf(a.Rule, string(a.ID))
			a.digest = digestOf(a.base, "")
			if decided(a.State) && a.Decided == "" {
				a.Decided = a.Found
			}
			if a.Person != "" {
				concerns[i] = append([]id.ID{a.Person}, a.Concerns...)
			}
			var err error
			if a.sealed, err = s.sealJSON("risk_alert", a.ID, a.Facts); err != nil {
				return err
			}
		}
		err := s.log.Write(ctx, who, "risk_run.start", func(tx *audit.Tx) error { return s.insertAlerts(ctx, tx, part, concerns) })
		if err != nil {
			return err
		}
	}
	return nil
}
