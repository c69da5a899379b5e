package contact

import (
	"context"
	"fmt"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/web"
)

// Summary is the summing up of a quarter that a unit sends to the political and
// legal commission of its level and to the unit above (R-8, 中办发〔2015〕23号 art. 7).
// People send it; the program counts the day and keeps when it went out.
type Summary struct {
	ID        id.ID      `json:"id,omitempty"`
	Unit      id.ID      `json:"unit"`
	Quarter   Period     `json:"quarter"`
	Due       clock.Date `json:"due"`
	Sent      clock.Date `json:"sent_on,omitempty"`
	Reference string     `json:"reference,omitempty"` // number of the letter
	By        id.ID      `json:"by,omitempty"`
}

// Late tells whether it was sent after its day, or is not sent and the day is over.
func (x Summary) Late(today clock.Date) bool {
	if x.Sent != "" {
		return x.Sent > x.Due
	}
	return today > x.Due
}

// summaryDue is the last day for the summary of a quarter: so many days after its
// last period ended, moved to a working day.
func (s *Service) summaryDue(set Setting, quarter Period) clock.Date {
	d, _ := s.Calendar.Roll(s.Rules.Due("summary", set.End(quarter), s.Calendar))
	return d
}

// lastQuarter is the newest quarter whose last period has ended.
func lastQuarter(set Setting, today clock.Date) Period {
	q := Period(string(today[:7])).Quarter()
	for set.End(q) >= today {
		q = q.Prev()
	}
	return q
}

// SummaryOf tells when the summary of a unit's quarter is due and whether it was sent.
func (s *Service) SummaryOf(ctx context.Context, who actor.Actor, unit id.ID, quarter Period) (x Summary, err error) {
	if err := s.policy.Can(who, "summary.read", s.place(unit)); err != nil {
		return x, err
	}
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		set, err := s.settingFor(ctx, q, unit, quarter)
		if err != nil {
			return err
		}
		sent, err := summariesOf(ctx, q, quarter, unit)
		if err != nil {
			return err
		}
		if len(sent) > 0 {
			x = sent[0]
			return nil
		}
		x = Summary{Unit: unit, Quarter: quarter, Due: s.summaryDue(set, quarter)}
		return nil
	})
	return x, err
}

// SendCmd notes that the summary of a quarter was sent.
type SendCmd struct {
	Unit      string     `json:"unit"`
	Quarter   string     `json:"quarter"`
	On        clock.Date `json:"on"`
	Reference string     `json:"reference"`
}

// SendSummary notes when the summary of a quarter went out, once.
func (s *Service) SendSummary(ctx context.Context, who actor.Actor, c SendCmd) (x Summary, err error) {
	u, err := s.unitFor(who, "summary.send", c.Unit)
	if err != nil {
		return x, err
	}
	var bad fault.Fields
	quarter, err := ParsePeriod(c.Quarter)
	if err != nil || !quarter.Quarterly() {
		bad.Add("quarter", "contact.bad.period", c.Quarter)
	}
	bad.Need("reference", c.Reference)
	bad.Max("reference", c.Reference, maxShort)
	switch {
	case !c.On.Valid():
		bad.Add("on", "error.date", c.On)
	case c.On > s.today():
		bad.Add("on", "contact.bad.future")
	}
	if err := bad.Err(); err != nil {
		return x, err
	}
	err = s.log.Write(ctx, who, "summary.send", func(tx *audit.Tx) error {
		set, err := s.settingFor(ctx, tx, u.ID, quarter)
		if err != nil {
			return err
		}
		if end := set.End(quarter); c.On <= end {
			return fault.State("summary.running", string(quarter), string(end))
		}
		x = Summary{ID: id.New(), Unit: u.ID, Quarter: quarter, Due: s.summaryDue(set, quarter), Sent: c.On, Reference: c.Reference, By: who.Person}
		tx.Note("unit", u.ID)
		tx.Note("quarter", quarter)
		wrote, err := insertSummary(ctx, tx, x)
		if err == nil && !wrote {
			err = fault.State("summary.sent_already")
		}
		return err
	})
	return x, err
}

// summaryTodo are the summaries that the actor's offices have not sent: those of the
// newest quarter that ended, where anybody filed for it.
func (s *Service) summaryTodo(ctx context.Context, q db.Q, who actor.Actor, out *[]web.Todo) error {
	if !s.policy.Ever(who, "summary.send") {
		return nil
	}
	for _, unit := range offices(who) {
		set, err := s.setting(ctx, q, unit, s.today())
		if err != nil {
			return err
		}
		quarter := lastQuarter(set, s.today())
		filed, err := anyFiled(ctx, q, unit, append(quarter.Months(), quarter))
		if err != nil {
			return err
		}
		if !filed {
			continue
		}
		sent, err := summariesOf(ctx, q, quarter, unit)
		if err != nil {
			return err
		}
		if set, err = s.settingFor(ctx, q, unit, quarter); err != nil { // of its time
			return err
		}
		if len(sent) == 0 {
			*out = append(*out, web.Todo{Kind: "todo.summary", Title: string(quarter), Unit: s.Units.Short(unit), Due: s.summaryDue(set, quarter),
				Href: fmt.Sprintf("/register/stats?unit=%s&year=%s&by=level#send", unit, quarter[:4]), Verb: "summary.do.send"})
		}
	}
	return nil
}

// summaries are those of a year that a reader's page shows: sent, or of a quarter for
// which anybody of the unit filed.
func (s *Service) summaries(ctx context.Context, who actor.Actor, unit id.ID, quarters []Period) (out []Summary, err error) {
	for _, quarter := range quarters {
		x, err := s.SummaryOf(ctx, who, unit, quarter)
		if fault.Is(err, fault.KindNotFound) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		filed := x.Sent != ""
		if !filed {
			err = s.log.DB().Read(ctx, func(q db.Q) error {
				filed, err = anyFiled(ctx, q, unit, append(quarter.Months(), quarter))
				return err
			})
			if err != nil {
				return nil, err
			}
		}
		if filed {
			out = append(out, x)
		}
	}
	return out, nil
}
