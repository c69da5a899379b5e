package org

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

const unitColumns = `id, code, name, short, level, kind, COALESCE(parent_id, ''), path, region, coverage, mark, valid_from, valid_to, COALESCE(merged_into, ''), rev`

func scanUnit(scan func(...any) error) (u Unit, err error) {
	var cover string
	err = scan(&u.ID, &u.Code, &u.Name, &u.Short, &u.Level, &u.Kind, &u.Parent, &u.Path, &u.Region, &cover, &u.Mark, &u.From, &u.To, &u.Into, &u.Rev)
	if cover != "" {
		u.Coverage = strings.Split(cover, ",")
	}
	return u, err
}

// generation counts the changes of the tree; 0 before the first.
func generation(ctx context.Context, q db.Q) (n int64, err error) {
	if err := q.QueryRow(ctx, "SELECT COALESCE(MAX(generation), 0) FROM org_state").Scan(&n); err != nil {
		return 0, fmt.Errorf("read the state of the tree: %w", err)
	}
	return n, nil
}

// nextGeneration makes changes of the tree wait for each other: two moves, each
// harmless alone, could make a circle together.
func nextGeneration(ctx context.Context, tx *audit.Tx) error {
	const one = id.ID("tree")
	_, err := tx.Exec(ctx, `INSERT INTO org_state (id, generation) VALUES ($1, 1)
		ON CONFLICT (id) DO UPDATE SET generation = org_state.generation + 1`, string(one))
	if err != nil {
		return fmt.Errorf("count the change of the tree: %w", err)
	}
	tx.Touch("org_state", one)
	return nil
}

func allUnits(ctx context.Context, q db.Q) ([]Unit, error) {
	rows, err := q.Query(ctx, "SELECT "+unitColumns+" FROM org_unit")
	out, err := db.Collect(rows, err, func(r *sql.Rows) (Unit, error) { return scanUnit(r.Scan) })
	if err != nil {
		return nil, fmt.Errorf("read units: %w", err)
	}
	slices.SortFunc(out, func(a, b Unit) int { return strings.Compare(a.Path, b.Path) })
	return out, nil
}

func unitByID(ctx context.Context, q db.Q, n id.ID) (Unit, error) {
	u, err := scanUnit(q.QueryRow(ctx, "SELECT "+unitColumns+" FROM org_unit WHERE id = $1", string(n)).Scan)
	return u, db.Absent(err, "unit")
}

// unitBy counts units of an open name or of a code, but for one.
func taken(ctx context.Context, q db.Q, column, value string, but id.ID) (bool, error) {
	cond := "code = $1"
	if column == "name" {
		cond = "name = $1 AND valid_to = ''"
	}
	var n int
	err := q.QueryRow(ctx, "SELECT COUNT(*) FROM org_unit WHERE "+cond+" AND id <> $2", value, string(but)).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("look for another unit: %w", err)
	}
	return n > 0, nil
}

func hasRoot(ctx context.Context, q db.Q) (bool, error) {
	var n int
	if err := q.QueryRow(ctx, "SELECT COUNT(*) FROM org_unit WHERE parent_id IS NULL").Scan(&n); err != nil {
		return false, fmt.Errorf("look for the root: %w", err)
	}
	return n > 0, nil
}

// unitsUnder lists the units below a path, itself left out.
func unitsUnder(ctx context.Context, q db.Q, path string) ([]Unit, error) {
	rows, err := q.Query(ctx, "SELECT "+unitColumns+" FROM org_unit WHERE path LIKE $1 AND path <> $2", path+"%", path)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (Unit, error) { return scanUnit(r.Scan) })
	if err != nil {
		return nil, fmt.Errorf("read units below: %w", err)
	}
	slices.SortFunc(out, func(a, b Unit) int { return strings.Compare(a.Path, b.Path) })
	return out, nil
}

var unitInsert = []string{"id", "code", "name", "short", "level", "kind", "parent_id", "path", "region", "coverage", "mark", "name_from", "valid_from", "valid_to", "merged_into", "rev"}

