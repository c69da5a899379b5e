package directive

import (
	"context"
	"database/sql"
	"encoding/json"
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
)

const dispatchColumns = "d.id, d.unit_id, d.directive_id, d.kind, d.period, d.no, d.state, d.frozen_on, d.counts, d.lines, d.units, d.digest, d.remark, d.author_id, d.made_at, d.judge_id, d.judged_at, d.notice_id, d.rev"

const partColumns = "p.id, p.dispatch_id, p.unit_id, p.by_unit_id, p.leader_id, p.state, p.counts, p.said, p.person_id, p.at, p.rev"

// dispatchPlaces and partPlaces tell the policy where lists keep what objects hold.
var (
	dispatchPlaces = access.Columns{State: "d.state", Units: []string{"d.unit_id"}, By: "d.unit_id"}
	partPlaces     = access.Columns{State: "p.state", Units: []string{"p.unit_id"}, By: "p.by_unit_id"}
)

// unconcerned leaves out sheets of which a row concerns the reader or his kin: of
// the whole sheet, or of the office in unit.
func unconcerned(who actor.Actor, dispatch, unit string, args *[]any) string {
	kin := who.Kin()
	if len(kin) == 0 || who.Has(actor.System) {
		return ""
	}
	var marks []string
	for _, k := range kin {
		*args = append(*args, string(k))
		marks = append(marks, "$"+strconv.Itoa(len(*args)))
	}
	cond := ""
	if unit != "" {
		cond = " AND r.unit_id = " + unit
	}
	return " AND " + dispatch + " NOT IN (SELECT r.dispatch_id FROM access_concern c JOIN directive_dispatch_row r ON r.task_id = c.object_id WHERE c.person_id IN (" + strings.Join(marks, ",") + ")" + cond + ")"
}

// dispatchConcerns are the persons whom a row of a sheet concerns, of one office or of all.
func dispatchConcerns(ctx context.Context, q db.Q, n, unit id.ID) ([]id.ID, error) {
	rows, err := q.Query(ctx, "SELECT DISTINCT c.person_id FROM access_concern c JOIN directive_dispatch_row r ON r.task_id = c.object_id WHERE r.dispatch_id = $1 AND ($2 = '' OR r.unit_id = $2) ORDER BY c.person_id", string(n), string(unit))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (p id.ID, err error) { return p, r.Scan(&p) })
	if err != nil {
		return nil, fmt.Errorf("whom a sheet concerns: %w", err)
	}
	return out, nil
}

func counted(c Counts) (string, error) {
	b, err := json.Marshal(c)
	return string(b), err
}

func scanDispatch(r scanner) (d Dispatch, err error) {
	var counts string
	if err := r.Scan(&d.ID, &d.Unit, &d.Directive, &d.Kind, &d.Period, &d.No, &d.State, &d.FrozenOn, &counts, &d.Lines, &d.Units, &d.Digest, &d.Remark, &d.Author, &d.MadeAt, &d.Judge, &d.JudgedAt, &d.Notice, &d.Rev); err != nil {
		return d, err
	}
	return d, json.Unmarshal([]byte(counts), &d.Counts)
}

func dispatchByID(ctx context.Context, q db.Q, n id.ID) (Dispatch, error) {
	d, err := scanDispatch(q.QueryRow(ctx, "SELECT "+dispatchColumns+" FROM directive_dispatch d WHERE d.id = $1", string(n)))
	return d, db.Absent(err, "dispatch")
}

func dispatchesWhere(ctx context.Context, q db.Q, where string, args ...any) ([]Dispatch, error) {
	rows, err := q.Query(ctx, "SELECT "+dispatchColumns+" FROM directive_dispatch d WHERE "+where, args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (Dispatch, error) { return scanDispatch(r) })
	if err != nil {
		return nil, fmt.Errorf("list sheets: %w", err)
	}
	return out, nil
}

// lastDispatch is the latest sheet of the same period; No is 0 when there is none.
func lastDispatch(ctx context.Context, q db.Q, d Dispatch) (Dispatch, error) {
	list, err := dispatchesWhere(ctx, q, "d.unit_id = $1 AND d.directive_id = $2 AND d.kind = $3 AND d.period = $4 ORDER BY d.no DESC LIMIT 1", string(d.Unit), string(d.Directive), d.Kind, d.Period)
	if err != nil || len(list) == 0 {
		return Dispatch{}, err
	}
	return list[0], nil
}

