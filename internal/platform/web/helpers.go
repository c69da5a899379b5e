package web

import (
	"net/url"
	"strconv"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/ui"
)

// Word translates a key, or gives the fallback when there is no such word.
func (r *Request) Word(key, fallback string) string {
	if t, ok := r.srv.UI.Words().Lookup(r.Lang, key); ok {
		return t
	}
	return fallback
}

// Moment shows an instant in Beijing time to the minute.
func (r *Request) Moment(at string) string {
	t, err := clock.ParseInstant(at)
	if err != nil {
		return at
	}
	return t.In(clock.Beijing).Format("2006-01-02 15:04")
}

// Pager leads to the next page of a keyset list, and back to its start.
func Pager(r *Request, base, before, after string, notFirst bool) *ui.Pager {
	link := func(kind, key string) string {
		v := url.Values{}
		for k, vs := range r.URL.Query() {
			if k != "after" && k != "before" && k != "done" {
				v[k] = vs
			}
		}
		if key != "" {
			v.Set(kind, page.Cursor(key))
		}
		if len(v) == 0 {
			return base
		}
		return base + "?" + v.Encode()
	}
	p := &ui.Pager{}
	if after != "" {
		p.Next = link("after", after)
	}
	if before != "" {
		p.Prev = link("before", before)
	} else if notFirst {
		p.Prev = link("", "")
	}
	return p
}

// Rev writes a revision for the hidden field of a form.
func Rev(n int64) string { return strconv.FormatInt(n, 10) }

// Words translates keys into the reader's language, for components that do so themselves.
func (r *Request) Words() func(key string, args ...any) string { return r.srv.UI.Words().In(r.Lang) }

// PagerOf leads through a counted keyset list: to the next page, and back to the start.
func PagerOf(r *Request, base string, next page.Next, q page.Query) *ui.Pager {
	p := &ui.Pager{Count: min(next.Count, page.CountCap), Capped: next.More(), PerPage: q.Size}
	link := func(after string) string {
		v := url.Values{}
		for k, vs := range r.URL.Query() {
			if k != "after" && k != "before" && k != "done" {
				v[k] = vs
			}
		}
		if after != "" {
			v.Set("after", after)
		}
		if len(v) == 0 {
			return base
		}
		return base + "?" + v.Encode()
	}
	if next.After != "" {
		p.Next = link(next.After)
	}
	if len(q.After) > 0 {
		p.Prev = link("")
	}
	return p
}
