package directive

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/search"
)

const issueColumns = "x.id, x.directive_id, x.parent_id, x.unit_id, x.year, x.no, x.title, x.state, x.command, x.every, x.next_on, x.until_on, x.author_id, x.made_at, x.judge_id, x.judged_at, x.opinion, x.reading, x.reader_id, x.read_note, x.rev"

// issuePlaces tells the policy where a list of issues keeps what object holds.
var issuePlaces = access.Columns{State: "x.state", By: "x.unit_id", Units: []string{"x.unit_id"}, Owners: []string{"x.author_id"}, Concern: []string{"x.id"}}

func scanIssue(r scanner) (x Issue, err error) {
	var command string
	if err := r.Scan(&x.ID, &x.Directive, &x.Parent, &x.Unit, &x.Year, &x.No, &x.Title, &x.State, &command, &x.Every, &x.Next, &x.Until, &x.Author, &x.MadeAt, &x.Judge, &x.JudgedAt, &x.Opinion, &x.Reading, &x.Reader, &x.ReadNote, &x.Rev); err != nil {
		return x, err
	}
	if err := json.Unmarshal([]byte(command), &x.Command); err != nil {
		return x, fmt.Errorf("command of issue %s: %w", x.ID, err)
	}
	return x, nil
}

func issueByID(ctx context.Context, q db.Q, n id.ID) (Issue, error) {
	x, err := scanIssue(q.QueryRow(ctx, "SELECT "+issueColumns+" FROM directive_issue x WHERE x.id = $1", string(n)))
	return x, db.Absent(err, "issue")
}

func issuesWhere(ctx context.Context, q db.Q, where string, args ...any) ([]Issue, error) {
	rows, err := q.Query(ctx, "SELECT "+issueColumns+" FROM directive_issue x WHERE "+where, args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (Issue, error) { return scanIssue(r) })
	if err != nil {
		return nil, fmt.Errorf("list issues: %w", err)
	}
	return out, nil
}

// insertIssue numbers an issue and writes it.
func insertIssue(ctx context.Context, tx *audit.Tx, x *Issue) error {
	if err := tx.QueryRow(ctx, "SELECT COALESCE(MAX(no), 0) + 1 FROM directive_issue WHERE unit_id = $1 AND year = $2", string(x.Unit), x.Year).Scan(&x.No); err != nil {
		return fmt.Errorf("number an issue: %w", err)
	}
	command, err := json.Marshal(x.Command)
	if err != nil {
		return fmt.Errorf("write issue: %w", err)
	}
	tx.Touch("directive_issue", x.ID)
	if _, err := tx.Exec(ctx, "INSERT INTO directive_issue (id, directive_id, parent_id, unit_id, year, no, title, state, command, every, next_on, until_on, author_id, made_at, judge_id, judged_at, opinion, reading, reader_id, read_note, rev) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,'','','',1)",
		string(x.ID), string(x.Directive), string(x.Parent), string(x.Unit), x.Year, x.No, x.Title, x.State, string(command), x.Every, string(x.Next), string(x.Until), string(x.Author), x.MadeAt, string(x.Judge), x.JudgedAt, x.Opinion); err != nil {
		return fmt.Errorf("write issue: %w", err)
	}
	return search.Add(ctx, tx.Tx, "issue", x.ID, x.Title+"\n"+search.Initials(x.Title)+"\n"+x.Command.Measure+"\n"+x.Command.Asks)
}

func updateIssue(ctx context.Context, tx *audit.Tx, x Issue) error {
	command, err := json.Marshal(x.Command)
	if err != nil {
		return fmt.Errorf("write issue: %w", err)
	}
	tx.Touch("directive_issue", x.ID)
	return tx.Change(ctx, "issue", "UPDATE directive_issue SET title = $1, state = $2, command = $3, next_on = $4, judge_id = $5, judged_at = $6, opinion = $7, reading = $8, reader_id = $9, read_note = $10, rev = rev + 1 WHERE id = $11 AND rev = $12",
		x.Title, x.State, string(command), string(x.Next), string(x.Judge), x.JudgedAt, x.Opinion, x.Reading, string(x.Reader), x.ReadNote, string(x.ID), x.Rev)
}

