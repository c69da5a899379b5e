package web

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Codes are the codes whose word, in any language of a room, holds a text: under
// the key prefix + code. So a room finds records by the name of their kind, which
// stands in no row. One character asks for too much and finds none.
func Codes(words map[string]map[string]string, prefix, text string) []string {
	text = strings.ToLower(strings.TrimSpace(text))
	if utf8.RuneCountInString(text) < 2 {
		return nil
	}
	var out []string
	for _, lang := range words {
		for key, word := range lang {
			code, ok := strings.CutPrefix(key, prefix)
			if ok && code != "" && !strings.Contains(code, ".") && strings.Contains(strings.ToLower(word), text) {
				out = append(out, code)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
