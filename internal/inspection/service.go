package inspection

import (
	"context"
	"embed"
	"slices"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
)

// Schema has the tables of this room.
//
//go:embed schema/*.sql
var Schema embed.FS

// Tables are the rows that the log reconciles.
var Tables = []string{"inspection_term", "inspection_round", "inspection_team", "inspection_member",
	"inspection_visit", "inspection_finding", "inspection_circular"}

// Deps is what the room stands on.
type Deps struct {
	Log    *audit.Log
	Policy *access.Policy
	Clock  clock.Clock
}

// Service has one method per action of the room.
type Service struct {
	Deps
	log    *audit.Log
	policy *access.Policy
	onFed  []FedBackFunc
}

// FedBackFunc runs inside the transaction of a feedback, once for each finding.
type FedBackFunc func(ctx context.Context, tx *audit.Tx, f Finding, due clock.Date) error

// New makes the service.
func New(d Deps) *Service { return &Service{Deps: d, log: d.Log, policy: d.Policy} }

// OnFedBack registers what has to happen in the same transaction in which a
// finding reaches its unit. Register before the first request is served.
func (s *Service) OnFedBack(fn func(ctx context.Context, tx *audit.Tx, f Finding, due clock.Date) error) {
	s.onFed = append(s.onFed, fn)
}

func (s *Service) fedBack(ctx context.Context, tx *audit.Tx, f Finding, due clock.Date) error {
	for _, fn := range s.onFed {
		if err := fn(ctx, tx, f, due); err != nil {
			return err
		}
	}
	return nil
}

// AddFindingCmd is the content of a new or changed finding.
type AddFindingCmd struct {
	Visit       id.ID   `json:"visit"`
	Category    string  `json:"category"`
	Aspect      string  `json:"aspect"`
	Title       string  `json:"title"`
	Fact        string  `json:"fact"`
	Basis       string  `json:"basis"`
	Cause       string  `json:"cause"`
	Consequence string  `json:"consequence"`
	Severity    string  `json:"severity"`
	Scope       string  `json:"scope"`
	Origin      string  `json:"origin"`
	HigherCause bool    `json:"higher_cause"`
	Amount      string  `json:"amount"`      // yuan, at most two decimals
	Responsible string  `json:"responsible"` // name, code or id of a unit; empty for the inspected unit
	Recurs      id.ID   `json:"recurs"`
	Subjects    []id.ID `json:"subjects"` // persons whom the finding concerns
	Rev         int64   `json:"rev"`
}

// fields of a command in the order of the form, for comparing two versions.
func (c AddFindingCmd) fields() [][2]string {
	return slices.Clone([][2]string{{"category", c.Category}, {"aspect", c.Aspect}, {"title", c.Title}, {"fact", c.Fact}, {"basis", c.Basis},
		{"cause", c.Cause}, {"consequence", c.Consequence}, {"severity", c.Severity}, {"scope", c.Scope}, {"origin", c.Origin}, {"amount", c.Amount}})
}
