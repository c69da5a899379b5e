package risk

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

func lastRun(ctx context.Context, q db.Q) (Run, error) {
	list, err := runs(ctx, q, 1)
	if err != nil || len(list) == 0 {
		return Run{}, err
	}
	return list[0], nil
}

func runs(ctx context.Context, q db.Q, limit int) ([]Run, error) {
	rows, err := q.Query(ctx, "SELECT id, whole, on_date, upto, rules, cases, events, found, known, failed, COALESCE(person_id, ''), at FROM risk_run ORDER BY id DESC LIMIT $1", limit)
	return db.Collect(rows, err, func(r *sql.Rows) (x Run, err error) {
		return x, r.Scan(&x.ID, &x.Whole, &x.On, &x.Upto, &x.Rules, &x.Cases, &x.Events, &x.Found, &x.Known, &x.Failed, &x.Person, &x.At)
	})
}

func insertRun(ctx context.Context, tx *audit.Tx, r Run) error {
	return insert(ctx, tx, "risk_run", "id, whole, on_date, upto, rules, cases, events, found, known, failed, person_id, at",
		string(r.ID), r.Whole, string(r.On), r.Upto, r.Rules, r.Cases, r.Events, r.Found, r.Known, r.Failed, db.Null(r.Person), tx.At)
}

func lastLoad(ctx context.Context, q db.Q) (n int64, err error) {
	if err = q.QueryRow(ctx, "SELECT COALESCE(MAX(n), 0) FROM risk_load").Scan(&n); err != nil {
		return 0, fmt.Errorf("last import: %w", err)
	}
	return n, nil
}

const alertColumns = `a.id, a.no, a.rule, a.n, a.base, a.digest, a.subject, a.level, COALESCE(a.person_id, ''), a.unit_id, a.home_id, COALESCE(a.case_id, ''), a.state, a.found_on, a.due_on, a.snooze_to,
	COALESCE(a.verifier_id, ''), a.decided_on, a.lead_no, COALESCE(a.point_id, ''), a.run_id, a.sealed, a.at, a.changed_at, a.rev`

// alertAccess is what the policy reads of a list of alerts.
var alertAccess = access.Columns{State: "a.state", Units: []string{"a.home_id"}, Concern: []string{"a.id"}}

func scanAlert(r scanner) (a Alert, err error) {
	return a, r.Scan(&a.ID, &a.No, &a.Rule, &a.N, &a.base, &a.digest, &a.Subject, &a.Level, &a.Person, &a.Unit, &a.Home, &a.Case, &a.State, &a.Found, &a.Due, &a.Snooze,
		&a.Verifier, &a.Decided, &a.Lead, &a.Point, &a.Run, &a.sealed, &a.At, &a.Changed, &a.Rev)
}

func alertRow(r *sql.Rows) (Alert, error) { return scanAlert(r) }

func insertAlertRows(ctx context.Context, tx *audit.Tx, list []Alert) error {
	rows := make([][]any, len(list))
	for i, a := range list {
		tx.Touch("risk_alert", a.ID)
		rows[i] = []any{string(a.ID), a.No, a.Rule, a.N, a.base, a.digest, a.Subject, a.Level, db.Null(a.Person), string(a.Unit), string(a.Home), db.Null(a.Case), a.State, string(a.Found), string(a.Due), string(a.Snooze),
			db.Null(a.Verifier), string(a.Decided), a.Lead, db.Null(a.Point), string(a.Run), a.sealed, tx.At, tx.At, 1}
	}
	return tx.InsertMany(ctx, "risk_alert", `id, no, rule, n, base, digest, subject, level, person_id, unit_id, home_id, case_id, state, found_on, due_on, snooze_to,
		verifier_id, decided_on, lead_no, point_id, run_id, sealed, at, changed_at, rev`, rows)
}

func updateAlert(ctx context.Context, tx *audit.Tx, a Alert) error {
	tx.Touch("risk_alert", a.ID)
	return tx.Change(ctx, "alert", `UPDATE risk_alert SET state = $1, due_on = $2, snooze_to = $3, verifier_id = $4, decided_on = $5, lead_no = $6, point_id = $7, changed_at = $8, rev = rev + 1
		WHERE id = $9 AND rev = $10`, a.State, string(a.Due), string(a.Snooze), db.Null(a.Verifier), string(a.Decided), a.Lead, db.Null(a.Point), tx.At, string(a.ID), a.Rev)
}

