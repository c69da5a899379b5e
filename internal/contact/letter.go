package contact

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/lot"
)

// DrawAlgorithm names how letters are drawn: package lot, a shuffle of the
// pseudonyms of the zero returns in their order, of which the first are taken.
const DrawAlgorithm = "huikan-letters-draw-v1"

const drawCommit = "huikan-letters-commit-v1"

// Draw is a draw of zero returns whose cases' parties are asked by letter. The
// list and the hash of the seed are fixed first; the seed is published with what
// it drew, and anybody who has the list repeats it.
type Draw struct {
	ID         id.ID  `json:"id"`
	Unit       id.ID  `json:"unit"`
	Period     Period `json:"period"`
	Size       int    `json:"size"`
	Population int    `json:"population"`
	Digest     string `json:"digest"` // SHA-256 of the list: one pseudonym of a return a line
	Commitment string `json:"commitment"`
	Algorithm  string `json:"algorithm"`
	Seed       string `json:"seed,omitempty"`
	Salt       string `json:"salt,omitempty"`
	State      string `json:"state"`
	By         id.ID  `json:"by"`
	At         string `json:"at"`
	RevealedAt string `json:"revealed_at,omitempty"`
	Rev        int64  `json:"rev"`

	list   []byte
	sealed []byte
}

// States of a draw.
const (
	Committed = "committed"
	Drawn     = "drawn"
)

// DrawFlow: what is committed is drawn; there is no second try with another seed.
var DrawFlow = flow.Table{Name: "draw", Start: Committed, Steps: []flow.Step{
	{From: Committed, Do: "reveal", To: Drawn, Who: byOffice},
}}

// listOf writes the population in its published form.
func listOf(pseudonyms []string) []byte {
	list := slices.Clone(pseudonyms)
	slices.Sort(list)
	return []byte(strings.Join(list, "\n") + "\n")
}

func digestOf(list []byte) string {
	h := sha256.Sum256(list)
	return hex.EncodeToString(h[:])
}

// Redraw is the draw as anybody repeats it from the published list and seed.
func Redraw(list []byte, seed string, size int) []string {
	return lot.Sample(DrawAlgorithm, []byte(seed), strings.Fields(string(list)), size)
}

// Letter is one zero return that is verified by asking people of the cases.
type Letter struct {
	ID      id.ID      `json:"id"`
	Draw    id.ID      `json:"draw"`
	Return  id.ID      `json:"return"`
	Person  id.ID      `json:"person"`
	Unit    id.ID      `json:"unit"`
	Office  id.ID      `json:"office"`
	Period  Period     `json:"period"`
	State   string     `json:"state"`
	Outcome string     `json:"outcome,omitempty"`
	Lead    string     `json:"lead,omitempty"`
	Due     clock.Date `json:"due,omitempty"`
	At      string     `json:"at"`
	Rev     int64      `json:"rev"`
}

// States of a letter.
const (
	LetterDrawn      = "drawn"
	LetterSent       = "sent"
	LetterConfirmed  = "confirmed"  // asked, and there was no contact
	LetterUnanswered = "unanswered" // no answer
	LetterDiffers    = "differs"    // the answer tells of a contact
	LetterAsked      = "asked"      // the person was asked to explain
	LetterExplained  = "explained"
	LetterSettled    = "settled"
)

// LetterFlow: a discrepancy is heard before it is settled; nothing follows from a
// letter by itself.
var LetterFlow = flow.Table{Name: "letter", Start: LetterDrawn, Steps: []flow.Step{
	{From: LetterDrawn, Do: "send", To: LetterSent, Who: byOffice, Guard: "to whom"},
	{From: LetterSent, Do: "confirm", To: LetterConfirmed, Who: byOffice, Guard: "answer"},
	{From: LetterSent, Do: "differ", To: LetterDiffers, Who: byOffice, Guard: "answer"},
	{From: LetterSent, Do: "lapse", To: LetterUnanswered, Who: byOffice, Guard: "past the day"},
	{From: LetterUnanswered, Do: "send", To: LetterSent, Who: byOffice, Guard: "to whom"},
	{From: LetterUnanswered, Do: "settle", To: LetterSettled, Who: byOffice, Guard: "reason"},
	{From: LetterDiffers, Do: "ask", To: LetterAsked, Who: byOffice, Guard: "words"},
	{From: LetterAsked, Do: "explain", To: LetterExplained, Who: byOffice, Guard: "words"},
	{From: LetterExplained, Do: "ask", To: LetterAsked, Who: byOffice, Guard: "words"},
	{From: LetterExplained, Do: "settle", To: LetterSettled, Who: byOffice, Guard: "reason, outcome"},
}}

// LetterOutcomes of a discrepancy: no contact that had to be recorded; recorded
// under another case or period; caught up now; the letter was wrong; handed over
// as a lead.
func LetterOutcomes() []string {
	return []string{"lawful", "recorded", "caught_up", "mistaken", "lead"}
}
