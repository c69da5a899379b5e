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
	"huikan/internal/org"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/search"
	"huikan/internal/platform/vault"
	"huikan/internal/platform/web"
)

// AssignCmd asks units for something.
type AssignCmd struct {
	Requirements []id.ID    `json:"requirements"`
	Sourceless   string     `json:"sourceless"` // why the task serves no requirement
	Title        string     `json:"title"`
	Measure      string     `json:"measure"`
	Due          clock.Date `json:"due"`
	Kind         string     `json:"kind"`
	To           string     `json:"to"`      // an audience of the directory: provincial, below, children, units
	Units        string     `json:"units"`   // names or codes, one a line
	Asks         string     `json:"asks"`    // fields to fill in, one a line
	Minutes      int        `json:"minutes"` // that one unit needs for them, as estimated
	Every        string     `json:"every"`   // month, quarter, year: sent again in each period
	Until        clock.Date `json:"until"`
	Then         string     `json:"then,omitempty"` // preview, propose or send
	Rev          int64      `json:"rev,omitempty"`
}

// What is done with a form of an issue.
const (
	ThenPreview = "preview"
	ThenPropose = "propose"
)

// receivers resolves whom an assignment goes to; only units at or below the
// asking one can be asked.
func (s *Service) receivers(c AssignCmd, from id.ID, bad *fault.Fields) []id.ID {
	if !slices.Contains([]string{org.ToProvincial, org.ToBelow, org.ToChildren, org.ToUnits}, c.To) {
		bad.Add("to", "error.required")
		return nil
	}
	out, unknown, above := s.Dir.Audience(c.To, c.Units, from, s.Find)
	for _, name := range unknown {
		bad.Add("units", "task.bad.unit", name)
	}
	for _, u := range above {
		bad.Add("units", "task.bad.above", s.Dir.Name(u))
	}
	if len(out) == 0 && len(*bad) == 0 {
		bad.Add("units", "error.required")
	}
	return out
}

func (c AssignCmd) check(bad *fault.Fields, today clock.Date) {
	bad.Need("title", c.Title)
	bad.Max("title", c.Title, maxTitle)
	bad.Need("measure", c.Measure)
	bad.Max("measure", c.Measure, maxText)
	if c.Due == "" {
		bad.Need("due", "")
	} else if c.Due < today {
		bad.Add("due", "task.bad.past")
	}
	if c.Kind != KindLead && c.Kind != KindSupport {
		bad.Add("kind", "error.required")
	}
	if len(c.Requirements) == 0 && strings.TrimSpace(c.Sourceless) == "" {
		bad.Add("sourceless", "task.bad.sourceless")
	}
	c.ask(bad)
}

// known refuses requirements that are dropped or of another directive.
func (s *Service) known(ctx context.Context, q db.Q, directive id.ID, list []id.ID, bad *fault.Fields) error {
	for _, n := range list {
		r, err := requirementByID(ctx, q, n)
		if err != nil {
			return err
		}
		if r.Directive != directive {
			return fault.NotFound("requirement")
		}
		if r.State != ReqOpen {
			bad.Add("requirements", "task.bad.dropped", r.No)
		}
	}
	return nil
}

// send writes the tasks of an issue, all in one transaction and log entry.
func (s *Service) send(ctx context.Context, tx *audit.Tx, x Issue, to []id.ID, due clock.Date) ([]Task, error) {
	c := x.Command
	var list []Task
	sources := map[id.ID][]id.ID{}
	for _, u := range to {
		t := Task{ID: id.New(), Directive: x.Directive, Parent: x.Parent, By: x.Unit, Unit: u, Title: c.Title, Measure: c.Measure, Kind: c.Kind, Due: due, State: TaskFlow.Start,
			Sourceless: c.Sourceless, MadeAt: tx.At, Issue: x.ID, Period: Period(c.Every, due), Rev: 1}
		list = append(list, t)
		sources[t.ID] = c.Requirements
	}
	tx.Note("units", len(list))
	if err := insertTasks(ctx, tx, list, sources); err != nil {
		return nil, err
	}
	if len(list) <= 100 {
		return list, indexTasks(ctx, tx, list)
	}
	// A task sent to thousands is found by its issue; indexing its words
	// thousands of times would find the same sentence thousands of times.
	return list, nil
}

// loadTask reads a task and judges an action on it.
func (s *Service) loadTask(ctx context.Context, q db.Q, who actor.Actor, n id.ID, do string) (Task, error) {
	t, err := taskByID(ctx, q, n)
	if err != nil {
		return t, err
	}
	return t, s.judge(ctx, q, who, TaskFlow, t.object(s.Dir.Place), t.ID, do)
}

