package conduct

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// outcomeAccess: figures are read over the units of the persons; a matter that
// concerns the reader or a relative is in none of them.
var outcomeAccess = access.Columns{Units: []string{"o.unit_id"}, Concern: []string{"o.case_id", "o.lead_id", "o.person_id"}}

// countForms groups outcomes by a dimension and the form.
func countForms(ctx context.Context, q db.Q, p *access.Policy, who actor.Actor, column string, fq FormsQuery) (map[string][4]int, error) {
	var args []any
	where := countedIn(p, who, fq, &args)
	rows, err := q.Query(ctx, "SELECT "+column+", o.form, COUNT(*) FROM conduct_outcome o WHERE NOT o.void AND "+where+" GROUP BY "+column+", o.form", args...)
	type line struct {
		key     string
		form, n int
	}
	list, err := db.Collect(rows, err, func(r *sql.Rows) (x line, err error) { return x, r.Scan(&x.key, &x.form, &x.n) })
	if err != nil {
		return nil, fmt.Errorf("count forms: %w", err)
	}
	out := map[string][4]int{}
	for _, x := range list {
		if x.form >= 1 && x.form <= 4 {
			v := out[x.key]
			v[x.form-1] += x.n
			out[x.key] = v
		}
	}
	return out, nil
}

// countedIn is the condition under which an outcome counts in the four forms.
func countedIn(p *access.Policy, who actor.Actor, fq FormsQuery, args *[]any) string {
	where := p.Filter(who, "outcome.count", outcomeAccess, args) + subjects(who, "o.person_id", args)
	for _, c := range []struct {
		op string
		v  clock.Date
	}{{">=", fq.From}, {"<=", fq.To}} {
		if c.v != "" {
			*args = append(*args, string(c.v))
			where += fmt.Sprintf(" AND o.decided_on %s $%d", c.op, len(*args))
		}
	}
	if fq.Root != "" {
		*args = append(*args, string(fq.Root))
		where += fmt.Sprintf(" AND o.unit_id IN (SELECT unit_id FROM access_tree WHERE above_id = $%d)", len(*args))
	}
	return where
}

// maxBehind bounds the records that stand behind one figure on its page.
const maxBehind = 200

// behindForms are the cases and leads behind one figure that the actor may read as
// records, newest first, and how many they are.
func behindForms(ctx context.Context, q db.Q, p *access.Policy, who actor.Actor, fq FormsQuery, cell CellQuery) (out []Behind, all int, err error) {
	for _, from := range []struct {
		table, no, action, href string
		cols                    access.Columns
	}{
		{"conduct_case c ON c.id = o.case_id", "c.no", "conduct.read", "/conduct/cases/", caseAccess},
		{"conduct_lead l ON l.id = o.lead_id", "l.no", "lead.read", "/conduct/leads/", leadAccess},
	} {
		var args []any
		where := countedIn(p, who, fq, &args) + " AND " + p.Filter(who, from.action, from.cols, &args)
		if cell.Key != "" {
			args = append(args, cell.Key)
			where += fmt.Sprintf(" AND %s = $%d", dimensionColumns[fq.By], len(args))
		}
		if cell.Form != 0 {
			args = append(args, cell.Form)
			where += fmt.Sprintf(" AND o.form = $%d", len(args))
		}
		source := " FROM conduct_outcome o JOIN " + from.table + " WHERE NOT o.void AND " + where
		n := 0
		if err := q.QueryRow(ctx, "SELECT COUNT(*)"+source, args...).Scan(&n); err != nil {
			return nil, 0, fmt.Errorf("records behind a figure: %w", err)
		}
		all += n
		rows, err := q.Query(ctx, fmt.Sprintf("SELECT %s, %s, o.unit_id, o.conduct, o.kind, o.form, o.decided_on%s ORDER BY o.decided_on DESC, o.id DESC LIMIT %d", from.cols.Concern[0], from.no, source, maxBehind), args...)
		list, err := db.Collect(rows, err, func(r *sql.Rows) (b Behind, err error) {
			var n id.ID
			err = r.Scan(&n, &b.No, &b.Unit, &b.Conduct, &b.Kind, &b.Form, &b.On)
			b.Href = from.href + string(n)
			return b, err
		})
		if err != nil {
			return nil, 0, fmt.Errorf("records behind a figure: %w", err)
		}
		out = append(out, list...)
	}
	slices.SortStableFunc(out, func(x, y Behind) int { return strings.Compare(string(y.On), string(x.On)) })
	return out[:min(len(out), maxBehind)], all, nil
}

