package notice

import (
	"slices"
	"strings"

	"huikan/internal/kernel/fault"
)

// Candidates are the pieces of a text that could be the name of a person: two
// to four Han characters in a row, in order of the text. Whether somebody bears
// the name is looked up.
func Candidates(text string) []string {
	seen := map[string]bool{}
	var out []string
	for run := range strings.FieldsFuncSeq(text, func(r rune) bool { return r < 0x3400 || r > 0x9fff }) {
		rs := []rune(run)
		for i := range rs {
			for n := 2; n <= 4 && i+n <= len(rs); n++ {
				if w := string(rs[i : i+n]); !seen[w] {
					seen[w] = true
					out = append(out, w)
				}
			}
		}
	}
	return out
}

// Found is what a look-up says about a text: names of staff in it, and which of
// them belong to somebody who recorded or reported something.
type Found struct {
	Staff     []string
	Protected []string
}

// JudgeNames refuses names where none may stand. bears are words that the author
// confirmed to be no names; they never excuse a protected person by mistake of
// his own: a protected name is refused in any case.
func (n Notice) JudgeNames(bad *fault.Fields, body, public Found) {
	protected := func(field string, f Found) bool {
		if len(f.Protected) > 0 {
			// Which name it is would tell the author who recorded something.
			bad.Add(field, "notice.bad.protected")
			return true
		}
		return false
	}
	open := func(f Found) []string {
		return slices.DeleteFunc(slices.Clone(f.Staff), func(w string) bool { return slices.Contains(n.Words, w) })
	}
	if !protected("body", body) && !slices.Contains(naming, n.Kind) {
		if left := open(body); len(left) > 0 {
			bad.Add("body", "notice.bad.named", strings.Join(left, "、"))
		}
	}
	if !protected("public_body", public) && !slices.Contains(naming, n.Kind) {
		if left := open(public); len(left) > 0 {
			bad.Add("public_body", "notice.bad.named", strings.Join(left, "、"))
		}
	}
}
