package screening

import (
	"context"
	"slices"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/person"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// ExcuseCmd asks that somebody may leave without talk and pledge.
type ExcuseCmd struct {
	Key     string     `json:"key"`
	Leaving string     `json:"leaving"`
	LeaveOn clock.Date `json:"leave_on"`
	Ground  string     `json:"ground"`
}

// Excuse asks for a departure without talk and pledge, on a stated ground. Somebody
// else agrees to it or does not.
func (s *Service) Excuse(ctx context.Context, who actor.Actor, cmd ExcuseCmd) (d Departure, err error) {
	b, err := s.quick(ctx)
	if err != nil {
		return d, err
	}
	at, ok := b.ours.find(cmd.Key)
	if !ok {
		return d, fault.NotFound("person")
	}
	l := b.ours.at(at)
	d = Departure{ID: id.New(), Key: l.key, Person: l.person, Unit: l.unit, Name: l.row.At(Staff, "name"), Leaving: cmd.Leaving, LeaveOn: cmd.LeaveOn,
		Ground: strings.TrimSpace(cmd.Ground), AskedBy: who.Person, State: Talked, By: who.Person, Rev: 1}
	if err := s.policy.Can(who, "departure.excuse", s.departureObject(who, d)); err != nil {
		return d, err
	}
	if err := d.guard("excuse", s.Pledge, who.Person); err != nil {
		return d, err
	}
	d.State = Asked
	var f fault.Fields
	if !slices.Contains(leavings(), d.Leaving) {
		f.Add("leaving", "departure.error.leaving")
	}
	f.Need("leave_on", string(d.LeaveOn))
	if d.LeaveOn != "" && !d.LeaveOn.Valid() {
		f.Add("leave_on", "error.date", d.LeaveOn)
	}
	f.Need("ground", d.Ground)
	f.Max("ground", d.Ground, maxBody)
	if err := f.Err(); err != nil {
		return d, err
	}
	if !s.subject(l).Serving {
		return d, fault.State("departure.error.gone")
	}
	err = s.log.Write(ctx, who, "departure.excuse", func(tx *audit.Tx) error {
		open, err := openDeparture(ctx, tx, d.Key)
		if err != nil {
			return err
		}
		if open {
			return fault.State("departure.error.open")
		}
		return s.startDeparture(ctx, tx, who, d, "excuse", d.Ground)
	})
	return d, err
}

// mayLeave judges the departure of somebody by what was talked over with him.
func (s *Service) mayLeave(ctx context.Context, q db.Q, p person.Person, leaving string, on clock.Date) error {
	if s.Pledge == PledgeNoted || !slices.Contains(leavings(), leaving) {
		return nil
	}
	list, err := departuresOf(ctx, q, p.ID)
	if err != nil {
		return err
	}
	return s.Pledge.Leaves(list, leaving, on)
}

// hasLeft notes the departure on the talk or the exemption that let him leave, so
// that it speaks for no other one.
func (s *Service) hasLeft(ctx context.Context, tx *audit.Tx, who actor.Actor, p person.Person, leaving string, on clock.Date) error {
	if !slices.Contains(leavings(), leaving) {
		return nil
	}
	list, err := departuresOf(ctx, tx, p.ID)
	if err != nil {
		return err
	}
	settled := false
	for _, d := range list {
		if d.Left != "" || !slices.Contains(unsettled(), d.State) {
			continue
		}
		if !settled && d.clears(leaving, s.Pledge) {
			settled = true
			tx.Note("departure", d.ID)
		}
		d.Left = on
		if err := updateDeparture(ctx, tx, d); err != nil {
			return err
		}
		if err := insertDepartureEvent(ctx, tx, d.ID, who, "left", ""); err != nil {
			return err
		}
	}
	return nil
}
