package inspection

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
)

// Problem is a common problem (共性问题): findings of one kind at several units.
// The program proposes it from the wording of the findings; a person decides.
type Problem struct {
	ID       id.ID      `json:"id"`
	By       id.ID      `json:"by"` // unit that keeps it
	Title    string     `json:"title"`
	Subject  string     `json:"subject"` // what most of its findings speak of
	Phrases  []string   `json:"phrases"` // its most telling phrases
	State    string     `json:"state"`
	Into     id.ID      `json:"into"` // the problem it was merged into
	Findings int        `json:"findings"`
	Units    int        `json:"units"`
	Rounds   int        `json:"rounds"`
	From     clock.Date `json:"from"`    // entry of the first visit that found it
	To       clock.Date `json:"to"`      // and of the last
	Members  string     `json:"members"` // digest of the list of its findings
	Author   id.ID      `json:"author"`
	At       string     `json:"at"`
	Note     string     `json:"note"`
	Rev      int64      `json:"rev"`
}

// States of a common problem.
const (
	ProblemProposed  = "proposed"
	ProblemConfirmed = "confirmed"
	ProblemMerged    = "merged"
	ProblemDismissed = "dismissed"
	ProblemRetired   = "retired"
)

// ProblemFlow is the life of a common problem.
var ProblemFlow = flow.Table{Name: "problem", Start: ProblemProposed, Steps: []flow.Step{
	{From: ProblemProposed, Do: "confirm", To: ProblemConfirmed, Who: byOffice},
	{From: ProblemProposed, Do: "dismiss", To: ProblemDismissed, Who: byOffice, Guard: "reason"},
	{From: ProblemProposed, Do: "merge", To: ProblemMerged, Who: byOffice},
	{From: ProblemConfirmed, Do: "merge", To: ProblemMerged, Who: byOffice},
	{From: ProblemProposed, Do: "split", To: ProblemProposed, Who: byOffice},
	{From: ProblemConfirmed, Do: "split", To: ProblemConfirmed, Who: byOffice},
	{From: ProblemConfirmed, Do: "retire", To: ProblemRetired, Who: byOffice, Guard: "reason"},
}}

// commonUnits is how many units make a problem common enough to be proposed.
const commonUnits = 3

// LiveProblem tells that findings still belong to a problem in that state.
func LiveProblem(state string) bool { return state == ProblemProposed || state == ProblemConfirmed }

// membersDigest commits to a list of findings whatever its order.
func membersDigest(ids []id.ID) string {
	s := make([]string, len(ids))
	for i, x := range ids {
		s[i] = string(x)
	}
	slices.Sort(s)
	h := sha256.Sum256([]byte(strings.Join(s, "\n")))
	return hex.EncodeToString(h[:])
}

// Told is a finding as the grouping reads it.
type Told struct {
	ID, Unit, Round id.ID
	Title           string
	On              clock.Date
}

// Support is what a common problem stands on.
type Support struct {
	Units []id.ID // where it was found
	Clean []id.ID // visited in the same rounds, and not found there
}

// problemRules are the rows of the policy table for common problems, sweeps and
// self-checks: the keeping office and its leaders see them; a unit sees only
// what it was asked itself.
func problemRules() []access.Rule {
	rules := append(append(access.FromFlow(ProblemFlow), access.FromFlow(SweepFlow)...), access.FromFlow(CheckFlow)...)
	for _, r := range []actor.Role{actor.Office, actor.Leader} {
		rules = append(rules, access.Permit(r, flow.ByUs, "problem.read", "sweep.read", "selfcheck.read"))
	}
	for _, r := range []actor.Role{actor.UnitHead, actor.Liaison} {
		rules = append(rules, access.Permit(r, flow.OfUnit, "selfcheck.read"))
	}
	return append(rules, access.Permit(actor.Office, flow.ByUs, "problem.find"),
		access.Permit(actor.Office, flow.ByUs, "problem.circular", "problem.sweep").In(ProblemConfirmed))
}
