package fieldwork

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
)

// Paper is a working paper (底稿): an interview, a petition, a report heard, files
// read. Its text is sealed in the database.
type Paper struct {
	ID id.ID `json:"id"`
	Scope
	No       string     `json:"no"`
	Seq      int        `json:"seq"`
	Kind     string     `json:"kind"`
	Title    string     `json:"title"`
	Secrecy  string     `json:"secrecy"`
	On       clock.Date `json:"on"`
	Place    string     `json:"place"`
	Text     string     `json:"text"`
	Persons  string     `json:"persons"` // who was heard or wrote
	Findings []id.ID    `json:"findings,omitempty"`
	State    string     `json:"state"`
	Reason   string     `json:"reason"`
	Author   id.ID      `json:"author"`
	Reviewer id.ID      `json:"reviewer,omitempty"`
	Rev      int64      `json:"rev"`
}

// PaperKinds are the ways of field work (listen, look, check, visit).
func PaperKinds() []string {
	return []string{"interview", "petition", "hearing", "files", "sit_in", "visit", "questionnaire", "check"}
}

// Secrecy levels. Top secret (绝密) is never kept in a networked system.
const (
	Internal     = "internal"     // 内部
	Secret       = "secret"       // 秘密
	Confidential = "confidential" // 机密: author and team leader only
)

// Secrecies lists the levels from low to high.
func Secrecies() []string { return []string{Internal, Secret, Confidential} }

// States of papers and reports.
const (
	Draft     = "draft"
	Submitted = "submitted"
	Approved  = "approved"
)

// PaperFlow: the author hands in, the team leader approves (问题底稿须经审定).
var PaperFlow = flow.Table{Name: "paper", Start: Draft, Steps: []flow.Step{
	{From: Draft, Do: "submit", To: Submitted, Who: byTeam},
	{From: Submitted, Do: "approve", To: Approved, Who: byTeamLeader},
	{From: Submitted, Do: "return", To: Draft, Who: byTeamLeader, Guard: "reason"},
}}

// Report is a text of the team whose every sentence leads to the papers that bear
// it: the inspection report, a special report (domain I-4), the feedback opinion.
type Report struct {
	ID id.ID `json:"id"`
	Scope
	Kind   string `json:"kind"`
	Title  string `json:"title"`
	Text   string `json:"text"`
	State  string `json:"state"`
	Reason string `json:"reason"`
	Bare   int    `json:"bare"` // sentences without a paper when it was handed in
	Author id.ID  `json:"author"`
	Rev    int64  `json:"rev"`
}

// Kinds of reports.
const (
	ReportInspection = "inspection"
	ReportSpecial    = "special"
	ReportFeedback   = "feedback"
)

// ReportKinds lists the kinds of reports.
func ReportKinds() []string { return []string{ReportInspection, ReportSpecial, ReportFeedback} }

// ReportFlow: the team leader hands in, the dispatching side's leader approves.
var ReportFlow = flow.Table{Name: "report", Start: Draft, Steps: []flow.Step{
	{From: Draft, Do: "submit", To: Submitted, Who: byTeamLeader, Guard: "borne_or_reason"},
	{From: Submitted, Do: "approve", To: Approved, Who: []flow.By{{Role: actor.Leader, Scope: flow.ByUs}}},
	{From: Submitted, Do: "return", To: Draft, Who: []flow.By{{Role: actor.Leader, Scope: flow.ByUs}, {Role: actor.Office, Scope: flow.ByUs}}, Guard: "reason"},
}}

// Sentence is one sentence of a report, or a heading.
type Sentence struct {
	Text    string   `json:"text"`
	Refs    []string `json:"refs,omitempty"` // numbers of papers as written
	Heading bool     `json:"heading,omitempty"`
	Start   bool     `json:"start,omitempty"` // first of its paragraph
}

// Bare tells that the sentence asserts something that no paper bears.
func (s Sentence) Bare() bool { return !s.Heading && len(s.Refs) == 0 }

var (
	refMark = regexp.MustCompile(`〔(?:底稿)?\s*([0-9]{1,5}(?:\s*[、,，]\s*[0-9]{1,5})*)\s*〕`)
	refPart = regexp.MustCompile(`[0-9]{1,5}`)
	headNo  = regexp.MustCompile(`^(?:[一二三四五六七八九十百]+、|（[一二三四五六七八九十百]+）|[0-9]{1,3}[.．、])`)
)

// maxHeading is the longest line that counts as a heading.
const maxHeading = 40