// StepCmd is what goes with a step of a task.
type StepCmd struct {
	Text    string            `json:"text"`
	Answers map[string]string `json:"answers"` // by field of the issue
	Rev     int64             `json:"rev"`
}

// Step runs one action of the workflow, with a text where it needs one and
// files where they help.
func (s *Service) Step(ctx context.Context, who actor.Actor, n id.ID, do string, c StepCmd, files []vault.Stored) error {
	var bad fault.Fields
	if needsText(do) {
		bad.Need("text", c.Text)
	}
	bad.Max("text", c.Text, maxText)
	if err := bad.Err(); err != nil {
		return err
	}
	if slices.Contains(own, do) {
		return fault.State("error.state", "task."+do, "task.do."+do)
	}
	return s.Log.Write(ctx, who, "task."+do, func(tx *audit.Tx) error {
		t, err := s.loadTask(ctx, tx, who, n, do)
		if err != nil {
			return err
		}
		if c.Rev != 0 && c.Rev != t.Rev {
			return fault.Conflict("task")
		}
		if do == "accept" || do == "return" {
			if err := t.mayJudge(who); err != nil {
				return err
			}
		}
		if do == "accept" {
			if err := openChildren(ctx, tx, t); err != nil {
				return err
			}
		}
		if t.State, err = TaskFlow.Next(t.State, do); err != nil {
			return err
		}
		switch do {
		case "report":
			t.Reporter = who.Person
			if err := s.fillIn(ctx, tx, who, t, c); err != nil {
				return err
			}
			if err := signed(ctx, tx, t.ID); err != nil {
				return err
			}
		case "accept":
			t.DoneOn = s.today()
		case "redirect":
			if t.HandTo == "" {
				return fault.State("task.bad.hand_to")
			}
			text := s.Dir.Name(t.Unit) + " → " + s.Dir.Name(t.HandTo)
			t.Unit, t.HandTo = t.HandTo, ""
			c.Text = strings.TrimSpace(text + "\n" + c.Text)
		case "keep":
			t.HandTo = ""
		}
		if err := updateTask(ctx, tx, t); err != nil {
			return err
		}
		return s.note(ctx, tx, who, t.ID, do, c.Text, files)
	})
}

// openChildren refuses to finish a task while units below still work on it.
func openChildren(ctx context.Context, q db.Q, t Task) error {
	kids, err := childrenOf(ctx, q, t.ID)
	if err != nil {
		return err
	}
	for _, k := range kids {
		if k.Open() {
			return fault.State("task.bad.children")
		}
	}
	return nil
}

// note writes the dated entry of a step, one for each file.
func (s *Service) note(ctx context.Context, tx *audit.Tx, who actor.Actor, task id.ID, do, text string, files []vault.Stored) error {
	if len(files) == 0 {
		return insertEntry(ctx, tx, Entry{ID: id.New(), Task: task, Action: do, Text: text, By: who.Person})
	}
	for i, f := range files {
		if i > 0 {
			text = ""
		}
		if err := insertEntry(ctx, tx, Entry{ID: id.New(), Task: task, Action: do, Text: text, By: who.Person, Hash: f.Hash, Name: f.Name, Mime: f.Mime, Size: f.Size}); err != nil {
			return err
		}
	}
	return nil
}

// BreakDown passes a task on to lower units in the unit's own wording; the
// children keep the same sources, so the sentence can be read at every desk.
func (s *Service) BreakDown(ctx context.Context, who actor.Actor, n id.ID, c AssignCmd) (sent []Task, err error) {
	err = s.Log.Write(ctx, who, "task.break_down", func(tx *audit.Tx) error {
		t, to, c, err := s.broken(ctx, tx, who, n, c)
		if err != nil {
			return err
		}
		x := s.issueOf(tx, who, t.Directive, t.Unit, c)
		x.Parent, x.State = t.ID, IssueSent
		if err := insertIssue(ctx, tx, &x); err != nil {
			return err
		}
		if sent, err = s.send(ctx, tx, x, to, c.Due); err != nil {
			return err
		}
		return s.note(ctx, tx, who, t.ID, "break_down", fmt.Sprint(len(sent)), nil)
	})
	return sent, err
}

// broken judges how a task is broken down.
func (s *Service) broken(ctx context.Context, q db.Q, who actor.Actor, n id.ID, c AssignCmd) (Task, []id.ID, AssignCmd, error) {
	t, err := s.loadTask(ctx, q, who, n, "break_down")
	if err != nil {
		return t, nil, c, err
	}
	if c.Requirements, err = sourcesOfTask(ctx, q, t.ID); err != nil {
		return t, nil, c, err
	}
	c.Sourceless, c.Every, c.Until = t.Sourceless, "", ""
	var bad fault.Fields
	c.check(&bad, s.today())
	if c.Due != "" && t.Due != "" && c.Due > t.Due {
		bad.Add("due", "task.bad.after_parent", string(t.Due))
	}
	to := s.receivers(c, t.Unit, &bad)
	if slices.Contains(to, t.Unit) {
		bad.Add("units", "task.bad.self")
	}
	return t, to, c, bad.Err()
}

