package hantext

import (
	"regexp"
	"sync"
)

// lazily compiles a pattern at its first use: all of them together take longer
// than the rest of a program's start, and most runs need few.
func lazily(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}
