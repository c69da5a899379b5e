package insight

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"huikan/internal/kernel/actor"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/web"
)

// An identity number is looked for by a form only: it comes into no address, and
// an address that has one asks no room.
func TestAnIdentityNumberIsInNoAddress(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var asked []string
		ear := web.Room{Name: "ear", Find: func(_ context.Context, _ actor.Actor, text string, _ int) ([]web.Hit, error) {
			asked = append(asked, text)
			return []web.Hit{{Kind: "person", Title: "李婷", Href: "/people/1", Field: "search.in.id_number"}}, nil
		}}
		site := w.Kit.Serve(t, w.s.Room(), ear)
		w.s.Server = site.Server
		site.Actor = platformtest.As("personnel", actor.Personnel, w.dir.Place(w.units[1]))
		for _, path := range []string{"/search", "/palette"} {
			for _, number := range []string{"41070219850506002X", "410702 19850506 0021", "４１０７０２１９８５０５０６００２Ｘ", "410702850506002", "410702198505060029"} {
				asked = nil
				code, body := site.Post(t, path, url.Values{"q": {number}})
				if code != http.StatusOK || !strings.Contains(body, "李婷") || strings.Contains(body, number) || !slices.Equal(asked, []string{number}) {
					t.Errorf("POST %s %s: %d, asked %v, or the number is shown again", path, number, code, asked)
				}
				asked = nil
				code, body = site.Get(t, path+"?q="+url.QueryEscape(number))
				if code != http.StatusOK || !strings.Contains(body, `class="form" method="post" action="`+path+`"`) || !strings.Contains(body, "证件号码不写在地址里") || len(asked) > 0 {
					t.Errorf("GET %s %s: %d, asked %v: %.2000s", path, number, code, asked, body)
				}
				if code, _ = site.Get(t, "/api/v1"+path+"?q="+url.QueryEscape(number)); code != http.StatusUnprocessableEntity || len(asked) > 0 {
					t.Errorf("GET /api/v1%s %s: %d, asked %v", path, number, code, asked)
				}
			}
			if code, to := site.Post(t, path, url.Values{"q": {" 整改 2026 & 台账"}}); code != http.StatusSeeOther || to != path+"?q="+url.QueryEscape("整改 2026 & 台账") {
				t.Errorf("words: %d %s", code, to)
			}
			r := httptest.NewRequest(http.MethodPost, "/api/v1"+path, strings.NewReader(`{"q":"整改"}`))
			r.Header.Set("Content-Type", "application/json")
			if code, body := site.Send(t, r); code != http.StatusOK || !strings.Contains(body, "李婷") {
				t.Errorf("POST /api/v1%s: %d %s", path, code, body)
			}
		}
	})
}
