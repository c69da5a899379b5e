package audit

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
)

// rowDigest is the commitment to one version of one row. A deleted row has an
// empty digest.
type rowDigest struct {
	table  string
	id     id.ID
	digest []byte
}

// digests reads rows back as they are now and commits to them. What is read
// back, not what was meant to be written, is what the leaf stands for.
func digests(ctx context.Context, q db.Q, table string, ids []id.ID, salt []byte) ([]rowDigest, error) {
	if !plainName(table) {
		return nil, fmt.Errorf("no table name: %q", table)
	}
	found := make(map[id.ID][]byte, len(ids))
	for part := range slices.Chunk(ids, atOnce(q.Engine())) {
		args := make([]any, len(part))
		for i, v := range part {
			args[i] = string(v)
		}
		rows, err := q.Query(ctx, readBack(table, len(part)), args...)
		if err != nil {
			return nil, fmt.Errorf("read back %s: %w", table, err)
		}
		err = eachRow(rows, func(rid id.ID, canonical []byte) error {
			found[rid] = rowCommit(salt, table, rid, canonical)
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("read back %s: %w", table, err)
		}
	}
	out := make([]rowDigest, len(ids))
	for i, v := range ids {
		out[i] = rowDigest{table, v, found[v]}
		if out[i].digest == nil {
			out[i].digest = []byte{}
		}
	}
	return out, nil
}

// atOnce is how many rows one statement reads back. SQLite reads one: of many it takes
// a table for as small as it was when its statistics were gathered, and would read
// all of one that has grown since for each statement of a large import.
func atOnce(e db.Engine) int {
	if e == db.SQLite {
		return 1
	}
	return 200
}

func readBack(table string, n int) string {
	marks := make([]string, n)
	for i := range marks {
		marks[i] = "$" + strconv.Itoa(i+1)
	}
	return "SELECT * FROM " + table + " WHERE id IN (" + strings.Join(marks, ",") + ")"
}

// lastEntry is the latest entry that names one of the rows, "" when there is none. The
// greatest is asked of an expression: PostgreSQL would else walk the index of entries
// from its end until it meets one of the rows, and new rows are in none of them.
func lastEntry(ctx context.Context, q db.Q, table string, ids []id.ID) (last id.ID, err error) {
	for part := range slices.Chunk(ids, 200) {
		args := []any{table}
		marks := make([]string, len(part))
		for i, v := range part {
			args = append(args, string(v))
			marks[i] = "$" + strconv.Itoa(i+2)
		}
		var n id.ID
		if err := q.QueryRow(ctx, "SELECT COALESCE(MAX(entry_id || ''), '') FROM audit_row WHERE tab = $1 AND row_id IN ("+strings.Join(marks, ",")+")", args...).Scan(&n); err != nil {
			return "", fmt.Errorf("read the last entry of %s: %w", table, err)
		}
		last = max(last, n)
	}
	return last, nil
}

// entryAfter makes the identifier of an entry that comes after another one.
// Identifiers sort by the clock, and clocks of replicas differ or are set back;
// the order of a row's entries must not depend on them, or Verify would take the
// wrong one for the last.
func entryAfter(last id.ID) (id.ID, error) {
	n := id.New()
	if n > last {
		return n, nil
	}
	was, err := uuid.Parse(string(last))
	if err != nil {
		return "", fmt.Errorf("entry %s: %w", last, err)
	}
	now, err := uuid.Parse(string(n))
	if err != nil {
		return "", fmt.Errorf("entry %s: %w", n, err)
	}
	for i := 5; i >= 0; i-- { // the next millisecond, with the randomness of its own
		was[i]++
		if was[i] != 0 {
			break
		}
	}
	copy(now[:6], was[:6])
	return id.ID(now.String()), nil
}

// eachRow gives the canonical bytes of each row: the columns in order of name,
// empty ones left out, so that a later migration which adds a column does not
// change the digest of old rows.
func eachRow(rows *sql.Rows, fn func(rid id.ID, canonical []byte) error) error {
	defer rows.Close()
	cols, err := rows.Columns()
	if err != nil {
		return err
	}
	order := make([]int, len(cols))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(cols[a], cols[b]) })
	vals := make([]any, len(cols))
	ptrs := make([]any, len(cols))
	for i := range vals {
		ptrs[i] = &vals[i]
	}
	var buf []byte
	for rows.Next() {
		if err := rows.Scan(ptrs...); err != nil {
			return err
		}
		buf = buf[:0]
		var rid id.ID
		for _, i := range order {
			text, kind, ok := canonical(vals[i])
			if !ok {
				return fmt.Errorf("column %s has a type that the log cannot commit to: %T", cols[i], vals[i])
			}
			if kind == 0 {
				continue
			}
			if cols[i] == "id" {
				rid = id.ID(text)
			}
			buf = append(buf, kind)
			buf = strconv.AppendInt(buf, int64(len(cols[i])), 10)
			buf = append(buf, ':')
			buf = append(buf, cols[i]...)
			buf = strconv.AppendInt(buf, int64(len(text)), 10)
			buf = append(buf, ':')
			buf = append(buf, text...)
		}
		if err := fn(rid, buf); err != nil {
			return err
		}
	}
	return rows.Err()
}

// canonical gives a value as text, the same for both engines: booleans are
// integers, and an empty text, a zero and NULL are all "nothing".
func canonical(v any) (text string, kind byte, ok bool) {
	switch x := v.(type) {
	case nil:
		return "", 0, true
	case int64:
		if x == 0 {
			return "", 0, true
		}
		return strconv.FormatInt(x, 10), 'i', true
	case bool:
		if !x {
			return "", 0, true
		}
		return "1", 'i', true
	case string:
		if x == "" {
			return "", 0, true
		}
		return x, 't', true
	case []byte:
		if len(x) == 0 {
			return "", 0, true
		}
		return hex.EncodeToString(x), 'b', true
	}
	return "", 0, false
}

func rowCommit(salt []byte, table string, rid id.ID, canonical []byte) []byte {
	h := hmac.New(sha256.New, salt)
	h.Write([]byte(table + "\x00" + string(rid) + "\x00"))
	h.Write(canonical)
	return h.Sum(nil)
}

// sum is the digest over all row versions of an entry, in order of table and id.
func sum(rows []rowDigest) string {
	if len(rows) == 0 {
		return ""
	}
	rows = slices.Clone(rows)
	slices.SortFunc(rows, func(a, b rowDigest) int {
		if c := strings.Compare(a.table, b.table); c != 0 {
			return c
		}
		return strings.Compare(string(a.id), string(b.id))
	})
	h := sha256.New()
	for _, r := range rows {
		h.Write([]byte(r.table + "\x00" + string(r.id) + "\x00"))
		h.Write([]byte{byte(len(r.digest))})
		h.Write(r.digest)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func plainName(s string) bool {
	if s == "" {
		return false
	}
	for _, r := range s {
		if (r < 'a' || r > 'z') && r != '_' && (r < '0' || r > '9') {
			return false
		}
	}
	return true
}
