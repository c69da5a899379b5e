package rectification

import (
	"context"
	"slices"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// ApplyCmd asks for close-out (申请销号).
type ApplyCmd struct {
	Statement   string  `json:"statement"`
	Measures    []id.ID `json:"measures"` // that are done
	Claimed     string  `json:"claimed"`
	ClaimedWord string  `json:"claimed_word"`
	Rev         int64   `json:"rev"`
}

// Apply hands an item to the reviewer. It needs a statement, the measures that
// are done, and evidence; a reviewer without evidence could only believe.
func (s *Service) Apply(ctx context.Context, who actor.Actor, item id.ID, c ApplyCmd) error {
	return s.move(ctx, who, item, "apply", c.Rev, "", func(tx *audit.Tx, i *Item) error {
		measures, err := Measures(ctx, tx, i.ID)
		if err != nil {
			return err
		}
		evidence, err := EvidenceOf(ctx, tx, i.ID)
		if err != nil {
			return err
		}
		if err := c.validate(measures, evidence); err != nil {
			return err
		}
		for _, m := range measures {
			if m.State == MeasureDone || !slices.Contains(c.Measures, m.ID) {
				continue
			}
			m.State, m.DoneOn = MeasureDone, s.today()
			if err := updateMeasure(ctx, tx, m, who.Person); err != nil {
				return err
			}
		}
		i.Applications++
		i.Rectifier = who.Person
		i.Claimed, i.ClaimedWord = c.Claimed, c.ClaimedWord
		if err := s.handInClaims(ctx, tx, *i, who, c.Statement, evidence, measures); err != nil {
			return err
		}
		chain, err := chainOf(ctx, tx, i.Round)
		if err != nil {
			return err
		}
		i.Level = NextLevel(chain, nil)
		return insertApplication(ctx, tx, Closing{ID: id.New(), Item: i.ID, No: i.Applications, Statement: c.Statement, Measures: c.Measures,
			By: who.Person, Decision: Pending})
	})
}

func (c ApplyCmd) validate(measures []Measure, evidence []Evidence) error {
	var bad fault.Fields
	bad.Need("statement", c.Statement)
	bad.Max("statement", c.Statement, maxText)
	bad.Max("claimed_word", c.ClaimedWord, maxShort)
	oneOf(&bad, "claimed", c.Claimed, ClaimedStatuses())
	if len(c.Measures) == 0 {
		bad.Add("measures", "item.bad.none_done")
	}
	for _, n := range c.Measures {
		if !slices.ContainsFunc(measures, func(m Measure) bool { return m.ID == n }) {
			bad.Add("measures", "item.bad.foreign_measure")
			break
		}
	}
	if len(InForce(evidence)) == 0 {
		bad.Add("evidence", "item.bad.no_evidence")
	}
	return bad.Err()
}

// DecideCmd is the reviewer's word on a plan or an application.
type DecideCmd struct {
	Reasons []string `json:"reasons"` // codes of Reasons
	Opinion string   `json:"opinion"`
	Lasting string   `json:"lasting"` // of Prolong
	Borne   []id.ID  `json:"borne"`   // claims that the evidence bears, of Close and Sign
	Rev     int64    `json:"rev"`
}

// needReason asks for at least one reason, chosen or written; "other" must be
// written out.
func (c DecideCmd) needReason() error {
	var bad fault.Fields
	bad.Max("opinion", c.Opinion, maxReason)
	for _, r := range c.Reasons {
		if !slices.Contains(Reasons(), r) {
			bad.Add("reasons", "item.bad.choice", r)
		}
	}
	if written := strings.TrimSpace(c.Opinion) != ""; !written && (len(c.Reasons) == 0 || slices.Contains(c.Reasons, "other")) {
		bad.Add("opinion", "item.bad.no_reason")
	}
	return bad.Err()
}

func (c DecideCmd) reason() string {
	return strings.TrimSpace(strings.Join(c.Reasons, " ") + "\n" + c.Opinion)
}

// judge holds every decision to the rule that somebody else judges.
func (s *Service) judge(ctx context.Context, q db.Q, who actor.Actor, i Item) error {
	hs, err := hands(ctx, q, i.ID)
	if err != nil {
		return err
	}
	return i.MayJudge(who, hs)
}

// ApprovePlan lets the work begin.
func (s *Service) ApprovePlan(ctx context.Context, who actor.Actor, item id.ID, c DecideCmd) error {
	return s.move(ctx, who, item, "approve_plan", c.Rev, c.Opinion, func(tx *audit.Tx, i *Item) error {
		return s.judge(ctx, tx, who, *i)
	})
}

// ReturnPlan sends a plan back with reasons.
func (s *Service) ReturnPlan(ctx context.Context, who actor.Actor, item id.ID, c DecideCmd) error {
	return s.move(ctx, who, item, "return_plan", c.Rev, c.reason(), func(tx *audit.Tx, i *Item) error {
		if err := s.judge(ctx, tx, who, *i); err != nil {
			return err
		}
		return c.needReason()
	})
}

// Close closes an item (销号) where the round asks for no chain of signatures.
// The reviewer is somebody else, has opened every piece of evidence since the
// application and found every claim borne out.
func (s *Service) Close(ctx context.Context, who actor.Actor, item id.ID, c DecideCmd) error {
	return s.log.Write(ctx, who, "item.close", func(tx *audit.Tx) error {
		i, _, err := s.step(ctx, tx, who, item, "close", c.Rev)
		if err != nil {
			return err
		}
		if i.Level != "" {
			return fault.State("item.bad.chain", "item.level."+i.Level)
		}
		app, err := s.judged(ctx, tx, who, i)
		if err != nil {
			return err
		}
		complete, err := s.approve(ctx, tx, who, i, app, levelClose, c)
		if err != nil {
			return err
		}
		if !complete { // too much within the hour: a second person has to sign
			return event(ctx, tx, i.ID, who, SideReviewer, "second", i.State, i.State, c.Opinion)
		}
		return s.closeNow(ctx, tx, who, i, app, c)
	})
}

// judged is the application that somebody may decide.
func (s *Service) judged(ctx context.Context, q db.Q, who actor.Actor, i Item) (Closing, error) {
	if err := s.judge(ctx, q, who, i); err != nil {
		return Closing{}, err
	}
	return pending(ctx, q, i.ID)
}

// unread lists the evidence in force that a person has not opened since the application.
func (s *Service) unread(ctx context.Context, q db.Q, who actor.Actor, app Closing) ([]Evidence, error) {
	all, err := EvidenceOf(ctx, q, app.Item)
	if err != nil {
		return nil, err
	}
	read, err := readSince(ctx, q, app.Item, who.Person, app.At)
	if err != nil {
		return nil, err
	}
	return Unread(all, read), nil
}

// Return sends an application back with reasons (退回).
func (s *Service) Return(ctx context.Context, who actor.Actor, item id.ID, c DecideCmd) error {
	return s.move(ctx, who, item, "return", c.Rev, c.reason(), func(tx *audit.Tx, i *Item) error {
		app, err := s.judged(ctx, tx, who, *i)
		if err != nil {
			return err
		}
		if err := c.needReason(); err != nil {
			return err
		}
		i.Level = ""
		app.Decision, app.Reasons, app.Opinion = DecisionReturned, c.Reasons, c.Opinion
		return decide(ctx, tx, app, who.Person)
	})
}

// Prolong keeps an item open as partly done or long-term. It needs a milestone
// ahead, so that nothing lasts without a date.
func (s *Service) Prolong(ctx context.Context, who actor.Actor, item id.ID, c DecideCmd) error {
	return s.move(ctx, who, item, "prolong", c.Rev, c.Opinion, func(tx *audit.Tx, i *Item) error {
		if err := s.judge(ctx, tx, who, *i); err != nil {
			return err
		}
		var bad fault.Fields
		oneOf(&bad, "lasting", c.Lasting, []string{LastingPartial, LastingLong})
		bad.Need("opinion", c.Opinion)
		bad.Max("opinion", c.Opinion, maxReason)
		ms, err := milestonesOf(ctx, tx, i.ID)
		if err != nil {
			return err
		}
		last := lastAhead(ms, s.today())
		if last == "" {
			bad.Add("lasting", "item.bad.no_milestone")
		}
		if err := bad.Err(); err != nil {
			return err
		}
		i.Lasting, i.Level = c.Lasting, ""
		if last.After(i.Due) {
			i.Due = last
		}
		if i.State != StateApplied {
			return nil
		}
		app, err := pending(ctx, tx, i.ID)
		if err != nil {
			return err
		}
		app.Decision, app.Opinion = DecisionProlonged, c.Opinion
		return decide(ctx, tx, app, who.Person)
	})
}

// lastAhead is the date of the last milestone that is neither reached nor past.
func lastAhead(ms []Milestone, today clock.Date) clock.Date {
	var last clock.Date
	for _, m := range ms {
		if m.DoneOn == "" && m.Due.After(today) && m.Due > last {
			last = m.Due
		}
	}
	return last
}

// ReopenCmd is the office's reason for opening a closed item again.
type ReopenCmd struct {
	Reason string `json:"reason"`
	Rev    int64  `json:"rev"`
}

// ReopenBy opens a closed item again on the office's own decision.
func (s *Service) ReopenBy(ctx context.Context, who actor.Actor, item id.ID, c ReopenCmd) error {
	return s.log.Write(ctx, who, "item.reopen", func(tx *audit.Tx) error {
		i, _, err := s.step(ctx, tx, who, item, "reopen", c.Rev)
		if err != nil {
			return err
		}
		return s.Reopen(ctx, tx, i.ID, who.Person, c.Reason)
	})
}

// ExtendCmd asks for more time.
type ExtendCmd struct {
	To     clock.Date `json:"to"`
	Reason string     `json:"reason"`
}

// AskExtension asks for more time (申请延期); one request at a time, counted.
func (s *Service) AskExtension(ctx context.Context, who actor.Actor, item id.ID, c ExtendCmd) error {
	return s.work(ctx, who, item, "item.extend", working, func(tx *audit.Tx, i Item) error {
		all, err := extensionsOf(ctx, tx, i.ID)
		if err != nil {
			return err
		}
		var bad fault.Fields
		bad.Need("reason", c.Reason)
		bad.Max("reason", c.Reason, maxReason)
		switch {
		case c.To == "":
			bad.Need("to", "")
		case !c.To.After(i.Due) || !c.To.After(s.today()):
			bad.Add("to", "item.bad.not_later", string(i.Due))
		}
		if slices.ContainsFunc(all, func(e Extension) bool { return e.State == ExtensionAsked }) {
			return fault.State("item.bad.extension_waits")
		}
		if err := bad.Err(); err != nil {
			return err
		}
		e := Extension{ID: id.New(), Item: i.ID, No: len(all) + 1, From: i.Due, To: c.To, Reason: c.Reason, By: who.Person, State: ExtensionAsked}
		if err := insertExtension(ctx, tx, e); err != nil {
			return err
		}
		return event(ctx, tx, i.ID, who, SideUnit, "extend", i.State, i.State, c.Reason)
	})
}

// JudgeExtensionCmd grants or refuses.
type JudgeExtensionCmd struct {
	Grant   bool   `json:"grant"`
	Opinion string `json:"opinion"`
}

// JudgeExtension decides the request that waits. Somebody else decides; a
// refusal is reasoned.
func (s *Service) JudgeExtension(ctx context.Context, who actor.Actor, item id.ID, c JudgeExtensionCmd) error {
	return s.log.Write(ctx, who, "item.judge_extension", func(tx *audit.Tx) error {
		i, err := s.load(ctx, tx, who, item, "item.judge_extension")
		if err != nil {
			return err
		}
		if i.open() != 1 {
			return fault.State("error.state", "item.do.judge_extension", "item.state."+i.State)
		}
		all, err := extensionsOf(ctx, tx, i.ID)
		if err != nil {
			return err
		}
		n := slices.IndexFunc(all, func(e Extension) bool { return e.State == ExtensionAsked })
		if n < 0 {
			return fault.State("item.bad.no_extension")
		}
		if err := s.judge(ctx, tx, who, i); err != nil {
			return err
		}
		var bad fault.Fields
		bad.Max("opinion", c.Opinion, maxReason)
		e, do := all[n], "extension_granted"
		if e.State, e.Opinion = ExtensionGranted, c.Opinion; !c.Grant {
			e.State, do = ExtensionRefused, "extension_refused"
			bad.Need("opinion", c.Opinion)
		}
		if err := bad.Err(); err != nil {
			return err
		}
		if err := judgeExtension(ctx, tx, e, who.Person); err != nil {
			return err
		}
		if c.Grant {
			i.Due, i.Extensions = e.To, i.Extensions+1
			if err := updateItem(ctx, tx, i, who.Person); err != nil {
				return err
			}
		}
		return event(ctx, tx, i.ID, who, SideReviewer, do, i.State, i.State, c.Opinion)
	})
}
