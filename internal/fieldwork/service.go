package fieldwork

import (
	"context"
	"embed"
	"strings"

	"huikan/internal/inspection"
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
var Tables = []string{"fieldwork_slot", "fieldwork_period", "fieldwork_act", "fieldwork_immediate", "fieldwork_request", "fieldwork_file",
	"fieldwork_inspector", "fieldwork_recusal", "fieldwork_checklist", "fieldwork_check", "fieldwork_paper", "fieldwork_bears",
	"fieldwork_answer", "fieldwork_report", "fieldwork_clue", "fieldwork_kit", "fieldwork_clash"}

// Deps is what the room stands on.
type Deps struct {
	Log     *audit.Log
	Policy  *access.Policy
	Clock   clock.Clock
	Keys    *secret.Keys
	Files   *vault.Store
	Units   *org.Directory
	People  *person.Service
	Inspect *inspection.Service
}

// Service has one method per action of the room.
type Service struct {
	Deps
	cal *clock.Calendar
}

// New makes the service.
func New(d Deps) *Service { return &Service{Deps: d, cal: clock.National()} }

func (s *Service) today() clock.Date { return clock.Today(s.Clock) }

func (s *Service) read(ctx context.Context, fn func(q db.Q) error) error {
	return s.Log.DB().Read(ctx, fn)
}

// visit reads a visit with its round and judges an action on it.
func (s *Service) visit(ctx context.Context, q db.Q, who actor.Actor, visit id.ID, action string) (inspection.Visit, inspection.Round, error) {
	v, err := inspection.VisitByID(ctx, q, visit)
	if err != nil {
		return v, inspection.Round{}, err
	}
	if err := s.Policy.Can(who, action, s.object(kindOf(action), v.State, scopeOf(v), "")); err != nil {
		return v, inspection.Round{}, err
	}
	r, err := inspection.RoundByID(ctx, q, v.Round)
	return v, r, err
}

func kindOf(action string) string {
	kind, _, _ := strings.Cut(action, ".")
	return kind
}

// round reads a round and judges an action on it.
func (s *Service) round(ctx context.Context, q db.Q, who actor.Actor, round id.ID, action string) (inspection.Round, error) {
	r, err := inspection.RoundByID(ctx, q, round)
	if err != nil {
		return r, err
	}
	return r, s.Policy.Can(who, action, s.object(kindOf(action), r.State, roundScope(r, who), ""))
}

func sole(field, key string, args ...any) error {
	var bad fault.Fields
	bad.Add(field, key, args...)
	return bad.Err()
}

// Limits of the texts, in characters.
const (
	maxLine = 200
	maxNote = 2000
	maxText = 20000
	maxLong = 200000
)

// oneOf refuses a value that the form does not offer.
func oneOf(bad *fault.Fields, name, value string, allowed []string) {
	if strings.TrimSpace(value) == "" {
		bad.Need(name, "")
		return
	}
	for _, a := range allowed {
		if a == value {
			return
		}
	}
	bad.Add(name, "finding.bad.choice", value)
}

// onSite refuses work of the field at a unit where the team is not or was not.
func onSite(v inspection.Visit, action string) error {
	if v.State == inspection.VisitOnSite || v.State == inspection.VisitLeft {
		return nil
	}
	return fault.State("error.state", action, "visit.state."+v.State)
}
