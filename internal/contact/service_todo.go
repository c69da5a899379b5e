package contact

import (
	"context"
	"fmt"
	"slices"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/person"
	"huikan/internal/platform/db"
	"huikan/internal/platform/web"
)

// Owed is one return that somebody can file now.
type Owed struct {
	Person   id.ID      `json:"person"`
	Name     string     `json:"name,omitempty"` // of the absent person whose delegate the reader is
	Period   Period     `json:"period"`
	From     clock.Date `json:"from"`
	To       clock.Date `json:"to"`
	Due      clock.Date `json:"due"`
	Reminded int        `json:"reminded,omitempty"`
	Records  int        `json:"records"` // recorded in the period
}

// back is how many periods the first page looks back for returns not filed.
const back = 2

// Mine is what one person sees of the own returns.
type Mine struct {
	Setting   Setting    `json:"setting"`
	Months    []Month    `json:"months"`
	Periods   []Period   `json:"periods"`
	Owed      []Owed     `json:"owed"`
	Returns   []Return   `json:"returns"`
	Delegates []Delegate `json:"delegates"`
	Records   []Matter   `json:"records"`
	Names     map[id.ID]string
}

// owedBy lists what a person can file now.
func (s *Service) owedBy(ctx context.Context, q db.Q, p id.ID) ([]Owed, error) {
	terms, err := person.Terms(ctx, q, p)
	if err != nil {
		return nil, err
	}
	t, ok := belonged(terms, s.today())
	if !ok {
		return nil, nil
	}
	all, err := s.allSettings(ctx, q)
	if err != nil {
		return nil, err
	}
	owed := s.endedPeriods(all, t.Unit, back)
	ps := make([]Period, len(owed))
	for i, x := range owed {
		ps[i] = x.Period
	}
	filed, err := returnsOf(ctx, q, ps, p)
	if err != nil {
		return nil, err
	}
	var out []Owed
	for _, x := range owed {
		at, set := x.Period, x.Setting
		was, ok := belonged(terms, set.End(at))
		if !ok || set.Cadence == ByEvent || set.Before(at) || slices.ContainsFunc(filed, func(r Return) bool { return r.Period == at }) {
			continue
		}
		done, err := closed(ctx, q, at, was.Unit)
		if err != nil {
			return nil, err
		}
		if done != "" {
			continue
		}
		n, err := recordedIn(ctx, q, s.Ref(p), at)
		if err != nil {
			return nil, err
		}
		times, err := reminded(ctx, q, at, p)
		if err != nil {
			return nil, err
		}
		out = append(out, Owed{Person: p, Period: at, From: set.Begin(at), To: set.End(at), Due: set.Due(at, s.Calendar), Records: n, Reminded: times[p]})
	}
	return out, nil
}

// Owing lists what the actor can file now, for himself and as a delegate.
func (s *Service) Owing(ctx context.Context, q db.Q, who actor.Actor) ([]Owed, error) {
	if who.Person == "" || !s.policy.Ever(who, "return.file") {
		return nil, nil
	}
	out, err := s.owedBy(ctx, q, who.Person)
	if err != nil {
		return nil, err
	}
	list, err := delegates(ctx, q, "delegate_id", who.Person)
	if err != nil {
		return nil, err
	}
	for _, d := range list {
		if !d.InForce(s.today()) {
			continue
		}
		more, err := s.owedBy(ctx, q, d.Person)
		if err != nil {
			return nil, err
		}
		names, err := s.names(ctx, q, d.Person)
		if err != nil {
			return nil, err
		}
		for _, o := range more {
			o.Name = names[d.Person]
			out = append(out, o)
		}
	}
	return out, nil
}

