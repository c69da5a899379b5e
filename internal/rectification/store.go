package rectification

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

type scanner interface{ Scan(dest ...any) error }

const itemColumns = `i.id, i.finding_id, i.round_id, COALESCE(i.team_id,''), COALESCE(i.lent_id,''), i.unit_id, i.by_id, i.no, i.title, i.problem,
	i.severity, i.category, i.fed_back_on, i.first_due_on, i.due_on, i.state, i.claimed, i.claimed_word, i.verified, i.verified_on, i.lasting,
	i.lead, i.department, i.root, i.goal, i.similar_found, i.rules_made, i.handled, i.closed_on, COALESCE(i.closer_id,''),
	COALESCE(i.rectifier_id,''), i.applications, i.reopened, i.extensions, i.changed_at, COALESCE(i.changer_id,''), i.aside_on, i.until_on, i.level, i.kind, i.rev`

func scanItem(r scanner) (i Item, err error) {
	return i, r.Scan(&i.ID, &i.Finding, &i.Round, &i.Team, &i.Lent, &i.Unit, &i.By, &i.No, &i.Title, &i.Problem,
		&i.Severity, &i.Category, &i.FedBack, &i.FirstDue, &i.Due, &i.State, &i.Claimed, &i.ClaimedWord, &i.Verified, &i.VerifiedOn, &i.Lasting,
		&i.Lead, &i.Department, &i.Root, &i.Goal, &i.Similar, &i.Rules, &i.Handled, &i.ClosedOn, &i.Closer,
		&i.Rectifier, &i.Applications, &i.Reopened, &i.Extensions, &i.Changed, &i.Changer, &i.Aside, &i.Until, &i.Level, &i.Kind, &i.Rev)
}

func itemRow(r *sql.Rows) (Item, error) { return scanItem(r) }

// ItemByID reads one item with the persons whom it concerns, by itself or by its
// finding. The caller judges whether it may be seen.
func ItemByID(ctx context.Context, q db.Q, item id.ID) (Item, error) {
	return oneItem(ctx, q, "i.id = $1", item)
}

// ItemOfFinding reads the item of a finding.
func ItemOfFinding(ctx context.Context, q db.Q, finding id.ID) (Item, error) {
	return oneItem(ctx, q, "i.finding_id = $1", finding)
}

func oneItem(ctx context.Context, q db.Q, where string, key id.ID) (Item, error) {
	i, err := scanItem(q.QueryRow(ctx, "SELECT "+itemColumns+" FROM rectify_item i WHERE "+where, string(key)))
	if err := db.Absent(err, "item"); err != nil {
		return i, err
	}
	i.Concerns, err = access.Concerns(ctx, q, i.ID, i.Finding)
	return i, err
}

const itemNames = `id, finding_id, round_id, team_id, lent_id, unit_id, by_id, no, title, problem, severity, category, fed_back_on, first_due_on,
	due_on, state, open, claimed, claimed_word, verified, verified_on, lasting, lead, department, root, goal, similar_found, rules_made, handled,
	closed_on, closer_id, rectifier_id, applications, reopened, extensions, changed_at, changer_id, aside_on, until_on, level, kind, rev`

func (i Item) values() []any {
	return []any{string(i.ID), string(i.Finding), string(i.Round), db.Null(i.Team), db.Null(i.Lent), string(i.Unit), string(i.By), i.No, i.Title,
		i.Problem, i.Severity, i.Category, string(i.FedBack), string(i.FirstDue), string(i.Due), i.State, i.open(), i.Claimed, i.ClaimedWord,
		i.Verified, string(i.VerifiedOn), i.Lasting, i.Lead, i.Department, i.Root, i.Goal, i.Similar, i.Rules, i.Handled, string(i.ClosedOn),
		db.Null(i.Closer), db.Null(i.Rectifier), i.Applications, i.Reopened, i.Extensions, i.Changed, db.Null(i.Changer), string(i.Aside), string(i.Until), i.Level, i.Kind, i.Rev}
}

