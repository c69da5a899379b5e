package directive

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// Number is the issue's number as papers carry it.
func (x Issue) Number(unit string) string {
	return fmt.Sprintf("%s督〔%d〕%d号", unit, x.Year, x.No)
}

// issueOf makes an issue of a command.
func (s *Service) issueOf(tx *audit.Tx, who actor.Actor, directive, unit id.ID, c AssignCmd) Issue {
	c.Then, c.Rev = "", 0
	x := Issue{ID: id.New(), Directive: directive, Unit: unit, Year: s.today().Year(), Title: c.Title, State: IssueFlow.Start, Command: c, Every: c.Every, Until: c.Until, Author: who.Person, MadeAt: tx.At, Rev: 1}
	if c.Every != "" {
		x.Next = nextPeriod(c.Every, c.Due)
	}
	return x
}

// nextPeriod is the first day of the period after the one of a date.
func nextPeriod(every string, d clock.Date) clock.Date {
	first := d.FirstOfMonth()
	switch every {
	case EveryQuarter:
		first = first.AddMonths(-((int(first.Month()) - 1) % 3))
	case EveryYear:
		first = first.AddMonths(-(int(first.Month()) - 1))
	}
	return first.AddMonths(months[every])
}

// asked judges a command for a directive and gives whom it reaches.
func (s *Service) asked(ctx context.Context, q db.Q, d Directive, c AssignCmd) ([]id.ID, error) {
	var bad fault.Fields
	c.check(&bad, s.today())
	to := s.receivers(c, d.Unit, &bad)
	if err := s.known(ctx, q, d.ID, c.Requirements, &bad); err != nil {
		return nil, err
	}
	return to, bad.Err()
}

// Assign sends a task to units: all in one transaction and log entry.
func (s *Service) Assign(ctx context.Context, who actor.Actor, n id.ID, c AssignCmd) (sent []Task, err error) {
	err = s.step(ctx, who, n, "assign", c.Rev, func(tx *audit.Tx, d Directive) error {
		to, err := s.asked(ctx, tx, d, c)
		if err != nil {
			return err
		}
		x := s.issueOf(tx, who, d.ID, d.Unit, c)
		x.State = IssueSent
		if err := insertIssue(ctx, tx, &x); err != nil {
			return err
		}
		if sent, err = s.send(ctx, tx, x, to, c.Due); err != nil {
			return err
		}
		return setState(ctx, tx, d, StateIssued)
	})
	return sent, err
}

// Propose keeps an issue until a leader has approved it (立项待审核).
func (s *Service) Propose(ctx context.Context, who actor.Actor, n id.ID, c AssignCmd) (x Issue, err error) {
	err = s.step(ctx, who, n, "assign", c.Rev, func(tx *audit.Tx, d Directive) error {
		if _, err := s.asked(ctx, tx, d, c); err != nil {
			return err
		}
		x = s.issueOf(tx, who, d.ID, d.Unit, c)
		return insertIssue(ctx, tx, &x)
	})
	return x, err
}

// Preview tells what would be sent, before it is.
type Preview struct {
	To     []id.ID `json:"to"`
	Known  []Known `json:"known"` // fields that the system holds already
	Twice  []Twice `json:"twice"` // fields that the same units are already asked for
	Fields int     `json:"fields"`
	Total  int     `json:"total"` // minutes of all units together
	Doubts []Doubt `json:"doubts"`
}

// Twice is a field that an earlier issue asks of some of the same units.
type Twice struct {
	Field string `json:"field"`
	Issue Issue  `json:"issue"`
	Units int    `json:"units"`
}

// lookBack is how far back duplicates are looked for, and among how many issues.
const (
	lookBackDays  = 120
	maxDuplicates = 300
)

// Preview judges a command without sending it: how many units it reaches, what
// it costs them, which answers are there already.
func (s *Service) Preview(ctx context.Context, who actor.Actor, n id.ID, c AssignCmd) (p Preview, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) error {
		d, err := s.load(ctx, q, who, n, "assign")
		if err != nil {
			return err
		}
		if p.To, err = s.asked(ctx, q, d, c); err != nil {
			return err
		}
		return s.burdenOf(ctx, q, who, c, &p)
	})
	return p, err
}

// PreviewBreakDown is the same for a task that is broken down.
func (s *Service) PreviewBreakDown(ctx context.Context, who actor.Actor, n id.ID, c AssignCmd) (p Preview, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) error {
		_, to, c, err := s.broken(ctx, q, who, n, c)
		if err != nil {
			return err
		}
		p.To = to
		return s.burdenOf(ctx, q, who, c, &p)
	})
	return p, err
}

