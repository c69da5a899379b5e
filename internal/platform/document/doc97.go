package document

import (
	"encoding/binary"
	"io"
	"strings"
	"unicode/utf16"

	"huikan/internal/kernel/fault"
)

// Offsets in the file information block of a Word 97 document ([MS-DOC] 2.5).
const (
	fibMagic    = 0xA5EC
	fibFlags    = 0x0A
	fibTextLen  = 0x4C
	fibClx      = 0x1A2
	flagCrypt   = 0x0100
	flagTable1  = 0x0200
	markCell    = '\a'
	markField   = 0x13
	markFieldSp = 0x14
	markFieldEn = 0x15
)

// readDoc reads Word 97 and WPS Writer files: the text lies in pieces, listed in
// the table stream, of 8 or 16 bits a character.
func readDoc(name string, r io.ReaderAt, size int64) (Text, error) {
	st, err := OLEStreams(name, r, size, "WordDocument", "0Table", "1Table")
	if err != nil {
		return Text{}, err
	}
	w := st["WordDocument"]
	le := binary.LittleEndian
	if len(w) < fibClx+8 || le.Uint16(w) != fibMagic {
		return Text{}, fault.Invalid("document.doc_old", name)
	}
	flags := le.Uint16(w[fibFlags:])
	if flags&flagCrypt != 0 {
		return Text{}, fault.Invalid("document.encrypted", name)
	}
	table := st["0Table"]
	if flags&flagTable1 != 0 {
		table = st["1Table"]
	}
	pieces, err := pieceTable(table, int64(le.Uint32(w[fibClx:])), int64(le.Uint32(w[fibClx+4:])))
	if err != nil {
		return Text{}, Damaged(name, "clx", err)
	}
	text := pieceText(w, pieces, int64(le.Uint32(w[fibTextLen:])))
	return docLayout(name, text)
}

// pieceTable finds the list of pieces behind the property modifiers of the CLX.
func pieceTable(table []byte, at, n int64) ([]byte, error) {
	if at < 0 || n < 0 || at+n > int64(len(table)) {
		return nil, io.ErrUnexpectedEOF
	}
	clx := table[at : at+n]
	for len(clx) >= 3 && clx[0] == 1 {
		skip := 3 + int(binary.LittleEndian.Uint16(clx[1:]))
		if skip > len(clx) {
			return nil, io.ErrUnexpectedEOF
		}
		clx = clx[skip:]
	}
	if len(clx) < 5 || clx[0] != 2 {
		return nil, io.ErrUnexpectedEOF
	}
	size := int64(binary.LittleEndian.Uint32(clx[1:]))
	if size < 4 || size > int64(len(clx)-5) {
		return nil, io.ErrUnexpectedEOF
	}
	return clx[5 : 5+size], nil
}

func pieceText(w, pieces []byte, total int64) string {
	le := binary.LittleEndian
	k := (len(pieces) - 4) / 12
	var u []uint16
	for j := range k {
		from, to := int64(le.Uint32(pieces[j*4:])), min(int64(le.Uint32(pieces[j*4+4:])), total)
		if from >= to || from != int64(len(u)) { // pieces follow each other without gap
			continue
		}
		fc := le.Uint32(pieces[(k+1)*4+j*8+2:])
		off, wide := int64(fc), true
		if fc&0x40000000 != 0 {
			off, wide = int64(fc&^0x40000000)/2, false
		}
		for i := range to - from {
			if wide {
				if q := off + 2*i; q+1 < int64(len(w)) {
					u = append(u, le.Uint16(w[q:]))
					continue
				}
			} else if q := off + i; q < int64(len(w)) {
				u = append(u, cp1252(w[q]))
				continue
			}
			return string(utf16.Decode(u))
		}
	}
	return string(utf16.Decode(u))
}

