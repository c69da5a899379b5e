package sheet

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"testing"
	"unicode/utf16"

	"huikan/internal/kernel/fault"
	"huikan/internal/platform/document/oletest"
)

// biffWriter builds a BIFF8 stream record by record.
type biffWriter struct{ data []byte }

func (w *biffWriter) rec(id int, parts ...[]byte) {
	body := slices.Concat(parts...)
	w.data = le.AppendUint16(w.data, uint16(id))
	w.data = le.AppendUint16(w.data, uint16(len(body)))
	w.data = append(w.data, body...)
}

func u16s(vs ...int) []byte {
	var b []byte
	for _, v := range vs {
		b = le.AppendUint16(b, uint16(v))
	}
	return b
}

func u32(v uint32) []byte  { return le.AppendUint32(nil, v) }
func f64(v float64) []byte { return le.AppendUint64(nil, math.Float64bits(v)) }
func wide(s string) []byte {
	return append(append(u16s(len(utf16.Encode([]rune(s)))), 1), utf16Bytes(s)...)
}
func bof(kind int) []byte { return slices.Concat(u16s(0x0600, kind), make([]byte, 12)) }
func utf16Bytes(s string) (b []byte) {
	for _, c := range utf16.Encode([]rune(s)) {
		b = le.AppendUint16(b, c)
	}
	return b
}

// xlsBook builds a workbook: globals, then the sheets, each with its place noted.
func xlsBook(globals func(w *biffWriter), sheets map[string]func(w *biffWriter), order ...string) []byte {
	build := func(at map[string]int) ([]byte, map[string]int) {
		w := &biffWriter{}
		w.rec(recBOF, bof(5))
		for i, n := range order {
			hidden := byte(0)
			if i > 0 {
				hidden = 1
			}
			w.rec(recBoundSheet, u32(uint32(at[n])), []byte{hidden, 0, byte(len(utf16.Encode([]rune(n)))), 1}, utf16Bytes(n))
		}
		globals(w)
		w.rec(recEOF)
		places := map[string]int{}
		for _, n := range order {
			places[n] = len(w.data)
			w.rec(recBOF, bof(0x10))
			sheets[n](w)
			w.rec(recEOF)
		}
		return w.data, places
	}
	_, at := build(nil)
	data, _ := build(at)
	return oletest.File(oletest.Stream{Name: "Workbook", Data: data})
}

func ledgerXLS() []byte {
	globals := func(w *biffWriter) {
		w.rec(recDateMode, u16s(0))
		w.rec(recFormat, u16s(164), wide(`yyyy"年"m"月"d"日"`))
		for _, f := range []int{0, 14, 164, 10} {
			w.rec(recXF, u16s(0, f), make([]byte, 16))
		}
		// "问题" wide; "abcdef" narrow, split in the middle into a wide CONTINUE;
		// a rich text with one run; a text with a phonetic block.
		w.rec(recSST, u32(4), u32(4), wide("问题"), []byte{6, 0, 0, 'a', 'b', 'c'})
		w.rec(recContinue, []byte{1}, utf16Bytes("def"), []byte{2, 0, 9, 1, 0}, utf16Bytes("整改"), []byte{0, 0, 0, 0})
		w.rec(recContinue, []byte{1, 0, 5, 3, 0, 0, 0}, utf16Bytes("末"), []byte{9, 9, 9})
	}
	main := func(w *biffWriter) {
		w.rec(recColInfo, u16s(3, 3, 0, 0, 1), u16s(0))
		w.rec(recRow, u16s(2, 0, 4, 255, 0, 0), []byte{0x20, 0}, u16s(0))
		sst := func(r, c, i int) { w.rec(recLabelSST, u16s(r, c, 0), u32(uint32(i))) }
		sst(0, 0, 0)
		sst(0, 1, 1)
		sst(0, 2, 2)
		sst(0, 3, 3)
		w.rec(recNumber, u16s(1, 0, 2), f64(46068))
		w.rec(recRK, u16s(1, 1, 0), u32(uint32(12345<<2|3)))
		w.rec(recMulRK, u16s(2, 0), u16s(1), u32(46068<<2|2), u16s(3), rkInt(-50, 3), u16s(1))
		w.rec(recFormula, u16s(3, 0, 0), f64(2.5), make([]byte, 8))
		w.rec(recFormula, u16s(3, 1, 0), []byte{0, 0, 0, 0, 0, 0, 0xff, 0xff}, make([]byte, 8))
		w.rec(recString, wide("算出"))
		w.rec(recBoolErr, u16s(3, 2, 0), []byte{1, 0})
		w.rec(recLabel, u16s(3, 3, 0), wide("旧式"))
		w.rec(recMerged, u16s(1, 1, 2, 1, 1))
		w.rec(recBOF, bof(0x20)) // a chart in the sheet
		w.rec(recNumber, u16s(90, 0, 0), f64(1))
		w.rec(recEOF)
	}
	other := func(w *biffWriter) { w.rec(recNumber, u16s(0, 0, 0), f64(7)) }
	return xlsBook(globals, map[string]func(*biffWriter){"台账": main, "底稿": other}, "台账", "底稿")
}

