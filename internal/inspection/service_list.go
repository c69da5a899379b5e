package inspection

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/db"
	"huikan/internal/platform/search"
	"huikan/internal/platform/web"
)

// ListFindings gives one page of the findings that somebody may see, newest
// first, by the filters unit, round, visit, work (kind of the visit), category, class, severity, state, q and mine.
func (s *Service) ListFindings(ctx context.Context, who actor.Actor, q page.Query) (out []Finding, next page.Next, err error) {
	err = s.log.DB().Read(ctx, func(dq db.Q) error {
		wide, err := s.widen(ctx, dq, q)
		if err != nil {
			return err
		}
		out, next, err = s.listFindings(ctx, dq, who, wide)
		return err
	})
	return out, next, err
}

func (s *Service) listFindings(ctx context.Context, dq db.Q, who actor.Actor, q page.Query) ([]Finding, page.Next, error) {
	var next page.Next
	start := len(q.After)+len(q.Before) == 0
	limit := q.Size + 1
	fs, ended, common, enough, err := s.walkFindings(ctx, dq, who, q, limit)
	if err != nil {
		return nil, next, err
	}
	next.Count, next.AtLeast = len(fs), !ended || !start
	if !enough {
		var args []any
		cond := s.findingCond(dq, who, q, &args)
		if fs, err = findingsFrom(ctx, dq, cond, q, limit, args); err != nil {
			return nil, next, err
		}
		next.Count, next.AtLeast = len(fs), common
		if start && len(fs) < limit {
			next.AtLeast = false
		} else if !common {
			if next.Count, err = countFindings(ctx, dq, cond, page.CountCap+1, args); err != nil {
				return nil, next, err
			}
		}
	}
	more := len(fs) > q.Size
	fs = fs[:min(len(fs), q.Size)]
	backwards := len(q.Before) > 0
	if backwards {
		slices.Reverse(fs)
	}
	if n := len(fs); n > 0 {
		if more && !backwards || backwards {
			next.After = page.Cursor(string(fs[n-1].ID))
		}
		if len(q.After) > 0 || backwards && more {
			next.Before = page.Cursor(string(fs[0].ID))
		}
	}
	return fs, next, nil
}

// Search finds findings by number or words for the search of the whole site; it
// counts nothing.
func (s *Service) Search(ctx context.Context, who actor.Actor, text string, limit int) (out []web.Hit, err error) {
	if !s.policy.Ever(who, "finding.read") || strings.TrimSpace(text) == "" {
		return nil, nil
	}
	err = s.log.DB().Read(ctx, func(dq db.Q) error {
		q := page.Query{Size: limit, Filter: url.Values{"q": {text}}}
		fs, _, _, enough, err := s.walkFindings(ctx, dq, who, q, limit)
		if err == nil && !enough {
			var args []any
			cond := s.findingCond(dq, who, q, &args)
			fs, err = findingsFrom(ctx, dq, cond, q, limit, args)
		}
		for _, f := range fs {
			out = append(out, web.Hit{Kind: "finding", Title: f.Title, Note: f.No + " · " + s.Units.Short(f.Unit), Href: "/findings/" + string(f.ID)})
		}
		return err
	})
	return out, err
}

// findingsFrom reads on from the place of a query; backwards it gives the nearest first.
func findingsFrom(ctx context.Context, dq db.Q, cond string, q page.Query, limit int, args []any) ([]Finding, error) {
	down := q.Sort == "" || q.Desc
	at := q.After
	if len(q.Before) > 0 {
		at, down = q.Before, !down
	}
	order, sign := "f.id DESC", " < "
	if !down {
		order, sign = "f.id", " > "
	}
	if len(at) > 0 {
		args = append(slices.Clone(args), at[0])
		cond += " AND f.id" + sign + "$" + strconv.Itoa(len(args))
	}
	return findingsWhere(ctx, dq, cond, order, limit, args)
}

// walkFindings looks for a common text in the order of the list, see search.Walk.
func (s *Service) walkFindings(ctx context.Context, dq db.Q, who actor.Actor, q page.Query, limit int) (fs []Finding, ended, common, enough bool, err error) {
	text := strings.TrimSpace(q.Filter.Get("q"))
	if common, err = search.Common(ctx, dq, "finding", text); err != nil || !common {
		return nil, false, common, false, err
	}
	plain := q
	plain.Filter = maps.Clone(q.Filter)
	delete(plain.Filter, "q")
	var args []any
	cond := s.findingCond(dq, who, plain, &args)
	fs, ended, enough, err = search.Walk(text, limit, Finding.words, func(after *Finding, n int) ([]Finding, error) {
		at := plain
		if after != nil && len(q.Before) > 0 {
			at.Before = []string{string(after.ID)}
		} else if after != nil {
			at.After = []string{string(after.ID)}
		}
		return findingsFrom(ctx, dq, cond, at, n, args)
	})
	return fs, ended, common, enough, err
}

