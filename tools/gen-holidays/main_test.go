package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// pack writes a package folder as npm unpacks it.
func pack(t *testing.T, table string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "dist"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"package.json":           `{"name":"chinese-days","version":"9.9.9"}`,
		"LICENSE":                "Some Licence\n\nsecond line\n",
		"dist/chinese-days.json": table,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestDaysComeOutInOrderWithTheirLicence(t *testing.T) {
	var out bytes.Buffer
	dir := pack(t, `{"holidays":{"2026-10-01":"National Day,国庆节,3","2026-01-01":"New Year's Day,元旦,1"},
		"workdays":{"2026-01-04":"New Year's Day,元旦,1"},"inLieuDays":{"2026-01-02":"x"}}`)
	if err := run(dir, &out); err != nil {
		t.Fatal(err)
	}
	head, rows, _ := strings.Cut(out.String(), "2026-01-01")
	if want := " off 元旦\n2026-01-04 work 元旦\n2026-10-01 off 国庆节\n"; rows != want {
		t.Errorf("rows: %q, want %q", rows, want)
	}
	for _, s := range []string{"chinese-days@9.9.9", "#   Some Licence\n#\n#   second line\n"} {
		if !strings.Contains(head, s) {
			t.Errorf("the header lacks %q:\n%s", s, head)
		}
	}
}

func TestAChangedPackageIsRefused(t *testing.T) {
	for name, table := range map[string]string{
		"no JSON":         `<html>`,
		"no date":         `{"holidays":{"2026-13-01":"New Year's Day,元旦,1"}}`,
		"a changed label": `{"holidays":{"2026-01-01":"元旦"}}`,
		"no Chinese name": `{"workdays":{"2026-01-01":"New Year's Day,,1"}}`,
	} {
		if err := run(pack(t, table), &bytes.Buffer{}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if err := run(t.TempDir(), &bytes.Buffer{}); err == nil {
		t.Error("an empty folder: accepted")
	}
}
