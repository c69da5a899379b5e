package contact

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

const publishedColumns = "p.id, p.unit_id, p.unit_name, p.quarter, p.title, p.source, p.body, p.total, p.figures, p.flags, p.by_id, p.at"

func scanPublished(r scanner) (p Published, err error) {
	var groups, flags string
	if err := r.Scan(&p.ID, &p.Unit, &p.UnitName, &p.Quarter, &p.Title, &p.Source, &p.Body, &p.Total, &groups, &flags, &p.By, &p.At); err != nil {
		return p, err
	}
	if err := json.Unmarshal([]byte(groups), &p.Groups); err != nil {
		return p, fmt.Errorf("figures of %s: %w", p.ID, err)
	}
	return p, json.Unmarshal([]byte(flags), &p.Flags)
}

func insertPublished(ctx context.Context, tx *audit.Tx, p Published) error {
	groups, err := json.Marshal(p.Groups)
	if err != nil {
		return fmt.Errorf("keep a circular: %w", err)
	}
	flags, err := json.Marshal(p.Flags)
	if err != nil {
		return fmt.Errorf("keep a circular: %w", err)
	}
	return insert(ctx, tx, "contact_published", "id, unit_id, unit_name, quarter, title, source, body, total, figures, flags, flag_count, digest, by_id, at",
		string(p.ID), string(p.Unit), p.UnitName, string(p.Quarter), p.Title, p.Source, p.Body, p.Total, string(groups), string(flags), len(p.Flags), p.digest, string(p.By), tx.At)
}

func publishedByID(ctx context.Context, q db.Q, n id.ID) (Published, error) {
	p, err := scanPublished(q.QueryRow(ctx, "SELECT "+publishedColumns+" FROM contact_published p WHERE p.id = $1", string(n)))
	return p, db.Absent(err, "published")
}

// publishedByText finds the circular that has the same text.
func publishedByText(ctx context.Context, q db.Q, digest string) (n id.ID, err error) {
	err = q.QueryRow(ctx, "SELECT COALESCE(MIN(id), '') FROM contact_published WHERE digest = $1", digest).Scan(&n)
	if err != nil {
		return "", fmt.Errorf("look for the circular: %w", err)
	}
	return n, nil
}

func listPublished(ctx context.Context, q db.Q, after string, limit int) ([]Published, error) {
	var w where
	w.conds = []string{"1 = 1"}
	if after != "" {
		w.add("p.id < $%d", after)
	}
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT %s FROM contact_published p WHERE %s ORDER BY p.id DESC LIMIT %d", publishedColumns, w.sql(), limit), w.args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (Published, error) { return scanPublished(r) })
	if err != nil {
		return nil, fmt.Errorf("list circulars: %w", err)
	}
	return out, nil
}
