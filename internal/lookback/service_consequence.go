package lookback

import (
	"context"
	"fmt"
	"slices"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/rectification"
)

// propose writes what follows a verdict in force, and takes back what followed
// an earlier one and was not carried out yet.
func (s *Service) propose(ctx context.Context, tx *audit.Tx, x Sample) error {
	have, err := ConsequencesOf(ctx, tx, x.ID)
	if err != nil {
		return err
	}
	want := Consequences(x.Verdict)
	for _, c := range have {
		follows := slices.Contains(want, c.Kind)
		want = slices.DeleteFunc(want, func(k string) bool { return k == c.Kind })
		switch {
		case follows && c.State == ConsequenceDropped:
			c.State = ConsequenceProposed
		case !follows && c.State == ConsequenceProposed:
			c.State = ConsequenceDropped
		default:
			continue
		}
		if err := updateConsequence(ctx, tx, c); err != nil {
			return err
		}
	}
	for _, k := range want {
		if err := insertConsequence(ctx, tx, Consequence{ID: id.New(), Lookback: x.Lookback, Sample: x.ID, Item: x.Item, Finding: x.Finding, Unit: x.Unit, By: x.By, Kind: k, State: ConsequenceProposed}); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) consequenceObject(c Consequence, concerns []id.ID) access.Object {
	return access.Object{Kind: "consequence", ID: c.ID, State: c.State, Units: []access.Place{s.Units.Place(c.Unit)}, By: s.Units.Place(c.By), Concerns: concerns}
}

// CarryOut carries a consequence out, or waives it with a reason. A lead goes
// over to the discipline line and leaves only its number; who worked on the item
// or closed it decides nothing about it.
func (s *Service) CarryOut(ctx context.Context, who actor.Actor, n id.ID, do string, cmd ReasonCmd) error {
	if !slices.Contains(ConsequenceFlow.Actions(), do) {
		return fault.NotFound("consequence")
	}
	return s.log.Write(ctx, who, "consequence."+do, func(tx *audit.Tx) error {
		c, err := consequenceByID(ctx, tx, n)
		if err != nil {
			return err
		}
		x, err := s.loadSample(ctx, tx, who, c.Sample)
		if err != nil {
			return err
		}
		to, err := ConsequenceFlow.Next(c.State, do)
		if err != nil {
			if !s.policy.Ever(who, "consequence."+do) {
				return fault.Denied("consequence", "consequence."+do+": no role")
			}
			return err
		}
		if err := s.policy.Can(who, "consequence."+do, s.consequenceObject(c, x.Concerns)); err != nil {
			return err
		}
		if cmd.Rev != 0 && cmd.Rev != c.Rev {
			return fault.Conflict("consequence")
		}
		if !Known(x.State) || x.State == Objected {
			return fault.State("sample.refuse.undecided")
		}
		if err := s.free(ctx, tx, x.Item, who.Person); err != nil {
			return err
		}
		var bad fault.Fields
		if bad.Max("reason", cmd.Reason, maxReason); do == "waive" {
			bad.Need("reason", cmd.Reason)
		}
		if err := bad.Err(); err != nil {
			return err
		}
		if do == "carry_out" && c.Kind == ConsequenceLead {
			if c.No, err = s.handOver(ctx, tx, who, c, cmd.Reason); err != nil {
				return err
			}
			tx.Note("lead", c.No)
		}
		c.State, c.Reason, c.Person, c.DoneAt = to, cmd.Reason, who.Person, tx.At
		return updateConsequence(ctx, tx, c)
	})
}

// handOver makes a lead of a consequence and gives its number: that of the room of
// conduct cases, else one of our own for the paper that goes over.
func (s *Service) handOver(ctx context.Context, tx *audit.Tx, who actor.Actor, c Consequence, reason string) (string, error) {
	if s.Refer != nil {
		item, err := rectification.ItemByID(ctx, tx, c.Item)
		if err != nil {
			return "", err
		}
		return s.Refer(ctx, tx, who, item, reason)
	}
	prefix := fmt.Sprintf("WZ%d-", s.today().Year())
	k, err := leadsOfYear(ctx, tx, c.By, prefix)
	return fmt.Sprintf("%s%04d", prefix, k+1), err
}

// RunTest records what came of one claim of the close-out.
func (s *Service) RunTest(ctx context.Context, who actor.Actor, n id.ID, cmd TestCmd) error {
	var bad fault.Fields
	if cmd.Check(&bad); bad.Err() != nil {
		return bad.Err()
	}
	return s.log.Write(ctx, who, "sample.test", func(tx *audit.Tx) error {
		x, err := s.loadSample(ctx, tx, who, n)
		if err != nil {
			return err
		}
		if err := s.policy.Can(who, "sample.evidence", s.sampleObject(x)); err != nil {
			return err
		}
		if err := s.free(ctx, tx, x.Item, who.Person); err != nil {
			return err
		}
		claims, err := rectification.Claims(ctx, tx, x.Item)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(claims, func(c rectification.Claim) bool { return c.ID == cmd.Claim && !c.Dropped })
		if at < 0 {
			return fault.NotFound("claim")
		}
		return insertTest(ctx, tx, Test{ID: id.New(), Sample: x.ID, Claim: cmd.Claim, No: claims[at].No, Result: cmd.Result, Note: cmd.Note, Person: who.Person})
	})
}

// Durations are half-lives as far as the reader may count them.
type Durations struct {
	All        HalfLife            `json:"all"`
	Curve      []Point             `json:"curve"`
	Units      map[string]HalfLife `json:"units"`
	Categories map[string]HalfLife `json:"categories"`
	Full       bool                `json:"full"`
}

// HalfLife reckons the half-lives from every verdict in force that the reader may
// see; groups of fewer than SmallCell are hidden outside of the office.
func (s *Service) HalfLife(ctx context.Context, who actor.Actor) (d Durations, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		list, err := followed(ctx, q, s.policy, who, sampleFilter{})
		if err != nil {
			return err
		}
		d = durations(list, who.Has(actor.Office) || who.Has(actor.System))
		return nil
	})
	return d, err
}

