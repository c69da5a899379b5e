package rectification

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

func measureByID(ctx context.Context, q db.Q, measure id.ID) (Measure, error) {
	rows, err := q.Query(ctx, "SELECT "+measureColumns+" FROM rectify_measure m WHERE m.id = $1", string(measure))
	out, err := db.Collect(rows, err, scanMeasure)
	if err == nil && len(out) == 0 {
		err = sql.ErrNoRows
	}
	if err != nil {
		return Measure{}, db.Absent(err, "measure")
	}
	return out[0], nil
}

// itemsServed lists the items that a measure serves.
func itemsServed(ctx context.Context, q db.Q, measure id.ID) ([]id.ID, error) {
	rows, err := q.Query(ctx, "SELECT item_id FROM rectify_serves WHERE measure_id = $1 ORDER BY item_id", string(measure))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (n id.ID, err error) { return n, r.Scan(&n) })
	if err != nil {
		return nil, fmt.Errorf("read items of a measure: %w", err)
	}
	return out, nil
}

// otherMeasures lists measures of the same unit that do not serve the item yet.
func otherMeasures(ctx context.Context, q db.Q, i Item) ([]Measure, error) {
	rows, err := q.Query(ctx, "SELECT "+measureColumns+` FROM rectify_measure m WHERE m.unit_id = $1
		AND NOT EXISTS (SELECT 1 FROM rectify_serves s WHERE s.measure_id = m.id AND s.item_id = $2) ORDER BY m.id DESC LIMIT 200`, string(i.Unit), string(i.ID))
	out, err := db.Collect(rows, err, scanMeasure)
	if err != nil {
		return nil, fmt.Errorf("read measures of the unit: %w", err)
	}
	return out, nil
}

func updateMeasure(ctx context.Context, tx *audit.Tx, m Measure, by id.ID) error {
	tx.Touch("rectify_measure", m.ID)
	return tx.Change(ctx, "measure", `UPDATE rectify_measure SET body = $1, kind = $2, responsible = $3, department = $4, due_on = $5, state = $6,
		done_on = $7, changed_at = $8, changer_id = $9, rev = rev + 1 WHERE id = $10 AND rev = $11`,
		m.Text, m.Kind, m.Responsible, m.Department, string(m.Due), m.State, string(m.DoneOn), tx.At, db.Null(by), string(m.ID), m.Rev)
}

// progressOf lists the entries of an item, newest first.
func progressOf(ctx context.Context, q db.Q, item id.ID) ([]Progress, error) {
	rows, err := q.Query(ctx, `SELECT id, item_id, COALESCE(measure_id,''), on_date, body, COALESCE(person_id,''), at, COALESCE(corrects_id,'')
		FROM rectify_progress WHERE item_id = $1 ORDER BY id DESC`, string(item))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (p Progress, err error) {
		return p, r.Scan(&p.ID, &p.Item, &p.Measure, &p.On, &p.Text, &p.By, &p.At, &p.Corrects)
	})
	if err != nil {
		return nil, fmt.Errorf("read progress: %w", err)
	}
	return out, nil
}

func insertProgress(ctx context.Context, tx *audit.Tx, p Progress) error {
	tx.Touch("rectify_progress", p.ID)
	return tx.InsertMany(ctx, "rectify_progress", "id, item_id, measure_id, on_date, body, person_id, at, corrects_id",
		[][]any{{string(p.ID), string(p.Item), db.Null(p.Measure), string(p.On), p.Text, db.Null(p.By), tx.At, db.Null(p.Corrects)}})
}

func insertEvidence(ctx context.Context, tx *audit.Tx, e Evidence) error {
	tx.Touch("rectify_evidence", e.ID)
	return tx.InsertMany(ctx, "rectify_evidence", "id, item_id, measure_id, hash, name, kind, mime, size, note, dated_on, person_id, at, replaces_id, revision",
		[][]any{{string(e.ID), string(e.Item), db.Null(e.Measure), e.Hash, e.Name, e.Kind, e.Mime, e.Size, e.Note, string(e.Dated), db.Null(e.By), tx.At,
			db.Null(e.Replaces), e.Revision}})
}

// list writes placeholders for values.
func list[T ~string](args *[]any, vs []T) string {
	marks := make([]string, len(vs))
	for n, v := range vs {
		*args = append(*args, string(v))
		marks[n] = fmt.Sprintf("$%d", len(*args))
	}
	return strings.Join(marks, ",")
}

// readSince tells which evidence of an item a person has opened since an instant.
func readSince(ctx context.Context, q db.Q, item, person id.ID, since string) (map[id.ID]bool, error) {
	rows, err := q.Query(ctx, "SELECT DISTINCT evidence_id FROM rectify_reading WHERE item_id = $1 AND person_id = $2 AND at >= $3", string(item), string(person), since)
	ids, err := db.Collect(rows, err, func(r *sql.Rows) (n id.ID, err error) { return n, r.Scan(&n) })
	if err != nil {
		return nil, fmt.Errorf("read what was opened: %w", err)
	}
	out := map[id.ID]bool{}
	for _, n := range ids {
		out[n] = true
	}
	return out, nil
}

func insertReading(ctx context.Context, tx *audit.Tx, e Evidence, person id.ID) error {
	n := id.New()
	tx.Touch("rectify_reading", n)
	return tx.InsertMany(ctx, "rectify_reading", "id, evidence_id, item_id, person_id, at", [][]any{{string(n), string(e.ID), string(e.Item), db.Null(person), tx.At}})
}

