package contact

import (
	"errors"
	"testing"
	"time"
)

// Sums over many peers are kept for a minute, and not a moment when the clock was set
// back; those over few are read each time, and what failed is not kept.
func TestSumsOfManyPeersAreKeptForAMinute(t *testing.T) {
	start := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	broken := errors.New("broken")
	for _, c := range []struct {
		why   string
		of    int
		err   error
		after time.Duration
		reads int
	}{
		{"many", peersMany, nil, peersAge - 1, 1},
		{"many, a minute later", peersMany, nil, peersAge, 2},
		{"many, the clock set back", peersMany, nil, -1, 2},
		{"few", peersMany - 1, nil, 0, 2},
		{"failed", peersMany, broken, 0, 2},
	} {
		var cache peerCache
		reads := 0
		read := func() (map[string]peerSum, int, error) {
			reads++
			return map[string]peerSum{"刑事检察": {cases: reads}}, c.of, c.err
		}
		for _, now := range []time.Time{start, start.Add(c.after)} {
			got, err := cache.get("key", now, read)
			if !errors.Is(err, c.err) || got["刑事检察"].cases != reads {
				t.Errorf("%s: %v %v after %d reads", c.why, got, err, reads)
			}
		}
		if reads != c.reads {
			t.Errorf("%s: read %d times, want %d", c.why, reads, c.reads)
		}
		if _, err := cache.get("another", start, read); reads != c.reads+1 || !errors.Is(err, c.err) {
			t.Errorf("%s: another key took what was kept: %v", c.why, err)
		}
	}
}
