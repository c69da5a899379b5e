package conduct_test

import (
	"testing"

	"pgregory.net/rapid"

	"huikan/internal/conduct"
)

// Hidden numbers cannot be reckoned from what is shown: no line has exactly one.
func TestSmallNumbersStayHidden(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(rt, "rows")
		rows := make([]conduct.FormRow, n+1)
		for i := range n {
			for f := range 4 {
				v := rapid.IntRange(0, 12).Draw(rt, "n")
				rows[i].Forms[f].N = v
				rows[n].Forms[f].N += v
			}
		}
		out := conduct.Suppress(rows, 5)
		for i, r := range out {
			hidden := 0
			for f, c := range r.Forms {
				if c.Hidden {
					hidden++
					if c.N != 0 {
						rt.Fatal("a hidden number is sent")
					}
				} else if c.N > 0 && c.N < 5 || c.N != rows[i].Forms[f].N {
					rt.Fatalf("row %d form %d shows %d", i, f+1, c.N)
				}
			}
			if r.Total.Hidden {
				hidden++
			}
			if hidden == 1 {
				rt.Fatalf("row %d hides one number alone: %+v", i, r)
			}
		}
		for f := range 5 {
			hidden := 0
			for _, r := range out {
				if f == 4 && r.Total.Hidden || f < 4 && r.Forms[f].Hidden {
					hidden++
				}
			}
			if hidden == 1 {
				rt.Fatalf("column %d hides one number alone", f)
			}
		}
	})
}

// What hides together is not given away by its sum: of three kinds of which each was
// used once, six others and a total of nine would tell all three.
func TestSmallNumbersAreNotToldByTheirSum(t *testing.T) {
	kinds := []conduct.FormRow{{Key: "demerit", Forms: [4]conduct.Cell{1: {N: 1}}}, {Key: "removal", Forms: [4]conduct.Cell{2: {N: 1}}}, {Key: "warning", Forms: [4]conduct.Cell{1: {N: 1}}}, {Key: "talk", Forms: [4]conduct.Cell{{N: 6}}},
		{Key: "total", Forms: [4]conduct.Cell{{N: 6}, {N: 2}, {N: 1}}}}
	if out := conduct.Suppress(kinds, 5); !out[3].Total.Hidden || out[4].Total.Hidden {
		t.Errorf("%+v", out)
	}
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(rt, "rows")
		rows := make([]conduct.FormRow, n+1)
		for i := range n {
			for f := range 4 {
				v := rapid.SampledFrom([]int{0, 0, 1, 1, 2, 4, 5, 9}).Draw(rt, "n")
				rows[i].Forms[f].N = v
				rows[n].Forms[f].N += v
			}
		}
		real := func(i, f int) (sum int) {
			if f < 4 {
				return rows[i].Forms[f].N
			}
			for _, c := range rows[i].Forms {
				sum += c.N
			}
			return sum
		}
		out := conduct.Suppress(rows, 5)
		hidden := func(i, f int) bool { return f < 4 && out[i].Forms[f].Hidden || f == 4 && out[i].Total.Hidden }
		line := func(name string, k, parts int, at func(j int) (i, f int)) {
			sum, some := 0, 0
			for j := range parts {
				if i, f := at(j); hidden(i, f) {
					sum, some = sum+real(i, f), some+1
				}
			}
			if i, f := at(parts); some > 0 && !hidden(i, f) && (sum < 5 || sum <= some) {
				rt.Fatalf("%s %d: %d numbers hide behind a sum of %d: %+v", name, k, some, sum, out)
			}
		}
		for i := range out {
			line("row", i, 4, func(j int) (int, int) { return i, j })
		}
		for f := range 5 {
			line("column", f, n, func(j int) (int, int) { return j, f })
		}
	})
}

func TestTheClaimIsHeldAgainstItsInterval(t *testing.T) {
	for _, c := range []struct {
		k, n, bound int
		want        string
	}{{0, 0, 90, "nothing"}, {100, 100, 90, "confirmed"}, {10, 10, 90, "open"}, {60, 100, 90, "refuted"}, {90, 100, 90, "open"}, {990, 1000, 90, "confirmed"}} {
		if got := conduct.Claim(c.k, c.n, c.bound); got != c.want {
			t.Errorf("%d of %d against %d%%: %s, want %s", c.k, c.n, c.bound, got, c.want)
		}
	}
	low, high := conduct.Interval(8, 10)
	if low < 0.489 || low > 0.491 || high < 0.942 || high > 0.944 { // 0.4902 to 0.9433, as tables of the Wilson interval have it
		t.Errorf("Wilson of 8 in 10: %f to %f", low, high)
	}
}

func TestQuarters(t *testing.T) {
	for d, want := range map[string]string{"2026-01-01": "2026Q1", "2026-03-31": "2026Q1", "2026-04-01": "2026Q2", "2026-12-31": "2026Q4"} {
		if got := conduct.Quarter(date(d)); got != want {
			t.Errorf("%s: %s, want %s", d, got, want)
		}
	}
}

// No hidden quarter can be reckoned from the sum and the quarters that are shown.
func TestQuartersHideSmallNumbers(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		list := make([]conduct.PatternQuarter, rapid.IntRange(1, 8).Draw(rt, "quarters"))
		for i := range list {
			q := &list[i]
			q.Cases = rapid.IntRange(0, 30).Draw(rt, "cases")
			q.Checked = rapid.IntRange(0, q.Cases).Draw(rt, "checked")
			q.Missing = rapid.IntRange(0, q.Checked).Draw(rt, "missing")
		}
		hidden := 0
		for i, q := range conduct.HideQuarters(list, 5) {
			if q.Hidden {
				hidden++
				if q.Cases+q.Checked+q.Missing > 0 || q.Low > 0 || q.High < 1 {
					rt.Fatalf("a hidden quarter is sent: %+v", q)
				}
				continue
			}
			for _, n := range []int{q.Cases, q.Checked, q.Missing, q.Checked - q.Missing, q.Cases - q.Checked} {
				if n > 0 && n < 5 {
					rt.Fatalf("quarter %d shows %d", i, n)
				}
			}
		}
		some := 0
		for _, q := range list {
			if q.Cases > 0 {
				some++
			}
		}
		if hidden == 1 && some > 1 {
			rt.Fatal("one quarter is hidden alone")
		}
	})
}

// Whether the committees are used is told without a small number, or one from which
// a small one could be reckoned.
func TestUseOfTheCommittees(t *testing.T) {
	for _, c := range []struct {
		due, heard int
		want       conduct.CommitteeUse
	}{
		{0, 0, conduct.CommitteeUse{Says: "none"}}, {4, 0, conduct.CommitteeUse{Says: "few"}}, {4, 4, conduct.CommitteeUse{Says: "few"}}, {5, 0, conduct.CommitteeUse{Says: "idle", Due: 5}},
		{20, 3, conduct.CommitteeUse{Says: "some", Due: 20}}, {20, 17, conduct.CommitteeUse{Says: "some", Due: 20}}, {20, 10, conduct.CommitteeUse{Says: "counted", Due: 20, Heard: 10}}, {20, 20, conduct.CommitteeUse{Says: "counted", Due: 20, Heard: 20}},
	} {
		if got := conduct.UseOf(c.due, c.heard, 5); got != c.want {
			t.Errorf("%d of %d: %+v, want %+v", c.heard, c.due, got, c.want)
		}
	}
}
