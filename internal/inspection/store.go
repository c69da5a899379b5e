package inspection

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/search"
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

const roundColumns = "id, term_id, no, name, kind, state, unit_id, start_on, end_on, rectify_months, rectify_source, seats_min, seats_max, seats_source, upper_id, rev"

func scanRound(r scanner) (x Round, err error) {
	return x, r.Scan(&x.ID, &x.Term, &x.No, &x.Name, &x.Kind, &x.State, &x.Unit, &x.Start, &x.End, &x.RectifyMonths, &x.RectifySource, &x.SeatsMin, &x.SeatsMax, &x.SeatsSource, &x.Upper, &x.Rev)
}

// RoundByID reads one round.
func RoundByID(ctx context.Context, q db.Q, round id.ID) (Round, error) {
	x, err := scanRound(q.QueryRow(ctx, "SELECT "+roundColumns+" FROM inspection_round WHERE id = $1", string(round)))
	return x, db.Absent(err, "round")
}

const visitColumns = "id, round_id, COALESCE(team_id,''), unit_id, by_id, kind, entry_on, exit_on, feedback_on, state, rev"

func scanVisit(r scanner) (v Visit, err error) {
	return v, r.Scan(&v.ID, &v.Round, &v.Team, &v.Unit, &v.By, &v.Kind, &v.Entry, &v.Exit, &v.Feedback, &v.State, &v.Rev)
}

// VisitByID reads one visit.
func VisitByID(ctx context.Context, q db.Q, visit id.ID) (Visit, error) {
	v, err := scanVisit(q.QueryRow(ctx, "SELECT "+visitColumns+" FROM inspection_visit WHERE id = $1", string(visit)))
	return v, db.Absent(err, "visit")
}

const findingColumns = `f.id, f.round_id, f.visit_id, COALESCE(f.team_id,''), f.unit_id, f.responsible_id, f.by_id, COALESCE(f.author_id,''), f.no,
	f.category, f.aspect, f.title, f.fact, f.basis, f.cause, f.consequence, f.severity, f.scope, f.origin, f.state, f.higher_cause, f.amount,
	COALESCE(f.recurs_id,''), f.response, f.response_reason, f.ruling, f.stated_no, f.stated_status, f.stated_due_on, f.stated_due,
	f.stated_lead, f.stated_department, f.stated_measures, f.criterion_id, f.criterion, f.manifestations, f.class_of, f.class_code, f.decided_of, f.decided_code, f.shared_on, f.rev`

func scanFinding(r scanner) (f Finding, err error) {
	var measures, manifestations string
	err = r.Scan(&f.ID, &f.Round, &f.Visit, &f.Team, &f.Unit, &f.Responsible, &f.By, &f.Author, &f.No,
		&f.Category, &f.Aspect, &f.Title, &f.Fact, &f.Basis, &f.Cause, &f.Consequence, &f.Severity, &f.Scope, &f.Origin, &f.State, &f.HigherCause, &f.Amount,
		&f.Recurs, &f.Response, &f.ResponseReason, &f.Ruling, &f.Stated.No, &f.Stated.Status, &f.Stated.Due, &f.Stated.DueWord,
		&f.Stated.Lead, &f.Stated.Department, &measures, &f.Criterion, &f.CriterionText, &manifestations, &f.Class.Of, &f.Class.Code, &f.Decided.Of, &f.Decided.Code, &f.Shared, &f.Rev)
	f.Manifestations = readManifestations(manifestations)
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
		WHERE m.person_id = `+db.Key+` AND (m.from_on = '' OR m.from_on <= $2) AND (m.to_on = '' OR m.to_on >= $2) AND r.state <> $3
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

func list[T any](ctx context.Context, q db.Q, what string, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, query, args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (T, error) { return scan(r) })
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", what, err)
	}
	return out, nil
}

// Terms lists all terms, the latest first.
func Terms(ctx context.Context, q db.Q) ([]Term, error) {
	return list(ctx, q, "terms", scanTerm, "SELECT "+termColumns+" FROM inspection_term ORDER BY start_on DESC, no DESC, id")
}

// Rounds lists all rounds, the latest first.
func Rounds(ctx context.Context, q db.Q) ([]Round, error) {
	return list(ctx, q, "rounds", scanRound, "SELECT "+roundColumns+" FROM inspection_round ORDER BY start_on DESC, no DESC, id")
}

func roundsWhere(ctx context.Context, q db.Q, cond string, args []any) ([]Round, error) {
	return list(ctx, q, "rounds", scanRound, "SELECT "+roundColumns+" FROM inspection_round r WHERE "+cond+" ORDER BY start_on DESC, no DESC, id LIMIT 500", args...)
}

