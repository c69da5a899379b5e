package search_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/search"
)

// crowd makes a word common: thousands of texts that hold it.
func crowd(t *testing.T, d *db.DB, kind, text string, n int) []id.ID {
	t.Helper()
	refs := make([]id.ID, n)
	err := d.Write(context.Background(), func(tx *db.Tx) error {
		for i := range refs {
			refs[i] = id.ID(fmt.Sprintf("%s-%05d", kind, i))
			if err := search.Add(context.Background(), tx, kind, refs[i], fmt.Sprintf("%s %d号", text, i)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return refs
}

func TestOnlyWhatManyHoldIsCommon(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		crowd(t, d, "item", "落实整改", 5000)
		crowd(t, d, "finding", "落实巡视整改", 10)
		for _, c := range []struct {
			kind, text string
			want       bool
		}{{"item", "整改", true}, {"item", "落实 整改", true}, {"item", "整改 7号", false}, {"finding", "整改", false}, {"item", "巡视", false}, {"item", "——", false}} {
			err := d.Read(context.Background(), func(q db.Q) error {
				got, err := search.Common(context.Background(), q, c.kind, c.text)
				if got != c.want {
					t.Errorf("%s in %s: common %v, want %v", c.text, c.kind, got, c.want)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

// A walk gives what the list holds, in its order; it gives up when hits are far apart.
func TestWalk(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		refs := crowd(t, d, "item", "整改", 3500)
		list := func(after *id.ID, limit int) ([]id.ID, error) { // from the last to the first
			at := len(refs)
			if after != nil {
				if _, err := fmt.Sscanf(string(*after), "item-%d", &at); err != nil {
					return nil, err
				}
			}
			var out []id.ID
			for at--; at >= 0 && len(out) < limit; at-- {
				out = append(out, refs[at])
			}
			return out, nil
		}
		same := func(n id.ID) id.ID { return n }
		for _, c := range []struct {
			text          string
			size          int
			also          func(id.ID) bool
			want          []id.ID // the first of them
			n             int
			ended, enough bool
		}{
			{"整改", 3, nil, []id.ID{refs[3499], refs[3498], refs[3497]}, 3, false, true},
			{"整改 3100号", 1, nil, []id.ID{refs[3100]}, 1, false, true},
			{"整改 3100号", 2, nil, nil, 0, false, false}, // only one, and the list is longer than a walk
			{"整改 3100号", 2, func(n id.ID) bool { return n == refs[3499] }, []id.ID{refs[3499], refs[3100]}, 2, false, true},
		} {
			err := d.Read(context.Background(), func(q db.Q) error {
				hits, ended, enough, err := search.Walk(context.Background(), q, "item", c.text, c.size, same, c.also, list)
				if len(hits) != c.n || ended != c.ended || enough != c.enough {
					t.Errorf("%q: %d hits, ended %v, enough %v", c.text, len(hits), ended, enough)
				}
				for i, w := range c.want {
					if i < len(hits) && hits[i] != w {
						t.Errorf("%q: hit %d is %s, want %s", c.text, i, hits[i], w)
					}
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		refs = refs[:40]
		err := d.Read(context.Background(), func(q db.Q) error {
			hits, ended, enough, err := search.Walk(context.Background(), q, "item", "整改", 50, same, nil, list)
			if len(hits) != 40 || !ended || !enough {
				t.Errorf("a short list: %d hits, ended %v, enough %v", len(hits), ended, enough)
			}
			hits, ended, _, err2 := search.Walk(context.Background(), q, "item", "整改", 40, same, nil, list)
			if len(hits) != 40 || !ended {
				t.Errorf("a list as long as the page: %d hits, ended %v", len(hits), ended)
			}
			return errors.Join(err, err2)
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
