package sheet

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/encoding/simplifiedchinese"

	"huikan/internal/kernel/fault"
)

func TestCSV(t *testing.T) {
	people := [][]string{{"姓名", "单位"}, {"张三", "某市院"}, {"李㐀", "某区院"}}
	plain := "姓名,单位\r\n张三,某市院\r\n李㐀,某区院\r\n"
	gb, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(plain))
	if err != nil {
		t.Fatal(err)
	}
	utf16le := []byte{0xff, 0xfe}
	for _, c := range utf16.Encode([]rune(strings.ReplaceAll(plain, ",", "\t"))) {
		utf16le = le.AppendUint16(utf16le, c)
	}
	for _, c := range []struct {
		name string
		b    []byte
		want [][]string
	}{
		{"utf-8", []byte(plain), people}, {"mark", []byte("\ufeff" + plain), people}, {"gb18030", gb, people}, {"utf-16 from Excel", utf16le, people},
		{"lone CR", []byte(strings.ReplaceAll(plain, "\r\n", "\r")), people}, {"tabs", []byte(strings.ReplaceAll(plain, ",", "\t")), people},
		{"semicolons", []byte(strings.ReplaceAll(plain, ",", ";")), people}, {"sep line", []byte("sep=;\n" + strings.ReplaceAll(plain, ",", ";")), people},
		{"no last line end", []byte(strings.TrimRight(plain, "\r\n")), people},
		{"quotes", []byte("a,\"b\nc\r\nd\",\"说\"\"好\"\"\"\n\"x\"y,,\"\"\n"), [][]string{{"a", "b\nc\nd", "说\"好\""}, {"xy"}}},
		{"guards", []byte("编号,电话,公式\n=\"0012\",'+86,'=1\n"), [][]string{{"编号", "电话", "公式"}, {"0012", "+86", "=1"}}},
		{"spaces", []byte(" a , b \n"), [][]string{{"a", "b"}}},
	} {
		t.Run(c.name, func(t *testing.T) { wantCells(t, mustRead(t, "a.csv", c.b), c.want) })
	}
}

func TestCSVRowNumbersCountBlankLines(t *testing.T) {
	g := mustRead(t, "a.csv", []byte("a,b\n\n,,\n\"x\ny\",1\nz,2\n"))
	var got []int
	for _, r := range g.Rows {
		got = append(got, r.Number)
	}
	if want := []int{1, 4, 5}; !slices.Equal(got, want) {
		t.Errorf("rows %v, want %v", got, want)
	}
}

func TestCSVBrokenBytes(t *testing.T) {
	gb, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte("姓名,单位\n张三,某市院\n李四,某区院\n"))
	if err != nil {
		t.Fatal(err)
	}
	i := slices.Index(gb, '\n') + 1
	broken := slices.Concat(gb[:i], []byte{0xff}, gb[i:])
	g := mustRead(t, "a.csv", broken)
	if len(g.Rows) != 3 || g.Rows[2].Cells[0] != "李四" || !slices.Contains(noteKeys(g.Notes), "document.note_replaced") {
		t.Errorf("got %q %v", cells(g), g.Notes)
	}
}

func TestCSVRefusals(t *testing.T) {
	for _, c := range []struct {
		name, file string
		b          []byte
		kind       fault.Kind
		key        string
	}{
		{"unclosed quote", "a.csv", []byte("a,b\n1,\"2\n3,4\n5,6\n"), fault.KindInvalid, "sheet.csv_quote"},
		{"wide", "a.csv", []byte(strings.Repeat("x,", MaxColumns+1) + "\n"), fault.KindLimit, "sheet.columns"},
		{"long cell", "a.csv", []byte("a,b\n" + strings.Repeat("字", MaxCell+1) + ",1\n"), fault.KindLimit, "sheet.cell"},
		{"many rows", "a.csv", []byte(strings.Repeat("a,b\n", MaxRows+1)), fault.KindLimit, "sheet.rows"},
		{"nothing", "a.csv", []byte("\n\n,,,\n"), fault.KindInvalid, "sheet.empty"},
		{"zero bytes", "a.csv", []byte("a,b\n1,\x00\x00\n"), fault.KindInvalid, "sheet.kind"},
		{"a document", "a.csv", []byte("%PDF-1.4 x"), fault.KindInvalid, "sheet.is_document"},
		{"a web page without table", "a.xls", []byte("<html><p>x</p>"), fault.KindInvalid, "sheet.empty"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := read(c.file, c.b)
			wantFault(t, err, c.kind, c.key)
		})
	}
	_, err := read("a.csv", []byte("a,b\n1,\"2\n3,4\n"))
	if f, _ := fault.Of(err); f.Args[1] != 2 {
		t.Errorf("the quote opened on line 2, told as %v", f.Args[1])
	}
}

func TestWebTableNamedXLS(t *testing.T) {
	page := `<html xmlns:x="urn:schemas-microsoft-com:office:excel"><table><tr><td>x</td></tr></table><table><tr><th>问题</th><th>措施</th></tr><tr><td rowspan="2">一</td><td>a</td></tr><tr><td>b</td></tr></table></html>`
	gb, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(page))
	if err != nil {
		t.Fatal(err)
	}
	wantCells(t, mustRead(t, "台账.xls", gb), [][]string{{"问题", "措施"}, {"一", "a"}, {"一", "b"}})
	wantCells(t, mustRead(t, "台账.xls", []byte("问题\t措施\n一\ta\n")), [][]string{{"问题", "措施"}, {"一", "a"}})
}

func FuzzCSV(f *testing.F) {
	f.Add("a,b\n\"x\"\"y\",2\r3;4")
	f.Add("\"\n\n")
	f.Fuzz(func(t *testing.T, s string) {
		var last [2]int
		if err := parseCSV(s, ',', func(row, col, line int, v string) error {
			if col >= 0 && (row < last[0] || row == last[0] && col < last[1]) {
				t.Fatalf("cell %d,%d after %v", row, col, last)
			}
			if col < 0 && line > 1+strings.Count(s, "\n")+strings.Count(s, "\r") {
				t.Fatalf("line %d of %q", line, s)
			}
			last = [2]int{row, col}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	})
}
