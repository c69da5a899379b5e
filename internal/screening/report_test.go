package screening

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"huikan/internal/platform/sheet"
)

// A bad register comes back in its own format: every row that it had, a reason in
// those at fault and in no other.
func TestTheReportComesBackInTheFilesOwnFormat(t *testing.T) {
	valid := citizen("410105", "1980-01-01", 11)
	rows := [][]string{{"姓名", "身份证号", "执业证号", "律师事务所"}, {"张三", "", "1", "甲所"}, {"", "", "2", "甲所"}, {"李四", "", "3", "乙所"}, {"王五", "", "4", "乙所"}, {"赵六", "", "5", "丙所"}, {"孙七", "", "6", "丙所"}, {valid, "钱八", "7", "丁所"}}
	plain := func(comma string, rows [][]string) string {
		var b strings.Builder
		for _, r := range rows {
			b.WriteString(strings.Join(r, comma) + "\n")
		}
		return b.String()
	}
	gbk, err := simplifiedchinese.GB18030.NewEncoder().String(plain("\t", rows))
	if err != nil {
		t.Fatal(err)
	}
	again := slices.Insert(slices.Clone(rows), 4, rows[0])
	for _, c := range []struct {
		name, file string
		text       []byte
		comma      rune
	}{
		{"a .csv", "l.csv", []byte(plain(",", rows)), ','},
		{"semicolons and the heading twice", "l.csv", []byte(plain(";", again)), ';'},
		{"tabs in GB18030", "l.txt", []byte(gbk), '\t'},
		{"a title above", "l.csv", []byte("河南省律师名册\n" + plain(",", rows)), ','},
		{"a workbook with merged cells", "l.xlsx", merged(t, rows), 0},
	} {
		var out bytes.Buffer
		ext, err := annotate(&out, c.file, bytes.NewReader(c.text), int64(len(c.text)), Lawyers, nil, func(key string, _ ...any) string { return "!" + key })
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		got := bodyOf(t, ext, out.Bytes(), c.comma)
		if want := map[bool]string{true: ".xlsx", false: ".csv"}[c.comma == 0]; ext != want {
			t.Errorf("%s comes back as %s", c.name, ext)
		}
		if len(got) != len(rows)-1 {
			t.Errorf("%s: %d rows come back of %d: %q", c.name, len(got), len(rows)-1, got)
			continue
		}
		for i, r := range got {
			bad := rows[i+1][0] == "" || rows[i+1][0] == valid
			if reason := strings.Contains(strings.Join(r, " "), "!"); reason != bad || !slices.Contains(r, rows[i+1][2]) || !slices.Contains(r, rows[i+1][3]) {
				t.Errorf("%s: row %d says %q, at fault: %v", c.name, i+1, r, bad)
			}
		}
	}
}

// Some rows are at fault only beside others: a key that stands for two people, a number that a hundred names share. Each of
// them is told in its own row, and the others are not.
func TestTheReportTellsWhatIsWrongOnlyTogether(t *testing.T) {
	rows := [][]string{{"姓名", "身份证号", "执业证号", "律师事务所"}, {"张三", "", "1", "甲所"}, {"张三", "", "1", "甲所"}, {"李四", "", "1", "乙所"}}
	for i := range 100 {
		rows = append(rows, []string{fmt.Sprintf("赵%c", rune(0x4E00+i*7)), citizen("410105", "1980-01-01", 11), fmt.Sprint(100 + i), "丙所"})
	}
	var plain bytes.Buffer
	if err := csv.NewWriter(&plain).WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	for file, text := range map[string][]byte{"l.csv": plain.Bytes(), "l.xlsx": merged(t, rows)} {
		var out bytes.Buffer
		ext, err := annotate(&out, file, bytes.NewReader(text), int64(len(text)), Lawyers, nil, func(key string, _ ...any) string { return "!" + key })
		if err != nil {
			t.Fatal(err)
		}
		got := bodyOf(t, ext, out.Bytes(), ',')
		if len(got) != len(rows)-1 {
			t.Fatalf("%s: %d rows come back of %d", file, len(got), len(rows)-1)
		}
		for i, r := range got {
			want := ""
			switch {
			case i == 2:
				want = "!register.error.twice"
			case i > 2:
				want = "!register.note.row_crowded"
			}
			if said := strings.Join(r, " "); strings.Contains(said, "!") != (want != "") || !strings.Contains(said, want) {
				t.Errorf("%s: row %d says %q, wanted %q", file, i+1, said, want)
			}
		}
	}
}

// merged is a workbook with a title, a heading over two rows and a firm that stands once for two lawyers.
func merged(t *testing.T, rows [][]string) []byte {
	f := excelize.NewFile()
	defer f.Close() //nolint:errcheck // it lives in memory
	s := f.GetSheetName(0)
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	must(f.SetSheetRow(s, "A1", &[]any{"河南省律师名册"}))
	must(f.MergeCell(s, "A1", "D1"))
	for col := range 4 {
		at := string(rune('A' + col))
		must(f.SetCellStr(s, at+"2", rows[0][col]))
		must(f.MergeCell(s, at+"2", at+"3"))
	}
	for i, r := range rows[1:] {
		for col, v := range r {
			if col == 3 && i%2 == 1 && v == rows[i][3] {
				must(f.MergeCell(s, fmt.Sprintf("D%d", i+3), fmt.Sprintf("D%d", i+4)))
				continue
			}
			must(f.SetCellStr(s, string(rune('A'+col))+fmt.Sprint(i+4), v))
		}
	}
	var b bytes.Buffer
	must(f.Write(&b))
	return b.Bytes()
}

// bodyOf gives the rows below the heading of a report.
func bodyOf(t *testing.T, ext string, raw []byte, comma rune) (out [][]string) {
	if ext == ".csv" {
		in := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\xEF\xBB\xBF"))))
		in.Comma, in.FieldsPerRecord = comma, -1
		all, err := in.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return all[1:]
	}
	g, err := sheet.Read("r.xlsx", bytes.NewReader(raw), int64(len(raw)), sheet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range g.Rows {
		if slices.Contains(r.Cells, "执业证号") {
			for _, r := range g.Rows[i+1:] {
				if !slices.Contains(r.Cells, "执业证号") {
					out = append(out, r.Cells)
				}
			}
			break
		}
	}
	return out
}

// What a report of many bad rows was made of is not kept.
func TestTheReportOfManyRowsKeepsNothing(t *testing.T) {
	text := "姓名,执业证号,律师事务所\n" + strings.Repeat(",1,某所\n", 100_000)
	r := strings.NewReader(text)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	if _, err := annotate(io.Discard, "l.csv", r, int64(len(text)), Lawyers, nil, func(key string, _ ...any) string { return key }); err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(text)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 4<<20 {
		t.Errorf("memory grew by %d MB", grown>>20)
	}
}
