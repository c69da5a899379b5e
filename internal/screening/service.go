package screening

import (
	"context"
	"embed"
	"net/netip"
	"sync/atomic"
	"time"

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
	"huikan/internal/platform/vault"
)

// Schema has the tables of this room.
//
//go:embed schema/*.sql
var Schema embed.FS

// Tables are the rows that the log reconciles.
var Tables = []string{"screening_version", "screening_mapping", "screening_run", "screening_hit", "screening_judgement", "screening_warning",
	"screening_warning_event", "screening_hook", "screening_delivery", "screening_edition", "screening_model", "screening_declaration", "screening_departure", "screening_departure_event"}

// Deps is what the room stands on.
type Deps struct {
	Log    *audit.Log
	Policy *access.Policy
	Clock  clock.Clock
	Keys   *secret.Keys
	Files  *vault.Store
	Dir    *org.Directory
	People *person.Service
	// Find looks units up by id, code, name or initials.
	Find func(text string) []id.ID
	// Networks are private ones that webhooks may call.
	Networks []netip.Prefix
	// Refer hands a confirmed hit to the room of leads in the same transaction and gives
	// the number; without it nothing is handed over.
	Refer func(ctx context.Context, tx *audit.Tx, who actor.Actor, r Referral) (no string, err error)
	// DeclareBy is the last day of the yearly statement about relatives.
	DeclareBy DeclareBy
	// Pledge is what is asked before somebody leaves; PledgeSecond when empty.
	Pledge PledgeRule
}

// Referral is what goes over to the leads: which member of staff it is about, and what the rules say of it.
type Referral struct {
	Person id.ID // when he is kept among the people
	Name   string
	Unit   id.ID
	Facts  string
}

// Units is what the room needs of the unit tree for access and display.
type Units interface {
	Place(id.ID) access.Place
	Name(id.ID) string
	Short(id.ID) string
}

// Service has one method per action of the room.
type Service struct {
	Deps
	Units  Units
	log    *audit.Log
	policy *access.Policy
	boards boards
	live   atomic.Pointer[board]
	seen   atomic.Int64 // when the live board was last compared with the registers
	law1   atomic.Pointer[lawNow]
	ends   atomic.Pointer[kept[ending]] // the calendar
	both   atomic.Pointer[kept[pairOf]] // relatives who both serve
	counts counts                       // of hits
	post   poster                       // sends to webhooks
	held   *intake.Held
}

// New makes the service. From then on nobody leaves the service without what Pledge asks.
func New(d Deps) *Service {
	if d.Pledge == "" {
		d.Pledge = PledgeSecond
	}
	s := &Service{Deps: d, Units: d.Dir, log: d.Log, policy: d.Policy, boards: boards{large: large}, post: guardedPost, held: intake.NewHeld(d.Clock)}
	d.People.BeforeLeaving(person.Gate{May: s.mayLeave, Left: s.hasLeft, Where: func(p person.Person) string { return "/screening/persons/person:" + string(p.ID) }})
	return s
}

func (s *Service) today() clock.Date { return clock.Today(s.Clock) }

// Root is the unit above all.
func (s *Service) Root() id.ID { return s.Dir.Root().ID }

// recheck is how long the counter answers from memory before it looks whether
// registers changed elsewhere.
const recheck = 5 * time.Second

// quick gives the board for questions that must be answered at once. A large one is
// made anew by the work in the background only, and answers until then.
func (s *Service) quick(ctx context.Context) (*board, error) {
	now := s.Clock.Now().UnixNano()
	if b := s.live.Load(); b != nil && (now-s.seen.Load() < int64(recheck) || b.ours.size() >= s.boards.large) {
		return b, nil
	}
	b, err := s.board(ctx)
	if err == nil {
		s.seen.Store(now)
	}
	return b, err
}

func hitObject(s *Service, h Hit) access.Object {
	o := access.Object{Kind: "match", ID: h.ID, State: h.State, Units: []access.Place{s.Units.Place(h.Unit)}}
	if h.Person != "" {
		o.Concerns = []id.ID{h.Person}
	}
	return o
}

// load reads a hit that the actor may see.
func (s *Service) load(ctx context.Context, q db.Q, who actor.Actor, n id.ID) (Hit, error) {
	h, err := hitByID(ctx, q, n)
	if err != nil {
		return h, err
	}
	if h.Person == "" { // a concern may be noted for a hit of a register too
		cs, err := access.Concerns(ctx, q, h.ID)
		if err != nil {
			return h, err
		}
		o := hitObject(s, h)
		o.Concerns = cs
		return h, s.policy.Can(who, "match.read", o)
	}
	return h, s.policy.Can(who, "match.read", hitObject(s, h))
}

// step judges one step of a hit's workflow.
func (s *Service) step(ctx context.Context, tx *audit.Tx, who actor.Actor, n id.ID, do string, rev int64) (Hit, string, error) {
	h, err := s.load(ctx, tx, who, n)
	if err != nil {
		return h, "", err
	}
	to, err := MatchFlow.Next(h.State, do)
	if err != nil {
		if !s.policy.Ever(who, "match."+do) {
			return h, "", fault.Denied("match", "match."+do+": no role")
		}
		return h, "", err
	}
	if err := s.policy.Can(who, "match."+do, hitObject(s, h)); err != nil {
		return h, "", err
	}
	if rev != 0 && rev != h.Rev {
		return h, "", fault.Conflict("match")
	}
	return h, to, nil
}