// TaskView is a task with what its page shows.
type TaskView struct {
	Task         Task              `json:"task"`
	Directive    Directive         `json:"directive"`
	Requirements []Requirement     `json:"requirements"`
	Entries      []Entry           `json:"entries"`
	Children     []Task            `json:"children"`
	Steps        []string          `json:"steps"` // that the reader may take now
	Issue        Issue             `json:"issue"`
	Ladder       []Task            `json:"ladder"` // the tasks that it was broken down from, the top first
	Below        Tally             `json:"below"`  // everything that it was broken down into
	Extensions   []Extension       `json:"extensions"`
	Cosigns      []Cosign          `json:"cosigns"`
	Reminders    []Reminder        `json:"reminders"`
	Answers      map[string]string `json:"answers"`
	Names        map[id.ID]string  `json:"-"`
}

// Task reads one task.
func (s *Service) Task(ctx context.Context, who actor.Actor, n id.ID) (v TaskView, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) (err error) {
		if v.Task, err = s.loadTask(ctx, q, who, n, "read"); err != nil {
			return err
		}
		if v.Directive, err = directiveByID(ctx, q, v.Task.Directive); err != nil {
			return err
		}
		src, err := sourcesOfTask(ctx, q, n)
		if err != nil {
			return err
		}
		for _, r := range src {
			x, err := requirementByID(ctx, q, r)
			if err != nil {
				return err
			}
			v.Requirements = append(v.Requirements, x)
		}
		if v.Entries, err = entriesOf(ctx, q, n); err != nil {
			return err
		}
		if v.Children, err = childrenOf(ctx, q, n); err != nil {
			return err
		}
		if err = s.around(ctx, q, &v); err != nil {
			return err
		}
		people := []id.ID{v.Issue.Author, v.Issue.Judge}
		for _, x := range v.Extensions {
			people = append(people, x.Person, x.Judge)
		}
		for _, x := range v.Cosigns {
			people = append(people, x.Person, x.Signer)
		}
		for _, e := range v.Entries {
			if e.By != "" {
				people = append(people, e.By)
			}
		}
		v.Names, err = s.Names(ctx, q, people...)
		return err
	})
	if err != nil {
		return v, err
	}
	if s.Policy.Can(who, "issue.read", v.Issue.object(s.Dir.Place)) != nil {
		v.Issue = v.Issue.received()
	}
	open := slices.ContainsFunc(v.Extensions, func(x Extension) bool { return x.State == ExtensionAsked })
	for _, st := range TaskFlow.From(v.Task.State) {
		switch {
		case (st.Do == "grant" || st.Do == "refuse") && !open, st.Do == "extend" && (open || len(granted(v.Extensions)) >= Supervision().Extensions), st.Do == "hand_on" && len(v.Children) > 0:
			continue
		}
		if s.Policy.Can(who, "task."+st.Do, v.Task.object(s.Dir.Place)) == nil && (st.Do != "accept" && st.Do != "return" || v.Task.mayJudge(who) == nil) {
			v.Steps = append(v.Steps, st.Do)
		}
	}
	return v, nil
}

// File opens a file of a task's entry; access to it is access to the task.
func (s *Service) File(ctx context.Context, who actor.Actor, task, entry id.ID) (e Entry, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) (err error) {
		if _, err = s.loadTask(ctx, q, who, task, "read"); err != nil {
			return err
		}
		e, err = entryOf(ctx, q, task, entry)
		if err == nil && e.Hash == "" {
			err = fault.NotFound("file")
		}
		return err
	})
	if err != nil {
		return e, err
	}
	return e, s.Log.Note(ctx, who, "task.read_file", map[string]any{"task": task, "entry": entry})
}

// TaskListing is one page of tasks.
type TaskListing struct {
	Rows []Task
	Next page.Next
}

// Tasks gives a page of the tasks that the actor may read.
func (s *Service) Tasks(ctx context.Context, who actor.Actor, p page.Query) (l TaskListing, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) (err error) {
		var args []any
		scopes := taskScopes(s.Policy, who, "task.read", &args)
		l.Rows, l.Next, err = listTasks(ctx, q, scopes, args, p, s.today())
		return err
	})
	return l, err
}

// todoMax bounds what one room puts on the first page.
const todoMax = 50

