package registers

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"huikan/linkage"
)

func run(t *testing.T, m Making, o Options) (string, *Result, *Judgement) {
	t.Helper()
	dir := t.TempDir()
	if err := m.Write(dir); err != nil {
		t.Fatal(err)
	}
	r, err := Run(context.Background(), files(dir), o)
	if err != nil {
		t.Fatal(err)
	}
	j, err := Judge(dir, r)
	if err != nil {
		t.Fatal(err)
	}
	return dir, r, j
}

func files(dir string) Files {
	return Files{Staff: filepath.Join(dir, "staff.csv"), Relatives: filepath.Join(dir, "relatives.csv"), Lawyers: filepath.Join(dir, "lawyers.csv")}
}

// The floors hold whatever the registers are like: nothing is tuned to one of them.
func TestRegistersOfEveryKindAreLinked(t *testing.T) {
	size := func(m Making, share float64) Making {
		m.Staff, m.Relatives, m.Lawyers = int(300000*share), int(1250000*share), int(800000*share)
		return m
	}
	for _, c := range []struct {
		name             string
		m                Making
		f1, precision    float64
		reach            float64
		calibrationError float64
	}{
		{"usual", size(Making{Seed: 101}, .04), .98, .98, .988, .03},
		{"errors doubled", size(Making{Seed: 102, Errors: 2}, .04), .955, .955, .975, .04},
		{"few errors", size(Making{Seed: 103, Errors: .3}, .02), .99, .985, .995, .03},
		{"numbers and dates missing", size(Making{Seed: 104, Missing: 2}, .03), .96, .955, .98, .04},
		{"common names more common", size(Making{Seed: 105, Skew: 1.5}, .03), .975, .975, .985, .03},
		{"names of two characters", size(Making{Seed: 106, Short: .6, Skew: .8}, .03), .975, .975, .985, .03},
		{"long names", size(Making{Seed: 107, Ethnic: .25}, .03), .975, .97, .985, .03},
		{"few matches", size(Making{Seed: 108, Overlap: .3}, .05), .96, .95, .985, .04},
		{"many matches", size(Making{Seed: 109, Overlap: 3}, .02), .98, .985, .988, .03},
		{"many look-alikes", size(Making{Seed: 110, Alikes: 4}, .03), .965, .955, .985, .04},
		{"small", size(Making{Seed: 111}, .004), .95, .95, .97, .04},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, _, j := run(t, c.m, Options{})
			if j.F1 < c.f1 || j.Precision < c.precision || j.Reach < c.reach {
				t.Errorf("F1 %.4f (%.3f wanted), precision %.4f (%.3f), recall of all reported %.4f (%.3f); missed %v, wrong %v", j.F1, c.f1, j.Precision, c.precision, j.Reach, c.reach, j.Missed[:min(5, len(j.Missed))], j.Wrong[:min(5, len(j.Wrong))])
			}
			if j.Calibration > c.calibrationError {
				t.Errorf("calibration error %.4f, %.2f allowed: %v", j.Calibration, c.calibrationError, j.Bins)
			}
			for kind, h := range j.Hard {
				share := .12
				if kind == "twin" {
					share = .03
				}
				if float64(h.Auto) > share*float64(h.All) {
					t.Errorf("%s: %d of %d in auto", kind, h.Auto, h.All)
				}
			}
			if j.AutoPrecision < .998 {
				t.Errorf("of what is called as good as certain %.4f is right", j.AutoPrecision)
			}
		})
	}
}

func TestMakingIsReproducible(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	m := Making{Seed: 5, Staff: 200, Relatives: 700, Lawyers: 500}
	for _, d := range []string{a, b} {
		if err := m.Write(d); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range []string{"staff.csv", "relatives.csv", "lawyers.csv", "truth.csv", "hard_negatives.csv"} {
		x, err := os.ReadFile(filepath.Join(a, f))
		if err != nil {
			t.Fatal(err)
		}
		y, err := os.ReadFile(filepath.Join(b, f))
		if err != nil || !bytes.Equal(x, y) {
			t.Errorf("%s differs between two runs of one seed: %v", f, err)
		}
	}
	if err := (Making{}).Write(a); err == nil {
		t.Error("nothing was made without an error")
	}
}

func TestLinksAreWrittenWithTheirAccount(t *testing.T) {
	dir, r, _ := run(t, Making{Seed: 6, Staff: 600, Relatives: 2500, Lawyers: 1600}, Options{})
	var out bytes.Buffer
	if err := r.Write(&out, linkage.Chinese); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if lines[0] != "source,source_id,lawyer_id,probability,band,explanation" || len(lines) < 20 || !strings.Contains(lines[1], "比特") {
		t.Errorf("%d lines: %s", len(lines), lines[:min(2, len(lines))])
	}
	// Under the same model the same registers give the same links.
	again, err := Run(context.Background(), files(dir), Options{Model: r.Model})
	if err != nil {
		t.Fatal(err)
	}
	var second bytes.Buffer
	if err := again.Write(&second, linkage.Chinese); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(out.Bytes(), second.Bytes()) {
		t.Error("the same registers and model gave other links")
	}
}

func TestATwinDoesNotTakeHisBrothersPlace(t *testing.T) {
	dir := t.TempDir()
	m := Making{Seed: 7, Staff: 3000, Relatives: 9000, Lawyers: 8000}
	if err := m.Write(dir); err != nil {
		t.Fatal(err)
	}
	add := func(file, rows string) {
		f, err := os.OpenFile(filepath.Join(dir, file), os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString(rows); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	add("staff.csv", "S9,覃海燕,,女,1980-04-09,,410421,平顶山市宝丰县人民检察院,河南省,辞职,2003-07,2020-01-02\n")
	add("relatives.csv", "R8,S9,弟弟,覃海翔,男,1980-04-09,,,平顶山市\nR9,S9,弟弟,覃海祥,男,1980-04-09,,,平顶山市\n")
	add("lawyers.csv", "L9,覃海祥,男,1980-04-09,41042119800409761X,141042014100142716,河南诚明律师事务所,平顶山市,河南省,2014-03,执业,\n")
	r, err := Run(context.Background(), files(dir), Options{})
	if err != nil {
		t.Fatal(err)
	}
	p := map[string]float64{}
	for _, l := range r.Links[1] {
		if r.Index.ID(l.Right) == "L9" {
			p[r.Relatives.ID(l.Left)] = l.Probability
		}
	}
	if p["R9"] < .9 || p["R8"] > .1 {
		t.Errorf("the lawyer's own row %.3f, his twin's %.3f", p["R9"], p["R8"])
	}
}
