package lookback

import (
	"context"
	"embed"
	"slices"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/secret"
	"huikan/internal/platform/vault"
	"huikan/internal/rectification"
)

// Schema has the tables of this room.
//
//go:embed schema/*.sql
var Schema embed.FS

// Tables are the rows that the log reconciles.
var Tables = []string{"lookback", "lookback_event", "lookback_candidate", "lookback_sample", "lookback_entry", "lookback_evidence", "lookback_note", "lookback_consequence", "lookback_test", "lookback_report"}

// Units is what the room needs of the unit tree; *org.Directory is one.
type Units interface {
	Place(id.ID) access.Place
	Name(id.ID) string
	Short(id.ID) string
}

// Deps is what the room stands on.
type Deps struct {
	Log     *audit.Log
	Policy  *access.Policy
	Clock   clock.Clock
	Keys    *secret.Keys
	Files   *vault.Store
	Rectify *rectification.Service
	Units   Units
	// Find looks units up by name, code or initials.
	Find func(text string) []id.ID
	// Names gives the names of persons (person.Names).
	Names func(ctx context.Context, q db.Q, ids ...id.ID) (map[id.ID]string, error)
	// Rounds lists all rounds, newest first; Teams, Visits and Found those of one round.
	Rounds func(ctx context.Context, q db.Q) ([]inspection.Round, error)
	Teams  func(ctx context.Context, q db.Q, round id.ID) ([]inspection.Team, error)
	Visits func(ctx context.Context, q db.Q, round id.ID) ([]inspection.Visit, error)
	Found  func(ctx context.Context, q db.Q, round id.ID) ([]inspection.Finding, error)
	// Refer hands a false or perfunctory close-out to the room of conduct cases and
	// gives the number of the lead; nil where the discipline line works on paper.
	Refer func(ctx context.Context, tx *audit.Tx, who actor.Actor, x rectification.Item, reason string) (no string, err error)
}

// Service has one method per action of the room.
type Service struct {
	Deps
	log    *audit.Log
	policy *access.Policy
}

// New makes the service.
func New(d Deps) *Service { return &Service{Deps: d, log: d.Log, policy: d.Policy} }

func (s *Service) today() clock.Date { return clock.Today(s.Clock) }

// object is what the policy needs to know of a look-back: made by the
// dispatching unit, about the units in its sample, worked on by the teams that
// were given something. Of several teams the actor's own is named.
func (s *Service) object(ctx context.Context, q db.Q, who actor.Actor, l Lookback) (access.Object, error) {
	o := access.Object{Kind: "lookback", ID: l.ID, State: l.State, By: s.Units.Place(l.By)}
	teams, units, err := teamsAndUnitsOf(ctx, q, l.ID)
	if err != nil {
		return o, err
	}
	for _, u := range units {
		o.Units = append(o.Units, s.Units.Place(u))
	}
	for _, m := range who.Teams {
		if slices.Contains(teams, m.Team) {
			o.Team = m.Team
		}
	}
	return o, nil
}

func (s *Service) sampleObject(x Sample) access.Object {
	return access.Object{Kind: "sample", ID: x.ID, State: x.State, Units: []access.Place{s.Units.Place(x.Unit)}, By: s.Units.Place(x.By), Team: x.Team, Concerns: x.Concerns}
}

// reopening is the sample seen as a proposal to open its item again.
func (s *Service) reopening(x Sample) access.Object {
	o := s.sampleObject(x)
	o.Kind, o.State = "reopening", x.Reopening
	return o
}

// load reads a look-back and judges an action on it.
func (s *Service) load(ctx context.Context, q db.Q, who actor.Actor, n id.ID, action string) (Lookback, error) {
	l, err := ByID(ctx, q, n)
	if err != nil {
		return l, err
	}
	o, err := s.object(ctx, q, who, l)
	if err != nil {
		return l, err
	}
	if err := s.policy.Can(who, "lookback.read", o); err != nil {
		return l, err
	}
	return l, s.policy.Can(who, action, o)
}

// step judges one step of a look-back's workflow. Who could take it in another
// state learns in which state it is; for everybody else there is no such step.
func (s *Service) step(ctx context.Context, tx *audit.Tx, who actor.Actor, n id.ID, do string, rev int64) (Lookback, error) {
	l, err := s.load(ctx, tx, who, n, "lookback.read")
	if err != nil {
		return l, err
	}
	to, err := Flow.Next(l.State, do)
	if err != nil {
		if !s.policy.Ever(who, "lookback."+do) {
			return l, fault.Denied("lookback", "lookback."+do+": no role")
		}
		return l, err
	}
	o, err := s.object(ctx, tx, who, l)
	if err != nil {
		return l, err
	}
	if err := s.policy.Can(who, "lookback."+do, o); err != nil {
		return l, err
	}
	if rev != 0 && rev != l.Rev {
		return l, fault.Conflict("lookback")
	}
	l.State = to
	return l, nil
}

// loadSample reads a sampled item that the actor may see.
func (s *Service) loadSample(ctx context.Context, q db.Q, who actor.Actor, n id.ID) (Sample, error) {
	x, err := SampleByID(ctx, q, n)
	if err != nil {
		return x, err
	}
	return x, s.policy.Can(who, "sample.read", s.sampleObject(x))
}

// stepSample judges one step of a sampled item: it must be seen, the state must
// know the action, the actor must be allowed, and have had no hand in the item.
func (s *Service) stepSample(ctx context.Context, tx *audit.Tx, who actor.Actor, n id.ID, do string, rev int64) (Sample, string, error) {
	x, err := s.loadSample(ctx, tx, who, n)
	if err != nil {
		return x, "", err
	}
	to, err := SampleFlow.Next(x.State, do)
	if err != nil {
		if !s.policy.Ever(who, "sample."+do) {
			return x, "", fault.Denied("sample", "sample."+do+": no role")
		}
		return x, "", err
	}
	if err := s.policy.Can(who, "sample."+do, s.sampleObject(x)); err != nil {
		return x, "", err
	}
	if rev != 0 && rev != x.Rev {
		return x, "", fault.Conflict("sample")
	}
	l, err := ByID(ctx, tx, x.Lookback)
	if err != nil {
		return x, "", err
	}
	if l.State != Sampled {
		return x, "", fault.State("error.state", "sample."+do, "lookback.state."+l.State)
	}
	if do != "object" { // the unit answers for its own work; everybody else must be free of it
		if err := s.free(ctx, tx, x.Item, who.Person); err != nil {
			return x, "", err
		}
	}
	return x, to, nil
}

// free refuses a person with a hand in the item.
func (s *Service) free(ctx context.Context, q db.Q, item, person id.ID) error {
	hands, err := s.hands(ctx, q, item)
	if err != nil {
		return err
	}
	return Recused(person, hands)
}

func (s *Service) hands(ctx context.Context, q db.Q, item id.ID) ([]id.ID, error) {
	i, err := rectification.ItemByID(ctx, q, item)
	if err != nil {
		return nil, err
	}
	closings, err := rectification.Closings(ctx, q, item)
	if err != nil {
		return nil, err
	}
	return Hands(i, closings), nil
}
