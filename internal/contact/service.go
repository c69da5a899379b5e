package contact

import (
	"cmp"
	"context"
	"crypto/rand"
	"embed"
	"encoding/base32"
	"fmt"
	"slices"
	"sync"

	"huikan/internal/account"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/person"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/secret"
	"huikan/internal/platform/vault"
)

// Schema has the tables of this room.
//
//go:embed schema/*.sql
var Schema embed.FS

// Tables are the rows that the log reconciles.
var Tables = []string{"contact_matter", "contact_key", "contact_entry", "contact_file", "contact_opening", "contact_return", "contact_takeover", "contact_former", "contact_gate",
	"contact_delegate", "contact_setting", "contact_reminder", "contact_closing", "contact_crosscheck", "contact_crosscheck_entry", "contact_published", "contact_caseload", "contact_draw", "contact_letter", "contact_letter_entry", "contact_omission", "contact_omission_entry", "contact_talk", "contact_talk_entry", "contact_summary"}

// Deps is what the room stands on.
type Deps struct {
	Log    *audit.Log
	Policy *access.Policy
	Clock  clock.Clock
	Keys   *secret.Keys
	Files  *vault.Store
	Units  *org.Directory
	// Protect puts a recorder under the watch of an office; nil where no room watches.
	Protect func(ctx context.Context, tx *audit.Tx, person, unit, watch id.ID) error
	// Refer hands a matter to the room of conduct cases and gives the lead's number,
	// which is all that stays here; nil where the discipline line works on paper.
	Refer func(ctx context.Context, tx *audit.Tx, who actor.Actor, r Referral) (no string, err error)
}

// Referral is what goes over to the conduct cases: whom it is about and what the
// office found. Who recorded it does not go with it.
type Referral struct {
	Code   string // of the record, as the source's reference
	Person id.ID  // when known
	Name   string
	Unit   id.ID
	On     clock.Date
	Group  string // of the class in force, or Unrecorded
	Text   string
}

// Unrecorded is the group of a referral about a record that was not made.
const Unrecorded = "unrecorded"

// Service has one method per action of the room.
type Service struct {
	Deps
	Rules    *RuleSet
	Calendar *clock.Calendar
	log      *audit.Log
	policy   *access.Policy

	mu       sync.Mutex
	settings settingsCache
	tallies  tallyCache
	figures  figureCache
	peerSums keep[map[string]peerSum]
}

// New makes the service.
func New(d Deps) *Service {
	s := &Service{Deps: d, Rules: TheRules, Calendar: clock.National(), log: d.Log, policy: d.Policy}
	s.peerSums.age, s.peerSums.most = peersAge, peersKept
	s.tallies.years.age, s.tallies.years.most = tallyAge, formerYears
	return s
}

func (s *Service) today() clock.Date { return clock.Today(s.Clock) }

// names gives the names of persons.
func (s *Service) names(ctx context.Context, q db.Q, ids ...id.ID) (map[id.ID]string, error) {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	ids = slices.DeleteFunc(slices.Compact(ids), func(n id.ID) bool { return n == "" })
	if len(ids) == 0 {
		return map[id.ID]string{}, nil
	}
	return person.Names(ctx, q, ids...)
}

// newCode makes the code of a receipt: 80 random bits in letters and digits that
// are not mistaken for each other. Nobody can guess another one's.
func newCode() (string, error) {
	b := make([]byte, 10)
	if _, err := rand.Read(b); err != nil {
		return "", fmt.Errorf("make a code: %w", err)
	}
	t := base32.StdEncoding.EncodeToString(b)
	return t[:4] + "-" + t[4:8] + "-" + t[8:12] + "-" + t[12:], nil
}

