package sheet

import (
	"encoding/binary"
	"errors"
	"io"
	"math"

	"huikan/internal/kernel/fault"
	"huikan/internal/platform/document"
)

// Records of a BIFF8 stream ([MS-XLS] 2.3) that a table needs.
const (
	recFormula    = 0x0006
	recEOF        = 0x000A
	recDateMode   = 0x0022
	recFilePass   = 0x002F
	recContinue   = 0x003C
	recColInfo    = 0x007D
	recBoundSheet = 0x0085
	recMulRK      = 0x00BD
	recRString    = 0x00D6
	recXF         = 0x00E0
	recMerged     = 0x00E5
	recSST        = 0x00FC
	recLabelSST   = 0x00FD
	recNumber     = 0x0203
	recLabel      = 0x0204
	recBoolErr    = 0x0205
	recString     = 0x0207
	recRow        = 0x0208
	recRK         = 0x027E
	recFormat     = 0x041E
	recBOF        = 0x0809
)

var (
	le       = binary.LittleEndian
	errShort = errors.New("record ends early")
)

// biff is a workbook stream cut into records.
type biff struct {
	b        *builder
	data     []byte
	shared   []string
	custom   map[int]format
	formats  []format // by XF
	date1904 bool
	sheets   []biffSheet
	pending  [2]int // place of a formula whose text follows in a STRING record
	waiting  bool
	hidden   map[int]bool // rows
}

type biffSheet struct {
	name   string
	at     int
	hidden bool
}

func readXLS(b *builder, r io.ReaderAt, size int64) error {
	st, err := document.OLEStreams(b.grid.File, r, size, "Workbook", "Book")
	if err != nil {
		return err
	}
	w := &biff{b: b, data: st["Workbook"], custom: map[int]format{}}
	if w.data == nil {
		w.data = st["Book"]
	}
	if len(w.data) < 8 || le.Uint16(w.data) != recBOF || le.Uint16(w.data[4:]) != 0x0600 {
		return fault.Invalid("sheet.xls_old", b.grid.File)
	}
	if err := w.globals(); err != nil {
		return document.Damaged(b.grid.File, "Workbook", err)
	}
	return w.pick()
}

// next gives the record at p, its data and the place behind it.
func (w *biff) next(p int) (id int, d []byte, after int, err error) {
	if p < 0 || p+4 > len(w.data) {
		return 0, nil, 0, io.EOF
	}
	n := int(le.Uint16(w.data[p+2:]))
	if p+4+n > len(w.data) {
		return 0, nil, 0, errShort
	}
	return int(le.Uint16(w.data[p:])), w.data[p+4 : p+4+n], p + 4 + n, nil
}

func (w *biff) globals() error {
	for p := 0; ; {
		id, d, after, err := w.next(p)
		if err != nil {
			return err
		}
		p = after
		switch id {
		case recEOF:
			return nil
		case recFilePass:
			return fault.Invalid("document.encrypted", w.b.grid.File)
		case recDateMode:
			w.date1904 = len(d) >= 2 && d[0] == 1
		case recBoundSheet:
			if err := w.boundSheet(d); err != nil {
				return err
			}
		case recFormat:
			if len(d) < 5 {
				return errShort
			}
			c := &chunks{parts: [][]byte{d[2:]}}
			w.custom[int(le.Uint16(d))] = parseFormat(c.str())
		case recXF:
			if len(d) < 4 {
				return errShort
			}
			if len(w.formats) >= maxStyles {
				return fault.Limit("sheet.styles", w.b.grid.File, maxStyles)
			}
			w.formats = append(w.formats, w.format(int(le.Uint16(d[2:]))))
		case recSST:
			if p, err = w.sst(d, p); err != nil {
				return err
			}
		}
	}
}

func (w *biff) format(id int) format {
	if f, ok := w.custom[id]; ok {
		return f
	}
	return builtin(id)
}

func (w *biff) boundSheet(d []byte) error {
	if len(d) < 8 {
		return errShort
	}
	if d[5] != 0 { // charts and macro sheets hold no table
		return nil
	}
	n, wide := int(d[6]), d[7]&1 != 0
	c := &chunks{parts: [][]byte{d[8:]}}
	name := c.chars(n, wide)
	w.sheets = append(w.sheets, biffSheet{name, int(le.Uint32(d)), d[4]&3 != 0})
	return c.err
}

// sst reads the shared strings, which run on over CONTINUE records.
func (w *biff) sst(d []byte, p int) (int, error) {
	c := &chunks{parts: [][]byte{d}}
	for {
		id, more, after, err := w.next(p)
		if err != nil || id != recContinue {
			break
		}
		c.parts = append(c.parts, more)
		p = after
	}
	c.u32()
	n, total := c.u32(), 0
	for range n {
		if len(w.shared) >= MaxShared {
			return p, fault.Limit("sheet.shared", w.b.grid.File, MaxShared)
		}
		s := clean(c.str())
		if c.err != nil { // fewer than announced: what is there counts
			break
		}
		if total += len(s); total > MaxText {
			return p, fault.Limit("sheet.text", w.b.grid.File, len(w.shared), MaxText>>20)
		}
		w.shared = append(w.shared, s)
	}
	return p, nil
}

