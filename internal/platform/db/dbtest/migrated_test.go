package dbtest_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"huikan/internal/platform/db"
	"huikan/internal/platform/db/dbtest"
)

// Tests share what was filled in once and nothing else.
func TestCopiesAreFilledOnceAndIndependent(t *testing.T) {
	ctx, filled := context.Background(), map[db.Engine]int{}
	name := fmt.Sprintf("copies_%d", os.Getpid())
	for range 2 {
		dbtest.EachCopy(t, name, func(t *testing.T, d *db.DB) {
			filled[d.Engine]++
			if _, err := d.Raw().ExecContext(ctx, "CREATE TABLE thing (n BIGINT)"); err != nil {
				t.Fatal(err)
			}
		}, func(t *testing.T, d *db.DB) {
			if _, err := d.Raw().ExecContext(ctx, "INSERT INTO thing (n) VALUES (1)"); err != nil {
				t.Fatal(err)
			}
			var n int
			if err := d.Raw().QueryRowContext(ctx, "SELECT COUNT(*) FROM thing").Scan(&n); err != nil || n != 1 {
				t.Errorf("%d rows, %v: the copy is not the test's own", n, err)
			}
		})
	}
	if filled[db.SQLite] != 1 || filled[db.Postgres] != 1 {
		t.Errorf("filled %v times", filled)
	}
}
