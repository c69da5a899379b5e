package meeting

import (
	"strconv"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
)

// Meeting is one meeting (会议).
type Meeting struct {
	ID       id.ID      `json:"id"`
	Unit     id.ID      `json:"unit"` // that calls it
	Title    string     `json:"title"`
	On       clock.Date `json:"on"`
	Begins   string     `json:"begins"` // 14:30
	Form     string     `json:"form"`
	Place    string     `json:"place"` // of the main venue
	Host     string     `json:"host"`
	Guests   string     `json:"guests"`   // one a line
	Audience string     `json:"audience"` // of the directory
	Units    string     `json:"units"`
	State    string     `json:"state"`
	Author   id.ID      `json:"author"`
	MadeAt   string     `json:"made_at"`
	Rev      int64      `json:"rev"`
}

// States of a meeting (筹备 已通知 已召开 已归档 已取消).
const (
	StateDraft     = "draft"
	StateCalled    = "called"
	StateHeld      = "held"
	StateClosed    = "closed"
	StateCancelled = "cancelled"
)

// Forms of a meeting (现场 视频 现场加视频).
const (
	FormSite  = "site"
	FormVideo = "video"
	FormMixed = "mixed"
)

var organisers = []flow.By{{Role: actor.Supervisor, Scope: flow.ByUs}, {Role: actor.Office, Scope: flow.ByUs}}

// Flow is the workflow of a meeting.
var Flow = flow.Table{Name: "meeting", Start: StateDraft, Steps: []flow.Step{
	{From: StateDraft, Do: "edit", To: StateDraft, Who: organisers},
	{From: StateDraft, Do: "call", To: StateCalled, Who: organisers, Guard: "an agenda, somebody to call"},
	{From: StateDraft, Do: "cancel", To: StateCancelled, Who: organisers},
	{From: StateCalled, Do: "cancel", To: StateCancelled, Who: organisers},
	{From: StateCalled, Do: "file", To: StateCalled, Who: organisers},
	{From: StateCalled, Do: "hold", To: StateHeld, Who: organisers, Guard: "not before its day"},
	{From: StateHeld, Do: "file", To: StateHeld, Who: organisers},
	{From: StateHeld, Do: "stream", To: StateHeld, Who: organisers},
	{From: StateHeld, Do: "absent", To: StateHeld, Who: organisers, Guard: "a venue without answer"},
	{From: StateHeld, Do: "close", To: StateClosed, Who: organisers, Guard: "every venue has an answer"},
	{From: StateClosed, Do: "stream", To: StateClosed, Who: organisers},
}}

// Venue is one unit's place in a meeting (主会场, 分会场) with its attendance.
type Venue struct {
	ID       id.ID  `json:"id"`
	Meeting  id.ID  `json:"meeting"`
	Unit     id.ID  `json:"unit"`
	By       id.ID  `json:"by"`
	Level    int    `json:"level"`
	Main     bool   `json:"main"`
	State    string `json:"state"`
	Expected int    `json:"expected"`
	Present  int    `json:"present"`
	Lead     string `json:"lead"` // who leads the venue
	Reason   string `json:"reason"`
	Person   id.ID  `json:"person"`
	At       string `json:"at"`
	Rev      int64  `json:"rev"`
}

// States of a venue (待回执 已回执 已请假 已签到 缺席 已说明).
const (
	VenueCalled    = "called"
	VenueConfirmed = "confirmed"
	VenueExcused   = "excused"
	VenueSigned    = "signed"
	VenueAbsent    = "absent"
	VenueExplained = "explained"
)

var venues = []flow.By{{Role: actor.UnitHead, Scope: flow.OfUnit}, {Role: actor.Liaison, Scope: flow.OfUnit}, {Role: actor.Supervisor, Scope: flow.OfUnit}}

// VenueFlow is the workflow of a venue.
var VenueFlow = flow.Table{Name: "venue", Start: VenueCalled, Steps: []flow.Step{
	{From: VenueCalled, Do: "confirm", To: VenueConfirmed, Who: venues, Guard: "who leads, how many, before the meeting is held"},
	{From: VenueCalled, Do: "excuse", To: VenueExcused, Who: venues, Guard: "a reason, before the meeting is held"},
	{From: VenueConfirmed, Do: "excuse", To: VenueExcused, Who: venues, Guard: "a reason, before the meeting is held"},
	{From: VenueCalled, Do: "sign_in", To: VenueSigned, Who: venues, Guard: "on the day, not more than expected"},
	{From: VenueConfirmed, Do: "sign_in", To: VenueSigned, Who: venues, Guard: "on the day, not more than expected"},
	{From: VenueCalled, Do: "miss", To: VenueAbsent, Who: organisers, Guard: "the meeting was held"},
	{From: VenueConfirmed, Do: "miss", To: VenueAbsent, Who: organisers, Guard: "the meeting was held"},
	{From: VenueAbsent, Do: "explain", To: VenueExplained, Who: venues, Guard: "a reason"},
}}