// dispatchable are the deployments whose offices have open tasks and no sheet of a week.
func dispatchable(ctx context.Context, q db.Q, week string) ([]Dispatch, error) {
	rows, err := q.Query(ctx, `SELECT x.id, x.unit_id FROM directive x WHERE x.state = $1
		AND EXISTS (SELECT 1 FROM directive_task t WHERE t.directive_id = x.id AND t.by_id = x.unit_id AND t.open = 1)
		AND NOT EXISTS (SELECT 1 FROM directive_dispatch d WHERE d.directive_id = x.id AND d.period = $2) ORDER BY x.id LIMIT 500`, StateIssued, week)
	return db.Collect(rows, err, func(r *sql.Rows) (Dispatch, error) {
		d := Dispatch{Kind: DispatchWeek, Period: week}
		return d, r.Scan(&d.Directive, &d.Unit)
	})
}

// officesOf are the offices that deploy, had tasks fall due in a month and have no sheet of it.
func officesOf(ctx context.Context, q db.Q, month string, from, to clock.Date) ([]Dispatch, error) {
	rows, err := q.Query(ctx, `SELECT DISTINCT x.unit_id FROM directive x WHERE x.state = $1
		AND NOT EXISTS (SELECT 1 FROM directive_dispatch d WHERE d.unit_id = x.unit_id AND d.kind = $2 AND d.period = $3)
		AND EXISTS (SELECT 1 FROM directive_task t WHERE t.by_id = x.unit_id AND t.due_on >= $4 AND t.due_on <= $5 AND t.state <> 'withdrawn') ORDER BY x.unit_id LIMIT 500`,
		StateIssued, DispatchMonth, month, string(from), string(to))
	return db.Collect(rows, err, func(r *sql.Rows) (Dispatch, error) {
		d := Dispatch{Kind: DispatchMonth, Period: month}
		return d, r.Scan(&d.Unit)
	})
}

// pursuedTasks are the tasks of a deployment that an office has to pursue.
func pursuedTasks(ctx context.Context, q db.Q, by, directive id.ID, until clock.Date, limit int) ([]Task, error) {
	return tasksWhere(ctx, q, "t.directive_id = $1 AND t.by_id = $2 AND t.open = 1 AND (t.state IN ('redo','reported') OR t.due_on <> '' AND t.due_on <= $3) ORDER BY t.unit_id, t.due_on, t.id LIMIT $4", string(directive), string(by), string(until), limit)
}

// dueTasks are the tasks of an office that fell due in a span.
func dueTasks(ctx context.Context, q db.Q, by id.ID, from, to clock.Date, limit int) ([]Task, error) {
	return tasksWhere(ctx, q, "t.by_id = $1 AND t.due_on >= $2 AND t.due_on <= $3 AND t.state <> 'withdrawn' ORDER BY t.unit_id, t.due_on, t.id LIMIT $4", string(by), string(from), string(to), limit)
}

// contradictingIssues are the orders that were judged to contradict their source,
// of one deployment or of all.
func contradictingIssues(ctx context.Context, q db.Q, directive id.ID, limit int) ([]Issue, error) {
	return issuesWhere(ctx, q, "x.state = 'sent' AND x.reading = 'contradicts' AND ($1 = '' OR x.directive_id = $1) ORDER BY x.made_at DESC, x.id LIMIT $2", string(directive), limit)
}

// insertDispatch writes a sheet. Its rows are no rows of the log: the sheet commits
// to them by their digest.
func insertDispatch(ctx context.Context, tx *audit.Tx, d Dispatch, lines []Line, parts []Part) error {
	counts, err := counted(d.Counts)
	if err != nil {
		return err
	}
	tx.Touch("directive_dispatch", d.ID)
	if _, err := tx.Exec(ctx, "INSERT INTO directive_dispatch (id, unit_id, directive_id, kind, period, no, state, frozen_on, counts, lines, units, digest, remark, author_id, made_at, judge_id, judged_at, notice_id, rev) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,'',$13,$14,'','','',1)",
		string(d.ID), string(d.Unit), string(d.Directive), d.Kind, d.Period, d.No, d.State, string(d.FrozenOn), counts, d.Lines, d.Units, d.Digest, string(d.Author), d.MadeAt); err != nil {
		return fmt.Errorf("write sheet: %w", err)
	}
	rows := make([][]any, len(lines))
	for i, l := range lines {
		rows[i] = []any{string(d.ID), l.No, string(l.Unit), string(l.Task), string(l.Issue), l.Title, string(l.Due), l.State, strings.Join(l.Marks, " ")}
	}
	if err := tx.InsertMany(ctx, "directive_dispatch_row", "dispatch_id, no, unit_id, task_id, issue_id, title, due_on, state, marks", rows); err != nil {
		return err
	}
	rows = rows[:0]
	for _, p := range parts {
		if counts, err = counted(p.Counts); err != nil {
			return err
		}
		tx.Touch("directive_dispatch_part", p.ID)
		rows = append(rows, []any{string(p.ID), string(p.Dispatch), string(p.Unit), string(p.By), string(p.Leader), p.State, counts, p.Counts.Trouble(), "", "", "", 1})
	}
	return tx.InsertMany(ctx, "directive_dispatch_part", "id, dispatch_id, unit_id, by_unit_id, leader_id, state, counts, troubled, said, person_id, at, rev", rows)
}

