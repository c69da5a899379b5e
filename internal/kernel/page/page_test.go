package page_test

import (
	"encoding/base64"
	"net/url"
	"reflect"
	"slices"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/page"
)

func TestCursorsComeBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		key := rapid.SliceOfN(rapid.String(), 1, 4).Draw(rt, "key")
		c := page.Cursor(key...)
		if c != url.QueryEscape(c) {
			rt.Fatalf("%q must be escaped in an address", c)
		}
		for _, name := range []string{"after", "before"} {
			q, err := page.Parse(url.Values{name: {c}})
			got := q.After
			if name == "before" {
				got = q.Before
			}
			if err != nil || !slices.Equal(got, key) || len(q.After)+len(q.Before) != len(key) {
				rt.Fatalf("%s %q became %+v, %v", name, key, q, err)
			}
		}
	})
}

func TestParse(t *testing.T) {
	cursor := func(json string) string { return base64.RawURLEncoding.EncodeToString([]byte(json)) }
	for _, c := range []struct {
		query string
		want  page.Query
		key   string // of the refusal
	}{
		{query: "", want: page.Query{Size: 50}},
		{query: "per=20", want: page.Query{Size: 20}},
		{query: "per=100&per=20", want: page.Query{Size: 100}},
		{query: "sort=due", want: page.Query{Size: 50, Sort: "due"}},
		{query: "sort=-due", want: page.Query{Size: 50, Sort: "due", Desc: true}},
		{query: "sort=--due", want: page.Query{Size: 50, Sort: "-due", Desc: true}},
		{query: "sort=", want: page.Query{Size: 50}},
		{query: "view=mine&cols=a&cols=b", want: page.Query{Size: 50, View: "mine", Cols: []string{"a", "b"}}},
		{query: "state=a&state=&state=b&q=&done=done.x", want: page.Query{Size: 50, Filter: url.Values{"state": {"a", "b"}}}},
		{query: "state=a&state=b&state=a", want: page.Query{Size: 50, Filter: url.Values{"state": {"a", "b"}}}},
		{query: "after=" + cursor(`["a","b"]`), want: page.Query{Size: 50, After: []string{"a", "b"}}},
		{query: "per=51", key: "error.page_size"},
		{query: "per=-50", key: "error.page_size"},
		{query: "per=", key: "error.page_size"},
		{query: "per=9999999999999999999", key: "error.page_size"},
		{query: "after=", key: "error.page_cursor"},
		{query: "after=%00", key: "error.page_cursor"},
		{query: "after=" + cursor(`[]`), key: "error.page_cursor"},
		{query: "after=" + cursor(`null`), key: "error.page_cursor"},
		{query: "after=" + cursor(`"a"`), key: "error.page_cursor"},
		{query: "after=" + cursor(`[1]`), key: "error.page_cursor"},
		{query: "before=" + cursor(`["a"]x`), key: "error.page_cursor"},
		{query: "before=" + cursor(`["1","2","3","4","5"]`), key: "error.page_cursor"},
		{query: "before=" + cursor(`["a"]`) + "=", key: "error.page_cursor"},
	} {
		v, err := url.ParseQuery(c.query)
		if err != nil {
			t.Fatal(err)
		}
		got, err := page.Parse(v)
		if c.key != "" {
			if f, ok := fault.Of(err); !ok || f.Kind != fault.KindInvalid || f.Key != c.key {
				t.Errorf("%q: got %v, want %s", c.query, err, c.key)
			}
			continue
		}
		if c.want.Filter == nil {
			c.want.Filter = url.Values{}
		}
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q: got %+v, %v, want %+v", c.query, got, err, c.want)
		}
	}
}

// Whatever stands in an address, the answer is a query within the bounds or a refusal.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"per=20&sort=-a", "after=WyJhIl0", "before=WyJhIl0&q=%E6%95%B4", "cols=&view=", "sort=-", "after=W10"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := url.ParseQuery(s)
		if err != nil {
			return
		}
		q, err := page.Parse(v)
		if err != nil {
			if !fault.Is(err, fault.KindInvalid) {
				t.Fatalf("%q: %v", s, err)
			}
			return
		}
		if !slices.Contains(page.Sizes, q.Size) || len(q.After) > 4 || len(q.Before) > 4 {
			t.Fatalf("%q gave %+v", s, q)
		}
		for _, k := range append(slices.Clone(q.After), q.Before...) {
			if !utf8.ValidString(k) {
				t.Fatalf("%q gave a key that no database takes: %q", s, k)
			}
		}
	})
}

func TestCountsAreCut(t *testing.T) {
	for n, more := range map[int]bool{0: false, page.CountCap: false, page.CountCap + 1: true} {
		if got := (page.Next{Count: n}).More(); got != more {
			t.Errorf("%d: more = %v", n, got)
		}
	}
}

func TestAPageIsCut(t *testing.T) {
	for _, c := range []struct{ rows, kept, after string }{{"ab", "ab", ""}, {"abc", "ab", page.Cursor("b")}, {"", "", ""}} {
		var next page.Next
		kept := page.Cut([]byte(c.rows), 2, &next, func(last byte) []string { return []string{string(last)} })
		if string(kept) != c.kept || next.After != c.after {
			t.Errorf("%q: %q and then %q, want %q and then %q", c.rows, kept, next.After, c.kept, c.after)
		}
	}
}
