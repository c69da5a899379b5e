package duty

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

type scanner interface{ Scan(...any) error }

const (
	schemeColumns     = "s.id, s.title, s.version, s.unit_id, s.author_id, s.approver_id, s.state, s.valid_from, s.made_at, s.rev"
	assessmentColumns = "a.id, a.scheme_id, a.unit_id, a.by_id, a.from_on, a.until_on, a.state, a.points, a.basis, a.made_at, a.author_id, a.rev"
	holderColumns     = "h.id, h.unit_id, h.kind, h.person_id, h.scope, h.from_on, h.until_on, h.rev"
)

// Where the policy finds what object holds.
var (
	schemes     = access.Columns{State: "s.state", By: "s.unit_id", Owners: []string{"s.author_id"}}
	assessments = access.Columns{State: "a.state", By: "a.by_id", Units: []string{"a.unit_id"}, Owners: []string{"a.author_id"}, Concern: []string{"a.id"}}
	holders     = access.Columns{By: "h.unit_id", Owners: []string{"h.person_id"}}
)

func scanScheme(r scanner) (s Scheme, err error) {
	return s, r.Scan(&s.ID, &s.Title, &s.Version, &s.Unit, &s.Author, &s.Approver, &s.State, &s.ValidFrom, &s.MadeAt, &s.Rev)
}

// schemeByID reads a scheme with its indicators.
func schemeByID(ctx context.Context, q db.Q, n id.ID) (Scheme, error) {
	s, err := scanScheme(q.QueryRow(ctx, "SELECT "+schemeColumns+" FROM duty_scheme s WHERE s.id = $1", string(n)))
	if err := db.Absent(err, "scheme"); err != nil {
		return s, err
	}
	rows, err := q.Query(ctx, "SELECT id, no, kind, text, fact, rule, param, weight, source FROM duty_indicator WHERE scheme_id = $1 ORDER BY no", string(n))
	s.Indicators, err = db.Collect(rows, err, func(r *sql.Rows) (i Indicator, err error) {
		return i, r.Scan(&i.ID, &i.No, &i.Kind, &i.Text, &i.Fact, &i.Rule, &i.Param, &i.Weight, &i.Source)
	})
	return s, err
}

func insertScheme(ctx context.Context, tx *audit.Tx, s Scheme) error {
	tx.Touch("duty_scheme", s.ID)
	if _, err := tx.Exec(ctx, "INSERT INTO duty_scheme (id, title, version, unit_id, author_id, approver_id, state, valid_from, made_at, rev) VALUES ($1,$2,$3,$4,$5,'',$6,'',$7,1)",
		string(s.ID), s.Title, s.Version, string(s.Unit), string(s.Author), s.State, tx.At); err != nil {
		return fmt.Errorf("write scheme: %w", err)
	}
	return insertIndicators(ctx, tx, s)
}

func insertIndicators(ctx context.Context, tx *audit.Tx, s Scheme) error {
	for k, i := range s.Indicators {
		n := id.New()
		tx.Touch("duty_indicator", n)
		if _, err := tx.Exec(ctx, "INSERT INTO duty_indicator (id, scheme_id, no, kind, text, fact, rule, param, weight, source) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)",
			string(n), string(s.ID), k+1, i.Kind, i.Text, i.Fact, i.Rule, i.Param, i.Weight, i.Source); err != nil {
			return fmt.Errorf("write indicator: %w", err)
		}
	}
	return nil
}

func updateScheme(ctx context.Context, tx *audit.Tx, s Scheme) error {
	tx.Touch("duty_scheme", s.ID)
	return tx.Change(ctx, "scheme", "UPDATE duty_scheme SET title = $1, approver_id = $2, state = $3, valid_from = $4, rev = rev + 1 WHERE id = $5 AND rev = $6",
		s.Title, string(s.Approver), s.State, string(s.ValidFrom), string(s.ID), s.Rev)
}

// replaceIndicators writes the indicators of a draft anew.
func replaceIndicators(ctx context.Context, tx *audit.Tx, s Scheme, old []Indicator) error {
	for _, i := range old {
		tx.Gone("duty_indicator", i.ID)
	}
	if _, err := tx.Exec(ctx, "DELETE FROM duty_indicator WHERE scheme_id = $1", string(s.ID)); err != nil {
		return fmt.Errorf("indicators of scheme: %w", err)
	}
	return insertIndicators(ctx, tx, s)
}

func lastVersion(ctx context.Context, q db.Q, unit id.ID) (n int, err error) {
	err = q.QueryRow(ctx, "SELECT COALESCE(MAX(version), 0) FROM duty_scheme WHERE unit_id = $1", string(unit)).Scan(&n)
	return n, err
}

