package group

import (
	"slices"
	"strings"
	"unicode"

	"huikan/hantext"
)

// asides are phrases that stand beside findings of every kind.
var asides = []string{"经抽查", "经检查", "经查", "经核查", "抽查发现", "检查发现", "督察中发现", "督察发现", "巡视发现", "调研发现", "走访发现", "谈话了解到", "存在问题", "存在以下问题", "存在", "群众反映",
	"要求限期整改", "限期整改", "责令整改", "已责成整改", "责成整改", "责任人已约谈", "已约谈责任人", "已约谈", "已通报批评", "整改不到位", "已整改", "正在整改", "正在核实", "需进一步核实", "影响较坏", "造成不良影响"}

// wording is a text without what is peculiar to its occasion.
type wording struct {
	clauses []string // in order
	key     string   // all clauses
}

var digitLike = "一二三四五六七八九十百千万两零〇"

// strip takes away figures, names and asides and divides the rest into clauses.
func strip(text string, own []string) wording {
	s := hantext.NormalizeForMatch(text)
	for _, w := range own {
		if w = hantext.NormalizeForMatch(w); w != "" {
			s = strings.ReplaceAll(s, w, "")
		}
	}
	var w wording
	for _, c := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(",.;:!?。、;：！？；，", r) }) {
		if c = stripClause(c); c != "" {
			w.clauses = append(w.clauses, c)
		}
	}
	w.key = strings.Join(w.clauses, ",")
	return w
}

func stripClause(c string) string {
	for _, name := range []string{"检察院", "检察机关", "检察分院"} {
		if i := strings.Index(c, name); i >= 0 && i <= 3*24 {
			c = c[i+len(name):]
		}
	}
	for cut := true; cut; {
		cut = false
		for _, a := range asides {
			if rest, ok := strings.CutPrefix(c, a); ok {
				c, cut = rest, true
			} else if rest, ok := strings.CutSuffix(c, a); ok {
				c, cut = rest, true
			}
		}
	}
	rs := []rune(c)
	out := rs[:0]
	for i, r := range rs {
		switch {
		case r >= '0' && r <= '9', r == '#', r == '%':
			if n := len(out); n == 0 || out[n-1] != '#' {
				out = append(out, '#')
			}
		case r == '某':
			if n := len(out); n > 0 && (i+1 >= len(rs) || !strings.ContainsRune("部科处室院市县区省案", rs[i+1])) {
				out = out[:n-1] // 王某
			}
			out = append(out, '*')
		case unicode.IsLetter(r):
			out = append(out, r)
		}
	}
	return strings.Trim(string(out), "*")
}

// feature is a concept (its number) or a pair of characters; the two never meet.
type feature uint64

const conceptBit = 1 << 63

// features lists what a wording says, each once, sorted.
func (l *Lexicon) features(w wording) []feature {
	var out []feature
	for _, c := range w.clauses {
		rs := []rune(c)
		taken := 0 // up to here a lexicon word covers the characters
		var last rune
		for i := 0; i < len(rs); {
			r := rs[i]
			if n, concept, ok := l.at(rs[i:]); ok {
				if l.concepts[concept].Kind != Common {
					out = append(out, conceptBit|feature(concept))
				}
				last, taken = 0, i+n
				i = taken
				continue
			}
			if !unicode.Is(unicode.Han, r) || strings.ContainsRune(digitLike, r) {
				last = 0
				i++
				continue
			}
			if last != 0 {
				out = append(out, feature(last)<<32|feature(r))
			}
			last = r
			i++
		}
	}
	slices.Sort(out)
	out = slices.Compact(out)
	for _, f := range slices.Clone(out) {
		if c, ok := f.concept(); ok {
			if above, ok := l.broader[c]; ok {
				out = slices.DeleteFunc(out, func(x feature) bool { return x == conceptBit|feature(above) })
			}
		}
	}
	return out
}

func (f feature) concept() (int, bool) { return int(f &^ conceptBit), f&conceptBit != 0 }
