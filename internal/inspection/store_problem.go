package inspection

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

const problemColumns = `p.id, p.by_id, p.title, p.subject, p.phrases, p.state, COALESCE(p.into_id,''), p.findings, p.units, p.rounds, p.from_on, p.to_on,
	p.members, COALESCE(p.author_id,''), p.at, p.note, p.rev`

func scanProblem(r scanner) (p Problem, err error) {
	phrases := ""
	err = r.Scan(&p.ID, &p.By, &p.Title, &p.Subject, &phrases, &p.State, &p.Into, &p.Findings, &p.Units, &p.Rounds, &p.From, &p.To, &p.Members, &p.Author, &p.At, &p.Note, &p.Rev)
	if phrases != "" {
		p.Phrases = strings.Split(phrases, "\n")
	}
	return p, err
}

// ProblemByID reads one common problem. The caller judges whether it may be seen.
func ProblemByID(ctx context.Context, q db.Q, problem id.ID) (Problem, error) {
	p, err := scanProblem(q.QueryRow(ctx, "SELECT "+problemColumns+" FROM inspection_problem p WHERE p.id = $1", string(problem)))
	return p, db.Absent(err, "problem")
}

func problemsWhere(ctx context.Context, q db.Q, cond string, limit int, args []any) ([]Problem, error) {
	return list(ctx, q, "problems", scanProblem, "SELECT "+problemColumns+" FROM inspection_problem p WHERE "+cond+" ORDER BY p.units DESC, p.id LIMIT "+strconv.Itoa(limit), args...)
}

func insertProblem(ctx context.Context, tx *audit.Tx, p Problem) error {
	tx.Touch("inspection_problem", p.ID)
	_, err := tx.Exec(ctx, `INSERT INTO inspection_problem (id, by_id, title, subject, phrases, state, into_id, findings, units, rounds, from_on, to_on, members, author_id, at, note, rev)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,1)`, string(p.ID), string(p.By), p.Title, p.Subject, strings.Join(p.Phrases, "\n"), p.State, db.Null(p.Into),
		p.Findings, p.Units, p.Rounds, string(p.From), string(p.To), p.Members, db.Null(p.Author), p.At, p.Note)
	return err
}

func updateProblem(ctx context.Context, tx *audit.Tx, p Problem) error {
	tx.Touch("inspection_problem", p.ID)
	return tx.Change(ctx, "problem", `UPDATE inspection_problem SET title = $1, state = $2, into_id = $3, findings = $4, units = $5, rounds = $6, from_on = $7, to_on = $8,
		members = $9, note = $10, rev = rev + 1 WHERE id = $11 AND rev = $12`, p.Title, p.State, db.Null(p.Into), p.Findings, p.Units, p.Rounds, string(p.From), string(p.To),
		p.Members, p.Note, string(p.ID), p.Rev)
}

// rowsAtOnce bounds the rows of one insertion.
const rowsAtOnce = 300

func addMembers(ctx context.Context, tx *audit.Tx, problem id.ID, list []Told) error {
	for part := range slices.Chunk(list, rowsAtOnce) {
		args := []any{string(problem)}
		rows := make([]string, len(part))
		for i, t := range part {
			args = append(args, string(t.ID), string(t.Unit))
			rows[i] = "($1, $" + strconv.Itoa(len(args)-1) + ", $" + strconv.Itoa(len(args)) + ")"
		}
		if _, err := tx.Exec(ctx, "INSERT INTO inspection_problem_finding (problem_id, finding_id, unit_id) VALUES "+strings.Join(rows, ", ")+" ON CONFLICT DO NOTHING", args...); err != nil {
			return fmt.Errorf("add findings to problem: %w", err)
		}
	}
	return nil
}

