package linkage

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

//go:embed data/places.txt
var placesText string

// place is a prefecture by the first four digits of GB/T 2260; the two last digits are 00 where only the province is
// known, and always for the four municipalities.
type place uint16

func (p place) province() place { return p / 100 }

// placeOf takes a six-digit division code.
func placeOf(code int) place {
	switch p := code / 10000; {
	case p < 11 || p > 82:
		return 0
	case p == 11 || p == 12 || p == 31 || p == 50:
		return place(p * 100)
	}
	return place(code / 100)
}

var places = sync.OnceValue(func() map[string]place {
	m := map[string]place{}
	put := func(name string, p place) {
		if _, ok := m[name]; !ok && utf8.RuneCountInString(name) >= 2 {
			m[name] = p
		}
	}
	var short []struct {
		name string
		p    place
	}
	for line := range strings.Lines(placesText) {
		code, name, ok := strings.Cut(strings.TrimSpace(line), " ")
		n, err := strconv.Atoi(code)
		if !ok || err != nil || name == "" {
			continue
		}
		p := placeOf(n)
		put(name, p)
		for _, cut := range []string{"省", "市", "地区", "盟", "自治区", "自治州", "特别行政区"} {
			if s, ok := strings.CutSuffix(name, cut); ok {
				short = append(short, struct {
					name string
					p    place
				}{s, p})
			}
		}
	}
	for _, s := range short { // 延边朝鲜族 → 延边; 内蒙古, 广西壮族 → 广西
		put(s.name, s.p)
		n := s.name
		for again := true; again; {
			again = false
			for _, nation := range nations {
				if c, ok := strings.CutSuffix(n, nation); ok && c != "" {
					n, again = c, true
				}
			}
		}
		put(n, s.p)
	}
	return m
})

var nations = strings.Fields("维吾尔 壮族 回族 藏族 蒙古族 蒙古 苗族 彝族 侗族 布依族 土家族 朝鲜族 傣族 景颇族 白族 哈尼族 傈僳族 羌族 哈萨克 柯尔克孜 黎族")

// parsePlace reads a division code or the name of a place, province first or not: 410500, 新乡市, 河南省新乡市红旗区.
func parsePlace(s string) place {
	s = strings.TrimSpace(s)
	if len(s) >= 4 && len(s) <= 12 && s[0] >= '1' && s[0] <= '8' {
		d := s
		if len(d) > 6 {
			d = d[:6]
		}
		if n, err := strconv.Atoi(d); err == nil {
			for range 6 - len(d) {
				n *= 10
			}
			return placeOf(n)
		}
	}
	m := places()
	var best place
	for i := 0; i < len(s) && i < 60; {
		found := false
		end := i
		for n := 0; n < 12 && end < len(s); n++ {
			_, w := utf8.DecodeRuneInString(s[end:])
			end += w
		}
		for ; end > i+3; end-- { // the longest name first
			if p, ok := m[s[i:end]]; ok {
				if best == 0 || best%100 == 0 && p.province() == best.province() {
					best = p
				}
				i, found = end, true
				break
			}
		}
		if best%100 != 0 {
			return best
		}
		if !found {
			if best == 0 && i > 0 { // a name of a place stands at the beginning
				return 0
			}
			_, w := utf8.DecodeRuneInString(s[i:])
			i += w
		}
	}
	return best
}

// Levels of agreement between regions.
const (
	placeMissing   = iota
	placeCounty    // county of both numbers
	placeCity      // prefecture of both numbers
	placeLocal     // prefecture by residence, unit or office
	placeProvince  // province of both numbers
	placeNear      // province by residence, unit or office
	placeOff       // numbers of two prefectures, but places agree
	placeElsewhere // residence, unit or office of two provinces
	placeApart     // numbers of two provinces
	placeLevels
)
