package risk

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/web"
)

// Search finds alerts by number, unit and the name of their rule, and risk points
// by number and words. The facts of an alert are sealed and in no index.
func (s *Service) Search(ctx context.Context, who actor.Actor, text string, limit int) (out []web.Hit, err error) {
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) < 2 {
		return nil, nil
	}
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		if s.policy.Ever(who, "alert.read") {
			if out, err = s.searchAlerts(ctx, q, who, text, limit); err != nil {
				return err
			}
		}
		if !s.policy.Ever(who, "risk_point.read") {
			return nil
		}
		list, err := searchPoints(ctx, q, s.policy, who, text, limit)
		for _, p := range list {
			h := web.Hit{Kind: "risk_point", Title: p.Shown, Note: p.No + " · " + s.Units.Short(p.Unit) + " · " + p.Post, Href: "/risk/points/" + string(p.ID)}
			out = append(out, h)
		}
		return err
	})
	return out, err
}

func (s *Service) searchAlerts(ctx context.Context, q db.Q, who actor.Actor, text string, limit int) (out []web.Hit, err error) {
	var unit id.ID
	if found := s.Find(text); len(found) == 1 {
		unit = found[0]
	}
	names := map[string]map[string]string{}
	var rules []string
	for _, lang := range []string{"zh", "en"} {
		if names[lang], err = s.ruleNames(ctx, q, lang); err != nil {
			return nil, err
		}
		for rule, name := range names[lang] {
			if strings.Contains(strings.ToLower(name), strings.ToLower(text)) {
				rules = append(rules, rule)
			}
		}
	}
	list, err := searchAlerts(ctx, q, s.policy, who, strings.ToUpper(text), unit, rules, limit)
	for _, a := range list {
		h := web.Hit{Kind: "alert", Title: a.No, Note: s.Units.Short(a.Unit) + " · " + string(a.Found), Href: "/risk/alerts/" + string(a.ID), Field: "search.in.number"}
		switch {
		case slices.Contains(rules, a.Rule):
			h.Field = "search.in.kind"
		case unit != "" && a.Unit == unit:
			h.Field = "search.in.unit"
		}
		out = append(out, h)
	}
	return out, err
}
