package person

import (
	"context"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/secret"
)

// ByNumber finds the person with an identity number, by its blind index: the
// number is opened nowhere. Who is found must be one whose number the actor may see;
// that somebody asked is noted without the number.
func (s *Service) ByNumber(ctx context.Context, who actor.Actor, text string) (out []Person, err error) {
	c, err := ParseIDNumber(strings.TrimSpace(text), s.today())
	if err != nil || !s.Policy.Ever(who, "person.identity") {
		return nil, nil // no number: nothing is asked, nothing is noted
	}
	blind := s.Keys.Blind(secret.IDNumber, c.Number)
	err = s.Log.DB().Read(ctx, func(q db.Q) error {
		there, err := found(ctx, q, "id_blind", []string{blind})
		if err != nil || there[blind] == "" {
			return err
		}
		p, err := s.load(ctx, q, who, "person.identity", there[blind], anyRev)
		if fault.Is(err, fault.KindNotFound) {
			return nil
		}
		if err == nil {
			out = append(out, p)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	var hit id.ID
	if len(out) > 0 {
		hit = out[0].ID
	}
	return out, s.Log.Note(ctx, who, "person.search_number", map[string]any{"found": len(out), "person": hit})
}
