package duty

import (
	"context"
	"embed"
	"maps"
	"slices"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/fact"
)

// Schema has the tables of this room.
//
//go:embed schema/*.sql
var Schema embed.FS

// Tables are the rows that the log reconciles.
var Tables = []string{"duty_scheme", "duty_indicator", "duty_holder", "duty_assessment", "duty_score", "duty_entry"}

// Deps is what the room stands on.
type Deps struct {
	Log    *audit.Log
	Policy *access.Policy
	Clock  clock.Clock
	Dir    *org.Directory
	// Find gives the units that a text means.
	Find func(text string) []id.ID
	// Names gives the names of persons; Person finds one of a unit by name or staff number.
	Names  func(ctx context.Context, q db.Q, ids ...id.ID) (map[id.ID]string, error)
	Person func(ctx context.Context, who actor.Actor, unit id.ID, text string) ([]id.ID, error)
	// Facts are the figures of all rooms by name.
	Facts map[string]fact.Source
}

// Service has one method per action of the room.
type Service struct{ Deps }

// New makes the service.
func New(d Deps) *Service { return &Service{Deps: d} }

func (s *Service) today() clock.Date { return clock.Today(s.Clock) }

// FactNames lists the figures that an indicator can be bound to.
func (s *Service) FactNames() []string { return slices.Sorted(maps.Keys(s.Facts)) }

func need(field, text string) error {
	var bad fault.Fields
	bad.Need(field, text)
	bad.Max(field, text, maxReason)
	return bad.Err()
}

// loadScheme reads a scheme that the actor may read and judges an action.
func (s *Service) loadScheme(ctx context.Context, q db.Q, who actor.Actor, n id.ID, do string) (Scheme, error) {
	x, err := schemeByID(ctx, q, n)
	if err != nil {
		return x, err
	}
	o := x.object(s.Dir.Place)
	if err := s.Policy.Can(who, "scheme.read", o); err != nil || do == "read" {
		return x, err
	}
	if err := s.Policy.Can(who, "scheme."+do, o); err != nil {
		if _, e := SchemeFlow.Next(x.State, do); e != nil && s.Policy.Ever(who, "scheme."+do) {
			return x, e
		}
		return x, err
	}
	return x, nil
}

// Draft begins a new version of the actor's unit from the shipped scheme.
func (s *Service) Draft(ctx context.Context, who actor.Actor) (x Scheme, err error) {
	if x, err = Shipped(); err != nil {
		return x, err
	}
	x.ID, x.Unit, x.Author, x.State, x.Rev = id.New(), who.Unit, who.Person, SchemeFlow.Start, 1
	err = s.Log.Write(ctx, who, "scheme.create", func(tx *audit.Tx) error {
		if err := s.Policy.Can(who, "scheme.create", x.object(s.Dir.Place)); err != nil {
			return err
		}
		n, err := lastVersion(ctx, tx, x.Unit)
		if err != nil {
			return err
		}
		x.Version = n + 1
		return insertScheme(ctx, tx, x)
	})
	return x, err
}

func (s *Service) schemeStep(ctx context.Context, who actor.Actor, n id.ID, do string, rev int64, fn func(tx *audit.Tx, x *Scheme) error) error {
	return s.Log.Write(ctx, who, "scheme."+do, func(tx *audit.Tx) error {
		x, err := s.loadScheme(ctx, tx, who, n, do)
		if err != nil {
			return err
		}
		if rev != 0 && rev != x.Rev {
			return fault.Conflict("scheme")
		}
		if x.State, err = SchemeFlow.Next(x.State, do); err != nil {
			return err
		}
		if err := fn(tx, &x); err != nil {
			return err
		}
		return updateScheme(ctx, tx, x)
	})
}

// SchemeCmd is a scheme as typed.
type SchemeCmd struct {
	Title      string      `json:"title"`
	Indicators []Indicator `json:"indicators"`
	Rev        int64       `json:"rev"`
}

// EditScheme changes a draft.
func (s *Service) EditScheme(ctx context.Context, who actor.Actor, n id.ID, c SchemeCmd) error {
	return s.schemeStep(ctx, who, n, "edit", c.Rev, func(tx *audit.Tx, x *Scheme) error {
		old := x.Indicators
		x.Title, x.Indicators = c.Title, c.Indicators
		var bad fault.Fields
		x.Check(&bad, s.FactNames(), false)
		if err := bad.Err(); err != nil {
			return err
		}
		return replaceIndicators(ctx, tx, *x, old)
	})
}