// VisitsOf lists the visits of a round in order of their making.
func VisitsOf(ctx context.Context, q db.Q, round id.ID) ([]Visit, error) {
	return list(ctx, q, "visits", scanVisit, "SELECT "+visitColumns+" FROM inspection_visit WHERE round_id = $1 ORDER BY id", string(round))
}

func visitsWhere(ctx context.Context, q db.Q, cond string, args []any) ([]Visit, error) {
	return list(ctx, q, "visits", scanVisit, "SELECT "+visitColumns+" FROM inspection_visit v WHERE "+cond+" ORDER BY id DESC LIMIT 200", args...)
}

// FindingsOf lists the findings of a round in order of their making.
func FindingsOf(ctx context.Context, q db.Q, round id.ID) ([]Finding, error) {
	return list(ctx, q, "findings", scanFinding, "SELECT "+findingColumns+" FROM inspection_finding f WHERE f.round_id = $1 ORDER BY f.id", string(round))
}

func findingsOfVisit(ctx context.Context, q db.Q, visit id.ID, state string) ([]Finding, error) {
	return list(ctx, q, "findings", scanFinding, "SELECT "+findingColumns+" FROM inspection_finding f WHERE f.visit_id = $1 AND f.state = $2 ORDER BY f.seq", string(visit), state)
}

func findingsWhere(ctx context.Context, q db.Q, cond, order string, limit int, args []any) ([]Finding, error) {
	return list(ctx, q, "findings", scanFinding, "SELECT "+findingColumns+" FROM inspection_finding f WHERE "+cond+
		" ORDER BY "+order+" LIMIT "+strconv.Itoa(limit), args...)
}

func countFindings(ctx context.Context, q db.Q, cond string, cap int, args []any) (n int, err error) {
	err = q.QueryRow(ctx, "SELECT COUNT(*) FROM (SELECT 1 FROM inspection_finding f WHERE "+cond+" LIMIT "+strconv.Itoa(cap)+") x", args...).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count findings: %w", err)
	}
	return n, nil
}

// countsBy counts findings of a round by a column.
func countsBy(ctx context.Context, q db.Q, column, cond string, args []any) (map[string]int, error) {
	rows, err := q.Query(ctx, "SELECT "+column+", COUNT(*) FROM inspection_finding f WHERE "+cond+" GROUP BY "+column, args...)
	type pair struct {
		key string
		n   int
	}
	ps, err := db.Collect(rows, err, func(r *sql.Rows) (p pair, err error) { return p, r.Scan(&p.key, &p.n) })
	if err != nil {
		return nil, fmt.Errorf("count findings: %w", err)
	}
	out := map[string]int{}
	for _, p := range ps {
		out[p.key] = p.n
	}
	return out, nil
}

// TeamsOf lists the teams of a round with their members, ended seats included.
func TeamsOf(ctx context.Context, q db.Q, round id.ID) ([]Team, error) {
	teams, err := list(ctx, q, "teams", func(r scanner) (t Team, err error) {
		return t, r.Scan(&t.ID, &t.Round, &t.Name, &t.Rev)
	}, "SELECT id, round_id, name, rev FROM inspection_team WHERE round_id = $1 ORDER BY id", string(round))
	if err != nil {
		return nil, err
	}
	for i := range teams {
		if teams[i].Members, err = membersOf(ctx, q, teams[i].ID); err != nil {
			return nil, err
		}
	}
	return teams, nil
}

// TeamByID reads one team with its members.
func TeamByID(ctx context.Context, q db.Q, team id.ID) (t Team, err error) {
	err = q.QueryRow(ctx, "SELECT id, round_id, name, rev FROM inspection_team WHERE id = $1", string(team)).Scan(&t.ID, &t.Round, &t.Name, &t.Rev)
	if err != nil {
		return t, db.Absent(err, "team")
	}
	t.Members, err = membersOf(ctx, q, team)
	return t, err
}

func membersOf(ctx context.Context, q db.Q, team id.ID) ([]Member, error) {
	return list(ctx, q, "members", func(r scanner) (m Member, err error) {
		return m, r.Scan(&m.ID, &m.Person, &m.Role, &m.Post, &m.From, &m.To)
	}, "SELECT id, person_id, role, post, from_on, to_on FROM inspection_member WHERE team_id = $1 ORDER BY id", string(team))
}

