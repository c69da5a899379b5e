package risk

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

const pointColumns = `p.id, p.no, p.unit_id, p.post, p.link, p.scope, p.class, p.shown, p.cause, p.probability, p.harm, p.grade, p.education, p.system, p.supervision, p.warning,
	COALESCE(p.owner_id, ''), p.cycle, p.reviewed_on, p.review_due, p.rules, p.finding, p.state, COALESCE(p.author_id, ''), p.at, p.changed_at, p.rev`

// pointAccess is what the policy reads of a list of points.
var pointAccess = access.Columns{State: "p.state", Units: []string{"p.unit_id"}, Owners: []string{"p.author_id", "p.owner_id"}}

func scanPoint(r scanner) (p Point, err error) {
	var rules string
	err = r.Scan(&p.ID, &p.No, &p.Unit, &p.Post, &p.Link, &p.Scope, &p.Class, &p.Shown, &p.Cause, &p.Probability, &p.Harm, &p.Grade, &p.Education, &p.System, &p.Supervision, &p.Warning,
		&p.Owner, &p.Cycle, &p.Reviewed, &p.ReviewDue, &rules, &p.Finding, &p.State, &p.Author, &p.At, &p.Changed, &p.Rev)
	p.Rules = []string{}
	for _, r := range strings.Split(rules, ",") {
		if r != "" {
			p.Rules = append(p.Rules, r)
		}
	}
	return p, err
}

func insertPoint(ctx context.Context, tx *audit.Tx, p Point) error {
	return insert(ctx, tx, "risk_point", `id, no, unit_id, post, link, scope, class, shown, cause, probability, harm, grade, education, system, supervision, warning, owner_id, cycle, reviewed_on,
		review_due, rules, finding, state, author_id, at, changed_at, rev`, string(p.ID), p.No, string(p.Unit), p.Post, p.Link, p.Scope, p.Class, p.Shown, p.Cause, p.Probability, p.Harm, p.Grade, p.Education, p.System,
		p.Supervision, p.Warning, db.Null(p.Owner), p.Cycle, string(p.Reviewed), string(p.ReviewDue), strings.Join(p.Rules, ","), p.Finding, p.State, db.Null(p.Author), tx.At, tx.At, 1)
}

func updatePoint(ctx context.Context, tx *audit.Tx, p Point) error {
	tx.Touch("risk_point", p.ID)
	return tx.Change(ctx, "risk_point", `UPDATE risk_point SET post = $1, link = $2, scope = $3, class = $4, shown = $5, cause = $6, probability = $7, harm = $8, grade = $9, education = $10, system = $11,
		supervision = $12, warning = $13, owner_id = $14, cycle = $15, reviewed_on = $16, review_due = $17, rules = $18, finding = $19, state = $20, changed_at = $21, rev = rev + 1 WHERE id = $22 AND rev = $23`,
		p.Post, p.Link, p.Scope, p.Class, p.Shown, p.Cause, p.Probability, p.Harm, p.Grade, p.Education, p.System, p.Supervision, p.Warning, db.Null(p.Owner), p.Cycle, string(p.Reviewed), string(p.ReviewDue),
		strings.Join(p.Rules, ","), p.Finding, p.State, tx.At, string(p.ID), p.Rev)
}

func pointByID(ctx context.Context, q db.Q, n id.ID) (Point, error) {
	p, err := scanPoint(q.QueryRow(ctx, "SELECT "+pointColumns+" FROM risk_point p WHERE p.id = $1", string(n)))
	if err != nil {
		return p, db.Absent(err, "risk_point")
	}
	return p, nil
}

// putTriggers keeps the rules of a point where an alert finds its point by them.
func putTriggers(ctx context.Context, tx *audit.Tx, p Point) error {
	rows, err := tx.Query(ctx, "DELETE FROM risk_trigger WHERE point_id = $1 RETURNING id", string(p.ID))
	gone, err := db.Collect(rows, err, func(r *sql.Rows) (n id.ID, err error) { return n, r.Scan(&n) })
	if err != nil {
		return err
	}
	tx.Gone("risk_trigger", gone...)
	for _, r := range p.Rules {
		if err := insert(ctx, tx, "risk_trigger", "id, point_id, unit_id, rule", string(id.New()), string(p.ID), string(p.Unit), r); err != nil {
			return err
		}
	}
	return nil
}

