package conduct

import (
	"context"
	"slices"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// proposal takes the proposed measures from a form.
func (t *turn) proposal() {
	c, cmd := t.c, t.cmd
	if len(cmd.Kinds) > 0 {
		c.Kinds, c.Months = cmd.Kinds, cmd.Months
	}
	if len(c.Kinds) == 0 {
		t.bad.Need("kinds", "")
	}
	seen := map[string]bool{}
	for _, k := range c.Kinds {
		x, ok := t.s.rules.Kind(k)
		if !ok {
			t.bad.Add("kinds", "conduct.bad.choice", k)
			continue
		}
		if seen[x.Layer] && (x.Layer == Admin || x.Layer == Party) {
			t.bad.Add("kinds", "conduct.bad.one_per_layer")
		}
		seen[x.Layer] = true
		if c.Retired && x.Sanction() { // J-8
			t.bad.Add("kinds", "conduct.bad.retired")
		}
	}
	if cmd.Circumstances != nil {
		c.Circumstances = cmd.Circumstances
	}
	for _, k := range c.Circumstances {
		if _, ok := t.s.rules.Circumstance(k); !ok {
			t.bad.Add("circumstances", "conduct.bad.choice", k)
		}
	}
	if cmd.Crime != "" {
		c.Crime = cmd.Crime
		if !slices.ContainsFunc(t.s.rules.Crimes, func(x Crime) bool { return x.ID == cmd.Crime }) && cmd.Crime != "suspected" {
			t.bad.Add("crime", "conduct.bad.choice", cmd.Crime)
		}
	}
}

// notify tells the person the facts, the proposed measure and its basis, and
// hears him (政务处分法 43, 公务员法 63).
func (t *turn) notify(ctx context.Context) error {
	t.bad.Need("text", t.cmd.Text)
	t.proposal()
	t.together(false)
	t.c.File.Proposal = t.cmd.Text
	t.serve, t.text = PaperHearing, t.cmd.Text
	return t.handlers(ctx)
}

// hear records what the person said. Where he answered the paper himself, his
// words are already there.
func (t *turn) hear(ctx context.Context) error {
	papers, err := servedWhere(ctx, t.tx, "case_id", t.c.ID)
	if err != nil {
		return err
	}
	answered := slices.ContainsFunc(papers, func(v Served) bool { return v.Kind == PaperHearing && v.State == "answered" })
	if !answered {
		t.bad.Need("text", t.cmd.Text)
	}
	if t.cmd.Text != "" {
		t.c.File.Statement = strings.TrimSpace(t.c.File.Statement + "\n" + t.cmd.Text)
	}
	return t.handlers(ctx)
}

func (t *turn) refer(context.Context) error {
	t.bad.Need("text", t.cmd.Text)
	x := t.s.rules.conductOf(*t.c)
	if !x.Committee {
		return refuse("conduct.refuse.no_committee")
	}
	return nil
}

func (t *turn) opine(context.Context) error {
	t.bad.Need("text", t.cmd.Text)
	x := t.s.rules.conductOf(*t.c)
	// The committee sits at the highest or the provincial level, whatever the level of the office that asks (J-4).
	level := 2
	if t.cmd.Unit != "" {
		unit, ok := t.s.unitOf(t.cmd.Unit)
		if !ok {
			t.bad.Add("unit", "conduct.bad.unit", t.cmd.Unit)
		}
		level = t.s.level(unit)
	} else {
		t.bad.Need("unit", "")
	}
	CheckOpinion(&t.bad, x, level, t.cmd)
	t.c.Opinion = t.cmd.Opinion
	t.serve, t.text = PaperOpinion, t.cmd.Text
	return nil
}

// submit puts the case before the leader of the managing unit.
func (t *turn) submit(ctx context.Context) error {
	t.bad.Need("text", t.cmd.Text)
	x := t.s.rules.conductOf(*t.c)
	if NeedsCommittee(x) && t.c.Opinion == "" {
		return refuse("conduct.refuse.committee_first")
	}
	if t.cmd.Decider == "" {
		t.cmd.Decider = t.c.Decider
	}
	t.bad.Need("decider", string(t.cmd.Decider))
	t.proposal()
	t.together(false)
	if t.cmd.Decider != "" {
		p, err := t.s.Person(ctx, t.tx, t.cmd.Decider)
		switch {
		case fault.Is(err, fault.KindNotFound):
			t.bad.Add("decider", "conduct.bad.person")
		case err != nil:
			return err
		case !p.Leadership || p.Unit != t.c.Manage:
			t.bad.Add("decider", "conduct.bad.decider", t.s.Units.Name(t.c.Manage))
		}
		if err == nil {
			if err := t.s.free(ctx, t.tx, t.c.Person, t.cmd.Decider, t.c.ID); err != nil {
				return err
			}
		}
	}
	t.c.Decider = t.cmd.Decider
	t.c.File.Proposal = t.cmd.Text
	return t.handlers(ctx)
}

// decide is the managing authority's decision: its measures get their periods by
// the law in force.
func (t *turn) decide(ctx context.Context) error {
	t.bad.Need("text", t.cmd.Text)
	t.proposal()
	c := t.c
	t.together(true)
	if !OpinionAllows(c.Opinion) && len(t.s.rules.liable(*c)) == 0 && slices.ContainsFunc(c.Kinds, func(k string) bool { x, _ := t.s.rules.Kind(k); return x.Layer != Education }) {
		t.bad.Add("kinds", "conduct.bad.opinion_bars") // J-1
	}
	t.afterCrime()
	if err := t.within(); err != nil {
		return err
	}
	c.File.Decision, c.DecidedOn = t.cmd.Text, t.cmd.On
	if t.bad.Err() != nil {
		return nil
	}
	if err := t.sanctions(ctx, ""); err != nil {
		return err
	}
	return t.outcome(ctx)
}

// afterCrime holds a decision to what the law attaches to a sentence (政务处分法
// 14): the sanction that it names and none lighter; the other one that it leaves
// open asks for a reason in writing. The retired get none (J-8).
func (t *turn) afterCrime() {
	x, ok := t.s.rules.CrimeOf(t.c.Crime)
	if !ok || t.c.Retired {
		return
	}
	switch {
	case slices.Contains(t.c.Kinds, x.Kind):
	case x.Instead != "" && slices.Contains(t.c.Kinds, x.Instead):
		if strings.TrimSpace(t.cmd.Reason) == "" {
			t.bad.Add("reason", "conduct.bad.crime.instead", t.s.rules.Cite(x.Doc, x.Article))
		}
	default:
		t.bad.Add("kinds", "conduct.bad.crime."+x.Kind, t.s.rules.Cite(x.Doc, x.Article))
	}
}

// within asks for a reason in writing where a measure leaves the range that the
// law provides.
func (t *turn) within() error {
	acts := t.s.rules.liable(*t.c)
	if len(acts) == 0 {
		acts = []Act{{Conduct: t.c.Conduct, Gravity: t.c.Gravity, Kinds: t.c.Kinds}}
	}
	crime, found := t.s.rules.CrimeOf(t.c.Crime)
	for _, a := range acts {
		for _, k := range a.Kinds {
			if found && crime.Kind == k {
				continue // the law on crimes provides it, whatever the range of the conduct
			}
			if x := t.s.rules.Advise(a.Conduct, a.Gravity, t.c.Circumstances, k, t.c.Retired); x.Outside != "" && strings.TrimSpace(t.cmd.Reason) == "" {
				t.bad.Add("reason", "conduct.bad.outside."+x.Outside)
			}
		}
	}
	return nil
}

// sanctions computes and writes the measures of a decision.
func (t *turn) sanctions(ctx context.Context, names id.ID) error {
	c := t.c
	before, err := sanctionsWhere(ctx, t.tx, "person_id", c.Person)
	if err != nil {
		return err
	}
	var run []Effect
	for _, x := range before {
		if x.State == SanctionRuns && x.Case != c.ID {
			run = append(run, x.Effect)
		}
	}
	for _, k := range c.Kinds {
		d := Decision{Kind: k, ActEnd: c.ActTo, On: c.DecidedOn, Running: run}
		if x, _ := t.s.rules.Kind(k); slices.ContainsFunc(x.Versions, func(v Version) bool { return len(v.Choices) > 0 || v.Most }) {
			d.Months = c.Months
		}
		d = t.mostly(d)
		e, err := t.s.rules.Compute(d)
		if f, ok := fault.Of(err); ok && f.Kind == fault.KindInvalid {
			for _, x := range f.Fields { // the form calls the decision's day "on" and the kinds "kinds"
				name := map[string]string{"kind": "kinds"}[x.Name]
				if d.Same > 1 && x.Name == "months" {
					name = "period"
				}
				if name == "" {
					name = x.Name
				}
				t.bad = append(t.bad, fault.Field{Name: name, Key: x.Key, Args: x.Args})
			}
			return nil
		} else if err != nil {
			return err
		}
		if err := insertSanction(ctx, t.tx, Sanction{ID: id.New(), Case: c.ID, Person: c.Person, Unit: c.Home, Manage: c.Manage, Kind: k, Layer: e.Layer, ActEnd: c.lastAct(), DecidedOn: c.DecidedOn, Effect: e, State: SanctionRuns, Names: names}); err != nil {
			return err
		}
	}
	return nil
}

func (t *turn) serveDecision(context.Context) error {
	t.serve, t.text = PaperDecision, t.c.File.Decision
	if t.cmd.On.Before(t.c.DecidedOn) {
		t.bad.Add("on", "conduct.bad.before_decision", string(t.c.DecidedOn))
	}
	return nil
}

// uphold keeps the decision; a review never makes it heavier (政务处分法 56).
func (t *turn) uphold(context.Context) error {
	t.bad.Need("text", t.cmd.Text)
	t.serve, t.text = PaperReview, t.cmd.Text
	return nil
}

func (t *turn) change(ctx context.Context) error {
	t.bad.Need("text", t.cmd.Text)
	old := slices.Clone(t.c.Kinds)
	revoke := len(t.cmd.Kinds) == 0
	if !revoke {
		t.proposal()
		for _, layer := range []string{Admin, Party, Org, Education} {
			if t.heaviest(layer, t.c.Kinds) > t.heaviest(layer, old) {
				t.bad.Add("kinds", "conduct.bad.heavier")
			}
		}
		if err := t.within(); err != nil {
			return err
		}
	}
	if t.bad.Err() != nil {
		return nil
	}
	list, err := sanctionsWhere(ctx, t.tx, "case_id", t.c.ID)
	if err != nil {
		return err
	}
	var names id.ID
	for _, x := range list {
		if x.State == SanctionRuns {
			x.State, x.LiftedOn = SanctionRevoked, t.cmd.On
			names = x.ID
			if err := updateSanction(ctx, t.tx, x); err != nil {
				return err
			}
		}
	}
	if err := voidOutcomes(ctx, t.tx, t.c.ID); err != nil {
		return err
	}
	t.serve, t.text = PaperReview, t.cmd.Text
	t.c.File.Decision = t.c.File.Decision + "\n" + t.cmd.Text
	if revoke {
		t.c.Kinds, t.c.Form = []string{}, 0
		return nil
	}
	if err := t.sanctions(ctx, names); err != nil { // the new one runs from the first decision on
		return err
	}
	return t.outcome(ctx)
}

func (t *turn) heaviest(layer string, kinds []string) int {
	n := 0
	for _, k := range kinds {
		if x, ok := t.s.rules.Kind(k); ok && x.Layer == layer {
			n = max(n, x.Weight)
		}
	}
	return n
}

// lift ends the case's effect when every period is over.
func (t *turn) lift(ctx context.Context) error {
	t.bad.Need("text", t.cmd.Text)
	list, err := sanctionsWhere(ctx, t.tx, "case_id", t.c.ID)
	if err != nil {
		return err
	}
	for _, x := range list {
		if x.State != SanctionRuns {
			continue
		}
		if x.Effect.To != "" && !x.Effect.Over(t.cmd.On) {
			t.bad.Add("on", "sanction.bad.not_over", string(x.Effect.To))
			return nil
		}
		if x.Effect.To != "" {
			again, err := t.again(ctx, x)
			if err != nil {
				return err
			}
			if again {
				return refuse("sanction.refuse.again")
			}
		}
		x.State, x.LiftedOn = SanctionLifted, t.cmd.On
		if err := updateSanction(ctx, t.tx, x); err != nil {
			return err
		}
	}
	t.serve, t.text = PaperLift, t.cmd.Text
	return nil
}

// again tells whether a new sanction for an act within the period stands against
// lifting by itself (政务处分法 26).
func (t *turn) again(ctx context.Context, x Sanction) (bool, error) {
	all, err := sanctionsWhere(ctx, t.tx, "person_id", x.Person)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(all, func(y Sanction) bool {
		return y.ID != x.ID && y.Case != x.Case && y.Layer == x.Layer && y.State == SanctionRuns && y.ActEnd >= x.DecidedOn && y.ActEnd <= x.Effect.To && !y.Effect.Over(t.cmd.On)
	}), nil
}

// servePaper makes what is served on the person a record of his own.
func (s *Service) servePaper(ctx context.Context, tx *audit.Tx, c Case, kind, text string) error {
	v := Served{ID: id.New(), Case: c.ID, Person: c.Person, Unit: c.Unit, Kind: kind, ServedOn: s.today(), State: ServedFlow.Start}
	key := map[string]string{PaperHearing: "clock.hearing", PaperOpinion: "clock.opined", PaperDecision: "review.days"}[kind]
	if key != "" {
		set, err := s.setting(ctx, tx, key)
		if err != nil {
			return err
		}
		v.Due = DueOn(clock.National(), s.today(), set.Value, set.Unit)
	}
	v.sealed = s.seal("conduct_served", v.ID, s.rules.letter(c, kind, text, s.today()))
	return insertServed(ctx, tx, v)
}

// AnswerCmd is what the person says to a paper.
type AnswerCmd struct {
	Answer string `json:"answer"`
	Text   string `json:"text"`
	Rev    int64  `json:"rev"`
}

func (s *Service) servedObject(v Served) access.Object {
	return access.Object{Kind: "served", ID: v.ID, State: v.State, Owners: []id.ID{v.Person}}
}

// Served reads a paper served on the actor.
func (s *Service) served(ctx context.Context, q db.Q, who actor.Actor, n id.ID) (Served, error) {
	v, err := servedByID(ctx, q, n)
	if err != nil {
		return v, err
	}
	if err := s.policy.Can(who, "served.read", s.servedObject(v)); err != nil {
		return v, err
	}
	var l letter
	if err := s.open("conduct_served", v.ID, v.sealed, &l); err != nil {
		return v, err
	}
	v.Text, v.Acts, v.Merged = l.Text, l.Acts, l.Merged
	return v, s.open("conduct_served_answer", v.ID, v.sealedReply, &v.Reply)
}

// Receive and Answer are the person's own acts; an objection or an application
// for review moves the case by the law, not by the office's leave (J-5).
func (s *Service) Receive(ctx context.Context, who actor.Actor, n id.ID, cmd AnswerCmd) error {
	return s.respond(ctx, who, n, "receive", cmd)
}

// Answer takes the person's words about a paper.
func (s *Service) Answer(ctx context.Context, who actor.Actor, n id.ID, cmd AnswerCmd) error {
	return s.respond(ctx, who, n, "answer", cmd)
}

func (s *Service) respond(ctx context.Context, who actor.Actor, n id.ID, do string, cmd AnswerCmd) error {
	return s.log.Write(ctx, who, "served."+do, func(tx *audit.Tx) error {
		v, err := s.served(ctx, tx, who, n)
		if err != nil {
			return err
		}
		to, err := ServedFlow.Next(v.State, do)
		if err != nil {
			return err
		}
		if err := s.policy.Can(who, "served."+do, s.servedObject(v)); err != nil {
			return err
		}
		if cmd.Rev != 0 && cmd.Rev != v.Rev {
			return fault.Conflict("served")
		}
		c, err := CaseByID(ctx, tx, v.Case)
		if err != nil {
			return err
		}
		if err := s.open("conduct_case", c.ID, c.sealed, &c.File); err != nil {
			return err
		}
		v.State = to
		if do == "receive" {
			v.ReceivedOn = s.today()
			if err := s.enter(ctx, tx, Entry{Object: c.ID, Person: who.Person, Do: "received", Old: c.State, New: c.State, Text: v.Kind}); err != nil {
				return err
			}
			return updateServed(ctx, tx, v)
		}
		var bad fault.Fields
		if !slices.Contains(Answers(v.Kind), cmd.Answer) {
			bad.Add("answer", "conduct.bad.choice", cmd.Answer)
		}
		bad.Need("text", cmd.Text)
		bad.Max("text", cmd.Text, maxFacts)
		if cmd.Answer == "objection" || cmd.Answer == "review" {
			if v.Due != "" && s.today() > v.Due {
				bad.Add("answer", "served.bad.late", string(v.Due))
			}
		}
		if err := bad.Err(); err != nil {
			return err
		}
		v.Answer, v.AnsweredOn, v.Reply = cmd.Answer, s.today(), cmd.Text
		v.sealedReply = s.seal("conduct_served_answer", v.ID, cmd.Text)
		if err := updateServed(ctx, tx, v); err != nil {
			return err
		}
		return s.moved(ctx, tx, who, c, v, cmd)
	})
}

// moved lets an answer act on the case.
func (s *Service) moved(ctx context.Context, tx *audit.Tx, who actor.Actor, c Case, v Served, cmd AnswerCmd) error {
	old := c.State
	switch {
	case cmd.Answer == "objection" && c.State == Opined:
		c.State = Reexamining
	case cmd.Answer == "review" && c.State == InEffect:
		c.State = Reviewing
	case cmd.Answer == "objection" || cmd.Answer == "review":
		return fault.State("error.state", "served.answer", "conduct.state."+c.State)
	}
	if c.State != old {
		if err := s.stage(ctx, tx, &c); err != nil {
			return err
		}
	}
	if cmd.Answer == "statement" {
		c.File.Statement = strings.TrimSpace(c.File.Statement + "\n" + cmd.Text)
		c.sealed = s.seal("conduct_case", c.ID, c.File)
	}
	if err := s.enter(ctx, tx, Entry{Object: c.ID, Person: who.Person, Do: "answer_" + cmd.Answer, Old: old, New: c.State, Text: cmd.Text}); err != nil {
		return err
	}
	return updateCase(ctx, tx, c)
}
