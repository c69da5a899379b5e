package inspection

import (
	"strconv"
	"strings"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
)

// Criterion is one version of an article that findings are judged by (依据条款).
// A version is never changed: a new wording is a new version with its own dates,
// and a finding keeps the wording that it was written with.
type Criterion struct {
	ID       id.ID      `json:"id"`
	Series   id.ID      `json:"series"` // first version
	Version  int        `json:"version"`
	By       id.ID      `json:"by"` // unit that keeps it
	Document string     `json:"document"`
	Article  string     `json:"article"`
	Text     string     `json:"text"`
	From     clock.Date `json:"from"`
	To       clock.Date `json:"to"` // "" while in force
	Person   id.ID      `json:"person"`
	At       string     `json:"at"`
	Rev      int64      `json:"rev"`
}

// InForce tells whether the version is in force on a day.
func (c Criterion) InForce(on clock.Date) bool {
	return c.From <= on && (c.To == "" || c.To >= on)
}

// Name is how a finding cites it.
func (c Criterion) Name() string { return "《" + c.Document + "》" + c.Article }

// Wording is what a finding keeps.
func (c Criterion) Wording() string { return c.Name() + "：" + c.Text }

// CriterionCmd is a new article, or a new version of one.
type CriterionCmd struct {
	Replaces id.ID      `json:"replaces"`
	Document string     `json:"document"`
	Article  string     `json:"article"`
	Text     string     `json:"text"`
	From     clock.Date `json:"from"`
}

// EndCriterionCmd ends an article that nothing takes the place of.
type EndCriterionCmd struct {
	To  clock.Date `json:"to"`
	Rev int64      `json:"rev"`
}

// Check judges a version beside the one that it replaces.
func (c CriterionCmd) Check(bad *fault.Fields, old *Criterion) {
	for _, x := range []struct {
		name, value string
		max         int
	}{{"document", c.Document, maxTitle}, {"article", c.Article, maxTitle}, {"text", c.Text, maxText}} {
		bad.Need(x.name, x.value)
		bad.Max(x.name, x.value, x.max)
	}
	switch {
	case c.From == "":
		bad.Need("from", "")
	case old != nil && c.From <= old.From:
		bad.Add("from", "criterion.bad.from", string(old.From))
	}
}

// Manifestation is one way in which a problem shows (具体表现): it is counted for
// itself, beside the aspects, the problems and the measures.
type Manifestation struct {
	Text  string `json:"text"`
	Times int    `json:"times"` // how often it was seen
}

// Bounds of the manifestations of a finding.
const (
	maxManifestations = 100
	maxTimes          = 1000000
)

// ParseManifestations reads one manifestation a line, with how often it was seen
// behind a bar: 无审批单｜3.
func ParseManifestations(text string, bad *fault.Fields) []Manifestation {
	var out []Manifestation
	for k, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(strings.ReplaceAll(line, "｜", "|"))
		if line == "" {
			continue
		}
		m := Manifestation{Text: line, Times: 1}
		if at := strings.LastIndex(line, "|"); at >= 0 {
			n, err := strconv.Atoi(strings.TrimSpace(line[at+1:]))
			if err != nil || n < 1 || n > maxTimes || strings.TrimSpace(line[:at]) == "" {
				bad.Add("manifestations", "finding.bad.manifestation", k+1)
				continue
			}
			m.Text, m.Times = strings.TrimSpace(line[:at]), n
		}
		bad.Max("manifestations", m.Text, maxReason)
		out = append(out, m)
	}
	if len(out) > maxManifestations {
		bad.Add("manifestations", "finding.bad.manifestations", maxManifestations)
	}
	return out
}

// WriteManifestations is the text that ParseManifestations reads.
func WriteManifestations(list []Manifestation) string {
	lines := make([]string, len(list))
	for k, m := range list {
		if lines[k] = m.Text; m.Times != 1 || strings.Contains(m.Text, "|") {
			lines[k] += "|" + strconv.Itoa(m.Times)
		}
	}
	return strings.Join(lines, "\n")
}

// Counted are the four sums of a set of findings, each counted for itself
// (方面、问题、表现): circulars state them apart, and so do measures in the ledger.
type Counted struct {
	Aspects        int `json:"aspects"`
	Problems       int `json:"problems"`
	Manifestations int `json:"manifestations"` // rows
	Times          int `json:"times"`          // how often they were seen
}

// Count sums up.
func Count(list []Finding) (c Counted) {
	aspects := map[string]bool{}
	for _, f := range list {
		c.Problems++
		if a := strings.TrimSpace(f.Aspect); a != "" {
			aspects[a] = true
		}
		c.Manifestations += len(f.Manifestations)
		for _, m := range f.Manifestations {
			c.Times += m.Times
		}
	}
	c.Aspects = len(aspects)
	return c
}
