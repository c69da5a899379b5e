package rectification

import (
	"context"
	"fmt"
	"io"
	"iter"
	"runtime/debug"
	"strconv"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/db"
	"huikan/internal/platform/sheet"
	"huikan/internal/platform/web"
)

// exportStep is how many items are read at a time: the memory of an export does
// not grow with its length.
const exportStep = 1000

// exportColumns are the columns of the ledger as units know them (domain A1).
var exportColumns = []struct {
	key   string
	width float64
	kind  sheet.FieldKind
}{
	{"item.no", 16, sheet.ID}, {"item.unit", 24, sheet.Text}, {"item.fed_back", 12, sheet.Date}, {"item.category", 18, sheet.Text},
	{"item.severity", 8, sheet.Text}, {"item.title", 50, sheet.Text}, {"item.lead", 12, sheet.Text}, {"item.department", 18, sheet.Text},
	{"item.first_due", 12, sheet.Date}, {"item.due", 12, sheet.Date}, {"item.flag", 8, sheet.Text}, {"item.measures_all", 8, sheet.Number},
	{"item.measures_done", 8, sheet.Number}, {"item.claimed", 14, sheet.Text}, {"item.claimed_word", 18, sheet.Text}, {"item.state", 12, sheet.Text},
	{"item.closed_on", 12, sheet.Date}, {"item.applications", 8, sheet.Number}, {"item.verified", 14, sheet.Text}, {"item.id", 8, sheet.ID},
}

func (s *Service) exportRow(r *web.Request, x Row) []string {
	flag := ""
	if today := r.Today(); x.Overdue(today) {
		flag = r.T("item.flag.overdue")
	} else if x.Near(today) {
		flag = r.T("item.flag.near")
	}
	return []string{x.No, s.Units.Name(x.Unit), string(x.FedBack), code(r, "item.category.", x.Category), code(r, "item.severity.", x.Severity), x.Title,
		x.Lead, x.Department, string(x.FirstDue), string(x.Due), flag, strconv.Itoa(x.Measures.All), strconv.Itoa(x.Measures.Done),
		r.T("item.claimed." + x.Claimed), x.ClaimedWord, r.T("item.state." + x.State), string(x.ClosedOn), strconv.Itoa(x.Applications),
		r.T("item.verified." + orNone(x.Verified)), string(x.ID)}
}

// exported walks a list from its start, page by page, in one view of the data.
func (s *Service) exported(ctx context.Context, q db.Q, who actor.Actor, p page.Query, line func(Row) []string, failed *error) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		p.After, p.Before = nil, nil
		w := s.asked(q, who, p)
		for n := 0; n < sheet.MaxRows; n += exportStep {
			items, err := listItems(ctx, q, w, p, exportStep)
			var rows []Row
			if err == nil {
				rows, err = s.rows(ctx, q, items, wantsTasks(p))
			}
			if err != nil {
				*failed = err
				return
			}
			for _, x := range rows {
				if !yield(line(x)) {
					return
				}
			}
			if len(items) < exportStep {
				return
			}
			p.After = sortKey(items[len(items)-1], p.Sort)
		}
	}
}

// getExport gives the list in force as a workbook or as CSV. It is an entry of
// the log before the first byte leaves.
func (s *Service) getExport(r *web.Request) (web.Response, error) {
	p, err := r.List()
	if err != nil {
		return nil, err
	}
	format := p.Filter.Get("format")
	if format != "xlsx" && format != "csv" {
		return nil, fault.Invalid("item.bad.choice", format)
	}
	if err := s.checkQuery(p); err != nil {
		return nil, err
	}
	if err := s.log.Note(r.Context(), r.Actor, "item.export", map[string]any{"filter": p.Filter.Encode(), "view": p.View}); err != nil {
		return nil, err
	}
	t := sheet.Table{Name: r.T("menu.ledger"), Title: r.T("menu.ledger"), Sub: r.T("item.export.sub", string(r.Today()), r.Actor.Name), Freeze: 2, A3: true}
	for _, c := range exportColumns {
		t.Columns = append(t.Columns, sheet.Field{Header: r.T(c.key), Width: c.width, Kind: c.kind, Hidden: c.key == "item.id"})
	}
	write, mime := sheet.WriteXLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	if format == "csv" {
		write, mime = sheet.WriteCSV, "text/csv; charset=utf-8"
	}
	body := pipe(func(w io.Writer) error {
		return s.log.DB().Read(r.Context(), func(q db.Q) error {
			var failed error
			t.Rows = s.exported(r.Context(), q, r.Actor, p, func(x Row) []string { return s.exportRow(r, x) }, &failed)
			if err := write(w, t); err != nil {
				return err
			}
			return failed
		})
	})
	return web.File{Name: r.T("menu.ledger") + "-" + string(r.Today()) + "." + format, Type: mime, Body: body}, nil
}

func pipe(fn func(w io.Writer) error) io.ReadCloser {
	pr, pw := io.Pipe()
	go func() {
		defer func() {
			if p := recover(); p != nil {
				pw.CloseWithError(fmt.Errorf("panic in an export: %v\n%s", p, debug.Stack()))
			}
		}()
		pw.CloseWithError(fn(pw))
	}()
	return stream{pr}
}
