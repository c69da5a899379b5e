package screening

import (
	"context"
	"fmt"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/screening/rules"
)

// The yearly check (D8): in its assessment of the year the bar association looks at
// everybody who left us and practises. We send the names that two readers confirmed,
// each as a notice of the kind "yearly", which is acknowledged, answered and closed
// like every other. Practice of Shanghai; no national rule names its day.

// YearlyCmd puts confirmed persons on the list of a year.
type YearlyCmd struct {
	Year int        `json:"year"`
	Text string     `json:"text"` // what is asked of the other side, the same for all
	Due  clock.Date `json:"due"`
}

const (
	maxYearly     = 200  // how many one press puts on the list
	maxYearlyText = 1000 // leaves room for the sentences of the rules
)

// listed is the key under which a hit stands on the list of a year.
func listed(year int, hit id.ID) string { return fmt.Sprintf("yearly:%d:%s", year, hit) }

// unlisted narrows hits to confirmed ones of departed staff that are not on the list
// of a year.
func unlisted(year int) hitFilter {
	return hitFilter{States: []string{Confirmed}, Subject: Departed, Unlisted: year}
}

// SendYearly puts confirmed persons who are not there yet on the list of a year and
// tells how many it put.
func (s *Service) SendYearly(ctx context.Context, who actor.Actor, cmd YearlyCmd) (sent int, err error) {
	var f fault.Fields
	if now := s.today().Year(); cmd.Year != now && cmd.Year != now-1 {
		f.Add("year", "yearly.error.year", now-1, now)
	}
	cmd.Text = strings.TrimSpace(cmd.Text)
	f.Need("text", cmd.Text)
	f.Max("text", cmd.Text, maxYearlyText)
	if cmd.Due != "" && (!cmd.Due.Valid() || cmd.Due.Before(s.today())) {
		f.Add("due", "screening.error.due_past")
	}
	if err := f.Err(); err != nil {
		return 0, err
	}
	if !s.policy.Ever(who, "warning.send") {
		return 0, fault.Denied("match", "warning.send: no role")
	}
	defer s.changed()
	err = s.log.Write(ctx, who, "warning.send", func(tx *audit.Tx) error {
		sent = 0 // may run more than once
		hs, err := s.visibleHits(ctx, tx, who, unlisted(cmd.Year), nil, maxYearly)
		if err != nil {
			return err
		}
		for _, h := range hs {
			if err := s.policy.Can(who, "warning.send", hitObject(s, h)); err != nil {
				continue // sees it and sends nothing
			}
			vs, err := s.verdicts(ctx, tx, &h)
			if err != nil {
				return err
			}
			body := []string{cmd.Text, strings.TrimSpace(h.Name + " " + h.Firm)}
			for _, v := range vs {
				if v.Outcome == rules.Banned || v.Outcome == rules.Limited || v.Outcome == rules.Unclear {
					body = append(body, v.Sentence.ZH)
				}
			}
			w := Warning{Flow: OutFlow.Name, Kind: OfYearly, Unit: h.Unit, Hit: h.ID, Subject: h.Name, Firm: h.Firm, Rule: h.Rule, Until: h.Until, Due: cmd.Due,
				Body: cutText(strings.Join(body, "\n"), maxBody), once: listed(cmd.Year, h.ID)}
			if err := s.send(ctx, tx, who, &w, h.Person); err != nil {
				return err
			}
			sent++
		}
		tx.Note("year", cmd.Year)
		tx.Note("sent", sent)
		if sent == 0 {
			return fault.State("yearly.error.none", cmd.Year)
		}
		return nil
	})
	return sent, err
}

// cutText keeps the beginning of a text.
func cutText(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}
