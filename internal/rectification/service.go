package rectification

import (
	"context"
	"embed"
	"slices"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/export"
	"huikan/internal/platform/search"
	"huikan/internal/platform/vault"
)

// Schema has the tables of this room.
//
//go:embed schema/*.sql
var Schema embed.FS

// Tables are the rows that the log reconciles.
var Tables = []string{"rectify_item", "rectify_measure", "rectify_serves", "rectify_progress", "rectify_evidence", "rectify_reading",
	"rectify_application", "rectify_extension", "rectify_aside", "rectify_milestone", "rectify_event",
	"rectify_round", "rectify_folder", "rectify_paper", "rectify_act", "rectify_order", "rectify_reminder",
	"rectify_claim", "rectify_signature", "rectify_site", "rectify_hit", "rectify_report", "rectify_figure"}

// Units is what the room needs of the unit tree; *org.Directory is one.
type Units interface {
	Places
	Name(id.ID) string
	Short(id.ID) string
}

// Deps is what the room stands on.
type Deps struct {
	Log    *audit.Log
	Policy *access.Policy
	Clock  clock.Clock
	Units  Units
	Files  *vault.Store
	// Find looks units up by name, code or initials for the filter of the ledger.
	Find func(text string) []id.ID
	// Names gives the names of persons (person.Names).
	Names func(ctx context.Context, q db.Q, ids ...id.ID) (map[id.ID]string, error)
	// Calendar counts working days; the national one when nil.
	Calendar func() *clock.Calendar
	// Export takes long lists out as files; while the asker waits when nil.
	Export export.Sender
}

// Service has one method per action of the room.
type Service struct {
	Deps
	log     *audit.Log
	policy  *access.Policy
	lasting Lasting
}

// New makes the service. Register OnFedBack with the inspections once:
// inspections.OnFedBack(s.OnFedBack).
func New(d Deps) *Service { return &Service{Deps: d, log: d.Log, policy: d.Policy} }

func (s *Service) today() clock.Date { return clock.Today(s.Clock) }

// OnFedBack makes the item of a finding in the transaction of its feedback. The
// clock starts today unless the visit says another day.
func (s *Service) OnFedBack(ctx context.Context, tx *audit.Tx, f inspection.Finding, due clock.Date) error {
	visit, err := inspection.VisitByID(ctx, tx, f.Visit)
	if err != nil {
		return err
	}
	on := visit.Feedback
	if on == "" {
		on = s.today()
	}
	unit := f.Responsible
	if unit == "" {
		unit = f.Unit
	}
	period := due
	rule, due, err := s.deadline(ctx, tx, f.Round, on, f.Severity, period)
	if err != nil {
		return err
	}
	i := Item{ID: id.New(), Finding: f.ID, Round: f.Round, Team: f.Team, Unit: unit, By: f.By, No: f.No, Title: f.Title, Problem: f.Fact,
		Severity: f.Severity, Category: f.Category, FedBack: on, FirstDue: due, Due: due, State: StateToClaim,
		Claimed: ClaimedOf(f.Stated.Status), ClaimedWord: f.Stated.Status, Lead: f.Stated.Lead, Department: f.Stated.Department}
	if err := insertItem(ctx, tx, i); err != nil {
		return err
	}
	if err := openFolders(ctx, tx, []Folder{newFolder(i, rule, period)}); err != nil {
		return err
	}
	// A published circular names measures without saying what they treat; the
	// unit marks that when it plans.
	for _, text := range f.Stated.Measures {
		m := Measure{ID: id.New(), Unit: unit, Text: text, Department: f.Stated.Department, Due: due, State: MeasurePlanned}
		if err := insertMeasure(ctx, tx, m, i.ID); err != nil {
			return err
		}
	}
	persons, err := access.Concerns(ctx, tx, f.ID)
	if err != nil {
		return err
	}
	for _, p := range persons {
		if err := access.Concern(ctx, tx, i.ID, p, access.Subject); err != nil {
			return err
		}
	}
	if err := search.Add(ctx, tx.Tx, "item", i.ID, i.words()); err != nil {
		return err
	}
	return event(ctx, tx, i.ID, actor.Actor{}, SideOther, "fed_back", "", StateToClaim, "")
}

// words are what an item is found by.
func (i Item) words() string { return i.No + "\n" + i.Title + "\n" + i.Problem }

// load reads an item and judges an action on it. Who does not even see it gets
// the answer of an absent one; who sees it but may not act now learns why from
// the workflow.
func (s *Service) load(ctx context.Context, q db.Q, who actor.Actor, item id.ID, action string) (Item, error) {
	i, err := ItemByID(ctx, q, item)
	if err != nil {
		return i, err
	}
	if err := s.canRead(who, i); err != nil {
		return i, err
	}
	if action == "" {
		return i, nil
	}
	if err := s.policy.Can(who, action, Object(i, s.Units)); err != nil {
		return i, forbidden(err, action)
	}
	return i, nil
}

// canRead lets in by the rules of reading, or because the item is lent to a
// look-back team.
func (s *Service) canRead(who actor.Actor, i Item) error {
	o := Object(i, s.Units)
	err := s.policy.Can(who, "item.read", o)
	if err == nil || i.Lent == "" {
		return err
	}
	o.Team = i.Lent
	if s.policy.Can(who, "item.recheck", o) == nil {
		return nil
	}
	return err
}

