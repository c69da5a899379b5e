package conduct

import (
	"context"
	"slices"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// object is what the policy needs to know of a case: the office that handles it
// and, while it is on its way, the one that is to receive it; the handlers and
// the decider by name.
func (s *Service) object(c Case) access.Object {
	o := access.Object{Kind: "conduct", ID: c.ID, State: c.State, Units: []access.Place{s.Units.Place(c.Unit)}, Owners: owners(c.Handler, c.Second, c.Decider), Concerns: c.Concerns}
	if c.Target != "" {
		o.Units = append(o.Units, s.Units.Place(c.Target))
	}
	return o
}

// load reads a case that the actor may see, with its file.
func (s *Service) load(ctx context.Context, q db.Q, who actor.Actor, n id.ID, action string) (Case, error) {
	c, err := CaseByID(ctx, q, n)
	if err != nil {
		return c, err
	}
	for _, do := range []string{"conduct.read", action} {
		if err := s.policy.Can(who, do, s.object(c)); err != nil {
			return c, err
		}
	}
	return c, s.open("conduct_case", c.ID, c.sealed, &c.File)
}

// openCase makes a case of a lead.
func (s *Service) openCase(ctx context.Context, tx *audit.Tx, who actor.Actor, l Lead, cmd DisposeCmd) (c Case, err error) {
	var bad fault.Fields
	subject := l.Person
	if subject == "" {
		subject = cmd.Person
	}
	bad.Need("person", string(subject))
	bad.Need("assignee", string(cmd.Assignee))
	bad.Need("text", cmd.Text)
	if cmd.Assignee != "" && cmd.Assignee == cmd.Second {
		bad.Add("second", "conduct.bad.two")
	}
	if err := bad.Err(); err != nil {
		return c, err
	}
	p, err := s.Person(ctx, tx, subject)
	if err != nil {
		return c, err
	}
	for _, h := range owners(cmd.Assignee, cmd.Second) {
		if err := s.free(ctx, tx, subject, h, l.ID); err != nil {
			return c, err
		}
	}
	c = Case{ID: id.New(), Unit: l.Unit, Manage: s.home(p.Unit, p.Leadership), Person: p.ID, Home: p.Unit, Department: p.Department, Level: s.level(p.Unit), Leadership: p.Leadership, Rank: p.Rank,
		Retired: retired(p), Conduct: l.Conduct, Gravity: "normal", ActFrom: l.ActFrom, ActTo: l.ActTo, State: CaseFlow.Start, Handler: cmd.Assignee, Second: cmd.Second, File: File{Facts: l.Told.Facts}}
	c.Year = s.today().Year()
	if c.No, c.Seq, err = s.number(ctx, tx, "A", c.Unit, c.Year); err != nil {
		return c, err
	}
	c.sealed = s.seal("conduct_case", c.ID, c.File)
	first, err := s.start(ctx, tx, &c)
	if err != nil {
		return c, err
	}
	if err := insertCase(ctx, tx, c); err != nil {
		return c, err
	}
	if first.ID != "" { // the clock's row names the case
		if err := insertTick(ctx, tx, first); err != nil {
			return c, err
		}
	}
	if err := s.enter(ctx, tx, Entry{Object: c.ID, Person: who.Person, Do: "open", New: c.State, Text: cmd.Text}); err != nil {
		return c, err
	}
	return c, access.Concern(ctx, tx, c.ID, p.ID, access.Subject)
}

// turn is one step of a case under way.
type turn struct {
	s     *Service
	tx    *audit.Tx
	who   actor.Actor
	c     *Case
	old   Case
	cmd   CaseCmd
	bad   fault.Fields
	serve string // kind of paper that the step serves
	text  string // what the paper says
}

// acts are the steps of CaseFlow and the acts that leave the state as it is:
// each checks its guard and changes the case.
var acts = map[string]func(*turn, context.Context) error{
	"file":          (*turn).file,
	"end":           (*turn).endCase,
	"transfer":      (*turn).transfer,
	"receive":       (*turn).receive,
	"reject":        (*turn).reject,
	"suspend":       (*turn).suspend,
	"restore":       (*turn).restore,
	"report":        (*turn).report,
	"notify":        (*turn).notify,
	"reinvestigate": (*turn).reason,
	"hear":          (*turn).hear,
	"refer":         (*turn).refer,
	"opine":         (*turn).opine,
	"object":        (*turn).reason,
	"submit":        (*turn).submit,
	"return":        (*turn).reason,
	"decide":        (*turn).decide,
	"serve":         (*turn).serveDecision,
	"review":        (*turn).reason,
	"uphold":        (*turn).uphold,
	"change":        (*turn).change,
	"lift":          (*turn).lift,
	"archive":       (*turn).reason,
	"visit":         (*turn).reason,
	"assign":        (*turn).assign,
	"pause":         (*turn).pause,
	"resume":        (*turn).resume,
	"extend":        (*turn).extend,
	"act":           (*turn).act,
	"unact":         (*turn).unact,
}

// Beside lists the acts that leave the state as it is.
func Beside() []string { return []string{"act", "unact", "assign", "pause", "resume", "extend"} }

// Step takes one step of a case.
func (s *Service) Step(ctx context.Context, who actor.Actor, n id.ID, do string, cmd CaseCmd) (c Case, err error) {
	act, ok := acts[do]
	if !ok {
		return c, fault.NotFound("conduct")
	}
	err = s.log.Write(ctx, who, "conduct."+do, func(tx *audit.Tx) error {
		c, err = s.load(ctx, tx, who, n, "conduct.read")
		if err != nil {
			return err
		}
		to := c.State
		if !slices.Contains(Beside(), do) {
			if to, err = CaseFlow.Next(c.State, do); err != nil {
				if !s.policy.Ever(who, "conduct."+do) {
					return fault.Denied("conduct", "conduct."+do+": no role")
				}
				return err
			}
		} else if !slices.Contains(running, c.State) {
			return fault.State("error.state", "conduct."+do, "conduct.state."+c.State)
		}
		if err := s.policy.Can(who, "conduct."+do, s.object(c)); err != nil {
			return err
		}
		if cmd.Rev != 0 && cmd.Rev != c.Rev {
			return fault.Conflict("conduct")
		}
		return s.turn(ctx, tx, who, &c, do, to, act, cmd)
	})
	return c, err
}

func (s *Service) turn(ctx context.Context, tx *audit.Tx, who actor.Actor, c *Case, do, to string, act func(*turn, context.Context) error, cmd CaseCmd) error {
	t := &turn{s: s, tx: tx, who: who, c: c, old: *c, cmd: cmd}
	t.bad.Max("text", cmd.Text, maxFacts)
	if cmd.On == "" {
		t.cmd.On = s.today()
	}
	if t.cmd.On.After(s.today()) {
		t.bad.Add("on", "conduct.bad.future")
	}
	if err := act(t, ctx); err != nil {
		return err
	}
	if err := t.bad.Err(); err != nil {
		return attempt(err)
	}
	c.State = to
	if to != t.old.State {
		if err := s.stage(ctx, tx, c); err != nil {
			return err
		}
	}
	c.sealed = s.seal("conduct_case", c.ID, c.File)
	if t.serve != "" {
		if err := s.servePaper(ctx, tx, *c, t.serve, t.text); err != nil {
			return err
		}
	}
	if err := s.enter(ctx, tx, Entry{Object: c.ID, Person: who.Person, Do: do, Old: t.old.State, New: to, Text: cmd.Text, Values: t.values()}); err != nil {
		return err
	}
	tx.Note("no", c.No)
	return updateCase(ctx, tx, *c)
}

// attempts are the mistakes of a form that nobody makes by chance: each stands in
// the log like a refusal.
var attempts = []string{"sanction.bad.before_act", "conduct.bad.opinion", "conduct.bad.committee_level", "conduct.bad.retired", "conduct.bad.heavier", "conduct.bad.opinion_bars", "sanction.bad.not_over"}

// attempt marks a refusal for the log.
func attempt(err error) error {
	if f, ok := fault.Of(err); ok {
		for _, x := range f.Fields {
			if slices.Contains(attempts, x.Key) {
				f.Denied = x.Key
			}
		}
	}
	return err
}

// values are the facts that a step changed, old and new.
func (t *turn) values() map[string]string {
	out := map[string]string{}
	put := func(key, old, now string) {
		if old != now {
			out[key] = dash(old) + " → " + dash(now)
		}
	}
	o, n := t.old, *t.c
	put("conduct", o.Conduct, n.Conduct)
	put("gravity", o.Gravity, n.Gravity)
	put("act_from", string(o.ActFrom), string(n.ActFrom))
	put("act_to", string(o.ActTo), string(n.ActTo))
	put("opinion", o.Opinion, n.Opinion)
	put("due", string(o.Due), string(n.Due))
	put("suspended_on", string(o.SuspendedOn), string(n.SuspendedOn))
	put("crime", o.Crime, n.Crime)
	put("acts", actCount(o), actCount(n))
	return out
}

// stage ends the clock of the stage before and starts that of the new one.
func (s *Service) stage(ctx context.Context, tx *audit.Tx, c *Case) error {
	ticks, err := ticksOf(ctx, tx, c.ID)
	if err != nil {
		return err
	}
	for _, t := range ticks {
		if t.Ended == "" {
			t.Ended = s.today()
			if err := updateTick(ctx, tx, t); err != nil {
				return err
			}
		}
	}
	if c.PausedOn != "" {
		if err := s.closePause(ctx, tx, c); err != nil {
			return err
		}
	}
	t, err := s.start(ctx, tx, c)
	if err != nil || t.ID == "" {
		return err
	}
	return insertTick(ctx, tx, t)
}

// start gives the clock of the stage that a case is in now; none where no
// setting names a time.
func (s *Service) start(ctx context.Context, q db.Q, c *Case) (Tick, error) {
	c.StageOn, c.Due = s.today(), ""
	set, err := s.setting(ctx, q, "clock."+c.State)
	if err != nil || set.Key == "" {
		return Tick{}, err
	}
	t := Tick{ID: id.New(), Case: c.ID, Stage: c.State, From: s.today(), Value: set.Value, Unit: set.Unit, Due: DueOn(clock.National(), s.today(), set.Value, set.Unit)}
	c.Due = t.Due
	return t, nil
}

func (s *Service) closePause(ctx context.Context, tx *audit.Tx, c *Case) error {
	list, err := pausesOf(ctx, tx, c.ID)
	if err != nil {
		return err
	}
	for _, p := range list {
		if p.To == "" {
			if err := endPause(ctx, tx, p.ID, s.today()); err != nil {
				return err
			}
		}
	}
	c.PausedOn = ""
	return nil
}

func (t *turn) reason(context.Context) error {
	t.bad.Need("text", t.cmd.Text)
	return nil
}

// handlers wants two persons who are free of the matter and do not decide it.
func (t *turn) handlers(ctx context.Context) error {
	c := t.c
	if c.Handler == "" || c.Second == "" {
		t.bad.Need("second", "")
		return nil
	}
	if c.Handler == c.Second || c.Handler == c.Decider || c.Second == c.Decider {
		t.bad.Add("second", "conduct.bad.two")
		return nil
	}
	for _, h := range []id.ID{c.Handler, c.Second} {
		if err := t.s.free(ctx, t.tx, c.Person, h, c.ID); err != nil {
			return err
		}
	}
	kin, err := t.s.Kin(ctx, t.tx, c.Handler)
	if err == nil && slices.Contains(kin, c.Second) {
		return refuse("conduct.refuse.handlers_kin")
	}
	return err
}

func (t *turn) assign(ctx context.Context) error {
	t.bad.Need("text", t.cmd.Text)
	if t.cmd.Handler != "" {
		t.c.Handler = t.cmd.Handler
	}
	if t.cmd.Second != "" {
		t.c.Second = t.cmd.Second
	}
	if r := t.cmd.Recuse; r != "" {
		if r != t.old.Handler && r != t.old.Second {
			t.bad.Add("recuse", "conduct.bad.choice", string(r))
		} else if r == t.c.Handler || r == t.c.Second {
			t.bad.Add("recuse", "conduct.bad.recuse_stays")
		} else if err := access.Concern(ctx, t.tx, t.c.ID, r, access.Declared); err != nil {
			return err
		}
	}
	return t.handlers(ctx)
}

// facts takes class, gravity and time of the conduct from a form.
func (t *turn) facts() {
	c, cmd := t.c, t.cmd
	if cmd.Conduct != "" {
		c.Conduct = cmd.Conduct
	}
	if cmd.Gravity != "" {
		c.Gravity = cmd.Gravity
	}
	if cmd.ActFrom != "" {
		c.ActFrom = cmd.ActFrom
	}
	if cmd.ActTo != "" {
		c.ActTo = cmd.ActTo
	}
	if _, ok := t.s.rules.Conduct(c.Conduct); !ok {
		t.bad.Add("conduct", "conduct.bad.choice", c.Conduct)
	}
	if !slices.Contains(Gravities(), c.Gravity) {
		t.bad.Add("gravity", "conduct.bad.choice", c.Gravity)
	}
	checkDates(&t.bad, c.ActFrom, c.ActTo, t.s.today())
}

func (t *turn) file(ctx context.Context) error {
	t.bad.Need("text", t.cmd.Text)
	if t.cmd.Second != "" {
		t.c.Second = t.cmd.Second
	}
	t.facts()
	t.c.FiledOn = t.cmd.On
	t.serve, t.text = PaperFiling, t.cmd.Text
	return t.handlers(ctx)
}

// endCase closes a check that found nothing to file, with education or without.
func (t *turn) endCase(ctx context.Context) error {
	t.bad.Need("text", t.cmd.Text)
	for _, k := range t.cmd.Kinds {
		if x, ok := t.s.rules.Kind(k); !ok || x.Layer != Education {
			t.bad.Add("kinds", "conduct.bad.choice", k)
		}
	}
	if t.bad.Err() != nil || len(t.cmd.Kinds) == 0 {
		return nil
	}
	t.c.Kinds, t.c.DecidedOn = t.cmd.Kinds, t.cmd.On
	return t.outcome(ctx)
}

func (t *turn) outcome(ctx context.Context) error {
	c := t.c
	c.Form = t.s.rules.FormOf(c.Crime != "", c.Kinds...)
	if c.Form == 0 {
		return nil
	}
	x := t.s.rules.conductOf(*c)
	return insertOutcome(ctx, t.tx, Outcome{ID: id.New(), Case: c.ID, Person: c.Person, Unit: c.Home, Department: c.Department, Level: c.Level, Leadership: c.Leadership, Rank: c.Rank,
		Conduct: c.Conduct, Kind: t.s.rules.Heaviest(c.Kinds...), Form: c.Form, Abuse: x.Abuse, On: c.DecidedOn, Quarter: Quarter(c.DecidedOn)})
}

func (t *turn) transfer(context.Context) error {
	t.bad.Need("text", t.cmd.Text)
	unit, ok := t.s.unitOf(t.cmd.Unit)
	switch {
	case !ok:
		t.bad.Add("unit", "conduct.bad.unit", t.cmd.Unit)
	case unit == t.c.Unit:
		t.bad.Add("unit", "conduct.bad.same_unit")
	}
	t.c.Target = unit
	return nil
}

// receive is the receipt: only the office that is to get the case gives it.
func (t *turn) receive(context.Context) error {
	if !t.receiver() {
		return refuse("conduct.refuse.receiver")
	}
	t.c.Unit, t.c.Target = t.c.Target, ""
	t.c.Handler, t.c.Second, t.c.Decider = t.who.Person, "", ""
	return nil
}

func (t *turn) reject(context.Context) error {
	t.bad.Need("text", t.cmd.Text)
	if !t.receiver() {
		return refuse("conduct.refuse.receiver")
	}
	t.c.Target = ""
	return nil
}

func (t *turn) receiver() bool {
	return t.who.Has(actor.System) || slices.ContainsFunc(t.who.Grants, func(g actor.Grant) bool {
		return g.Role == actor.InternalSupervision && g.Unit == t.c.Target
	})
}

func (t *turn) suspend(context.Context) error {
	t.bad.Need("text", t.cmd.Text)
	if t.c.SuspendedOn != "" {
		return fault.State("conduct.refuse.suspended")
	}
	t.c.SuspendedOn = t.cmd.On
	t.serve, t.text = PaperSuspend, t.cmd.Text
	return nil
}

func (t *turn) restore(context.Context) error {
	t.bad.Need("text", t.cmd.Text)
	if t.c.SuspendedOn == "" {
		return fault.State("conduct.refuse.not_suspended")
	}
	t.c.SuspendedOn = ""
	return nil
}

func (t *turn) report(ctx context.Context) error {
	t.bad.Need("text", t.cmd.Text)
	t.facts()
	t.bad.Need("act_to", string(t.c.ActTo))
	t.c.File.Report = t.cmd.Text
	return t.handlers(ctx)
}

func (t *turn) pause(ctx context.Context) error {
	if !slices.Contains(Grounds(), t.cmd.Ground) {
		t.bad.Add("ground", "conduct.bad.choice", t.cmd.Ground)
	}
	t.bad.Need("text", t.cmd.Text)
	if t.c.PausedOn != "" || t.c.Due == "" {
		return fault.State("conduct.refuse.paused")
	}
	if t.bad.Err() != nil {
		return nil
	}
	tick, err := t.tick(ctx)
	if err != nil {
		return err
	}
	t.c.PausedOn = t.s.today()
	return insertPause(ctx, t.tx, Pause{ID: id.New(), Case: t.c.ID, Clock: tick.ID, Ground: t.cmd.Ground, From: t.s.today()})
}

// resume lets the clock run on: the last day moves by the days it stood still.
func (t *turn) resume(ctx context.Context) error {
	if t.c.PausedOn == "" {
		return fault.State("conduct.refuse.not_paused")
	}
	tick, err := t.tick(ctx)
	if err != nil {
		return err
	}
	days := t.s.today().Sub(t.c.PausedOn)
	tick.Paused += days
	tick.Due = tick.Due.AddDays(days)
	t.c.Due = tick.Due
	if err := updateTick(ctx, t.tx, tick); err != nil {
		return err
	}
	return t.s.closePause(ctx, t.tx, t.c)
}

// extend gives a stage more days, once, at most as many again.
func (t *turn) extend(ctx context.Context) error {
	t.bad.Need("text", t.cmd.Text)
	if t.c.Due == "" {
		return fault.State("conduct.refuse.no_clock")
	}
	tick, err := t.tick(ctx)
	if err != nil {
		return err
	}
	most := tick.From.Sub(tick.Due.AddDays(-tick.Paused))
	if most < 0 {
		most = -most
	}
	if tick.Extended > 0 {
		return fault.State("conduct.refuse.extended")
	}
	if t.cmd.Days < 1 || t.cmd.Days > most {
		t.bad.Add("days", "conduct.bad.days", most)
		return nil
	}
	tick.Extended = t.cmd.Days
	tick.Due = tick.Due.AddDays(t.cmd.Days)
	t.c.Due = tick.Due
	return updateTick(ctx, t.tx, tick)
}

func (t *turn) tick(ctx context.Context) (Tick, error) {
	ticks, err := ticksOf(ctx, t.tx, t.c.ID)
	if err != nil {
		return Tick{}, err
	}
	for _, x := range ticks {
		if x.Ended == "" {
			return x, nil
		}
	}
	return Tick{}, fault.State("conduct.refuse.no_clock")
}
