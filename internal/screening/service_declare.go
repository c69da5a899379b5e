package screening

import (
	"context"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/person"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// DeclareCmd is the yearly statement of somebody about his own relatives.
type DeclareCmd struct {
	Complete bool   `json:"complete"` // the relatives declared are all, and right
	Note     string `json:"note"`
}

// ownDeclaration is what somebody has to state: his record, the relatives that he
// declared, and what he said this year. Who is not serving has nothing to state.
func (s *Service) ownDeclaration(ctx context.Context, q db.Q, who actor.Actor) (p person.Person, relatives []person.Relative, d Declaration, err error) {
	if who.Person == "" {
		return p, nil, d, fault.NotFound("declaration")
	}
	if p, relatives, err = s.People.Own(ctx, q, who); err != nil {
		return p, nil, d, err
	}
	if p.Status != person.Serving {
		return p, nil, d, fault.NotFound("declaration")
	}
	if err := s.policy.Can(who, "declaration.make", access.Object{Kind: "declaration", Units: []access.Place{s.Units.Place(p.Unit)}, Owners: []id.ID{p.ID}}); err != nil {
		return p, nil, d, err
	}
	d, err = declarationOf(ctx, q, p.ID, s.today().Year())
	return p, relatives, d, err
}

// Declare states that the own declaration is complete, for the year of today. A
// second statement of a year replaces the first, which stays in the log; what was
// late once remains late.
func (s *Service) Declare(ctx context.Context, who actor.Actor, cmd DeclareCmd) (d Declaration, err error) {
	var f fault.Fields
	if !cmd.Complete {
		f.Add("complete", "declaration.error.complete")
	}
	f.Max("note", cmd.Note, maxReason)
	if err := f.Err(); err != nil {
		return d, err
	}
	err = s.log.Write(ctx, who, "declaration.make", func(tx *audit.Tx) error {
		p, relatives, was, err := s.ownDeclaration(ctx, tx, who)
		if err != nil {
			return err
		}
		on := s.today()
		d = Declaration{ID: id.New(), Person: p.ID, Unit: p.Unit, Year: on.Year(), Relatives: len(relatives), Note: cmd.Note, At: tx.At, Rev: 1, Late: on.After(s.DeclareBy.In(on.Year()))}
		tx.Note("year", d.Year)
		tx.Note("relatives", d.Relatives)
		if was.ID == "" {
			return insertDeclaration(ctx, tx, d)
		}
		d.ID, d.Late, d.Rev = was.ID, was.Late, was.Rev
		return updateDeclaration(ctx, tx, &d)
	})
	return d, err
}
