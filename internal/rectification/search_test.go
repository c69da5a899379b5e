package rectification_test

import (
	"fmt"
	"net/url"
	"slices"
	"testing"

	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/search"
	rect "huikan/internal/rectification"
)

// A common word is looked for in the order of the list instead of in the whole
// index. The pages are the same as those of a rare one, forwards and backwards.
func TestCommonWordsGiveTheSamePages(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var want []string
		for n := range 130 {
			no := fmt.Sprintf("H1-%03d", n)
			word := "纪要未归档"
			if n%3 == 0 {
				word = "公车私用"
				want = append(want, no)
			}
			w.item(t, no, func(i *rect.NewItem) {
				i.Title, i.Due = word, i.Due.AddDays(n/7)
				if n%2 == 0 {
					i.Unit = south.Unit
				}
			})
		}
		pages := func(step string) (got []string, counts []page.Next) {
			t.Helper()
			p := page.Query{Size: 20, View: rect.ViewAll, Sort: "no", Filter: url.Values{"q": {"公车私用"}}}
			for range 10 {
				l, err := w.s.List(ctx, office, p)
				ok(t, err)
				var nos []string
				for _, r := range l.Rows {
					nos = append(nos, r.No)
				}
				counts = append(counts, l.Next)
				next := l.Next.After
				if step == "back" {
					got = append(nos, got...)
					next = l.Next.Before
				} else {
					got = append(got, nos...)
				}
				if next == "" {
					return got, counts
				}
				q, err := page.Parse(url.Values{map[string]string{"on": "after", "back": "before"}[step]: {next}})
				ok(t, err)
				p.After, p.Before = q.After, q.Before
			}
			t.Fatal("the pages do not end")
			return nil, nil
		}
		check := func(what string, atLeast bool) {
			t.Helper()
			got, counts := pages("on")
			if !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", what, got, want)
			}
			if counts[0].AtLeast != atLeast || counts[0].Count > len(want) || counts[0].Count < 21 {
				t.Errorf("%s: counted %+v", what, counts[0])
			}
		}
		check("rare", false)
		ok(t, w.Log.Write(ctx, program, "words", func(tx *audit.Tx) error {
			tx.Note("texts", 5200)
			for i := range 5200 {
				if err := search.Add(ctx, tx.Tx, "item", id.ID(fmt.Sprintf("other-%d", i)), "公车私用"); err != nil {
					return err
				}
			}
			return nil
		}))
		ok(t, w.DB.Optimize(ctx)) // PostgreSQL tells what is common from its statistics
		check("common", true)
		for _, c := range []struct {
			who  string
			text string
			n    int
		}{{"north", "公车私用", 22}, {"hq", "H1-007", 1}, {"hq", "公车私用 领导包案", 0}} {
			a := office
			if c.who == "north" {
				a = liaison
			}
			l, err := w.s.List(ctx, a, page.Query{Size: 50, View: rect.ViewAll, Filter: url.Values{"q": {c.text}}})
			ok(t, err)
			if len(l.Rows) != c.n || l.Next.Count != c.n || l.Next.AtLeast {
				t.Errorf("%s asks %s: %d rows, %+v, want %d", c.who, c.text, len(l.Rows), l.Next, c.n)
			}
		}
		back := page.Query{Size: 20, View: rect.ViewAll, Sort: "no", Before: []string{"H1-999", "z"}, Filter: url.Values{"q": {"公车私用"}}}
		l, err := w.s.List(ctx, office, back)
		ok(t, err)
		if len(l.Rows) != 20 || l.Rows[19].No != want[len(want)-1] || l.Rows[0].No != want[len(want)-20] || l.Next.Before == "" {
			t.Errorf("backwards: %d rows up to %s, %+v", len(l.Rows), l.Rows[len(l.Rows)-1].No, l.Next)
		}
		hits, err := w.s.Search(ctx, office, "公车私用", 20)
		ok(t, err)
		if len(hits) != 20 {
			t.Errorf("the search box gives %d hits", len(hits))
		}
	})
}
