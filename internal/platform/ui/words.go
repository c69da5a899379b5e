package ui

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed words/*.json
var wordFiles embed.FS

// Languages lists the catalogue languages; the first one is the fall-back.
var Languages = []string{"zh", "en"}

// usualWords is about how many words all rooms together have.
const usualWords = 8000

// Words is the catalogue: language → key → text. It is safe for concurrent use.
type Words struct {
	mu    sync.RWMutex
	texts map[string]map[string]string
}

func newWords() (*Words, error) {
	w := &Words{texts: map[string]map[string]string{}}
	shared := map[string]map[string]string{}
	for _, lang := range Languages {
		raw, err := wordFiles.ReadFile("words/words." + lang + ".json")
		if err != nil {
			return nil, fmt.Errorf("reading the %s catalogue: %w", lang, err)
		}
		table := map[string]string{}
		if err := json.Unmarshal(raw, &table); err != nil {
			return nil, fmt.Errorf("reading the %s catalogue: %w", lang, err)
		}
		shared[lang] = table
	}
	if err := w.add(shared); err != nil {
		return nil, err
	}
	return w, nil
}

// add merges a table after checking that no key is taken and that the languages agree.
func (w *Words) add(table map[string]map[string]string) error {
	if err := checkTable(table); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for lang, texts := range table {
		if w.texts[lang] == nil {
			w.texts[lang] = make(map[string]string, usualWords)
		}
		for key, text := range texts {
			if _, taken := w.texts[lang][key]; taken {
				return fmt.Errorf("word %q (%s) is defined twice", key, lang)
			}
			w.texts[lang][key] = text
		}
	}
	return nil
}

// checkTable holds the languages of one table against each other: same keys, same placeholders.
func checkTable(table map[string]map[string]string) error {
	for lang := range table {
		if !slices.Contains(Languages, lang) {
			return fmt.Errorf("unknown catalogue language %q", lang)
		}
	}
	var wrong []string
	for i, lang := range Languages {
		for j, other := range Languages {
			if i == j {
				continue
			}
			for key, theirs := range table[other] {
				text, ok := table[lang][key]
				switch {
				case !ok:
					wrong = append(wrong, fmt.Sprintf("word %q is missing in %s", key, lang))
				case text == "":
					wrong = append(wrong, fmt.Sprintf("word %q is empty in %s", key, lang))
				case i < j && (strings.Contains(text, "{") || strings.Contains(theirs, "{")) && !slices.Equal(placeholders(text), placeholders(theirs)):
					wrong = append(wrong, fmt.Sprintf("word %q has placeholders %v in %s but %v in %s", key, placeholders(text), lang, placeholders(theirs), other))
				}
			}
		}
	}
	if len(wrong) > 0 {
		return errors.New(slices.Min(wrong))
	}
	return nil
}

// placeholderForm matches {0}, {name} and {0|one|many}.
var placeholderForm = regexp.MustCompile(`\{([a-z_0-9]+)(?:\|([^{}|]*)\|([^{}|]*))?\}`)

func placeholders(text string) []string {
	if !strings.Contains(text, "{") {
		return nil
	}
	seen := map[string]bool{}
	for _, m := range placeholderForm.FindAllStringSubmatch(text, -1) {
		seen[m[1]] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

// Lookup returns the raw text of a key.
func (w *Words) Lookup(lang, key string) (string, bool) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	text, ok := w.texts[lang][key]
	return text, ok
}

// T returns the text of key in lang with its placeholders filled. {0} {1} take the arguments in order;
// {name} takes them from one map argument or from pairs name, value; {0|item|items} writes the first word
// when the argument is one and the second otherwise. A missing key yields ⟦key⟧, visible but harmless.
func (w *Words) T(lang, key string, args ...any) string {
	text, ok := w.Lookup(lang, key)
	if !ok {
		return "⟦" + key + "⟧"
	}
	return fill(text, args)
}

// Say is T for a sentence that was made where no words are known: values that are keys
// themselves (a record kind, a state) are told by their words, so that it never shows
// an identifier.
func (w *Words) Say(lang, key string, args ...any) string {
	args = slices.Clone(args)
	for i, a := range args {
		s, ok := a.(string)
		for _, name := range []string{s, "kind." + s} {
			if text, known := w.Lookup(lang, name); ok && known {
				args[i] = text
				break
			}
		}
	}
	return w.T(lang, key, args...)
}

// In returns T bound to one language, handy for building components.
func (w *Words) In(lang string) func(key string, args ...any) string {
	return func(key string, args ...any) string { return w.T(lang, key, args...) }
}

// Keys lists the keys of a language in order.
func (w *Words) Keys(lang string) []string {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return slices.Sorted(maps.Keys(w.texts[lang]))
}

func fill(text string, args []any) string {
	if !strings.Contains(text, "{") {
		return text
	}
	return placeholderForm.ReplaceAllStringFunc(text, func(whole string) string {
		m := placeholderForm.FindStringSubmatch(whole)
		value, ok := argument(m[1], args)
		switch {
		case !ok:
			return whole
		case m[2] == "" && m[3] == "":
			return value
		case value == "1":
			return m[2]
		}
		return m[3]
	})
}

// argument finds the value of one placeholder among positional, paired or mapped arguments.
func argument(name string, args []any) (string, bool) {
	if i, err := strconv.Atoi(name); err == nil {
		if i < len(args) {
			return plain(args[i]), true
		}
		return "", false
	}
	if len(args) == 1 {
		switch m := args[0].(type) {
		case map[string]any:
			v, ok := m[name]
			return plain(v), ok
		case map[string]string:
			v, ok := m[name]
			return v, ok
		}
	}
	for i := 0; i+1 < len(args); i += 2 {
		if key, ok := args[i].(string); ok && key == name {
			return plain(args[i+1]), true
		}
	}
	return "", false
}

func plain(v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case string:
		return x
	}
	return fmt.Sprint(v)
}