// insertUnits writes new units; parents come before those below them.
func insertUnits(ctx context.Context, tx *audit.Tx, units []Unit) error {
	rows := make([][]any, len(units))
	ids := make([]id.ID, len(units))
	for i, u := range units {
		rows[i] = []any{string(u.ID), u.Code, u.Name, u.Short, u.Level, u.Kind, db.Null(u.Parent), u.Path, u.Region, strings.Join(u.Coverage, ","),
			u.Mark, string(u.From), string(u.From), string(u.To), db.Null(u.Into), 1}
		ids[i] = u.ID
	}
	if err := tx.InsertMany(ctx, "org_unit", strings.Join(unitInsert, ", "), rows); err != nil {
		return err
	}
	tx.Touch("org_unit", ids...)
	return nil
}

func insertDepartments(ctx context.Context, tx *audit.Tx, ds []Department) error {
	rows := make([][]any, len(ds))
	ids := make([]id.ID, len(ds))
	for i, d := range ds {
		rows[i] = []any{string(d.ID), string(d.Unit), d.Key, d.Name, d.Kind, d.Order, string(d.From), string(d.To), 1}
		ids[i] = d.ID
	}
	err := tx.InsertMany(ctx, "org_department", "id, unit_id, code, name, kind, place, valid_from, valid_to, rev", rows)
	if err != nil {
		return err
	}
	tx.Touch("org_department", ids...)
	return nil
}

// updateUnit writes the facts of a unit over the revision that was read.
func updateUnit(ctx context.Context, tx *audit.Tx, u Unit) error {
	tx.Touch("org_unit", u.ID)
	return tx.Change(ctx, "unit", `UPDATE org_unit SET name = $1, short = $2, level = $3, kind = $4, parent_id = $5, path = $6, region = $7, coverage = $8,
		valid_from = $9, valid_to = $10, merged_into = $11, rev = rev + 1 WHERE id = $12 AND rev = $13`,
		u.Name, u.Short, u.Level, u.Kind, db.Null(u.Parent), u.Path, u.Region, strings.Join(u.Coverage, ","),
		string(u.From), string(u.To), db.Null(u.Into), string(u.ID), u.Rev)
}

func nameFrom(ctx context.Context, q db.Q, n id.ID) (from string, err error) {
	return from, db.Absent(q.QueryRow(ctx, "SELECT name_from FROM org_unit WHERE id = $1", string(n)).Scan(&from), "unit")
}

func setNameFrom(ctx context.Context, tx *audit.Tx, n id.ID, from string) error {
	return tx.Change(ctx, "unit", "UPDATE org_unit SET name_from = $1 WHERE id = $2", from, string(n))
}

