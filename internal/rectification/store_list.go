package rectification

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"huikan/internal/inspection"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/access"
	"huikan/internal/platform/db"
	"huikan/internal/platform/search"
)

// columns tell the policy where a list of items keeps what Object holds.
var columns = access.Columns{State: "i.state", Units: []string{"i.unit_id"}, By: "i.by_id", Team: "i.team_id", Concern: []string{"i.id", "i.finding_id"}}

var lentColumns = access.Columns{State: "i.state", Team: "i.lent_id", Concern: []string{"i.id", "i.finding_id"}}

// Saved views of the ledger.
const (
	ViewOpen      = "open"      // 未销号
	ViewNear      = "near"      // 30日内到期
	ViewReview    = "review"    // 待我审核
	ViewOverdue   = "overdue"   // 已超期
	ViewUnchecked = "unchecked" // 已销号未回头看
	ViewAside     = "aside"     // 另行处置: overtaken by events, or accepted until a day
	ViewAll       = "all"
)

// Views lists them in the order of the tabs.
func Views() []string {
	return []string{ViewOpen, ViewNear, ViewReview, ViewOverdue, ViewUnchecked, ViewAside, ViewAll}
}

// where collects conditions with their values.
type where struct {
	conds []string
	args  []any
	// states is the condition of the states that are asked for, when there are several,
	// and each has one of each of them: a list reads them side by side, each in the
	// order of its index, instead of all items in the order of their dates to find a few.
	states string
	each   []string
}

func (w *where) add(cond string, values ...any) {
	marks := make([]any, len(values))
	for n, v := range values {
		w.args = append(w.args, v)
		marks[n] = len(w.args)
	}
	w.conds = append(w.conds, fmt.Sprintf(cond, marks...))
}

func (w *where) sql() string {
	if w.states != "" {
		return strings.Join(append(slices.Clone(w.conds), w.states), " AND ")
	}
	return strings.Join(w.conds, " AND ")
}

// oneOf asks for one of some states, by their marks or words in SQL.
func (w *where) oneOf(states ...string) {
	if w.states != "" { // a view has asked for some already
		w.conds = append(w.conds, w.states)
	}
	w.states, w.each = "i.state IN ("+strings.Join(states, ", ")+")", nil
	for _, s := range states {
		w.each = append(w.each, "i.state = "+s)
	}
}

// view restricts a list to a saved view.
func (w *where) view(name string, today clock.Date) {
	switch name {
	case ViewOpen:
		w.add("i.open = 1")
	case ViewNear:
		w.add("i.open = 1 AND i.state <> 'applied' AND i.due_on >= $%d AND i.due_on <= $%d", string(today), string(today.AddDays(NearDays)))
	case ViewOverdue:
		w.add("i.open = 1 AND i.state <> 'applied' AND i.due_on <> '' AND i.due_on < $%d", string(today))
	case ViewReview:
		w.oneOf("'plan_review'", "'applied'")
	case ViewUnchecked:
		w.add("i.open = 0 AND " + notVerified)
	case ViewAside:
		w.add("i.open = 2")
	}
}

// notVerified is written so that SQLite finds no index for it: nearly every item
// has no verdict, and it would walk all of those (measured: half a second).
// PostgreSQL reads it as a plain comparison and knows how many there are.
const notVerified = "NOT (i.verified <> '')"

// filterColumns are the filters that compare one column.
var filterColumns = map[string]string{"round": "i.round_id", "category": "i.category", "severity": "i.severity", "state": "i.state", "claimed": "i.claimed"}

