package contact

import (
	"context"
	"database/sql"
	"fmt"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// OfficeEntry is one dated step of a letter, of a record that was not made or of a talk; what
// was written is sealed for the office.
type OfficeEntry struct {
	ID     id.ID  `json:"id"`
	At     string `json:"at"`
	Do     string `json:"do"`
	From   string `json:"from"`
	To     string `json:"to"`
	Person id.ID  `json:"person"`
	Detail string `json:"detail,omitempty"` // the consequence or the outcome
	Text   string `json:"text"`
	sealed []byte
}

// sealedSteps is a table of such entries.
type sealedSteps struct {
	table, of string // whose
	detail    bool   // has a column for it
}

var (
	letterSteps   = sealedSteps{table: "contact_letter_entry", of: "letter_id"}
	omissionSteps = sealedSteps{table: "contact_omission_entry", of: "omission_id", detail: true}
	talkSteps     = sealedSteps{table: "contact_talk_entry", of: "talk_id", detail: true}
)

// place is what an entry is sealed for.
func (t sealedSteps) place(e id.ID) string { return t.table + "/" + string(e) }

func (t sealedSteps) insert(ctx context.Context, tx *audit.Tx, of id.ID, e OfficeEntry) error {
	columns := "id, " + t.of + ", at, act, from_state, to_state, person_id, sealed"
	row := []any{string(e.ID), string(of), tx.At, e.Do, e.From, e.To, string(e.Person), e.sealed}
	if t.detail {
		columns, row = columns+", detail", append(row, e.Detail)
	}
	return insert(ctx, tx, t.table, columns, row...)
}

func (t sealedSteps) list(ctx context.Context, q db.Q, of id.ID) ([]OfficeEntry, error) {
	detail := "''"
	if t.detail {
		detail = "detail"
	}
	rows, err := q.Query(ctx, "SELECT id, at, act, from_state, to_state, person_id, sealed, "+detail+" FROM "+t.table+" WHERE "+t.of+" = $1 ORDER BY id", string(of))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (e OfficeEntry, err error) {
		return e, r.Scan(&e.ID, &e.At, &e.Do, &e.From, &e.To, &e.Person, &e.sealed, &e.Detail)
	})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", t.table, err)
	}
	return out, nil
}
