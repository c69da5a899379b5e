package rectification

import (
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
)

// Inconsistency is one standing check of the ledger (台账一致性检查): what it
// looks for, how bad it is, and where it is put right.
type Inconsistency struct {
	Name  string
	Class string // late error, wait warning, off hint
	Fix   string // address after the item
	cond  string // over rectify_item i; $T stands for today
}

// Inconsistencies are the checks, the worst first.
func Inconsistencies() []Inconsistency {
	const working = "i.open = 1 AND i.state NOT IN ('to_claim', 'planning')"
	return []Inconsistency{
		{"closed_by_hand", "late", "", "i.open = 0 AND i.closer_id IS NOT NULL AND i.closer_id = i.rectifier_id"},
		{"closed_untrue", "late", "/reopen", "i.open = 0 AND i.verified IN ('paper', 'false', 'relapsed')"},
		{"closed_no_evidence", "late", "", "i.open = 0 AND NOT EXISTS (SELECT 1 FROM rectify_evidence e WHERE e.item_id = i.id)"},
		{"no_due", "late", "", "i.open = 1 AND i.due_on = ''"},
		{"lasting_no_milestone", "late", "/milestones", "i.state = 'long_term' AND NOT EXISTS (SELECT 1 FROM rectify_milestone m WHERE m.item_id = i.id AND m.done_on = '')"},
		{"milestone_past", "wait", "/milestones", "i.state = 'long_term' AND EXISTS (SELECT 1 FROM rectify_milestone m WHERE m.item_id = i.id AND m.done_on = '' AND m.due_on < $T)"},
		{"no_measure", "late", "/measures/new", working + " AND NOT EXISTS (SELECT 1 FROM rectify_serves s WHERE s.item_id = i.id)"},
		{"no_lead", "late", "/plan", working + " AND i.lead = ''"},
		{"measure_no_date", "wait", "", working + " AND EXISTS (SELECT 1 FROM rectify_serves s JOIN rectify_measure m ON m.id = s.measure_id WHERE s.item_id = i.id AND m.due_on = '')"},
		{"measure_nobody", "wait", "", working + " AND EXISTS (SELECT 1 FROM rectify_serves s JOIN rectify_measure m ON m.id = s.measure_id WHERE s.item_id = i.id AND m.responsible = '' AND m.department = '')"},
		{"measure_late", "wait", "", working + " AND i.due_on <> '' AND EXISTS (SELECT 1 FROM rectify_serves s JOIN rectify_measure m ON m.id = s.measure_id WHERE s.item_id = i.id AND m.due_on > i.due_on)"},
		{"closed_undone", "wait", "", "i.open = 0 AND EXISTS (SELECT 1 FROM rectify_serves s JOIN rectify_measure m ON m.id = s.measure_id WHERE s.item_id = i.id AND m.state <> 'done')"},
		{"claimed_done", "wait", "/apply", "i.open = 1 AND i.state IN ('rectifying', 'long_term') AND i.claimed = 'done'"},
		{"grave_no_site", "off", "", "i.open = 0 AND i.severity = 'grave' AND NOT EXISTS (SELECT 1 FROM rectify_site x WHERE x.item_id = i.id)"},
	}
}

// orphans is the check that looks at measures instead of items: a measure that
// serves no problem.
const orphans = "measure_no_item"

// Hit is one place where a check failed.
type Hit struct {
	ID      id.ID      `json:"id"`
	Check   string     `json:"check"`
	Item    id.ID      `json:"item"`
	Measure id.ID      `json:"measure"`
	Unit    id.ID      `json:"unit"`
	By      id.ID      `json:"-"`
	No      string     `json:"no"`
	Title   string     `json:"title"`
	Due     clock.Date `json:"due"`
}

// maxHits bounds how many places one check keeps: more are a matter of how the
// ledger was taken over, not of single records.
const maxHits = 2000

// CheckNames lists every check.
func CheckNames() []string {
	var out []string
	for _, c := range Inconsistencies() {
		out = append(out, c.Name)
	}
	return append(out, orphans)
}
