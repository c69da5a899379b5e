package inspection

import (
	"context"
	"fmt"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

// Event is a step that a room above may refuse: a seat, the entry of a round, the
// departure from a unit. Fields that the step does not have are empty.
type Event struct {
	Do     string // action: team.seat, round.enter, visit.leave …
	Round  Round
	Team   Team
	Visit  Visit
	Person id.ID
	On     clock.Date
}

// Guard refuses a step with a fault, inside the transaction of the step.
type Guard func(ctx context.Context, q db.Q, e Event) error

// OnStep registers a guard. Register before the first request is served.
func (s *Service) OnStep(g Guard) { s.guards = append(s.guards, g) }

func (s *Service) guard(ctx context.Context, q db.Q, e Event) error {
	for _, g := range s.guards {
		if err := g(ctx, q, e); err != nil {
			return err
		}
	}
	return nil
}

// Reported is a problem that a unit reported itself, as the ledger takes it over.
type Reported struct {
	No                 string
	Check              SelfCheck
	Sweep              Sweep
	Category, Severity string // as most findings of the common problem have them
}

// ReportedFunc runs inside the transaction of a self-check that reports a problem.
type ReportedFunc func(ctx context.Context, tx *audit.Tx, x Reported) error

// OnReported registers what has to happen when a unit reports a problem itself.
// Register before the first request is served.
func (s *Service) OnReported(fn ReportedFunc) { s.reported = append(s.reported, fn) }

// report tells the rooms above, with a number of the unit's own.
func (s *Service) report(ctx context.Context, tx *audit.Tx, c SelfCheck, w Sweep) error {
	x := Reported{Check: c, Sweep: w}
	n, err := reportedBy(ctx, tx, c.Unit)
	if err != nil {
		return err
	}
	p, err := ProblemByID(ctx, tx, w.Problem)
	for err == nil && p.State == ProblemMerged { // its findings went along
		p, err = ProblemByID(ctx, tx, p.Into)
	}
	if err != nil {
		return err
	}
	u, _ := s.Units.Unit(c.Unit)
	x.No = fmt.Sprintf("ZC-%s-%03d", trimCode(u.Code), n)
	if x.Category, x.Severity, err = mostOf(ctx, tx, p.ID); err != nil {
		return err
	}
	for _, fn := range s.reported {
		if err := fn(ctx, tx, x); err != nil {
			return err
		}
	}
	return nil
}

// WithdrawnFunc runs inside the transaction that withdraws a finding after an objection.
type WithdrawnFunc func(ctx context.Context, tx *audit.Tx, f Finding) error

// OnWithdrawn registers what has to happen when a finding that was fed back is
// withdrawn. Register before the first request is served.
func (s *Service) OnWithdrawn(fn WithdrawnFunc) { s.withdrawn = append(s.withdrawn, fn) }

// LinksFunc gives links to pages of other rooms about a round (v empty) or a visit.
type LinksFunc func(r *web.Request, x Round, v Visit) []ui.Button

// OnPage registers links that the pages of rounds and visits show.
func (s *Service) OnPage(fn LinksFunc) { s.links = append(s.links, fn) }

func (s *Service) linksOf(r *web.Request, x Round, v Visit) []ui.Button {
	var out []ui.Button
	for _, fn := range s.links {
		out = append(out, fn(r, x, v)...)
	}
	return out
}
