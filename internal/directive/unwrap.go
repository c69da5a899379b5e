package directive

import (
	"strings"
	"unicode/utf8"

	"huikan/hantext"
	"huikan/internal/kernel/lazy"
)

var (
	pageNumber = lazy.Pattern(`^[\s—–\-－·]*[0-9]{1,4}[\s—–\-－·]*$`)
	newItem    = lazy.Pattern(`^(?:[一二三四五六七八九十]+[、是要]|[（(][一二三四五六七八九十0-9]+[）)]|第[一二三四五六七八九十]+[、，]|[0-9]+[.、．])`)
)

// What a text copied out of a PDF looks like: lines of one width that end in the
// middle of a sentence.
const (
	wrapNarrow = 12 // characters of the narrowest page
	wrapLines  = 3  // so many lines at least have to look cut
)

// Unwrap puts lines together that a page has cut (domain G10): a text copied out
// of a PDF has a line for each line of the page. A line goes on in the next one
// when it is nearly as long as the longest, does not end a sentence, and the next
// does not begin an item. Page numbers between them are left out. It tells whether
// it found such a text; any other is given back as it came.
func Unwrap(a hantext.Article) (hantext.Article, bool) {
	width := 0
	for _, p := range a.Body {
		n := utf8.RuneCountInString(strings.TrimSpace(p))
		if !ends(p) && n > width {
			width = n
		}
	}
	cut := func(p string) bool {
		n := utf8.RuneCountInString(strings.TrimSpace(p))
		return !ends(p) && n >= wrapNarrow && n*10 >= width*6
	}
	found, longest := 0, 0
	for i, p := range a.Body {
		longest = max(longest, utf8.RuneCountInString(p))
		if i+1 < len(a.Body) && cut(p) && !newItem().MatchString(strings.TrimSpace(a.Body[i+1])) {
			found++
		}
	}
	// A paragraph much longer than the lines says that this page cuts nothing.
	if found < wrapLines || found*4 < len(a.Body) || longest > width*2 {
		return a, false
	}
	var body []string
	open := false
	for _, p := range a.Body {
		line := strings.TrimSpace(p)
		if pageNumber().MatchString(line) {
			continue
		}
		if open && !newItem().MatchString(line) {
			body[len(body)-1] += line
		} else {
			body = append(body, line)
		}
		open = cut(line)
	}
	a.Body = body
	return a, true
}

// ends tells whether a line ends a sentence or announces what follows.
func ends(line string) bool {
	r, _ := utf8.DecodeLastRuneInString(strings.TrimRight(line, " 　”’」』）)》"))
	return strings.ContainsRune("。！？；：!?;:", r)
}
