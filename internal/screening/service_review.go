package screening

import (
	"context"
	"slices"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/screening/rules"
)

// JudgeCmd is one answer about a hit.
type JudgeCmd struct {
	Rev    int64  `json:"rev"`
	Reason string `json:"reason"`
	After  string `json:"after"` // place in the review, to go on from
}

// needReason are the answers that overturn somebody's: they say why.
var needReason = []string{"return", "reopen"}

// Judge answers a hit: hit, no, unsure, confirm, return, reopen.
func (s *Service) Judge(ctx context.Context, who actor.Actor, n id.ID, do string, cmd JudgeCmd) error {
	var f fault.Fields
	if slices.Contains(needReason, do) {
		f.Need("reason", cmd.Reason)
	}
	f.Max("reason", cmd.Reason, maxReason)
	if err := f.Err(); err != nil {
		return err
	}
	defer s.changed()
	return s.log.Write(ctx, who, "match."+do, func(tx *audit.Tx) error { return s.judge(ctx, tx, who, n, do, cmd) })
}

func (s *Service) judge(ctx context.Context, tx *audit.Tx, who actor.Actor, n id.ID, do string, cmd JudgeCmd) error {
	h, to, err := s.step(ctx, tx, who, n, do, cmd.Rev)
	if err != nil {
		return err
	}
	if do == "renew" || do == "lapse" {
		return fault.Denied("match", "match."+do+": only the program")
	}
	if err := secondReader(h, do, who.Person); err != nil {
		return err
	}
	h.State = to
	switch do {
	case "hit":
		h.Proposed = who.Person
	case "confirm", "no":
		h.Decided, h.DecidedAt, h.Judged = who.Person, tx.At, h.Facts
	case "return", "reopen":
		h.Proposed, h.Decided, h.DecidedAt = "", "", ""
	case "lead":
		if h.Lead, err = s.refer(ctx, tx, who, h, cmd.Reason); err != nil {
			return err
		}
		tx.Note("lead", h.Lead)
		cmd.Reason = "" // the words went over
	}
	if cmd.Reason != "" {
		tx.Note("reason", cmd.Reason)
	}
	if err := updateHit(ctx, tx, h); err != nil {
		return err
	}
	return insertJudgement(ctx, tx, h, who.Person, do, cmd.Reason)
}

// refer hands a confirmed hit to the room of leads: the person, what the rules say with the facts filled in, and what
// the reader adds. The number is all that comes back.
func (s *Service) refer(ctx context.Context, tx *audit.Tx, who actor.Actor, h Hit, text string) (string, error) {
	switch {
	case h.Lead != "":
		return "", fault.State("screening.error.lead_there", h.Lead)
	case s.Refer == nil:
		return "", fault.Unavailable("screening.error.leads")
	}
	vs, err := s.verdicts(ctx, tx, &h)
	if err != nil {
		return "", err
	}
	facts := []string{strings.TrimSpace(text)}
	for _, v := range vs {
		if v.Outcome == rules.Banned || v.Outcome == rules.Recuse || v.Outcome == rules.Limited {
			facts = append(facts, v.Sentence.ZH)
		}
	}
	facts = append(facts, strings.TrimSpace(h.Lawyer+" "+h.Firm))
	facts = slices.DeleteFunc(facts, func(x string) bool { return x == "" })
	return s.Refer(ctx, tx, who, Referral{Person: h.Person, Name: h.Name, Unit: h.Unit, Facts: strings.Join(facts, "\n")})
}

// secondReader refuses the first reader of a hit as its second.
func secondReader(h Hit, do string, who id.ID) error {
	if (do == "confirm" || do == "return") && (who == "" || h.Proposed == who) {
		return fault.State("screening.error.second_reader")
	}
	return nil
}

// BulkCmd answers many hits at once.
type BulkCmd struct {
	IDs    []id.ID `json:"ids"`
	Do     string  `json:"do"`
	Reason string  `json:"reason"`
}

const maxBulk = 200