// triggered tells whether the actor may see any alert that was raised at the point's
// unit by its rules.
func triggered(ctx context.Context, q db.Q, p *access.Policy, who actor.Actor, point id.ID) (bool, error) {
	args := []any{string(point)}
	where := p.Filter(who, "alert.read", alertAccess, &args)
	var n int
	err := q.QueryRow(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM risk_trigger t JOIN risk_alert a ON a.unit_id = t.unit_id AND a.rule = t.rule WHERE t.point_id = $1 AND `+where+` LIMIT 1) x`, args...).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("what a point showed: %w", err)
	}
	return n > 0, nil
}

// PointsFor lists the published points of a unit that a rule would show.
func PointsFor(ctx context.Context, q db.Q, unit id.ID, rule string) ([]Point, error) {
	rows, err := q.Query(ctx, "SELECT "+pointColumns+" FROM risk_point p JOIN risk_trigger t ON t.point_id = p.id WHERE t.unit_id = $1 AND t.rule = $2 AND p.state = '"+PointPublished+"' ORDER BY p.id LIMIT 20", string(unit), rule)
	return db.Collect(rows, err, func(r *sql.Rows) (Point, error) { return scanPoint(r) })
}

// pointFilter narrows a list of points.
type pointFilter struct {
	State, Class, Grade string
	DueBefore           clock.Date
}

func visiblePoints(ctx context.Context, q db.Q, p *access.Policy, who actor.Actor, f pointFilter, pq page.Query) ([]Point, page.Next, error) {
	var args []any
	where := p.Filter(who, "risk_point.read", pointAccess, &args)
	for _, c := range []struct{ cond, v string }{{"p.state = ", f.State}, {"p.class = ", f.Class}, {"p.review_due <> '' AND p.review_due <= ", string(f.DueBefore)}} {
		if c.v != "" {
			args = append(args, c.v)
			where += fmt.Sprintf(" AND %s$%d", c.cond, len(args))
		}
	}
	if f.Grade >= "1" && f.Grade <= "3" {
		where += " AND p.grade = " + f.Grade[:1]
	}
	var next page.Next
	if err := q.QueryRow(ctx, fmt.Sprintf("SELECT COUNT(*) FROM (SELECT 1 FROM risk_point p WHERE %s LIMIT %d) x", where, page.CountCap+1), args...).Scan(&next.Count); err != nil {
		return nil, next, fmt.Errorf("count points: %w", err)
	}
	if len(pq.After) > 0 {
		args = append(args, pq.After[0])
		where += fmt.Sprintf(" AND p.id < $%d", len(args))
	}
	size := max(1, pq.Size)
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT %s FROM risk_point p WHERE %s ORDER BY p.id DESC LIMIT %d", pointColumns, where, size+1), args...)
	list, err := db.Collect(rows, err, func(r *sql.Rows) (Point, error) { return scanPoint(r) })
	if len(list) > size {
		list = list[:size]
		next.After = page.Cursor(string(list[size-1].ID))
	}
	return list, next, err
}

// pointMatrix counts visible points by probability and harm.
func pointMatrix(ctx context.Context, q db.Q, p *access.Policy, who actor.Actor) (map[[2]int]int, error) {
	var args []any
	where := p.Filter(who, "risk_point.read", pointAccess, &args)
	rows, err := q.Query(ctx, "SELECT p.probability, p.harm, COUNT(*) FROM risk_point p WHERE p.state <> '"+PointRetired+"' AND "+where+" GROUP BY p.probability, p.harm", args...)
	out := map[[2]int]int{}
	_, err = db.Collect(rows, err, func(r *sql.Rows) (struct{}, error) {
		var a, b, n int
		err := r.Scan(&a, &b, &n)
		out[[2]int{a, b}] = n
		return struct{}{}, err
	})
	return out, err
}

// UnitPoints counts the points of a unit by grade.
type UnitPoints struct {
	Unit      id.ID  `json:"unit"`
	Grades    [4]int `json:"grades"` // by grade 1 to 3; 0 is all
	Published int    `json:"published"`
}

// pointsByUnit counts visible points by unit.
func pointsByUnit(ctx context.Context, q db.Q, p *access.Policy, who actor.Actor) ([]UnitPoints, error) {
	var args []any
	where := p.Filter(who, "risk_point.read", pointAccess, &args)
	rows, err := q.Query(ctx, "SELECT p.unit_id, p.grade, COUNT(*), SUM(CASE WHEN p.state = '"+PointPublished+"' THEN 1 ELSE 0 END) FROM risk_point p WHERE p.state <> '"+PointRetired+"' AND "+where+" GROUP BY p.unit_id, p.grade ORDER BY p.unit_id, p.grade", args...)
	var out []UnitPoints
	_, err = db.Collect(rows, err, func(r *sql.Rows) (struct{}, error) {
		var unit id.ID
		var grade, n, published int
		if err := r.Scan(&unit, &grade, &n, &published); err != nil {
			return struct{}{}, err
		}
		if len(out) == 0 || out[len(out)-1].Unit != unit {
			out = append(out, UnitPoints{Unit: unit})
		}
		u := &out[len(out)-1]
		u.Grades[grade] += n
		u.Grades[0] += n
		u.Published += published
		return struct{}{}, nil
	})
	return out, err
}