// Agenda is one item (议程).
type Agenda struct {
	ID      id.ID  `json:"id"`
	Meeting id.ID  `json:"meeting"`
	No      int    `json:"no"`
	Kind    string `json:"kind"`
	Title   string `json:"title"`
	Speaker string `json:"speaker"`
	Minutes int    `json:"minutes"`
	Rev     int64  `json:"rev"`
}

// Kinds of an item (传达学习 工作报告 讲话 交流发言 部署).
var Kinds = []string{"study", "report", "speech", "exchange", "deployment"}

// Material is a file of a meeting: of the whole or of one item, such as the text of a speech.
type Material struct {
	ID      id.ID  `json:"id"`
	Meeting id.ID  `json:"meeting"`
	Agenda  id.ID  `json:"agenda"`
	Kind    string `json:"kind"` // material, speech, minutes
	Title   string `json:"title"`
	Hash    string `json:"hash"`
	Name    string `json:"name"`
	Mime    string `json:"mime"`
	Size    int64  `json:"size"`
	Person  id.ID  `json:"person"`
	At      string `json:"at"`
}

// Bounds.
const (
	maxTitle    = 200
	maxText     = 2000
	maxAgenda   = 40
	maxMaterial = 100
	maxPeople   = 5000
)

func (m Meeting) object(place func(id.ID) access.Place) access.Object {
	p := place(m.Unit)
	return access.Object{Kind: "meeting", ID: m.ID, State: m.State, By: p, Units: []access.Place{p}, Owners: []id.ID{m.Author}}
}

func (v Venue) object(place func(id.ID) access.Place) access.Object {
	return access.Object{Kind: "venue", ID: v.ID, State: v.State, By: place(v.By), Units: []access.Place{place(v.Unit)}}
}

// Cmd is the content of a meeting.
type Cmd struct {
	Title    string     `json:"title"`
	On       clock.Date `json:"on"`
	Begins   string     `json:"begins"`
	Form     string     `json:"form"`
	Place    string     `json:"place"`
	Host     string     `json:"host"`
	Guests   string     `json:"guests"`
	Audience string     `json:"audience"`
	Units    string     `json:"units"`
	Agenda   string     `json:"agenda"` // one a line: title | speaker | minutes
	Rev      int64      `json:"rev"`
}

// command is what would make this meeting again: what its form shows.
func (m Meeting) command(items []Agenda) Cmd {
	c := Cmd{Title: m.Title, On: m.On, Begins: m.Begins, Form: m.Form, Place: m.Place, Host: m.Host, Guests: m.Guests, Audience: m.Audience, Units: m.Units, Rev: m.Rev}
	var lines []string
	for _, a := range items {
		line := a.Title
		switch {
		case a.Minutes > 0:
			line += " | " + a.Speaker + " | " + strconv.Itoa(a.Minutes)
		case a.Speaker != "":
			line += " | " + a.Speaker
		}
		lines = append(lines, line)
	}
	c.Agenda = strings.Join(lines, "\n")
	return c
}

func (c Cmd) check(bad *fault.Fields, today clock.Date) {
	bad.Need("title", c.Title)
	bad.Max("title", c.Title, maxTitle)
	if c.On == "" {
		bad.Need("on", "")
	} else if c.On < today {
		bad.Add("on", "meeting.bad.past")
	}
	if c.Begins != "" && !validTime(c.Begins) {
		bad.Add("begins", "meeting.bad.time", c.Begins)
	}
	if c.Form != FormSite && c.Form != FormVideo && c.Form != FormMixed {
		bad.Add("form", "error.required")
	}
	for name, v := range map[string]string{"place": c.Place, "host": c.Host} {
		bad.Max(name, v, maxTitle)
	}
	bad.Max("guests", c.Guests, maxText)
	bad.Max("units", c.Units, 20*maxText)
}

func validTime(s string) bool {
	return len(s) == 5 && s[2] == ':' && s[0] >= '0' && s[0] <= '2' && s[1] >= '0' && s[1] <= '9' && (s[0] < '2' || s[1] < '4') && s[3] >= '0' && s[3] <= '5' && s[4] >= '0' && s[4] <= '9'
}
