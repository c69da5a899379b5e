package search

import (
	"strings"

	"huikan/hantext"
	"huikan/internal/platform/db"
)

// lettersFrom is where the characters begin that stand for a–z and 0–9 in the index
// of initials: of CJK Extension G, which no title of ours is written in. So initials
// are found as Han characters are, from any place on and next to each other, and
// never by words of the text.
const lettersFrom = 0x30000

// Initials is a text that makes a title findable by the first letters of its
// readings, to be added to what Put is given.
func Initials(title string) string { return stand(hantext.Initials(title)) }

func stand(letters string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return lettersFrom + r - 'a'
		case r >= '0' && r <= '9':
			return lettersFrom + 26 + r - '0'
		}
		return ' '
	}, letters)
}

// Cond is the condition that a record of a kind, whose id is in a column, holds a
// text, or was put with Initials that hold it when it is letters only. It is "" when
// there is nothing to look for.
func Cond(engine db.Engine, kind, column, text string, args *[]any) string {
	words := Match(engine, kind, text, args)
	if words == "" {
		return ""
	}
	cond := column + " IN (" + words + ")"
	letters := strings.ToLower(strings.TrimSpace(text))
	if len(letters) < 2 || strings.Trim(letters, "abcdefghijklmnopqrstuvwxyz") != "" {
		return cond
	}
	return "(" + cond + " OR " + column + " IN (" + Match(engine, kind, stand(letters), args) + "))"
}
