package screening

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/screening/rules"
	"huikan/linkage"
)

func (s *Service) warningObject(w Warning) access.Object {
	return access.Object{Kind: w.Flow, ID: w.ID, State: w.State, Units: []access.Place{s.Units.Place(w.Unit)}}
}

// loadWarning reads a warning that the actor may see.
func (s *Service) loadWarning(ctx context.Context, q db.Q, who actor.Actor, n id.ID) (Warning, error) {
	w, err := warningByID(ctx, q, n)
	if err != nil {
		return w, err
	}
	o := s.warningObject(w)
	if o.Concerns, err = access.Concerns(ctx, q, w.ID); err != nil {
		return w, err
	}
	return w, s.policy.Can(who, w.Flow+".read", o)
}

// SendCmd warns the bar authority of a confirmed hit.
type SendCmd struct {
	Hit  id.ID      `json:"hit"`
	Body string     `json:"body"`
	Due  clock.Date `json:"due"`
}

const maxBody = 4000

// Send warns the bar authority. Only a hit that two readers confirmed is told.
func (s *Service) Send(ctx context.Context, who actor.Actor, cmd SendCmd) (w Warning, err error) {
	err = s.log.Write(ctx, who, "warning.send", func(tx *audit.Tx) error {
		h, err := s.load(ctx, tx, who, cmd.Hit)
		if err != nil {
			return err
		}
		if err := s.policy.Can(who, "warning.send", hitObject(s, h)); err != nil {
			return err
		}
		if h.State != Confirmed {
			return fault.State("screening.error.not_confirmed")
		}
		w = Warning{Flow: OutFlow.Name, Kind: OfHit, Unit: h.Unit, Hit: h.ID, Subject: h.Name, Firm: h.Firm, Rule: h.Rule, Until: h.Until, Body: cmd.Body, Due: cmd.Due,
			once: "hit:" + string(h.ID)}
		if h.Kin != "" {
			w.Subject = h.Kin
		}
		return s.send(ctx, tx, who, &w, h.Person)
	})
	return w, err
}

// TellCmd is a notice of the bar authority: an application, a transfer, a hire.
type TellCmd struct {
	Kind    string     `json:"kind"`
	Unit    string     `json:"unit"` // the former procuratorate
	Subject string     `json:"subject"`
	Firm    string     `json:"firm"`
	Body    string     `json:"body"`
	Due     clock.Date `json:"due"`
}

// Tell sends a notice of the bar authority to a procuratorate.
func (s *Service) Tell(ctx context.Context, who actor.Actor, cmd TellCmd) (w Warning, err error) {
	err = s.log.Write(ctx, who, "reverse.send", func(tx *audit.Tx) error {
		var f fault.Fields
		if !slices.Contains(InKinds(), cmd.Kind) {
			f.Add("kind", "screening.error.kind")
		}
		f.Need("subject", cmd.Subject)
		f.Max("subject", cmd.Subject, 100)
		f.Max("firm", cmd.Firm, 200)
		us := s.Find(cmd.Unit)
		if len(us) != 1 {
			f.Add("unit", "register.error.unit", cmd.Unit)
		}
		if err := f.Err(); err != nil {
			return err
		}
		w = Warning{Flow: InFlow.Name, Kind: cmd.Kind, Unit: us[0], Subject: strings.TrimSpace(cmd.Subject), Firm: cmd.Firm, Body: cmd.Body, Due: cmd.Due}
		if err := s.policy.Can(who, "reverse.send", s.warningObject(w)); err != nil {
			f.Add("unit", "register.error.unit", cmd.Unit) // a unit that he has no say over is like one that does not exist
			return f.Err()
		}
		return s.send(ctx, tx, who, &w, "")
	})
	return w, err
}

// LeavingCmd tells the bar authority of somebody who left and is restricted.
type LeavingCmd struct {
	Key  string     `json:"key"`
	Body string     `json:"body"`
	Due  clock.Date `json:"due"`
}

// TellLeaving sends the notice on departure (D2): who left, from where, and until
// when which restriction runs.
func (s *Service) TellLeaving(ctx context.Context, who actor.Actor, cmd LeavingCmd) (w Warning, err error) {
	b, err := s.quick(ctx)
	if err != nil {
		return w, err
	}
	at, ok := b.ours.find(cmd.Key)
	if !ok {
		return w, fault.NotFound("person")
	}
	l := b.ours.at(at)
	subject := s.subject(l)
	on, e, err := s.law(ctx, RunCmd{})
	if err != nil {
		return w, err
	}
	if subject.Serving {
		return w, fault.State("screening.error.serving")
	}
	err = s.log.Write(ctx, who, "warning.send", func(tx *audit.Tx) error {
		o := access.Object{Kind: "match", State: Confirmed, Units: []access.Place{s.Units.Place(l.unit)}}
		if l.person != "" {
			o.Concerns = []id.ID{l.person}
		}
		if err := s.policy.Can(who, "warning.send", o); err != nil {
			return err
		}
		w = Warning{Flow: OutFlow.Name, Kind: OfLeaving, Unit: l.unit, Subject: subject.Name, Body: cmd.Body, Due: cmd.Due, once: "leaving:" + l.key + ":" + string(subject.Departed)}
		for _, v := range e.Clocks(subject, on) {
			if v.Until.After(w.Until) || w.Until == "" {
				w.Until, w.Rule = v.Until, v.Rule
			}
		}
		return s.send(ctx, tx, who, &w, l.person)
	})
	return w, err
}

