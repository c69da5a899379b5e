package registers

import (
	"context"
	"fmt"
	"huikan/linkage"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"
)

func TestTry(t *testing.T) {
	num := func(k string, d float64) float64 {
		if v, err := strconv.ParseFloat(os.Getenv(k), 64); err == nil {
			return v
		}
		return d
	}
	sc := num("SCALE", 0.1)
	dir := os.Getenv("DIR")
	if dir == "" {
		dir = t.TempDir()
	}
	m := Making{Seed: uint64(num("SEED", 1)), Staff: int(300000 * sc), Relatives: int(1250000 * sc), Lawyers: int(800000 * sc), Errors: num("ERR", 1), Overlap: num("OV", 0), Missing: num("MISS", 0), Skew: num("SKEW", 0), Short: num("SHORT", 0), Ethnic: num("ETH", 0)}
	if _, err := os.Stat(dir + "/truth.csv"); err != nil {
		t0 := time.Now()
		if err := m.Write(dir); err != nil {
			t.Fatal(err)
		}
		fmt.Println("made", time.Since(t0))
	}
	runtime.GC()
	var ru0, ru syscall.Rusage
	syscall.Getrusage(0, &ru0)
	t0 := time.Now()
	r, err := Run(context.Background(), Files{dir + "/staff.csv", dir + "/relatives.csv", dir + "/lawyers.csv"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	f, _ := os.Create(dir + "/links.csv")
	r.Write(f, linkage.Chinese)
	f.Close()
	w := time.Since(t0)
	syscall.Getrusage(0, &ru)
	cpu := time.Duration(ru.Utime.Nano() + ru.Stime.Nano() - ru0.Utime.Nano() - ru0.Stime.Nano())
	j, err := Judge(dir, r)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("wall %v cpu %v rss %dMB rate %.4f trained %+v capped %d\n", w, cpu, ru.Maxrss>>10, r.Model.Rate, r.Model.Trained, r.Index.Capped())
	fmt.Printf("true %d links %d F1 %.4f P %.4f R %.4f reach %.4f auto %d autoP %.4f review %d ECE %.4f hard %v\n", j.True, j.Links, j.F1, j.Precision, j.Recall, j.Reach, j.Auto, j.AutoPrecision, j.Review, j.Calibration, j.Hard)
	for i, b := range j.Bins {
		if b.N > 0 {
			fmt.Printf("  %d n %.0f p %.3f act %.3f\n", i, b.N, b.Sum/b.N, b.Hit/b.N)
		}
	}
	if os.Getenv("SHOW") != "" {
		for _, s := range j.Missed {
			fmt.Println("M", s)
		}
		for _, s := range j.Wrong {
			fmt.Println("W", s)
		}
		for k, w := range r.Model.Weights() {
			fmt.Println(k, w)
		}
	}
}
