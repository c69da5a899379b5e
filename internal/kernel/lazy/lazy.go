// Package lazy puts work off until it is asked for: what every command would
// otherwise wait for at its start and few use.
package lazy

import (
	"regexp"
	"sync"
)

// Pattern compiles a regular expression at its first use; one that is wrong panics there.
func Pattern(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}
