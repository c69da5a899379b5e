package org

import (
	"strconv"
	"strings"

	"huikan/internal/kernel/fault"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

type handoverPage struct {
	Title string
	Lead  string
	Table ui.Table
	Form  ui.Form
	Trail ui.Trail
}

func (s *Service) getHandover(r *web.Request) (web.Response, error) {
	return s.handoverPage(r, HandoverCmd{}, nil)
}

func (s *Service) handoverPage(r *web.Request, cmd HandoverCmd, failed error) (web.Response, error) {
	n, err := idOf(r)
	if err != nil {
		return nil, fault.NotFound("unit")
	}
	u, into, lines, done, err := s.PreviewHandover(r.Context(), r.Actor, n)
	if err != nil {
		return nil, err
	}
	p := handoverPage{Title: r.T("unit.do.handover"), Lead: r.T("handover.lead", u.Name, string(u.To)),
		Table: ui.Table{Caption: r.T("handover.preview"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("handover.kind")}, {Label: r.T("handover.open"), Num: true}}}}
	for _, l := range lines {
		n := strconv.Itoa(l.N)
		if l.Secret {
			n = r.T("handover.secret")
		}
		p.Table.Rows = append(p.Table.Rows, ui.Row{Cells: []ui.Cell{{Text: r.T("handover." + l.Key)}, {Text: n}}})
	}
	bad := r.Problems(failed)
	fields := []ui.Field{{Name: "reason", Label: r.T("word.reason"), Kind: ui.FieldArea, Rows: 2, Wide: true, Value: cmd.Reason, Error: bad["reason"]}}
	if u.Into == "" {
		if cmd.Into == "" {
			cmd.Into = into.Name
		}
		fields = append([]ui.Field{{Name: "into", Label: r.T("handover.into"), Kind: ui.FieldPicker, Source: "/pick/units?by=name", Value: cmd.Into, Hint: r.T("handover.into.hint"), Error: bad["into"]}}, fields...)
	}
	base := "/units/" + string(u.ID)
	p.Form = ui.Form{ID: "handover", Action: base + "/handover", Note: r.T("handover.note", into.Name), Sets: []ui.Fieldset{{Fields: fields}},
		Buttons: []ui.Button{{Label: r.T("unit.do.handover"), Kind: "primary"}}, Cancel: ui.Link{Label: r.T("word.back"), Href: base}}
	p.Trail = s.handoverTrail(r, done)
	return web.Page{Name: "org/handover", Data: p, Err: failed, API: map[string]any{"unit": u, "into": into.ID, "open": lines, "done": done}, Crumbs: s.crumbs(r, u, r.T("unit.do.handover"))}, nil
}

// handoverTrail tells what went from whom to whom, by the names that the units have.
func (s *Service) handoverTrail(r *web.Request, done []Handover) (t ui.Trail) {
	for _, h := range done {
		var what []string
		for _, l := range h.Moved {
			what = append(what, r.T("handover."+l.Key)+" "+strconv.Itoa(l.N))
		}
		t.Entries = append(t.Entries, ui.Entry{At: r.Moment(h.At), What: r.T("handover.went", s.dir.Name(h.Unit), s.dir.Name(h.Into)), Text: strings.Join(append(what, h.Reason), r.T("handover.comma"))})
	}
	return t
}

func (s *Service) postHandover(r *web.Request) (web.Response, error) {
	n, err := idOf(r)
	if err != nil {
		return nil, fault.NotFound("unit")
	}
	var cmd HandoverCmd
	if err := r.Decode(&cmd); err != nil {
		return nil, err
	}
	h, err := s.HandOver(r.Context(), r.Actor, n, cmd)
	if fault.Is(err, fault.KindInvalid) && !r.API() {
		return s.handoverPage(r, cmd, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/units/" + string(n), Done: "done.unit.handover", API: h}, nil
}
