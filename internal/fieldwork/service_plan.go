package fieldwork

import (
	"context"
	"slices"
	"strings"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// Plan is the full-coverage plan of a term.
type Plan struct {
	Term  inspection.Term `json:"term"`
	Lines []Line          `json:"lines"`
	Cycle Period          `json:"cycle"`
}

// Count counts the units in a state.
func (p Plan) Count(state string) (n int) {
	for _, l := range p.Lines {
		if l.State == state {
			n++
		}
	}
	return n
}

// Never counts the units that were never inspected.
func (p Plan) Never() (n int) {
	for _, l := range p.Lines {
		if l.Never {
			n++
		}
	}
	return n
}

// planUnits are the units that a dispatching Party group has to cover: those
// directly below it that work. Headquarters' own organs are not among them.
func (s *Service) planUnits(by id.ID) []id.ID {
	units := s.Units.Children(by)
	if by == s.Units.Root().ID {
		units = s.Units.Provincial()
	}
	var out []id.ID
	for _, u := range units {
		if !u.Closed() {
			out = append(out, u.ID)
		}
	}
	return out
}

// Plan reads the plan of a term: for each unit when it was inspected last, what
// is planned, and by when it is due.
func (s *Service) Plan(ctx context.Context, who actor.Actor, term id.ID) (p Plan, err error) {
	err = s.read(ctx, func(q db.Q) error { p, err = s.plan(ctx, q, who, term, "plan.read"); return err })
	return p, err
}

func (s *Service) plan(ctx context.Context, q db.Q, who actor.Actor, term id.ID, action string) (Plan, error) {
	t, err := inspection.TermByID(ctx, q, term)
	if err != nil {
		return Plan{}, err
	}
	if err := s.Policy.Can(who, action, s.object("plan", "", Scope{By: t.Unit}, "")); err != nil {
		return Plan{}, err
	}
	slots, err := SlotsOf(ctx, q, term)
	if err != nil {
		return Plan{}, err
	}
	visits, err := visited(ctx, q, t.Unit)
	if err != nil {
		return Plan{}, err
	}
	cycle, _ := TheBook().Period("cycle", s.today())
	return Plan{Term: t, Cycle: cycle, Lines: Lines(s.planUnits(t.Unit), slots, visits, term, t.End, s.today(), cycle)}, nil
}

// SpreadCmd asks for a proposal.
type SpreadCmd struct {
	Term  id.ID      `json:"term"`
	Waves int        `json:"waves"`
	Start clock.Date `json:"start"`
	End   clock.Date `json:"end"`
}

// SpreadPlan places every unit that was not inspected in the term and has no day
// ahead on waves; days that were planned and passed are planned anew.
func (s *Service) SpreadPlan(ctx context.Context, who actor.Actor, c SpreadCmd) (n int, err error) {
	var bad fault.Fields
	if c.Waves < 1 || c.Waves > maxWaves {
		bad.Add("waves", "plan.bad.waves", maxWaves)
	}
	if c.Start == "" {
		bad.Need("start", "")
	}
	if c.End == "" {
		bad.Need("end", "")
	} else if c.End < c.Start {
		bad.Add("end", "error.end_before_start")
	}
	if err := bad.Err(); err != nil {
		return 0, err
	}
	err = s.Log.Write(ctx, who, "plan.spread", func(tx *audit.Tx) error {
		n = 0
		p, err := s.plan(ctx, tx, who, c.Term, "plan.edit")
		if err != nil {
			return err
		}
		var needs []Need
		old := map[id.ID]Slot{}
		first := 1
		for _, l := range p.Lines {
			if l.State == PlanPlanned || l.State == PlanDone || l.State == PlanOnSite {
				first = max(first, l.Slot.Wave+1)
			}
			if l.State == PlanMissing || l.State == PlanLate {
				u, _ := s.Units.Unit(l.Unit)
				needs = append(needs, Need{Unit: l.Unit, Code: u.Code, Last: l.Last})
				old[l.Unit] = l.Slot
			}
		}
		if len(needs) == 0 {
			return fault.State("plan.nothing")
		}
		tx.Note("units", len(needs))
		for _, x := range Spread(needs, c.Waves, c.Start, c.End) {
			x.Term, x.By, x.Kind, x.Wave = p.Term.ID, p.Term.Unit, inspection.KindRegular, x.Wave+first-1
			if was := old[x.Unit]; was.ID != "" {
				x.ID, x.Rev, x.Note = was.ID, was.Rev, was.Note
				err = updateSlot(ctx, tx, x)
			} else {
				x.ID = id.New()
				err = insertSlot(ctx, tx, x)
			}
			if err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return n, err
}

// SlotCmd places one unit.
type SlotCmd struct {
	Term id.ID      `json:"term"`
	Unit string     `json:"unit"`
	Wave int        `json:"wave"`
	Kind string     `json:"kind"`
	Due  clock.Date `json:"due"`
	Note string     `json:"note"`
}

// SetSlot places one unit of the plan, or moves it.
func (s *Service) SetSlot(ctx context.Context, who actor.Actor, c SlotCmd) error {
	var bad fault.Fields
	bad.Need("unit", c.Unit)
	u, ok := s.Units.Resolve(c.Unit)
	if !ok && c.Unit != "" {
		bad.Add("unit", "unit.unknown", c.Unit)
	}
	if c.Wave < 1 || c.Wave > maxWaves {
		bad.Add("wave", "plan.bad.waves", maxWaves)
	}
	oneOf(&bad, "kind", c.Kind, inspection.InspectionKinds())
	if c.Due == "" {
		bad.Need("due", "")
	}
	bad.Max("note", c.Note, maxLine)
	if err := bad.Err(); err != nil {
		return err
	}
	return s.Log.Write(ctx, who, "plan.set", func(tx *audit.Tx) error {
		p, err := s.plan(ctx, tx, who, c.Term, "plan.edit")
		if err != nil {
			return err
		}
		i := slices.IndexFunc(p.Lines, func(l Line) bool { return l.Unit == u.ID })
		if i < 0 {
			return sole("unit", "plan.bad.unit", u.Name, s.Units.Name(p.Term.Unit))
		}
		x := p.Lines[i].Slot
		was := x
		x.Term, x.Unit, x.By, x.Wave, x.Kind, x.Due, x.Note = p.Term.ID, u.ID, p.Term.Unit, c.Wave, c.Kind, c.Due, strings.TrimSpace(c.Note)
		if was.ID == "" {
			x.ID = id.New()
			return insertSlot(ctx, tx, x)
		}
		tx.Note("before", was)
		return updateSlot(ctx, tx, x)
	})
}

// WaveCmd makes a round of a wave.
type WaveCmd struct {
	Term id.ID  `json:"term"`
	Wave int    `json:"wave"`
	Name string `json:"name"`
}

// RoundOfWave makes a round of the units that the plan has in a wave, each with
// the kind that the plan gives it. The period of rectification is the rule file's
// on the day of entry, with its source.
func (s *Service) RoundOfWave(ctx context.Context, who actor.Actor, c WaveCmd) (inspection.Round, error) {
	var p Plan
	var slots []Slot
	no := 1
	err := s.read(ctx, func(q db.Q) (err error) {
		if p, err = s.plan(ctx, q, who, c.Term, "plan.edit"); err != nil {
			return err
		}
		rounds, err := inspection.Rounds(ctx, q)
		for _, r := range rounds {
			if r.Term == c.Term {
				no = max(no, r.No+1)
			}
		}
		return err
	})
	if err != nil {
		return inspection.Round{}, err
	}
	for _, l := range p.Lines {
		if l.Slot.ID != "" && l.Slot.Wave == c.Wave && l.State != PlanDone && l.State != PlanOnSite {
			slots = append(slots, l.Slot)
		}
	}
	if len(slots) == 0 {
		return inspection.Round{}, sole("wave", "plan.bad.empty", c.Wave)
	}
	start := slots[0].Due
	for _, x := range slots {
		start = min(start, x.Due)
	}
	period, _ := TheBook().Period("rectify", max(start, s.today()))
	r, err := s.Inspect.CreateRound(ctx, who, inspection.RoundCmd{Term: c.Term, No: no, Name: strings.TrimSpace(c.Name), Kind: slots[0].Kind, Start: start, End: start.AddDays(60),
		RectifyMonths: period.Amount, RectifySource: period.Source})
	if err != nil {
		return r, err
	}
	for _, x := range slots {
		kind := x.Kind
		if kind == r.Kind {
			kind = ""
		}
		if _, err := s.Inspect.AddVisit(ctx, who, r.ID, inspection.VisitCmd{Unit: string(x.Unit), Kind: kind}); err != nil {
			return r, err
		}
	}
	return r, nil
}

// Periods are all limits as they count for a round on its first day: those of its
// kind, and of kinds that visits of it have.
func (s *Service) Periods(ctx context.Context, q db.Q, r inspection.Round) ([]Period, error) {
	own, err := ownPeriods(ctx, q, r.ID)
	if err != nil {
		return nil, err
	}
	visits, err := inspection.VisitsOf(ctx, q, r.ID)
	if err != nil {
		return nil, err
	}
	kinds := []string{r.Kind}
	for _, v := range visits {
		kinds = append(kinds, r.KindOf(v))
	}
	var out []Period
	for _, l := range TheBook().Limits {
		p, ok := TheBook().Period(l.Key, r.Start)
		if !ok || l.Key == "cycle" || !slices.ContainsFunc(kinds, func(k string) bool { return TheBook().Has(l.Key, k) }) {
			continue
		}
		if l.Key == "rectify" {
			p.Amount, p.Unit, p.Source, p.Own = r.RectifyMonths, Months, r.RectifySource, true
		}
		for _, x := range own {
			if x.Key == l.Key {
				p.Amount, p.Unit, p.Source, p.Own = x.Amount, x.Unit, x.Source, true
			}
		}
		out = append(out, p)
	}
	return out, nil
}

func period(ps []Period, key string) Period {
	for _, p := range ps {
		if p.Key == key {
			return p
		}
	}
	return Period{}
}

// PeriodCmd sets a limit for a round.
type PeriodCmd struct {
	Key    string `json:"key"`
	Amount int    `json:"amount"`
	Unit   string `json:"unit"`
	Source string `json:"source"`
}

const maxAmount = 400

// SetPeriod sets a limit of a round, with the document that gives it. The period
// of rectification is a field of the round itself.
func (s *Service) SetPeriod(ctx context.Context, who actor.Actor, round id.ID, c PeriodCmd) error {
	var bad fault.Fields
	var keys []string
	for _, l := range TheBook().Limits {
		if l.Key != "rectify" && l.Key != "cycle" {
			keys = append(keys, l.Key)
		}
	}
	oneOf(&bad, "key", c.Key, keys)
	if c.Amount < 1 || c.Amount > maxAmount {
		bad.Add("amount", "period.bad.amount", maxAmount)
	}
	oneOf(&bad, "unit", c.Unit, Units())
	bad.Need("source", c.Source)
	bad.Max("source", c.Source, maxLine)
	if err := bad.Err(); err != nil {
		return err
	}
	return s.Log.Write(ctx, who, "period.edit", func(tx *audit.Tx) error {
		r, err := s.round(ctx, tx, who, round, "period.edit")
		if err != nil {
			return err
		}
		if r.State == inspection.RoundClosed {
			return fault.State("error.state", "period.edit", "round.state."+r.State)
		}
		own, err := ownPeriods(ctx, tx, round)
		if err != nil {
			return err
		}
		var old ownPeriod
		for _, x := range own {
			if x.Key == c.Key {
				old = x
			}
		}
		tx.Note("before", old)
		tx.Note("period", c)
		return putPeriod(ctx, tx, round, old, ownPeriod{ID: id.New(), Key: c.Key, Amount: c.Amount, Unit: c.Unit, Source: strings.TrimSpace(c.Source)})
	})
}

// Dated is a limit with its day for a visit.
type Dated struct {
	Period
	Start       clock.Date `json:"start,omitempty"`
	Due         clock.Date `json:"due,omitempty"`
	Provisional bool       `json:"provisional,omitempty"`
}

// Dates counts the limits of a round for one of its visits. The end of the visit
// is its planned one while the team is there.
func (s *Service) Dates(ps []Period, r inspection.Round, v inspection.Visit) []Dated {
	exit := v.Exit
	if exit == "" {
		exit = r.End
	}
	rectified := clock.Date("")
	if v.Feedback != "" {
		rectified = r.Due(v.Feedback)
	}
	anchors := map[string]clock.Date{"entry": v.Entry, "exit": exit, "feedback": v.Feedback, "rectified": rectified}
	var out []Dated
	for _, p := range ps {
		if !TheBook().Has(p.Key, r.KindOf(v)) {
			continue
		}
		d := Dated{Period: p, Start: anchors[p.Anchor]}
		if p.Before && p.Anchor == "entry" && d.Start == "" {
			d.Start = r.Start // as it is planned: what has to be done before cannot wait for the day
		}
		if d.Start != "" {
			d.Due, d.Provisional = p.Due(s.cal, d.Start)
		}
		if p.Key == "rectify" && v.Feedback != "" {
			d.Due, d.Provisional = rectified, false
		}
		out = append(out, d)
	}
	return out
}

// terms lists the terms whose plan somebody may see.
func (s *Service) terms(ctx context.Context, who actor.Actor) (out []inspection.Term, err error) {
	err = s.read(ctx, func(q db.Q) error {
		all, err := inspection.Terms(ctx, q)
		for _, t := range all {
			if s.Policy.Can(who, "plan.read", access.Object{Kind: "plan", By: s.Units.Place(t.Unit)}) == nil {
				out = append(out, t)
			}
		}
		return err
	})
	return out, err
}
