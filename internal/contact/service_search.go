package contact

import (
	"context"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"huikan/internal/kernel/actor"
	"huikan/internal/platform/db"
	"huikan/internal/platform/web"
)

// readWords are the room's own words, to find matters by who asked.
var readWords = sync.OnceValue(func() map[string]map[string]string { return web.Words(files) })

// Search finds matters by the code of their receipt, by unit, by class and by the
// kind of asker: what the index row says. What was recorded is sealed and in no
// index, and the row holds no name that could be asked for.
func (s *Service) Search(ctx context.Context, who actor.Actor, text string, limit int) (out []web.Hit, err error) {
	text = strings.TrimSpace(text)
	if !s.policy.Ever(who, "matter.read") || utf8.RuneCountInString(text) < 2 {
		return nil, nil
	}
	code := strings.ToUpper(text)
	unit, _ := s.Units.Resolve(text)
	askers := web.Codes(readWords(), "matter.asker.", text)
	var classes []string
	for _, c := range s.Rules.Named(s.today()) {
		for _, lang := range []string{"zh", "en"} {
			if strings.Contains(strings.ToLower(s.Rules.Word(c.Code, s.today(), lang)), strings.ToLower(text)) {
				classes = append(classes, c.Code)
			}
		}
	}
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		list, err := searchMatters(ctx, q, visible(s.policy, s.shadow(who), "matter.read", matterColumns), code, unit.ID, classes, askers, limit)
		for _, m := range list {
			h := web.Hit{Kind: "matter", Title: m.Code, Note: s.Units.Short(m.Unit) + " · " + string(m.Recorded), Href: matterAddress(m.ID), Field: "search.in.kind"}
			switch {
			case strings.HasPrefix(m.Code, code):
				h.Field = "search.in.number"
			case unit.ID != "" && m.Unit == unit.ID && !slices.Contains(classes, m.category()):
				h.Field = "search.in.unit"
			}
			out = append(out, h)
		}
		return err
	})
	return out, err
}
