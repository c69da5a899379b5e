package account

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/secret"
	"huikan/internal/platform/web"
)

// wrong is the one answer to a wrong password, an unknown name, a locked and a
// disabled account.
func wrong() error { return fault.Invalid("account.sign_in.wrong") }

// SignIn checks a password and opens a session. It returns the token for the cookie.
func (s *Service) SignIn(ctx context.Context, login, password, address, agent string) (token string, err error) {
	var a Account
	err = s.Log.DB().Read(ctx, func(q db.Q) (err error) { a, err = byLogin(ctx, q, login); return err })
	stored := a.hash
	if err != nil {
		if !fault.Is(err, fault.KindNotFound) {
			return "", err
		}
		stored = nobody
	}
	ok, err := s.hasher.verify(ctx, stored, password)
	if err != nil {
		return "", fmt.Errorf("sign in: %w", err)
	}
	who := actor.Actor{Account: a.ID, Person: a.Person, Unit: a.Unit, Name: a.Name, Address: address}
	if a.ID == "" {
		return "", errors.Join(wrong(), s.Log.Note(ctx, actor.Actor{Name: "nobody", Address: address}, "account.sign_in_failed", nil))
	}
	now := s.Clock.Now()
	locked := a.Locked > clock.Instant(now)
	if !ok || locked || a.Disabled {
		return "", s.signInFailed(ctx, who, a.ID, now, ok)
	}
	token, stored, err = newToken()
	if err != nil {
		return "", err
	}
	session := Session{ID: id.New(), Account: a.ID, Address: address, Agent: clip(agent, 200), Made: clock.Instant(now), Seen: clock.Instant(now)}
	who.Session = session.ID.Short()
	err = s.Log.Write(ctx, who, "account.sign_in", func(tx *audit.Tx) error {
		fresh, err := byID(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		if fresh.Disabled || fresh.hash != a.hash || fresh.Locked > tx.At {
			return wrong() // changed while we hashed; guesses sent all at once meet the lock here
		}
		// With a second factor only its right code forgives: whoever has the
		// password could otherwise try codes without end.
		if fresh.Failed > 0 && !fresh.Second {
			if err := set(ctx, tx, fresh, "failed = 0, locked_until = ''"); err != nil {
				return err
			}
		}
		tx.Note("session", session.ID.Short())
		return insertSession(ctx, tx.Tx, session, stored)
	})
	return token, err
}

// signInFailed counts a failure, locks when there are too many, and answers wrong.
func (s *Service) signInFailed(ctx context.Context, who actor.Actor, account id.ID, now time.Time, right bool) error {
	err := s.Log.Write(ctx, who, "account.sign_in_failed", func(tx *audit.Tx) error {
		a, err := byID(ctx, tx, account)
		if err != nil {
			return err
		}
		tx.Note("locked", a.Locked > tx.At)
		tx.Note("disabled", a.Disabled)
		if right || a.Locked > tx.At {
			return nil // a failure during the lock does not prolong it
		}
		return countFailure(ctx, tx, a, now)
	})
	if err != nil {
		return err
	}
	return wrong()
}

// countFailure notes one more failure and locks when there are too many.
func countFailure(ctx context.Context, tx *audit.Tx, a Account, now time.Time) error {
	failed := a.Failed + 1
	if a.FailedAt < clock.Instant(now.Add(-FailuresWithin)) {
		failed = 1
	}
	until := ""
	if failed >= FailuresToLock {
		until = clock.Instant(now.Add(LockFor))
	}
	return set(ctx, tx, a, "failed = $1, failed_at = $2, locked_until = $3", failed, tx.At, until)
}

func clip(s string, n int) string {
	r := []rune(s)
	return string(r[:min(n, len(r))])
}

// cookieName: the prefix makes browsers refuse the cookie from anywhere but this host over TLS.
func (s *Service) cookieName() string {
	if s.Secure {
		return "__Host-huikan"
	}
	return "huikan"
}

func (s *Service) cookie(token string) *http.Cookie {
	c := &http.Cookie{Name: s.cookieName(), Value: token, Path: "/", HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode}
	if token == "" {
		c.MaxAge = -1
	}
	return c
}

// Who implements web.Authenticator.
func (s *Service) Who(ctx context.Context, r *http.Request) (actor.Actor, string, error) {
	c, err := r.Cookie(s.cookieName())
	if err != nil || c.Value == "" {
		return actor.Actor{}, "", fault.Unauthenticated()
	}
	var a actor.Actor
	var first string
	var seen Session
	now := s.Clock.Now()
	err = s.Log.DB().Look(ctx, func(q db.Q) error {
		session, acc, grants, err := asking(ctx, q, tokenHash(c.Value))
		if err != nil {
			return err
		}
		a, err = s.actor(ctx, q, acc, grants, clock.Of(now))
		if err != nil {
			return err
		}
		admin := a.Has(actor.SysAdmin) || a.Has(actor.SecAdmin) || a.Has(actor.Auditor)
		if acc.Disabled || session.Expired(now, admin) {
			return fault.NotFound("session")
		}
		a.Session, a.Address, seen = session.ID.Short(), web.Address(r), session
		switch {
		case acc.Second && !session.Second:
			first = "/sign-in/second"
		case acc.MustChange:
			first = "/password"
		case admin && s.Second && !acc.Second:
			first = "/me/second"
		}
		return nil
	})
	if fault.Is(err, fault.KindNotFound) {
		return actor.Actor{}, "", fault.Unauthenticated()
	}
	if err != nil {
		return actor.Actor{}, "", err
	}
	// The last use is written at most once a minute; a page that polls does not
	// keep a session alive. A page is not refused because its use cannot be
	// noted: on a full disk reading goes on, and the session ends at its limit.
	if t, err := clock.ParseInstant(seen.Seen); err == nil && now.Sub(t) > time.Minute && r.Header.Get("X-Poll") == "" {
		if err := s.Log.Technical(ctx, "note the use of a session", func(tx *db.Tx) error { return touchSession(ctx, tx, seen.ID, clock.Instant(now)) }); err != nil {
			slog.Warn("the use of a session could not be noted", "err", err)
		}
	}
	return a, first, nil
}

// actor puts together what an account may act as today.
func (s *Service) actor(ctx context.Context, q db.Q, acc Account, gs []Grant, on clock.Date) (a actor.Actor, err error) {
	p := s.Place(acc.Unit)
	a = actor.Actor{Account: acc.ID, Person: acc.Person, Name: acc.Name, Unit: acc.Unit, Path: p.Path}
	for _, g := range gs {
		if g.Active(on) {
			a.Grants = append(a.Grants, actor.Grant{Role: g.Role, Unit: g.Unit, Path: s.Place(g.Unit).Path})
		}
	}
	if acc.Person == "" {
		return a, nil
	}
	if a.Teams, err = s.Teams(ctx, q, acc.Person, on); err != nil {
		return a, fmt.Errorf("read teams: %w", err)
	}
	if a.Related, err = s.Kin(ctx, q, acc.Person); err != nil {
		return a, fmt.Errorf("read relatives: %w", err)
	}
	return a, nil
}

// ActorOf gives the actor of a sign-in name as it would be today, for the
// demonstration and simulations, which work through the same services.
func (s *Service) ActorOf(ctx context.Context, login string) (a actor.Actor, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) error {
		acc, err := byLogin(ctx, q, login)
		if err != nil {
			return err
		}
		gs, err := grantsOf(ctx, q, acc.ID)
		if err != nil {
			return fmt.Errorf("read grants: %w", err)
		}
		a, err = s.actor(ctx, q, acc, gs, s.today())
		return err
	})
	return a, err
}

