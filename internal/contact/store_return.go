package contact

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

const returnColumns = "r.id, r.period, r.person_id, r.unit_id, COALESCE(r.department_id, ''), r.zero, r.attested, r.late, COALESCE(r.by_id, ''), r.reason, r.at, r.corrected_at, r.confirmed_at, r.rev"

func scanReturn(r scanner) (x Return, err error) {
	return x, r.Scan(&x.ID, &x.Period, &x.Person, &x.Unit, &x.Department, &x.Zero, &x.Attested, &x.Late, &x.By, &x.Reason, &x.At, &x.Corrected, &x.Confirmed, &x.Rev)
}

// insertReturn writes a return unless the person has one for the period.
func insertReturn(ctx context.Context, tx *audit.Tx, x Return) (fresh bool, err error) {
	r, err := tx.Exec(ctx, `INSERT INTO contact_return (id, period, person_id, unit_id, department_id, zero, attested, late, by_id, reason, at, corrected_at, rev)
		VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9, $10, '', 1) ON CONFLICT (period, person_id) DO NOTHING`,
		string(x.ID), string(x.Period), string(x.Person), string(x.Unit), db.Null(x.Department), x.Zero, x.Late, db.Null(x.By), x.Reason, tx.At)
	if err != nil {
		return false, fmt.Errorf("write return: %w", err)
	}
	n, err := r.RowsAffected()
	if err != nil || n == 0 {
		return false, err
	}
	tx.Touch("contact_return", x.ID)
	return true, nil
}

// insertReturns writes many returns; one that is there already is a conflict of all.
func insertReturns(ctx context.Context, tx *audit.Tx, list []Return) error {
	rows := make([][]any, len(list))
	for i, x := range list {
		rows[i] = []any{string(x.ID), string(x.Period), string(x.Person), string(x.Unit), db.Null(x.Department), x.Zero, x.Attested, x.Late, db.Null(x.By), x.Reason, x.At, x.Corrected, 1}
		tx.Touch("contact_return", x.ID)
	}
	return tx.InsertMany(ctx, "contact_return", "id, period, person_id, unit_id, department_id, zero, attested, late, by_id, reason, at, corrected_at, rev", rows)
}

func returnOf(ctx context.Context, q db.Q, p Period, person id.ID) (Return, error) {
	x, err := scanReturn(q.QueryRow(ctx, "SELECT "+returnColumns+" FROM contact_return r WHERE r.period = $1 AND r.person_id = $2", string(p), string(person)))
	return x, db.Absent(err, "return")
}

// returnsOf reads the returns of persons in periods.
func returnsOf(ctx context.Context, q db.Q, periods []Period, persons ...id.ID) ([]Return, error) {
	if len(periods) == 0 || len(persons) == 0 {
		return nil, nil
	}
	var args []any
	ps := marks(&args, periods)
	rows, err := q.Query(ctx, "SELECT "+returnColumns+" FROM contact_return r WHERE r.period IN ("+ps+") AND r.person_id IN ("+marks(&args, persons)+") ORDER BY r.period, r.person_id", args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (Return, error) { return scanReturn(r) })
	if err != nil {
		return nil, fmt.Errorf("read returns: %w", err)
	}
	return out, nil
}

// returnsIn reads the returns of a unit in periods.
func returnsIn(ctx context.Context, q db.Q, unit id.ID, periods ...Period) ([]Return, error) {
	var args []any
	ps := marks(&args, periods)
	args = append(args, string(unit))
	rows, err := q.Query(ctx, "SELECT "+returnColumns+" FROM contact_return r WHERE r.period IN ("+ps+") AND r.unit_id = $"+strconv.Itoa(len(args))+" ORDER BY r.person_id", args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (Return, error) { return scanReturn(r) })
	if err != nil {
		return nil, fmt.Errorf("read returns: %w", err)
	}
	return out, nil
}

func marks[T ~string](args *[]any, vs []T) string {
	out := make([]string, len(vs))
	for i, v := range vs {
		*args = append(*args, string(v))
		out[i] = "$" + strconv.Itoa(len(*args))
	}
	return strings.Join(out, ", ")
}

