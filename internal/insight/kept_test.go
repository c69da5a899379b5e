package insight

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/platform/access"
	"huikan/internal/platform/platformtest"
)

// A reader gets what was counted within half a minute; older figures start the
// next count without waiting for it, and figures of a minute are never shown.
func TestPartsOfADashboardAreNeverAMinuteOld(t *testing.T) {
	c := clock.Fixed(platformtest.Start)
	s := New(Deps{Clock: c})
	who := platformtest.As("a", actor.Leader, access.Place{Unit: "spp", Path: "spp/"})
	other := platformtest.As("b", actor.Leader, access.Place{Unit: "spp", Path: "spp/"})
	var n atomic.Int64
	counted := make(chan int64, 10)
	count := func() (any, error) {
		v := n.Add(1)
		defer func() { counted <- v }()
		return v, nil
	}
	want := func(what string, a actor.Actor, want int64) {
		t.Helper()
		if v, err := s.kept(a, "trend", count); err != nil || v != want {
			t.Errorf("%s: %v, %v, want %d", what, v, err, want)
		}
	}
	want("first", who, 1)
	<-counted
	c.Advance(29 * time.Second)
	want("after 29 s", who, 1)
	want("another reader", other, 2)
	<-counted
	c.Advance(2 * time.Second)
	want("after 31 s", who, 1)
	if got := <-counted; got != 3 {
		t.Errorf("the old figures started count %d", got)
	}
	for { // the count is put away just after it ends
		if v, err := s.kept(who, "trend", count); err != nil || v == int64(3) {
			break
		}
	}
	c.Advance(2 * time.Minute)
	before := n.Load()
	want("after two minutes", who, before+1)
	if _, err := s.kept(who, "broken", func() (any, error) { return nil, errors.New("no") }); err == nil {
		t.Error("a failed count is shown")
	}
	if _, err := s.kept(who, "fallen", func() (any, error) { panic("no") }); err == nil {
		t.Error("a count that fell over is shown")
	}
}
