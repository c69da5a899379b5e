package person

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/secret"
)

// Screened is what screening needs of a member of staff: who he is, with the ID
// number opened, where he served, and the relatives declared now.
type Screened struct {
	Person
	IDNumber  string
	Units     []id.ID // where he served before, the last one first
	Relatives []ScreenedRelative
}

// ScreenedRelative is a declared relative with the ID number opened.
type ScreenedRelative struct {
	Relative
	IDNumber string
}

const screenPage = 2000

// Screen walks through all people for the program's screening, which must see
// what no single reader may. It opens ID numbers and hands them to nobody: the
// caller keeps them in memory or seals them.
func (s *Service) Screen(ctx context.Context, q db.Q, fn func(Screened) error) error {
	after := ""
	for {
		people, err := collectPeople(q.Query(ctx, fmt.Sprintf("SELECT %s FROM person p WHERE p.id > $1 ORDER BY p.id LIMIT %d", personColumns, screenPage), after))
		if err != nil {
			return fmt.Errorf("read people: %w", err)
		}
		if len(people) == 0 {
			return nil
		}
		last := string(people[len(people)-1].ID)
		units, err := servedIn(ctx, q, after, last)
		if err != nil {
			return err
		}
		relatives, err := s.declaredBetween(ctx, q, after, last)
		if err != nil {
			return err
		}
		for _, p := range people {
			x := Screened{Person: p, Relatives: relatives[p.ID]}
			for _, u := range units[p.ID] {
				if u != p.Unit && !slices.Contains(x.Units, u) {
					x.Units = append(x.Units, u)
				}
			}
			if p.HasIDNumber() {
				if x.IDNumber, err = s.number(where(p.ID), p.sealed); err != nil {
					return err
				}
			}
			if err := fn(x); err != nil {
				return err
			}
		}
		after = last
	}
}

// servedIn gives the units of the posts and employments of a range of people.
func servedIn(ctx context.Context, q db.Q, after, last string) (map[id.ID][]id.ID, error) {
	rows, err := q.Query(ctx, `SELECT person_id, unit_id, valid_to FROM person_post WHERE person_id > $1 AND person_id <= $2
		UNION ALL SELECT person_id, unit_id, valid_to FROM person_employment WHERE person_id > $1 AND person_id <= $2 AND unit_id IS NOT NULL
		ORDER BY 1, 3 DESC, 2`, after, last)
	type pair struct{ person, unit id.ID }
	list, err := db.Collect(rows, err, func(r *sql.Rows) (p pair, err error) { var to string; return p, r.Scan(&p.person, &p.unit, &to) })
	if err != nil {
		return nil, fmt.Errorf("read former units: %w", err)
	}
	out := map[id.ID][]id.ID{}
	for _, p := range list {
		out[p.person] = append(out[p.person], p.unit)
	}
	return out, nil
}

func (s *Service) declaredBetween(ctx context.Context, q db.Q, after, last string) (map[id.ID][]ScreenedRelative, error) {
	rows, err := q.Query(ctx, "SELECT "+relativeColumns+", r.id_sealed FROM person_relative r WHERE r.person_id > $1 AND r.person_id <= $2 AND r.kind <> 'ended' AND "+current+" ORDER BY r.person_id, r.id", after, last)
	type line struct {
		ScreenedRelative
		sealed []byte
	}
	list, err := db.Collect(rows, err, func(r *sql.Rows) (x line, err error) {
		x.Relative, err = scanRelative(func(dest ...any) error { return r.Scan(append(dest, &x.sealed)...) })
		return x, err
	})
	if err != nil {
		return nil, fmt.Errorf("read relatives: %w", err)
	}
	out := map[id.ID][]ScreenedRelative{}
	for _, x := range list {
		if len(x.sealed) > 0 {
			plain, err := s.Keys.Open(secret.IDNumber, whereRelative(x.ID), x.sealed)
			if err != nil {
				return nil, err
			}
			x.IDNumber = string(plain)
		}
		out[x.Person] = append(out[x.Person], x.ScreenedRelative)
	}
	return out, nil
}

// Stamp changes whenever a person or a declaration of relatives does: whoever
// keeps people in memory sees by it that he must read them again.
func Stamp(ctx context.Context, q db.Q) (string, error) {
	var people, revs, entries int64
	var last string
	if err := q.QueryRow(ctx, "SELECT COUNT(*), COALESCE(SUM(rev), 0) FROM person").Scan(&people, &revs); err != nil {
		return "", fmt.Errorf("count people: %w", err)
	}
	if err := q.QueryRow(ctx, "SELECT COUNT(*), COALESCE(MAX(id), '') FROM person_relative").Scan(&entries, &last); err != nil {
		return "", fmt.Errorf("count relatives: %w", err)
	}
	return fmt.Sprintf("%d.%d.%d.%s", people, revs, entries, last), nil
}