// findingCond is the condition of a list: what the actor may see, and the filters.
func (s *Service) findingCond(dq db.Q, who actor.Actor, q page.Query, args *[]any) string {
	parts := []string{s.policy.Filter(who, "finding.read", findingAccess, args)}
	mark := func(v string) string {
		*args = append(*args, v)
		return "$" + strconv.Itoa(len(*args))
	}
	if roots := narrow(who); len(roots) > 0 {
		marks := make([]string, len(roots))
		for i, u := range roots {
			marks[i] = mark(string(u))
		}
		parts = append(parts, "f.unit_id IN (SELECT unit_id FROM access_tree WHERE above_id IN ("+strings.Join(marks, ",")+"))")
	}
	for _, f := range [][2]string{{"round", "f.round_id"}, {"visit", "f.visit_id"}, {"category", "f.category"}, {"severity", "f.severity"}, {"state", "f.state"}, {"scope", "f.scope"}} {
		if v := q.Filter.Get(f[0]); v != "" {
			parts = append(parts, f[1]+" = "+mark(v))
		}
	}
	if v := q.Filter.Get("work"); v != "" {
		parts = append(parts, "f.visit_id IN ("+visitsOfKind+mark(v)+")")
	}
	if v := q.Filter.Get("unit"); v != "" {
		u, ok := s.Units.Resolve(v)
		switch {
		case !ok:
			parts = append(parts, "FALSE")
		case u.Parent == "":
		case len(s.Units.Children(u.ID)) == 0:
			parts = append(parts, "f.unit_id = "+mark(string(u.ID)))
		default:
			parts = append(parts, "f.unit_id IN (SELECT unit_id FROM access_tree WHERE above_id = "+mark(string(u.ID))+")")
		}
	}
	if classes := q.Filter["class"]; len(classes) > 0 && classes[0] != "" {
		var any []string
		for _, v := range classes {
			c := codedOf(v)
			any = append(any, "f.class_of = "+mark(string(c.Of))+" AND f.class_code = "+mark(c.Code))
		}
		parts = append(parts, "f.class_of <> '' AND ("+strings.Join(any, " OR ")+")")
	}
	if classes := q.Filter["became"]; len(classes) > 0 {
		var any []string
		for _, v := range classes {
			c := codedOf(v)
			of, code := mark(string(c.Of)), mark(c.Code)
			any = append(any, "f.decided_of = '' AND f.class_of = "+of+" AND f.class_code = "+code, "f.decided_of <> '' AND f.decided_of = "+of+" AND f.decided_code = "+code)
		}
		parts = append(parts, "f.class_of <> '' AND ("+strings.Join(any, " OR ")+")")
	}
	if q.Filter.Get("mine") == "1" {
		parts = append(parts, "f.author_id = "+mark(string(who.Person)))
	}
	if v := q.Filter.Get("q"); strings.TrimSpace(v) != "" {
		if m := search.Match(dq.Engine(), "finding", v, args); m != "" {
			parts = append(parts, "f.id IN ("+m+")")
		}
	}
	return strings.Join(parts, " AND ")
}

// narrow gives the units below which everything lies that the actor may see; nil
// when there is no such bound. The policy has judged already: this condition
// takes nothing away, it lets the database start from the index of units. It
// holds because a finding's responsible and dispatching units both stand above
// its unit or are it.
func narrow(who actor.Actor) []id.ID {
	if who.Has(actor.System) || len(who.Teams) > 0 || who.Unit == "" {
		return nil
	}
	out := []id.ID{who.Unit}
	for _, g := range who.Grants {
		if strings.Count(g.Path, "/") <= 1 {
			return nil
		}
		out = append(out, g.Unit)
	}
	if strings.Count(who.Path, "/") <= 1 {
		out = out[1:] // the unit of an ordinary member of headquarters bounds nothing
	}
	return out
}

// Finding reads one finding that the actor may see.
func (s *Service) Finding(ctx context.Context, who actor.Actor, finding id.ID) (f Finding, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		f, err = s.readable(ctx, q, who, finding)
		return err
	})
	return f, err
}
