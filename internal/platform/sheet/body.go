package sheet

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"huikan/internal/kernel/fault"
)

// The parts of a workbook that depend on how many rows it has: they are written
// behind the rows.
const (
	sheetPart = "xl/worksheets/sheet1.xml"
	bookPart  = "xl/workbook.xml"
)

// frame is a workbook without its rows.
type frame struct {
	parts      *zip.Reader
	head, tail string // of the worksheet, around its rows
	header     int    // row of the header, from 1
	styles     map[string]int
}

// frameOf makes the frame of a table for so many rows.
func frameOf(t Table, rows int) (fr frame, err error) {
	f := excelize.NewFile()
	defer func() {
		if e := f.Close(); err == nil && e != nil {
			err = fmt.Errorf("closing workbook: %w", e)
		}
	}()
	x := &xlsxWriter{f: f, t: t, rows: rows, name: sheetName(t.Name)}
	for _, step := range []func() error{x.begin, x.head, x.finish} {
		if err := step(); err != nil {
			return fr, fmt.Errorf("writing worksheet: %w", err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		return fr, fmt.Errorf("writing workbook: %w", err)
	}
	if fr.parts, err = zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len())); err != nil {
		return fr, fmt.Errorf("writing workbook: %w", err)
	}
	part, err := fr.parts.Open(sheetPart)
	if err != nil {
		return fr, fmt.Errorf("writing workbook: %w", err)
	}
	text, err := io.ReadAll(part)
	if err != nil {
		return fr, fmt.Errorf("writing workbook: %w", err)
	}
	at := bytes.Index(text, []byte("</sheetData>"))
	if at < 0 {
		return fr, fmt.Errorf("writing workbook: the worksheet has no rows")
	}
	fr.head, fr.tail, fr.header, fr.styles = string(text[:at]), string(text[at:]), x.header, x.styles
	return fr, part.Close()
}

// fill writes the workbook with the rows of its table.
func (fr frame) fill(w io.Writer, t Table) error {
	z := zip.NewWriter(w)
	// Large sheets are mostly repetition: the fastest level finds nearly all of it.
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	for _, p := range fr.parts.File {
		if p.Name != sheetPart && p.Name != bookPart {
			if err := z.Copy(p); err != nil {
				return err
			}
		}
	}
	part, err := z.Create(sheetPart)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(part, 64<<10)
	_, _ = out.WriteString(fr.head) // Flush repeats the first error
	n, err := fr.rows(out, t)
	if err != nil {
		return err
	}
	last := fr
	if n > 0 {
		if last, err = frameOf(t, n); err != nil {
			return err
		}
	}
	_, _ = out.WriteString(last.tail)
	if err := out.Flush(); err != nil {
		return err
	}
	for _, p := range last.parts.File {
		if p.Name == bookPart {
			if err := z.Copy(p); err != nil {
				return err
			}
		}
	}
	return z.Close()
}

// rows writes the rows below the header and counts them.
func (fr frame) rows(out *bufio.Writer, t Table) (n int, err error) {
	if t.Rows == nil {
		return 0, nil
	}
	open := make([]string, len(t.Columns)) // a cell up to the number of its row
	styles := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		open[i], styles[i] = `<c r="`+ColumnName(i), `" s="`+strconv.Itoa(fr.styles[c.Kind.style()])+`"`
	}
	b := make([]byte, 0, 8<<10)
	for r := range t.Rows {
		row := fr.header + n + 1
		if row > 1<<20 {
			return 0, fault.Limit("sheet.write_rows", 1<<20)
		}
		if len(r) > len(open) {
			return 0, fmt.Errorf("row %d has %d values for %d columns", row, len(r), len(open))
		}
		n++
		b = strconv.AppendInt(append(b[:0], `<row r="`...), int64(row), 10)
		b = append(b, `">`...)
		for i, c := range t.Columns {
			b = append(strconv.AppendInt(append(b, open[i]...), int64(row), 10), styles[i]...)
			s := ""
			if i < len(r) {
				s = r[i]
			}
			b = c.Kind.cell(b, s)
		}
		if _, err := out.Write(append(b, `</row>`...)); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// cell adds the rest of a cell; what does not read as the kind stays text.
func (k FieldKind) cell(b []byte, s string) []byte {
	switch k {
	case Number:
		if v, ok := asNumber(s); ok {
			return append(strconv.AppendFloat(append(b, `><v>`...), v, 'f', -1, 64), `</v></c>`...)
		}
	case Date:
		if t, err := time.Parse("2006-01-02", s); err == nil && t.Year() > 1900 {
			return append(strconv.AppendFloat(append(b, `><v>`...), dateSerial(t), 'f', -1, 64), `</v></c>`...)
		}
	}
	if s == "" {
		return append(b, `/>`...)
	}
	b = append(b, ` t="inlineStr"><is><t xml:space="preserve">`...)
	return append(appendText(b, s), `</t></is></c>`...)
}

// appendText adds a text as it stands in a worksheet: without what XML cannot
// hold, cut to the length of a cell, and with its own "_x000D_" kept from being
// read as an escape.
func appendText(b []byte, s string) []byte {
	if len(s) > MaxCell || !utf8.ValidString(s) {
		s = xmlText(s)
	}
	from := 0
	for i := 0; i < len(s); i++ {
		with := ""
		switch c := s[i]; {
		case c >= 0x80 && c != 0xEF || c > '>' && c != '_' && c != 0xEF:
			continue
		case c == '&':
			with = "&amp;"
		case c == '<':
			with = "&lt;"
		case c == '>':
			with = "&gt;"
		case c == '_':
			if !escapeLike(s[i:]) {
				continue
			}
			with = "_x005F_"
		case c == 0xEF: // U+FFFE and U+FFFF are EF BF BE and EF BF BF
			if !strings.HasPrefix(s[i:], "\uFFFE") && !strings.HasPrefix(s[i:], "\uFFFF") {
				continue
			}
			b = append(b, s[from:i]...)
			i += 2
			from = i + 1
			continue
		case c >= ' ' || c == '\n' || c == '\t':
			continue
		}
		b = append(append(b, s[from:i]...), with...)
		from = i + 1
	}
	return append(b, s[from:]...)
}

// escapeLike tells a text that begins like an escape of spreadsheets: _x and four
// hexadecimal figures and _.
func escapeLike(s string) bool {
	if len(s) < 7 || s[1] != 'x' || s[6] != '_' {
		return false
	}
	_, err := strconv.ParseUint(s[2:6], 16, 16)
	return err == nil
}
