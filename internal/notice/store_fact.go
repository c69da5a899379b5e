package notice

import (
	"context"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/fact"
)

// Facts are the figures that this room lends to others.
func Facts() map[string]fact.Source {
	return map[string]fact.Source{"notice.studied": noticesStudied, "campaign.reported": campaignsReported}
}

// noticesStudied counts the circulars for whose study a unit's time was over in the
// period: for it those with a study record. What came a week before the end of a year
// counts in the next one.
func noticesStudied(ctx context.Context, q db.Q, unit id.ID, from, to clock.Date) (fact.Fact, error) {
	return fact.Collect(ctx, q, "/notices/", `SELECT n.id, n.title, CASE WHEN t.studied_on <> '' THEN 1 ELSE 0 END FROM notice_receipt t JOIN notice n ON n.id = t.notice_id
		WHERE t.unit_id = $1 AND t.sent_on >= $2 AND t.sent_on <= $3`, string(unit), string(from.AddDays(-studyDays)), string(to.AddDays(-studyDays)))
}

// campaignsReported counts the campaigns of a unit whose last stage was over in the
// period: for it those with a report for every stage. One that still runs has not failed.
func campaignsReported(ctx context.Context, q db.Q, unit id.ID, from, to clock.Date) (fact.Fact, error) {
	return fact.Collect(ctx, q, "/campaigns/", `SELECT c.id, c.title, CASE WHEN t.state = 'whole' THEN 1 ELSE 0 END FROM notice_part t JOIN notice_campaign c ON c.id = t.campaign_id
		WHERE t.unit_id = $1 AND (SELECT MAX(g.until_on) FROM notice_stage g WHERE g.campaign_id = c.id) BETWEEN $2 AND $3`, string(unit), string(from), string(to))
}
