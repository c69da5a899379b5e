package screening

import "testing"

// Names on one number are counted once each, in whatever order the rows come.
func TestNamesOnOneNumber(t *testing.T) {
	const no = "410102196501011234"
	c := newCounter()
	for i, name := range []string{"甲", "乙", "甲", "乙", "甲", "丙", "乙"} {
		if c.number(no, name) || c.crowded(no) {
			t.Fatalf("row %d: three names are too many", i)
		}
	}
	if !c.number(no, "丁") || !c.number(no, "甲") || !c.crowded(no) {
		t.Error("a number of four names is still somebody's")
	}
}