func listSchemes(ctx context.Context, q db.Q, filter string, args []any, limit int) ([]Scheme, error) {
	args = append(args, limit)
	rows, err := q.Query(ctx, "SELECT "+schemeColumns+" FROM duty_scheme s WHERE "+filter+" ORDER BY s.made_at DESC, s.id DESC LIMIT $"+strconv.Itoa(len(args)), args...)
	return db.Collect(rows, err, func(r *sql.Rows) (Scheme, error) { return scanScheme(r) })
}

func scanAssessment(r scanner) (a Assessment, err error) {
	return a, r.Scan(&a.ID, &a.Scheme, &a.Unit, &a.By, &a.From, &a.Until, &a.State, &a.Points, &a.Basis, &a.MadeAt, &a.Author, &a.Rev)
}

func assessmentByID(ctx context.Context, q db.Q, n id.ID) (Assessment, error) {
	a, err := scanAssessment(q.QueryRow(ctx, "SELECT "+assessmentColumns+" FROM duty_assessment a WHERE a.id = $1", string(n)))
	return a, db.Absent(err, "assessment")
}

func insertAssessment(ctx context.Context, tx *audit.Tx, a Assessment) error {
	tx.Touch("duty_assessment", a.ID)
	if _, err := tx.Exec(ctx, "INSERT INTO duty_assessment (id, scheme_id, unit_id, by_id, from_on, until_on, state, points, basis, made_at, author_id, rev) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,1)",
		string(a.ID), string(a.Scheme), string(a.Unit), string(a.By), string(a.From), string(a.Until), a.State, a.Points, a.Basis, tx.At, string(a.Author)); err != nil {
		return fmt.Errorf("write assessment: %w", err)
	}
	return nil
}

func updateAssessment(ctx context.Context, tx *audit.Tx, a Assessment) error {
	tx.Touch("duty_assessment", a.ID)
	return tx.Change(ctx, "assessment", "UPDATE duty_assessment SET state = $1, points = $2, basis = $3, rev = rev + 1 WHERE id = $4 AND rev = $5", a.State, a.Points, a.Basis, string(a.ID), a.Rev)
}

func listAssessments(ctx context.Context, q db.Q, filter string, args []any, p page.Query) (out []Assessment, next page.Next, err error) {
	where := filter
	if st := p.Filter.Get("state"); st != "" {
		args = append(args, st)
		where += " AND a.state = $" + strconv.Itoa(len(args))
	}
	if err := q.QueryRow(ctx, "SELECT COUNT(*) FROM (SELECT 1 FROM duty_assessment a WHERE "+where+" LIMIT "+strconv.Itoa(page.CountCap+1)+") x", args...).Scan(&next.Count); err != nil {
		return nil, next, fmt.Errorf("count assessments: %w", err)
	}
	if len(p.After) == 2 {
		args = append(args, p.After[0], p.After[1])
		where += fmt.Sprintf(" AND (a.made_at, a.id) < ($%d, $%d)", len(args)-1, len(args))
	}
	args = append(args, p.Size+1)
	rows, err := q.Query(ctx, "SELECT "+assessmentColumns+" FROM duty_assessment a WHERE "+where+" ORDER BY a.made_at DESC, a.id DESC LIMIT $"+strconv.Itoa(len(args)), args...)
	if out, err = db.Collect(rows, err, func(r *sql.Rows) (Assessment, error) { return scanAssessment(r) }); err != nil {
		return nil, next, fmt.Errorf("list assessments: %w", err)
	}
	out = page.Cut(out, p.Size, &next, func(last Assessment) []string { return []string{last.MadeAt, string(last.ID)} })
	return out, next, nil
}

// assessmentsIn reads assessments by a condition of this room.
func assessmentsIn(ctx context.Context, q db.Q, where string, args ...any) ([]Assessment, error) {
	rows, err := q.Query(ctx, "SELECT "+assessmentColumns+" FROM duty_assessment a WHERE "+where, args...)
	return db.Collect(rows, err, func(r *sql.Rows) (Assessment, error) { return scanAssessment(r) })
}

