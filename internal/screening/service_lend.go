package screening

import (
	"context"

	"huikan/internal/kernel/clock"
	"huikan/internal/platform/db"
)

// Barred is a lawyer who may not act for a time, or for life.
type Barred struct {
	Licence  string
	From, To clock.Date // To is empty for life
	Rule     string     // id of the rule in domain section B
	Edition  string
}

// Barred lends the lawyers whom two readers confirmed to be in a restriction
// period, by licence, to the rules that watch the handling of cases.
func (s *Service) Barred(ctx context.Context) ([]Barred, error) {
	var out []Barred
	err := s.log.DB().Read(ctx, func(q db.Q) error {
		hits, err := confirmedStaff(ctx, q)
		if err != nil {
			return err
		}
		for _, h := range hits {
			if err := s.open(&h); err != nil {
				return err
			}
			licence := h.pair.Right.At(Lawyers, "license_no")
			if licence == "" || h.Until == "" && !h.Life {
				continue
			}
			b := Barred{Licence: licence, From: h.DepartedOn, To: h.Until, Rule: h.Rule, Edition: h.Edition}
			if h.Life {
				b.To = ""
			}
			out = append(out, b)
		}
		return nil
	})
	return out, err
}
