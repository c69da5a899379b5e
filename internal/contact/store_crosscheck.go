package contact

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

var crosscheckColumns = access.Columns{State: "c.state", Units: []string{"c.office_id", "c.upper_id"}, Concern: []string{"c.matter_id", "c.other_id"}}

const crosscheckSQL = "c.id, c.matter_id, COALESCE(c.other_id, ''), c.office_id, COALESCE(c.upper_id, ''), c.state, c.found, c.permille, c.lines, c.answer, c.due_on, c.at, c.rev"

func scanCrosscheck(r scanner) (c Crosscheck, err error) {
	var lines string
	if err := r.Scan(&c.ID, &c.Matter, &c.Other, &c.Office, &c.Upper, &c.State, &c.Found, &c.Permille, &lines, &c.Answer, &c.Due, &c.At, &c.Rev); err != nil {
		return c, err
	}
	return c, json.Unmarshal([]byte(lines), &c.Lines)
}

func crosscheckByID(ctx context.Context, q db.Q, n id.ID) (Crosscheck, error) {
	c, err := scanCrosscheck(q.QueryRow(ctx, "SELECT "+crosscheckSQL+" FROM contact_crosscheck c WHERE c.id = $1", string(n)))
	return c, db.Absent(err, "crosscheck")
}

func listCrosschecks(ctx context.Context, q db.Q, w where, after string, limit int) ([]Crosscheck, error) {
	if after != "" {
		w.add("c.id < $%d", after)
	}
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT %s FROM contact_crosscheck c WHERE %s ORDER BY c.id DESC LIMIT %d", crosscheckSQL, w.sql(), limit), w.args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (Crosscheck, error) { return scanCrosscheck(r) })
	if err != nil {
		return nil, fmt.Errorf("list cross-checks: %w", err)
	}
	return out, nil
}

// insertCrosschecks writes new items in few statements.
func insertCrosschecks(ctx context.Context, tx *audit.Tx, list []Crosscheck) error {
	rows := make([][]any, len(list))
	for i, c := range list {
		lines, err := json.Marshal(c.Lines)
		if err != nil {
			return fmt.Errorf("write a cross-check: %w", err)
		}
		rows[i] = []any{string(c.ID), string(c.Matter), db.Null(c.Other), string(c.Office), db.Null(c.Upper), c.State, c.Found, c.Permille, string(lines), c.Answer, string(c.Due), tx.At, 1}
		tx.Touch("contact_crosscheck", c.ID)
	}
	return tx.InsertMany(ctx, "contact_crosscheck", "id, matter_id, other_id, office_id, upper_id, state, found, permille, lines, answer, due_on, at, rev", rows)
}

// head is the index row of a matter as far as a comparison needs it.
type head struct {
	id, unit, office, upper id.ID
	category                string
}

// lockedRecord is what is needed to hold a record against others: its head, the key
// wrapped for one office, the entry by which it was handed in.
type lockedRecord struct {
	head
	reader id.ID
	wrap   []byte
	entry  Entry
}

// matterHeads lists matters after one in the order of their ids.
func matterHeads(ctx context.Context, q db.Q, w where, after id.ID, limit int) ([]head, error) {
	w.args = slices.Clone(w.args)
	w.conds = slices.Clone(w.conds)
	w.add("m.id > $%d", string(after))
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT m.id, m.unit_id, m.office_id, COALESCE(m.upper_id, ''), COALESCE(NULLIF(m.category, ''), m.claimed) FROM contact_matter m WHERE %s ORDER BY m.id LIMIT %d", w.sql(), limit), w.args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (h head, err error) {
		return h, r.Scan(&h.id, &h.unit, &h.office, &h.upper, &h.category)
	})
	if err != nil {
		return nil, fmt.Errorf("list records: %w", err)
	}
	return out, nil
}