func moveMembers(ctx context.Context, tx *audit.Tx, from, to id.ID, only []id.ID) error {
	cond, args := "problem_id = $1", []any{string(from), string(to)}
	if only != nil {
		marks := make([]string, len(only))
		for i, f := range only {
			args = append(args, string(f))
			marks[i] = "$" + strconv.Itoa(len(args))
		}
		cond += " AND finding_id IN (" + strings.Join(marks, ",") + ")"
	}
	if _, err := tx.Exec(ctx, "INSERT INTO inspection_problem_finding (problem_id, finding_id, unit_id) SELECT $2, finding_id, unit_id FROM inspection_problem_finding WHERE "+cond+" ON CONFLICT DO NOTHING", args...); err != nil {
		return fmt.Errorf("move findings: %w", err)
	}
	// The second argument stands in the condition so that both statements take the same list.
	if _, err := tx.Exec(ctx, "DELETE FROM inspection_problem_finding WHERE "+cond+" AND problem_id <> $2", args...); err != nil {
		return fmt.Errorf("move findings: %w", err)
	}
	return nil
}

const toldColumns = "f.id, f.unit_id, f.round_id, f.title, COALESCE(v.entry_on, '')"

func scanTold(r scanner) (t Told, err error) {
	return t, r.Scan(&t.ID, &t.Unit, &t.Round, &t.Title, &t.On)
}

func toldWhere(ctx context.Context, q db.Q, cond string, limit int, args []any) ([]Told, error) {
	return list(ctx, q, "findings", scanTold, "SELECT "+toldColumns+" FROM inspection_finding f LEFT JOIN inspection_visit v ON v.id = f.visit_id WHERE "+cond+" ORDER BY f.id DESC LIMIT "+strconv.Itoa(limit), args...)
}

const inProblem = "f.id IN (SELECT finding_id FROM inspection_problem_finding WHERE problem_id = $1)"

func membersOfProblem(ctx context.Context, q db.Q, problem id.ID) ([]Told, error) {
	return toldWhere(ctx, q, inProblem, maxGrouped, []any{string(problem)})
}

// problemsOfFinding are the live problems that a finding is in.
func problemsOfFinding(ctx context.Context, q db.Q, finding id.ID) ([]Problem, error) {
	return problemsWhere(ctx, q, "p.id IN (SELECT problem_id FROM inspection_problem_finding WHERE finding_id = $1) AND p.state IN ($2, $3)", 10,
		[]any{string(finding), ProblemProposed, ProblemConfirmed})
}

// placed tells for each finding of problems kept by a unit in which one it is, and the problem's state.
func placed(ctx context.Context, q db.Q, by id.ID) (map[id.ID]Problem, error) {
	ps, err := problemsWhere(ctx, q, "p.by_id = $1", 10000, []any{string(by)})
	if err != nil {
		return nil, err
	}
	of := map[id.ID]Problem{}
	for _, p := range ps {
		of[p.ID] = p
	}
	type pair struct{ problem, finding id.ID }
	rows, err := list(ctx, q, "problem findings", func(r scanner) (x pair, err error) { return x, r.Scan(&x.problem, &x.finding) },
		"SELECT m.problem_id, m.finding_id FROM inspection_problem_finding m JOIN inspection_problem p ON p.id = m.problem_id WHERE p.by_id = $1 ORDER BY m.problem_id", string(by))
	if err != nil {
		return nil, err
	}
	out := make(map[id.ID]Problem, len(rows))
	for _, x := range rows {
		out[x.finding] = of[x.problem]
	}
	return out, nil
}

// visitedIn lists the units visited in the rounds in which a problem was found.
func visitedIn(ctx context.Context, q db.Q, problem id.ID) ([]id.ID, error) {
	return list(ctx, q, "visited units", func(r scanner) (u id.ID, err error) { return u, r.Scan(&u) },
		`SELECT DISTINCT v.unit_id FROM inspection_visit v WHERE v.state IN ($2, $3) AND v.round_id IN
		(SELECT f.round_id FROM inspection_problem_finding m JOIN inspection_finding f ON f.id = m.finding_id WHERE m.problem_id = $1) ORDER BY v.unit_id`,
		string(problem), VisitLeft, VisitFedBack)
}
