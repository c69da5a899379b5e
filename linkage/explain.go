package linkage

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Evidence is what one field says about a pair.
type Evidence struct {
	Field string  `json:"field"` // name, birth, id, place, sex, org, code, category
	Level string  `json:"level"`
	Bits  float64 `json:"bits"`
}

// Score is the whole account of a pair: prior, evidence in bits, and the probability they add up to. It is computed from
// the facts of the two records, the model and the number of records on the right, and nothing else.
type Score struct {
	Prior       float64    `json:"prior_bits"`
	Evidence    []Evidence `json:"evidence"`
	Rivals      float64    `json:"rivals_bits,omitempty"` // taken off because other candidates fit too
	Bits        float64    `json:"bits"`                  // the sum: log2 of the odds
	Probability float64    `json:"probability"`
	Band        Band       `json:"band"`
	Model       string     `json:"model"`
	Namesakes   float64    `json:"namesakes"` // people of this name expected in the register
	Notes       []string   `json:"notes,omitempty"`
	Pivot       *Pivot     `json:"pivot,omitempty"`
	size        int
	level       [fieldCount]uint8
}

// Pivot is the fact that would change the verdict most easily.
type Pivot struct {
	Field       string  `json:"field"`
	Level       string  `json:"level"`
	Probability float64 `json:"probability"`
	Band        Band    `json:"band"`
}

// Score accounts for a pair of records as if the right one stood in a register of the given size.
func (m *Model) Score(left, right *Record, size int) Score {
	a, b := m.Rules.prepare(left, nil), m.Rules.prepare(right, nil)
	p := m.compare(&a, &b, &memo{})
	return m.score(&p, size, math.NaN(), &a, &b)
}

// score accounts for a pattern; share is the probability with rivals, NaN when there are none to think of.
func (m *Model) score(p *pattern, size int, share float64, a, b *facts) Score {
	set := p.setting()
	out := Score{Prior: float64(m.prior(size)), Model: m.id, size: size, level: p.level}
	out.Bits = out.Prior
	out.Evidence = make([]Evidence, 0, fieldCount)
	for f := range fieldCount {
		l := p.level[f]
		if l == levelMissing {
			continue
		}
		w := float64(m.bits[set][f][l])
		if f == fieldName {
			w -= float64(p.freq)
		}
		out.Evidence = append(out.Evidence, Evidence{Field: FieldKeys[f], Level: m.levelKey(f, l), Bits: w})
		out.Bits += w
	}
	out.Probability = probability(out.Bits)
	if !math.IsNaN(share) && share > 0 && share < 1 && out.Probability < 1 {
		with := math.Log2(share / (1 - share))
		if out.Bits-with > 0.01 {
			out.Rivals = with - out.Bits
			out.Bits = with
			out.Probability = share
		}
	}
	n := a.name
	if p.level[fieldName] == nameAlias && a.name != b.name && b.alias == a.name {
		n = b.alias
	}
	if n != 0 {
		out.Namesakes = math.Exp2(float64(m.Names.of(n))) * float64(size)
	}
	h := hit{p: float32(out.Probability), pat: *p}
	out.Band = h.band()
	out.Notes = notes(a, b)
	out.Pivot = m.pivot(p, &out)
	return out
}

// pivot looks for the one fact, open or in doubt, that would move the pair to another band.
func (m *Model) pivot(p *pattern, s *Score) *Pivot {
	tries := []struct {
		field int
		level uint8
	}{{fieldID, idTailEqual}, {fieldID, idConflict}, {fieldBirth, birthDay}, {fieldBirth, birthFar}, {fieldOrg, orgEqual}, {fieldName, nameEqual}}
	w := &m.bits[p.setting()]
	for _, t := range tries {
		now := p.level[t.field]
		open := now == levelMissing || t.field == fieldID && (now == idHeadOnly || now == idSomeTail || now == idOff || now == idSomeOff || now == idOneTypo) ||
			t.field == fieldBirth && now != birthDay && now != birthFar || t.field == fieldOrg && now == orgKind
		if !open || now == t.level || t.field == fieldName {
			continue
		}
		q := *p
		q.level[t.field] = t.level
		bits := s.Bits - float64(w[t.field][now]) + float64(w[t.field][t.level])
		h := hit{p: float32(probability(bits)), pat: q}
		if b := h.band(); b != s.Band {
			return &Pivot{Field: FieldKeys[t.field], Level: m.levelKey(t.field, t.level), Probability: probability(bits), Band: b}
		}
	}
	return nil
}

