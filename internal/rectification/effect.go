package rectification

import (
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/sheet"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

// Effect is one fact of the effect that an item is said to have (成效清单, domain
// I-13): a claim of its close-out with its figure, its proof, and what a reviewer
// found of it. What a look-back finds stands beside it as the item's verdict.
type Effect struct {
	ID      id.ID    `json:"id"`
	Item    id.ID    `json:"-"`
	Kind    string   `json:"kind"`
	Text    string   `json:"text"`
	Cents   int64    `json:"cents"`
	Checked string   `json:"checked"` // "", borne, unborne
	Proof   []string `json:"proof"`   // names of the evidence that bears it
}

// effectColumns show one effect each: a list with one of them has a line for
// every fact of effect of an item.
var effectColumns = []string{"effect", "effect_kind", "effect_amount", "effect_proof", "effect_checked"}

// wantsEffects tells whether a list shows effects, by its list or its columns.
func wantsEffects(p page.Query) bool {
	return p.Filter.Get("list") == "effects" || slices.ContainsFunc(p.Cols, func(c string) bool { return slices.Contains(effectColumns, c) })
}

// lines are the rows of a list that has one for each effect, an item without any
// being a line too.
func (x Row) lines() []Row {
	if len(x.Effects) == 0 {
		return []Row{x}
	}
	out := make([]Row, len(x.Effects))
	for n := range out {
		out[n] = x
		out[n].effect = x.Effects[n]
	}
	return out
}

// Amount is the figure of an effect in yuan, "" when it has none.
func (e Effect) Amount() string {
	if e.Cents == 0 {
		return ""
	}
	return strings.TrimSuffix(strconv.FormatInt(e.Cents/100, 10)+"."+strconv.FormatInt(100+e.Cents%100, 10)[1:], ".00")
}

func effectCell(r *web.Request, key string, e Effect) ui.Cell {
	switch key {
	case "effect":
		if e.ID == "" {
			return ui.Cell{Text: r.T("item.effect.none")}
		}
		return ui.Cell{Text: e.Text, Clamp: true}
	case "effect_kind":
		return ui.Cell{Text: code(r, "claim.kind.", e.Kind)}
	case "effect_amount":
		return ui.Cell{Text: e.Amount()}
	case "effect_proof":
		return ui.Cell{Text: strings.Join(e.Proof, "、"), Clamp: true}
	}
	if e.ID == "" {
		return ui.Cell{}
	}
	return ui.Cell{Chips: []ui.Chip{chip(r, "claim.checked."+orNone(e.Checked))}}
}

func effectText(fn func(r *web.Request, e Effect) string) func(*web.Request, *Service, Row, Measure) string {
	return func(r *web.Request, _ *Service, x Row, _ Measure) string { return fn(r, x.effect) }
}

// effectSheet are the columns of effects in a workbook.
func effectSheet() []column {
	return []column{
		{"effect", 60, sheet.Text, effectText(func(r *web.Request, e Effect) string { return effectCell(r, "effect", e).Text })},
		{"effect_kind", 10, sheet.Text, effectText(func(r *web.Request, e Effect) string { return code(r, "claim.kind.", e.Kind) })},
		{"effect_amount", 14, sheet.Number, effectText(func(_ *web.Request, e Effect) string { return e.Amount() })},
		{"effect_proof", 40, sheet.Text, effectText(func(_ *web.Request, e Effect) string { return strings.Join(e.Proof, "、") })},
		{"effect_checked", 12, sheet.Text, effectText(func(r *web.Request, e Effect) string {
			if e.ID == "" {
				return ""
			}
			return r.T("claim.checked." + orNone(e.Checked))
		})},
	}
}
