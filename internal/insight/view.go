package insight

import (
	"strings"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
)

// SavedView is a name for an address of the system: a list with its filters, a
// dashboard of a unit. It gives no right: who opens it sees what he may.
type SavedView struct {
	ID      id.ID  `json:"id"`
	Owner   id.ID  `json:"owner"`
	Unit    id.ID  `json:"unit"`
	Title   string `json:"title"`
	Address string `json:"address"`
	Shared  string `json:"shared"` // "" or unit
	MadeAt  string `json:"made_at"`
	Rev     int64  `json:"rev"`
}

// SharedUnit lets everybody of the owner's unit find a saved filter.
const SharedUnit = "unit"

// Subscription reminds a person of a saved filter at fixed intervals.
type Subscription struct {
	ID     id.ID      `json:"id"`
	View   id.ID      `json:"view"`
	Person id.ID      `json:"person"`
	Every  string     `json:"every"` // day, week, month
	Next   clock.Date `json:"next"`
	Rev    int64      `json:"rev"`
}

// after is the next day of a subscription.
func after(every string, d clock.Date) (clock.Date, bool) {
	switch every {
	case "day":
		return d.AddDays(1), true
	case "week":
		return d.AddDays(7), true
	case "month":
		return d.AddMonths(1), true
	}
	return "", false
}

// ViewCmd saves an address under a name.
type ViewCmd struct {
	Title   string `json:"title"`
	Address string `json:"address"`
	Shared  string `json:"shared"`
}

// SubscribeCmd subscribes to a saved filter.
type SubscribeCmd struct {
	Every string `json:"every"`
}

type revForm struct {
	Rev int64 `json:"rev"`
}

const (
	maxTitle   = 100
	maxAddress = 1000
	maxViews   = 200 // of one person
)

// check takes an address only when it leads into this system.
func (c *ViewCmd) check() error {
	var bad fault.Fields
	c.Title, c.Address = strings.TrimSpace(c.Title), strings.TrimSpace(c.Address)
	bad.Need("title", c.Title)
	bad.Max("title", c.Title, maxTitle)
	bad.Max("address", c.Address, maxAddress)
	if !strings.HasPrefix(c.Address, "/") || strings.HasPrefix(c.Address, "//") || strings.ContainsAny(c.Address, "\\\n\r\t ") || strings.HasPrefix(c.Address, "/api/") {
		bad.Add("address", "view.bad.address")
	}
	if c.Shared != "" && c.Shared != SharedUnit {
		bad.Add("shared", "error.required")
	}
	return bad.Err()
}
