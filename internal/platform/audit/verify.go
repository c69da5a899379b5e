package audit

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
)

type rowScanner = *sql.Rows

// Trouble is one thing that Verify found. Index is the entry's place in the
// log, -1 when the trouble is in a row that no entry names.
type Trouble struct {
	Kind  string `json:"kind"` // changed, missing, tree, body, rows, row, unlogged, deleted, checkpoint, damaged
	Index int64  `json:"index"`
	Entry id.ID  `json:"entry,omitempty"`
	Table string `json:"table,omitempty"`
	Row   id.ID  `json:"row,omitempty"`
	Text  string `json:"text"`
}

// Report is the outcome of Verify.
type Report struct {
	Size     int64     `json:"size"`
	Rows     int64     `json:"rows"` // business rows compared with their leaves
	Shredded int64     `json:"shredded"`
	Waiting  int64     `json:"waiting"` // entries not yet sequenced
	Troubles []Trouble `json:"troubles"`
}

// maxTroubles bounds the report; a log that is wrong in a thousand places is
// not read line by line.
const maxTroubles = 1000

func (r *Report) add(t Trouble) {
	if len(r.Troubles) < maxTroubles {
		r.Troubles = append(r.Troubles, t)
	}
}

// Verify recomputes everything: leaves against tree hashes and the signed
// checkpoint, bodies and row digests against their leaves, and every business
// row against the entry that last changed it.
func (l *Log) Verify(ctx context.Context) (Report, error) {
	var rep Report
	err := l.db.Read(ctx, func(q db.Q) error {
		if err := l.verifyTree(ctx, q, &rep); err != nil {
			return err
		}
		if err := l.verifyEntries(ctx, q, &rep); err != nil {
			return err
		}
		for _, table := range l.tables {
			if err := l.reconcile(ctx, q, table, &rep); err != nil {
				// A database that cannot be read any more is trouble with a place, not a crash.
				rep.add(Trouble{Kind: "damaged", Index: -1, Table: table, Text: err.Error()})
			}
		}
		return nil
	})
	return rep, err
}

// verifyTree holds the leaves against the stored hashes and the checkpoint.
func (l *Log) verifyTree(ctx context.Context, q db.Q, rep *Report) error {
	size, text, err := head(ctx, q)
	if err != nil {
		return err
	}
	rep.Size = size
	if err := q.QueryRow(ctx, "SELECT COUNT(*) FROM audit_entry WHERE idx IS NULL").Scan(&rep.Waiting); err != nil {
		return fmt.Errorf("count waiting entries: %w", err)
	}
	if text == "" {
		if size > 0 {
			rep.add(Trouble{Kind: "checkpoint", Index: size, Text: "there are entries but no signed checkpoint"})
		}
		return nil
	}
	cp, err := l.open([]byte(text))
	if err != nil {
		rep.add(Trouble{Kind: "checkpoint", Index: size, Text: "the checkpoint's signature is not this installation's: " + err.Error()})
		return nil
	}
	if cp.Size != size {
		rep.add(Trouble{Kind: "checkpoint", Index: min(size, cp.Size), Text: fmt.Sprintf("the checkpoint signs %d entries, the log says %d", cp.Size, size)})
	}
	return rebuild(ctx, q, cp, rep)
}

// String is one line for a person.
func (t Trouble) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: ", t.Kind)
	if t.Index >= 0 {
		fmt.Fprintf(&b, "entry %d", t.Index)
	}
	if t.Entry != "" {
		fmt.Fprintf(&b, " (%s)", t.Entry)
	}
	if t.Table != "" {
		fmt.Fprintf(&b, " %s %s", t.Table, t.Row)
	}
	b.WriteString(": " + t.Text)
	return b.String()
}
