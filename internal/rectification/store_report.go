package rectification

import (
	"context"
	"database/sql"
	"fmt"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

var reportColumns = access.Columns{Units: []string{"r.unit_id"}, By: "r.by_id"}

const reportFields = "r.id, r.round_id, COALESCE(r.unit_id,''), r.by_id, r.title, r.on_date, COALESCE(r.prior_id,''), COALESCE(r.person_id,''), r.at"

func scanReport(r scanner) (x Report, err error) {
	return x, r.Scan(&x.ID, &x.Round, &x.Unit, &x.By, &x.Title, &x.On, &x.Prior, &x.Person, &x.At)
}

func reportByID(ctx context.Context, q db.Q, n id.ID) (Report, error) {
	x, err := scanReport(q.QueryRow(ctx, "SELECT "+reportFields+" FROM rectify_report r WHERE r.id = $1", string(n)))
	return x, db.Absent(err, "rectify_report")
}

func listReports(ctx context.Context, q db.Q, w where, limit int) ([]Report, error) {
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT %s FROM rectify_report r WHERE %s ORDER BY r.id DESC LIMIT %d", reportFields, w.sql(), limit), w.args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (Report, error) { return scanReport(r) })
	if err != nil {
		return nil, fmt.Errorf("read reports: %w", err)
	}
	return out, nil
}

// priorReport is the last report with the same scope.
func priorReport(ctx context.Context, q db.Q, round, unit id.ID) (id.ID, error) {
	var w where
	w.add("r.round_id = $%d AND COALESCE(r.unit_id, '') = $%d", string(round), string(unit))
	list, err := listReports(ctx, q, w, 1)
	if err != nil || len(list) == 0 {
		return "", err
	}
	return list[0].ID, nil
}

func insertReport(ctx context.Context, tx *audit.Tx, r Report) error {
	tx.Touch("rectify_report", r.ID)
	return tx.InsertMany(ctx, "rectify_report", "id, round_id, unit_id, by_id, title, on_date, prior_id, person_id, at",
		[][]any{{string(r.ID), string(r.Round), db.Null(r.Unit), string(r.By), r.Title, string(r.On), db.Null(r.Prior), db.Null(r.Person), tx.At}})
}

// Freeze keeps the figures of a report with their query and rows.
func Freeze(ctx context.Context, tx *audit.Tx, owner id.ID, list []Figure) error {
	rows := make([][]any, len(list))
	for n, f := range list {
		f.ID = id.New()
		tx.Touch("rectify_figure", f.ID)
		rows[n] = []any{string(f.ID), string(owner), f.Name, f.Value, f.Asked, joined(f.Rows), tx.At}
	}
	return tx.InsertMany(ctx, "rectify_figure", "id, owner_id, name, value, asked, rows, at", rows)
}

// Frozen reads the figures of a report.
func Frozen(ctx context.Context, q db.Q, owner id.ID) ([]Figure, error) {
	rows, err := q.Query(ctx, "SELECT id, owner_id, name, value, asked, rows, at FROM rectify_figure WHERE owner_id = $1 ORDER BY id", string(owner))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (f Figure, err error) {
		var list string
		err = r.Scan(&f.ID, &f.Owner, &f.Name, &f.Value, &f.Asked, &list, &f.At)
		f.Rows = split(list)
		return f, err
	})
	if err != nil {
		return nil, fmt.Errorf("read figures: %w", err)
	}
	return out, nil
}
