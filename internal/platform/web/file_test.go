package web_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/web"
)

type breaking struct{ after int64 }

func (b *breaking) Read(p []byte) (int, error) {
	if b.after <= 0 {
		return 0, errors.New("the seal of this part is broken")
	}
	n := min(int64(len(p)), b.after)
	b.after -= n
	return int(n), nil
}

// Half a file must never look like a whole one, and a name never reaches the headers.
func TestFilesAreWholeOrNothing(t *testing.T) {
	platformtest.Each(t, platformtest.Parts{}, func(t *testing.T, k *platformtest.Kit) {
		var file web.File
		site := k.Serve(t, web.Room{Name: "f", Routes: []web.Route{{Method: "GET", Path: "/f", Open: true, NoAPI: true,
			Do: func(*web.Request) (web.Response, error) { return file, nil }}}})
		srv := httptest.NewServer(site.Handler)
		defer srv.Close()
		get := func() (int, http.Header, string, error) {
			res, err := srv.Client().Get(srv.URL + "/f")
			if err != nil {
				return 0, nil, "", err
			}
			b, err := io.ReadAll(res.Body)
			return res.StatusCode, res.Header, string(b), errors.Join(err, res.Body.Close())
		}
		file = web.File{Name: "证据\r\nX-Evil: 1\".pdf", Body: strings.NewReader("whole")}
		if code, h, text, err := get(); err != nil || code != 200 || text != "whole" || h.Get("X-Evil") != "" {
			t.Errorf("%d %q %v %v", code, text, err, h)
		}
		file = web.File{Name: "empty", Body: strings.NewReader("")}
		if code, _, text, err := get(); err != nil || code != 200 || text != "" {
			t.Errorf("empty: %d %q %v", code, text, err)
		}
		file = web.File{Name: "broken", Body: &breaking{after: 300_000}}
		if code, _, text, err := get(); err == nil {
			t.Errorf("half a file of %d bytes was given out as whole (%d)", len(text), code)
		}
		file = web.File{Name: "broken at once", Body: &breaking{}}
		if code, _, _, err := get(); err != nil || code != 500 {
			t.Errorf("broken before the first byte: %d %v", code, err)
		}
	})
}
