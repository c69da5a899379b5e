package inspection

import (
	"context"
	"encoding/json"
	"fmt"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

func scanUpload(r scanner) (u Upload, err error) {
	var article string
	if err := r.Scan(&u.ID, &u.By, &u.Author, &u.Name, &u.Hash, &article, &u.State, &u.Visit, &u.At, &u.Rev); err != nil {
		return u, err
	}
	u.Article, err = decodeArticle(article)
	return u, err
}

func uploadByID(ctx context.Context, q db.Q, upload id.ID) (Upload, error) {
	u, err := scanUpload(q.QueryRow(ctx, "SELECT "+uploadColumns+" FROM inspection_circular WHERE id = $1", string(upload)))
	return u, db.Absent(err, "circular")
}

func insertUpload(ctx context.Context, tx *audit.Tx, u Upload) error {
	article, err := json.Marshal(u.Article)
	if err != nil {
		return fmt.Errorf("keep circular: %w", err)
	}
	_, err = tx.Exec(ctx, "INSERT INTO inspection_circular (id, by_id, author_id, name, hash, article, state, at, rev) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,1)",
		string(u.ID), string(u.By), db.Null(u.Author), u.Name, u.Hash, string(article), u.State, u.At)
	tx.Touch("inspection_circular", u.ID)
	return err
}

func finishUpload(ctx context.Context, tx *audit.Tx, upload, visit id.ID, rev int64) error {
	tx.Touch("inspection_circular", upload)
	return tx.Change(ctx, "circular", "UPDATE inspection_circular SET state = $1, visit_id = $2, rev = rev + 1 WHERE id = $3 AND rev = $4",
		UploadImported, string(visit), string(upload), rev)
}

func uploadsWhere(ctx context.Context, q db.Q, cond string, args []any) ([]Upload, error) {
	return list(ctx, q, "circulars", scanUpload, "SELECT "+uploadColumns+" FROM inspection_circular c WHERE "+cond+" ORDER BY c.id DESC LIMIT 20", args...)
}

func nextRound(ctx context.Context, q db.Q, term id.ID) (n int, err error) {
	err = q.QueryRow(ctx, "SELECT COALESCE(MAX(no), 0) + 1 FROM inspection_round WHERE term_id = $1", string(term)).Scan(&n)
	return n, db.Absent(err, "round")
}