// subjects leaves out what is about the reader himself or a relative, also where
// no concern was noted.
func subjects(who actor.Actor, column string, args *[]any) string {
	out := ""
	for _, k := range who.Kin() {
		*args = append(*args, string(k))
		out += fmt.Sprintf(" AND %s <> $%d", column, len(*args))
	}
	return out
}

var dimensionColumns = map[string]string{
	"level": "CAST(o.level AS TEXT)", "unit": "o.unit_id", "conduct": "o.conduct", "kind": "o.kind", "quarter": "o.quarter",
	"rank": "CASE WHEN o.leadership THEN 'leadership' WHEN o.rank = '' THEN 'none' ELSE o.rank END",
}

func insertSmall(ctx context.Context, tx *audit.Tx, n id.ID, m Small) error {
	return insert(ctx, tx, "conduct_small", "id, person_id, unit_id, department_id, kind, ref, on_date", string(n), string(m.Person), string(m.Unit), db.Null(m.Department), m.Kind, m.Ref, string(m.On))
}

func knownSmall(ctx context.Context, q db.Q, kind, ref string) (bool, error) {
	var n int
	err := q.QueryRow(ctx, "SELECT COUNT(*) FROM conduct_small WHERE kind = $1 AND ref = $2", kind, ref).Scan(&n)
	return n > 0, err
}

// maxMatters bounds what one warning page adds up.
const maxMatters = 50000

// matters lists small matters since a day: outcomes of the first form and what
// other rooms told.
func matters(ctx context.Context, q db.Q, p *access.Policy, who actor.Actor, action string, since clock.Date) ([]matter, error) {
	var args []any
	where := p.Filter(who, action, outcomeAccess, &args) + subjects(who, "o.person_id", &args)
	args = append(args, string(since))
	rows, err := q.Query(ctx, fmt.Sprintf(`SELECT o.person_id, o.unit_id, COALESCE(o.department_id, ''), CASE WHEN o.case_id IS NULL THEN 'lead' ELSE 'outcome' END, o.decided_on
		FROM conduct_outcome o WHERE NOT o.void AND o.form = 1 AND %s AND o.decided_on >= $%d ORDER BY o.decided_on DESC LIMIT %d`, where, len(args), maxMatters), args...)
	scan := func(r *sql.Rows) (m matter, err error) {
		return m, r.Scan(&m.person, &m.unit, &m.department, &m.kind, &m.on)
	}
	out, err := db.Collect(rows, err, scan)
	if err != nil {
		return nil, fmt.Errorf("small matters: %w", err)
	}
	args = nil
	where = p.Filter(who, action, access.Columns{Units: []string{"m.unit_id"}}, &args) + subjects(who, "m.person_id", &args)
	args = append(args, string(since))
	rows, err = q.Query(ctx, fmt.Sprintf(`SELECT m.person_id, m.unit_id, COALESCE(m.department_id, ''), 'reported', m.on_date FROM conduct_small m WHERE %s AND m.on_date >= $%d
		ORDER BY m.on_date DESC LIMIT %d`, where, len(args), maxMatters), args...)
	more, err := db.Collect(rows, err, scan)
	if err != nil {
		return nil, fmt.Errorf("reported small matters: %w", err)
	}
	return append(out, more...), nil
}

// heavier counts outcomes of the second to fourth form by unit since a day.
func heavier(ctx context.Context, q db.Q, p *access.Policy, who actor.Actor, since clock.Date) (map[id.ID]int, error) {
	var args []any
	where := p.Filter(who, "small.count", outcomeAccess, &args) + subjects(who, "o.person_id", &args)
	args = append(args, string(since))
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT o.unit_id, COUNT(*) FROM conduct_outcome o WHERE NOT o.void AND o.form > 1 AND %s AND o.decided_on >= $%d GROUP BY o.unit_id", where, len(args)), args...)
	type line struct {
		unit id.ID
		n    int
	}
	list, err := db.Collect(rows, err, func(r *sql.Rows) (x line, err error) { return x, r.Scan(&x.unit, &x.n) })
	out := map[id.ID]int{}
	for _, x := range list {
		out[x.unit] = x.n
	}
	return out, err
}

func insertCheck(ctx context.Context, tx *audit.Tx, c Check) error {
	return insert(ctx, tx, "conduct_check", "id, case_id, contacts, missing, sealed, person_id, at, names_id", string(c.ID), string(c.Case), c.Contacts, c.Missing, c.sealed, db.Null(c.Person), tx.At, db.Null(c.Names))
}

