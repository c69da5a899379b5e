package conduct

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

type scanner interface{ Scan(dest ...any) error }

func split[T ~string](text string) []T {
	out := []T{}
	for _, v := range strings.Split(text, ",") {
		if v != "" {
			out = append(out, T(v))
		}
	}
	return out
}

// insert writes one row, its id first, and names it for the log.
func insert(ctx context.Context, tx *audit.Tx, table, names string, values ...any) error {
	marks := make([]string, len(values))
	for i := range values {
		marks[i] = fmt.Sprintf("$%d", i+1)
	}
	tx.Touch(table, id.ID(values[0].(string)))
	if _, err := tx.Exec(ctx, "INSERT INTO "+table+" ("+names+") VALUES ("+strings.Join(marks, ",")+")", values...); err != nil {
		return fmt.Errorf("write %s: %w", table, err)
	}
	return nil
}

// next counts a series of numbers on; two who ask at once are told apart because
// the second one's transaction runs again.
func next(ctx context.Context, tx *audit.Tx, series string) (n int, err error) {
	err = tx.QueryRow(ctx, `INSERT INTO conduct_counter (id, n) VALUES ($1, 1) ON CONFLICT (id) DO UPDATE SET n = conduct_counter.n + 1 RETURNING n`, series).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("next number of %s: %w", series, err)
	}
	tx.Touch("conduct_counter", id.ID(series))
	return n, nil
}

// gaps counts the numbers of a series that were given and the records that are
// there: they differ when somebody removed one from the database by hand.
func gaps(ctx context.Context, q db.Q, series, table string, unit id.ID, year int) (given, there int, err error) {
	if err = q.QueryRow(ctx, "SELECT COALESCE(MAX(n), 0) FROM conduct_counter WHERE id = $1", series).Scan(&given); err != nil {
		return 0, 0, fmt.Errorf("numbers given: %w", err)
	}
	if err = q.QueryRow(ctx, "SELECT COUNT(*) FROM "+table+" WHERE no LIKE $1 AND year = $2", numberPrefix(series)+"%", year).Scan(&there); err != nil {
		return 0, 0, fmt.Errorf("numbers there: %w", err)
	}
	return given, there, nil
}

const leadColumns = `l.id, l.no, l.year, l.seq, l.unit_id, l.source, l.ref, l.told_on, COALESCE(l.person_id, ''), l.name_blind, COALESCE(l.home_id, ''),
	COALESCE(l.department_id, ''), l.conduct, l.act_from, l.act_to, l.signed, l.amount, l.sealed, l.state, l.weight, l.parts, COALESCE(l.assignee_id, ''),
	l.due_on, COALESCE(l.same_id, ''), COALESCE(l.case_id, ''), COALESCE(l.self_id, ''), l.at, l.changed_at, l.rev`

// leadAccess is what the policy reads of a list of leads.
var leadAccess = access.Columns{State: "l.state", Units: []string{"l.unit_id"}, Owners: []string{"l.assignee_id"}, Concern: []string{"l.id"}}

func scanLead(r scanner) (l Lead, err error) {
	var parts string
	err = r.Scan(&l.ID, &l.No, &l.Year, &l.Seq, &l.Unit, &l.Source, &l.Ref, &l.ToldOn, &l.Person, &l.blind, &l.Home, &l.Department, &l.Conduct, &l.ActFrom,
		&l.ActTo, &l.Signed, &l.Amount, &l.sealed, &l.State, &l.Weight, &parts, &l.Assignee, &l.Due, &l.Same, &l.Case, &l.Self, &l.At, &l.Changed, &l.Rev)
	l.Parts = splitParts(parts)
	return l, err
}

func leadRow(r *sql.Rows) (Lead, error) { return scanLead(r) }

func insertLead(ctx context.Context, tx *audit.Tx, l Lead) error {
	return insert(ctx, tx, "conduct_lead", `id, no, year, seq, unit_id, source, ref, told_on, person_id, name_blind, home_id, department_id, conduct, act_from, act_to,
		signed, amount, sealed, state, weight, parts, assignee_id, due_on, same_id, case_id, self_id, at, changed_at, rev`,
		string(l.ID), l.No, l.Year, l.Seq, string(l.Unit), l.Source, l.Ref, string(l.ToldOn), db.Null(l.Person), l.blind, db.Null(l.Home), db.Null(l.Department),
		l.Conduct, string(l.ActFrom), string(l.ActTo), l.Signed, l.Amount, l.sealed, l.State, l.Weight, joinParts(l.Parts), db.Null(l.Assignee), string(l.Due),
		db.Null(l.Same), db.Null(l.Case), db.Null(l.Self), tx.At, tx.At, 1)
}

func updateLead(ctx context.Context, tx *audit.Tx, l Lead) error {
	tx.Touch("conduct_lead", l.ID)
	return tx.Change(ctx, "lead", `UPDATE conduct_lead SET state = $1, weight = $2, parts = $3, assignee_id = $4, due_on = $5, same_id = $6, case_id = $7,
		changed_at = $8, rev = rev + 1 WHERE id = $9 AND rev = $10`,
		l.State, l.Weight, joinParts(l.Parts), db.Null(l.Assignee), string(l.Due), db.Null(l.Same), db.Null(l.Case), tx.At, string(l.ID), l.Rev)
}

