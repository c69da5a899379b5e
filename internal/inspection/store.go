package inspection

import (
	"context"
	"database/sql"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
)

type scanner interface{ Scan(dest ...any) error }

const termColumns = "id, no, name, unit_id, start_on, end_on, rev"

func scanTerm(r scanner) (t Term, err error) {
	return t, r.Scan(&t.ID, &t.No, &t.Name, &t.Unit, &t.Start, &t.End, &t.Rev)
}

// TermByID reads one term.
func TermByID(ctx context.Context, q db.Q, term id.ID) (Term, error) {
	t, err := scanTerm(q.QueryRow(ctx, "SELECT "+termColumns+" FROM inspection_term WHERE id = $1", string(term)))
	return t, db.Absent(err, "term")
}

const roundColumns = "id, term_id, no, name, kind, state, unit_id, start_on, end_on, rectify_months, rectify_source, rev"

func scanRound(r scanner) (x Round, err error) {
	return x, r.Scan(&x.ID, &x.Term, &x.No, &x.Name, &x.Kind, &x.State, &x.Unit, &x.Start, &x.End, &x.RectifyMonths, &x.RectifySource, &x.Rev)
}

// RoundByID reads one round.
func RoundByID(ctx context.Context, q db.Q, round id.ID) (Round, error) {
	x, err := scanRound(q.QueryRow(ctx, "SELECT "+roundColumns+" FROM inspection_round WHERE id = $1", string(round)))
	return x, db.Absent(err, "round")
}

const visitColumns = "id, round_id, COALESCE(team_id,''), unit_id, by_id, entry_on, exit_on, feedback_on, state, rev"

func scanVisit(r scanner) (v Visit, err error) {
	return v, r.Scan(&v.ID, &v.Round, &v.Team, &v.Unit, &v.By, &v.Entry, &v.Exit, &v.Feedback, &v.State, &v.Rev)
}

// VisitByID reads one visit.
func VisitByID(ctx context.Context, q db.Q, visit id.ID) (Visit, error) {
	v, err := scanVisit(q.QueryRow(ctx, "SELECT "+visitColumns+" FROM inspection_visit WHERE id = $1", string(visit)))
	return v, db.Absent(err, "visit")
}

const findingColumns = `f.id, f.round_id, f.visit_id, COALESCE(f.team_id,''), f.unit_id, f.responsible_id, f.by_id, COALESCE(f.author_id,''), f.no,
	f.category, f.aspect, f.title, f.fact, f.basis, f.cause, f.consequence, f.severity, f.scope, f.origin, f.state, f.higher_cause, f.amount,
	COALESCE(f.recurs_id,''), f.response, f.response_reason, f.ruling, f.stated_no, f.stated_status, f.stated_due_on, f.stated_due,
	f.stated_lead, f.stated_department, f.stated_measures, f.rev`

func scanFinding(r scanner) (f Finding, err error) {
	var measures string
	err = r.Scan(&f.ID, &f.Round, &f.Visit, &f.Team, &f.Unit, &f.Responsible, &f.By, &f.Author, &f.No,
		&f.Category, &f.Aspect, &f.Title, &f.Fact, &f.Basis, &f.Cause, &f.Consequence, &f.Severity, &f.Scope, &f.Origin, &f.State, &f.HigherCause, &f.Amount,
		&f.Recurs, &f.Response, &f.ResponseReason, &f.Ruling, &f.Stated.No, &f.Stated.Status, &f.Stated.Due, &f.Stated.DueWord,
		&f.Stated.Lead, &f.Stated.Department, &measures, &f.Rev)
	if measures != "" {
		f.Stated.Measures = strings.Split(measures, "\n")
	}
	return f, err
}

// FindingByID reads one finding. The caller judges whether it may be seen.
func FindingByID(ctx context.Context, q db.Q, finding id.ID) (Finding, error) {
	f, err := scanFinding(q.QueryRow(ctx, "SELECT "+findingColumns+" FROM inspection_finding f WHERE f.id = $1", string(finding)))
	return f, db.Absent(err, "finding")
}

// Teams lists the seats that a person holds on a day in rounds that are not
// closed. Whoever sits in a team of a look-back round also holds Lookback.
func Teams(ctx context.Context, q db.Q, person id.ID, on clock.Date) ([]actor.Membership, error) {
	rows, err := q.Query(ctx, `SELECT m.team_id, m.round_id, m.role, r.kind FROM inspection_member m JOIN inspection_round r ON r.id = m.round_id
		WHERE m.person_id = $1 AND (m.from_on = '' OR m.from_on <= $2) AND (m.to_on = '' OR m.to_on >= $2) AND r.state <> $3
		ORDER BY m.id`, string(person), string(on), RoundClosed)
	type seat struct {
		actor.Membership
		kind string
	}
	seats, err := db.Collect(rows, err, func(r *sql.Rows) (x seat, err error) {
		return x, r.Scan(&x.Team, &x.Round, &x.Role, &x.kind)
	})
	if err != nil {
		return nil, db.Absent(err, "teams")
	}
	var out []actor.Membership
	for _, x := range seats {
		out = append(out, x.Membership)
		if x.kind == KindLookback && x.Role != actor.Lookback {
			out = append(out, actor.Membership{Team: x.Team, Round: x.Round, Role: actor.Lookback})
		}
	}
	return out, nil
}