// Todo tells what waits: to sign, to work on, to review.
func (s *Service) Todo(ctx context.Context, who actor.Actor) (out []web.Todo, err error) {
	if !s.Policy.Ever(who, "task.sign") && !s.Policy.Ever(who, "task.accept") && !s.Policy.Ever(who, "issue.approve") {
		return nil, nil
	}
	err = s.Log.DB().Read(ctx, func(q db.Q) error {
		for _, x := range []struct{ do, state string }{{"sign", TaskToSign}, {"report", TaskWorking}, {"report", TaskRedo}, {"accept", TaskReported}, {"redirect", TaskHanding}} {
			if !s.Policy.Ever(who, "task."+x.do) {
				continue
			}
			var args []any
			where := s.Policy.Filter(who, "task."+x.do, taskPlaces, &args)
			if x.do == "accept" || x.do == "redirect" {
				where += access.Ours(who, "t.by_id", &args)
			}
			args = append(args, x.state, who.Person, todoMax)
			n := len(args)
			list, err := tasksWhere(ctx, q, fmt.Sprintf("%s AND t.open = 1 AND t.state = $%d AND ($%d <> t.reporter_id OR t.state <> 'reported') ORDER BY t.open, t.due_on, t.id LIMIT $%d", where, n-2, n-1, n), args...)
			if err != nil {
				return fmt.Errorf("tasks to do: %w", err)
			}
			for _, t := range list {
				out = append(out, web.Todo{Kind: "task.todo." + x.do, Title: t.Title, Unit: s.Dir.Short(t.Unit), Due: t.Due, Href: "/tasks/" + string(t.ID), Verb: "task.do." + x.do, At: t.MadeAt})
			}
		}
		more, err := s.moreTodos(ctx, q, who)
		out = append(out, more...)
		return err
	})
	return out, err
}

// Search finds directives and tasks by their words.
func (s *Service) Search(ctx context.Context, who actor.Actor, text string, limit int) (out []web.Hit, err error) {
	p := page.Query{Size: limit, Filter: map[string][]string{"q": {text}}, View: ViewAll}
	if s.Policy.Ever(who, "directive.read") {
		l, err := s.List(ctx, who, p)
		if err != nil {
			return nil, err
		}
		for _, d := range l.Rows {
			out = append(out, web.Hit{Kind: "directive", Title: d.Title, Note: s.Dir.Short(d.Unit) + " " + string(d.Published), Href: "/directives/" + string(d.ID)})
		}
	}
	if s.Policy.Ever(who, "issue.read") {
		list, err := s.findIssues(ctx, who, p)
		if err != nil {
			return nil, err
		}
		for _, x := range list {
			out = append(out, web.Hit{Kind: "issue", Title: x.Title, Note: x.Number(s.Dir.Short(x.Unit)), Href: "/issues/" + string(x.ID)})
		}
	}
	if s.Policy.Ever(who, "task.read") {
		list, err := s.findTasks(ctx, who, text, limit)
		if err != nil {
			return nil, err
		}
		for _, t := range list {
			out = append(out, web.Hit{Kind: "task", Title: t.Title, Note: s.Dir.Short(t.Unit) + " " + string(t.Due), Href: "/tasks/" + string(t.ID)})
		}
	}
	return out, nil
}

// findIssues finds orders by their words, without the sums that their list shows.
func (s *Service) findIssues(ctx context.Context, who actor.Actor, p page.Query) (list []Issue, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) (err error) {
		var args []any
		list, _, err = listIssues(ctx, q, s.Policy.Filter(who, "issue.read", issuePlaces, &args), args, p)
		return err
	})
	return list, err
}

// findTasks finds tasks by their words: the newest texts that hold them are gone
// through until there are enough that the reader may see. Where those lie too far
// apart, because he sees few of what many hold, his own tasks are asked for the words.
func (s *Service) findTasks(ctx context.Context, who actor.Actor, text string, limit int) (list []Task, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) error {
		all := false
		if !initialsOf(text) {
			if all, err = search.Newest(ctx, q, "task", text, func(named []id.ID) (bool, error) {
				where, args := s.seen(who)
				more, err := tasksNamed(ctx, q, named, where, args, limit-len(list))
				list = append(list, more...)
				return len(list) < limit, err
			}); err != nil || all || len(list) == limit {
				return err
			}
		}
		var args []any
		list, err = tasksHolding(ctx, q, taskScopes(s.Policy, who, "task.read", &args), args, text, limit)
		return err
	})
	return list, err
}

// initialsOf tells a text that may mean initials, which lie in the index in their own way.
func initialsOf(text string) bool {
	return strings.Trim(strings.ToLower(strings.TrimSpace(text)), "abcdefghijklmnopqrstuvwxyz") == ""
}
