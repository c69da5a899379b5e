package hantext

import (
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func normalizeSlowly(s string) string { return strings.ToLower(Simplify(norm.NFKC.String(s))) }

// One pass gives what normalising in all its steps gives, for each character of the table, and for texts in which
// simplified, traditional, open and wide characters, letters and combining marks stand side by side.
func TestPlainTextIsNormalisedInOnePass(t *testing.T) {
	plain := 0
	for _, span := range plainRanges {
		for r := span[0]; r <= span[1]; r++ {
			if got, ok := normalizePlain(string(r)); ok {
				if plain++; got != normalizeSlowly(string(r)) {
					t.Errorf("%q becomes %q, want %q", r, got, normalizeSlowly(string(r)))
				}
			}
		}
	}
	if plain < 18000 {
		t.Errorf("only %d characters are plain", plain)
	}
	if _, ok := normalizePlain("H1-007 抽查公务用车７台，审批单缺失（后补）。"); !ok {
		t.Error("an ordinary sentence is not plain")
	}
	mixed := []rune("审批单缺失后里台面只干乾著着瞭了于於鍾計畫劃後发髮范範AbZ９，。（）·· \n\u3000\u0301\u3099が①㈠ﬁé€\u200b\ufeff𠀀")
	rapid.Check(t, func(r *rapid.T) {
		s := rapid.OneOf(rapid.StringOf(rapid.SampledFrom(mixed)), rapid.String()).Draw(r, "text")
		if got := normalize(s); got != normalizeSlowly(s) {
			r.Fatalf("%q becomes %q, want %q", s, got, normalizeSlowly(s))
		}
	})
}

func TestTheBlockOfUnifiedCharactersIsHan(t *testing.T) {
	for r := rune(0x4E00); r <= 0x9FFF; r++ {
		if !unicode.Is(unicode.Han, r) {
			t.Errorf("%U is no Han character", r)
		}
	}
}
