package lookback

import (
	"slices"
	"strings"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
)

// The five lenses: what a look-back looks at (founding report, 五方面).
const (
	LensPolitical = 1 // 从政治上审视“三个自觉”
	LensOwn       = 2 // 省级院的问题，更看最高检自身问题
	LensCommon    = 3 // 个性问题与共性问题
	LensNew       = 4 // 整改落实与新问题
	LensSource    = 5 // 融合整改、源头整改、标本兼治
)

// Lenses lists them.
func Lenses() []int { return []int{LensPolitical, LensOwn, LensCommon, LensNew, LensSource} }

// Points are the questions of a lens that are answered one by one. The first
// lens has them for each of the three consciousnesses (政治自觉、法治自觉、检察自觉);
// the others are worked along their items.
func Points(lens int) []string {
	if lens != LensPolitical {
		return nil
	}
	return []string{"political.study", "political.lead", "political.duty", "legal.basis", "legal.power", "legal.rules", "procuratorial.duty",
		"procuratorial.quality", "procuratorial.team"}
}

// Answers to a point.
func Answers() []string { return []string{"met", "partly", "unmet", "unseen"} }

// Note is a dated remark under a lens. A correction names the old one.
type Note struct {
	ID     id.ID  `json:"id"`
	Lens   int    `json:"lens"`
	Point  string `json:"point"`
	Answer string `json:"answer"`
	Text   string `json:"text"`
	Person id.ID  `json:"person"`
	At     string `json:"at"`
	Names  id.ID  `json:"names"`
}

// NoteCmd is a remark as handed in.
type NoteCmd struct {
	Lens   int    `json:"lens"`
	Point  string `json:"point"`
	Answer string `json:"answer"`
	Text   string `json:"text"`
	Names  id.ID  `json:"names"`
}

// Check judges a remark.
func (c NoteCmd) Check(bad *fault.Fields) {
	if !slices.Contains(Lenses(), c.Lens) {
		bad.Add("lens", "sample.bad.choice", c.Lens)
	}
	if c.Point != "" && !slices.Contains(Points(c.Lens), c.Point) {
		bad.Add("point", "sample.bad.choice", c.Point)
	}
	if c.Point != "" || c.Answer != "" {
		if !slices.Contains(Answers(), c.Answer) {
			bad.Add("answer", "sample.bad.choice", c.Answer)
		}
	}
	if c.Point == "" || c.Answer != "met" {
		bad.Need("text", c.Text)
	}
	bad.Max("text", c.Text, maxReason)
}

// InForce gives the newest answer to each point.
func InForce(notes []Note) map[string]Note {
	out := map[string]Note{}
	for _, n := range notes { // oldest first
		if n.Point != "" {
			out[n.Point] = n
		}
	}
	return out
}

// Belongs tells whether a sampled item is looked at under a lens; the first lens
// has no items of its own, the others look at all of them, each in its own order.
func Belongs(lens int, s Sample) bool {
	return lens != LensPolitical
}

// Coverage is one line of the fifth lens: for a type of problem, how many
// measures work on each of deterrence, control and education.
type Coverage struct {
	Category string         `json:"category"`
	Items    int            `json:"items"`
	Classes  map[string]int `json:"classes"`
}

// Missing lists the classes without any measure.
func (c Coverage) Missing() []string {
	return slices.DeleteFunc(MeasureClasses(), func(k string) bool { return c.Classes[k] > 0 })
}

// Cover makes the table of the fifth lens, by category in alphabetical order.
func Cover(samples []Sample) []Coverage {
	by := map[string]*Coverage{}
	for _, s := range samples {
		c := by[s.Category]
		if c == nil {
			c = &Coverage{Category: s.Category, Classes: map[string]int{}}
			by[s.Category] = c
		}
		c.Items++
		for k, n := range s.Classes {
			c.Classes[k] += n
		}
	}
	var out []Coverage
	for _, c := range by {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b Coverage) int { return strings.Compare(a.Category, b.Category) })
	return out
}
