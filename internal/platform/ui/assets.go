package ui

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed assets
var assetFiles embed.FS

// AssetPrefix is the path under which Assets must be mounted ("GET /static/").
const AssetPrefix = "/static/"

// assetTypes are fixed here because the machine's table of types cannot be relied on.
var assetTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

// Assets serves the embedded style sheet, script and pictures under names that carry a hash of their
// content, so that a browser may keep them for ever.
type Assets struct {
	paths map[string]string // app.css → /static/app-1a2b3c4d5e.css
	files map[string]asset  // the same, by path
}

type asset struct {
	kind string
	raw  []byte
	gzip func() []byte // at the first request; the raw content when it cannot be compressed
}

func newAssets() (*Assets, error) {
	a := &Assets{paths: map[string]string{}, files: map[string]asset{}}
	entries, err := fs.ReadDir(assetFiles, "assets")
	if err != nil {
		return nil, fmt.Errorf("listing assets: %w", err)
	}
	for _, e := range entries {
		raw, err := assetFiles.ReadFile("assets/" + e.Name())
		if err != nil {
			return nil, fmt.Errorf("reading asset %s: %w", e.Name(), err)
		}
		ext := path.Ext(e.Name())
		sum := sha256.Sum256(raw)
		at := AssetPrefix + strings.TrimSuffix(e.Name(), ext) + "-" + hex.EncodeToString(sum[:5]) + ext
		a.paths[e.Name()] = at
		a.files[at] = asset{kind: assetTypes[ext], raw: raw, gzip: sync.OnceValue(func() []byte { return compress(raw) })}
	}
	return a, nil
}

func compress(raw []byte) []byte {
	var buf bytes.Buffer
	w, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err != nil {
		return raw
	}
	_, err = w.Write(raw)
	if errors.Join(err, w.Close()) != nil {
		return raw
	}
	return buf.Bytes()
}

// AssetPath returns the address of a file by its plain name, "" if there is none.
func (a *Assets) AssetPath(name string) string { return a.paths[name] }

// Read returns the content of a file by its plain name.
func (a *Assets) Read(name string) ([]byte, bool) {
	f, ok := a.files[a.paths[name]]
	return f.raw, ok
}

// ServeHTTP answers requests under AssetPrefix.
func (a *Assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := a.files[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	body := f.raw
	if acceptsGzip(r.Header.Get("Accept-Encoding")) {
		if packed := f.gzip(); len(packed) < len(f.raw) {
			h.Set("Content-Encoding", "gzip")
			body = packed
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodHead {
		return
	}
	// A broken connection is the client's affair; there is nobody to tell.
	_, _ = w.Write(body)
}

// ServeAsset is ServeHTTP under the name that route tables read well with.
func (a *Assets) ServeAsset(w http.ResponseWriter, r *http.Request) { a.ServeHTTP(w, r) }

func acceptsGzip(header string) bool {
	return slices.ContainsFunc(strings.Split(header, ","), func(part string) bool {
		name, quality, _ := strings.Cut(strings.TrimSpace(part), ";")
		return strings.TrimSpace(name) == "gzip" && strings.TrimSpace(quality) != "q=0"
	})
}
