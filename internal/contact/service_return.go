package contact

import (
	"context"
	"errors"
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

// FileCmd files the return of a period.
type FileCmd struct {
	Period string `json:"period"`
	Pledge bool   `json:"pledge"` // 承诺: what is filed is complete and true
	Person id.ID  `json:"person"` // for whom; empty for oneself
	Reason string `json:"reason"` // when late, or for somebody else
}

// Filed is the answer to a filing.
type Filed struct {
	Return  Return `json:"return"`
	Already bool   `json:"already"` // it stood before; nothing was written
}

// errAlready ends a transaction that found the return already there.
var errAlready = errors.New("the return is already there")

// belonged is the post by which a person owes a period: the main post that held
// on its last day. Who arrived later, or had left, owes none.
func belonged(terms []person.Term, end clock.Date) (person.Term, bool) {
	i := slices.IndexFunc(terms, func(t person.Term) bool { return t.Main && t.Covers(end) })
	if i < 0 {
		return person.Term{}, false
	}
	return terms[i], true
}

// File files a return. Filing again gives the one that stands. Whether it is a
// zero return follows from the records of the period, not from the form.
func (s *Service) File(ctx context.Context, who actor.Actor, c FileCmd) (f Filed, err error) {
	p, err := ParsePeriod(c.Period)
	if err != nil {
		return f, err
	}
	if c.Person == "" {
		c.Person = who.Person
	}
	var bad fault.Fields
	if !c.Pledge {
		bad.Add("pledge", "return.pledge_needed")
	}
	bad.Max("reason", c.Reason, maxShort)
	if err := bad.Err(); err != nil {
		return f, err
	}
	err = s.log.Write(ctx, who, "return.file", func(tx *audit.Tx) error {
		f, err = s.file(ctx, tx, who, p, c, false)
		return err
	})
	if errors.Is(err, errAlready) {
		err = nil
	}
	return f, err
}

// Admit lets the office enter a return after closing, late, with a reason.
func (s *Service) Admit(ctx context.Context, who actor.Actor, c FileCmd) (f Filed, err error) {
	p, err := ParsePeriod(c.Period)
	if err != nil {
		return f, err
	}
	err = s.log.Write(ctx, who, "return.admit", func(tx *audit.Tx) error {
		f, err = s.file(ctx, tx, who, p, c, true)
		return err
	})
	if errors.Is(err, errAlready) {
		err = nil
	}
	return f, err
}

func (s *Service) file(ctx context.Context, tx *audit.Tx, who actor.Actor, p Period, c FileCmd, admit bool) (f Filed, err error) {
	if c.Person == "" {
		return f, fault.Denied("return", "return.file: no person")
	}
	terms, err := person.Terms(ctx, tx, c.Person)
	if err != nil {
		return f, err
	}
	if err := s.mayFile(ctx, tx, who, c, terms, admit); err != nil {
		return f, err
	}
	today := s.today()
	unit := who.Unit
	if t, ok := belonged(terms, today); ok {
		unit = t.Unit
	}
	setting, err := s.settingFor(ctx, tx, unit, p)
	if err != nil {
		return f, err
	}
	if err := fits(setting, p, today); err != nil {
		return f, err
	}
	t, ok := belonged(terms, setting.End(p))
	if !ok {
		return f, fault.State("return.away", string(p))
	}
	if t.Unit != unit { // moved since: the unit of the period's last day counts
		if setting, err = s.settingFor(ctx, tx, t.Unit, p); err != nil {
			return f, err
		}
		if err := fits(setting, p, today); err != nil {
			return f, err
		}
	}
	x := Return{ID: id.New(), Period: p, Person: c.Person, Unit: t.Unit, Department: t.Department, At: tx.At, Reason: c.Reason, Rev: 1}
	x.Late = today > setting.Due(p, s.Calendar)
	if c.Person != who.Person {
		x.By = who.Person
	}
	n, err := recordedIn(ctx, tx, s.Ref(c.Person), p)
	if err != nil {
		return f, err
	}
	x.Zero = n == 0
	x.Attested = x.Zero
	at, err := closed(ctx, tx, p, t.Unit)
	if err != nil {
		return f, err
	}
	if (at != "" && !admit) || ((x.Late || admit) && x.Reason == "") {
		// Who has filed before gets his receipt, not a refusal.
		if f.Return, err = returnOf(ctx, tx, p, c.Person); err == nil {
			f.Already = true
			return f, errAlready
		}
		if !fault.Is(err, fault.KindNotFound) {
			return f, err
		}
		if at != "" && !admit {
			return f, fault.State("return.closed", string(p))
		}
		var bad fault.Fields
		bad.Need("reason", x.Reason)
		return f, bad.Err()
	}
	if x.Late {
		former, err := filedFormer(ctx, tx, p, c.Person)
		if err != nil {
			return f, err
		}
		if len(former) > 0 {
			return f, fault.State("return.taken_over", string(p))
		}
	}
	fresh, err := insertReturn(ctx, tx, x)
	if err != nil {
		return f, err
	}
	if !fresh {
		f.Already = true
		if f.Return, err = returnOf(ctx, tx, p, c.Person); err != nil {
			return f, err
		}
		return f, errAlready
	}
	tx.After(func() { s.tallies.stale(p) })
	f.Return = x
	return f, nil
}

// ConfirmReturn lets a person confirm what a delegate or the office filed in his
// absence. What he finds missing he records; that corrects the return.
func (s *Service) ConfirmReturn(ctx context.Context, who actor.Actor, text string) (x Return, err error) {
	p, err := ParsePeriod(text)
	if err != nil {
		return x, err
	}
	if who.Person == "" {
		return x, fault.Denied("return", "return.confirm: no person")
	}
	if err := s.policy.Can(who, "return.confirm", access.Object{Kind: "return", Owners: []id.ID{who.Person}}); err != nil {
		return x, err
	}
	err = s.log.Write(ctx, who, "return.confirm", func(tx *audit.Tx) error {
		if x, err = returnOf(ctx, tx, p, who.Person); err != nil {
			return err
		}
		if x.By == "" {
			return fault.State("return.not_by_other")
		}
		if x.Confirmed != "" {
			return errAlready
		}
		if err := confirmReturn(ctx, tx, x); err != nil {
			return err
		}
		x.Confirmed = tx.At
		x.Rev++
		return nil
	})
	if errors.Is(err, errAlready) {
		err = nil
	}
	return x, err
}

// fits refuses a period that the unit does not file, or not yet.
func fits(setting Setting, p Period, today clock.Date) error {
	switch {
	case setting.Cadence == ByEvent:
		return fault.State("return.by_event")
	case (setting.Cadence == Quarterly) != p.Quarterly():
		return fault.State("return.cadence." + setting.Cadence)
	case setting.End(p) > today:
		return fault.State("return.early", string(p), string(setting.End(p)))
	}
	return nil
}

// mayFile: for oneself; as a delegate in force; or, to admit a late one, as the
// office of the person's unit. A return for anybody else does not exist.
func (s *Service) mayFile(ctx context.Context, q db.Q, who actor.Actor, c FileCmd, terms []person.Term, admit bool) error {
	if admit {
		if c.Person == who.Person || len(terms) == 0 {
			return fault.Denied("return", "return.admit: nobody else's")
		}
		return s.policy.Can(who, "return.admit", s.place(terms[len(terms)-1].Unit))
	}
	owner := c.Person
	if c.Person != who.Person {
		list, err := delegates(ctx, q, "delegate_id", who.Person)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(list, func(d Delegate) bool { return d.Person == c.Person && d.InForce(s.today()) }) {
			return fault.Denied("return", "return.file: for another person")
		}
		owner = who.Person
	}
	return s.policy.Can(who, "return.file", access.Object{Kind: "return", Owners: []id.ID{owner}})
}

// correctReturns turns zero returns of the periods of a record into corrected ones.
func (s *Service) correctReturns(ctx context.Context, tx *audit.Tx, p id.ID, periods ...Period) error {
	list, err := returnsOf(ctx, tx, slices.Compact(periods), p)
	if err != nil {
		return err
	}
	for _, x := range list {
		if !x.Zero {
			continue
		}
		if err := correctReturn(ctx, tx, x); err != nil {
			return err
		}
		tx.After(func() { s.tallies.stale(x.Period) })
	}
	return nil
}

// DelegateCmd names who files in somebody's absence.
type DelegateCmd struct {
	Person   string     `json:"person"` // staff number or id; empty for oneself
	Delegate string     `json:"delegate"`
	From     clock.Date `json:"from"`
	To       clock.Date `json:"to"`
	Reason   string     `json:"reason"`
}

// maxAbsence bounds a delegation.
const maxAbsence = 366

// NameDelegate lets a colleague of the same unit file for an absent person. He
// himself names him, or the office of his unit.
func (s *Service) NameDelegate(ctx context.Context, who actor.Actor, c DelegateCmd) (d Delegate, err error) {
	var bad fault.Fields
	bad.Need("reason", c.Reason)
	bad.Max("reason", c.Reason, maxShort)
	switch {
	case !c.From.Valid():
		bad.Add("from", "error.date", c.From)
	case !c.To.Valid():
		bad.Add("to", "error.date", c.To)
	case c.To < c.From:
		bad.Add("to", "error.end_before_start")
	case c.To.Sub(c.From) > maxAbsence:
		bad.Add("to", "contact.bad.range", 1, maxAbsence)
	}
	err = s.log.Write(ctx, who, "delegate.name", func(tx *audit.Tx) error {
		bad := slices.Clone(bad)
		d = Delegate{ID: id.New(), Person: who.Person, From: c.From, To: c.To, Reason: c.Reason, By: who.Person, At: tx.At, Rev: 1}
		if c.Person != "" {
			p, err := s.colleague(ctx, tx, c.Person)
			if err != nil {
				return err
			}
			d.Person = p.ID
		}
		self, err := person.ByID(ctx, tx, d.Person)
		if err != nil {
			return err
		}
		o := access.Object{Kind: "delegate", Owners: []id.ID{d.Person}, Units: []access.Place{s.Units.Place(self.Unit)}}
		if err := s.policy.Can(who, "delegate.name", o); err != nil {
			return err
		}
		other, err := s.colleague(ctx, tx, c.Delegate)
		if err != nil && !fault.Is(err, fault.KindNotFound) {
			return err
		}
		if err != nil || other.Unit != self.Unit || other.ID == self.ID || other.Status != person.Serving {
			bad.Add("delegate", "delegate.bad.person")
		}
		if err := bad.Err(); err != nil {
			return err
		}
		d.Delegate = other.ID
		return insertDelegate(ctx, tx, d)
	})
	return d, err
}

// EndDelegate ends a delegation before its time.
func (s *Service) EndDelegate(ctx context.Context, who actor.Actor, n id.ID) error {
	return s.log.Write(ctx, who, "delegate.end", func(tx *audit.Tx) error {
		d, err := delegateByID(ctx, tx, n)
		if err != nil {
			return err
		}
		p, err := person.ByID(ctx, tx, d.Person)
		if err != nil {
			return err
		}
		if err := s.policy.Can(who, "delegate.end", access.Object{Kind: "delegate", Owners: []id.ID{d.Person}, Units: []access.Place{s.Units.Place(p.Unit)}}); err != nil {
			return err
		}
		return endDelegate(ctx, tx, d)
	})
}

// GateCmd is the zero report of one case before its next stage.
type GateCmd struct {
	CaseNo string `json:"case_no"`
	Stage  string `json:"stage"`
	Pledge bool   `json:"pledge"`
}

// GateState is the answer to the case system: may the case move on.
type GateState struct {
	Open  bool   `json:"open"` // the case may move on
	Stage string `json:"stage"`
	Gates []Gate `json:"gates"`
}

func (s *Service) checkGate(unit id.ID, c GateCmd) (string, error) {
	var bad fault.Fields
	if !slices.Contains(Stages(), c.Stage) {
		bad.Add("stage", "contact.bad.pick")
	}
	u, _ := s.Units.Unit(unit)
	code := caseUnit(c.CaseNo)
	switch {
	case plainCase(c.CaseNo) == "":
		bad.Add("case_no", "contact.bad.case_no", c.CaseNo)
	case code != "" && u.Region != "" && code != u.Region && !slices.Contains(u.Coverage, code):
		bad.Add("case_no", "contact.bad.case_unit", c.CaseNo)
	}
	return s.caseKey(c.CaseNo), bad.Err()
}

// FileGate files what a handler attests for a case and stage. A case of another
// unit is refused.
func (s *Service) FileGate(ctx context.Context, who actor.Actor, c GateCmd) (g Gate, err error) {
	if err := s.policy.Can(who, "gate.file", s.place(who.Unit)); err != nil {
		return g, err
	}
	key, err := s.checkGate(who.Unit, c)
	if err != nil {
		return g, err
	}
	if !c.Pledge {
		var bad fault.Fields
		bad.Add("pledge", "return.pledge_needed")
		return g, bad.Err()
	}
	err = s.log.Write(ctx, who, "gate.file", func(tx *audit.Tx) error {
		n, err := recordedOn(ctx, tx, s.Ref(who.Person), key, s.today().AddYears(-5))
		if err != nil {
			return err
		}
		g = Gate{ID: id.New(), Stage: c.Stage, Person: who.Person, Unit: who.Unit, Zero: n == 0, At: tx.At}
		fresh, err := insertGate(ctx, tx, key, g)
		if err != nil || fresh {
			return err
		}
		list, err := gatesOf(ctx, tx, key, c.Stage)
		if err != nil {
			return err
		}
		for _, x := range list {
			if x.Person == who.Person {
				g = x
			}
		}
		return errAlready
	})
	if errors.Is(err, errAlready) {
		err = nil
	}
	return g, err
}

// Gate tells the case system of the asker's unit whether a case may move on.
func (s *Service) Gate(ctx context.Context, who actor.Actor, c GateCmd) (st GateState, err error) {
	if err := s.policy.Can(who, "gate.read", s.place(who.Unit)); err != nil {
		return st, err
	}
	key, err := s.checkGate(who.Unit, c)
	if err != nil {
		return st, err
	}
	st.Stage = c.Stage
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		st.Gates, err = gatesOf(ctx, q, key, c.Stage)
		return err
	})
	st.Gates = slices.DeleteFunc(st.Gates, func(g Gate) bool { return g.Unit != who.Unit })
	st.Open = len(st.Gates) > 0
	return st, err
}