// seatOf finds the open seat of a person in a round.
func seatOf(ctx context.Context, q db.Q, round, person id.ID) (team id.ID, err error) {
	err = q.QueryRow(ctx, "SELECT team_id FROM inspection_member WHERE round_id = $1 AND person_id = $2 AND to_on = '' ORDER BY id LIMIT 1", string(round), string(person)).Scan(&team)
	return team, db.Absent(err, "seat")
}

func insertTerm(ctx context.Context, tx *audit.Tx, t Term) error {
	_, err := tx.Exec(ctx, "INSERT INTO inspection_term ("+termColumns+") VALUES ($1,$2,$3,$4,$5,$6,1)",
		string(t.ID), t.No, t.Name, string(t.Unit), string(t.Start), string(t.End))
	tx.Touch("inspection_term", t.ID)
	return err
}

func insertRound(ctx context.Context, tx *audit.Tx, r Round) error {
	_, err := tx.Exec(ctx, "INSERT INTO inspection_round ("+roundColumns+") VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,1)",
		string(r.ID), string(r.Term), r.No, r.Name, r.Kind, r.State, string(r.Unit), string(r.Start), string(r.End), r.RectifyMonths, r.RectifySource, r.SeatsMin, r.SeatsMax, r.SeatsSource, string(r.Upper))
	tx.Touch("inspection_round", r.ID)
	return err
}

func updateRound(ctx context.Context, tx *audit.Tx, r Round) error {
	tx.Touch("inspection_round", r.ID)
	return tx.Change(ctx, "round", `UPDATE inspection_round SET name = $1, kind = $2, state = $3, start_on = $4, end_on = $5, rectify_months = $6,
		rectify_source = $7, seats_min = $8, seats_max = $9, seats_source = $10, upper_id = $11, rev = rev + 1 WHERE id = $12 AND rev = $13`, r.Name, r.Kind, r.State, string(r.Start), string(r.End), r.RectifyMonths,
		r.RectifySource, r.SeatsMin, r.SeatsMax, r.SeatsSource, string(r.Upper), string(r.ID), r.Rev)
}

func insertTeam(ctx context.Context, tx *audit.Tx, t Team) error {
	_, err := tx.Exec(ctx, "INSERT INTO inspection_team (id, round_id, name, rev) VALUES ($1,$2,$3,1)", string(t.ID), string(t.Round), t.Name)
	tx.Touch("inspection_team", t.ID)
	return err
}

func insertMember(ctx context.Context, tx *audit.Tx, team, round id.ID, m Member) error {
	_, err := tx.Exec(ctx, "INSERT INTO inspection_member (id, team_id, round_id, person_id, role, post, from_on, to_on, rev) VALUES ($1,$2,$3,$4,$5,$6,$7,'',1)",
		string(m.ID), string(team), string(round), string(m.Person), string(m.Role), m.Post, string(m.From))
	tx.Touch("inspection_member", m.ID)
	return err
}

func endMember(ctx context.Context, tx *audit.Tx, seat id.ID, on clock.Date) error {
	tx.Touch("inspection_member", seat)
	return tx.Change(ctx, "seat", "UPDATE inspection_member SET to_on = $1, rev = rev + 1 WHERE id = $2 AND to_on = ''", string(on), string(seat))
}

func insertVisit(ctx context.Context, tx *audit.Tx, v Visit) error {
	_, err := tx.Exec(ctx, "INSERT INTO inspection_visit (id, round_id, team_id, unit_id, by_id, kind, entry_on, exit_on, feedback_on, state, rev) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,1)",
		string(v.ID), string(v.Round), db.Null(v.Team), string(v.Unit), string(v.By), v.Kind, string(v.Entry), string(v.Exit), string(v.Feedback), v.State)
	tx.Touch("inspection_visit", v.ID)
	return err
}

func updateVisit(ctx context.Context, tx *audit.Tx, v Visit) error {
	tx.Touch("inspection_visit", v.ID)
	return tx.Change(ctx, "visit", "UPDATE inspection_visit SET team_id = $1, entry_on = $2, exit_on = $3, feedback_on = $4, state = $5, rev = rev + 1 WHERE id = $6 AND rev = $7",
		db.Null(v.Team), string(v.Entry), string(v.Exit), string(v.Feedback), v.State, string(v.ID), v.Rev)
}

func nextSeq(ctx context.Context, q db.Q, visit id.ID) (n int, err error) {
	err = q.QueryRow(ctx, "SELECT COALESCE(MAX(seq), 0) + 1 FROM inspection_finding WHERE visit_id = $1", string(visit)).Scan(&n)
	return n, db.Absent(err, "finding")
}

