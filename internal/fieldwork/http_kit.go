package fieldwork

import (
	"encoding/json"
	"fmt"
	"strconv"

	"huikan/internal/inspection"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

var kitAccess = access.Columns{State: "k.state", By: "k.by_id", Team: "k.team_id"}

func kitScope(k Kit) Scope { return Scope{Round: k.Round, By: k.By, Team: k.Team} }

func (s *Service) kitsPage(r *web.Request) (web.Response, error) {
	var list []Kit
	names := map[id.ID]string{}
	err := s.read(r.Context(), func(q db.Q) (err error) {
		var args []any
		if list, err = kitsWhere(r.Context(), q, s.Policy.Filter(r.Actor, "kit.read", kitAccess, &args), args); err != nil {
			return err
		}
		for _, k := range list {
			t, err := inspection.TeamByID(r.Context(), q, k.Team)
			if err != nil {
				return err
			}
			names[k.Team] = t.Name
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	t := ui.Table{Caption: r.T("menu.kits"), Base: "/kits", NoDrawer: true, Columns: []ui.Column{{Label: r.T("kind.kit")}, {Label: r.T("kind.team")}, {Label: r.T("word.status")}, {Label: r.T("kit.issued"), Nowrap: true}, {Label: r.T("kit.expires"), Nowrap: true}, {Label: r.T("kit.returned"), Nowrap: true}}, Empty: ui.EmptyState{Title: r.T("kit.empty"), Text: r.T("kit.empty.text")}}
	for _, k := range list {
		t.Rows = append(t.Rows, ui.Row{ID: string(k.ID), Href: "/kits/" + string(k.ID), Cells: []ui.Cell{{Text: k.ID.Short()}, {Text: names[k.Team]}, {Chips: append([]ui.Chip{chip(r, "kit", k.State)}, dueChip(r, k.Expires, r.Today(), k.State == KitIssued)...)}, {Text: r.Moment(k.Issued)}, {Text: string(k.Expires)}, {Text: moment(r, k.Returned)}}})
	}
	p := listPage{Title: r.T("menu.kits"), Hint: r.T("kit.hint"), Table: t}
	if r.Can("kit.issue") {
		p.Actions = []ui.Button{{Label: r.T("kit.issue"), Href: "/kits/new", Kind: "primary"}}
	}
	return web.Page{Name: "fieldwork/list", Crumbs: crumbs(r, p.Title, ""), Data: p, API: list}, nil
}

func moment(r *web.Request, at string) string {
	if at == "" {
		return ""
	}
	return r.Moment(at)
}

func (s *Service) kitPage(r *web.Request) (web.Response, error) { return s.kitShown(r, nil) }

func (s *Service) kitShown(r *web.Request, failed error) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var k Kit
	var team inspection.Team
	var clashes []Clash
	err = s.read(r.Context(), func(q db.Q) error {
		if k, err = kitByID(r.Context(), q, n); err != nil {
			return err
		}
		if err := s.Policy.Can(r.Actor, "kit.read", s.object("kit", k.State, kitScope(k), "")); err != nil {
			return err
		}
		if team, err = inspection.TeamByID(r.Context(), q, k.Team); err != nil {
			return err
		}
		clashes, err = s.clashesOf(r.Context(), q, n)
		return err
	})
	if err != nil {
		return nil, err
	}
	p := recordPage{Title: r.T("kind.kit") + " " + k.ID.Short(), Lead: []ui.Chip{chip(r, "kit", k.State)}, ShowTrail: true}
	b := block{Title: r.T("kind.kit"), Facts: ui.Facts{Items: []ui.Fact{{Label: r.T("kind.team"), Text: team.Name, Href: "/teams/" + string(team.ID)}, {Label: r.T("kit.issued"), Text: r.Moment(k.Issued)}, {Label: r.T("kit.expires"), Text: string(k.Expires), Chips: dueChip(r, k.Expires, r.Today(), k.State == KitIssued)}, {Label: r.T("kit.returned"), Text: moment(r, k.Returned)}, {Label: "SHA-256", Text: k.Digest, Wide: true}}}}
	doable := s.steps(r, KitFlow, k.State, kitScope(k), "")
	for _, do := range doable {
		if do != "return" {
			b.Forms = append(b.Forms, stepForm(r, "kit", do, "/kits/"+string(n), k.Rev, do == "report_lost", failed))
		}
	}
	if k.State == KitIssued {
		b.Hint = r.T("kit.return.hint")
	}
	p.Blocks = append(p.Blocks, b)
	if len(clashes) > 0 {
		t := &ui.Table{ID: "c", Caption: r.T("clash.list"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("word.title")}, {Label: r.T("word.kind")}, {Label: r.T("word.unit")}, {Label: r.T("word.status")}}}
		for _, c := range clashes {
			href := ""
			if s.Policy.Can(r.Actor, "clash.read", s.object("clash", c.State, c.Scope, "")) == nil {
				href = "/clashes/" + string(c.ID)
			}
			t.Rows = append(t.Rows, ui.Row{ID: string(c.ID), Href: href, Cells: []ui.Cell{{Text: clip(c.Title, 60)}, {Text: r.T("kind." + c.Kind)}, {Text: s.Units.Short(c.Unit)}, {Chips: []ui.Chip{chip(r, "clash", c.State)}}}})
		}
		p.Blocks = append(p.Blocks, block{Title: r.T("clash.list"), Hint: r.T("clash.hint"), Table: t})
	}
	var w Wiped
	if k.Certificate != "" && json.Unmarshal([]byte(k.Certificate), &w) == nil {
		c := block{Title: r.T("kit.certificate"), Hint: r.T("kit.certificate.hint"), Facts: ui.Facts{Items: []ui.Fact{{Label: r.T("kit.wiped"), Text: r.Moment(w.At)}, {Label: r.T("kit.files"), Text: strconv.Itoa(len(w.Files))}, {Label: r.T("kit.log"), Text: strconv.FormatInt(w.LogSize, 10)},
			{Label: r.T("kit.merged"), Text: r.T("kit.merged.n", w.Merged.New, w.Merged.Changed, w.Merged.Same, w.Merged.Clashes)}, {Label: r.T("kit.method"), Text: r.T("kit.method.text"), Wide: true}}}}
		t := &ui.Table{ID: "f", Caption: r.T("kit.files"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("kit.file")}, {Label: r.T("kit.size"), Num: true}, {Label: "SHA-256"}}}
		for i, f := range w.Files {
			t.Rows = append(t.Rows, ui.Row{ID: fmt.Sprint("f", i), Cells: []ui.Cell{{Text: f.Name}, {Text: strconv.FormatInt(f.Size, 10)}, {Text: f.Hash[:min(len(f.Hash), 16)] + "…", Title: f.Hash}}})
		}
		c.Table = t
		p.Blocks = append(p.Blocks, c)
	}
	if p.Trail, err = s.trail(r, "fieldwork_kit", n); err != nil {
		return nil, err
	}
	return web.Page{Name: "fieldwork/record", Crumbs: crumbs(r, r.T("menu.kits"), "/kits", k.ID.Short(), ""), Data: p, API: map[string]any{"kit": k, "clashes": len(clashes), "certificate": w, "may": doable}, Err: failed, Mark: true}, nil
}

func (s *Service) stepKit(do string) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		n, err := r.ID("id")
		if err != nil {
			return nil, err
		}
		var c StepCmd
		var k Kit
		if err = r.Decode(&c); err == nil {
			k, err = s.StepKit(r.Context(), r.Actor, n, do, c)
		}
		if refused(err) {
			return s.kitShown(r, err)
		}
		if err != nil {
			return nil, err
		}
		return web.Redirect{To: "/kits/" + string(n), Done: "done.kit." + do, API: k}, nil
	}
}

