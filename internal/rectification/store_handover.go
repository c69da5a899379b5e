package rectification

import (
	"huikan/internal/kernel/actor"
	"huikan/internal/org"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

var (
	handItems    = org.Rows{Key: "items", Table: "rectify_item", Where: "open > 0", Also: changedBy}
	handMeasures = org.Rows{Key: "measures", Table: "rectify_measure", Where: "state <> 'done'", Also: changedBy}
)

func changedBy(tx *audit.Tx, who actor.Actor, _ org.Unit) (set string, args []any) {
	return "changed_at = $3, changer_id = $4", []any{tx.At, db.Null(who.Person)}
}
