package rectification

import (
	"net/url"
	"strconv"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

type signersPage struct {
	Title, Lead string
	Table       ui.Table
	Rows        *ui.Table // what the chosen figure counts
}

// getSigners shows the record of signers; each figure leads to the approvals that it
// counts, on the same page.
func (s *Service) getSigners(r *web.Request) (web.Response, error) {
	list, err := s.Signers(r.Context(), r.Actor)
	if err != nil {
		return nil, err
	}
	var ids []id.ID
	for _, x := range list {
		ids = append(ids, x.Person)
	}
	var names map[id.ID]string
	if err := s.log.DB().Read(r.Context(), func(q db.Q) (err error) { names, err = s.names(r.Context(), q, ids...); return err }); err != nil {
		return nil, err
	}
	t := ui.Table{ID: "signers", Caption: r.T("item.signers"), NoDrawer: true, Empty: ui.EmptyState{Title: r.T("item.signers.empty"), Text: r.T("item.signers.empty.text")}, Columns: []ui.Column{{Label: r.T("word.person")}, {Label: r.T("item.signers.signed"), Num: true},
		{Label: r.T("item.signers.seconds"), Num: true}, {Label: r.T("item.signers.stamps"), Num: true, Hint: r.T("item.signers.stamps.define", StampSeconds)},
		{Label: r.T("item.signers.second"), Num: true, Hint: r.T("item.signers.second.define", HourLimit)}, {Label: r.T("item.signers.checked"), Num: true}, {Label: r.T("item.signers.untrue"), Num: true}}}
	for _, x := range list {
		cell := func(figure string) ui.Cell {
			n := x.Figure(figure)
			c := ui.Cell{Text: strconv.Itoa(n)}
			if n > 0 {
				c.Href = signerHref(x.Person, figure)
			}
			return c
		}
		stamps := cell(SignerStamps)
		stamps.Sub = strconv.Itoa(x.Stamps*100/max(1, x.Signed)) + "%"
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: names[x.Person]}, cell(SignerSigned), {Text: strconv.Itoa(x.Seconds)}, stamps, cell(SignerSecond), cell(SignerChecked), cell(SignerUntrue)}})
	}
	p := signersPage{Title: r.T("item.signers"), Lead: r.T("item.signers.lead", maxSigners), Table: t}
	var api any = list
	if figure := r.Param("figure"); figure != "" {
		if p.Rows, api, err = s.signedTable(r, figure, names); err != nil {
			return nil, err
		}
	}
	return web.Page{Name: "rectification/signers", Data: p, API: api, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.review"), Href: "/review"}, {Label: r.T("item.signers")}}}, nil
}

func signerHref(person id.ID, figure string) string {
	return address("/review/signers", url.Values{"person": {string(person)}, "figure": {figure}}) + "#signed"
}

func (s *Service) signedTable(r *web.Request, figure string, names map[id.ID]string) (*ui.Table, []Signed, error) {
	q, err := r.List()
	if err != nil {
		return nil, nil, err
	}
	person := id.ID(r.Param("person"))
	rows, next, err := s.SignedBy(r.Context(), r.Actor, person, figure, q)
	if err != nil {
		return nil, nil, err
	}
	t := &ui.Table{ID: "signed", Caption: r.T("item.signers.rows", names[person], r.T("item.signers."+figure), next.Count), NoDrawer: true, Empty: ui.EmptyState{Title: r.T("item.empty")},
		Columns: []ui.Column{{Label: r.T("item.no"), Nowrap: true}, {Label: r.T("item.title")}, {Label: r.T("item.unit")}, {Label: r.T("item.signers.level")}, {Label: r.T("item.signers.at"), Nowrap: true},
			{Label: r.T("item.signers.pieces"), Num: true}, {Label: r.T("item.signers.took"), Num: true}, {Label: r.T("item.verified")}},
		Pager: pager(q, next, "/review/signers", r.URL.Query())}
	for _, x := range rows {
		took := ui.Cell{Text: strconv.Itoa(x.Seconds)}
		if x.Stamp() {
			took.Chips = []ui.Chip{{Class: "late", Word: r.T("item.signers.stamp")}}
		}
		verdict := ui.Cell{Chips: []ui.Chip{chip(r, "item.verified."+orNone(x.Verified))}}
		level := r.T("item.level." + x.Level)
		if x.Second {
			level += r.T("item.signers.crowded")
		}
		t.Rows = append(t.Rows, ui.Row{ID: string(x.ID), Href: "/items/" + string(x.Item), Label: x.No, Cells: []ui.Cell{{Text: x.No}, {Text: x.Title, Clamp: true}, {Text: s.Units.Short(x.Unit)}, {Text: level},
			{Text: r.Moment(x.At)}, {Text: strconv.Itoa(x.Pieces)}, took, verdict}})
	}
	return t, rows, nil
}