func updateDispatch(ctx context.Context, tx *audit.Tx, d Dispatch) error {
	tx.Touch("directive_dispatch", d.ID)
	return tx.Change(ctx, "dispatch", "UPDATE directive_dispatch SET state = $1, remark = $2, judge_id = $3, judged_at = $4, notice_id = $5, rev = rev + 1 WHERE id = $6 AND rev = $7",
		d.State, d.Remark, string(d.Judge), d.JudgedAt, string(d.Notice), string(d.ID), d.Rev)
}

// askParts asks the offices of a sheet.
func askParts(ctx context.Context, tx *audit.Tx, n id.ID) error {
	rows, err := tx.Query(ctx, "UPDATE directive_dispatch_part SET state = $1, rev = rev + 1 WHERE dispatch_id = $2 AND state = $3 RETURNING id", PartAsked, string(n), PartHeld)
	_, err = tx.Returned("directive_dispatch_part", rows, err)
	return err
}

const lineColumns = "no, unit_id, task_id, issue_id, title, due_on, state, marks"

func scanLine(r *sql.Rows) (l Line, err error) {
	var marks string
	err = r.Scan(&l.No, &l.Unit, &l.Task, &l.Issue, &l.Title, &l.Due, &l.State, &marks)
	l.Marks = strings.Fields(marks)
	return l, err
}

func linesOf(ctx context.Context, q db.Q, n id.ID) ([]Line, error) {
	rows, err := q.Query(ctx, "SELECT "+lineColumns+" FROM directive_dispatch_row WHERE dispatch_id = $1 ORDER BY no", string(n))
	out, err := db.Collect(rows, err, scanLine)
	if err != nil {
		return nil, fmt.Errorf("rows of a sheet: %w", err)
	}
	return out, nil
}

func linesOfUnit(ctx context.Context, q db.Q, n, unit id.ID, limit int) ([]Line, error) {
	rows, err := q.Query(ctx, "SELECT "+lineColumns+" FROM directive_dispatch_row WHERE dispatch_id = $1 AND unit_id = $2 ORDER BY no LIMIT $3", string(n), string(unit), limit)
	out, err := db.Collect(rows, err, scanLine)
	if err != nil {
		return nil, fmt.Errorf("rows of an office: %w", err)
	}
	return out, nil
}

// pageOfLines cuts a page of the rows that have a mark or belong to an office.
func pageOfLines(list []Line, p page.Query) (out []Line, next page.Next, err error) {
	after := 0
	if len(p.After) > 0 {
		if after, err = strconv.Atoi(p.After[0]); err != nil || len(p.After) != 1 {
			return nil, next, fault.Invalid("error.page_cursor")
		}
	}
	mark, unit := p.Filter.Get("mark"), p.Filter.Get("unit")
	for _, l := range list {
		if mark != "" && !slices.Contains(l.Marks, mark) || unit != "" && string(l.Unit) != unit {
			continue
		}
		next.Count++
		if l.No <= after {
			continue
		}
		if len(out) < p.Size {
			out = append(out, l)
		} else if next.After == "" {
			next.After = page.Cursor(strconv.Itoa(out[len(out)-1].No))
		}
	}
	return out, next, nil
}

func scanPart(r scanner) (p Part, err error) {
	var counts string
	if err := r.Scan(&p.ID, &p.Dispatch, &p.Unit, &p.By, &p.Leader, &p.State, &counts, &p.Said, &p.Person, &p.At, &p.Rev); err != nil {
		return p, err
	}
	return p, json.Unmarshal([]byte(counts), &p.Counts)
}

