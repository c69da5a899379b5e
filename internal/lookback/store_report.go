package lookback

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

const reportColumns = "r.id, r.lookback_id, r.by_id, r.title, r.opinion, r.on_date, COALESCE(r.prior_id, ''), COALESCE(r.person_id, ''), r.at"

func scanReport(r scanner) (x Report, err error) {
	return x, r.Scan(&x.ID, &x.Lookback, &x.By, &x.Title, &x.Opinion, &x.On, &x.Prior, &x.Person, &x.At)
}

func reportByID(ctx context.Context, q db.Q, n id.ID) (Report, error) {
	x, err := scanReport(q.QueryRow(ctx, "SELECT "+reportColumns+" FROM lookback_report r WHERE r.id = $1", string(n)))
	return x, db.Absent(err, "lookback_report")
}

// maxReports bounds the reports of one look-back that are listed.
const maxReports = 100

// reportsOf lists the reports of a look-back, newest first.
func reportsOf(ctx context.Context, q db.Q, l id.ID) ([]Report, error) {
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT %s FROM lookback_report r WHERE r.lookback_id = $1 ORDER BY r.id DESC LIMIT %d", reportColumns, maxReports), string(l))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (Report, error) { return scanReport(r) })
	if err != nil {
		return nil, fmt.Errorf("read reports: %w", err)
	}
	return out, nil
}

func insertReport(ctx context.Context, tx *audit.Tx, r Report) error {
	return insert(ctx, tx, "lookback_report", "id, lookback_id, by_id, title, opinion, on_date, prior_id, person_id, at",
		[][]any{{string(r.ID), string(r.Lookback), string(r.By), r.Title, r.Opinion, string(r.On), db.Null(r.Prior), db.Null(r.Person), tx.At}})
}

// readTests reads tests of which a column is among some ids.
func readTests(ctx context.Context, q db.Q, column string, ids []id.ID, and string) (out []Test, err error) {
	for part := range slices.Chunk(ids, 500) {
		marks, args := make([]string, len(part)), make([]any, len(part))
		for i, n := range part {
			marks[i], args[i] = fmt.Sprintf("$%d", i+1), string(n)
		}
		rows, err := q.Query(ctx, "SELECT t.id, t.sample_id, t.claim_id, t.no, t.result, t.note, COALESCE(t.person_id, ''), t.at FROM lookback_test t WHERE "+column+
			" IN ("+strings.Join(marks, ",")+")"+and+" ORDER BY t.id", args...)
		list, err := db.Collect(rows, err, func(r *sql.Rows) (t Test, err error) {
			return t, r.Scan(&t.ID, &t.Sample, &t.Claim, &t.No, &t.Result, &t.Note, &t.Person, &t.At)
		})
		if err != nil {
			return nil, fmt.Errorf("read tests: %w", err)
		}
		out = append(out, list...)
	}
	return out, nil
}

// latestTests reads the newest test of each claim of some samples.
func latestTests(ctx context.Context, q db.Q, samples []id.ID) ([]Test, error) {
	return readTests(ctx, q, "t.sample_id", samples, " AND NOT EXISTS (SELECT 1 FROM lookback_test n WHERE n.sample_id = t.sample_id AND n.claim_id = t.claim_id AND n.id > t.id)")
}

// testsByID reads tests that a report froze; one that came later does not replace them.
func testsByID(ctx context.Context, q db.Q, ids []id.ID) ([]Test, error) {
	return readTests(ctx, q, "t.id", ids, "")
}

// allConsequences lists those of a whole look-back.
func allConsequences(ctx context.Context, q db.Q, l id.ID) ([]Consequence, error) {
	rows, err := q.Query(ctx, "SELECT "+consequenceColumns+" FROM lookback_consequence c WHERE c.lookback_id = $1 ORDER BY c.id", string(l))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (Consequence, error) { return scanConsequence(r) })
	if err != nil {
		return nil, fmt.Errorf("read consequences: %w", err)
	}
	return out, nil
}

// sampleCount counts a sample, whoever may see it.
func sampleCount(ctx context.Context, q db.Q, l id.ID) (n int, err error) {
	if err = q.QueryRow(ctx, "SELECT COUNT(*) FROM lookback_sample WHERE lookback_id = $1", string(l)).Scan(&n); err != nil {
		return 0, fmt.Errorf("count samples: %w", err)
	}
	return n, nil
}
