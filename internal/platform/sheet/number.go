package sheet

import (
	"math"
	"strconv"
	"strings"
	"time"
)

func itoa(n int) string { return strconv.Itoa(n) }

// format is what a number format does to a number, as far as a table needs it.
type format uint8

const (
	formatNumber format = iota
	formatPercent
	formatDate
	formatMonth // year and month only: the precision is kept
	formatTime
	formatDateTime
)

// builtin names the formats that files mention by number only (ECMA-376 18.8.30
// with the Chinese additions 27–36 and 50–58).
func builtin(id int) format {
	switch {
	case id == 9, id == 10:
		return formatPercent
	case id == 17, id == 27, id == 57:
		return formatMonth
	case id == 22:
		return formatDateTime
	case id >= 14 && id <= 16, id >= 28 && id <= 31, id == 36, id >= 50 && id <= 54, id == 58:
		return formatDate
	case id >= 18 && id <= 21, id >= 32 && id <= 35, id >= 45 && id <= 47, id == 55, id == 56:
		return formatTime
	}
	return formatNumber
}

// parseFormat reads a format code such as yyyy"年"m"月"d"日" or 0.00%.
func parseFormat(code string) format {
	code = bare(code)
	has := func(s string) bool { return strings.ContainsAny(code, s) }
	date := has("y") || has("d") || has("e") && !has("0#")
	clock := has("h") || has("s")
	switch {
	case strings.Contains(code, "general"):
		return formatNumber
	case date && clock:
		return formatDateTime
	case has("d"), date && !has("m"):
		return formatDate
	case date:
		return formatMonth
	case clock:
		return formatTime
	case has("m") && !has("0#"):
		return formatDate
	case has("%"):
		return formatPercent
	}
	return formatNumber
}

// bare drops what is printed as it stands: quoted text, escaped characters,
// brackets, and every section but the first.
func bare(code string) string {
	var b strings.Builder
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case '"':
			j := strings.IndexByte(code[i+1:], '"')
			if j < 0 {
				return strings.ToLower(b.String())
			}
			i += j + 1
		case '[':
			j := strings.IndexByte(code[i:], ']')
			if j < 0 {
				return strings.ToLower(b.String())
			}
			if in := strings.ToLower(code[i+1 : i+j]); strings.Trim(in, "hms") == "" {
				b.WriteString(in) // elapsed time
			}
			i += j
		case '\\', '_', '*':
			i++
		case ';':
			return strings.ToLower(b.String())
		default:
			b.WriteByte(c)
		}
	}
	return strings.ToLower(b.String())
}

// show writes a number as its reader means it.
func (f format) show(v float64, from1904 bool) string {
	switch {
	case f == formatPercent:
		return plain(v*100) + "%"
	case f == formatNumber, v < 0, v >= 2958466, math.IsNaN(v): // the calendar ends with 9999-12-31
		return plain(v)
	}
	t := serialTime(v, from1904)
	switch {
	case f == formatTime && v < 1:
		return clock(t)
	case f == formatMonth && t.Day() == 1:
		return t.Format("2006-01")
	case f == formatDate, f == formatMonth, v == math.Trunc(v):
		return t.Format("2006-01-02")
	}
	return t.Format("2006-01-02 ") + clock(t)
}

func clock(t time.Time) string {
	if t.Second() == 0 {
		return t.Format("15:04")
	}
	return t.Format("15:04:05")
}

// serialTime counts days as Excel does, with its 29 February 1900 that never was.
func serialTime(v float64, from1904 bool) time.Time {
	base := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if from1904 {
		base = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	} else if v < 60 {
		base = base.AddDate(0, 0, 1)
	}
	days := math.Floor(v)
	secs := math.Round((v - days) * 86400)
	return base.AddDate(0, 0, int(days)).Add(time.Duration(secs) * time.Second)
}

// dateSerial is the inverse for a calendar day from March 1900 on.
func dateSerial(t time.Time) float64 {
	return math.Round(t.Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)).Hours() / 24)
}

// plain writes a number without exponent and without the noise beyond the
// fifteen digits that a spreadsheet keeps.
func plain(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return ""
	}
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return strconv.FormatInt(int64(v), 10)
	}
	r, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 15, 64), 64)
	if err != nil {
		r = v
	}
	if a := math.Abs(r); a >= 1e21 || a < 1e-9 && a > 0 {
		return strconv.FormatFloat(r, 'g', -1, 64)
	}
	return strconv.FormatFloat(r, 'f', -1, 64)
}

func lostDigits(v float64) bool {
	return math.Abs(v) >= 1e15 && v == math.Trunc(v) && math.Abs(v) < 1e19
}
