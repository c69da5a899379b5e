package rectification

import (
	"context"
	"iter"
	"slices"
	"strconv"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/db"
	"huikan/internal/platform/export"
	"huikan/internal/platform/sheet"
	"huikan/internal/platform/web"
)

// exportStep is how many items are read at a time: the memory of an export does
// not grow with its length.
const exportStep = 1000

// column is one of an export: m is the measure of the line in a list with a line
// for each, otherwise empty.
type column struct {
	key   string
	width float64
	kind  sheet.FieldKind
	text  func(r *web.Request, s *Service, x Row, m Measure) string
}

func itemText(fn func(x Row) string) func(*web.Request, *Service, Row, Measure) string {
	return func(_ *web.Request, _ *Service, x Row, _ Measure) string { return fn(x) }
}

func measureText(fn func(m Measure) string) func(*web.Request, *Service, Row, Measure) string {
	return func(_ *web.Request, _ *Service, _ Row, m Measure) string { return fn(m) }
}

// columns of the ledger as units know them (domain A1), by name.
var exportable = append(effectSheet(), []column{
	{"no", 16, sheet.ID, itemText(func(x Row) string { return x.No })},
	{"unit", 24, sheet.Text, func(_ *web.Request, s *Service, x Row, _ Measure) string { return s.Units.Name(x.Unit) }},
	{"kind", 10, sheet.Text, func(r *web.Request, _ *Service, x Row, _ Measure) string {
		if x.Kind == SelfReport {
			return r.T("item.kind." + SelfReport)
		}
		return r.T("item.kind." + kindWords[0])
	}},
	{"fed_back", 12, sheet.Date, itemText(func(x Row) string { return string(x.FedBack) })},
	{"category", 18, sheet.Text, func(r *web.Request, _ *Service, x Row, _ Measure) string {
		return code(r, "item.category.", x.Category)
	}},
	{"severity", 8, sheet.Text, func(r *web.Request, _ *Service, x Row, _ Measure) string {
		return code(r, "item.severity.", x.Severity)
	}},
	{"title", 50, sheet.Text, itemText(func(x Row) string { return x.Title })},
	{"problem", 60, sheet.Text, itemText(func(x Row) string { return x.Problem })},
	{"lead", 12, sheet.Text, itemText(func(x Row) string { return x.Lead })},
	{"department", 18, sheet.Text, itemText(func(x Row) string { return x.Department })},
	{"duty_who", 20, sheet.Text, itemText(func(x Row) string { return x.responsible() })},
	{"task", 50, sheet.Text, measureText(func(m Measure) string { return m.Text })},
	{"task_kind", 10, sheet.Text, func(r *web.Request, _ *Service, _ Row, m Measure) string {
		if m.ID == "" {
			return ""
		}
		return r.T("measure.kind." + orNone(m.Kind))
	}},
	{"task_who", 16, sheet.Text, measureText(func(m Measure) string { return m.Responsible })},
	{"task_department", 18, sheet.Text, measureText(func(m Measure) string { return m.Department })},
	{"task_due", 12, sheet.Date, measureText(func(m Measure) string { return string(m.Due) })},
	{"task_state", 10, sheet.Text, func(r *web.Request, _ *Service, _ Row, m Measure) string {
		if m.ID == "" {
			return r.T("measure.empty")
		}
		return r.T("measure.state." + m.State)
	}},
	{"task_done", 12, sheet.Date, measureText(func(m Measure) string { return string(m.DoneOn) })},
	{"first_due", 12, sheet.Date, itemText(func(x Row) string { return string(x.FirstDue) })},
	{"due", 12, sheet.Date, itemText(func(x Row) string { return string(x.Due) })},
	{"flag", 8, sheet.Text, func(r *web.Request, _ *Service, x Row, _ Measure) string {
		switch today := r.Today(); {
		case x.Overdue(today):
			return r.T("item.flag.overdue")
		case x.Near(today):
			return r.T("item.flag.near")
		}
		return ""
	}},
	{"measures_all", 8, sheet.Number, itemText(func(x Row) string { return strconv.Itoa(x.Measures.All) })},
	{"measures_done", 8, sheet.Number, itemText(func(x Row) string { return strconv.Itoa(x.Measures.Done) })},
	{"claimed", 14, sheet.Text, func(r *web.Request, _ *Service, x Row, _ Measure) string { return r.T("item.claimed." + x.Claimed) }},
	{"claimed_word", 18, sheet.Text, itemText(func(x Row) string { return x.ClaimedWord })},
	{"state", 12, sheet.Text, func(r *web.Request, _ *Service, x Row, _ Measure) string { return r.T("item.state." + x.State) }},
	{"aside_on", 12, sheet.Date, itemText(func(x Row) string { return string(x.Aside) })},
	{"until", 12, sheet.Date, itemText(func(x Row) string { return string(x.Until) })},
	{"closed_on", 12, sheet.Date, itemText(func(x Row) string { return string(x.ClosedOn) })},
	{"applications", 8, sheet.Number, itemText(func(x Row) string { return strconv.Itoa(x.Applications) })},
	{"verified", 14, sheet.Text, func(r *web.Request, _ *Service, x Row, _ Measure) string {
		return r.T("item.verified." + orNone(x.Verified))
	}},
	{"id", 8, sheet.ID, itemText(func(x Row) string { return string(x.ID) })},
}...)

