package sheet

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"huikan/internal/kernel/fault"
)

var wanted = []Column{
	{Key: "no", Names: []string{"序号", "No."}},
	{Key: "problem", Names: []string{"问题", "反馈问题", "Finding"}, Required: true},
	{Key: "lead", Names: []string{"责任领导", "Lead"}, Required: true},
	{Key: "due", Names: []string{"完成时限", "整改时限", "Due"}},
	{Key: "amount", Names: []string{"追缴金额"}},
}

func gridOf(rows ...[]string) Grid {
	g := Grid{File: "台账.xlsx", Sheet: "s"}
	for i, r := range rows {
		g.Rows = append(g.Rows, Row{Number: i + 1, Cells: r})
	}
	return g
}

func TestFindHeader(t *testing.T) {
	for _, c := range []struct {
		name  string
		rows  [][]string
		first int
		want  map[string]int
		rest  []string
	}{
		{"plain", [][]string{{"序号", "问题", "责任领导"}}, 0, map[string]int{"no": 0, "problem": 1, "lead": 2}, nil},
		{"spaced, broken, bracketed", [][]string{{"序 号", "反馈问题（必填）", "责任领导\n（部门）", "追缴金额（万元）", "备注"}}, 0, map[string]int{"no": 0, "problem": 1, "lead": 2, "amount": 3}, []string{"备注"}},
		{"title and date above", [][]string{{"关于问题的台账", "关于问题的台账"}, {"填报日期：2026年5月"}, {"*整改时限", "*问 题", "*责任领导："}, {"2026-05-01", "问题", "张三"}}, 2, map[string]int{"due": 0, "problem": 1, "lead": 2}, nil},
		{"English", [][]string{{"Lead", "finding", "DUE "}}, 0, map[string]int{"lead": 0, "problem": 1, "due": 2}, nil},
		{"exact before loose", [][]string{{"问题（概述）", "问题", "责任领导"}}, 0, map[string]int{"problem": 1, "lead": 2}, []string{"问题（概述）"}},
		{"keys", [][]string{{"problem", "lead"}}, 0, map[string]int{"problem": 0, "lead": 1}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := FindHeader(gridOf(c.rows...), wanted)
			if err != nil {
				t.Fatal(err)
			}
			if m.First != c.first || m.Last != c.first || fmt.Sprint(m.Columns) != fmt.Sprint(c.want) || !slices.Equal(m.Unmatched, c.rest) {
				t.Errorf("got %+v", m)
			}
		})
	}
}

func TestFindHeaderTwoRows(t *testing.T) {
	b := book(t, func(f *excelize.File) error {
		s := "Sheet1"
		return must(
			f.SetSheetRow(s, "A1", &[]any{"巡视整改台账"}), f.MergeCell(s, "A1", "E1"),
			f.SetSheetRow(s, "A2", &[]any{"序号", "问题", "整改情况", nil, "责任领导"}),
			f.SetSheetRow(s, "A3", &[]any{nil, nil, "完成时限", "成效", nil}),
			f.MergeCell(s, "A2", "A3"), f.MergeCell(s, "B2", "B3"), f.MergeCell(s, "C2", "D2"), f.MergeCell(s, "E2", "E3"),
			f.SetSheetRow(s, "A4", &[]any{1, "一", "2026-05", "好", "张三"}))
	})
	g := mustRead(t, "a.xlsx", b)
	m, err := FindHeader(g, wanted)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"序号", "问题", "整改情况/完成时限", "整改情况/成效", "责任领导"}
	if m.First != 1 || m.Last != 2 || !slices.Equal(m.Heads, want) || m.Columns["due"] != 2 || !slices.Equal(m.Unmatched, []string{"整改情况/成效"}) {
		t.Errorf("got %+v", m)
	}
	var recs []Record
	for r := range Records(g, m) {
		recs = append(recs, r)
	}
	if len(recs) != 1 || recs[0].Row != 4 || recs[0].Get("due") != "2026-05" || recs[0].Get("amount") != "" {
		t.Errorf("records %+v", recs)
	}
}

func TestFindHeaderRefusals(t *testing.T) {
	for _, c := range []struct {
		name string
		rows [][]string
		key  string
		says string
	}{
		{"missing", [][]string{{"序号", "问题"}}, "sheet.missing_columns", "责任领导"},
		{"none", [][]string{{"甲", "乙"}, {"1", "2"}}, "sheet.no_header", "问题、责任领导"},
		{"twice", [][]string{{"问题", "责任领导", "责任 领导"}}, "sheet.duplicate_columns", "责任领导"},
		{"too far down", append(slices.Repeat([][]string{{"x"}}, headerRows), []string{"问题", "责任领导"}), "sheet.no_header", "问题"},
		{"no rows", nil, "sheet.no_header", "问题"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := FindHeader(gridOf(c.rows...), wanted)
			wantFault(t, err, fault.KindInvalid, c.key)
			if f, _ := fault.Of(err); !strings.Contains(fmt.Sprint(f.Args), c.says) || f.Args[0] != "台账.xlsx" {
				t.Errorf("args %v do not say %s", f.Args, c.says)
			}
		})
	}
}

