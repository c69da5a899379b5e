package rectification

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

// Dossier is everything about one item that its readers may see.
type Dossier struct {
	Item       Item             `json:"item"`
	Measures   []Measure        `json:"measures"`
	Progress   []Progress       `json:"progress"`
	Evidence   []Evidence       `json:"evidence"`
	Closings   []Closing        `json:"closings"`
	Extensions []Extension      `json:"extensions"`
	Milestones []Milestone      `json:"milestones"`
	Asides     []Aside          `json:"asides"`
	Events     []Event          `json:"events"`
	Reminders  []Reminder       `json:"reminders"`
	Claims     []Claim          `json:"claims"`
	Signatures []Signature      `json:"signatures"`
	Sites      []Site           `json:"sites"`
	Chain      string           `json:"chain"`
	Names      map[id.ID]string `json:"names"`
}

// Dossier reads an item with all that hangs on it.
func (s *Service) Dossier(r context.Context, q db.Q, i Item) (Dossier, error) {
	d := Dossier{Item: i}
	var err error
	for _, step := range []func() error{
		func() error {
			if d.Measures, err = Measures(r, q, i.ID); err != nil {
				return err
			}
			return rest(r, q, []Item{i}, map[id.ID][]Measure{i.ID: d.Measures})
		},
		func() error { d.Progress, err = progressOf(r, q, i.ID); return err },
		func() error { d.Evidence, err = EvidenceOf(r, q, i.ID); return err },
		func() error { d.Closings, err = Closings(r, q, i.ID); return err },
		func() error { d.Extensions, err = extensionsOf(r, q, i.ID); return err },
		func() error { d.Milestones, err = milestonesOf(r, q, i.ID); return err },
		func() error { d.Asides, err = asidesOf(r, q, i.ID); return err },
		func() error { d.Events, err = eventsOf(r, q, i.ID); return err },
		func() error { d.Reminders, err = remindersOf(r, q, i.ID); return err },
		func() error { d.Claims, err = Claims(r, q, i.ID); return err },
		func() error { d.Signatures, err = Signatures(r, q, i.ID); return err },
		func() error { d.Sites, err = Sites(r, q, i.ID); return err },
		func() error { d.Chain, err = chainOf(r, q, i.Round); return err },
	} {
		if err := step(); err != nil {
			return d, err
		}
	}
	ids := []id.ID{i.Closer, i.Rectifier, i.Changer}
	for _, e := range d.Events {
		ids = append(ids, e.By)
	}
	for _, e := range d.Evidence {
		ids = append(ids, e.By)
	}
	for _, x := range d.Signatures {
		ids = append(ids, x.Person)
	}
	for _, x := range d.Sites {
		ids = append(ids, x.First, x.Second)
	}
	for _, x := range d.Asides {
		ids = append(ids, x.By, x.Judge)
	}
	d.Names, err = s.names(r, q, ids...)
	return d, err
}

// dossier loads an item of the path for its readers; action, when given, must be allowed too.
func (s *Service) dossier(r *web.Request, action string) (Dossier, error) {
	n, err := r.ID("id")
	if err != nil {
		return Dossier{}, err
	}
	var d Dossier
	err = s.log.DB().Read(r.Context(), func(q db.Q) error {
		i, err := s.load(r.Context(), q, r.Actor, n, action)
		if err != nil {
			return err
		}
		d, err = s.Dossier(r.Context(), q, i)
		return err
	})
	return d, err
}

type itemPage struct {
	Item       Item
	Lanes      ui.Lanes
	Steps      ui.Steps
	Facts      ui.Facts
	Plan       ui.Facts
	Measures   ui.Table
	Milestones ui.Table
	Asides     ui.Table
	Claims     ui.Table
	Chain      ui.Steps
	Sites      ui.Table
	Progress   ui.Trail
	Files      ui.Upload
	Trail      ui.Trail
	Actions    []ui.Button
	Posts      []post
}

// post is a form without fields behind a button of the page.
type post struct{ ID, Action, Rev string }

func (s *Service) getItem(r *web.Request) (web.Response, error) {
	d, err := s.dossier(r, "")
	if err != nil {
		return nil, err
	}
	i := d.Item
	p := itemPage{Item: i, Lanes: lanes(r, i), Steps: steps(r, i), Facts: s.facts(r, d), Plan: planFacts(r, i), Measures: s.measureTable(r, d),
		Milestones: s.milestoneTable(r, d), Progress: s.progressTrail(r, d), Files: fileList(r, d), Trail: s.trail(r, d)}
	p.Claims, p.Sites = s.claimsTable(r, d, d.Claims), siteTable(r, d)
	if i.State == StateApplied || i.State == StateClosed {
		p.Chain = chainSteps(r, d, d.Chain)
	}
	p.Asides = asideTable(r, d)
	p.Actions, p.Posts = s.actions(r, d)
	return web.Page{Name: "rectification/item", Data: p, API: d, Mark: true, Crumbs: crumbs(r, i)}, nil
}

