package rectification

import (
	"slices"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
)

// Levels of the sign-off of a close-out (多级审签), in their order: the unit's
// leading group, the inspection office, the discipline line, the personnel line
// (domain I-8: office coordinates, discipline and organisation supervise daily).
const (
	LevelUnit       = "unit"
	LevelOffice     = "office"
	LevelDiscipline = "discipline"
	LevelPersonnel  = "personnel"
	levelClose      = "close" // of a close-out without a chain
)

// Levels lists them in order.
func Levels() []string { return []string{LevelUnit, LevelOffice, LevelDiscipline, LevelPersonnel} }

var levelRole = map[string]actor.Role{LevelUnit: actor.UnitHead, LevelOffice: actor.Office, LevelDiscipline: actor.Reviewer, LevelPersonnel: actor.Personnel}

// Chains are the chains that a round may choose: how many signatures a close-out
// needs is the practice of a place, so the round says so with its document.
func Chains() []string {
	return []string{"", "unit office", "unit office discipline", "unit office discipline personnel"}
}

// Bounds of honest signing. Practice of our own, shown beside the figures.
const (
	// HourLimit is how many approvals of one person within an hour count as
	// looked at; what is approved beyond needs a second person.
	HourLimit = 12
	// StampSeconds is the time for each piece of evidence below which an approval
	// counts as a rubber stamp.
	StampSeconds = 20
)

// Signature is one approval of an application. Second: the person had signed too
// much within the hour, so that another one has to sign as well.
type Signature struct {
	ID          id.ID  `json:"id"`
	Item        id.ID  `json:"item"`
	Unit        id.ID  `json:"unit"`
	By          id.ID  `json:"by"`
	Application int    `json:"application"`
	Level       string `json:"level"`
	Second      bool   `json:"second"`
	Person      id.ID  `json:"person"`
	At          string `json:"at"`
	Opinion     string `json:"opinion"`
	Pieces      int    `json:"pieces"`  // evidence in force when it was signed
	Seconds     int    `json:"seconds"` // from opening the first piece to the signature
}

// Stamp tells whether a signature is a rubber stamp: less time than a glance at
// each piece takes.
func (s Signature) Stamp() bool { return s.Seconds < StampSeconds*max(1, s.Pieces) }

// levelDone tells whether a level is complete: signed, and by a second person where
// the first had signed too much.
func levelDone(signs []Signature, level string) bool {
	n, second := 0, false
	for _, s := range signs {
		if s.Level == level {
			n++
			second = second || s.Second
		}
	}
	return n > 1 || n == 1 && !second
}

// NextLevel is the level that an application waits for, "" when the chain is
// complete. signs are those of the application in force.
func NextLevel(chain string, signs []Signature) string {
	for _, l := range strings.Fields(chain) {
		if !levelDone(signs, l) {
			return l
		}
	}
	return ""
}

// maySign refuses whoever signed already, on whatever level, and on the unit's
// level whoever made the application.
func maySign(who actor.Actor, i Item, level string, signs []Signature) error {
	if who.Has(actor.System) {
		return nil
	}
	switch {
	case who.Person == "":
		return refuse("item.refuse.no_person")
	case slices.ContainsFunc(signs, func(s Signature) bool { return s.Person == who.Person }):
		return refuse("item.refuse.signed")
	case level == LevelUnit && who.Person == i.Rectifier:
		return refuse("item.refuse.own_work")
	case level != levelClose && !who.Has(levelRole[level]):
		return &fault.Error{Kind: fault.KindForbidden, Key: "item.refuse.level", Args: []any{"item.level." + level, "role." + string(levelRole[level])}, Denied: "item.sign: level " + level}
	}
	return nil
}

// Site is a check on the spot before a close-out (现场核查): made by one person,
// signed by a second (会签).
type Site struct {
	ID          id.ID      `json:"id"`
	Item        id.ID      `json:"item"`
	Application int        `json:"application"`
	On          clock.Date `json:"on"`
	Place       string     `json:"place"`
	Asked       string     `json:"asked"`
	Text        string     `json:"text"`
	Result      string     `json:"result"`
	First       id.ID      `json:"first"`
	At          string     `json:"at"`
	Second      id.ID      `json:"second"`
	SecondAt    string     `json:"second_at"`
	Rev         int64      `json:"rev"`
}

// SiteResults are what a check on the spot can say.
func SiteResults() []string { return []string{"agrees", "partly", "differs"} }

// SiteCmd is a check as handed in.
type SiteCmd struct {
	On     clock.Date `json:"on"`
	Place  string     `json:"place"`
	Asked  string     `json:"asked"`
	Text   string     `json:"text"`
	Result string     `json:"result"`
}

func (c SiteCmd) check(i Item, today clock.Date) error {
	var bad fault.Fields
	bad.Need("place", c.Place)
	bad.Max("place", c.Place, maxShort)
	bad.Max("asked", c.Asked, maxShort)
	bad.Need("text", c.Text)
	bad.Max("text", c.Text, maxText)
	oneOf(&bad, "result", c.Result, SiteResults())
	switch {
	case c.On == "":
		bad.Need("on", "")
	case c.On.After(today):
		bad.Add("on", "item.bad.future")
	case c.On.Before(i.FedBack):
		bad.Add("on", "site.bad.early", string(i.FedBack))
	}
	return bad.Err()
}
