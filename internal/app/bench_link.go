package app

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"huikan/internal/kernel/fault"
	"huikan/linkage"
	"huikan/linkage/registers"
)

// BenchLinkConfig says at which size linkage is measured.
type BenchLinkConfig struct {
	Size string // small, province, nation
	Seed uint64
	Data string // folder of the registers; a temporary one when empty
}

var linkSizes = map[string]float64{"small": .01, "province": .1, "nation": 1}

type linkBench struct {
	benchTable
	size string
}

// BenchLink makes registers up, links them, and prints what, size, figure and goal.
func BenchLink(ctx context.Context, c BenchLinkConfig, out, progress io.Writer) error {
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	drop, err := benchFolder(&c.Data)
	if err != nil {
		return err
	}
	defer drop()
	share := linkSizes[c.Size]
	if share == 0 {
		return fault.Invalid("link.bench_size", c.Size)
	}
	b := &linkBench{benchTable: newBenchTable(out, progress, benchFigures...), size: c.Size}
	full := registers.Making{Seed: c.Seed, Staff: int(300000 * share), Relatives: int(1250000 * share), Lawyers: int(800000 * share)}
	dir := filepath.Join(c.Data, "usual")
	if err := b.make(full, dir, progress); err != nil {
		return err
	}
	r, err := b.bulk(ctx, dir, full)
	if err != nil {
		return err
	}
	if err := b.online(ctx, dir, r); err != nil {
		return err
	}
	runtime.GC()
	double := registers.Making{Seed: c.Seed + 1, Staff: full.Staff / 5, Relatives: full.Relatives / 5, Lawyers: full.Lawyers / 5, Errors: 2}
	dir = filepath.Join(c.Data, "doubled")
	if err := b.make(double, dir, progress); err != nil {
		return err
	}
	if err := b.doubled(ctx, dir, double); err != nil {
		return err
	}
	return b.done()
}

