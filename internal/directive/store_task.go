package directive

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/search"
)

const taskColumns = "t.id, t.directive_id, COALESCE(t.parent_id, ''), t.unit_id, t.by_id, t.title, t.measure, t.kind, t.due_on, t.state, t.reporter_id, t.sourceless, t.made_at, t.done_on, t.issue_id, t.period, t.hand_to, t.rev"

// taskPlaces tells the policy where a list of tasks keeps what object holds.
var taskPlaces = access.Columns{State: "t.state", Units: []string{"t.unit_id"}, By: "t.by_id", Concern: []string{"t.id"}}

// taskScopes are the judgement of the policy in two parts, by which a task is
// the reader's: because of the unit that has it, or of the unit that sent it.
func taskScopes(policy *access.Policy, who actor.Actor, action string, args *[]any) []string {
	received, sent := taskPlaces, taskPlaces
	received.By, sent.Units = "", nil
	var out []string
	for _, c := range []access.Columns{received, sent} {
		if cond := policy.Filter(who, action, c, args); cond != "FALSE" {
			out = append(out, cond)
		}
	}
	return out
}

func scanTask(r scanner) (t Task, err error) {
	return t, r.Scan(&t.ID, &t.Directive, &t.Parent, &t.Unit, &t.By, &t.Title, &t.Measure, &t.Kind, &t.Due, &t.State, &t.Reporter, &t.Sourceless, &t.MadeAt, &t.DoneOn, &t.Issue, &t.Period, &t.HandTo, &t.Rev)
}

func taskByID(ctx context.Context, q db.Q, n id.ID) (Task, error) {
	t, err := scanTask(q.QueryRow(ctx, "SELECT "+taskColumns+" FROM directive_task t WHERE t.id = $1", string(n)))
	return t, db.Absent(err, "task")
}

func tasksWhere(ctx context.Context, q db.Q, where string, args ...any) ([]Task, error) {
	rows, err := q.Query(ctx, "SELECT "+taskColumns+" FROM directive_task t WHERE "+where, args...)
	return db.Collect(rows, err, func(r *sql.Rows) (Task, error) { return scanTask(r) })
}

func tasksOf(ctx context.Context, q db.Q, directive id.ID) ([]Task, error) {
	return tasksWhere(ctx, q, "t.directive_id = $1 ORDER BY t.unit_id, t.id", string(directive))
}

func childrenOf(ctx context.Context, q db.Q, task id.ID) ([]Task, error) {
	return tasksWhere(ctx, q, "t.parent_id = $1 ORDER BY t.unit_id, t.id", string(task))
}

func insertTasks(ctx context.Context, tx *audit.Tx, list []Task, sources map[id.ID][]id.ID) error {
	var rows, links [][]any
	for _, t := range list {
		tx.Touch("directive_task", t.ID)
		rows = append(rows, []any{string(t.ID), string(t.Directive), db.Null(t.Parent), string(t.Unit), string(t.By), t.Title, t.Measure, t.Kind, string(t.Due), t.State, 1,
			string(t.Reporter), t.Sourceless, t.MadeAt, string(t.DoneOn), string(t.Issue), t.Period, 1})
		for _, r := range sources[t.ID] {
			n := id.New()
			tx.Touch("directive_source", n)
			links = append(links, []any{string(n), string(t.ID), string(r)})
		}
	}
	if err := tx.InsertMany(ctx, "directive_task", "id, directive_id, parent_id, unit_id, by_id, title, measure, kind, due_on, state, open, reporter_id, sourceless, made_at, done_on, issue_id, period, rev", rows); err != nil {
		return err
	}
	return tx.InsertMany(ctx, "directive_source", "id, task_id, requirement_id", links)
}

// indexTasks lets the tasks of one issue be found by their words.
func indexTasks(ctx context.Context, tx *audit.Tx, list []Task) error {
	texts := make([]search.Text, len(list))
	for i, t := range list {
		texts[i] = search.Text{Ref: t.ID, Text: t.words()}
	}
	return search.AddMany(ctx, tx.Tx, "task", texts)
}

// words are what a task is found by.
func (t Task) words() string {
	return t.Title + "\n" + search.Initials(t.Title) + "\n" + t.Measure
}

func updateTask(ctx context.Context, tx *audit.Tx, t Task) error {
	open := 0
	if t.Open() {
		open = 1
	}
	tx.Touch("directive_task", t.ID)
	return tx.Change(ctx, "task", "UPDATE directive_task SET state = $1, open = $2, reporter_id = $3, done_on = $4, unit_id = $5, title = $6, measure = $7, due_on = $8, hand_to = $9, rev = rev + 1 WHERE id = $10 AND rev = $11",
		t.State, open, string(t.Reporter), string(t.DoneOn), string(t.Unit), t.Title, t.Measure, string(t.Due), string(t.HandTo), string(t.ID), t.Rev)
}

