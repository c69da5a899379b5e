package access_test

import (
	"context"
	"testing"

	"huikan/internal/platform/access"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
)

// A record without objects concerns nobody, and asking so breaks no transaction.
func TestConcernsOfNothing(t *testing.T) {
	ctx := context.Background()
	platformtest.Each(t, platformtest.Parts{}, func(t *testing.T, k *platformtest.Kit) {
		err := k.DB.Read(ctx, func(q db.Q) error {
			if ps, err := access.Concerns(ctx, q); err != nil || len(ps) != 0 {
				t.Errorf("%v %v", ps, err)
			}
			return q.QueryRow(ctx, "SELECT 1").Scan(new(int))
		})
		if err != nil {
			t.Error(err)
		}
	})
}