// alertByID reads an alert with the persons whom it concerns, its facts still
// sealed. The caller judges whether it may be seen.
func alertByID(ctx context.Context, q db.Q, n id.ID) (Alert, error) {
	a, err := scanAlert(q.QueryRow(ctx, "SELECT "+alertColumns+" FROM risk_alert a WHERE a.id = $1", string(n)))
	if err != nil {
		return a, db.Absent(err, "alert")
	}
	a.Concerns, err = access.Concerns(ctx, q, a.ID)
	return a, err
}

// knownAlerts gives digest and state of what was raised by one rule of one subject.
func knownAlerts(ctx context.Context, q db.Q, bases []string) (map[string][][2]string, error) {
	var args []any
	rows, err := q.Query(ctx, "SELECT base, digest, state FROM risk_alert WHERE base IN ("+marks(&args, bases)+")", args...)
	out := map[string][][2]string{}
	_, err = db.Collect(rows, err, func(r *sql.Rows) (struct{}, error) {
		var base, digest, state string
		err := r.Scan(&base, &digest, &state)
		out[base] = append(out[base], [2]string{digest, state})
		return struct{}{}, err
	})
	return out, err
}

func snoozedBefore(ctx context.Context, q db.Q, day clock.Date) ([]Alert, error) {
	rows, err := q.Query(ctx, "SELECT "+alertColumns+" FROM risk_alert a WHERE a.state = $1 AND a.snooze_to <= $2 ORDER BY a.id LIMIT 1000", AlertSnoozed, string(day))
	return db.Collect(rows, err, alertRow)
}

// alertFilter narrows a list of alerts.
type alertFilter struct {
	State, Rule, Level, Unit string
	Person                   id.ID
	Case                     id.ID
	Point                    id.ID
	Judged                   bool // decided as right: the closed loop
}

func (f alertFilter) where(args *[]any) string {
	out := ""
	for _, c := range []struct{ col, v string }{{"a.state", f.State}, {"a.rule", f.Rule}, {"a.person_id", string(f.Person)}, {"a.case_id", string(f.Case)}, {"a.point_id", string(f.Point)}, {"a.unit_id", f.Unit}} {
		if c.v != "" {
			*args = append(*args, c.v)
			out += fmt.Sprintf(" AND %s = $%d", c.col, len(*args))
		}
	}
	if f.Level >= "1" && f.Level <= "4" {
		out += " AND a.level = " + f.Level[:1]
	}
	if f.Judged {
		out += " AND a.state IN ('" + AlertLead + "', '" + AlertCorrected + "')"
	}
	return out
}

func visibleAlerts(ctx context.Context, q db.Q, p *access.Policy, who actor.Actor, f alertFilter, pq page.Query) ([]Alert, page.Next, error) {
	var args []any
	where := p.Filter(who, "alert.read", alertAccess, &args) + f.where(&args)
	var next page.Next
	if err := q.QueryRow(ctx, fmt.Sprintf("SELECT COUNT(*) FROM (SELECT 1 FROM risk_alert a WHERE %s LIMIT %d) x", where, page.CountCap+1), args...).Scan(&next.Count); err != nil {
		return nil, next, fmt.Errorf("count alerts: %w", err)
	}
	states := []string{""}
	if f.Judged && next.Count > page.CountCap {
		// Of very many the newest are found soonest by walking back in each state; an
		// expression in place of the unit keeps the walk off the index of units, out of
		// which all would be sorted first.
		walk := alertAccess
		walk.Units = []string{"COALESCE(a.home_id, '')"}
		args = nil
		where = p.Filter(who, "alert.read", walk, &args)
		f.Judged = false
		where += f.where(&args)
		states = []string{" AND a.state = '" + AlertLead + "'", " AND a.state = '" + AlertCorrected + "'"}
	}
	if len(pq.After) > 0 {
		args = append(args, pq.After[0])
		where += fmt.Sprintf(" AND a.id < $%d", len(args))
	}
	size := max(1, pq.Size)
	var ids []id.ID
	for _, state := range states {
		rows, err := q.Query(ctx, fmt.Sprintf("SELECT a.id FROM risk_alert a WHERE %s ORDER BY a.id DESC LIMIT %d", where+state, size+1), args...)
		list, err := db.Collect(rows, err, func(r *sql.Rows) (n id.ID, err error) { return n, r.Scan(&n) })
		if err != nil {
			return nil, next, err
		}
		ids = append(ids, list...)
	}
	if len(ids) == 0 {
		return nil, next, nil
	}
	slices.SortFunc(ids, func(x, y id.ID) int { return strings.Compare(string(y), string(x)) })
	ids = ids[:min(len(ids), size+1)]
	var of []any
	rows, err := q.Query(ctx, "SELECT "+alertColumns+" FROM risk_alert a WHERE a.id IN ("+marks(&of, ids)+") ORDER BY a.id DESC", of...)
	list, err := db.Collect(rows, err, alertRow)
	if len(list) > size {
		list = list[:size]
		next.After = page.Cursor(string(list[size-1].ID))
	}
	return list, next, err
}