// filter adds what the reader asked for. find names units by text.
func (w *where) filter(engine db.Engine, q page.Query, find func(string) []id.ID) {
	for _, key := range []string{"round", "category", "severity", "state", "claimed"} {
		if vs := q.Filter[key]; len(vs) > 0 {
			marks := list(&w.args, vs)
			if key == "state" && len(vs) > 1 {
				w.oneOf(strings.Split(marks, ",")...)
				continue
			}
			w.conds = append(w.conds, filterColumns[key]+" IN ("+marks+")")
		}
	}
	if v := q.Filter.Get("work"); v != "" { // of visits of a kind; the rounds first, by their index
		w.args = append(w.args, v)
		n := fmt.Sprintf("$%d", len(w.args))
		w.conds = append(w.conds, "i.round_id IN (SELECT id FROM inspection_round WHERE kind = "+n+" UNION SELECT round_id FROM inspection_visit WHERE kind = "+n+
			") AND EXISTS (SELECT 1 FROM inspection_finding f JOIN inspection_visit v ON v.id = f.visit_id JOIN inspection_round r ON r.id = v.round_id WHERE f.id = i.finding_id AND "+inspection.KindOfVisit+" = "+n+")")
	}
	switch q.Filter.Get("kind") {
	case SelfReport:
		w.conds = append(w.conds, "i.kind = '"+SelfReport+"'")
	case kindWords[0]:
		w.conds = append(w.conds, "NOT (i.kind <> '')") // nearly all: no index is to be found for it
	}
	if v := q.Filter.Get("verified"); v == "none" {
		w.conds = append(w.conds, notVerified)
	} else if v != "" {
		w.add("i.verified = $%d", v)
	}
	if v := q.Filter.Get("unit"); v != "" {
		var units []id.ID
		if n, err := id.Parse(v); err == nil {
			units = []id.ID{n}
		} else if find != nil {
			units = find(v)
		}
		if len(units) == 0 {
			w.conds = append(w.conds, "FALSE")
		} else {
			w.conds = append(w.conds, "i.unit_id IN ("+list(&w.args, units)+")")
		}
	}
	if v := q.Filter.Get("under"); v != "" { // a unit and everything below it: where sums of a dashboard lead
		w.add("i.unit_id IN (SELECT unit_id FROM access_tree WHERE above_id = $%d)", v)
	}
	if cond, ok := lacks[q.Filter.Get("lacks")]; ok {
		w.conds = append(w.conds, cond)
	}
	if cond, ok := depthConds[q.Filter.Get("depth")]; ok {
		w.conds = append(w.conds, "("+cond+")")
	}
	if cond, ok := endConds[q.Filter.Get("end")]; ok {
		w.conds = append(w.conds, "("+cond+")")
	}
	if v := strings.TrimSpace(q.Filter.Get("q")); v != "" {
		// A number is looked up as it stands; words through the index. They are one set:
		// with OR between them PostgreSQL reads every item.
		n := len(w.args)
		w.args = append(w.args, v)
		ids := fmt.Sprintf("SELECT id FROM rectify_item WHERE no = $%d", n+1)
		if m := search.Match(engine, "item", v, &w.args); m != "" {
			ids += " UNION " + m
		}
		w.conds = append(w.conds, "i.id IN ("+ids+")")
	}
}

// sorts are the orders of the ledger: column and whether an item has it unique.
var sorts = map[string]string{"": "i.due_on", "due": "i.due_on", "no": "i.no"}

const listColumns = `i.id, i.finding_id, i.round_id, COALESCE(i.team_id,''), i.unit_id, i.by_id, i.no, i.title, i.problem, i.severity, i.category, i.fed_back_on,
	i.first_due_on, i.due_on, i.state, i.claimed, i.claimed_word, i.verified, i.lasting, i.lead, i.department, i.closed_on, i.applications,
	i.reopened, i.extensions, i.aside_on, i.until_on, i.level, i.kind, i.rev`

func scanListed(r *sql.Rows) (i Item, err error) {
	return i, r.Scan(&i.ID, &i.Finding, &i.Round, &i.Team, &i.Unit, &i.By, &i.No, &i.Title, &i.Problem, &i.Severity, &i.Category, &i.FedBack,
		&i.FirstDue, &i.Due, &i.State, &i.Claimed, &i.ClaimedWord, &i.Verified, &i.Lasting, &i.Lead, &i.Department, &i.ClosedOn, &i.Applications,
		&i.Reopened, &i.Extensions, &i.Aside, &i.Until, &i.Level, &i.Kind, &i.Rev)
}

// sortKey is an item's place in a list.
func sortKey(i Item, sort string) []string {
	if sort == "no" {
		return []string{i.No, string(i.ID)}
	}
	return []string{string(i.Due), string(i.ID)}
}

// sideBySide is how many states are read side by side: of more, the order of dates
// has enough.
const sideBySide = 4

// listItems reads one page by key, never by offset.
func listItems(ctx context.Context, q db.Q, w where, p page.Query, limit int) ([]Item, error) {
	w.conds, w.args = slices.Clone(w.conds), slices.Clone(w.args)
	col, desc := sorts[p.Sort], p.Desc
	if col == "" {
		col = sorts[""]
	}
	key := p.After
	if len(p.Before) > 0 {
		key, desc = p.Before, !desc
	}
	op, dir := ">", "ASC"
	if desc {
		op, dir = "<", "DESC"
	}
	if len(key) == 2 {
		w.add("("+col+", i.id) "+op+" ($%d, $%d)", key[0], key[1])
	}
	order := fmt.Sprintf(" ORDER BY %s %s, i.id %s LIMIT %d", col, dir, dir, limit)
	cond := w.sql()
	if len(w.each) > 0 && len(w.each) <= sideBySide && col == sorts[""] {
		var parts []string
		for n, state := range w.each {
			parts = append(parts, fmt.Sprintf("SELECT id, due_on FROM (SELECT i.id, i.due_on FROM rectify_item i WHERE %s%s) s%d", strings.Join(append(slices.Clone(w.conds), state), " AND "), order, n))
		}
		cond = "i.id IN (SELECT i.id FROM (" + strings.Join(parts, " UNION ALL ") + ") i" + order + ")"
	}
	rows, err := q.Query(ctx, "SELECT "+listColumns+" FROM rectify_item i WHERE "+cond+order, w.args...)
	out, err := db.Collect(rows, err, scanListed)
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	if len(p.Before) > 0 {
		slices.Reverse(out)
	}
	return out, nil
}

