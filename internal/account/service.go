package account

import (
	"context"
	"embed"
	"fmt"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/secret"
	"huikan/internal/platform/web"
)

// Schema has the tables of this room.
//
//go:embed schema/*.sql
var Schema embed.FS

// Tables are the rows that the log reconciles. Sessions are not among them:
// their beginning and end are entries, their last use is not business.
var Tables = []string{"account", "account_grant"}

// Deps is what the room stands on.
type Deps struct {
	Log      *audit.Log
	Policy   *access.Policy
	Keys     *secret.Keys
	Clock    clock.Clock
	Place    func(unit id.ID) access.Place
	UnitName func(unit id.ID) string
	Units    func(text string) []id.ID                                // units that a person means by a text: name, code or id
	People   func(ctx context.Context, text string) ([]Choice, error) // serving staff by name or number, for binding an account
	Teams    func(ctx context.Context, q db.Q, person id.ID, on clock.Date) ([]actor.Membership, error)
	Kin      func(ctx context.Context, q db.Q, person id.ID) ([]id.ID, error)
	Secure   bool // cookies only over TLS
	Second   bool // administrators must have a second factor
}

// Choice is one offer of a picker.
type Choice struct {
	Value string `json:"value"`
	Label string `json:"label"`
}

// Service does what the room can do.
type Service struct {
	Deps
	hasher *hasher
	tries  *web.Limiter // failed sign-ins of each network address
}

// How many sign-ins may fail from one network address. The lock of an account
// stops guesses at one name; this stops one guess at each of many names.
const (
	triesBurst = 30
	triesEvery = 0.1 // a second
)

// New makes the service.
func New(d Deps) *Service {
	return &Service{Deps: d, hasher: newHasher(), tries: web.NewLimiter(d.Clock, triesEvery, triesBurst)}
}

// Holders lists by unit the persons who hold a role over it on a day, so that
// work is sent to an office that has somebody.
func Holders(ctx context.Context, q db.Q, role actor.Role, on clock.Date) (map[id.ID][]id.ID, error) {
	return holders(ctx, q, string(role), on)
}

// Empty tells whether nobody can sign in yet: the first start.
func (s *Service) Empty(ctx context.Context) (empty bool, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) error {
		n, err := anyAccount(ctx, q)
		empty = n == 0
		return err
	})
	return empty, err
}

func (s *Service) today() clock.Date { return clock.Today(s.Clock) }

// Administrators tells which of the three parts nobody can play, and how many
// accounts of administrators have no second factor.
func (s *Service) Administrators(ctx context.Context) (missing []actor.Role, bare int, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) error {
		for _, r := range []actor.Role{actor.SysAdmin, actor.SecAdmin, actor.Auditor} {
			n, err := countRole(ctx, q, string(r), s.today())
			if err != nil {
				return fmt.Errorf("count administrators: %w", err)
			}
			if n == 0 {
				missing = append(missing, r)
			}
			n, err = countBare(ctx, q, string(r), s.today())
			if err != nil {
				return fmt.Errorf("count administrators: %w", err)
			}
			bare += n
		}
		return nil
	})
	return missing, bare, err
}

// NewAccount is asked of Create.
type NewAccount struct {
	Login  string `json:"login"`
	Name   string `json:"name"`
	Unit   string `json:"unit"`
	Person string `json:"person"`
}

// Create makes an account with a one-time password, which it returns once and
// keeps nowhere.
func (s *Service) Create(ctx context.Context, who actor.Actor, cmd NewAccount) (a Account, password string, err error) {
	cmd.Login = NormalLogin(cmd.Login)
	if err := checkLogin(cmd.Login); err != nil {
		return a, "", err
	}
	var bad fault.Fields
	bad.Need("name", cmd.Name)
	bad.Max("name", cmd.Name, 60)
	units := s.Units(cmd.Unit)
	if len(units) != 1 {
		bad.Add("unit", "account.unit.unknown", cmd.Unit)
	}
	if err := bad.Err(); err != nil {
		return a, "", err
	}
	if password, err = oneTime(); err != nil {
		return a, "", err
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return a, "", err
	}
	a = Account{ID: id.New(), Login: cmd.Login, Person: id.ID(cmd.Person), Name: cmd.Name, Unit: units[0], MustChange: true, ChangedOn: s.today(), Rev: 1, hash: hash}
	err = s.Log.Write(ctx, who, "account.create", func(tx *audit.Tx) error {
		if err := s.Policy.Can(who, "account.create", access.Object{Kind: "account"}); err != nil {
			return err
		}
		if err := insert(ctx, tx, a); err != nil {
			if fault.Is(err, fault.KindConflict) {
				var f fault.Fields
				f.Add("login", "account.login.taken", a.Login)
				return f.Err()
			}
			return fmt.Errorf("make account: %w", err)
		}
		return nil
	})
	return a, password, err
}

