package directive

// Draft is what the extraction found in a meeting report; a person confirms,
// edits, splits and merges it before anything is asked of anybody.
type Draft struct {
	Title     string     `json:"title"`
	Published string     `json:"published"`
	Themes    []Theme    `json:"themes"`
	Warnings  []string   `json:"warnings"`
	Sentences []Sentence `json:"sentences,omitempty"`
}

// Theme is a head under which a report asks for something.
type Theme struct {
	Title        string      `json:"title"`
	Requirements []Extracted `json:"requirements"`
}

// Extracted is one thing that is asked for.
type Extracted struct {
	Text      string `json:"text"`
	Quote     string `json:"quote"`     // exact substring of the paragraph
	Paragraph int    `json:"paragraph"` // from 1
}

// Sentence is one sentence of the body with its class, so that coverage can be shown.
type Sentence struct {
	Paragraph int    `json:"paragraph"`
	No        int    `json:"no"` // within the paragraph, from 1
	Text      string `json:"text"`
	Class     string `json:"class"`
}

// Classes of sentences.
const (
	ClassRequirement  = "requirement"  // asks for something
	ClassBackground   = "background"   // says why, or explains
	ClassReport       = "report"       // tells what was done
	ClassParticipants = "participants" // who was there
)