// cp1252 maps the bytes of a compressed piece; only 0x82…0x9F differ from Latin 1 ([MS-DOC] 2.9.73).
func cp1252(b byte) uint16 {
	if b < 0x80 || b > 0x9F {
		return uint16(b)
	}
	return [32]uint16{0x80, 0x81, 0x201A, 0x192, 0x201E, 0x2026, 0x2020, 0x2021, 0x2C6, 0x2030, 0x160, 0x2039, 0x152, 0x8D, 0x8E, 0x8F,
		0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x2DC, 0x2122, 0x161, 0x203A, 0x153, 0x9D, 0x9E, 0x178}[b-0x80]
}

// docLayout turns the marks of the text into paragraphs and tables.
func docLayout(name, s string) (Text, error) {
	s = dropFields(s)
	if len(s) > MaxText {
		return Text{}, fault.Limit("document.text_size", name, len(s)>>20, MaxText>>20)
	}
	var t Text
	var run []string // text between cell marks of the current table
	budget := maxCells
	flush := func() {
		if len(run) == 0 {
			return
		}
		rows := docRows(run)
		run = nil
		for _, r := range rows {
			if l := rowLine(r); l != "" {
				t.Paragraphs = append(t.Paragraphs, l)
			}
		}
		t.Tables = append(t.Tables, grid(rows, &budget))
	}
	for {
		i := strings.IndexByte(s, markCell)
		if i < 0 {
			break
		}
		chunk := s[:i]
		s = s[i+1:]
		// Whole paragraphs before the first cell of a row end the table before:
		// inside a table a row end is followed by a cell at once.
		if cut := strings.LastIndexByte(chunk, '\r'); cut >= 0 && (len(run) == 0 || run[len(run)-1] == "") && atRowEnd(run) {
			flush()
			t.Paragraphs = append(t.Paragraphs, lines(printable(chunk[:cut]))...)
			chunk = chunk[cut+1:]
		}
		run = append(run, strings.Join(lines(printable(chunk)), "\n"))
	}
	flush()
	t.Paragraphs = append(t.Paragraphs, lines(printable(s))...)
	if budget < 0 {
		return Text{}, fault.Limit("document.table_cells", name, maxCells)
	}
	return t, nil
}

// atRowEnd tells whether the cells so far form whole rows.
func atRowEnd(run []string) bool { return len(run) == 0 || width(run) > 0 }

// width is the number of columns of a table whose rows each end with an empty
// mark, or 0 if no width fits.
func width(run []string) int {
next:
	for w := 1; w < min(len(run), 64); w++ {
		if len(run)%(w+1) != 0 {
			continue
		}
		for i := w; i < len(run); i += w + 1 {
			if run[i] != "" {
				continue next
			}
		}
		return w
	}
	return 0
}

// docRows cuts the cells into rows. A row is closed by one more mark without
// text; where rows differ in width the first empty mark closes the row.
func docRows(run []string) [][]cell {
	var rows [][]cell
	var row []cell
	w := width(run)
	for i, s := range run {
		if w > 0 && i%(w+1) == w || w == 0 && s == "" && len(row) > 0 {
			rows = append(rows, row)
			row = nil
			continue
		}
		row = append(row, cell{text: s, cols: 1, rows: 1})
	}
	if len(row) > 0 {
		rows = append(rows, row)
	}
	return rows
}

// dropFields keeps the result of a field and drops its instruction.
func dropFields(s string) string {
	if !strings.ContainsRune(s, markField) {
		return s
	}
	var b strings.Builder
	hide := []bool{}
	for _, r := range s {
		switch {
		case r == markField:
			hide = append(hide, true)
		case r == markFieldSp && len(hide) > 0:
			hide[len(hide)-1] = false
		case r == markFieldEn && len(hide) > 0:
			hide = hide[:len(hide)-1]
		case len(hide) == 0 || !anyTrue(hide):
			b.WriteRune(r)
		}
	}
	return b.String()
}

func anyTrue(bs []bool) bool {
	for _, b := range bs {
		if b {
			return true
		}
	}
	return false
}

func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == 0x1e:
			return '-'
		case r == '\t' || r == '\n' || r == '\r' || r == 0x0b || r == 0x0c:
			return r
		case r < 32:
			return -1
		}
		return r
	}, s)
}
