package fieldwork

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"huikan/internal/inspection"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

type scanner interface{ Scan(dest ...any) error }

func list[T any](ctx context.Context, q db.Q, what string, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, query, args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (T, error) { return scan(r) })
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", what, err)
	}
	return out, nil
}

// insert writes one row and names it to the log.
func insert(ctx context.Context, tx *audit.Tx, table, columns string, row id.ID, values ...any) error {
	marks := make([]string, len(values)+2)
	for i := range marks {
		marks[i] = "$" + strconv.Itoa(i+1)
	}
	_, err := tx.Exec(ctx, "INSERT INTO "+table+" (id, "+columns+", rev) VALUES ("+strings.Join(marks, ",")+")", append(append([]any{string(row)}, values...), 1)...)
	if err != nil {
		return fmt.Errorf("add to %s: %w", table, err)
	}
	tx.Touch(table, row)
	return nil
}

// update changes columns of one row whose revision is still that which was read.
func update(ctx context.Context, tx *audit.Tx, table, kind, columns string, row id.ID, rev int64, values ...any) error {
	var sets []string
	for i, c := range strings.Split(columns, ", ") {
		sets = append(sets, c+" = $"+strconv.Itoa(i+1))
	}
	n := len(values)
	tx.Touch(table, row)
	return tx.Change(ctx, kind, "UPDATE "+table+" SET "+strings.Join(sets, ", ")+", rev = rev + 1 WHERE id = $"+strconv.Itoa(n+1)+" AND rev = $"+strconv.Itoa(n+2),
		append(values, string(row), rev)...)
}

// remove takes one row out and names it to the log.
func remove(ctx context.Context, tx *audit.Tx, table, kind string, row id.ID) error {
	tx.Gone(table, row)
	return tx.Change(ctx, kind, "DELETE FROM "+table+" WHERE id = $1", string(row))
}

const scopeColumns = "round_id, COALESCE(visit_id,''), unit_id, by_id, COALESCE(team_id,'')"
const scopeInsert = "round_id, visit_id, unit_id, by_id, team_id"

func scopeValues(s Scope) []any {
	return []any{string(s.Round), db.Null(s.Visit), string(s.Unit), string(s.By), db.Null(s.Team)}
}

const slotColumns = "id, term_id, unit_id, by_id, wave, kind, due_on, note, rev"

func scanSlot(r scanner) (x Slot, err error) {
	return x, r.Scan(&x.ID, &x.Term, &x.Unit, &x.By, &x.Wave, &x.Kind, &x.Due, &x.Note, &x.Rev)
}

// SlotsOf lists the plan of a term.
func SlotsOf(ctx context.Context, q db.Q, term id.ID) ([]Slot, error) {
	return list(ctx, q, "plan", scanSlot, "SELECT "+slotColumns+" FROM fieldwork_slot WHERE term_id = $1 ORDER BY wave, due_on, id", string(term))
}

func slotByID(ctx context.Context, q db.Q, slot id.ID) (Slot, error) {
	x, err := scanSlot(q.QueryRow(ctx, "SELECT "+slotColumns+" FROM fieldwork_slot WHERE id = $1", string(slot)))
	return x, db.Absent(err, "slot")
}

func insertSlot(ctx context.Context, tx *audit.Tx, x Slot) error {
	return insert(ctx, tx, "fieldwork_slot", "term_id, unit_id, by_id, wave, kind, due_on, note", x.ID, string(x.Term), string(x.Unit), string(x.By), x.Wave, x.Kind, string(x.Due), x.Note)
}

func updateSlot(ctx context.Context, tx *audit.Tx, x Slot) error {
	return update(ctx, tx, "fieldwork_slot", "slot", "wave, kind, due_on, note", x.ID, x.Rev, x.Wave, x.Kind, string(x.Due), x.Note)
}

// visited lists the inspections that have begun below a dispatching unit;
// what is none does not count.
func visited(ctx context.Context, q db.Q, by id.ID) ([]Visited, error) {
	return list(ctx, q, "visits", func(r scanner) (x Visited, err error) {
		return x, r.Scan(&x.Unit, &x.Round, &x.Term, &x.Name, &x.State, &x.Entry)
	}, `SELECT v.unit_id, v.round_id, r.term_id, r.name, v.state, v.entry_on FROM inspection_visit v JOIN inspection_round r ON r.id = v.round_id
		WHERE v.by_id = $1 AND v.entry_on <> '' AND `+inspection.InspectsVisit+` ORDER BY v.entry_on, v.id`, string(by))
}

