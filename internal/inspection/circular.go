package inspection

// Circular is what a published rectification circular (整改进展情况的通报) says:
// the facts of the inspection, the findings with the unit's own words about
// their state, and everything that could not be read for sure.
type Circular struct {
	Title    string    `json:"title"`
	Unit     *string   `json:"unit"`
	Kind     *string   `json:"kind"`
	Team     *string   `json:"team"`
	Start    *string   `json:"start"`
	End      *string   `json:"end"`
	Feedback *string   `json:"feedback"`
	AsOf     *string   `json:"as_of"`
	Sections []Section `json:"sections"`
	Totals   Totals    `json:"totals"`
	Warnings []Warning `json:"warnings"`

	Organisation []Part `json:"organisation"` // how the unit organised the work, and what followed
}

// Section is one aspect (方面) with its findings.
type Section struct {
	Title    string            `json:"title"`
	Findings []CircularFinding `json:"findings"`
}

// CircularFinding is one finding as the circular tells it.
type CircularFinding struct {
	No           string            `json:"no"`
	Text         string            `json:"text"`
	Status       string            `json:"status"` // the text's own word
	Due          *string           `json:"due"`
	DueWord      string            `json:"due_word"`
	DuePrecision string            `json:"due_precision"`
	Lead         string            `json:"lead"`
	Department   string            `json:"department"`
	Partner      string            `json:"partner,omitempty"` // department that helps
	Measures     []CircularMeasure `json:"measures"`
	Paragraph    int               `json:"paragraph"` // 1-based index into the article's body
}

// CircularMeasure is one measure or result of a finding.
type CircularMeasure struct {
	Text      string `json:"text"`
	Paragraph int    `json:"paragraph"`
}

// Part is text about the whole work rather than one finding.
type Part struct {
	Title     string `json:"title"`
	Text      string `json:"text"`
	Paragraph int    `json:"paragraph"`
}

// Totals are the figures that a circular gives for itself. A figure that the
// text does not have is absent, which is not zero.
type Totals struct {
	Aspects       *int           `json:"aspects"`
	Problems      *int           `json:"problems"`
	Measures      *int           `json:"measures"`
	ProblemStatus map[string]int `json:"problem_status"`
	MeasureStatus map[string]int `json:"measure_status"`
	People        map[string]int `json:"people"`
	RulesNew      *int           `json:"rules_new"`
	RulesRevised  *int           `json:"rules_revised"`
}

// Warning is a place that a person has to look at. Nothing was guessed there.
type Warning struct {
	Kind      string `json:"kind"`
	Text      string `json:"text"`
	Paragraph int    `json:"paragraph"` // 0 for the circular as a whole
	Expected  *int   `json:"expected,omitempty"`
	Found     *int   `json:"found,omitempty"`
}
