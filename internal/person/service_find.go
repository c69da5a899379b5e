package person

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"huikan/hantext"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/access"
	"huikan/internal/platform/db"
)

// searchBy tells by which column a text is searched: a text with digits is a
// staff number, one of letters only the initials of a name, any other a name.
func searchBy(text string) (column, prefix string) {
	switch {
	case strings.ContainsFunc(text, unicode.IsDigit):
		return "staff_no", cleanStaffNo(text)
	case strings.Trim(strings.ToLower(text), "abcdefghijklmnopqrstuvwxyz") == "":
		return "initials", strings.ToLower(text)
	}
	return "name_key", hantext.NormalizeForMatch(text)
}

// beginsWith is the condition that a column begins with a text, in the form for
// which each engine uses its index.
func beginsWith(e db.Engine, column, prefix string, args *[]any) string {
	if e == db.Postgres {
		escaped := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(prefix)
		return column + " LIKE " + mark(args, escaped+"%")
	}
	return column + " >= " + mark(args, prefix) + " AND " + column + " < " + mark(args, prefix+"\U0010FFFF")
}

// Find lists serving people for a picker, by name, initials or staff number; a
// unit narrows it to that unit and those below.
func (s *Service) Find(ctx context.Context, who actor.Actor, text string, unit id.ID, limit int) ([]Person, error) {
	text = strings.TrimSpace(text)
	var out []Person
	err := s.Log.DB().Read(ctx, func(q db.Q) (err error) {
		l := listing{scope: s.scope(unit, who, "person.pick"), status: Serving, text: text}
		out, err = l.page(ctx, q, func(args *[]any) string { return s.filter(who, "person.pick", args) }, limit)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find people: %w", err)
	}
	return out, nil
}

// scope is the unit that bounds a list: the one asked for, or the one below which
// everything lies that the actor may see. "" means that the whole tree is asked.
// It only makes the question cheaper; what may be seen the filter decides.
func (s *Service) scope(unit id.ID, who actor.Actor, action string) id.ID {
	dir := s.Dir
	if unit != "" {
		if unit == dir.Root().ID {
			return ""
		}
		return unit
	}
	var roots []actor.Grant
	for _, g := range who.Grants {
		if s.reachesBelow(action, g.Role) && !slices.ContainsFunc(roots, func(r actor.Grant) bool { return r.Unit == g.Unit }) {
			roots = append(roots, g)
		}
	}
	if len(roots) != 1 || strings.Count(roots[0].Path, "/") == 1 || !strings.HasPrefix(who.Path, roots[0].Path) {
		return ""
	}
	return roots[0].Unit
}

func (s *Service) reachesBelow(action string, role actor.Role) bool {
	return slices.ContainsFunc(Rules(), func(r access.Rule) bool {
		return r.Role == role && r.Over == flow.Below && slices.Contains(r.Do, action)
	})
}

// ListQuery is what a list of people is asked.
type ListQuery struct {
	Unit       id.ID // with all units below it
	Department id.ID
	Status     string
	Leadership string // "1", "0" or "" for both
	Text       string // name, initials or staff number, from the beginning
	Sort       string // "staff_no", "name" or ""
	Desc       bool
	After      []string
	Before     []string
	Size       int // 50 when 0
}

// Page is one page of a list.
type Page struct {
	People        []Person
	After, Before []string // keys of the last and the first row when there is more
	Count         int      // at most page.CountCap+1
}

// List gives one page of the people that the actor may see.
func (s *Service) List(ctx context.Context, who actor.Actor, lq ListQuery) (out Page, err error) {
	if lq.Size <= 0 {
		lq.Size = page.Sizes[0]
	}
	l := s.listing(who, lq)
	permit := func(args *[]any) string { return s.filter(who, "person.read", args) }
	err = s.Log.DB().Read(ctx, func(q db.Q) (err error) {
		if out.People, err = l.page(ctx, q, permit, lq.Size+1); err != nil {
			return err
		}
		out.Count, err = l.count(ctx, q, permit, page.CountCap+1)
		return err
	})
	if err != nil {
		return Page{}, err
	}
	more := len(out.People) > lq.Size
	switch {
	case more && lq.Before != nil:
		out.People = out.People[1:]
	case more:
		out.People = out.People[:lq.Size]
	}
	if n := len(out.People); n > 0 {
		if more || lq.Before != nil {
			out.After = l.key(out.People[n-1])
		}
		if lq.After != nil || more && lq.Before != nil {
			out.Before = l.key(out.People[0])
		}
	}
	return out, nil
}

func (s *Service) listing(who actor.Actor, lq ListQuery) listing {
	return listing{scope: s.scope(lq.Unit, who, "person.read"), department: lq.Department, status: lq.Status, leadership: lq.Leadership,
		text: strings.TrimSpace(lq.Text), sort: lq.Sort, desc: lq.Desc, after: lq.After, before: lq.Before}
}

// Exactly gives the people of a unit whom a text names by their whole name or
// their staff number, as far as the actor may pick them.
func (s *Service) Exactly(ctx context.Context, who actor.Actor, unit id.ID, text string) ([]id.ID, error) {
	list, err := s.Find(ctx, who, text, unit, 50)
	if err != nil {
		return nil, err
	}
	var out []id.ID
	for _, p := range list {
		if p.Unit == unit && (p.Name == strings.TrimSpace(text) || p.StaffNo == cleanStaffNo(text)) {
			out = append(out, p.ID)
		}
	}
	return out, nil
}
