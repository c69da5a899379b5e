package account

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
)

// Account is a way to sign in; it belongs to a person, except for the first administrators.
type Account struct {
	ID         id.ID
	Login      string
	Person     id.ID
	Name       string
	Unit       id.ID
	MustChange bool
	Disabled   bool
	Failed     int
	FailedAt   string
	Locked     string // until, instant
	Second     bool   // has a second factor
	ChangedOn  clock.Date
	Rev        int64

	hash string
	totp []byte
	step int64
}

// Grant is a role over a unit, for a time.
type Grant struct {
	ID      id.ID
	Account id.ID
	Role    actor.Role
	Unit    id.ID
	From    clock.Date
	To      clock.Date // "" = until withdrawn
	By      id.ID
	Rev     int64
}

// Active tells whether the grant holds on a day.
func (g Grant) Active(on clock.Date) bool {
	return g.From <= on && (g.To == "" || on <= g.To)
}

// Session is one sign-in of one browser.
type Session struct {
	ID      id.ID
	Account id.ID
	Address string
	Agent   string
	Second  bool // the second factor was given
	Made    string
	Seen    string
}

// The time limits of sessions and locks.
const (
	IdleLimit       = 15 * time.Minute
	IdleLimitAdmin  = 10 * time.Minute
	AbsoluteLimit   = 12 * time.Hour
	FailuresToLock  = 5
	FailuresWithin  = 15 * time.Minute
	LockFor         = 30 * time.Minute
	MinLength       = 10 // characters of a password
	MinLengthAdmin  = 14
	maxPasswordSize = 1024 // bytes; more is refused before any hashing
)

// Expired tells whether a session has ended by itself.
func (s Session) Expired(now time.Time, admin bool) bool {
	made, err1 := clock.ParseInstant(s.Made)
	seen, err2 := clock.ParseInstant(s.Seen)
	idle := IdleLimit
	if admin {
		idle = IdleLimitAdmin
	}
	return err1 != nil || err2 != nil || now.Sub(seen) > idle || now.Sub(made) > AbsoluteLimit
}

// CheckPassword holds a new password against the rules: length, three of four
// classes of characters, nothing of the account's own name.
func CheckPassword(p, login string, admin bool) error {
	least := MinLength
	if admin {
		least = MinLengthAdmin
	}
	var lower, upper, digit, other int
	for _, r := range p {
		switch {
		case unicode.IsLower(r):
			lower = 1
		case unicode.IsUpper(r):
			upper = 1
		case unicode.IsDigit(r):
			digit = 1
		default:
			other = 1
		}
	}
	var bad fault.Fields
	switch n := utf8.RuneCountInString(p); {
	case len(p) > maxPasswordSize:
		bad.Add("password", "account.password.long", maxPasswordSize)
	case n < least:
		bad.Add("password", "account.password.short", least)
	case lower+upper+digit+other < 3:
		bad.Add("password", "account.password.classes")
	case len(login) >= 3 && strings.Contains(strings.ToLower(p), strings.ToLower(login)):
		bad.Add("password", "account.password.login")
	}
	return bad.Err()
}

// CheckGrants holds the roles of one person against the separation of the three
// administrators. has are the active grants over all his accounts, add is the new one.
func CheckGrants(has []actor.Role, add actor.Role) error {
	if !slices.Contains(actor.Roles(), add) {
		return fault.Invalid("account.grant.unknown", string(add))
	}
	for _, h := range has {
		switch {
		case h == add:
			continue
		case h.Administrator() && add.Administrator():
			return fault.State("account.grant.separation", "role."+string(h), "role."+string(add))
		case h.Administrator() != add.Administrator(): // granted staff too: it reads business records
			return fault.State("account.grant.business", "role."+string(h), "role."+string(add))
		}
	}
	return nil
}

// NormalLogin is the form in which sign-in names are kept and compared.
func NormalLogin(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

func checkLogin(s string) error {
	var bad fault.Fields
	bad.Need("login", s)
	bad.Max("login", s, 64)
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("._-@", r) {
			bad.Add("login", "account.login.characters")
			break
		}
	}
	return bad.Err()
}
