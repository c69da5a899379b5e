package screening

import (
	"testing"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/platformtest"
)

// D8: whom two readers confirmed stands on the list of a year once; the other side answers each; relatives, open hits and other
// provinces are not on it.
func TestTheYearlyCheckListsConfirmedPersonsOnce(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		w := open(t, k)
		w.standing(t)
		reader, bar, stranger := w.as(t, "reader"), w.as(t, "bar"), w.as(t, "stranger")
		year := w.today().Year()
		cmd := YearlyCmd{Year: year, Text: "请重点审核"}
		_, err := w.SendYearly(ctx, reader, cmd)
		platformtest.WantKind(t, "nobody was confirmed", err, fault.KindState)
		h := w.hit(t, reader, "欧阳振鹏")
		w.confirmed(t, h.ID)
		_, err = w.SendYearly(ctx, reader, YearlyCmd{Year: year})
		platformtest.WantKind(t, "without a word", err, fault.KindInvalid)
		_, err = w.SendYearly(ctx, reader, YearlyCmd{Year: year - 2, Text: "x"})
		platformtest.WantKind(t, "a year long past", err, fault.KindInvalid)
		_, err = w.SendYearly(ctx, bar, cmd)
		platformtest.WantKind(t, "the other side", err, fault.KindNotFound)
		_, err = w.SendYearly(ctx, stranger, cmd)
		platformtest.WantKind(t, "another province", err, fault.KindState)
		if n, err := w.SendYearly(ctx, reader, cmd); err != nil || n != 1 {
			t.Fatalf("%d on the list, %v", n, err)
		}
		_, err = w.SendYearly(ctx, reader, cmd)
		platformtest.WantKind(t, "twice in a year", err, fault.KindState)
		if n, err := w.SendYearly(ctx, reader, YearlyCmd{Year: year - 1, Text: "补审"}); err != nil || n != 1 {
			t.Errorf("the year before: %d, %v", n, err)
		}
		list := func(who string) (ids []id.ID) {
			err := w.DB.Read(ctx, func(q dbQ) error {
				ws, _, err := w.visibleWarnings(ctx, q, w.as(t, who), warningFilter{Yearly: year}, "", 10)
				for _, x := range ws {
					if x.Kind != OfYearly || x.Subject != "欧阳振鹏" || x.Hit != h.ID {
						t.Errorf("%s: %+v", who, x)
					}
					ids = append(ids, x.ID)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return ids
		}
		mine := list("bar")
		if len(mine) != 1 || len(list("reader")) != 1 || len(list("stranger")) != 0 {
			t.Fatalf("the liaison sees %d", len(mine))
		}
		for _, do := range []string{"receive", "answer", "handle"} {
			if err := w.Act(ctx, bar, mine[0], do, ActCmd{Text: "年度考核已审核，限期整改"}); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Act(ctx, reader, mine[0], "close", ActCmd{}); err != nil {
			t.Error(err)
		}
	})
}