func TestXLS(t *testing.T) {
	for _, name := range []string{"台账.xls", "台账.et"} {
		g := mustRead(t, name, ledgerXLS())
		wantCells(t, g, [][]string{{"问题", "abcdef", "整改", "末"}, {"2026-02-15", "123.45"}, {"2026-02-15", "-50%"}, {"2.5", "算出", "TRUE", "旧式"}})
		if want := []string{"sheet.note_hidden_rows", "sheet.note_hidden_columns", "sheet.note_hidden_sheets"}; !slices.Equal(noteKeys(g.Notes), want) || g.Sheet != "台账" {
			t.Errorf("%s: %v", g.Sheet, g.Notes)
		}
	}
	wantCells(t, mustRead(t, "a.xls", ledgerXLS(), Options{Sheet: "底稿"}), [][]string{{"7"}})
}

func TestXLSMergedDown(t *testing.T) {
	b := xlsBook(func(w *biffWriter) {}, map[string]func(*biffWriter){"s": func(w *biffWriter) {
		w.rec(recLabel, u16s(0, 0, 0), wide("问题一"))
		w.rec(recLabel, u16s(0, 1, 0), wide("措施1"))
		w.rec(recLabel, u16s(1, 1, 0), wide("措施2"))
		w.rec(recMerged, u16s(1, 0, 65535, 0, 0))
	}}, "s")
	wantCells(t, mustRead(t, "a.xls", b), [][]string{{"问题一", "措施1"}, {"问题一", "措施2"}})
}

func TestXLSRefusals(t *testing.T) {
	sheet := func(f func(w *biffWriter)) []byte {
		return xlsBook(func(w *biffWriter) {}, map[string]func(*biffWriter){"s": f}, "s")
	}
	global := func(f func(w *biffWriter)) []byte {
		return xlsBook(f, map[string]func(*biffWriter){"s": func(*biffWriter) {}}, "s")
	}
	old := &biffWriter{}
	old.rec(recBOF, u16s(0x0500, 5, 0, 0))
	for _, c := range []struct {
		name string
		b    []byte
		kind fault.Kind
		key  string
	}{
		{"encrypted", global(func(w *biffWriter) { w.rec(recFilePass, u16s(1)) }), fault.KindInvalid, "document.encrypted"},
		{"Excel 95", oletest.File(oletest.Stream{Name: "Book", Data: old.data}), fault.KindInvalid, "sheet.xls_old"},
		{"missing string", sheet(func(w *biffWriter) { w.rec(recLabelSST, u16s(0, 0, 0), u32(5)) }), fault.KindInvalid, "document.damaged"},
		{"short record", sheet(func(w *biffWriter) { w.rec(recNumber, u16s(0, 0)) }), fault.KindInvalid, "document.damaged"},
		{"short format", global(func(w *biffWriter) { w.rec(recFormat, u16s(1)) }), fault.KindInvalid, "document.damaged"},
		{"far column", sheet(func(w *biffWriter) { w.rec(recNumber, u16s(0, 250, 0), f64(1)) }), fault.KindLimit, "sheet.columns"},
		{"empty", sheet(func(w *biffWriter) {}), fault.KindInvalid, "sheet.empty"},
		{"no sheet there", func() []byte {
			w := &biffWriter{}
			w.rec(recBOF, bof(5))
			w.rec(recBoundSheet, u32(1<<30), []byte{0, 0, 1, 0, 's'})
			w.rec(recEOF)
			return oletest.File(oletest.Stream{Name: "Workbook", Data: w.data})
		}(), fault.KindInvalid, "document.damaged"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := read("a.xls", c.b)
			wantFault(t, err, c.kind, c.key)
		})
	}
}