func scoresOf(ctx context.Context, q db.Q, assessment id.ID) ([]Score, error) {
	rows, err := q.Query(ctx, "SELECT c.id, c.assessment_id, c.indicator_id, c.good, c.total, c.digest, c.refs, c.points, c.counted, c.corrected, c.reason, c.rev FROM duty_score c JOIN duty_indicator i ON i.id = c.indicator_id WHERE c.assessment_id = $1 ORDER BY i.no", string(assessment))
	return db.Collect(rows, err, func(r *sql.Rows) (x Score, err error) {
		var refs string
		if err := r.Scan(&x.ID, &x.Assessment, &x.Indicator, &x.Good, &x.All, &x.Digest, &refs, &x.Points, &x.Counted, &x.Corrected, &x.Reason, &x.Rev); err != nil {
			return x, err
		}
		if err := json.Unmarshal([]byte(refs), &x.Refs); err != nil {
			return x, fmt.Errorf("records of score %s: %w", x.ID, err)
		}
		return x, nil
	})
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

func insertScore(ctx context.Context, tx *audit.Tx, x Score) error {
	refs, err := json.Marshal(x.Refs)
	if err != nil {
		return fmt.Errorf("write score: %w", err)
	}
	tx.Touch("duty_score", x.ID)
	if _, err := tx.Exec(ctx, "INSERT INTO duty_score (id, assessment_id, indicator_id, good, total, digest, refs, points, counted, corrected, reason, rev) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,1)",
		string(x.ID), string(x.Assessment), string(x.Indicator), x.Good, x.All, x.Digest, string(refs), x.Points, flag(x.Counted), x.Corrected, x.Reason); err != nil {
		return fmt.Errorf("write score: %w", err)
	}
	return nil
}

func updateScore(ctx context.Context, tx *audit.Tx, x Score) error {
	refs, err := json.Marshal(x.Refs)
	if err != nil {
		return fmt.Errorf("write score: %w", err)
	}
	tx.Touch("duty_score", x.ID)
	return tx.Change(ctx, "score", "UPDATE duty_score SET good = $1, total = $2, digest = $3, refs = $4, points = $5, counted = $6, corrected = $7, reason = $8, rev = rev + 1 WHERE id = $9 AND rev = $10",
		x.Good, x.All, x.Digest, string(refs), x.Points, flag(x.Counted), x.Corrected, x.Reason, string(x.ID), x.Rev)
}

// Entry is one dated event of an assessment.
type Entry struct {
	At     string `json:"at"`
	Action string `json:"action"`
	Text   string `json:"text"`
	By     id.ID  `json:"by"`
}

func insertEntry(ctx context.Context, tx *audit.Tx, assessment id.ID, action, text string, by id.ID) error {
	n := id.New()
	tx.Touch("duty_entry", n)
	if _, err := tx.Exec(ctx, "INSERT INTO duty_entry (id, assessment_id, at, action, text, by_id) VALUES ($1,$2,$3,$4,$5,$6)", string(n), string(assessment), tx.At, action, text, string(by)); err != nil {
		return fmt.Errorf("write entry of assessment: %w", err)
	}
	return nil
}

func entriesOf(ctx context.Context, q db.Q, assessment id.ID) ([]Entry, error) {
	rows, err := q.Query(ctx, "SELECT at, action, text, by_id FROM duty_entry WHERE assessment_id = $1 ORDER BY id", string(assessment))
	return db.Collect(rows, err, func(r *sql.Rows) (e Entry, err error) { return e, r.Scan(&e.At, &e.Action, &e.Text, &e.By) })
}

func scanHolder(r scanner) (h Holder, err error) {
	return h, r.Scan(&h.ID, &h.Unit, &h.Kind, &h.Person, &h.Scope, &h.From, &h.Until, &h.Rev)
}

func holderByID(ctx context.Context, q db.Q, n id.ID) (Holder, error) {
	h, err := scanHolder(q.QueryRow(ctx, "SELECT "+holderColumns+" FROM duty_holder h WHERE h.id = $1", string(n)))
	return h, db.Absent(err, "holder")
}

// holdersOf lists who carries a unit's responsibilities on a day, or ever when day is "".
func holdersOf(ctx context.Context, q db.Q, unit id.ID, day clock.Date, filter string, args []any) ([]Holder, error) {
	args = append(args, string(unit))
	where := filter + " AND h.unit_id = $" + strconv.Itoa(len(args))
	if day != "" {
		args = append(args, string(day))
		n := strconv.Itoa(len(args))
		where += " AND h.from_on <= $" + n + " AND (h.until_on = '' OR h.until_on >= $" + n + ")"
	}
	rows, err := q.Query(ctx, "SELECT "+holderColumns+" FROM duty_holder h WHERE "+where+" ORDER BY h.kind, h.from_on, h.id LIMIT 500", args...)
	return db.Collect(rows, err, func(r *sql.Rows) (Holder, error) { return scanHolder(r) })
}

func insertHolder(ctx context.Context, tx *audit.Tx, h Holder) error {
	tx.Touch("duty_holder", h.ID)
	if _, err := tx.Exec(ctx, "INSERT INTO duty_holder (id, unit_id, kind, person_id, scope, from_on, until_on, rev) VALUES ($1,$2,$3,$4,$5,$6,'',1)",
		string(h.ID), string(h.Unit), h.Kind, string(h.Person), h.Scope, string(h.From)); err != nil {
		return fmt.Errorf("write holder: %w", err)
	}
	return nil
}

func endHolder(ctx context.Context, tx *audit.Tx, h Holder) error {
	tx.Touch("duty_holder", h.ID)
	return tx.Change(ctx, "holder", "UPDATE duty_holder SET until_on = $1, rev = rev + 1 WHERE id = $2 AND rev = $3", string(h.Until), string(h.ID), h.Rev)
}