// open is 1 for what waits for the unit or the reviewer, 0 for what is closed and
// 2 for what is set aside, so that one index serves every list of each.
func (i Item) open() int {
	switch {
	case i.State == StateClosed:
		return 0
	case i.IsAside():
		return 2
	}
	return 1
}

func insertItem(ctx context.Context, tx *audit.Tx, items ...Item) error {
	rows := make([][]any, len(items))
	for n, i := range items {
		i.Rev, i.Changed = 1, tx.At
		rows[n] = i.values()
		tx.Touch("rectify_item", i.ID)
	}
	return tx.InsertMany(ctx, "rectify_item", itemNames, rows)
}

// updateItem writes everything that may change. Identity, wording and the first
// clock are not among it.
func updateItem(ctx context.Context, tx *audit.Tx, i Item, by id.ID) error {
	tx.Touch("rectify_item", i.ID)
	return tx.Change(ctx, "item", `UPDATE rectify_item SET lent_id = $1, due_on = $2, state = $3, open = $4, claimed = $5, claimed_word = $6,
		verified = $7, verified_on = $8, lasting = $9, lead = $10, department = $11, root = $12, goal = $13, similar_found = $14, rules_made = $15,
		handled = $16, closed_on = $17, closer_id = $18, rectifier_id = $19, applications = $20, reopened = $21, extensions = $22,
		changed_at = $23, changer_id = $24, level = $25, aside_on = $26, until_on = $27, rev = rev + 1 WHERE id = $28 AND rev = $29`,
		db.Null(i.Lent), string(i.Due), i.State, i.open(), i.Claimed, i.ClaimedWord, i.Verified, string(i.VerifiedOn), i.Lasting, i.Lead, i.Department,
		i.Root, i.Goal, i.Similar, i.Rules, i.Handled, string(i.ClosedOn), db.Null(i.Closer), db.Null(i.Rectifier), i.Applications, i.Reopened,
		i.Extensions, tx.At, db.Null(by), i.Level, string(i.Aside), string(i.Until), string(i.ID), i.Rev)
}

const measureColumns = "m.id, m.unit_id, m.body, m.kind, m.responsible, m.department, m.due_on, m.state, m.done_on, m.changed_at, COALESCE(m.changer_id,''), m.rev"

func scanMeasure(r *sql.Rows) (m Measure, err error) {
	return m, r.Scan(&m.ID, &m.Unit, &m.Text, &m.Kind, &m.Responsible, &m.Department, &m.Due, &m.State, &m.DoneOn, &m.Changed, &m.Changer, &m.Rev)
}

// Measures lists the measures that serve an item, in the order of their making.
func Measures(ctx context.Context, q db.Q, item id.ID) ([]Measure, error) {
	rows, err := q.Query(ctx, "SELECT "+measureColumns+" FROM rectify_serves s JOIN rectify_measure m ON m.id = s.measure_id WHERE s.item_id = $1 ORDER BY m.id", string(item))
	out, err := db.Collect(rows, err, scanMeasure)
	if err != nil {
		return nil, fmt.Errorf("read measures: %w", err)
	}
	return out, nil
}

const (
	measureNames = "id, unit_id, body, kind, responsible, department, due_on, state, done_on, changed_at, changer_id, rev"
	servesNames  = "id, item_id, measure_id"
)

func (m Measure) values() []any {
	return []any{string(m.ID), string(m.Unit), m.Text, m.Kind, m.Responsible, m.Department, string(m.Due), m.State, string(m.DoneOn), m.Changed, db.Null(m.Changer), 1}
}

func insertMeasure(ctx context.Context, tx *audit.Tx, m Measure, items ...id.ID) error {
	m.Changed = tx.At
	if err := tx.InsertMany(ctx, "rectify_measure", measureNames, [][]any{m.values()}); err != nil {
		return err
	}
	tx.Touch("rectify_measure", m.ID)
	return serve(ctx, tx, m.ID, items...)
}

func serve(ctx context.Context, tx *audit.Tx, measure id.ID, items ...id.ID) error {
	for _, i := range items {
		n := id.New()
		if err := tx.InsertMany(ctx, "rectify_serves", servesNames, [][]any{{string(n), string(i), string(measure)}}); err != nil {
			return err
		}
		tx.Touch("rectify_serves", n)
	}
	return nil
}

