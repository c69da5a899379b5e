// Command gen-holidays derives the table of holidays and make-up days from the
// npm package chinese-days (MIT).
//
//	cd "$(mktemp -d)" && npm pack chinese-days@1.5.7 && tar xzf chinese-days-1.5.7.tgz
//	go run ./tools/gen-holidays -in DIR/package > internal/kernel/clock/holiday.txt
//
// It is run by hand once a year, when the State Council has published the next
// year's arrangement and the package has taken it up.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

func main() {
	in := flag.String("in", "", "unpacked package folder")
	flag.Parse()
	if *in == "" || flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "usage: gen-holidays -in DIR > holiday.txt")
		os.Exit(2)
	}
	if err := run(*in, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "gen-holidays:", err)
		os.Exit(1)
	}
}

func run(dir string, w io.Writer) error {
	var pkg struct{ Name, Version string }
	if err := readJSON(filepath.Join(dir, "package.json"), &pkg); err != nil {
		return err
	}
	// Each value is "English name,Chinese name,days".
	var table struct{ Holidays, Workdays map[string]string }
	if err := readJSON(filepath.Join(dir, "dist", "chinese-days.json"), &table); err != nil {
		return err
	}
	licence, err := os.ReadFile(filepath.Join(dir, "LICENSE"))
	if err != nil {
		return fmt.Errorf("reading the licence: %w", err)
	}
	lines, err := rows(table.Holidays, "off")
	if err != nil {
		return err
	}
	work, err := rows(table.Workdays, "work")
	if err != nil {
		return err
	}
	lines = append(lines, work...)
	slices.Sort(lines)

	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "# Public holidays (off) and make-up working days (work) of mainland China.\n")
	fmt.Fprintf(out, "# Derived from the npm package %s %s by tools/gen-holidays; do not edit by hand:\n", pkg.Name, pkg.Version)
	fmt.Fprintf(out, "#   npm pack %s@%s, unpack, go run ./tools/gen-holidays -in package > internal/kernel/clock/holiday.txt\n", pkg.Name, pkg.Version)
	fmt.Fprintf(out, "# Licence notice of the source:\n")
	for line := range strings.Lines(string(licence)) {
		fmt.Fprintln(out, strings.TrimRight("#   "+strings.TrimSpace(line), " "))
	}
	for _, l := range lines {
		fmt.Fprintln(out, l)
	}
	return out.Flush()
}

// rows makes one line per day and refuses what is not a date or has no name.
func rows(days map[string]string, word string) ([]string, error) {
	var out []string
	for day, label := range days {
		parts := strings.Split(label, ",")
		if _, err := time.Parse("2006-01-02", day); err != nil || len(parts) != 3 || strings.ContainsAny(parts[1], " \t") || parts[1] == "" {
			return nil, fmt.Errorf("day %q has an unexpected form %q", day, label)
		}
		out = append(out, day+" "+word+" "+parts[1])
	}
	return out, nil
}

func readJSON(path string, v any) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("reading: %w", err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("reading %s: %w", filepath.Base(path), err)
	}
	return nil
}
