package org

import (
	"context"
	"slices"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
)

// DepartmentCmd is a department as a form gives it.
type DepartmentCmd struct {
	Rev  int64      `json:"rev"`
	Name string     `json:"name"`
	Kind string     `json:"kind"`
	From clock.Date `json:"from"`
	To   clock.Date `json:"to"`
}

func (c DepartmentCmd) check(there []Department, but id.ID) error {
	var f fault.Fields
	f.Need("name", c.Name)
	f.Max("name", c.Name, maxName)
	if !slices.Contains(DepartmentKinds(), c.Kind) {
		f.Add("kind", "unit.error.kind", c.Kind)
	}
	if c.To.Before(c.From) {
		f.Add("to", "error.end_before_start")
	}
	if c.To == "" && slices.ContainsFunc(there, func(d Department) bool { return d.ID != but && d.To == "" && d.Name == c.Name }) {
		f.Add("name", "department.error.name_taken", c.Name)
	}
	return f.Err()
}

// AddDepartment adds a department to a unit, after those already there.
func (s *Service) AddDepartment(ctx context.Context, who actor.Actor, unit id.ID, cmd DepartmentCmd) (d Department, err error) {
	err = s.Log.Write(ctx, who, "department.create", func(tx *audit.Tx) error {
		u, err := unitByID(ctx, tx, unit)
		if err != nil {
			return err
		}
		if err := s.Policy.Can(who, "department.create", object(u)); err != nil {
			return err
		}
		there, err := departmentsOf(ctx, tx, unit)
		if err != nil {
			return err
		}
		if err := cmd.check(there, ""); err != nil {
			return err
		}
		d = Department{ID: id.New(), Unit: unit, Name: cmd.Name, Kind: cmd.Kind, From: cmd.From, To: cmd.To, Order: len(there) + 1, Rev: 1}
		d.Key = string(d.ID)
		return insertDepartments(ctx, tx, []Department{d})
	})
	return d, err
}

// EditDepartment changes a department, or closes it by a last day.
func (s *Service) EditDepartment(ctx context.Context, who actor.Actor, n id.ID, cmd DepartmentCmd) error {
	return s.Log.Write(ctx, who, "department.edit", func(tx *audit.Tx) error {
		d, err := departmentByID(ctx, tx, n)
		if err != nil {
			return err
		}
		u, err := unitByID(ctx, tx, d.Unit)
		if err != nil {
			return err
		}
		if err := s.Policy.Can(who, "department.edit", object(u)); err != nil {
			return err
		}
		if cmd.Rev != d.Rev {
			return fault.Conflict("department")
		}
		there, err := departmentsOf(ctx, tx, d.Unit)
		if err != nil {
			return err
		}
		if err := cmd.check(there, n); err != nil {
			return err
		}
		tx.Note("before", d.Name)
		d.Name, d.Kind, d.From, d.To = cmd.Name, cmd.Kind, cmd.From, cmd.To
		return updateDepartment(ctx, tx, d)
	})
}
