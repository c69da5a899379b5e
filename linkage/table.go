package linkage

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/bits"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// Columns say which column of a table holds what. A value may name several spellings of a header, divided by |.
type Columns struct {
	ID       string   `yaml:"id"`
	Name     string   `yaml:"name"`
	Former   []string `yaml:"former"`
	IDNo     string   `yaml:"id_no"`
	Birth    string   `yaml:"birth"`
	Sex      string   `yaml:"sex"`
	Places   []string `yaml:"places"`
	Orgs     []string `yaml:"orgs"`
	Code     string   `yaml:"code"`
	Category []string `yaml:"category"`
	Kind     string   `yaml:"kind"`  // set before the category: staff/退休
	Owner    string   `yaml:"owner"` // identifier of the record that declared this one, in the table of owners
}

// Kinds of problems in a table.
const (
	ProblemFields    = "fields"     // another number of fields than the header has; the row was left out
	ProblemShifted   = "shifted"    // values stand under the wrong headers; the row was left out
	ProblemHeader    = "header"     // the header once more; left out
	ProblemName      = "name"       // no name that can be compared
	ProblemID        = "id"         // no identifier; the row number stands in
	ProblemIDNo      = "id_no"      // no identity number and no word for none
	ProblemBirth     = "birth"      // no date
	ProblemQuote     = "quote"      // a quotation mark that does not end
	ProblemEncoding  = "encoding"   // read as GB 18030 in a file that is otherwise UTF-8, or unreadable
	ProblemLongValue = "long_value" // a row of more than a million bytes; left out
)

// Problem is one thing to look at in a table.
type Problem struct {
	File   string
	Row    int // line of the file, the header is 1
	Column string
	Kind   string
}

// Report tells what became of a table.
type Report struct {
	File     string
	Rows     int // data rows read
	Used     int // records made of them
	Problems []Problem
	Counts   map[string]int // all problems, by kind
}

const maxProblems = 500 // kept of one file

// MissingColumnError tells that a table lacks a column.
type MissingColumnError struct {
	File   string
	Column string
	Found  []string
}

func (e *MissingColumnError) Error() string {
	return fmt.Sprintf("linkage: %s has no column %s (found: %s)", e.File, e.Column, strings.Join(e.Found, ", "))
}

// ErrNoTable tells that a file holds no rows with a header.
var ErrNoTable = errors.New("linkage: no table with a header row")

// layout is Columns resolved to positions.
type layout struct {
	n                                       int
	id, name, idno, birth, sex, code, owner int
	former, places, orgs, category          []int
	header                                  [][]byte
	names                                   []string
	kind                                    string
	delim                                   byte
}

func (c *Columns) resolve(file string, header [][]byte, delim byte) (*layout, error) {
	l := &layout{n: len(header), kind: c.Kind, delim: delim}
	for _, h := range header {
		h = bytes.Trim(bytes.TrimPrefix(h, []byte("\uFEFF")), " \t\u3000\"")
		l.header = append(l.header, bytes.Clone(h))
		l.names = append(l.names, string(h))
	}
	var err error
	at := func(spec string, need bool) int {
		if spec == "" {
			return -1
		}
		for _, s := range strings.Split(spec, "|") {
			for i, h := range l.names {
				if strings.EqualFold(h, strings.TrimSpace(s)) {
					return i
				}
			}
		}
		if need && err == nil {
			err = &MissingColumnError{File: file, Column: spec, Found: l.names}
		}
		return -1
	}
	all := func(specs []string) (out []int) {
		for _, s := range specs {
			if i := at(s, true); i >= 0 {
				out = append(out, i)
			}
		}
		return out
	}
	l.id, l.name, l.idno, l.birth, l.sex, l.code, l.owner = at(c.ID, true), at(c.Name, true), at(c.IDNo, true), at(c.Birth, true), at(c.Sex, true), at(c.Code, true), at(c.Owner, true)
	l.former, l.places, l.orgs, l.category = all(c.Former), all(c.Places), all(c.Orgs), all(c.Category)
	if err == nil && l.name < 0 {
		err = &MissingColumnError{File: file, Column: "name", Found: l.names}
	}
	return l, err
}

// Owners finds the identity number of the record that declared another.
type Owners struct {
	set   *Set
	slots []uint64 // open addressing: half of the digest of an identifier, row + 1
}

// NewOwners indexes a set by its identifiers; of doubled ones the last counts.
func NewOwners(s *Set) *Owners {
	size := 16
	for size < 2*s.Len() {
		size *= 2
	}
	o := &Owners{set: s, slots: filled[uint64](size)}
	for i := range s.ends {
		id := s.id(i)
		h := digest(id)
		p := o.place(h, id)
		o.slots[p] = h&^(1<<32-1) | uint64(i+1)
	}
	return o
}

// place is the slot of an identifier, or the free one where it belongs.
func (o *Owners) place(h uint64, id []byte) int {
	mask := len(o.slots) - 1
	p := int(h) & mask
	for {
		v := o.slots[p]
		if v == 0 || v>>32 == h>>32 && bytes.Equal(o.set.id(int(uint32(v))-1), id) {
			return p
		}
		p = (p + 1) & mask
	}
}