// listIssues gives one page, newest first.
func listIssues(ctx context.Context, q db.Q, filter string, args []any, p page.Query) (out []Issue, next page.Next, err error) {
	where := filter
	arg := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	if p.View == IssueProposed {
		where += " AND x.state = 'proposed'"
	}
	if p.View == "recurring" {
		where += " AND x.every <> ''"
	}
	if text := p.Filter.Get("q"); text != "" {
		if m := search.Cond(q.Engine(), "issue", "x.id", text, &args); m != "" {
			where += " AND " + m
		}
	}
	if v := p.Filter.Get("directive"); v != "" {
		where += " AND x.directive_id = " + arg(v)
	}
	if err := q.QueryRow(ctx, "SELECT COUNT(*) FROM (SELECT 1 FROM directive_issue x WHERE "+where+" LIMIT "+strconv.Itoa(page.CountCap+1)+") y", args...).Scan(&next.Count); err != nil {
		return nil, next, fmt.Errorf("count issues: %w", err)
	}
	if len(p.After) == 2 {
		where += " AND (x.made_at, x.id) < (" + arg(p.After[0]) + ", " + arg(p.After[1]) + ")"
	}
	if out, err = issuesWhere(ctx, q, where+" ORDER BY x.made_at DESC, x.id DESC LIMIT "+arg(p.Size+1), args...); err != nil {
		return nil, next, err
	}
	out = page.Cut(out, p.Size, &next, func(last Issue) []string { return []string{last.MadeAt, string(last.ID)} })
	return out, next, nil
}

// Tally tells reported from verified: what is only said from what somebody else
// has checked.
type Tally struct {
	All      int `json:"all"`
	ToSign   int `json:"to_sign"`
	Working  int `json:"working"`
	Reported int `json:"reported"` // said, not yet checked
	Verified int `json:"verified"` // checked by who asked
	Late     int `json:"late"`
	Evidence int `json:"evidence"` // reported or verified with a file
}

const tallySums = `COUNT(*), COALESCE(SUM(CASE WHEN t.state IN ('to_sign','handing') THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN t.state IN ('working','redo') THEN 1 ELSE 0 END), 0),
	COALESCE(SUM(CASE WHEN t.state = 'reported' THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN t.state = 'done' THEN 1 ELSE 0 END), 0),
	COALESCE(SUM(CASE WHEN t.open = 1 AND t.state <> 'reported' AND t.due_on <> '' AND t.due_on < $1 THEN 1 ELSE 0 END), 0)`

func (x *Tally) into() []any {
	return []any{&x.All, &x.ToSign, &x.Working, &x.Reported, &x.Verified, &x.Late}
}

// tallyOf sums tasks by a condition; $1 is today.
func tallyOf(ctx context.Context, q db.Q, today clock.Date, where string, args ...any) (x Tally, err error) {
	err = q.QueryRow(ctx, "SELECT "+tallySums+" FROM directive_task t WHERE t.state <> 'withdrawn' AND "+where, append([]any{string(today)}, args...)...).Scan(x.into()...)
	if err != nil {
		err = fmt.Errorf("sum tasks: %w", err)
	}
	return x, err
}

// tallyBelow sums all tasks that a task was broken down into, level by level.
func tallyBelow(ctx context.Context, q db.Q, today clock.Date, task id.ID) (Tally, error) {
	return tallyOf(ctx, q, today, "t.id IN (WITH RECURSIVE down(id) AS (SELECT c.id FROM directive_task c WHERE c.parent_id = $2 UNION ALL SELECT c.id FROM directive_task c JOIN down d ON c.parent_id = d.id) SELECT id FROM down)", string(task))
}

// tallyByRequirement sums the tasks of a directive that the reader may see.
func tallyByRequirement(ctx context.Context, q db.Q, today clock.Date, directive id.ID, scope func(args *[]any) string) (map[id.ID]Tally, error) {
	args := []any{string(today), string(directive)}
	where := scope(&args)
	rows, err := q.Query(ctx, "SELECT s.requirement_id, "+tallySums+`, COALESCE(SUM(CASE WHEN t.state IN ('reported','done') AND EXISTS (SELECT 1 FROM directive_entry e WHERE e.task_id = t.id AND e.hash <> '') THEN 1 ELSE 0 END), 0)
		FROM directive_source s JOIN directive_task t ON t.id = s.task_id WHERE t.directive_id = $2 AND t.state <> 'withdrawn' AND `+where+" GROUP BY s.requirement_id", args...)
	type line struct {
		n id.ID
		Tally
	}
	list, err := db.Collect(rows, err, func(r *sql.Rows) (l line, err error) {
		return l, r.Scan(append(append([]any{&l.n}, l.into()...), &l.Evidence)...)
	})
	if err != nil {
		return nil, fmt.Errorf("sum tasks by requirement: %w", err)
	}
	out := map[id.ID]Tally{}
	for _, l := range list {
		out[l.n] = l.Tally
	}
	return out, nil
}

