package screening

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

const warningColumns = `w.id, w.flow, w.kind, w.no, w.unit_id, COALESCE(w.hit_id, ''), w.subject, w.firm, w.case_no, w.body, w.rule, w.until_on, w.due_on, w.answer,
	w.handling, w.state, COALESCE(w.sent_by, ''), w.sent_at, w.received_at, w.answered_at, w.handled_at, w.closed_at, w.once_key, w.rev`

func scanWarning(r scanner) (w Warning, err error) {
	return w, r.Scan(&w.ID, &w.Flow, &w.Kind, &w.No, &w.Unit, &w.Hit, &w.Subject, &w.Firm, &w.CaseNo, &w.Body, &w.Rule, &w.Until, &w.Due, &w.Answer,
		&w.Handling, &w.State, &w.SentBy, &w.SentAt, &w.ReceivedAt, &w.AnsweredAt, &w.HandledAt, &w.ClosedAt, &w.once, &w.Rev)
}

func warningByID(ctx context.Context, q db.Q, n id.ID) (Warning, error) {
	w, err := scanWarning(q.QueryRow(ctx, "SELECT "+warningColumns+" FROM screening_warning w WHERE w.id = $1", string(n)))
	return w, db.Absent(err, "warning")
}

func insertWarning(ctx context.Context, tx *audit.Tx, w Warning) error {
	tx.Touch("screening_warning", w.ID)
	return tx.InsertMany(ctx, "screening_warning", `id, flow, kind, no, unit_id, hit_id, subject, firm, case_no, body, rule, until_on, due_on, answer, handling, state,
		sent_by, sent_at, received_at, answered_at, handled_at, closed_at, once_key, rev`, [][]any{{string(w.ID), w.Flow, w.Kind, w.No, string(w.Unit), db.Null(w.Hit), w.Subject,
		w.Firm, w.CaseNo, w.Body, w.Rule, string(w.Until), string(w.Due), w.Answer, w.Handling, w.State, db.Null(w.SentBy), w.SentAt, w.ReceivedAt, w.AnsweredAt, w.HandledAt,
		w.ClosedAt, w.once, 1}})
}

func updateWarning(ctx context.Context, tx *audit.Tx, w Warning) error {
	tx.Touch("screening_warning", w.ID)
	return tx.Change(ctx, "warning", `UPDATE screening_warning SET answer = $1, handling = $2, state = $3, received_at = $4, answered_at = $5, handled_at = $6,
		closed_at = $7, rev = rev + 1 WHERE id = $8 AND rev = $9`, w.Answer, w.Handling, w.State, w.ReceivedAt, w.AnsweredAt, w.HandledAt, w.ClosedAt, string(w.ID), w.Rev)
}

func insertWarningEvent(ctx context.Context, tx *audit.Tx, w id.ID, who actor.Actor, act, text string) error {
	n, name := id.New(), ""
	if who.Person == "" && !who.Has(actor.System) {
		name = who.Name
	}
	tx.Touch("screening_warning_event", n)
	return tx.InsertMany(ctx, "screening_warning_event", "id, warning_id, at, person_id, act, body, by_name",
		[][]any{{string(n), string(w), tx.At, db.Null(who.Person), act, text, name}})
}

func warningEvents(ctx context.Context, q db.Q, w id.ID) ([]Event, error) {
	rows, err := q.Query(ctx, "SELECT id, at, COALESCE(person_id, ''), act, body, by_name FROM screening_warning_event WHERE warning_id = $1 ORDER BY id DESC", string(w))
	return db.Collect(rows, err, func(r *sql.Rows) (e Event, err error) {
		return e, r.Scan(&e.ID, &e.At, &e.Person, &e.Act, &e.Text, &e.Name)
	})
}

// warnedOnce tells whether a thing was warned of already.
func warnedOnce(ctx context.Context, q db.Q, once string) (bool, error) {
	var n int
	err := q.QueryRow(ctx, "SELECT COUNT(*) FROM screening_warning WHERE once_key = $1", once).Scan(&n)
	return n > 0, err
}