func (b *linkBench) make(m registers.Making, dir string, progress io.Writer) error {
	if _, err := os.Stat(filepath.Join(dir, "hard_negatives.csv")); err == nil {
		return nil // made before, in a folder that is kept
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	began := time.Now()
	if err := m.Write(dir); err != nil {
		return err
	}
	fmt.Fprintf(progress, "made %s in %.1f s\n", linkSize(m), time.Since(began).Seconds())
	return nil
}

func linkSize(m registers.Making) string {
	return fmt.Sprintf("%d + %d × %d", m.Staff, m.Relatives, m.Lawyers)
}

func linkFiles3(dir string) registers.Files {
	return registers.Files{Staff: filepath.Join(dir, "staff.csv"), Relatives: filepath.Join(dir, "relatives.csv"), Lawyers: filepath.Join(dir, "lawyers.csv")}
}

// bulk measures from tables to explained links.
func (b *linkBench) bulk(ctx context.Context, dir string, m registers.Making) (*registers.Result, error) {
	runtime.GC()
	began, cpu := time.Now(), cpuTime()
	r, err := registers.Run(ctx, linkFiles3(dir), registers.Options{})
	if err != nil {
		return nil, linkError(err)
	}
	if err := writeOut(filepath.Join(dir, "links.csv"), func(w io.Writer) error { return r.Write(w, linkage.Chinese) }); err != nil {
		return nil, err
	}
	wall, used, peak := time.Since(began), cpuTime()-cpu, peakMemory()
	j, err := registers.Judge(dir, r)
	if err != nil {
		return nil, err
	}
	size := linkSize(m)
	b.row("tables to explained links, wall", size, fmt.Sprintf("%.2f s", wall.Seconds()), "≤ 3.0 s", wall <= 3*time.Second)
	b.row("the same, processor", size, fmt.Sprintf("%.2f s", used.Seconds()), "≤ 5.0 s", used <= 5*time.Second)
	b.row("peak memory", size, fmt.Sprintf("%d MB", peak>>20), "≤ 1000 MB", peak <= 1000<<20)
	b.row("F1 at 0.5, untuned", size, fmt.Sprintf("%.4f", j.F1), "≥ 0.985", j.F1 >= .985)
	b.row("precision at 0.5", size, fmt.Sprintf("%.4f", j.Precision), "≥ 0.988", j.Precision >= .988)
	b.row("recall of all that is reported", size, fmt.Sprintf("%.4f", j.Reach), "≥ 0.990", j.Reach >= .99)
	queue := float64(j.Review) / math.Max(1, float64(j.True))
	b.row("review queue to true links", size, fmt.Sprintf("%.2f", queue), "≤ 1.5", queue <= 1.5)
	b.row("precision of auto", size, fmt.Sprintf("%.4f", j.AutoPrecision), "≥ 0.998", j.AutoPrecision >= .998)
	b.row("calibration error", size, fmt.Sprintf("%.4f", j.Calibration), "≤ 0.03", j.Calibration <= .03)
	h := j.Hard["twin"]
	b.row("twins in auto", size, fmt.Sprintf("%d of %d", h.Auto, h.All), "≤ 3 %", float64(h.Auto) <= .03*float64(h.All))
	alike := registers.HardCount{}
	for kind, v := range j.Hard {
		if strings.HasPrefix(kind, "lookalike_birthdate") {
			alike.All, alike.Auto = alike.All+v.All, alike.Auto+v.Auto
		}
	}
	b.row("same name and birthday in auto", size, fmt.Sprintf("%d of %d", alike.Auto, alike.All), "≤ 12 %", float64(alike.Auto) <= .12*float64(alike.All))
	return r, nil
}

// online measures a standing index: its memory, one look-up, and a batch of new records.
func (b *linkBench) online(ctx context.Context, dir string, r *registers.Result) error {
	size := fmt.Sprintf("%d", r.Index.Len())
	m, x := r.Model, r.Index
	*r = registers.Result{}
	resident := x.Memory() + m.Memory()
	b.row("index and model in memory", size, fmt.Sprintf("%d MB", resident>>20), "≤ 250 MB", resident <= 250<<20)
	records, err := staffRecords(filepath.Join(dir, "staff.csv"), 20000)
	if err != nil {
		return err
	}
	times := make([]time.Duration, len(records))
	for i := range records {
		began := time.Now()
		x.Query(&records[i], 10)
		times[i] = time.Since(began)
	}
	slices.Sort(times)
	p50, p99, p999 := times[len(times)/2], times[len(times)*99/100], times[len(times)*999/1000]
	b.row("one look-up with its account, p50", size, us(p50), "≤ 20 µs", p50 <= 20*time.Microsecond)
	b.row("the same, p99", size, us(p99), "≤ 300 µs", p99 <= 300*time.Microsecond)
	b.row("the same, p99.9", size, us(p999), "≤ 1000 µs", p999 <= time.Millisecond)
	batch := records[:min(10000, len(records))]
	best, least := time.Hour, time.Hour
	for range 3 {
		began, cpu := time.Now(), cpuTime()
		s := linkage.NewSet(m.Rules)
		for i := range batch {
			s.Add(&batch[i])
		}
		if _, err := x.Link(ctx, s, linkage.Options{}); err != nil {
			return err
		}
		best, least = min(best, time.Since(began)), min(least, cpuTime()-cpu)
	}
	b.row("a batch of new records", fmt.Sprintf("%d × %s", len(batch), size), fmt.Sprintf("%.0f ms", best.Seconds()*1000), "≤ 100 ms", best <= 100*time.Millisecond)
	b.row("the same, processor", fmt.Sprintf("%d × %s", len(batch), size), fmt.Sprintf("%.0f ms", least.Seconds()*1000), "≤ 100 ms", least <= 100*time.Millisecond)
	return nil
}

func us(d time.Duration) string { return fmt.Sprintf("%.0f µs", float64(d.Nanoseconds())/1000) }

func (b *linkBench) doubled(ctx context.Context, dir string, m registers.Making) error {
	r, err := registers.Run(ctx, linkFiles3(dir), registers.Options{})
	if err != nil {
		return linkError(err)
	}
	j, err := registers.Judge(dir, r)
	if err != nil {
		return err
	}
	b.row("F1 at 0.5, errors doubled", linkSize(m), fmt.Sprintf("%.4f", j.F1), "≥ 0.955", j.F1 >= .955)
	b.row("calibration error, errors doubled", linkSize(m), fmt.Sprintf("%.4f", j.Calibration), "≤ 0.03", j.Calibration <= .03)
	return nil
}

// staffRecords reads records as a counter would have them.
func staffRecords(path string, most int) ([]linkage.Record, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fileError(path, err)
	}
	defer f.Close()
	in := csv.NewReader(f)
	in.ReuseRecord = true
	if _, err := in.Read(); err != nil {
		return nil, fileError(path, err)
	}
	var out []linkage.Record
	for len(out) < most {
		row, err := in.Read()
		if err != nil {
			break
		}
		c := slices.Clone(row)
		out = append(out, linkage.Record{ID: c[0], Name: c[1], Former: []string{c[2]}, Sex: c[3], Birth: c[4], IDNo: c[5], Places: []string{c[6]}, Orgs: []string{c[7]}, Category: "staff/" + c[9]})
	}
	return out, nil
}
