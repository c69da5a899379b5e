package conduct

import (
	"context"
	"slices"
	"strings"
	"sync"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/web"
)

// readWords are the room's own words, to find records by the name of their kind.
var readWords = sync.OnceValue(func() map[string]map[string]string { return web.Words(files) })

// Search finds leads and cases by number, by the unit of the subject, by the class
// of conduct and by the subject's full name, which is compared blind. Nothing of
// what is sealed is indexed, and no hit shows a name.
func (s *Service) Search(ctx context.Context, who actor.Actor, text string, limit int) (out []web.Hit, err error) {
	leads, cases := s.policy.Ever(who, "lead.read"), s.policy.Ever(who, "conduct.read")
	f := s.searched(who, strings.TrimSpace(text))
	if !leads && !cases || f.empty() {
		return nil, nil
	}
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		if leads {
			list, err := searchLeads(ctx, q, s.policy, who, f, limit)
			if err != nil {
				return err
			}
			for _, l := range list {
				out = append(out, web.Hit{Kind: "lead", Title: l.No, Note: s.Units.Short(l.Unit) + " · " + string(l.ToldOn), Href: "/conduct/leads/" + string(l.ID), Field: f.found(l.No, l.Home, l.Conduct)})
			}
		}
		if !cases {
			return nil
		}
		list, err := searchCases(ctx, q, s.policy, who, f, limit)
		for _, c := range list {
			out = append(out, web.Hit{Kind: "conduct", Title: c.No, Note: s.Units.Short(c.Unit) + " · " + string(c.StageOn), Href: "/conduct/cases/" + string(c.ID), Field: f.found(c.No, c.Home, c.Conduct)})
		}
		return err
	})
	return out, err
}

// homesMost bounds the units in which a name is looked for.
const homesMost = 400

// searched reads a text. A name is blind together with the unit of its bearer, so
// it is looked for in the units whose matters the reader's offices work: their own
// and those directly below, whose leaders they manage.
func (s *Service) searched(who actor.Actor, text string) (f searched) {
	if strings.ContainsAny(text, "0123456789") && !strings.ContainsAny(text, "%_\\") {
		f.number = strings.ToUpper(text)
	}
	f.unit, _ = s.unitOf(text)
	f.classes = web.Codes(readWords(), "conduct.class.", text)
	if text == "" || f.number != "" {
		return f
	}
	homes := []id.ID{"", who.Unit}
	for _, g := range who.Grants {
		homes = append(homes, g.Unit)
		if s.Children != nil {
			homes = append(homes, s.Children(g.Unit)...)
		}
	}
	slices.Sort(homes)
	homes = slices.Compact(homes)
	for _, u := range homes[:min(homesMost, len(homes))] {
		f.blinds = append(f.blinds, s.blindName(u, text))
	}
	return f
}

// found is the key of the words that say by what a record was found.
func (f searched) found(no string, home id.ID, class string) string {
	switch {
	case f.number != "" && strings.Contains(strings.ToUpper(no), f.number):
		return "search.in.number"
	case f.unit != "" && home == f.unit:
		return "search.in.unit"
	case slices.Contains(f.classes, class):
		return "search.in.kind"
	}
	return "search.in.name"
}
