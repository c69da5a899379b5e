package screening

import (
	"testing"

	"huikan/internal/platform/platformtest"
)

// A board that takes long to make answers until the next one stands, which the work in the background makes: no question
// waits for it. A small one is made anew at once.
func TestALargeBoardAnswersUntilTheNextStands(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		w := open(t, k)
		if err := w.Warm(ctx); err != nil || w.live.Load() != nil {
			t.Fatalf("a board of no registers is made ahead: %v", err)
		}
		w.standing(t)
		w.forget()
		if err := w.Warm(ctx); err != nil || w.live.Load() == nil || w.ends.Load() == nil {
			t.Fatalf("the board is not made ahead: %v", err)
		}
		reader, bar := w.as(t, "reader"), w.as(t, "bar")
		known := func() int {
			t.Helper()
			out, err := w.Ask(ctx, bar, AskCmd{Name: "皇甫长庚", IDNumber: citizen("410702", "1971-01-01", 77), Birth: "1971-01-01"})
			if err != nil {
				t.Fatal(err)
			}
			return len(out.Matches)
		}
		bring := func(more string) {
			t.Helper()
			w.bring(t, reader, Staff, "政治部", staffHead, append([]string{more}, staffRows...)...)
		}
		row := "S9,皇甫长庚,男,1971-01-01," + citizen("410702", "1971-01-01", 77) + ",新乡市人民检察院,辞职,2025-03-10,四级高级检察官,检察官,否"
		w.boards.large = 1
		if known() != 0 {
			t.Fatal("he is known before he was brought")
		}
		bring(row)
		if n := known(); n != 0 {
			t.Errorf("the old board gives %d", n)
		}
		if err := w.Tick(ctx); err != nil {
			t.Fatal(err)
		}
		if n := known(); n != 1 {
			t.Errorf("the next board gives %d", n)
		}
		w.boards.large = large
		bring("S8,诸葛云舟,男,1972-02-02," + citizen("410702", "1972-02-02", 78) + ",新乡市人民检察院,辞职,2025-03-10,四级高级检察官,检察官,否")
		if n := known(); n != 0 {
			t.Errorf("a small board is made at once and no longer has him: %d", n)
		}
	})
}
