package meeting

import (
	"context"
	"fmt"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

const (
	handMeeting = "unit_id = $1 AND state IN ('draft', 'called', 'held')"
	handVenue   = `unit_id = $1 AND (state IN ('called', 'confirmed', 'excused') AND EXISTS (SELECT 1 FROM meeting m WHERE m.id = meeting_venue.meeting_id AND m.state IN ('draft', 'called')) OR state = 'absent')
		AND NOT EXISTS (SELECT 1 FROM meeting_venue o WHERE o.meeting_id = meeting_venue.meeting_id AND o.unit_id = $2)`
)

func countOf(ctx context.Context, q db.Q, what, query string, args ...any) (n int, err error) {
	if err = q.QueryRow(ctx, query, args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("%s to hand over: %w", what, err)
	}
	return n, nil
}

func countHandMeetings(ctx context.Context, q db.Q, from id.ID) (int, error) {
	return countOf(ctx, q, "meetings", "SELECT COUNT(*) FROM meeting WHERE "+handMeeting, string(from))
}

func countHandVenues(ctx context.Context, q db.Q, from, to id.ID) (int, error) {
	return countOf(ctx, q, "venues", "SELECT COUNT(*) FROM meeting_venue WHERE "+handVenue, string(from), string(to))
}

func handMeetings(ctx context.Context, tx *audit.Tx, from, to id.ID) (int, error) {
	rows, err := tx.Query(ctx, "UPDATE meeting SET unit_id = $2, rev = rev + 1 WHERE "+handMeeting+" RETURNING id", string(from), string(to))
	ids, err := tx.Returned("meeting", rows, err)
	return len(ids), err
}

// handVenues keeps in the reason of a venue whose it was.
func handVenues(ctx context.Context, tx *audit.Tx, from, to id.ID, name string) (int, error) {
	rows, err := tx.Query(ctx, "UPDATE meeting_venue SET unit_id = $2, reason = CASE WHEN reason = '' THEN CAST($3 AS TEXT) ELSE reason || '；' || CAST($3 AS TEXT) END, rev = rev + 1 WHERE "+handVenue+" RETURNING id", string(from), string(to), "原"+name)
	ids, err := tx.Returned("meeting_venue", rows, err)
	return len(ids), err
}
