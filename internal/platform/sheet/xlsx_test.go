package sheet

import (
	"bytes"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"huikan/internal/kernel/fault"
)

// book makes a workbook with excelize, a writer that knows nothing of our reader.
func book(t testing.TB, fill func(f *excelize.File) error) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	if err := fill(f); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func must(errs ...error) error {
	for _, e := range errs {
		if e != nil {
			return e
		}
	}
	return nil
}

func TestXLSXValues(t *testing.T) {
	b := book(t, func(f *excelize.File) error {
		style := func(code string) int {
			id, err := f.NewStyle(&excelize.Style{CustomNumFmt: &code})
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		short, err := f.NewStyle(&excelize.Style{NumFmt: 14})
		if err != nil {
			return err
		}
		s := "Sheet1"
		return must(
			f.SetSheetRow(s, "A1", &[]any{"序号", "问题", "完成时限", "完成率", "金额"}),
			f.SetSheetRow(s, "A3", &[]any{1, "第一行\n第二行", 46068, 0.9871, -1234.5}),
			f.SetCellStyle(s, "C3", "C3", style(`yyyy"年"m"月"d"日"`)), f.SetCellStyle(s, "D3", "D3", style("0.00%")),
			f.SetSheetRow(s, "A4", &[]any{2, " 前后空格 ", 46068.5, 0.1 + 0.2, 110101199003071234.0}),
			f.SetCellStyle(s, "C4", "C4", style("yyyy-mm-dd hh:mm")),
			f.SetSheetRow(s, "A5", &[]any{3, "a_x000D_b", 46054, 1e-3, true}), f.SetCellStyle(s, "C5", "C5", style(`yyyy"年"m"月"`)),
			f.SetSheetRow(s, "A6", &[]any{4, nil, 46068, "=1+1"}), f.SetCellStyle(s, "C6", "C6", short),
			f.SetCellFormula(s, "E6", "SUM(A3:A5)"),
		)
	})
	g := mustRead(t, "台账.xlsx", b)
	wantCells(t, g, [][]string{
		{"序号", "问题", "完成时限", "完成率", "金额"},
		{"1", "第一行\n第二行", "2026-02-15", "98.71%", "-1234.5"},
		{"2", "前后空格", "2026-02-15 12:00", "0.3", "110101199003071000"},
		{"3", "a\nb", "2026-02", "0.001", "TRUE"},
		{"4", "", "2026-02-15", "=1+1"},
	})
	var nums []int
	for _, r := range g.Rows {
		nums = append(nums, r.Number)
	}
	if want := []int{1, 3, 4, 5, 6}; !slices.Equal(nums, want) {
		t.Errorf("row numbers %v, want %v", nums, want)
	}
	if got := noteKeys(g.Notes); !slices.Contains(got, "sheet.note_formulas") || !slices.Contains(got, "sheet.note_long_numbers") {
		t.Errorf("notes %v", g.Notes)
	}
}

func TestXLSXMergedHiddenAndOtherSheets(t *testing.T) {
	b := book(t, func(f *excelize.File) error {
		s := "Sheet1"
		_, err1 := f.NewSheet("隐藏表")
		_, err2 := f.NewSheet("说明")
		return must(err1, err2,
			f.SetSheetRow(s, "A1", &[]any{"整改台账"}), f.MergeCell(s, "A1", "D1"),
			f.SetSheetRow(s, "A2", &[]any{"问题", "措施", "责任人", "备注"}),
			f.SetSheetRow(s, "A3", &[]any{"问题一", "措施1", "张三"}),
			f.SetSheetRow(s, "A4", &[]any{nil, "措施2", "李四"}),
			f.SetSheetRow(s, "A5", &[]any{nil, "措施3", "王五"}),
			f.MergeCell(s, "A3", "A5"), f.MergeCell(s, "C5", "D5"),
			f.SetRowVisible(s, 4, false), f.SetColVisible(s, "D", false),
			f.SetCellStr("隐藏表", "A1", "x"), f.SetCellStr("说明", "A1", "x"), f.SetSheetVisible("隐藏表", false))
	})
	g := mustRead(t, "a.xlsx", b)
	wantCells(t, g, [][]string{
		{"整改台账", "整改台账", "整改台账", "整改台账"},
		{"问题", "措施", "责任人", "备注"},
		{"问题一", "措施1", "张三"},
		{"问题一", "措施2", "李四"},
		{"问题一", "措施3", "王五", "王五"},
	})
	want := []string{"sheet.note_hidden_rows", "sheet.note_hidden_columns", "sheet.note_hidden_sheets", "sheet.note_other_sheets"}
	if got := noteKeys(g.Notes); !slices.Equal(got, want) {
		t.Errorf("notes %v, want %v", got, want)
	}
	if g := mustRead(t, "a.xlsx", b, Options{Sheet: "隐藏表"}); g.Rows[0].Cells[0] != "x" {
		t.Errorf("named sheet: %v", g.Rows)
	}
	_, err := read("a.xlsx", b, Options{Sheet: "没有"})
	wantFault(t, err, fault.KindInvalid, "sheet.no_sheet")
}

func TestXLSX1904(t *testing.T) {
	b := rawXLSX(t, `<worksheet><sheetData><row r="1"><c r="A1" s="0"><v>0</v></c></row></sheetData></worksheet>`, map[string]string{
		"xl/workbook.xml": `<workbook xmlns:r="r"><workbookPr date1904="1"/><sheets><sheet name="s" r:id="rId1"/></sheets></workbook>`,
		"xl/styles.xml":   `<styleSheet><cellXfs><xf numFmtId="14"/></cellXfs></styleSheet>`,
	})
	wantCells(t, mustRead(t, "a.xlsx", b), [][]string{{"1904-01-01"}})
}

func TestXLSXSharedStringsRichTextAndReadings(t *testing.T) {
	b := rawXLSX(t, `<x:worksheet><x:sheetData><x:row><x:c t="s"><x:v>0</x:v></x:c><x:c t="inlineStr"><x:is><x:r><x:t>甲</x:t></x:r><x:r><x:t>乙</x:t></x:r></x:is></x:c></x:row></x:sheetData></x:worksheet>`,
		map[string]string{"xl/sharedStrings.xml": `<sst><si><r><t>整</t></r><r><t xml:space="preserve">改_x000D_ </t></r><rPh><t>zhěng</t></rPh></si></sst>`})
	wantCells(t, mustRead(t, "a.xlsx", b), [][]string{{"整改", "甲乙"}})
}

// Every limit is told by its own sentence, and before memory is spent.
func TestXLSXRefusals(t *testing.T) {
	row := func(n int) string {
		return fmt.Sprintf(`<row r="%d"><c r="A%d" t="str"><v>x</v></c></row>`, n, n)
	}
	var rows strings.Builder
	for i := range MaxRows + 1 {
		rows.WriteString(row(i + 1))
	}
	merges := strings.Repeat(`<mergeCell ref="A1:B2"/>`, MaxMerges+1)
	sheet := func(data, tail string) string {
		return `<worksheet><sheetData>` + data + `</sheetData>` + tail + `</worksheet>`
	}
	random := make([]byte, 600)
	for i := range random { // incompressible enough to pass the ratio
		random[i] = "0123456789abcdef"[(i*i*7+i*3+i>>3)%16]
	}
	cases := []struct {
		name, sheet string
		more        map[string]string
		kind        fault.Kind
		key         string
	}{
		{"too many rows", sheet(rows.String(), ""), nil, fault.KindLimit, "sheet.rows"},
		{"a cell far right", sheet(`<row r="1"><c r="XFD1" t="str"><v>x</v></c></row>`, ""), nil, fault.KindLimit, "sheet.columns"},
		{"a long cell", sheet(`<row r="1"><c r="A1" t="str"><v>`+strings.Repeat(string(random), 60)+`</v></c></row>`, ""), nil, fault.KindLimit, "sheet.cell"},
		{"a huge cell", sheet(`<row r="1"><c r="A1" t="str"><v>`+strings.Repeat(string(random), 600)+`</v></c></row>`, ""), nil, fault.KindLimit, "sheet.cell"},
		{"many merges", sheet(row(1), "<mergeCells>"+merges+"</mergeCells>"), nil, fault.KindLimit, "sheet.merges"},
		{"many styles", sheet(row(1), ""), map[string]string{"xl/styles.xml": `<styleSheet><cellXfs>` + strings.Repeat(`<xf/>`, maxStyles+1) + `</cellXfs></styleSheet>`}, fault.KindLimit, "sheet.styles"},
		{"deep nesting", sheet(strings.Repeat("<a>", 100), ""), nil, fault.KindLimit, "document.depth"},
		{"document type", `<!DOCTYPE x [<!ENTITY a "b">]>` + sheet(row(1), ""), nil, fault.KindInvalid, "document.damaged"},
		{"cut off", `<worksheet><sheetData><row r="1"><c r="A1"><v>1`, nil, fault.KindInvalid, "document.damaged"},
		{"wrong shared string", sheet(`<row r="1"><c r="A1" t="s"><v>9</v></c></row>`, ""), nil, fault.KindInvalid, "document.damaged"},
		{"a cell that never began", `<row><v>0</c>`, nil, fault.KindInvalid, "document.damaged"},
		{"nothing in it", sheet("", ""), nil, fault.KindInvalid, "sheet.empty"},
		{"macros", sheet(row(1), ""), map[string]string{"xl/vbaProject.bin": "x"}, fault.KindInvalid, "document.macros"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := read("a.xlsx", rawXLSX(t, c.sheet, c.more))
			wantFault(t, err, c.kind, c.key)
		})
	}
}

