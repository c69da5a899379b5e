package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"huikan/internal/kernel/fault"
	"huikan/linkage/private"
	"huikan/linkage/registers"
)

// BenchPSIConfig says at which size private matching is measured.
type BenchPSIConfig struct {
	Size string // full, or a share of it
	Seed uint64
	Data string   // folder of the registers; a temporary one when empty
	Keys []string // measured one by one; none: the default keys, and then all of them in one exchange
}

// Goals at full size, for one key: both sides after one another, and all bytes that go between them. Labels stand in an
// answer once for all of its keys, so what they take is held against the goal of all keys together.
const (
	psiWall    = 150 * time.Second
	psiTraffic = 120 << 20
)

// psiBench runs both sides as programs of their own, as the commands run: two folders that share nothing but the files.
type psiBench struct {
	linkBench
	share  float64
	dir    string // registers
	asker  PSIConfig
	holder PSIConfig
}

// psiStep is what one program took.
type psiStep struct {
	wall, cpu time.Duration
	peak      int64
}

func (s psiStep) and(t psiStep) psiStep {
	return psiStep{s.wall + t.wall, s.cpu + t.cpu, max(s.peak, t.peak)}
}

// BenchPSI makes registers up and measures an exchange for each key, and one of all keys for what is found.
func BenchPSI(ctx context.Context, c BenchPSIConfig, out, progress io.Writer) error {
	b := &psiBench{share: 1}
	if c.Size != "full" {
		var err error
		if b.share, err = strconv.ParseFloat(c.Size, 64); err != nil || !(b.share >= 1e-4 && b.share <= 1) {
			return fault.Invalid("psi.bench_size", c.Size)
		}
	}
	drop, err := benchFolder(&c.Data)
	if err != nil {
		return err
	}
	defer drop()
	b.dir = c.Data
	m := registers.Making{Seed: c.Seed, Staff: int(300000 * b.share), Relatives: int(1250000 * b.share), Lawyers: int(800000 * b.share)}
	if b.share < .02 {
		m.Overlap = min(8, .02/b.share) // so that recall is not that of a handful of pairs
	}
	if err := b.make(m, c.Data, progress); err != nil {
		return err
	}
	freshPeak() // a program is said to take no less than the one that starts it
	b.size = linkSize(m)
	sides, err := os.MkdirTemp(c.Data, "sides-")
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	defer os.RemoveAll(sides)
	if err := b.settle(sides); err != nil {
		return err
	}
	b.benchTable = newBenchTable(out, progress, benchFigures...)
	keys := c.Keys
	if len(keys) == 0 {
		for _, k := range private.DefaultKeys {
			keys = append(keys, k.String())
		}
	}
	for _, k := range keys {
		if err := b.oneKey(ctx, k); err != nil {
			return err
		}
	}
	if len(c.Keys) == 0 {
		if err := b.all(ctx, keys); err != nil {
			return err
		}
	}
	return b.done()
}

// settle makes the two sides' folders and the holder's key.
func (b *psiBench) settle(dir string) error {
	asker, holder := filepath.Join(dir, "asker"), filepath.Join(dir, "holder")
	if err := errors.Join(os.Mkdir(asker, 0o700), os.Mkdir(holder, 0o700)); err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	f := linkFiles3(b.dir)
	commitment := filepath.Join(dir, "key.pub")
	b.asker = PSIConfig{Staff: f.Staff, Relatives: f.Relatives, Commitment: commitment, State: filepath.Join(asker, "state"),
		Offer: filepath.Join(dir, "offer"), Answer: filepath.Join(dir, "answer"), Out: filepath.Join(asker, "links.csv")}
	b.holder = PSIConfig{Lawyers: filepath.Join(b.dir, "lawyers.csv"), Key: filepath.Join(holder, "key"), Commitment: commitment, Holder: "bench", Quota: 1 << 30}
	return PSIKey(b.holder, io.Discard)
}

// run runs one command of this program.
func (b *psiBench) run(ctx context.Context, args ...string) (s psiStep, err error) {
	self, err := os.Executable()
	if err != nil {
		return s, fmt.Errorf("bench: %w", err)
	}
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, self, append([]string{"psi"}, args...)...)
	cmd.Stderr = &said
	began := time.Now()
	if err := cmd.Run(); err != nil {
		return s, fmt.Errorf("bench: psi %s: %w: %s", args[0], err, strings.TrimSpace(said.String()))
	}
	p := cmd.ProcessState
	return psiStep{time.Since(began), p.UserTime() + p.SystemTime(), peakOf(p)}, nil
}

func (b *psiBench) offer(ctx context.Context, keys []string) (psiStep, error) {
	c := b.asker
	if err := os.RemoveAll(c.State); err != nil {
		return psiStep{}, fmt.Errorf("bench: %w", err)
	}
	return b.run(ctx, "offer", "--commitment", c.Commitment, "--staff", c.Staff, "--relatives", c.Relatives, "--secret", c.State, "--out", c.Offer, "--keys", strings.Join(keys, ","))
}

