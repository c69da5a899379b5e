package db

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// pgPlaceholders bounds the values of one statement on PostgreSQL.
const pgPlaceholders = 4000

// InsertMany writes many rows of one table in the way that the engine takes
// quickest. SQLite is quickest row by row with one kept statement: it looks
// numbered placeholders up one by one, and a statement of many rows opens a
// journal of its own. PostgreSQL pays for every message instead.
func (t *Tx) InsertMany(ctx context.Context, table, columns string, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	width := len(rows[0])
	if t.engine == SQLite {
		if t.failed != nil {
			return t.failed
		}
		var err error
		insert := "INSERT INTO " + table + " (" + columns + ") VALUES " + tuple(0, width)
		for _, row := range rows {
			if _, err = t.sql.ExecContext(ctx, insert, row...); err != nil {
				break
			}
		}
		if t.failed = Translate(err); t.failed != nil {
			return fmt.Errorf("write %s: %w", table, t.failed)
		}
		return nil
	}
	most := max(1, pgPlaceholders/width)
	for len(rows) > 0 {
		part := rows[:min(most, len(rows))]
		rows = rows[len(part):]
		var b strings.Builder
		b.WriteString("INSERT INTO " + table + " (" + columns + ") VALUES ")
		args := make([]any, 0, len(part)*width)
		for i, row := range part {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(tuple(len(args), width))
			args = append(args, row...)
		}
		if _, err := t.Exec(ctx, b.String(), args...); err != nil {
			return fmt.Errorf("write %s: %w", table, err)
		}
	}
	return nil
}

// tuple is ($n+1, … $n+width).
func tuple(n, width int) string {
	var b strings.Builder
	for i := range width {
		b.WriteByte("(,"[min(i, 1)])
		b.WriteString("$" + strconv.Itoa(n+i+1))
	}
	return b.String() + ")"
}
