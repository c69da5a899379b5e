package lookback

import (
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/rectification"
)

// Sample is one drawn item on its way to a verdict. What the item was when it
// was drawn is kept here; what it is now, rectification knows.
type Sample struct {
	ID        id.ID          `json:"id"`
	Lookback  id.ID          `json:"lookback"`
	Item      id.ID          `json:"item"`
	Finding   id.ID          `json:"finding"`
	Unit      id.ID          `json:"unit"`
	By        id.ID          `json:"by"`
	Team      id.ID          `json:"team"`
	Visit     id.ID          `json:"visit"`
	Closer    id.ID          `json:"closer"`
	No        string         `json:"no"`
	Title     string         `json:"title"`
	Severity  string         `json:"severity"`
	Category  string         `json:"category"`
	Scope     string         `json:"scope"`
	Higher    bool           `json:"higher"` // the cause lies above the unit
	Part      string         `json:"part"`
	Weight    int            `json:"weight"`
	Factors   []string       `json:"factors"`
	Claimed   string         `json:"claimed"`
	ClosedOn  clock.Date     `json:"closed_on"`
	JudgedOn  clock.Date     `json:"judged_on"` // when the verdict came into force
	SinceOn   clock.Date     `json:"since_on"`  // of a relapse, when the team could tell
	Classes   map[string]int `json:"classes"`   // measures by deterrence, control, education
	State     string         `json:"state"`
	Verdict   string         `json:"verdict"`   // in force once confirmed
	Effect    string         `json:"effect"`    // of the rectification, graded apart from its completion
	Entry     id.ID          `json:"entry"`     // that says so
	Reopening string         `json:"reopening"` // "", proposed, reopened, kept
	Changed   string         `json:"changed"`
	Rev       int64          `json:"rev"`
	Concerns  []id.ID        `json:"-"`
}

// PartNamed marks an item that the office added to the sample with a reason
// (另加指定). Like the risk part, it does not speak for the population.
const PartNamed = "named"

// States of a sampled item.
const (
	Open      = "open"
	Judged    = "judged"
	Confirmed = "confirmed"
	Objected  = "objected"
	Reviewed  = "reviewed"
)

var (
	byTeam      = []flow.By{{Role: actor.Lookback, Scope: flow.OfTeam}, {Role: actor.TeamLeader, Scope: flow.OfTeam}}
	byLeader    = []flow.By{{Role: actor.TeamLeader, Scope: flow.OfTeam}, {Role: actor.Office, Scope: flow.ByUs}}
	byUnit      = []flow.By{{Role: actor.UnitHead, Scope: flow.OfUnit}, {Role: actor.Liaison, Scope: flow.OfUnit}}
	byTeamOrOff = append(slices.Clone(byTeam), byOffice...)
)

// SampleFlow is the way of a sampled item. Guards: evidence = method, reason and
// new evidence; other_person = not the one who judged; the office confirms only
// what the leader himself judged; names = says which entry it corrects.
var SampleFlow = flow.Table{Name: "sample", Start: Open, Steps: []flow.Step{
	{From: Open, Do: "judge", To: Judged, Who: byTeam, Guard: "evidence"},
	{From: Judged, Do: "correct", To: Judged, Who: byTeam, Guard: "names"},
	{From: Judged, Do: "confirm", To: Confirmed, Who: byLeader, Guard: "other_person"},
	{From: Judged, Do: "return", To: Open, Who: byLeader, Guard: "reason"},
	{From: Confirmed, Do: "correct", To: Judged, Who: byTeam, Guard: "names"},
	{From: Confirmed, Do: "object", To: Objected, Who: byUnit, Guard: "reason"},
	{From: Objected, Do: "review", To: Reviewed, Who: byTeamOrOff, Guard: "third_person"},
}}

// known are the states in which the inspected unit knows the verdict. A verdict
// that is being corrected is withdrawn from its sight until it is confirmed again.
var known = []string{Confirmed, Objected, Reviewed}

// Known tells whether a verdict is in force.
func Known(state string) bool { return slices.Contains(known, state) }

