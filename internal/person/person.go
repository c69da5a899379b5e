package person

import (
	"slices"
	"strings"
	"unicode"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/org/tree"
)

// Person is a member of the staff, serving or departed.
type Person struct {
	ID         id.ID      `json:"id"`
	StaffNo    string     `json:"staff_no"`
	Name       string     `json:"name"`
	Gender     string     `json:"gender"`
	Birth      clock.Date `json:"birth,omitempty"`
	Native     string     `json:"native,omitempty"` // region code of the native place (籍贯)
	Unit       id.ID      `json:"unit"`
	Department id.ID      `json:"department,omitempty"`
	Title      string     `json:"title,omitempty"` // of the main post
	Rank       string     `json:"rank,omitempty"`  // 等级: 四级高级检察官
	Leadership bool       `json:"leadership"`      // member of the leadership (领导班子成员)
	Status     string     `json:"status"`
	DepartedOn clock.Date `json:"departed_on,omitempty"`
	Rev        int64      `json:"rev"`

	sealed []byte // the ID number
	blind  string
}

// HasIDNumber tells whether an ID number is kept.
func (p Person) HasIDNumber() bool { return len(p.sealed) > 0 }

// Genders as they are stored; Unknown where no document says.
const (
	Male   = "male"
	Female = "female"
)

// The states of a person. How somebody left decides what he may do afterwards
// (司发通〔2021〕61号; Procurators Law art. 37), so the ways are kept apart.
const (
	Serving     = "serving"     // 在职
	Retired     = "retired"     // 退休
	Resigned    = "resigned"    // 辞职
	Dismissed   = "dismissed"   // 开除
	Removed     = "removed"     // 辞退
	Transferred = "transferred" // 调离
)

var keepers = []flow.By{{Role: actor.Personnel, Scope: flow.Below}}

// Flow is how people leave and come back.
var Flow = flow.Table{Name: "person", Start: Serving, Steps: []flow.Step{
	{From: Serving, Do: "retire", To: Retired, Who: keepers},
	{From: Serving, Do: "resign", To: Resigned, Who: keepers},
	{From: Serving, Do: "dismiss", To: Dismissed, Who: keepers},
	{From: Serving, Do: "remove", To: Removed, Who: keepers},
	{From: Serving, Do: "transfer_out", To: Transferred, Who: keepers},
	{From: Retired, Do: "reinstate", To: Serving, Who: keepers},
	{From: Resigned, Do: "reinstate", To: Serving, Who: keepers},
	{From: Dismissed, Do: "reinstate", To: Serving, Who: keepers},
	{From: Removed, Do: "reinstate", To: Serving, Who: keepers},
	{From: Transferred, Do: "reinstate", To: Serving, Who: keepers},
}}

// Post is a post with its term of office (任期). A term without end goes on.
type Post struct {
	ID         id.ID      `json:"id"`
	Person     id.ID      `json:"person"`
	Unit       id.ID      `json:"unit"`
	Department id.ID      `json:"department,omitempty"`
	Title      string     `json:"title"`
	Rank       string     `json:"rank,omitempty"`
	Leadership bool       `json:"leadership"`
	Main       bool       `json:"main"`
	From       clock.Date `json:"from,omitempty"`
	To         clock.Date `json:"to,omitempty"`
	Rev        int64      `json:"rev"`
}

// Employment is where a person worked before: a fact of recusal and restriction.
type Employment struct {
	ID       id.ID      `json:"id"`
	Person   id.ID      `json:"person"`
	Unit     id.ID      `json:"unit,omitempty"` // when it was one of ours
	Employer string     `json:"employer,omitempty"`
	Title    string     `json:"title,omitempty"`
	From     clock.Date `json:"from,omitempty"`
	To       clock.Date `json:"to,omitempty"`
}

// Relative is one entry about a relative. Entries are never changed.
type Relative struct {
	ID       id.ID      `json:"id"`
	Person   id.ID      `json:"person"`
	Kind     string     `json:"kind"`               // declared, corrected, ended
	Replaces id.ID      `json:"replaces,omitempty"` // the entry before it
	Relation string     `json:"relation"`
	Name     string     `json:"name"`
	Related  id.ID      `json:"related,omitempty"` // the relative himself, when he is staff
	Employer string     `json:"employer,omitempty"`
	From     clock.Date `json:"from,omitempty"`
	To       clock.Date `json:"to,omitempty"`
	Reason   string     `json:"reason,omitempty"`
	At       string     `json:"at"`
	By       id.ID      `json:"by,omitempty"`
}

// Kinds of entries about relatives.
const (
	Declared  = "declared"
	Corrected = "corrected"
	Ended     = "ended"
)

// Relations that are declared: the reporting set is wider than the set of
// recusal (Procurators Law arts. 24, 25, and the reporting forms of practice).
func Relations() []string {
	return []string{"spouse", "parent", "child", "sibling", "parent_in_law", "sibling_in_law", "child_in_law", "co_parent_in_law", "grandparent", "grandchild", "uncle_aunt", "nephew_niece", "cousin", "other"}
}

// Facts are what a check for recusal needs to know of a person.
type Facts struct {
	Native      string  `json:"native,omitempty"` // region code
	FormerUnits []id.ID `json:"former_units,omitempty"`
	Unit        id.ID   `json:"unit"`
	KinUnits    []id.ID `json:"kin_units,omitempty"`
}

const (
	maxName     = 100
	maxTitle    = 200
	maxRank     = 60
	maxEmployer = 200
	maxReason   = 500
	maxStaffNo  = 32
)

// plainStaffNo tells whether a staff number is one: letters, digits, hyphens.
func plainStaffNo(s string) bool {
	if s == "" || len(s) > maxStaffNo {
		return false
	}
	for _, r := range s {
		if (r < '0' || r > '9') && (r < 'A' || r > 'Z') && r != '-' {
			return false
		}
	}
	return true
}

// cleanName folds the spaces that forms put into names of two characters (张　三)
// and keeps the dot of minority names.
func cleanName(s string) string {
	s = strings.NewReplacer("•", "·", "・", "·", "‧", "·").Replace(strings.TrimSpace(s))
	han := strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
	if !han {
		return strings.Join(strings.Fields(s), " ")
	}
	return strings.Join(strings.Fields(s), "")
}

// checkFacts judges what can be judged of a person alone.
func checkFacts(p Person, today clock.Date, f *fault.Fields) {
	f.Need("name", p.Name)
	f.Max("name", p.Name, maxName)
	if !plainStaffNo(p.StaffNo) {
		f.Add("staff_no", "person.error.staff_no", p.StaffNo, maxStaffNo)
	}
	if !slices.Contains([]string{Male, Female, ""}, p.Gender) {
		f.Add("gender", "person.error.gender", p.Gender)
	}
	switch {
	case p.Birth != "" && !p.Birth.Valid():
		f.Add("birth", "error.date", p.Birth)
	case p.Birth.After(today):
		f.Add("birth", "person.error.birth_future", p.Birth)
	}
	if _, ok := tree.RegionByCode(p.Native); p.Native != "" && !ok {
		f.Add("native", "person.error.native", p.Native)
	}
	f.Max("title", p.Title, maxTitle)
	f.Max("rank", p.Rank, maxRank)
}

// checkTerm refuses a term that ends before it begins.
func checkTerm(from, to clock.Date, f *fault.Fields) {
	if to.Before(from) {
		f.Add("to", "error.end_before_start")
	}
}

// cleanStaffNo brings a staff number into its one written form.
func cleanStaffNo(s string) string { return strings.ToUpper(strings.Join(strings.Fields(s), "")) }