// correctReturn notes that a zero return turned out not to be one; what was
// attested stays in its column.
func correctReturn(ctx context.Context, tx *audit.Tx, x Return) error {
	tx.Touch("contact_return", x.ID)
	return tx.Change(ctx, "return", "UPDATE contact_return SET zero = FALSE, corrected_at = $1, rev = rev + 1 WHERE id = $2 AND rev = $3", tx.At, string(x.ID), x.Rev)
}

// confirmReturn notes that the person himself looked at what somebody else filed.
func confirmReturn(ctx context.Context, tx *audit.Tx, x Return) error {
	tx.Touch("contact_return", x.ID)
	return tx.Change(ctx, "return", "UPDATE contact_return SET confirmed_at = $1, rev = rev + 1 WHERE id = $2 AND rev = $3", tx.At, string(x.ID), x.Rev)
}

// unconfirmed are the returns that somebody else filed for a person.
func unconfirmed(ctx context.Context, q db.Q, person id.ID) ([]Return, error) {
	rows, err := q.Query(ctx, "SELECT "+returnColumns+" FROM contact_return r WHERE r.person_id = $1 AND r.by_id IS NOT NULL AND r.confirmed_at = '' ORDER BY r.period DESC LIMIT 12", string(person))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (Return, error) { return scanReturn(r) })
	if err != nil {
		return nil, fmt.Errorf("read returns to confirm: %w", err)
	}
	return out, nil
}

// recordedIn counts the records of a reporter in a period.
func recordedIn(ctx context.Context, q db.Q, reporter id.ID, p Period) (n int, err error) {
	err = q.QueryRow(ctx, "SELECT COUNT(*) FROM contact_matter m WHERE m.reporter = $1 AND m.period = $2 AND m.state NOT IN ('draft', 'discarded', 'withdrawn')", string(reporter), string(p)).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count records: %w", err)
	}
	return n, nil
}

func closed(ctx context.Context, q db.Q, p Period, unit id.ID) (at string, err error) {
	err = q.QueryRow(ctx, "SELECT COALESCE(MAX(at), '') FROM contact_closing WHERE period = $1 AND unit_id = $2", string(p), string(unit)).Scan(&at)
	if err != nil {
		return "", fmt.Errorf("read closing: %w", err)
	}
	return at, nil
}

func insertClosings(ctx context.Context, tx *audit.Tx, list []Closing) error {
	rows := make([][]any, len(list))
	for i, c := range list {
		rows[i] = []any{string(c.ID), string(c.Period), string(c.Unit), tx.At, string(c.By), c.Owed, c.Filed, c.Zero, c.Late}
		tx.Touch("contact_closing", c.ID)
	}
	return tx.InsertMany(ctx, "contact_closing", "id, period, unit_id, at, by_id, owed, filed, zero, late", rows)
}

// closedUnits are the units in which a period is closed.
func closedUnits(ctx context.Context, q db.Q, p Period) (map[id.ID]string, error) {
	rows, err := q.Query(ctx, "SELECT unit_id, at FROM contact_closing WHERE period = $1", string(p))
	out := map[id.ID]string{}
	_, err = db.Collect(rows, err, func(r *sql.Rows) (at string, err error) {
		var unit id.ID
		if err = r.Scan(&unit, &at); err == nil {
			out[unit] = at
		}
		return at, err
	})
	if err != nil {
		return nil, fmt.Errorf("read closings: %w", err)
	}
	return out, nil
}

// filedBy counts the returns of a period by unit, from the index alone.
func filedBy(ctx context.Context, q db.Q, p Period) (map[id.ID]Tally, error) {
	rows, err := q.Query(ctx, `SELECT r.unit_id, COUNT(*), SUM(CASE WHEN r.zero THEN 1 ELSE 0 END), SUM(CASE WHEN r.late THEN 1 ELSE 0 END)
		FROM contact_return r WHERE r.period = $1 GROUP BY r.unit_id`, string(p))
	out := map[id.ID]Tally{}
	_, err = db.Collect(rows, err, func(r *sql.Rows) (t Tally, err error) {
		var unit id.ID
		if err = r.Scan(&unit, &t.Filed, &t.Zero, &t.Late); err == nil {
			out[unit] = t
		}
		return t, err
	})
	if err != nil {
		return nil, fmt.Errorf("count returns: %w", err)
	}
	return out, nil
}

