package person

import (
	"strings"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
)

// Citizen is what an ID number (公民身份号码, GB 11643) says of its owner.
type Citizen struct {
	Number string // 18 characters
	Birth  clock.Date
	Gender string
}

var idWeights = [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}

const (
	idChecks    = "10X98765432"
	firstRegion = "11" // provinces of the standard run from 11 to 82, abroad included
	lastRegion  = "91"
)

// ParseIDNumber reads an ID number of 18 or, from before 1999, of 15 digits,
// also with spaces, full-width digits or a small x. It refuses a wrong check
// digit, an impossible date of birth and one after today.
func ParseIDNumber(s string, today clock.Date) (Citizen, error) {
	n := foldNumber(s)
	if len(n) == 15 && onlyDigits(n) {
		n = n[:6] + "19" + n[6:]
		n += string(idCheck(n))
	}
	if len(n) != 18 || !onlyDigits(n[:17]) {
		return Citizen{}, fault.Invalid("person.error.id_form")
	}
	if n[:2] < firstRegion || n[:2] > lastRegion {
		return Citizen{}, fault.Invalid("person.error.id_region")
	}
	birth, err := clock.ParseDate(n[6:14])
	if err != nil || birth.After(today) {
		return Citizen{}, fault.Invalid("person.error.id_birth")
	}
	if n[17] != idCheck(n[:17]) {
		return Citizen{}, fault.Invalid("person.error.id_check")
	}
	c := Citizen{Number: n, Birth: birth, Gender: Female}
	if (n[16]-'0')%2 == 1 {
		c.Gender = Male
	}
	return c, nil
}

// idCheck is the check character of the first 17 digits.
func idCheck(digits string) byte {
	sum := 0
	for i, w := range idWeights {
		sum += w * int(digits[i]-'0')
	}
	return idChecks[sum%11]
}

func foldNumber(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case r == 'x' || r == 'ｘ' || r == 'Ｘ':
			return 'X'
		case r == ' ' || r == '\t' || r == '\u00a0' || r == '\u3000' || r == '\u200b' || r == '\'':
			return -1
		}
		return r
	}, s)
}

func onlyDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// MaskIDNumber hides the middle: 110***********1234. What is too short to be a
// number is hidden as a whole.
func MaskIDNumber(n string) string {
	if len(n) < 15 {
		return strings.Repeat("*", len(n))
	}
	return n[:3] + strings.Repeat("*", len(n)-7) + n[len(n)-4:]
}

// masked tells a number that was exported by us and comes back unchanged.
func masked(s string) bool { return strings.Contains(s, "***") }

// agree fills sex and birth from the ID number, or refuses what contradicts it.
func agree(p *Person, c Citizen, f *fault.Fields) {
	if p.Birth == "" {
		p.Birth = c.Birth
	} else if p.Birth != c.Birth {
		f.Add("birth", "person.error.id_birth_differs", p.Birth, c.Birth)
	}
	if p.Gender == "" {
		p.Gender = c.Gender
	} else if p.Gender != c.Gender {
		f.Add("gender", "person.error.id_gender_differs", "person.gender."+p.Gender, "person.gender."+c.Gender)
	}
}
