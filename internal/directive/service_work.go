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
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/web"
)

// around reads what stands around a task: its issue, the tasks above and below,
// extensions, countersignatures, reminders, answers.
func (s *Service) around(ctx context.Context, q db.Q, v *TaskView) (err error) {
	t := v.Task
	if t.Issue != "" {
		if v.Issue, err = issueByID(ctx, q, t.Issue); err != nil {
			return err
		}
	}
	for up := t.Parent; up != "" && len(v.Ladder) < 8; {
		p, err := taskByID(ctx, q, up)
		if err != nil {
			return err
		}
		v.Ladder = append(v.Ladder, p)
		up = p.Parent
	}
	slices.Reverse(v.Ladder)
	if v.Below, err = tallyBelow(ctx, q, s.today(), t.ID); err != nil {
		return err
	}
	if v.Extensions, err = extensionsOf(ctx, q, t.ID); err != nil {
		return err
	}
	if v.Cosigns, err = cosignsWhere(ctx, q, "c.task_id = $1 ORDER BY c.at, c.id", string(t.ID)); err != nil {
		return err
	}
	if v.Reminders, err = remindersOf(ctx, q, t.ID); err != nil {
		return err
	}
	answers, err := answersOf(ctx, q, "t.id = $1", string(t.ID))
	v.Answers = answers[t.ID]
	return err
}

func granted(list []Extension) []Extension {
	return slices.DeleteFunc(slices.Clone(list), func(x Extension) bool { return x.State != ExtensionGranted })
}

// fillIn keeps the answers to the fields of the issue; every field is filled in.
func (s *Service) fillIn(ctx context.Context, tx *audit.Tx, who actor.Actor, t Task, c StepCmd) error {
	if t.Issue == "" {
		return nil
	}
	x, err := issueByID(ctx, tx, t.Issue)
	if err != nil {
		return err
	}
	fields := x.Command.Fields()
	var bad fault.Fields
	var values []string
	for i, f := range fields {
		v := strings.TrimSpace(c.Answers[f])
		if v == "" {
			bad.Add(AnswerName(i), "task.bad.answer", f)
		}
		bad.Max(AnswerName(i), v, maxReason)
		values = append(values, v)
	}
	if err := bad.Err(); err != nil {
		return err
	}
	return insertAnswers(ctx, tx, t.ID, who.Person, fields, values)
}

// AnswerName is the name of the n-th field of an issue in the form of a report.
func AnswerName(n int) string { return fmt.Sprintf("answer%d", n) }

// signed refuses a report while a unit that was asked to sign it has not.
func signed(ctx context.Context, q db.Q, task id.ID) error {
	open, err := cosignsWhere(ctx, q, "c.task_id = $1 AND c.state = 'asked' LIMIT 1", string(task))
	if err == nil && len(open) > 0 {
		err = fault.State("task.bad.unsigned")
	}
	return err
}

// taskStep loads a task for one of the actions that have a method of their own.
func (s *Service) taskStep(ctx context.Context, who actor.Actor, n id.ID, do string, rev int64, fn func(tx *audit.Tx, t Task) error) error {
	return s.Log.Write(ctx, who, "task."+do, func(tx *audit.Tx) error {
		t, err := s.loadTask(ctx, tx, who, n, do)
		if err != nil {
			return err
		}
		if rev != 0 && rev != t.Rev {
			return fault.Conflict("task")
		}
		if t.State, err = TaskFlow.Next(t.State, do); err != nil {
			return err
		}
		return fn(tx, t)
	})
}

// oneUnit finds the unit that a text means, at or below another one.
func (s *Service) oneUnit(text string, top id.ID, bad *fault.Fields) id.ID {
	found := s.Find(strings.TrimSpace(text))
	if strings.TrimSpace(text) == "" || len(found) != 1 {
		bad.Add("unit", "task.bad.unit", text)
		return ""
	}
	if !strings.HasPrefix(s.Dir.Place(found[0]).Path, s.Dir.Place(top).Path) {
		bad.Add("unit", "task.bad.above", s.Dir.Name(found[0]))
	}
	return found[0]
}

// UnitCmd names a unit with words.
type UnitCmd struct {
	Unit string `json:"unit"`
	Text string `json:"text"`
	Rev  int64  `json:"rev"`
}

