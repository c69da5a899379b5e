package app_test

import (
	"io"
	"testing"

	"huikan/internal/app"
)

// A year with planted misconduct goes through the product: each rule that it was
// planted for finds some of it, and every interval holds its share.
func TestSimulateConduct(t *testing.T) {
	list, err := app.SimulateConduct(ctx, app.ConductSimulation{Seed: 7, Cases: 30}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	planted := 0
	for _, r := range list {
		if r.Planted == 0 {
			continue
		}
		planted++
		if r.Rule != "no_prosecution_outlier" && r.Recall.Yes == 0 { // thirty cases of a handler are too few for a verdict
			t.Errorf("%s finds nothing of %d", r.Rule, r.Planted)
		}
		if p := r.Precision; p.N != r.Raised || p.Share < p.Low || p.Share > p.High {
			t.Errorf("%s: %d raised, judged %+v", r.Rule, r.Raised, p)
		}
	}
	if planted < 10 {
		t.Errorf("misconduct for %d rules only: %+v", planted, list)
	}
}
