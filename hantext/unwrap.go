package hantext

import "strings"

// unwrap joins lines that printing broke: a date or number cut in two always; other lines only in a document that is
// plainly wrapped, where most lines reach the same width and end in the middle of a sentence.
func unwrap(lines []line) []line {
	width, wrapped := wrapWidth(lines)
	indents := 0
	for _, l := range lines {
		if l.indented {
			indents++
		}
	}
	var out []line
	lastWidth := 0 // of the last physical line, which decides whether it was full
	for _, l := range lines {
		own := physicalWidth(l)
		if n := len(out); n > 0 && !l.gap {
			prev := &out[n-1]
			full := wrapped && lastWidth >= width-5
			ended := endsSentence(prev.text)
			// A full line that ends with a full stop goes on only where new paragraphs show themselves by indents.
			joins := cutNumber(prev.text, l.text) || full && !startsItem(l) && (!ended || indents >= 2)
			if joins {
				prev.text += gapBetween(prev.text, l.text) + l.text
				lastWidth = own
				continue
			}
		}
		out = append(out, l)
		lastWidth = own
	}
	return out
}

func startsItem(l line) bool { return l.indented || numbering().MatchString(l.text) }

func endsSentence(s string) bool {
	return strings.HasSuffix(strings.TrimRight(s, "”’）)》"), "。") || strings.HasSuffix(s, "！") || strings.HasSuffix(s, "？") || strings.HasSuffix(s, "：") || strings.HasSuffix(s, ":")
}

// gapBetween keeps words of letters apart.
func gapBetween(a, b string) string {
	if last, first := a[len(a)-1], b[0]; isLatin(last) && isLatin(first) {
		return " "
	}
	return ""
}

func isLatin(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// cutNumber tells whether the line end divides a date: 2024年3 / 月1日.
func cutNumber(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	endsDigit, startsDigit := isDigit(a[len(a)-1]), isDigit(b[0])
	startsUnit := strings.HasPrefix(b, "年") && len(b) > 3 || strings.HasPrefix(b, "月") || strings.HasPrefix(b, "日")
	endsUnit := strings.HasSuffix(a, "年") || strings.HasSuffix(a, "月")
	switch {
	case endsDigit && startsUnit:
		return true
	case endsUnit && startsDigit:
		digitsBefore := len(a) > 3 && isDigit(a[len(a)-4])
		digits := len(b) - len(strings.TrimLeft(b, "0123456789"))
		unit := b[digits:]
		return digitsBefore && digits <= 2 && (strings.HasPrefix(unit, "月") || strings.HasPrefix(unit, "日"))
	}
	return false
}

// wrapWidth finds the common full width of the lines, and whether the document is wrapped at it.
func wrapWidth(lines []line) (width int, wrapped bool) {
	if len(lines) < 6 {
		return 0, false
	}
	const widest = 130
	widths := make([]int, len(lines))
	var count [widest + 1]int
	for i, l := range lines {
		widths[i] = physicalWidth(l)
		if widths[i] <= widest {
			count[widths[i]]++
		}
	}
	best := 0
	for w := 36; w <= widest; w++ {
		near := 0
		for v := w - 5; v <= w; v++ {
			near += count[v]
		}
		if near > best || near == best && count[w] > 0 {
			best, width = near, w
		}
	}
	longer, full, open := 0, 0, 0
	for i, l := range lines {
		switch w := widths[i]; {
		case w > width+2:
			longer++
		case w >= width-5:
			full++
			if !endsSentence(l.text) {
				open++
			}
		}
	}
	return width, best > 0 && full*2 >= len(lines) && open*2 >= full && longer*10 <= len(lines)
}

// physicalWidth is the width of the line as printed, with the indent that marks a paragraph.
func physicalWidth(l line) int {
	if l.indented {
		return displayWidth(l.text) + 4
	}
	return displayWidth(l.text)
}

// displayWidth counts Chinese characters as two.
func displayWidth(s string) int {
	n := 0
	for _, r := range s {
		if n++; r >= 0x2000 {
			n++
		}
	}
	return n
}