// HandOn says that a task belongs to another unit (转办); who asked decides.
func (s *Service) HandOn(ctx context.Context, who actor.Actor, n id.ID, c UnitCmd) error {
	return s.taskStep(ctx, who, n, "hand_on", c.Rev, func(tx *audit.Tx, t Task) error {
		var bad fault.Fields
		bad.Need("text", c.Text)
		bad.Max("text", c.Text, maxText)
		to := s.oneUnit(c.Unit, t.By, &bad)
		if to == t.Unit && to != "" {
			bad.Add("unit", "task.bad.self")
		}
		if err := bad.Err(); err != nil {
			return err
		}
		kids, err := childrenOf(ctx, tx, t.ID)
		if err != nil {
			return err
		}
		if len(kids) > 0 {
			return fault.State("task.bad.broken")
		}
		t.HandTo = to
		if err := updateTask(ctx, tx, t); err != nil {
			return err
		}
		return s.note(ctx, tx, who, t.ID, "hand_on", s.Dir.Name(to)+"\n"+c.Text, nil)
	})
}

// AskCosign asks another unit to sign what is going to be reported (会签).
func (s *Service) AskCosign(ctx context.Context, who actor.Actor, n id.ID, c UnitCmd) (x Cosign, err error) {
	err = s.taskStep(ctx, who, n, "cosign", 0, func(tx *audit.Tx, t Task) error {
		var bad fault.Fields
		bad.Need("text", c.Text)
		bad.Max("text", c.Text, maxText)
		unit := s.oneUnit(c.Unit, s.Dir.Root().ID, &bad)
		if unit == t.Unit && unit != "" {
			bad.Add("unit", "task.bad.self")
		}
		if err := bad.Err(); err != nil {
			return err
		}
		x = Cosign{ID: id.New(), Task: t.ID, Unit: unit, By: t.Unit, State: CosignFlow.Start, Text: c.Text, Person: who.Person, At: tx.At, Rev: 1}
		if err := insertCosign(ctx, tx, x); err != nil {
			return err
		}
		return s.note(ctx, tx, who, t.ID, "cosign", s.Dir.Name(unit)+"\n"+c.Text, nil)
	})
	return x, err
}

func (s *Service) loadCosign(ctx context.Context, q db.Q, who actor.Actor, n id.ID, do string) (Cosign, error) {
	c, err := cosignByID(ctx, q, n)
	if err != nil {
		return c, err
	}
	return c, s.judge(ctx, q, who, CosignFlow, c.object(s.Dir.Place), c.Task, do)
}

// CosignView is a countersignature with the task that it belongs to.
type CosignView struct {
	Cosign Cosign           `json:"cosign"`
	Title  string           `json:"title"`
	Ask    string           `json:"measure"`
	Due    clock.Date       `json:"due"`
	Steps  []string         `json:"steps"`
	Names  map[id.ID]string `json:"-"`
}

// Cosign reads one countersignature; who signs sees of the task what he signs.
func (s *Service) Cosign(ctx context.Context, who actor.Actor, n id.ID) (v CosignView, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) (err error) {
		if v.Cosign, err = s.loadCosign(ctx, q, who, n, "read"); err != nil {
			return err
		}
		t, err := taskByID(ctx, q, v.Cosign.Task)
		if err != nil {
			return err
		}
		v.Title, v.Ask, v.Due = t.Title, t.Measure, t.Due
		v.Names, err = s.Names(ctx, q, v.Cosign.Person, v.Cosign.Signer)
		return err
	})
	if err != nil {
		return v, err
	}
	for _, st := range CosignFlow.From(v.Cosign.State) {
		if s.Policy.Can(who, "cosign."+st.Do, v.Cosign.object(s.Dir.Place)) == nil {
			v.Steps = append(v.Steps, st.Do)
		}
	}
	return v, nil
}

// CosignStep agrees, objects or withdraws.
func (s *Service) CosignStep(ctx context.Context, who actor.Actor, n id.ID, do string, c StepCmd) error {
	var bad fault.Fields
	if do == "object" {
		bad.Need("text", c.Text)
	}
	bad.Max("text", c.Text, maxText)
	if err := bad.Err(); err != nil {
		return err
	}
	return s.Log.Write(ctx, who, "cosign."+do, func(tx *audit.Tx) error {
		x, err := s.loadCosign(ctx, tx, who, n, do)
		if err != nil {
			return err
		}
		if c.Rev != 0 && c.Rev != x.Rev {
			return fault.Conflict("cosign")
		}
		if x.State, err = CosignFlow.Next(x.State, do); err != nil {
			return err
		}
		x.Opinion, x.Signer, x.SignedAt = c.Text, who.Person, tx.At
		if err := updateCosign(ctx, tx, x); err != nil {
			return err
		}
		return s.note(ctx, tx, who, x.Task, "cosign_"+do, strings.TrimSpace(s.Dir.Name(x.Unit)+"\n"+c.Text), nil)
	})
}

// ExtendCmd asks for a later date.
type ExtendCmd struct {
	To   clock.Date `json:"to"`
	Text string     `json:"text"`
	Rev  int64      `json:"rev"`
}