// Reset gives an account a new one-time password and ends its sessions.
func (s *Service) Reset(ctx context.Context, who actor.Actor, n id.ID) (password string, err error) {
	if password, err = oneTime(); err != nil {
		return "", err
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return "", err
	}
	err = s.change(ctx, who, "account.reset", n, func(tx *audit.Tx, a Account) error {
		if err := s.notOtherAdministrator(ctx, tx, who, a); err != nil {
			return err
		}
		if err := set(ctx, tx, a, "hash = $1, must_change = TRUE, changed_on = $2", hash, string(s.today())); err != nil {
			return err
		}
		return endSessions(ctx, tx.Tx, a.ID, "")
	})
	return password, err
}

// Disable ends an account and its sessions; Enable opens it again. The last
// auditor cannot be disabled.
func (s *Service) Disable(ctx context.Context, who actor.Actor, n id.ID) error {
	return s.changeGrants(ctx, who, "account.disable", n, func(tx *audit.Tx, a Account) error {
		if a.ID == who.Account {
			return fault.State("account.self")
		}
		if err := s.notOtherAdministrator(ctx, tx, who, a); err != nil {
			return err
		}
		if err := s.keepsAuditor(ctx, tx, a); err != nil {
			return err
		}
		if err := set(ctx, tx, a, "disabled = TRUE"); err != nil {
			return err
		}
		return endSessions(ctx, tx.Tx, a.ID, "")
	})
}

// notOtherAdministrator keeps each of the three administrators away from the
// means by which another one signs in: whoever could reset the password of the
// security administrator would hold both parts. What they lose is replaced by
// the data's owner, at the command line (huikan account reset).
func (s *Service) notOtherAdministrator(ctx context.Context, q db.Q, who actor.Actor, a Account) error {
	if who.Has(actor.System) || a.ID == who.Account {
		return nil
	}
	gs, err := grantsOfPerson(ctx, q, a)
	if err != nil {
		return err
	}
	for _, g := range gs {
		if g.Role.Administrator() && !who.Has(g.Role) && (g.To == "" || g.To >= s.today()) {
			return fault.State("account.other_administrator", "role."+string(g.Role))
		}
	}
	return nil
}

// Enable opens a disabled account.
func (s *Service) Enable(ctx context.Context, who actor.Actor, n id.ID) error {
	return s.change(ctx, who, "account.enable", n, func(tx *audit.Tx, a Account) error {
		return set(ctx, tx, a, "disabled = FALSE, failed = 0, locked_until = ''")
	})
}

// Unlock lifts a lock before its time.
func (s *Service) Unlock(ctx context.Context, who actor.Actor, n id.ID) error {
	return s.change(ctx, who, "account.unlock", n, func(tx *audit.Tx, a Account) error {
		return set(ctx, tx, a, "failed = 0, locked_until = ''")
	})
}

// DropSecond takes a lost second factor away; the owner sets a new one up.
func (s *Service) DropSecond(ctx context.Context, who actor.Actor, n id.ID) error {
	return s.change(ctx, who, "account.drop_second", n, func(tx *audit.Tx, a Account) error {
		if err := s.notOtherAdministrator(ctx, tx, who, a); err != nil {
			return err
		}
		if err := set(ctx, tx, a, "totp = NULL, totp_step = 0"); err != nil {
			return err
		}
		return endSessions(ctx, tx.Tx, a.ID, "")
	})
}

