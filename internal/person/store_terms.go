package person

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"huikan/hantext"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
)

const termColumns = "x.person_id, x.unit_id, COALESCE(x.department_id, ''), x.leadership, x.main, x.valid_from, x.valid_to"

func scanTerm(r *sql.Rows) (t Term, err error) {
	return t, r.Scan(&t.Person, &t.Unit, &t.Department, &t.Leadership, &t.Main, &t.From, &t.To)
}

func termsOf(ctx context.Context, q db.Q, person id.ID) ([]Term, error) {
	rows, err := q.Query(ctx, "SELECT "+termColumns+" FROM person_post x WHERE x.person_id = "+db.Key+" ORDER BY x.valid_from, x.id", string(person))
	out, err := db.Collect(rows, err, scanTerm)
	if err != nil {
		return nil, fmt.Errorf("read terms: %w", err)
	}
	return out, nil
}

// served is the condition that a main post holds on the day $1.
const served = "x.main AND x.valid_from <= $1 AND (x.valid_to = '' OR x.valid_to >= $1)"

func inService(ctx context.Context, q db.Q, unit id.ID, on clock.Date, after id.ID, limit int) ([]Term, error) {
	rows, err := q.Query(ctx, "SELECT "+termColumns+" FROM person_post x WHERE "+served+" AND x.unit_id = $2 AND x.person_id > $3 ORDER BY x.person_id LIMIT $4",
		string(on), string(unit), string(after), limit)
	out, err := db.Collect(rows, err, scanTerm)
	if err != nil {
		return nil, fmt.Errorf("read who served: %w", err)
	}
	return out, nil
}

// headcounts counts who belonged to each unit on each of some days. Most people
// belong to one unit on all of them and are counted once; only who came or left in
// between is looked at day by day.
func headcounts(ctx context.Context, q db.Q, days []clock.Date) (map[clock.Date]map[id.ID]int, error) {
	out := map[clock.Date]map[id.ID]int{}
	for _, d := range days {
		out[d] = map[id.ID]int{}
	}
	if len(days) == 0 {
		return out, nil
	}
	const throughout = "x.valid_from <= $1 AND (x.valid_to = '' OR x.valid_to >= $2)"
	first, last := string(slices.Min(days)), string(slices.Max(days))
	rows, err := q.Query(ctx, "SELECT x.unit_id, '', '', COUNT(*) FROM person_post x WHERE x.main AND "+throughout+" GROUP BY x.unit_id", first, last)
	stays, err := db.Collect(rows, err, scanStay)
	if err == nil && first != last {
		rows, err = q.Query(ctx, `SELECT x.unit_id, x.valid_from, x.valid_to, COUNT(*) FROM person_post x
			WHERE x.main AND x.valid_from <= $2 AND (x.valid_to = '' OR x.valid_to >= $1) AND NOT (`+throughout+`) GROUP BY x.unit_id, x.valid_from, x.valid_to`, first, last)
		var some []stay
		some, err = db.Collect(rows, err, scanStay)
		stays = append(stays, some...)
	}
	if err != nil {
		return nil, fmt.Errorf("count who served: %w", err)
	}
	for _, x := range stays {
		for d, by := range out {
			if x.from <= d && (x.to == "" || x.to >= d) {
				by[x.unit] += x.n
			}
		}
	}
	return out, nil
}

// stay is how many belonged to a unit from one day to another.
type stay struct {
	unit     id.ID
	from, to clock.Date
	n        int
}

func scanStay(r *sql.Rows) (x stay, err error) { return x, r.Scan(&x.unit, &x.from, &x.to, &x.n) }

func namedIn(ctx context.Context, q db.Q, name string, unit id.ID) ([]id.ID, error) {
	rows, err := q.Query(ctx, "SELECT p.id FROM person p WHERE p.name_key = $1 AND p.unit_id = $2 ORDER BY p.id", hantext.NormalizeForMatch(cleanName(name)), string(unit))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (n id.ID, err error) { return n, r.Scan(&n) })
	if err != nil {
		return nil, fmt.Errorf("find by name: %w", err)
	}
	return out, nil
}

func byStaffNo(ctx context.Context, q db.Q, no string) (Person, error) {
	p, err := scanPerson(q.QueryRow(ctx, "SELECT "+personColumns+" FROM person p WHERE p.staff_no = $1", no).Scan)
	return p, db.Absent(err, "person")
}

func seconded(ctx context.Context, q db.Q, unit id.ID, on clock.Date) (map[id.ID]id.ID, error) {
	rows, err := q.Query(ctx, `SELECT x.person_id, y.unit_id FROM person_post x JOIN person_post y ON y.person_id = x.person_id
		WHERE `+served+` AND x.unit_id = $2 AND NOT y.main AND y.unit_id <> x.unit_id AND y.valid_from <= $1 AND (y.valid_to = '' OR y.valid_to >= $1)`, string(on), string(unit))
	out := map[id.ID]id.ID{}
	_, err = db.Collect(rows, err, func(r *sql.Rows) (u id.ID, err error) {
		var p id.ID
		if err = r.Scan(&p, &u); err == nil {
			out[p] = u
		}
		return u, err
	})
	if err != nil {
		return nil, fmt.Errorf("read who is seconded: %w", err)
	}
	return out, nil
}

func staffByNos(ctx context.Context, q db.Q, nos []string) (map[string]Staff, error) {
	known := make(map[string]*Staff, len(nos))
	for part := range slices.Chunk(nos, 500) {
		clean := make([]string, len(part))
		for i, no := range part {
			clean[i] = cleanStaffNo(no)
		}
		var args []any
		rows, err := q.Query(ctx, "SELECT p.staff_no, p.id, p.unit_id FROM person p WHERE p.staff_no IN ("+marks(&args, clean)+")", args...)
		by := map[id.ID]*Staff{}
		if _, err = db.Collect(rows, err, func(r *sql.Rows) (no string, err error) {
			s := &Staff{}
			if err = r.Scan(&no, &s.ID, &s.Unit); err == nil {
				known[no], by[s.ID] = s, s
			}
			return no, err
		}); err != nil {
			return nil, fmt.Errorf("look people up: %w", err)
		}
		args = nil
		ids := slices.Collect(maps.Keys(by))
		if len(ids) == 0 {
			continue
		}
		rows, err = q.Query(ctx, "SELECT "+termColumns+" FROM person_post x WHERE x.main AND x.person_id IN ("+marks(&args, ids)+") ORDER BY x.person_id, x.valid_from, x.id", args...)
		if _, err = db.Collect(rows, err, func(r *sql.Rows) (Term, error) {
			t, err := scanTerm(r)
			if err == nil {
				by[t.Person].Terms = append(by[t.Person].Terms, t)
			}
			return t, err
		}); err != nil {
			return nil, fmt.Errorf("read terms: %w", err)
		}
	}
	out := make(map[string]Staff, len(nos))
	for _, no := range nos {
		if s := known[cleanStaffNo(no)]; s != nil {
			out[no] = *s
		}
	}
	return out, nil
}