// lanes are the three axes; none of them is computed from another.
func lanes(r *web.Request, i Item) ui.Lanes {
	verified := ""
	if i.VerifiedOn != "" {
		verified = string(i.VerifiedOn)
	}
	state := ""
	if i.Lasting != "" && i.State == StateLongTerm {
		state = r.T("item.lasting." + i.Lasting)
	}
	if i.IsAside() {
		state = asideNote(r, i)
	}
	if i.ClosedOn != "" {
		state = r.T("item.closed_at", string(i.ClosedOn))
	}
	return ui.Lanes{Items: []ui.Lane{
		{Label: r.T("item.lane.state"), Chip: chip(r, "item.state."+i.State), Flag: dueFlag(r, i), Note: state},
		{Label: r.T("item.lane.claimed"), Chip: chip(r, "item.claimed."+i.Claimed), Note: i.ClaimedWord},
		{Label: r.T("item.lane.verified"), Chip: chip(r, "item.verified."+orNone(i.Verified)), Note: verified},
	}}
}

// stages of the process bar; other states stand at one of them.
var stages = []string{StateToClaim, StatePlanning, StatePlanReview, StateRectifying, StateApplied, StateClosed}

func steps(r *web.Request, i Item) ui.Steps {
	at := i.State
	if Working(at) || i.IsAside() {
		at = StateRectifying
	}
	now := slices.Index(stages, at)
	out := ui.Steps{Label: r.T("item.steps")}
	for n, st := range stages {
		state := "todo"
		if n < now || i.State == StateClosed {
			state = "done"
		} else if n == now {
			state = "now"
		}
		x := ui.Step{Label: r.T("item.state." + st), State: state}
		switch st {
		case StateToClaim:
			x.Real = string(i.FedBack)
		case StateClosed:
			if x.Plan = string(i.Due); i.State == StateClosed {
				x.Real = string(i.ClosedOn)
			}
		}
		out.Items = append(out.Items, x)
	}
	return out
}

func (s *Service) facts(r *web.Request, d Dossier) ui.Facts {
	i := d.Item
	due := ""
	if i.Due != i.FirstDue {
		due = r.T("item.first_due") + " " + string(i.FirstDue) + " · " + r.T("item.extended", i.Extensions)
	}
	told, source := "item.fed_back", "item.finding"
	if i.Kind == SelfReport {
		told, source = "item.self_reported_on", "item.self_check"
	}
	items := []ui.Fact{
		{Label: r.T("item.problem"), Text: i.Problem, Wide: true, Verbatim: true},
		{Label: r.T("item.unit"), Text: s.Units.Name(i.Unit)}, {Label: r.T("item.by"), Text: s.Units.Name(i.By)},
		{Label: r.T("item.category"), Text: code(r, "item.category.", i.Category)}, {Label: r.T("item.severity"), Text: code(r, "item.severity.", i.Severity)},
		{Label: r.T(told), Text: string(i.FedBack)}, {Label: r.T("item.due"), Text: string(i.Due), Flag: dueFlag(r, i), Sub: due},
		{Label: r.T(source), Text: i.No, Href: i.source()},
		{Label: r.T("item.applications"), Text: strconv.Itoa(i.Applications)},
	}
	if i.Kind == SelfReport {
		items = append(items, ui.Fact{Label: r.T("item.kind"), Text: r.T("item.kind." + SelfReport), Sub: r.T("item.kind.note")})
	}
	if i.Reopened > 0 {
		items = append(items, ui.Fact{Label: r.T("item.reopened"), Text: strconv.Itoa(i.Reopened)})
	}
	var reminded []string
	for _, x := range d.Reminders {
		reminded = append(reminded, r.T("item.reminded", r.Moment(x.At), r.T("item.tier."+x.Tier)))
	}
	if len(reminded) > 0 {
		items = append(items, ui.Fact{Label: r.T("item.reminders"), Text: strings.Join(reminded, "；"), Wide: true})
	}
	if i.Closer != "" {
		items = append(items, ui.Fact{Label: r.T("item.closer"), Text: d.name(r, i.Closer), Sub: string(i.ClosedOn)})
	}
	return ui.Facts{Items: items}
}

// name is a person's name, or the word for a person whose name is not known here.
func (d Dossier) name(r *web.Request, p id.ID) string {
	if p == "" {
		return ""
	}
	if n := d.Names[p]; n != "" {
		return n
	}
	return r.T("word.unknown")
}

