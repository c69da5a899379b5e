package conduct_test

import (
	"strings"
	"testing"

	"huikan/internal/conduct"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
)

// The search finds a matter by number, unit, class and full name, for whoever may
// open it; it shows no name, finds nothing that is sealed and nothing for the
// subject, his relatives and the offices above.
func TestTheSearchFindsWhatMayBeOpened(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.opened(t, "delay")
		unknown := w.lead(t, conduct.LeadCmd{Name: "某外聘人员", Unit: "河南省人民检察院", Conduct: "corruption"})
		kin := w.second
		kin.Related = []id.ID{"subject"}
		for name, x := range map[string]struct {
			who   actor.Actor
			text  string
			count int
			field string
		}{
			"number":                   {w.office, c.No, 1, "search.in.number"},
			"part of a number":         {w.office, strings.ToLower(unknown.No), 1, "search.in.number"},
			"class":                    {w.office, "拖延办案", 2, "search.in.kind"},
			"name of a known person":   {w.office, "姓名subject", 2, "search.in.name"},
			"name of somebody unknown": {w.office, "某外聘人员", 1, "search.in.name"},
			"unit":                     {w.office, "河南省人民检察院", 3, "search.in.unit"},
			"part of a name":           {w.office, "姓名sub", 0, ""},
			"what was told":            {w.office, "辩护律师宴请", 0, ""},
			"a wild card":              {w.office, "2%", 0, ""},
			"nothing":                  {w.office, " ", 0, ""},
			"the subject":              {w.subject, c.No, 0, ""},
			"a relative":               {kin, "姓名subject", 0, ""},
			"the office above":         {w.above, c.No, 0, ""},
			"another province":         {w.far, "拖延办案", 0, ""},
			"a leader without a part":  {w.boss, c.No, 0, ""},
		} {
			hits, err := w.s.Search(ctx, x.who, x.text, 20)
			if err != nil || len(hits) != x.count {
				t.Errorf("%s: %+v %v, want %d", name, hits, err, x.count)
			}
			for _, h := range hits {
				if h.Field != x.field || strings.Contains(h.Title+h.Note, "subject") {
					t.Errorf("%s: %+v, want %s", name, h, x.field)
				}
				w.site.Actor = x.who
				if code, _ := w.site.Get(t, h.Href); code != 200 {
					t.Errorf("%s: %s opens with %d", name, h.Href, code)
				}
			}
		}
		if hits, err := w.s.Search(ctx, w.office, "河南省人民检察院", 1); err != nil || len(hits) != 2 {
			t.Errorf("one of each kind: %+v %v", hits, err)
		}
	})
}
