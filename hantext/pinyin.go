package hantext

import (
	"slices"
	"strings"
	"unicode"
)

// evidenceHits is the number of certain marks from which a document counts as annotated, so that marks with a tone
// are removed even when our dictionary lacks that reading.
const evidenceHits = 8

// Noise counts readings removed from a text.
type Noise struct {
	Count int
	Kinds []string // the distinct marks with the character they stood at, in order of appearance, e.g. "問(wèn)"
	seen  map[string]bool
}

func (n *Noise) add(at rune, text string) {
	n.Count++
	if at != 0 {
		text = string(at) + text
	}
	if n.seen == nil {
		n.seen = map[string]bool{}
	}
	if !n.seen[text] {
		n.seen[text] = true
		n.Kinds = append(n.Kinds, text)
	}
}

// StripPinyin removes readings in parentheses that copying sites put beside characters: 訪問(wèn), untoned and
// repeated ones that may belong to the character before or after — 通(bao)(bao)報, (kai)開 — tone digits 均(jun1),
// whole words 巡視(xún shì), half-width and full-width parentheses. A mark goes only if it is a reading of a
// neighbour, or, in a document with at least eight such marks, a syllable with a tone or a repeated one.
// Real parentheses stay: (一), (SPP), (app), and (yuan) where no neighbour is read so.
func StripPinyin(s string) (string, Noise) {
	var noise Noise
	if !strings.ContainsAny(s, "(（[［") {
		return s, noise
	}
	in := []rune(s)
	runs := findRuns(in)
	hits := map[string]int{}
	total := 0
	for i := range runs {
		runs[i].judge(in)
		for _, m := range runs[i].marks {
			if m.hit {
				hits[m.sound]++
				total++
			}
		}
	}
	out := make([]rune, 0, len(in))
	done := 0
	for _, run := range runs {
		for i, m := range run.marks {
			if !m.hit && !(total >= evidenceHits && run.relaxed(i, hits)) {
				continue
			}
			out = append(out, in[done:m.start]...)
			if m.start == run.marks[0].start && isHan(run.before) {
				for len(out) > 0 && out[len(out)-1] == ' ' {
					out = out[:len(out)-1]
				}
			}
			noise.add(run.neighbour(m), string(in[m.start:m.end]))
			done = m.end
		}
	}
	if noise.Count == 0 {
		return s, noise
	}
	return string(append(out, in[done:]...)), noise
}

// mark is one parenthesis that could be a reading; its sound is without tones, ü as v.
type mark struct {
	start, end int
	syllables  []string
	sound      string
	toned      bool
	hit        bool
}

// markRun is a row of marks with nothing between: they share their neighbours.
type markRun struct {
	marks         []mark
	before, after rune // nearest characters on the same line, 0 when there is none
	context       []rune
}

func findRuns(in []rune) []markRun {
	var runs []markRun
	for i := 0; i < len(in); {
		m, ok := parseMark(in, i)
		if !ok {
			i++
			continue
		}
		run := markRun{}
		for ok {
			run.marks = append(run.marks, m)
			i = m.end
			m, ok = parseMark(in, i)
		}
		runs = append(runs, run)
	}
	return runs
}

// parseMark reads an opening parenthesis, up to four syllables of Latin letters, and the closing one.
func parseMark(in []rune, at int) (mark, bool) {
	if at >= len(in) {
		return mark{}, false
	}
	var closing string
	switch in[at] {
	case '(', '（':
		closing = ")）"
	case '[', '［':
		closing = "]］"
	default:
		return mark{}, false
	}
	const longest = 34 // four syllables of six letters with combining tones and blanks
	m := mark{start: at}
	for end := at + 1; end < len(in) && end <= at+longest; end++ {
		if !strings.ContainsRune(closing, in[end]) {
			continue
		}
		m.end = end + 1
		text := string(in[at+1 : end])
		if strings.ContainsAny(text, "\n\r") {
			return mark{}, false
		}
		for _, word := range strings.Fields(text) {
			sound, toned, ok := bareSound(word)
			if !ok {
				return mark{}, false
			}
			m.syllables = append(m.syllables, sound)
			m.toned = m.toned || toned
		}
		m.sound = strings.Join(m.syllables, " ")
		ok := len(m.syllables) >= 1 && len(m.syllables) <= 4
		// Square brackets hold footnotes and references far more often than readings.
		return m, ok && (m.toned || closing == ")）")
	}
	return mark{}, false
}

