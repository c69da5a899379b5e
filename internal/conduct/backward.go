package conduct

import (
	"context"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
)

// Source is one part of the backward check (倒查): what another room knows of a
// person in a time. A Source without Read is said to be not connected.
type Source struct {
	Key  string // cases, contacts, missing, lawyers, findings, chain
	Read func(ctx context.Context, q db.Q, person id.ID, from, to clock.Date) ([]BackLine, error)
}

// BackLine is one line of the backward check with where it comes from.
type BackLine struct {
	On     clock.Date `json:"on"`
	Text   string     `json:"text"`
	Source string     `json:"source"` // number of the record and its register
	Href   string     `json:"href,omitempty"`
}

// BackKeys are the parts of the backward check in the order of the page.
func BackKeys() []string {
	return []string{"cases", "contacts", "missing", "lawyers", "findings", "chain", "earlier"}
}

// Check is what the handlers found when they checked backward: contacts that
// there were, and those of them that nobody had recorded.
type Check struct {
	ID       id.ID  `json:"id"`
	Case     id.ID  `json:"case"`
	Contacts int    `json:"contacts"`
	Missing  int    `json:"missing"`
	Note     string `json:"note"`
	Person   id.ID  `json:"person"`
	At       string `json:"at"`
	Names    id.ID  `json:"names,omitempty"` // the entry that it corrects

	sealed []byte
}

// CheckCmd hands in the result of a backward check.
type CheckCmd struct {
	Contacts int    `json:"contacts"`
	Missing  int    `json:"missing"`
	Note     string `json:"note"`
}

// Protected is somebody who recorded or reported, under watch for a time
// (domain R-10, Procurators Law art. 56).
type Protected struct {
	ID     id.ID      `json:"id"`
	Person id.ID      `json:"person"`
	Unit   id.ID      `json:"unit"` // the level above, which watches
	Ground string     `json:"ground"`
	From   clock.Date `json:"from"`
	To     clock.Date `json:"to"`
}

// Grounds of protection.
func ProtectionGrounds() []string { return []string{"recorder", "reporter", "self"} }

// Watched is the judgement of a personnel action against a protected person.
type Watched struct {
	ID        id.ID  `json:"id"`
	Protected id.ID  `json:"protected"`
	Move      string `json:"move"`
	Verdict   string `json:"verdict"` // lawful, explain, retaliation
	Text      string `json:"text"`
	By        id.ID  `json:"by"`
	At        string `json:"at"`

	sealed []byte
}

// WatchVerdicts of the level above.
func WatchVerdicts() []string { return []string{"lawful", "explain", "retaliation"} }

// WatchCmd judges a personnel action.
type WatchCmd struct {
	Move    string `json:"move"`
	Verdict string `json:"verdict"`
	Text    string `json:"text"`
}
