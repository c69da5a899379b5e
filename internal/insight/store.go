package insight

import (
	"context"
	"database/sql"
	"fmt"

	"huikan/internal/inspection"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// term is the term of inspection that runs, the latest of the unit's own or of
// the nation's.
func (s *Service) term(ctx context.Context, unit id.ID) (t inspection.Term, ok bool, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) error {
		terms, err := inspection.Terms(ctx, q)
		if err != nil {
			return err
		}
		root := s.Dir.Root().ID
		for _, by := range []id.ID{unit, root} {
			for _, x := range terms {
				if !ok && x.Unit == by {
					t, ok = x, true
				}
			}
		}
		return nil
	})
	return t, ok, err
}

const viewColumns = "v.id, v.owner_id, v.unit_id, v.title, v.address, v.shared, v.made_at, v.rev"

func scanView(r *sql.Rows) (v SavedView, err error) {
	return v, r.Scan(&v.ID, &v.Owner, &v.Unit, &v.Title, &v.Address, &v.Shared, &v.MadeAt, &v.Rev)
}

func viewsWhere(ctx context.Context, q db.Q, where string, args ...any) ([]SavedView, error) {
	rows, err := q.Query(ctx, "SELECT "+viewColumns+" FROM insight_view v WHERE v.ended = '' AND "+where, args...)
	out, err := db.Collect(rows, err, scanView)
	if err != nil {
		return nil, fmt.Errorf("list saved filters: %w", err)
	}
	return out, nil
}

func insertView(ctx context.Context, tx *audit.Tx, v SavedView) error {
	tx.Touch("insight_view", v.ID)
	_, err := tx.Exec(ctx, "INSERT INTO insight_view (id, owner_id, unit_id, title, address, shared, made_at, ended, rev) VALUES ($1,$2,$3,$4,$5,$6,$7,'',1)",
		string(v.ID), string(v.Owner), string(v.Unit), v.Title, v.Address, v.Shared, tx.At)
	return err
}

func endView(ctx context.Context, tx *audit.Tx, v SavedView) error {
	tx.Touch("insight_view", v.ID)
	return tx.Change(ctx, "view", "UPDATE insight_view SET ended = $1, rev = rev + 1 WHERE id = $2 AND rev = $3", tx.At, string(v.ID), v.Rev)
}

func subscriptionsWhere(ctx context.Context, q db.Q, where string, args ...any) ([]Subscription, error) {
	rows, err := q.Query(ctx, "SELECT id, view_id, person_id, every, next_on, rev FROM insight_subscription WHERE ended = '' AND "+where, args...)
	out, err := db.Collect(rows, err, func(r *sql.Rows) (x Subscription, err error) {
		return x, r.Scan(&x.ID, &x.View, &x.Person, &x.Every, &x.Next, &x.Rev)
	})
	if err != nil {
		return nil, fmt.Errorf("list subscriptions: %w", err)
	}
	return out, nil
}

func insertSubscription(ctx context.Context, tx *audit.Tx, x Subscription) error {
	tx.Touch("insight_subscription", x.ID)
	_, err := tx.Exec(ctx, "INSERT INTO insight_subscription (id, view_id, person_id, every, next_on, ended, rev) VALUES ($1,$2,$3,$4,$5,'',1)", string(x.ID), string(x.View), string(x.Person), x.Every, string(x.Next))
	return err
}

func updateSubscription(ctx context.Context, tx *audit.Tx, x Subscription, next clock.Date, ended string) error {
	tx.Touch("insight_subscription", x.ID)
	return tx.Change(ctx, "subscription", "UPDATE insight_subscription SET next_on = $1, ended = $2, rev = rev + 1 WHERE id = $3 AND rev = $4", string(next), ended, string(x.ID), x.Rev)
}
