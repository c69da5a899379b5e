package sheet

import (
	"bytes"
	"fmt"
	"io"
	"iter"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"huikan/internal/kernel/fault"
)

var ledger = []Field{
	{Header: "编号", Kind: ID, Hidden: true}, {Header: "问题", Width: 40}, {Header: "追缴金额（万元）", Kind: Number},
	{Header: "完成时限", Kind: Date}, {Header: "状态", Choices: []string{"未启动", "整改中", "已完成"}}, {Header: "证件号码", Kind: ID},
}

func ledgerTable(rows ...[]string) Table {
	return Table{Name: "整改台账", Title: "巡视整改台账", Sub: "某市院 2026年5月", Columns: ledger, Rows: slices.Values(rows),
		Blank: 100, Freeze: 2, A3: true, GuideName: "填报说明", Guide: []string{"一、按行填写", "二、日期写作 2026-05-01"}}
}

func xlsxBytes(t testing.TB, tb Table) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteXLSX(&b, tb); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWriteXLSXRoundTrip(t *testing.T) {
	rows := [][]string{
		{"0001", "=HYPERLINK(\"http://x\")", "-12.5", "2026-03-31", "整改中", "11010119900307123X"},
		{"0002", "含\n换行 \"引号\"", "约三万", "长期坚持", "已完成", "110101199003071234"},
	}
	b := xlsxBytes(t, ledgerTable(rows...))
	g := mustRead(t, "台账.xlsx", b)
	if g.Sheet != "整改台账" || len(g.Rows) != 5 {
		t.Fatalf("sheet %q, %d rows", g.Sheet, len(g.Rows))
	}
	m, err := FindHeader(g, []Column{{Key: "id", Names: []string{"编号"}, Required: true}, {Key: "amount", Names: []string{"追缴金额"}}})
	if err != nil {
		t.Fatal(err)
	}
	if m.First != 2 || m.Columns["amount"] != 2 {
		t.Errorf("mapping %+v", m)
	}
	for i, want := range rows {
		if got := g.Rows[3+i].Cells; !reflect.DeepEqual(got, want) {
			t.Errorf("row %d: %q, want %q", i, got, want)
		}
	}
	if got := noteKeys(g.Notes); !slices.Equal(got, []string{"sheet.note_hidden_columns", "sheet.note_other_sheets"}) {
		t.Errorf("notes %v", g.Notes)
	}
}

