package main

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"huikan/linkage/registers"
)

// Two sides, each in a folder of its own and every command a process of its own, share nothing but the files they send.
func TestPrivateMatchingOverFiles(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/psi",
		Setup: func(e *testscript.Env) error {
			e.Setenv("HUIKAN_LANG", "en")
			for _, side := range []string{"asker", "holder"} {
				if err := os.Mkdir(filepath.Join(e.WorkDir, side), 0o700); err != nil {
					return err
				}
			}
			made := filepath.Join(e.WorkDir, "made")
			if err := os.Mkdir(made, 0o700); err != nil {
				return err
			}
			if err := (registers.Making{Seed: 51, Staff: 200, Relatives: 800, Lawyers: 1200, Overlap: 8}).Write(made); err != nil {
				return err
			}
			for file, side := range map[string]string{"staff.csv": "asker", "relatives.csv": "asker", "lawyers.csv": "holder"} {
				if err := os.Rename(filepath.Join(made, file), filepath.Join(e.WorkDir, side, file)); err != nil {
					return err
				}
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"flip": flip, "judge": judge, "secret": secret, "await": await},
	})
}

// await waits until a line of a file has what a pattern's group names, and keeps it in a variable.
func await(ts *testscript.TestScript, _ bool, args []string) {
	want := regexp.MustCompile(args[1])
	for end := time.Now().Add(time.Minute); time.Now().Before(end); <-time.After(20 * time.Millisecond) {
		b, err := os.ReadFile(ts.MkAbs(args[0]))
		if m := want.FindSubmatch(b); err == nil && m != nil {
			ts.Setenv(args[2], string(m[1]))
			return
		}
	}
	ts.Fatalf("%s never had %s", args[0], args[1])
}

// flip changes the byte so far before the end.
func flip(ts *testscript.TestScript, _ bool, args []string) {
	b := []byte(ts.ReadFile(args[0]))
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	b[len(b)-n] ^= 1
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b, 0o600))
}

// secret says whether only the owner can read a file.
func secret(ts *testscript.TestScript, neg bool, args []string) {
	i, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	if (i.Mode().Perm()&0o077 == 0) == neg {
		ts.Fatalf("%s has mode %v", args[0], i.Mode())
	}
}

// judge holds links against the truth: recall and precision at probability 0.5.
func judge(ts *testscript.TestScript, _ bool, args []string) {
	truth, hits, links := map[string]bool{}, 0, 0
	for sc := bufio.NewScanner(strings.NewReader(ts.ReadFile(args[1]))); sc.Scan(); {
		if p := strings.Split(strings.TrimSpace(sc.Text()), ","); p[0] != "source" {
			truth[strings.Join(p[:3], ",")] = true
		}
	}
	for sc := bufio.NewScanner(strings.NewReader(ts.ReadFile(args[0]))); sc.Scan(); {
		p := strings.Split(sc.Text(), ",")
		if q, err := strconv.ParseFloat(p[3], 64); err == nil && q >= .5 {
			links++
			if truth[strings.Join(p[:3], ",")] {
				hits++
			}
		}
	}
	recall, precision := float64(hits)/float64(len(truth)), float64(hits)/float64(max(1, links))
	ts.Logf("%d true pairs, recall %.3f, precision %.3f", len(truth), recall, precision)
	if len(truth) < 60 || recall < .94 || precision < .95 {
		ts.Fatalf("%d true pairs, recall %.3f, precision %.3f", len(truth), recall, precision)
	}
}
