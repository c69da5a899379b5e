package document

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"huikan/internal/kernel/fault"
)

func read(name string, b []byte) (Text, error) { return Read(name, bytes.NewReader(b), int64(len(b))) }

func mustRead(t *testing.T, name string, b []byte) Text {
	t.Helper()
	x, err := read(name, b)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return x
}

func wantFault(t *testing.T, err error, kind fault.Kind, key string) {
	t.Helper()
	f, ok := fault.Of(err)
	if !ok || f.Key != key || f.Kind != kind {
		t.Fatalf("got %v, want %s %s", err, kind, key)
	}
}

func wantParagraphs(t *testing.T, x Text, want ...string) {
	t.Helper()
	if !slices.Equal(x.Paragraphs, want) {
		t.Fatalf("got  %q\nwant %q", x.Paragraphs, want)
	}
}

func noteKeys(ns []Note) []string {
	var out []string
	for _, n := range ns {
		out = append(out, n.Key)
	}
	return out
}

type part struct{ name, data string }

func pack(t testing.TB, parts ...part) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for _, p := range parts {
		w, err := z.Create(p.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(p.data)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// docx is a Word file with the given body.
func docx(t testing.TB, body string, more ...part) []byte {
	return pack(t, append([]part{
		{"[Content_Types].xml", "<Types/>"},
		{"word/document.xml", `<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="w" xmlns:mc="mc"><w:body>` + body + `</w:body></w:document>`},
	}, more...)...)
}

func para(s string) string { return `<w:p><w:r><w:t xml:space="preserve">` + s + `</w:t></w:r></w:p>` }

var (
	keyUse      = regexp.MustCompile(`"(document\.[a-z0-9_]+)"`)
	placeholder = regexp.MustCompile(`\{\d\}`)
)

func TestWordsComplete(t *testing.T) {
	load := func(name string) map[string]string {
		b, err := Words.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		m := map[string]string{}
		if err := json.Unmarshal(b, &m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	zh, en := load("words.zh.json"), load("words.en.json")
	used := map[string]bool{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range keyUse.FindAllStringSubmatch(string(b), -1) {
			used[m[1]] = true
		}
	}
	for k := range used {
		if zh[k] == "" || en[k] == "" {
			t.Errorf("%s lacks a sentence", k)
		}
	}
	for k, s := range zh {
		if !used[k] {
			t.Errorf("%s is never used", k)
		}
		a, b := placeholder.FindAllString(s, -1), placeholder.FindAllString(en[k], -1)
		slices.Sort(a)
		slices.Sort(b)
		if !slices.Equal(a, b) {
			t.Errorf("%s: placeholders %v and %v", k, a, b)
		}
	}
	if len(en) != len(zh) {
		t.Errorf("%d Chinese and %d English sentences", len(zh), len(en))
	}
}
