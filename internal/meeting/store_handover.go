package meeting

import (
	"huikan/internal/kernel/actor"
	"huikan/internal/org"
	"huikan/internal/platform/audit"
)

var (
	handMeetings = org.Rows{Key: "meetings", Table: "meeting", Where: "state IN ('draft', 'called', 'held')"}
	handVenues   = org.Rows{Key: "venues", Table: "meeting_venue", Where: `(state IN ('called', 'confirmed', 'excused') AND EXISTS (SELECT 1 FROM meeting m WHERE m.id = meeting_venue.meeting_id AND m.state IN ('draft', 'called')) OR state = 'absent')
		AND NOT EXISTS (SELECT 1 FROM meeting_venue o WHERE o.meeting_id = meeting_venue.meeting_id AND o.unit_id = $2)`, Also: whoseVenue}
)

// whoseVenue keeps in the reason of a venue whose it was.
func whoseVenue(_ *audit.Tx, _ actor.Actor, from org.Unit) (set string, args []any) {
	return "reason = CASE WHEN reason = '' THEN CAST($3 AS TEXT) ELSE reason || '；' || CAST($3 AS TEXT) END", []any{"原" + from.Name}
}
