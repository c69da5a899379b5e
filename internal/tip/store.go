package tip

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

type scanner interface{ Scan(...any) error }

const (
	tipColumns   = "t.id, t.no, t.year, t.unit_id, t.office_id, t.sealed, t.state, t.handler_id, t.due_on, t.lead, t.waiting, t.files, t.made_on, t.rev"
	entryColumns = "id, tip_id, what, person_id, old, new, sealed, at"
	fileColumns  = "id, tip_id, entry_id, hash, kind, mime, size, sealed"
)

// tips tells the policy where a list keeps what an object holds.
var tips = access.Columns{State: "t.state", Units: []string{"t.office_id"}, Concern: []string{"t.id"}}

func scanTip(r scanner) (t Tip, err error) {
	return t, r.Scan(&t.ID, &t.No, &t.Year, &t.Unit, &t.Office, &t.sealed, &t.State, &t.Handler, &t.Due, &t.Lead, &t.Waiting, &t.Files, &t.MadeOn, &t.Rev)
}

func tipRow(r *sql.Rows) (Tip, error) { return scanTip(r) }

func tipWhere(ctx context.Context, q db.Q, column, value string) (t Tip, err error) {
	if t, err = scanTip(q.QueryRow(ctx, "SELECT "+tipColumns+" FROM tip t WHERE t."+column+" = $1", value)); err != nil {
		return t, db.Absent(err, "tip")
	}
	t.Concerns, err = access.Concerns(ctx, q, t.ID)
	return t, err
}

func tipByID(ctx context.Context, q db.Q, n id.ID) (Tip, error) {
	return tipWhere(ctx, q, "id", string(n))
}

// next counts the numbers of an office and year on.
func next(ctx context.Context, tx *audit.Tx, series string) (n int, err error) {
	if err = tx.QueryRow(ctx, "INSERT INTO tip_counter (id, n) VALUES ($1, 1) ON CONFLICT (id) DO UPDATE SET n = tip_counter.n + 1 RETURNING n", series).Scan(&n); err != nil {
		return 0, fmt.Errorf("next number of %s: %w", series, err)
	}
	tx.Touch("tip_counter", id.ID(series))
	return n, nil
}

func insertTip(ctx context.Context, tx *audit.Tx, t Tip, code, once string) error {
	tx.Touch("tip", t.ID)
	if _, err := tx.Exec(ctx, `INSERT INTO tip (id, no, year, unit_id, office_id, code_blind, once_blind, sealed, state, handler_id, due_on, lead, waiting, files, made_on, rev)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,1)`, string(t.ID), t.No, t.Year, string(t.Unit), string(t.Office), code, once, t.sealed, t.State, string(t.Handler), string(t.Due), t.Lead, t.Waiting, t.Files, string(t.MadeOn)); err != nil {
		return fmt.Errorf("write tip: %w", err)
	}
	return nil
}

func updateTip(ctx context.Context, tx *audit.Tx, t Tip) error {
	tx.Touch("tip", t.ID)
	return tx.Change(ctx, "tip", "UPDATE tip SET office_id = $1, state = $2, handler_id = $3, due_on = $4, lead = $5, waiting = $6, files = $7, rev = rev + 1 WHERE id = $8 AND rev = $9",
		string(t.Office), t.State, string(t.Handler), string(t.Due), t.Lead, t.Waiting, t.Files, string(t.ID), t.Rev)
}

func insertEntry(ctx context.Context, tx *audit.Tx, e Entry) error {
	tx.Touch("tip_entry", e.ID)
	if _, err := tx.Exec(ctx, "INSERT INTO tip_entry ("+entryColumns+") VALUES ($1,$2,$3,$4,$5,$6,$7,$8)",
		string(e.ID), string(e.tip), e.Do, string(e.Person), e.Old, e.New, e.sealed, e.At); err != nil {
		return fmt.Errorf("write entry of tip: %w", err)
	}
	return nil
}

func entriesOf(ctx context.Context, q db.Q, tip id.ID) ([]Entry, error) {
	rows, err := q.Query(ctx, "SELECT "+entryColumns+" FROM tip_entry WHERE tip_id = $1 ORDER BY id LIMIT "+strconv.Itoa(10*maxEntries), string(tip))
	return db.Collect(rows, err, func(r *sql.Rows) (e Entry, err error) {
		return e, r.Scan(&e.ID, &e.tip, &e.Do, &e.Person, &e.Old, &e.New, &e.sealed, &e.At)
	})
}

func insertFile(ctx context.Context, tx *audit.Tx, f File) error {
	tx.Touch("tip_file", f.ID)
	if _, err := tx.Exec(ctx, "INSERT INTO tip_file ("+fileColumns+") VALUES ($1,$2,$3,$4,$5,$6,$7,$8)",
		string(f.ID), string(f.tip), string(f.entry), f.hash, f.Kind, f.Mime, f.Size, f.sealed); err != nil {
		return fmt.Errorf("write file of tip: %w", err)
	}
	return nil
}

