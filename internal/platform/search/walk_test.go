package search_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

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
		crowd(t, d, "item", "落实整改", 5100)
		crowd(t, d, "finding", "落实巡视整改", 10)
		if err := d.Optimize(context.Background()); err != nil { // PostgreSQL answers from its statistics
			t.Fatal(err)
		}
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
	texts := make([]string, 3500)
	for i := range texts {
		texts[i] = fmt.Sprintf("整改 %d号", i)
	}
	list := func(after *int, limit int) ([]int, error) { // from the last to the first
		at := len(texts)
		if after != nil {
			at = *after
		}
		var out []int
		for at--; at >= 0 && len(out) < limit; at-- {
			out = append(out, at)
		}
		return out, nil
	}
	words := func(n int) string { return texts[n] }
	for _, c := range []struct {
		text          string
		size          int
		want          []int
		ended, enough bool
	}{
		{"整改", 3, []int{3499, 3498, 3497}, false, true},
		{"整改 3100号", 1, []int{3100}, false, true},
		{"整改 3100号", 2, nil, false, false}, // only one, and the list is longer than a walk
	} {
		hits, ended, enough, err := search.Walk(c.text, c.size, words, list)
		if err != nil || !slices.Equal(hits, c.want) || ended != c.ended || enough != c.enough {
			t.Errorf("%q: %v, ended %v, enough %v, %v", c.text, hits, ended, enough, err)
		}
	}
	texts = texts[:40]
	for _, size := range []int{50, 40} {
		if hits, ended, enough, err := search.Walk("整改", size, words, list); err != nil || len(hits) != 40 || !enough || ended != (size == 50 || size == 40) {
			t.Errorf("a list of 40 for a page of %d: %d hits, ended %v, enough %v, %v", size, len(hits), ended, enough, err)
		}
	}
}

// A walk reads in a text what the index would answer for it.
func TestWalkAnswersAsTheNaiveScan(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text, question := textOf(30).Draw(rt, "text"), textOf(4).Draw(rt, "question")
		want, asks := holds(text, question)
		if !asks {
			return
		}
		hits, _, _, err := search.Walk(question, 1, func(string) string { return text }, func(after *string, _ int) ([]string, error) {
			if after != nil {
				return nil, nil
			}
			return []string{text}, nil
		})
		if err != nil || (len(hits) == 1) != want {
			rt.Fatalf("%q in %q: %v, want %v (%v)", question, text, len(hits) == 1, want, err)
		}
	})
}