func insertFormerName(ctx context.Context, tx *audit.Tx, n FormerName) error {
	_, err := tx.Exec(ctx, `INSERT INTO org_former_name (id, unit_id, name, short, valid_from, valid_to, reason, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		string(n.ID), string(n.Unit), n.Name, n.Short, string(n.From), string(n.To), n.Reason, tx.At)
	if err != nil {
		return fmt.Errorf("keep the former name: %w", err)
	}
	tx.Touch("org_former_name", n.ID)
	return nil
}

// formerNames lists former names, of one unit or (id "") of all, oldest first.
func formerNames(ctx context.Context, q db.Q, unit id.ID) ([]FormerName, error) {
	rows, err := q.Query(ctx, `SELECT id, unit_id, name, short, valid_from, valid_to, reason FROM org_former_name
		WHERE unit_id = $1 OR $1 = '' ORDER BY valid_to, id`, string(unit))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (n FormerName, err error) {
		return n, r.Scan(&n.ID, &n.Unit, &n.Name, &n.Short, &n.From, &n.To, &n.Reason)
	})
	if err != nil {
		return nil, fmt.Errorf("read former names: %w", err)
	}
	return out, nil
}

// insertTree is access.PutUnit for a whole tree, with few statements.
func insertTree(ctx context.Context, tx *audit.Tx, units []Unit, above [][]id.ID) error {
	var rows [][]any
	var ids []id.ID
	for i, u := range units {
		for _, a := range above[i] {
			n := id.New()
			rows, ids = append(rows, []any{string(n), string(u.ID), string(a)}), append(ids, n)
		}
	}
	if err := tx.InsertMany(ctx, "access_tree", "id, unit_id, above_id", rows); err != nil {
		return err
	}
	tx.Touch("access_tree", ids...)
	return nil
}

// clearTree takes units out of the tree of access, before they are put at a new place.
func clearTree(ctx context.Context, tx *audit.Tx, unit id.ID) error {
	rows, err := tx.Query(ctx, "SELECT id FROM access_tree WHERE unit_id = $1", string(unit))
	ids, err := db.Collect(rows, err, func(r *sql.Rows) (n id.ID, err error) { return n, r.Scan(&n) })
	if err != nil {
		return fmt.Errorf("read the tree of access: %w", err)
	}
	if _, err := tx.Exec(ctx, "DELETE FROM access_tree WHERE unit_id = $1", string(unit)); err != nil {
		return fmt.Errorf("clear the tree of access: %w", err)
	}
	tx.Gone("access_tree", ids...)
	return nil
}

const departmentColumns = "id, unit_id, code, name, kind, place, valid_from, valid_to, rev"

func scanDepartment(r interface{ Scan(...any) error }) (d Department, err error) {
	return d, r.Scan(&d.ID, &d.Unit, &d.Key, &d.Name, &d.Kind, &d.Order, &d.From, &d.To, &d.Rev)
}

func departmentByID(ctx context.Context, q db.Q, n id.ID) (Department, error) {
	d, err := scanDepartment(q.QueryRow(ctx, "SELECT "+departmentColumns+" FROM org_department WHERE id = $1", string(n)))
	return d, db.Absent(err, "department")
}

func departmentsOf(ctx context.Context, q db.Q, unit id.ID) ([]Department, error) {
	rows, err := q.Query(ctx, "SELECT "+departmentColumns+" FROM org_department WHERE unit_id = $1 ORDER BY place, code", string(unit))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (Department, error) { return scanDepartment(r) })
	if err != nil {
		return nil, fmt.Errorf("read departments: %w", err)
	}
	return out, nil
}

func departmentNames(ctx context.Context, q db.Q, ids []id.ID) (map[id.ID]string, error) {
	out := make(map[id.ID]string, len(ids))
	for part := range slices.Chunk(ids, 500) {
		args := make([]any, len(part))
		marks := make([]string, len(part))
		for i, n := range part {
			args[i], marks[i] = string(n), "$"+strconv.Itoa(i+1)
		}
		rows, err := q.Query(ctx, "SELECT id, name FROM org_department WHERE id IN ("+strings.Join(marks, ",")+")", args...)
		type pair struct {
			id   id.ID
			name string
		}
		ps, err := db.Collect(rows, err, func(r *sql.Rows) (p pair, err error) { return p, r.Scan(&p.id, &p.name) })
		if err != nil {
			return nil, fmt.Errorf("read names of departments: %w", err)
		}
		for _, p := range ps {
			out[p.id] = p.name
		}
	}
	return out, nil
}

func updateDepartment(ctx context.Context, tx *audit.Tx, d Department) error {
	tx.Touch("org_department", d.ID)
	return tx.Change(ctx, "department", `UPDATE org_department SET name = $1, kind = $2, place = $3, valid_from = $4, valid_to = $5, rev = rev + 1
		WHERE id = $6 AND rev = $7`, d.Name, d.Kind, d.Order, string(d.From), string(d.To), string(d.ID), d.Rev)
}

func unitByCode(ctx context.Context, q db.Q, code string) (Unit, error) {
	u, err := scanUnit(q.QueryRow(ctx, "SELECT "+unitColumns+" FROM org_unit WHERE code = $1", code).Scan)
	return u, db.Absent(err, "unit")
}