func insertEntry(ctx context.Context, tx *audit.Tx, e Entry) error {
	tx.Touch("directive_entry", e.ID)
	_, err := tx.Exec(ctx, "INSERT INTO directive_entry (id, task_id, at, action, text, by_id, hash, name, mime, size) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)",
		string(e.ID), string(e.Task), tx.At, e.Action, e.Text, string(e.By), e.Hash, e.Name, e.Mime, e.Size)
	return err
}

func entriesOf(ctx context.Context, q db.Q, task id.ID) ([]Entry, error) {
	rows, err := q.Query(ctx, "SELECT id, task_id, at, action, text, by_id, hash, name, mime, size FROM directive_entry WHERE task_id = $1 ORDER BY id", string(task))
	return db.Collect(rows, err, func(r *sql.Rows) (Entry, error) { return scanEntry(r) })
}

func scanEntry(r scanner) (e Entry, err error) {
	return e, r.Scan(&e.ID, &e.Task, &e.At, &e.Action, &e.Text, &e.By, &e.Hash, &e.Name, &e.Mime, &e.Size)
}

// entryOf finds an entry through its task: never by its own id alone.
func entryOf(ctx context.Context, q db.Q, task, entry id.ID) (Entry, error) {
	e, err := scanEntry(q.QueryRow(ctx, "SELECT id, task_id, at, action, text, by_id, hash, name, mime, size FROM directive_entry WHERE id = $1 AND task_id = $2", string(entry), string(task)))
	return e, db.Absent(err, "file")
}

// sourcesOf gives the requirements of tasks of a directive.
func sourcesOf(ctx context.Context, q db.Q, directive id.ID) (map[id.ID][]id.ID, error) {
	rows, err := q.Query(ctx, "SELECT s.task_id, s.requirement_id FROM directive_source s JOIN directive_task t ON t.id = s.task_id WHERE t.directive_id = $1", string(directive))
	return pairs(rows, err)
}

func sourcesOfTask(ctx context.Context, q db.Q, task id.ID) ([]id.ID, error) {
	rows, err := q.Query(ctx, "SELECT task_id, requirement_id FROM directive_source WHERE task_id = $1", string(task))
	m, err := pairs(rows, err)
	return m[task], err
}

func pairs(rows *sql.Rows, err error) (map[id.ID][]id.ID, error) {
	type pair struct{ a, b id.ID }
	list, err := db.Collect(rows, err, func(r *sql.Rows) (p pair, err error) { return p, r.Scan(&p.a, &p.b) })
	if err != nil {
		return nil, fmt.Errorf("read sources: %w", err)
	}
	out := map[id.ID][]id.ID{}
	for _, p := range list {
		out[p.a] = append(out[p.a], p.b)
	}
	return out, nil
}

// counts of the tasks of directives by state, for the list.
func countTasks(ctx context.Context, q db.Q, directives []id.ID) (map[id.ID]map[string]int, error) {
	out := map[id.ID]map[string]int{}
	for _, d := range directives {
		rows, err := q.Query(ctx, "SELECT state, COUNT(*) FROM directive_task WHERE directive_id = $1 GROUP BY state", string(d))
		type c struct {
			state string
			n     int
		}
		list, err := db.Collect(rows, err, func(r *sql.Rows) (x c, err error) { return x, r.Scan(&x.state, &x.n) })
		if err != nil {
			return nil, fmt.Errorf("count tasks: %w", err)
		}
		out[d] = map[string]int{}
		for _, x := range list {
			out[d][x.state] = x.n
		}
	}
	return out, nil
}

// Saved views of the tasks.
const (
	ViewOpen   = "open"
	ViewLate   = "late"
	ViewReview = "review"
	ViewAll    = "all"
)

