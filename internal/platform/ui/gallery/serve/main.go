// Command serve shows the gallery of components in a browser, under the same content policy as the product:
// go run ./internal/platform/ui/gallery/serve [HOST:PORT]
package main

import (
	"bytes"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"

	"huikan/internal/platform/ui"
	"huikan/internal/platform/ui/gallery"
)

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; " +
	"frame-src 'self'; frame-ancestors 'self'; base-uri 'none'; require-trusted-types-for 'script'"

func main() {
	addr := "127.0.0.1:8802"
	if len(os.Args) > 1 {
		addr = os.Args[1]
	}
	set, err := gallery.New()
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("gallery on http://%s/gallery/list?lang=zh&kind=full", addr)
	log.Fatal(http.ListenAndServe(addr, handler(set)))
}

func handler(set *ui.Set) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+ui.AssetPrefix, set.Assets())
	mux.HandleFunc("GET /wm.svg", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "image/svg+xml")
		w.Header().Set("Cache-Control", "private, no-store")
		fmt.Fprint(w, ui.WatermarkSVG("周明远 督察部 2026-11-24 09:00 A1B2"))
	})
	mux.HandleFunc("GET /sample.svg", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "image/svg+xml")
		fmt.Fprint(w, ui.WatermarkSVG("sample"))
	})
	mux.HandleFunc("GET /sample.html", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<p>sample</p>")
	})
	mux.HandleFunc("POST /prefs", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/gallery/list", http.StatusSeeOther)
	})
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) { page(set, w, r) })
	return mux
}

func page(set *ui.Set, w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	lang, kind := q.Get("lang"), q.Get("kind")
	if lang == "" {
		lang = "zh"
	}
	if kind == "" {
		kind = "full"
	}
	name := strings.TrimPrefix(r.URL.Path, "/")
	data, known := gallery.PageData(set, lang, kind)[name]
	if !known {
		name = "gallery/record"
		data = gallery.PageData(set, lang, kind)[name]
	}
	v := gallery.View(set, lang, kind, r.URL.RequestURI(), data)
	v.Theme, v.Size, v.Density = q.Get("theme"), q.Get("size"), q.Get("density")
	v.Partial = r.Header.Get("X-Partial") != ""
	var b bytes.Buffer
	if err := set.Render(&b, lang, name, v); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = b.WriteTo(w)
}