// SignOut ends the session of a token.
func (s *Service) SignOut(ctx context.Context, who actor.Actor, token string) error {
	return s.Log.Write(ctx, who, "account.sign_out", func(tx *audit.Tx) error {
		session, _, err := sessionByToken(ctx, tx, tokenHash(token))
		if err != nil {
			return err
		}
		tx.Note("session", session.ID.Short())
		return endSession(ctx, tx.Tx, session.Account, session.ID)
	})
}

// EndSession ends one of the actor's own sessions.
func (s *Service) EndSession(ctx context.Context, who actor.Actor, session id.ID) error {
	return s.Log.Write(ctx, who, "account.end_session", func(tx *audit.Tx) error {
		tx.Note("session", session.Short())
		return endSession(ctx, tx.Tx, who.Account, session)
	})
}

// Sessions lists the actor's own sessions.
func (s *Service) Sessions(ctx context.Context, who actor.Actor) (out []Session, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) (err error) { out, err = sessionsOf(ctx, q, who.Account); return err })
	return out, err
}

// Sweep removes sessions that have ended by themselves.
func (s *Service) Sweep(ctx context.Context) error {
	return s.Log.Technical(ctx, "remove ended sessions", func(tx *db.Tx) error {
		return sweepSessions(ctx, tx, clock.Instant(s.Clock.Now().Add(-AbsoluteLimit)))
	})
}