// send numbers and writes a new warning.
func (s *Service) send(ctx context.Context, tx *audit.Tx, who actor.Actor, w *Warning, concern id.ID) error {
	var f fault.Fields
	f.Need("body", w.Body)
	f.Max("body", w.Body, maxBody)
	if w.Due == "" {
		w.Due, _ = clock.National().AddWorkdays(s.today(), answerDays) // a year without notice counts plain weeks
	}
	if w.Due.Before(s.today()) {
		f.Add("due", "screening.error.due_past")
	}
	if err := f.Err(); err != nil {
		return err
	}
	w.ID, w.State, w.SentBy, w.SentAt, w.Rev = id.New(), Sent, who.Person, tx.At, 1
	return s.raise(ctx, tx, who, w, "send", concern)
}

func (s *Service) raise(ctx context.Context, tx *audit.Tx, who actor.Actor, w *Warning, act string, concern id.ID) error {
	if w.once != "" {
		there, err := warnedOnce(ctx, tx, w.once)
		if err != nil {
			return err
		}
		if there {
			return fault.State("screening.error.warned")
		}
	}
	prefix := map[string]string{OutFlow.Name: "W", InFlow.Name: "R", CaseFlow.Name: "C"}[w.Flow]
	no, err := nextNo(ctx, tx, fmt.Sprintf("%s%d-", prefix, s.today().Year()))
	if err != nil {
		return err
	}
	w.No = no
	if err := insertWarning(ctx, tx, *w); err != nil {
		return err
	}
	if concern != "" {
		if err := access.Concern(ctx, tx, w.ID, concern, access.Subject); err != nil {
			return err
		}
	}
	if err := insertWarningEvent(ctx, tx, w.ID, who, act, w.Body); err != nil {
		return err
	}
	return s.announce(ctx, tx, *w, act)
}

// ActCmd is one step of a warning.
type ActCmd struct {
	Rev  int64  `json:"rev"`
	Text string `json:"text"`
}

// Act takes one step of a warning's workflow.
func (s *Service) Act(ctx context.Context, who actor.Actor, n id.ID, do string, cmd ActCmd) error {
	return s.log.Write(ctx, who, "warning."+do, func(tx *audit.Tx) error {
		w, err := s.loadWarning(ctx, tx, who, n)
		if err != nil {
			return err
		}
		to, err := flowOf(w.Flow).Next(w.State, do)
		if err != nil {
			if !s.policy.Ever(who, w.Flow+"."+do) {
				return fault.Denied(w.Flow, w.Flow+"."+do+": no role")
			}
			return err
		}
		if err := s.policy.Can(who, w.Flow+"."+do, s.warningObject(w)); err != nil {
			return err
		}
		if cmd.Rev != 0 && cmd.Rev != w.Rev {
			return fault.Conflict("warning")
		}
		var f fault.Fields
		if slices.Contains(needText, do) {
			f.Need("text", cmd.Text)
		}
		f.Max("text", cmd.Text, maxBody)
		if err := f.Err(); err != nil {
			return err
		}
		return s.advance(ctx, tx, who, w, do, to, cmd.Text)
	})
}

func (s *Service) advance(ctx context.Context, tx *audit.Tx, who actor.Actor, w Warning, do, to, text string) error {
	w.State = to
	switch do {
	case "receive":
		w.ReceivedAt = tx.At
	case "answer":
		w.Answer, w.AnsweredAt = text, tx.At
	case "return":
		w.Answer, w.AnsweredAt = "", ""
	case "notify", "handle":
		w.Handling, w.HandledAt = text, tx.At
	case "close", "reject":
		w.ClosedAt = tx.At
	}
	if err := updateWarning(ctx, tx, w); err != nil {
		return err
	}
	if err := insertWarningEvent(ctx, tx, w.ID, who, do, text); err != nil {
		return err
	}
	return s.announce(ctx, tx, w, do)
}

// mayAct are the steps that an actor can take on a warning now.
func (s *Service) mayAct(who actor.Actor, w Warning) []string {
	var out []string
	for _, st := range flowOf(w.Flow).From(w.State) {
		if st.Do != "expire" && s.policy.Can(who, w.Flow+"."+st.Do, s.warningObject(w)) == nil && !who.Has(actor.System) {
			out = append(out, st.Do)
		}
	}
	return out
}

// expire marks the notices whose time for an answer is over.
func (s *Service) expire(ctx context.Context, who actor.Actor) error {
	var due []Warning
	if err := s.log.DB().Read(ctx, func(q db.Q) (err error) { due, err = overdue(ctx, q, s.today()); return err }); err != nil || len(due) == 0 {
		return err
	}
	return s.log.Write(ctx, who, "warning.expire", func(tx *audit.Tx) error {
		for _, w := range due {
			to, err := flowOf(w.Flow).Next(w.State, "expire")
			if err != nil {
				return err
			}
			if err := s.advance(ctx, tx, who, w, "expire", to, ""); err != nil {
				return err
			}
		}
		return nil
	})
}