func scanFile(r scanner) (f File, err error) {
	return f, r.Scan(&f.ID, &f.tip, &f.entry, &f.hash, &f.Kind, &f.Mime, &f.Size, &f.sealed)
}

func filesOf(ctx context.Context, q db.Q, tip id.ID) ([]File, error) {
	rows, err := q.Query(ctx, "SELECT "+fileColumns+" FROM tip_file WHERE tip_id = $1 ORDER BY entry_id, id", string(tip))
	return db.Collect(rows, err, func(r *sql.Rows) (File, error) { return scanFile(r) })
}

// fileOf finds a file through its tip: never by its own id alone.
func fileOf(ctx context.Context, q db.Q, tip, n id.ID) (File, error) {
	f, err := scanFile(q.QueryRow(ctx, "SELECT "+fileColumns+" FROM tip_file WHERE id = $1 AND tip_id = $2", string(n), string(tip)))
	return f, db.Absent(err, "file")
}

// visible gives one page of an office's tips, the newest first.
func visible(ctx context.Context, q db.Q, p *access.Policy, who actor.Actor, state string, pq page.Query) (out []Tip, nx page.Next, err error) {
	var args []any
	where := p.Filter(who, "tip.read", tips, &args)
	if state != "" {
		args = append(args, state)
		where += " AND t.state = $" + strconv.Itoa(len(args))
	}
	if err := q.QueryRow(ctx, "SELECT COUNT(*) FROM (SELECT 1 FROM tip t WHERE "+where+" LIMIT "+strconv.Itoa(page.CountCap+1)+") x", args...).Scan(&nx.Count); err != nil {
		return nil, nx, fmt.Errorf("count tips: %w", err)
	}
	if len(pq.After) == 1 {
		args = append(args, pq.After[0])
		where += " AND t.id < $" + strconv.Itoa(len(args))
	}
	rows, err := q.Query(ctx, "SELECT "+tipColumns+" FROM tip t WHERE "+where+" ORDER BY t.id DESC LIMIT "+strconv.Itoa(pq.Size+1), args...)
	if out, err = db.Collect(rows, err, tipRow); err != nil {
		return nil, nx, fmt.Errorf("list tips: %w", err)
	}
	if len(out) > pq.Size {
		out = out[:pq.Size]
		nx.After = page.Cursor(string(out[len(out)-1].ID))
	}
	return out, nx, nil
}

// lateMax bounds the list of what offices below let lie.
const lateMax = 100

// late lists tips of offices below that were due before a day, the longest first.
func late(ctx context.Context, q db.Q, p *access.Policy, who actor.Actor, before clock.Date) ([]Tip, error) {
	var args []any
	watch, mine := p.Filter(who, "tip.watch", tips, &args), p.Filter(who, "tip.read", tips, &args)
	args = append(args, string(before))
	rows, err := q.Query(ctx, "SELECT "+tipColumns+" FROM tip t WHERE "+watch+" AND NOT ("+mine+") AND t.due_on < $"+strconv.Itoa(len(args))+" AND t.due_on <> '' ORDER BY t.due_on, t.id LIMIT "+strconv.Itoa(lateMax), args...)
	out, err := db.Collect(rows, err, tipRow)
	if err != nil {
		return nil, fmt.Errorf("list late tips: %w", err)
	}
	return out, nil
}

// todoMax bounds what the first page shows of this room.
const todoMax = 50

// todo lists what waits in the office: not taken, not answered, or late.
func todo(ctx context.Context, q db.Q, p *access.Policy, who actor.Actor, today clock.Date) ([]Tip, error) {
	var args []any
	where := p.Filter(who, "tip.read", tips, &args)
	args = append(args, string(today))
	rows, err := q.Query(ctx, "SELECT "+tipColumns+" FROM tip t WHERE "+where+" AND (t.state = 'received' OR t.waiting OR t.due_on <> '' AND t.due_on < $"+strconv.Itoa(len(args))+") ORDER BY t.due_on, t.id LIMIT "+strconv.Itoa(todoMax), args...)
	out, err := db.Collect(rows, err, tipRow)
	if err != nil {
		return nil, fmt.Errorf("list waiting tips: %w", err)
	}
	return out, nil
}

// hand gives the tips of a closed unit's office to another one.
func hand(ctx context.Context, tx *audit.Tx, from, to id.ID) ([]id.ID, error) {
	rows, err := tx.Query(ctx, "UPDATE tip SET office_id = $1, handler_id = '', rev = rev + 1 WHERE office_id = $2 RETURNING id", string(to), string(from))
	return tx.Returned("tip", rows, err)
}
