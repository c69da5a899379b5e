package rectification_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	rect "huikan/internal/rectification"
)

// The months of a dashboard are those of the items one by one: what came in, was
// closed, set aside, still open at the end and not due yet, without what concerns
// the reader. A closed or resting item that was taken up again counts as open.
func TestTheMonthsAreThoseOfTheItems(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		rnd, first := rand.New(rand.NewPCG(5, 17)), w.s.Today().FirstOfMonth().AddMonths(-11)
		day := func() clock.Date { return first.AddDays(rnd.IntN(500) - 100) }
		var items []rect.NewItem
		for n := range 200 {
			i := rect.Item{Finding: id.New(), Round: "round", Unit: north.Unit, By: hq.Unit, No: fmt.Sprint(n), Title: "问题", FedBack: day(), Due: day(), State: rect.StateRectifying}
			switch rnd.IntN(4) {
			case 0:
				i.State, i.ClosedOn, i.Closer, i.Rectifier = rect.StateClosed, day(), "a", "b"
			case 1:
				i.State, i.Aside = rect.StateOvertaken, day()
			case 2:
				i.State, i.ClosedOn, i.Due = rect.StateReopened, day(), ""
			}
			x := rect.NewItem{Item: i}
			if n%7 == 0 {
				x.Concerns = []id.ID{office.Person}
			}
			items = append(items, x)
		}
		ok(t, w.s.AddMany(ctx, program, items))
		got, err := w.s.Trend(ctx, office, "")
		if err != nil {
			t.Fatal(err)
		}
		closed := 0
		for k, m := range got.Months {
			month := string(first.AddMonths(k))[:7]
			want := rect.TrendMonth{Month: month}
			due := 0
			for n, x := range items {
				in := func(d clock.Date) bool { return strings.HasPrefix(string(d), month) }
				by := func(d clock.Date) int {
					if d != "" && string(d)[:7] <= month {
						return 1
					}
					return 0
				}
				if n%7 == 0 {
					continue
				}
				want.Left += by(x.FedBack)
				want.Planned += by(x.FedBack)
				due += by(x.Due)
				if in(x.FedBack) {
					want.In++
				}
				switch x.State {
				case rect.StateClosed:
					want.Left -= by(x.ClosedOn)
					if in(x.ClosedOn) {
						want.Closed++
					}
				case rect.StateOvertaken:
					want.Left -= by(x.Aside)
					if in(x.Aside) {
						want.Aside++
					}
				}
			}
			want.Planned = max(0, want.Planned-due)
			if closed += want.Closed; m != want {
				t.Errorf("%+v, want %+v", m, want)
			}
		}
		if len(got.Months) != 12 || closed < 10 {
			t.Errorf("%d months with %d closed items prove little", len(got.Months), closed)
		}
	})
}
