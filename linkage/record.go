package linkage

import "strings"

// Record is one entry of a register as its source wrote it. Every field may be empty.
type Record struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Former   []string `json:"former,omitempty"`   // former names, other names
	IDNo     string   `json:"id_no,omitempty"`    // resident identity number, complete or masked
	Birth    string   `json:"birth,omitempty"`    // date of birth in any usual form
	Sex      string   `json:"sex,omitempty"`      // 男, 女, M, F
	Places   []string `json:"places,omitempty"`   // residence, office: division code or name; two are used
	Orgs     []string `json:"orgs,omitempty"`     // employers; two are used
	Code     string   `json:"code,omitempty"`     // a telephone or another number that few share
	Category string   `json:"category,omitempty"` // kind of record, where kinds match at different rates
	OwnerID  string   `json:"owner_id,omitempty"` // number of the person who declared this one: not his
}

// Rules say how the fields of registers are to be read.
type Rules struct {
	Orgs       []OrgKind `json:"orgs" yaml:"orgs"`
	Categories []string  `json:"categories" yaml:"categories"` // at most 30
}

// DefaultRules read Chinese registers.
func DefaultRules() Rules { return Rules{Orgs: DefaultOrgs} }

func (r Rules) category(s string) uint8 {
	for i, c := range r.Categories {
		if c == s && i < maxCategories {
			return uint8(i + 1)
		}
	}
	return 0
}

const maxCategories = 30

// facts are what a record says, made comparable, in one cache line.
type facts struct {
	name, alias name
	id          idno
	birth       date
	idBirth     date
	orgCore     [2]uint32
	code        uint32
	homes       [2]place
	orgKind     [2]uint8
	sex         uint8 // 1 male, 2 female as written; 4, 8 by the number
	cat         uint8
}

func (f *facts) org(i int) org { return org{core: f.orgCore[i], kind: f.orgKind[i]} }

func (f *facts) setID(n idno) {
	f.id = n
	f.idBirth = n.birth()
	f.sex = f.sex&3 | n.sex()<<2
}

// void takes the number out of consideration: it is somebody else's.
func (f *facts) void() {
	f.id.flags |= idVoided
	f.idBirth = 0
	f.sex &= 3
}

func parseSex(s []byte) uint8 {
	switch string(s) {
	case "男", "M", "m", "1", "男性", "male", "Male":
		return 1
	case "女", "F", "f", "2", "女性", "female", "Female":
		return 2
	}
	return 0
}

func parseCode(s string) uint32 {
	var d []byte
	for i := range len(s) {
		if c := s[i]; c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' {
			d = append(d, c|0x20)
		}
	}
	if len(d) > 11 && (strings.HasPrefix(string(d), "86") || strings.HasPrefix(string(d), "086")) {
		d = d[len(d)-11:]
	}
	if len(d) < 5 {
		return 0
	}
	return uint32(hashText(d)>>32) | 1
}

// remembered are places and employers that were read before.
type remembered struct {
	places map[string]place
	orgs   map[string]org
}

const maxRemembered = 1 << 16

func newRemembered() *remembered {
	return &remembered{places: map[string]place{}, orgs: map[string]org{}}
}

func (m *remembered) place(s string) place {
	if m == nil {
		return parsePlace(s)
	}
	p, ok := m.places[s]
	if !ok {
		p = parsePlace(s)
		if len(m.places) < maxRemembered {
			m.places[strings.Clone(s)] = p
		}
	}
	return p
}

func (m *remembered) org(s string, kinds []OrgKind) org {
	if m == nil {
		return parseOrg(s, kinds)
	}
	o, ok := m.orgs[s]
	if !ok {
		o = parseOrg(s, kinds)
		if len(m.orgs) < maxRemembered {
			m.orgs[strings.Clone(s)] = o
		}
	}
	return o
}

// prepare makes a record comparable; what may be nil.
func (r Rules) prepare(rec *Record, met *remembered) facts {
	f := facts{name: parseName([]byte(rec.Name)), birth: parseDate([]byte(rec.Birth)), sex: parseSex([]byte(strings.TrimSpace(rec.Sex))), code: parseCode(rec.Code), cat: r.category(rec.Category)}
	for _, s := range rec.Former {
		for _, one := range splitNames(s) {
			if n := parseName([]byte(one)); n != 0 && n != f.name && f.alias == 0 {
				f.alias = n
			}
		}
	}
	f.setID(parseID([]byte(rec.IDNo)))
	if owner := parseID([]byte(rec.OwnerID)); owner.usable() && sameNumber(owner, f.id) {
		f.void()
	}
	n := 0
	for _, s := range rec.Places {
		if p := met.place(s); p != 0 && n < 2 && (n == 0 || f.homes[0] != p) {
			f.homes[n] = p
			n++
		}
	}
	n = 0
	for _, s := range rec.Orgs {
		if o := met.org(s, r.Orgs); o != (org{}) && n < 2 {
			f.orgCore[n], f.orgKind[n] = o.core, o.kind
			n++
		}
	}
	return f
}

// sameNumber says whether a complete number is another's.
func sameNumber(a, b idno) bool {
	return a.known&idFull == idFull && b.known&idFull == idFull && a.head == b.head && a.tail&15 == b.tail&15
}

func splitNames(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == '、' || r == ',' || r == '，' || r == ';' || r == '；' || r == '/' })
}
