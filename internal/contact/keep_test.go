package contact

import (
	"errors"
	"testing"
	"time"
)

// What is worth it is kept for its time, and not a moment when the clock was set back;
// the rest is read each time, what failed is not kept, nor what was being read when all
// was forgotten.
func TestWhatIsReadIsKeptForAWhile(t *testing.T) {
	start := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	broken := errors.New("broken")
	for _, c := range []struct {
		why    string
		worth  bool
		err    error
		forget bool // while it is read
		after  time.Duration
		reads  int
	}{
		{"kept", true, nil, false, time.Minute - 1, 1},
		{"a minute later", true, nil, false, time.Minute, 2},
		{"the clock set back", true, nil, false, -1, 2},
		{"not worth it", false, nil, false, 0, 2},
		{"failed", true, broken, false, 0, 2},
		{"forgotten meanwhile", true, nil, true, 0, 2},
	} {
		k := keep[int]{age: time.Minute, most: 2}
		reads := 0
		read := func() (int, bool, error) {
			reads++
			if c.forget {
				k.forget()
			}
			return reads, c.worth, c.err
		}
		for _, now := range []time.Time{start, start.Add(c.after)} {
			if got, err := k.get("key", now, read); !errors.Is(err, c.err) || got != reads {
				t.Errorf("%s: %v %v after %d reads", c.why, got, err, reads)
			}
		}
		if reads != c.reads {
			t.Errorf("%s: read %d times, want %d", c.why, reads, c.reads)
		}
		if _, err := k.get("another", start, read); reads != c.reads+1 || !errors.Is(err, c.err) {
			t.Errorf("%s: another key took what was kept: %v", c.why, err)
		}
	}
	k := keep[int]{age: time.Minute, most: 2}
	for _, key := range []string{"a", "b", "c"} {
		_, _ = k.get(key, start, func() (int, bool, error) { return 1, true, nil })
	}
	if len(k.by) != 1 {
		t.Errorf("%d values are kept, of at most 2", len(k.by))
	}
	k.forget()
	if v, _ := k.get("c", start, func() (int, bool, error) { return 2, true, nil }); v != 2 {
		t.Error("what was forgotten is given")
	}
}
