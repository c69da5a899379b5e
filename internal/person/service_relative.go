package person

import (
	"context"
	"slices"
	"time"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/secret"
)

// RelativeCmd declares or corrects a relative.
type RelativeCmd struct {
	Relation string     `json:"relation"`
	Name     string     `json:"name"`
	StaffNo  string     `json:"staff_no"`  // when the relative is staff
	IDNumber string     `json:"id_number"` // links to staff by itself
	Employer string     `json:"employer"`
	From     clock.Date `json:"from"`
	Reason   string     `json:"reason"` // of a correction
}

// Own gives the record of who is signed in and the relatives that he declared and
// that are valid now.
func (s *Service) Own(ctx context.Context, q db.Q, who actor.Actor) (Person, []Relative, error) {
	p, err := s.load(ctx, q, who, "relative.read", who.Person, anyRev)
	if err != nil {
		return p, nil, err
	}
	list, err := relativesNow(ctx, q, p.ID)
	return p, list, err
}

// DeclareRelative notes a relative. A colleague is found by staff number or ID
// number, and from then on neither sees what concerns the other.
func (s *Service) DeclareRelative(ctx context.Context, who actor.Actor, n id.ID, cmd RelativeCmd) (r Relative, err error) {
	err = s.Log.Write(ctx, who, "relative.declare", func(tx *audit.Tx) error {
		p, err := s.load(ctx, tx, who, "relative.declare", n, anyRev)
		if err != nil {
			return err
		}
		r = Relative{ID: id.New(), Person: n, Kind: Declared, At: tx.At, By: who.Person}
		return s.enter(ctx, tx, p, &r, cmd, sealedNumber{}, "")
	})
	return r, err
}

// CorrectRelative replaces an entry by a new one. It is a conflict when somebody
// replaced it first.
func (s *Service) CorrectRelative(ctx context.Context, who actor.Actor, n, entry id.ID, cmd RelativeCmd) (r Relative, err error) {
	err = s.Log.Write(ctx, who, "relative.correct", func(tx *audit.Tx) error {
		p, err := s.load(ctx, tx, who, "relative.correct", n, anyRev)
		if err != nil {
			return err
		}
		old, number, err := s.entry(ctx, tx, n, entry)
		if err != nil {
			return err
		}
		var f fault.Fields
		f.Need("reason", cmd.Reason)
		f.Max("reason", cmd.Reason, maxReason)
		if err := f.Err(); err != nil {
			return err
		}
		r = Relative{ID: id.New(), Person: n, Kind: Corrected, Replaces: entry, Reason: cmd.Reason, At: tx.At, By: who.Person}
		return s.enter(ctx, tx, p, &r, cmd, number, keepLink(who, p, old))
	})
	return r, err
}

// keepLink is the colleague whom a correction must go on naming: whoever corrects
// his own declaration may not switch recusal off by it.
func keepLink(who actor.Actor, p Person, old Relative) id.ID {
	if who.Person == p.ID {
		return old.Related
	}
	return ""
}

// entry reads the entry that is to be replaced.
func (s *Service) entry(ctx context.Context, tx *audit.Tx, n, entry id.ID) (Relative, sealedNumber, error) {
	old, number, last, err := relativeByID(ctx, tx, entry)
	switch {
	case err != nil:
		return old, number, err
	case old.Person != n:
		return old, number, fault.NotFound("relative")
	case !last:
		return old, number, fault.Conflict("relative")
	case old.Kind == Ended:
		return old, number, fault.State("relative.error.ended")
	}
	if len(number.sealed) > 0 { // the new entry seals it at its own place
		plain, err := s.Keys.Open(secret.IDNumber, whereRelative(old.ID), number.sealed)
		if err != nil {
			return old, number, err
		}
		number.sealed = plain
	}
	return old, number, nil
}

// enter fills an entry from a command and writes it. old carries the number of
// the entry before, in clear, when the command gives none.
func (s *Service) enter(ctx context.Context, tx *audit.Tx, p Person, r *Relative, cmd RelativeCmd, old sealedNumber, keep id.ID) error {
	var f fault.Fields
	r.Relation, r.Name, r.Employer, r.From = cmd.Relation, cleanName(cmd.Name), cmd.Employer, cmd.From
	if !slices.Contains(Relations(), r.Relation) {
		f.Add("relation", "relative.error.relation", r.Relation)
	}
	f.Need("name", r.Name)
	f.Max("name", r.Name, maxName)
	f.Max("employer", r.Employer, maxEmployer)
	number := string(old.sealed)
	if cmd.IDNumber != "" {
		c, err := ParseIDNumber(cmd.IDNumber, s.today())
		if err != nil {
			addFault(&f, "id_number", err)
		}
		number = c.Number
	}
	sealed := s.seal(whereRelative(r.ID), number)
	if err := s.link(ctx, tx, r, cmd, sealed.blind, &f); err != nil {
		return err
	}
	switch {
	case r.Related == p.ID:
		f.Add("staff_no", "relative.error.self")
	case keep != "" && r.Related == "":
		r.Related = keep
	case keep != "" && r.Related != keep:
		f.Add("staff_no", "relative.error.keep")
	}
	if err := f.Err(); err != nil {
		return err
	}
	return insertRelative(ctx, tx, *r, sealed)
}

