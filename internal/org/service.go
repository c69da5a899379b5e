package org

import (
	"context"
	"embed"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/org/tree"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

// Schema has the tables of this room.
//
//go:embed schema/*.sql
var Schema embed.FS

// Tables are the rows that the log reconciles.
var Tables = []string{"org_unit", "org_former_name", "org_department", "org_state", "org_handover"}

// Deps is what the room stands on.
type Deps struct {
	Log    *audit.Log
	Policy *access.Policy
	Clock  clock.Clock
}

// Service does what the room can do.
type Service struct {
	Deps
	dir     *Directory
	onPage  []func(r *web.Request, q db.Q, unit id.ID) ([]ui.Stat, error)
	estates []Estate
}

// New makes the service. The directory is empty until Load.
func New(d Deps) *Service {
	return &Service{Deps: d, dir: newDirectory()}
}

// Directory is the tree in memory; the same value for the life of the service.
func (s *Service) Directory() *Directory { return s.dir }

// Load reads the tree into the directory if it changed since; call it at start.
func (s *Service) Load(ctx context.Context) error {
	err := s.Log.DB().Read(ctx, func(q db.Q) error {
		n, err := generation(ctx, q)
		if err != nil || n == s.dir.now.Load().generation {
			return err
		}
		units, err := allUnits(ctx, q)
		if err != nil {
			return err
		}
		former, err := formerNames(ctx, q, "")
		if err != nil {
			return err
		}
		s.dir.now.Store(grow(units, former, n))
		return nil
	})
	if err != nil {
		return fmt.Errorf("load the directory: %w", err)
	}
	return nil
}

// Watch looks for changes that another replica made, until ctx ends.
func (s *Service) Watch(ctx context.Context, every time.Duration) {
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			if err := s.Load(ctx); err != nil && ctx.Err() == nil {
				slog.Warn("directory not reloaded", "err", err)
			}
		}
	}
}

func (s *Service) today() clock.Date { return clock.Today(s.Clock) }

// write runs a change of the tree and reloads the directory after it.
func (s *Service) write(ctx context.Context, who actor.Actor, action string, fn func(tx *audit.Tx) error) error {
	err := s.Log.Write(ctx, who, action, func(tx *audit.Tx) error {
		if err := nextGeneration(ctx, tx); err != nil {
			return err
		}
		return fn(tx)
	})
	if err != nil {
		return err
	}
	return s.Load(context.WithoutCancel(ctx))
}

// SeedTree puts the derived tree of the procuratorates, with the departments of
// the SPP and the provincial units, into an empty database: whole, or below the
// provincial level only where the codes of provinces are given.
func (s *Service) SeedTree(ctx context.Context, who actor.Actor, provinces ...string) error {
	err := s.write(ctx, who, "unit.seed", func(tx *audit.Tx) error {
		if err := s.Policy.Can(who, "unit.import", access.Object{Kind: "unit"}); err != nil {
			return err
		}
		if there, err := hasRoot(ctx, tx); err != nil {
			return err
		} else if there {
			return fault.State("unit.error.seeded")
		}
		all := within(provinces)
		units, above := derived(all)
		if err := insertUnits(ctx, tx, units); err != nil {
			return err
		}
		if err := insertTree(ctx, tx, units, above); err != nil {
			return err
		}
		var ds []Department
		for i, u := range all {
			if u.Level <= tree.LevelProvincial {
				ds = append(ds, usual(u, units[i].ID)...)
			}
		}
		tx.Note("units", len(units))
		return insertDepartments(ctx, tx, ds)
	})
	if err != nil {
		return fmt.Errorf("seed the tree: %w", err)
	}
	return nil
}

// within gives the units of package tree; where provinces are named by their codes,
// only these have units below the provincial level.
func within(provinces []string) []tree.Unit {
	if len(provinces) == 0 {
		return tree.All()
	}
	kept := map[string]bool{}
	return slices.DeleteFunc(tree.All(), func(u tree.Unit) bool {
		kept[u.Code] = kept[u.Parent] && u.Level > tree.LevelProvincial || slices.Contains(provinces, u.Code)
		return u.Level > tree.LevelProvincial && !kept[u.Code]
	})
}

// derived gives units of package tree with ids, and the units above each.
func derived(all []tree.Unit) (units []Unit, above [][]id.ID) {
	place := map[string]int{}
	for i, t := range all {
		u := Unit{ID: id.New(), Code: t.Code, Name: t.Name, Short: t.Short, Level: t.Level, Kind: string(t.Kind), Region: t.Region, Coverage: t.Coverage, Mark: string(t.Mark)}
		over := []id.ID{u.ID}
		path := ""
		if j, ok := place[t.Parent]; ok {
			u.Parent, path = units[j].ID, units[j].Path
			over = append(over, above[j]...)
		}
		u.Path = pathUnder(path, u.Code)
		place[t.Code] = i
		units, above = append(units, u), append(above, over)
	}
	return units, above
}

// usual are the departments that a unit of its level usually has.
func usual(t tree.Unit, unit id.ID) []Department {
	var out []Department
	for i, d := range tree.Departments(t) {
		out = append(out, Department{ID: id.New(), Unit: unit, Key: d.Key, Name: d.Name, Kind: string(d.Kind), Order: i + 1})
	}
	return out
}

// SeedDepartments gives units without departments the usual ones of their level.
func (s *Service) SeedDepartments(ctx context.Context, who actor.Actor, units ...id.ID) error {
	return s.Log.Write(ctx, who, "department.seed", func(tx *audit.Tx) error {
		var ds []Department
		for _, n := range units {
			u, err := unitByID(ctx, tx, n)
			if err != nil {
				return err
			}
			if err := s.Policy.Can(who, "department.create", object(u)); err != nil {
				return err
			}
			there, err := departmentsOf(ctx, tx, n)
			if err != nil {
				return err
			}
			if len(there) == 0 {
				ds = append(ds, usual(treeUnit(u), n)...)
			}
		}
		if len(ds) == 0 {
			return fault.State("department.error.there")
		}
		return insertDepartments(ctx, tx, ds)
	})
}

// treeUnit is the unit as package tree sees it, for its rules.
func treeUnit(u Unit) tree.Unit {
	return tree.Unit{Code: u.Code, Name: u.Name, Short: u.Short, Level: u.Level, Kind: tree.Kind(u.Kind), Region: u.Region, Coverage: u.Coverage}
}

// Departments lists the departments of a unit, closed ones too.
func Departments(ctx context.Context, q db.Q, unit id.ID) ([]Department, error) {
	return departmentsOf(ctx, q, unit)
}

// DepartmentByID gives one department.
func DepartmentByID(ctx context.Context, q db.Q, n id.ID) (Department, error) {
	return departmentByID(ctx, q, n)
}

// DepartmentNames gives the names of departments.
func DepartmentNames(ctx context.Context, q db.Q, ids ...id.ID) (map[id.ID]string, error) {
	return departmentNames(ctx, q, ids)
}