// load reads a matter and judges an action on it, under the pseudonym of the actor.
// What is not there is asked as much as what is hidden, so that both take as long.
func (s *Service) load(ctx context.Context, q db.Q, who actor.Actor, n id.ID, actions ...string) (Matter, error) {
	m, absent := matterByID(ctx, q, n)
	concerns, err := access.Concerns(ctx, q, n)
	o, shadow := s.object(m, concerns), s.shadow(who)
	if refused := s.policy.Can(shadow, "matter.read", o); absent != nil || err != nil || refused != nil {
		return m, cmp.Or(absent, err, refused)
	}
	for _, a := range actions {
		if err := s.policy.Can(shadow, a, o); err != nil {
			return m, err
		}
	}
	return m, nil
}

// mine tells whether the actor is the matter's reporter.
func (s *Service) mine(who actor.Actor, m Matter) bool {
	return who.Person != "" && m.Reporter == string(s.Ref(who.Person))
}

// step judges one step of a matter's workflow. Whoever reported a matter takes
// no step of the office on it.
func (s *Service) step(ctx context.Context, tx *audit.Tx, who actor.Actor, n id.ID, do string, rev int64) (Matter, string, error) {
	m, err := s.load(ctx, tx, who, n)
	if err != nil {
		return m, "", err
	}
	to, err := Flow.Next(m.State, do)
	if err != nil {
		if !s.policy.Ever(who, "matter."+do) {
			return m, "", fault.Denied("matter", "matter."+do+": no role")
		}
		return m, "", err
	}
	concerns, err := access.Concerns(ctx, tx, m.ID)
	if err != nil {
		return m, "", err
	}
	if err := s.policy.Can(s.shadow(who), "matter."+do, s.object(m, concerns)); err != nil {
		return m, "", err
	}
	if !slices.Contains(reporterSteps, do) && s.mine(who, m) {
		return m, "", fault.Denied("matter", "matter."+do+": the reporter himself")
	}
	if rev != 0 && rev != m.Rev {
		return m, "", fault.Conflict("matter")
	}
	return m, to, nil
}

var reporterSteps = []string{"save", "submit", "discard", "supplement", "withdraw"}

// reader names the key of an office: the purpose under which its wraps are sealed.
func reader(unit id.ID) secret.Purpose { return secret.Purpose("contact-office/" + string(unit)) }

// self is the purpose of the reporter's own wraps.
const self secret.Purpose = "contact-reporter"

// route finds the two offices that hold wraps for a record: the nearest unit
// upwards that has somebody of the office who is not concerned, and the next one
// above it. Units are passed over as the rules say.
func (s *Service) route(ctx context.Context, q db.Q, c Content, unit id.ID) (office, upper id.ID, err error) {
	holders, err := account.Holders(ctx, q, actor.InternalSupervision, s.today())
	if err != nil {
		return "", "", err
	}
	asker, err := s.leads(ctx, q, c)
	if err != nil {
		return "", "", err
	}
	var found []id.ID
	root := s.Units.Root().ID
	for at := unit; at != ""; {
		u, _ := s.Units.Unit(at)
		free := slices.ContainsFunc(holders[at], func(p id.ID) bool { return p != c.Reporter && p != c.AskerPerson })
		passed := c.Hidden && at == unit || asker == at
		if (free && !passed || at == root) && !slices.Contains(found, at) {
			found = append(found, at)
		}
		if len(found) == 2 {
			break
		}
		at = u.Parent
	}
	found = append(found, "")
	return found[0], found[1], nil
}

// leads gives the unit in whose leadership the person asking sits: its office
// are his subordinates.
func (s *Service) leads(ctx context.Context, q db.Q, c Content) (id.ID, error) {
	if c.AskerPerson == "" {
		if u, ok := s.Units.Resolve(c.AskerUnit); ok && c.AskerLeader {
			return u.ID, nil
		}
		return "", nil
	}
	terms, err := person.Terms(ctx, q, c.AskerPerson)
	if err != nil {
		return "", err
	}
	for _, t := range terms {
		if t.Covers(s.today()) && (t.Leadership || c.AskerLeader) {
			return t.Unit, nil
		}
	}
	return "", nil
}