// lastSeq is the highest running number of a visit's findings.
func lastSeq(ctx context.Context, q db.Q, visit id.ID) (n int, err error) {
	err = q.QueryRow(ctx, "SELECT COALESCE(MAX(seq), 0) FROM inspection_finding WHERE visit_id = $1", string(visit)).Scan(&n)
	return n, err
}

const findingNames = `id, round_id, visit_id, team_id, unit_id, responsible_id, by_id, author_id, no, seq,
	category, aspect, title, fact, basis, cause, consequence, severity, scope, origin, state, higher_cause, amount, recurs_id, response,
	response_reason, ruling, stated_no, stated_status, stated_due_on, stated_due, stated_lead, stated_department, stated_measures, criterion_id, criterion, manifestations, manifested, class_of, class_code, decided_of, decided_code, shared_on, rev`

func (f Finding) values(seq int) []any {
	return []any{string(f.ID), string(f.Round), string(f.Visit), db.Null(f.Team), string(f.Unit), string(f.Responsible), string(f.By), db.Null(f.Author), f.No, seq,
		f.Category, f.Aspect, f.Title, f.Fact, f.Basis, f.Cause, f.Consequence, f.Severity, f.Scope, f.Origin, f.State, f.HigherCause, f.Amount,
		db.Null(f.Recurs), f.Response, f.ResponseReason, f.Ruling, f.Stated.No, f.Stated.Status, string(f.Stated.Due), f.Stated.DueWord,
		f.Stated.Lead, f.Stated.Department, strings.Join(f.Stated.Measures, "\n"), string(f.Criterion), f.CriterionText, WriteManifestations(f.Manifestations), Count([]Finding{f}).Times,
		string(f.Class.Of), f.Class.Code, string(f.Decided.Of), f.Decided.Code, string(f.Shared), 1}
}

func insertFinding(ctx context.Context, tx *audit.Tx, f Finding, seq int) error {
	return insertFindings(ctx, tx, []Finding{f}, []int{seq})
}

// insertFindings writes new findings with their running numbers, and files them.
func insertFindings(ctx context.Context, tx *audit.Tx, fs []Finding, seqs []int) error {
	rows, texts := make([][]any, len(fs)), make([]search.Text, len(fs))
	for i, f := range fs {
		rows[i], texts[i] = f.values(seqs[i]), search.Text{Ref: f.ID, Text: f.words()}
		tx.Touch("inspection_finding", f.ID)
	}
	if err := tx.InsertMany(ctx, "inspection_finding", findingNames, rows); err != nil {
		return fmt.Errorf("add finding: %w", err)
	}
	if err := fileAlike(ctx, tx, fs...); err != nil {
		return err
	}
	return search.AddMany(ctx, tx.Tx, "finding", texts)
}

func updateFinding(ctx context.Context, tx *audit.Tx, f Finding) error {
	tx.Touch("inspection_finding", f.ID)
	err := tx.Change(ctx, "finding", `UPDATE inspection_finding SET responsible_id = $1, category = $2, aspect = $3, title = $4, fact = $5, basis = $6, cause = $7,
		consequence = $8, severity = $9, scope = $10, origin = $11, state = $12, higher_cause = $13, amount = $14, recurs_id = $15, response = $16,
		response_reason = $17, ruling = $18, criterion_id = $19, criterion = $20, manifestations = $21, manifested = $22, class_of = $23, class_code = $24,
		decided_of = $25, decided_code = $26, rev = rev + 1 WHERE id = $27 AND rev = $28`,
		string(f.Responsible), f.Category, f.Aspect, f.Title, f.Fact, f.Basis, f.Cause, f.Consequence, f.Severity, f.Scope, f.Origin, f.State,
		f.HigherCause, f.Amount, db.Null(f.Recurs), f.Response, f.ResponseReason, f.Ruling,
		string(f.Criterion), f.CriterionText, WriteManifestations(f.Manifestations), Count([]Finding{f}).Times, string(f.Class.Of), f.Class.Code, string(f.Decided.Of), f.Decided.Code, string(f.ID), f.Rev)
	if err != nil {
		return err
	}
	if err := unfileAlike(ctx, tx, f.ID); err != nil {
		return err
	}
	if err := fileAlike(ctx, tx, f); err != nil {
		return err
	}
	return search.Put(ctx, tx.Tx, "finding", f.ID, f.words())
}

func (f Finding) words() string {
	return strings.Join([]string{f.No, f.Title, f.Aspect, f.Fact, f.Basis, f.Cause, f.Consequence}, "\n")
}