// SubmitScheme hands a draft in.
func (s *Service) SubmitScheme(ctx context.Context, who actor.Actor, n id.ID, rev int64) error {
	return s.schemeStep(ctx, who, n, "submit", rev, func(_ *audit.Tx, x *Scheme) error {
		var bad fault.Fields
		x.Check(&bad, s.FactNames(), true)
		return bad.Err()
	})
}

// ApproveScheme puts a scheme in force from today; not its author.
func (s *Service) ApproveScheme(ctx context.Context, who actor.Actor, n id.ID, rev int64) error {
	return s.schemeStep(ctx, who, n, "approve", rev, func(tx *audit.Tx, x *Scheme) error {
		if x.Author == who.Person {
			return fault.State("duty.bad.own")
		}
		x.Approver, x.ValidFrom = who.Person, s.today()
		return nil
	})
}

// ReturnScheme sends it back; RetireScheme takes it out of use.
func (s *Service) ReturnScheme(ctx context.Context, who actor.Actor, n id.ID, reason string, rev int64) error {
	if err := need("reason", reason); err != nil {
		return err
	}
	return s.schemeStep(ctx, who, n, "return", rev, func(tx *audit.Tx, _ *Scheme) error {
		tx.Note("reason", reason)
		return nil
	})
}

// RetireScheme takes a scheme out of use; its assessments stay.
func (s *Service) RetireScheme(ctx context.Context, who actor.Actor, n id.ID, rev int64) error {
	return s.schemeStep(ctx, who, n, "retire", rev, func(*audit.Tx, *Scheme) error { return nil })
}

// Schemes lists those that the actor may read.
func (s *Service) Schemes(ctx context.Context, who actor.Actor) (out []Scheme, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) error {
		var args []any
		out, err = listSchemes(ctx, q, s.Policy.Filter(who, "scheme.read", schemes, &args), args, 100)
		return err
	})
	return out, err
}

// Scheme reads one.
func (s *Service) Scheme(ctx context.Context, who actor.Actor, n id.ID) (x Scheme, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) error {
		x, err = s.loadScheme(ctx, q, who, n, "read")
		return err
	})
	return x, err
}

// HolderCmd names who carries a responsibility.
type HolderCmd struct {
	Unit   id.ID      `json:"unit"`
	Kind   string     `json:"kind"`
	Person string     `json:"person"` // name or staff number
	Scope  string     `json:"scope"`
	From   clock.Date `json:"from"`
}

func (s *Service) holderObject(h Holder) access.Object {
	return access.Object{Kind: "holder", ID: h.ID, By: s.Dir.Place(h.Unit), Owners: []id.ID{h.Person}}
}

// SetHolder adds a holder to the responsibility list of a unit.
func (s *Service) SetHolder(ctx context.Context, who actor.Actor, c HolderCmd) (h Holder, err error) {
	if c.Unit == "" {
		c.Unit = who.Unit
	}
	h = Holder{ID: id.New(), Unit: c.Unit, Kind: c.Kind, Scope: c.Scope, From: c.From, Rev: 1}
	err = s.Log.Write(ctx, who, "holder.set", func(tx *audit.Tx) error {
		if err := s.Policy.Can(who, "holder.set", s.holderObject(h)); err != nil {
			return err
		}
		var bad fault.Fields
		if !slices.Contains(Kinds, c.Kind) {
			bad.Add("kind", "error.required")
		}
		bad.Need("scope", c.Scope)
		bad.Max("scope", c.Scope, maxText)
		bad.Need("from", string(c.From))
		bad.Need("person", c.Person)
		if c.Person != "" {
			found, err := s.Person(ctx, who, c.Unit, c.Person)
			if err != nil {
				return err
			}
			if len(found) == 1 {
				h.Person = found[0]
			} else {
				bad.Add("person", "duty.bad.person", c.Person, len(found))
			}
		}
		if err := bad.Err(); err != nil {
			return err
		}
		return insertHolder(ctx, tx, h)
	})
	return h, err
}

