package rectification

import (
	"testing"

	"huikan/internal/kernel/id"
)

func TestAMeasureCountsOnceHoweverManyItemsItServes(t *testing.T) {
	shared := Measure{ID: "m1", State: MeasureDone, Due: "2026-01-01"}
	list := eachOnce(map[id.ID][]Measure{
		"b": {shared, {ID: "m2", State: MeasureUnderWay, Due: "2026-02-28"}},
		"a": {shared, {ID: "m3", State: MeasurePlanned, Due: "2026-03-01"}, {ID: "m4", State: MeasurePlanned}},
	})
	want := map[string]int{FigureMeasures: 4, FigureMeasuresDone: 1, FigureMeasuresLate: 1} // m2: its date has passed; m3 is due today, m4 has no date
	for _, f := range figuresOfMeasures(list, "2026-03-01", "round=r") {
		if f.Value != want[f.Name] || len(f.Rows) != f.Value {
			t.Errorf("%+v, want %d", f, want[f.Name])
		}
	}
	if list["m1"].Item != "a" {
		t.Errorf("the shared measure leads to %q, not to the first of its items", list["m1"].Item)
	}
}
