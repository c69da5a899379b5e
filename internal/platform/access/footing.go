package access

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
)

// Footing is a digest of all that decides what an actor may see: roles, places,
// teams, relatives, and how many matters are closed to him. Whoever keeps what he
// was shown holds it against his footing of today.
func Footing(ctx context.Context, q db.Q, who actor.Actor) (string, error) {
	args := []any{}
	in := marks(&args, append([]id.ID{who.Person}, who.Related...))
	var closed int
	var last string
	if err := q.QueryRow(ctx, "SELECT COUNT(*), COALESCE(MAX(id), '') FROM access_concern WHERE person_id IN ("+in+")", args...).Scan(&closed, &last); err != nil {
		return "", fmt.Errorf("count closed matters: %w", err)
	}
	b, err := json.Marshal([]any{who.Person, who.Unit, who.Path, who.Grants, who.Teams, who.Related, closed, last})
	if err != nil {
		return "", fmt.Errorf("digest rights: %w", err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}
