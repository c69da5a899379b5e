package registers

import (
	"fmt"
	"strings"
)

// damaged is a person as a register has him.
type damaged struct {
	name, sex, birth, id string
	tags                 []string
}

// damage writes a person down with the errors registers have.
func (k *maker) damage(p *made) damaged {
	var out damaged
	out.name = k.damageName(p, &out)
	if !k.gap(.03) {
		out.sex = map[bool]string{true: "男", false: "女"}[p.male != k.err(.004)]
	}
	q := *p
	if k.err(.0015) { // the dates of people were changed: a new number too
		q.y += 1 + k.r.IntN(3)
		out.tags = append(out.tags, "birth_altered")
	}
	out.birth = k.damageBirth(&q, &out)
	out.id = k.damageID(&q, &out)
	return out
}

func (k *maker) damageName(p *made, out *damaged) string {
	tag := func(s string) { out.tags = append(out.tags, s) }
	if p.ethnic != "" {
		if k.err(.15) {
			tag("name_dot")
			return strings.Replace(p.ethnic, "·", []string{"•", "‧", ".", " ", "・"}[k.r.IntN(5)], 1)
		}
		return p.ethnic
	}
	n := append([]rune(nil), p.name...)
	swap := func(groups []string, from int) bool {
		for range 6 {
			at := from + k.r.IntN(len(n)-from)
			for _, g := range groups {
				list := []rune(g)
				for _, c := range list {
					if c == n[at] {
						if to := list[k.r.IntN(len(list))]; to != c {
							n[at] = to
							return true
						}
					}
				}
			}
		}
		return false
	}
	switch {
	case k.err(.02):
		if swap(madeSame, 0) {
			tag("name_variant")
		}
	case k.err(.02):
		if swap(madeSound, 1) {
			tag("name_homophone")
		}
	case k.err(.008):
		if swap(madeShape, 1) {
			tag("name_shape")
		}
	case k.err(.004) && len(n) == 3:
		tag("name_lost")
		n[1+k.r.IntN(2)] = []rune{'?', '*', '□', '\ue0a5'}[k.r.IntN(4)]
	case k.err(.003) && len(n) == 3:
		tag("name_drop")
		at := 1 + k.r.IntN(2)
		n = append(n[:at], n[at+1:]...)
	case k.err(.003) && len(n) == 3:
		tag("name_swap")
		n[1], n[2] = n[2], n[1]
	case k.err(.008):
		tag("name_changed")
		for i := 1; i < len(n); i++ {
			n[i] = k.givenChar(p.male, p.y)
		}
	case k.err(.001):
		if s := madeLatin(n); s != "" {
			tag("name_pinyin")
			return s
		}
	}
	s := string(n)
	if k.err(.02) {
		tag("name_space")
		return []string{s + " ", s + "\u3000", string(n[:1]) + " " + string(n[1:]), string(n[:1]) + "\u3000" + string(n[1:])}[k.r.IntN(4)]
	}
	return s
}

func (k *maker) damageBirth(p *made, out *damaged) string {
	tag := func(s string) { out.tags = append(out.tags, s) }
	y, m, d := p.y, p.m, p.d
	if k.gap(.07) {
		tag("dob_missing")
		return ""
	}
	switch {
	case k.err(.008):
		tag("dob_year")
		y += []int{-2, -1, 1, 2}[k.r.IntN(4)]
	case k.err(.004):
		tag("dob_typo")
		d = 1 + (d+9)%28
	case k.err(.004) && d <= 12:
		tag("dob_turned")
		m, d = d, m
	case k.err(.01):
		tag("dob_lunar")
		if m--; m == 0 {
			m, y = 12, y-1
		}
		d = 1 + (d+k.r.IntN(9))%28
	case k.err(.006):
		tag("dob_jan1")
		m, d = 1, 1
	}
	if k.gap(.12) {
		tag("dob_partial")
		switch k.r.IntN(6) {
		case 0:
			return fmt.Sprintf("%d", y)
		case 1:
			return fmt.Sprintf("%d年", y)
		case 2:
			return fmt.Sprintf("%d-%02d", y, m)
		case 3:
			return fmt.Sprintf("%d.%d", y, m)
		case 4:
			return fmt.Sprintf("%d年%d月", y, m)
		}
		return fmt.Sprintf("%d%02d", y, m)
	}
	switch k.r.IntN(24) {
	case 0, 1:
		return fmt.Sprintf("%d%02d%02d", y, m, d)
	case 2:
		return fmt.Sprintf("%d.%02d.%02d", y, m, d)
	case 3:
		return fmt.Sprintf("%d/%d/%d", y, m, d)
	case 4:
		return fmt.Sprintf("%d年%d月%d日", y, m, d)
	case 5:
		if y < 2000 {
			return fmt.Sprintf("%02d-%02d-%02d", y%100, m, d)
		}
	}
	return fmt.Sprintf("%d-%02d-%02d", y, m, d)
}

func (k *maker) damageID(p *made, out *damaged) string {
	tag := func(s string) { out.tags = append(out.tags, s) }
	s := p.number()
	if k.gap(.085) {
		tag("id_missing")
		return []string{"", "", "", "-", "无", "不详"}[k.r.IntN(6)]
	}
	switch {
	case k.err(.015):
		tag("id_typo")
		b := []byte(s)
		at := k.r.IntN(17)
		b[at] = '0' + byte((int(b[at]-'0')+1+k.r.IntN(9))%10)
		s = string(b)
	case k.err(.007):
		b := []byte(s)
		if at := k.r.IntN(16); b[at] != b[at+1] {
			tag("id_swap")
			b[at], b[at+1] = b[at+1], b[at]
			s = string(b)
		}
	case k.err(.004):
		tag("id_excel")
		return fmt.Sprintf("%c.%sE+17", s[0], s[1:6])
	case k.err(.003):
		tag("id_zeros")
		return s[:15] + "000"
	case p.y < 1999 && k.err(.025):
		tag("id_15")
		return s[:6] + s[8:17]
	}
	if k.gap(.09) {
		tag("id_masked")
		switch k.r.IntN(8) {
		case 0, 1:
			return s[:6] + "********" + s[14:]
		case 2, 3:
			return s[:4] + "**********" + s[14:]
		case 4:
			return strings.Repeat("*", 14) + s[14:]
		case 5:
			return s[:10] + "********"
		case 6:
			return s[:1] + strings.Repeat("*", 16) + s[17:]
		}
		return s[:14] + "****"
	}
	switch {
	case strings.HasSuffix(s, "X") && k.err(.3):
		return strings.ToLower(s)
	case k.err(.004):
		return "'" + s
	case k.err(.004):
		return s[:6] + " " + s[6:14] + " " + s[14:]
	case k.err(.001):
		return strings.Map(func(r rune) rune { return r - '!' + '！' }, s)
	}
	return s
}
