package contact

import (
	"context"
	"database/sql"
	"fmt"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// caseload is one row of the case system's figures.
type caseload struct {
	id     id.ID
	period Period
	person id.ID
	unit   id.ID
	level  int
	post   string
	cases  int
	rev    int64
}

// caseloadsOf reads what is known of persons in periods, by person and period.
func caseloadsOf(ctx context.Context, q db.Q, periods []Period, persons []id.ID) (map[string]caseload, error) {
	out := map[string]caseload{}
	if len(periods) == 0 || len(persons) == 0 {
		return out, nil
	}
	var args []any
	ps := marks(&args, periods)
	rows, err := q.Query(ctx, "SELECT id, period, person_id, unit_id, level, post, cases, rev FROM contact_caseload WHERE period IN ("+ps+") AND person_id IN ("+marks(&args, persons)+")", args...)
	_, err = db.Collect(rows, err, func(r *sql.Rows) (c caseload, err error) {
		if err = r.Scan(&c.id, &c.period, &c.person, &c.unit, &c.level, &c.post, &c.cases, &c.rev); err == nil {
			out[string(c.person)+"/"+string(c.period)] = c
		}
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("read caseloads: %w", err)
	}
	return out, nil
}

func insertCaseloads(ctx context.Context, tx *audit.Tx, list []caseload, by id.ID) error {
	rows := make([][]any, len(list))
	for i, c := range list {
		n := id.New()
		rows[i] = []any{string(n), string(c.period), string(c.person), string(c.unit), c.level, c.post, c.cases, string(by), tx.At, 1}
		tx.Touch("contact_caseload", n)
	}
	return tx.InsertMany(ctx, "contact_caseload", "id, period, person_id, unit_id, level, post, cases, by_id, at, rev", rows)
}

func updateCaseload(ctx context.Context, tx *audit.Tx, c caseload, by id.ID) error {
	tx.Touch("contact_caseload", c.id)
	return tx.Change(ctx, "caseload", "UPDATE contact_caseload SET unit_id = $1, level = $2, post = $3, cases = $4, by_id = $5, at = $6, rev = rev + 1 WHERE id = $7 AND rev = $8",
		string(c.unit), c.level, c.post, c.cases, string(by), tx.At, string(c.id), c.rev)
}

// maxLoads bounds one unit's page: 3,000 people in twelve periods.
const maxLoads = 36000

// loadsIn reads the caseloads of a unit's people with their returns.
func loadsIn(ctx context.Context, q db.Q, unit id.ID, periods []Period) ([]load, error) {
	var args []any
	ps := marks(&args, periods)
	args = append(args, string(unit))
	rows, err := q.Query(ctx, fmt.Sprintf(`SELECT c.person_id, c.period, c.post, c.cases, CASE WHEN r.id IS NULL AND f.id IS NULL THEN FALSE ELSE TRUE END,
			CASE WHEN r.id IS NOT NULL THEN r.zero WHEN f.id IS NOT NULL THEN %s ELSE FALSE END
		FROM contact_caseload c LEFT JOIN contact_return r ON r.period = c.period AND r.person_id = c.person_id LEFT JOIN contact_former f ON %s
		WHERE c.period IN (%s) AND c.unit_id = $%d ORDER BY c.person_id, c.period LIMIT %d`, isZero(placeOfLoad), formerLoad, ps, len(args), maxLoads), args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (l load, err error) {
		return l, r.Scan(&l.person, &l.period, &l.post, &l.cases, &l.filed, &l.zero)
	})
	if err != nil {
		return nil, fmt.Errorf("read returns beside caseloads: %w", err)
	}
	return out, nil
}

// peersOf sums cases and periods with a record by post, over the units of a level
// below one, and tells how many caseloads it read.
func peersOf(ctx context.Context, q db.Q, level int, root id.ID, periods []Period) (out map[string]peerSum, read int, err error) {
	args := []any{level}
	ps := marks(&args, periods)
	args = append(args, string(root))
	these := fmt.Sprintf("c.level = $1 AND c.period IN (%s) AND c.unit_id IN (SELECT unit_id FROM access_tree WHERE above_id = $%d)", ps, len(args))
	rows, err := q.Query(ctx, `SELECT x.post, COUNT(*), COUNT(DISTINCT x.person_id), SUM(x.cases), SUM(CASE WHEN x.zero THEN 0 ELSE 1 END) FROM (
		SELECT c.post, c.person_id, c.cases, r.zero FROM contact_caseload c JOIN contact_return r ON r.period = c.period AND r.person_id = c.person_id WHERE `+these+`
		UNION ALL SELECT c.post, c.person_id, c.cases, `+isZero(placeOfLoad)+` FROM contact_caseload c JOIN contact_former f ON `+formerLoad+` WHERE `+these+`) AS x GROUP BY x.post`, args...)
	out = map[string]peerSum{}
	_, err = db.Collect(rows, err, func(r *sql.Rows) (p peerSum, err error) {
		var post string
		var n int
		if err = r.Scan(&post, &n, &p.people, &p.cases, &p.hits); err == nil {
			out[post] = p
			read += n
		}
		return p, err
	})
	if err != nil {
		return nil, 0, fmt.Errorf("sum the peers: %w", err)
	}
	return out, read, nil
}

var (
	drawAccess   = access.Columns{State: "d.state", Units: []string{"d.unit_id"}}
	letterAccess = access.Columns{State: "l.state", Units: []string{"l.office_id"}, Concern: []string{"l.id"}}
)

// maxPopulation bounds the list of one draw.
const maxPopulation = 50000

// filedReturn is a return with who filed it.
type filedReturn struct{ id, person id.ID }

// returnsBelow lists the returns of a period below a unit, zero ones alone or all;
// a limit of 0 is none.
func returnsBelow(ctx context.Context, q db.Q, root id.ID, p Period, zero bool, limit int) ([]filedReturn, error) {
	query := "SELECT r.id, r.person_id FROM contact_return r WHERE r.period = $1 AND r.unit_id IN (SELECT unit_id FROM access_tree WHERE above_id = $2)"
	if zero {
		query += " AND r.zero"
	}
	query += " ORDER BY r.id"
	if limit > 0 {
		query += fmt.Sprintf(" LIMIT %d", limit)
	}
	rows, err := q.Query(ctx, query, string(p), string(root))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (n filedReturn, err error) { return n, r.Scan(&n.id, &n.person) })
	if err != nil {
		return nil, fmt.Errorf("list returns: %w", err)
	}
	return out, nil
}

// returnsByID reads the returns that a draw picked.
func returnsByID(ctx context.Context, q db.Q, ids []id.ID) ([]Return, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var args []any
	rows, err := q.Query(ctx, "SELECT "+returnColumns+" FROM contact_return r WHERE r.id IN ("+marks(&args, ids)+") ORDER BY r.id", args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (Return, error) { return scanReturn(r) })
	if err != nil {
		return nil, fmt.Errorf("read drawn returns: %w", err)
	}
	return out, nil
}

const drawColumns = "d.id, d.unit_id, d.period, d.size, d.population, d.digest, d.commitment, d.sealed, d.seed, d.salt, d.state, d.by_id, d.at, d.revealed_at, d.rev"

func scanDraw(r scanner) (d Draw, err error) {
	d.Algorithm = DrawAlgorithm
	return d, r.Scan(&d.ID, &d.Unit, &d.Period, &d.Size, &d.Population, &d.Digest, &d.Commitment, &d.sealed, &d.Seed, &d.Salt, &d.State, &d.By, &d.At, &d.RevealedAt, &d.Rev)
}

func drawByID(ctx context.Context, q db.Q, n id.ID) (Draw, error) {
	d, err := scanDraw(q.QueryRow(ctx, "SELECT "+drawColumns+" FROM contact_draw d WHERE d.id = $1", string(n)))
	return d, db.Absent(err, "draw")
}

// listOfDraw reads the population as it was fixed.
func listOfDraw(ctx context.Context, q db.Q, n id.ID) (list []byte, err error) {
	err = q.QueryRow(ctx, "SELECT list FROM contact_draw WHERE id = $1", string(n)).Scan(&list)
	return list, db.Absent(err, "draw")
}

func insertDraw(ctx context.Context, tx *audit.Tx, d Draw) error {
	return insert(ctx, tx, "contact_draw", "id, unit_id, period, size, population, list, digest, commitment, sealed, seed, salt, state, by_id, at, revealed_at, rev",
		string(d.ID), string(d.Unit), string(d.Period), d.Size, d.Population, d.list, d.Digest, d.Commitment, d.sealed, "", "", d.State, string(d.By), tx.At, "", 1)
}

func updateDraw(ctx context.Context, tx *audit.Tx, d Draw) error {
	tx.Touch("contact_draw", d.ID)
	return tx.Change(ctx, "draw", "UPDATE contact_draw SET seed = $1, salt = $2, sealed = NULL, state = $3, revealed_at = $4, rev = rev + 1 WHERE id = $5 AND rev = $6", d.Seed, d.Salt, d.State, tx.At, string(d.ID), d.Rev)
}

func listDraws(ctx context.Context, q db.Q, w where, limit int) ([]Draw, error) {
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT %s FROM contact_draw d WHERE %s ORDER BY d.id DESC LIMIT %d", drawColumns, w.sql(), limit), w.args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (Draw, error) { return scanDraw(r) })
	if err != nil {
		return nil, fmt.Errorf("list draws: %w", err)
	}
	return out, nil
}

const letterColumns = "l.id, l.draw_id, l.return_id, l.person_id, l.unit_id, l.office_id, l.period, l.state, l.outcome, l.lead_no, l.due_on, l.at, l.rev"

func scanLetter(r scanner) (l Letter, err error) {
	return l, r.Scan(&l.ID, &l.Draw, &l.Return, &l.Person, &l.Unit, &l.Office, &l.Period, &l.State, &l.Outcome, &l.Lead, &l.Due, &l.At, &l.Rev)
}

func letterByID(ctx context.Context, q db.Q, n id.ID) (Letter, error) {
	l, err := scanLetter(q.QueryRow(ctx, "SELECT "+letterColumns+" FROM contact_letter l WHERE l.id = $1", string(n)))
	return l, db.Absent(err, "letter")
}

func insertLetter(ctx context.Context, tx *audit.Tx, l Letter) error {
	return insert(ctx, tx, "contact_letter", "id, draw_id, return_id, person_id, unit_id, office_id, period, state, outcome, lead_no, due_on, at, rev",
		string(l.ID), string(l.Draw), string(l.Return), string(l.Person), string(l.Unit), string(l.Office), string(l.Period), l.State, "", "", string(l.Due), tx.At, 1)
}

func updateLetter(ctx context.Context, tx *audit.Tx, l Letter) error {
	tx.Touch("contact_letter", l.ID)
	return tx.Change(ctx, "letter", "UPDATE contact_letter SET state = $1, outcome = $2, lead_no = $3, due_on = $4, rev = rev + 1 WHERE id = $5 AND rev = $6", l.State, l.Outcome, l.Lead, string(l.Due), string(l.ID), l.Rev)
}

func listLetters(ctx context.Context, q db.Q, w where, after string, limit int) ([]Letter, error) {
	if after != "" {
		w.add("l.id > $%d", after)
	}
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT %s FROM contact_letter l WHERE %s ORDER BY l.id LIMIT %d", letterColumns, w.sql(), limit), w.args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (Letter, error) { return scanLetter(r) })
	if err != nil {
		return nil, fmt.Errorf("list letters: %w", err)
	}
	return out, nil
}

// letterCounts counts a unit's letters by state.
func letterCounts(ctx context.Context, q db.Q, w where) (map[string]int, error) {
	rows, err := q.Query(ctx, "SELECT l.state, COUNT(*) FROM contact_letter l WHERE "+w.sql()+" GROUP BY l.state", w.args...)
	out := map[string]int{}
	_, err = db.Collect(rows, err, func(r *sql.Rows) (n int, err error) {
		var state string
		if err = r.Scan(&state, &n); err == nil {
			out[state] = n
		}
		return n, err
	})
	if err != nil {
		return nil, fmt.Errorf("count letters: %w", err)
	}
	return out, nil
}
