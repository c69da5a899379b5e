package ui

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// beijing is the legal time of every date shown.
var beijing = time.FixedZone("UTC+8", 8*60*60)

// noValue stands where something is unknown; it is never shown as 0.
const noValue = "—"

// funcs are the template functions, t bound to one language.
func (s *Set) funcs(lang string) template.FuncMap {
	t := func(key string, args ...any) (string, error) {
		if _, ok := s.words.Lookup(lang, key); !ok && s.strict {
			return "", fmt.Errorf("word %q is missing in %s", key, lang)
		}
		return s.words.T(lang, key, args...), nil
	}
	in := s.words.In(lang)
	return template.FuncMap{
		"t":           t,
		"lang":        func() string { return lang },
		"htmllang":    func() string { return map[string]string{"zh": "zh-CN", "en": "en"}[lang] },
		"other":       func() string { return map[string]string{"zh": "en", "en": "zh"}[lang] },
		"date":        showDate,
		"datetime":    showMoment,
		"num":         showNumber,
		"pct":         showShare,
		"size":        showSize,
		"chip":        func(class, word string) template.HTML { return Chip{Class: class, Word: word}.HTML() },
		"chips":       chips,
		"dueflag":     func(due, today any) template.HTML { return dueFlag(in, showDate(due), showDate(today)) },
		"asset":       s.assets.AssetPath,
		"icon":        Icon,
		"escpath":     url.PathEscape,
		"href":        href,
		"field":       func(kind, name, label string) Field { return Field{Kind: kind, Name: name, Label: label} },
		"empty":       func(title, text string) EmptyState { return EmptyState{Title: title, Text: text} },
		"link":        func(label, href string) Link { return Link{Label: label, Href: href} },
		"cap":         capital,
		"add":         func(a, b int) int { return a + b },
		"nextTheme":   nextTheme,
		"nextSize":    nextSize,
		"nextDensity": nextDensity,
	}
}

// capital writes a label with a capital where its script has them: a word that names
// a kind of record inside of sentences begins small.
func capital(label string) string {
	if label == "" || label[0] < 'a' || label[0] > 'z' {
		return label
	}
	return string(label[0]-'a'+'A') + label[1:]
}

// showDate writes a civil date as 2026-03-10; empty values give a dash. It takes a time (shown in Beijing
// time), a string, or anything that prints itself as a date.
func showDate(v any) string {
	text := ""
	switch x := deref(v).(type) {
	case nil:
	case time.Time:
		if !x.IsZero() {
			text = x.In(beijing).Format(time.DateOnly)
		}
	case string:
		text = x
	case fmt.Stringer:
		text = x.String()
	default:
		text = fmt.Sprint(x)
	}
	if text == "" || strings.HasPrefix(text, "0001-01-01") || text == "0000-00-00" {
		return noValue
	}
	return text
}

// showMoment writes an instant as 2026-03-10 16:40 in Beijing time.
func showMoment(v any) string {
	at := time.Time{}
	switch x := deref(v).(type) {
	case time.Time:
		at = x
	case string:
		parsed, err := time.Parse(time.RFC3339Nano, x)
		if err != nil {
			return showDate(x)
		}
		at = parsed
	default:
		return showDate(v)
	}
	if at.IsZero() {
		return noValue
	}
	return at.In(beijing).Format("2006-01-02 15:04")
}

// deref follows pointers, so that optional values can be given as they are; a nil pointer gives nil.
func deref(v any) any {
	for r := reflect.ValueOf(v); r.IsValid(); r = r.Elem() {
		if r.Kind() != reflect.Pointer {
			return r.Interface()
		}
		if r.IsNil() {
			return nil
		}
	}
	return nil
}

// showNumber groups thousands and keeps at most one decimal.
func showNumber(v any) string {
	r := reflect.ValueOf(deref(v))
	switch {
	case !r.IsValid():
		return noValue
	case r.CanInt():
		return group(strconv.FormatInt(r.Int(), 10))
	case r.CanUint():
		return group(strconv.FormatUint(r.Uint(), 10))
	case r.CanFloat():
		f := r.Float()
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return noValue
		}
		return group(strings.TrimSuffix(strconv.FormatFloat(f, 'f', 1, 64), ".0"))
	}
	return fmt.Sprint(v)
}

func group(digits string) string {
	sign, rest := "", digits
	if strings.HasPrefix(rest, "-") {
		sign, rest = "-", rest[1:]
	}
	whole, part, hasPart := strings.Cut(rest, ".")
	var b strings.Builder
	for i, d := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	if hasPart {
		b.WriteString("." + part)
	}
	return sign + b.String()
}

// showShare writes 0.924 as 92.4%.
func showShare(v any) string {
	r := reflect.ValueOf(deref(v))
	if !r.IsValid() || !r.CanFloat() || math.IsNaN(r.Float()) {
		return noValue
	}
	return strconv.FormatFloat(r.Float()*100, 'f', 1, 64) + "%"
}

// showSize writes a byte count for people.
func showSize(n int64) string {
	const step = 1024
	value, unit := float64(n), 0
	units := []string{"B", "KB", "MB", "GB"}
	for value >= step && unit < len(units)-1 {
		value /= step
		unit++
	}
	return strings.TrimSuffix(strconv.FormatFloat(value, 'f', 1, 64), ".0") + " " + units[unit]
}

// href builds an address with a query from pairs name, value; empty values are left out.
func href(base string, pairs ...any) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if value := plain(pairs[i+1]); value != "" {
			q.Add(plain(pairs[i]), value)
		}
	}
	return withQuery(base, q)
}

func withQuery(base string, q url.Values) string {
	if len(q) == 0 {
		return base
	}
	return base + "?" + q.Encode()
}

// SoonDays is how many days before its date something counts as nearly due (临期) where a room does not
// say otherwise: half of the usual monthly reporting step.
const SoonDays = 15

// dueFlag compares two civil dates; it says nothing when one is unknown or the date is far.
func dueFlag(t func(string, ...any) string, due, today string) template.HTML {
	left, ok := daysBetween(today, due)
	switch {
	case !ok || left > SoonDays:
		return ""
	case left < 0:
		return flag("late", t("flag.overdue", -left))
	case left == 0:
		return flag("wait", t("flag.today"))
	}
	return flag("wait", t("flag.soon", left))
}

func flag(class, word string) template.HTML {
	return template.HTML(`<span class="due ` + class + `">` + html.EscapeString(word) + `</span>`)
}

func daysBetween(from, to string) (int, bool) {
	a, errA := time.Parse(time.DateOnly, from)
	b, errB := time.Parse(time.DateOnly, to)
	if errA != nil || errB != nil {
		return 0, false
	}
	return int(b.Sub(a).Hours() / 24), true
}

// Due returns the flag 超期 or 临期 for two dates, in the language of t, for use in a [Cell].
func Due(t func(string, ...any) string, due, today string) template.HTML {
	return dueFlag(t, due, today)
}