// ChangePassword replaces the actor's own password and ends his other sessions.
func (s *Service) ChangePassword(ctx context.Context, who actor.Actor, token, old, fresh string) error {
	var a Account
	if err := s.Log.DB().Read(ctx, func(q db.Q) (err error) { a, err = byID(ctx, q, who.Account); return err }); err != nil {
		return err
	}
	ok, err := s.hasher.verify(ctx, a.hash, old)
	if err != nil {
		return err
	}
	if now := s.Clock.Now(); !ok || a.Locked > clock.Instant(now) {
		// An open session is no licence to guess: it counts as a failed sign-in.
		if err := s.signInFailed(ctx, who, a.ID, now, ok); !fault.Is(err, fault.KindInvalid) {
			return err
		}
		var f fault.Fields
		f.Add("old", "account.password.old")
		return f.Err()
	}
	admin := who.Has(actor.SysAdmin) || who.Has(actor.SecAdmin) || who.Has(actor.Auditor)
	if err := CheckPassword(fresh, a.Login, admin); err != nil {
		return err
	}
	if old == fresh {
		var f fault.Fields
		f.Add("password", "account.password.same")
		return f.Err()
	}
	hash, err := s.hasher.hash(ctx, fresh)
	if err != nil {
		return err
	}
	return s.Log.Write(ctx, who, "account.change_password", func(tx *audit.Tx) error {
		session, _, err := sessionByToken(ctx, tx, tokenHash(token))
		if err != nil {
			return err
		}
		if err := set(ctx, tx, a, "hash = $1, must_change = FALSE, changed_on = $2", hash, string(s.today())); err != nil {
			return err
		}
		return endSessions(ctx, tx.Tx, a.ID, session.ID)
	})
}

// BeginSecond makes a secret for a second factor; it counts only once Confirm
// has seen a code of it.
func (s *Service) BeginSecond(who actor.Actor, login string) (*otp.Key, error) {
	k, err := totp.Generate(totp.GenerateOpts{Issuer: "huikan", AccountName: login})
	if err != nil {
		return nil, fmt.Errorf("make second factor: %w", err)
	}
	return k, nil
}

// ConfirmSecond stores the secret after one right code.
func (s *Service) ConfirmSecond(ctx context.Context, who actor.Actor, token, key, code string) error {
	return s.Log.Write(ctx, who, "account.set_second", func(tx *audit.Tx) error {
		a, err := byID(ctx, tx, who.Account)
		if err != nil {
			return err
		}
		if a.Second {
			return fault.State("account.second.exists")
		}
		if err := checkKey(key); err != nil {
			return err
		}
		step, ok := s.matches(key, code)
		if !ok {
			return badCode()
		}
		session, _, err := sessionByToken(ctx, tx, tokenHash(token))
		if err != nil {
			return err
		}
		if err := set(ctx, tx, a, "totp = $1, totp_step = $2", s.Keys.Seal(secret.SecondKey, "account/"+string(a.ID), []byte(key)), step); err != nil {
			return err
		}
		return markSecond(ctx, tx.Tx, session.ID)
	})
}

var keyShape = regexp.MustCompile(`^[A-Z2-7]{32}$`) // 20 bytes in base32, as BeginSecond makes them

// checkKey refuses a key that BeginSecond cannot have made: it comes back
// through the form.
func checkKey(key string) error {
	if !keyShape.MatchString(key) {
		return fault.Invalid("error.form")
	}
	return nil
}

func badCode() error {
	var f fault.Fields
	f.Add("code", "account.second.wrong")
	return f.Err()
}

// GiveSecond checks a code at sign-in. A code counts once, even when sent twice
// at the same moment: the step is compared and swapped.
func (s *Service) GiveSecond(ctx context.Context, who actor.Actor, token, code string) error {
	var refused error
	err := s.Log.Write(ctx, who, "account.second", func(tx *audit.Tx) error {
		refused = nil
		a, err := byID(ctx, tx, who.Account)
		if err != nil {
			return err
		}
		session, _, err := sessionByToken(ctx, tx, tokenHash(token))
		if err != nil {
			return err
		}
		key, err := s.Keys.Open(secret.SecondKey, "account/"+string(a.ID), a.totp)
		if err != nil {
			return err
		}
		if a.Locked > tx.At {
			refused = badCode()
			tx.Note("locked", true)
			return nil
		}
		step, ok := s.matches(string(key), code)
		if !ok || step <= a.step {
			refused = badCode()
			return countFailure(ctx, tx, a, s.Clock.Now())
		}
		if err := set(ctx, tx, a, "totp_step = $1, failed = 0", step); err != nil {
			return err
		}
		return markSecond(ctx, tx.Tx, session.ID)
	})
	return errors.Join(err, refused)
}

const totpPeriod = 30 // seconds, RFC 6238

// matches gives the time step of a right code; one step of clock drift is allowed.
func (s *Service) matches(key, code string) (int64, bool) {
	now := s.Clock.Now()
	code = strings.ReplaceAll(code, " ", "")
	for _, d := range []int64{0, -1, 1} {
		at := now.Add(time.Duration(d*totpPeriod) * time.Second)
		ok, err := totp.ValidateCustom(code, key, at, totp.ValidateOpts{Period: totpPeriod, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && ok {
			return at.Unix() / totpPeriod, true
		}
	}
	return 0, false
}

func instant(s *Service) string { return clock.Instant(s.Clock.Now()) }
