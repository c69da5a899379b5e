package conduct

import (
	"context"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// Report takes a statement about one's own conduct: it is sealed, gets a receipt
// and becomes a lead in the same transaction.
func (s *Service) Report(ctx context.Context, who actor.Actor, cmd SelfCmd) (x Self, err error) {
	var bad fault.Fields
	bad.Need("statement", cmd.Statement)
	bad.Max("statement", cmd.Statement, maxFacts)
	if cmd.Conduct != "" {
		if _, ok := s.rules.Conduct(cmd.Conduct); !ok {
			bad.Add("conduct", "conduct.bad.choice", cmd.Conduct)
		}
	}
	if cmd.Amount < 0 {
		bad.Add("amount", "conduct.bad.amount")
	}
	checkDates(&bad, cmd.ActFrom, cmd.ActTo, s.today())
	if !cmd.Pledge {
		bad.Add("pledge", "self_report.bad.pledge")
	}
	if err := bad.Err(); err != nil {
		return x, err
	}
	err = s.log.Write(ctx, who, "self_report.create", func(tx *audit.Tx) error {
		if err := s.policy.Can(who, "self_report.create", access.Object{Kind: "self_report"}); err != nil {
			return err
		}
		if who.Person == "" {
			return fault.Denied("self_report", "self_report.create: no person")
		}
		p, err := s.Person(ctx, tx, who.Person)
		if err != nil {
			return err
		}
		x = Self{ID: id.New(), Person: p.ID, Unit: s.home(p.Unit, p.Leadership), Conduct: cmd.Conduct, ActFrom: cmd.ActFrom, ActTo: cmd.ActTo, Statement: cmd.Statement, At: tx.At, Index: -1}
		if x.No, _, err = s.number(ctx, tx, "Z", x.Unit, s.today().Year()); err != nil {
			return err
		}
		l, err := s.take(ctx, tx, who, LeadCmd{Source: "self_report", Ref: x.No, Person: p.ID, Conduct: cmd.Conduct, ActFrom: cmd.ActFrom, ActTo: cmd.ActTo, Facts: cmd.Statement, Informant: p.Name, Amount: cmd.Amount}, x.ID)
		if err != nil {
			return err
		}
		x.Lead = l.ID
		x.sealed = s.seal("conduct_self", x.ID, cmd.Statement)
		if err := insertSelf(ctx, tx, x); err != nil {
			return err
		}
		return s.Protect(ctx, tx, p.ID, p.Unit, "", "self")
	})
	return x, err
}

// Receipt reads one's own statement with its place in the log.
func (s *Service) Receipt(ctx context.Context, who actor.Actor, n id.ID) (x Self, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		if x, err = SelfByID(ctx, q, n); err != nil {
			return err
		}
		o := access.Object{Kind: "self_report", ID: x.ID, Owners: []id.ID{x.Person}}
		if err := s.policy.Can(who, "self_report.read", o); err != nil {
			return err
		}
		return s.open("conduct_self", x.ID, x.sealed, &x.Statement)
	})
	if err != nil {
		return x, err
	}
	p, err := s.logPlace(ctx, "conduct_self", x.ID)
	x.Index, x.Entry = p.Index, p.entry
	return x, err
}

type logged struct {
	Place
	entry id.ID
}

// logPlace finds where in the log a row was made: its first entry.
func (s *Service) logPlace(ctx context.Context, table string, row id.ID) (logged, error) {
	list, err := s.log.Of(ctx, table, row)
	if err != nil || len(list) == 0 {
		return logged{Place: Place{Index: -1}}, err
	}
	return logged{Place: Place{At: list[0].At, Index: list[0].Index}, entry: list[0].ID}, nil
}

// Prove gives the offline proof that the statement stood in the log.
func (s *Service) Prove(ctx context.Context, who actor.Actor, n id.ID) ([]byte, error) {
	x, err := s.Receipt(ctx, who, n)
	if err != nil {
		return nil, err
	}
	if x.Index < 0 {
		return nil, fault.Unavailable("self_report.refuse.waiting")
	}
	proof, _, err := s.log.Prove(ctx, string(x.Entry))
	return proof, err
}

// leniency computes the reason for a case from the leads about its matter.
func (s *Service) leniency(ctx context.Context, leads []Lead, c Case) (Leniency, error) {
	var self *Place
	var others []Place
	for _, l := range leads {
		table, row := "conduct_lead", l.ID
		if l.Self != "" {
			table, row = "conduct_self", l.Self
		}
		p, err := s.logPlace(ctx, table, row)
		if err != nil {
			return Leniency{}, err
		}
		if p.At == "" {
			p.At = l.At
		}
		p.No = l.No
		if l.Self == "" {
			others = append(others, p.Place)
		} else if self == nil || p.Place.Before(*self) {
			self = &p.Place
		}
	}
	return Lenient(self, others, c.FiledOn), nil
}
