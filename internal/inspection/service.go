package inspection

import (
	"context"
	"embed"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/person"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/export"
	"huikan/internal/platform/vault"
)

// Schema has the tables of this room.
//
//go:embed schema/*.sql
var Schema embed.FS

// Tables are the rows that the log reconciles.
var Tables = []string{"inspection_term", "inspection_round", "inspection_team", "inspection_member",
	"inspection_visit", "inspection_finding", "inspection_circular", "inspection_problem", "inspection_sweep", "inspection_sweep_answer", "inspection_criterion", "inspection_taxonomy", "inspection_file", "inspection_check_file"}

// Deps is what the room stands on.
type Deps struct {
	Log    *audit.Log
	Policy *access.Policy
	Clock  clock.Clock
	Units  *org.Directory
	People *person.Service // for pickers
	Vault  *vault.Store    // keeps the originals of imported circulars
	// Closed tells for findings on which day their rectification was closed; the ledger above knows it. Nil: nobody does.
	Closed func(ctx context.Context, q db.Q, findings []id.ID) (map[id.ID]clock.Date, error)
	// Filed tells the ledger's item of a finding or self-check, "" when there is none. Nil: nobody does.
	Filed func(ctx context.Context, q db.Q, of id.ID) (id.ID, error)
	// Export takes long lists out as files; while the asker waits when nil.
	Export export.Sender
}

// Service has one method per action of the room.
type Service struct {
	Deps
	log       *audit.Log
	policy    *access.Policy
	onFed     []FedBackFunc
	withdrawn []WithdrawnFunc
	guards    []Guard
	reported  []ReportedFunc
	links     []LinksFunc
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

func (s *Service) today() clock.Date { return clock.Today(s.Clock) }