func (s *Service) burdenOf(ctx context.Context, q db.Q, who actor.Actor, c AssignCmd, p *Preview) error {
	fields := c.Fields()
	p.Fields, p.Total = len(fields), c.Minutes*len(p.To)
	wanted := append([]string{c.Title, c.Measure}, fields...)
	for _, k := range Supervision().Known {
		for _, f := range wanted {
			if containsAny(f, k.Words) {
				k.Asked = append(k.Asked, f)
			}
		}
		if len(k.Asked) > 0 {
			p.Known = append(p.Known, k)
		}
	}
	for _, n := range c.Requirements {
		r, err := requirementByID(ctx, q, n)
		if err != nil {
			return err
		}
		p.Doubts = append(p.Doubts, Doubts(r.Quote, c.Title+"\n"+c.Measure)...)
	}
	if len(fields) == 0 {
		return nil
	}
	args := []any{clock.Instant(s.Clock.Now().AddDate(0, 0, -lookBackDays))}
	where := s.Policy.Filter(who, "issue.read", issuePlaces, &args)
	args = append(args, maxDuplicates)
	recent, err := issuesWhere(ctx, q, fmt.Sprintf("x.state = 'sent' AND x.made_at >= $1 AND %s ORDER BY x.made_at DESC LIMIT $%d", where, len(args)), args...)
	if err != nil {
		return err
	}
	for _, x := range recent {
		for _, f := range fields {
			if !slices.ContainsFunc(x.Command.Fields(), func(g string) bool { return sameField(f, g) }) {
				continue
			}
			k, err := askedAt(ctx, q, x.ID, p.To)
			if err != nil {
				return err
			}
			if k > 0 {
				p.Twice = append(p.Twice, Twice{f, x, k})
			}
		}
	}
	return nil
}

func containsAny(text string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
}

// filler are words by which two fields that ask for the same may differ.
var filler = strings.NewReplacer("的", "", "情况", "", "数量", "数", "总数", "数", "本院", "", "本单位", "", "截至目前", "", "（", "", "）", "", "(", "", ")", "", " ", "", "：", "", ":", "")

// sameField tells whether two fields ask for the same.
func sameField(a, b string) bool { return filler.Replace(a) == filler.Replace(b) }

// IssueView is an issue with what became of it.
type IssueView struct {
	Issue     Issue                       `json:"issue"`
	Directive Directive                   `json:"directive"`
	Tally     Tally                       `json:"tally"`
	Tasks     []Task                      `json:"tasks"` // at most issueShown
	Answers   map[id.ID]map[string]string `json:"answers"`
	Steps     []string                    `json:"steps"`
	Sources   []Requirement               `json:"sources"`
	Names     map[id.ID]string            `json:"-"`
}

// issueShown bounds the tasks that the page of an issue lists.
const issueShown = 200

func (s *Service) loadIssue(ctx context.Context, q db.Q, who actor.Actor, n id.ID, do string) (Issue, error) {
	x, err := issueByID(ctx, q, n)
	if err != nil {
		return x, err
	}
	return x, s.judge(ctx, q, who, IssueFlow, x.object(s.Dir.Place), x.ID, do)
}

// Issue reads one issue.
func (s *Service) Issue(ctx context.Context, who actor.Actor, n id.ID) (v IssueView, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) (err error) {
		if v.Issue, err = s.loadIssue(ctx, q, who, n, "read"); err != nil {
			return err
		}
		if v.Directive, err = directiveByID(ctx, q, v.Issue.Directive); err != nil {
			return err
		}
		if v.Tally, err = s.tallyOfIssue(ctx, q, who, n); err != nil {
			return err
		}
		where, args := s.seen(who, string(n))
		if v.Tasks, err = tasksOfIssue(ctx, q, where, args, issueShown); err != nil {
			return err
		}
		if v.Answers, err = answersOf(ctx, q, "t.issue_id = $1 AND "+where, args...); err != nil {
			return err
		}
		for _, r := range v.Issue.Command.Requirements {
			x, err := requirementByID(ctx, q, r)
			if err != nil {
				return err
			}
			v.Sources = append(v.Sources, x)
		}
		v.Names, err = s.Names(ctx, q, v.Issue.Author, v.Issue.Judge, v.Issue.Reader)
		return err
	})
	if err != nil {
		return v, err
	}
	for _, st := range IssueFlow.From(v.Issue.State) {
		if s.Policy.Can(who, "issue."+st.Do, v.Issue.object(s.Dir.Place)) != nil || st.Do == "stop" && v.Issue.Next == "" || (st.Do == "approve" || st.Do == "judge") && v.Issue.Author == who.Person {
			continue
		}
		v.Steps = append(v.Steps, st.Do)
	}
	return v, nil
}

