package access

import (
	"context"
	"database/sql"
	"fmt"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
)

type scanner = *sql.Rows

// Grounds on which a matter is closed to a person.
const (
	Subject  = "subject"  // the matter is about him
	Declared = "declared" // he recused himself, or was recused
)

// Concern notes that a record concerns a person: from now on neither he nor
// anybody whose relative he is can see, count or find it.
func Concern(ctx context.Context, tx *audit.Tx, object, person id.ID, ground string) error {
	n := id.New()
	r, err := tx.Exec(ctx, `INSERT INTO access_concern (id, object_id, person_id, ground, at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (person_id, object_id) DO NOTHING`, string(n), string(object), string(person), ground, tx.At)
	if err != nil {
		return fmt.Errorf("note whom it concerns: %w", err)
	}
	if k, err := r.RowsAffected(); err != nil || k == 0 {
		return err
	}
	tx.Touch("access_concern", n)
	return nil
}

// Concerned says whom records that are being made concern.
type Concerned struct {
	Object id.ID
	Person id.ID
}

// ConcernMany notes whom many new records concern as their subjects; nothing may
// have been noted about them before.
func ConcernMany(ctx context.Context, tx *audit.Tx, list []Concerned) error {
	rows, seen := make([][]any, 0, len(list)), map[Concerned]bool{}
	for _, c := range list {
		if seen[c] {
			continue
		}
		seen[c] = true
		n := id.New()
		tx.Touch("access_concern", n)
		rows = append(rows, []any{string(n), string(c.Object), string(c.Person), Subject, tx.At})
	}
	return tx.InsertMany(ctx, "access_concern", "id, object_id, person_id, ground, at", rows)
}

// PutUnit notes the units above a unit, itself included, root last.
func PutUnit(ctx context.Context, tx *audit.Tx, unit id.ID, above []id.ID) error {
	for _, a := range above {
		n := id.New()
		if _, err := tx.Exec(ctx, "INSERT INTO access_tree (id, unit_id, above_id) VALUES ($1, $2, $3)", string(n), string(unit), string(a)); err != nil {
			return fmt.Errorf("place unit in the tree: %w", err)
		}
		tx.Touch("access_tree", n)
	}
	return nil
}