// LeadByID reads a lead with the persons whom it concerns, its narrative still
// sealed. The caller judges whether it may be seen.
func LeadByID(ctx context.Context, q db.Q, n id.ID) (Lead, error) {
	l, err := scanLead(q.QueryRow(ctx, "SELECT "+leadColumns+" FROM conduct_lead l WHERE l.id = $1", string(n)))
	if err != nil {
		return l, db.Absent(err, "lead")
	}
	l.Concerns, err = access.Concerns(ctx, q, l.ID)
	return l, err
}

// leadByNo finds a lead by its number.
func leadByNo(ctx context.Context, q db.Q, no string) (Lead, error) {
	l, err := scanLead(q.QueryRow(ctx, "SELECT "+leadColumns+" FROM conduct_lead l WHERE l.no = $1", no))
	if err != nil {
		return l, db.Absent(err, "lead")
	}
	l.Concerns, err = access.Concerns(ctx, q, l.ID)
	return l, err
}

// leadsAbout lists leads about a person, known or named, oldest first.
func leadsAbout(ctx context.Context, q db.Q, person id.ID, blind string) ([]Lead, error) {
	rows, err := q.Query(ctx, "SELECT "+leadColumns+" FROM conduct_lead l WHERE (l.person_id = $1 AND $1 <> '') OR (l.name_blind = $2 AND $2 <> '') ORDER BY l.id LIMIT 500", string(person), blind)
	return db.Collect(rows, err, leadRow)
}

func leadsWhere(ctx context.Context, q db.Q, column string, n id.ID) ([]Lead, error) {
	rows, err := q.Query(ctx, "SELECT "+leadColumns+" FROM conduct_lead l WHERE l."+column+" = $1 ORDER BY l.id LIMIT 500", string(n))
	return db.Collect(rows, err, leadRow)
}

// listFilter narrows a list.
type listFilter struct{ State, Source, Band, Form string }

func visibleLeads(ctx context.Context, q db.Q, p *access.Policy, who actor.Actor, f listFilter, bands map[string]int, pq page.Query) ([]Lead, page.Next, error) {
	var args []any
	where := p.Filter(who, "lead.read", leadAccess, &args)
	for _, c := range []struct{ col, v string }{{"l.state", f.State}, {"l.source", f.Source}} {
		if c.v != "" {
			args = append(args, c.v)
			where += fmt.Sprintf(" AND %s = $%d", c.col, len(args))
		}
	}
	switch f.Band {
	case "urgent":
		where += fmt.Sprintf(" AND l.weight >= %d", bands["urgent"])
	case "normal":
		where += fmt.Sprintf(" AND l.weight >= %d AND l.weight < %d", bands["normal"], bands["urgent"])
	case "low":
		where += fmt.Sprintf(" AND l.weight < %d", bands["normal"])
	}
	return paged(ctx, q, leadColumns, "conduct_lead l", "l.id", where, args, pq, leadRow, func(l Lead) id.ID { return l.ID })
}

// paged lists newest first by keyset and counts up to the cap.
func paged[T any](ctx context.Context, q db.Q, columns, from, key, where string, args []any, pq page.Query, scan func(*sql.Rows) (T, error), of func(T) id.ID) ([]T, page.Next, error) {
	var n page.Next
	if err := q.QueryRow(ctx, fmt.Sprintf("SELECT COUNT(*) FROM (SELECT 1 FROM %s WHERE %s LIMIT %d) x", from, where, page.CountCap+1), args...).Scan(&n.Count); err != nil {
		return nil, n, fmt.Errorf("count %s: %w", from, err)
	}
	if len(pq.After) > 0 {
		args = append(args, pq.After[0])
		where += fmt.Sprintf(" AND %s < $%d", key, len(args))
	}
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT %s FROM %s WHERE %s ORDER BY %s DESC LIMIT %d", columns, from, where, key, pq.Size+1), args...)
	out, err := db.Collect(rows, err, scan)
	if err != nil {
		return nil, n, fmt.Errorf("list %s: %w", from, err)
	}
	if len(out) > pq.Size {
		out = out[:pq.Size]
		n.After = string(of(out[len(out)-1]))
	}
	return out, n, nil
}

func insertEntry(ctx context.Context, tx *audit.Tx, e Entry) error {
	return insert(ctx, tx, "conduct_entry", "id, object_id, at, person_id, act, old_state, new_state, sealed",
		string(e.ID), string(e.Object), tx.At, db.Null(e.Person), e.Do, e.Old, e.New, e.sealed)
}

func entriesOf(ctx context.Context, q db.Q, object id.ID) ([]Entry, error) {
	rows, err := q.Query(ctx, "SELECT id, object_id, at, COALESCE(person_id, ''), act, old_state, new_state, sealed FROM conduct_entry WHERE object_id = $1 ORDER BY id", string(object))
	return db.Collect(rows, err, func(r *sql.Rows) (e Entry, err error) {
		return e, r.Scan(&e.ID, &e.Object, &e.At, &e.Person, &e.Do, &e.Old, &e.New, &e.sealed)
	})
}

