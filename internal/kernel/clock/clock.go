package clock

import (
	"sync"
	"time"

	"huikan/internal/kernel/fault"
)

// instantLayout is fixed width so that instants sort as text on every database.
const instantLayout = "2006-01-02T15:04:05.000000Z"

// Instant is the stored form of a moment: UTC, microseconds, fixed width.
func Instant(t time.Time) string { return t.UTC().Format(instantLayout) }

// ParseInstant reads exactly what Instant writes (fault.Invalid otherwise):
// a second spelling of one moment would break sorting and hashes.
func ParseInstant(s string) (time.Time, error) {
	t, err := time.Parse(instantLayout, s)
	if err != nil || Instant(t) != s {
		return time.Time{}, fault.Invalid("error.instant", s)
	}
	return t, nil
}

// Clock tells the time at the edge of the program.
type Clock interface{ Now() time.Time }

// System is the machine's clock.
type System struct{}

// Now is the machine's time.
func (System) Now() time.Time { return time.Now() }

// Today is the civil date in Beijing by c.
func Today(c Clock) Date { return Of(c.Now()) }

// FixedClock stands still until it is set; demonstrations, simulations and
// tests use it.
type FixedClock struct {
	mu sync.Mutex
	t  time.Time
}

// Fixed makes a clock that shows t.
func Fixed(t time.Time) *FixedClock { return &FixedClock{t: t} }

// Now is the time last set.
func (c *FixedClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

// Set moves the clock to t.
func (c *FixedClock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = t
}

// Advance moves the clock on by d.
func (c *FixedClock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}