// hands lists the persons who had a hand in the work on an item.
func hands(ctx context.Context, q db.Q, item id.ID) ([]id.ID, error) {
	rows, err := q.Query(ctx, "SELECT DISTINCT person_id FROM rectify_event WHERE item_id = $1 AND side = $2 AND person_id IS NOT NULL", string(item), SideUnit)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (n id.ID, err error) { return n, r.Scan(&n) })
	if err != nil {
		return nil, fmt.Errorf("read who worked on it: %w", err)
	}
	return out, nil
}

// eventsOf tells the story of an item, newest first.
func eventsOf(ctx context.Context, q db.Q, item id.ID) ([]Event, error) {
	rows, err := q.Query(ctx, `SELECT id, item_id, at, COALESCE(person_id,''), side, act, from_state, to_state, reason
		FROM rectify_event WHERE item_id = $1 ORDER BY id DESC`, string(item))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (e Event, err error) {
		return e, r.Scan(&e.ID, &e.Item, &e.At, &e.By, &e.Side, &e.Do, &e.From, &e.To, &e.Reason)
	})
	if err != nil {
		return nil, fmt.Errorf("read the story: %w", err)
	}
	return out, nil
}

func insertApplication(ctx context.Context, tx *audit.Tx, c Closing) error {
	tx.Touch("rectify_application", c.ID)
	return tx.InsertMany(ctx, "rectify_application", "id, item_id, no, statement, measures, person_id, at, decision, judge_id, judged_at, reasons, opinion, rev",
		[][]any{{string(c.ID), string(c.Item), c.No, c.Statement, joined(c.Measures), db.Null(c.By), tx.At, c.Decision, nil, "", "", "", 1}})
}

func decide(ctx context.Context, tx *audit.Tx, c Closing, judge id.ID) error {
	tx.Touch("rectify_application", c.ID)
	return tx.Change(ctx, "application", `UPDATE rectify_application SET decision = $1, judge_id = $2, judged_at = $3, reasons = $4, opinion = $5, rev = rev + 1
		WHERE id = $6 AND rev = $7`, c.Decision, db.Null(judge), tx.At, strings.Join(c.Reasons, " "), c.Opinion, string(c.ID), c.Rev)
}

// pending is the application under review.
func pending(ctx context.Context, q db.Q, item id.ID) (Closing, error) {
	all, err := Closings(ctx, q, item)
	if err != nil {
		return Closing{}, err
	}
	if n := len(all); n > 0 && all[n-1].Decision == Pending {
		return all[n-1], nil
	}
	return Closing{}, db.Absent(sql.ErrNoRows, "application")
}

func milestonesOf(ctx context.Context, q db.Q, item id.ID) ([]Milestone, error) {
	rows, err := q.Query(ctx, "SELECT id, item_id, title, due_on, done_on, rev FROM rectify_milestone WHERE item_id = $1 ORDER BY due_on, id", string(item))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (m Milestone, err error) {
		return m, r.Scan(&m.ID, &m.Item, &m.Title, &m.Due, &m.DoneOn, &m.Rev)
	})
	if err != nil {
		return nil, fmt.Errorf("read milestones: %w", err)
	}
	return out, nil
}

func insertMilestone(ctx context.Context, tx *audit.Tx, m Milestone) error {
	tx.Touch("rectify_milestone", m.ID)
	return tx.InsertMany(ctx, "rectify_milestone", "id, item_id, title, due_on, done_on, rev",
		[][]any{{string(m.ID), string(m.Item), m.Title, string(m.Due), string(m.DoneOn), 1}})
}

func finishMilestone(ctx context.Context, tx *audit.Tx, m Milestone, on clock.Date) error {
	tx.Touch("rectify_milestone", m.ID)
	return tx.Change(ctx, "milestone", "UPDATE rectify_milestone SET done_on = $1, rev = rev + 1 WHERE id = $2 AND rev = $3", string(on), string(m.ID), m.Rev)
}

// extensionsOf lists the requests of an item, oldest first.
func extensionsOf(ctx context.Context, q db.Q, item id.ID) ([]Extension, error) {
	rows, err := q.Query(ctx, `SELECT id, item_id, no, from_on, to_on, reason, COALESCE(person_id,''), at, state, COALESCE(judge_id,''), judged_at, opinion, rev
		FROM rectify_extension WHERE item_id = $1 ORDER BY no`, string(item))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (e Extension, err error) {
		return e, r.Scan(&e.ID, &e.Item, &e.No, &e.From, &e.To, &e.Reason, &e.By, &e.At, &e.State, &e.Judge, &e.JudgeAt, &e.Opinion, &e.Rev)
	})
	if err != nil {
		return nil, fmt.Errorf("read extensions: %w", err)
	}
	return out, nil
}

func insertExtension(ctx context.Context, tx *audit.Tx, e Extension) error {
	tx.Touch("rectify_extension", e.ID)
	return tx.InsertMany(ctx, "rectify_extension", "id, item_id, no, from_on, to_on, reason, person_id, at, state, judge_id, judged_at, opinion, rev",
		[][]any{{string(e.ID), string(e.Item), e.No, string(e.From), string(e.To), e.Reason, db.Null(e.By), tx.At, e.State, nil, "", "", 1}})
}

func judgeExtension(ctx context.Context, tx *audit.Tx, e Extension, judge id.ID) error {
	tx.Touch("rectify_extension", e.ID)
	return tx.Change(ctx, "extension", `UPDATE rectify_extension SET state = $1, judge_id = $2, judged_at = $3, opinion = $4, rev = rev + 1 WHERE id = $5 AND rev = $6`,
		e.State, db.Null(judge), tx.At, e.Opinion, string(e.ID), e.Rev)
}
