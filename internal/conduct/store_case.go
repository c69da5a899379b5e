package conduct

import (
	"context"
	"database/sql"
	"encoding/json"
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

const caseColumns = `c.id, c.no, c.year, c.seq, c.unit_id, c.manage_id, COALESCE(c.target_id, ''), c.person_id, c.home_id, COALESCE(c.department_id, ''), c.level,
	c.leadership, c.rank, c.retired, c.conduct, c.gravity, c.act_from, c.act_to, c.sealed, c.state, COALESCE(c.handler_id, ''), COALESCE(c.second_id, ''),
	COALESCE(c.decider_id, ''), c.opinion, c.circumstances, c.kinds, c.months, c.crime, c.form, c.suspended_on, c.filed_on, c.decided_on, c.stage_on,
	c.due_on, c.paused_on, c.at, c.changed_at, c.rev`

// caseAccess is what the policy reads of a list of cases. The receiving office
// of a transfer is set while the case is on its way, and only then.
var caseAccess = access.Columns{State: "c.state", Units: []string{"c.unit_id", "c.target_id"}, Owners: []string{"c.handler_id", "c.second_id", "c.decider_id"}, Concern: []string{"c.id"}}

func scanCase(r scanner) (c Case, err error) {
	var circumstances, kinds string
	err = r.Scan(&c.ID, &c.No, &c.Year, &c.Seq, &c.Unit, &c.Manage, &c.Target, &c.Person, &c.Home, &c.Department, &c.Level, &c.Leadership, &c.Rank, &c.Retired,
		&c.Conduct, &c.Gravity, &c.ActFrom, &c.ActTo, &c.sealed, &c.State, &c.Handler, &c.Second, &c.Decider, &c.Opinion, &circumstances, &kinds, &c.Months,
		&c.Crime, &c.Form, &c.SuspendedOn, &c.FiledOn, &c.DecidedOn, &c.StageOn, &c.Due, &c.PausedOn, &c.At, &c.Changed, &c.Rev)
	c.Circumstances, c.Kinds = split[string](circumstances), split[string](kinds)
	return c, err
}

func caseRow(r *sql.Rows) (Case, error) { return scanCase(r) }

func insertCase(ctx context.Context, tx *audit.Tx, c Case) error {
	return insert(ctx, tx, "conduct_case", `id, no, year, seq, unit_id, manage_id, target_id, person_id, home_id, department_id, level, leadership, rank, retired, conduct,
		gravity, act_from, act_to, sealed, state, handler_id, second_id, decider_id, opinion, circumstances, kinds, months, crime, form, suspended_on, filed_on,
		decided_on, stage_on, due_on, paused_on, at, changed_at, rev`,
		string(c.ID), c.No, c.Year, c.Seq, string(c.Unit), string(c.Manage), db.Null(c.Target), string(c.Person), string(c.Home), db.Null(c.Department), c.Level,
		c.Leadership, c.Rank, c.Retired, c.Conduct, c.Gravity, string(c.ActFrom), string(c.ActTo), c.sealed, c.State, db.Null(c.Handler), db.Null(c.Second),
		db.Null(c.Decider), c.Opinion, strings.Join(c.Circumstances, ","), strings.Join(c.Kinds, ","), c.Months, c.Crime, c.Form, string(c.SuspendedOn),
		string(c.FiledOn), string(c.DecidedOn), string(c.StageOn), string(c.Due), string(c.PausedOn), tx.At, tx.At, 1)
}

func updateCase(ctx context.Context, tx *audit.Tx, c Case) error {
	tx.Touch("conduct_case", c.ID)
	args := []any{string(c.Unit), string(c.Manage), db.Null(c.Target), c.Conduct, c.Gravity, string(c.ActFrom), string(c.ActTo), c.sealed, c.State, db.Null(c.Handler),
		db.Null(c.Second), db.Null(c.Decider), c.Opinion, strings.Join(c.Circumstances, ","), strings.Join(c.Kinds, ","), c.Months, c.Crime, c.Form}
	args = append(args, dates(c.SuspendedOn, c.FiledOn, c.DecidedOn, c.StageOn, c.Due, c.PausedOn)...)
	args = append(args, c.Retired, tx.At, string(c.ID), c.Rev)
	return tx.Change(ctx, "conduct", `UPDATE conduct_case SET unit_id = $1, manage_id = $2, target_id = $3, conduct = $4, gravity = $5, act_from = $6, act_to = $7, sealed = $8,
		state = $9, handler_id = $10, second_id = $11, decider_id = $12, opinion = $13, circumstances = $14, kinds = $15, months = $16, crime = $17, form = $18,
		suspended_on = $19, filed_on = $20, decided_on = $21, stage_on = $22, due_on = $23, paused_on = $24, retired = $25, changed_at = $26, rev = rev + 1
		WHERE id = $27 AND rev = $28`, args...)
}

// CaseByID reads a case with the persons whom it concerns, its file still
// sealed. The caller judges whether it may be seen.
func CaseByID(ctx context.Context, q db.Q, n id.ID) (Case, error) {
	c, err := scanCase(q.QueryRow(ctx, "SELECT "+caseColumns+" FROM conduct_case c WHERE c.id = $1", string(n)))
	if err != nil {
		return c, db.Absent(err, "conduct")
	}
	c.Concerns, err = access.Concerns(ctx, q, c.ID)
	return c, err
}

func casesOf(ctx context.Context, q db.Q, person id.ID) ([]Case, error) {
	rows, err := q.Query(ctx, "SELECT "+caseColumns+" FROM conduct_case c WHERE c.person_id = $1 ORDER BY c.id LIMIT 200", string(person))
	return db.Collect(rows, err, caseRow)
}

func visibleCases(ctx context.Context, q db.Q, p *access.Policy, who actor.Actor, f listFilter, pq page.Query) ([]Case, page.Next, error) {
	var args []any
	where := p.Filter(who, "conduct.read", caseAccess, &args)
	if f.State != "" {
		args = append(args, f.State)
		where += fmt.Sprintf(" AND c.state = $%d", len(args))
	}
	if f.Form != "" {
		args = append(args, f.Form)
		where += fmt.Sprintf(" AND CAST(c.form AS TEXT) = $%d", len(args))
	}
	return paged(ctx, q, caseColumns, "conduct_case c", "c.id", where, args, pq, caseRow, func(c Case) id.ID { return c.ID })
}

func insertTick(ctx context.Context, tx *audit.Tx, t Tick) error {
	return insert(ctx, tx, "conduct_clock", "id, case_id, stage, from_on, value, unit, due_on, extended, paused, ended_on",
		string(t.ID), string(t.Case), t.Stage, string(t.From), t.Value, t.Unit, string(t.Due), t.Extended, t.Paused, string(t.Ended))
}

func updateTick(ctx context.Context, tx *audit.Tx, t Tick) error {
	tx.Touch("conduct_clock", t.ID)
	return tx.Change(ctx, "clock", "UPDATE conduct_clock SET due_on = $1, extended = $2, paused = $3, ended_on = $4 WHERE id = $5",
		string(t.Due), t.Extended, t.Paused, string(t.Ended), string(t.ID))
}

func ticksOf(ctx context.Context, q db.Q, n id.ID) ([]Tick, error) {
	rows, err := q.Query(ctx, "SELECT id, case_id, stage, from_on, value, unit, due_on, extended, paused, ended_on FROM conduct_clock WHERE case_id = $1 ORDER BY id", string(n))
	return db.Collect(rows, err, func(r *sql.Rows) (t Tick, err error) {
		return t, r.Scan(&t.ID, &t.Case, &t.Stage, &t.From, &t.Value, &t.Unit, &t.Due, &t.Extended, &t.Paused, &t.Ended)
	})
}

func insertPause(ctx context.Context, tx *audit.Tx, p Pause) error {
	return insert(ctx, tx, "conduct_pause", "id, case_id, clock_id, ground, from_on, to_on", string(p.ID), string(p.Case), db.Null(p.Clock), p.Ground, string(p.From), "")
}

func endPause(ctx context.Context, tx *audit.Tx, n id.ID, to clock.Date) error {
	tx.Touch("conduct_pause", n)
	return tx.Change(ctx, "pause", "UPDATE conduct_pause SET to_on = $1 WHERE id = $2 AND to_on = ''", string(to), string(n))
}

func pausesOf(ctx context.Context, q db.Q, n id.ID) ([]Pause, error) {
	rows, err := q.Query(ctx, "SELECT id, case_id, COALESCE(clock_id, ''), ground, from_on, to_on FROM conduct_pause WHERE case_id = $1 ORDER BY id", string(n))
	return db.Collect(rows, err, func(r *sql.Rows) (p Pause, err error) {
		return p, r.Scan(&p.ID, &p.Case, &p.Clock, &p.Ground, &p.From, &p.To)
	})
}

const sanctionColumns = `s.id, s.case_id, s.person_id, s.unit_id, s.manage_id, s.kind, s.layer, s.act_end, s.decided_on, s.effect, s.state, s.lifted_on, s.enforced_on,
	COALESCE(s.names_id, ''), s.rev`

var sanctionAccess = access.Columns{State: "s.state", Units: []string{"s.unit_id"}, Concern: []string{"s.case_id"}}

func scanSanction(r scanner) (s Sanction, err error) {
	var effect string
	if err = r.Scan(&s.ID, &s.Case, &s.Person, &s.Unit, &s.Manage, &s.Kind, &s.Layer, &s.ActEnd, &s.DecidedOn, &effect, &s.State, &s.LiftedOn, &s.EnforcedOn, &s.Names, &s.Rev); err != nil {
		return s, err
	}
	return s, json.Unmarshal([]byte(effect), &s.Effect)
}

func sanctionRow(r *sql.Rows) (Sanction, error) { return scanSanction(r) }

func insertSanction(ctx context.Context, tx *audit.Tx, s Sanction) error {
	return insert(ctx, tx, "conduct_sanction", "id, case_id, person_id, unit_id, manage_id, kind, layer, act_end, decided_on, to_on, effect, state, lifted_on, enforced_on, names_id, rev",
		string(s.ID), string(s.Case), string(s.Person), string(s.Unit), string(s.Manage), s.Kind, s.Layer, string(s.ActEnd), string(s.DecidedOn), string(s.Effect.To), jsonText(s.Effect), s.State, "", "", db.Null(s.Names), 1)
}

func updateSanction(ctx context.Context, tx *audit.Tx, s Sanction) error {
	tx.Touch("conduct_sanction", s.ID)
	return tx.Change(ctx, "sanction", "UPDATE conduct_sanction SET state = $1, lifted_on = $2, enforced_on = $3, effect = $4, to_on = $5, rev = rev + 1 WHERE id = $6 AND rev = $7",
		s.State, string(s.LiftedOn), string(s.EnforcedOn), jsonText(s.Effect), string(s.Effect.To), string(s.ID), s.Rev)
}

func sanctionsWhere(ctx context.Context, q db.Q, column string, n id.ID) ([]Sanction, error) {
	rows, err := q.Query(ctx, "SELECT "+sanctionColumns+" FROM conduct_sanction s WHERE s."+column+" = $1 ORDER BY s.id LIMIT 500", string(n))
	return db.Collect(rows, err, sanctionRow)
}

func sanctionByID(ctx context.Context, q db.Q, n id.ID) (Sanction, error) {
	s, err := scanSanction(q.QueryRow(ctx, "SELECT "+sanctionColumns+" FROM conduct_sanction s WHERE s.id = $1", string(n)))
	if err != nil {
		return s, db.Absent(err, "sanction")
	}
	s.Concerns, err = access.Concerns(ctx, q, s.Case)
	return s, err
}

func visibleSanctions(ctx context.Context, q db.Q, p *access.Policy, who actor.Actor, f listFilter, pq page.Query) ([]Sanction, page.Next, error) {
	var args []any
	where := p.Filter(who, "sanction.read", sanctionAccess, &args)
	if f.State != "" {
		args = append(args, f.State)
		where += fmt.Sprintf(" AND s.state = $%d", len(args))
	}
	return paged(ctx, q, sanctionColumns, "conduct_sanction s", "s.id", where, args, pq, sanctionRow, func(s Sanction) id.ID { return s.ID })
}

func insertOutcome(ctx context.Context, tx *audit.Tx, o Outcome) error {
	return insert(ctx, tx, "conduct_outcome", "id, case_id, lead_id, person_id, unit_id, department_id, level, leadership, rank, conduct, kind, form, abuse, decided_on, quarter, void",
		string(o.ID), db.Null(o.Case), db.Null(o.Lead), string(o.Person), string(o.Unit), db.Null(o.Department), o.Level, o.Leadership, o.Rank, o.Conduct, o.Kind, o.Form, o.Abuse, string(o.On), o.Quarter, false)
}

// voidOutcomes takes outcomes of a case out of the figures when a review
// replaced or revoked them; they stay on record.
func voidOutcomes(ctx context.Context, tx *audit.Tx, n id.ID) error {
	rows, err := tx.Query(ctx, "SELECT id FROM conduct_outcome WHERE case_id = $1 AND NOT void", string(n))
	list, err := db.Collect(rows, err, func(r *sql.Rows) (x id.ID, err error) { return x, r.Scan(&x) })
	if err != nil {
		return fmt.Errorf("outcomes of a case: %w", err)
	}
	for _, x := range list {
		tx.Touch("conduct_outcome", x)
		if err := tx.Change(ctx, "outcome", "UPDATE conduct_outcome SET void = TRUE WHERE id = $1", string(x)); err != nil {
			return err
		}
	}
	return nil
}

const outcomeColumns = `o.id, COALESCE(o.case_id, ''), COALESCE(o.lead_id, ''), o.person_id, o.unit_id, COALESCE(o.department_id, ''), o.level, o.leadership, o.rank, o.conduct, o.kind, o.form, o.abuse, o.decided_on, o.quarter`

func outcomeRow(r *sql.Rows) (o Outcome, err error) {
	return o, r.Scan(&o.ID, &o.Case, &o.Lead, &o.Person, &o.Unit, &o.Department, &o.Level, &o.Leadership, &o.Rank, &o.Conduct, &o.Kind, &o.Form, &o.Abuse, &o.On, &o.Quarter)
}

func outcomesOf(ctx context.Context, q db.Q, person id.ID) ([]Outcome, error) {
	rows, err := q.Query(ctx, "SELECT "+outcomeColumns+" FROM conduct_outcome o WHERE o.person_id = $1 AND NOT o.void ORDER BY o.id LIMIT 500", string(person))
	return db.Collect(rows, err, outcomeRow)
}
