package sheet

import (
	"io"
	"strings"

	"huikan/internal/kernel/fault"
	"huikan/internal/platform/document"
)

func readCSV(b *builder, r io.ReaderAt, size int64) error {
	s, notes, err := document.Decoded(b.grid.File, r, size)
	if err != nil {
		return err
	}
	b.grid.Notes = append(b.grid.Notes, notes...)
	if i := strings.IndexByte(s, 0); i >= 0 {
		return fault.Invalid("sheet.csv_nul", b.grid.File, 1+strings.Count(s[:i], "\n"))
	}
	s = strings.TrimSuffix(s, "\x1a")
	delim := delimiter(s)
	if first, rest, ok := strings.Cut(s, "\n"); ok && strings.HasPrefix(strings.ToLower(first), "sep=") {
		s = rest // Excel's own hint
	}
	return parseCSV(s, delim, func(row, col, line int, v string) error {
		if col < 0 {
			return fault.Invalid("sheet.csv_quote", b.grid.File, line)
		}
		return b.put(row, col, unguard(v))
	})
}

// delimiter is the candidate that stands most often outside quotes in the first lines.
func delimiter(s string) byte {
	if len(s) > 4 && strings.EqualFold(s[:4], "sep=") {
		return s[4]
	}
	count := map[byte]int{}
	quoted := false
	for i := 0; i < min(len(s), 16384); i++ {
		switch s[i] {
		case '"':
			quoted = !quoted
		case ',', '\t', ';', '|':
			if !quoted {
				count[s[i]]++
			}
		}
	}
	best := byte(',')
	for _, d := range []byte{'\t', ';', '|'} {
		if count[d] > count[best] {
			best = d
		}
	}
	return best
}

// parseCSV calls put for every field that is not empty. Lines end with \n, \r\n
// or a lone \r; a quoted field may hold any of them. A quote that is never
// closed would swallow the rest of the file: put is told so with column -1 and
// the line where it opened.
func parseCSV(s string, delim byte, put func(row, col, line int, v string) error) error {
	row, col, line := 0, 0, 1
	for i := 0; i < len(s); {
		var v string
		if s[i] == '"' {
			opened := line
			var b strings.Builder
			for i++; ; i++ {
				j := strings.IndexByte(s[i:], '"')
				if j < 0 {
					return put(row, -1, opened, "")
				}
				line += strings.Count(s[i:i+j], "\n")
				b.WriteString(s[i : i+j])
				i += j + 1
				if i >= len(s) || s[i] != '"' {
					break
				}
				b.WriteByte('"')
			}
			// Text behind the closing quote belongs to the field, as Excel has it.
			rest := fieldEnd(s[i:], delim)
			b.WriteString(s[i : i+rest])
			i += rest
			v = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(b.String())
		} else {
			n := fieldEnd(s[i:], delim)
			v = s[i : i+n]
			i += n
		}
		if v != "" {
			if err := put(row, col, line, v); err != nil {
				return err
			}
		}
		if i >= len(s) {
			return nil
		}
		switch s[i] {
		case delim:
			col++
			i++
			continue
		case '\r':
			if i+1 < len(s) && s[i+1] == '\n' {
				i++
			}
		}
		i++
		row, col, line = row+1, 0, line+1
	}
	return nil
}

func fieldEnd(s string, delim byte) int {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c == delim || c == '\n' || c == '\r' {
			return i
		}
	}
	return len(s)
}

// unguard undoes what keeps Excel from touching a value: ="0012" and the
// apostrophe that WriteCSV sets before a would-be formula.
func unguard(v string) string {
	if len(v) >= 3 && strings.HasPrefix(v, `="`) && strings.HasSuffix(v, `"`) {
		return v[2 : len(v)-1]
	}
	if len(v) >= 2 && v[0] == '\'' && strings.IndexByte(formulaStart, v[1]) >= 0 {
		return v[1:]
	}
	return strings.Trim(v, " \u00a0")
}
