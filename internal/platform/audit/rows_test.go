package audit

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"huikan/internal/platform/db"
)

// Rows are read back by their key, also where the statistics are of a time when the
// table held a few rows.
func TestRowsAreReadBackByTheirKey(t *testing.T) {
	ctx := context.Background()
	d, err := db.Open(ctx, "sqlite:"+filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for _, s := range []string{"CREATE TABLE thing (id TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT", "INSERT INTO thing VALUES ('a', 'x'), ('b', 'x'), ('c', 'x')", "ANALYZE"} {
		if _, err := d.Raw().ExecContext(ctx, s); err != nil {
			t.Fatal(err)
		}
	}
	n := atOnce(d.Engine)
	args := make([]any, n)
	for i := range args {
		args[i] = "a"
	}
	var plan string
	var skip int
	if err := d.Raw().QueryRowContext(ctx, "EXPLAIN QUERY PLAN "+readBack("thing", n), args...).Scan(&skip, &skip, &skip, &plan); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(plan, "SEARCH") {
		t.Errorf("%d rows are read back by %q", n, plan)
	}
}
