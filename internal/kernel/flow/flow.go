// Package flow keeps a workflow as one table: from which state, by which
// action, who may, under which guard, to which state. The buttons of a page,
// the answers of the API, the permission rules, the diagram in the docs and the
// generated tests are all read from that table.
package flow

import (
	"fmt"
	"slices"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
)

// Scope says over which records a role's permission reaches.
type Scope string

// The scopes, narrow to wide.
const (
	Own      Scope = "own"      // records that the person made or was given
	OfTeam   Scope = "team"     // records of a team that he sits in
	OfUnit   Scope = "unit"     // records of his own unit
	Below    Scope = "below"    // records about the granted unit and all below it
	ByUs     Scope = "by_us"    // records that the granted unit, or one below it, made or sent
	Anything Scope = "anything" // records without an owner, such as rules and calendars
)

// By is who may: a role, over a scope.
type By struct {
	Role  actor.Role
	Scope Scope
}

// Step is one row of the table.
type Step struct {
	From  string
	Do    string
	To    string
	Who   []By
	Guard string // name of the rule in the room that must hold besides; empty for none
}

// Table is a workflow.
type Table struct {
	Name  string // record kind, e.g. "finding"
	Start string
	Steps []Step
}

// Next gives the state that an action leads to, or a state fault that names both.
func (t Table) Next(from, do string) (string, error) {
	for _, s := range t.Steps {
		if s.From == from && s.Do == do {
			return s.To, nil
		}
	}
	return "", fault.State("error.state", t.Name+"."+do, t.Name+".state."+from)
}

// From lists the steps out of a state in table order.
func (t Table) From(state string) []Step {
	var out []Step
	for _, s := range t.Steps {
		if s.From == state {
			out = append(out, s)
		}
	}
	return out
}

// States lists every state once, the start first.
func (t Table) States() []string {
	out := []string{t.Start}
	for _, s := range t.Steps {
		for _, st := range []string{s.From, s.To} {
			if !slices.Contains(out, st) {
				out = append(out, st)
			}
		}
	}
	return out
}

// Actions lists every action once, in table order.
func (t Table) Actions() []string {
	var out []string
	for _, s := range t.Steps {
		if !slices.Contains(out, s.Do) {
			out = append(out, s.Do)
		}
	}
	return out
}

// Check finds mistakes in the table: an unreachable state, an ambiguous step, a
// step that nobody may take. Rooms call it in a test.
func (t Table) Check() error {
	seen := map[string]bool{}
	reach := map[string]bool{t.Start: true}
	for range t.Steps {
		for _, s := range t.Steps {
			if reach[s.From] {
				reach[s.To] = true
			}
		}
	}
	for _, s := range t.Steps {
		k := s.From + "/" + s.Do
		switch {
		case seen[k]:
			return fmt.Errorf("flow %s: two steps for %s", t.Name, k)
		case len(s.Who) == 0:
			return fmt.Errorf("flow %s: nobody may take %s", t.Name, k)
		}
		seen[k] = true
	}
	for _, st := range t.States() {
		if !reach[st] {
			return fmt.Errorf("flow %s: state %s cannot be reached from %s", t.Name, st, t.Start)
		}
	}
	return nil
}

// Mermaid draws the table for the docs.
func (t Table) Mermaid() string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n  [*] --> " + t.Start + "\n")
	for _, s := range t.Steps {
		fmt.Fprintf(&b, "  %s --> %s: %s\n", s.From, s.To, s.Do)
	}
	return b.String()
}
