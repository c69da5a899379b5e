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
