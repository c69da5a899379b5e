package linkage

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// rowReader turns rows into facts; one for each worker, because it remembers places and employers it has met.
type rowReader struct {
	l      *layout
	rules  Rules
	owners *Owners
	file   string

	places digests[place]
	orgs   digests[org]
	cats   map[string]uint8
	fields [][]byte
	key    []byte

	ownerText []byte
	owner     idno
	ownerRow  uint32
	p         *part
}

func newRowReader(l *layout, rules Rules, owners *Owners, file string) *rowReader {
	return &rowReader{l: l, rules: rules, owners: owners, file: file, cats: map[string]uint8{}}
}

func (w *rowReader) problem(line, column int, kind string) {
	w.p.counts[kind]++
	if len(w.p.problems) < maxProblems {
		name := ""
		if column >= 0 && column < len(w.l.names) {
			name = w.l.names[column]
		}
		w.p.problems = append(w.p.problems, Problem{File: w.file, Row: line, Column: name, Kind: kind})
	}
}

func (w *rowReader) read(b block, p *part) *part {
	p.facts, p.text, p.ends, p.owner, p.problems, p.rows = p.facts[:0], p.text[:0], p.ends[:0], p.owner[:0], p.problems[:0], 0
	if p.counts == nil {
		p.counts = map[string]int{}
	}
	clear(p.counts)
	w.p = p
	if lines := bytes.Count(b.data, []byte{'\n'}) + 1; cap(p.facts) < lines {
		p.facts, p.ends = make([]facts, 0, lines+lines/8), make([]uint32, 0, lines+lines/8)
	}
	quotes := bytes.IndexByte(b.data, '"') >= 0
	readable := utf8.Valid(b.data)
	data, line := b.data, b.line
	for len(data) > 0 {
		end := bytes.IndexByte(data, '\n')
		if quotes && end >= 0 {
			quoted := false
			end = -1
			for i, c := range data {
				if c == '"' {
					quoted = !quoted
				} else if c == '\n' && !quoted {
					end = i
					break
				}
			}
		}
		row := data
		if end >= 0 {
			row, data = data[:end], data[end+1:]
		} else {
			data = nil
		}
		at := line
		line++
		if quotes {
			line += bytes.Count(row, []byte{'\n'})
		}
		if k := len(row); k > 0 && row[k-1] == '\r' {
			row = row[:k-1]
		}
		if len(row) == 0 {
			continue
		}
		if len(row) > 1<<20 {
			w.p.rows++
			w.problem(at, -1, ProblemLongValue)
			continue
		}
		if !readable && !utf8.Valid(row) {
			fixed, err := simplifiedchinese.GB18030.NewDecoder().Bytes(row)
			w.problem(at, -1, ProblemEncoding)
			if err == nil {
				row = fixed
			}
		}
		w.row(row, at, quotes)
	}
	return w.p
}

func (w *rowReader) field(i int) []byte {
	if i < 0 {
		return nil
	}
	f := w.fields[i]
	for len(f) > 0 && (f[0] == ' ' || f[0] == '\t') {
		f = f[1:]
	}
	for len(f) > 0 && (f[len(f)-1] == ' ' || f[len(f)-1] == '\t') {
		f = f[:len(f)-1]
	}
	return f
}

// none says that a value stands for no value.
func none(s []byte) bool {
	switch string(s) {
	case "", "-", "--", "无", "不详", "未知", "暂无", "/", "\\", "null", "NULL", "N/A", "n/a", "空", "未填", "保密", "—", "——":
		return true
	}
	return false
}

