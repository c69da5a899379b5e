package search_test

import (
	"context"
	"fmt"
	"testing"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/search"
)

// Records that hold a text are named once each until who asked has enough; many are
// not gone through to the end, and it is said whether any was left out.
func TestTheNewestAreNamedFirst(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		many(t, d, "item", 2600)
		many(t, d, "finding", 3)
		for _, x := range []struct {
			kind, text string
			enough     int
			named      int // at least
			all        bool
		}{{"item", "整改", 20, 20, false}, {"item", "整改", 5000, 2000, false}, {"finding", "整改", 20, 3, true}, {"finding", "整改 落实", 20, 3, false}, {"item", "第7项", 50, 1, false}, {"finding", "巡视", 20, 0, true}, {"item", "——", 20, 0, true}} {
			var got []id.ID
			err := d.Read(context.Background(), func(q db.Q) error {
				all, err := search.Newest(context.Background(), q, x.kind, x.text, func(list []id.ID) (bool, error) {
					got = append(got, list...)
					return len(got) < x.enough, nil
				})
				if all != x.all {
					t.Errorf("%s in %s: all %t, want %t", x.text, x.kind, all, x.all)
				}
				return err
			})
			if err != nil || len(got) < x.named || len(got) > 4100 {
				t.Errorf("%s in %s: %d named, want %d at least: %v", x.text, x.kind, len(got), x.named, err)
			}
			seen := map[id.ID]bool{}
			for i, n := range got {
				if seen[n] || len(n) < len(x.kind) || string(n[:len(x.kind)]) != x.kind {
					t.Errorf("%s in %s: %s is named twice or of another kind", x.text, x.kind, n)
				}
				seen[n] = true
				if d.Engine == db.SQLite && i > 0 && x.text == "整改" && n > got[i-1] {
					t.Errorf("%s comes after %s", n, got[i-1])
				}
			}
		}
	})
}

// many puts texts that all hold the same words, in one step.
func many(t *testing.T, d *db.DB, kind string, n int) {
	t.Helper()
	list := make([]search.Text, n)
	for i := range list {
		list[i] = search.Text{Ref: id.ID(fmt.Sprintf("%s-%05d", kind, i)), Text: fmt.Sprintf("落实整改第%d项", i)}
	}
	if err := d.Write(context.Background(), func(tx *db.Tx) error { return search.AddMany(context.Background(), tx, kind, list) }); err != nil {
		t.Fatal(err)
	}
}
