package directive

import (
	"slices"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
)

// Issue is one order of supervision (督办立项): what is asked of whom. Its tasks
// are the copies of the units that were asked.
type Issue struct {
	ID        id.ID      `json:"id"`
	Directive id.ID      `json:"directive"`
	Parent    id.ID      `json:"parent"` // task that it breaks down
	Unit      id.ID      `json:"unit"`   // that asks
	Year      int        `json:"year"`
	No        int        `json:"no"` // within the unit and year, without gaps
	Title     string     `json:"title"`
	State     string     `json:"state"`
	Command   AssignCmd  `json:"command"`
	Every     string     `json:"every"` // "", month, quarter, year
	Next      clock.Date `json:"next"`  // first day of the next period
	Until     clock.Date `json:"until"`
	Author    id.ID      `json:"author"`
	MadeAt    string     `json:"made_at"`
	Judge     id.ID      `json:"judge"` // "" when it was sent without approval
	JudgedAt  string     `json:"judged_at"`
	Opinion   string     `json:"opinion"`
	Reading   string     `json:"reading"` // judgement of its wording against the source
	Reader    id.ID      `json:"reader"`
	ReadNote  string     `json:"read_note"`
	Rev       int64      `json:"rev"`
}

// States of an issue (待审核 已下发 已退回 已撤回).
const (
	IssueProposed = "proposed"
	IssueSent     = "sent"
	IssueRejected = "rejected"
	IssueDropped  = "dropped"
)

// How often an issue recurs.
const (
	EveryMonth   = "month"
	EveryQuarter = "quarter"
	EveryYear    = "year"
)

// IssueFlow is the workflow of an issue: the first two of the eight nodes
// (立项, 审核) and what is done to all of its tasks at once.
var IssueFlow = flow.Table{Name: "issue", Start: IssueProposed, Steps: []flow.Step{
	{From: IssueProposed, Do: "approve", To: IssueSent, Who: []flow.By{{Role: actor.Leader, Scope: flow.ByUs}}, Guard: "not the author"},
	{From: IssueProposed, Do: "reject", To: IssueRejected, Who: []flow.By{{Role: actor.Leader, Scope: flow.ByUs}}, Guard: "a reason"},
	{From: IssueProposed, Do: "drop", To: IssueDropped, Who: supervisors},
	{From: IssueSent, Do: "urge", To: IssueSent, Who: askers, Guard: "an open task"},
	{From: IssueSent, Do: "stop", To: IssueSent, Who: askers, Guard: "recurs"},
	{From: IssueSent, Do: "judge", To: IssueSent, Who: supervisors, Guard: "a reason where it contradicts, not the author"},
	{From: IssueSent, Do: "reword", To: IssueSent, Who: askers},
}}

func (x Issue) object(place func(id.ID) access.Place) access.Object {
	return access.Object{Kind: "issue", ID: x.ID, State: x.State, By: place(x.Unit), Units: []access.Place{place(x.Unit)}, Owners: []id.ID{x.Author}}
}

// received is what a unit that was asked sees of an issue: not whom else it
// asks, nor what those who ask say about it among themselves.
func (x Issue) received() Issue {
	return Issue{ID: x.ID, Directive: x.Directive, Unit: x.Unit, Year: x.Year, No: x.No, Title: x.Title, State: x.State, Author: x.Author, MadeAt: x.MadeAt, Judge: x.Judge, JudgedAt: x.JudgedAt,
		Command: AssignCmd{Asks: x.Command.Asks, Minutes: x.Command.Minutes}}
}

// Fields are what the units are asked to fill in, one a line.
func (c AssignCmd) Fields() []string {
	var out []string
	for _, line := range strings.Split(c.Asks, "\n") {
		if line = strings.TrimSpace(line); line != "" && !slices.Contains(out, line) {
			out = append(out, line)
		}
	}
	return out
}

// Bounds of what one issue may ask for.
const (
	maxFields  = 30
	maxMinutes = 10000
)