// precisions counts outcomes by version of a rule, without the alerts that concern
// the actor; rule and n narrow it.
func precisions(ctx context.Context, q db.Q, p *access.Policy, who actor.Actor, rule string, n int) ([]Precision, error) {
	var args []any
	where := p.Filter(who, "alert.count", alertAccess, &args)
	if rule != "" {
		args = append(args, rule, n)
		where += fmt.Sprintf(" AND a.rule = $%d AND a.n = $%d", len(args)-1, len(args))
	}
	rows, err := q.Query(ctx, "SELECT a.rule, a.n, a.state, COUNT(*) FROM risk_alert a WHERE "+where+" GROUP BY a.rule, a.n, a.state ORDER BY a.rule, a.n, a.state", args...)
	var out []Precision
	_, err = db.Collect(rows, err, func(r *sql.Rows) (struct{}, error) {
		var p Precision
		var state string
		var k int
		if err := r.Scan(&p.Rule, &p.N, &state, &k); err != nil {
			return struct{}{}, err
		}
		if len(out) == 0 || out[len(out)-1].Rule != p.Rule || out[len(out)-1].N != p.N {
			out = append(out, p)
		}
		x := &out[len(out)-1]
		switch state {
		case AlertCorrected:
			x.Corrected += k
		case AlertLead:
			x.Leads += k
		case AlertCleared:
			x.Cleared += k
		case AlertFault:
			x.Faults += k
		default:
			x.Open += k
		}
		return struct{}{}, nil
	})
	for i := range out {
		p := &out[i]
		p.Right = Wilson(p.Corrected+p.Leads, p.Corrected+p.Leads+p.Cleared+p.Faults)
	}
	return out, err
}

// effect counts the alerts that the actor may see of a rule at a unit in the days
// before and after a day.
func effect(ctx context.Context, q db.Q, p *access.Policy, who actor.Actor, unit id.ID, rule string, from, day, to clock.Date) (before, after int, err error) {
	args := []any{string(unit), rule, string(from), string(day), string(to)}
	where := p.Filter(who, "alert.read", alertAccess, &args)
	err = q.QueryRow(ctx, `SELECT COALESCE(SUM(CASE WHEN a.found_on <= $4 THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN a.found_on > $4 THEN 1 ELSE 0 END), 0)
		FROM risk_alert a WHERE a.unit_id = $1 AND a.rule = $2 AND a.found_on >= $3 AND a.found_on <= $5 AND `+where, args...).Scan(&before, &after)
	if err != nil {
		return 0, 0, fmt.Errorf("effect of a measure: %w", err)
	}
	return before, after, nil
}

// judgedIn counts the alerts at a unit and below it that were decided from one day to
// another, among those that the actor may see, and how many of them were right.
func judgedIn(ctx context.Context, q db.Q, p *access.Policy, who actor.Actor, under id.ID, from, to clock.Date) (right, all int, err error) {
	args := []any{string(under), string(from), string(to)}
	where := p.Filter(who, "alert.read", alertAccess, &args)
	err = q.QueryRow(ctx, `SELECT COALESCE(SUM(CASE WHEN a.state IN ('`+AlertLead+`', '`+AlertCorrected+`') THEN 1 ELSE 0 END), 0), COUNT(*) FROM risk_alert a
		WHERE a.unit_id IN (SELECT unit_id FROM access_tree WHERE above_id = $1) AND a.decided_on >= $2 AND a.decided_on <= $3 AND `+where, args...).Scan(&right, &all)
	if err != nil {
		return 0, 0, fmt.Errorf("alerts judged: %w", err)
	}
	return right, all, nil
}