func insertSelf(ctx context.Context, tx *audit.Tx, x Self) error {
	return insert(ctx, tx, "conduct_self", "id, no, person_id, unit_id, conduct, act_from, act_to, sealed, lead_id, at",
		string(x.ID), x.No, string(x.Person), string(x.Unit), x.Conduct, string(x.ActFrom), string(x.ActTo), x.sealed, db.Null(x.Lead), tx.At)
}

const selfColumns = "s.id, s.no, s.person_id, s.unit_id, s.conduct, s.act_from, s.act_to, s.sealed, COALESCE(s.lead_id, ''), s.at"

func scanSelf(r scanner) (x Self, err error) {
	return x, r.Scan(&x.ID, &x.No, &x.Person, &x.Unit, &x.Conduct, &x.ActFrom, &x.ActTo, &x.sealed, &x.Lead, &x.At)
}

// SelfByID reads a self-report, its statement still sealed.
func SelfByID(ctx context.Context, q db.Q, n id.ID) (Self, error) {
	x, err := scanSelf(q.QueryRow(ctx, "SELECT "+selfColumns+" FROM conduct_self s WHERE s.id = $1", string(n)))
	return x, db.Absent(err, "self_report")
}

func selfsOf(ctx context.Context, q db.Q, person id.ID) ([]Self, error) {
	rows, err := q.Query(ctx, "SELECT "+selfColumns+" FROM conduct_self s WHERE s.person_id = $1 ORDER BY s.id DESC LIMIT 200", string(person))
	return db.Collect(rows, err, func(r *sql.Rows) (Self, error) { return scanSelf(r) })
}

const servedColumns = `v.id, v.case_id, v.person_id, v.unit_id, v.kind, v.served_on, v.due_on, v.state, v.received_on, v.answered_on, v.answer, v.sealed, v.sealed_answer, v.rev`

func scanServed(r scanner) (v Served, err error) {
	return v, r.Scan(&v.ID, &v.Case, &v.Person, &v.Unit, &v.Kind, &v.ServedOn, &v.Due, &v.State, &v.ReceivedOn, &v.AnsweredOn, &v.Answer, &v.sealed, &v.sealedReply, &v.Rev)
}

func insertServed(ctx context.Context, tx *audit.Tx, v Served) error {
	return insert(ctx, tx, "conduct_served", "id, case_id, person_id, unit_id, kind, served_on, due_on, state, received_on, answered_on, answer, sealed, sealed_answer, rev",
		string(v.ID), string(v.Case), string(v.Person), string(v.Unit), v.Kind, string(v.ServedOn), string(v.Due), v.State, "", "", "", v.sealed, nil, 1)
}

func updateServed(ctx context.Context, tx *audit.Tx, v Served) error {
	tx.Touch("conduct_served", v.ID)
	return tx.Change(ctx, "served", "UPDATE conduct_served SET state = $1, received_on = $2, answered_on = $3, answer = $4, sealed_answer = $5, rev = rev + 1 WHERE id = $6 AND rev = $7",
		v.State, string(v.ReceivedOn), string(v.AnsweredOn), v.Answer, v.sealedReply, string(v.ID), v.Rev)
}

func servedByID(ctx context.Context, q db.Q, n id.ID) (Served, error) {
	v, err := scanServed(q.QueryRow(ctx, "SELECT "+servedColumns+" FROM conduct_served v WHERE v.id = $1", string(n)))
	return v, db.Absent(err, "served")
}

func servedWhere(ctx context.Context, q db.Q, column string, n id.ID) ([]Served, error) {
	rows, err := q.Query(ctx, "SELECT "+servedColumns+" FROM conduct_served v WHERE v."+column+" = $1 ORDER BY v.id DESC LIMIT 200", string(n))
	return db.Collect(rows, err, func(r *sql.Rows) (Served, error) { return scanServed(r) })
}

// settingsIn reads the confirmed or changed settings, the newest entry of each.
func settingsIn(ctx context.Context, q db.Q) (map[string]Confirmed, error) {
	rows, err := q.Query(ctx, "SELECT id, name, value, source, COALESCE(person_id, ''), at FROM conduct_setting ORDER BY id")
	list, err := db.Collect(rows, err, func(r *sql.Rows) (c Confirmed, err error) {
		return c, r.Scan(&c.ID, &c.Key, &c.Value, &c.Source, &c.Person, &c.At)
	})
	out := map[string]Confirmed{}
	for _, c := range list {
		out[c.Key] = c
	}
	return out, err
}

func insertSetting(ctx context.Context, tx *audit.Tx, c Confirmed) error {
	return insert(ctx, tx, "conduct_setting", "id, name, value, source, person_id, at", string(c.ID), c.Key, c.Value, c.Source, db.Null(c.Person), tx.At)
}

func jsonText(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // only our own plain structs come here
	}
	return string(b)
}

func dates(list ...clock.Date) []any {
	out := make([]any, len(list))
	for i, d := range list {
		out[i] = string(d)
	}
	return out
}