// ask judges the burden of an issue and how it recurs.
func (c AssignCmd) ask(bad *fault.Fields) {
	fields := c.Fields()
	if len(fields) > maxFields {
		bad.Add("asks", "issue.bad.fields", len(fields), maxFields)
	}
	for _, f := range fields {
		bad.Max("asks", f, maxTitle)
	}
	if c.Minutes < 0 || c.Minutes > maxMinutes {
		bad.Add("minutes", "issue.bad.minutes", maxMinutes)
	}
	switch c.Every {
	case "", EveryMonth, EveryQuarter, EveryYear:
	default:
		bad.Add("every", "error.required")
	}
	if c.Every != "" && c.Until != "" && c.Until < c.Due {
		bad.Add("until", "issue.bad.until", string(c.Due))
	}
}

// months of one period.
var months = map[string]int{EveryMonth: 1, EveryQuarter: 3, EveryYear: 12}

// Period names the period in which a date lies: 2026-05, 2026Q2, 2026.
func Period(every string, d clock.Date) string {
	s := string(d)
	if len(s) < 7 {
		return ""
	}
	switch every {
	case EveryMonth:
		return s[:7]
	case EveryQuarter:
		return Quarter(d)
	case EveryYear:
		return s[:4]
	}
	return ""
}

// Quarter names the quarter of a date: 2026Q2.
func Quarter(d clock.Date) string {
	return string(d)[:4] + "Q" + string(rune('1'+(int(d.Month())-1)/3))
}

// QuarterOf gives the first and last day of a quarter's name.
func QuarterOf(name string) (from, to clock.Date, ok bool) {
	if len(name) != 6 || name[4] != 'Q' || name[5] < '1' || name[5] > '4' {
		return "", "", false
	}
	from, err := clock.ParseDate(name[:4] + "-" + []string{"01", "04", "07", "10"}[name[5]-'1'] + "-01")
	if err != nil {
		return "", "", false
	}
	return from, from.AddMonths(2).EndOfMonth(), true
}

// AccountFlow is the quarterly reconciliation (季度对账) of one unit with the one
// that asks it: what the books say is confirmed or disputed, and a dispute settled.
var AccountFlow = flow.Table{Name: "quarter", Start: AccountAsked, Steps: []flow.Step{
	{From: AccountAsked, Do: "confirm", To: AccountAgreed, Who: units},
	{From: AccountAsked, Do: "dispute", To: AccountDisputed, Who: units, Guard: "a reason"},
	{From: AccountDisputed, Do: "settle", To: AccountSettled, Who: supervisors, Guard: "a reason"},
}}

// States of a reconciliation (待核对 已确认 有异议 已处理).
const (
	AccountAsked    = "asked"
	AccountAgreed   = "agreed"
	AccountDisputed = "disputed"
	AccountSettled  = "settled"
)

// Account is one unit's reconciliation of a quarter. Its figures are those of
// the day on which it was opened; what is verified is told apart from what was
// only reported.
type Account struct {
	ID       id.ID  `json:"id"`
	By       id.ID  `json:"by"`
	Unit     id.ID  `json:"unit"`
	Quarter  string `json:"quarter"`
	State    string `json:"state"`
	Tasks    int    `json:"tasks"`
	Verified int    `json:"verified"`
	Reported int    `json:"reported"`
	Late     int    `json:"late"`
	Said     string `json:"said"`
	Person   id.ID  `json:"person"`
	At       string `json:"at"`
	Opinion  string `json:"opinion"`
	Judge    id.ID  `json:"judge"`
	JudgedAt string `json:"judged_at"`
	Rev      int64  `json:"rev"`
}

func (a Account) object(place func(id.ID) access.Place) access.Object {
	return access.Object{Kind: "quarter", ID: a.ID, State: a.State, Units: []access.Place{place(a.Unit)}, By: place(a.By)}
}