// yearlyStates counts the notices of a year's list by state, as far as the reader may see them.
func (s *Service) yearlyStates(ctx context.Context, q db.Q, who actor.Actor, year int) (map[string]int, error) {
	var args []any
	cond := s.seesWarnings(who, &args)
	args = append(args, listed(year, "%"))
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT w.state, COUNT(*) FROM screening_warning w WHERE %s AND w.kind = '%s' AND w.once_key LIKE $%d GROUP BY w.state", cond, OfYearly, len(args)), args...)
	type pair struct {
		state string
		n     int
	}
	list, err := db.Collect(rows, err, func(r *sql.Rows) (p pair, err error) { return p, r.Scan(&p.state, &p.n) })
	out := map[string]int{}
	for _, p := range list {
		out[p.state] = p.n
	}
	return out, err
}

// nextNo numbers warnings of a year.
func nextNo(ctx context.Context, q db.Q, prefix string) (string, error) {
	var last string
	err := q.QueryRow(ctx, "SELECT COALESCE(MAX(no), '') FROM screening_warning WHERE no LIKE $1", prefix+"%").Scan(&last)
	if err != nil {
		return "", fmt.Errorf("number a warning: %w", err)
	}
	n := 0
	if last != "" {
		if n, err = strconv.Atoi(strings.TrimPrefix(last, prefix)); err != nil {
			return "", fmt.Errorf("number a warning after %s: %w", last, err)
		}
	}
	return fmt.Sprintf("%s%05d", prefix, n+1), nil
}

var warningAccess = access.Columns{State: "w.state", Units: []string{"w.unit_id"}, Concern: []string{"w.id"}}

// warningFilter narrows a list of warnings.
type warningFilter struct {
	Flow, State string
	Hit         id.ID
	States      []string
	Yearly      int // only those on the list of a year
}

