package group

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"huikan/hantext"
)

//go:embed words.txt
var ownWords string

// Kind of a concept.
type Kind byte

// Kinds of concepts.
const (
	Subject Kind = 's' // what a text is about
	Fault   Kind = 'f' // what is wrong with it
	Common  Kind = 'c' // said of everything
)

// Concept is a set of words that stand for one another.
type Concept struct {
	Kind Kind
	Name string
}

// Lexicon finds concepts in texts. The zero value knows no word.
type Lexicon struct {
	concepts []Concept
	index    map[Concept]int
	words    map[rune][]lexiconWord // by first character, longest first
	broader  map[int]int            // concept → the one it is part of
}

type lexiconWord struct {
	runes   []rune
	concept int
}

// Own is the lexicon that comes with the package; it is shared and must not be changed: Clone it first.
var Own = sync.OnceValue(func() *Lexicon {
	l := &Lexicon{}
	if err := l.Add(ownWords); err != nil {
		panic(err) // an embedded file, read by every test
	}
	return l
})

// Clone copies a lexicon.
func (l *Lexicon) Clone() *Lexicon {
	c := &Lexicon{concepts: slices.Clone(l.concepts), index: map[Concept]int{}, words: map[rune][]lexiconWord{}, broader: maps.Clone(l.broader)}
	for k, v := range l.index {
		c.index[k] = v
	}
	for k, v := range l.words {
		c.words[k] = slices.Clone(v)
	}
	return c
}

// Add reads lines "kind name<TAB>word word …"; blank lines and those that begin with # are passed over. A word that is
// known already goes to the new concept. A name "narrow<broad" says that a text of the narrow concept is not also told
// by the broad one.
func (l *Lexicon) Add(text string) error {
	if l.index == nil {
		l.index, l.words, l.broader = map[Concept]int{}, map[rune][]lexiconWord{}, map[int]int{}
	}
	for n, line := range strings.Split(text, "\n") {
		line = strings.TrimRight(line, "\r")
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		head, words, ok := strings.Cut(line, "\t")
		kind, name, ok2 := strings.Cut(head, " ")
		if !ok || !ok2 || name == "" {
			return fmt.Errorf("line %d: want kind, blank, name, tab, words", n+1)
		}
		name, above, _ := strings.Cut(strings.TrimSpace(name), "<")
		c := Concept{Name: name}
		switch kind {
		case "subject":
			c.Kind = Subject
		case "fault":
			c.Kind = Fault
		case "common":
			c.Kind = Common
		default:
			return fmt.Errorf("line %d: %q is no kind: subject, fault or common", n+1, kind)
		}
		at := l.number(c)
		if above != "" {
			l.broader[at] = l.number(Concept{c.Kind, above})
		}
		for _, w := range strings.Fields(words) {
			l.put([]rune(hantext.NormalizeForMatch(w)), at)
		}
	}
	return nil
}

func (l *Lexicon) number(c Concept) int {
	at, known := l.index[c]
	if !known {
		at = len(l.concepts)
		l.concepts, l.index[c] = append(l.concepts, c), at
	}
	return at
}

func (l *Lexicon) put(w []rune, concept int) {
	if len(w) == 0 {
		return
	}
	list := l.words[w[0]]
	for i := range list {
		if string(list[i].runes) == string(w) {
			list[i].concept = concept
			return
		}
	}
	list = append(list, lexiconWord{w, concept})
	slices.SortStableFunc(list, func(a, b lexiconWord) int { return len(b.runes) - len(a.runes) })
	l.words[w[0]] = list
}

// at finds the longest word that begins at a place.
func (l *Lexicon) at(s []rune) (length, concept int, ok bool) {
	for _, w := range l.words[s[0]] {
		if len(w.runes) <= len(s) && slices.Equal(w.runes, s[:len(w.runes)]) {
			return len(w.runes), w.concept, true
		}
	}
	return 0, 0, false
}

// Subjects names the subjects a text speaks of, in order of appearance.
func (l *Lexicon) Subjects(text string) []string {
	var out []string
	rs := []rune(hantext.NormalizeForMatch(text))
	for i := 0; i < len(rs); {
		n, c, ok := l.at(rs[i:])
		if !ok {
			i++
			continue
		}
		if l.concepts[c].Kind == Subject && !slices.Contains(out, l.concepts[c].Name) {
			out = append(out, l.concepts[c].Name)
		}
		i += n
	}
	return out
}