// judge finds the neighbours of the run and marks what is certainly a reading of one of them.
func (run *markRun) judge(in []rune) {
	first, last := run.marks[0].start, run.marks[len(run.marks)-1].end
	start := first
	for start > 0 && isBlank(in[start-1]) {
		start--
	}
	if start > 0 && in[start-1] != '\n' {
		run.before = in[start-1]
	}
	run.context = in[max(0, start-4):start]
	for last < len(in) && isBlank(in[last]) {
		last++
	}
	if last < len(in) && in[last] != '\n' {
		run.after = in[last]
	}
	for i := range run.marks {
		m := &run.marks[i]
		if len(m.syllables) == 1 {
			m.hit = readAs(run.before, m.sound) || readAs(run.after, m.sound) || joinedReadAs(run.context, m.sound)
		} else {
			m.hit = wordReadAs(run.context, m.syllables)
		}
	}
}

// joinedReadAs tells whether sound is the readings of the last two to four characters written as one word: 通報(tōngbào).
func joinedReadAs(context []rune, sound string) bool {
	if len(sound) > 24 {
		return false
	}
	for n := 2; n <= len(context); n++ {
		if spelledBy(context[len(context)-n:], sound) {
			return true
		}
	}
	return false
}

func spelledBy(word []rune, sound string) bool {
	if len(word) == 0 {
		return sound == ""
	}
	if !isHan(word[0]) {
		return false
	}
	for _, list := range [][]string{readings(word[0]), readings(loadConversion().fold(word[0]))} {
		for _, s := range list {
			if rest, ok := strings.CutPrefix(sound, s); ok && spelledBy(word[1:], rest) {
				return true
			}
		}
	}
	return false
}

func wordReadAs(context []rune, syllables []string) bool {
	if len(context) < len(syllables) {
		return false
	}
	word := context[len(context)-len(syllables):]
	for i, s := range syllables {
		if !readAs(word[i], s) {
			return false
		}
	}
	return true
}

// neighbour is the character that a mark is reported with.
func (run *markRun) neighbour(m mark) rune {
	if isHan(run.before) && (readAs(run.before, m.sound) || !readAs(run.after, m.sound)) {
		return run.before
	}
	if isHan(run.after) {
		return run.after
	}
	return 0
}

// relaxed is the weaker rule inside an annotated document: a syllable with a tone, or one written twice and known
// from elsewhere, beside a character that is Han or broken.
func (run *markRun) relaxed(i int, hits map[string]int) bool {
	m := run.marks[i]
	beside := isHan(run.before) || isHan(run.after) || run.before == '\uFFFD' || run.after == '\uFFFD'
	if !beside || len(m.syllables) != 1 {
		return false
	}
	if m.toned {
		return loadSyllables()[m.sound]
	}
	repeated := i > 0 && run.marks[i-1].sound == m.sound || i+1 < len(run.marks) && run.marks[i+1].sound == m.sound
	return repeated && hits[m.sound] > 0
}

func isHan(r rune) bool {
	return r >= 0x4E00 && r <= 0x9FFF || r >= 0x2E80 && unicode.Is(unicode.Han, r)
}

func isBlank(r rune) bool { return r == ' ' || r == '\t' || r == '\u00A0' || r == '\u3000' }

// readAs tells whether sound (without tone) is a reading of r or of its simplified form.
func readAs(r rune, sound string) bool {
	if !isHan(r) {
		return false
	}
	if slices.Contains(readings(r), sound) {
		return true
	}
	simple := loadConversion().fold(r)
	return simple != r && slices.Contains(readings(simple), sound)
}