func (w *biff) pick() error {
	found := false
	for _, s := range w.sheets {
		wanted := w.b.opt.Sheet == s.name || w.b.opt.Sheet == "" && !s.hidden
		if wanted && !found {
			w.b.grid.Sheet = s.name
			if err := w.sheet(s.at); err != nil {
				return document.Damaged(w.b.grid.File, s.name, err)
			}
			found = len(w.b.grid.Rows) > 0 || w.b.opt.Sheet != ""
			continue
		}
		switch {
		case s.hidden && s.name != choicesSheet:
			w.b.hiddenSheet = append(w.b.hiddenSheet, s.name)
		case !s.hidden && found:
			w.b.others = append(w.b.others, s.name)
		}
	}
	if !found && w.b.opt.Sheet != "" {
		return fault.Invalid("sheet.no_sheet", w.b.grid.File, w.b.opt.Sheet)
	}
	return nil
}

func (w *biff) sheet(p int) error {
	id, _, p, err := w.next(p)
	if err != nil || id != recBOF {
		return errors.Join(err, errors.New("no sheet at its place"))
	}
	w.hidden = map[int]bool{}
	depth := 1 // charts inside a sheet have their own BOF … EOF
	for depth > 0 {
		id, d, after, err := w.next(p)
		if errors.Is(err, io.EOF) {
			break // some writers leave out the last EOF
		}
		if err != nil {
			return err
		}
		p = after
		switch id {
		case recBOF:
			depth++
		case recEOF:
			depth--
		default:
			if depth == 1 {
				if err := w.record(id, d); err != nil {
					return err
				}
			}
		}
	}
	for _, r := range w.b.grid.Rows {
		if w.hidden[r.Number-1] {
			w.b.hiddenRows++
		}
	}
	return nil
}

var recSize = map[int]int{recLabelSST: 10, recNumber: 14, recRK: 10, recMulRK: 6, recLabel: 8, recRString: 8, recFormula: 20, recBoolErr: 8, recString: 3, recRow: 16, recColInfo: 10, recMerged: 2}

func (w *biff) record(id int, d []byte) error {
	if len(d) < recSize[id] {
		return errShort
	}
	switch id {
	case recLabelSST, recNumber, recRK, recMulRK, recLabel, recRString, recFormula, recBoolErr:
		return w.cell(id, d, int(le.Uint16(d)), int(le.Uint16(d[2:])))
	case recString:
		if w.waiting {
			w.waiting = false
			c := &chunks{parts: [][]byte{d}}
			return w.b.put(w.pending[0], w.pending[1], clean(c.str()))
		}
	case recRow:
		if d[12]&0x20 != 0 {
			w.hidden[int(le.Uint16(d))] = true
		}
	case recColInfo:
		if d[8]&1 != 0 {
			for c := int(le.Uint16(d)); c <= min(int(le.Uint16(d[2:])), MaxColumns-1); c++ {
				w.b.hiddenCols[c] = true
			}
		}
	case recMerged:
		for d = d[2:]; len(d) >= 8; d = d[8:] {
			m := Range{Top: int(le.Uint16(d)), Bottom: int(le.Uint16(d[2:])), Left: int(le.Uint16(d[4:])), Right: int(le.Uint16(d[6:]))}
			if err := w.b.merge(m); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *biff) cell(id int, d []byte, row, col int) error {
	switch id {
	case recLabelSST:
		if i := le.Uint32(d[6:]); int64(i) < int64(len(w.shared)) {
			return w.b.put(row, col, w.shared[i])
		}
		return errors.New("shared string " + ref(row, col))
	case recLabel, recRString:
		c := &chunks{parts: [][]byte{d[6:]}}
		return w.b.put(row, col, clean(c.str()))
	case recNumber:
		return w.number(row, col, d[4:], math.Float64frombits(le.Uint64(d[6:])))
	case recRK:
		return w.number(row, col, d[4:], rk(le.Uint32(d[6:])))
	case recMulRK:
		for k := 4; k+6 <= len(d)-2; k += 6 {
			if err := w.number(row, col, d[k:], rk(le.Uint32(d[k+2:]))); err != nil {
				return err
			}
			col++
		}
	case recBoolErr:
		if d[7] == 0 {
			return w.b.put(row, col, map[bool]string{true: "TRUE", false: "FALSE"}[d[6] != 0])
		}
		return w.b.put(row, col, "#ERR")
	case recFormula:
		return w.formula(row, col, d)
	}
	return nil
}

// formula takes the stored result; a text result follows in its own record.
func (w *biff) formula(row, col int, d []byte) error {
	w.waiting = false
	if d[12] != 0xFF || d[13] != 0xFF {
		return w.number(row, col, d[4:], math.Float64frombits(le.Uint64(d[6:])))
	}
	switch d[6] {
	case 0:
		w.pending, w.waiting = [2]int{row, col}, true
	case 1:
		return w.b.put(row, col, map[bool]string{true: "TRUE", false: "FALSE"}[d[8] != 0])
	case 2:
		return w.b.put(row, col, "#ERR")
	}
	return nil
}

func (w *biff) number(row, col int, xf []byte, v float64) error {
	f := formatNumber
	if i := int(le.Uint16(xf)); i < len(w.formats) {
		f = w.formats[i]
	}
	if lostDigits(v) {
		w.b.lost(row, col)
	}
	return w.b.put(row, col, f.show(v, w.date1904))
}

// rk unpacks a number of 30 bits ([MS-XLS] 2.5.217).
func rk(v uint32) float64 {
	var f float64
	if v&2 != 0 {
		f = float64(int32(v) >> 2)
	} else {
		f = math.Float64frombits(uint64(v&^3) << 32)
	}
	if v&1 != 0 {
		f /= 100
	}
	return f
}
