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
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/web"
)

// NoteOmissionCmd notes that a record is missing, late or untrue.
type NoteOmissionCmd struct {
	Person string     `json:"person"` // staff number
	Kind   string     `json:"kind"`
	Source string     `json:"source"`
	Ref    string     `json:"ref"`
	On     clock.Date `json:"on"`
	Text   string     `json:"text"`
}

// NoteOmission opens the work on a record that was not made as the rules ask.
func (s *Service) NoteOmission(ctx context.Context, who actor.Actor, c NoteOmissionCmd) (o Omission, err error) {
	if !s.policy.Ever(who, "omission.note") {
		return o, fault.Denied("omission", "omission.note: no role")
	}
	var bad fault.Fields
	bad.Need("person", c.Person)
	bad.Need("text", c.Text)
	bad.Max("text", c.Text, maxText)
	bad.Max("ref", c.Ref, maxShort)
	if !slices.Contains(OmissionKinds(), c.Kind) {
		bad.Add("kind", "contact.bad.pick")
	}
	if !slices.Contains(OmissionSources(), c.Source) {
		bad.Add("source", "contact.bad.pick")
	}
	switch {
	case !c.On.Valid():
		bad.Add("on", "error.date", c.On)
	case c.On > s.today():
		bad.Add("on", "contact.bad.future")
	}
	err = s.log.Write(ctx, who, "omission.note", func(tx *audit.Tx) error {
		bad := slices.Clone(bad)
		p, err := s.colleague(ctx, tx, c.Person)
		if err != nil && !fault.Is(err, fault.KindNotFound) {
			return err
		}
		// Who is not there, of another unit, himself or related answers alike.
		place := s.place(p.Unit)
		place.Concerns = []id.ID{p.ID}
		if c.Person != "" && (err != nil || s.policy.Can(who, "omission.note", place) != nil) {
			bad.Add("person", "caseload.person", c.Person)
		}
		if err := bad.Err(); err != nil {
			return err
		}
		o = Omission{ID: id.New(), Person: p.ID, Unit: p.Unit, Kind: c.Kind, Source: c.Source, Ref: c.Ref, On: c.On, State: OmissionNoted, Due: s.Rules.Due("verify", s.today(), s.Calendar), Rev: 1}
		o.Office, o.Upper = s.officeAbove(who, p.Unit)
		if err := insertOmission(ctx, tx, o); err != nil {
			return err
		}
		if err := access.Concern(ctx, tx, o.ID, p.ID, access.Subject); err != nil {
			return err
		}
		return s.noteStep(ctx, tx, omissionSteps, o.ID, o.Office, OfficeEntry{Do: "note", To: OmissionNoted, Person: who.Person}, c.Text)
	})
	return o, err
}

// OmissionOfLetter fills in what a letter of verification tells.
func (s *Service) OmissionOfLetter(ctx context.Context, who actor.Actor, n id.ID) (c NoteOmissionCmd, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		l, _, err := s.loadLetter(ctx, q, who, n)
		if err != nil {
			return err
		}
		p, err := person.ByID(ctx, q, l.Person)
		c = NoteOmissionCmd{Person: p.StaffNo, Source: "letter", Ref: n.Short()}
		return err
	})
	return c, err
}

// officeAbove is the nearest of the actor's offices above a unit, and the unit above it.
func (s *Service) officeAbove(who actor.Actor, unit id.ID) (office, upper id.ID) {
	for at := unit; at != ""; {
		u, _ := s.Units.Unit(at)
		if slices.Contains(offices(who), at) {
			return at, u.Parent
		}
		at = u.Parent
	}
	return unit, ""
}

func (s *Service) omissionObject(ctx context.Context, q db.Q, o Omission) (access.Object, error) {
	concerns, err := access.Concerns(ctx, q, o.ID)
	x := access.Object{Kind: "omission", ID: o.ID, State: o.State, Units: []access.Place{s.Units.Place(o.Office)}, Concerns: concerns}
	if o.Upper != "" {
		x.Units = append(x.Units, s.Units.Place(o.Upper))
	}
	return x, err
}

// Omissions lists the omissions of the actor's offices, the newest first.
func (s *Service) Omissions(ctx context.Context, who actor.Actor, state, after string, limit int) (out []Omission, names map[id.ID]string, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		w := visible(s.policy, who, "omission.read", omissionAccess)
		if state != "" {
			w.add("o.state = $%d", state)
		}
		if out, err = listOmissions(ctx, q, w, after, limit); err != nil {
			return err
		}
		ids := make([]id.ID, len(out))
		for i, o := range out {
			ids[i] = o.Person
		}
		names, err = s.names(ctx, q, ids...)
		return err
	})
	return out, names, err
}

// OmissionView is an omission with what was written and what the rules attach to it.
type OmissionView struct {
	Omission Omission         `json:"omission"`
	Times    int              `json:"times"` // decided ones of the kind, this one among them
	Follows  []Consequence    `json:"follows"`
	Entries  []OfficeEntry    `json:"entries"`
	Names    map[id.ID]string `json:"names"`
	Steps    []string         `json:"steps"`
}

