package linkage

import (
	"strings"
	"unicode/utf8"
)

// OrgKind tells the linker how organisations of a kind are written: which endings name the kind, and which words name
// nothing but the kind.
type OrgKind struct {
	Name    string   `json:"name" yaml:"name"`
	Endings []string `json:"endings" yaml:"endings"`
	Words   []string `json:"words,omitempty" yaml:"words,omitempty"`
	Place   bool     `json:"place,omitempty" yaml:"place,omitempty"` // known by its place: 宜良县检察院
}

// DefaultOrgs are kinds of organisations in Chinese registers.
var DefaultOrgs = []OrgKind{
	{Name: "律师事务所", Endings: []string{"律师事务所", "律师所", "律所"}, Words: []string{"律师", "执业律师", "专职律师", "实习律师", "律师助理"}},
	{Name: "检察院", Endings: []string{"人民检察院", "检察分院", "检察院", "检察", "检"}, Words: []string{"检察机关", "检察官", "检察干警"}, Place: true},
	{Name: "法院", Endings: []string{"人民法院", "中级法院", "中院", "高院", "法院"}, Words: []string{"法官"}, Place: true},
	{Name: "公安", Endings: []string{"公安局", "公安分局", "派出所"}, Words: []string{"公安机关", "民警"}, Place: true},
	{Name: "公司", Endings: []string{"股份有限公司", "有限责任公司", "有限公司", "集团公司", "公司"}},
}

// org is an organisation: a digest of what tells it from its kind, and the kind (0 = none known).
type org struct {
	core uint32
	kind uint8
}

// parseOrg reduces 安徽省淮南市人民检察院, 淮南市检察院 and 淮南市检 to one key, as 吉林海成律师事务所 and 海成律所.
func parseOrg(s string, kinds []OrgKind) org {
	s = strings.TrimSpace(s)
	if len(s) > 120 || utf8.RuneCountInString(s) < 2 {
		return org{}
	}
	for i, r := range s { // remarks: （行政）, 北京市中银（淮北）律师事务所
		if r == '（' || r == '(' {
			rest := s[i+utf8.RuneLen(r):]
			j := strings.IndexAny(rest, "）)")
			if j < 0 {
				s = s[:i]
			} else {
				_, w := utf8.DecodeRuneInString(rest[j:])
				s = s[:i] + rest[j+w:]
			}
			break
		}
	}
	for i, k := range kinds {
		for _, w := range k.Words {
			if s == w {
				return org{kind: uint8(i + 1)}
			}
		}
		for _, e := range k.Endings {
			core, ok := strings.CutSuffix(s, e)
			if !ok {
				continue
			}
			if core == "" || strings.HasPrefix(core, "某") {
				return org{kind: uint8(i + 1)}
			}
			if k.Place {
				core = lastPlace(core)
			} else {
				core = stripPlace(core)
			}
			return org{core: uint32(hashText([]byte(core))>>32) | 1, kind: uint8(i + 1)}
		}
	}
	return org{core: uint32(hashText([]byte(s))>>32) | 1}
}

// lastPlace keeps the last division of a chain: 合肥市肥西县 → 肥西县.
func lastPlace(s string) string {
	body := s
	_, w := utf8.DecodeLastRuneInString(body)
	body = body[:len(body)-w]
	cut := -1
	for i, r := range body {
		switch r {
		case '省', '市', '区', '县', '旗', '州', '盟':
			if rest := s[i+utf8.RuneLen(r):]; utf8.RuneCountInString(rest) >= 2 && !strings.HasPrefix(rest, "区") && !strings.HasPrefix(rest, "市") {
				cut = i + utf8.RuneLen(r)
			}
		}
	}
	if cut > 0 && cut < len(s) {
		return s[cut:]
	}
	return s
}

// stripPlace takes a leading place off: 北京市锦天城 → 锦天城.
func stripPlace(s string) string {
	m := places()
	for range 2 {
		end := 0
		for n := 0; n < 12 && end < len(s); n++ {
			_, w := utf8.DecodeRuneInString(s[end:])
			end += w
		}
		for ; end > 3; end-- {
			if _, ok := m[s[:end]]; ok && utf8.RuneCountInString(s[end:]) >= 2 {
				s = s[end:]
				break
			}
		}
	}
	return s
}

// Levels of agreement between organisations.
const (
	orgMissing = iota
	orgEqual   // the same one
	orgCommon  // the same words, which many have: 税务局
	orgKind    // one side names only the kind
	orgOther   // another one of the same kind
	orgFar     // nothing in common
	orgLevels
)

func (m *Model) compareOrgs(a, b *facts) uint8 {
	best := uint8(orgMissing)
	for i := range 2 {
		for j := range 2 {
			if l := m.compareOrg(a.org(i), b.org(j)); l != orgMissing && (best == orgMissing || l < best) {
				best = l
			}
		}
	}
	return best
}

func (m *Model) compareOrg(a, b org) uint8 {
	switch {
	case a == org{} || b == org{}:
		return orgMissing
	case a.core != 0 && a == b:
		if m.Common[a.core] {
			return orgCommon
		}
		return orgEqual
	case a.kind != 0 && a.kind == b.kind:
		if a.core == 0 || b.core == 0 {
			return orgKind
		}
		return orgOther
	}
	return orgFar
}
