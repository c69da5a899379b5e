package inspection

import (
	"strings"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

// alikeLine is a like finding in words, for the page and for the script that
// renews the list while somebody types.
type alikeLine struct {
	Href  string `json:"href"`
	Title string `json:"title"`
	Meta  string `json:"meta"` // unit, round, state
	Flag  string `json:"flag"` // "this unit was told before"
	ID    id.ID  `json:"id"`
}

// alikeBox stands beside the form of a finding.
type alikeBox struct {
	Source string // address of the list, without script it is not used
	Asked  bool
	Lines  []alikeLine
}

type findingFormPage struct {
	Title string
	Form  ui.Form
	Alike alikeBox
}

func (s *Service) alikeLines(r *web.Request, list []Alike) []alikeLine {
	out := []alikeLine{}
	for _, a := range list {
		l := alikeLine{Title: a.Title, ID: a.ID, Meta: strings.Join([]string{s.Units.Short(a.Unit), a.Round, a.No, r.T("finding.state." + a.State)}, " · ")}
		if a.Open {
			l.Href = "/findings/" + string(a.ID)
		}
		switch {
		case a.Same && a.Closed != "":
			l.Flag = r.T("alike.closed", string(a.Closed))
		case a.Same:
			l.Flag = r.T("alike.same")
		}
		out = append(out, l)
	}
	return out
}

// alikeList answers the script of the form, and whoever enters findings by API.
func (s *Service) alikeList(r *web.Request) (web.Response, error) {
	visit, err := id.Parse(r.Param("visit"))
	if err != nil {
		return nil, err
	}
	list, err := s.AlikeFindings(r.Context(), r.Actor, visit, r.Param("q"))
	if err != nil {
		return nil, err
	}
	box := alikeBox{Asked: true, Lines: s.alikeLines(r, list)}
	return web.Page{Name: "inspection/alike", Crumbs: crumbs(r, r.T("menu.findings"), "/findings", r.T("alike.title"), ""), Data: box, API: map[string]any{"findings": list, "lines": box.Lines}, Mark: true}, nil
}

// alikeBox fills the list for what stands in the form.
func (s *Service) alikeBox(r *web.Request, visit id.ID, title string, asked bool) (alikeBox, error) {
	box := alikeBox{Source: "/api/v1/findings/alike?visit=" + string(visit), Asked: asked}
	if strings.TrimSpace(title) == "" {
		return box, nil
	}
	list, err := s.AlikeFindings(r.Context(), r.Actor, visit, title)
	box.Lines = s.alikeLines(r, list)
	return box, err
}

// RecursCmd links a finding to the earlier one that came back.
type RecursCmd struct {
	Recurs id.ID `json:"recurs"`
	Rev    int64 `json:"rev"`
}

func (s *Service) linkRecurs(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c RecursCmd
	if err := r.Decode(&c); err != nil {
		return nil, err
	}
	if _, err := s.LinkRecurs(r.Context(), r.Actor, n, c); err != nil {
		return nil, err
	}
	return web.Redirect{To: "/findings/" + string(n), Done: "done.finding.recurs"}, nil
}

// alikeBlock shows like findings on the page of one. What the same unit was
// told before can be linked as recurrence while the finding may be edited.
func (s *Service) alikeBlock(r *web.Request, f Finding, list []Alike, mayEdit bool) block {
	b := block{Title: r.T("alike.title"), Hint: r.T("finding.similar.hint")}
	for i, l := range s.alikeLines(r, list) {
		b.Facts.Items = append(b.Facts.Items, ui.Fact{Label: l.Meta, Text: l.Title, Href: l.Href, Sub: l.Flag, Wide: true})
		if a := list[i]; a.Same && mayEdit && f.Recurs == "" && a.ID < f.ID {
			b.Forms = append(b.Forms, ui.Form{ID: "recurs-" + strings.ToLower(string(a.ID)), Action: "/findings/" + string(f.ID) + "/recurs", Rev: rev(f.Rev), Hidden: []ui.Pair{{Name: "recurs", Value: string(a.ID)}},
				Buttons: []ui.Button{{Label: r.T("alike.link", a.No)}}})
		}
	}
	return b
}
