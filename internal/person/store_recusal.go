package person

import (
	"context"
	"database/sql"
	"fmt"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
)

func peopleByID(ctx context.Context, q db.Q, people []id.ID) ([]Person, error) {
	if len(people) == 0 {
		return nil, nil
	}
	var args []any
	return collectPeople(q.Query(ctx, "SELECT "+personColumns+" FROM person p WHERE p.id IN ("+marks(&args, people)+")", args...))
}

// tie connects a person with a unit or another person.
type tie struct{ person, other id.ID }

func ties(ctx context.Context, q db.Q, query string, args []any) ([]tie, error) {
	rows, err := q.Query(ctx, query, args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (t tie, err error) { return t, r.Scan(&t.person, &t.other) })
	if err != nil {
		return nil, fmt.Errorf("read facts of recusal: %w", err)
	}
	return out, nil
}

// formerUnits are the units of ended posts and of earlier employments.
func formerUnits(ctx context.Context, q db.Q, people []id.ID) ([]tie, error) {
	var args []any
	in := marks(&args, people)
	return ties(ctx, q, "SELECT person_id, unit_id FROM person_employment WHERE unit_id IS NOT NULL AND person_id IN ("+in+
		") UNION SELECT person_id, unit_id FROM person_post WHERE valid_to <> '' AND person_id IN ("+in+") ORDER BY 1, 2", args)
}

// kinPairs are the relatives who are staff, whichever of the two declared the other.
func kinPairs(ctx context.Context, q db.Q, people []id.ID) ([]tie, error) {
	var args []any
	in := marks(&args, people)
	live := " AND r.kind <> '" + Ended + "' AND " + current
	return ties(ctx, q, "SELECT r.person_id, r.related_id FROM person_relative r WHERE r.related_id IS NOT NULL AND r.person_id IN ("+in+")"+live+
		" UNION SELECT r.related_id, r.person_id FROM person_relative r WHERE r.related_id IN ("+in+")"+live+" ORDER BY 1, 2", args)
}
