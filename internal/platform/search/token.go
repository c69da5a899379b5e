package search

import (
	"slices"
	"strconv"
	"strings"

	"huikan/hantext"
)

// The bounds of one part of a text. PostgreSQL keeps positions up to 16,383 in a
// vector and at most 256 of one lexeme (its documentation, "Text Search
// Limitations"); what lies beyond is silently not found, so a part ends before.
const (
	maxTokens = 16_000
	maxSame   = 255
)

// A phrase that lies across two parts is found because they overlap. overlap is
// also the longest phrase that is looked for as one; longer ones are cut there.
const overlap = 100

// The bounds of one question.
const (
	maxPhrases = 16
	maxLatin   = 100 // of a Latin run: no database takes endless lexemes, no word is longer
)

// chunks divides tokens into overlapping parts within the bounds.
func chunks(tokens []string) [][]string {
	var out [][]string
	for i := range tokens {
		tokens[i] = cut(tokens[i])
	}
	for at := 0; at < len(tokens); {
		same := map[string]int{}
		end := at
		for end < len(tokens) && end-at < maxTokens && same[tokens[end]] < maxSame {
			same[tokens[end]]++
			end++
		}
		out = append(out, tokens[at:end])
		if end == len(tokens) {
			break
		}
		at = end - overlap
	}
	return out
}

func cut(token string) string {
	if len(token) > maxLatin {
		return token[:maxLatin] // Han tokens have two characters: this one is ASCII
	}
	return token
}

// phrases are what a record must hold to answer a question, each at most once.
func phrases(text string) [][]string {
	var out [][]string
	for _, p := range hantext.Query(text) {
		tokens := strings.Split(p, " ")
		tokens = tokens[:min(len(tokens), overlap)]
		for i := range tokens {
			tokens[i] = cut(tokens[i])
		}
		if !slices.ContainsFunc(out, func(o []string) bool { return slices.Equal(o, tokens) }) {
			out = append(out, tokens)
		}
	}
	return out[:min(len(out), maxPhrases)]
}

// ftsquery writes a phrase for FTS5: "整改 改情", or "整" * for a lone character.
// Tokens hold no quotes.
func ftsquery(phrase []string) string {
	if one, ok := strings.CutSuffix(phrase[0], "*"); ok {
		return `"` + one + `" *`
	}
	return `"` + strings.Join(phrase, " ") + `"`
}

// tsquery writes a phrase for PostgreSQL: '整改' <-> '改情', or '整':*.
func tsquery(phrase []string) string {
	if one, ok := strings.CutSuffix(phrase[0], "*"); ok {
		return "'" + one + "':*"
	}
	return "'" + strings.Join(phrase, "' <-> '") + "'"
}

// kindWord is the word by which a text of a kind is known in PostgreSQL's index;
// no token begins with its sign.
func kindWord(kind string) string { return "'#" + kind + "'" }

// vector writes tokens with their positions as PostgreSQL's literal of a vector,
// and the kind without one: '整改':1,7 '改情':2 '#item'. No parser stands between,
// so no locale changes the words.
func vector(kind string, tokens []string) string {
	at := map[string][]int{}
	var order []string
	for i, t := range tokens {
		if at[t] == nil {
			order = append(order, t)
		}
		at[t] = append(at[t], i+1)
	}
	var b strings.Builder
	for _, t := range order {
		b.WriteString("'" + t + "':")
		for i, n := range at[t] {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(strconv.Itoa(n))
		}
		b.WriteByte(' ')
	}
	b.WriteString(kindWord(kind))
	return b.String()
}
