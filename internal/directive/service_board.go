package directive

import (
	"context"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
)

// TallyFor sums the tasks that the actor may read, of the units at or below one
// ("" for all), reported told apart from verified.
func (s *Service) TallyFor(ctx context.Context, who actor.Actor, under id.ID) (x Tally, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) error {
		args := []any{string(s.today())}
		where := s.Policy.Filter(who, "task.read", taskPlaces, &args)
		if under != "" {
			args = append(args, string(under))
			where += belowArg(len(args))
		}
		x, err = tallyOf(ctx, q, s.today(), where, args[1:]...)
		return err
	})
	return x, err
}