// caseWarnings compares counsel in cases with what was found: a lawyer in a case
// of his former procuratorate, or of the office where a relative serves. A hit
// counts when it is confirmed or nearly certain; each case warns once.
func (s *Service) caseWarnings(ctx context.Context, b *board, sd *sides, e *rules.Edition, on clock.Date) error {
	if len(b.cases) == 0 {
		return nil
	}
	var found []Warning
	var concerns []id.ID
	err := s.log.DB().Read(ctx, func(q db.Q) error {
		byCounsel, err := s.counsel(ctx, q, sd)
		if err != nil {
			return err
		}
		for _, c := range b.cases {
			for _, h := range byCounsel[counselKey(c.At(Cases, "license_no"), c.At(Cases, "lawyer_name"), c.At(Cases, "firm_name"))] {
				w, ok := s.caseWarning(e, on, c, h)
				if !ok {
					continue
				}
				there, err := warnedOnce(ctx, q, w.once)
				if err != nil {
					return err
				}
				if !there && !slices.ContainsFunc(found, func(x Warning) bool { return x.once == w.once }) {
					found, concerns = append(found, w), append(concerns, h.Person)
				}
			}
		}
		return nil
	})
	if err != nil || len(found) == 0 {
		return err
	}
	who := actor.Program("screening")
	return s.log.Write(ctx, who, "case_warning.raise", func(tx *audit.Tx) error {
		for i := range found {
			w := found[i]
			w.ID, w.State, w.SentAt, w.Rev = id.New(), Raised, tx.At, 1
			if err := s.raise(ctx, tx, who, &w, "raise", concerns[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// counselKey names counsel by licence, or by name and firm where there is none.
func counselKey(licence, name, firm string) string {
	if licence != "" {
		return licence
	}
	return name + "\x00" + firm
}

// counsel gives the hits that warn, by counsel.
func (s *Service) counsel(ctx context.Context, q db.Q, sd *sides) (map[string][]Hit, error) {
	rows := map[string]Row{}
	for _, l := range sd.lawyers {
		rows[l.key] = l.row
	}
	out := map[string][]Hit{}
	var after []string
	for {
		hs, err := s.visibleHits(ctx, q, actor.Program("screening"), hitFilter{States: []string{Open, Unsure, Proposed, Confirmed}}, after, 500)
		if err != nil || len(hs) == 0 {
			return out, err
		}
		for _, h := range hs {
			row, ok := rows[h.Right]
			if !ok || h.State != Confirmed && h.Band != string(linkage.Auto) {
				continue
			}
			if err := s.open(&h); err != nil {
				return nil, err
			}
			for _, k := range []string{row.At(Lawyers, "license_no"), row.At(Lawyers, "name") + "\x00" + row.At(Lawyers, "firm_name")} {
				if k != "" {
					out[k] = append(out[k], h)
				}
			}
		}
		after = placeOf(hs[len(hs)-1])
	}
}

// caseWarning asks the rules about counsel in one case.
func (s *Service) caseWarning(e *rules.Edition, on clock.Date, c Row, h Hit) (Warning, bool) {
	var codes []string
	var unit id.ID
	for _, name := range append(splitList(c.At(Cases, "unit")), splitList(c.At(Cases, "units"))...) {
		if u := s.unitOf(name, name); u != "" {
			if o, ok := s.office(u); ok {
				codes = append(codes, o.Code)
			}
			if unit == "" {
				unit = u
			}
		}
	}
	if len(codes) == 0 {
		return Warning{}, false
	}
	q := h.pair.Question
	q.On = on
	if d := dayOf(c.At(Cases, "filed_on")); d != "" {
		q.On = d
	}
	q.Work.Kind, q.Work.Offices, q.Work.Capacity = rules.Litigation, codes, meaning("capacity", c.At(Cases, "capacity"))
	if q.Kin != nil && len(q.Subject.Offices) > 0 && slices.Contains(codes, q.Subject.Offices[0].Code) {
		q.Work.Acts = "yes"
	}
	for _, v := range e.Judge(q) {
		inCase := v.Rule == "B1" || v.Rule == "B2" || v.Rule == "B3" || v.Rule == "B14" && q.Work.Acts == "yes" || strings.HasPrefix(v.Rule, "L")
		if inCase && (v.Outcome == rules.Banned || v.Outcome == rules.Recuse) {
			return Warning{Flow: CaseFlow.Name, Kind: OfCase, Unit: unit, Hit: h.ID, Subject: h.Lawyer, Firm: h.Firm, CaseNo: c.At(Cases, "case_no"), Body: v.Sentence.ZH,
				Rule: v.Rule, Until: v.Until, once: "case:" + c.At(Cases, "case_no") + ":" + string(h.ID)}, true
		}
	}
	return Warning{}, false
}
