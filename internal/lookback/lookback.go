package lookback

import (
	"slices"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/rectification"
)

// Lookback is one draw and its re-verification within a round of kind "lookback".
type Lookback struct {
	ID          id.ID      `json:"id"`
	Round       id.ID      `json:"round"`
	By          id.ID      `json:"by"` // dispatching unit
	Name        string     `json:"name"`
	Rounds      []id.ID    `json:"rounds"` // earlier rounds looked at; none = all
	Units       []id.ID    `json:"units"`  // units with all below them; none = all
	From        clock.Date `json:"from"`   // closed between
	To          clock.Date `json:"to"`
	Size        int        `json:"size"`
	Confidence  int        `json:"confidence"` // percent; with Detect it sets the size at the commitment
	Detect      int        `json:"detect"`     // percent of untrue close-outs that the random part must not miss
	Options     Options    `json:"options"`
	State       string     `json:"state"`
	Attempt     int        `json:"attempt"`    // how often a seed was committed to
	Population  int        `json:"population"` // frozen items
	Digest      string     `json:"digest"`     // of the frozen list
	Commitment  string     `json:"commitment"`
	Seed        string     `json:"seed,omitempty"` // once revealed
	Salt        string     `json:"salt,omitempty"`
	CommittedAt string     `json:"committed_at"`
	RevealedAt  string     `json:"revealed_at"`
	Rev         int64      `json:"rev"`

	sealed []byte // seed and salt before they are revealed
}

// States of a look-back.
const (
	Planned   = "planned"
	Committed = "committed"
	Sampled   = "drawn"
	Finished  = "finished"
	Abandoned = "abandoned"
)

var byOffice = []flow.By{{Role: actor.Office, Scope: flow.ByUs}}

// Flow is the life of a look-back. Guards: population = not empty; same = the
// population is still the frozen one and the seed fits; reason = in writing;
// judged = every verdict is confirmed and no objection is open.
var Flow = flow.Table{Name: "lookback", Start: Planned, Steps: []flow.Step{
	{From: Planned, Do: "commit", To: Committed, Who: byOffice, Guard: "population"},
	{From: Planned, Do: "abandon", To: Abandoned, Who: byOffice, Guard: "reason"},
	{From: Committed, Do: "reveal", To: Sampled, Who: byOffice, Guard: "same"},
	{From: Committed, Do: "withdraw", To: Planned, Who: byOffice, Guard: "reason"},
	{From: Sampled, Do: "finish", To: Finished, Who: byOffice, Guard: "judged"},
}}

// Admits tells whether a closed item belongs to the population; path is that of
// its unit, roots those of the units looked at.
func (l Lookback) Admits(i rectification.Item, path string, roots []string) bool {
	switch {
	case i.Round == l.Round, i.ClosedOn == "":
		return false
	case len(l.Rounds) > 0 && !slices.Contains(l.Rounds, i.Round):
		return false
	case l.From != "" && i.ClosedOn < l.From, l.To != "" && i.ClosedOn > l.To:
		return false
	}
	return len(roots) == 0 || slices.ContainsFunc(roots, func(r string) bool { return r != "" && strings.HasPrefix(path, r) })
}

// Bounds of a plan.
const (
	maxSize   = 20000 // items of a sample; more is a census
	maxName   = 100
	maxReason = 2000
	maxText   = 20000
)

// DefaultRiskShare is the part of a sample that is drawn by risk where the plan
// does not say otherwise.
const DefaultRiskShare = 40

// Check judges a plan.
func (l Lookback) Check(bad *fault.Fields, today clock.Date) {
	bad.Need("name", l.Name)
	bad.Max("name", l.Name, maxName)
	stated := l.Confidence != 0 || l.Detect != 0
	if !l.Options.Census && !stated && (l.Size < 1 || l.Size > maxSize) {
		bad.Add("size", "lookback.bad.size", maxSize)
	}
	if stated && (l.Confidence < 80 || l.Confidence > 99) {
		bad.Add("confidence", "lookback.bad.confidence")
	}
	if stated && (l.Detect < 1 || l.Detect > 50) {
		bad.Add("detect", "lookback.bad.detect")
	}
	if !slices.Contains(Strata(), l.Options.Stratum) {
		bad.Add("stratum", "sample.bad.choice", l.Options.Stratum)
	}
	if l.Options.RiskShare < 0 || l.Options.RiskShare > 90 {
		bad.Add("risk_share", "lookback.bad.risk_share")
	}
	if l.From != "" && l.To != "" && l.To < l.From {
		bad.Add("to", "error.end_before_start")
	}
	// What is closed on the day of the draw would change the population while it waits.
	if l.To == "" || l.To >= today {
		bad.Add("to", "lookback.bad.to")
	}
}

// Event is one dated step of a look-back. A withdrawn commitment stays here.
type Event struct {
	ID         id.ID  `json:"id"`
	At         string `json:"at"`
	Person     id.ID  `json:"person"`
	Do         string `json:"do"`
	Reason     string `json:"reason"`
	Digest     string `json:"digest"`
	Commitment string `json:"commitment"`
}

// Strata are what a sample is spread over: units, types of problems, or signers.
func Strata() []string { return []string{"", StratumCategory, StratumCloser} }

// sizeFor is the size that holds what a plan states: the random part alone must
// not miss the share, and the part drawn by risk comes on top.
func (l Lookback) sizeFor(population int) int {
	n := DiscoverySize(population, float64(l.Detect)/100, float64(l.Confidence)/100)
	return min(maxSize, population, (n*100+99-l.Options.RiskShare)/(100-l.Options.RiskShare))
}
