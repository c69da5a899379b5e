package notice

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

func (s *Service) getCampaigns(r *web.Request) (web.Response, error) {
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	q.View = s.defaultView(r, q.View, "campaign.create")
	list, next, err := s.Campaigns(r.Context(), r.Actor, q)
	if err != nil {
		return nil, err
	}
	t := ui.Table{Caption: r.T("menu.campaigns"), Base: "/campaigns", Params: r.URL.Query(), NoDrawer: true,
		Columns: []ui.Column{{Key: "title", Label: r.T("word.title")}, {Key: "kind", Label: r.T("campaign.kind"), Nowrap: true}, {Key: "unit", Label: r.T("word.unit")}, {Key: "started", Label: r.T("campaign.started_on"), Nowrap: true}, {Key: "state", Label: r.T("word.status")}},
		Empty:   ui.EmptyState{Title: r.T("campaign.none"), Text: r.T("campaign.none.text")}}
	for _, c := range list {
		t.Rows = append(t.Rows, ui.Row{ID: string(c.ID), Href: "/campaigns/" + string(c.ID), Cells: []ui.Cell{{Text: c.Title, Clamp: true}, {Text: r.T("campaign.kind." + c.Kind)}, {Text: s.Dir.Short(c.Unit)}, {Text: string(c.StartedOn)}, {Chips: []ui.Chip{chip(r, "campaign", c.State)}}}})
	}
	t.Pager = web.PagerOf(r, "/campaigns", next, q)
	p := listPage{Tabs: s.tabs(r, "/campaigns", "campaign.create", q.View), Table: t}
	if r.Can("campaign.create") {
		p.Create = ui.Link{Label: r.T("campaign.do.create"), Href: "/campaigns/new"}
	}
	return web.Page{Name: "notice/list", Data: p, API: list, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.campaigns")}}}, nil
}

func (s *Service) campaignForm(r *web.Request, action, back string, c CampaignCmd, failed error) ui.Form {
	bad := r.Problems(failed)
	var kinds []ui.Option
	for _, k := range CampaignKinds {
		kinds = append(kinds, ui.Option{Value: k, Label: r.T("campaign.kind." + k)})
	}
	f := ui.Form{ID: "campaign", Action: action, Sets: []ui.Fieldset{{Fields: []ui.Field{
		{Name: "kind", Label: r.T("campaign.kind"), Kind: ui.FieldSelect, Options: kinds, Value: c.Kind, Error: bad["kind"]},
		{Name: "title", Label: r.T("word.title"), Value: c.Title, Wide: true, Error: bad["title"]},
		{Name: "goal", Label: r.T("campaign.goal"), Kind: ui.FieldArea, Rows: 3, Wide: true, Value: c.Goal, Error: bad["goal"]},
		{Name: "aim", Label: r.T("campaign.aim"), Hint: r.T("campaign.aim.hint"), Kind: ui.FieldSelect, Optional: true, Options: s.aims(r), Value: c.Aim, Error: bad["aim"]},
		{Name: "stages", Label: r.T("campaign.stages"), Hint: r.T("campaign.stages.hint"), Kind: ui.FieldArea, Rows: 5, Wide: true, Value: c.Stages, Error: bad["stages"]}}}},
		Buttons: []ui.Button{{Label: r.T("word.save"), Kind: "primary"}}, Cancel: ui.Link{Label: r.T("word.cancel"), Href: back}}
	if c.Rev > 0 {
		f.Rev = web.Rev(c.Rev)
	}
	return f
}

func (s *Service) planPage(r *web.Request, c CampaignCmd, failed error) web.Response {
	return web.Page{Name: "notice/form", Err: failed, Data: formPage{Title: r.T("campaign.do.create"), Form: s.campaignForm(r, "/campaigns/new", "/campaigns", c, failed)},
		Crumbs: []ui.Crumb{{Label: r.T("menu.campaigns"), Href: "/campaigns"}, {Label: r.T("campaign.do.create")}}}
}

func (s *Service) getPlan(r *web.Request) (web.Response, error) {
	return s.planPage(r, CampaignCmd{Kind: CampaignKinds[0]}, nil), nil
}

func (s *Service) postPlan(r *web.Request) (web.Response, error) {
	var cmd CampaignCmd
	if err := r.Decode(&cmd); err != nil {
		return nil, err
	}
	c, err := s.Plan(r.Context(), r.Actor, cmd)
	if fault.Is(err, fault.KindInvalid) {
		return s.planPage(r, cmd, err), nil
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/campaigns/" + string(c.ID), Done: "done.campaign.create", API: c}, nil
}

// planOf is a campaign as its form has it.
func planOf(c Campaign) CampaignCmd {
	var lines []string
	for _, st := range c.Stages {
		lines = append(lines, st.Name+"，"+string(st.From)+"，"+string(st.Until))
	}
	return CampaignCmd{Kind: c.Kind, Title: c.Title, Goal: c.Goal, Aim: c.Aim, Stages: strings.Join(lines, "\n"), Rev: c.Rev}
}

func (s *Service) campaign(r *web.Request) (CampaignView, error) {
	x, err := r.ID("id")
	if err != nil {
		return CampaignView{}, err
	}
	q, err := r.List()
	if err != nil {
		return CampaignView{}, err
	}
	return s.Campaign(r.Context(), r.Actor, x, q)
}

func (s *Service) replanPage(r *web.Request, cmd CampaignCmd, failed error) (web.Response, error) {
	v, err := s.campaign(r)
	if err != nil {
		return nil, err
	}
	if _, err := CampaignFlow.Next(v.Campaign.State, "edit"); err != nil {
		return nil, err
	}
	if err := s.Policy.Can(r.Actor, "campaign.edit", v.object); err != nil {
		return nil, err
	}
	p := formPage{Title: r.T("campaign.edit")}
	now := planOf(v.Campaign)
	if failed == nil {
		cmd = now
	}
	if fault.Is(failed, fault.KindConflict) {
		old := v.Campaign
		if _, err := s.Log.Before(r.Context(), "notice_campaign", old.ID, cmd.Rev, &old); err != nil {
			return nil, err
		}
		was := planOf(old)
		p.Clash = &ui.Conflict{Lines: []ui.DiffLine{ui.Diff(r.T("word.title"), was.Title, cmd.Title, now.Title),
			ui.Diff(r.T("campaign.goal"), was.Goal, cmd.Goal, now.Goal), ui.Diff(r.T("campaign.aim"), s.aimWord(r, was.Aim), s.aimWord(r, cmd.Aim), s.aimWord(r, now.Aim)), ui.Diff(r.T("campaign.stages"), was.Stages, cmd.Stages, now.Stages)}}
	}
	cmd.Rev = v.Campaign.Rev
	base := "/campaigns/" + string(v.Campaign.ID)
	p.Form = s.campaignForm(r, base+"/edit", base, cmd, failed)
	return web.Page{Name: "notice/form", Err: failed, Data: p, Crumbs: []ui.Crumb{{Label: r.T("menu.campaigns"), Href: "/campaigns"}, {Label: v.Campaign.Title, Href: base}, {Label: r.T("campaign.edit")}}}, nil
}

func (s *Service) getReplan(r *web.Request) (web.Response, error) {
	return s.replanPage(r, CampaignCmd{}, nil)
}

func (s *Service) postReplan(r *web.Request) (web.Response, error) {
	x, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var cmd CampaignCmd
	if err := r.Decode(&cmd); err != nil {
		return nil, err
	}
	err = s.Replan(r.Context(), r.Actor, x, cmd)
	if fault.Is(err, fault.KindInvalid) || fault.Is(err, fault.KindConflict) {
		return s.replanPage(r, cmd, err)
	}
	return s.tookCampaign(r, x, "edit", err)
}

type campaignPage struct {
	Campaign Campaign
	Chip     ui.Chip
	Facts    ui.Facts
	Steps    ui.Steps
	Stats    ui.Stats
	Forms    []ui.Form
	Table    *ui.Table
	Own      ui.Trail
	Edit     string
	Effect   string
	HasOwn   bool
}

func (s *Service) getCampaign(r *web.Request) (web.Response, error) {
	return s.campaignPage(r, "", nil)
}

func (s *Service) campaignPage(r *web.Request, at string, failed error) (web.Response, error) {
	v, err := s.campaign(r)
	if err != nil {
		return nil, err
	}
	c := v.Campaign
	base := "/campaigns/" + string(c.ID)
	p := campaignPage{Campaign: c, Chip: chip(r, "campaign", c.State), Steps: ui.Steps{Label: r.T("campaign.stages")},
		Facts: ui.Facts{Items: []ui.Fact{{Label: r.T("campaign.kind"), Text: r.T("campaign.kind." + c.Kind)}, {Label: r.T("word.unit"), Text: s.Dir.Name(c.Unit)}, {Label: r.T("campaign.goal"), Text: c.Goal, Wide: true}}}}
	if c.Aim != "" {
		p.Facts.Items = append(p.Facts.Items, ui.Fact{Label: r.T("campaign.aim"), Text: s.aimWord(r, c.Aim)})
	}
	if c.State != Planned && s.seesEffect(r.Actor, "part.read", s.partObject(Part{Campaign: c.ID, Unit: c.Unit, By: c.Unit})) {
		p.Effect = base + "/effect"
	}
	if c.Closing != "" {
		p.Facts.Items = append(p.Facts.Items, ui.Fact{Label: r.T("campaign.closing"), Text: c.Closing, Wide: true})
	}
	today := r.Today()
	for _, st := range c.Stages {
		state := "todo"
		switch {
		case st.Until < today:
			state = "done"
		case st.From <= today:
			state = "now"
		}
		p.Steps.Items = append(p.Steps.Items, ui.Step{Label: st.Name, Plan: string(st.From) + " — " + string(st.Until), State: state})
	}
	can := func(do string) bool {
		_, err := CampaignFlow.Next(c.State, do)
		return err == nil && s.Policy.Can(r.Actor, "campaign."+do, v.object) == nil
	}
	problems := map[string]string{}
	if failed != nil {
		problems = r.Problems(failed)
	}
	wrong := func(do, field string) string {
		if at == do {
			return problems[field]
		}
		return ""
	}
	if can("edit") {
		p.Edit = base + "/edit"
	}
	if can("start") {
		p.Forms = append(p.Forms, s.audienceForm(r, base+"/start", "start", c.Rev, wrong, at == "start"))
	}
	if v.Part != nil && c.State == Running && s.Policy.Can(r.Actor, "part.report", s.partObject(*v.Part)) == nil {
		p.Forms = append(p.Forms, s.reportForm(r, v, base, wrong, at == "report"))
	}
	if can("end") {
		p.Forms = append(p.Forms, ui.Form{ID: "end", Action: base + "/end", Rev: web.Rev(c.Rev), Sets: []ui.Fieldset{{Legend: r.T("campaign.do.end"), Hint: r.T("campaign.do.end.hint"), Fields: []ui.Field{
			{Name: "text", Label: r.T("campaign.closing"), Kind: ui.FieldArea, Rows: 3, Wide: true, Prefix: "end", Value: keep(r, at == "end", "text"), Error: wrong("end", "text")}}}}, Buttons: []ui.Button{{Label: r.T("campaign.do.end"), Kind: "primary"}}})
	}
	if v.Overseer && v.Units > 0 {
		p.Stats, p.Table = s.campaignFigures(r, v, base)
	}
	p.HasOwn = v.Part != nil
	for _, x := range slices.Backward(v.Own) {
		what := r.T("campaign.reported", stageName(c, x.Stage))
		if x.Replaces != "" {
			what = r.T("campaign.corrected", stageName(c, x.Stage))
		}
		p.Own.Entries = append(p.Own.Entries, ui.Entry{At: r.Moment(x.At), What: what, Text: r.T("campaign.figures", x.Sessions, x.Attended, x.Expected, x.Problems, x.Rectified, x.Leads) + " " + x.Text})
	}
	p.Own.Empty = r.T("campaign.own.none")
	return web.Page{Name: "notice/campaign", Err: failed, Data: p, API: v, Mark: true, Crumbs: []ui.Crumb{{Label: r.T("menu.campaigns"), Href: "/campaigns"}, {Label: c.Title}}}, nil
}

func stageName(c Campaign, no int) string {
	for _, st := range c.Stages {
		if st.No == no {
			return st.Name
		}
	}
	return strconv.Itoa(no)
}

func (s *Service) campaignFigures(r *web.Request, v CampaignView, base string) (ui.Stats, *ui.Table) {
	sum := v.Sum
	stats := ui.Stats{Items: []ui.Stat{
		{Label: r.T("campaign.whole"), Value: fmt.Sprintf("%d/%d", v.Whole, v.Units), Define: r.T("campaign.whole.define")},
		{Label: r.T("campaign.attendance"), Value: fmt.Sprintf("%d/%d", sum.Attended, sum.Expected), Define: r.T("campaign.attendance.define")},
		{Label: r.T("campaign.rectified"), Value: fmt.Sprintf("%d/%d", sum.Rectified, sum.Problems), Define: r.T("campaign.rectified.define")},
		{Label: r.T("campaign.leads"), Value: strconv.Itoa(sum.Leads), Define: r.T("campaign.leads.define")}}}
	by := map[id.ID][]Report{}
	for _, x := range v.Reports {
		by[x.Unit] = append(by[x.Unit], x)
	}
	t := &ui.Table{Caption: r.T("campaign.units"), Base: base, Params: r.URL.Query(), NoDrawer: true, Columns: []ui.Column{{Key: "unit", Label: r.T("word.unit")}, {Key: "state", Label: r.T("word.status")},
		{Key: "reported", Label: r.T("campaign.stages"), Num: true}, {Key: "attended", Label: r.T("campaign.attendance"), Num: true}, {Key: "problems", Label: r.T("campaign.rectified"), Num: true}, {Key: "leads", Label: r.T("campaign.leads"), Num: true}}}
	for _, x := range v.Parts {
		u := Sum(by[x.Unit])
		t.Rows = append(t.Rows, ui.Row{ID: string(x.ID), Cells: []ui.Cell{{Text: s.Dir.Name(x.Unit)}, {Chips: []ui.Chip{chip(r, "part", x.State)}}, {Text: fmt.Sprintf("%d/%d", x.Reported, len(v.Campaign.Stages))},
			{Text: fmt.Sprintf("%d/%d", u.Attended, u.Expected)}, {Text: fmt.Sprintf("%d/%d", u.Rectified, u.Problems)}, {Text: strconv.Itoa(u.Leads)}}})
	}
	q, err := r.List()
	if err == nil { // the list was read with it
		t.Pager = web.PagerOf(r, base, v.Next, q)
	}
	return stats, t
}

func (s *Service) reportForm(r *web.Request, v CampaignView, base string, wrong func(do, field string) string, same bool) ui.Form {
	var stages []ui.Option
	for _, st := range v.Campaign.Stages {
		if st.From <= r.Today() {
			stages = append(stages, ui.Option{Value: strconv.Itoa(st.No), Label: st.Name})
		}
	}
	set := ui.Fieldset{Legend: r.T("campaign.do.report"), Hint: r.T("campaign.do.report.hint"), Fields: []ui.Field{{Name: "stage", Label: r.T("campaign.stage"), Kind: ui.FieldSelect, Options: stages, Value: keep(r, same, "stage"), Error: wrong("report", "stage")}}}
	for _, f := range []string{"sessions", "expected", "attended", "problems", "rectified", "leads"} {
		set.Fields = append(set.Fields, ui.Field{Name: f, Label: r.T("report." + f), Kind: ui.FieldNumber, Value: keep(r, same, f), Error: wrong("report", f)})
	}
	set.Fields = append(set.Fields, ui.Field{Name: "text", Label: r.T("report.text"), Kind: ui.FieldArea, Rows: 3, Wide: true, Prefix: "report", Value: keep(r, same, "text"), Error: wrong("report", "text")})
	return ui.Form{ID: "report", Action: base + "/report", Sets: []ui.Fieldset{set}, Buttons: []ui.Button{{Label: r.T("campaign.do.report"), Kind: "primary"}}}
}

func (s *Service) tookCampaign(r *web.Request, x id.ID, do string, err error) (web.Response, error) {
	if fault.Is(err, fault.KindInvalid) {
		return s.campaignPage(r, do, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/campaigns/" + string(x), Done: "done.campaign." + do}, nil
}

func (s *Service) postStart(r *web.Request) (web.Response, error) {
	x, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c IssueCmd
	if err := r.Decode(&c); err != nil {
		return nil, err
	}
	_, err = s.Start(r.Context(), r.Actor, x, c)
	return s.tookCampaign(r, x, "start", err)
}

func (s *Service) postEnd(r *web.Request) (web.Response, error) {
	x, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var f actForm
	if err := r.Decode(&f); err != nil {
		return nil, err
	}
	return s.tookCampaign(r, x, "end", s.End(r.Context(), r.Actor, x, f.Text, f.Rev))
}

func (s *Service) postReport(r *web.Request) (web.Response, error) {
	x, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c struct {
		Stage     int    `json:"stage"`
		Sessions  int    `json:"sessions"`
		Expected  int    `json:"expected"`
		Attended  int    `json:"attended"`
		Problems  int    `json:"problems"`
		Rectified int    `json:"rectified"`
		Leads     int    `json:"leads"`
		Text      string `json:"text"`
	}
	if err = r.Decode(&c); err == nil {
		err = s.Report(r.Context(), r.Actor, x, Report{Stage: c.Stage, Sessions: c.Sessions, Expected: c.Expected, Attended: c.Attended, Problems: c.Problems, Rectified: c.Rectified, Leads: c.Leads, Text: c.Text})
	}
	return s.tookCampaign(r, x, "report", err)
}