// What the printed page and the person who fills in rely on, seen by excelize.
func TestWriteXLSXLook(t *testing.T) {
	long := make([]string, 60)
	for i := range long {
		long[i] = fmt.Sprintf("第%02d检察部（办公室）", i)
	}
	tb := ledgerTable([]string{"1", "甲", "-3", "2026-03-31", "整改中", "0012"})
	tb.Columns = append(slices.Clone(ledger), Field{Header: "责任部门", Choices: long})
	f, err := excelize.OpenReader(bytes.NewReader(xlsxBytes(t, tb)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	s := "整改台账"
	if p, err := f.GetPanes(s); err != nil || p.YSplit != 3 || p.XSplit != 2 || !p.Freeze {
		t.Errorf("panes %+v %v", p, err)
	}
	lay, err := f.GetPageLayout(s)
	if err != nil || *lay.Size != 8 || *lay.Orientation != "landscape" || *lay.FitToWidth != 1 || *lay.FitToHeight != 0 {
		t.Errorf("layout %+v %v", lay, err)
	}
	if p, err := f.GetSheetProps(s); err != nil || p.FitToPage == nil || !*p.FitToPage {
		t.Errorf("fit to page %+v %v", p, err)
	}
	dvs, err := f.GetDataValidations(s)
	if err != nil || len(dvs) != 2 || dvs[0].Sqref != "E4:E104" || !strings.Contains(dvs[1].Formula1, "_choices!$A$1:$A$60") {
		t.Errorf("drop-downs %v %v", dvs, err)
	}
	names := map[string]string{}
	for _, d := range f.GetDefinedName() {
		names[d.Name] = d.RefersTo
	}
	if names["_xlnm.Print_Titles"] != "'整改台账'!$3:$3" || !strings.Contains(names["_xlnm._FilterDatabase"], "$A$3:$G$4") {
		t.Errorf("names %v", names)
	}
	if ty, err := f.GetCellType(s, "C4"); err != nil || ty != excelize.CellTypeUnset && ty != excelize.CellTypeNumber {
		t.Errorf("amount is of type %v %v", ty, err)
	}
	if ty, err := f.GetCellType(s, "F4"); err != nil || ty != excelize.CellTypeInlineString && ty != excelize.CellTypeSharedString {
		t.Errorf("id is of type %v %v", ty, err)
	}
	if v, err := f.GetSheetVisible("_choices"); err != nil || v {
		t.Errorf("list sheet visible %v %v", v, err)
	}
	if v, err := f.GetCellValue("填报说明", "A2"); err != nil || !strings.HasPrefix(v, "二、") {
		t.Errorf("guide %q %v", v, err)
	}
}

func TestWriteRefusals(t *testing.T) {
	wantFault(t, WriteXLSX(io.Discard, Table{}), fault.KindInvalid, "sheet.write_columns")
	tb := ledgerTable(make([]string, 7))
	if err := WriteXLSX(io.Discard, tb); err == nil {
		t.Error("a row with more values than columns was accepted")
	}
}

func TestWriteXLSXHostileText(t *testing.T) {
	tb := Table{Name: "a[b]*?/'" + strings.Repeat("长", 40), Columns: []Field{{Header: "列"}},
		Rows: slices.Values([][]string{{"a\x00b\x1fc"}, {strings.Repeat("字", MaxCell+5)}, {"\xff\xfe"}})}
	g := mustRead(t, "a.xlsx", xlsxBytes(t, tb))
	if g.Rows[1].Cells[0] != "abc" || len([]rune(g.Rows[2].Cells[0])) != MaxCell || !strings.HasSuffix(g.Rows[2].Cells[0], "…") {
		t.Errorf("got %.40q", cells(g))
	}
}

// A text stands in the sheet as another program reads it, not only as ours does.
func TestWriteXLSXTextIsReadByOthers(t *testing.T) {
	texts := []string{`a<b>&"c"'`, "_x000D_", "前_x4E00_后", "_x00", "_xyz0D_", "x\uFFFE\uFFFFy％", "一\n二\t三", "  两端  ", "-12.50", "2026-02-30", "\xe4\xb8"}
	want := slices.Clone(texts)
	want[5], want[10] = "xy％", "\uFFFD"
	rows := [][]string{}
	for _, s := range texts {
		rows = append(rows, []string{s, s})
	}
	f, err := excelize.OpenReader(bytes.NewReader(xlsxBytes(t, Table{Columns: []Field{{Header: "文"}, {Header: "号", Kind: ID}}, Rows: slices.Values(rows)})))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for i, w := range want {
		for _, col := range []string{"A", "B"} {
			if got, err := f.GetCellValue("Sheet1", fmt.Sprint(col, i+2)); err != nil || got != w {
				t.Errorf("%s%d is %q, want %q (%v)", col, i+2, got, w, err)
			}
		}
	}
}

func TestCSVGuard(t *testing.T) {
	cols := []Field{{Header: "文本"}, {Header: "数", Kind: Number}}
	for _, c := range []struct{ text, num, want string }{
		{"=1+1", "-5", "'=1+1,-5"}, {"+86", "+5", "'+86,'+5"}, {"@SUM(A1)", "=2", "'@SUM(A1),'=2"},
		{"\tx", "-", "\"'\tx\",'-"}, {"-5", "-1.50", "'-5,-1.50"}, {"a,b", "1", "\"a,b\",1"}, {`说"好"`, "", `"说""好""",`},
	} {
		var b bytes.Buffer
		if err := WriteCSV(&b, Table{Columns: cols, Rows: slices.Values([][]string{{c.text, c.num}})}); err != nil {
			t.Fatal(err)
		}
		want := "\ufeff文本,数\r\n" + c.want + "\r\n"
		if b.String() != want {
			t.Errorf("got %q, want %q", b.String(), want)
		}
	}
}

// Whatever is written comes back, through both formats.
func TestRoundTripProperty(t *testing.T) {
	text := rapid.StringOf(rapid.RuneFrom([]rune("整改问题一=+-@,;\"'\n\t|0123 aB_x4Ex000D_<>&㐀𠀀％，")))
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 5).Draw(rt, "columns")
		var tb Table
		head := []string{}
		for i := range n {
			tb.Columns = append(tb.Columns, Field{Header: fmt.Sprintf("列%d", i)})
			head = append(head, fmt.Sprintf("列%d", i))
		}
		rows := [][]string{}
		for range rapid.IntRange(1, 6).Draw(rt, "rows") {
			r := []string{}
			for range n {
				r = append(r, "值"+text.Draw(rt, "cell")+"。")
			}
			rows = append(rows, r)
		}
		tb.Rows = slices.Values(rows)
		want := append([][]string{head}, rows...)
		var x, c bytes.Buffer
		if err := must(WriteXLSX(&x, tb), WriteCSV(&c, tb)); err != nil {
			rt.Fatal(err)
		}
		for name, b := range map[string][]byte{"a.xlsx": x.Bytes(), "a.csv": c.Bytes()} {
			g, err := read(name, b)
			if err != nil {
				rt.Fatal(err)
			}
			if got := cells(g); !reflect.DeepEqual(got, want) {
				rt.Fatalf("%s: got %q, want %q", name, got, want)
			}
		}
	})
}

func manyRows(n, width int) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		row := make([]string, width)
		for i := range n {
			for c := range row {
				row[c] = fmt.Sprintf("第%d行第%d列", i, c)
			}
			row[0] = fmt.Sprint(i)
			if !yield(row) {
				return
			}
		}
	}
}

func bigTable(n int) Table {
	tb := Table{Name: "大表", Columns: make([]Field, 20)}
	for i := range tb.Columns {
		tb.Columns[i].Header = fmt.Sprintf("列%d", i)
	}
	tb.Columns[0].Kind = Number
	tb.Rows = manyRows(n, 20)
	return tb
}

func BenchmarkWrite50kx20(b *testing.B) {
	for b.Loop() {
		if err := WriteXLSX(io.Discard, bigTable(50_000)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRead50kx20(b *testing.B) {
	raw := xlsxBytes(b, bigTable(50_000))
	b.SetBytes(int64(len(raw)))
	var before, after runtime.MemStats
	for b.Loop() {
		runtime.GC()
		runtime.ReadMemStats(&before)
		g, err := read("a.xlsx", raw)
		if err != nil {
			b.Fatal(err)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		if len(g.Rows) != 50_001 {
			b.Fatal(len(g.Rows))
		}
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MiB-kept")
	}
}
