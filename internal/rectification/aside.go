package rectification

import (
	"slices"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
)

// Aside is a request of the unit to set an item aside (另行处置), and what was
// decided. An item that is set aside is not rectified: it counts apart, in no
// rate as closed, and no look-back draws it.
type Aside struct {
	ID       id.ID      `json:"id"`
	Item     id.ID      `json:"item"`
	No       int        `json:"no"`
	Kind     string     `json:"kind"` // overtaken or accepted: the state that it asks for
	Ground   string     `json:"ground"`
	Reason   string     `json:"reason"`
	Evidence []id.ID    `json:"evidence"` // what proves the ground
	Until    clock.Date `json:"until"`    // of an accepted deviation
	By       id.ID      `json:"by"`
	At       string     `json:"at"`
	State    string     `json:"state"`
	Judge    id.ID      `json:"judge"`
	JudgeAt  string     `json:"judge_at"`
	Opinion  string     `json:"opinion"`
	Rev      int64      `json:"rev"`
}

// States of a request.
const (
	AsideAsked   = "asked"
	AsideGranted = "granted"
	AsideRefused = "refused"
)

// AsideKinds are the two ways of setting an item aside: events have overtaken it
// (客观情况变化), or a deviation is accepted until a day (限期接受偏差).
func AsideKinds() []string { return []string{StateOvertaken, StateAccepted} }

// AsideGrounds are the grounds of each kind. No published rule lists them: they are
// practice of our own, and "other" is written out like every one of them.
func AsideGrounds(kind string) []string {
	switch kind {
	case StateOvertaken:
		return []string{"unit_gone", "rule_changed", "matter_gone", "other"}
	case StateAccepted:
		return []string{"not_yet_possible", "waits_above", "proceedings", "other"}
	}
	return nil
}

// AcceptedMonths is the longest that a deviation is accepted at once; practice of
// our own. Whoever needs longer asks again, and somebody decides again.
const AcceptedMonths = 12

var byAbove = []flow.By{{Role: actor.Leader, Scope: flow.ByUs}, {Role: actor.Office, Scope: flow.ByUs}}

// asideSteps lead out of every state in which the unit works, and back into work.
// Only the program takes "expire", on the day after the last one.
func asideSteps() []flow.Step {
	var out []flow.Step
	for _, st := range working {
		out = append(out, flow.Step{From: st, Do: "overtake", To: StateOvertaken, Who: byReviewer, Guard: "asked"},
			flow.Step{From: st, Do: "accept", To: StateAccepted, Who: byAbove, Guard: "above"})
	}
	return append(out, flow.Step{From: StateOvertaken, Do: "revive", To: StateRectifying, Who: byOffice, Guard: "reason"},
		flow.Step{From: StateAccepted, Do: "revive", To: StateRectifying, Who: byAbove, Guard: "reason"},
		flow.Step{From: StateAccepted, Do: "expire", To: StateRectifying, Who: []flow.By{{Role: actor.System, Scope: flow.Anything}}})
}

// asideDo is the step that grants a kind.
func asideDo(kind string) string {
	if kind == StateAccepted {
		return "accept"
	}
	return "overtake"
}

// IsAside tells whether an item is set aside.
func (i Item) IsAside() bool { return slices.Contains(AsideStates(), i.State) }

// withdrawSteps take an item out of the work when its finding is withdrawn, wherever
// it stands; what is closed stays closed. Only the program takes them, within the
// transaction of the withdrawal.
func withdrawSteps() []flow.Step {
	var out []flow.Step
	for _, st := range append([]string{StateToClaim, StatePlanning, StatePlanReview, StateApplied, StateOvertaken, StateAccepted}, working...) {
		out = append(out, flow.Step{From: st, Do: "withdraw", To: StateWithdrawn, Who: []flow.By{{Role: actor.System, Scope: flow.Anything}}})
	}
	return out
}

// AsideCmd asks for an item to be set aside.
type AsideCmd struct {
	Kind     string     `json:"kind"`
	Ground   string     `json:"ground"`
	Reason   string     `json:"reason"`
	Evidence []id.ID    `json:"evidence"`
	Until    clock.Date `json:"until"`
}

// check holds a request to its rule: a ground that belongs to the kind, written
// out, proven by evidence of this item, and a last day where a deviation is to be
// accepted.
func (c AsideCmd) check(evidence []Evidence, today clock.Date) error {
	var bad fault.Fields
	oneOf(&bad, "kind", c.Kind, AsideKinds())
	oneOf(&bad, "ground", c.Ground, AsideGrounds(c.Kind))
	bad.Need("reason", c.Reason)
	bad.Max("reason", c.Reason, maxReason)
	if len(c.Evidence) == 0 {
		bad.Add("evidence", "item.bad.no_evidence")
	}
	for _, n := range c.Evidence {
		if !slices.ContainsFunc(InForce(evidence), func(e Evidence) bool { return e.ID == n }) {
			bad.Add("evidence", "aside.bad.evidence")
			break
		}
	}
	switch {
	case c.Kind == StateOvertaken && c.Until != "":
		bad.Add("until", "aside.bad.no_until")
	case c.Kind == StateAccepted && c.Until == "":
		bad.Need("until", "")
	case c.Kind == StateAccepted:
		checkUntil(&bad, c.Until, today)
	}
	return bad.Err()
}

func checkUntil(bad *fault.Fields, until, today clock.Date) {
	if !until.After(today) {
		bad.Add("until", "item.bad.past")
	} else if last := today.AddMonths(AcceptedMonths); until.After(last) {
		bad.Add("until", "aside.bad.too_long", string(last))
	}
}

// JudgeAsideCmd grants or refuses. Until may bring the last day forward.
type JudgeAsideCmd struct {
	Grant   bool       `json:"grant"`
	Until   clock.Date `json:"until"`
	Opinion string     `json:"opinion"`
}
