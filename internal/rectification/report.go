package rectification

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
)

// Report is a report on rectification as of a day (整改情况报告附表): its numbers
// are frozen with the query that gave them and the rows that they count, so that
// anybody can go from a number to its items, and the next report reconciles.
type Report struct {
	ID     id.ID      `json:"id"`
	Round  id.ID      `json:"round"`
	Unit   id.ID      `json:"unit"` // "" = all units of the round
	By     id.ID      `json:"by"`
	Title  string     `json:"title"`
	On     clock.Date `json:"on"`
	Prior  id.ID      `json:"prior"`
	Person id.ID      `json:"person"`
	At     string     `json:"at"`
}

// Figure is one number of a report. Rows are the ids that it counts, in order.
type Figure struct {
	ID    id.ID   `json:"id"`
	Owner id.ID   `json:"owner"`
	Name  string  `json:"name"`
	Value int     `json:"value"`
	Asked string  `json:"asked"` // the query in words of the program
	Rows  []id.ID `json:"rows"`
	At    string  `json:"at"`
}

// Names of the figures of a report, in their order. Measures are counted apart
// from problems, as circulars do.
const (
	FigureAll      = "all"
	FigureClosed   = "closed"
	FigureOpen     = "open"
	FigureAside    = "aside" // neither open nor closed
	FigureLasting  = "long_term"
	FigureOverdue  = "overdue"
	FigureReopened = "reopened"
	FigureExtended = "extended"
	FigureVerified = "verified"
	FigureHeld     = "held"
	FigureUntrue   = "untrue"
	FigureHalf     = "half_life" // days; its rows are the close-outs that it is reckoned from
)

// FigureNames lists them.
func FigureNames() []string {
	return []string{FigureAll, FigureClosed, FigureOpen, FigureAside, FigureLasting, FigureOverdue, FigureReopened, FigureExtended, FigureVerified, FigureHeld, FigureUntrue}
}

// counts tells whether an item belongs to a figure on a day.
func counts(name string, i Item, today clock.Date) bool {
	switch name {
	case FigureAll:
		return true
	case FigureClosed:
		return i.State == StateClosed
	case FigureOpen:
		return i.open() == 1
	case FigureAside:
		return i.IsAside()
	case FigureLasting:
		return i.State == StateLongTerm
	case FigureOverdue:
		return i.Overdue(today)
	case FigureReopened:
		return i.Reopened > 0
	case FigureExtended:
		return i.Extensions > 0
	case FigureVerified:
		return i.Verified != "" && i.Verified != Unverifiable
	case FigureHeld:
		return i.Verified == Held || i.Verified == Basic
	case FigureUntrue:
		return i.Verified == Paper || i.Verified == False
	}
	return false
}

// figuresOf freezes the figures of some items.
func figuresOf(items []Item, today clock.Date, asked string) []Figure {
	out := make([]Figure, 0, len(FigureNames()))
	for _, name := range FigureNames() {
		f := Figure{Name: name, Asked: asked + " " + name + " " + string(today)}
		for _, i := range items {
			if counts(name, i, today) {
				f.Rows = append(f.Rows, i.ID)
			}
		}
		slices.Sort(f.Rows)
		f.Value = len(f.Rows)
		out = append(out, f)
	}
	return out
}

// figureHalf freezes a half-life with its parts.
func figureHalf(h HalfLife, items []id.ID, today clock.Date, asked string) Figure {
	return Figure{Name: FigureHalf, Value: h.Days, Rows: items, Asked: fmt.Sprintf("%s %s %s n=%d relapsed=%d low=%d high=%d longest=%d holds=%.3f", asked, FigureHalf, today, h.N, h.Events, h.Low, h.High, h.Longest, h.Holds)}
}

// halfOf reads it back.
func halfOf(f Figure) (h HalfLife) {
	h.Days = f.Value
	for _, word := range strings.Fields(f.Asked) {
		k, v, _ := strings.Cut(word, "=")
		n, _ := strconv.Atoi(v) // what is no number is no part of it
		switch k {
		case "n":
			h.N = n
		case "relapsed":
			h.Events = n
		case "low":
			h.Low = n
		case "high":
			h.High = n
		case "longest":
			h.Longest = n
		case "holds":
			h.Holds, _ = strconv.ParseFloat(v, 64)
		}
	}
	h.Few = h.N < MinFollowed
	return h
}

// Balance is how the open items of one report became those of the next (勾稽):
// what was open, plus what came, plus what was opened again or came back from
// where it was set aside, less what was closed or set aside, is what is open. Unexplained are items that break the sum.
type Balance struct {
	Before      int     `json:"before"`
	Came        int     `json:"came"`
	Reopened    int     `json:"reopened"`
	Back        int     `json:"back"`
	Closed      int     `json:"closed"`
	Aside       int     `json:"aside"`
	Now         int     `json:"now"`
	Unexplained []id.ID `json:"unexplained"`
}

// Holds tells whether the totals reconcile.
func (b Balance) Holds() bool {
	return len(b.Unexplained) == 0 && b.Before+b.Came+b.Reopened+b.Back-b.Closed-b.Aside == b.Now
}

// Reconcile compares two reports by their rows, not by their sums.
func Reconcile(before, now []Figure) Balance {
	rows := func(fs []Figure, name string) map[id.ID]bool {
		out := map[id.ID]bool{}
		for _, f := range fs {
			if f.Name == name {
				for _, r := range f.Rows {
					out[r] = true
				}
			}
		}
		return out
	}
	allBefore, openBefore, openNow, closedNow, allNow, again, asideBefore, asideNow := rows(before, FigureAll), rows(before, FigureOpen), rows(now, FigureOpen), rows(now, FigureClosed), rows(now, FigureAll), rows(now, FigureReopened), rows(before, FigureAside), rows(now, FigureAside)
	b := Balance{Before: len(openBefore), Now: len(openNow)}
	for r := range openNow {
		switch {
		case openBefore[r]:
		case !allBefore[r]:
			b.Came++
		case asideBefore[r]:
			b.Back++
		case again[r]:
			b.Reopened++
		default:
			b.Unexplained = append(b.Unexplained, r) // it was closed, and nobody opened it
		}
	}
	for r := range closedNow {
		switch {
		case openBefore[r]:
			b.Closed++
		case !allBefore[r]:
			b.Came++
			b.Closed++
		}
	}
	for r := range asideNow {
		switch {
		case openBefore[r]:
			b.Aside++
		case !allBefore[r]:
			b.Came++
			b.Aside++
		}
	}
	for r := range allBefore {
		if !allNow[r] {
			b.Unexplained = append(b.Unexplained, r) // it is gone
			if openBefore[r] {
				b.Closed++
			}
		}
	}
	slices.Sort(b.Unexplained)
	return b
}
