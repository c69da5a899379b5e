package inspection

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/page"
	"huikan/internal/org/intake"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/sheet"
)

const tableHead = "被巡视单位,四个落实,方面,问题,具体表现,严重程度,个性/共性,金额（元）\n"

// A table of findings comes in whole or not at all, and what goes out as a table
// comes in again.
func TestFindingsByTable(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		ctx := context.Background()
		w := open(t, k)
		w.seatAll(t)
		count := func() int {
			_, next, err := w.s.ListFindings(ctx, w.inspector, page.Query{Size: 50})
			check(t, err)
			return next.Count
		}
		in := func(who actor.Actor, text string, dry bool) (*intake.Result, error) {
			return w.s.ImportFindings(ctx, who, "问题.csv", strings.NewReader(text), int64(len(text)), dry)
		}
		good := tableHead + "河南省人民检察院,discipline,议事,会议记录不完整,六次没有过程,general,个性,\n河南省人民检察院,theory,学习,学习不够,三次,serious,common,1200.5\n"
		bad := good + "河北省人民检察院,theory,x,y,z,general,common,\n河南省人民检察院,nothing,x,,z,general,common,一百\n"
		r := must(in(w.inspector, bad, false))(t)
		if r.OK() || r.BadRows() != 2 || r.Applied || count() != 0 {
			t.Errorf("%d bad rows, applied %v, %d in", r.BadRows(), r.Applied, count())
		}
		var columns []string
		for _, f := range r.Faults {
			columns = append(columns, f.Column)
		}
		for _, want := range []string{"unit", "category", "title", "amount"} {
			if !slices.Contains(columns, want) {
				t.Errorf("no fault names %s: %v", want, columns)
			}
		}
		var marked bytes.Buffer
		check(t, r.Annotated(&marked, func(key string, _ ...any) string { return key }))
		if r := must(in(w.inspector, good, true))(t); !r.OK() || r.Added != 2 || count() != 0 {
			t.Errorf("dry run: %+v, %d in", r, count())
		}
		if r := must(in(w.inspector, good, false))(t); !r.Applied || count() != 2 {
			t.Errorf("%+v, %d in", r, count())
		}
		_, err := in(w.head, good, false)
		platformtest.WantKind(t, "the unit enters findings", err, fault.KindNotFound)
		tr := func(key string, _ ...any) string {
			if v, ok := catalogue()["zh"][key]; ok {
				return v
			}
			return map[string]string{"form.yes": "是", "form.no": "否"}[key]
		}
		var out bytes.Buffer
		var failed error
		check(t, sheet.WriteXLSX(&out, w.s.findingSheet(tr, w.s.exported(ctx, w.inspector, page.Query{Filter: map[string][]string{"severity": {"serious"}}}, tr, &failed), true)))
		check(t, failed)
		again := must(w.s.ImportFindings(ctx, w.inspector, "导出.xlsx", bytes.NewReader(out.Bytes()), int64(out.Len()), true))(t)
		if !again.OK() || again.Added != 1 {
			t.Errorf("what went out does not come in: %+v", again.Faults)
		}
		var none bytes.Buffer
		check(t, sheet.WriteXLSX(&none, w.s.findingSheet(tr, w.s.exported(ctx, w.stranger, page.Query{}, tr, &failed), true)))
		if r := must(w.s.ImportFindings(ctx, w.inspector, "x.xlsx", bytes.NewReader(none.Bytes()), int64(none.Len()), true))(t); r.Total != 0 {
			t.Errorf("a stranger takes %d findings out", r.Total)
		}
	})
}
