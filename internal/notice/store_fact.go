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

// noticesStudied counts the circulars sent to a unit in the period: for it those
// with a study record.
func noticesStudied(ctx context.Context, q db.Q, unit id.ID, from, to clock.Date) (fact.Fact, error) {
	return fact.Collect(ctx, q, "/notices/", `SELECT n.id, n.title, CASE WHEN t.studied_on <> '' THEN 1 ELSE 0 END FROM notice_receipt t JOIN notice n ON n.id = t.notice_id
		WHERE t.unit_id = $1 AND t.sent_on >= $2 AND t.sent_on <= $3`, string(unit), string(from), string(to))
}

// campaignsReported counts the campaigns of a unit that started in the period:
// for it those with a report for every stage.
func campaignsReported(ctx context.Context, q db.Q, unit id.ID, from, to clock.Date) (fact.Fact, error) {
	return fact.Collect(ctx, q, "/campaigns/", `SELECT c.id, c.title, CASE WHEN t.state = 'whole' THEN 1 ELSE 0 END FROM notice_part t JOIN notice_campaign c ON c.id = t.campaign_id
		WHERE t.unit_id = $1 AND c.started_on >= $2 AND c.started_on <= $3`, string(unit), string(from), string(to))
}