// EndHolder ends a responsibility on a day; the line stays.
func (s *Service) EndHolder(ctx context.Context, who actor.Actor, n id.ID, until clock.Date) error {
	return s.Log.Write(ctx, who, "holder.set", func(tx *audit.Tx) error {
		h, err := holderByID(ctx, tx, n)
		if err != nil {
			return err
		}
		if err := s.Policy.Can(who, "holder.set", s.holderObject(h)); err != nil {
			return err
		}
		var bad fault.Fields
		switch {
		case until == "":
			bad.Need("until", "")
		case until < h.From:
			bad.Add("until", "error.end_before_start")
		case h.Until != "":
			return fault.State("duty.bad.ended", string(h.Until))
		}
		if err := bad.Err(); err != nil {
			return err
		}
		h.Until = until
		return endHolder(ctx, tx, h)
	})
}

// Line is one line of a responsibility list: an indicator with its figure so far.
type Line struct {
	Indicator Indicator `json:"indicator"`
	Fact      fact.Fact `json:"fact"`
	Points    int       `json:"points"`
	Counted   bool      `json:"counted"`
}

// List is the responsibility list of a unit: who answers for what, and how the
// facts of the year stand today.
type List struct {
	Unit    id.ID            `json:"unit"`
	Scheme  *Scheme          `json:"scheme"` // in force over the unit; nil when there is none
	Holders []Holder         `json:"holders"`
	Lines   []Line           `json:"lines"`
	From    clock.Date       `json:"from"`
	Until   clock.Date       `json:"until"`
	Names   map[id.ID]string `json:"-"`
	MaySet  bool             `json:"-"`
	Whole   bool             `json:"whole"` // everybody's lines, not only the reader's own
}

// ListOf gives the responsibility list of a unit as the actor may see it: its
// people see the whole, everybody else the lines of his own: at his own unit also
// when there are none, which says nothing of the others'.
func (s *Service) ListOf(ctx context.Context, who actor.Actor, unit id.ID) (l List, err error) {
	l.Unit, l.Until = unit, s.today()
	l.From = clock.Date(string(l.Until)[:4] + "-01-01")
	l.MaySet = s.Policy.Can(who, "holder.set", access.Object{Kind: "holder", By: s.Dir.Place(unit)}) == nil
	err = s.Log.DB().Read(ctx, func(q db.Q) error {
		var args []any
		if l.Holders, err = holdersOf(ctx, q, unit, "", s.Policy.Filter(who, "holder.read", holders, &args), args); err != nil {
			return err
		}
		l.Whole = s.Policy.Can(who, "holder.read", access.Object{Kind: "holder", By: s.Dir.Place(unit)}) == nil
		if !l.Whole && len(l.Holders) == 0 && unit != who.Unit {
			return fault.NotFound("holder")
		}
		var ids []id.ID
		for _, h := range l.Holders {
			ids = append(ids, h.Person)
		}
		if l.Names, err = s.Names(ctx, q, ids...); err != nil || !l.Whole {
			return err
		}
		scheme, err := s.inForce(ctx, q, unit)
		if err != nil || scheme == nil {
			return err
		}
		l.Scheme = scheme
		for _, i := range scheme.Indicators {
			f, err := s.figure(ctx, q, i, unit, l.From, l.Until)
			if err != nil {
				return err
			}
			x := Line{Indicator: i, Fact: f}
			x.Points, x.Counted = Points(i, f.Good, f.All)
			l.Lines = append(l.Lines, x)
		}
		return nil
	})
	return l, err
}

// inForce finds the newest scheme in force of the nearest unit above or at one.
func (s *Service) inForce(ctx context.Context, q db.Q, unit id.ID) (*Scheme, error) {
	all, err := listSchemes(ctx, q, "s.state = 'in_force'", nil, 1000)
	if err != nil {
		return nil, err
	}
	path := s.Dir.Place(unit).Path
	best, depth := id.ID(""), -1
	for _, x := range all { // newest first: the first of a depth wins
		at := s.Dir.Place(x.Unit).Path
		if at != "" && len(path) >= len(at) && path[:len(at)] == at && len(at) > depth {
			best, depth = x.ID, len(at)
		}
	}
	if best == "" {
		return nil, nil
	}
	x, err := schemeByID(ctx, q, best)
	return &x, err
}

// figure reads the fact of an indicator.
func (s *Service) figure(ctx context.Context, q db.Q, i Indicator, unit id.ID, from, until clock.Date) (fact.Fact, error) {
	read, ok := s.Facts[i.Fact]
	if !ok {
		return fact.Fact{}, fault.State("duty.bad.unknown_fact", i.Fact)
	}
	return read(ctx, q, unit, from, until)
}