// U6: one cell whose sheet claims the whole range, merged over all of it.
func TestXLSXOneCellClaimsEverything(t *testing.T) {
	b := rawXLSX(t, `<worksheet><dimension ref="A1:XFD1048576"/><cols><col min="1" max="16384" hidden="1"/></cols>`+
		`<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>只有一格</t></is></c></row></sheetData>`+
		`<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>`, nil)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	g := mustRead(t, "a.xlsx", b)
	runtime.ReadMemStats(&after)
	if g.Rows[0].Cells[0] != "只有一格" || len(g.Rows) != 1 {
		t.Errorf("got %q", cells(g))
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 4<<20 {
		t.Errorf("allocated %d KiB for one cell", grown>>10)
	}
}

// U1: a sheet that unpacks to 10 GB by its directory is refused unread.
func TestXLSXBombIsRefusedUnread(t *testing.T) {
	b := rawXLSX(t, "<worksheet>"+strings.Repeat(" ", 8<<20)+"</worksheet>", nil)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := time.Now()
	_, err := read("a.xlsx", b)
	runtime.ReadMemStats(&after)
	wantFault(t, err, fault.KindLimit, "document.zip_ratio")
	if after.TotalAlloc-before.TotalAlloc > 4<<20 || time.Since(began) > time.Second {
		t.Errorf("took %d KiB and %v", (after.TotalAlloc-before.TotalAlloc)>>10, time.Since(began))
	}
}

func TestXLSXRowsOutOfOrder(t *testing.T) {
	b := rawXLSX(t, `<worksheet><sheetData><row r="2"><c r="A2" t="str"><v>二</v></c></row><row r="1"><c r="A1" t="str"><v>一</v></c></row><row r="2"><c r="B2" t="str"><v>乙</v></c></row></sheetData></worksheet>`, nil)
	wantCells(t, mustRead(t, "a.xlsx", b), [][]string{{"一"}, {"二", "乙"}})
}

func TestFormats(t *testing.T) {
	for _, c := range []struct {
		code string
		v    float64
		want string
	}{
		{"General", 12, "12"}, {"0.00_);[Red](0.00)", -3.5, "-3.5"}, {`#,##0.00"元"`, 1234.5, "1234.5"}, {"0%", 0.5, "50%"},
		{"yyyy/m/d", 46068, "2026-02-15"}, {"[$-804]aaaa", 46068, "46068"}, {`[DBNum1][$-804]yyyy"年"m"月"d"日";@`, 46068, "2026-02-15"},
		{`yyyy"年"m"月"`, 46054, "2026-02"}, {"m/d/yy h:mm", 46068.25, "2026-02-15 06:00"}, {"h:mm:ss", 0.5, "12:00"}, {"[h]:mm", 0.25, "06:00"},
		{`"d"0`, 5, "5"}, {"yyyy-mm-dd", 1, "1900-01-01"}, {"yyyy-mm-dd", 61, "1900-03-01"}, {"yyyy-mm-dd", -1, "-1"}, {"yyyy-mm-dd", 3e6, "3000000"},
		{"0.0E+00", 1500, "1500"},
	} {
		if got := parseFormat(c.code).show(c.v, false); got != c.want {
			t.Errorf("%s %v = %q, want %q", c.code, c.v, got, c.want)
		}
	}
	for v, want := range map[float64]string{0.1 + 0.2: "0.3", 1e20: "100000000000000000000", math.Inf(1): "", 1.0 / 3: "0.333333333333333", 123456789012345: "123456789012345"} {
		if got := plain(v); got != want {
			t.Errorf("plain(%v) = %q, want %q", v, got, want)
		}
	}
}
