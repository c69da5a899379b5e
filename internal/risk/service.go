package risk

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/org/intake"
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
var Tables = []string{"risk_counter", "risk_load", "risk_case", "risk_version", "risk_setting", "risk_run", "risk_alert", "risk_entry", "risk_point", "risk_trigger"}

// Sealed is the key under which events, facts and reasons are sealed.
const Sealed secret.Purpose = "risk"

// Units is what the room needs of the unit tree; *org.Directory is one.
type Units interface {
	Place(id.ID) access.Place
	Name(id.ID) string
	Short(id.ID) string
	Unit(id.ID) (org.Unit, bool)
}

// LeadCmd is what an alert gives to the room of leads.
type LeadCmd struct {
	Ref    string
	Person id.ID
	From   clock.Date
	To     clock.Date
	Facts  string
}

// FindingRef is a finding of an inspection, as the closed loop shows it.
type FindingRef struct {
	No    string     `json:"no"`
	Title string     `json:"title"`
	On    clock.Date `json:"on"`
	Href  string     `json:"href"`
}

// Deps is what the room stands on. What other rooms know comes as functions; a
// nil one is said plainly on the page that would show it.
type Deps struct {
	Log    *audit.Log
	Policy *access.Policy
	Clock  clock.Clock
	Keys   *secret.Keys
	Units  Units
	Root   func() id.ID
	// Find looks units up by name, code or initials.
	Find func(text string) []id.ID
	// Names gives the names of persons (person.Names).
	Names func(ctx context.Context, q db.Q, ids ...id.ID) (map[id.ID]string, error)
	// Person reads a person (person.ByID); StaffNo finds one by the staff number.
	Person  func(ctx context.Context, q db.Q, n id.ID) (person.Person, error)
	StaffNo func(ctx context.Context, q db.Q, no string) (person.Person, error)
	// Contacts gives the days of recorded contacts about a case by its number.
	Contacts func(ctx context.Context, q db.Q) (func(caseNo string) []clock.Date, error)
	// Restricted gives the lawyers who may not act, by licence number.
	Restricted func(ctx context.Context) (map[string]Restriction, error)
	// TakeLead hands a person and facts to the room of leads and gives the number.
	TakeLead func(ctx context.Context, tx *audit.Tx, who actor.Actor, cmd LeadCmd) (no string, err error)
	// Findings lists what inspections found at a unit, newest first.
	Findings func(ctx context.Context, q db.Q, unit id.ID, limit int) ([]FindingRef, error)
}

// Service has one method per action of the room.
type Service struct {
	Deps
	log    *audit.Log
	policy *access.Policy
	cat    *Catalogue
	held   *intake.Held
	busy   chan struct{} // one run at a time in this process
}

// New makes the service.
func New(d Deps) *Service {
	return &Service{Deps: d, log: d.Log, policy: d.Policy, cat: Shipped(), held: intake.NewHeld(d.Clock), busy: make(chan struct{}, 1)}
}

func (s *Service) today() clock.Date { return clock.Today(s.Clock) }

func (s *Service) sealJSON(table string, n id.ID, v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("seal %s %s: %w", table, n, err)
	}
	return s.Keys.Seal(Sealed, table+"/"+string(n), b), nil
}

func (s *Service) openJSON(table string, n id.ID, sealed []byte, v any) error {
	plain, err := s.Keys.Open(Sealed, table+"/"+string(n), sealed)
	if err == nil {
		err = json.Unmarshal(plain, v)
	}
	if err != nil {
		return fmt.Errorf("open %s %s: %w", table, n, err)
	}
	return nil
}

// Confirmed is a setting that somebody confirmed or changed, or a rule whose
// source he saw.
type Confirmed struct {
	ID     id.ID  `json:"id"`
	Key    string `json:"key"`
	Value  int    `json:"value"`
	Source string `json:"source"`
	Person id.ID  `json:"person"`
	At     string `json:"at"`
}

// settings gives the numbers in force: as confirmed, else as shipped.
func (s *Service) settings(ctx context.Context, q db.Q) (map[string]int, map[string]Confirmed, error) {
	set, err := settingsIn(ctx, q)
	out := map[string]int{}
	for _, x := range s.cat.Settings {
		out[x.Key] = x.Value
		if c, ok := set[x.Key]; ok {
			out[x.Key] = c.Value
		}
	}
	return out, set, err
}