func checksOf(ctx context.Context, q db.Q, n id.ID) ([]Check, error) {
	rows, err := q.Query(ctx, "SELECT id, case_id, contacts, missing, sealed, COALESCE(person_id, ''), at, COALESCE(names_id, '') FROM conduct_check WHERE case_id = $1 ORDER BY id", string(n))
	return db.Collect(rows, err, func(r *sql.Rows) (c Check, err error) {
		return c, r.Scan(&c.ID, &c.Case, &c.Contacts, &c.Missing, &c.sealed, &c.Person, &c.At, &c.Names)
	})
}

// pattern counts the cases of abuse of power with a backward check in force, and
// those of them with a contact that was not recorded, by the quarter of the
// decision; abuse names the classes.
func pattern(ctx context.Context, q db.Q, who actor.Actor, abuse []string) ([]PatternQuarter, error) {
	var args []any
	in := ""
	for i, a := range abuse {
		args = append(args, a)
		if i > 0 {
			in += ","
		}
		in += fmt.Sprintf("$%d", len(args))
	}
	where := "c.conduct IN (" + in + ") AND c.decided_on <> ''" + subjects(who, "c.person_id", &args)
	rows, err := q.Query(ctx, `SELECT SUBSTR(c.decided_on, 1, 7), COUNT(*), COALESCE(SUM(CASE WHEN k.id IS NULL THEN 0 ELSE 1 END), 0), COALESCE(SUM(CASE WHEN k.missing > 0 THEN 1 ELSE 0 END), 0)
		FROM conduct_case c LEFT JOIN conduct_check k ON k.case_id = c.id AND NOT EXISTS (SELECT 1 FROM conduct_check n WHERE n.names_id = k.id) WHERE `+where+" GROUP BY SUBSTR(c.decided_on, 1, 7) ORDER BY 1", args...)
	months, err := db.Collect(rows, err, func(r *sql.Rows) (x PatternQuarter, err error) {
		return x, r.Scan(&x.Quarter, &x.Cases, &x.Checked, &x.Missing)
	})
	if err != nil {
		return nil, fmt.Errorf("pattern over the cases: %w", err)
	}
	var out []PatternQuarter
	for _, m := range months {
		m.Quarter = Quarter(clock.Date(m.Quarter + "-01"))
		if n := len(out); n > 0 && out[n-1].Quarter == m.Quarter {
			out[n-1].Cases, out[n-1].Checked, out[n-1].Missing = out[n-1].Cases+m.Cases, out[n-1].Checked+m.Checked, out[n-1].Missing+m.Missing
			continue
		}
		out = append(out, m)
	}
	return out, nil
}

// committeeUse counts the inquiries of some classes of conduct, and those that have an
// opinion of the committee.
func committeeUse(ctx context.Context, q db.Q, who actor.Actor, classes []string) (due, heard int, err error) {
	var args []any
	in := make([]string, len(classes))
	for i, c := range classes {
		args = append(args, c)
		in[i] = fmt.Sprintf("$%d", len(args))
	}
	where := "c.filed_on <> '' AND c.conduct IN (" + strings.Join(in, ",") + ")" + subjects(who, "c.person_id", &args)
	if err = q.QueryRow(ctx, "SELECT COUNT(*), COALESCE(SUM(CASE WHEN c.opinion <> '' THEN 1 ELSE 0 END), 0) FROM conduct_case c WHERE "+where, args...).Scan(&due, &heard); err != nil {
		return 0, 0, fmt.Errorf("use of the committees: %w", err)
	}
	return due, heard, nil
}

func insertProtected(ctx context.Context, tx *audit.Tx, p Protected) error {
	return insert(ctx, tx, "conduct_protected", "id, person_id, unit_id, ground, from_on, to_on, sealed", string(p.ID), p.veil, string(p.Unit), p.Ground, string(p.From), string(p.To), p.sealed)
}

// knownProtected tells whether a protection on the ground, watched by the unit,
// began since a day, or any on the ground today.
func knownProtected(ctx context.Context, q db.Q, veil, ground string, unit id.ID, since, today clock.Date) (bool, error) {
	var n int
	err := q.QueryRow(ctx, "SELECT COUNT(*) FROM conduct_protected WHERE person_id = $1 AND ground = $2 AND (unit_id = $3 AND from_on >= $4 OR from_on = $5)", veil, ground, string(unit), string(since), string(today)).Scan(&n)
	return n > 0, err
}

const protectedColumns = "p.id, p.person_id, p.unit_id, p.ground, p.from_on, p.to_on, p.sealed"

func scanProtected(r scanner) (p Protected, err error) {
	return p, r.Scan(&p.ID, &p.veil, &p.Unit, &p.Ground, &p.From, &p.To, &p.sealed)
}

