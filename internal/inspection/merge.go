package inspection

import (
	"context"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// Adopted is a round with one team as a portable kit carries it.
type Adopted struct {
	Term     Term      `json:"term"`
	Round    Round     `json:"round"`
	Team     Team      `json:"team"`
	Visits   []Visit   `json:"visits"`
	Findings []Finding `json:"findings"`
}

// Adopt puts a carried round into an empty installation; revisions start anew.
func Adopt(ctx context.Context, tx *audit.Tx, a Adopted) error {
	if err := insertTerm(ctx, tx, a.Term); err != nil {
		return err
	}
	if err := insertRound(ctx, tx, a.Round); err != nil {
		return err
	}
	if err := insertTeam(ctx, tx, a.Team); err != nil {
		return err
	}
	for _, m := range a.Team.Members {
		if err := insertMember(ctx, tx, a.Team.ID, a.Round.ID, m); err != nil {
			return err
		}
	}
	for _, v := range a.Visits {
		if err := insertVisit(ctx, tx, v); err != nil {
			return err
		}
	}
	for i, f := range a.Findings {
		f.Recurs = "" // the earlier finding stays at home
		if err := insertFinding(ctx, tx, f, i+1); err != nil {
			return err
		}
	}
	return nil
}

// Carried are the states in which findings travel in a kit.
func Carried(state string) bool { return state == Draft || state == Submitted || state == Confirmed }

// TakeNew takes a finding that was made in a kit: it gets the next number here.
func (s *Service) TakeNew(ctx context.Context, tx *audit.Tx, f Finding) (Finding, error) {
	if !Carried(f.State) {
		return f, fault.Invalid("finding.bad.choice", f.State)
	}
	var bad fault.Fields
	f.Check(&bad)
	if err := bad.Err(); err != nil {
		return f, err
	}
	return f, s.number(ctx, tx, &f)
}

// TakeOver puts the content and state that a kit brought over a finding whose
// revision here is rev.
func TakeOver(ctx context.Context, tx *audit.Tx, f Finding, rev int64) error {
	was, err := FindingByID(ctx, tx, f.ID)
	if err != nil {
		return err
	}
	if !Carried(f.State) || !Carried(was.State) {
		return fault.State("error.state", "finding.edit", "finding.state."+was.State)
	}
	var bad fault.Fields
	f.Check(&bad)
	if err := bad.Err(); err != nil {
		return err
	}
	tx.Note("before", was)
	f.Recurs, f.Rev = was.Recurs, rev
	return updateFinding(ctx, tx, f)
}

// OfTeam lists the findings of a team that a kit carries.
func OfTeam(ctx context.Context, q db.Q, team id.ID) ([]Finding, error) {
	return findingsWhere(ctx, q, "f.team_id = $1 AND f.state IN ($2, $3, $4)", "f.seq", 5000, []any{string(team), Draft, Submitted, Confirmed})
}
