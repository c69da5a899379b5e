package clock_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
)

func TestInstantsAreFixedWidthAndSortAsTheyRead(t *testing.T) {
	at := time.Date(2026, 11, 23, 8, 9, 10, 123456789, clock.Beijing)
	if got := clock.Instant(at); got != "2026-11-23T00:09:10.123456Z" {
		t.Errorf("Instant = %q", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		a := time.UnixMicro(rapid.Int64Range(-2e15, 2e15).Draw(t, "a"))
		b := time.UnixMicro(rapid.Int64Range(-2e15, 2e15).Draw(t, "b"))
		x, y := clock.Instant(a), clock.Instant(b)
		if a.Before(b) != (x < y) || len(x) != 27 {
			t.Fatalf("%s and %s do not sort as their instants", x, y)
		}
		if back, err := clock.ParseInstant(x); err != nil || !back.Equal(a) {
			t.Fatalf("%s reads back as %v, %v", x, back, err)
		}
	})
}

func TestParseInstantKnowsOneSpellingOnly(t *testing.T) {
	for _, s := range []string{"", "2026-11-23T00:09:10Z", "2026-11-23T00:09:10.1Z", "2026-11-23T00:09:10.123456+08:00", "2026-11-23 00:09:10.123456Z", "2026-02-30T00:00:00.000000Z", "2026-11-23T00:09:10,123456Z"} {
		if got, err := clock.ParseInstant(s); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("ParseInstant(%q) = %v, %v; want a refusal", s, got, err)
		}
	}
}

func TestAFixedClockMovesOnlyWhenTold(t *testing.T) {
	start := time.Date(2026, 4, 13, 23, 30, 0, 0, clock.Beijing)
	c := clock.Fixed(start)
	if !c.Now().Equal(start) || clock.Today(c) != "2026-04-13" {
		t.Errorf("the clock shows %v", c.Now())
	}
	c.Advance(time.Hour)
	if clock.Today(c) != "2026-04-14" {
		t.Errorf("an hour later it is %s", clock.Today(c))
	}
	c.Set(start)
	if !c.Now().Equal(start) {
		t.Errorf("set back, the clock shows %v", c.Now())
	}
	before := time.Now()
	if now := (clock.System{}).Now(); now.Before(before) {
		t.Errorf("the system clock shows %v, before %v", now, before)
	}
}
