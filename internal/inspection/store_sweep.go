package inspection

import (
	"context"
	"fmt"
	"strconv"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

const sweepColumns = "w.id, w.problem_id, w.by_id, w.state, w.title, w.question, w.profile, w.due_on, w.rectify_days, w.rectify_source, COALESCE(w.author_id,''), w.at, w.rev"

func scanSweep(r scanner) (w Sweep, err error) {
	levels := ""
	err = r.Scan(&w.ID, &w.Problem, &w.By, &w.State, &w.Title, &w.Question, &levels, &w.Due, &w.RectifyDays, &w.RectifySource, &w.Author, &w.At, &w.Rev)
	w.Levels = levelsOf(levels)
	return w, err
}

// SweepByID reads one sweep.
func SweepByID(ctx context.Context, q db.Q, sweep id.ID) (Sweep, error) {
	w, err := scanSweep(q.QueryRow(ctx, "SELECT "+sweepColumns+" FROM inspection_sweep w WHERE w.id = $1", string(sweep)))
	return w, db.Absent(err, "sweep")
}

func sweepsWhere(ctx context.Context, q db.Q, cond string, args []any) ([]Sweep, error) {
	return list(ctx, q, "sweeps", scanSweep, "SELECT "+sweepColumns+" FROM inspection_sweep w WHERE "+cond+" ORDER BY w.id DESC LIMIT 200", args...)
}

func insertSweep(ctx context.Context, tx *audit.Tx, w Sweep) error {
	tx.Touch("inspection_sweep", w.ID)
	_, err := tx.Exec(ctx, `INSERT INTO inspection_sweep (id, problem_id, by_id, state, title, question, profile, due_on, rectify_days, rectify_source, author_id, at, rev)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,1)`, string(w.ID), string(w.Problem), string(w.By), w.State, w.Title, w.Question, levelsText(w.Levels), string(w.Due), w.RectifyDays,
		w.RectifySource, db.Null(w.Author), w.At)
	return err
}

func updateSweep(ctx context.Context, tx *audit.Tx, w Sweep) error {
	tx.Touch("inspection_sweep", w.ID)
	return tx.Change(ctx, "sweep", "UPDATE inspection_sweep SET state = $1, rev = rev + 1 WHERE id = $2 AND rev = $3", w.State, string(w.ID), w.Rev)
}

const checkColumns = "c.id, c.sweep_id, c.unit_id, c.by_id, c.state, c.answer, c.note, c.proof, c.rectify_on, c.rectified, COALESCE(c.author_id,''), c.answered_on, c.rev"

func scanCheck(r scanner) (c SelfCheck, err error) {
	return c, r.Scan(&c.ID, &c.Sweep, &c.Unit, &c.By, &c.State, &c.Answer, &c.Note, &c.Proof, &c.RectifyOn, &c.Rectified, &c.Author, &c.AnsweredOn, &c.Rev)
}

// SelfCheckByID reads one unit's self-check.
func SelfCheckByID(ctx context.Context, q db.Q, check id.ID) (SelfCheck, error) {
	c, err := scanCheck(q.QueryRow(ctx, "SELECT "+checkColumns+" FROM inspection_sweep_answer c WHERE c.id = $1", string(check)))
	return c, db.Absent(err, "selfcheck")
}

func checksWhere(ctx context.Context, q db.Q, cond, order string, limit int, args []any) ([]SelfCheck, error) {
	return list(ctx, q, "self-checks", scanCheck, "SELECT "+checkColumns+" FROM inspection_sweep_answer c WHERE "+cond+" ORDER BY "+order+" LIMIT "+strconv.Itoa(limit), args...)
}

func insertCheck(ctx context.Context, tx *audit.Tx, c SelfCheck) error {
	tx.Touch("inspection_sweep_answer", c.ID)
	_, err := tx.Exec(ctx, `INSERT INTO inspection_sweep_answer (id, sweep_id, unit_id, by_id, state, answer, note, proof, rectify_on, rectified, author_id, answered_on, rev)
		VALUES ($1,$2,$3,$4,$5,'','','','','',NULL,'',1)`, string(c.ID), string(c.Sweep), string(c.Unit), string(c.By), c.State)
	return err
}

func updateCheck(ctx context.Context, tx *audit.Tx, c SelfCheck) error {
	tx.Touch("inspection_sweep_answer", c.ID)
	return tx.Change(ctx, "selfcheck", `UPDATE inspection_sweep_answer SET state = $1, answer = $2, note = $3, proof = $4, rectify_on = $5, rectified = $6, author_id = $7, answered_on = $8,
		rev = rev + 1 WHERE id = $9 AND rev = $10`, c.State, c.Answer, c.Note, c.Proof, string(c.RectifyOn), c.Rectified, db.Null(c.Author), string(c.AnsweredOn), string(c.ID), c.Rev)
}

// checkCounts counts the answers of sweeps that a condition chooses.
func checkCounts(ctx context.Context, q db.Q, cond string, args []any) (map[string]int, error) {
	type pair struct {
		key string
		n   int
	}
	ps, err := list(ctx, q, "self-checks", func(r scanner) (p pair, err error) { return p, r.Scan(&p.key, &p.n) },
		"SELECT CASE WHEN c.state = 'rectified' THEN 'rectified' WHEN c.answer = '' THEN 'waiting' ELSE c.answer END AS k, COUNT(*) FROM inspection_sweep_answer c WHERE "+cond+" GROUP BY k", args...)
	out := map[string]int{}
	for _, p := range ps {
		out[p.key] = p.n
	}
	return out, err
}

// reportedBy counts what a unit has reported itself.
func reportedBy(ctx context.Context, q db.Q, unit id.ID) (n int, err error) {
	if err = q.QueryRow(ctx, "SELECT COUNT(*) FROM inspection_sweep_answer c WHERE c.unit_id = $1 AND c.answer = $2", string(unit), AnswerHave).Scan(&n); err != nil {
		return 0, fmt.Errorf("count self-reports: %w", err)
	}
	return n, nil
}

// mostOf is the implementation and the severity that most findings of a common
// problem have.
func mostOf(ctx context.Context, q db.Q, problem id.ID) (category, severity string, err error) {
	for column, into := range map[string]*string{"f.category": &category, "f.severity": &severity} {
		err := q.QueryRow(ctx, "SELECT "+column+" FROM inspection_finding f WHERE "+inProblem+" GROUP BY "+column+" ORDER BY COUNT(*) DESC, "+column+" LIMIT 1", string(problem)).Scan(into)
		if err != nil {
			return "", "", db.Absent(err, "problem")
		}
	}
	return category, severity, nil
}
