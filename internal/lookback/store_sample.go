package lookback

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/rectification"
)

const sampleNames = `id, lookback_id, item_id, finding_id, unit_id, by_id, team_id, visit_id, closer_id, no, title, severity, category, scope, higher,
	part, weight, factors, claimed, closed_on, deterrence, control, education, state, verdict, entry_id, reopening, changed_at, judged_on, since_on, effect, rev`

const sampleColumns = `s.id, s.lookback_id, s.item_id, s.finding_id, s.unit_id, s.by_id, COALESCE(s.team_id, ''), COALESCE(s.visit_id, ''),
	COALESCE(s.closer_id, ''), s.no, s.title, s.severity, s.category, s.scope, s.higher, s.part, s.weight, s.factors, s.claimed, s.closed_on,
	s.deterrence, s.control, s.education, s.state, s.verdict, COALESCE(s.entry_id, ''), s.reopening, s.changed_at, s.judged_on, s.since_on, s.effect, s.rev`

// sampleAccess is what the policy reads of a list of samples. Whoever may not
// see the item or the finding does not see its sample.
var sampleAccess = access.Columns{State: "s.state", By: "s.by_id", Team: "s.team_id", Units: []string{"s.unit_id"}, Concern: []string{"s.item_id", "s.finding_id"}}

func scanSample(r scanner) (s Sample, err error) {
	var factors string
	var d, c, e int
	err = r.Scan(&s.ID, &s.Lookback, &s.Item, &s.Finding, &s.Unit, &s.By, &s.Team, &s.Visit, &s.Closer, &s.No, &s.Title, &s.Severity, &s.Category, &s.Scope,
		&s.Higher, &s.Part, &s.Weight, &factors, &s.Claimed, &s.ClosedOn, &d, &c, &e, &s.State, &s.Verdict, &s.Entry, &s.Reopening, &s.Changed, &s.JudgedOn, &s.SinceOn, &s.Effect, &s.Rev)
	s.Factors = split[string](factors)
	s.Classes = map[string]int{Deterrence: d, Control: c, Education: e}
	return s, err
}

// SamplesOf lists the sampled items of a look-back in order of drawing. The
// caller judges who may see them.
func SamplesOf(ctx context.Context, q db.Q, lookback id.ID) ([]Sample, error) {
	rows, err := q.Query(ctx, "SELECT "+sampleColumns+" FROM lookback_sample s WHERE s.lookback_id = $1 ORDER BY s.id", string(lookback))
	return db.Collect(rows, err, sampleRow)
}

func sampleRow(r *sql.Rows) (Sample, error) { return scanSample(r) }

// SampleByID reads a sampled item with the persons whom it concerns. The caller
// judges whether it may be seen.
func SampleByID(ctx context.Context, q db.Q, n id.ID) (Sample, error) {
	s, err := scanSample(q.QueryRow(ctx, "SELECT "+sampleColumns+" FROM lookback_sample s WHERE s.id = $1", string(n)))
	if err != nil {
		return s, db.Absent(err, "sample")
	}
	s.Concerns, err = access.Concerns(ctx, q, s.Item, s.Finding)
	return s, err
}

func insertSamples(ctx context.Context, tx *audit.Tx, list []Sample) error {
	rows := make([][]any, len(list))
	for i, s := range list {
		rows[i] = []any{string(s.ID), string(s.Lookback), string(s.Item), string(s.Finding), string(s.Unit), string(s.By), db.Null(s.Team), db.Null(s.Visit),
			db.Null(s.Closer), s.No, s.Title, s.Severity, s.Category, s.Scope, s.Higher, s.Part, s.Weight, strings.Join(s.Factors, ","), s.Claimed,
			string(s.ClosedOn), s.Classes[Deterrence], s.Classes[Control], s.Classes[Education], s.State, s.Verdict, db.Null(s.Entry), s.Reopening, tx.At, string(s.JudgedOn), string(s.SinceOn), s.Effect, 1}
	}
	return insert(ctx, tx, "lookback_sample", sampleNames, rows)
}

func updateSample(ctx context.Context, tx *audit.Tx, s Sample) error {
	tx.Touch("lookback_sample", s.ID)
	return tx.Change(ctx, "sample", `UPDATE lookback_sample SET team_id = $1, visit_id = $2, state = $3, verdict = $4, entry_id = $5, reopening = $6,
		changed_at = $7, judged_on = $8, since_on = $9, effect = $10, rev = rev + 1 WHERE id = $11 AND rev = $12`,
		db.Null(s.Team), db.Null(s.Visit), s.State, s.Verdict, db.Null(s.Entry), s.Reopening, tx.At, string(s.JudgedOn), string(s.SinceOn), s.Effect, string(s.ID), s.Rev)
}

// sampleFilter narrows a list of samples.
type sampleFilter struct {
	Lookback        id.ID
	Team            id.ID
	State, Verdict  string
	Part, Reopening string
	Unit, Closer    id.ID
	Claimed, Result string // Result is one of results
	Unassigned      bool
}

