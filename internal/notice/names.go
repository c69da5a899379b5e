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
	open := func(f Found) []string {
		return slices.DeleteFunc(slices.Clone(f.Staff), func(w string) bool { return slices.Contains(n.Words, w) })
	}
	judge := func(field string, f Found) {
		left := open(f)
		if slices.Contains(naming, n.Kind) {
			left = nil
		}
		// Where nobody may be named, a recorder's name is refused like any other one:
		// another answer would tell the author who recorded something. So it is left
		// to the other refusal only where names may stand, or the word was excused.
		if slices.ContainsFunc(f.Protected, func(w string) bool { return !slices.Contains(left, w) }) {
			bad.Add(field, "notice.bad.protected")
		} else if len(left) > 0 {
			bad.Add(field, "notice.bad.named", strings.Join(left, "、"))
		}
	}
	judge("body", body)
	judge("public_body", public)
}
