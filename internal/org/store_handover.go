package org

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// Rows is an estate whose records only change their unit.
type Rows struct {
	Key, Table string
	// Where says which of the closed unit's go over: $1 is that unit, $2 the other.
	Where string
	// Also says what else changes in them, with arguments from $3 on.
	Also func(tx *audit.Tx, who actor.Actor, from Unit) (set string, args []any)
}

// Estate counts the rows and hands them over.
func (x Rows) Estate() Estate {
	where := " WHERE unit_id = $1 AND unit_id <> $2 AND (" + x.Where + ")"
	return Estate{Key: x.Key, Open: func(ctx context.Context, q db.Q, from, to Unit) (int, error) {
		return CountOpen(ctx, q, x.Key, "SELECT COUNT(*) FROM "+x.Table+where, string(from.ID), string(to.ID))
	}, Hand: func(ctx context.Context, tx *audit.Tx, who actor.Actor, from, to Unit) (int, error) {
		args := []any{string(from.ID), string(to.ID)}
		set := ""
		if x.Also != nil {
			also, more := x.Also(tx, who, from)
			set, args = ", "+also, append(args, more...)
		}
		rows, err := tx.Query(ctx, "UPDATE "+x.Table+" SET unit_id = $2, rev = rev + 1"+set+where+" RETURNING id", args...)
		moved, err := tx.Returned(x.Table, rows, err)
		return len(moved), err
	}}
}

// CountOpen counts what an estate would hand over.
func CountOpen(ctx context.Context, q db.Q, key, query string, args ...any) (n int, err error) {
	if err = q.QueryRow(ctx, query, args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("%s to hand over: %w", key, err)
	}
	return n, nil
}

func insertHandover(ctx context.Context, tx *audit.Tx, h Handover) error {
	moved, err := json.Marshal(h.Moved)
	if err != nil {
		return fmt.Errorf("keep a handover: %w", err)
	}
	tx.Touch("org_handover", h.ID)
	if _, err := tx.Exec(ctx, "INSERT INTO org_handover (id, unit_id, into_id, moved, reason, person_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
		string(h.ID), string(h.Unit), string(h.Into), string(moved), h.Reason, db.Null(h.Person), tx.At); err != nil {
		return fmt.Errorf("keep a handover: %w", err)
	}
	return nil
}

// handovers lists what a unit handed over or took over, the latest first.
func handovers(ctx context.Context, q db.Q, unit id.ID) ([]Handover, error) {
	rows, err := q.Query(ctx, "SELECT id, unit_id, into_id, moved, reason, COALESCE(person_id, ''), at FROM org_handover WHERE unit_id = $1 OR into_id = $1 ORDER BY id DESC LIMIT 100", string(unit))
	return db.Collect(rows, err, func(r *sql.Rows) (h Handover, err error) {
		var moved string
		if err = r.Scan(&h.ID, &h.Unit, &h.Into, &moved, &h.Reason, &h.Person, &h.At); err == nil {
			err = json.Unmarshal([]byte(moved), &h.Moved)
		}
		return h, err
	})
}
