package screening

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"

	"huikan/internal/kernel/fault"
	"huikan/internal/platform/sheet"
)

// lines gives the records of a .csv. A quote that is never closed ends with its
// line, so that one bad mark cannot swallow the file.
type lines struct {
	r     *bufio.Reader
	in    *reading
	comma byte
	at    int // number of the record's first line
	line  int
	back  [][]byte // lines read ahead
}

func (l *lines) read() ([]byte, error) {
	if len(l.back) > 0 {
		b := l.back[0]
		l.back = l.back[1:]
		l.line++
		return b, nil
	}
	var out []byte
	for {
		part, err := l.r.ReadSlice('\n')
		if len(out)+len(part) <= maxLine {
			out = append(out, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(out) == 0:
			return nil, io.EOF
		case err != nil && !errors.Is(err, io.EOF):
			return nil, fault.Unavailable("error.upload").With(err)
		}
		l.line++
		return bytes.TrimRight(out, "\r\n"), nil
	}
}

func (l *lines) next() ([]string, error) {
	b, err := l.read()
	if err != nil {
		return nil, err
	}
	l.at = l.line
	if l.line == 1 {
		b = bytes.TrimPrefix(b, []byte("\xEF\xBB\xBF"))
	}
	if l.comma == 0 {
		l.comma = delimiter(b)
	}
	if bytes.Count(b, []byte{'"'})%2 == 0 {
		return l.split(b), nil
	}
	// A field with line ends, or a quote that is never closed: then only this line
	// is the record, and what was read ahead is read again.
	joined, ahead := slices.Clone(b), [][]byte{}
	for range 8 {
		more, err := l.read()
		if err != nil {
			break
		}
		ahead = append(ahead, more)
		joined = append(append(joined, '\n'), more...)
		if len(joined) > maxLine {
			break
		}
		if bytes.Count(joined, []byte{'"'})%2 == 0 {
			return l.split(joined), nil
		}
	}
	l.in.Notes["register.note.quote"]++
	l.back, l.line = append(ahead, l.back...), l.line-len(ahead)
	return l.split(b), nil
}

func delimiter(b []byte) byte {
	best, most := byte(','), 0
	for _, c := range []byte{',', '\t', ';'} {
		if n := bytes.Count(b, []byte{c}); n > most {
			best, most = c, n
		}
	}
	if most == 0 {
		return 0 // a title line: the next one decides
	}
	return best
}

func (l *lines) split(b []byte) []string {
	comma := l.comma
	if comma == 0 {
		comma = ','
	}
	var out []string
	for {
		var field []byte
		if len(b) > 0 && b[0] == '"' {
			i := 1
			for i < len(b) {
				if b[i] == '"' {
					if i+1 < len(b) && b[i+1] == '"' {
						field = append(field, '"')
						i += 2
						continue
					}
					break
				}
				field = append(field, b[i])
				i++
			}
			b = b[min(i+1, len(b)):]
			if j := bytes.IndexByte(b, comma); j > 0 {
				field = append(field, b[:j]...)
				b = b[j:]
			} else if j < 0 {
				field = append(field, b...)
				b = nil
			}
		} else if j := bytes.IndexByte(b, comma); j >= 0 {
			field, b = b[:j], b[j:]
		} else {
			field, b = b, nil
		}
		out = append(out, l.in.text(field))
		if len(b) == 0 {
			break
		}
		b = b[1:]
		if len(b) == 0 {
			out = append(out, "")
			break
		}
		if len(out) >= sheet.MaxColumns {
			break
		}
	}
	return out
}
