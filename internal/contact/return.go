package contact

import (
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
)

// Return is what one person filed for one period. It is never taken away.
type Return struct {
	ID         id.ID  `json:"id"`
	Period     Period `json:"period"`
	Person     id.ID  `json:"person"`
	Unit       id.ID  `json:"unit"`
	Department id.ID  `json:"department,omitempty"`
	Zero       bool   `json:"zero"`     // nothing recorded in the period, as known now
	Attested   bool   `json:"attested"` // what was attested when it was filed
	Late       bool   `json:"late"`     // stays
	By         id.ID  `json:"by,omitempty"`
	Reason     string `json:"reason,omitempty"`
	At         string `json:"at"`
	Corrected  string `json:"corrected_at,omitempty"`
	Confirmed  string `json:"confirmed_at,omitempty"` // by himself, when somebody else filed it
	Rev        int64  `json:"rev"`

	// Of a return of a period before the register was kept here, which nobody attested here:
	Takeover id.ID      `json:"takeover,omitempty"`
	Records  int        `json:"records,omitempty"`  // as the earlier register says
	FiledOn  clock.Date `json:"filed_on,omitempty"` // so does this
}

// Gate is what a handler filed for one case and stage.
type Gate struct {
	ID     id.ID  `json:"id"`
	Stage  string `json:"stage"`
	Person id.ID  `json:"person"`
	Unit   id.ID  `json:"unit"`
	Zero   bool   `json:"zero"`
	At     string `json:"at"`
}

// Delegate files for somebody who is absent, for a time.
type Delegate struct {
	ID       id.ID      `json:"id"`
	Person   id.ID      `json:"person"`
	Delegate id.ID      `json:"delegate"`
	From     clock.Date `json:"from"`
	To       clock.Date `json:"to"`
	Reason   string     `json:"reason"`
	At       string     `json:"at"`
	By       id.ID      `json:"by"`
	Ended    string     `json:"ended_at,omitempty"`
	Rev      int64      `json:"rev"`
}

// InForce tells whether the delegate may file on a day.
func (d Delegate) InForce(day clock.Date) bool {
	return d.Ended == "" && d.From <= day && day <= d.To
}

// Marks of a person's month in a calendar (月报状态).
const (
	MarkZero   = "zero"   // ○ filed, nothing
	MarkItems  = "items"  // ✓ filed, with records
	MarkFiled  = "filed"  // filed; what it says is not the reader's to know
	MarkLate   = "late"   // 迟
	MarkMiss   = "miss"   // 缺
	MarkOpen   = "open"   // can be filed
	MarkNotDue = "notdue" // —
	MarkAway   = "away"   // 未在岗
	MarkBefore = "before" // the register was not kept here yet
)

// Tally is the completeness of a unit, or of it and all below it, in a period.
type Tally struct {
	Owed   int `json:"owed"`
	Filed  int `json:"filed"`
	Zero   int `json:"zero"`
	Late   int `json:"late"`
	Former int `json:"former,omitempty"` // of those filed: taken over from an earlier register
}

// Missing is who owes a return and has not filed.
func (t Tally) Missing() int { return max(0, t.Owed-t.Filed) }

func (t Tally) plus(o Tally) Tally {
	return Tally{t.Owed + o.Owed, t.Filed + o.Filed, t.Zero + o.Zero, t.Late + o.Late, t.Former + o.Former}
}

// Closing is the end of a period in a unit.
type Closing struct {
	ID     id.ID  `json:"id"`
	Period Period `json:"period"`
	Unit   id.ID  `json:"unit"`
	At     string `json:"at"`
	By     id.ID  `json:"by"`
	Tally
}
