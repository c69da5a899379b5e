package conduct

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"slices"

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
)

// Schema has the tables of this room.
//
//go:embed schema/*.sql
var Schema embed.FS

// Tables are the rows that the log reconciles.
var Tables = []string{"conduct_counter", "conduct_lead", "conduct_case", "conduct_entry", "conduct_clock", "conduct_pause", "conduct_sanction", "conduct_outcome",
	"conduct_served", "conduct_self", "conduct_check", "conduct_protected", "conduct_watch", "conduct_small", "conduct_setting"}

// Narrative is the key under which what people told is sealed.
const Narrative secret.Purpose = "conduct"

// Units is what the room needs of the unit tree; *org.Directory is one.
type Units interface {
	Place(id.ID) access.Place
	Name(id.ID) string
	Short(id.ID) string
	Unit(id.ID) (org.Unit, bool)
}

// Deps is what the room stands on. What other rooms know comes as functions; a
// nil one is said plainly on the page that would show it.
type Deps struct {
	Log    *audit.Log
	Policy *access.Policy
	Clock  clock.Clock
	Keys   *secret.Keys
	Units  Units
	// Find looks units up by name, code or initials.
	Find func(text string) []id.ID
	// Children lists the units directly below one; nil: none.
	Children func(id.ID) []id.ID
	// Names gives the names of persons (person.Names).
	Names func(ctx context.Context, q db.Q, ids ...id.ID) (map[id.ID]string, error)
	// Person reads a person (person.ByID); Kin lists declared relatives who are staff (person.Kin).
	Person func(ctx context.Context, q db.Q, n id.ID) (person.Person, error)
	Kin    func(ctx context.Context, q db.Q, n id.ID) ([]id.ID, error)
	// Moves lists personnel actions about persons since a day (person.Moves).
	Moves func(ctx context.Context, q db.Q, since clock.Date, persons ...id.ID) ([]person.Move, error)
	// Staff counts the serving people of units, for rates.
	Staff func(ctx context.Context, q db.Q) (map[id.ID]int, error)
	// Departments names departments.
	Departments func(ctx context.Context, q db.Q, ids ...id.ID) (map[id.ID]string, error)
	// Backward are the sources of the backward check, in the order of the page.
	Backward []Source
}

// Service has one method per action of the room.
type Service struct {
	Deps
	log    *audit.Log
	policy *access.Policy
	rules  *Catalogue
}

// New makes the service.
func New(d Deps) *Service {
	return &Service{Deps: d, log: d.Log, policy: d.Policy, rules: Rulebook()}
}

func (s *Service) today() clock.Date { return clock.Today(s.Clock) }

func (s *Service) seal(table string, n id.ID, v any) []byte {
	return s.Keys.Seal(Narrative, table+"/"+string(n), []byte(jsonText(v)))
}

func (s *Service) open(table string, n id.ID, sealed []byte, v any) error {
	if len(sealed) == 0 {
		return nil
	}
	plain, err := s.Keys.Open(Narrative, table+"/"+string(n), sealed)
	if err != nil {
		return fmt.Errorf("open %s %s: %w", table, n, err)
	}
	if err := json.Unmarshal(plain, v); err != nil {
		return fmt.Errorf("read %s %s: %w", table, n, err)
	}
	return nil
}

// Confirmed is a setting that somebody confirmed or changed, with the source
// that he saw.
type Confirmed struct {
	ID     id.ID  `json:"id"`
	Key    string `json:"key"`
	Value  int    `json:"value"`
	Source string `json:"source"`
	Person id.ID  `json:"person"`
	At     string `json:"at"`
}

// setting gives the number in force: as confirmed, else as shipped.
func (s *Service) setting(ctx context.Context, q db.Q, key string) (Setting, error) {
	x, ok := s.rules.Setting(key)
	if !ok {
		return x, nil
	}
	set, err := settingsIn(ctx, q)
	if c, there := set[key]; there {
		x.Value = c.Value
	}
	return x, err
}