// step judges one step of the workflow: the item must be seen, the state must
// know the action, the actor must be allowed.
func (s *Service) step(ctx context.Context, tx *audit.Tx, who actor.Actor, item id.ID, do string, rev int64) (Item, string, error) {
	i, err := s.load(ctx, tx, who, item, "")
	if err != nil {
		return i, "", err
	}
	to, err := Flow.Next(i.State, do)
	if err != nil {
		if !s.everMay(who, i, do) {
			return i, "", forbidden(fault.Denied("item", "item."+do+": no role"), "item."+do)
		}
		return i, "", err
	}
	if err := s.policy.Can(who, "item."+do, Object(i, s.Units)); err != nil {
		return i, "", forbidden(err, "item."+do)
	}
	if rev != 0 && rev != i.Rev {
		return i, "", fault.Conflict("item")
	}
	return i, to, nil
}

// everMay tells whether the actor could take the step in the state that it
// starts from: only then does a wrong state explain a refusal.
func (s *Service) everMay(who actor.Actor, i Item, do string) bool {
	o := Object(i, s.Units)
	for _, st := range Flow.Steps {
		if o.State = st.From; st.Do == do && s.policy.Can(who, "item."+do, o) == nil {
			return true
		}
	}
	return false
}

// sides of the steps.
var stepSide = map[string]string{"claim": SideUnit, "submit_plan": SideUnit, "apply": SideUnit, "recall": SideUnit, "approve_plan": SideReviewer, "return_plan": SideReviewer,
	"close": SideReviewer, "return": SideReviewer, "prolong": SideReviewer, "reopen": SideOther,
	"overtake": SideReviewer, "accept": SideReviewer, "revive": SideOther, "expire": SideOther, "withdraw": SideOther}

// move takes one step of the workflow. change may refuse, and sets what the
// step changes besides the state; it can run twice.
func (s *Service) move(ctx context.Context, who actor.Actor, item id.ID, do string, rev int64, reason string, change func(tx *audit.Tx, i *Item) error) error {
	return s.log.Write(ctx, who, "item."+do, func(tx *audit.Tx) error {
		return s.moveIn(ctx, tx, who, item, do, rev, reason, change)
	})
}

func (s *Service) moveIn(ctx context.Context, tx *audit.Tx, who actor.Actor, item id.ID, do string, rev int64, reason string, change func(tx *audit.Tx, i *Item) error) error {
	i, to, err := s.step(ctx, tx, who, item, do, rev)
	if err != nil {
		return err
	}
	from := i.State
	if err := change(tx, &i); err != nil {
		return err
	}
	i.State = to
	if reason != "" {
		tx.Note("reason", reason)
	}
	if err := updateItem(ctx, tx, i, who.Person); err != nil {
		return err
	}
	return event(ctx, tx, i.ID, who, stepSide[do], do, from, to, reason)
}

// work does what is no step: it is refused outside the given states.
func (s *Service) work(ctx context.Context, who actor.Actor, item id.ID, action string, states []string, fn func(tx *audit.Tx, i Item) error) error {
	return s.log.Write(ctx, who, action, func(tx *audit.Tx) error {
		i, err := s.load(ctx, tx, who, item, action)
		if err != nil {
			return err
		}
		if !slices.Contains(states, i.State) {
			return fault.State("error.state", action, "item.state."+i.State)
		}
		return fn(tx, i)
	})
}

// SetVerified notes the verdict of a look-back, within its own transaction.
func (s *Service) SetVerified(ctx context.Context, tx *audit.Tx, item id.ID, verdict string, on clock.Date) error {
	var bad fault.Fields
	if oneOf(&bad, "verdict", verdict, Verdicts()); bad.Err() != nil {
		return bad.Err()
	}
	i, err := ItemByID(ctx, tx, item)
	if err != nil {
		return err
	}
	i.Verified, i.VerifiedOn = verdict, on
	if err := updateItem(ctx, tx, i, ""); err != nil {
		return err
	}
	return event(ctx, tx, i.ID, actor.From(ctx), SideOther, "verify", i.State, i.State, verdict)
}

// Reopen opens a closed item again, within the transaction of a look-back that
// found it not held; by is the person who decided. The first clock, the closer
// and the day of closing stay.
func (s *Service) Reopen(ctx context.Context, tx *audit.Tx, item id.ID, by id.ID, reason string) error {
	var bad fault.Fields
	bad.Need("reason", reason)
	bad.Max("reason", reason, maxReason)
	if err := bad.Err(); err != nil {
		return err
	}
	i, err := ItemByID(ctx, tx, item)
	if err != nil {
		return err
	}
	to, err := Flow.Next(i.State, "reopen")
	if err != nil {
		return err
	}
	from := i.State
	i.State, i.Reopened = to, i.Reopened+1
	tx.Note("reason", reason)
	if err := updateItem(ctx, tx, i, by); err != nil {
		return err
	}
	return event(ctx, tx, i.ID, actor.Actor{Person: by}, SideOther, "reopen", from, to, reason)
}

// Lend lets a look-back team read an item and its evidence while it re-verifies
// it; an empty team takes it back.
func (s *Service) Lend(ctx context.Context, tx *audit.Tx, item, team id.ID) error {
	i, err := ItemByID(ctx, tx, item)
	if err != nil {
		return err
	}
	i.Lent = team
	return updateItem(ctx, tx, i, "")
}
