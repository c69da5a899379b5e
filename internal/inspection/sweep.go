package inspection

import (
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
)

// Sweep asks sister units whether they have a confirmed common problem too
// (举一反三自查). What a unit reports itself gets a longer time to rectify than
// what an inspection finds: RectifyDays, a setting that names its source.
type Sweep struct {
	ID            id.ID      `json:"id"`
	Problem       id.ID      `json:"problem"`
	By            id.ID      `json:"by"`
	State         string     `json:"state"`
	Title         string     `json:"title"`
	Question      string     `json:"question"`
	Levels        []int      `json:"levels"` // profile: levels of the units asked
	Due           clock.Date `json:"due"`
	RectifyDays   int        `json:"rectify_days"`
	RectifySource string     `json:"rectify_source"`
	Author        id.ID      `json:"author"`
	At            string     `json:"at"`
	Rev           int64      `json:"rev"`
}

// SelfCheck is one unit's answer.
type SelfCheck struct {
	ID         id.ID      `json:"id"`
	Sweep      id.ID      `json:"sweep"`
	Unit       id.ID      `json:"unit"`
	By         id.ID      `json:"by"`
	State      string     `json:"state"`
	Answer     string     `json:"answer"` // have, none, not_applicable
	Note       string     `json:"note"`
	Proof      string     `json:"proof"`      // what shows it: documents, counts, records
	RectifyOn  clock.Date `json:"rectify_on"` // for have: to be rectified by
	Rectified  string     `json:"rectified"`  // what was done
	Author     id.ID      `json:"author"`
	AnsweredOn clock.Date `json:"answered_on"`
	Rev        int64      `json:"rev"`
}

// States.
const (
	SweepOpen   = "open"
	SweepClosed = "closed"

	CheckSent      = "sent"
	CheckClear     = "clear"     // answered: the unit does not have it
	CheckReported  = "reported"  // answered: it does
	CheckRectified = "rectified" // and has put it right
)

// Answers of a self-check.
const (
	AnswerHave = "have"
	AnswerNone = "none"
	AnswerNA   = "not_applicable"
)

// Answers lists them.
func Answers() []string { return []string{AnswerHave, AnswerNone, AnswerNA} }

// SweepFlow is the life of a sweep.
var SweepFlow = flow.Table{Name: "sweep", Start: SweepOpen, Steps: []flow.Step{
	{From: SweepOpen, Do: "close", To: SweepClosed, Who: byOffice},
}}

// CheckFlow is the life of one unit's self-check. An answer may be put right
// while the sweep is open.
var CheckFlow = flow.Table{Name: "selfcheck", Start: CheckSent, Steps: []flow.Step{
	{From: CheckSent, Do: "clear", To: CheckClear, Who: byUnit, Guard: "proof"},
	{From: CheckSent, Do: "report", To: CheckReported, Who: byUnit, Guard: "proof"},
	{From: CheckClear, Do: "report", To: CheckReported, Who: byUnit, Guard: "proof"},
	{From: CheckReported, Do: "rectify", To: CheckRectified, Who: byUnit, Guard: "proof"},
}}

// Defaults of a sweep. How much longer a self-reported problem gets is local
// practice, no rule of law: both are settings of the sweep, this is what the
// form offers.
const (
	sweepDays   = 15 // calendar days to answer
	rectifyDays = 180
)

func levelsText(ls []int) string {
	s := make([]string, len(ls))
	for i, l := range ls {
		s[i] = strconv.Itoa(l)
	}
	return strings.Join(s, ",")
}

func levelsOf(s string) (out []int) {
	for _, x := range strings.Split(s, ",") {
		if n, err := strconv.Atoi(x); err == nil && n >= 1 && n <= 4 && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}
