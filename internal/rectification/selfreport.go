package rectification

import (
	"context"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/search"
)

// Kinds of items: most come from a finding that was fed back; what a unit found at
// itself and reported in a self-check (举一反三自查) has no visit and no round, and
// is no inspection of it.
const (
	FromFinding = ""
	SelfReport  = "self_report"
)

// kindWords are the choices of the filter: the empty kind needs a word.
var kindWords = []string{"finding", SelfReport}

// OnReported makes the item of a problem that a unit reported itself, in the
// transaction of its answer. Its date is the milder one of the sweep; whatever the
// unit says of it later stays its own word until somebody has verified it.
func (s *Service) OnReported(ctx context.Context, tx *audit.Tx, x inspection.Reported) error {
	c := x.Check
	i := Item{ID: id.New(), Kind: SelfReport, Finding: c.ID, Unit: c.Unit, By: c.By, No: x.No, Title: x.Sweep.Title, Problem: c.Note, Severity: x.Severity, Category: x.Category,
		FedBack: c.AnsweredOn, FirstDue: c.RectifyOn, Due: c.RectifyOn, State: StateToClaim, Claimed: NotStarted}
	if err := insertItem(ctx, tx, i); err != nil {
		return err
	}
	if err := search.Add(ctx, tx.Tx, "item", i.ID, i.words()); err != nil {
		return err
	}
	return event(ctx, tx, i.ID, actor.Actor{Person: c.Author}, SideOther, "self_reported", "", StateToClaim, "")
}

// Filed is the item of a finding or of a self-check, "" when there is none.
func Filed(ctx context.Context, q db.Q, of id.ID) (id.ID, error) {
	i, err := ItemOfFinding(ctx, q, of)
	if fault.Is(err, fault.KindNotFound) {
		return "", nil
	}
	return i.ID, err
}

// source is the page of what an item came from.
func (i Item) source() string {
	if i.Kind == SelfReport {
		return "/self-checks/" + string(i.Finding)
	}
	return "/findings/" + string(i.Finding)
}