func TestRecordsLeaveOutBlankAndRepeatedHeaders(t *testing.T) {
	g := gridOf([]string{"问题", "责任领导"}, []string{"一", "张三"}, []string{"", " "}, []string{"问题", "责任领导"}, []string{"二"}, []string{"", "", "备注外"})
	m, err := FindHeader(g, wanted)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for r := range Records(g, m) {
		got = append(got, fmt.Sprint(r.Row, r.Get("problem"), r.Get("lead")))
		if r.Row == 5 {
			break // an iterator must stand being left
		}
	}
	if want := []string{"2一 张三", "5二 "}; len(got) != 2 || !strings.HasPrefix(got[0], "2") || !strings.HasPrefix(got[1], "5") {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestReportAndAnnotate(t *testing.T) {
	g := gridOf([]string{"整改台账"}, []string{"序号", "问题", "责任领导", "完成时限"}, []string{"1", "一", "张三", "2026年13月"}, []string{"2", "", "李四", "2026-05-01"}, []string{"3", "三", "王五", "x"})
	g.Rows[4].Number = 9 // a gap in the file
	m, err := FindHeader(g, wanted)
	if err != nil {
		t.Fatal(err)
	}
	var r Report
	r.Add(RowError{Row: 9, Column: "due", Value: "x", Key: "不是日期（{0}）", Args: []any{"x"}})
	r.Add(RowError{Row: 3, Column: "due", Value: "2026年13月", Key: "不是日期（{0}）", Args: []any{"2026年13月"}})
	r.Add(RowError{Row: 3, Column: "lead", Key: "查无此人"})
	r.Add(RowError{Row: 4, Key: "整行重复"})
	if r.OK() || r.BadRows() != 3 || !r.Bad(4) || r.Bad(5) {
		t.Errorf("report %+v", r)
	}
	var b bytes.Buffer
	tr := say(t)
	plainTr := func(key string, args ...any) string {
		s := tr(key, args...)
		for i, a := range args {
			s = strings.ReplaceAll(s, fmt.Sprintf("{%d}", i), fmt.Sprint(a))
		}
		return s
	}
	if err := Annotate(&b, g, m, &r, plainTr); err != nil {
		t.Fatal(err)
	}
	back := mustRead(t, "a.xlsx", b.Bytes())
	reason := map[int]string{2: "失败原因", 3: "完成时限：不是日期（2026年13月）；责任领导：查无此人", 4: "整行重复", 9: "完成时限：不是日期（x）"}
	for _, row := range back.Rows {
		if row.Cell(4) != reason[row.Number] {
			t.Errorf("row %d: %q, want %q", row.Number, row.Cell(4), reason[row.Number])
		}
	}
	f, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	cs, err := f.GetComments("s")
	if err != nil || len(cs) != 3 {
		t.Fatalf("comments %+v %v", cs, err)
	}
	fill := func(cell string) string {
		id, err := f.GetCellStyle("s", cell)
		if err != nil {
			t.Fatal(err)
		}
		st, err := f.GetStyle(id)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(st.Fill.Color, "")
	}
	if fill("D3") != "FFFF00" || fill("C3") != "FFFF00" || fill("B3") != "" {
		t.Errorf("fills %q %q %q", fill("D3"), fill("C3"), fill("B3"))
	}
	// A second attempt replaces the reasons instead of adding a column.
	m2, err := FindHeader(back, wanted)
	if err != nil {
		t.Fatal(err)
	}
	b.Reset()
	if err := Annotate(&b, back, m2, &Report{}, plainTr); err != nil {
		t.Fatal(err)
	}
	again := mustRead(t, "a.xlsx", b.Bytes())
	if again.Width() != 5 || again.Rows[2].Cell(4) != "" {
		t.Errorf("second attempt: %q", cells(again))
	}
}

func TestReportIsBounded(t *testing.T) {
	var r Report
	for i := range MaxErrors + 7 {
		r.Add(RowError{Row: i, Key: "k"})
	}
	if len(r.Errors) != MaxErrors || r.More != 7 || r.BadRows() != MaxErrors+7 {
		t.Errorf("%d kept, %d more, %d rows", len(r.Errors), r.More, r.BadRows())
	}
}

func FuzzHeader(f *testing.F) {
	f.Add("序号|问题|责任领导\n1|一|张三")
	f.Add("（（|/|问题/\n\n")
	f.Fuzz(func(t *testing.T, s string) {
		var rows [][]string
		for l := range strings.SplitSeq(s, "\n") {
			rows = append(rows, strings.Split(l, "|"))
		}
		g := gridOf(rows...)
		m, err := FindHeader(g, wanted)
		if err != nil {
			return
		}
		for range Records(g, m) {
		}
		if _, ok := m.Columns["problem"]; !ok {
			t.Fatal("a required column is missing")
		}
	})
}