// ReadOmission gives an omission to its office and the one above.
func (s *Service) ReadOmission(ctx context.Context, who actor.Actor, n id.ID) (v OmissionView, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		var x access.Object
		if v.Omission, x, err = s.loadOmission(ctx, q, who, n); err != nil {
			return err
		}
		if v.Times, v.Follows, err = s.follows(ctx, q, v.Omission); err != nil {
			return err
		}
		if v.Entries, err = s.steps(ctx, q, omissionSteps, n, v.Omission.Office); err != nil {
			return err
		}
		ids := []id.ID{v.Omission.Person, v.Omission.Proposer}
		for _, e := range v.Entries {
			ids = append(ids, e.Person)
		}
		for _, st := range OmissionFlow.From(v.Omission.State) {
			if s.policy.Can(who, "omission."+st.Do, x) == nil && !(slices.Contains(bySecond, st.Do) && who.Person == v.Omission.Proposer) {
				v.Steps = append(v.Steps, st.Do)
			}
		}
		v.Names, err = s.names(ctx, q, slices.DeleteFunc(ids, func(n id.ID) bool { return n == "" })...)
		return err
	})
	return v, err
}

func (s *Service) loadOmission(ctx context.Context, q db.Q, who actor.Actor, n id.ID) (o Omission, x access.Object, err error) {
	if o, err = omissionByID(ctx, q, n); err != nil {
		return o, x, err
	}
	if x, err = s.omissionObject(ctx, q, o); err != nil {
		return o, x, err
	}
	return o, x, s.policy.Can(who, "omission.read", x)
}

// follows counts what was decided against the person for the same kind, and lists
// what the rules attach to one more.
func (s *Service) follows(ctx context.Context, q db.Q, o Omission) (int, []Consequence, error) {
	n, err := omissionsDecided(ctx, q, o)
	return n + 1, s.Rules.ConsequencesOf(o.Kind, n+1), err
}

// OmissionCmd is one step on an omission.
type OmissionCmd struct {
	Text        string `json:"text"`
	Consequence string `json:"consequence"` // propose
	Rev         int64  `json:"rev"`
}

// WorkOmission takes one step on an omission.
func (s *Service) WorkOmission(ctx context.Context, who actor.Actor, n id.ID, do string, c OmissionCmd) (o Omission, err error) {
	if !slices.Contains(OmissionFlow.Actions(), do) {
		return o, fault.NotFound("omission")
	}
	var bad fault.Fields
	bad.Need("text", c.Text)
	bad.Max("text", c.Text, maxText)
	err = s.log.Write(ctx, who, "omission."+do, func(tx *audit.Tx) error {
		bad := slices.Clone(bad)
		var x access.Object
		if o, x, err = s.loadOmission(ctx, tx, who, n); err != nil {
			return err
		}
		to, err := OmissionFlow.Next(o.State, do)
		if err != nil {
			return err
		}
		if err := s.policy.Can(who, "omission."+do, x); err != nil {
			return err
		}
		if slices.Contains(bySecond, do) && who.Person == o.Proposer {
			return fault.State("omission.second")
		}
		_, follows, err := s.follows(ctx, tx, o)
		if err != nil {
			return err
		}
		if do == "propose" && !slices.ContainsFunc(follows, func(k Consequence) bool { return k.Code == c.Consequence }) {
			bad.Add("consequence", "contact.bad.pick")
		}
		if err := bad.Err(); err != nil {
			return err
		}
		if c.Rev != 0 && c.Rev != o.Rev {
			return fault.Conflict("omission")
		}
		e := OfficeEntry{Do: do, From: o.State, To: to, Person: who.Person}
		switch do {
		case "propose":
			o.Consequence, o.Proposer, e.Detail = c.Consequence, who.Person, c.Consequence
		case "send_back":
			o.Consequence, o.Proposer = "", ""
		case "decide":
			e.Detail = o.Consequence
			if err := s.referOmission(ctx, tx, who, &o, c.Text); err != nil {
				return err
			}
		}
		o.State, o.Due = to, ""
		if to != OmissionDecided && to != OmissionDropped {
			o.Due = s.Rules.Due("verify", s.today(), s.Calendar)
		}
		if err := updateOmission(ctx, tx, o); err != nil {
			return err
		}
		o.Rev++
		return s.noteStep(ctx, tx, omissionSteps, o.ID, o.Office, e, c.Text)
	})
	return o, err
}

// referOmission makes a lead of what only the discipline can decide: a sanction,
// and who kept others from recording.
func (s *Service) referOmission(ctx context.Context, tx *audit.Tx, who actor.Actor, o *Omission, text string) error {
	if s.Refer == nil || o.Consequence != "sanction" && o.Consequence != "superior" {
		return nil
	}
	no, err := s.Refer(ctx, tx, who, Referral{Code: o.ID.Short(), Person: o.Person, Unit: o.Unit, On: o.On, Group: Unrecorded, Text: text})
	if err != nil {
		return fmt.Errorf("hand the omission over: %w", err)
	}
	o.Lead = no
	return nil
}

// omissionTodo are the omissions that wait for the office.
func (s *Service) omissionTodo(ctx context.Context, q db.Q, who actor.Actor, out *[]web.Todo) error {
	w := visible(s.policy, who, "omission.read", omissionAccess)
	w.conds = append(w.conds, "o.state IN ('noted', 'heard', 'proposed')")
	w.add("o.proposer_id <> $%d", string(who.Person))
	// The office does the work; the one above is asked for the decision alone.
	w.conds = append(w.conds, "(o.state = 'proposed' OR o.office_id IN ("+marks(&w.args, append(offices(who), "-"))+"))")
	list, err := listOmissions(ctx, q, w, "", maxTodos)
	if err != nil {
		return err
	}
	for _, o := range list {
		*out = append(*out, web.Todo{Kind: "todo.omission." + o.State, Title: o.ID.Short(), Unit: s.Units.Short(o.Unit), Due: o.Due, Href: "/register/omissions/" + string(o.ID), Verb: "letter.do.handle"})
	}
	return nil
}
