package notice

import (
	"slices"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
)

// CampaignKinds are the kinds of an education campaign.
var CampaignKinds = []string{"theme", "rectify", "warning"} // 主题教育 教育整顿 警示教育

// Campaign is an education campaign of a unit and those below it.
type Campaign struct {
	ID        id.ID      `json:"id"`
	Kind      string     `json:"kind"`
	Title     string     `json:"title"`
	Goal      string     `json:"goal"`
	Aim       string     `json:"aim"` // source and kind of the violations it teaches against
	Unit      id.ID      `json:"unit"`
	Author    id.ID      `json:"author"`
	State     string     `json:"state"`
	Stages    []Stage    `json:"stages"`
	MadeAt    string     `json:"made_at"`
	StartedOn clock.Date `json:"started_on"`
	ClosedOn  clock.Date `json:"closed_on"`
	Closing   string     `json:"closing"` // what it came to
	Rev       int64      `json:"rev"`
}

// Stage is a part of a campaign in time.
type Stage struct {
	ID    id.ID      `json:"id"`
	No    int        `json:"no"`
	Name  string     `json:"name"`
	From  clock.Date `json:"from"`
	Until clock.Date `json:"until"`
}

// Part is one unit's share in a campaign.
type Part struct {
	ID       id.ID  `json:"id"`
	Campaign id.ID  `json:"campaign"`
	Unit     id.ID  `json:"unit"`
	By       id.ID  `json:"by"`
	State    string `json:"state"`
	Reported int    `json:"reported"` // stages with a report
	Rev      int64  `json:"rev"`
}

// Report is what a unit says about one stage. A later one for the same stage
// replaces it by name; the earlier one stays.
type Report struct {
	ID        id.ID  `json:"id"`
	Campaign  id.ID  `json:"campaign"`
	Unit      id.ID  `json:"unit"`
	Stage     int    `json:"stage"`
	Sessions  int    `json:"sessions"`
	Expected  int    `json:"expected"` // people
	Attended  int    `json:"attended"` // people
	Problems  int    `json:"problems"` // found by self-check
	Rectified int    `json:"rectified"`
	Leads     int    `json:"leads"` // clues handed to the discipline line; a number only
	Text      string `json:"text"`
	Replaces  id.ID  `json:"replaces"`
	At        string `json:"at"`
	By        id.ID  `json:"by"`
}

// States of a campaign and of a unit's share.
const (
	Planned = "planned"
	Running = "running"
	Ended   = "ended"

	PartOpen  = "open"
	PartWhole = "whole" // every stage reported
)

// CampaignFlow is the way of a campaign; PartFlow that of a unit's share.
var (
	CampaignFlow = flow.Table{Name: "campaign", Start: Planned, Steps: []flow.Step{
		{From: Planned, Do: "edit", To: Planned, Who: writers},
		{From: Planned, Do: "start", To: Running, Who: writers, Guard: "stages in order of time"},
		{From: Running, Do: "end", To: Ended, Who: writers, Guard: "the last stage is over, or a reason"},
	}}
	PartFlow = flow.Table{Name: "part", Start: PartOpen, Steps: []flow.Step{
		{From: PartOpen, Do: "report", To: PartOpen, Who: receivers},
		{From: PartOpen, Do: "complete", To: PartWhole, Who: []flow.By{{Role: actor.System, Scope: flow.Anything}}, Guard: "every stage has a report"},
		{From: PartWhole, Do: "report", To: PartWhole, Who: receivers},
	}}
)

const maxStages = 8

// Check judges a campaign; its stages follow each other and do not overlap.
func (c Campaign) Check(bad *fault.Fields) {
	if !slices.Contains(CampaignKinds, c.Kind) {
		bad.Add("kind", "error.required")
	}
	bad.Need("title", c.Title)
	bad.Max("title", c.Title, maxTitle)
	bad.Need("goal", c.Goal)
	bad.Max("goal", c.Goal, maxReason)
	switch {
	case len(c.Stages) == 0:
		bad.Add("stages", "campaign.bad.stages")
	case len(c.Stages) > maxStages:
		bad.Add("stages", "notice.bad.many", maxStages)
	}
	for i, s := range c.Stages {
		switch {
		case s.Name == "" || s.From == "" || s.Until == "":
			bad.Add("stages", "campaign.bad.stage", i+1)
		case s.Until < s.From:
			bad.Add("stages", "campaign.bad.turned", i+1)
		case i > 0 && s.From <= c.Stages[i-1].Until:
			bad.Add("stages", "campaign.bad.overlap", i+1)
		}
		bad.Max("stages", s.Name, maxNumber)
	}
}

// Check judges a report against its campaign: no figure may contradict another.
func (r Report) Check(bad *fault.Fields, c Campaign, today clock.Date) {
	at := slices.IndexFunc(c.Stages, func(s Stage) bool { return s.No == r.Stage })
	switch {
	case at < 0:
		bad.Add("stage", "error.required")
	case c.Stages[at].From > today:
		bad.Add("stage", "campaign.bad.early", c.Stages[at].Name)
	}
	for _, f := range []struct {
		name string
		n    int
	}{{"sessions", r.Sessions}, {"expected", r.Expected}, {"attended", r.Attended}, {"problems", r.Problems}, {"rectified", r.Rectified}, {"leads", r.Leads}} {
		if f.n < 0 || f.n > 1_000_000 {
			bad.Add(f.name, "campaign.bad.count")
		}
	}
	if r.Attended > r.Expected {
		bad.Add("attended", "campaign.bad.attended", r.Expected)
	}
	if r.Rectified > r.Problems {
		bad.Add("rectified", "campaign.bad.rectified", r.Problems)
	}
	if r.Attended > 0 && r.Sessions == 0 {
		bad.Add("sessions", "campaign.bad.sessions")
	}
	bad.Need("text", r.Text)
	bad.Max("text", r.Text, maxText/20)
}

// Sum adds the reports in force.
func Sum(list []Report) Report {
	var out Report
	for _, r := range list {
		out.Sessions += r.Sessions
		out.Expected += r.Expected
		out.Attended += r.Attended
		out.Problems += r.Problems
		out.Rectified += r.Rectified
		out.Leads += r.Leads
	}
	return out
}

// InForce keeps the last report of each unit and stage; list is in order of time.
func InForce(list []Report) []Report {
	type key struct {
		unit  id.ID
		stage int
	}
	at := map[key]int{}
	var out []Report
	for _, r := range list {
		k := key{r.Unit, r.Stage}
		if i, ok := at[k]; ok {
			out[i] = r
			continue
		}
		at[k] = len(out)
		out = append(out, r)
	}
	return out
}

func (c Campaign) object(place func(id.ID) access.Place, units ...id.ID) access.Object {
	o := access.Object{Kind: "campaign", ID: c.ID, State: c.State, By: place(c.Unit), Owners: []id.ID{c.Author}}
	for _, u := range units {
		o.Units = append(o.Units, place(u))
	}
	return o
}