// link finds the colleague whom a declaration means. A staff number and an ID
// number of two different colleagues contradict each other.
func (s *Service) link(ctx context.Context, tx *audit.Tx, r *Relative, cmd RelativeCmd, blind string, f *fault.Fields) error {
	if blind != "" {
		there, err := found(ctx, tx, "id_blind", []string{blind})
		if err != nil {
			return err
		}
		r.Related = there[blind]
	}
	no := cleanStaffNo(cmd.StaffNo)
	if no == "" {
		return nil
	}
	there, err := found(ctx, tx, "staff_no", []string{no})
	if err != nil {
		return err
	}
	n, ok := there[no]
	switch {
	case !ok:
		f.Add("staff_no", "relative.error.staff_no", no)
	case r.Related != "" && r.Related != n:
		f.Add("staff_no", "relative.error.two")
	default:
		r.Related = n
	}
	return nil
}

// EndRelativeCmd ends a declaration: divorce, death, a mistake.
type EndRelativeCmd struct {
	To     clock.Date `json:"to"`
	Reason string     `json:"reason"`
}

// EndRelative ends a declaration by a new entry. It opens what recusal closed,
// so it is for Personnel and never for the person himself.
func (s *Service) EndRelative(ctx context.Context, who actor.Actor, n, entry id.ID, cmd EndRelativeCmd) error {
	return s.Log.Write(ctx, who, "relative.end", func(tx *audit.Tx) error {
		if _, err := s.load(ctx, tx, who, "relative.end", n, anyRev); err != nil {
			return err
		}
		old, number, err := s.entry(ctx, tx, n, entry)
		if err != nil {
			return err
		}
		var f fault.Fields
		f.Need("to", string(cmd.To))
		f.Need("reason", cmd.Reason)
		f.Max("reason", cmd.Reason, maxReason)
		checkTerm(old.From, cmd.To, &f)
		if cmd.To.After(s.today()) {
			f.Add("to", "person.error.future", cmd.To)
		}
		if err := f.Err(); err != nil {
			return err
		}
		r := old
		r.ID, r.Kind, r.Replaces, r.To, r.Reason, r.At, r.By = id.New(), Ended, entry, cmd.To, cmd.Reason, tx.At, who.Person
		return insertRelative(ctx, tx, r, s.seal(whereRelative(r.ID), string(number.sealed)))
	})
}

// RevealsPerHour bounds how many ID numbers one account may open in an hour.
const RevealsPerHour = 30

// RevealCmd says why an ID number must be seen in full.
type RevealCmd struct {
	Reason string `json:"reason"`
}

// Reveal opens an ID number. The reason goes into the log, the number never.
func (s *Service) Reveal(ctx context.Context, who actor.Actor, n id.ID, cmd RevealCmd) (number string, err error) {
	err = s.Log.Write(ctx, who, "person.reveal", func(tx *audit.Tx) error {
		p, err := s.load(ctx, tx, who, "person.reveal", n, anyRev)
		if err != nil {
			return err
		}
		var f fault.Fields
		f.Need("reason", cmd.Reason)
		f.Max("reason", cmd.Reason, maxReason)
		if err := f.Err(); err != nil {
			return err
		}
		if !p.HasIDNumber() {
			return fault.State("person.error.no_id")
		}
		count, err := reveals(ctx, tx, who.Account, clock.Instant(s.Clock.Now().Add(-time.Hour)))
		if err != nil {
			return err
		}
		if count >= RevealsPerHour {
			return fault.Limit("person.error.reveals", RevealsPerHour)
		}
		tx.Note("reason", cmd.Reason)
		if number, err = s.number(where(p.ID), p.sealed); err != nil {
			return err
		}
		return insertReveal(ctx, tx, n, who.Account)
	})
	if err != nil {
		return "", err
	}
	return number, nil
}

func (s *Service) number(place string, sealed []byte) (string, error) {
	plain, err := s.Keys.Open(secret.IDNumber, place, sealed)
	return string(plain), err
}

// Masked is the ID number with its middle hidden; empty where there is none or
// where the actor may not even know that.
func (s *Service) Masked(who actor.Actor, p Person) (string, error) {
	if !p.HasIDNumber() || s.can(who, "person.identity", p) != nil && who.Person != p.ID {
		return "", nil
	}
	n, err := s.number(where(p.ID), p.sealed)
	return MaskIDNumber(n), err
}