// tasksOfIssue reads the tasks of an issue, $1, that fulfil a condition; those
// that wait first.
func tasksOfIssue(ctx context.Context, q db.Q, where string, args []any, limit int) ([]Task, error) {
	return tasksWhere(ctx, q, "t.issue_id = $1 AND "+where+" ORDER BY t.open DESC, t.due_on, t.unit_id, t.id LIMIT "+strconv.Itoa(limit), args...)
}

const extensionColumns = "id, task_id, state, from_on, to_on, reason, by_id, at, judge_id, judged_at, opinion, rev"

func extensionsOf(ctx context.Context, q db.Q, task id.ID) ([]Extension, error) {
	rows, err := q.Query(ctx, "SELECT "+extensionColumns+" FROM directive_extension WHERE task_id = $1 ORDER BY at, id", string(task))
	return db.Collect(rows, err, func(r *sql.Rows) (x Extension, err error) {
		return x, r.Scan(&x.ID, &x.Task, &x.State, &x.From, &x.To, &x.Reason, &x.Person, &x.At, &x.Judge, &x.JudgedAt, &x.Opinion, &x.Rev)
	})
}

func insertExtension(ctx context.Context, tx *audit.Tx, x Extension) error {
	tx.Touch("directive_extension", x.ID)
	_, err := tx.Exec(ctx, "INSERT INTO directive_extension ("+extensionColumns+") VALUES ($1,$2,$3,$4,$5,$6,$7,$8,'','','',1)", string(x.ID), string(x.Task), x.State, string(x.From), string(x.To), x.Reason, string(x.Person), tx.At)
	return err
}

func updateExtension(ctx context.Context, tx *audit.Tx, x Extension) error {
	tx.Touch("directive_extension", x.ID)
	return tx.Change(ctx, "task_extension", "UPDATE directive_extension SET state = $1, judge_id = $2, judged_at = $3, opinion = $4, rev = rev + 1 WHERE id = $5 AND rev = $6", x.State, string(x.Judge), x.JudgedAt, x.Opinion, string(x.ID), x.Rev)
}

const cosignColumns = "c.id, c.task_id, c.unit_id, c.by_unit_id, c.state, c.text, c.by_id, c.at, c.opinion, c.signer_id, c.signed_at, c.rev"

// cosignPlaces tells the policy where a list of countersignatures keeps what object holds.
var cosignPlaces = access.Columns{State: "c.state", Units: []string{"c.unit_id"}, By: "c.by_unit_id", Concern: []string{"c.task_id"}}

func cosignsWhere(ctx context.Context, q db.Q, where string, args ...any) ([]Cosign, error) {
	rows, err := q.Query(ctx, "SELECT "+cosignColumns+" FROM directive_cosign c WHERE "+where, args...)
	return db.Collect(rows, err, func(r *sql.Rows) (Cosign, error) { return scanCosign(r) })
}

func scanCosign(r scanner) (c Cosign, err error) {
	return c, r.Scan(&c.ID, &c.Task, &c.Unit, &c.By, &c.State, &c.Text, &c.Person, &c.At, &c.Opinion, &c.Signer, &c.SignedAt, &c.Rev)
}

func cosignByID(ctx context.Context, q db.Q, n id.ID) (Cosign, error) {
	c, err := scanCosign(q.QueryRow(ctx, "SELECT "+cosignColumns+" FROM directive_cosign c WHERE c.id = $1", string(n)))
	return c, db.Absent(err, "cosign")
}

func insertCosign(ctx context.Context, tx *audit.Tx, c Cosign) error {
	tx.Touch("directive_cosign", c.ID)
	_, err := tx.Exec(ctx, "INSERT INTO directive_cosign (id, task_id, unit_id, by_unit_id, state, text, by_id, at, opinion, signer_id, signed_at, rev) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,'','','',1)",
		string(c.ID), string(c.Task), string(c.Unit), string(c.By), c.State, c.Text, string(c.Person), tx.At)
	return err
}

func updateCosign(ctx context.Context, tx *audit.Tx, c Cosign) error {
	tx.Touch("directive_cosign", c.ID)
	return tx.Change(ctx, "cosign", "UPDATE directive_cosign SET state = $1, opinion = $2, signer_id = $3, signed_at = $4, rev = rev + 1 WHERE id = $5 AND rev = $6", c.State, c.Opinion, string(c.Signer), c.SignedAt, string(c.ID), c.Rev)
}

// dueForReminder lists open tasks whose tier is reached and of which nobody was reminded.
func dueForReminder(ctx context.Context, q db.Q, tier string, until clock.Date, limit int) ([]Task, error) {
	return tasksWhere(ctx, q, `t.open = 1 AND t.state <> 'reported' AND t.due_on <> '' AND t.due_on <= $1
		AND NOT EXISTS (SELECT 1 FROM directive_reminder r WHERE r.task_id = t.id AND r.due_on = t.due_on AND r.tier = $2) ORDER BY t.due_on, t.id LIMIT $3`, string(until), tier, limit)
}

