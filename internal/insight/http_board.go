package insight

import (
	"bytes"
	"io"
	"strings"
	"time"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/document"
	"huikan/internal/platform/sheet"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/ui/chart"
	"huikan/internal/platform/web"
)

type boardPage struct {
	AsOf   string
	Unit   string
	Past   []ui.Link // what the unit was before, and where its figures stand
	Tabs   ui.Tabs
	First  *panel
	Panels []panel
	Filter ui.Table
	Export []ui.Link
	Save   string // address of this dashboard, for saving it
	Query  string // of the exports
}

// asked reads the unit and the order that a reader asks for.
func (s *Service) askedBoard(r *web.Request) (b Board, as string, err error) {
	as = r.Param("as")
	if order[as] == nil {
		as = orderFor(r.Actor)
	}
	under := id.ID("")
	if text := strings.TrimSpace(r.Param("under")); text != "" {
		u, ok := s.Dir.Resolve(text)
		if !ok {
			if hits := s.Dir.Find(text, 2); len(hits) == 1 {
				u, ok = hits[0], true
			}
		}
		if !ok {
			return b, as, fault.Invalid("board.bad.unit", text)
		}
		under = u.ID
	}
	b, err = s.Board(r.Context(), r.Actor, under)
	return b, as, err
}

// getBoard is the dashboard on one page: every figure leads to its list.
func (s *Service) getBoard(r *web.Request) (web.Response, error) {
	b, as, err := s.askedBoard(r)
	if fault.Is(err, fault.KindInvalid) && !r.API() {
		p := boardPage{Filter: s.boardFilter(r, r.Problems(err)["under"])}
		f, _ := fault.Of(err)
		p.Filter.Filters[0].Error = r.Explain(f)
		return web.Page{Name: "insight/board", Err: err, Data: p, Crumbs: []ui.Crumb{{Label: r.T("menu.board")}}}, nil
	}
	if err != nil {
		return nil, err
	}
	at := s.moment(b)
	q := ""
	if b.Under != "" {
		q = "under=" + string(b.Under)
	}
	link := func(as string) string { return strings.TrimSuffix("/board?as="+as+"&"+q, "&") }
	p := boardPage{AsOf: at, Unit: r.T("board.everything"), Filter: s.boardFilter(r, ""), Save: link(as), Query: strings.TrimPrefix(link(as), "/board")}
	if b.Under != "" {
		p.Unit, p.Past = s.Dir.Name(b.Under), s.past(r, b.Under)
	}
	p.Tabs = ui.Tabs{Label: r.T("board.as")}
	for _, o := range orders {
		p.Tabs.Items = append(p.Tabs.Items, ui.Tab{Label: r.T("board.as." + o), Href: link(o), Current: o == as})
	}
	p.Panels = s.panels(r, b, as)
	if len(p.Panels) > 0 && len(p.Panels[0].Stats.Items) > 0 && p.Panels[0].Chart == "" {
		p.First, p.Panels = &p.Panels[0], p.Panels[1:]
	}
	for _, ext := range []string{"xlsx", "docx"} {
		p.Export = append(p.Export, ui.Link{Label: r.T("board.export." + ext), Href: "/board/board." + ext + p.Query})
	}
	return web.Page{Name: "insight/board", Data: p, API: b, AsOf: at, Crumbs: []ui.Crumb{{Label: r.T("menu.board")}}, Mark: true}, nil
}

// past says where the history of a unit's figures stands: a renamed unit keeps them, a
// merged one keeps what it had until then under its own name, and what was open went to
// its successor.
func (s *Service) past(r *web.Request, n id.ID) (out []ui.Link) {
	board := func(n id.ID) string { return "/board?under=" + string(n) }
	u, _ := s.Dir.Unit(n)
	if u.Closed() {
		l := ui.Link{Label: r.T("board.past.closed", u.To)}
		if u.Into != "" {
			l = ui.Link{Label: r.T("board.past.into", u.To, s.Dir.Name(u.Into)), Href: board(u.Into)}
		}
		out = append(out, l)
	}
	names, merged := s.Dir.Past(n)
	for _, x := range names {
		out = append(out, ui.Link{Label: r.T("board.past.name", x.Name, x.To)})
	}
	for _, m := range merged {
		out = append(out, ui.Link{Label: r.T("board.past.merged", m.To, m.Name), Href: board(m.ID)})
	}
	return out
}

