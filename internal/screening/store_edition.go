package screening

import (
	"context"
	"database/sql"
	"errors"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

const editionColumns = "id, version, body, state, COALESCE(by_id, ''), at, COALESCE(published_by, ''), published_at, rev"

func scanEdition(r scanner) (e Edition, err error) {
	return e, r.Scan(&e.ID, &e.Version, &e.Body, &e.State, &e.By, &e.At, &e.PublishedBy, &e.PublishedAt, &e.Rev)
}

// editionsIn lists own editions of a state, or all; there are a handful.
func editionsIn(ctx context.Context, q db.Q, state string) ([]Edition, error) {
	rows, err := q.Query(ctx, "SELECT "+editionColumns+" FROM screening_edition WHERE $1 = '' OR state = $1 ORDER BY id LIMIT 200", state)
	return db.Collect(rows, err, func(r *sql.Rows) (Edition, error) { return scanEdition(r) })
}

func editionByID(ctx context.Context, q db.Q, n id.ID) (Edition, error) {
	e, err := scanEdition(q.QueryRow(ctx, "SELECT "+editionColumns+" FROM screening_edition WHERE id = $1", string(n)))
	return e, db.Absent(err, "edition")
}

func insertEdition(ctx context.Context, tx *audit.Tx, e Edition) error {
	tx.Touch("screening_edition", e.ID)
	return tx.InsertMany(ctx, "screening_edition", "id, version, body, state, by_id, at, published_by, published_at, rev",
		[][]any{{string(e.ID), e.Version, e.Body, e.State, db.Null(e.By), tx.At, nil, "", 1}})
}

func updateEdition(ctx context.Context, tx *audit.Tx, e Edition) error {
	tx.Touch("screening_edition", e.ID)
	return tx.Change(ctx, "edition", "UPDATE screening_edition SET state = $1, published_by = $2, published_at = $3, rev = rev + 1 WHERE id = $4 AND rev = $5",
		e.State, db.Null(e.PublishedBy), e.PublishedAt, string(e.ID), e.Rev)
}

const modelColumns = "id, model, parts, recall, false_alarms, auto_recall, report, state, reason, COALESCE(by_id, ''), at, rev"

func scanModel(r scanner) (m Model, err error) {
	var recall, alarms, auto int64
	err = r.Scan(&m.ID, &m.Model, &m.parts, &recall, &alarms, &auto, &m.report, &m.State, &m.Reason, &m.By, &m.At, &m.Rev)
	m.Recall, m.FalseAlarms, m.AutoRecall = float64(recall)/million, float64(alarms)/million, float64(auto)/million
	return m, err
}

// activeModel is the model that was put in force; the zero Model while none was.
func activeModel(ctx context.Context, q db.Q) (Model, error) {
	m, err := scanModel(q.QueryRow(ctx, "SELECT "+modelColumns+" FROM screening_model WHERE state = $1 ORDER BY at DESC, id DESC LIMIT 1", InUse))
	if errors.Is(err, sql.ErrNoRows) {
		return Model{}, nil
	}
	return m, err
}

func models(ctx context.Context, q db.Q) ([]Model, error) {
	rows, err := q.Query(ctx, "SELECT "+modelColumns+" FROM screening_model ORDER BY id DESC LIMIT 100")
	return db.Collect(rows, err, func(r *sql.Rows) (Model, error) { return scanModel(r) })
}

func modelByID(ctx context.Context, q db.Q, n id.ID) (Model, error) {
	m, err := scanModel(q.QueryRow(ctx, "SELECT "+modelColumns+" FROM screening_model WHERE id = $1", string(n)))
	return m, db.Absent(err, "model")
}

func insertModel(ctx context.Context, tx *audit.Tx, m Model) error {
	tx.Touch("screening_model", m.ID)
	return tx.InsertMany(ctx, "screening_model", "id, model, parts, recall, false_alarms, auto_recall, report, state, reason, by_id, at, rev",
		[][]any{{string(m.ID), m.Model, m.parts, int64(m.Recall * million), int64(m.FalseAlarms * million), int64(m.AutoRecall * million), m.report, m.State, m.Reason,
			db.Null(m.By), tx.At, 1}})
}

func updateModel(ctx context.Context, tx *audit.Tx, m Model) error {
	tx.Touch("screening_model", m.ID)
	return tx.Change(ctx, "model", "UPDATE screening_model SET state = $1, reason = $2, at = $3, rev = rev + 1 WHERE id = $4 AND rev = $5",
		m.State, m.Reason, tx.At, string(m.ID), m.Rev)
}
