package directive

import (
	"context"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
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

// Carried is one theme of a directive with what carries it.
type Carried struct {
	Directive    id.ID  `json:"directive"`
	Title        string `json:"title"`
	Theme        string `json:"theme"`
	Requirements int    `json:"requirements"`
	Untasked     int    `json:"untasked"` // nobody was asked
	Running      int    `json:"running"`  // asked, nothing reported yet
	Said         int    `json:"said"`     // reported, nothing verified
	Proven       int    `json:"proven"`   // verified at least once
}

// carriedMost bounds the directives that one view reads.
const carriedMost = 12

// Carried tells of the latest issued directives which theme is carried by work
// that was verified, which only by reports, and which by nothing.
func (s *Service) Carried(ctx context.Context, who actor.Actor) (out []Carried, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) error {
		var args []any
		filter := s.Policy.Filter(who, "directive.read", directives, &args)
		list, _, err := listDirectives(ctx, q, filter, args, page.Query{Size: carriedMost, Filter: map[string][]string{"state": {StateIssued}}})
		if err != nil {
			return err
		}
		for _, d := range list {
			reqs, err := requirementsOf(ctx, q, d.ID)
			if err != nil {
				return err
			}
			sums, err := tallyByRequirement(ctx, q, s.today(), d.ID, func(args *[]any) string { return s.Policy.Filter(who, "task.read", taskPlaces, args) })
			if err != nil {
				return err
			}
			at := map[string]int{}
			for _, r := range reqs {
				if r.State != ReqOpen {
					continue
				}
				i, ok := at[r.Theme]
				if !ok {
					i = len(out)
					at[r.Theme] = i
					out = append(out, Carried{Directive: d.ID, Title: d.Title, Theme: r.Theme})
				}
				c := &out[i]
				c.Requirements++
				switch t := sums[r.ID]; {
				case t.All == 0:
					c.Untasked++
				case t.Verified > 0:
					c.Proven++
				case t.Reported > 0:
					c.Said++
				default:
					c.Running++
				}
			}
		}
		return nil
	})
	return out, err
}
