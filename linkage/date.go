package linkage

import "unicode/utf8"

// date is a civil date with its precision: year<<9 | month<<5 | day, where month and day are 0 when not known. 0 is no
// date.
type date uint32

func makeDate(y, m, d int) date {
	if y < 1900 || y > 2099 {
		return 0
	}
	if m < 1 || m > 12 {
		return date(y) << 9
	}
	if d < 1 || d > monthDays(y, m) {
		d = 0
	}
	return date(y)<<9 | date(m)<<5 | date(d)
}

func monthDays(y, m int) int {
	switch m {
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

func (d date) year() int  { return int(d >> 9) }
func (d date) month() int { return int(d >> 5 & 15) }
func (d date) day() int   { return int(d & 31) }

// days counts from year 0, good enough for differences.
func (d date) days() int {
	y, m := d.year(), d.month()
	if m < 3 {
		y--
		m += 12
	}
	return 365*y + y/4 - y/100 + y/400 + (153*(m-3)+2)/5 + d.day()
}

// filler is the first of January, which forms put in when only the year is known.
func (d date) filler() bool { return d&0x1FF == 1<<5|1 }

// parseDate reads a date as registers write it: 1990-03-26, 19900326, 1990.3, 1990年3月26日, 1990, 90-3-26, 26/3/1990 and
// the number a spreadsheet keeps for a day.
func parseDate(s []byte) date {
	if len(s) == 10 && s[4] == '-' && s[7] == '-' { // as it should be written
		y, m, d := number(s[:4]), number(s[5:7]), number(s[8:])
		if y >= 0 && m >= 0 && d >= 0 {
			return makeDate(y, m, d)
		}
	}
	var num [3]int
	var width [3]int
	n, in := 0, false
	for i := 0; i < len(s); {
		r, w := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, w = utf8.DecodeRune(s[i:])
		}
		i += w
		if r >= '０' && r <= '９' {
			r -= '０' - '0'
		}
		if r >= '0' && r <= '9' {
			if !in {
				if n == 3 {
					break // a time of day
				}
				n++
				in = true
			}
			if width[n-1] == 8 {
				return 0
			}
			num[n-1] = num[n-1]*10 + int(r-'0')
			width[n-1]++
			continue
		}
		in = false
		switch r {
		case '-', '.', '/', '年', '月', '日', ' ', '\'', '－', '．', '／', '、', 0x3000, 'T', ':', '"', 0xFEFF:
		default:
			return 0
		}
	}
	switch {
	case n == 0:
		return 0
	case n == 1:
		v := num[0]
		switch width[0] {
		case 8:
			return makeDate(v/10000, v/100%100, v%100)
		case 6:
			if y := v / 100; y >= 1900 && y < 2100 && v%100 <= 12 {
				return makeDate(y, v%100, 0)
			}
			return makeDate(century(v/10000), v/100%100, v%100)
		case 5:
			if v > 3000 && v < 55000 {
				return serialDate(v)
			}
			return 0
		case 4:
			return makeDate(v, 0, 0)
		}
		return 0
	case width[0] == 4:
		return makeDate(num[0], num[1], num[2])
	case width[0] <= 2 && n == 3 && width[2] == 4:
		a, b := num[0], num[1]
		switch {
		case a > 12:
			return makeDate(num[2], b, a)
		case b > 12:
			return makeDate(num[2], a, b)
		case a == b:
			return makeDate(num[2], a, b)
		}
		return makeDate(num[2], 0, 0)
	case width[0] == 2 && n >= 2 && width[1] <= 2:
		return makeDate(century(num[0]), num[1], num[2])
	case n == 2 && width[1] == 4 && num[0] <= 12:
		return makeDate(num[1], num[0], 0)
	}
	return 0
}

// number is a run of decimal digits, -1 where there is another character.
func number(s []byte) int {
	n := 0
	for _, c := range s {
		if c -= '0'; c > 9 {
			return -1
		}
		n = n*10 + int(c)
	}
	return n
}

func century(y int) int {
	if y < 30 {
		return 2000 + y
	}
	return 1900 + y
}

func serialDate(v int) date {
	y, left := 1900, v-1 // a spreadsheet believes in 29 February 1900
	if v > 59 {
		left--
	}
	for {
		n := 365
		if monthDays(y, 2) == 29 {
			n = 366
		}
		if left < n {
			break
		}
		left -= n
		y++
	}
	m := 1
	for left >= monthDays(y, m) {
		left -= monthDays(y, m)
		m++
	}
	return makeDate(y, m, left+1)
}

// Levels of agreement between two dates of birth, from best to worst.
const (
	birthMissing = iota
	birthDay     // same day
	birthMonth   // same month, one side says no more
	birthYear    // same year, one side says no more
	birthTurned  // day and month exchanged
	birthTypo    // one part differs by one digit
	birthNear    // same day and month, one to three years apart
	birthLunar   // 15 to 56 days apart: one by the moon's calendar
	birthSameY   // same year, nothing else
	birthNextY   // one year apart
	birthFar
	birthLevels
)

func compareDates(a, b date) uint8 {
	switch {
	case a == 0 || b == 0:
		return birthMissing
	case a == b:
		switch {
		case a.month() == 0:
			return birthYear
		case a.day() == 0:
			return birthMonth
		case a.filler():
			return birthMonth
		}
		return birthDay
	}
	ya, yb := a.year(), b.year()
	gap := ya - yb
	if gap < 0 {
		gap = -gap
	}
	if a.filler() || b.filler() || a.month() == 0 || b.month() == 0 {
		switch gap {
		case 0:
			return birthYear
		case 1:
			return birthNextY
		}
		return birthFar
	}
	if a.day() == 0 || b.day() == 0 {
		switch {
		case gap == 0 && a.month() == b.month():
			return birthMonth
		case gap == 0:
			return birthSameY
		case gap == 1:
			return birthNextY
		}
		return birthFar
	}
	switch {
	case gap == 0 && a.month() == b.day() && a.day() == b.month():
		return birthTurned
	case a.month() == b.month() && a.day() == b.day() && gap <= 3:
		return birthNear
	case a.month() == b.month() && a.day() == b.day() && oneDigit(ya, yb), gap == 0 && a.month() == b.month() && oneDigit(a.day(), b.day()), gap == 0 && a.day() == b.day() && oneDigit(a.month(), b.month()):
		return birthTypo
	}
	if gap <= 1 {
		if d := a.days() - b.days(); d >= 15 && d <= 56 || d <= -15 && d >= -56 {
			return birthLunar
		}
	}
	switch gap {
	case 0:
		return birthSameY
	case 1:
		return birthNextY
	}
	return birthFar
}

// oneDigit says whether two numbers differ in one decimal place, or have two neighbours exchanged.
func oneDigit(a, b int) bool {
	n := 0
	var da, db [4]int
	for i := 0; a > 0 || b > 0; i++ {
		da[i%4], db[i%4] = a%10, b%10
		if a%10 != b%10 {
			n++
		}
		a, b = a/10, b/10
	}
	if n == 2 {
		for i := range 3 {
			if da[i] == db[i+1] && da[i+1] == db[i] && da[i] != da[i+1] {
				return true
			}
		}
	}
	return n == 1
}

// birthRank orders levels by how well they agree.
var birthRank = [birthLevels]uint8{birthMissing: 0, birthFar: 1, birthNextY: 2, birthSameY: 3, birthLunar: 4, birthNear: 5, birthTypo: 6, birthTurned: 7, birthYear: 8, birthMonth: 9, birthDay: 10}
