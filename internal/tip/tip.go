package tip

import (
	"crypto/rand"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/width"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
)

// Tip is what somebody told.
type Tip struct {
	ID      id.ID      `json:"id"`
	No      string     `json:"no"`
	Year    int        `json:"year"`
	Unit    id.ID      `json:"unit"`   // that it is about
	Office  id.ID      `json:"office"` // whose office works it
	State   string     `json:"state"`
	Handler id.ID      `json:"handler,omitempty"`
	Due     clock.Date `json:"due"`
	Lead    string     `json:"lead,omitempty"` // number of the lead that it became
	Waiting bool       `json:"waiting"`        // he wrote, and nobody answered yet
	Files   int        `json:"files"`
	MadeOn  clock.Date `json:"made_on"` // the day only: an instant could be held against a proxy's log
	Rev     int64      `json:"rev"`

	Concerns []id.ID `json:"-"`
	sealed   []byte
}

// Content is the sealed part of a tip besides its messages.
type Content struct {
	About   string `json:"about,omitempty"`   // whom it is about, in his words
	Name    string `json:"name,omitempty"`    // who told, if he said so
	Contact string `json:"contact,omitempty"` // likewise
	Person  id.ID  `json:"person,omitempty"`  // when he was signed in and put his name to it
}

// Entry is one line of the dialogue or of the trail.
type Entry struct {
	ID     id.ID  `json:"id"`
	Do     string `json:"do"`
	Person id.ID  `json:"person,omitempty"` // nobody for him who told
	Old    string `json:"old,omitempty"`
	New    string `json:"new,omitempty"`
	At     string `json:"at"` // a day for him who told, an instant for the office
	Text   string `json:"text"`
	Files  []File `json:"files,omitempty"`

	tip    id.ID
	sealed []byte
}

// File is something that was handed in with a message.
type File struct {
	ID    id.ID  `json:"id"`
	Name  string `json:"name"`
	Kind  string `json:"kind"`
	Mime  string `json:"mime"`
	Size  int64  `json:"size"`
	entry id.ID
	tip   id.ID
	hash  string

	sealed []byte
}

// States of a tip.
const (
	Received = "received" // 待受理
	Working  = "working"  // 办理中
	Asked    = "asked"    // 待补充: the office asked him something
	Referred = "referred" // 已转线索
	Closed   = "closed"   // 已答复办结; opens again when he writes on
)

var (
	byOffice = []flow.By{{Role: actor.InternalSupervision, Scope: flow.OfUnit}}
	byAbove  = []flow.By{{Role: actor.InternalSupervision, Scope: flow.Below}}
	byCode   = []flow.By{{Role: actor.System, Scope: flow.Anything}} // whoever has the code: no role of ours
)

// Flow is what may happen to a tip. No step deletes, none happens by itself.
// Guards: opened = the person opened the content today with a purpose; late =
// overdue for longer than the setting; code = the receipt code is the permission.
var Flow = flow.Table{Name: "tip", Start: Received, Steps: []flow.Step{
	{From: Received, Do: "take", To: Working, Who: byOffice},
	{From: Received, Do: "recuse", To: Received, Who: byOffice},
	{From: Working, Do: "recuse", To: Received, Who: byOffice},
	{From: Asked, Do: "recuse", To: Received, Who: byOffice},
	{From: Received, Do: "move", To: Received, Who: byOffice, Guard: "opened"},
	{From: Working, Do: "move", To: Received, Who: byOffice, Guard: "opened"},
	{From: Asked, Do: "move", To: Received, Who: byOffice, Guard: "opened"},
	{From: Received, Do: "raise", To: Received, Who: byAbove, Guard: "late"},
	{From: Working, Do: "raise", To: Received, Who: byAbove, Guard: "late"},
	{From: Asked, Do: "raise", To: Received, Who: byAbove, Guard: "late"},
	{From: Working, Do: "ask", To: Asked, Who: byOffice, Guard: "opened"},
	{From: Asked, Do: "ask", To: Asked, Who: byOffice, Guard: "opened"},
	{From: Working, Do: "answer", To: Working, Who: byOffice, Guard: "opened"},
	{From: Asked, Do: "answer", To: Asked, Who: byOffice, Guard: "opened"},
	{From: Referred, Do: "answer", To: Referred, Who: byOffice, Guard: "opened"},
	{From: Working, Do: "refer", To: Referred, Who: byOffice, Guard: "opened"},
	{From: Asked, Do: "refer", To: Referred, Who: byOffice, Guard: "opened"},
	{From: Working, Do: "close", To: Closed, Who: byOffice, Guard: "opened"},
	{From: Asked, Do: "close", To: Closed, Who: byOffice, Guard: "opened"},
	{From: Referred, Do: "close", To: Closed, Who: byOffice, Guard: "opened"},
	{From: Received, Do: "reply", To: Received, Who: byCode, Guard: "code"},
	{From: Working, Do: "reply", To: Working, Who: byCode, Guard: "code"},
	{From: Asked, Do: "reply", To: Working, Who: byCode, Guard: "code"},
	{From: Referred, Do: "reply", To: Referred, Who: byCode, Guard: "code"},
	{From: Closed, Do: "reply", To: Received, Who: byCode, Guard: "code"},
}}