// find is the row of an identifier, -1 when there is none.
func (o *Owners) find(id []byte) int {
	return int(uint32(o.slots[o.place(digest(id), id)])) - 1
}

type block struct {
	seq, line int
	data      []byte
	last      bool
}

type part struct {
	facts    []facts
	text     []byte
	ends     []uint32
	owner    []uint32
	problems []Problem
	counts   map[string]int
	rows     int
}

const blockSize = 1 << 20

// ReadTable reads a table of records: comma, tab or semicolon, UTF-8 or GB 18030 or both mixed. Rows that cannot be used are
// reported and left out, never guessed at. Memory is bounded by the number of records.
func ReadTable(ctx context.Context, file string, r io.Reader, c Columns, rules Rules, owners *Owners, o Options) (*Set, *Report, error) {
	b := &blocks{r: r, line: 1}
	head, err := b.header()
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %s", err, file)
	}
	delim := byte(',')
	for _, d := range []byte("\t;") {
		if bytes.Count(head, []byte{d}) > bytes.Count(head, []byte{delim}) {
			delim = d
		}
	}
	if !utf8.Valid(head) {
		if fixed, err := simplifiedchinese.GB18030.NewDecoder().Bytes(head); err == nil {
			head = fixed
		}
	}
	var fields [][]byte
	fields, _ = splitRow(head, delim, true, fields)
	l, err := c.resolve(file, fields, delim)
	if err != nil {
		return nil, nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	feed := make(chan block, 2)
	free := make(chan []byte, 16)
	a := &assembly{set: NewSet(rules), report: &Report{File: file, Counts: map[string]int{}}, waiting: map[int]*part{}, bytes: fileSize(r)}
	var wg sync.WaitGroup
	for range max(1, o.workers()) {
		wg.Go(func() {
			w := newRowReader(l, rules, owners, file)
			for bl := range feed {
				a.take(bl.seq, len(bl.data), w.read(bl, a.spare()))
				select {
				case free <- bl.data[:0]:
				default:
				}
			}
		})
	}
	readErr := b.run(ctx, feed, free)
	close(feed)
	wg.Wait()
	if readErr != nil {
		return nil, nil, fmt.Errorf("linkage: reading %s: %w", file, readErr)
	}
	s, rep := a.set, a.report
	for _, f := range b.unclosed {
		rep.Counts[ProblemQuote]++
		if len(rep.Problems) < maxProblems {
			rep.Problems = append(rep.Problems, Problem{File: file, Row: f, Kind: ProblemQuote})
		}
	}
	rep.Used = s.Len()
	s.voidShared()
	return s, rep, nil
}

// assembly puts the parts of a table together in their order, whichever worker is done first.
type assembly struct {
	mu      sync.Mutex
	set     *Set
	report  *Report
	waiting map[int]*part
	next    int
	bytes   int64 // of the file, 0 when unknown
	spares  []*part
}

// fileSize is the size of what is read, where it can be known.
func fileSize(r io.Reader) int64 {
	if f, ok := r.(interface{ Stat() (fs.FileInfo, error) }); ok {
		if i, err := f.Stat(); err == nil && i.Mode().IsRegular() {
			return min(i.Size(), 4<<30)
		}
	}
	return 0
}

func (a *assembly) spare() *part {
	a.mu.Lock()
	defer a.mu.Unlock()
	if n := len(a.spares); n > 0 {
		p := a.spares[n-1]
		a.spares = a.spares[:n-1]
		return p
	}
	return &part{}
}

func (a *assembly) take(seq, size int, p *part) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.waiting[seq] = p
	for {
		p := a.waiting[a.next]
		if p == nil {
			return
		}
		delete(a.waiting, a.next)
		a.next++
		s, rep := a.set, a.report
		if s.facts == nil && a.bytes > 0 && size > 0 { // make room once, by what the first part takes
			n := int(float64(len(p.facts))*float64(a.bytes)/float64(size)*1.02) + 64
			s.facts, s.ends = room[facts](n), room[uint32](n)
			s.text = room[byte](int(float64(len(p.text))*float64(a.bytes)/float64(size)*1.03) + 64)
			if len(p.owner) > 0 {
				s.owner = room[uint32](n)
			}
		}
		base := uint32(len(s.text))
		s.facts = append(s.facts, p.facts...)
		s.text = append(s.text, p.text...)
		s.owner = append(s.owner, p.owner...)
		for _, e := range p.ends {
			s.ends = append(s.ends, base+e)
		}
		rep.Rows += p.rows
		for k, v := range p.counts {
			rep.Counts[k] += v
		}
		rep.Problems = append(rep.Problems, p.problems[:min(len(p.problems), maxProblems-len(rep.Problems))]...)
		a.spares = append(a.spares, p)
	}
}

// blocks cuts a stream at ends of rows.
type blocks struct {
	r        io.Reader
	rest     []byte
	line     int
	eof      bool
	unclosed []int
}