// listTasks gives one page, the nearest date first. scopes are the ways in which
// the reader may see a task, as receiver or as sender: each runs on an index of
// its own, which one condition with OR would not.
func listTasks(ctx context.Context, q db.Q, scopes []string, args []any, p page.Query, today clock.Date) (out []Task, next page.Next, err error) {
	where := ""
	arg := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	switch p.View {
	case ViewAll:
	case ViewLate:
		where += " AND t.open = 1 AND t.state <> 'reported' AND t.due_on <> '' AND t.due_on < " + arg(string(today))
	case ViewReview:
		where += " AND t.open = 1 AND t.state = 'reported'"
	default:
		where += " AND t.open = 1"
	}
	for key, col := range map[string]string{"state": "t.state", "unit": "t.unit_id", "directive": "t.directive_id", "kind": "t.kind"} {
		if v := p.Filter.Get(key); v != "" {
			where += " AND " + col + " = " + arg(v)
		}
	}
	if v := p.Filter.Get("under"); v != "" { // a unit and everything below it: where sums of a dashboard lead
		args = append(args, v)
		where += belowArg(len(args))
	}
	if text := p.Filter.Get("q"); text != "" {
		if m := search.Cond(q.Engine(), "task", "t.id", text, &args); m != "" {
			where += " AND " + m
		}
	}
	if len(scopes) == 0 {
		return nil, next, nil
	}
	ids := func(rest string) string {
		var sb strings.Builder
		for i, scope := range scopes {
			if i > 0 {
				sb.WriteString(" UNION ")
			}
			fmt.Fprintf(&sb, "SELECT id FROM (SELECT t.id FROM directive_task t WHERE %s%s%s) s%d", scope, where, rest, i)
		}
		return sb.String()
	}
	limit := strconv.Itoa(page.CountCap + 1)
	if err := q.QueryRow(ctx, "SELECT COUNT(*) FROM (SELECT id FROM ("+ids(" LIMIT "+limit)+") y LIMIT "+limit+") x", args...).Scan(&next.Count); err != nil {
		return nil, next, fmt.Errorf("count tasks: %w", err)
	}
	if n := len(p.After); n > 0 {
		if n != 3 || p.After[0] != "0" && p.After[0] != "1" {
			return nil, next, fault.Invalid("error.page_cursor")
		}
		where += " AND (t.open, t.due_on, t.id) > (CAST(" + arg(p.After[0]) + " AS BIGINT), " + arg(p.After[1]) + ", " + arg(p.After[2]) + ")"
	}
	order := " ORDER BY t.open, t.due_on, t.id LIMIT " + arg(p.Size+1)
	if out, err = tasksWhere(ctx, q, "t.id IN ("+ids(order)+")"+order, args...); err != nil {
		return nil, next, fmt.Errorf("list tasks: %w", err)
	}
	if len(out) > p.Size {
		out = out[:p.Size]
		last := out[len(out)-1]
		open := "0"
		if last.Open() {
			open = "1"
		}
		next.After = page.Cursor(open, string(last.Due), string(last.ID))
	}
	return out, next, nil
}

// insertEntries writes one step of many tasks.
func insertEntries(ctx context.Context, tx *audit.Tx, list []Entry) error {
	var rows [][]any
	for _, e := range list {
		tx.Touch("directive_entry", e.ID)
		rows = append(rows, []any{string(e.ID), string(e.Task), tx.At, e.Action, e.Text, string(e.By), e.Hash, e.Name, e.Mime, e.Size})
	}
	return tx.InsertMany(ctx, "directive_entry", "id, task_id, at, action, text, by_id, hash, name, mime, size", rows)
}

// tasksNamed reads those of some tasks that fulfil a condition, in the order in which they are named.
func tasksNamed(ctx context.Context, q db.Q, named []id.ID, where string, args []any, limit int) ([]Task, error) {
	var out []Task
	for part := range slices.Chunk(named, 500) {
		args, marks := slices.Clone(args), make([]string, len(part))
		place := map[id.ID]int{}
		for i, n := range part {
			args = append(args, string(n))
			marks[i] = "$" + strconv.Itoa(len(args))
			place[n] = i
		}
		list, err := tasksWhere(ctx, q, "t.id IN ("+strings.Join(marks, ",")+") AND "+where, args...)
		if err != nil {
			return nil, fmt.Errorf("read the tasks that were found: %w", err)
		}
		slices.SortFunc(list, func(a, b Task) int { return place[a.ID] - place[b.ID] })
		if out = append(out, list...); len(out) >= limit {
			return out[:limit], nil
		}
	}
	return out, nil
}

// tasksHolding finds the tasks of a reader that hold a text; scopes as for [listTasks].
func tasksHolding(ctx context.Context, q db.Q, scopes []string, args []any, text string, limit int) ([]Task, error) {
	holds := search.Cond(q.Engine(), "task", "t.id", text, &args)
	if holds == "" || len(scopes) == 0 {
		return nil, nil
	}
	args = append(args, limit)
	n := "$" + strconv.Itoa(len(args))
	var ids []string
	for i, scope := range scopes {
		ids = append(ids, fmt.Sprintf("SELECT id FROM (SELECT t.id FROM directive_task t WHERE %s AND %s ORDER BY t.open, t.due_on, t.id LIMIT %s) s%d", scope, holds, n, i))
	}
	return tasksWhere(ctx, q, "t.id IN ("+strings.Join(ids, " UNION ")+") ORDER BY t.open, t.due_on, t.id LIMIT "+n, args...)
}