func (s *Service) moment(b Board) string { return moment(b.At) }

// moment is a time of counting as a page says it.
func moment(at string) string {
	t, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return at
	}
	return t.In(clock.Beijing).Format("2006-01-02 15:04")
}

func (s *Service) boardFilter(r *web.Request, problem string) ui.Table {
	value := r.Param("under")
	if u, ok := s.Dir.Resolve(value); ok {
		value = u.Name
	}
	return ui.Table{ID: "b", Base: "/board", Params: r.URL.Query(), Filters: []ui.Field{{Name: "under", Label: r.T("board.under"), Kind: ui.FieldPicker, Source: "/pick/units?by=name", Value: value, Error: problem}}}
}

const docxType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

// getExport writes the dashboard as .xlsx or .docx, or the picture of one part
// as .svg; writing it out is noted.
func (s *Service) getExport(r *web.Request) (web.Response, error) {
	name := r.PathValue("file")
	stem, ext, ok := strings.Cut(name, ".")
	if !ok {
		return nil, fault.NotFound("page")
	}
	b, as, err := s.askedBoard(r)
	if err != nil {
		return nil, err
	}
	panels := s.panels(r, b, as)
	unit := r.T("board.everything")
	if b.Under != "" {
		unit = s.Dir.Name(b.Under)
	}
	if err := s.Log.Note(r.Context(), r.Actor, "board.export", map[string]any{"file": name, "under": b.Under}); err != nil {
		return nil, err
	}
	sub := r.T("board.export.sub", unit, s.moment(b), r.Actor.Name)
	var out bytes.Buffer
	switch {
	case ext == "xlsx" && stem == "board":
		t := sheet.Table{Name: r.T("menu.board"), Title: r.T("menu.board"), Sub: sub, Columns: []sheet.Field{{Header: r.T("board.part"), Width: 22}}}
		width := 0
		for _, p := range panels {
			width = max(width, len(p.Head))
		}
		for i := range width {
			t.Columns = append(t.Columns, sheet.Field{Header: r.T("board.column", i+1), Width: 18, Kind: sheet.Number})
		}
		t.Rows = func(yield func([]string) bool) {
			for _, p := range panels {
				for _, row := range append([][]string{p.Head}, p.Rows...) {
					line := append([]string{p.Title}, row...)
					for len(line) < width+1 {
						line = append(line, "")
					}
					if !yield(line) {
						return
					}
				}
			}
		}
		if err := sheet.WriteXLSX(&out, t); err != nil {
			return nil, err
		}
		return web.File{Name: r.T("menu.board") + ".xlsx", Body: io.NopCloser(&out), Size: int64(out.Len())}, nil
	case ext == "docx" && stem == "board":
		o := document.Official{Title: r.T("board.export.title", unit), Signature: s.Dir.Name(r.Actor.Unit), Date: string(r.Today())}
		o.Body = append(o.Body, document.Block{Text: sub})
		for _, p := range panels {
			rows := [][]string{p.Head}
			rows = append(rows, p.Rows[:min(len(p.Rows), exportRows)]...)
			o.Body = append(o.Body, document.Block{Text: p.Title}, document.Block{Rows: rows})
			if p.Hides != "" {
				o.Body = append(o.Body, document.Block{Text: p.Hides})
			}
		}
		if err := document.WriteDocx(&out, o); err != nil {
			return nil, err
		}
		return web.File{Name: o.Title + ".docx", Type: docxType, Body: io.NopCloser(&out), Size: int64(out.Len())}, nil
	case ext == "svg":
		for _, p := range panels {
			if p.Key != stem || p.Chart == "" {
				continue
			}
			picture, ok := chart.Picture(p.Chart, p.Title+" · "+unit+" · "+s.moment(b))
			if !ok {
				break
			}
			out.WriteString(picture)
			return web.File{Name: p.Title + ".svg", Type: "image/svg+xml", Body: io.NopCloser(&out), Size: int64(out.Len())}, nil
		}
	}
	return nil, fault.NotFound("page")
}

// exportRows bounds each table of the Word file.
const exportRows = 60

func (s *Service) getHelp(r *web.Request) (web.Response, error) {
	return web.Page{Name: "insight/help", Crumbs: []ui.Crumb{{Label: r.T("help.title")}}}, nil
}