func partByID(ctx context.Context, q db.Q, n id.ID) (Part, error) {
	p, err := scanPart(q.QueryRow(ctx, "SELECT "+partColumns+" FROM directive_dispatch_part p WHERE p.id = $1", string(n)))
	return p, db.Absent(err, "dispatch_part")
}

func partsWhere(ctx context.Context, q db.Q, where string, args ...any) ([]Part, error) {
	rows, err := q.Query(ctx, "SELECT "+partColumns+" FROM directive_dispatch_part p WHERE "+where, args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (Part, error) { return scanPart(r) })
	if err != nil {
		return nil, fmt.Errorf("list parts of sheets: %w", err)
	}
	return out, nil
}

func countAnswered(ctx context.Context, q db.Q, n id.ID) (k int, err error) {
	err = q.QueryRow(ctx, "SELECT COUNT(*) FROM directive_dispatch_part WHERE dispatch_id = $1 AND state = $2", string(n), PartAnswered).Scan(&k)
	return k, err
}

func updatePart(ctx context.Context, tx *audit.Tx, p Part) error {
	tx.Touch("directive_dispatch_part", p.ID)
	return tx.Change(ctx, "dispatch_part", "UPDATE directive_dispatch_part SET state = $1, said = $2, person_id = $3, at = $4, rev = rev + 1 WHERE id = $5 AND rev = $6",
		p.State, p.Said, string(p.Person), p.At, string(p.ID), p.Rev)
}

// listDispatches gives one page, the latest first.
func listDispatches(ctx context.Context, q db.Q, filter string, args []any, p page.Query) (out []Dispatch, next page.Next, err error) {
	where := filter
	arg := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	if p.View == DispatchWeek || p.View == DispatchMonth {
		where += " AND d.kind = " + arg(p.View)
	}
	for key, col := range map[string]string{"period": "d.period", "state": "d.state", "directive": "d.directive_id"} {
		if v := p.Filter.Get(key); v != "" {
			where += " AND " + col + " = " + arg(v)
		}
	}
	if err := q.QueryRow(ctx, "SELECT COUNT(*) FROM (SELECT 1 FROM directive_dispatch d WHERE "+where+" LIMIT "+strconv.Itoa(page.CountCap+1)+") y", args...).Scan(&next.Count); err != nil {
		return nil, next, fmt.Errorf("count sheets: %w", err)
	}
	if len(p.After) == 2 {
		where += " AND (d.made_at, d.id) < (" + arg(p.After[0]) + ", " + arg(p.After[1]) + ")"
	}
	if out, err = dispatchesWhere(ctx, q, where+" ORDER BY d.made_at DESC, d.id DESC LIMIT "+arg(p.Size+1), args...); err != nil {
		return nil, next, err
	}
	out = page.Cut(out, p.Size, &next, func(last Dispatch) []string { return []string{last.MadeAt, string(last.ID)} })
	return out, next, nil
}

// listParts gives one page of what was sent, the latest first.
func listParts(ctx context.Context, q db.Q, filter string, args []any, p page.Query) (out []Part, next page.Next, err error) {
	where := filter + " AND p.state <> '" + PartHeld + "'"
	arg := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	for key, col := range map[string]string{"state": "p.state", "unit": "p.unit_id"} {
		if v := p.Filter.Get(key); v != "" {
			where += " AND " + col + " = " + arg(v)
		}
	}
	if err := q.QueryRow(ctx, "SELECT COUNT(*) FROM (SELECT 1 FROM directive_dispatch_part p WHERE "+where+" LIMIT "+strconv.Itoa(page.CountCap+1)+") y", args...).Scan(&next.Count); err != nil {
		return nil, next, fmt.Errorf("count parts of sheets: %w", err)
	}
	if len(p.After) == 1 {
		where += " AND p.id < " + arg(p.After[0])
	}
	if out, err = partsWhere(ctx, q, where+" ORDER BY p.id DESC LIMIT "+arg(p.Size+1), args...); err != nil {
		return nil, next, err
	}
	out = page.Cut(out, p.Size, &next, func(last Part) []string { return []string{string(last.ID)} })
	return out, next, nil
}

// titlesOf gives the titles of the deployments of sheets.
func titlesOf(ctx context.Context, q db.Q, list []Dispatch) (map[id.ID]string, error) {
	out := map[id.ID]string{}
	for _, d := range list {
		if d.Directive == "" || out[d.Directive] != "" {
			continue
		}
		of, err := directiveByID(ctx, q, d.Directive)
		if err != nil {
			return nil, err
		}
		out[d.Directive] = of.Title
	}
	return out, nil
}