// seesWarnings is the filter over warnings of all three workflows.
func (s *Service) seesWarnings(who actor.Actor, args *[]any) string {
	var parts []string
	for _, t := range []string{OutFlow.Name, InFlow.Name, CaseFlow.Name} {
		parts = append(parts, "(w.flow = '"+t+"' AND "+s.policy.Filter(who, t+".read", warningAccess, args)+")")
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}

func (s *Service) visibleWarnings(ctx context.Context, q db.Q, who actor.Actor, f warningFilter, after id.ID, size int) (out []Warning, count int, err error) {
	var args []any
	cond := s.seesWarnings(who, &args)
	eq := func(col, v string) {
		if v != "" {
			args = append(args, v)
			cond += fmt.Sprintf(" AND %s = $%d", col, len(args))
		}
	}
	eq("w.flow", f.Flow)
	eq("w.state", f.State)
	eq("w.hit_id", string(f.Hit))
	if f.Yearly > 0 {
		args = append(args, listed(f.Yearly, "%"))
		cond += fmt.Sprintf(" AND w.kind = '%s' AND w.once_key LIKE $%d", OfYearly, len(args))
	}
	if len(f.States) > 0 {
		var marks []string
		for _, st := range f.States {
			args = append(args, st)
			marks = append(marks, fmt.Sprintf("$%d", len(args)))
		}
		cond += " AND w.state IN (" + strings.Join(marks, ",") + ")"
	}
	if err := q.QueryRow(ctx, fmt.Sprintf("SELECT COUNT(*) FROM (SELECT 1 FROM screening_warning w WHERE %s LIMIT %d) x", cond, page.CountCap+1), args...).Scan(&count); err != nil {
		return nil, 0, fmt.Errorf("count warnings: %w", err)
	}
	if after != "" {
		args = append(args, string(after))
		cond += fmt.Sprintf(" AND w.id < $%d", len(args))
	}
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT %s FROM screening_warning w WHERE %s ORDER BY w.id DESC LIMIT %d", warningColumns, cond, size), args...)
	out, err = db.Collect(rows, err, func(r *sql.Rows) (Warning, error) { return scanWarning(r) })
	return out, count, err
}

// maxExpire bounds the notices that one sweep marks.
const maxExpire = 500

func overdue(ctx context.Context, q db.Q, today clock.Date) ([]Warning, error) {
	rows, err := q.Query(ctx, fmt.Sprintf(`SELECT %s FROM screening_warning w WHERE w.state IN ('sent', 'received') AND w.due_on <> '' AND w.due_on < $1
		ORDER BY w.id LIMIT %d`, warningColumns, maxExpire), string(today))
	return db.Collect(rows, err, func(r *sql.Rows) (Warning, error) { return scanWarning(r) })
}

// Hook is the system of a justice administration that is told of warnings.
type Hook struct {
	ID      id.ID  `json:"id"`
	Unit    id.ID  `json:"unit"`
	Address string `json:"address"`
	Active  bool   `json:"active"`
	At      string `json:"at"`
	Rev     int64  `json:"rev"`
	sealed  []byte
}

const hookColumns = "id, unit_id, address, sealed, active, at, rev"

func scanHook(r scanner) (h Hook, err error) {
	return h, r.Scan(&h.ID, &h.Unit, &h.Address, &h.sealed, &h.Active, &h.At, &h.Rev)
}

func hooks(ctx context.Context, q db.Q) ([]Hook, error) {
	rows, err := q.Query(ctx, "SELECT "+hookColumns+" FROM screening_hook ORDER BY id LIMIT 500")
	return db.Collect(rows, err, func(r *sql.Rows) (Hook, error) { return scanHook(r) })
}

func hookByUnit(ctx context.Context, q db.Q, unit id.ID) (Hook, bool, error) {
	h, err := scanHook(q.QueryRow(ctx, "SELECT "+hookColumns+" FROM screening_hook WHERE unit_id = $1", string(unit)))
	if errors.Is(err, sql.ErrNoRows) {
		return h, false, nil
	}
	return h, err == nil, err
}

func hookByID(ctx context.Context, q db.Q, n id.ID) (Hook, error) {
	h, err := scanHook(q.QueryRow(ctx, "SELECT "+hookColumns+" FROM screening_hook WHERE id = $1", string(n)))
	return h, db.Absent(err, "hook")
}

func putHook(ctx context.Context, tx *audit.Tx, h Hook, fresh bool) error {
	tx.Touch("screening_hook", h.ID)
	if fresh {
		return tx.InsertMany(ctx, "screening_hook", hookColumns, [][]any{{string(h.ID), string(h.Unit), h.Address, h.sealed, h.Active, tx.At, 1}})
	}
	return tx.Change(ctx, "hook", "UPDATE screening_hook SET address = $1, sealed = $2, active = $3, at = $4, rev = rev + 1 WHERE id = $5 AND rev = $6",
		h.Address, h.sealed, h.Active, tx.At, string(h.ID), h.Rev)
}

// Delivery is one message to a hook, kept until it arrived or was given up.
type Delivery struct {
	ID       id.ID  `json:"id"`
	Hook     id.ID  `json:"hook"`
	Warning  id.ID  `json:"warning"`
	Act      string `json:"act"`
	Attempts int    `json:"attempts"`
	NextAt   string `json:"next_at"`
	State    string `json:"state"` // waiting, done, failed
	Error    string `json:"error,omitempty"`
	At       string `json:"at"`
	Rev      int64  `json:"rev"`
}

const deliveryColumns = "id, hook_id, warning_id, act, attempts, next_at, state, error, at, rev"

func scanDelivery(r *sql.Rows) (d Delivery, err error) {
	return d, r.Scan(&d.ID, &d.Hook, &d.Warning, &d.Act, &d.Attempts, &d.NextAt, &d.State, &d.Error, &d.At, &d.Rev)
}

func insertDelivery(ctx context.Context, tx *audit.Tx, d Delivery) error {
	tx.Touch("screening_delivery", d.ID)
	return tx.InsertMany(ctx, "screening_delivery", deliveryColumns, [][]any{{string(d.ID), string(d.Hook), string(d.Warning), d.Act, 0, tx.At, "waiting", "", tx.At, 1}})
}

func updateDelivery(ctx context.Context, tx *audit.Tx, d Delivery) error {
	tx.Touch("screening_delivery", d.ID)
	return tx.Change(ctx, "delivery", "UPDATE screening_delivery SET attempts = $1, next_at = $2, state = $3, error = $4, rev = rev + 1 WHERE id = $5 AND rev = $6",
		d.Attempts, d.NextAt, d.State, d.Error, string(d.ID), d.Rev)
}

func dueDeliveries(ctx context.Context, q db.Q, now string) ([]Delivery, error) {
	rows, err := q.Query(ctx, "SELECT "+deliveryColumns+" FROM screening_delivery WHERE state = 'waiting' AND next_at <= $1 ORDER BY next_at LIMIT 50", now)
	return db.Collect(rows, err, scanDelivery)
}

func lastDeliveries(ctx context.Context, q db.Q, hook id.ID) ([]Delivery, error) {
	rows, err := q.Query(ctx, "SELECT "+deliveryColumns+" FROM screening_delivery WHERE hook_id = $1 ORDER BY id DESC LIMIT 20", string(hook))
	return db.Collect(rows, err, scanDelivery)
}
