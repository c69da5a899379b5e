package contact

import (
	"context"
	"database/sql"
	"fmt"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

var talkAccess = access.Columns{State: "k.state", Units: []string{"k.office_id", "k.upper_id"}, Concern: []string{"k.id"}}

const talkColumns = "k.id, k.unit_id, k.department_id, k.office_id, COALESCE(k.upper_id, ''), k.person_id, k.kind, k.run, k.state, k.outcome, k.held_on, k.due_on, k.at, k.rev"

func scanTalk(r scanner) (k Talk, err error) {
	return k, r.Scan(&k.ID, &k.Unit, &k.Department, &k.Office, &k.Upper, &k.Person, &k.Kind, &k.Run, &k.State, &k.Outcome, &k.Held, &k.Due, &k.At, &k.Rev)
}

func talkByID(ctx context.Context, q db.Q, n id.ID) (Talk, error) {
	k, err := scanTalk(q.QueryRow(ctx, "SELECT "+talkColumns+" FROM contact_talk k WHERE k.id = $1", string(n)))
	return k, db.Absent(err, "talk")
}

// insertTalk tells whether it wrote: one talk of a group waits at a time.
func insertTalk(ctx context.Context, tx *audit.Tx, k Talk) (bool, error) {
	res, err := tx.Exec(ctx, `INSERT INTO contact_talk (id, unit_id, department_id, office_id, upper_id, person_id, kind, run, state, outcome, held_on, due_on, at, rev)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', '', $10, $11, 1) ON CONFLICT DO NOTHING`,
		string(k.ID), string(k.Unit), string(k.Department), string(k.Office), db.Null(k.Upper), string(k.Person), k.Kind, k.Run, k.State, string(k.Due), tx.At)
	if err != nil {
		return false, fmt.Errorf("write a talk: %w", err)
	}
	n, err := res.RowsAffected()
	if n > 0 {
		tx.Touch("contact_talk", k.ID)
	}
	return n > 0, err
}

func updateTalk(ctx context.Context, tx *audit.Tx, k Talk) error {
	tx.Touch("contact_talk", k.ID)
	return tx.Change(ctx, "talk", "UPDATE contact_talk SET state = $1, outcome = $2, held_on = $3, due_on = $4, rev = rev + 1 WHERE id = $5 AND rev = $6",
		k.State, k.Outcome, string(k.Held), string(k.Due), string(k.ID), k.Rev)
}

func listTalks(ctx context.Context, q db.Q, w where, after string, limit int) ([]Talk, error) {
	if after != "" {
		w.add("k.id < $%d", after)
	}
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT %s FROM contact_talk k WHERE %s ORDER BY k.id DESC LIMIT %d", talkColumns, w.sql(), limit), w.args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (Talk, error) { return scanTalk(r) })
	if err != nil {
		return nil, fmt.Errorf("list talks: %w", err)
	}
	return out, nil
}

// filedByGroup counts what the departments of units, or the units themselves, filed.
func filedByGroup(ctx context.Context, q db.Q, units []id.ID, departments bool, periods []Period, without []id.ID) ([]groupMonth, error) {
	var args []any
	by := grouping(departments)
	rows, err := q.Query(ctx, `SELECT r.unit_id, `+by+`, r.period, COUNT(*), SUM(CASE WHEN r.zero THEN 0 ELSE 1 END) FROM `+filedUnits(&args, units, periods, without)+`
		GROUP BY r.unit_id, `+by+`, r.period ORDER BY r.unit_id, `+by, args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (m groupMonth, err error) {
		return m, r.Scan(&m.unit, &m.department, &m.period, &m.returns, &m.hits)
	})
	if err != nil {
		return nil, fmt.Errorf("sum returns of departments: %w", err)
	}
	return out, nil
}

// loadsByGroup sums the caseloads of who filed, by post.
func loadsByGroup(ctx context.Context, q db.Q, units []id.ID, departments bool, periods []Period, without []id.ID) ([]groupLoad, error) {
	var args []any
	by := grouping(departments)
	rows, err := q.Query(ctx, `SELECT r.unit_id, `+by+`, r.period, c.post, SUM(c.cases), SUM(CASE WHEN r.zero THEN 0 ELSE 1 END) FROM `+filedUnits(&args, units, periods, without)+`
		JOIN contact_caseload c ON c.period = r.period AND c.person_id = r.person_id GROUP BY r.unit_id, `+by+`, r.period, c.post`, args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (l groupLoad, err error) {
		return l, r.Scan(&l.unit, &l.department, &l.period, &l.post, &l.cases, &l.hits)
	})
	if err != nil {
		return nil, fmt.Errorf("sum caseloads of departments: %w", err)
	}
	return out, nil
}

// peopleByGroup counts who has a caseload and filed, by post.
func peopleByGroup(ctx context.Context, q db.Q, units []id.ID, departments bool, periods []Period, without []id.ID) (groupPosts, error) {
	var args []any
	by := grouping(departments)
	rows, err := q.Query(ctx, `SELECT r.unit_id, `+by+`, c.post, COUNT(DISTINCT r.person_id) FROM `+filedUnits(&args, units, periods, without)+`
		JOIN contact_caseload c ON c.period = r.period AND c.person_id = r.person_id GROUP BY r.unit_id, `+by+`, c.post`, args...)
	out := groupPosts{}
	_, err = db.Collect(rows, err, func(r *sql.Rows) (n int, err error) {
		var g group
		var post string
		if err = r.Scan(&g.unit, &g.department, &post, &n); err == nil {
			if out[g] == nil {
				out[g] = map[string]int{}
			}
			out[g][post] = n
		}
		return n, err
	})
	if err != nil {
		return nil, fmt.Errorf("count people of departments: %w", err)
	}
	return out, nil
}

func grouping(departments bool) string {
	if departments {
		return "COALESCE(r.department_id, '')"
	}
	return "CAST('' AS TEXT)"
}