// Lasting lends the half-life of a unit, or of all that the reader may see, with
// the items that it is reckoned from; small cells are hidden outside of the office.
func (s *Service) Lasting(ctx context.Context, q db.Q, who actor.Actor, unit id.ID) (HalfLife, []id.ID, error) {
	list, err := followed(ctx, q, s.policy, who, sampleFilter{Unit: unit})
	if err != nil {
		return HalfLife{}, nil, err
	}
	var obs []Observation
	var items []id.ID
	for _, f := range list {
		if o, ok := Observe(f); ok {
			obs, items = append(obs, o), append(items, f.Item)
		}
	}
	if n := len(obs); n > 0 && n < SmallCell && !who.Has(actor.Office) && !who.Has(actor.System) {
		return HalfLife{Hidden: true}, nil, nil
	}
	slices.Sort(items)
	return HalfLifeOf(obs, Confidence), slices.Compact(items), nil
}

func durations(list []Followed, full bool) Durations {
	d := Durations{Full: full}
	d.Units = HalfLives(list, func(f Followed) string { return string(f.Unit) })
	d.Categories = HalfLives(list, func(f Followed) string { return f.Category })
	d.All = d.Units[""]
	var obs []Observation
	for _, f := range list {
		if o, ok := Observe(f); ok {
			obs = append(obs, o)
		}
	}
	d.Curve = Survival(obs, Confidence)
	for _, m := range []map[string]HalfLife{d.Units, d.Categories} {
		delete(m, "")
		for k, h := range m {
			if !full && h.N < SmallCell {
				m[k] = HalfLife{}
			}
		}
	}
	return d
}

// readConsequence finds the sampled item of a consequence that the reader may see.
func (s *Service) readConsequence(ctx context.Context, who actor.Actor, n id.ID, sample *id.ID) error {
	return s.log.DB().Read(ctx, func(q db.Q) error {
		c, err := consequenceByID(ctx, q, n)
		if err != nil {
			return err
		}
		x, err := s.loadSample(ctx, q, who, c.Sample)
		*sample = x.ID
		return err
	})
}