// Own gives a person the own year up to a period (the present one when empty):
// returns, records, delegations.
func (s *Service) Own(ctx context.Context, who actor.Actor, last Period) (m Mine, err error) {
	if who.Person == "" {
		return m, fault.Denied("return", "return.read: no person")
	}
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		all, err := s.allSettings(ctx, q)
		if err != nil {
			return err
		}
		m.Setting = s.settingIn(all, who.Unit, Period(string(s.today())[:7]))
		terms, err := person.Terms(ctx, q, who.Person)
		if err != nil {
			return err
		}
		at := m.Setting.Of(s.today())
		if last != "" {
			at = last
		}
		year := s.periodsBack(all, who.Unit, at, months, false)
		slices.Reverse(year)
		for _, x := range year {
			m.Periods = append(m.Periods, x.Period)
		}
		if m.Returns, err = filedFor(ctx, q, m.Periods, who.Person); err != nil {
			return err
		}
		for _, y := range year {
			p, set := y.Period, y.Setting
			i := slices.IndexFunc(m.Returns, func(r Return) bool { return r.Period == p })
			x := Month{Person: who.Person}
			switch _, ok := belonged(terms, set.End(p)); {
			case i >= 0:
				r := m.Returns[i]
				x.Mark, x.At, x.By, x.Former = s.mark(r, true, set, p, true), r.when(), r.By, r.Takeover != ""
			case !ok && set.End(p) <= s.today() && !set.Before(p):
				x.Mark = MarkAway
			default:
				x.Mark = s.mark(Return{}, false, set, p, true)
			}
			m.Months = append(m.Months, x)
		}
		if m.Owed, err = s.Owing(ctx, q, who); err != nil {
			return err
		}
		if m.Delegates, err = delegates(ctx, q, "person_id", who.Person); err != nil {
			return err
		}
		var w where
		w.add("m.reporter = $%d", string(s.Ref(who.Person)))
		w.conds = append(w.conds, s.policy.Filter(s.shadow(who), "matter.receipt", matterColumns, &w.args))
		if m.Records, err = listMatters(ctx, q, w, "", 100); err != nil {
			return err
		}
		ids := []id.ID{}
		for _, d := range m.Delegates {
			ids = append(ids, d.Delegate)
		}
		m.Names, err = s.names(ctx, q, ids...)
		return err
	})
	return m, err
}

// maxTodos bounds each kind of waiting work; the lists have the rest.
const maxTodos = 30

// Todo lists what waits for the actor: returns that he owes; for the office,
// openings that want a second name and records whose next step is due.
func (s *Service) Todo(ctx context.Context, who actor.Actor) (out []web.Todo, err error) {
	if who.Has(actor.System) {
		return nil, nil
	}
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		out = nil
		owed, err := s.Owing(ctx, q, who)
		if err != nil {
			return err
		}
		for _, o := range owed {
			t := web.Todo{Kind: "todo.return.file", Title: string(o.Period), Due: o.Due, Href: "/my/returns/" + string(o.Period), Verb: "return.do.zero", Unit: o.Name}
			if o.Records > 0 {
				t.Verb = "return.do.file"
			}
			if o.Reminded > 0 {
				t.Kind = "todo.return.reminded"
			}
			if o.Person != who.Person {
				t.Href += "?person=" + string(o.Person)
			}
			out = append(out, t)
		}
		if err := s.ownTodo(ctx, q, who, &out); err != nil {
			return err
		}
		if !s.policy.Ever(who, "matter.open") {
			return nil
		}
		return s.officeTodo(ctx, q, who, &out)
	})
	return out, err
}

// ownTodo is what waits for a person besides the returns that he owes: records that
// came back to him, and returns that somebody filed for him.
func (s *Service) ownTodo(ctx context.Context, q db.Q, who actor.Actor, out *[]web.Todo) error {
	if who.Person == "" || !s.policy.Ever(who, "return.file") {
		return nil
	}
	w := visible(s.policy, s.shadow(who), "matter.supplement", matterColumns)
	w.add("m.reporter = $%d AND m.state = 'returned'", string(s.Ref(who.Person)))
	list, err := listMatters(ctx, q, w, "", maxTodos)
	if err != nil {
		return err
	}
	for _, m := range list {
		*out = append(*out, web.Todo{Kind: "todo.matter.redo", Title: m.Code, Due: m.Due, Href: matterAddress(m.ID), Verb: "matter.do.redo"})
	}
	returns, err := unconfirmed(ctx, q, who.Person)
	if err != nil {
		return err
	}
	for _, x := range returns {
		*out = append(*out, web.Todo{Kind: "todo.return.confirm", Title: string(x.Period), At: x.At, Href: "/my/returns/" + string(x.Period), Verb: "return.do.confirm"})
	}
	return nil
}