// exportSets are the columns of the ledger and of its lists (问题清单、任务清单、责任
// 清单, and 成效清单 where a place keeps one; domain I-13). The list of tasks has a
// line for each measure, that of effects for each fact of effect.
var exportSets = map[string][]string{
	"": {"no", "unit", "kind", "fed_back", "category", "severity", "title", "lead", "department", "first_due", "due", "flag", "measures_all", "measures_done", "claimed", "claimed_word",
		"state", "closed_on", "aside_on", "until", "applications", "verified", "id"},
	"problems": {"no", "unit", "kind", "category", "severity", "title", "problem", "fed_back", "due", "state", "verified", "id"},
	"tasks":    {"no", "unit", "title", "task", "task_kind", "task_who", "task_department", "task_due", "task_state", "task_done", "id"},
	"effects":  {"no", "unit", "title", "effect", "effect_kind", "effect_amount", "effect_proof", "effect_checked", "state", "closed_on", "verified", "id"},
	"duties":   {"no", "unit", "title", "lead", "department", "duty_who", "due", "flag", "measures_all", "measures_done", "state", "id"},
}

func columnsOf(list string) []column {
	var out []column
	for _, key := range exportSets[list] {
		out = append(out, exportable[slices.IndexFunc(exportable, func(c column) bool { return c.key == key })])
	}
	return out
}

// exportLines are the lines of an item in a list.
func (s *Service) exportLines(r *web.Request, list string, columns []column, x Row) [][]string {
	measures := []Measure{{}}
	if list == "tasks" && len(x.Tasks) > 0 {
		measures = x.Tasks
	}
	rows := []Row{x}
	if list == "effects" {
		rows = x.lines()
	}
	var out [][]string
	for _, x := range rows {
		for _, m := range measures {
			line := make([]string, len(columns))
			for k, c := range columns {
				line[k] = c.text(r, s, x, m)
			}
			out = append(out, line)
		}
	}
	return out
}

// exported walks a list from its start, page by page, in one view of the data.
func (s *Service) exported(ctx context.Context, q db.Q, who actor.Actor, p page.Query, lines func(Row) [][]string, failed *error) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		p.After, p.Before = nil, nil
		w := s.asked(q, who, p)
		for n := 0; n < sheet.MaxRows; {
			items, err := listItems(ctx, q, w, p, exportStep)
			var rows []Row
			if err == nil {
				rows, err = s.rows(ctx, q, items, wantsTasks(p), wantsEffects(p))
			}
			if err != nil {
				*failed = err
				return
			}
			for _, x := range rows {
				for _, line := range lines(x) {
					if n++; n > sheet.MaxRows || !yield(line) {
						return
					}
				}
			}
			if len(items) < exportStep {
				return
			}
			p.After = sortKey(items[len(items)-1], p.Sort)
		}
	}
}

// getExport gives the list in force as a workbook or as CSV, as a job when it is
// long. It is an entry of the log before the first byte leaves.
func (s *Service) getExport(r *web.Request) (web.Response, error) {
	p, err := r.List()
	if err != nil {
		return nil, err
	}
	format := p.Filter.Get("format")
	if err := s.checkQuery(p); err != nil {
		return nil, err
	}
	if err := s.log.Note(r.Context(), r.Actor, "item.export", map[string]any{"filter": p.Filter.Encode(), "view": p.View}); err != nil {
		return nil, err
	}
	list := p.Filter.Get("list")
	if exportSets[list] == nil {
		return nil, fault.Invalid("item.bad.choice", list)
	}
	title := r.T("menu.ledger")
	if list != "" {
		title = r.T("item.list." + list)
	}
	columns := columnsOf(list)
	t := sheet.Table{Name: title, Title: title, Sub: r.T("item.export.sub", string(r.Today()), r.Actor.Name), Freeze: 2, A3: true}
	for _, c := range columns {
		t.Columns = append(t.Columns, sheet.Field{Header: r.T("item." + c.key), Width: c.width, Kind: c.kind, Hidden: c.key == "id"})
	}
	return s.Export.Or()(r, export.Ask{Action: "item.export", Title: title + "-" + string(r.Today()), Format: format,
		Count: func(ctx context.Context, most int) (n int, err error) {
			err = s.log.DB().Read(ctx, func(q db.Q) (err error) {
				count := countItems
				switch list {
				case "tasks":
					count = countLines
				case "effects":
					count = countEffects
				}
				n, err = count(ctx, q, s.asked(q, r.Actor, p), most)
				return err
			})
			return n, err
		},
		Make: func(ctx context.Context, write func(sheet.Table) error) error {
			return s.log.DB().Read(ctx, func(q db.Q) error {
				var failed error
				t.Rows = s.exported(ctx, q, r.Actor, p, func(x Row) [][]string { return s.exportLines(r, list, columns, x) }, &failed)
				if err := write(t); err != nil {
					return err
				}
				return failed
			})
		}})
}