// notes say what was done to the facts before they were compared.
func notes(a, b *facts) []string {
	var out []string
	add := func(k string) {
		if !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	for _, f := range []*facts{a, b} {
		switch fl := f.id.flags; {
		case fl&idVoided != 0:
			add("id_voided")
		case fl&idDamaged != 0:
			add("id_damaged")
		case fl&idShort != 0:
			add("id_short")
		case fl&idBroken != 0:
			add("id_broken")
		}
		if f.birth != 0 && f.idBirth != 0 && birthRank[compareDates(f.birth, f.idBirth)] < birthRank[birthYear] {
			add("birth_differs")
		}
	}
	return out
}

var levelKeys = [fieldCount][]string{
	fieldName:  {"missing", "equal", "former", "gap", "sound", "shape", "one_off", "dropped", "turned", "family_off", "family", "other", "latin"},
	fieldBirth: {"missing", "day", "month", "year", "turned", "typo", "near", "lunar", "same_year", "next_year", "far"},
	fieldID:    {"missing", "equal", "equal_bad", "tail", "typo", "seq_typo", "seq_birth", "some_tail", "head", "off", "conflict", "tail_off", "some_off"},
	fieldPlace: {"missing", "county", "city", "local", "province", "near", "off", "elsewhere", "apart"},
	fieldSex:   {"missing", "equal", "differ"},
	fieldOrg:   {"missing", "equal", "common", "kind", "other", "far"},
	fieldCode:  {"missing", "equal", "differ"},
}

func (m *Model) levelKey(f int, l uint8) string {
	if f == fieldKind {
		if int(l) <= len(m.Rules.Categories) && l > 0 {
			return m.Rules.Categories[l-1]
		}
		return "missing"
	}
	return levelKeys[f][l]
}

// Language of explanations.
type Language string

// Languages of explanations.
const (
	Chinese Language = "zh"
	English Language = "en"
)

// phrases are the words of explanations: Chinese, English.
var phrases = map[string][2]string{
	"name.equal": {"姓名相同", "same name"}, "name.former": {"与曾用名相同", "same as a former name"}, "name.gap": {"姓名可辨部分相同", "name equal where it can be read"},
	"name.sound": {"姓名同音", "name sounds the same"}, "name.shape": {"姓名有一形近字", "one look-alike character in the name"}, "name.one_off": {"名字差一字", "one character of the name differs"},
	"name.dropped": {"名字少一字", "one character of the name is missing"}, "name.turned": {"名字两字颠倒", "two characters of the name are exchanged"},
	"name.family_off": {"名同姓不同", "given name equal, family name not"}, "name.latin": {"拼音姓名相符", "name in Latin letters fits"}, "name.family": {"仅姓相同", "only the family name is equal"}, "name.other": {"姓名不同", "names differ"},
	"birth.day": {"出生日期一致", "same date of birth"}, "birth.month": {"出生年月一致", "same month of birth"}, "birth.year": {"出生年份一致", "same year of birth"},
	"birth.turned": {"出生月日颠倒", "day and month of birth exchanged"}, "birth.typo": {"出生日期差一位数字", "date of birth off by one digit"}, "birth.near": {"出生月日相同、年份相差一至三年", "same birthday, one to three years apart"},
	"birth.lunar": {"出生日期疑为公历农历之差", "dates of birth apart as the two calendars are"}, "birth.same_year": {"仅出生年份相同", "only the year of birth is equal"}, "birth.next_year": {"出生年份相差一年", "born one year apart"}, "birth.far": {"出生日期不符", "dates of birth differ"},
	"id.equal": {"证件号完全一致", "identity numbers equal"}, "id.equal_bad": {"证件号一致但校验位有误", "identity numbers equal, check digit wrong"}, "id.tail": {"证件号后四位一致", "last four digits of the identity number equal"},
	"id.typo": {"证件号仅差一两位且校验不符，疑为录入错误", "identity number off by a typing error"}, "id.seq_typo": {"证件号顺序码差一位且校验不符", "one digit of the sequence differs, check digit wrong"},
	"id.seq_birth": {"证件号地区码和顺序码一致、出生日期段不同", "region and sequence of the number equal, birth date not"}, "id.some_tail": {"证件号可见尾数一致", "visible last digits equal"}, "id.head": {"证件号仅可比地区和出生日期", "only region and birth date of the number can be compared"},
	"id.off": {"证件号多位不符且校验有误", "many digits of the number differ, check digit wrong"}, "id.tail_off": {"证件号后四位不符", "last four digits of the number differ"}, "id.some_off": {"证件号可见尾数不符", "visible last digits differ"}, "id.conflict": {"两个有效证件号不同", "two valid identity numbers differ"},
	"place.county": {"证件号区县一致", "same county in the numbers"}, "place.city": {"证件号地市一致", "same prefecture in the numbers"}, "place.local": {"所在地市一致", "same prefecture"}, "place.province": {"证件号省份一致", "same province in the numbers"},
	"place.near": {"所在省份一致", "same province"}, "place.off": {"证件号地区不同但所在地一致", "numbers of two regions, same place of work or home"}, "place.elsewhere": {"所在地区不同", "different regions"}, "place.apart": {"证件号地区不同", "numbers of different regions"},
	"sex.equal": {"性别一致", "same sex"}, "sex.differ": {"性别不符", "sex differs"},
	"org.equal": {"单位一致", "same organisation"}, "org.common": {"单位相同但同类者众", "same employer, which many name"}, "org.kind": {"单位类型相符", "organisation of the same kind"}, "org.other": {"同类的另一单位", "another organisation of the kind"}, "org.far": {"单位无关", "unrelated organisations"},
	"code.equal": {"电话号码一致", "same telephone"}, "code.differ": {"电话号码不同", "telephones differ"},
	"id_voided": {"证件号属于他人，未采用", "an identity number belongs to somebody else and was not used"}, "id_damaged": {"证件号经表格软件损坏，只用未损部分", "an identity number was damaged by a spreadsheet; only its sound part was used"},
	"id_short": {"15位证件号已升为18位", "a 15-digit identity number was brought to 18"}, "id_broken": {"证件号校验不符", "an identity number has a wrong check digit"}, "birth_differs": {"出生日期与证件号不一致", "date of birth and identity number disagree"},
}

// Phrase gives the words for a field and a level, or for a note (level empty).
func Phrase(lang Language, field, level string) string {
	k := field
	if level != "" {
		k += "." + level
	}
	p, ok := phrases[k]
	switch {
	case !ok && field == "category" && lang == English:
		return "kind of record: " + kindOf(level)
	case !ok && field == "category":
		return "类别：" + kindOf(level)
	case lang == English:
		return p[1]
	}
	return p[0]
}

// kindOf is a category without the name of its register: staff/辞职 is 辞职.
func kindOf(category string) string {
	if _, kind, ok := strings.Cut(category, "/"); ok {
		return kind
	}
	return category
}

// Reasons are the n weightiest pieces of evidence in words, with their bits.
func (s *Score) Reasons(lang Language, n int) []string {
	var out []string
	for _, v := range s.heaviest(n) {
		out = append(out, string(s.reason(nil, lang, v)))
	}
	return out
}

// heaviest are the n pieces of evidence that weigh most for or against.
func (s *Score) heaviest(n int) []Evidence {
	e := slices.Clone(s.Evidence)
	slices.SortStableFunc(e, func(a, b Evidence) int { return cmp.Compare(math.Abs(b.Bits), math.Abs(a.Bits)) })
	return e[:min(n, len(e))]
}

func (s *Score) reason(to []byte, lang Language, v Evidence) []byte {
	to = append(to, Phrase(lang, v.Field, v.Level)...)
	if v.Field == "name" && (v.Level == "equal" || v.Level == "former") {
		to = s.namesakeWords(to, lang)
	}
	return inBits(to, lang, v.Bits)
}

func inBits(to []byte, lang Language, bits float64) []byte {
	if lang == English {
		return append(signed(append(to, " ("...), bits, 1), " bits)"...)
	}
	return append(signed(append(to, "（"...), bits, 1), "比特）"...)
}

// signed writes a number with its sign.
func signed(to []byte, v float64, digits int) []byte {
	if !math.Signbit(v) {
		to = append(to, '+')
	}
	return strconv.AppendFloat(to, v, 'f', digits, 64)
}

func (s *Score) namesakeWords(to []byte, lang Language) []byte {
	if lang == English {
		to = append(to, ", "...)
	} else {
		to = append(to, "，预计同名"...)
	}
	if s.Namesakes >= 1 {
		to = strconv.AppendFloat(to, s.Namesakes, 'f', 0, 64)
	} else {
		to = append(to, "<1"...)
	}
	if lang == English {
		return append(to, " of this name expected here"...)
	}
	return append(to, "人"...)
}

// Explain is the account in one line: prior, reasons, rivals, notes, and what would change the verdict.
func (s *Score) Explain(lang Language) string {
	return string(s.explain(make([]byte, 0, 768), lang))
}

func (s *Score) explain(b []byte, lang Language) []byte {
	sep, first := "；", "）："
	if lang == English {
		sep, first = "; ", "): "
		b = strconv.AppendFloat(append(b, "probability "...), s.Probability, 'f', 3, 64)
		b = strconv.AppendFloat(append(b, " ("...), s.Bits, 'f', 2, 64)
		b = append(b, " bits = prior "...)
	} else {
		b = strconv.AppendFloat(append(b, "概率"...), s.Probability, 'f', 3, 64)
		b = strconv.AppendFloat(append(b, "（"...), s.Bits, 'f', 2, 64)
		b = append(b, "比特＝先验"...)
	}
	b = strconv.AppendFloat(b, s.Prior, 'f', 2, 64)
	for _, e := range s.Evidence {
		b = signed(append(b, ' '), e.Bits, 2)
	}
	if s.Rivals != 0 {
		b = signed(append(b, ' '), s.Rivals, 2)
	}
	next := func() {
		b = append(b, first...)
		first = sep
	}
	for _, v := range s.heaviest(len(s.Evidence)) {
		next()
		b = s.reason(b, lang, v)
	}
	if s.Rivals < 0 {
		next()
		if lang == English {
			b = append(b, "other candidates fit too"...)
		} else {
			b = append(b, "另有候选人同样相符"...)
		}
		b = inBits(b, lang, s.Rivals)
	}
	for _, n := range s.Notes {
		next()
		b = append(b, Phrase(lang, n, "")...)
	}
	if lang == English {
		b = append(b, '.')
	} else {
		b = append(b, "。"...)
	}
	if p := s.Pivot; p != nil {
		if lang == English {
			b = append(append(b, " If checking shows: "...), Phrase(lang, p.Field, p.Level)...)
			b = append(strconv.AppendFloat(append(b, ", the probability becomes "...), p.Probability, 'f', 3, 64), '.')
		} else {
			b = append(append(b, "若核实"...), Phrase(lang, p.Field, p.Level)...)
			b = append(strconv.AppendFloat(append(b, "，概率变为"...), p.Probability, 'f', 3, 64), "。"...)
		}
	}
	return b
}
