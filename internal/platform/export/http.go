package export

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"net/http"
	"strconv"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

//go:embed pages/*.html words.*.json
var files embed.FS

// Room shows the files of whoever is signed in.
func (s *Service) Room() web.Room {
	return web.Room{Name: "export", Pages: web.Sub(files, "pages"), Words: web.Words(files), Todo: s.todo, Routes: []web.Route{
		{Method: http.MethodGet, Path: "/exports", Any: true, Do: s.getList},
		{Method: http.MethodGet, Path: "/exports/{id}", Any: true, Do: s.getOne},
		{Method: http.MethodGet, Path: "/exports/{id}/file", Any: true, Heavy: true, NoAPI: true, Do: s.getFile},
		{Method: http.MethodPost, Path: "/exports/{id}/remove", Any: true, Do: s.postRemove},
	}}
}

// Sender answers a request for a list as a file.
type Sender func(r *web.Request, a Ask) (web.Response, error)

// Or is the sender, or AtOnce where a room was given none.
func (s Sender) Or() Sender {
	if s == nil {
		return AtOnce
	}
	return s
}

// Format is the kind of file that an address asks for: .xlsx, or .csv by as=csv.
func Format(r *web.Request) string {
	if as := r.Param("as"); as != "" {
		return as
	}
	return "xlsx"
}

// AtOnce makes the file while the asker waits, however long it is.
func AtOnce(r *web.Request, a Ask) (web.Response, error) {
	if a.Format != "xlsx" && a.Format != "csv" {
		return nil, fault.Invalid("export.format", a.Format)
	}
	b, err := now(r.Context(), a)
	if err != nil {
		return nil, err
	}
	return web.File{Name: a.Title + "." + a.Format, Type: mime(a.Format), Body: bytes.NewReader(b.Bytes()), Size: int64(b.Len())}, nil
}

// Send answers with the file when it is small, otherwise with the page of a job.
func (s *Service) Send(r *web.Request, a Ask) (web.Response, error) {
	if a.Format != "xlsx" && a.Format != "csv" {
		return nil, fault.Invalid("export.format", a.Format)
	}
	n, err := a.Count(r.Context(), small+1)
	if err != nil {
		return nil, err
	}
	if n <= small {
		return AtOnce(r, a)
	}
	address := r.URL.RequestURI()
	if r.API() {
		address = address[len("/api/v1"):]
	}
	f, err := s.Ask(r.Context(), r.Actor, address, a, func(err error) string {
		if f, ok := fault.Of(err); ok && f.Kind != fault.KindInternal {
			return r.Explain(f)
		}
		return r.T("export.failed")
	})
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/exports/" + string(f.ID), API: f}, nil
}

type onePage struct {
	ID    string
	Poll  string
	Title string
	Chips []ui.Chip
	Meter *ui.Meter
	Text  string
	Facts ui.Facts
	Fetch string
	Again string
	Stop  string // words of the button that takes it away
}

var chipOf = map[string]string{Running: "run", Ready: "ok", Failed: "late"}

func (s *Service) getOne(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	f, err := s.Get(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	here := "/exports/" + string(f.ID)
	p := onePage{ID: string(f.ID), Title: f.name(), Chips: []ui.Chip{{Class: chipOf[f.State], Word: r.T("export.state." + f.State)}}, Stop: r.T("export.do.remove")}
	again := 0
	switch f.State {
	case Running:
		p.Poll, again, p.Stop = here, 3, r.T("export.do.stop")
		p.Text = r.T("export.waits")
		if f.Lines > 0 {
			p.Meter = &ui.Meter{Value: min(f.Done, f.Lines), Max: f.Lines, Text: r.T("export.lines_of", f.Done, f.Lines)}
			p.Text = r.T("export.runs")
		}
	case Ready:
		p.Fetch, p.Text = here+"/file", r.T("export.ready")
		p.Facts.Items = []ui.Fact{{Label: r.T("export.lines"), Text: strconv.Itoa(f.Lines)}, {Label: r.T("export.size"), Text: size(f.Size)}, {Label: r.T("export.until"), Text: r.Moment(f.Until)}}
		if f.Fetched != "" {
			p.Facts.Items = append(p.Facts.Items, ui.Fact{Label: r.T("export.fetched"), Text: r.Moment(f.Fetched)})
		}
	default:
		p.Again = f.Address
		if p.Text = f.Trouble; p.Text == "" {
			p.Text = r.T("export.cut_off")
		}
	}
	return web.Page{Name: "export/one", Data: p, API: f, Again: again, Crumbs: []ui.Crumb{{Label: r.T("export.list"), Href: "/exports"}, {Label: p.Title}}}, nil
}

func (s *Service) getList(r *web.Request) (web.Response, error) {
	list, err := s.List(r.Context(), r.Actor)
	if err != nil {
		return nil, err
	}
	t := ui.Table{Caption: r.T("export.list"), NoDrawer: true, Empty: ui.EmptyState{Title: r.T("export.none"), Text: r.T("export.none.text")}, Columns: []ui.Column{
		{Key: "title", Label: r.T("export.title")}, {Key: "state", Label: r.T("word.status")}, {Key: "lines", Label: r.T("export.lines"), Num: true}, {Key: "size", Label: r.T("export.size"), Num: true},
		{Key: "made", Label: r.T("export.made"), Nowrap: true}, {Key: "until", Label: r.T("export.until"), Nowrap: true}}}
	for _, f := range list {
		var lines, large ui.Cell
		if f.State == Ready {
			lines.Text, large.Text = strconv.Itoa(f.Lines), size(f.Size)
		}
		t.Rows = append(t.Rows, ui.Row{ID: string(f.ID), Href: "/exports/" + string(f.ID), Label: f.name(), Cells: []ui.Cell{
			{Text: f.name()}, {Chips: []ui.Chip{{Class: chipOf[f.State], Word: r.T("export.state." + f.State)}}}, lines, large, {Text: r.Moment(f.Made)}, {Text: r.Moment(f.Until)}}})
	}
	return web.Page{Name: "export/list", Data: t, API: list, Crumbs: []ui.Crumb{{Label: r.T("export.list")}}}, nil
}

func (s *Service) getFile(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	f, body, err := s.Fetch(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	return web.File{Name: f.name(), Type: mime(f.Format), Body: body, Size: f.Size}, nil
}

func (s *Service) postRemove(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	if err := s.Remove(r.Context(), r.Actor, n); err != nil {
		return nil, err
	}
	return web.Redirect{To: "/exports", Done: "done.export.remove"}, nil
}

// todo reminds of files that are ready and were not fetched.
func (s *Service) todo(ctx context.Context, who actor.Actor) ([]web.Todo, error) {
	list, err := s.List(ctx, who)
	var out []web.Todo
	for _, f := range list {
		if f.State == Ready && f.Fetched == "" {
			out = append(out, web.Todo{Kind: "export.todo", Title: f.name(), Href: "/exports/" + string(f.ID), Verb: "export.do.fetch", At: f.Ended})
		}
	}
	return out, err
}

func size(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d KiB", (n+1023)>>10)
	}
	return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
}