// Days lends a number of the settings to a room whose times are confirmed with
// those of this one.
func (s *Service) Days(ctx context.Context, q db.Q, key string) (int, error) {
	x, err := s.setting(ctx, q, key)
	return x.Value, err
}

// ConfirmCmd confirms or changes a setting.
type ConfirmCmd struct {
	Key    string `json:"key"`
	Value  int    `json:"value"`
	Source string `json:"source"`
}

// Confirm notes that somebody saw the source of a setting, or that a place sets
// it otherwise. Only the office of the highest unit does so.
func (s *Service) Confirm(ctx context.Context, who actor.Actor, cmd ConfirmCmd) error {
	var bad fault.Fields
	if _, ok := s.rules.Setting(cmd.Key); !ok && !s.rules.open(cmd.Key) {
		bad.Add("key", "conduct.bad.choice", cmd.Key)
	}
	if cmd.Value < 1 || cmd.Value > 3650 {
		bad.Add("value", "conduct.bad.value")
	}
	bad.Need("source", cmd.Source)
	bad.Max("source", cmd.Source, 500)
	if err := bad.Err(); err != nil {
		return err
	}
	return s.log.Write(ctx, who, "conduct_rule.confirm", func(tx *audit.Tx) error {
		if err := s.policy.Can(who, "conduct_rule.confirm", access.Object{Kind: "conduct_rule"}); err != nil {
			return err
		}
		tx.Note("key", cmd.Key)
		tx.Note("value", cmd.Value)
		return insertSetting(ctx, tx, Confirmed{ID: id.New(), Key: cmd.Key, Value: cmd.Value, Source: cmd.Source, Person: who.Person})
	})
}

// open tells whether a key names a row of the law that waits for confirmation.
func (c *Catalogue) open(key string) bool {
	for _, k := range c.Kinds {
		for _, v := range k.Versions {
			if v.Evidence != Law && key == "law."+k.ID+"."+v.Doc {
				return true
			}
		}
	}
	return false
}

// home is the unit whose office works a matter about a person and whose leader
// decides: members of a leadership are managed by the unit above.
func (s *Service) home(unit id.ID, leadership bool) id.ID {
	if u, ok := s.Units.Unit(unit); ok && leadership && u.Parent != "" {
		return u.Parent
	}
	return unit
}

func (s *Service) level(unit id.ID) int {
	u, _ := s.Units.Unit(unit)
	return u.Level
}

// free refuses somebody as handler of a matter about a person: the person
// himself, a declared relative of any degree, or whoever was recused.
func (s *Service) free(ctx context.Context, q db.Q, subject, handler, object id.ID) error {
	if handler == subject {
		return refuse("conduct.refuse.subject")
	}
	kin, err := s.Kin(ctx, q, subject)
	if err != nil {
		return err
	}
	theirs, err := s.Kin(ctx, q, handler)
	if err != nil {
		return err
	}
	if slices.Contains(kin, handler) || slices.Contains(theirs, subject) {
		return refuse("conduct.refuse.kin")
	}
	concerned, err := access.Concerns(ctx, q, object)
	if err != nil {
		return err
	}
	if slices.Contains(concerned, handler) {
		return refuse("conduct.refuse.recused")
	}
	return nil
}

// names looks up persons for display.
func (s *Service) names(ctx context.Context, q db.Q, ids ...id.ID) (map[id.ID]string, error) {
	slices.Sort(ids)
	ids = slices.DeleteFunc(slices.Compact(ids), func(n id.ID) bool { return n == "" })
	if len(ids) == 0 {
		return map[id.ID]string{}, nil
	}
	return s.Names(ctx, q, ids...)
}

func (s *Service) unitOf(text string) (id.ID, bool) {
	found := s.Find(text)
	if len(found) != 1 {
		return "", false
	}
	return found[0], true
}

// retired tells whether a person left by retirement (J-8); whoever left
// otherwise or died is treated alike (政务处分法 27).
func retired(p person.Person) bool {
	return p.Status != person.Serving && p.Status != person.Transferred
}
