package tip

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"slices"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/secret"
	"huikan/internal/platform/vault"
	"huikan/internal/platform/web"
)

// Schema has the tables of this room.
//
//go:embed schema/*.sql
var Schema embed.FS

// Tables are the rows that the log reconciles.
var Tables = []string{"tip", "tip_entry", "tip_file", "tip_counter"}

// Sealed is the key under which what people told is sealed, Codes the one of
// receipt codes.
const (
	Sealed secret.Purpose = "tip"
	Codes  secret.Purpose = "tip code"
)

// Units is what the room needs of the unit tree; *org.Directory is one.
type Units interface {
	Place(id.ID) access.Place
	Name(id.ID) string
	Short(id.ID) string
	Unit(id.ID) (org.Unit, bool)
}

// Referral is a tip that becomes a lead.
type Referral struct {
	No        string // of the tip
	Person    id.ID
	Name      string
	Unit      id.ID
	ActFrom   clock.Date
	ActTo     clock.Date
	Facts     string
	Informant string // the tip's number where he who told gave his name: the name stays here
}

// Deps is what the room stands on. What other rooms know comes as functions.
type Deps struct {
	Log    *audit.Log
	Policy *access.Policy
	Clock  clock.Clock
	Keys   *secret.Keys
	Files  *vault.Store
	Units  Units
	// Find looks units up by name, code or initials.
	Find func(text string) []id.ID
	// Names gives the names of persons.
	Names func(ctx context.Context, q db.Q, ids ...id.ID) (map[id.ID]string, error)
	// Officers gives who holds a role, by unit (account.Holders).
	Officers func(ctx context.Context, q db.Q, role actor.Role, on clock.Date) (map[id.ID][]id.ID, error)
	// Leaders lists the leadership of a unit.
	Leaders func(ctx context.Context, q db.Q, unit id.ID, on clock.Date) ([]Bearer, error)
	// Named finds staff of a unit who bear a name exactly (person.Named).
	Named func(ctx context.Context, q db.Q, name string, unit id.ID) ([]id.ID, error)
	// Days gives a setting: tip.take, tip.answer, tip.late.
	Days func(ctx context.Context, q db.Q, key string) (int, error)
	// Refer makes a lead in the caller's transaction and gives its number.
	Refer func(ctx context.Context, tx *audit.Tx, who actor.Actor, r Referral) (string, error)
	// Protect puts who told under watch by a unit, the one above his when empty.
	Protect func(ctx context.Context, tx *audit.Tx, person, unit, watch id.ID) error
}

// Service has one method per action of the room.
type Service struct {
	Deps
	hands, allHands *web.Limiter // handing in: one address, all together
	tries, allTries *web.Limiter // wrong codes: one address, all together
}

// How often the public pages may be used. Addresses are counted in memory and
// stand nowhere else.
const (
	handsBurst, handsEvery       = 5, 1.0 / 60 // a second: one a minute
	allHandsBurst, allHandsEvery = 100, 0.5
	triesBurst, triesEvery       = 10, 1.0 / 10
	allTriesBurst, allTriesEvery = 200, 2
)

// New makes the service.
func New(d Deps) *Service {
	return &Service{Deps: d, hands: web.NewLimiter(d.Clock, handsEvery, handsBurst), allHands: web.NewLimiter(d.Clock, allHandsEvery, allHandsBurst),
		tries: web.NewLimiter(d.Clock, triesEvery, triesBurst), allTries: web.NewLimiter(d.Clock, allTriesEvery, allTriesBurst)}
}

func (s *Service) today() clock.Date { return clock.Today(s.Clock) }

// nobody acts for whoever told: without account, session and address.
var nobody actor.Actor

func (s *Service) seal(table string, n id.ID, v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("seal %s: %w", table, err)
	}
	return s.Keys.Seal(Sealed, table+"/"+string(n), b), nil
}

func (s *Service) unseal(table string, n id.ID, sealed []byte, v any) error {
	plain, err := s.Keys.Open(Sealed, table+"/"+string(n), sealed)
	if err != nil {
		return fmt.Errorf("open %s %s: %w", table, n, err)
	}
	if err := json.Unmarshal(plain, v); err != nil {
		return fmt.Errorf("read %s %s: %w", table, n, err)
	}
	return nil
}