const evidenceColumns = `e.id, e.item_id, COALESCE(e.measure_id,''), e.hash, e.name, e.kind, e.mime, e.size, e.note, e.dated_on,
	COALESCE(e.person_id,''), e.at, COALESCE(e.replaces_id,''), e.revision`

func scanEvidence(r scanner) (e Evidence, err error) {
	return e, r.Scan(&e.ID, &e.Item, &e.Measure, &e.Hash, &e.Name, &e.Kind, &e.Mime, &e.Size, &e.Note, &e.Dated, &e.By, &e.At, &e.Replaces, &e.Revision)
}

// EvidenceOf lists all evidence of an item, replaced revisions too.
func EvidenceOf(ctx context.Context, q db.Q, item id.ID) ([]Evidence, error) {
	rows, err := q.Query(ctx, "SELECT "+evidenceColumns+" FROM rectify_evidence e WHERE e.item_id = $1 ORDER BY e.id", string(item))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (Evidence, error) { return scanEvidence(r) })
	if err != nil {
		return nil, fmt.Errorf("read evidence: %w", err)
	}
	return out, nil
}

func evidenceByID(ctx context.Context, q db.Q, evidence id.ID) (Evidence, error) {
	e, err := scanEvidence(q.QueryRow(ctx, "SELECT "+evidenceColumns+" FROM rectify_evidence e WHERE e.id = $1", string(evidence)))
	return e, db.Absent(err, "evidence")
}

// Closings lists the applications of an item with what became of them, oldest first.
func Closings(ctx context.Context, q db.Q, item id.ID) ([]Closing, error) {
	rows, err := q.Query(ctx, `SELECT id, item_id, no, statement, measures, COALESCE(person_id,''), at, decision, COALESCE(judge_id,''), judged_at, reasons, opinion, rev
		FROM rectify_application WHERE item_id = $1 ORDER BY no`, string(item))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (c Closing, err error) {
		var measures, reasons string
		err = r.Scan(&c.ID, &c.Item, &c.No, &c.Statement, &measures, &c.By, &c.At, &c.Decision, &c.Judge, &c.JudgeAt, &reasons, &c.Opinion, &c.Rev)
		c.Measures, c.Reasons = split(measures), strings.Fields(reasons)
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("read applications: %w", err)
	}
	return out, nil
}

// event notes one step of an item's story.
func event(ctx context.Context, tx *audit.Tx, item id.ID, who actor.Actor, side, do, from, to, reason string) error {
	n := id.New()
	tx.Touch("rectify_event", n)
	return tx.InsertMany(ctx, "rectify_event", "id, item_id, at, person_id, side, act, from_state, to_state, reason",
		[][]any{{string(n), string(item), tx.At, db.Null(who.Person), side, do, from, to, reason}})
}

// ClosedQuery narrows the population of a look-back draw. Empty fields do not.
type ClosedQuery struct {
	Round id.ID
	Unit  id.ID // exactly this unit
	Under id.ID // this unit and all below it
	By    id.ID // dispatching unit
}

// Closed lists the closed items for a look-back draw, ordered by id so that a
// published seed draws the same sample again.
func Closed(ctx context.Context, q db.Q, c ClosedQuery) ([]Item, error) {
	where, args := "i.state = $1", []any{StateClosed}
	for _, f := range []struct {
		cond string
		v    id.ID
	}{{"i.round_id = $%d", c.Round}, {"i.unit_id = $%d", c.Unit}, {"i.by_id = $%d", c.By},
		{"i.unit_id IN (SELECT unit_id FROM access_tree WHERE above_id = $%d)", c.Under}} {
		if f.v != "" {
			args = append(args, string(f.v))
			where += " AND " + fmt.Sprintf(f.cond, len(args))
		}
	}
	rows, err := q.Query(ctx, "SELECT "+itemColumns+" FROM rectify_item i WHERE "+where+" ORDER BY i.id", args...)
	out, err := db.Collect(rows, err, itemRow)
	if err != nil {
		return nil, fmt.Errorf("read closed items: %w", err)
	}
	return out, nil
}
