package document

import "strings"

// cell is a table cell before its spans are resolved.
type cell struct {
	text       string
	cols, rows int  // how far it reaches, at least 1
	below      bool // continues the cell above (Word's vertical merge)
}

// grid resolves spans: a cell that spans is repeated in every place it covers,
// so that every row of a ledger can be read by itself. Cells beyond the bound
// are dropped; the bound is on the table as a whole.
func grid(rows [][]cell, budget *int) [][]string {
	type over struct {
		text string
		left int
	}
	var out [][]string
	hang := map[int]over{} // column → cell of an earlier row that reaches down
	for _, r := range rows {
		var line []string
		fill := func() {
			for {
				o, ok := hang[len(line)]
				if !ok {
					return
				}
				if *budget--; *budget < 0 { // rows reaching into rows grow without end
					return
				}
				if o.left--; o.left == 0 {
					delete(hang, len(line))
				} else {
					hang[len(line)] = o
				}
				line = append(line, o.text)
			}
		}
		for _, c := range r {
			fill()
			for range min(max(c.cols, 1), maxSpan) {
				if *budget--; *budget < 0 {
					return out
				}
				text := c.text
				if c.below && len(out) > 0 && len(line) < len(out[len(out)-1]) {
					text = out[len(out)-1][len(line)]
				}
				if c.rows > 1 {
					hang[len(line)] = over{text, min(c.rows, maxSpan) - 1}
				}
				line = append(line, text)
			}
		}
		fill()
		if *budget < 0 {
			return out
		}
		out = append(out, line)
	}
	return out
}

// rowLine is a table row among the paragraphs: cells by tab, nothing repeated.
func rowLine(r []cell) string {
	parts := make([]string, len(r))
	for i, c := range r {
		parts[i] = strings.Join(strings.Fields(strings.ReplaceAll(c.text, "\t", " ")), " ")
	}
	return strings.TrimRight(strings.Join(parts, "\t"), "\t")
}