func (s *Service) change(ctx context.Context, who actor.Actor, action string, n id.ID, fn func(tx *audit.Tx, a Account) error) error {
	return s.Log.Write(ctx, who, action, func(tx *audit.Tx) error {
		if err := s.Policy.Can(who, action, access.Object{Kind: "account"}); err != nil {
			return err
		}
		a, err := byID(ctx, tx, n)
		if err != nil {
			return err
		}
		return fn(tx, a)
	})
}

// changeGrants is change for whatever the rules about grants depend on.
func (s *Service) changeGrants(ctx context.Context, who actor.Actor, action string, n id.ID, fn func(tx *audit.Tx, a Account) error) error {
	return s.Log.Write(ctx, who, action, func(tx *audit.Tx) error {
		if err := s.Policy.Can(who, action, access.Object{Kind: "account"}); err != nil {
			return err
		}
		if err := holdGrants(ctx, tx); err != nil {
			return err
		}
		a, err := byID(ctx, tx, n)
		if err != nil {
			return err
		}
		return fn(tx, a)
	})
}

func (s *Service) keepsAuditor(ctx context.Context, tx *audit.Tx, a Account) error {
	gs, err := grantsOf(ctx, tx, a.ID)
	if err != nil {
		return err
	}
	for _, g := range gs {
		if g.Role != actor.Auditor || !g.Active(s.today()) {
			continue
		}
		n, err := countRole(ctx, tx, string(actor.Auditor), s.today())
		if err != nil {
			return err
		}
		if n <= 1 {
			return fault.State("account.last_auditor")
		}
	}
	return nil
}

// NewGrant is asked of Give.
type NewGrant struct {
	Role string     `json:"role"`
	Unit string     `json:"unit"`
	From clock.Date `json:"from"`
	To   clock.Date `json:"to"`
}

// Give grants a role over a unit. It takes effect at the next request.
func (s *Service) Give(ctx context.Context, who actor.Actor, account id.ID, cmd NewGrant) (g Grant, err error) {
	var bad fault.Fields
	units := s.Units(cmd.Unit)
	if len(units) != 1 {
		bad.Add("unit", "account.unit.unknown", cmd.Unit)
	}
	if cmd.From == "" {
		cmd.From = s.today()
	}
	if !cmd.From.Valid() {
		bad.Add("from", "error.date", string(cmd.From))
	}
	switch {
	case cmd.To == "":
	case !cmd.To.Valid():
		bad.Add("to", "error.date", string(cmd.To))
	case cmd.To < cmd.From:
		bad.Add("to", "error.end_before_start")
	}
	if err := bad.Err(); err != nil {
		return g, err
	}
	g = Grant{ID: id.New(), Account: account, Role: actor.Role(cmd.Role), Unit: units[0], From: cmd.From, To: cmd.To, By: who.Account, Rev: 1}
	err = s.changeGrants(ctx, who, "grant.give", account, func(tx *audit.Tx, a Account) error {
		if account == who.Account {
			return fault.State("account.self")
		}
		has, err := grantsOfPerson(ctx, tx, a)
		if err != nil {
			return err
		}
		var roles []actor.Role
		for _, h := range has {
			if h.To == "" || h.To >= g.From {
				roles = append(roles, h.Role)
			}
			if h.Account == account && h.Role == g.Role && h.Unit == g.Unit && h.Active(g.From) {
				return fault.State("account.grant.twice")
			}
		}
		if err := CheckGrants(roles, g.Role); err != nil {
			return err
		}
		tx.Note("role", string(g.Role))
		return insertGrant(ctx, tx, g)
	})
	return g, err
}

// Withdraw ends a grant today; it stays in the record with its dates.
func (s *Service) Withdraw(ctx context.Context, who actor.Actor, account, grant id.ID) error {
	return s.changeGrants(ctx, who, "grant.withdraw", account, func(tx *audit.Tx, a Account) error {
		g, err := grantByID(ctx, tx, grant)
		if err != nil {
			return err
		}
		if g.Account != account {
			return fault.NotFound("grant")
		}
		if account == who.Account {
			return fault.State("account.self")
		}
		if g.Role == actor.Auditor {
			if err := s.keepsAuditor(ctx, tx, a); err != nil {
				return err
			}
		}
		if g.To != "" && g.To < s.today() {
			return fault.State("account.grant.ended")
		}
		tx.Note("role", string(g.Role))
		return endGrant(ctx, tx, g, s.today().AddDays(-1))
	})
}