// Reopening of an item whose close-out did not hold.
const (
	Proposed = "proposed"
	Reopened = "reopened"
	Kept     = "kept"
)

// ReopeningFlow is what the office does with a proposal to open an item again.
var ReopeningFlow = flow.Table{Name: "reopening", Start: Proposed, Steps: []flow.Step{
	{From: Proposed, Do: "reopen", To: Reopened, Who: byOffice, Guard: "reason"},
	{From: Proposed, Do: "keep", To: Kept, Who: byOffice, Guard: "reason"},
}}

// ProposesReopening tells whether a verdict asks for the item to be opened again.
func ProposesReopening(verdict string) bool {
	return verdict == rectification.False || verdict == rectification.Paper || verdict == rectification.Relapsed
}

// Methods of verification (听看查访, domain A1).
func Methods() []string { return []string{"listen", "look", "check", "visit"} }

// Grades of effect (整改成效), given beside the verdict: a thing can be done as
// written and change nothing, or be half done and help. The founding report asks
// for both, completion and results.
const (
	EffectClear  = "clear"
	EffectSome   = "some"
	EffectLittle = "little"
	EffectNone   = "none"
)

// Effects lists the grades.
func Effects() []string { return []string{EffectClear, EffectSome, EffectLittle, EffectNone} }

// untested lists the numbers of claims that the team has not answered. A verdict
// stands on the tests that the close-out itself named, one by one.
func untested(claims []rectification.Claim, tests []Test) (out []string) {
	done := LatestTests(tests)
	for _, c := range claims {
		if _, ok := done[c.ID]; !ok && !c.Dropped {
			out = append(out, strconv.Itoa(c.No))
		}
	}
	return out
}

// Entry is one dated act on a sampled item: a verdict, its correction, its
// confirmation, an objection, a second opinion.
type Entry struct {
	ID      id.ID      `json:"id"`
	Sample  id.ID      `json:"sample"`
	At      string     `json:"at"`
	Person  id.ID      `json:"person"`
	Do      string     `json:"do"`
	Verdict string     `json:"verdict"`
	Methods []string   `json:"methods"`
	Reason  string     `json:"reason"`
	Names   id.ID      `json:"names"` // earlier entry that it corrects, confirms or answers
	Since   clock.Date `json:"since"` // of a relapse
	Effect  string     `json:"effect"`
}

// Evidence is what the look-back team itself saw: a file, or the note of an
// interview or of a look on the spot.
type Evidence struct {
	ID       id.ID  `json:"id"`
	Sample   id.ID  `json:"sample"`
	At       string `json:"at"`
	Person   id.ID  `json:"person"`
	Kind     string `json:"kind"`
	Asked    string `json:"asked"` // who was asked, or what was looked at
	Text     string `json:"text"`
	Hash     string `json:"hash"`
	Name     string `json:"name"`
	FileKind string `json:"file_kind"`
	Mime     string `json:"mime"`
	Size     int64  `json:"size"`
}

// Kinds of evidence.
const (
	EvidenceFile = "file"
	EvidenceNote = "note"
)

// JudgeCmd is a verdict as handed in.
type JudgeCmd struct {
	Verdict string     `json:"verdict"`
	Effect  string     `json:"effect"` // nothing where nothing could be verified
	Methods []string   `json:"methods"`
	Reason  string     `json:"reason"`
	Asked   string     `json:"asked"` // interview or look on the spot, together with Note
	Note    string     `json:"note"`
	Names   id.ID      `json:"names"` // entry that is corrected
	Since   clock.Date `json:"since"` // since when a relapse is known to have lasted; may be empty
	Rev     int64      `json:"rev"`
}

