package conduct

import (
	"context"
	"fmt"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/person"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

func (s *Service) leadObject(l Lead) access.Object {
	return access.Object{Kind: "lead", ID: l.ID, State: l.State, Units: []access.Place{s.Units.Place(l.Unit)}, Owners: owners(l.Assignee), Concerns: l.Concerns}
}

func owners(list ...id.ID) (out []id.ID) {
	for _, n := range list {
		if n != "" {
			out = append(out, n)
		}
	}
	return out
}

// AddLead takes a lead down as told to somebody. He learns its number; whether
// he may follow it is another question.
func (s *Service) AddLead(ctx context.Context, who actor.Actor, cmd LeadCmd) (l Lead, err error) {
	if cmd.Source == "self_report" { // a statement of one's own goes its own way, with a receipt
		var bad fault.Fields
		bad.Add("source", "conduct.bad.choice", cmd.Source)
		return l, bad.Err()
	}
	err = s.log.Write(ctx, who, "lead.create", func(tx *audit.Tx) error {
		if err := s.policy.Can(who, "lead.create", access.Object{Kind: "lead"}); err != nil {
			return err
		}
		l, err = s.take(ctx, tx, who, cmd, "")
		return err
	})
	return l, err
}

// TakeLead takes a lead that another room found, in that room's transaction. Only
// the number that it returns stays there.
func (s *Service) TakeLead(ctx context.Context, tx *audit.Tx, who actor.Actor, cmd LeadCmd) (no string, err error) {
	l, err := s.take(ctx, tx, who, cmd, "")
	return l.No, err
}

func (s *Service) take(ctx context.Context, tx *audit.Tx, who actor.Actor, cmd LeadCmd, self id.ID) (Lead, error) {
	bad := cmd.check(s.rules, s.today())
	l := Lead{ID: id.New(), Source: cmd.Source, Ref: cmd.Ref, Person: cmd.Person, Conduct: cmd.Conduct, ActFrom: cmd.ActFrom, ActTo: cmd.ActTo, Signed: strings.TrimSpace(cmd.Informant) != "",
		Amount: cmd.Amount, ToldOn: cmd.ToldOn, State: LeadReceived, Self: self, Told: Told{Name: strings.TrimSpace(cmd.Name), Facts: cmd.Facts, Informant: cmd.Informant}}
	if l.ToldOn == "" {
		l.ToldOn = s.today()
	}
	var p person.Person
	if cmd.Person != "" {
		var err error
		if p, err = s.Person(ctx, tx, cmd.Person); fault.Is(err, fault.KindNotFound) {
			bad.Add("person", "conduct.bad.person")
		} else if err != nil {
			return l, err
		}
		l.Told.Name, l.Home, l.Department = p.Name, p.Unit, p.Department
		l.Unit = s.home(p.Unit, p.Leadership)
	} else if cmd.Unit != "" {
		unit, ok := s.unitOf(cmd.Unit)
		if !ok {
			bad.Add("unit", "conduct.bad.unit", cmd.Unit)
		}
		l.Home, l.Unit = unit, unit
	}
	if err := bad.Err(); err != nil {
		return l, err
	}
	l.blind = s.blindName(l.Home, l.Told.Name)
	l.Year = s.today().Year()
	var err error
	if l.No, l.Seq, err = s.number(ctx, tx, "X", l.Unit, l.Year); err != nil {
		return l, err
	}
	days, err := s.setting(ctx, tx, "clock.lead")
	if err != nil {
		return l, err
	}
	l.Due = s.today().AddDays(days.Value)
	l.sealed = s.seal("conduct_lead", l.ID, l.Told)
	if err := s.place(ctx, tx, &l); err != nil {
		return l, err
	}
	if err := insertLead(ctx, tx, l); err != nil {
		return l, err
	}
	if l.Person != "" {
		if err := access.Concern(ctx, tx, l.ID, l.Person, access.Subject); err != nil {
			return l, err
		}
	}
	if err := s.enter(ctx, tx, Entry{Object: l.ID, Person: who.Person, Do: "take", New: l.State}); err != nil {
		return l, err
	}
	tx.Note("no", l.No)
	if l.Same != "" {
		return l, s.rejoin(ctx, tx, l.Same, l.No, who.Person)
	}
	return l, nil
}

// blindName is what a name at a unit is compared by.
func (s *Service) blindName(home id.ID, name string) string {
	return s.Keys.Blind(Narrative, string(home)+"/"+name)
}

// place weighs a new lead and finds the one that it repeats.
func (s *Service) place(ctx context.Context, tx *audit.Tx, l *Lead) error {
	earlier, err := leadsAbout(ctx, tx, l.Person, l.blind)
	if err != nil {
		return err
	}
	percent, err := s.setting(ctx, tx, "same.percent")
	if err != nil {
		return err
	}
	for _, e := range earlier {
		if e.Same != "" || e.ID == l.ID {
			continue
		}
		if err := s.open("conduct_lead", e.ID, e.sealed, &e.Told); err != nil {
			return err
		}
		if SameFacts(e, *l, percent.Value) {
			l.Same, l.State = e.ID, LeadJoined
			break
		}
	}
	return s.weigh(ctx, tx, l, 0)
}

func (s *Service) weigh(ctx context.Context, q db.Q, l *Lead, joined int) error {
	var outcomes []Outcome
	if l.Person != "" {
		var err error
		if outcomes, err = outcomesOf(ctx, q, l.Person); err != nil {
			return err
		}
	}
	x, _ := s.rules.Conduct(l.Conduct)
	l.Parts = s.rules.Weights.Weigh(*l, x.Abuse, len(outcomes), joined)
	l.Weight = Sum(l.Parts)
	return nil
}

// rejoin weighs a lead anew because another was joined to it or taken off.
func (s *Service) rejoin(ctx context.Context, tx *audit.Tx, root id.ID, no string, who id.ID) error {
	l, err := LeadByID(ctx, tx, root)
	if err != nil {
		return err
	}
	joined, err := leadsWhere(ctx, tx, "same_id", root)
	if err != nil {
		return err
	}
	if err := s.weigh(ctx, tx, &l, len(joined)); err != nil {
		return err
	}
	if err := s.enter(ctx, tx, Entry{Object: root, Person: who, Do: "joined", Old: l.State, New: l.State, Text: no}); err != nil {
		return err
	}
	return updateLead(ctx, tx, l)
}

// number gives the next number of a unit and year: X leads, A cases, Z self-reports.
func (s *Service) number(ctx context.Context, tx *audit.Tx, letter string, unit id.ID, year int) (string, int, error) {
	series := s.series(letter, unit, year)
	n, err := next(ctx, tx, series)
	return fmt.Sprintf("%s%04d", numberPrefix(series), n), n, err
}

func (s *Service) series(letter string, unit id.ID, year int) string {
	u, _ := s.Units.Unit(unit)
	return fmt.Sprintf("%s/%s/%d", letter, u.Code, year)
}

func numberPrefix(series string) string { return strings.ReplaceAll(series, "/", "-") + "-" }

func (s *Service) enter(ctx context.Context, tx *audit.Tx, e Entry) error {
	e.ID = id.New()
	e.sealed = s.seal("conduct_entry", e.ID, map[string]any{"text": e.Text, "values": e.Values})
	return insertEntry(ctx, tx, e)
}

func (s *Service) entries(ctx context.Context, q db.Q, object id.ID) ([]Entry, error) {
	list, err := entriesOf(ctx, q, object)
	if err != nil {
		return nil, err
	}
	for i := range list {
		body := struct {
			Text   string
			Values map[string]string
		}{}
		if err := s.open("conduct_entry", list[i].ID, list[i].sealed, &body); err != nil {
			return nil, err
		}
		list[i].Text, list[i].Values = body.Text, body.Values
	}
	return list, nil
}

// Lead reads a lead that the actor may see, with its narrative.
func (s *Service) lead(ctx context.Context, q db.Q, who actor.Actor, n id.ID, action string) (Lead, error) {
	l, err := LeadByID(ctx, q, n)
	if err != nil {
		return l, err
	}
	for _, do := range []string{"lead.read", action} {
		if err := s.policy.Can(who, do, s.leadObject(l)); err != nil {
			return l, err
		}
	}
	return l, s.open("conduct_lead", l.ID, l.sealed, &l.Told)
}

// DisposeCmd is what a step of a lead is asked with.
type DisposeCmd struct {
	Text     string   `json:"text"`
	Assignee id.ID    `json:"assignee"`
	Second   id.ID    `json:"second"`
	Kinds    []string `json:"kinds"` // education when the lead ends with it
	Same     string   `json:"same"`  // number of the lead that it repeats
	Person   id.ID    `json:"person"`
	Rev      int64    `json:"rev"`
}

// Dispose takes one step of LeadFlow. Opening a case goes by OpenCase.
func (s *Service) Dispose(ctx context.Context, who actor.Actor, n id.ID, do string, cmd DisposeCmd) (l Lead, err error) {
	err = s.log.Write(ctx, who, "lead."+do, func(tx *audit.Tx) error {
		l, err = s.lead(ctx, tx, who, n, "lead.read")
		if err != nil {
			return err
		}
		to, err := LeadFlow.Next(l.State, do)
		if err != nil {
			if !s.policy.Ever(who, "lead."+do) {
				return fault.Denied("lead", "lead."+do+": no role")
			}
			return err
		}
		if err := s.policy.Can(who, "lead."+do, s.leadObject(l)); err != nil {
			return err
		}
		if cmd.Rev != 0 && cmd.Rev != l.Rev {
			return fault.Conflict("lead")
		}
		return s.dispose(ctx, tx, who, &l, do, to, cmd)
	})
	return l, err
}

func (s *Service) dispose(ctx context.Context, tx *audit.Tx, who actor.Actor, l *Lead, do, to string, cmd DisposeCmd) error {
	var bad fault.Fields
	bad.Max("text", cmd.Text, maxReason)
	old, text := l.State, cmd.Text
	switch do {
	case "assign":
		bad.Need("assignee", string(cmd.Assignee))
		if cmd.Assignee != "" && l.Person != "" {
			if err := s.free(ctx, tx, l.Person, cmd.Assignee, l.ID); err != nil {
				return err
			}
		}
		l.Assignee = cmd.Assignee
	case "open":
		if err := bad.Err(); err != nil {
			return err
		}
		c, err := s.openCase(ctx, tx, who, *l, cmd)
		if err != nil {
			return err
		}
		l.Case, l.Assignee = c.ID, c.Handler
		text = c.No
	case "join":
		root, err := leadByNo(ctx, tx, strings.TrimSpace(cmd.Same))
		if err != nil || s.policy.Can(who, "lead.read", s.leadObject(root)) != nil || root.ID == l.ID || root.Same != "" {
			bad.Add("same", "lead.bad.same", cmd.Same)
			break
		}
		l.Same = root.ID
	case "split":
		bad.Need("text", cmd.Text)
		l.Same = ""
	default:
		bad.Need("text", cmd.Text)
	}
	if do == "end" {
		for _, k := range cmd.Kinds {
			if x, ok := s.rules.Kind(k); !ok || x.Layer != Education {
				bad.Add("kinds", "conduct.bad.choice", k)
			}
		}
		if len(cmd.Kinds) > 0 && l.Person == "" {
			bad.Add("kinds", "lead.bad.unknown")
		}
	}
	if err := bad.Err(); err != nil {
		return err
	}
	l.State = to
	if do == "end" && len(cmd.Kinds) > 0 {
		if err := s.smallOutcome(ctx, tx, *l, s.rules.Heaviest(cmd.Kinds...)); err != nil {
			return err
		}
	}
	if err := s.enter(ctx, tx, Entry{Object: l.ID, Person: who.Person, Do: do, Old: old, New: to, Text: text}); err != nil {
		return err
	}
	tx.Note("no", l.No)
	if err := updateLead(ctx, tx, *l); err != nil {
		return err
	}
	if do == "join" {
		return s.rejoin(ctx, tx, l.Same, l.No, who.Person)
	}
	return nil
}

// smallOutcome classes a lead that ended with education into the first form.
func (s *Service) smallOutcome(ctx context.Context, tx *audit.Tx, l Lead, kind string) error {
	p, err := s.Person(ctx, tx, l.Person)
	if err != nil {
		return err
	}
	x, _ := s.rules.Conduct(l.Conduct)
	return insertOutcome(ctx, tx, Outcome{ID: id.New(), Lead: l.ID, Person: p.ID, Unit: p.Unit, Department: p.Department, Level: s.level(p.Unit), Leadership: p.Leadership,
		Rank: p.Rank, Conduct: l.Conduct, Kind: kind, Form: s.rules.FormOf(false, kind), Abuse: x.Abuse, On: s.today(), Quarter: Quarter(s.today())})
}