func insertReminders(ctx context.Context, tx *audit.Tx, tier string, tasks []Task) error {
	var rows [][]any
	for _, t := range tasks {
		n := id.New()
		tx.Touch("directive_reminder", n)
		rows = append(rows, []any{string(n), string(t.ID), string(t.Due), tier, tx.At})
	}
	return tx.InsertMany(ctx, "directive_reminder", "id, task_id, due_on, tier, at", rows)
}

// Reminder is one step of a reminder that climbs.
type Reminder struct {
	Tier string `json:"tier"`
	At   string `json:"at"`
}

func remindersOf(ctx context.Context, q db.Q, task id.ID) ([]Reminder, error) {
	rows, err := q.Query(ctx, "SELECT tier, at FROM directive_reminder WHERE task_id = $1 ORDER BY at, tier", string(task))
	return db.Collect(rows, err, func(r *sql.Rows) (x Reminder, err error) { return x, r.Scan(&x.Tier, &x.At) })
}

// Answer is what a unit filled in for one field of an issue.
type Answer struct {
	Task  id.ID  `json:"task"`
	Label string `json:"label"`
	Value string `json:"value"`
	At    string `json:"at"`
}

func insertAnswers(ctx context.Context, tx *audit.Tx, task, by id.ID, labels, values []string) error {
	var rows [][]any
	for i, l := range labels {
		n := id.New()
		tx.Touch("directive_answer", n)
		rows = append(rows, []any{string(n), string(task), l, values[i], string(by), tx.At})
	}
	return tx.InsertMany(ctx, "directive_answer", "id, task_id, label, value, by_id, at", rows)
}

// answersOf gives the latest answers of tasks by a condition on the task.
func answersOf(ctx context.Context, q db.Q, where string, args ...any) (map[id.ID]map[string]string, error) {
	rows, err := q.Query(ctx, "SELECT a.task_id, a.label, a.value, a.at FROM directive_answer a JOIN directive_task t ON t.id = a.task_id WHERE "+where+" ORDER BY a.at, a.id", args...)
	list, err := db.Collect(rows, err, func(r *sql.Rows) (x Answer, err error) { return x, r.Scan(&x.Task, &x.Label, &x.Value, &x.At) })
	if err != nil {
		return nil, fmt.Errorf("read answers: %w", err)
	}
	out := map[id.ID]map[string]string{}
	for _, a := range list {
		if out[a.Task] == nil {
			out[a.Task] = map[string]string{}
		}
		out[a.Task][a.Label] = a.Value
	}
	return out, nil
}

// rewordTasks gives the open tasks of an issue its new wording.
func rewordTasks(ctx context.Context, tx *audit.Tx, x Issue) error {
	rows, err := tx.Query(ctx, "SELECT id FROM directive_task WHERE issue_id = $1 AND open = 1", string(x.ID))
	list, err := db.Collect(rows, err, func(r *sql.Rows) (n id.ID, err error) { return n, r.Scan(&n) })
	if err != nil {
		return fmt.Errorf("tasks to reword: %w", err)
	}
	for _, n := range list {
		tx.Touch("directive_task", n)
	}
	_, err = tx.Exec(ctx, "UPDATE directive_task SET title = $1, measure = $2, rev = rev + 1 WHERE issue_id = $3 AND open = 1", x.Title, x.Command.Measure, string(x.ID))
	return err
}

// askedAt counts the tasks that an issue sent to some units.
func askedAt(ctx context.Context, q db.Q, issue id.ID, units []id.ID) (n int, err error) {
	for part := 0; part < len(units); part += 500 {
		args := []any{string(issue)}
		var marks []string
		for _, u := range units[part:min(part+500, len(units))] {
			args = append(args, string(u))
			marks = append(marks, "$"+strconv.Itoa(len(args)))
		}
		var k int
		if err := q.QueryRow(ctx, "SELECT COUNT(*) FROM directive_task WHERE issue_id = $1 AND unit_id IN ("+strings.Join(marks, ",")+")", args...).Scan(&k); err != nil {
			return n, fmt.Errorf("units asked twice: %w", err)
		}
		n += k
	}
	return n, nil
}

// belowArg narrows tasks to a unit and everything below it.
func belowArg(n int) string {
	return " AND t.unit_id IN (SELECT unit_id FROM access_tree WHERE above_id = $" + strconv.Itoa(n) + ")"
}