type ownPeriod struct {
	ID     id.ID
	Key    string
	Amount int
	Unit   string
	Source string
	Rev    int64
}

func ownPeriods(ctx context.Context, q db.Q, round id.ID) ([]ownPeriod, error) {
	return list(ctx, q, "periods", func(r scanner) (x ownPeriod, err error) {
		return x, r.Scan(&x.ID, &x.Key, &x.Amount, &x.Unit, &x.Source, &x.Rev)
	}, "SELECT id, limit_key, amount, unit, source, rev FROM fieldwork_period WHERE round_id = $1 ORDER BY limit_key", string(round))
}

func putPeriod(ctx context.Context, tx *audit.Tx, round id.ID, old, p ownPeriod) error {
	if old.ID == "" {
		return insert(ctx, tx, "fieldwork_period", "round_id, limit_key, amount, unit, source", p.ID, string(round), p.Key, p.Amount, p.Unit, p.Source)
	}
	return update(ctx, tx, "fieldwork_period", "period", "amount, unit, source", old.ID, old.Rev, p.Amount, p.Unit, p.Source)
}

const actColumns = "id, " + scopeColumns + ", kind, body, document, text, on_on, due_on, until_on, answer, answered_on, COALESCE(person_id,''), state, COALESCE(author_id,''), rev"

func scanAct(r scanner) (x Act, err error) {
	return x, r.Scan(&x.ID, &x.Round, &x.Visit, &x.Unit, &x.By, &x.Team, &x.Kind, &x.Body, &x.Document, &x.Text, &x.On, &x.Due, &x.Until, &x.Answer, &x.Answered,
		&x.Person, &x.State, &x.Author, &x.Rev)
}

// ActsOf lists the records of procedure of a visit.
func ActsOf(ctx context.Context, q db.Q, visit id.ID) ([]Act, error) {
	return list(ctx, q, "acts", scanAct, "SELECT "+actColumns+" FROM fieldwork_act WHERE visit_id = $1 ORDER BY on_on, id", string(visit))
}

func actsOfRound(ctx context.Context, q db.Q, round id.ID, kind string) ([]Act, error) {
	return list(ctx, q, "acts", scanAct, "SELECT "+actColumns+" FROM fieldwork_act WHERE round_id = $1 AND kind = $2 ORDER BY on_on, id", string(round), kind)
}

func actByID(ctx context.Context, q db.Q, act id.ID) (Act, error) {
	x, err := scanAct(q.QueryRow(ctx, "SELECT "+actColumns+" FROM fieldwork_act WHERE id = $1", string(act)))
	return x, db.Absent(err, "act")
}

func actsWhere(ctx context.Context, q db.Q, cond string, args []any) ([]Act, error) {
	return list(ctx, q, "acts", scanAct, "SELECT "+actColumns+" FROM fieldwork_act a WHERE "+cond+" ORDER BY a.due_on, a.id LIMIT 50", args...)
}

func insertAct(ctx context.Context, tx *audit.Tx, x Act) error {
	return insert(ctx, tx, "fieldwork_act", scopeInsert+", kind, body, document, text, on_on, due_on, until_on, answer, answered_on, person_id, state, author_id", x.ID,
		append(scopeValues(x.Scope), x.Kind, x.Body, x.Document, x.Text, string(x.On), string(x.Due), string(x.Until), x.Answer, string(x.Answered), db.Null(x.Person), x.State, db.Null(x.Author))...)
}

func updateAct(ctx context.Context, tx *audit.Tx, x Act) error {
	return update(ctx, tx, "fieldwork_act", "act", "answer, answered_on, state", x.ID, x.Rev, x.Answer, string(x.Answered), x.State)
}

const immediateColumns = "id, " + scopeColumns + ", no, text, issued_on, due_on, signed_on, COALESCE(signer_id,''), reply, reason, closed_on, state, COALESCE(author_id,''), rev"

func scanImmediate(r scanner) (x Immediate, err error) {
	return x, r.Scan(&x.ID, &x.Round, &x.Visit, &x.Unit, &x.By, &x.Team, &x.No, &x.Text, &x.Issued, &x.Due, &x.Signed, &x.Signer, &x.Reply, &x.Reason, &x.Closed, &x.State, &x.Author, &x.Rev)
}