// Results are figures of the result page that are no single verdict. Each counts, as
// a verdict does, only what is in force.
const (
	ResultVerified = "verified"
	ResultUntrue   = "untrue"
	ResultPending  = "pending"
)

var results = []string{ResultVerified, ResultUntrue, ResultPending}

var inForce = "s.state IN ('" + strings.Join(known, "','") + "')"

var resultConds = map[string]string{
	ResultVerified: inForce + " AND s.verdict <> '" + rectification.Unverifiable + "'",
	ResultUntrue:   inForce + " AND s.verdict IN ('" + rectification.Paper + "','" + rectification.False + "')",
	ResultPending:  "NOT (" + inForce + ")",
}

func (f sampleFilter) where(args *[]any) string {
	out := ""
	for _, c := range []struct{ col, v string }{{"s.lookback_id", string(f.Lookback)}, {"s.team_id", string(f.Team)}, {"s.state", f.State},
		{"s.verdict", f.Verdict}, {"s.part", f.Part}, {"s.reopening", f.Reopening}, {"s.unit_id", string(f.Unit)}, {"s.closer_id", string(f.Closer)}, {"s.claimed", f.Claimed}} {
		if c.v != "" {
			*args = append(*args, c.v)
			out += fmt.Sprintf(" AND %s = $%d", c.col, len(*args))
		}
	}
	if f.Verdict != "" { // what nobody has confirmed is no verdict yet
		out += " AND " + inForce
	}
	if cond := resultConds[f.Result]; cond != "" {
		out += " AND " + cond
	}
	if f.Unassigned {
		out += " AND s.team_id IS NULL"
	}
	return out
}

// visibleSamples lists samples for which the actor holds an action; limit 0 is
// all of one look-back.
func visibleSamples(ctx context.Context, q db.Q, p *access.Policy, who actor.Actor, action string, cols access.Columns, f sampleFilter, after id.ID, limit int) ([]Sample, error) {
	var args []any
	where := p.Filter(who, action, cols, &args) + f.where(&args)
	if after != "" {
		args = append(args, string(after))
		where += fmt.Sprintf(" AND s.id > $%d", len(args))
	}
	if limit > 0 {
		where += fmt.Sprintf(" ORDER BY s.id LIMIT %d", limit)
	} else {
		where += " ORDER BY s.id"
	}
	rows, err := q.Query(ctx, "SELECT "+sampleColumns+" FROM lookback_sample s WHERE "+where, args...)
	out, err := db.Collect(rows, err, sampleRow)
	if err != nil {
		return nil, fmt.Errorf("list samples: %w", err)
	}
	return out, nil
}

func countSamples(ctx context.Context, q db.Q, p *access.Policy, who actor.Actor, f sampleFilter) (n int, err error) {
	var args []any
	where := p.Filter(who, "sample.read", sampleAccess, &args) + f.where(&args)
	if err = q.QueryRow(ctx, fmt.Sprintf("SELECT COUNT(*) FROM (SELECT 1 FROM lookback_sample s WHERE %s LIMIT %d) x", where, page.CountCap+1), args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("count samples: %w", err)
	}
	return n, nil
}

// progressOf counts the samples of look-backs: all that the actor sees, and of
// these the ones with a verdict in force.
func progressOf(ctx context.Context, q db.Q, p *access.Policy, who actor.Actor, list []Lookback) (map[id.ID][2]int, error) {
	out := map[id.ID][2]int{}
	if len(list) == 0 {
		return out, nil
	}
	var args []any
	where := p.Filter(who, "sample.read", sampleAccess, &args)
	marks := make([]string, len(list))
	for i, l := range list {
		args = append(args, string(l.ID))
		marks[i] = fmt.Sprintf("$%d", len(args))
	}
	rows, err := q.Query(ctx, "SELECT s.lookback_id, s.state, COUNT(*) FROM lookback_sample s WHERE "+where+
		" AND s.lookback_id IN ("+strings.Join(marks, ",")+") GROUP BY s.lookback_id, s.state", args...)
	type cell struct {
		of    id.ID
		state string
		n     int
	}
	cells, err := db.Collect(rows, err, func(r *sql.Rows) (c cell, err error) { return c, r.Scan(&c.of, &c.state, &c.n) })
	if err != nil {
		return nil, fmt.Errorf("count progress: %w", err)
	}
	for _, c := range cells {
		x := out[c.of]
		x[0] += c.n
		if Known(c.state) {
			x[1] += c.n
		}
		out[c.of] = x
	}
	return out, nil
}

// teamsAndUnitsOf are the teams that work on a look-back and the units in its
// sample: what the policy needs to know of it.
func teamsAndUnitsOf(ctx context.Context, q db.Q, l id.ID) (teams, units []id.ID, err error) {
	for _, x := range []struct {
		col string
		to  *[]id.ID
	}{{"team_id", &teams}, {"unit_id", &units}} {
		rows, err := q.Query(ctx, "SELECT DISTINCT "+x.col+" FROM lookback_sample WHERE lookback_id = $1 AND "+x.col+" IS NOT NULL", string(l))
		if *x.to, err = db.Collect(rows, err, func(r *sql.Rows) (n id.ID, err error) { return n, r.Scan(&n) }); err != nil {
			return nil, nil, fmt.Errorf("read teams of a look-back: %w", err)
		}
	}
	return teams, units, nil
}