func planFacts(r *web.Request, i Item) ui.Facts {
	out := ui.Facts{Items: []ui.Fact{{Label: r.T("item.lead"), Text: i.Lead}, {Label: r.T("item.department"), Text: i.Department}}}
	for _, x := range [][2]string{{"root", i.Root}, {"goal", i.Goal}, {"similar", i.Similar}, {"rules", i.Rules}, {"handled", i.Handled}} {
		out.Items = append(out.Items, ui.Fact{Label: r.T("item." + x[0]), Text: x[1], Wide: true})
	}
	return out
}

func (s *Service) measureTable(r *web.Request, d Dossier) ui.Table {
	i := d.Item
	edit := slices.Contains(planningOrWorking, i.State) && s.policy.Can(r.Actor, "item.measure", Object(i, s.Units)) == nil
	t := ui.Table{ID: "measures", Caption: r.T("item.measures"), NoDrawer: true, Empty: ui.EmptyState{Title: r.T("measure.empty"), Text: r.T("measure.empty.text")}}
	for _, key := range []string{"text", "kind", "responsible", "due", "progress", "evidence", "state"} {
		t.Columns = append(t.Columns, ui.Column{Key: key, Label: r.T("measure." + key), Num: key == "progress" || key == "evidence", Nowrap: key == "due"})
	}
	for n, m := range d.Measures {
		row := ui.Row{ID: string(m.ID)}
		if edit {
			row.Href = "/items/" + string(i.ID) + "/measures/" + string(m.ID)
		}
		told, filed := 0, 0
		for _, p := range d.Progress {
			if p.Measure == m.ID {
				told++
			}
		}
		for _, e := range InForce(d.Evidence) {
			if e.Measure == m.ID {
				filed++
			}
		}
		due := measureDue(r, m)
		row.Cells = []ui.Cell{{Text: strconv.Itoa(n+1) + ". " + m.Text}, {Chips: []ui.Chip{chip(r, "measure.kind."+orNone(m.Kind))}},
			{Text: m.Responsible, Sub: m.Department}, due, {Text: strconv.Itoa(told)}, {Text: strconv.Itoa(filed)},
			{Chips: []ui.Chip{chip(r, "measure.state."+m.State)}, Sub: string(m.DoneOn)}}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// measureDue is the date of a measure: how late or near it is, or that it rests.
func measureDue(r *web.Request, m Measure) ui.Cell {
	c := ui.Cell{Text: string(m.Due)}
	switch {
	case m.State == MeasureDone:
	case m.Rests:
		c.Sub = r.T("measure.rests")
	default:
		c.Flag = ui.Due(r.T, string(m.Due), string(r.Today()))
	}
	return c
}

func (s *Service) milestoneTable(r *web.Request, d Dossier) ui.Table {
	t := ui.Table{ID: "milestones", Caption: r.T("item.milestones"), NoDrawer: true,
		Columns: []ui.Column{{Label: r.T("milestone.title")}, {Label: r.T("milestone.due"), Nowrap: true}, {Label: r.T("milestone.done"), Nowrap: true}}}
	for _, m := range d.Milestones {
		due := ui.Cell{Text: string(m.Due)}
		if m.DoneOn == "" {
			due.Flag = ui.Due(r.T, string(m.Due), string(r.Today()))
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: m.Title}, due, {Text: string(m.DoneOn)}}})
	}
	return t
}

// measureNo is the number of a measure on the page, "" when it serves no more.
func (d Dossier) measureNo(m id.ID) string {
	n := slices.IndexFunc(d.Measures, func(x Measure) bool { return x.ID == m })
	if n < 0 {
		return ""
	}
	return strconv.Itoa(n + 1)
}

func (s *Service) progressTrail(r *web.Request, d Dossier) ui.Trail {
	out := ui.Trail{Empty: r.T("progress.empty")}
	for _, p := range d.Progress {
		what := r.T("progress.whole")
		if n := d.measureNo(p.Measure); n != "" {
			what = r.T("progress.of", n)
		}
		text := p.Text
		for _, old := range d.Progress {
			if old.ID == p.Corrects {
				text = r.T("progress.corrects", string(old.On), old.Text) + "\n" + text
			}
		}
		e := ui.Entry{At: string(p.On), Who: d.name(r, p.By), What: what, Text: text, Class: "run"}
		if Working(d.Item.State) && s.policy.Can(r.Actor, "item.progress", Object(d.Item, s.Units)) == nil {
			e.Link = ui.Link{Label: r.T("progress.correct"), Href: "/items/" + string(d.Item.ID) + "/progress?corrects=" + string(p.ID)}
		}
		out.Entries = append(out.Entries, e)
	}
	return out
}