func immediateByID(ctx context.Context, q db.Q, n id.ID) (Immediate, error) {
	x, err := scanImmediate(q.QueryRow(ctx, "SELECT "+immediateColumns+" FROM fieldwork_immediate WHERE id = $1", string(n)))
	return x, db.Absent(err, "immediate")
}

func immediatesWhere(ctx context.Context, q db.Q, cond string, limit int, args []any) ([]Immediate, error) {
	return list(ctx, q, "immediate items", scanImmediate, "SELECT "+immediateColumns+" FROM fieldwork_immediate i WHERE "+cond+" ORDER BY i.id DESC LIMIT "+strconv.Itoa(limit), args...)
}

func insertImmediate(ctx context.Context, tx *audit.Tx, x Immediate) error {
	return insert(ctx, tx, "fieldwork_immediate", scopeInsert+", no, text, issued_on, due_on, signed_on, signer_id, reply, reason, closed_on, state, author_id", x.ID,
		append(scopeValues(x.Scope), x.No, x.Text, string(x.Issued), string(x.Due), string(x.Signed), db.Null(x.Signer), x.Reply, x.Reason, string(x.Closed), x.State, db.Null(x.Author))...)
}

func updateImmediate(ctx context.Context, tx *audit.Tx, x Immediate) error {
	return update(ctx, tx, "fieldwork_immediate", "immediate", "signed_on, signer_id, reply, reason, closed_on, state", x.ID, x.Rev,
		string(x.Signed), db.Null(x.Signer), x.Reply, x.Reason, string(x.Closed), x.State)
}

const requestColumns = "id, " + scopeColumns + ", no, title, text, sent_on, due_on, reply, replied_on, reason, state, COALESCE(author_id,''), rev"

func scanRequest(r scanner) (x Request, err error) {
	return x, r.Scan(&x.ID, &x.Round, &x.Visit, &x.Unit, &x.By, &x.Team, &x.No, &x.Title, &x.Text, &x.Sent, &x.Due, &x.Reply, &x.Replied, &x.Reason, &x.State, &x.Author, &x.Rev)
}

func requestByID(ctx context.Context, q db.Q, n id.ID) (Request, error) {
	x, err := scanRequest(q.QueryRow(ctx, "SELECT "+requestColumns+" FROM fieldwork_request WHERE id = $1", string(n)))
	return x, db.Absent(err, "request")
}

func requestsWhere(ctx context.Context, q db.Q, cond, order string, limit int, args []any) ([]Request, error) {
	return list(ctx, q, "requests", scanRequest, "SELECT "+requestColumns+" FROM fieldwork_request q WHERE "+cond+" ORDER BY "+order+" LIMIT "+strconv.Itoa(limit), args...)
}

func insertRequest(ctx context.Context, tx *audit.Tx, x Request) error {
	return insert(ctx, tx, "fieldwork_request", scopeInsert+", no, title, text, sent_on, due_on, reply, replied_on, reason, state, author_id", x.ID,
		append(scopeValues(x.Scope), x.No, x.Title, x.Text, string(x.Sent), string(x.Due), x.Reply, string(x.Replied), x.Reason, x.State, db.Null(x.Author))...)
}

func updateRequest(ctx context.Context, tx *audit.Tx, x Request) error {
	return update(ctx, tx, "fieldwork_request", "request", "title, text, due_on, reply, replied_on, reason, state", x.ID, x.Rev,
		x.Title, x.Text, string(x.Due), x.Reply, string(x.Replied), x.Reason, x.State)
}

// nextNo gives the next running number of a table's rows of a visit.
func nextNo(ctx context.Context, q db.Q, table string, visit id.ID) (n int, err error) {
	err = q.QueryRow(ctx, "SELECT COUNT(*) + 1 FROM "+table+" WHERE visit_id = $1", string(visit)).Scan(&n)
	return n, err
}

// nextSeq is the number after the highest.
func nextSeq(ctx context.Context, q db.Q, table string, visit id.ID) (n int, err error) {
	err = q.QueryRow(ctx, "SELECT COALESCE(MAX(seq), 0) + 1 FROM "+table+" WHERE visit_id = $1", string(visit)).Scan(&n)
	return n, err
}
