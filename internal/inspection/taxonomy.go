package inspection

import (
	"slices"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/org/intake"
)

// Taxonomy is one version of the classes of problems (问题分类) that a unit keeps
// for itself and those below it. The four implementations are law and stay; what
// stands below them is practice and changes. A published version is never
// changed, and each names for every class of the version before where it went:
// so a finding keeps the code of its day, and figures compare over versions.
type Taxonomy struct {
	ID          id.ID      `json:"id"`
	By          id.ID      `json:"by"`
	Version     int        `json:"version"`
	Title       string     `json:"title"`
	Source      string     `json:"source"` // document that gives it
	State       string     `json:"state"`
	Classes     []Class    `json:"classes"`
	Author      id.ID      `json:"author"`
	At          string     `json:"at"`
	Publisher   id.ID      `json:"publisher"`
	PublishedOn clock.Date `json:"published_on"`
	Rev         int64      `json:"rev"`
}

// Class is one class of problems.
type Class struct {
	Code     string   `json:"code"`
	Name     string   `json:"name"`
	Category string   `json:"category"`       // implementation that it belongs to
	Was      []string `json:"was,omitempty"`  // codes of the version before that it takes over
	Part     []string `json:"part,omitempty"` // those of which it takes over a part, see ParseClasses
}

// Label is how a class is cited.
func (c Class) Label() string { return c.Code + " " + c.Name }

// States of a taxonomy.
const (
	TaxonomyDraft     = "draft"
	TaxonomyPublished = "published"
	TaxonomyDropped   = "dropped"
)

// TaxonomyFlow is the life of a version: whoever drafted it does not publish it.
var TaxonomyFlow = flow.Table{Name: "taxonomy", Start: TaxonomyDraft, Steps: []flow.Step{
	{From: TaxonomyDraft, Do: "publish", To: TaxonomyPublished, Who: []flow.By{{Role: actor.Office, Scope: flow.ByUs}, {Role: actor.Leader, Scope: flow.ByUs}}, Guard: "other_person"},
	{From: TaxonomyDraft, Do: "drop", To: TaxonomyDropped, Who: byOffice},
}}

// Bounds of a taxonomy.
const (
	maxClasses   = 500
	maxClassCode = 20
	maxClassName = 60
)

// partMark stands behind a code of the version before of which a class takes over a
// part only.
const partMark = "+"

// noWas says in a line that a class takes over none of the version before.
const noWas = "-"

// Class finds a class by its code.
func (t Taxonomy) Class(code string) (Class, bool) {
	k := slices.IndexFunc(t.Classes, func(c Class) bool { return c.Code == code })
	if k < 0 {
		return Class{}, false
	}
	return t.Classes[k], true
}

// heir finds the class that took over a code of the version before.
func (t Taxonomy) heir(was string) (Class, bool) {
	k := slices.IndexFunc(t.Classes, func(c Class) bool { return slices.Contains(c.Was, was) })
	if k < 0 {
		return Class{}, false
	}
	return t.Classes[k], true
}

// ParseClasses reads one class a line: code, name, implementation and the codes of
// the version before that it takes over, with bars or tabs between, as a table is
// pasted. A class that names none takes over the class of the same code; "-" says
// that it is new. "D01+" says that a class takes over a part of D01: then at least two
// do, and each finding of D01 is decided by itself, see DecideClass. Every class
// before goes to exactly one or is divided: nothing is lost and nothing is counted
// twice.
func ParseClasses(text string, before []Class, bad *fault.Fields) []Class {
	var out []Class
	taken, parts := map[string]bool{}, map[string]int{}
	for k, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(strings.NewReplacer("｜", "|", "\t", "|").Replace(line))
		if line == "" {
			continue
		}
		cells := strings.Split(line, "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if len(cells) < 3 || len(cells) > 4 {
			bad.Add("classes", "taxonomy.bad.line", k+1)
			continue
		}
		c := Class{Code: cells[0], Name: cells[1]}
		var ok bool
		if c.Category, ok = intake.Meaning(catalogue(), "finding.category.", cells[2], Categories()); !ok {
			bad.Add("classes", "taxonomy.bad.category", k+1, cells[2])
		}
		if !plainCode(c.Code) {
			bad.Add("classes", "taxonomy.bad.code", k+1, maxClassCode)
		}
		if n := len([]rune(c.Name)); n == 0 || n > maxClassName {
			bad.Add("classes", "taxonomy.bad.name", k+1, maxClassName)
		}
		if slices.ContainsFunc(out, func(x Class) bool { return x.Code == c.Code }) {
			bad.Add("classes", "taxonomy.bad.double", k+1, c.Code)
		}
		was := ""
		if len(cells) == 4 {
			was = cells[3]
		}
		c.Was, c.Part = cutParts(wasOf(was, c.Code, before))
		for _, w := range c.Part {
			if !slices.ContainsFunc(before, func(x Class) bool { return x.Code == w }) {
				bad.Add("classes", "taxonomy.bad.was", k+1, w)
			}
			parts[w]++
		}
		for _, w := range c.Was {
			switch {
			case !slices.ContainsFunc(before, func(x Class) bool { return x.Code == w }):
				bad.Add("classes", "taxonomy.bad.was", k+1, w)
			case taken[w]:
				bad.Add("classes", "taxonomy.bad.taken", k+1, w)
			}
			taken[w] = true
		}
		out = append(out, c)
	}
	var lost []string
	for _, c := range before {
		switch n := parts[c.Code]; {
		case n > 0 && taken[c.Code]:
			bad.Add("classes", "taxonomy.bad.whole", c.Label())
		case n == 1:
			bad.Add("classes", "taxonomy.bad.one_part", c.Label())
		}
		if !taken[c.Code] && parts[c.Code] == 0 {
			lost = append(lost, c.Label())
		}
	}
	switch {
	case len(out) == 0:
		bad.Need("classes", "")
	case len(out) > maxClasses:
		bad.Add("classes", "taxonomy.bad.many", maxClasses)
	case len(lost) > 0:
		bad.Add("classes", "taxonomy.bad.lost", strings.Join(lost, "、"))
	}
	return out
}

