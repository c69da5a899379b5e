package app

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// The same code has the same word in every room: a serious finding is a serious item
// of the ledger and a serious item of a sample.
func TestOneWordForOneCode(t *testing.T) {
	read := func(room, lang string) (out map[string]string) {
		raw, err := os.ReadFile("../" + room + "/words." + lang + ".json")
		if err == nil {
			err = json.Unmarshal(raw, &out)
		}
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for _, lang := range []string{"zh", "en"} {
		first, n := read("inspection", lang), 0
		for room, prefix := range map[string]string{"rectification": "item.", "lookback": "sample."} {
			other := read(room, lang)
			for key, word := range first {
				code, ok := strings.CutPrefix(key, "finding.")
				if kind, of := strings.CutPrefix(key, "round.kind."); of {
					code, ok = "work."+kind, true
				} else if !ok || !strings.HasPrefix(code, "severity.") && !strings.HasPrefix(code, "category.") {
					continue
				}
				if got := other[prefix+code]; got != "" && got != word {
					t.Errorf("%s: %s is %q in %s and %q in inspection", lang, code, got, room, word)
				} else if got != "" {
					n++
				}
			}
		}
		if n < 25 {
			t.Errorf("%s: only %d words compared", lang, n)
		}
	}
}