func (b *blocks) header() ([]byte, error) {
	buf := make([]byte, 0, 64<<10)
	for {
		if i := bytes.IndexByte(buf, '\n'); i >= 0 || b.eof {
			head := buf
			if i >= 0 {
				head = buf[:i]
				b.rest = bytes.Clone(buf[i+1:])
				b.line = 2
			}
			head = bytes.TrimRight(bytes.TrimPrefix(head, []byte("\xEF\xBB\xBF")), "\r")
			if len(bytes.TrimSpace(head)) == 0 || bytes.IndexByte(head, 0) >= 0 {
				return nil, ErrNoTable
			}
			return head, nil
		}
		if len(buf) == cap(buf) {
			if len(buf) >= blockSize {
				return nil, ErrNoTable
			}
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := b.r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if errors.Is(err, io.EOF) {
			b.eof = true
		} else if err != nil {
			return nil, err
		}
	}
}

func (b *blocks) run(ctx context.Context, feed chan<- block, free <-chan []byte) error {
	for seq := 0; ; {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var buf []byte
		select {
		case buf = <-free:
		default:
			buf = make([]byte, 0, blockSize+64<<10)
		}
		buf = append(buf[:0], b.rest...)
		b.rest = b.rest[:0]
		for !b.eof && len(buf) < blockSize {
			if cap(buf) < blockSize {
				buf = slices.Grow(buf, blockSize-len(buf))
			}
			n, err := b.r.Read(buf[len(buf):cap(buf)])
			buf = buf[:len(buf)+n]
			if errors.Is(err, io.EOF) {
				b.eof = true
			} else if err != nil {
				return err
			}
		}
		cut := len(buf)
		if !b.eof {
			cut = lastRowEnd(buf)
			for cut == 0 && !b.eof && len(buf) < 8*blockSize { // a long row, or a mark that does not end
				buf = slices.Grow(buf, blockSize)
				n, err := b.r.Read(buf[len(buf):cap(buf)])
				buf = buf[:len(buf)+n]
				if errors.Is(err, io.EOF) {
					b.eof = true
				} else if err != nil {
					return err
				}
				cut = lastRowEnd(buf)
			}
			if cut == 0 {
				cut = bytes.LastIndexByte(buf, '\n') + 1
				if cut == 0 {
					cut = len(buf)
				}
				b.unclosed = append(b.unclosed, b.line)
			}
		}
		b.rest = append(b.rest, buf[cut:]...)
		buf = buf[:cut]
		if len(buf) > 0 {
			lines := bytes.Count(buf, []byte{'\n'})
			select {
			case feed <- block{seq: seq, line: b.line, data: buf}:
			case <-ctx.Done():
				return ctx.Err()
			}
			b.line += lines
			seq++
		}
		if b.eof && len(b.rest) == 0 {
			return nil
		}
	}
}

// lastRowEnd is the place after the last newline outside quotation marks.
func lastRowEnd(buf []byte) int {
	if bytes.IndexByte(buf, '"') < 0 {
		return bytes.LastIndexByte(buf, '\n') + 1
	}
	quoted, cut := false, 0
	for i, c := range buf {
		switch c {
		case '"':
			quoted = !quoted
		case '\n':
			if !quoted {
				cut = i + 1
			}
		}
	}
	return cut
}

// splitRow cuts a row into its fields; ok is false where a quotation mark does not end. Rows without a mark need not be
// searched for one.
func splitRow(row []byte, delim byte, marks bool, out [][]byte) (fields [][]byte, ok bool) {
	out = out[:0]
	if !marks || bytes.IndexByte(row, '"') < 0 {
		return splitPlain(row, delim, out), true
	}
	for {
		if len(row) > 0 && row[0] == '"' {
			w, i := 1, 1
			for ; i < len(row); i++ {
				if row[i] == '"' {
					if i+1 < len(row) && row[i+1] == '"' {
						i++
					} else {
						break
					}
				}
				row[w] = row[i]
				w++
			}
			if i >= len(row) {
				return append(out, row[1:w]), false
			}
			field := row[1:w]
			row = row[i+1:]
			j := bytes.IndexByte(row, delim)
			out = append(out, field)
			if j < 0 {
				return out, true
			}
			row = row[j+1:]
			continue
		}
		i := bytes.IndexByte(row, delim)
		if i < 0 {
			return append(out, row), true
		}
		out = append(out, row[:i])
		row = row[i+1:]
	}
}

// splitPlain cuts a row without quotation marks, eight bytes at a time: fields are short, and a search for each costs more
// than it finds.
func splitPlain(row []byte, delim byte, out [][]byte) [][]byte {
	const low, ones = 0x7F7F7F7F7F7F7F7F, 0x0101010101010101
	from, i := 0, 0
	for ; i+8 <= len(row); i += 8 {
		x := binary.LittleEndian.Uint64(row[i:]) ^ ones*uint64(delim)
		for m := ^((x&low + low) | x | low); m != 0; m &= m - 1 { // the highest bit of every byte that is the delimiter
			at := i + bits.TrailingZeros64(m)>>3
			out = append(out, row[from:at])
			from = at + 1
		}
	}
	for ; i < len(row); i++ {
		if row[i] == delim {
			out = append(out, row[from:i])
			from = i + 1
		}
	}
	return append(out, row[from:])
}
