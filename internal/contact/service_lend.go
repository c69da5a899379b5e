package contact

import (
	"context"

	"huikan/internal/kernel/clock"
	"huikan/internal/platform/db"
)

// CaseDays lends the days on which contacts about a case were recorded, by the
// case's number, to the rules that watch its handling. It says when and nothing
// else: not who recorded, not who asked, not what was asked. A record that passed
// the office of its unit over is not among them: that office judges the alerts.
func (s *Service) CaseDays(ctx context.Context, q db.Q) (func(caseNo string) []clock.Date, error) {
	days, err := caseDays(ctx, q)
	return func(caseNo string) []clock.Date {
		if len(days) == 0 {
			return nil
		}
		return days[s.caseKey(caseNo)]
	}, err
}
