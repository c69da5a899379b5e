package person

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
)

// Move is a personnel action about a person: a post that began or ended, or a
// departure. Rooms that watch over people read it; pages ask the service.
type Move struct {
	Ref    string     `json:"ref"` // names the action: of a post, of a departure
	Person id.ID      `json:"person"`
	Unit   id.ID      `json:"unit"`
	Kind   string     `json:"kind"` // post_began, post_ended, or the status of somebody who left
	Title  string     `json:"title"`
	On     clock.Date `json:"on"`
}

// Moves lists personnel actions about persons since a day, oldest first.
func Moves(ctx context.Context, q db.Q, since clock.Date, persons ...id.ID) ([]Move, error) {
	var out []Move
	const bunch = 400 // placeholders per statement
	for len(persons) > 0 {
		n := min(len(persons), bunch)
		args := []any{string(since)}
		marks := make([]string, n)
		for i, p := range persons[:n] {
			args = append(args, string(p))
			marks[i] = fmt.Sprintf("$%d", len(args))
		}
		in := strings.Join(marks, ",")
		rows, err := q.Query(ctx, `SELECT 'from/' || id, person_id, unit_id, 'post_began', title, valid_from FROM person_post WHERE valid_from >= $1 AND person_id IN (`+in+`)
			UNION ALL SELECT 'to/' || id, person_id, unit_id, 'post_ended', title, valid_to FROM person_post WHERE valid_to >= $1 AND person_id IN (`+in+`)
			UNION ALL SELECT 'left/' || id, id, unit_id, status, title, departed_on FROM person WHERE departed_on >= $1 AND status <> '`+Serving+`' AND id IN (`+in+`)
			ORDER BY 6, 1`, args...)
		list, err := db.Collect(rows, err, func(r *sql.Rows) (m Move, err error) {
			return m, r.Scan(&m.Ref, &m.Person, &m.Unit, &m.Kind, &m.Title, &m.On)
		})
		if err != nil {
			return nil, fmt.Errorf("personnel actions: %w", err)
		}
		out = append(out, list...)
		persons = persons[n:]
	}
	return out, nil
}

// ServingByUnit counts the serving people of every unit.
func ServingByUnit(ctx context.Context, q db.Q) (map[id.ID]int, error) {
	rows, err := q.Query(ctx, "SELECT unit_id, COUNT(*) FROM person WHERE status = '"+Serving+"' GROUP BY unit_id")
	type line struct {
		unit id.ID
		n    int
	}
	list, err := db.Collect(rows, err, func(r *sql.Rows) (x line, err error) { return x, r.Scan(&x.unit, &x.n) })
	if err != nil {
		return nil, fmt.Errorf("count the serving: %w", err)
	}
	out := map[id.ID]int{}
	for _, x := range list {
		out[x.unit] = x.n
	}
	return out, nil
}

// Leading is a leading post that somebody held.
type Leading struct {
	Post   id.ID
	Person id.ID
	Name   string
	Title  string
	From   clock.Date
}

// LeadersAt lists who held a leading post in a unit at some time between two
// days: the people in the chain of approval there.
func LeadersAt(ctx context.Context, q db.Q, unit id.ID, from, to clock.Date) ([]Leading, error) {
	rows, err := q.Query(ctx, `SELECT o.id, o.person_id, p.name, o.title, o.valid_from FROM person_post o JOIN person p ON p.id = o.person_id
		WHERE o.unit_id = $1 AND o.leadership AND (o.valid_from = '' OR o.valid_from <= $2) AND (o.valid_to = '' OR o.valid_to >= $3) ORDER BY o.valid_from, o.id LIMIT 200`, string(unit), string(to), string(from))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (m Leading, err error) {
		return m, r.Scan(&m.Post, &m.Person, &m.Name, &m.Title, &m.From)
	})
	if err != nil {
		return nil, fmt.Errorf("leaders of a unit: %w", err)
	}
	return out, nil
}

// HeadsAt gives for units the person who headed each of them on a day: the holder
// of a leading post called 检察长, or else the one who has led there the longest.
func HeadsAt(ctx context.Context, q db.Q, on clock.Date, units []id.ID) (map[id.ID]id.ID, error) {
	type post struct {
		unit, person id.ID
		title        string
	}
	out, headed := map[id.ID]id.ID{}, map[id.ID]bool{}
	for part := range slices.Chunk(units, 500) {
		args := []any{string(on)}
		rows, err := q.Query(ctx, `SELECT o.unit_id, o.person_id, o.title FROM person_post o WHERE o.leadership AND (o.valid_from = '' OR o.valid_from <= $1) AND (o.valid_to = '' OR o.valid_to >= $1)
			AND o.unit_id IN (`+marks(&args, part)+") ORDER BY o.unit_id, o.valid_from, o.id", args...)
		list, err := db.Collect(rows, err, func(r *sql.Rows) (p post, err error) { return p, r.Scan(&p.unit, &p.person, &p.title) })
		if err != nil {
			return nil, fmt.Errorf("heads of units: %w", err)
		}
		for _, p := range list {
			head := strings.HasSuffix(p.title, "检察长") && !strings.Contains(p.title, "副")
			if out[p.unit] == "" || head && !headed[p.unit] {
				out[p.unit], headed[p.unit] = p.person, head
			}
		}
	}
	return out, nil
}
