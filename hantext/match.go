package hantext

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// NormalizeForMatch brings two spellings of the same text together: compatibility forms, traditional characters and
// capitals are folded, blanks and invisible characters left out.
func NormalizeForMatch(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, normalize(s))
}

func normalize(s string) string {
	if out, ok := normalizePlain(s); ok {
		return out
	}
	return strings.ToLower(Simplify(norm.NFKC.String(s)))
}

// Bigrams gives the tokens of full-text search: every pair of neighbouring Han characters, the last character of each
// row of Han on its own (so that a search for one character, asked as a prefix, finds every occurrence), and runs of
// a–z and 0–9. Nothing else becomes a token, so that no database's parser can split them again.
func Bigrams(s string) []string {
	var tokens []string
	eachRun(s, func(run []rune, han bool) {
		if !han {
			tokens = append(tokens, string(run))
			return
		}
		tokens = append(tokens, pairs(run)...)
		tokens = append(tokens, string(run[len(run)-1]))
	})
	return tokens
}

// Runs gives the runs of a text that Bigrams makes tokens of, divided by single blanks, with one before the first and
// after the last: it holds a phrase of Han characters as it is written, and a word of a–z and 0–9 between blanks,
// exactly when the tokens of the one stand next to each other among those of the other.
func Runs(s string) string {
	var b strings.Builder
	b.Grow(len(s) + 2)
	b.WriteByte(' ')
	eachRun(s, func(run []rune, _ bool) {
		for _, r := range run {
			b.WriteRune(r)
		}
		b.WriteByte(' ')
	})
	return b.String()
}

// Query gives the phrases that a text must all hold to match s: tokens as Bigrams makes them, divided by single
// blanks, to be found next to each other. A lone Han character becomes a prefix, marked by a final "*".
func Query(s string) []string {
	var phrases []string
	eachRun(s, func(run []rune, han bool) {
		switch {
		case !han:
			phrases = append(phrases, string(run))
		case len(run) == 1:
			phrases = append(phrases, string(run)+"*")
		default:
			phrases = append(phrases, strings.Join(pairs(run), " "))
		}
	})
	return phrases
}

func pairs(run []rune) []string {
	list := make([]string, 0, len(run))
	for i := 0; i+1 < len(run); i++ {
		list = append(list, string(run[i:i+2]))
	}
	return list
}

// eachRun calls yield for every maximal run of Han characters and of a–z, 0–9 in the normalised text.
func eachRun(s string, yield func(run []rune, han bool)) {
	var run []rune
	kind := 0
	flush := func() {
		if len(run) > 0 {
			yield(run, kind == 1)
		}
		run = run[:0]
	}
	for _, r := range normalize(s) {
		next := 0
		switch {
		case isHan(r):
			next = 1
		case r >= 'a' && r <= 'z' || isDigit(r):
			next = 2
		case unicode.Is(unicode.Cf, r):
			continue
		}
		if next != kind {
			flush()
			kind = next
		}
		if next != 0 {
			run = append(run, r)
		}
	}
	flush()
}
