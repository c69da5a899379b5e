package conduct

import (
	"context"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
)

// BackQuery is what a source is asked: around whom, when, about which case of the
// case system where one was named, for which reader.
type BackQuery struct {
	Who      actor.Actor
	Person   id.ID
	From, To clock.Date
	CaseNo   string
}

// Source is what another room knows of a person in a time, for some parts of the
// backward check (倒查). Several may fill one part; a part that none fills is said
// to be not connected.
type Source struct {
	Keys []string // cases, contacts, missing, lawyers, findings, chain
	Read func(ctx context.Context, q db.Q, b BackQuery) (map[string][]BackLine, error)
}

// BackLine is one line of the backward check with where it comes from. What is
// said is Text, or a key of the catalogue with its arguments, of which those of
// type Word are keys themselves, those of type Words lists of them, and functions
// are asked for their word in a language.
type BackLine struct {
	On       clock.Date `json:"on"`
	Text     string     `json:"text"`
	Source   string     `json:"source"` // number of the record and its register
	Href     string     `json:"href,omitempty"`
	Key      string     `json:"-"`
	Args     []any      `json:"-"`
	Register string     `json:"-"`       // key of the register's name
	N        int        `json:"n"`       // records that the line stands for; 0 is one
	Counts   bool       `json:"missing"` // a contact that was not recorded, not merely a sign of one
}

// Word is an argument that is a key of the catalogue.
type Word string

// Words is an argument that is a list of keys of the catalogue.
type Words []string

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

	veil   string // how the table knows the person
	sealed []byte
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