// An SST that announces four thousand million strings costs nothing.
func TestXLSLyingCount(t *testing.T) {
	b := xlsBook(func(w *biffWriter) { w.rec(recSST, u32(math.MaxUint32), u32(math.MaxUint32), wide("一")) },
		map[string]func(*biffWriter){"s": func(w *biffWriter) { w.rec(recLabelSST, u16s(0, 0, 0), u32(0)) }}, "s")
	wantCells(t, mustRead(t, "a.xls", b), [][]string{{"一"}})
}

// Every cut of a valid file is read or refused, never a panic; a byte changed anywhere neither.
func TestXLSDamaged(t *testing.T) {
	whole := ledgerXLS()
	st := whole[512:]
	for i := 0; i < len(st); i += 3 {
		b := slices.Clone(whole)
		b[512+i] ^= byte(i*37 + 1)
		if _, err := read("a.xls", b); err != nil {
			if _, ok := fault.Of(err); !ok {
				t.Fatalf("byte %d: no fault: %v", i, err)
			}
		}
	}
}

func FuzzXLS(f *testing.F) {
	f.Add(ledgerXLS())
	f.Fuzz(func(t *testing.T, b []byte) {
		bld := newBuilder("f.xls", "xls", Options{})
		if err := readXLS(bld, bytes.NewReader(b), int64(len(b))); err != nil {
			if _, ok := fault.Of(err); !ok {
				t.Fatalf("no fault: %v", err)
			}
		}
	})
}

func FuzzXLSX(f *testing.F) {
	f.Add(`<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>甲</t></is></c><c r="B1"><v>3</v></c></row></sheetData><mergeCells><mergeCell ref="A1:B9"/></mergeCells></worksheet>`)
	f.Add(`<row r="9"><c r="ZZZZ1" s="-1"><v>1e999</v></c></row>`)
	f.Add(`<row><v>0</c>`)
	f.Fuzz(func(t *testing.T, sheet string) {
		if _, err := read("f.xlsx", rawXLSX(t, sheet, nil)); err != nil {
			if _, ok := fault.Of(err); !ok {
				t.Fatalf("no fault: %v", err)
			}
		}
	})
}

// rkInt packs a whole number; flag 1 divides it by a hundred.
func rkInt(v int32, flags uint32) []byte { return u32(uint32(v)<<2 | flags) }

func TestRK(t *testing.T) {
	for v, want := range map[uint32]float64{uint32(100<<2 | 2): 100, uint32(100<<2 | 3): 1, 0x3FF00000: 1, 0x3FF00001: 0.01} {
		if got := rk(v); got != want {
			t.Errorf("rk(%#x) = %v, want %v", v, got, want)
		}
	}
	if got := fmt.Sprint(ColumnName(0), ColumnName(25), ColumnName(26), ColumnName(701), ColumnName(702)); got != "A Z AA ZZ AAA" && got != "AZAAZZAAA" {
		t.Errorf("column names %s", got)
	}
}