func (s *Service) officeTodo(ctx context.Context, q db.Q, who actor.Actor, out *[]web.Todo) error {
	w := visible(s.policy, s.shadow(who), "matter.open", matterColumns)
	w.conds = append(w.conds, "m.due_on <> '' AND m.state <> 'returned'")
	w.conds = append(w.conds, "m.office_id IN ("+marks(&w.args, append(offices(who), "-"))+")") // the upper office watches, it does not do the work
	list, err := listMatters(ctx, q, w, "", maxTodos)
	if err != nil {
		return err
	}
	for _, m := range list {
		kind := "todo.matter." + m.State
		if m.Affected {
			kind = "todo.matter.affected"
		}
		*out = append(*out, web.Todo{Kind: kind, Title: m.Code, Unit: s.Units.Short(m.Unit), Due: m.Due, Href: matterAddress(m.ID), Verb: "matter.do.handle"})
	}
	if err := s.crossTodo(ctx, q, who, out); err != nil {
		return err
	}
	if err := s.letterTodo(ctx, q, who, out); err != nil {
		return err
	}
	if err := s.omissionTodo(ctx, q, who, out); err != nil {
		return err
	}
	if err := s.talkTodo(ctx, q, who, out); err != nil {
		return err
	}
	if err := s.summaryTodo(ctx, q, who, out); err != nil {
		return err
	}
	if err := s.overdueTodo(ctx, q, who, out); err != nil {
		return err
	}
	waiting, err := openingsWaiting(ctx, q, string(s.today()))
	if err != nil {
		return err
	}
	for _, o := range waiting {
		m, err := s.load(ctx, q, who, o.Matter, "matter.open")
		if fault.Is(err, fault.KindNotFound) || o.Person == who.Person || s.mine(who, m) {
			continue
		}
		if err != nil {
			return err
		}
		*out = append(*out, web.Todo{Kind: "todo.opening", Title: m.Code, Unit: s.Units.Short(o.Unit), Due: o.Day, Href: matterAddress(o.Matter), Verb: "opening.do.judge"})
	}
	return nil
}

// offices are the units whose office the actor belongs to.
func offices(who actor.Actor) []id.ID {
	var out []id.ID
	for _, g := range who.Grants {
		if g.Role == actor.InternalSupervision {
			out = append(out, g.Unit)
		}
	}
	return out
}

// Waiting counts records that nobody has looked at, for the menu.
func (s *Service) Waiting(ctx context.Context, who actor.Actor) (n int, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		w := visible(s.policy, s.shadow(who), "matter.open", matterColumns)
		w.conds = append(w.conds, "m.state = 'submitted'")
		n, err = countMatters(ctx, q, w)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("count waiting records: %w", err)
	}
	return n, nil
}

// crossTodo are the cross-checks that wait for the office that handles their record.
func (s *Service) crossTodo(ctx context.Context, q db.Q, who actor.Actor, out *[]web.Todo) error {
	w := visible(s.policy, s.shadow(who), "crosscheck.read", crosscheckColumns)
	w.conds = append(w.conds, "c.state IN ('one_sided', 'contradicted', 'replied')", "c.office_id IN ("+marks(&w.args, append(offices(who), "-"))+")")
	list, err := listCrosschecks(ctx, q, w, "", maxTodos)
	if err != nil {
		return err
	}
	for _, c := range list {
		m, err := matterByID(ctx, q, c.Matter)
		if err != nil {
			return err
		}
		if s.mine(who, m) {
			continue
		}
		*out = append(*out, web.Todo{Kind: "todo.crosscheck." + c.State, Title: m.Code, Unit: s.Units.Short(m.Unit), Due: c.Due, Href: "/crosschecks/" + string(c.ID), Verb: "matter.do.handle"})
	}
	return nil
}
