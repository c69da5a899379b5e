package rectification

import (
	"slices"
	"strconv"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/ui"
)

// Names of the figures of measures: circulars count measures apart from problems
// (问题…个、措施…条), and one measure may serve several problems. Their rows are
// measures, not items.
const (
	FigureMeasures     = "measures"
	FigureMeasuresDone = "measures_done"
	FigureMeasuresLate = "measures_late"
)

// MeasureFigures lists them.
func MeasureFigures() []string {
	return []string{FigureMeasures, FigureMeasuresDone, FigureMeasuresLate}
}

// MeasureCount are the figures of measures of a list.
type MeasureCount struct {
	All  int `json:"measures"`
	Done int `json:"measures_done"`
	Late int `json:"measures_late"`
}

// Late tells whether a measure is not done on a day after its date. It is not while
// it rests; its date does not move meanwhile, so that it is late at once when its item
// is taken up again after that date.
func (m Measure) Late(today clock.Date) bool {
	return !m.Rests && m.State != MeasureDone && m.Due.Valid() && m.Due.Before(today)
}

// measureCounts tells whether a measure belongs to a figure on a day.
func measureCounts(name string, m Measure, today clock.Date) bool {
	switch name {
	case FigureMeasures:
		return true
	case FigureMeasuresDone:
		return m.State == MeasureDone
	case FigureMeasuresLate:
		return m.Late(today)
	}
	return false
}

// Serving is a measure with an item that it serves.
type Serving struct {
	Measure
	Item id.ID `json:"item"`
}

// eachOnce are the measures of some items, each once however many items it serves,
// with the first of them.
func eachOnce(of map[id.ID][]Measure) map[id.ID]Serving {
	out := map[id.ID]Serving{}
	for item, list := range of {
		for _, m := range list {
			if was, ok := out[m.ID]; !ok || item < was.Item {
				out[m.ID] = Serving{m, item}
			}
		}
	}
	return out
}

// measureStat shows measures done of all, beside the rate of the problems.
func measureStat(t func(string, ...any) string, done, all int, href string) ui.Stat {
	return ui.Stat{Label: t("rectify_report.figure.measures"), Value: strconv.Itoa(done) + "/" + strconv.Itoa(all), Note: t("measure.counted"), Href: href, Define: t("measure.counted.define")}
}

// figuresOfMeasures freezes the figures of some measures.
func figuresOfMeasures(list map[id.ID]Serving, today clock.Date, asked string) []Figure {
	var out []Figure
	for _, name := range MeasureFigures() {
		f := Figure{Name: name, Asked: asked + " " + name + " " + string(today)}
		for n, m := range list {
			if measureCounts(name, m.Measure, today) {
				f.Rows = append(f.Rows, n)
			}
		}
		slices.Sort(f.Rows)
		f.Value = len(f.Rows)
		out = append(out, f)
	}
	return out
}