// lockedRecords reads what locks some matters, which stand in the order of their
// ids: the wraps of some offices and the entries by which they were handed in, each
// in one walk along its index from the first to the last of them. What lies between
// comes too and is passed over, and so is a matter that none of the offices has a
// key to; of two wraps or entries the first wrap and the last entry count.
func lockedRecords(ctx context.Context, q db.Q, part []head, readers []id.ID) ([]lockedRecord, error) {
	out := make([]lockedRecord, len(part))
	at := make(map[id.ID]*lockedRecord, len(part))
	for i, m := range part {
		out[i].head = m
		at[m.id] = &out[i]
	}
	var none lockedRecord
	of := func(n id.ID) *lockedRecord {
		if x, ok := at[n]; ok {
			return x
		}
		return &none
	}
	args := []any{string(part[0].id), string(part[len(part)-1].id)}
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT matter_id, reader, wrap FROM contact_key WHERE matter_id >= $1 AND matter_id <= $2 AND reader IN (%s) ORDER BY matter_id, reader", marks(&args, append(readers, "-"))), args...)
	_, err = db.Collect(rows, err, func(r *sql.Rows) (_ struct{}, err error) {
		var n, reader id.ID
		var wrap []byte
		if err = r.Scan(&n, &reader, &wrap); err == nil {
			if x := of(n); x.reader == "" {
				x.reader, x.wrap = reader, wrap
			}
		}
		return struct{}{}, err
	})
	if err != nil {
		return nil, fmt.Errorf("read the keys of records: %w", err)
	}
	rows, err = q.Query(ctx, "SELECT matter_id, id, sealed, commitment FROM contact_entry WHERE matter_id >= $1 AND matter_id <= $2 AND act = 'submit' ORDER BY matter_id, id", args[:2]...)
	_, err = db.Collect(rows, err, func(r *sql.Rows) (_ struct{}, err error) {
		var n id.ID
		var e Entry
		if err = r.Scan(&n, &e.ID, &e.sealed, &e.Commitment); err == nil {
			of(n).entry = e
		}
		return struct{}{}, err
	})
	if err != nil {
		return nil, fmt.Errorf("read records: %w", err)
	}
	return slices.DeleteFunc(out, func(x lockedRecord) bool { return x.reader == "" || x.entry.ID == "" }), nil
}

func updateCrosscheck(ctx context.Context, tx *audit.Tx, c Crosscheck) error {
	lines, err := json.Marshal(c.Lines)
	if err != nil {
		return fmt.Errorf("write a cross-check: %w", err)
	}
	tx.Touch("contact_crosscheck", c.ID)
	return tx.Change(ctx, "crosscheck", "UPDATE contact_crosscheck SET other_id = $1, state = $2, found = $3, permille = $4, lines = $5, answer = $6, due_on = $7, rev = rev + 1 WHERE id = $8 AND rev = $9",
		db.Null(c.Other), c.State, c.Found, c.Permille, string(lines), c.Answer, string(c.Due), string(c.ID), c.Rev)
}

func insertCrossEntry(ctx context.Context, tx *audit.Tx, c id.ID, e Entry, answer string) error {
	return insert(ctx, tx, "contact_crosscheck_entry", "id, crosscheck_id, at, act, from_state, to_state, unit_id, answer, sealed",
		string(e.ID), string(c), tx.At, e.Do, e.From, e.To, db.Null(e.Unit), answer, e.sealed)
}

func crossEntries(ctx context.Context, q db.Q, c id.ID) ([]Entry, error) {
	rows, err := q.Query(ctx, "SELECT id, at, act, from_state, to_state, COALESCE(unit_id, ''), answer, sealed FROM contact_crosscheck_entry WHERE crosscheck_id = $1 ORDER BY id", string(c))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (e Entry, err error) {
		return e, r.Scan(&e.ID, &e.At, &e.Do, &e.From, &e.To, &e.Unit, &e.Detail, &e.sealed)
	})
	if err != nil {
		return nil, fmt.Errorf("read the entries of a cross-check: %w", err)
	}
	return out, nil
}

// crossedBy finds the cross-check of each record.
func crossedBy(ctx context.Context, q db.Q, w where) (map[id.ID]Crosscheck, error) {
	rows, err := q.Query(ctx, "SELECT "+crosscheckSQL+" FROM contact_crosscheck c WHERE "+w.sql(), w.args...)
	out := map[id.ID]Crosscheck{}
	_, err = db.Collect(rows, err, func(r *sql.Rows) (c Crosscheck, err error) {
		if c, err = scanCrosscheck(r); err == nil {
			out[c.Matter] = c
			if c.Other != "" {
				out[c.Other] = c
			}
		}
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("read cross-checks: %w", err)
	}
	return out, nil
}

// filedIn counts the returns of a period.
func filedIn(ctx context.Context, q db.Q, p Period) (n int, err error) {
	if err = q.QueryRow(ctx, "SELECT COUNT(*) FROM contact_return WHERE period = $1", string(p)).Scan(&n); err != nil {
		return 0, fmt.Errorf("count returns: %w", err)
	}
	return n, nil
}

// submission reads the entry by which a record was handed in.
func submission(ctx context.Context, q db.Q, matter id.ID) (e Entry, err error) {
	err = q.QueryRow(ctx, "SELECT id, sealed, commitment FROM contact_entry WHERE matter_id = $1 AND act = 'submit' ORDER BY id DESC LIMIT 1", string(matter)).Scan(&e.ID, &e.sealed, &e.Commitment)
	return e, db.Absent(err, "matter")
}