func (b *psiBench) answer(ctx context.Context) (psiStep, error) {
	return b.run(ctx, "answer", b.asker.Offer, "--lawyers", b.holder.Lawyers, "--key", b.holder.Key, "--out", b.asker.Answer)
}

func (b *psiBench) open(ctx context.Context) (psiStep, error) {
	c := b.asker
	return b.run(ctx, "open", c.Answer, "--offer", c.Offer, "--secret", c.State, "--staff", c.Staff, "--relatives", c.Relatives, "--out", c.Out)
}

// sizes are those of the files that went between the sides, with the bytes of the labels among them.
func (b *psiBench) sizes() (elements int, traffic, labels int64, err error) {
	o, file, err := openPSI(b.asker.Offer, private.ReadOffer)
	if err != nil {
		return 0, 0, 0, err
	}
	defer file.Close()
	a, file, err := openPSI(b.asker.Answer, private.ReadAnswer)
	if err != nil {
		return 0, 0, 0, err
	}
	defer file.Close()
	return o.Elements(), o.Size() + a.Size(), a.Labels(), nil
}

// oneKey measures an exchange of one key. Below full size the goals are held against the figures at full size, which are
// the figures divided by the share.
func (b *psiBench) oneKey(ctx context.Context, key string) error {
	offer, err := b.offer(ctx, []string{key})
	if err != nil {
		return err
	}
	answer, err := b.answer(ctx)
	if err != nil {
		return err
	}
	open, err := b.open(ctx)
	if err != nil {
		return err
	}
	n, traffic, labels, err := b.sizes()
	if err != nil {
		return err
	}
	asker := offer.and(open)
	both := asker.and(answer)
	b.row(key+", one side after the other, wall", b.size, b.seconds(both.wall), "≤ 150 s", both.wall.Seconds()/b.share <= psiWall.Seconds())
	for _, s := range []struct {
		who string
		psiStep
	}{{"asker: offer", offer}, {"asker: open and score", open}, {"holder: answer", answer}} {
		b.note("  "+s.who, fmt.Sprintf("%d values", n), fmt.Sprintf("%s wall, %s processor, %.0f µs of it a value, peak %d MB", b.seconds(s.wall), b.seconds(s.cpu),
			float64(s.cpu.Microseconds())/float64(n), s.peak>>20))
	}
	b.row("  traffic without labels", b.size, fmt.Sprintf("%s, %.1f bytes a value", b.bytes(traffic-labels), float64(traffic-labels)/float64(n)), "≤ 120 MB", float64(traffic-labels)/b.share <= psiTraffic)
	b.note("  labels, once for all keys of an exchange", b.size, b.bytes(labels))
	return nil
}

func (b *psiBench) seconds(d time.Duration) string {
	if b.share == 1 {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return fmt.Sprintf("%.2f s (full size: %.0f s)", d.Seconds(), d.Seconds()/b.share)
}

func (b *psiBench) bytes(n int64) string {
	mb := float64(n) / (1 << 20)
	if b.share == 1 {
		return fmt.Sprintf("%.1f MB", mb)
	}
	return fmt.Sprintf("%.2f MB (full size: %.0f MB)", mb, mb/b.share)
}

// all exchanges all keys at once and judges what was found.
func (b *psiBench) all(ctx context.Context, keys []string) error {
	if _, err := b.offer(ctx, keys); err != nil {
		return err
	}
	if _, err := b.answer(ctx); err != nil {
		return err
	}
	_, traffic, _, err := b.sizes()
	if err != nil {
		return err
	}
	b.row(fmt.Sprintf("all %d keys with labels, traffic", len(keys)), b.size, b.bytes(traffic), fmt.Sprintf("≤ %d × 120 MB", len(keys)), float64(traffic)/b.share <= float64(len(keys)*psiTraffic))
	r, found, _, err := psiOpen(ctx, b.asker)
	if err != nil {
		return err
	}
	j, err := registers.Judge(b.dir, r)
	if err != nil {
		return err
	}
	b.row("recall at 0.5 after scoring", fmt.Sprintf("%d true pairs", j.True), fmt.Sprintf("%.4f", j.Recall), "≥ 0.94", j.Recall >= .94)
	b.row("precision at 0.5 after scoring", fmt.Sprintf("%d links", j.Links), fmt.Sprintf("%.4f", j.Precision), "≥ 0.95", j.Precision >= .95)
	b.row("lawyers of whom something was told", fmt.Sprintf("of %d", found.Size), fmt.Sprintf("%d", found.Records.Len()), "≤ 2 × the true pairs", found.Records.Len() <= 2*j.True)
	return nil
}