// Extend asks for a later date (延期): one request at a time, at most as often
// as the practice allows, never beyond the date of the task above.
func (s *Service) Extend(ctx context.Context, who actor.Actor, n id.ID, c ExtendCmd) error {
	return s.taskStep(ctx, who, n, "extend", c.Rev, func(tx *audit.Tx, t Task) error {
		var bad fault.Fields
		bad.Need("text", c.Text)
		bad.Max("text", c.Text, maxReason)
		switch {
		case c.To == "":
			bad.Need("to", "")
		case c.To <= t.Due || c.To < s.today():
			bad.Add("to", "task.bad.not_later", string(t.Due))
		}
		if t.Parent != "" && c.To != "" {
			p, err := taskByID(ctx, tx, t.Parent)
			if err != nil {
				return err
			}
			if c.To > p.Due {
				bad.Add("to", "task.bad.after_parent", string(p.Due))
			}
		}
		if err := bad.Err(); err != nil {
			return err
		}
		list, err := extensionsOf(ctx, tx, t.ID)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(list, func(x Extension) bool { return x.State == ExtensionAsked }) {
			return fault.State("task.bad.extension_open")
		}
		if len(granted(list)) >= Supervision().Extensions {
			return fault.State("task.bad.extensions", Supervision().Extensions)
		}
		if err := insertExtension(ctx, tx, Extension{ID: id.New(), Task: t.ID, State: ExtensionAsked, From: t.Due, To: c.To, Reason: c.Text, Person: who.Person}); err != nil {
			return err
		}
		return s.note(ctx, tx, who, t.ID, "extend", string(t.Due)+" → "+string(c.To)+"\n"+c.Text, nil)
	})
}