// Sentences takes a report apart. A sentence ends with 。！？ or the line; the
// papers that bear it stand behind it in brackets: 〔底稿3、7〕, before or behind the
// full stop. A short line without full stop is a heading.
func Sentences(text string) []Sentence {
	var out []Sentence
	for _, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		bare := strings.TrimSpace(refMark.ReplaceAllString(line, ""))
		if bare == line && utf8.RuneCountInString(line) <= maxHeading && !strings.ContainsAny(line, "。！？；") &&
			(headNo.MatchString(line) || !strings.ContainsAny(line, "，、：:")) {
			out = append(out, Sentence{Text: line, Heading: true, Start: true})
			continue
		}
		out = append(out, cut(line)...)
	}
	return out
}

// cut splits one paragraph into sentences with their references.
func cut(line string) []Sentence {
	var out []Sentence
	first := true
	add := func(part string) {
		var refs []string
		for _, m := range refMark.FindAllStringSubmatch(part, -1) {
			for _, n := range refPart.FindAllString(m[1], -1) {
				if n = strings.TrimLeft(n, "0"); n != "" && !slices.Contains(refs, n) {
					refs = append(refs, n)
				}
			}
		}
		text := strings.TrimSpace(refMark.ReplaceAllString(part, ""))
		if text == "" {
			if n := len(out); n > 0 && len(refs) > 0 { // marks behind the full stop
				for _, x := range refs {
					if !slices.Contains(out[n-1].Refs, x) {
						out[n-1].Refs = append(out[n-1].Refs, x)
					}
				}
			}
			return
		}
		out = append(out, Sentence{Text: text, Refs: refs, Start: first})
		first = false
	}
	for line != "" {
		i := strings.IndexAny(line, "。！？")
		if i < 0 {
			add(line)
			break
		}
		_, w := utf8.DecodeRuneInString(line[i:])
		end := i + w
		for _, q := range []string{"”", "’", "）", "」"} {
			if strings.HasPrefix(line[end:], q) {
				end += len(q)
			}
		}
		rest := line[end:]
		for {
			trimmed := strings.TrimLeft(rest, " 　")
			loc := refMark.FindStringIndex(trimmed)
			if loc == nil || loc[0] != 0 {
				break
			}
			end = len(line) - len(trimmed) + loc[1]
			rest = line[end:]
		}
		add(line[:end])
		line = strings.TrimSpace(rest)
	}
	return out
}

// Plain is the text of a report without its references, for the document that
// leaves the house.
func Plain(text string) []string {
	var out []string
	for _, s := range Sentences(text) {
		if s.Start || len(out) == 0 {
			out = append(out, s.Text)
			continue
		}
		out[len(out)-1] += s.Text
	}
	return out
}

// Clue is a lead about persons (问题线索): never a finding (domain I-7). After it
// is handed over only its number stays with the team.
type Clue struct {
	ID id.ID `json:"id"`
	Scope
	No      string     `json:"no"`
	Seq     int        `json:"seq"`
	Line    string     `json:"line"`
	Subject string     `json:"subject,omitempty"`
	Text    string     `json:"text,omitempty"`
	On      clock.Date `json:"on"`
	Handed  clock.Date `json:"handed"`
	Receipt string     `json:"receipt"` // number under which the line took it
	State   string     `json:"state"`
	Author  id.ID      `json:"author"`
	Rev     int64      `json:"rev"`
}

// States of a clue.
const (
	ClueNoted    = "noted"
	ClueHanded   = "handed"
	ClueReceived = "received"
)

// Lines to which clues go: discipline and supervision; personnel matters to
// organisation, ideology to publicity (the last two K).
const (
	LineDiscipline   = "discipline"
	LineOrganisation = "organisation"
	LinePublicity    = "publicity"
)

// ClueLines lists them.
func ClueLines() []string { return []string{LineDiscipline, LineOrganisation, LinePublicity} }

// at is what decides who may know of a clue: its state and, once it has left the team,
// the line to which it went.
func (c Clue) at() string {
	if c.State == ClueNoted {
		return c.State
	}
	return c.State + ":" + c.Line
}

// left are the states in which a clue is with one of some lines.
func left(lines ...string) (out []string) {
	for _, l := range lines {
		out = append(out, ClueHanded+":"+l, ClueReceived+":"+l)
	}
	return out
}

// ClueFlow is the life of a clue up to its receipt by its line. Personnel and publicity
// are both of the political department (政治部) of a procuratorate.
var ClueFlow = flow.Table{Name: "clue", Start: ClueNoted, Steps: []flow.Step{
	{From: ClueNoted, Do: "hand_over", To: ClueHanded, Who: byTeamLeader},
	{From: ClueHanded, Do: "receive", To: ClueReceived, Who: []flow.By{{Role: actor.Discipline, Scope: flow.ByUs}, {Role: actor.Personnel, Scope: flow.ByUs}}, Guard: "receipt"},
}}
