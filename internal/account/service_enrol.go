package account

import (
	"context"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
)

// Enrolment is one person for whom an account is made.
type Enrolment struct {
	Login, Name string
	Person      id.ID
	Unit        id.ID
}

// Enrol makes accounts that no password opens, each with one open session, and
// gives the tokens: the way of sites whose people come by certificate or single
// sign-on, where no password is hashed, and of measurements. Only the owner of
// the data may do it.
func (s *Service) Enrol(ctx context.Context, who actor.Actor, list []Enrolment) (tokens []string, err error) {
	if !who.Has(actor.System) {
		return nil, fault.Denied("account", "account.enrol: not the owner of the data")
	}
	now := clock.Instant(s.Clock.Now())
	err = s.Log.Write(ctx, who, "account.enrol", func(tx *audit.Tx) error {
		tokens = tokens[:0]
		for _, e := range list {
			if err := checkLogin(e.Login); err != nil {
				return err
			}
			a := Account{ID: id.New(), Login: e.Login, Person: e.Person, Name: e.Name, Unit: e.Unit, hash: nobody, ChangedOn: s.today()}
			if err := insert(ctx, tx, a); err != nil {
				return err
			}
			token, stored, err := newToken()
			if err != nil {
				return err
			}
			if err := insertSession(ctx, tx.Tx, Session{ID: id.New(), Account: a.ID, Made: now, Seen: now}, stored); err != nil {
				return err
			}
			tokens = append(tokens, token)
		}
		return nil
	})
	return tokens, err
}