// clashPage shows what the kit started from, what home has and what the kit
// brought; the team leader decides.
func (s *Service) clashPage(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var x Clash
	err = s.read(r.Context(), func(q db.Q) error {
		if x, err = s.clashByID(r.Context(), q, n); err != nil {
			return err
		}
		return s.Policy.Can(r.Actor, "clash.read", s.object("clash", x.State, x.Scope, ""))
	})
	if err != nil {
		return nil, err
	}
	keys := map[string][]string{carryFinding: {"title", "aspect", "fact", "basis", "cause", "consequence", "severity", "scope", "state"}, carryPaper: {"title", "text", "persons", "place", "secrecy", "state"}, carryReport: {"title", "text", "state"}, carryAnswer: {"result", "note"}}[x.Kind]
	show := func(raw json.RawMessage) []string {
		m := map[string]any{}
		_ = json.Unmarshal(raw, &m) // written by this program; an empty side shows as empty
		out := make([]string, len(keys))
		for i, k := range keys {
			if v, ok := m[k].(string); ok {
				out[i] = v
				for _, prefix := range []string{x.Kind + "." + k + ".", k + "."} {
					out[i] = r.Word(prefix+v, out[i])
				}
			}
		}
		return out
	}
	var ls []string
	for _, k := range keys {
		ls = append(ls, r.T("clash.field."+k))
	}
	c := ui.Conflict{Lines: inspection.Diff(ls, show(x.Sides.Base), show(x.Sides.Home), show(x.Sides.Kit)), Reload: ui.Link{Label: r.T("act.back"), Href: "/kits/" + string(x.Kit)}, Who: r.T("clash.home"), At: r.T("clash.when")}
	doable := s.steps(r, ClashFlow, x.State, x.Scope, "")
	if len(doable) > 0 {
		f := ui.Form{ID: "decide", Action: "/clashes/" + string(n) + "/keep", Rev: rev(x.Rev), Buttons: []ui.Button{{Label: r.T("clash.do.keep"), Kind: "primary"}, {Label: r.T("clash.do.take"), Action: "/clashes/" + string(n) + "/take"}}}
		c.Form = &f
	}
	return web.Page{Name: "fieldwork/conflict", Crumbs: crumbs(r, r.T("menu.kits"), "/kits", x.Kit.Short(), "/kits/"+string(x.Kit), clip(x.Title, 30), ""), Data: conflictPage{c}, API: map[string]any{"clash": x, "may": doable}}, nil
}

func (s *Service) stepClash(do string) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		n, err := r.ID("id")
		if err != nil {
			return nil, err
		}
		var c StepCmd
		var x Clash
		if err = r.Decode(&c); err == nil {
			x, err = s.Decide(r.Context(), r.Actor, n, do, c)
		}
		if err != nil {
			return nil, err
		}
		return web.Redirect{To: "/kits/" + string(x.Kit), Done: "done.clash." + do, API: x}, nil
	}
}
