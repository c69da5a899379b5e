package export

import (
	"context"
	"database/sql"
	"fmt"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

const fileColumns = "id, account_id, action, title, format, address, footing, state, lines, hash, size, trouble, made_at, ended_at, fetched_at, until_at"

func filesWhere(ctx context.Context, q db.Q, cond string, args ...any) ([]File, error) {
	rows, err := q.Query(ctx, "SELECT "+fileColumns+" FROM export_file WHERE "+cond, args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (f File, err error) {
		return f, r.Scan(&f.ID, &f.Account, &f.Action, &f.Title, &f.Format, &f.Address, &f.Footing, &f.State, &f.Lines, &f.Hash, &f.Size, &f.Trouble, &f.Made, &f.Ended, &f.Fetched, &f.Until)
	})
	if err != nil {
		return nil, fmt.Errorf("read exports: %w", err)
	}
	return out, nil
}

func filesOf(ctx context.Context, q db.Q, account id.ID) ([]File, error) {
	return filesWhere(ctx, q, "account_id = $1 ORDER BY made_at DESC, id DESC LIMIT 100", string(account))
}

func insertFile(ctx context.Context, tx *audit.Tx, f File) error {
	tx.Touch("export_file", f.ID)
	_, err := tx.Exec(ctx, "INSERT INTO export_file ("+fileColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
		string(f.ID), string(f.Account), f.Action, f.Title, f.Format, f.Address, f.Footing, f.State, f.Lines, f.Hash, f.Size, f.Trouble, f.Made, f.Ended, f.Fetched, f.Until)
	if err != nil {
		return fmt.Errorf("note an export: %w", err)
	}
	return nil
}

// endFile notes how a job ended. One that was removed meanwhile is not there any more.
func endFile(ctx context.Context, tx *audit.Tx, f File) (bool, error) {
	rows, err := tx.Query(ctx, "UPDATE export_file SET state = $1, lines = $2, hash = $3, size = $4, trouble = $5, ended_at = $6 WHERE id = $7 RETURNING id",
		f.State, f.Lines, f.Hash, f.Size, f.Trouble, tx.At, string(f.ID))
	ids, err := tx.Returned("export_file", rows, err)
	return len(ids) > 0, err
}

func fetchedFile(ctx context.Context, tx *audit.Tx, n id.ID) error {
	tx.Touch("export_file", n)
	return tx.Change(ctx, "export", "UPDATE export_file SET fetched_at = $1 WHERE id = $2", tx.At, string(n))
}

func deleteFile(ctx context.Context, tx *audit.Tx, n id.ID) error {
	tx.Gone("export_file", n)
	return tx.Change(ctx, "export", "DELETE FROM export_file WHERE id = $1", string(n))
}