func (s *Service) setting(ctx context.Context, q db.Q, key string) (int, error) {
	all, _, err := s.settings(ctx, q)
	return all[key], err
}

// ConfirmCmd confirms or changes a setting, or confirms the source of a rule.
type ConfirmCmd struct {
	Key    string `json:"key"`
	Value  int    `json:"value"`
	Source string `json:"source"`
}

// Confirm notes that somebody saw the source, or that a place sets a number
// otherwise. Only the office of the highest unit does so; nothing is overwritten.
func (s *Service) Confirm(ctx context.Context, who actor.Actor, cmd ConfirmCmd) error {
	var bad fault.Fields
	_, known := s.cat.Setting(cmd.Key)
	if !known && !slices.ContainsFunc(s.cat.Rules, func(v Version) bool { return "rule."+v.Rule == cmd.Key && v.Open() }) {
		bad.Add("key", "risk.bad.choice", cmd.Key)
	}
	if known && (cmd.Value < 1 || cmd.Value > 3650) {
		bad.Add("value", "risk.bad.value")
	}
	bad.Need("source", cmd.Source)
	bad.Max("source", cmd.Source, 500)
	if err := bad.Err(); err != nil {
		return err
	}
	return s.log.Write(ctx, who, "risk_setting.confirm", func(tx *audit.Tx) error {
		if err := s.policy.Can(who, "risk_setting.confirm", access.Object{Kind: "risk_setting"}); err != nil {
			return err
		}
		if !who.Has(actor.System) && !slices.ContainsFunc(who.Grants, func(g actor.Grant) bool { return g.Role == actor.InternalSupervision && g.Unit == s.Root() }) {
			return forbid("risk.refuse.root")
		}
		tx.Note("key", cmd.Key)
		tx.Note("value", cmd.Value)
		return insertSetting(ctx, tx, Confirmed{ID: id.New(), Key: cmd.Key, Value: cmd.Value, Source: cmd.Source, Person: who.Person})
	})
}

// home is the unit whose office judges what happened: members of a leadership and
// whole units are judged by the unit above, so that nobody judges who is over him.
func (s *Service) home(unit id.ID, above bool) id.ID {
	if u, ok := s.Units.Unit(unit); ok && above && u.Parent != "" {
		return u.Parent
	}
	return unit
}

func (s *Service) level(unit id.ID) int {
	u, _ := s.Units.Unit(unit)
	return u.Level
}

// office is the unit for which an actor works in this room: that of his grant,
// else his own; the root for the program.
func (s *Service) office(who actor.Actor) id.ID {
	for _, g := range who.Grants {
		if g.Role == actor.InternalSupervision {
			return g.Unit
		}
	}
	if who.Unit != "" {
		return who.Unit
	}
	return s.Root()
}

// number gives the next number of a unit and year: F alerts, D points.
func (s *Service) number(ctx context.Context, tx *audit.Tx, letter string, unit id.ID) (string, error) {
	u, _ := s.Units.Unit(unit)
	year := strconv.Itoa(s.today().Year())
	n, err := next(ctx, tx, letter+"/"+string(unit)+"/"+year)
	return fmt.Sprintf("%s-%s-%s-%04d", letter, u.Code, year, n), err
}

func (s *Service) enter(ctx context.Context, tx *audit.Tx, e Entry) (err error) {
	e.ID = id.New()
	if e.sealed, err = s.sealJSON("risk_entry", e.ID, e.Text); err != nil {
		return err
	}
	return insertEntry(ctx, tx, e)
}

// Entry is one line of a trail.
type Entry struct {
	ID     id.ID  `json:"id"`
	Object id.ID  `json:"object"`
	At     string `json:"at"`
	Person id.ID  `json:"person,omitempty"`
	Do     string `json:"do"`
	Old    string `json:"old,omitempty"`
	New    string `json:"new,omitempty"`
	Text   string `json:"text,omitempty"`

	sealed []byte
}

func (s *Service) entries(ctx context.Context, q db.Q, object id.ID) ([]Entry, error) {
	list, err := entriesOf(ctx, q, object)
	for i := range list {
		if err := s.openJSON("risk_entry", list[i].ID, list[i].sealed, &list[i].Text); err != nil {
			return nil, err
		}
	}
	return list, err
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
