package lookback

import (
	"context"
	"database/sql"
	"fmt"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

var consequenceAccess = access.Columns{State: "c.state", By: "c.by_id", Units: []string{"c.unit_id"}, Concern: []string{"c.item_id", "c.finding_id"}}

const consequenceColumns = `c.id, c.lookback_id, c.sample_id, c.item_id, c.finding_id, c.unit_id, c.by_id, c.kind, c.state, c.no, c.reason, COALESCE(c.person_id, ''), c.at, c.done_at, c.rev`

func scanConsequence(r scanner) (c Consequence, err error) {
	return c, r.Scan(&c.ID, &c.Lookback, &c.Sample, &c.Item, &c.Finding, &c.Unit, &c.By, &c.Kind, &c.State, &c.No, &c.Reason, &c.Person, &c.At, &c.DoneAt, &c.Rev)
}

// maxConsequences bounds one list of consequences; a sample has at most a few.
const maxConsequences = 200

func consequencesWhere(ctx context.Context, q db.Q, where string, args ...any) ([]Consequence, error) {
	rows, err := q.Query(ctx, "SELECT "+consequenceColumns+" FROM lookback_consequence c WHERE "+where+fmt.Sprintf(" ORDER BY c.id LIMIT %d", maxConsequences), args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (Consequence, error) { return scanConsequence(r) })
	if err != nil {
		return nil, fmt.Errorf("read consequences: %w", err)
	}
	return out, nil
}

// ConsequencesOf lists what follows a sampled item's verdict.
func ConsequencesOf(ctx context.Context, q db.Q, sample id.ID) ([]Consequence, error) {
	return consequencesWhere(ctx, q, "c.sample_id = $1", string(sample))
}

// consequencesFor lists those that wait for the actor.
func consequencesFor(ctx context.Context, q db.Q, p *access.Policy, who actor.Actor) ([]Consequence, error) {
	var args []any
	cond := p.Filter(who, "consequence.carry_out", consequenceAccess, &args)
	args = append(args, ConsequenceProposed, Confirmed, Reviewed)
	n := len(args)
	return consequencesWhere(ctx, q, fmt.Sprintf("%s AND c.state = $%d AND EXISTS (SELECT 1 FROM lookback_sample s WHERE s.id = c.sample_id AND s.state IN ($%d, $%d))", cond, n-2, n-1, n), args...)
}

func consequenceByID(ctx context.Context, q db.Q, n id.ID) (Consequence, error) {
	c, err := scanConsequence(q.QueryRow(ctx, "SELECT "+consequenceColumns+" FROM lookback_consequence c WHERE c.id = $1", string(n)))
	return c, db.Absent(err, "consequence")
}

func insertConsequence(ctx context.Context, tx *audit.Tx, c Consequence) error {
	return insert(ctx, tx, "lookback_consequence", "id, lookback_id, sample_id, item_id, finding_id, unit_id, by_id, kind, state, no, reason, person_id, at, done_at, rev",
		[][]any{{string(c.ID), string(c.Lookback), string(c.Sample), string(c.Item), string(c.Finding), string(c.Unit), string(c.By), c.Kind, c.State, "", "", nil, tx.At, "", 1}})
}

func updateConsequence(ctx context.Context, tx *audit.Tx, c Consequence) error {
	tx.Touch("lookback_consequence", c.ID)
	return tx.Change(ctx, "consequence", "UPDATE lookback_consequence SET state = $1, no = $2, reason = $3, person_id = $4, done_at = $5, rev = rev + 1 WHERE id = $6 AND rev = $7",
		c.State, c.No, c.Reason, db.Null(c.Person), c.DoneAt, string(c.ID), c.Rev)
}

// leadsOfYear counts the leads that a unit has handed over in a year.
func leadsOfYear(ctx context.Context, q db.Q, by id.ID, prefix string) (n int, err error) {
	err = q.QueryRow(ctx, "SELECT COUNT(*) FROM lookback_consequence WHERE by_id = $1 AND no LIKE $2", string(by), prefix+"%").Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count leads: %w", err)
	}
	return n, nil
}

// openConsequences counts what keeps a look-back from being finished.
func openConsequences(ctx context.Context, q db.Q, l id.ID) (n int, err error) {
	err = q.QueryRow(ctx, "SELECT COUNT(*) FROM lookback_consequence WHERE lookback_id = $1 AND state = $2", string(l), ConsequenceProposed).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count consequences: %w", err)
	}
	return n, nil
}

func insertTest(ctx context.Context, tx *audit.Tx, t Test) error {
	return insert(ctx, tx, "lookback_test", "id, sample_id, claim_id, no, result, note, person_id, at",
		[][]any{{string(t.ID), string(t.Sample), string(t.Claim), t.No, t.Result, t.Note, db.Null(t.Person), tx.At}})
}

// Tests lists the tests run on a sampled item, oldest first.
func Tests(ctx context.Context, q db.Q, sample id.ID) ([]Test, error) {
	rows, err := q.Query(ctx, "SELECT id, sample_id, claim_id, no, result, note, COALESCE(person_id, ''), at FROM lookback_test WHERE sample_id = $1 ORDER BY id", string(sample))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (t Test, err error) {
		return t, r.Scan(&t.ID, &t.Sample, &t.Claim, &t.No, &t.Result, &t.Note, &t.Person, &t.At)
	})
	if err != nil {
		return nil, fmt.Errorf("read tests: %w", err)
	}
	return out, nil
}

// maxFollowed bounds how many verdicts the half-lives are reckoned from.
const maxFollowed = 200000

// followed lists re-verified close-outs that the actor may see.
func followed(ctx context.Context, q db.Q, p *access.Policy, who actor.Actor, f sampleFilter) ([]Followed, error) {
	var args []any
	where := p.Filter(who, "sample.read", sampleAccess, &args) + f.where(&args)
	args = append(args, Confirmed, Objected, Reviewed)
	rows, err := q.Query(ctx, fmt.Sprintf(`SELECT s.item_id, s.unit_id, s.category, s.verdict, s.closed_on, CASE WHEN s.judged_on <> '' THEN s.judged_on ELSE SUBSTR(s.changed_at, 1, 10) END, s.since_on
		FROM lookback_sample s WHERE %s AND s.state IN ($%d, $%d, $%d) ORDER BY s.id DESC LIMIT %d`, where, len(args)-2, len(args)-1, len(args), maxFollowed), args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (f Followed, err error) {
		return f, r.Scan(&f.Item, &f.Unit, &f.Category, &f.Verdict, &f.Closed, &f.Judged, &f.Since)
	})
	if err != nil {
		return nil, fmt.Errorf("read followed close-outs: %w", err)
	}
	return out, nil
}
