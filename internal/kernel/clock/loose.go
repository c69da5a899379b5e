package clock

import (
	"regexp"
	"strconv"
	"strings"
)

// Precision says how exactly a written deadline (完成时限) names its day.
// The values are stored; append only.
type Precision string

// The precisions. Date is always the last day that the words allow.
const (
	PrecisionDay       Precision = "day"       // 2026年3月10日
	PrecisionBefore    Precision = "before"    // 2026-03-10前: the day itself still counts, as 以前 does in law
	PrecisionTenDays   Precision = "ten_days"  // 2026年3月中旬
	PrecisionMonth     Precision = "month"     // 2026年3月, 3月底
	PrecisionQuarter   Precision = "quarter"   // 2026年一季度
	PrecisionHalfYear  Precision = "half_year" // 2026年上半年
	PrecisionYear      Precision = "year"      // 2026年底
	PrecisionLongTerm  Precision = "long_term" // 长期坚持: no day on purpose
	PrecisionImmediate Precision = "immediate" // 立行立改: at once, within the inspection (domain I-14)
	PrecisionUnknown   Precision = "unknown"   // not understood; the words are all there is
)

// ParseLoose reads a deadline as ledgers write it: value, precision and the
// original words. It never fails: what cannot be read is unknown and kept.
// Words without a year (3月底) have their precision but no date; see
// [ParseLooseFrom].
func ParseLoose(s string) (Date, Precision, string) { return parseLoose(s, "") }

// ParseLooseFrom is ParseLoose with the date from which the words were written
// (the plan's or the circular's): 3月底 is the first end of March not before it.
func ParseLooseFrom(s string, from Date) (Date, Precision, string) { return parseLoose(s, from) }

func parseLoose(s string, from Date) (Date, Precision, string) {
	text := strings.Trim(fold(s), "。;；,，()")
	if p, ok := undated(text); ok {
		return "", p, s
	}
	body, before := cutBefore(text)
	if d, rest, ok := scanDate(body); ok && rest == "" {
		return d, pick(before, PrecisionBefore, PrecisionDay), s
	}
	for _, f := range looseForms {
		m := f.re.FindStringSubmatch(body)
		if m == nil {
			continue
		}
		d, ok := f.resolve(m, from)
		if !ok {
			return "", PrecisionUnknown, s
		}
		return d, pick(before && f.p == PrecisionDay, PrecisionBefore, f.p), s
	}
	return "", PrecisionUnknown, s
}

func pick(cond bool, a, b Precision) Precision {
	if cond {
		return a
	}
	return b
}

// undated recognises the words that give no day on purpose. A text that also
// holds figures is a date with a remark and is left to the other forms.
func undated(s string) (Precision, bool) {
	if strings.ContainsAny(s, "0123456789") {
		return "", false
	}
	for _, w := range []string{"立行立改", "立即", "即知即改", "立整立改", "边查边改", "边巡边改"} {
		if strings.HasPrefix(s, w) {
			return PrecisionImmediate, true
		}
	}
	for _, w := range []string{"长期", "長期", "持续", "持續", "常态化", "常抓不懈", "坚持"} {
		if strings.HasPrefix(s, w) {
			return PrecisionLongTerm, true
		}
	}
	return "", false
}

// cutBefore takes the words off that turn a date into a limit.
func cutBefore(s string) (string, bool) {
	s = strings.TrimPrefix(strings.TrimPrefix(s, "于"), "截至")
	for _, w := range []string{"完成整改", "整改到位", "完成", "到位"} {
		s = strings.TrimSuffix(s, w)
	}
	for _, w := range []string{"之前", "以前", "前"} {
		if body, ok := strings.CutSuffix(s, w); ok {
			return body, true
		}
	}
	return s, false
}

// looseForm is one way to write an inexact day; the capture groups are year
// (may be empty) and the number or word within the year.
type looseForm struct {
	re      *regexp.Regexp
	p       Precision
	resolve func(m []string, from Date) (Date, bool)
}

const yearPart = `^(?:(\d{4})年)?`

var looseForms = []looseForm{
	{regexp.MustCompile(yearPart + `(\d{1,2})月(\d{1,2})[日号]$`), PrecisionDay, resolveDay},
	{regexp.MustCompile(yearPart + `(\d{1,2})月([上中下])旬$`), PrecisionTenDays, resolveTenDays},
	{regexp.MustCompile(yearPart + `(\d{1,2})月份?(?:底|末|内|中)?$`), PrecisionMonth, resolveMonth},
	{regexp.MustCompile(`^(\d{4})[-./](\d{1,2})(?:底|末)?$`), PrecisionMonth, resolveMonth},
	{regexp.MustCompile(yearPart + `第?([一二三四1-4])季度(?:底|末|内)?$`), PrecisionQuarter, resolveQuarter},
	{regexp.MustCompile(yearPart + `([上下])半年(?:底|末|内)?$`), PrecisionHalfYear, resolveHalf},
	{regexp.MustCompile(`^(\d{4})年?(?:年?(?:底|末|内|终)|全年|度)?$`), PrecisionYear, resolveYear},
	{regexp.MustCompile(`^()(?:年底|年末|年内|年终)$`), PrecisionYear, resolveYear},
}

func resolveDay(m []string, from Date) (Date, bool) {
	month, _ := strconv.Atoi(m[2])
	day, _ := strconv.Atoi(m[3])
	// 29 February exists in some year; without a year only the shape is judged.
	if !exists(2000, month, day) {
		return "", false
	}
	return inYear(m[1], from, func(y int) (Date, bool) { return civil(y, month, day) })
}

func resolveTenDays(m []string, from Date) (Date, bool) {
	month, _ := strconv.Atoi(m[2])
	last := map[string]int{"上": 10, "中": 20, "下": 31}[m[3]]
	return endOf(m[1], from, month, last)
}

func resolveMonth(m []string, from Date) (Date, bool) {
	month, _ := strconv.Atoi(m[2])
	return endOf(m[1], from, month, 31)
}

func resolveQuarter(m []string, from Date) (Date, bool) {
	q := map[string]int{"一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4}[m[2]]
	return endOf(m[1], from, 3*q, 31)
}

func resolveHalf(m []string, from Date) (Date, bool) {
	return endOf(m[1], from, map[string]int{"上": 6, "下": 12}[m[2]], 31)
}

func resolveYear(m []string, from Date) (Date, bool) { return endOf(m[1], from, 12, 31) }

// endOf is the given day of a month, or the month's last day when it is shorter.
func endOf(year string, from Date, month, day int) (Date, bool) {
	if month < 1 || month > 12 {
		return "", false
	}
	return inYear(year, from, func(y int) (Date, bool) { return civil(y, month, min(day, monthLength(y, month))) })
}

// inYear puts a day into the written year, or else into the first year in which
// it does not lie before from. Without either, the shape is good and the date unknown.
func inYear(year string, from Date, at func(int) (Date, bool)) (Date, bool) {
	if year != "" {
		y, _ := strconv.Atoi(year)
		return at(y)
	}
	if !from.Valid() {
		return "", true
	}
	// Eight years always hold a 29 February, even across a century.
	for y := from.Year(); y <= from.Year()+8; y++ {
		if d, ok := at(y); ok && d >= from {
			return d, true
		}
	}
	return "", false
}