// spoken are the entries of the dialogue: he who told reads these and no others.
var spoken = []string{"hand_in", "reply", "ask", "answer", "close"}

// his are those that he wrote himself.
var his = []string{"hand_in", "reply"}

// open are the states in which a day is kept.
var open = []string{Received, Working, Asked}

// Bounds of what is told.
const (
	maxText    = 20000
	maxName    = 200
	maxReason  = 2000
	maxFiles   = 5  // with one message
	maxAll     = 20 // with one tip
	maxEntries = 300
	maxBody    = 20 << 20 // bytes of one request
)

// The receipt code: letters and figures that are not taken for each other, in
// groups of four; 32 values each, a hundred bits together.
const (
	alphabet   = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	codeLength = 20
)

// newCode draws a receipt code.
func newCode() string {
	b := make([]byte, codeLength)
	_, _ = rand.Read(b) // never fails
	for i := range b {
		b[i] = alphabet[b[i]%byte(len(alphabet))]
	}
	return string(b)
}

// ReadCode reads a code as people type it: any case, with or without strokes and
// spaces, O for 0, I and L for 1, wide forms of a Chinese keyboard.
func ReadCode(text string) (string, bool) {
	if len(text) > 200 {
		return "", false
	}
	var b strings.Builder
	for _, r := range strings.ToUpper(width.Fold.String(text)) {
		switch {
		case r == 'O':
			r = '0'
		case r == 'I' || r == 'L':
			r = '1'
		case strings.ContainsRune(" -_\t\r\n\u3000—–－·", r):
			continue
		case !strings.ContainsRune(alphabet, r):
			return "", false
		}
		b.WriteRune(r)
	}
	return b.String(), b.Len() == codeLength
}

// ShowCode writes a code in groups of four.
func ShowCode(code string) string {
	var parts []string
	for c := range slices.Chunk([]byte(code), 4) {
		parts = append(parts, string(c))
	}
	return strings.Join(parts, "-")
}

// Names takes the names of people out of what somebody wrote as whom it is
// about: the pieces between marks that can be one.
func Names(about string) []string {
	var out []string
	for _, p := range strings.FieldsFunc(about, func(r rune) bool { return strings.ContainsRune(" \t\r\n,;:/()，；：、。（）和与及\u3000", r) }) {
		if n := utf8.RuneCountInString(p); n >= 2 && n <= 20 && len(out) < 20 {
			out = append(out, p)
		}
	}
	return out
}

// Bearer is a person by his name.
type Bearer struct {
	ID   id.ID
	Name string
}

// Mentioned gives those whose name stands in a text, spaces between the
// characters or not.
func Mentioned(text string, people []Bearer) (out []id.ID) {
	text = strings.Join(strings.Fields(text), "")
	for _, p := range people {
		name := strings.Join(strings.Fields(p.Name), "")
		if utf8.RuneCountInString(name) >= 2 && strings.Contains(text, name) && !slices.Contains(out, p.ID) {
			out = append(out, p.ID)
		}
	}
	return out
}