// Decide grants or refuses the open request for a later date; never by the
// person who asked.
func (s *Service) Decide(ctx context.Context, who actor.Actor, n id.ID, grant bool, c StepCmd) error {
	do := "refuse"
	if grant {
		do = "grant"
	}
	var bad fault.Fields
	if !grant {
		bad.Need("text", c.Text)
	}
	bad.Max("text", c.Text, maxReason)
	if err := bad.Err(); err != nil {
		return err
	}
	return s.taskStep(ctx, who, n, do, c.Rev, func(tx *audit.Tx, t Task) error {
		list, err := extensionsOf(ctx, tx, t.ID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(list, func(x Extension) bool { return x.State == ExtensionAsked })
		if i < 0 {
			return fault.State("task.bad.no_extension")
		}
		x := list[i]
		if x.Person == who.Person {
			return fault.State("task.bad.own")
		}
		x.State, x.Judge, x.JudgedAt, x.Opinion = ExtensionRefused, who.Person, tx.At, c.Text
		if grant {
			x.State, t.Due = ExtensionGranted, x.To
			if err := updateTask(ctx, tx, t); err != nil {
				return err
			}
		}
		if err := updateExtension(ctx, tx, x); err != nil {
			return err
		}
		return s.note(ctx, tx, who, t.ID, do, strings.TrimSpace(string(x.From)+" → "+string(x.To)+"\n"+c.Text), nil)
	})
}

// remindPart is how many reminders one transaction writes.
const remindPart = 500

// Remind writes the reminders that are due today, one for each task, date and
// tier, so that running it again changes nothing. They climb: handler, line
// leader, head of the unit, the unit that asked.
func (s *Service) Remind(ctx context.Context) (written int, err error) {
	for _, tier := range Supervision().Tiers {
		until := s.today().AddDays(-tier.Days)
		for {
			var tasks []Task
			if err := s.Log.DB().Read(ctx, func(q db.Q) (err error) {
				tasks, err = dueForReminder(ctx, q, tier.Name, until, remindPart)
				return err
			}); err != nil {
				return written, err
			}
			if len(tasks) == 0 {
				break
			}
			if err := s.Log.Write(ctx, actor.Program("reminders"), "task.remind", func(tx *audit.Tx) error {
				tx.Note("tier", tier.Name)
				return insertReminders(ctx, tx, tier.Name, tasks)
			}); err != nil {
				return written, err
			}
			written += len(tasks)
		}
	}
	return written, nil
}

// moreTodos are what waits beside signing, working and reviewing: issues to
// approve, wordings to correct, countersignatures, extensions, reminders that
// climbed to the actor, quarters to reconcile.
func (s *Service) moreTodos(ctx context.Context, q db.Q, who actor.Actor) (out []web.Todo, err error) {
	if s.Policy.Ever(who, "issue.approve") {
		var args []any
		where := s.Policy.Filter(who, "issue.approve", issuePlaces, &args) + access.Ours(who, "x.unit_id", &args)
		args = append(args, who.Person, todoMax)
		list, err := issuesWhere(ctx, q, fmt.Sprintf("%s AND x.state = 'proposed' AND x.author_id <> $%d ORDER BY x.made_at LIMIT $%d", where, len(args)-1, len(args)), args...)
		if err != nil {
			return nil, err
		}
		for _, x := range list {
			out = append(out, web.Todo{Kind: "issue.todo.approve", Title: x.Title, Unit: s.Dir.Short(x.Unit), Due: x.Command.Due, Href: "/issues/" + string(x.ID), Verb: "issue.do.approve", At: x.MadeAt})
		}
	}
	if s.Policy.Ever(who, "issue.reword") && who.Unit != "" {
		args := []any{string(who.Unit)}
		where := s.Policy.Filter(who, "issue.reword", issuePlaces, &args)
		args = append(args, todoMax)
		list, err := issuesWhere(ctx, q, fmt.Sprintf("x.unit_id = $1 AND x.state = 'sent' AND x.reading = 'contradicts' AND %s ORDER BY x.made_at LIMIT $%d", where, len(args)), args...)
		if err != nil {
			return nil, err
		}
		for _, x := range list {
			out = append(out, web.Todo{Kind: "issue.todo.reword", Title: x.Title, Unit: s.Dir.Short(x.Unit), Href: "/issues/" + string(x.ID), Verb: "issue.do.reword", At: x.MadeAt})
		}
	}
	if s.Policy.Ever(who, "cosign.agree") {
		var args []any
		where := s.Policy.Filter(who, "cosign.agree", cosignPlaces, &args)
		args = append(args, todoMax)
		list, err := cosignsWhere(ctx, q, fmt.Sprintf("%s AND c.state = 'asked' ORDER BY c.at LIMIT $%d", where, len(args)), args...)
		if err != nil {
			return nil, fmt.Errorf("countersignatures to do: %w", err)
		}
		for _, c := range list {
			out = append(out, web.Todo{Kind: "cosign.todo", Title: firstLine(c.Text), Unit: s.Dir.Short(c.By), Href: "/cosigns/" + string(c.ID), Verb: "cosign.do.agree", At: c.At})
		}
	}
	if s.Policy.Ever(who, "task.grant") {
		var args []any
		where := s.Policy.Filter(who, "task.grant", taskPlaces, &args) + access.Ours(who, "t.by_id", &args)
		args = append(args, who.Person, todoMax)
		list, err := tasksWhere(ctx, q, fmt.Sprintf("%s AND t.open = 1 AND EXISTS (SELECT 1 FROM directive_extension e WHERE e.task_id = t.id AND e.state = 'asked' AND e.by_id <> $%d) ORDER BY t.due_on, t.id LIMIT $%d", where, len(args)-1, len(args)), args...)
		if err != nil {
			return nil, fmt.Errorf("extensions to decide: %w", err)
		}
		for _, t := range list {
			out = append(out, web.Todo{Kind: "task.todo.grant", Title: t.Title, Unit: s.Dir.Short(t.Unit), Due: t.Due, Href: "/tasks/" + string(t.ID), Verb: "task.do.grant", At: t.MadeAt})
		}
	}
	for _, tier := range Supervision().Tiers {
		for _, g := range who.Grants {
			if g.Role != tier.Role || g.Unit == "" {
				continue
			}
			col := "t.unit_id"
			if tier.Role == actor.Supervisor {
				col = "t.by_id"
			}
			where, args := s.seen(who, string(g.Unit), tier.Name)
			args = append(args, todoMax)
			list, err := tasksWhere(ctx, q, fmt.Sprintf("%s = $1 AND t.open = 1 AND t.state <> 'reported' AND EXISTS (SELECT 1 FROM directive_reminder r WHERE r.task_id = t.id AND r.due_on = t.due_on AND r.tier = $2) AND %s ORDER BY t.due_on, t.id LIMIT $%d", col, where, len(args)), args...)
			if err != nil {
				return nil, fmt.Errorf("reminders: %w", err)
			}
			for _, t := range list {
				out = append(out, web.Todo{Kind: "task.todo.remind." + tier.Name, Title: t.Title, Unit: s.Dir.Short(t.Unit), Due: t.Due, Href: "/tasks/" + string(t.ID), Verb: "task.do.open", At: t.MadeAt})
			}
		}
	}
	sheets, err := s.dispatchTodos(ctx, q, who)
	if err != nil {
		return nil, err
	}
	more, err := s.accountTodos(ctx, q, who)
	return append(append(out, sheets...), more...), err
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return clip(s, 60)
}
