package org

import (
	"context"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// AddUnitCmd takes a new unit in.
type AddUnitCmd struct {
	Code     string     `json:"code"`
	Name     string     `json:"name"`
	Short    string     `json:"short"`
	Level    int        `json:"level"`
	Kind     string     `json:"kind"`
	Parent   string     `json:"parent"` // id, code or name; empty for the root
	Region   string     `json:"region"`
	Coverage string     `json:"coverage"` // region codes
	From     clock.Date `json:"from"`
}

// Add takes a unit in under its parent.
func (s *Service) Add(ctx context.Context, who actor.Actor, cmd AddUnitCmd) (u Unit, err error) {
	err = s.write(ctx, who, "unit.create", func(tx *audit.Tx) error {
		u, err = s.add(ctx, tx, who, "unit.create", cmd)
		return err
	})
	return u, err
}

func (s *Service) add(ctx context.Context, tx *audit.Tx, who actor.Actor, action string, cmd AddUnitCmd) (Unit, error) {
	var f fault.Fields
	u := Unit{ID: id.New(), Code: cmd.Code, Name: cmd.Name, Short: cmd.Short, Level: cmd.Level, Kind: cmd.Kind, Region: cmd.Region,
		Coverage: regions([]string{cmd.Coverage}), From: cmd.From, Rev: 1}
	if u.Short == "" {
		u.Short = shortOf(u.Name)
	}
	parent, err := s.parentIn(ctx, tx, cmd.Parent, &f)
	if err != nil {
		return u, err
	}
	// Whoever may not touch the parent learns nothing else about the form.
	if err := s.Policy.Can(who, action, object(parent)); err != nil {
		return u, err
	}
	u.Parent, u.Path = parent.ID, pathUnder(parent.Path, u.Code)
	checkFacts(u, &f)
	checkPlace(u, parent, &f)
	if cmd.Parent == "" {
		if there, err := hasRoot(ctx, tx); err != nil {
			return u, err
		} else if there {
			f.Add("parent", "unit.error.two_roots")
		}
	}
	if err := s.unique(ctx, tx, u, &f); err != nil {
		return u, err
	}
	if err := f.Err(); err != nil {
		return u, err
	}
	if err := insertUnits(ctx, tx, []Unit{u}); err != nil {
		return u, err
	}
	return u, s.putInTree(ctx, tx, u)
}

// parentIn loads the unit that a form names as parent, as the transaction sees it.
func (s *Service) parentIn(ctx context.Context, tx *audit.Tx, text string, f *fault.Fields) (Unit, error) {
	if text == "" {
		return Unit{}, nil
	}
	if p, err := unitByCode(ctx, tx, text); err == nil {
		return p, nil
	}
	p, ok := s.dir.Resolve(text)
	if !ok {
		f.Add("parent", "unit.error.no_parent", text)
		return Unit{}, nil
	}
	return unitByID(ctx, tx, p.ID)
}

func (s *Service) unique(ctx context.Context, q db.Q, u Unit, f *fault.Fields) error {
	for _, c := range []struct{ column, value string }{{"code", u.Code}, {"name", u.Name}} {
		there, err := taken(ctx, q, c.column, c.value, u.ID)
		if err != nil {
			return err
		}
		if there {
			f.Add(c.column, "unit.error."+c.column+"_taken", c.value)
		}
	}
	return nil
}

// putInTree notes who stands above a unit.
func (s *Service) putInTree(ctx context.Context, tx *audit.Tx, u Unit) error {
	above := []id.ID{u.ID}
	for parent := u.Parent; parent != ""; {
		p, err := unitByID(ctx, tx, parent)
		if err != nil {
			return err
		}
		above, parent = append(above, p.ID), p.Parent
	}
	return access.PutUnit(ctx, tx, u.ID, above)
}

// load reads a unit for a change: may the actor, and has he seen the latest.
func (s *Service) load(ctx context.Context, tx *audit.Tx, who actor.Actor, action string, n id.ID, rev int64) (Unit, error) {
	u, err := unitByID(ctx, tx, n)
	if err != nil {
		return u, err
	}
	if err := s.Policy.Can(who, action, object(u)); err != nil {
		return u, err
	}
	if rev != u.Rev {
		return u, fault.Conflict("unit")
	}
	if u.Closed() {
		return u, fault.State("unit.error.closed", u.Name)
	}
	tx.Note("before", u)
	return u, nil
}

// EditUnitCmd changes facts that have no history of their own.
type EditUnitCmd struct {
	Rev      int64      `json:"rev"`
	Short    string     `json:"short"`
	Kind     string     `json:"kind"`
	Region   string     `json:"region"`
	Coverage string     `json:"coverage"`
	From     clock.Date `json:"from"`
}

// Edit changes short name, kind, seat, coverage and date of founding.
func (s *Service) Edit(ctx context.Context, who actor.Actor, n id.ID, cmd EditUnitCmd) error {
	return s.write(ctx, who, "unit.edit", func(tx *audit.Tx) error {
		u, err := s.load(ctx, tx, who, "unit.edit", n, cmd.Rev)
		if err != nil {
			return err
		}
		u.Short, u.Kind, u.Region, u.Coverage, u.From = cmd.Short, cmd.Kind, cmd.Region, regions([]string{cmd.Coverage}), cmd.From
		var f fault.Fields
		f.Need("short", u.Short)
		checkFacts(u, &f)
		if err := f.Err(); err != nil {
			return err
		}
		return updateUnit(ctx, tx, u)
	})
}

// RenameUnitCmd gives a unit another name from a day on.
type RenameUnitCmd struct {
	Rev    int64      `json:"rev"`
	Name   string     `json:"name"`
	Short  string     `json:"short"`
	From   clock.Date `json:"from"`
	Reason string     `json:"reason"`
}

// Rename keeps the name until now as a dated entry and writes the new one.
func (s *Service) Rename(ctx context.Context, who actor.Actor, n id.ID, cmd RenameUnitCmd) error {
	return s.write(ctx, who, "unit.rename", func(tx *audit.Tx) error {
		u, err := s.load(ctx, tx, who, "unit.rename", n, cmd.Rev)
		if err != nil {
			return err
		}
		since, err := nameFrom(ctx, tx, n)
		if err != nil {
			return err
		}
		old := FormerName{ID: id.New(), Unit: n, Name: u.Name, Short: u.Short, From: clock.Date(since), To: cmd.From, Reason: cmd.Reason}
		var f fault.Fields
		needDay(&f, "from", cmd.From, s.today())
		f.Need("reason", cmd.Reason)
		f.Max("reason", cmd.Reason, maxReason)
		if cmd.From.Before(old.From) {
			f.Add("from", "unit.error.rename_before", old.From)
		}
		if cmd.Name == u.Name {
			f.Add("name", "unit.error.same_name")
		}
		u.Name, u.Short = cmd.Name, cmd.Short
		if u.Short == "" {
			u.Short = shortOf(u.Name)
		}
		checkFacts(u, &f)
		if err := s.unique(ctx, tx, u, &f); err != nil {
			return err
		}
		if err := f.Err(); err != nil {
			return err
		}
		if err := insertFormerName(ctx, tx, old); err != nil {
			return err
		}
		if err := updateUnit(ctx, tx, u); err != nil {
			return err
		}
		return setNameFrom(ctx, tx, n, string(cmd.From))
	})
}

// needDay wants a day that is not in the future.
func needDay(f *fault.Fields, name string, day, today clock.Date) {
	f.Need(name, string(day))
	if day.After(today) {
		f.Add(name, "unit.error.future", day)
	}
}

// MoveUnitCmd puts a unit, with all below it, under another parent.
type MoveUnitCmd struct {
	Rev    int64  `json:"rev"`
	Parent string `json:"parent"`
	Level  int    `json:"level"`
	Reason string `json:"reason"`
}

// Move puts a unit under another parent. What may be seen of it changes with it.
func (s *Service) Move(ctx context.Context, who actor.Actor, n id.ID, cmd MoveUnitCmd) error {
	return s.write(ctx, who, "unit.move", func(tx *audit.Tx) error {
		u, err := s.load(ctx, tx, who, "unit.move", n, cmd.Rev)
		if err != nil {
			return err
		}
		var f fault.Fields
		f.Need("parent", cmd.Parent)
		f.Need("reason", cmd.Reason)
		f.Max("reason", cmd.Reason, maxReason)
		parent, err := s.parentIn(ctx, tx, cmd.Parent, &f)
		if err != nil {
			return err
		}
		if err := f.Err(); err != nil {
			return err
		}
		if err := s.Policy.Can(who, "unit.move", object(parent)); err != nil {
			return err
		}
		below, err := unitsUnder(ctx, tx, u.Path)
		if err != nil {
			return err
		}
		oldPath := u.Path
		u.Parent = parent.ID
		if cmd.Level != 0 {
			u.Level = cmd.Level
		}
		checkFacts(u, &f)
		checkPlace(u, parent, &f)
		for _, b := range below {
			if b.Parent == u.ID && b.Level <= u.Level {
				f.Add("level", "unit.error.below_level", b.Name)
				break
			}
		}
		if err := f.Err(); err != nil {
			return err
		}
		u.Path = pathUnder(parent.Path, u.Code)
		tx.Note("reason", cmd.Reason)
		return s.replace(ctx, tx, u, oldPath, below)
	})
}

// replace writes a moved unit and everything below it at the new place.
func (s *Service) replace(ctx context.Context, tx *audit.Tx, u Unit, oldPath string, below []Unit) error {
	for _, b := range append([]Unit{u}, below...) {
		if b.ID != u.ID {
			b.Path = u.Path + b.Path[len(oldPath):]
		}
		if err := updateUnit(ctx, tx, b); err != nil {
			return err
		}
		if err := clearTree(ctx, tx, b.ID); err != nil {
			return err
		}
		if err := s.putInTree(ctx, tx, b); err != nil {
			return err
		}
	}
	return nil
}

// CloseUnitCmd ends a unit, by merging it into another or without successor.
type CloseUnitCmd struct {
	Rev    int64      `json:"rev"`
	On     clock.Date `json:"on"`
	Into   string     `json:"into"`
	Reason string     `json:"reason"`
}

// Close ends a unit on a day. It stays where it is, for everything that it did.
func (s *Service) Close(ctx context.Context, who actor.Actor, n id.ID, cmd CloseUnitCmd) error {
	return s.write(ctx, who, "unit.close", func(tx *audit.Tx) error {
		u, err := s.load(ctx, tx, who, "unit.close", n, cmd.Rev)
		if err != nil {
			return err
		}
		var f fault.Fields
		needDay(&f, "on", cmd.On, s.today())
		f.Need("reason", cmd.Reason)
		f.Max("reason", cmd.Reason, maxReason)
		if cmd.On.Before(u.From) {
			f.Add("on", "error.end_before_start")
		}
		if u.Parent == "" {
			f.Add("on", "unit.error.close_root")
		}
		below, err := unitsUnder(ctx, tx, u.Path)
		if err != nil {
			return err
		}
		for _, b := range below {
			if !b.Closed() {
				f.Add("on", "unit.error.open_below", b.Name)
				break
			}
		}
		if cmd.Into != "" {
			into, ok := s.dir.Resolve(cmd.Into)
			switch {
			case !ok:
				f.Add("into", "unit.error.no_parent", cmd.Into)
			case into.ID == u.ID || into.Closed():
				f.Add("into", "unit.error.into", into.Name)
			}
			u.Into = into.ID
		}
		if err := f.Err(); err != nil {
			return err
		}
		u.To = cmd.On
		tx.Note("reason", cmd.Reason)
		return updateUnit(ctx, tx, u)
	})
}