func protectedByID(ctx context.Context, q db.Q, n id.ID) (Protected, error) {
	p, err := scanProtected(q.QueryRow(ctx, "SELECT "+protectedColumns+" FROM conduct_protected p WHERE p.id = $1", string(n)))
	return p, db.Absent(err, "watch")
}

// visibleProtected lists who is protected under the level above; the unit kept
// with a protection is the one above the person's. veils are the reader and his
// relatives as this table knows them.
func visibleProtected(ctx context.Context, q db.Q, p *access.Policy, who actor.Actor, veils []string, since clock.Date) ([]Protected, error) {
	var args []any
	where := p.Filter(who, "watch.read", access.Columns{Units: []string{"p.unit_id"}}, &args) + subjects(who, "p.person_id", &args)
	for _, v := range veils {
		args = append(args, v)
		where += fmt.Sprintf(" AND p.person_id <> $%d", len(args))
	}
	args = append(args, string(since))
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT %s FROM conduct_protected p WHERE %s AND p.to_on >= $%d ORDER BY p.from_on, p.id LIMIT 50000", protectedColumns, where, len(args)), args...)
	return db.Collect(rows, err, func(r *sql.Rows) (Protected, error) { return scanProtected(r) })
}

// underWatch finds which of the pseudonyms are protected on a day.
func underWatch(ctx context.Context, q db.Q, veils []string, on clock.Date) (map[string]bool, error) {
	out := map[string]bool{}
	const bunch = 400 // placeholders per statement
	for len(veils) > 0 {
		n := min(len(veils), bunch)
		args := []any{string(on)}
		in := ""
		for i, v := range veils[:n] {
			args = append(args, v)
			if i > 0 {
				in += ","
			}
			in += fmt.Sprintf("$%d", len(args))
		}
		rows, err := q.Query(ctx, "SELECT DISTINCT person_id FROM conduct_protected WHERE to_on >= $1 AND person_id IN ("+in+")", args...)
		list, err := db.Collect(rows, err, func(r *sql.Rows) (v string, err error) { return v, r.Scan(&v) })
		if err != nil {
			return nil, fmt.Errorf("who is under watch: %w", err)
		}
		for _, v := range list {
			out[v] = true
		}
		veils = veils[n:]
	}
	return out, nil
}

func insertWatch(ctx context.Context, tx *audit.Tx, w Watched) error {
	return insert(ctx, tx, "conduct_watch", "id, protected_id, move, verdict, sealed, person_id, at", string(w.ID), string(w.Protected), w.Move, w.Verdict, w.sealed, db.Null(w.By), tx.At)
}

func watchedOf(ctx context.Context, q db.Q, n id.ID) ([]Watched, error) {
	rows, err := q.Query(ctx, "SELECT id, protected_id, move, verdict, sealed, COALESCE(person_id, ''), at FROM conduct_watch WHERE protected_id = $1 ORDER BY id", string(n))
	return db.Collect(rows, err, func(r *sql.Rows) (w Watched, err error) {
		return w, r.Scan(&w.ID, &w.Protected, &w.Move, &w.Verdict, &w.sealed, &w.By, &w.At)
	})
}

// laterAccess: figures of cases are read over the units of the persons, without
// those that concern the reader.
var laterAccess = access.Columns{Units: []string{"c.home_id"}, Concern: []string{"c.id", "c.person_id"}}

// countLater counts, by the person's unit, the cases of a class whose conduct ended
// in a time and that were filed until a day.
func countLater(ctx context.Context, q db.Q, p *access.Policy, who actor.Actor, class string, from, to, filed clock.Date) (map[id.ID]int, error) {
	args := []any{class, string(from), string(to), string(filed)}
	where := p.Filter(who, "outcome.count", laterAccess, &args) + subjects(who, "c.person_id", &args)
	rows, err := q.Query(ctx, `SELECT c.home_id, COUNT(*) FROM conduct_case c WHERE c.conduct = $1 AND c.act_to >= $2 AND c.act_to <= $3 AND c.filed_on <> '' AND c.filed_on <= $4 AND `+where+" GROUP BY c.home_id", args...)
	out := map[id.ID]int{}
	_, err = db.Collect(rows, err, func(r *sql.Rows) (struct{}, error) {
		var u id.ID
		var n int
		err := r.Scan(&u, &n)
		out[u] = n
		return struct{}{}, err
	})
	if err != nil {
		return nil, fmt.Errorf("cases of a time: %w", err)
	}
	return out, nil
}