// Check judges a verdict; evidence counts what the team has put to the item,
// this command included.
func (c JudgeCmd) Check(bad *fault.Fields, evidence int) {
	if strings.TrimSpace(c.Verdict) == "" {
		bad.Need("verdict", "")
	} else if !slices.Contains(rectification.Verdicts(), c.Verdict) {
		bad.Add("verdict", "sample.bad.choice", c.Verdict)
	}
	if len(c.Methods) == 0 {
		bad.Need("methods", "")
	}
	for _, m := range c.Methods {
		if !slices.Contains(Methods(), m) {
			bad.Add("methods", "sample.bad.choice", m)
		}
	}
	switch unverifiable := c.Verdict == rectification.Unverifiable; {
	case c.Effect == "" && !unverifiable:
		bad.Need("effect", "")
	case c.Effect != "" && unverifiable:
		bad.Add("effect", "sample.bad.effect")
	case c.Effect != "" && !slices.Contains(Effects(), c.Effect):
		bad.Add("effect", "sample.bad.choice", c.Effect)
	}
	bad.Need("reason", c.Reason)
	bad.Max("reason", c.Reason, maxReason)
	c.checkNote(bad)
	if evidence == 0 && c.Verdict != rectification.Unverifiable && strings.TrimSpace(c.Verdict) != "" {
		bad.Add("files", "sample.bad.evidence")
	}
}

// checkSince allows a date of relapse only to a relapse, between the close-out and today.
func (c JudgeCmd) checkSince(bad *fault.Fields, closed, today clock.Date) {
	switch {
	case c.Since == "":
	case c.Verdict != rectification.Relapsed:
		bad.Add("since", "sample.bad.since_verdict")
	case c.Since.Before(closed), c.Since.After(today):
		bad.Add("since", "sample.bad.since", string(closed), string(today))
	}
}

func (c JudgeCmd) checkNote(bad *fault.Fields) {
	bad.Max("note", c.Note, maxText)
	bad.Max("asked", c.Asked, maxName)
	if c.Note != "" && c.Asked == "" {
		bad.Need("asked", "")
	}
	if c.Asked != "" && c.Note == "" {
		bad.Need("note", "")
	}
}

// Hands lists who had a hand in the rectification or close-out of an item: who
// applied, judged, closed. They stay out of its look-back.
func Hands(i rectification.Item, closings []rectification.Closing) []id.ID {
	all := []id.ID{i.Closer, i.Rectifier}
	for _, c := range closings {
		all = append(all, c.By, c.Judge)
	}
	var out []id.ID
	for _, p := range all {
		if p != "" && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

// Recused refuses a person with a hand in the item.
func Recused(person id.ID, hands []id.ID) error {
	if person != "" && slices.Contains(hands, person) {
		return refuse("sample.refuse.hand")
	}
	return nil
}

// MayConfirm refuses to confirm one's own verdict, and the office to step in
// where the team has a leader who can.
func MayConfirm(who actor.Actor, s Sample, verdict Entry, authorLeads bool) error {
	if who.Has(actor.System) {
		return nil
	}
	if who.Person == "" || who.Person == verdict.Person {
		return refuse("sample.refuse.own_verdict")
	}
	leads := slices.ContainsFunc(who.Teams, func(m actor.Membership) bool { return m.Team == s.Team && m.Role == actor.TeamLeader })
	if !leads && !authorLeads {
		return refuse("sample.refuse.leader_confirms")
	}
	return nil
}

// MayReview wants a third person for the second opinion: none of those whose
// acts made the verdict or who objected to it.
func MayReview(who actor.Actor, entries []Entry) error {
	if who.Has(actor.System) {
		return nil
	}
	for _, e := range entries {
		if who.Person == "" || e.Person == who.Person {
			return refuse("sample.refuse.third_person")
		}
	}
	return nil
}

// refuse is a refusal that may be explained, because the person sees the item
// anyway; it is logged like every refusal.
func refuse(key string) error {
	return &fault.Error{Kind: fault.KindForbidden, Key: key, Denied: key}
}

// Last finds the newest entry that carries a verdict.
func Last(entries []Entry) (Entry, bool) {
	for _, e := range slices.Backward(entries) {
		if e.Verdict != "" && (e.Do == "judge" || e.Do == "correct" || e.Do == "review") {
			return e, true
		}
	}
	return Entry{}, false
}