// seen is the condition of the tasks that the actor may read, after the
// arguments that the statement has already.
func (s *Service) seen(who actor.Actor, args ...any) (string, []any) {
	where := s.Policy.Filter(who, "task.read", taskPlaces, &args)
	return where, args
}

// tallyOfIssue sums the tasks of an issue that the actor may read.
func (s *Service) tallyOfIssue(ctx context.Context, q db.Q, who actor.Actor, n id.ID) (Tally, error) {
	where, args := s.seen(who, string(s.today()), string(n))
	return tallyOf(ctx, q, s.today(), "t.issue_id = $2 AND "+where, args[1:]...)
}

// IssueListing is one page of issues.
type IssueListing struct {
	Rows  []Issue
	Tally map[id.ID]Tally
	Next  page.Next
}

// Issues gives a page of the issues that the actor may read.
func (s *Service) Issues(ctx context.Context, who actor.Actor, p page.Query) (l IssueListing, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) (err error) {
		var args []any
		filter := s.Policy.Filter(who, "issue.read", issuePlaces, &args)
		if l.Rows, l.Next, err = listIssues(ctx, q, filter, args, p); err != nil {
			return err
		}
		l.Tally = map[id.ID]Tally{}
		for _, x := range l.Rows {
			if l.Tally[x.ID], err = s.tallyOfIssue(ctx, q, who, x.ID); err != nil {
				return err
			}
		}
		return nil
	})
	return l, err
}

// IssueCmd is what goes with a step of an issue.
type IssueCmd struct {
	Text    string `json:"text"`
	Reading string `json:"reading"` // conforms, contradicts
	Title   string `json:"title"`
	Measure string `json:"measure"`
	Rev     int64  `json:"rev"`
}

// IssueStep runs one action on an issue and gives how many tasks it touched.
func (s *Service) IssueStep(ctx context.Context, who actor.Actor, n id.ID, do string, c IssueCmd) (touched int, err error) {
	var bad fault.Fields
	bad.Max("text", c.Text, maxReason)
	if do == "reject" || do == "judge" && c.Reading == ReadingContradicts {
		bad.Need("text", c.Text)
	}
	if do == "judge" && c.Reading != ReadingConforms && c.Reading != ReadingContradicts {
		bad.Add("reading", "error.required")
	}
	if do == "reword" {
		bad.Need("title", c.Title)
		bad.Max("title", c.Title, maxTitle)
		bad.Need("measure", c.Measure)
		bad.Max("measure", c.Measure, maxText)
	}
	if err := bad.Err(); err != nil {
		return 0, err
	}
	err = s.Log.Write(ctx, who, "issue."+do, func(tx *audit.Tx) error {
		x, err := s.loadIssue(ctx, tx, who, n, do)
		if err != nil {
			return err
		}
		if c.Rev != 0 && c.Rev != x.Rev {
			return fault.Conflict("issue")
		}
		touched, err = s.issueStep(ctx, tx, who, x, do, c)
		return err
	})
	return touched, err
}

func (s *Service) issueStep(ctx context.Context, tx *audit.Tx, who actor.Actor, x Issue, do string, c IssueCmd) (touched int, err error) {
	if x.State, err = IssueFlow.Next(x.State, do); err != nil {
		return 0, err
	}
	switch do {
	case "approve", "reject":
		if x.Author == who.Person {
			return 0, fault.State("issue.bad.own")
		}
		x.Judge, x.JudgedAt, x.Opinion = who.Person, tx.At, c.Text
		if do == "approve" {
			if touched, err = s.approved(ctx, tx, x); err != nil {
				return 0, err
			}
		}
	case "stop":
		if x.Next == "" {
			return 0, fault.State("issue.bad.once")
		}
		x.Next = ""
	case "judge":
		if x.Author == who.Person {
			return 0, fault.State("issue.bad.own")
		}
		x.Reading, x.Reader, x.ReadNote = c.Reading, who.Person, c.Text
	case "reword":
		tx.Note("before", map[string]string{"title": x.Title, "measure": x.Command.Measure})
		old := x.Title + "\n" + x.Command.Measure
		x.Title, x.Command.Title, x.Command.Measure, x.Reading = c.Title, c.Title, c.Measure, ""
		if err := rewordTasks(ctx, tx, x); err != nil {
			return 0, err
		}
		open, err := tasksWhere(ctx, tx, "t.issue_id = $1 AND t.open = 1", string(x.ID))
		if err != nil {
			return 0, err
		}
		touched = len(open)
		if err := s.noteAll(ctx, tx, who, open, "reword", old); err != nil {
			return 0, err
		}
	case "urge":
		open, err := tasksWhere(ctx, tx, "t.issue_id = $1 AND t.open = 1 AND t.state IN ('to_sign','working','redo')", string(x.ID))
		if err != nil {
			return 0, err
		}
		if touched = len(open); touched == 0 {
			return 0, fault.State("issue.bad.nobody")
		}
		return touched, s.noteAll(ctx, tx, who, open, "urge", c.Text)
	}
	return touched, updateIssue(ctx, tx, x)
}

