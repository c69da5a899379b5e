package org

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

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
