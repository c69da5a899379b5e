package hantext

import (
	"strings"

	"github.com/mozillazg/go-pinyin"
)

// tonedReading is the first reading of r as the dictionary writes it.
func tonedReading(r rune) string {
	first, _, _ := strings.Cut(pinyin.PinyinDict[int(r)], ",")
	return first
}