// fileList shows the evidence in force, and what it replaced.
func fileList(r *web.Request, d Dossier) ui.Upload {
	var out ui.Upload
	for _, e := range InForce(d.Evidence) {
		out.Files = append(out.Files, ui.StoredFile{Name: e.Name, Href: "/evidence/" + string(e.ID), Meta: evidenceMeta(r, d, e), Hash: e.Hash})
	}
	return out
}

func evidenceMeta(r *web.Request, d Dossier, e Evidence) string {
	parts := []string{r.T("evidence.size", (e.Size+1023)/1024), r.Moment(e.At), d.name(r, e.By)}
	if e.Revision > 1 {
		parts = append(parts, r.T("evidence.revision", e.Revision))
	}
	if n := d.measureNo(e.Measure); n != "" {
		parts = append(parts, r.T("progress.of", n))
	}
	if e.Dated != "" {
		parts = append(parts, r.T("evidence.dated", string(e.Dated)))
	}
	if e.Note != "" {
		parts = append(parts, e.Note)
	}
	return strings.Join(parts, " · ")
}

func (s *Service) trail(r *web.Request, d Dossier) ui.Trail {
	var out ui.Trail
	for _, e := range d.Events {
		class := ""
		if e.From != e.To {
			class = chipOf["item.state."+e.To]
		}
		text := reasonText(r, e.Reason)
		if e.Do == "sign" {
			level, opinion, _ := strings.Cut(e.Reason, "\n")
			text = r.T("item.level."+level) + "\n" + opinion
		}
		if e.Do == "verify" {
			text = r.T("item.verified." + orNone(e.Reason))
		}
		out.Entries = append(out.Entries, ui.Entry{At: r.Moment(e.At), Who: d.name(r, e.By), What: r.T("item.event." + e.Do), Text: text, Class: class})
	}
	return out
}

// actions are the buttons of the page: what the workflow and the policy allow
// from here, the main one first.
func (s *Service) actions(r *web.Request, d Dossier) ([]ui.Button, []post) {
	i, asked := d.Item, ""
	if n := waiting(d.Asides); n >= 0 {
		asked = asideDo(d.Asides[n].Kind)
	}
	var buttons []ui.Button
	var posts []post
	base, o := "/items/"+string(i.ID), Object(i, s.Units)
	may := func(action string) bool { return s.policy.Can(r.Actor, "item."+action, o) == nil }
	link := func(action, path string) {
		buttons = append(buttons, ui.Button{Label: r.T("item.do." + action), Href: base + path})
	}
	review := false
	for _, st := range Flow.From(i.State) {
		if !may(st.Do) {
			continue
		}
		switch st.Do {
		case "claim", "submit_plan":
			path := strings.ReplaceAll(st.Do, "_", "-")
			posts = append(posts, post{ID: "do-" + path, Action: base + "/" + path, Rev: fmt.Sprint(i.Rev)})
			buttons = append(buttons, ui.Button{Label: r.T("item.do." + st.Do), Form: "do-" + path, Key: "a"})
		case "apply", "reopen", "revive":
			link(st.Do, "/"+st.Do)
		case "overtake", "accept":
			if st.Do == asked {
				link("judge_aside", "/aside")
			}
		default:
			if !review {
				link("review", "/review")
			}
			review = true
		}
	}
	if slices.Contains(planningOrWorking, i.State) && may("plan") {
		link("plan", "/plan")
		link("measure", "/measures/new")
	}
	if Working(i.State) {
		for _, a := range [][2]string{{"progress", "/progress"}, {"evidence", "/evidence"}, {"claims", "/claims"}, {"milestone", "/milestones"}, {"extend", "/extension"}} {
			if may(a[0]) {
				link(a[0], a[1])
			}
		}
	}
	if asked == "" && Working(i.State) && may("aside") {
		for _, k := range AsideKinds() {
			link("ask_"+asideDo(k), "/aside?kind="+k)
		}
	}
	if i.open() == 1 && may("judge_extension") {
		link("judge_extension", "/extension")
	}
	if len(buttons) > 0 {
		buttons[0].Kind = "primary"
	}
	return buttons, posts
}

// conflictOr turns a stale revision into the page with both versions, and an
// invalid input into the form again; everything else stays an error.
func conflictOr(err error, invalid, conflict func() (web.Response, error)) (web.Response, error) {
	switch {
	case fault.Is(err, fault.KindInvalid):
		return invalid()
	case fault.Is(err, fault.KindConflict):
		return conflict()
	}
	return nil, err
}
