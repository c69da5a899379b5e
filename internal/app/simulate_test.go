package app_test

import (
	"io"
	"testing"

	"huikan/internal/app"
)

// The look-back recovers what was planted: every figure's stated interval holds
// the truth of the made-up term.
func TestSimulatedTermIsRecovered(t *testing.T) {
	list, err := app.SimulateTerm(ctx, app.SimulateConfig{Data: t.TempDir(), Seed: 2, Items: 30, Sample: 90}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 9 {
		t.Fatalf("%d figures: %+v", len(list), list)
	}
	covered := 0
	for _, r := range list {
		if r.Covered {
			covered++
		} else {
			t.Logf("%s: planted %.3g, %.3g to %.3g", r.What, r.Planted, r.Low, r.High)
		}
		if r.N == 0 || r.Low > r.High {
			t.Errorf("%+v", r)
		}
	}
	// Nine intervals of 95 % miss together more than once in fewer than one term of twelve.
	if covered < len(list)-1 {
		t.Errorf("%d of %d covered", covered, len(list))
	}
}
