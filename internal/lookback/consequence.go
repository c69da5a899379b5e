package lookback

import (
	"slices"
	"strings"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/rectification"
)

// Kinds of consequences beside the reopening of the item, which has a flow of
// its own.
const (
	ConsequenceRecheck  = "recheck"  // look again (列入下次复查)
	ConsequenceOrder    = "order"    // supervision order with a new date (督办, domain I-18)
	ConsequenceLead     = "lead"     // lead on accountability to the discipline line (问责线索): only a number stays here
	ConsequenceCircular = "circular" // named in a circular (通报)
)

// Consequences are what follows a verdict (domain I-18; practice of published
// circulars): perfunctory and false rectification are an accountability matter,
// a relapse is one for the circular and the ledger.
func Consequences(verdict string) []string {
	switch verdict {
	case rectification.Basic, rectification.Unverifiable:
		return []string{ConsequenceRecheck}
	case rectification.Partly:
		return []string{ConsequenceOrder}
	case rectification.Paper, rectification.False:
		return []string{ConsequenceLead, ConsequenceCircular}
	case rectification.Relapsed:
		return []string{ConsequenceCircular}
	}
	return nil
}

// ConsequenceKinds lists the kinds.
func ConsequenceKinds() []string {
	return []string{ConsequenceRecheck, ConsequenceOrder, ConsequenceLead, ConsequenceCircular}
}

// Consequence is one thing that follows a verdict.
type Consequence struct {
	ID       id.ID  `json:"id"`
	Lookback id.ID  `json:"lookback"`
	Sample   id.ID  `json:"sample"`
	Item     id.ID  `json:"item"`
	Finding  id.ID  `json:"finding"`
	Unit     id.ID  `json:"unit"`
	By       id.ID  `json:"by"`
	Kind     string `json:"kind"`
	State    string `json:"state"`
	No       string `json:"no"` // of a lead that went over to the discipline line
	Reason   string `json:"reason"`
	Person   id.ID  `json:"person"`
	At       string `json:"at"`
	DoneAt   string `json:"done_at"`
	Rev      int64  `json:"rev"`
}

// States of a consequence. Dropped: the verdict was corrected and it no longer follows.
const (
	ConsequenceProposed = "proposed"
	ConsequenceCarried  = "carried"
	ConsequenceWaived   = "waived"
	ConsequenceDropped  = "dropped"
)

// ConsequenceFlow is what the office does with a consequence. Guards: decided =
// the verdict is in force and no objection open; reason = in writing.
var ConsequenceFlow = flow.Table{Name: "consequence", Start: ConsequenceProposed, Steps: []flow.Step{
	{From: ConsequenceProposed, Do: "carry_out", To: ConsequenceCarried, Who: byOffice, Guard: "decided"},
	{From: ConsequenceProposed, Do: "waive", To: ConsequenceWaived, Who: byOffice, Guard: "reason"},
}}

// Test is what came of one claim of the close-out when the team ran its test. It
// is never overwritten: the newest counts.
type Test struct {
	ID     id.ID  `json:"id"`
	Sample id.ID  `json:"sample"`
	Claim  id.ID  `json:"claim"`
	No     int    `json:"no"`
	Result string `json:"result"`
	Note   string `json:"note"`
	Person id.ID  `json:"person"`
	At     string `json:"at"`
}

// Results of a test.
const (
	TestTrue     = "true"
	TestUntrue   = "untrue"
	TestUnproven = "unproven"
)

// TestResults lists them.
func TestResults() []string { return []string{TestTrue, TestUntrue, TestUnproven} }

// TestCmd is the result of one claim's test.
type TestCmd struct {
	Claim  id.ID  `json:"claim"`
	Result string `json:"result"`
	Note   string `json:"note"`
}

// Check judges a test: whoever finds a claim untrue says why.
func (c TestCmd) Check(bad *fault.Fields) {
	if c.Claim == "" {
		bad.Need("claim", "")
	}
	if !slices.Contains(TestResults(), c.Result) {
		if c.Result == "" {
			bad.Need("result", "")
		} else {
			bad.Add("result", "sample.bad.choice", c.Result)
		}
	}
	if bad.Max("note", c.Note, maxReason); c.Result != TestTrue {
		bad.Need("note", strings.TrimSpace(c.Note))
	}
}

// LatestTests gives the newest test of each claim.
func LatestTests(all []Test) map[id.ID]Test {
	out := map[id.ID]Test{}
	for _, t := range all { // oldest first
		out[t.Claim] = t
	}
	return out
}
