package document

import (
	"encoding/xml"
	"strconv"
	"strings"
)

// numbering knows the automatic numbers of a Word file: "一、" before a heading
// is often no text at all but a counter, and without it the outline is lost.
type numbering struct {
	lists  map[string]string             // list → its pattern
	levels map[string]map[int]levelStyle // pattern → level → style
	styles map[string][2]string          // paragraph style → list, level
	counts map[string]*[9]int
}

type levelStyle struct {
	format, text string
	start        int
}

// readNumbering reads the two parts that hold counters; a file whose counters
// cannot be read is read without them.
func readNumbering(z *Zip) *numbering {
	n := &numbering{
		lists: map[string]string{}, levels: map[string]map[int]levelStyle{},
		styles: map[string][2]string{}, counts: map[string]*[9]int{},
	}
	n.scan(z, "word/numbering.xml", n.numberingElement())
	n.scan(z, "word/styles.xml", n.styleElement())
	return n
}

func (n *numbering) scan(z *Zip, part string, on func(xml.StartElement)) {
	if !z.Has(part) {
		return
	}
	rc, err := z.Open(part, 16<<20)
	if err != nil {
		return
	}
	defer rc.Close()
	d := newXML(rc)
	for {
		tok, err := d.RawToken()
		if err != nil {
			return
		}
		if e, ok := tok.(xml.StartElement); ok {
			on(e)
		}
	}
}

func (n *numbering) numberingElement() func(xml.StartElement) {
	var pattern, list string
	level := 0
	set := func(f func(*levelStyle)) {
		m := n.levels[pattern]
		if m == nil {
			return
		}
		s, ok := m[level]
		if !ok {
			s.start = 1
		}
		f(&s)
		m[level] = s
	}
	return func(e xml.StartElement) {
		switch v := attr(e, "val"); e.Name.Local {
		case "abstractNum":
			pattern = attr(e, "abstractNumId")
			n.levels[pattern] = map[int]levelStyle{}
		case "lvl":
			level, _ = strconv.Atoi(attr(e, "ilvl"))
		case "numFmt":
			set(func(s *levelStyle) { s.format = v })
		case "lvlText":
			set(func(s *levelStyle) { s.text = v })
		case "start":
			set(func(s *levelStyle) { s.start, _ = strconv.Atoi(v) })
		case "num":
			list, pattern = attr(e, "numId"), ""
		case "abstractNumId":
			n.lists[list] = v
		}
	}
}

func (n *numbering) styleElement() func(xml.StartElement) {
	var id string
	return func(e xml.StartElement) {
		switch v := attr(e, "val"); e.Name.Local {
		case "style":
			id = attr(e, "styleId")
		case "numId":
			n.styles[id] = [2]string{v, n.styles[id][1]}
		case "ilvl":
			n.styles[id] = [2]string{n.styles[id][0], v}
		}
	}
}

// label advances the counter of a numbered paragraph and gives its number.
func (n *numbering) label(p *docxPara) string {
	id, lvl := p.numID, p.level
	if id == "" {
		id = n.styles[p.style][0]
		if lvl == "" {
			lvl = n.styles[p.style][1]
		}
	}
	pattern, ok := n.lists[id]
	level, _ := strconv.Atoi(lvl)
	if !ok || level < 0 || level > 8 {
		return ""
	}
	c := n.counts[pattern]
	if c == nil {
		c = &[9]int{}
		n.counts[pattern] = c
	}
	for i := level + 1; i < 9; i++ {
		c[i] = 0
	}
	if c[level] == 0 {
		c[level] = max(n.levels[pattern][level].start, 1) - 1
	}
	c[level]++
	return n.format(pattern, level, c)
}

func (n *numbering) format(pattern string, level int, c *[9]int) string {
	text := n.levels[pattern][level].text
	if n.levels[pattern][level].format == "bullet" {
		return ""
	}
	for i := range 9 {
		mark := "%" + strconv.Itoa(i+1)
		if strings.Contains(text, mark) {
			text = strings.ReplaceAll(text, mark, numeral(n.levels[pattern][i].format, max(c[i], 1)))
		}
	}
	return text
}

// numeral writes a counter in the formats that Chinese documents use; any other
// format is written in Arabic figures.
func numeral(format string, n int) string {
	switch format {
	case "none":
		return ""
	case "chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCountingThousand", "ideographDigital":
		return hanNumber(n)
	case "upperLetter":
		return strings.Repeat(string(rune('A'+(n-1)%26)), min((n-1)/26+1, 8))
	case "lowerLetter":
		return strings.Repeat(string(rune('a'+(n-1)%26)), min((n-1)/26+1, 8))
	case "decimalFullWidth":
		return strings.Map(func(r rune) rune { return r - '0' + '０' }, strconv.Itoa(n))
	case "decimalEnclosedCircle", "decimalEnclosedCircleChinese":
		if n <= 20 {
			return string(rune('①' + n - 1))
		}
	case "decimalZero":
		if n < 10 {
			return "0" + strconv.Itoa(n)
		}
	case "upperRoman":
		return roman(n)
	case "lowerRoman":
		return strings.ToLower(roman(n))
	}
	return strconv.Itoa(n)
}

// hanNumber writes 1 … 99999 in Chinese figures.
func hanNumber(n int) string {
	if n <= 0 || n > 99999 {
		return strconv.Itoa(n)
	}
	digits := []rune("零一二三四五六七八九")
	units := []string{"", "十", "百", "千", "万"}
	s := strconv.Itoa(n)
	var b strings.Builder
	zero := false
	for i, r := range s {
		d, place := int(r-'0'), len(s)-1-i
		if d == 0 {
			zero = true
			continue
		}
		if zero {
			b.WriteRune('零')
			zero = false
		}
		if !(d == 1 && place == 1 && i == 0) { // 十二, not 一十二
			b.WriteRune(digits[d])
		}
		b.WriteString(units[place])
	}
	return b.String()
}

func roman(n int) string {
	if n > 3999 {
		return strconv.Itoa(n)
	}
	var b strings.Builder
	for _, s := range []struct {
		v int
		t string
	}{{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}} {
		for n >= s.v {
			b.WriteString(s.t)
			n -= s.v
		}
	}
	return b.String()
}
