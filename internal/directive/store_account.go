package directive

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

const accountColumns = "a.id, a.by_unit_id, a.unit_id, a.quarter, a.state, a.tasks, a.verified, a.reported, a.late, a.said, a.by_id, a.at, a.opinion, a.judge_id, a.judged_at, a.rev"

// accountPlaces tells the policy where a list of reconciliations keeps what object holds.
var accountPlaces = access.Columns{State: "a.state", Units: []string{"a.unit_id"}, By: "a.by_unit_id"}

func scanAccount(r scanner) (a Account, err error) {
	return a, r.Scan(&a.ID, &a.By, &a.Unit, &a.Quarter, &a.State, &a.Tasks, &a.Verified, &a.Reported, &a.Late, &a.Said, &a.Person, &a.At, &a.Opinion, &a.Judge, &a.JudgedAt, &a.Rev)
}

func accountsWhere(ctx context.Context, q db.Q, where string, args ...any) ([]Account, error) {
	rows, err := q.Query(ctx, "SELECT "+accountColumns+" FROM directive_account a WHERE "+where, args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (Account, error) { return scanAccount(r) })
	if err != nil {
		return nil, fmt.Errorf("list reconciliations: %w", err)
	}
	return out, nil
}

func accountByID(ctx context.Context, q db.Q, n id.ID) (Account, error) {
	a, err := scanAccount(q.QueryRow(ctx, "SELECT "+accountColumns+" FROM directive_account a WHERE a.id = $1", string(n)))
	return a, db.Absent(err, "quarter")
}

// sumQuarter gives for each unit the tasks of one asking unit that fell due in a
// quarter, as they stand.
func sumQuarter(ctx context.Context, q db.Q, by id.ID, from, to, today clock.Date) ([]Account, error) {
	rows, err := q.Query(ctx, `SELECT t.unit_id, COUNT(*), SUM(CASE WHEN t.state = 'done' THEN 1 ELSE 0 END), SUM(CASE WHEN t.state = 'reported' THEN 1 ELSE 0 END),
		SUM(CASE WHEN t.open = 1 AND t.state <> 'reported' AND t.due_on < $1 THEN 1 ELSE 0 END)
		FROM directive_task t WHERE t.by_id = $2 AND t.due_on >= $3 AND t.due_on <= $4 AND t.state <> 'withdrawn' GROUP BY t.unit_id ORDER BY t.unit_id`, string(today), string(by), string(from), string(to))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (a Account, err error) {
		return a, r.Scan(&a.Unit, &a.Tasks, &a.Verified, &a.Reported, &a.Late)
	})
	if err != nil {
		return nil, fmt.Errorf("sum a quarter: %w", err)
	}
	return out, nil
}

func insertAccounts(ctx context.Context, tx *audit.Tx, list []Account) error {
	var rows [][]any
	for _, a := range list {
		tx.Touch("directive_account", a.ID)
		rows = append(rows, []any{string(a.ID), string(a.By), string(a.Unit), a.Quarter, a.State, a.Tasks, a.Verified, a.Reported, a.Late, "", "", "", "", "", "", 1})
	}
	return tx.InsertMany(ctx, "directive_account", "id, by_unit_id, unit_id, quarter, state, tasks, verified, reported, late, said, by_id, at, opinion, judge_id, judged_at, rev", rows)
}

func updateAccount(ctx context.Context, tx *audit.Tx, a Account) error {
	tx.Touch("directive_account", a.ID)
	return tx.Change(ctx, "quarter", "UPDATE directive_account SET state = $1, said = $2, by_id = $3, at = $4, opinion = $5, judge_id = $6, judged_at = $7, rev = rev + 1 WHERE id = $8 AND rev = $9",
		a.State, a.Said, string(a.Person), a.At, a.Opinion, string(a.Judge), a.JudgedAt, string(a.ID), a.Rev)
}

// listAccounts gives one page, the latest quarter first.
func listAccounts(ctx context.Context, q db.Q, filter string, args []any, p page.Query) (out []Account, next page.Next, err error) {
	where := filter
	arg := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	for key, col := range map[string]string{"quarter": "a.quarter", "state": "a.state", "unit": "a.unit_id"} {
		if v := p.Filter.Get(key); v != "" {
			where += " AND " + col + " = " + arg(v)
		}
	}
	if err := q.QueryRow(ctx, "SELECT COUNT(*) FROM (SELECT 1 FROM directive_account a WHERE "+where+" LIMIT "+strconv.Itoa(page.CountCap+1)+") y", args...).Scan(&next.Count); err != nil {
		return nil, next, fmt.Errorf("count reconciliations: %w", err)
	}
	if len(p.After) == 2 {
		where += " AND (a.quarter, a.id) < (" + arg(p.After[0]) + ", " + arg(p.After[1]) + ")"
	}
	if out, err = accountsWhere(ctx, q, where+" ORDER BY a.quarter DESC, a.id DESC LIMIT "+arg(p.Size+1), args...); err != nil {
		return nil, next, err
	}
	out = page.Cut(out, p.Size, &next, func(last Account) []string { return []string{last.Quarter, string(last.ID)} })
	return out, next, nil
}

// Load is what the issues of a month asked of one unit.
type Load struct {
	Unit    id.ID `json:"unit"`
	Forms   int   `json:"forms"`
	Fields  int   `json:"fields"`
	Minutes int   `json:"minutes"`
}

// loads counts the tasks that units got in a span, by issue.
func loads(ctx context.Context, q db.Q, filter string, args []any, from, to string) (map[id.ID]map[id.ID]int, error) {
	args = append(args, from, to)
	n := len(args)
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT t.unit_id, t.issue_id, COUNT(*) FROM directive_task t WHERE t.made_at >= $%d AND t.made_at < $%d AND t.state <> 'withdrawn' AND %s GROUP BY t.unit_id, t.issue_id", n-1, n, filter), args...)
	type line struct {
		unit, issue id.ID
		n           int
	}
	list, err := db.Collect(rows, err, func(r *sql.Rows) (l line, err error) { return l, r.Scan(&l.unit, &l.issue, &l.n) })
	if err != nil {
		return nil, fmt.Errorf("sum the burden: %w", err)
	}
	out := map[id.ID]map[id.ID]int{}
	for _, l := range list {
		if out[l.unit] == nil {
			out[l.unit] = map[id.ID]int{}
		}
		out[l.unit][l.issue] = l.n
	}
	return out, nil
}
