package contact

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/db"
)

// mattersAround reads the records that a person made, that are about him, or that
// are about a case, recorded in a time; about tells those he is concerned in.
func mattersAround(ctx context.Context, q db.Q, p *access.Policy, shadow actor.Actor, ref id.ID, caseKey string, from, until clock.Date) ([]Matter, map[id.ID]bool, error) {
	w := visible(p, shadow, "matter.around", access.Columns{Concern: []string{"m.id"}})
	w.conds = append(w.conds, "m.state IN ('"+strings.Join(Kept, "','")+"')", "NOT m.harmless")
	w.add("m.recorded_on >= $%d AND m.recorded_on <= $%d", string(from), string(until))
	either := []string{"m.reporter = $%d", "m.id IN (SELECT object_id FROM access_concern WHERE person_id = $%d)"}
	values := []any{string(ref), string(ref)}
	if caseKey != "" {
		either, values = append(either, "m.case_key = $%d"), append(values, caseKey)
	}
	w.add("("+strings.Join(either, " OR ")+")", values...)
	list, err := listMatters(ctx, q, w, "", maxTraced)
	if err != nil {
		return nil, nil, err
	}
	rows, err := q.Query(ctx, "SELECT object_id FROM access_concern WHERE person_id = $1", string(ref))
	about := map[id.ID]bool{}
	_, err = db.Collect(rows, err, func(r *sql.Rows) (n id.ID, err error) {
		if err = r.Scan(&n); err == nil {
			about[n] = true
		}
		return n, err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("records about a person: %w", err)
	}
	return list, about, nil
}

// periodsFiled are those of the periods for which anybody of a unit filed: in
// the others the register was not in use there.
func periodsFiled(ctx context.Context, q db.Q, unit id.ID, periods []Period) (map[Period]bool, error) {
	var args []any
	in := marks(&args, periods)
	args = append(args, string(unit))
	rows, err := q.Query(ctx, fmt.Sprintf("SELECT DISTINCT period FROM contact_return WHERE period IN (%s) AND unit_id = $%d", in, len(args)), args...)
	out := map[Period]bool{}
	_, err = db.Collect(rows, err, func(r *sql.Rows) (p Period, err error) {
		if err = r.Scan(&p); err == nil {
			out[p] = true
		}
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("read the periods filed: %w", err)
	}
	return out, nil
}

// gatesBy are the declarations of a person about a case.
func gatesBy(ctx context.Context, q db.Q, caseKey string, person id.ID) ([]Gate, error) {
	rows, err := q.Query(ctx, "SELECT id, stage, person_id, unit_id, zero, at FROM contact_gate WHERE case_key = $1 AND person_id = $2 ORDER BY id", caseKey, string(person))
	out, err := db.Collect(rows, err, func(r *sql.Rows) (g Gate, err error) {
		return g, r.Scan(&g.ID, &g.Stage, &g.Person, &g.Unit, &g.Zero, &g.At)
	})
	if err != nil {
		return nil, fmt.Errorf("read gates: %w", err)
	}
	return out, nil
}

// recorders finds the pseudonyms under which something was recorded that was no
// lawful question.
func recorders(ctx context.Context, q db.Q, refs map[id.ID]id.ID) (map[id.ID]bool, error) {
	out := map[id.ID]bool{}
	var all []id.ID
	for ref := range refs {
		all = append(all, ref)
	}
	const bunch = 400 // placeholders per statement
	for len(all) > 0 {
		n := min(len(all), bunch)
		var args []any
		in := marks(&args, all[:n])
		rows, err := q.Query(ctx, "SELECT DISTINCT m.reporter FROM contact_matter m WHERE m.reporter IN ("+in+") AND NOT m.harmless AND m.state IN ('"+strings.Join(Kept, "','")+"')", args...)
		_, err = db.Collect(rows, err, func(r *sql.Rows) (ref id.ID, err error) {
			if err = r.Scan(&ref); err == nil {
				out[refs[ref]] = true
			}
			return ref, err
		})
		if err != nil {
			return nil, fmt.Errorf("look recorders up: %w", err)
		}
		all = all[n:]
	}
	return out, nil
}