// approved sends what was proposed, to whom it reaches on this day.
func (s *Service) approved(ctx context.Context, tx *audit.Tx, x Issue) (int, error) {
	d, err := directiveByID(ctx, tx, x.Directive)
	if err != nil {
		return 0, err
	}
	if _, err := Flow.Next(d.State, "assign"); err != nil {
		return 0, err
	}
	to, err := s.asked(ctx, tx, d, x.Command)
	if err != nil {
		return 0, err
	}
	sent, err := s.send(ctx, tx, x, to, x.Command.Due)
	if err != nil {
		return 0, err
	}
	if d.State != StateIssued {
		err = setState(ctx, tx, d, StateIssued)
	}
	return len(sent), err
}

func (s *Service) noteAll(ctx context.Context, tx *audit.Tx, who actor.Actor, tasks []Task, do, text string) error {
	var list []Entry
	for _, t := range tasks {
		list = append(list, Entry{ID: id.New(), Task: t.ID, Action: do, Text: text, By: who.Person})
	}
	return insertEntries(ctx, tx, list)
}

// Recur sends the tasks of recurring issues whose next period has begun. It can
// run at any hour and again: the next date moves with the sending.
func (s *Service) Recur(ctx context.Context) (sent int, err error) {
	today := s.today()
	var list []Issue
	if err := s.Log.DB().Read(ctx, func(q db.Q) (err error) {
		list, err = issuesWhere(ctx, q, "x.state = 'sent' AND x.next_on <> '' AND x.next_on <= $1 ORDER BY x.next_on, x.id LIMIT 200", string(today))
		return err
	}); err != nil {
		return 0, err
	}
	for _, old := range list {
		err := s.Log.Write(ctx, actor.Program("recurring tasks"), "issue.recur", func(tx *audit.Tx) error {
			x, err := issueByID(ctx, tx, old.ID)
			if err != nil || x.Next == "" || x.Next > today || x.State != IssueSent {
				return err
			}
			due := x.Command.Due
			for due < x.Next { // a period that passed while nothing ran is not asked for afterwards
				due = due.AddMonths(months[x.Every])
			}
			for due < today {
				due = due.AddMonths(months[x.Every])
			}
			if x.Until != "" && due > x.Until {
				x.Next = ""
				return updateIssue(ctx, tx, x)
			}
			to, _, above := s.Dir.Audience(x.Command.To, x.Command.Units, x.Unit, s.Find)
			to = slices.DeleteFunc(to, func(u id.ID) bool { return slices.Contains(above, u) })
			list, err := s.send(ctx, tx, x, to, due)
			if err != nil {
				return err
			}
			sent += len(list)
			x.Next = nextPeriod(x.Every, due)
			return updateIssue(ctx, tx, x)
		})
		if err != nil {
			return sent, err
		}
	}
	return sent, nil
}

// AnswersOf reads what the units of an issue filled in, all of them; reading it
// out is noted.
func (s *Service) AnswersOf(ctx context.Context, who actor.Actor, n id.ID) (v IssueView, tasks []Task, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) (err error) {
		if v.Issue, err = s.loadIssue(ctx, q, who, n, "read"); err != nil {
			return err
		}
		where, args := s.seen(who, string(n))
		if tasks, err = tasksOfIssue(ctx, q, where, args, 100000); err != nil {
			return err
		}
		v.Answers, err = answersOf(ctx, q, "t.issue_id = $1 AND "+where, args...)
		return err
	})
	if err != nil {
		return v, nil, err
	}
	return v, tasks, s.Log.Note(ctx, who, "issue.export", map[string]any{"issue": n})
}