func (w *rowReader) row(row []byte, line int, marks bool) {
	l := w.l
	fields, ok := splitRow(row, l.delim, marks, w.fields)
	w.fields = fields
	blank := true
	for _, f := range fields {
		if len(f) > 0 {
			blank = false
			break
		}
	}
	if blank {
		return
	}
	w.p.rows++
	if !ok {
		w.problem(line, -1, ProblemQuote)
		return
	}
	if len(fields) != l.n {
		for len(fields) > l.n && len(bytes.TrimSpace(fields[len(fields)-1])) == 0 {
			fields = fields[:len(fields)-1]
		}
		if len(fields) != l.n {
			w.problem(line, -1, ProblemFields)
			return
		}
	}
	if bytes.Equal(fields[l.name], l.header[l.name]) && (l.id < 0 || l.id == l.name || bytes.Equal(bytes.TrimPrefix(fields[l.id], []byte("\uFEFF")), l.header[l.id])) {
		w.problem(line, -1, ProblemHeader)
		return
	}
	var f facts
	nameText := w.field(l.name)
	f.name = parseName(nameText)
	birthText, idText, sexText := w.field(l.birth), w.field(l.idno), w.field(l.sex)
	f.birth = parseDate(birthText)
	id := parseID(idText)
	f.sex = parseSex(sexText)
	badBirth := f.birth == 0 && !none(birthText)
	badID := id.flags&idUnread != 0 && !none(idText)
	badSex := f.sex == 0 && !none(sexText)
	digits := digitsIn(nameText)
	if wrong := b2i(badBirth) + b2i(badID) + b2i(badSex) + b2i(digits); wrong >= 2 && (badSex && len(sexText) > 9 || digits || badSex && badBirth) {
		w.problem(line, l.name, ProblemShifted)
		return
	}
	if badBirth {
		w.problem(line, l.birth, ProblemBirth)
	}
	if badID {
		w.problem(line, l.idno, ProblemIDNo)
		id = idno{}
	}
	if f.name == 0 {
		w.problem(line, l.name, ProblemName)
	}
	f.setID(id)
	for _, i := range l.former {
		if t := w.field(i); len(t) > 0 && f.alias == 0 {
			for _, one := range splitNames(string(t)) {
				if n := parseName([]byte(one)); n != 0 && n != f.name && f.alias == 0 {
					f.alias = n
				}
			}
		}
	}
	if l.owner >= 0 && w.owners != nil {
		t := w.field(l.owner)
		if !bytes.Equal(t, w.ownerText) {
			w.ownerText = append(w.ownerText[:0], t...)
			w.owner, w.ownerRow = idno{}, 0
			if r := w.owners.find(t); r >= 0 {
				w.ownerRow = uint32(r) + 1
				w.owner = w.owners.set.facts[r].id
			}
		}
		if w.owner.known == idFull && f.id.known == idFull && sameNumber(w.owner, f.id) {
			f.void()
		}
		w.p.owner = append(w.p.owner, w.ownerRow)
	}
	if l.code >= 0 {
		f.code = parseCode(string(w.field(l.code)))
	}
	n := 0
	for _, i := range l.places {
		if p := w.place(w.field(i)); p != 0 && n < 2 && (n == 0 || f.homes[0] != p) {
			f.homes[n] = p
			n++
		}
	}
	n = 0
	for _, i := range l.orgs {
		if o := w.org(w.field(i)); o != (org{}) && n < 2 {
			f.orgCore[n], f.orgKind[n] = o.core, o.kind
			n++
		}
	}
	f.cat = w.category()
	if t := w.field(l.id); len(t) > 0 && len(t) < 200 {
		w.p.text = append(w.p.text, t...)
	} else {
		if l.id >= 0 {
			w.problem(line, l.id, ProblemID)
		}
		w.p.text = strconv.AppendInt(w.p.text, int64(line), 10)
	}
	w.p.ends = append(w.p.ends, uint32(len(w.p.text)))
	w.p.facts = append(w.p.facts, f)
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func digitsIn(s []byte) bool {
	n := 0
	for _, c := range s {
		if c >= '0' && c <= '9' {
			n++
		}
	}
	return n >= 4
}

func (w *rowReader) place(s []byte) place {
	if len(s) == 0 {
		return 0
	}
	h := digest(s)
	p, ok := w.places.get(h)
	if !ok {
		p = parsePlace(string(s))
		w.places.put(h, p)
	}
	return p
}

func (w *rowReader) org(s []byte) org {
	if none(s) {
		return org{}
	}
	h := digest(s)
	o, ok := w.orgs.get(h)
	if !ok {
		o = parseOrg(string(s), w.rules.Orgs)
		w.orgs.put(h, o)
	}
	return o
}

func (w *rowReader) category() uint8 {
	if len(w.l.category) == 0 && w.l.kind == "" {
		return 0
	}
	w.key = append(w.key[:0], w.l.kind...)
	for _, i := range w.l.category {
		if len(w.key) > 0 {
			w.key = append(w.key, '/')
		}
		w.key = append(w.key, w.field(i)...)
	}
	c, ok := w.cats[string(w.key)]
	if !ok {
		c = w.rules.category(string(w.key))
		if len(w.cats) < maxRemembered {
			w.cats[string(w.key)] = c
		}
	}
	return c
}

// voidShared takes numbers out that stand on records of more than three names in one table.
func (s *Set) voidShared() {
	if s.judged == len(s.facts) {
		return
	}
	s.judged = len(s.facts)
	seen := filled[byte](1 << 22)
	slot := func(f *facts) uint64 { return mix(f.id.head^uint64(f.id.tail)<<56) >> 42 }
	for i := range s.facts {
		f := &s.facts[i]
		if f.id.full() {
			if c := &seen[slot(f)]; *c < 255 {
				*c++
			}
		}
	}
	type group struct {
		rows  []int
		names map[name]bool
	}
	var groups map[idno]*group
	for i := range s.facts {
		f := &s.facts[i]
		if !f.id.full() || seen[slot(f)] <= 3 {
			continue
		}
		if groups == nil {
			groups = map[idno]*group{}
		}
		k := f.id
		k.flags = 0
		g := groups[k]
		if g == nil {
			g = &group{names: map[name]bool{}}
			groups[k] = g
		}
		g.rows = append(g.rows, i)
		if len(g.names) < 8 {
			g.names[f.name] = true
		}
	}
	for _, g := range groups {
		if len(g.names) > 3 {
			s.Crowded++
			for _, r := range g.rows {
				s.facts[r].void()
			}
		}
	}
}
