package risk

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

type scanner interface{ Scan(dest ...any) error }

// insert writes one row, its id first, and names it for the log.
func insert(ctx context.Context, tx *audit.Tx, table, names string, values ...any) error {
	marks := make([]string, len(values))
	for i := range values {
		marks[i] = fmt.Sprintf("$%d", i+1)
	}
	tx.Touch(table, id.ID(values[0].(string)))
	if _, err := tx.Exec(ctx, "INSERT INTO "+table+" ("+names+") VALUES ("+strings.Join(marks, ",")+")", values...); err != nil {
		return fmt.Errorf("write %s: %w", table, err)
	}
	return nil
}

// next counts a series of numbers on; two who ask at once are told apart because
// the second one's transaction runs again.
func next(ctx context.Context, tx *audit.Tx, series string) (int64, error) {
	n, err := advance(ctx, tx, series, 1)
	return n, err
}

// advance counts a series on by some and gives the first of them.
func advance(ctx context.Context, tx *audit.Tx, series string, by int) (n int64, err error) {
	err = tx.QueryRow(ctx, `INSERT INTO risk_counter (id, n) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET n = risk_counter.n + $2 RETURNING n`, series, by).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("next number of %s: %w", series, err)
	}
	tx.Touch("risk_counter", id.ID(series))
	return n - int64(by) + 1, nil
}

func marks[T ~string](args *[]any, vs []T) string {
	out := make([]string, len(vs))
	for i, v := range vs {
		*args = append(*args, string(v))
		out[i] = fmt.Sprintf("$%d", len(*args))
	}
	return strings.Join(out, ",")
}

func jsonText(v any) string {
	b, _ := json.Marshal(v) // plain maps and structs always marshal
	return string(b)
}

func insertSetting(ctx context.Context, tx *audit.Tx, c Confirmed) error {
	return insert(ctx, tx, "risk_setting", "id, name, value, source, person_id, at", string(c.ID), c.Key, c.Value, c.Source, db.Null(c.Person), tx.At)
}

// settingsIn gives the newest entry of each key.
func settingsIn(ctx context.Context, q db.Q) (map[string]Confirmed, error) {
	rows, err := q.Query(ctx, "SELECT id, name, value, source, COALESCE(person_id, ''), at FROM risk_setting ORDER BY id")
	list, err := db.Collect(rows, err, func(r *sql.Rows) (c Confirmed, err error) {
		return c, r.Scan(&c.ID, &c.Key, &c.Value, &c.Source, &c.Person, &c.At)
	})
	out := map[string]Confirmed{}
	for _, c := range list {
		out[c.Key] = c
	}
	return out, err
}

func insertEntry(ctx context.Context, tx *audit.Tx, e Entry) error {
	return insert(ctx, tx, "risk_entry", "id, object_id, at, person_id, act, old_state, new_state, sealed", string(e.ID), string(e.Object), tx.At, db.Null(e.Person), e.Do, e.Old, e.New, e.sealed)
}

func entriesOf(ctx context.Context, q db.Q, object id.ID) ([]Entry, error) {
	rows, err := q.Query(ctx, "SELECT id, object_id, at, COALESCE(person_id, ''), act, old_state, new_state, sealed FROM risk_entry WHERE object_id = $1 ORDER BY id LIMIT 500", string(object))
	return db.Collect(rows, err, func(r *sql.Rows) (e Entry, err error) {
		return e, r.Scan(&e.ID, &e.Object, &e.At, &e.Person, &e.Do, &e.Old, &e.New, &e.sealed)
	})
}