func allSettings(ctx context.Context, q db.Q) ([]Setting, error) {
	rows, err := q.Query(ctx, "SELECT id, unit_id, cadence, end_day, grace, from_period, reason, at, first_period FROM contact_setting ORDER BY id")
	out, err := db.Collect(rows, err, func(r *sql.Rows) (x Setting, err error) {
		return x, r.Scan(&x.ID, &x.Unit, &x.Cadence, &x.EndDay, &x.Grace, &x.From, &x.Reason, &x.At, &x.First)
	})
	if err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	return out, nil
}

func insertSetting(ctx context.Context, tx *audit.Tx, x Setting, by id.ID) error {
	return insert(ctx, tx, "contact_setting", "id, unit_id, cadence, end_day, grace, from_period, reason, at, by_id, first_period",
		string(x.ID), string(x.Unit), x.Cadence, x.EndDay, x.Grace, string(x.From), x.Reason, tx.At, string(by), string(x.First))
}

// firstKept is the first period that was filed here in time, or closed, by anybody.
func firstKept(ctx context.Context, q db.Q) (Period, error) {
	return earliest(ctx, q, "SELECT x.period FROM (SELECT r.period FROM contact_return r WHERE r.late = FALSE ORDER BY r.period LIMIT 1) AS x UNION ALL SELECT COALESCE(MIN(c.period), '') FROM contact_closing c")
}

// keptBefore is a period of a unit and those below it that was filed here in time, or
// closed, and ends before a month; "" when there is none.
func keptBefore(ctx context.Context, q db.Q, root id.ID, month Period) (Period, error) {
	before := func(t string) string {
		return strings.ReplaceAll("t.unit_id IN (SELECT unit_id FROM access_tree WHERE above_id = $1) AND (t.period < $2 AND substr(t.period, 6, 1) <> 'Q' OR t.period < $3 AND substr(t.period, 6, 1) = 'Q')", "t.", t+".")
	}
	return earliest(ctx, q, "SELECT x.period FROM (SELECT r.period FROM contact_return r WHERE r.late = FALSE AND "+before("r")+" LIMIT 1) AS x UNION ALL SELECT COALESCE(MIN(c.period), '') FROM contact_closing c WHERE "+before("c"),
		string(root), string(month), string(month.Quarter()))
}

// earliest is the one of some periods that ends first, "" of none.
func earliest(ctx context.Context, q db.Q, query string, args ...any) (first Period, err error) {
	rows, err := q.Query(ctx, query, args...)
	list, err := db.Collect(rows, err, func(r *sql.Rows) (p Period, err error) { return p, r.Scan(&p) })
	if err != nil {
		return "", fmt.Errorf("read the first period: %w", err)
	}
	for _, p := range list {
		if p != "" && (first == "" || p.ends() < first.ends()) {
			first = p
		}
	}
	return first, nil
}

const delegateColumns = "d.id, d.person_id, d.delegate_id, d.from_on, d.to_on, d.reason, d.at, d.by_id, d.ended_at, d.rev"

func scanDelegate(r *sql.Rows) (d Delegate, err error) {
	return d, r.Scan(&d.ID, &d.Person, &d.Delegate, &d.From, &d.To, &d.Reason, &d.At, &d.By, &d.Ended, &d.Rev)
}

func delegates(ctx context.Context, q db.Q, column string, person id.ID) ([]Delegate, error) {
	rows, err := q.Query(ctx, "SELECT "+delegateColumns+" FROM contact_delegate d WHERE d."+column+" = $1 ORDER BY d.id DESC LIMIT 50", string(person))
	out, err := db.Collect(rows, err, scanDelegate)
	if err != nil {
		return nil, fmt.Errorf("read delegates: %w", err)
	}
	return out, nil
}

func insertDelegate(ctx context.Context, tx *audit.Tx, d Delegate) error {
	return insert(ctx, tx, "contact_delegate", "id, person_id, delegate_id, from_on, to_on, reason, at, by_id, ended_at, rev",
		string(d.ID), string(d.Person), string(d.Delegate), string(d.From), string(d.To), d.Reason, tx.At, string(d.By), "", 1)
}

