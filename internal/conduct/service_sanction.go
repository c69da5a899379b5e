package conduct

import (
	"context"
	"slices"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/person"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

func (s *Service) sanctionObject(x Sanction) access.Object {
	return access.Object{Kind: "sanction", ID: x.ID, State: x.State, Units: []access.Place{s.Units.Place(x.Unit)}, Concerns: append([]id.ID{x.Person}, x.Concerns...)}
}

// Enforce notes that personnel carried a sanction out: pay, grade and file
// (政务处分法 54: within a month of the decision).
func (s *Service) Enforce(ctx context.Context, who actor.Actor, n id.ID, cmd CaseCmd) error {
	if cmd.On == "" {
		cmd.On = s.today()
	}
	return s.log.Write(ctx, who, "sanction.enforce", func(tx *audit.Tx) error {
		x, err := sanctionByID(ctx, tx, n)
		if err != nil {
			return err
		}
		if err := s.policy.Can(who, "sanction.enforce", s.sanctionObject(x)); err != nil {
			return err
		}
		if cmd.Rev != 0 && cmd.Rev != x.Rev {
			return fault.Conflict("sanction")
		}
		var bad fault.Fields
		if cmd.On.After(s.today()) {
			bad.Add("on", "conduct.bad.future")
		}
		if cmd.On.Before(x.DecidedOn) {
			bad.Add("on", "conduct.bad.before_decision", string(x.DecidedOn))
		}
		if x.EnforcedOn != "" {
			return fault.State("sanction.refuse.enforced")
		}
		if err := bad.Err(); err != nil {
			return err
		}
		x.EnforcedOn = cmd.On
		return updateSanction(ctx, tx, x)
	})
}

// Held is a bar in force with its law, without a word about the case.
type Held struct {
	What     string     `json:"what"`
	Kind     string     `json:"kind"`
	From     clock.Date `json:"from"`
	To       clock.Date `json:"to,omitempty"`
	Article  string     `json:"article"`
	Evidence string     `json:"evidence"`
}

// Promotion is the answer of the promotion check.
type Promotion struct {
	Person  id.ID      `json:"person"`
	StaffNo string     `json:"staff_no"`
	On      clock.Date `json:"on"`
	Allowed bool       `json:"allowed"` // of rank, post and grade
	Pay     bool       `json:"pay"`     // of the pay step
	Free    clock.Date `json:"free"`    // first day on which nothing known bars a promotion; empty: not known
	Bars    []Held     `json:"bars"`
}

// stops are the bars that stand against a promotion.
var stops = []string{"promote", "party_higher", "party_equal", "leading", "employment", "inquiry"}

// CheckPromotion tells whether anything bars a person's promotion on a day, and
// until when. It names law and day, never a case.
func (s *Service) CheckPromotion(ctx context.Context, who actor.Actor, n id.ID, on clock.Date) (p Promotion, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		x, err := s.Person(ctx, q, n)
		if err != nil {
			return err
		}
		o := access.Object{Kind: "person", ID: x.ID, Units: []access.Place{s.Units.Place(x.Unit)}, Concerns: []id.ID{x.ID}}
		if err := s.policy.Can(who, "promotion.check", o); err != nil {
			return err
		}
		p, err = s.promotion(ctx, q, x, on)
		return err
	})
	if err != nil {
		return p, err
	}
	return p, s.log.Note(ctx, who, "promotion.check", map[string]any{"person": n, "on": on, "allowed": p.Allowed})
}

func (s *Service) promotion(ctx context.Context, q db.Q, x person.Person, on clock.Date) (Promotion, error) {
	if on == "" {
		on = s.today()
	}
	p := Promotion{Person: x.ID, StaffNo: x.StaffNo, On: on, Allowed: true, Pay: true, Bars: []Held{}, Free: on}
	list, err := sanctionsWhere(ctx, q, "person_id", x.ID)
	if err != nil {
		return p, err
	}
	endless := false
	add := func(h Held) {
		p.Bars = append(p.Bars, h)
		if h.What == "pay" {
			p.Pay = false
		}
		if slices.Contains(stops, h.What) {
			p.Allowed = false
			if h.To == "" {
				endless = true
			} else if next := h.To.AddDays(1); next > p.Free {
				p.Free = next
			}
		}
	}
	for _, y := range list {
		if y.State == SanctionRevoked {
			continue
		}
		for _, u := range y.Effect.Holding(on, y.LiftedOn) {
			add(Held{What: u.What, Kind: y.Kind, From: u.From, To: u.To, Article: s.rules.Cite(y.Effect.Doc, y.Effect.Article), Evidence: y.Effect.Evidence})
		}
	}
	cases, err := casesOf(ctx, q, x.ID)
	if err != nil {
		return p, err
	}
	for _, c := range cases {
		if slices.Contains(Under, c.State) && c.FiledOn != "" && c.FiledOn <= on {
			add(Held{What: "inquiry", From: c.FiledOn, Article: s.rules.Cite("zwcf2020", "第五十二条第二款"), Evidence: Law})
			break
		}
	}
	if endless {
		p.Free = ""
	}
	return p, nil
}

// ranks are the procurators' ranks from the lowest (检察官法 27).
var ranks = []string{"五级检察官", "四级检察官", "三级检察官", "二级检察官", "一级检察官", "四级高级检察官", "三级高级检察官", "二级高级检察官", "一级高级检察官", "二级大检察官", "一级大检察官", "首席大检察官"}

// Promotes tells whether a post is a promotion: into a leadership, or to a higher
// rank of the law's order.
func Promotes(p person.Person, rank string, leadership bool) bool {
	old, fresh := slices.Index(ranks, p.Rank), slices.Index(ranks, rank)
	return leadership && !p.Leadership || fresh >= 0 && old >= 0 && fresh > old
}

// BarPost refuses a post that is a promotion while something bars it. The room of
// people asks before it writes.
func (s *Service) BarPost(ctx context.Context, q db.Q, n id.ID, rank string, leadership bool, on clock.Date) error {
	x, err := s.Person(ctx, q, n)
	if err != nil || !Promotes(x, rank, leadership) {
		return err
	}
	p, err := s.promotion(ctx, q, x, on)
	if err != nil || p.Allowed {
		return err
	}
	until := string(p.Free)
	if until == "" {
		until = "—"
	}
	return fault.State("promotion.refuse.barred", until, p.Bars[0].Article)
}

// runningEffects lists the effects of a person that still run on a day, for a decider.
func (s *Service) runningEffects(ctx context.Context, q db.Q, n id.ID) ([]Effect, error) {
	list, err := sanctionsWhere(ctx, q, "person_id", n)
	var out []Effect
	for _, x := range list {
		if x.State == SanctionRuns {
			out = append(out, x.Effect)
		}
	}
	return out, err
}
