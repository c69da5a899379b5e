package linkage

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed data/chars.txt
var charsText string

// A character of a name is held in 16 bits: the code point of its common simplified form; for characters beyond the
// basic plane one of 2,048 codes that text cannot contain; lost for a character that is there but unreadable; and
// soundBase plus the number of a syllable where only the sound was written.
const (
	lost      = 1
	soundBase = 0x100
	rareBase  = 0xD800
)

type charTables struct {
	fold    [0x10000]uint16
	rare    map[rune]uint16 // variants beyond the basic plane
	sound   [0x10000]uint16 // number of the main syllable; 0 unknown
	further map[uint16][]uint16
	more    [0x10000]bool // has further readings
	shape   map[uint16][]uint16
	number  map[string]uint16
	names   []string
	family  [0x10000]uint16 // number of the syllable of a family name
	double  map[uint32]bool // family names of two characters
	leads   [0x10000]bool   // first characters of those
}

// chars are the tables of the package, made on first use.
var chars = sync.OnceValue(func() *charTables {
	t := &charTables{rare: map[rune]uint16{}, further: map[uint16][]uint16{}, shape: map[uint16][]uint16{}, number: map[string]uint16{}, names: []string{""}}
	for i := range t.fold {
		t.fold[i] = uint16(i)
	}
	section, group := "", uint16(0)
	for line := range strings.Lines(charsText) {
		line = strings.TrimRight(line, "\n")
		switch {
		case line == "" || line[0] == '#':
			continue
		case line[0] == '[':
			section = line
			continue
		}
		switch section {
		case "[fold]":
			to := uint16(0)
			for i, r := range line {
				switch {
				case i == 0 && r < 0x10000:
					to = uint16(r)
				case to == 0:
				case r < 0x10000:
					t.fold[r] = to
				default:
					t.rare[r] = to
				}
			}
		case "[sound]":
			name, list, _ := strings.Cut(line, " ")
			other := name[0] == '~'
			name = strings.TrimPrefix(name, "~")
			n, ok := t.number[name]
			if !ok {
				n = uint16(len(t.names))
				t.number[name] = n
				t.names = append(t.names, name)
			}
			for _, r := range list {
				if other {
					t.further[uint16(r)] = append(t.further[uint16(r)], n)
					t.more[uint16(r)] = true
				} else {
					t.sound[r] = n
				}
			}
		case "[shape]":
			group++
			for _, r := range line {
				if r < 0x10000 {
					t.shape[uint16(r)] = append(t.shape[uint16(r)], group)
				}
			}
		}
	}
	for i := range t.names {
		if i > 0 {
			t.sound[soundBase+i] = uint16(i)
		}
	}
	t.family = t.sound
	for r, s := range surnameSounds {
		if n, ok := t.number[s]; ok {
			t.family[r] = n
		}
	}
	t.double = map[uint32]bool{}
	for _, s := range strings.Fields(compoundNames) {
		r := []rune(s)
		t.double[uint32(r[0])<<16|uint32(r[1])] = true
		t.leads[r[0]] = true
	}
	return t
})

// surnameSounds are family names that are not read as the character usually is.
var surnameSounds = map[rune]string{
	'单': "shan", '仇': "qiu", '解': "xie", '查': "zha", '曾': "zeng", '任': "ren", '区': "ou", '乐': "yue", '朴': "piao", '尉': "wei", '盖': "ge", '翟': "zhai",
	'繁': "po", '折': "she", '黑': "he", '缪': "miao", '种': "chong", '重': "chong", '覃': "qin", '宓': "mi", '员': "yun", '幺': "yao", '佴': "nai", '洗': "xian",
	'冼': "xian", '召': "shao", '哈': "ha", '逄': "pang", '乜': "nie", '车': "che", '祭': "zhai", '华': "hua", '葛': "ge", '隗': "wei", '纪': "ji", '瞿': "qu",
	'郗': "xi", '晁': "chao", '牟': "mu", '沈': "shen", '贾': "jia", '秘': "bi", '万': "wan", '柏': "bai", '卜': "bu", '石': "shi", '宁': "ning", '令': "ling",
}

// compoundNames are family names of two characters.
const compoundNames = "欧阳 上官 司马 司徒 诸葛 夏侯 皇甫 尉迟 公孙 慕容 令狐 宇文 长孙 东方 南宫 独孤 端木 百里 轩辕 闻人 申屠 公冶 宗政 濮阳 淳于 单于 太叔 仲孙 钟离 鲜于 闾丘 赫连 呼延 左丘 东郭 西门 完颜 纳兰 第五 澹台 拓跋 万俟 达奚"

// char gives the 16-bit code of a rune of a name, 0 for what is no part of a name.
func (t *charTables) char(r rune) uint16 {
	switch {
	case r >= 0x4E00 && r < 0xA000, r >= 0x3400 && r < 0x4DC0, r >= 0xF900 && r < 0xFB00, r == 0x3007:
		return t.fold[r]
	case r >= 0x20000 && r < 0x40000:
		if c, ok := t.rare[r]; ok {
			return c
		}
		return rareBase + uint16(uint32(r)*2654435761>>21)
	case r >= 0xE000 && r < 0xF900, r == 0xFFFD, r == '?', r == '？', r == '*', r == '＊', r == '□', r == '■', r == '〓', r == '●', r == '○', r == '△', r == '×', r >= 0xF0000:
		return lost
	}
	return 0
}

// soundsOf says whether two characters can be read alike.
func (t *charTables) alike(a, b uint16) bool {
	sa, sb := t.sound[a], t.sound[b]
	if sa != 0 && sa == sb {
		return true
	}
	if !t.more[a] && !t.more[b] {
		return false
	}
	for _, x := range t.further[a] {
		if x == sb {
			return true
		}
		for _, y := range t.further[b] {
			if x == y {
				return true
			}
		}
	}
	for _, y := range t.further[b] {
		if y == sa && sa != 0 {
			return true
		}
	}
	return false
}

// similar says whether two characters share a phonetic part, which makes them easy to confuse.
func (t *charTables) similar(a, b uint16) bool {
	for _, x := range t.shape[a] {
		for _, y := range t.shape[b] {
			if x == y {
				return true
			}
		}
	}
	return false
}
