package contact

import (
	"fmt"
	"strconv"

	"huikan/hantext"
	"huikan/internal/kernel/fault"
	"huikan/internal/platform/db"
	"huikan/internal/platform/document"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

func (s *Service) publishedRoutes() []web.Route {
	return []web.Route{
		{Method: "GET", Path: "/register/published", Action: "published.read", Do: s.getPublishedList},
		{Method: "POST", Path: "/register/published", Action: "published.take", In: PublishedCmd{}, MaxBody: 8 << 20, Do: s.postPublished},
		{Method: "GET", Path: "/register/published/{id}", Action: "published.read", Do: s.getPublished},
	}
}

type publishedListPage struct {
	Table ui.Table
	Form  *ui.Form
}

func (s *Service) getPublishedList(r *web.Request) (web.Response, error) {
	return s.publishedList(r, PublishedCmd{}, nil)
}

func (s *Service) publishedList(r *web.Request, c PublishedCmd, failed error) (web.Response, error) {
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	after, next := "", ""
	if len(q.After) > 0 {
		after = q.After[0]
	}
	var list []Published
	if err := s.log.DB().Read(r.Context(), func(dq db.Q) error { list, err = listPublished(r.Context(), dq, after, q.Size+1); return err }); err != nil {
		return nil, err
	}
	if len(list) > q.Size {
		list = list[:q.Size]
		next = string(list[len(list)-1].ID)
	}
	t := ui.Table{Caption: r.T("menu.published"), Base: "/register/published", NoDrawer: true, Empty: ui.EmptyState{Title: r.T("published.none"), Text: r.T("published.none.text")},
		Columns: []ui.Column{{Label: r.T("published.title")}, {Label: r.T("published.quarter"), Nowrap: true}, {Label: r.T("word.unit")}, {Label: r.T("published.total"), Num: true}, {Label: r.T("published.flags")}}, Pager: web.Pager(r, "/register/published", "", next, after != "")}
	for i, p := range list {
		t.Rows = append(t.Rows, ui.Row{Href: "/register/published/" + string(p.ID), Cells: []ui.Cell{{Text: p.Title, Sub: p.Source}, {Text: string(p.Quarter)}, {Text: p.UnitName}, {Text: strconv.Itoa(p.Total)}, {Chips: []ui.Chip{flagChip(r, len(p.Flags))}}}})
		list[i].Body = ""
	}
	page := publishedListPage{Table: t}
	if r.Can("published.take") {
		b := r.Problems(failed)
		page.Form = &ui.Form{ID: "take", Action: "/register/published", Multipart: true, Note: r.T("published.note"), Buttons: []ui.Button{{Label: r.T("published.do.take"), Kind: "primary"}}, Sets: []ui.Fieldset{{Legend: r.T("published.take"), Fields: []ui.Field{
			{Name: "text", Label: r.T("published.text"), Kind: ui.FieldArea, Rows: 6, Value: c.Text, Optional: true, Wide: true, Error: b["text"], MaxLen: maxPublished},
			{Name: "file", Label: r.T("published.file"), Kind: ui.FieldFile, Optional: true, Hint: r.T("published.file.hint"), Error: b["file"]},
			{Name: "source", Label: r.T("published.source"), Value: c.Source, Optional: true, MaxLen: maxShort, Error: b["source"]},
			{Name: "unit", Label: r.T("published.unit_if"), Kind: ui.FieldPicker, Source: "/pick/units?by=name", Value: c.Unit, Optional: true, Error: b["unit"]}}}}}
	}
	return web.Page{Name: "contact/published_list", Data: page, API: list, Err: failed, Crumbs: []ui.Crumb{{Label: r.T("menu.contact_stats"), Href: "/register/stats"}, {Label: r.T("menu.published")}}}, nil
}

func flagChip(r *web.Request, n int) ui.Chip {
	if n == 0 {
		return ui.Chip{Class: "ok", Word: r.T("published.consistent")}
	}
	return ui.Chip{Class: "late", Word: r.T("published.contradictions", n)}
}

func (s *Service) postPublished(r *web.Request) (web.Response, error) {
	var c PublishedCmd
	var p Published
	err := r.Decode(&c)
	if err == nil {
		var a hantext.Article
		if a, err = articleOf(r, c.Text); err == nil {
			p, err = s.TakePublished(r.Context(), r.Actor, a, c)
		}
	}
	if err != nil && !r.API() && (fault.Is(err, fault.KindInvalid) || fault.Is(err, fault.KindState) || fault.Is(err, fault.KindLimit)) {
		return s.publishedList(r, c, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/register/published/" + string(p.ID), Done: "done.published.take", API: p}, nil
}

// articleOf is the text typed in, else that of the file.
func articleOf(r *web.Request, text string) (a hantext.Article, err error) {
	if text == "" && !r.API() {
		ups, err := r.Files("file", 1)
		if err != nil {
			return a, err
		}
		for _, u := range ups {
			a, err = document.Article(u.Name, u.File, u.Size)
			if e := u.Close(); err == nil {
				err = e
			}
			return a, err
		}
	}
	var bad fault.Fields
	bad.Need("text", text)
	bad.Max("text", text, maxPublished)
	if err := bad.Err(); err != nil {
		return a, err
	}
	return hantext.Clean([]byte(text))
}

type publishedPage struct {
	Title  string
	Facts  ui.Facts
	Flags  ui.Table
	Tables []ui.Table
	Body   string
}

func (s *Service) getPublished(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	v, err := s.PublishedOne(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	p := publishedPage{Title: v.Title, Body: v.Body}
	p.Facts = ui.Facts{Items: []ui.Fact{{Label: r.T("word.unit"), Text: v.UnitName}, {Label: r.T("published.quarter"), Text: string(v.Quarter)}, {Label: r.T("published.total"), Text: strconv.Itoa(v.Total)},
		{Label: r.T("word.status"), Chips: []ui.Chip{flagChip(r, len(v.Flags))}}, {Label: r.T("published.source"), Text: v.Source}, {Label: r.T("published.taken"), Text: r.Moment(v.At)}}}
	if v.Counted != nil {
		p.Facts.Items = append(p.Facts.Items, ui.Fact{Label: r.T("published.counted"), Text: figureText(*v.Counted)})
	}
	p.Flags = ui.Table{ID: "f", Caption: r.T("published.flags"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("published.flag")}, {Label: r.T("published.printed"), Num: true}, {Label: r.T("published.follows"), Num: true}, {Label: r.T("published.difference"), Num: true}}}
	for _, f := range v.Flags {
		what := r.T("published.flag." + f.Kind)
		if f.Group != "" {
			what = r.T("published.flag."+f.Kind, r.T("published.group."+f.Group), f.Words)
		}
		p.Flags.Rows = append(p.Flags.Rows, ui.Row{Cells: []ui.Cell{{Text: what}, {Text: trimmed(f.Printed)}, {Text: trimmed(f.Follows)}, {Text: fmt.Sprintf("%+.4g", f.Printed-f.Follows)}}})
	}
	for _, g := range v.Groups {
		t := ui.Table{ID: "g" + g.Kind, Caption: r.T("published.group." + g.Kind), NoDrawer: true, Columns: []ui.Column{{Label: r.T("published.group." + g.Kind)}, {Label: r.T("published.figure"), Num: true}, {Label: r.T("published.share"), Num: true}}}
		for _, l := range g.Lines {
			n, sh := strconv.Itoa(l.N), "—"
			if l.About {
				n = r.T("published.about", l.N)
			}
			if l.Has {
				sh = trimmed(l.Share) + "%"
			}
			t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: l.Words}, {Text: n}, {Text: sh}}})
		}
		t.Total = []ui.Cell{{Text: r.T("stats.sum")}, {Text: strconv.Itoa(g.Sum)}, {Text: ""}}
		p.Tables = append(p.Tables, t)
	}
	return web.Page{Name: "contact/published", Data: p, API: v, Crumbs: []ui.Crumb{{Label: r.T("menu.published"), Href: "/register/published"}, {Label: string(v.Quarter)}}}, nil
}

func trimmed(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
