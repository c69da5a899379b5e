package screening

import (
	"context"
	"slices"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/screening/rules"
)

// TalkCmd notes a talk with somebody who is about to leave.
type TalkCmd struct {
	Key      string     `json:"key"`
	Leaving  string     `json:"leaving"`
	LeaveOn  clock.Date `json:"leave_on"`
	Work     string     `json:"work"`
	Employer string     `json:"employer"`
	TalkedOn clock.Date `json:"talked_on"` // today when empty
	Talker   string     `json:"talker"`
}

// departureObject is a talk as the policy sees it: it concerns the person, who still
// reads his own; his relatives do not.
func (s *Service) departureObject(who actor.Actor, d Departure) access.Object {
	o := access.Object{Kind: "departure", ID: d.ID, State: d.State, Units: []access.Place{s.Units.Place(d.Unit)}}
	if d.Person != "" {
		o.Owners = []id.ID{d.Person}
		if who.Person != d.Person {
			o.Concerns = []id.ID{d.Person}
		}
	}
	return o
}

// restrictions are what the rules will say of somebody once he has left.
func (s *Service) restrictions(e *rules.Edition, l left, leaving string, on clock.Date) []rules.Verdict {
	x := s.subject(l)
	x.Serving, x.Leaving, x.Departed = false, leaving, on
	return slices.DeleteFunc(e.Clocks(x, on), func(v rules.Verdict) bool { return v.Outcome == rules.Over || v.Outcome == rules.Free })
}

// Talk notes a talk before departure, with the restrictions that the person was told:
// the sentences of the rules for his kind of leaving, rank and offices.
func (s *Service) Talk(ctx context.Context, who actor.Actor, cmd TalkCmd) (d Departure, err error) {
	b, err := s.quick(ctx)
	if err != nil {
		return d, err
	}
	at, ok := b.ours.find(cmd.Key)
	if !ok {
		return d, fault.NotFound("person")
	}
	l := b.ours.at(at)
	if cmd.TalkedOn == "" {
		cmd.TalkedOn = s.today()
	}
	d = Departure{ID: id.New(), Key: l.key, Person: l.person, Unit: l.unit, Name: l.row.At(Staff, "name"), Leaving: cmd.Leaving, LeaveOn: cmd.LeaveOn, Work: cmd.Work,
		Employer: strings.TrimSpace(cmd.Employer), TalkedOn: cmd.TalkedOn, Talker: strings.TrimSpace(cmd.Talker), State: Talked, By: who.Person, Rev: 1}
	if err := s.policy.Can(who, "departure.talk", s.departureObject(who, d)); err != nil {
		return d, err
	}
	if who.Person != "" && who.Person == l.person {
		return d, fault.Denied("departure", "departure.talk: with himself")
	}
	if err := s.checkTalk(l, d); err != nil {
		return d, err
	}
	_, e, err := s.law(ctx, RunCmd{AsOf: d.LeaveOn})
	if err != nil {
		return d, err
	}
	d.Edition = e.Version
	var told []string
	for _, v := range s.restrictions(e, l, d.Leaving, d.LeaveOn) {
		told = append(told, v.Sentence.ZH)
	}
	d.Told = cutText(strings.Join(told, "\n"), maxBody)
	err = s.log.Write(ctx, who, "departure.talk", func(tx *audit.Tx) error {
		open, err := openDeparture(ctx, tx, d.Key)
		if err != nil {
			return err
		}
		if open {
			return fault.State("departure.error.open")
		}
		return s.startDeparture(ctx, tx, who, d, "talk", "")
	})
	return d, err
}

// startDeparture keeps a new talk or exemption, which concerns the person.
func (s *Service) startDeparture(ctx context.Context, tx *audit.Tx, who actor.Actor, d Departure, act, text string) error {
	if err := insertDeparture(ctx, tx, d); err != nil {
		return err
	}
	if d.Person != "" {
		if err := access.Concern(ctx, tx, d.ID, d.Person, access.Subject); err != nil {
			return err
		}
	}
	return insertDepartureEvent(ctx, tx, d.ID, who, act, text)
}

func (s *Service) checkTalk(l left, d Departure) error {
	var f fault.Fields
	if !slices.Contains(leavings(), d.Leaving) {
		f.Add("leaving", "departure.error.leaving")
	}
	if !slices.Contains(Intents(), d.Work) {
		f.Add("work", "departure.error.work")
	}
	switch {
	case d.LeaveOn == "":
		f.Add("leave_on", "error.required")
	case !d.LeaveOn.Valid():
		f.Add("leave_on", "error.date", d.LeaveOn)
	}
	switch {
	case !d.TalkedOn.Valid():
		f.Add("talked_on", "error.date", d.TalkedOn)
	case d.TalkedOn.After(s.today()):
		f.Add("talked_on", "register.error.future", d.TalkedOn)
	}
	f.Need("talker", d.Talker)
	f.Max("talker", d.Talker, 100)
	f.Max("employer", d.Employer, 200)
	if err := f.Err(); err != nil {
		return err
	}
	if !s.subject(l).Serving {
		return fault.State("departure.error.gone")
	}
	return nil
}

// loadDeparture reads a talk that the actor may see.
func (s *Service) loadDeparture(ctx context.Context, q db.Q, who actor.Actor, n id.ID) (Departure, error) {
	d, err := departureByID(ctx, q, n)
	if err != nil {
		return d, err
	}
	return d, s.policy.Can(who, "departure.read", s.departureObject(who, d))
}

// DepartureAct takes one step of a talk: the pledge, its refusal, a change that was
// reported, or that the person stays.
func (s *Service) DepartureAct(ctx context.Context, who actor.Actor, n id.ID, do string, cmd ActCmd) error {
	return s.log.Write(ctx, who, "departure."+do, func(tx *audit.Tx) error {
		d, err := s.loadDeparture(ctx, tx, who, n)
		if err != nil {
			return err
		}
		to, err := DepartureFlow.Next(d.State, do)
		if err != nil {
			if !s.policy.Ever(who, "departure."+do) {
				return fault.Denied("departure", "departure."+do+": no role")
			}
			return err
		}
		if err := s.policy.Can(who, "departure."+do, s.departureObject(who, d)); err != nil {
			return err
		}
		if cmd.Rev != 0 && cmd.Rev != d.Rev {
			return fault.Conflict("departure")
		}
		if err := d.guard(do, s.Pledge, who.Person); err != nil {
			return err
		}
		var f fault.Fields
		cmd.Text = strings.TrimSpace(cmd.Text)
		if slices.Contains(departureText, do) {
			f.Need("text", cmd.Text)
		}
		f.Max("text", cmd.Text, maxBody)
		if err := f.Err(); err != nil {
			return err
		}
		d.State = to
		switch do {
		case "pledge":
			d.Pledged = s.today()
		case "excuse":
			d.Ground, d.AskedBy = cmd.Text, who.Person
		case "agree":
			d.AgreedBy = who.Person
		}
		if err := updateDeparture(ctx, tx, d); err != nil {
			return err
		}
		return insertDepartureEvent(ctx, tx, d.ID, who, do, cmd.Text)
	})
}

// mayDepart are the steps that an actor can take on a talk now.
func (s *Service) mayDepart(who actor.Actor, d Departure) []string {
	var out []string
	for _, st := range DepartureFlow.From(d.State) {
		if s.policy.Can(who, "departure."+st.Do, s.departureObject(who, d)) == nil && !who.Has(actor.System) && d.guard(st.Do, s.Pledge, who.Person) == nil {
			out = append(out, st.Do)
		}
	}
	return out
}