func endDelegate(ctx context.Context, tx *audit.Tx, d Delegate) error {
	tx.Touch("contact_delegate", d.ID)
	return tx.Change(ctx, "delegate", "UPDATE contact_delegate SET ended_at = $1, rev = rev + 1 WHERE id = $2 AND rev = $3 AND ended_at = ''", tx.At, string(d.ID), d.Rev)
}

func insertReminders(ctx context.Context, tx *audit.Tx, by id.ID, list []owing) error {
	rows := make([][]any, len(list))
	for i, o := range list {
		n := id.New()
		rows[i] = []any{string(n), string(o.period), string(o.person), string(o.unit), tx.At, string(by)}
		tx.Touch("contact_reminder", n)
	}
	return tx.InsertMany(ctx, "contact_reminder", "id, period, person_id, unit_id, at, by_id", rows)
}

// reminded counts how often persons were reminded of a period.
func reminded(ctx context.Context, q db.Q, p Period, persons ...id.ID) (map[id.ID]int, error) {
	out := map[id.ID]int{}
	if len(persons) == 0 {
		return out, nil
	}
	args := []any{string(p)}
	rows, err := q.Query(ctx, "SELECT person_id, COUNT(*) FROM contact_reminder WHERE period = $1 AND person_id IN ("+marks(&args, persons)+") GROUP BY person_id", args...)
	_, err = db.Collect(rows, err, func(r *sql.Rows) (n int, err error) {
		var p id.ID
		if err = r.Scan(&p, &n); err == nil {
			out[p] = n
		}
		return n, err
	})
	if err != nil {
		return nil, fmt.Errorf("count reminders: %w", err)
	}
	return out, nil
}

func insertGate(ctx context.Context, tx *audit.Tx, caseKey string, g Gate) (fresh bool, err error) {
	r, err := tx.Exec(ctx, `INSERT INTO contact_gate (id, case_key, stage, person_id, unit_id, zero, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (case_key, stage, person_id) DO NOTHING`, string(g.ID), caseKey, g.Stage, string(g.Person), string(g.Unit), g.Zero, tx.At)
	if err != nil {
		return false, fmt.Errorf("write gate: %w", err)
	}
	n, err := r.RowsAffected()
	if err == nil && n > 0 {
		tx.Touch("contact_gate", g.ID)
	}
	return n > 0, err
}

func gatesOf(ctx context.Context, q db.Q, caseKey, stage string) ([]Gate, error) {
	rows, err := q.Query(ctx, "SELECT id, stage, person_id, unit_id, zero, at FROM contact_gate WHERE case_key = $1 AND stage = $2 ORDER BY id", caseKey, stage)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (g Gate, err error) {
		return g, r.Scan(&g.ID, &g.Stage, &g.Person, &g.Unit, &g.Zero, &g.At)
	})
	if err != nil {
		return nil, fmt.Errorf("read gates: %w", err)
	}
	return out, nil
}

// recordedOn counts the records of a reporter about a case.
func recordedOn(ctx context.Context, q db.Q, reporter id.ID, caseKey string, since clock.Date) (n int, err error) {
	err = q.QueryRow(ctx, "SELECT COUNT(*) FROM contact_matter m WHERE m.case_key = $1 AND m.reporter = $2 AND m.recorded_on >= $3 AND m.state NOT IN ('draft', 'discarded', 'withdrawn')",
		caseKey, string(reporter), string(since)).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count records of a case: %w", err)
	}
	return n, nil
}

func delegateByID(ctx context.Context, q db.Q, n id.ID) (Delegate, error) {
	rows, err := q.Query(ctx, "SELECT "+delegateColumns+" FROM contact_delegate d WHERE d.id = $1", string(n))
	out, err := db.Collect(rows, err, scanDelegate)
	if err != nil {
		return Delegate{}, fmt.Errorf("read delegate: %w", err)
	}
	if len(out) == 0 {
		return Delegate{}, fault.NotFound("delegate")
	}
	return out[0], nil
}