// countItems counts up to the cap.
func countItems(ctx context.Context, q db.Q, w where, most int) (n int, err error) {
	err = q.QueryRow(ctx, fmt.Sprintf("SELECT COUNT(*) FROM (SELECT 1 FROM rectify_item i WHERE %s LIMIT %d) x", w.sql(), most), w.args...).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count the ledger: %w", err)
	}
	return n, nil
}

// countLines counts the lines of a list that has one for each measure, an item
// without any being a line too.
func countLines(ctx context.Context, q db.Q, w where, most int) (n int, err error) {
	err = q.QueryRow(ctx, fmt.Sprintf("SELECT COUNT(*) FROM (SELECT 1 FROM rectify_item i LEFT JOIN rectify_serves v ON v.item_id = i.id WHERE %s LIMIT %d) x", w.sql(), most), w.args...).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count the lines of the ledger: %w", err)
	}
	return n, nil
}

// countMeasures counts the measures of a list, each once however many of its items it
// serves.
func countMeasures(ctx context.Context, q db.Q, w where, today clock.Date) (m MeasureCount, err error) {
	w.args = append(w.args, string(today))
	err = q.QueryRow(ctx, fmt.Sprintf(`SELECT COUNT(*), COALESCE(SUM(CASE WHEN m.state = '`+MeasureDone+`' THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN m.state <> '`+MeasureDone+`' AND m.due_on <> '' AND m.due_on < $%d AND NOT `+rests+` THEN 1 ELSE 0 END), 0)
		FROM rectify_measure m WHERE m.id IN (SELECT v.measure_id FROM rectify_serves v JOIN rectify_item i ON i.id = v.item_id WHERE %s)`, len(w.args), w.sql()), w.args...).Scan(&m.All, &m.Done, &m.Late)
	if err != nil {
		return m, fmt.Errorf("count the measures of the ledger: %w", err)
	}
	return m, nil
}

// Tally counts the measures of an item.
type Tally struct{ All, Done int }

// tallies counts the measures of some items.
func tallies(ctx context.Context, q db.Q, items []id.ID) (map[id.ID]Tally, error) {
	out := map[id.ID]Tally{}
	for part := range slices.Chunk(items, 500) {
		var args []any
		rows, err := q.Query(ctx, `SELECT s.item_id, COUNT(*), SUM(CASE WHEN m.state = 'done' THEN 1 ELSE 0 END) FROM rectify_serves s
			JOIN rectify_measure m ON m.id = s.measure_id WHERE s.item_id IN (`+list(&args, part)+") GROUP BY s.item_id", args...)
		_, err = db.Collect(rows, err, func(r *sql.Rows) (t Tally, err error) {
			var n id.ID
			if err = r.Scan(&n, &t.All, &t.Done); err == nil {
				out[n] = t
			}
			return t, err
		})
		if err != nil {
			return nil, fmt.Errorf("count measures: %w", err)
		}
	}
	return out, nil
}

// Count is one group of the ledger as a dashboard sums it up.
type Count struct {
	Unit, By                            id.ID
	State, Severity, Category, Verified string
	Overdue                             bool
	N                                   int
}

// Counts groups all items by unit, state, severity, category, verdict and
// whether they are overdue today: one pass over the table (about a quarter of a
// second for 200,000 items), for a snapshot that many readers share. It is not
// filtered by access: whoever shows it must restrict it to units that the reader
// may see, and may not show it where a recusal could be read out of a count.
func Counts(ctx context.Context, q db.Q, today clock.Date) ([]Count, error) {
	return countsOf(ctx, q, "TRUE", string(today))
}

type grouped struct {
	Count
	late int
}

func scanCount(r *sql.Rows) (g grouped, err error) {
	return g, r.Scan(&g.Unit, &g.By, &g.State, &g.Severity, &g.Category, &g.Verified, &g.N, &g.late)
}

// MeasuresOf lists the measures of some items, in the order of their making.
func MeasuresOf(ctx context.Context, q db.Q, items []id.ID) (map[id.ID][]Measure, error) {
	out := map[id.ID][]Measure{}
	for part := range slices.Chunk(items, 500) {
		var args []any
		rows, err := q.Query(ctx, "SELECT s.item_id, "+measureColumns+` FROM rectify_serves s JOIN rectify_measure m ON m.id = s.measure_id
			WHERE s.item_id IN (`+list(&args, part)+") ORDER BY s.item_id, m.id", args...)
		_, err = db.Collect(rows, err, func(r *sql.Rows) (m Measure, err error) {
			var n id.ID
			err = r.Scan(&n, &m.ID, &m.Unit, &m.Text, &m.Kind, &m.Responsible, &m.Department, &m.Due, &m.State, &m.DoneOn, &m.Changed, &m.Changer, &m.Rev)
			out[n] = append(out[n], m)
			return m, err
		})
		if err != nil {
			return nil, fmt.Errorf("read measures of a list: %w", err)
		}
	}
	return out, nil
}