func (s *Service) object(t Tip) access.Object {
	return access.Object{Kind: "tip", ID: t.ID, State: t.State, Units: []access.Place{s.Units.Place(t.Office)}, Concerns: t.Concerns}
}

// enter writes a line of the trail. Of him who told only the day is kept.
func (s *Service) enter(ctx context.Context, tx *audit.Tx, e Entry) error {
	var err error
	if e.ID == "" {
		e.ID = id.New()
	}
	if e.At = tx.At; slices.Contains(his, e.Do) {
		e.At = string(s.today())
	}
	if e.sealed, err = s.seal("tip_entry", e.ID, e.Text); err != nil {
		return err
	}
	return insertEntry(ctx, tx, e)
}

// entries reads the trail of a tip with its words and files.
func (s *Service) entries(ctx context.Context, q db.Q, n id.ID) ([]Entry, error) {
	list, err := entriesOf(ctx, q, n)
	if err != nil {
		return nil, err
	}
	files, err := filesOf(ctx, q, n)
	if err != nil {
		return nil, err
	}
	for i := range list {
		e := &list[i]
		if err := s.unseal("tip_entry", e.ID, e.sealed, &e.Text); err != nil {
			return nil, err
		}
		for _, f := range files {
			if f.entry != e.ID {
				continue
			}
			if err := s.unseal("tip_file", f.ID, f.sealed, &f.Name); err != nil {
				return nil, err
			}
			e.Files = append(e.Files, f)
		}
	}
	return list, nil
}

// route is the office to which something goes, and whom of the staff it names:
// that of the unit, or the nearest above where neither an officer nor a leader is
// named and somebody is left to read it. above passes over the unit's own.
func (s *Service) route(ctx context.Context, q db.Q, unit id.ID, above bool, text string, closed []id.ID) (office id.ID, named []id.ID, err error) {
	officers, err := s.Officers(ctx, q, actor.InternalSupervision, s.today())
	if err != nil {
		return "", nil, err
	}
	for at := unit; ; above = false {
		mine := officers[at]
		names, err := s.names(ctx, q, mine...)
		if err != nil {
			return "", nil, err
		}
		people, err := s.Leaders(ctx, q, at, s.today())
		if err != nil {
			return "", nil, err
		}
		for _, n := range mine {
			people = append(people, Bearer{n, names[n]})
		}
		hit := Mentioned(text, people)
		named = append(named, hit...)
		left := slices.ContainsFunc(mine, func(n id.ID) bool { return !slices.Contains(hit, n) && !slices.Contains(closed, n) })
		u, ok := s.Units.Unit(at)
		if !above && len(hit) == 0 && left || !ok || u.Parent == "" {
			return at, named, nil
		}
		at = u.Parent
	}
}

// namedIn are the members of the staff of a unit whom the words name as those
// whom it is about.
func (s *Service) namedIn(ctx context.Context, q db.Q, about string, unit id.ID) (out []id.ID, err error) {
	for _, name := range Names(about) {
		found, err := s.Named(ctx, q, name, unit)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// concern closes a tip to people.
func (s *Service) concern(ctx context.Context, tx *audit.Tx, tip id.ID, ground string, people []id.ID) error {
	slices.Sort(people)
	for _, n := range slices.Compact(people) {
		if err := access.Concern(ctx, tx, tip, n, ground); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) names(ctx context.Context, q db.Q, ids ...id.ID) (map[id.ID]string, error) {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	ids = slices.DeleteFunc(slices.Compact(ids), func(n id.ID) bool { return n == "" })
	if len(ids) == 0 {
		return map[id.ID]string{}, nil
	}
	return s.Names(ctx, q, ids...)
}

// dueIn is the day so many days of a setting from today.
func (s *Service) dueIn(ctx context.Context, q db.Q, key string) (clock.Date, error) {
	n, err := s.Days(ctx, q, key)
	return s.today().AddDays(n), err
}
