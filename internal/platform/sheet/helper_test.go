package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"huikan/internal/kernel/fault"
	"huikan/internal/platform/document"
)

func read(name string, b []byte, opt ...Options) (Grid, error) {
	var o Options
	if len(opt) > 0 {
		o = opt[0]
	}
	return Read(name, bytes.NewReader(b), int64(len(b)), o)
}

func mustRead(t *testing.T, name string, b []byte, opt ...Options) Grid {
	t.Helper()
	g, err := read(name, b, opt...)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return g
}

func wantFault(t *testing.T, err error, kind fault.Kind, key string) {
	t.Helper()
	f, ok := fault.Of(err)
	if !ok || f.Key != key || f.Kind != kind {
		t.Fatalf("got %v, want %s %s", err, kind, key)
	}
}

// cells gives the grid without row numbers.
func cells(g Grid) [][]string {
	var out [][]string
	for _, r := range g.Rows {
		out = append(out, r.Cells)
	}
	return out
}

func wantCells(t *testing.T, g Grid, want [][]string) {
	t.Helper()
	if got := cells(g); !reflect.DeepEqual(got, want) {
		t.Fatalf("got  %q\nwant %q", got, want)
	}
}

func noteKeys(ns []document.Note) []string {
	var out []string
	for _, n := range ns {
		out = append(out, n.Key)
	}
	return out
}

// say is a Translate from the Chinese catalogue.
func say(t *testing.T) Translate {
	words := catalogue(t, "words.zh.json")
	return func(key string, args ...any) string {
		s, ok := words[key]
		if !ok {
			s = key
		}
		for i, a := range args {
			s = strings.ReplaceAll(s, fmt.Sprintf("{%d}", i), fmt.Sprint(a))
		}
		return s
	}
}

func catalogue(t *testing.T, name string) map[string]string {
	t.Helper()
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

// pack makes a zip of parts in the order of their names.
func pack(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	var names []string
	for n := range parts {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		w, err := z.Create(n)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(parts[n])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// rawXLSX is a workbook whose one sheet holds the given XML.
func rawXLSX(t testing.TB, sheet string, more map[string]string) []byte {
	parts := map[string]string{
		"[Content_Types].xml":        `<Types/>`,
		"xl/workbook.xml":            `<workbook xmlns:r="r"><sheets><sheet name="台账" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml":   sheet,
	}
	for k, v := range more {
		parts[k] = v
	}
	return pack(t, parts)
}

var (
	keyUse      = regexp.MustCompile(`"(sheet\.[a-z_]+)"`)
	placeholder = regexp.MustCompile(`\{\d\}`)
)

func TestWordsComplete(t *testing.T) {
	zh, en := catalogue(t, "words.zh.json"), catalogue(t, "words.en.json")
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
