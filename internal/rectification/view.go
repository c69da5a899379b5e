package rectification

import (
	"context"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

// chipOf gives each status its colour and shape.
var chipOf = map[string]string{
	"item.state." + StateToClaim: "wait", "item.state." + StatePlanning: "run", "item.state." + StatePlanReview: "wait",
	"item.state." + StateRectifying: "run", "item.state." + StateApplied: "wait", "item.state." + StateReturned: "late",
	"item.state." + StateLongTerm: "long", "item.state." + StateClosed: "ok", "item.state." + StateReopened: "late", "item.state." + StateOvertaken: "off", "item.state." + StateWithdrawn: "off", "item.state." + StateAccepted: "long",
	"item.claimed." + NotStarted: "off", "item.claimed." + InProgress: "run", "item.claimed." + StageDone: "run",
	"item.claimed." + BasicallyDone: "run", "item.claimed." + Done: "ok", "item.claimed." + ClaimedLasting: "long", "item.claimed." + NotDone: "late",
	"item.verified.none": "off", "item.verified." + Held: "ok", "item.verified." + Basic: "run", "item.verified." + Partly: "wait", "item.verified." + Paper: "late",
	"item.verified." + False: "late", "item.verified." + Relapsed: "late", "item.verified." + Unverifiable: "off",
	"item.severity.minor": "off", "item.severity.general": "run", "item.severity.serious": "wait", "item.severity.grave": "late",
	"rectify_paper.state." + PaperDraft: "off", "rectify_paper.state." + PaperSigned: "wait", "rectify_paper.state." + PaperAccepted: "ok", "rectify_paper.state." + PaperOut: "ok",
	"rectify_paper.state." + PaperAsked: "wait", "rectify_paper.state." + PaperWithheld: "off",
	"rectify_order.state." + OrderIssued: "late", "rectify_order.state." + OrderAnswered: "wait", "rectify_order.state." + OrderSettled: "ok",
	"rectify_folder.grade.good": "ok", "rectify_folder.grade.fair": "run", "rectify_folder.grade.passable": "wait", "rectify_folder.grade.poor": "late",
	"claim.checked.none": "off", "claim.checked." + Borne: "ok", "claim.checked." + Unborne: "late", "site.result.agrees": "ok", "site.result.partly": "wait", "site.result.differs": "late",
	"measure.state." + MeasurePlanned: "off", "measure.state." + MeasureUnderWay: "run", "measure.state." + MeasureDone: "ok",
	"measure.kind." + Symptom: "off", "measure.kind." + System: "run", "measure.kind." + Source: "long", "measure.kind.none": "wait",
}

func chip(r *web.Request, key string) ui.Chip { return ui.Chip{Class: chipOf[key], Word: r.T(key)} }

// orNone names an empty value so that it has a word.
func orNone(v string) string {
	if v == "" {
		return "none"
	}
	return v
}

// code is a word for a value that comes from outside and may be none of ours.
func code(r *web.Request, prefix, v string) string {
	if v == "" {
		return ""
	}
	return r.Word(prefix+v, v)
}

// names gives the names of persons; who has none is shown as unknown.
func (s *Service) names(ctx context.Context, q db.Q, ids ...id.ID) (map[id.ID]string, error) {
	var ask []id.ID
	for _, n := range ids {
		if n != "" && !slices.Contains(ask, n) {
			ask = append(ask, n)
		}
	}
	if s.Names == nil || len(ask) == 0 {
		return map[id.ID]string{}, nil
	}
	out, err := s.Names(ctx, q, ask...)
	if err != nil {
		return nil, fmt.Errorf("read names: %w", err)
	}
	return out, nil
}

// crumbs lead from the ledger to an item and on.
func crumbs(r *web.Request, i Item, more ...string) []ui.Crumb {
	out := []ui.Crumb{{Label: r.T("menu.ledger"), Href: "/ledger"}, {Label: i.No, Href: "/items/" + string(i.ID)}}
	for _, m := range more {
		out = append(out, ui.Crumb{Label: m})
	}
	if len(more) == 0 {
		out[1].Href = ""
	}
	return out
}

// choices are the options of a list of codes.
func choices(r *web.Request, prefix string, codes []string, first ...string) []ui.Option {
	var out []ui.Option
	for _, f := range first {
		out = append(out, ui.Option{Value: "", Label: f})
	}
	for _, c := range codes {
		out = append(out, ui.Option{Value: c, Label: r.T(prefix + c)})
	}
	return out
}

// unplaced are the problems of fields that a form does not show.
func unplaced(f ui.Form, problems map[string]string) []string {
	var out []string
	shown := map[string]bool{}
	for _, set := range f.Sets {
		for _, x := range set.Fields {
			shown[x.Name] = true
		}
	}
	for _, name := range slices.Sorted(mapKeys(problems)) {
		if !shown[name] {
			out = append(out, problems[name])
		}
	}
	return out
}

func mapKeys(m map[string]string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// reasonText puts the codes of a reason into words and leaves the rest.
func reasonText(r *web.Request, reason string) string {
	first, rest, _ := strings.Cut(reason, "\n")
	var words []string
	for _, c := range strings.Fields(first) {
		if !slices.Contains(Reasons(), c) {
			return reason
		}
		words = append(words, r.T("item.reason."+c))
	}
	if len(words) == 0 {
		return reason
	}
	return strings.TrimSpace(strings.Join(words, "；") + "\n" + rest)
}

// dueFlag says overdue or nearly due of an item that still waits for the unit.
func dueFlag(r *web.Request, i Item) template.HTML {
	if i.open() != 1 || i.State == StateApplied {
		return ""
	}
	return ui.Due(r.T, string(i.Due), string(r.Today()))
}

// unitWord shows a unit that a filter names by its id.
func (s *Service) unitWord(v string) string {
	if n, err := id.Parse(v); err == nil {
		return s.Units.Name(n)
	}
	return v
}
