package registers

import (
	"context"
	"testing"
)

// A model drifts as far as the registers differ: hardly from registers of the same kind, far from others.
func TestDriftGoesByTheRegisters(t *testing.T) {
	size := Making{Staff: 6000, Relatives: 25000, Lawyers: 16000}
	learned := func(m Making) *Result { _, r, _ := run(t, m, Options{}); return r }
	usual := size
	usual.Seed = 301
	old := learned(usual).Model
	drift := func(m Making) *Moved {
		dir := t.TempDir()
		if err := m.Write(dir); err != nil {
			t.Fatal(err)
		}
		moved, _, err := Drift(context.Background(), files(dir), old, 1, Options{})
		if err != nil {
			t.Fatal(err)
		}
		return moved
	}
	like, other := size, size
	like.Seed, other.Seed, other.Errors, other.Missing = 302, 303, 3, 2.5
	a, b := drift(like), drift(other)
	if a.Old != old.ID() || a.New == old.ID() || a.Pairs == 0 {
		t.Errorf("%+v", a)
	}
	if a.Share() > .1 || b.Share() <= a.Share() {
		t.Errorf("of like registers %.3f of the pairs changed, of other ones %.3f", a.Share(), b.Share())
	}
	if (&Moved{}).Share() != 0 {
		t.Error("no pairs, and some changed")
	}
}
