package notice

import (
	"context"
	"math"
	"strconv"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

type effectPage struct {
	Title string
	Aim   string
	Notes []string
	Table ui.Table
}

// aims are what a campaign may teach against, by source.
func (s *Service) aims(r *web.Request) []ui.Option {
	out := []ui.Option{{Label: r.T("campaign.aim.none")}}
	for _, l := range s.Later {
		for _, k := range l.Kinds {
			out = append(out, ui.Option{Value: l.Key + ":" + k, Label: r.T(l.Words + k), Group: r.T("effect.source." + l.Key)})
		}
	}
	return out
}

func (s *Service) aimWord(r *web.Request, text string) string {
	l, kind, ok := s.aim(text)
	if !ok {
		return ""
	}
	return r.T("effect.aim", r.T("effect.source."+l.Key), r.T(l.Words+kind))
}

func (s *Service) getEffect(r *web.Request) (web.Response, error) {
	return s.effectPage(r, "/campaigns", s.Effect)
}

func (s *Service) getNoticeEffect(r *web.Request) (web.Response, error) {
	return s.effectPage(r, "/notices", s.NoticeEffect)
}

// effectPage shows what stands before and after a campaign or a circular.
func (s *Service) effectPage(r *web.Request, list string, read func(ctx context.Context, who actor.Actor, x id.ID, kind string) (Effect, error)) (web.Response, error) {
	x, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	asked := q.Filter.Get("kind")
	if _, _, ok := s.aim(asked); !ok {
		asked = ""
	}
	e, err := read(r.Context(), r.Actor, x, asked)
	if err != nil {
		return nil, err
	}
	base := list + "/" + string(x)
	of := func(key string, args ...any) string { // a circular has words of its own
		if e.Notice != "" {
			key += ".notice"
		}
		return r.T(key, args...)
	}
	shown := ""
	if e.Source != "" {
		shown = e.Source + ":" + e.Kind
	}
	p := effectPage{Title: r.T("effect.title")}
	var kinds []ui.Option
	for _, o := range s.aims(r) {
		for _, l := range s.sources(r.Actor) {
			if len(o.Value) > len(l.Key) && o.Value[:len(l.Key)+1] == l.Key+":" {
				kinds = append(kinds, o)
			}
		}
	}
	p.Table = ui.Table{Caption: r.T("effect.title"), Base: base + "/effect", Params: r.URL.Query(), NoDrawer: true,
		Columns: []ui.Column{{Label: r.T("effect.group")}, {Label: r.T("effect.units"), Num: true}, {Label: of("effect.before"), Num: true}, {Label: of("effect.after"), Num: true}, {Label: r.T("effect.ratio"), Num: true}, {Label: r.T("effect.verdict")}},
		Filters: []ui.Field{{Name: "kind", Label: r.T("campaign.aim"), Kind: ui.FieldSelect, Value: shown, Options: append([]ui.Option{{Label: r.T("effect.choose")}}, kinds...)}},
		Empty:   ui.EmptyState{Title: r.T("effect.none"), Text: of("effect.none.text")}}
	if e.Barred {
		p.Table.Empty = ui.EmptyState{Title: r.T("effect.barred"), Text: r.T("effect.barred.text")}
	}
	if e.Source == "" {
		return s.effectAnswer(r, e, p, list), nil
	}
	p.Aim = s.aimWord(r, shown)
	if !e.Named {
		p.Notes = append(p.Notes, of("effect.chosen_later"))
	}
	if e.Early != "" {
		p.Table.Empty = ui.EmptyState{Title: r.T("effect.early"), Text: of("effect.early.text", string(e.Early), effectLeast, studyDays)}
		return s.effectAnswer(r, e, p, list), nil
	}
	p.Notes = append(p.Notes, of("effect.spans", string(e.Before.From), string(e.Before.To), string(e.After.From), string(e.After.To), e.After.Days(), studyDays), r.T("effect.counts."+e.Source), of("effect.no_cause"), r.T("effect.small", effectSmall))
	for _, g := range []struct {
		key string
		g   Group
	}{{"took", e.Took}, {"others", e.Others}} {
		p.Table.Rows = append(p.Table.Rows, ui.Row{Cells: []ui.Cell{{Text: of("effect.group." + g.key)}, {Text: strconv.Itoa(g.g.Units)}, {Text: s.shownFigure(r, g.g.Before, e)}, {Text: s.shownFigure(r, g.g.After, e)},
			{Text: ratioText(r, g.g)}, {Text: of("effect.is." + g.g.Verdict)}}})
	}
	return s.effectAnswer(r, e, p, list), nil
}

func (s *Service) effectAnswer(r *web.Request, e Effect, p effectPage, list string) web.Response {
	of := list + "/" + string(e.Notice)
	if e.Campaign != nil {
		of = list + "/" + string(e.Campaign.ID)
	}
	return web.Page{Name: "notice/effect", Data: p, API: e, Crumbs: []ui.Crumb{{Label: r.T("menu" + strings.ReplaceAll(list, "/", ".")), Href: list}, {Label: e.Title, Href: of}, {Label: r.T("effect.title")}}}
}

// shownFigure is a count among its opportunities; those of days are told in years of units.
func (s *Service) shownFigure(r *web.Request, f Figure, e Effect) string {
	n := strconv.Itoa(f.N)
	if f.Hidden {
		n = r.T("effect.few", effectSmall)
	}
	if e.PerUnit {
		return r.T("effect.of_years", n, strconv.FormatFloat(float64(f.Of)/365, 'f', 1, 64))
	}
	return r.T("effect.of_visits", n, f.Of)
}

func ratioText(r *web.Request, g Group) string {
	if g.Ratio == nil {
		return "—"
	}
	two := func(x float64) string { return strconv.FormatFloat(math.Round(x*100)/100, 'f', 2, 64) }
	if g.Before.N == 0 {
		return r.T("effect.at_least", two(g.Ratio.Low))
	}
	return r.T("effect.interval", two(g.Ratio.Value), two(g.Ratio.Low), two(g.Ratio.High))
}
