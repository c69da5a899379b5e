package contact_test

import (
	"strings"
	"testing"

	"huikan/internal/contact"
)

// A matter is found by the code of its receipt, by unit, class and kind of asker, by
// whoever may open its row; what was recorded is found by nobody, and leaders, people
// concerned and offices that were passed over find nothing.
func TestTheSearchFindsRowsAndNoContent(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.submit(t, "staff", nil)
		about := w.submit(t, "staff", func(c *contact.RecordCmd) {
			c.Asker, c.AskerName, c.AskerUnit, c.Claimed = "insider", "许昌平", henanName, "C6"
		})
		for name, x := range map[string]struct {
			login, text string
			codes       []string
			field       string
		}{
			"code":                      {"office", m.Code, []string{m.Code}, "search.in.number"},
			"code in small letters":     {"office", strings.ToLower(m.Code[:8]), []string{m.Code}, "search.in.number"},
			"asker":                     {"office", "律师", []string{m.Code}, "search.in.kind"},
			"unit":                      {"office", henanName, []string{m.Code}, "search.in.unit"},
			"his own":                   {"staff", henanName, []string{about.Code, m.Code}, "search.in.unit"},
			"the office above, of both": {"upper", henanName, []string{about.Code, m.Code}, "search.in.unit"},
			"name of the asker":         {"office", "金律师", nil, ""},
			"number of the case":        {"office", "20264100001234", nil, ""},
			"words":                     {"office", "从轻", nil, ""},
			"one character":             {"office", "律", nil, ""},
			"whom it concerns":          {"office", about.Code, nil, ""},
			"a colleague":               {"colleague", m.Code, nil, ""},
			"a leader":                  {"boss", henanName, nil, ""},
			"another province":          {"other", m.Code, nil, ""},
		} {
			hits, err := w.s.Search(ctx, w.who[x.login], x.text, 20)
			if err != nil || len(hits) != len(x.codes) {
				t.Errorf("%s: %+v %v, want %v", name, hits, err, x.codes)
				continue
			}
			for i, h := range hits {
				if h.Title != x.codes[i] || h.Field != x.field || strings.Contains(h.Note, "律师") {
					t.Errorf("%s: %+v, want %s by %s", name, h, x.codes[i], x.field)
				}
				if _, err := w.s.Read(ctx, w.who[x.login], m.ID); err != nil {
					t.Errorf("%s: found, and does not open: %v", name, err)
				}
			}
		}
	})
}