// unfinished counts what keeps a look-back from being finished.
func unfinished(ctx context.Context, q db.Q, l id.ID) (n int, err error) {
	err = q.QueryRow(ctx, "SELECT COUNT(*) FROM lookback_sample WHERE lookback_id = $1 AND (state NOT IN ($2, $3) OR reopening = $4)",
		string(l), Confirmed, Reviewed, Proposed).Scan(&n)
	return n, err
}

func itemsOf(ctx context.Context, q db.Q, l id.ID) ([]id.ID, error) {
	rows, err := q.Query(ctx, "SELECT item_id FROM lookback_sample WHERE lookback_id = $1 AND team_id IS NOT NULL ORDER BY item_id", string(l))
	return db.Collect(rows, err, func(r *sql.Rows) (n id.ID, err error) { return n, r.Scan(&n) })
}

func insertEntry(ctx context.Context, tx *audit.Tx, e Entry) error {
	return insert(ctx, tx, "lookback_entry", "id, sample_id, at, person_id, act, verdict, methods, reason, names_id, since_on, effect",
		[][]any{{string(e.ID), string(e.Sample), tx.At, db.Null(e.Person), e.Do, e.Verdict, strings.Join(e.Methods, ","), e.Reason, db.Null(e.Names), string(e.Since), e.Effect}})
}

// entriesOf lists the acts on a sample, oldest first.
func entriesOf(ctx context.Context, q db.Q, sample id.ID) ([]Entry, error) {
	rows, err := q.Query(ctx, "SELECT id, sample_id, at, COALESCE(person_id, ''), act, verdict, methods, reason, COALESCE(names_id, ''), since_on, effect FROM lookback_entry WHERE sample_id = $1 ORDER BY id", string(sample))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (e Entry, err error) {
		var methods string
		err = r.Scan(&e.ID, &e.Sample, &e.At, &e.Person, &e.Do, &e.Verdict, &methods, &e.Reason, &e.Names, &e.Since, &e.Effect)
		e.Methods = split[string](methods)
		return e, err
	})
	if err != nil {
		return nil, fmt.Errorf("read verdicts: %w", err)
	}
	return out, nil
}

const evidenceColumns = "id, sample_id, at, COALESCE(person_id, ''), kind, asked, body, hash, name, file_kind, mime, size"

func scanEvidence(r scanner) (e Evidence, err error) {
	return e, r.Scan(&e.ID, &e.Sample, &e.At, &e.Person, &e.Kind, &e.Asked, &e.Text, &e.Hash, &e.Name, &e.FileKind, &e.Mime, &e.Size)
}

func insertEvidence(ctx context.Context, tx *audit.Tx, list ...Evidence) error {
	rows := make([][]any, len(list))
	for i, e := range list {
		rows[i] = []any{string(e.ID), string(e.Sample), tx.At, db.Null(e.Person), e.Kind, e.Asked, e.Text, e.Hash, e.Name, e.FileKind, e.Mime, e.Size}
	}
	return insert(ctx, tx, "lookback_evidence", "id, sample_id, at, person_id, kind, asked, body, hash, name, file_kind, mime, size", rows)
}

func evidenceOf(ctx context.Context, q db.Q, sample id.ID) ([]Evidence, error) {
	rows, err := q.Query(ctx, "SELECT "+evidenceColumns+" FROM lookback_evidence WHERE sample_id = $1 ORDER BY id", string(sample))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (Evidence, error) { return scanEvidence(r) })
	if err != nil {
		return nil, fmt.Errorf("read new evidence: %w", err)
	}
	return out, nil
}

func evidenceByID(ctx context.Context, q db.Q, n id.ID) (Evidence, error) {
	e, err := scanEvidence(q.QueryRow(ctx, "SELECT "+evidenceColumns+" FROM lookback_evidence WHERE id = $1", string(n)))
	return e, db.Absent(err, "evidence")
}

// candidateByNo finds a frozen item by the number of its finding.
func candidateByNo(ctx context.Context, q db.Q, l id.ID, no string) ([]frozen, error) {
	rows, err := q.Query(ctx, "SELECT item_id, unit_id, COALESCE(closer_id, ''), weight, factors, finding_id, no, stratum FROM lookback_candidate WHERE lookback_id = $1 AND no = $2 ORDER BY item_id LIMIT 2", string(l), no)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (c frozen, err error) {
		var factors string
		err = r.Scan(&c.Item, &c.Unit, &c.Closer, &c.Weight, &factors, &c.Finding, &c.No, &c.Stratum)
		c.Factors = split[string](factors)
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("find item %s: %w", no, err)
	}
	return out, nil
}
