package screening

import (
	"context"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/platform/access"
	"huikan/internal/screening/rules"
	"huikan/linkage"
)

// AskCmd is a question of the licensing counter about one applicant.
type AskCmd struct {
	Name     string     `json:"name"`
	Former   string     `json:"former_name"`
	IDNumber string     `json:"id_number"`
	Birth    string     `json:"birth_date"`
	Gender   string     `json:"gender"`
	Work     string     `json:"work"` // licence when empty
	Firm     string     `json:"firm"`
	Role     string     `json:"role"`
	Province string     `json:"province"`
	City     string     `json:"city"`
	On       clock.Date `json:"on"`
	Ref      string     `json:"ref"` // the counter's own number, kept in the log
}

// Answer is what the counter gets.
type Answer struct {
	Result    string     `json:"result"` // clear, review, restricted
	On        clock.Date `json:"on"`
	Edition   string     `json:"edition"`
	Registers clock.Date `json:"registers,omitempty"` // the oldest register that was looked at
	Matches   []Match    `json:"matches"`
	Namesakes float64    `json:"namesakes"` // people of the name expected among ours
	NotIn     []string   `json:"not_checkable,omitempty"`
}

// Match is one of ours who may be the applicant. Who it is, is told only when it
// is as good as certain; else the counter learns whom to ask.
type Match struct {
	Probability float64         `json:"probability"`
	Band        string          `json:"band"`
	Reasons     []string        `json:"reasons"`
	AskUnit     string          `json:"ask_unit"` // the procuratorate that can say
	Subject     string          `json:"subject"`
	Outcome     string          `json:"outcome"`
	Until       clock.Date      `json:"until,omitempty"`
	Life        bool            `json:"life,omitempty"`
	Verdicts    []rules.Verdict `json:"verdicts,omitempty"`
}

// Results of a question.
const (
	Clear      = "clear"
	Review     = "review"
	Restricted = "restricted"
)

const maxAsked = 100

// Ask answers the licensing counter from memory, with reasons. Every question is
// an entry of the log, without the person's name or number.
func (s *Service) Ask(ctx context.Context, who actor.Actor, cmd AskCmd) (Answer, error) {
	var out Answer
	if err := s.policy.Can(who, "screening.ask", access.Object{Kind: "screening", Units: []access.Place{s.Units.Place(s.home(who))}}); err != nil {
		return out, err
	}
	var f fault.Fields
	cmd.Name = strings.TrimSpace(cmd.Name)
	f.Need("name", cmd.Name)
	f.Max("name", cmd.Name, maxAsked)
	f.Max("ref", cmd.Ref, maxAsked)
	if cmd.IDNumber == "" && cmd.Birth == "" {
		f.Add("id_number", "screening.error.ask_more")
	}
	if cmd.Work == "" {
		cmd.Work = rules.Licence
	}
	if !isWork(cmd.Work) {
		f.Add("work", "screening.error.work", cmd.Work)
	}
	if err := f.Err(); err != nil {
		return out, err
	}
	on, e, err := s.quickLaw(ctx, cmd.On)
	if err != nil {
		return out, err
	}
	b, err := s.quick(ctx)
	if err != nil {
		return out, err
	}
	out = s.answer(b, e, on, cmd)
	return out, s.log.Note(ctx, who, "screening.ask", map[string]any{"ref": cmd.Ref, "result": out.Result, "matches": len(out.Matches), "edition": out.Edition})
}

func isWork(k string) bool {
	for _, w := range rules.Works() {
		if w == k {
			return true
		}
	}
	return false
}

// quickLaw picks the edition from memory when no own edition could apply.
func (s *Service) quickLaw(ctx context.Context, on clock.Date) (clock.Date, *rules.Edition, error) {
	if on == "" {
		on = s.today()
	}
	if l := s.law1.Load(); l != nil && l.on == on && s.Clock.Now().UnixNano()-l.at < int64(recheck) {
		return on, l.e, nil
	}
	at := s.Clock.Now().UnixNano()
	on, e, err := s.law(ctx, RunCmd{AsOf: on})
	if err == nil {
		s.law1.Store(&lawNow{on: on, e: e, at: at})
	}
	return on, e, err
}

type lawNow struct {
	on clock.Date
	e  *rules.Edition
	at int64
}

const maxMatches = 10

func (s *Service) answer(b *board, e *rules.Edition, on clock.Date, cmd AskCmd) Answer {
	out := Answer{Result: Clear, On: on, Edition: e.Version, Matches: []Match{}}
	for _, v := range b.versions {
		if (v.Kind == Staff || v.Kind == Relatives) && (out.Registers == "" || v.AsOf.Before(out.Registers)) {
			out.Registers = v.AsOf
		}
	}
	rec := &linkage.Record{Name: cmd.Name, Former: []string{cmd.Former}, IDNo: cmd.IDNumber, Birth: cmd.Birth, Sex: sexOf(cmd.Gender), Places: []string{cmd.City, cmd.Province}, Orgs: []string{cmd.Firm}}
	out.Namesakes = b.model.Expected(cmd.Name, b.ours.size())
	law := rowOf(Lawyers, map[string]string{"name": cmd.Name, "firm_name": cmd.Firm, "firm_city": cmd.City, "province": cmd.Province, "role": cmd.Role})
	for _, m := range b.counter.Query(rec, maxMatches) {
		q := s.question(b, int32(m.Row), law, on)
		q.Work.Kind = cmd.Work
		l := b.ours.at(int32(m.Row))
		x := Match{Probability: m.Score.Probability, Band: string(m.Score.Band), Reasons: m.Score.Reasons(linkage.Chinese, 3), AskUnit: s.Units.Name(l.unit), Subject: Departed}
		switch {
		case q.Kin != nil:
			x.Subject = Kin
		case q.Subject.Serving:
			x.Subject = Serving
		}
		vs := e.Judge(q)
		x.Outcome, x.Until, x.Life = rules.Sum(vs)
		if m.Score.Band == linkage.Auto {
			for _, v := range vs {
				if v.Outcome == rules.Uncheckable {
					if len(out.NotIn) < 3 {
						out.NotIn = append(out.NotIn, v.Sentence.ZH)
					}
					continue
				}
				x.Verdicts = append(x.Verdicts, v)
			}
		}
		switch {
		case m.Score.Band == linkage.Auto && x.Outcome == rules.Banned:
			out.Result = Restricted
		case out.Result == Clear:
			out.Result = Review
		}
		out.Matches = append(out.Matches, x)
	}
	return out
}