// JudgeMany answers many hits: all of them or none.
func (s *Service) JudgeMany(ctx context.Context, who actor.Actor, cmd BulkCmd) error {
	var f fault.Fields
	if len(cmd.IDs) == 0 {
		return fault.Invalid("screening.error.none_chosen")
	}
	if len(cmd.IDs) > maxBulk {
		return fault.Limit("screening.error.bulk", maxBulk)
	}
	if !slices.Contains([]string{"hit", "no", "unsure", "confirm"}, cmd.Do) {
		return fault.NotFound("page")
	}
	f.Need("reason", cmd.Reason)
	f.Max("reason", cmd.Reason, maxReason)
	if err := f.Err(); err != nil {
		return err
	}
	defer s.changed()
	return s.log.Write(ctx, who, "match."+cmd.Do, func(tx *audit.Tx) error {
		for _, n := range cmd.IDs {
			if err := s.judge(ctx, tx, who, n, cmd.Do, JudgeCmd{Reason: cmd.Reason}); err != nil {
				return err
			}
		}
		return nil
	})
}

// mayJudge are the answers that an actor can give a hit now, in table order.
func (s *Service) mayJudge(who actor.Actor, h Hit) []string {
	var out []string
	for _, st := range MatchFlow.From(h.State) {
		if st.Do == "renew" || st.Do == "lapse" || s.policy.Can(who, "match."+st.Do, hitObject(s, h)) != nil || secondReader(h, st.Do, who.Person) != nil ||
			st.Do == "lead" && (h.Lead != "" || s.Refer == nil) {
			continue
		}
		out = append(out, st.Do)
	}
	return out
}

// Next is the hit that the actor should look at next: the heaviest that waits for
// him behind a place in the list; the zero Hit when none does.
func (s *Service) Next(ctx context.Context, q db.Q, who actor.Actor, after []string) (Hit, error) {
	for {
		hs, err := s.visibleHits(ctx, q, who, hitFilter{States: waiting}, after, 50)
		if err != nil || len(hs) == 0 {
			return Hit{}, err
		}
		for _, h := range hs {
			if len(s.mayJudge(who, h)) > 0 && (h.State != Unsure || len(after) > 0) {
				return h, nil
			}
		}
		last := hs[len(hs)-1]
		after = placeOf(last)
	}
}

func placeOf(h Hit) []string { return []string{rankKey(h.Outcome, h.Probability), string(h.ID)} }

// verdicts judges a hit anew by an edition on today's date, from its sealed facts.
func (s *Service) verdicts(ctx context.Context, q db.Q, h *Hit) ([]rules.Verdict, error) {
	if err := s.open(h); err != nil {
		return nil, err
	}
	es, err := allEditions(ctx, q)
	if err != nil {
		return nil, err
	}
	e, err := rules.Pick(es, "", s.today())
	if err != nil {
		return nil, err
	}
	asked := h.pair.Question
	asked.On = s.today()
	return e.Judge(asked), nil
}

// Hits lists hits that an actor may see, the heaviest first; of a state, or all
// that are not settled as no hit.
func (s *Service) Hits(ctx context.Context, who actor.Actor, state string) (out []Hit, err error) {
	f := hitFilter{States: []string{Open, Unsure, Proposed, Confirmed}}
	if state != "" {
		f.States = []string{state}
	}
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		out, err = s.visibleHits(ctx, q, who, f, nil, 1000)
		return err
	})
	return out, err
}

// Near gives confirmed hits around a member of the staff: relatives of his who
// practise, and lawyers who left his unit; as far as the actor may see them.
func (s *Service) Near(ctx context.Context, q db.Q, who actor.Actor, person, unit id.ID, size int) ([]Hit, error) {
	kin, err := s.visibleHits(ctx, q, who, hitFilter{States: []string{Confirmed}, Subject: Kin, Person: person}, nil, size)
	if err != nil {
		return nil, err
	}
	left, err := s.visibleHits(ctx, q, who, hitFilter{States: []string{Confirmed}, Subject: Departed, Unit: unit}, nil, size)
	return append(kin, left...), err
}