func plainCode(s string) bool {
	if s == "" || len(s) > maxClassCode {
		return false
	}
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '.' {
			return false
		}
	}
	return true
}

// wasOf reads the codes that a class takes over.
func wasOf(cell, code string, before []Class) []string {
	switch {
	case cell == noWas || len(before) == 0 && cell == "":
		return nil
	case cell == "" && slices.ContainsFunc(before, func(x Class) bool { return x.Code == code }):
		return []string{code}
	}
	return strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune("、,，;； ", r) })
}

// cutParts tells the codes that are taken over whole from those with the mark of a
// part.
func cutParts(codes []string) (whole, part []string) {
	for _, c := range codes {
		if p, ok := strings.CutSuffix(c, partMark); ok && p != "" {
			if !slices.Contains(part, p) {
				part = append(part, p)
			}
		} else {
			whole = append(whole, c)
		}
	}
	return whole, part
}

// from are the codes of the version before as a line names them.
func (c Class) from() string {
	out := slices.Clone(c.Was)
	for _, p := range c.Part {
		out = append(out, p+partMark)
	}
	return strings.Join(out, "、")
}

// WriteClasses is the text that ParseClasses reads back, whatever stood before.
func WriteClasses(list []Class) string {
	lines := make([]string, len(list))
	for k, c := range list {
		was := noWas
		if from := c.from(); from != "" {
			was = from
		}
		lines[k] = c.Code + "|" + c.Name + "|" + c.Category + "|" + was
	}
	return strings.Join(lines, "\n")
}

// readClasses reads what WriteClasses wrote.
func readClasses(body string) []Class {
	var out []Class
	for _, line := range strings.Split(body, "\n") {
		cells := strings.Split(line, "|")
		if len(cells) != 4 {
			continue
		}
		c := Class{Code: cells[0], Name: cells[1], Category: cells[2]}
		c.Was, c.Part = cutParts(wasOf(cells[3], "", nil))
		out = append(out, c)
	}
	return out
}

// Lineage are the published versions of one keeper, the oldest first.
type Lineage []Taxonomy

// Now is the version in force.
func (l Lineage) Now() (Taxonomy, bool) {
	if len(l) == 0 {
		return Taxonomy{}, false
	}
	return l[len(l)-1], true
}

// at finds a version by its identifier.
func (l Lineage) at(n id.ID) int {
	return slices.IndexFunc(l, func(t Taxonomy) bool { return t.ID == n })
}

// Then is the class of a finding as it was recorded, with its version.
func (l Lineage) Then(of id.ID, code string) (Taxonomy, Class, bool) {
	k := l.at(of)
	if k < 0 {
		return Taxonomy{}, Class{}, false
	}
	c, ok := l[k].Class(code)
	return l[k], c, ok
}

// Today is the class of the version in force that a recorded class has become.
func (l Lineage) Today(of id.ID, code string) (Class, bool) {
	k := l.at(of)
	if k < 0 {
		return Class{}, false
	}
	c, ok := l[k].Class(code)
	for _, t := range l[k+1:] {
		if !ok {
			break
		}
		c, ok = t.heir(c.Code)
	}
	return c, ok
}

// Coded is a class as findings keep it: version and code.
type Coded struct {
	Of   id.ID  `json:"of"` // version of the taxonomy
	Code string `json:"code"`
}

// Became lists everything recorded that a class of the version in force stands
// for: itself, and the classes of earlier versions that have become it.
func (l Lineage) Became(code string) (out []Coded) {
	for _, t := range l {
		for _, c := range t.Classes {
			if now, ok := l.Today(t.ID, c.Code); ok && now.Code == code {
				out = append(out, Coded{t.ID, c.Code})
			}
		}
	}
	return out
}
