package conduct

import (
	"encoding/json"

	"huikan/internal/kernel/clock"
)

// letter is what a served paper says. It is kept as it was served: what the case
// adds later is not what the person was told. One without several acts is its text
// alone.
type letter struct {
	Text   string   `json:"text"`
	Acts   []Act    `json:"acts,omitempty"`
	Merged []Merged `json:"merged,omitempty"`
}

// UnmarshalJSON reads both: a text, and a text with acts.
func (l *letter) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &l.Text)
	}
	type plain letter
	return json.Unmarshal(b, (*plain)(l))
}

// letter gives the person each act that is held against him with what it alone would
// get, when he is told and when it is decided (政务处分法 15, 43, 45). The handlers'
// words about an act stay with the case: they may name who reported it.
func (c *Catalogue) letter(x Case, kind, text string, today clock.Date) letter {
	l := letter{Text: text}
	if kind != PaperHearing && kind != PaperDecision {
		return l
	}
	l.Acts = c.liable(x)
	for i := range l.Acts {
		l.Acts[i].Text = ""
	}
	on := x.DecidedOn
	if on == "" {
		on = today
	}
	l.Merged = c.Merge(l.Acts, on)
	return l
}
