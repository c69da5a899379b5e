package app_test

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"

	"huikan/internal/platform/web"
)

// The search gives everybody exactly what he may open: what one finds opens, and
// what others find and he may open he finds too, whatever his role, his unit and
// whom a record concerns.
func (w *world) searched(t *testing.T) {
	const most = 60
	opens := map[string]bool{} // by login and address
	may := func(login, href string) bool {
		key := login + " " + href
		ok, known := opens[key]
		if !known {
			code, _ := w.do(t, login, http.MethodGet, href, nil)
			ok = code == http.StatusOK
			opens[key] = ok
		}
		return ok
	}
	random := rand.New(rand.NewPCG(7, 11))
	kinds := map[string]int{}
	for _, text := range []string{"检察", "整改", "F-", "礼金"} {
		all := map[string]web.Hit{}
		mine := map[string][]web.Hit{}
		for _, m := range w.made {
			a, err := w.Account.ActorOf(ctx, m.Login)
			if err != nil {
				t.Fatal(err)
			}
			hits, err := w.Insight.Search(ctx, a, text, most)
			if err != nil {
				t.Fatal(err)
			}
			mine[m.Login] = hits
			for _, h := range hits {
				all[h.Href] = h
				kinds[h.Kind]++
			}
		}
		hrefs := make([]string, 0, len(all))
		for href := range all {
			hrefs = append(hrefs, href)
		}
		slices.Sort(hrefs)
		for _, m := range w.made {
			full := map[string]int{} // a kind whose list may go on beyond what is shown
			for _, h := range mine[m.Login] {
				full[h.Kind]++
			}
			for range 6 {
				if len(hrefs) == 0 {
					break
				}
				h := all[hrefs[random.IntN(len(hrefs))]]
				found := slices.ContainsFunc(mine[m.Login], func(x web.Hit) bool { return x.Href == h.Href })
				if open := may(m.Login, h.Href); found != open && (found || full[h.Kind] < most) {
					t.Errorf("%s %q: %s %s: found %v, opens %v", m.Login, text, h.Kind, h.Href, found, open)
				}
			}
		}
	}
	for _, kind := range []string{"finding", "item", "task", "meeting", "lead", "alert", "risk_point", "matter"} {
		if kinds[kind] == 0 {
			t.Errorf("nobody found a %s: %v", kind, kinds)
		}
	}
}
