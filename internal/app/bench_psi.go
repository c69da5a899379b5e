package app

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"text/tabwriter"
	"time"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/linkage"
	"huikan/linkage/private"
	"huikan/linkage/registers"
)

// BenchPSIConfig says at which size private matching is measured.
type BenchPSIConfig struct {
	Size string // full, or a share of it
	Seed uint64
	Data string // folder of the registers; a temporary one when empty
}

// Goals at full size, for one key.
const (
	psiWall    = 150 * time.Second
	psiTraffic = 120 << 20
)

type psiBench struct {
	linkBench
	share                      float64
	staff, relatives, lawyers  *linkage.Set
	key                        *private.Key
	offered, answered          bytes.Buffer
	elements, labels           int
	offer, answer, open, spent time.Duration // wall; spent is processor time
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
	if c.Data == "" {
		dir, err := os.MkdirTemp("", "huikan-bench-")
		if err != nil {
			return fmt.Errorf("bench: %w", err)
		}
		defer os.RemoveAll(dir)
		c.Data = dir
	}
	b.tw = tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	m := registers.Making{Seed: c.Seed, Staff: int(300000 * b.share), Relatives: int(1250000 * b.share), Lawyers: int(800000 * b.share)}
	if b.share < .02 {
		m.Overlap = min(8, .02/b.share) // so that recall is not that of a handful of pairs
	}
	if err := b.make(m, c.Data, progress); err != nil {
		return err
	}
	if err := b.read(ctx, c.Data); err != nil {
		return err
	}
	b.size = linkSize(m)
	fmt.Fprintf(b.tw, "what\tsize\tfigure\tgoal\t\n")
	for _, k := range private.DefaultKeys {
		if _, err := b.exchange(ctx, []linkage.EqualKey{k}); err != nil {
			return err
		}
		b.oneKey(k)
	}
	f, err := b.exchange(ctx, private.DefaultKeys)
	if err != nil {
		return err
	}
	all := float64(b.offered.Len() + b.answered.Len())
	keys := len(private.DefaultKeys)
	b.row(fmt.Sprintf("all %d keys with labels, traffic", keys), b.size, b.bytes(all), fmt.Sprintf("≤ %d × 120 MB", keys), all/b.share <= float64(keys*psiTraffic))
	if err := b.quality(ctx, c.Data, f); err != nil {
		return err
	}
	if err := b.tw.Flush(); err != nil {
		return err
	}
	if b.missed > 0 {
		return fault.State("psi.bench_missed", b.missed)
	}
	return nil
}

func (b *psiBench) read(ctx context.Context, dir string) (err error) {
	f := linkFiles3(dir)
	if b.staff, b.relatives, _, err = registers.Left(ctx, f.Staff, f.Relatives); err != nil {
		return linkError(err)
	}
	if b.lawyers, _, err = registers.ReadFile(ctx, filepath.Join(dir, "lawyers.csv"), registers.PrivateLawyerColumns, nil, nil); err != nil {
		return linkError(err)
	}
	b.key, err = private.NewKey("bench", 1<<30)
	return err
}

// exchange runs both sides, one after the other, and keeps times and sizes.
func (b *psiBench) exchange(ctx context.Context, keys []linkage.EqualKey) (*private.Found, error) {
	commitment, err := b.key.Commitment()
	if err != nil {
		return nil, err
	}
	sets := []*linkage.Set{b.staff, b.relatives}
	b.offered.Reset()
	b.answered.Reset()
	began, cpu := time.Now(), cpuTime()
	st, err := private.MakeOffer(ctx, commitment, sets, private.OfferOptions{Keys: keys}, &b.offered)
	if err != nil {
		return nil, psiError(err)
	}
	b.offer, began = time.Since(began), time.Now()
	o, err := private.ReadOffer("offer", bytes.NewReader(b.offered.Bytes()))
	if err != nil {
		return nil, psiError(err)
	}
	now := time.Now().In(clock.Beijing)
	l, err := private.NewLog(b.key, now)
	if err != nil {
		return nil, psiError(err)
	}
	admitted, err := b.key.Admit(o, l, now)
	if err != nil {
		return nil, psiError(err)
	}
	done, err := admitted.Answer(ctx, b.lawyers, &b.answered)
	if err != nil {
		return nil, psiError(err)
	}
	b.answer, began = time.Since(began), time.Now()
	a, err := private.ReadAnswer("answer", bytes.NewReader(b.answered.Bytes()))
	if err != nil {
		return nil, psiError(err)
	}
	f, err := st.Open(ctx, o, a, registers.Rules(), sets)
	if err != nil {
		return nil, psiError(err)
	}
	b.open, b.spent = time.Since(began), cpuTime()-cpu
	b.elements, b.labels = done.Evaluated, done.Labels
	return f, nil
}

// oneKey prints the rows of a key. Below full size the goal is held against the figure at full size, which is the figure
// divided by the share.
func (b *psiBench) oneKey(k linkage.EqualKey) {
	wall := b.offer + b.answer + b.open
	each := func(d time.Duration) string {
		return fmt.Sprintf("%.0f", float64(d.Microseconds())/float64(b.elements))
	}
	b.row(k.String()+", both sides, wall", b.size, b.seconds(wall.Seconds()), "≤ 150 s", wall.Seconds()/b.share <= psiWall.Seconds())
	half := b.spent.Seconds() / 2
	fmt.Fprintf(b.tw, "  the same, processor time over two cores\t%s\t%s\t\t\n", b.size, b.seconds(half))
	fmt.Fprintf(b.tw, "  offer, answer, open: µs of wall for each of %d values\t%s\t%s, %s, %s\t\t\n", b.elements, b.size, each(b.offer), each(b.answer), each(b.open))
	traffic := float64(b.offered.Len() + b.answered.Len() - b.labels)
	b.row("  traffic without labels", b.size, fmt.Sprintf("%s, %.1f bytes a value", b.bytes(traffic), traffic/float64(b.elements)), "≤ 120 MB", traffic/b.share <= psiTraffic)
}

func (b *psiBench) seconds(s float64) string {
	if b.share == 1 {
		return fmt.Sprintf("%.1f s", s)
	}
	return fmt.Sprintf("%.2f s, at full size %.0f s", s, s/b.share)
}

func (b *psiBench) bytes(n float64) string {
	if b.share == 1 {
		return fmt.Sprintf("%.1f MB", n/(1<<20))
	}
	return fmt.Sprintf("%.2f MB, at full size %.0f MB", n/(1<<20), n/(1<<20)/b.share)
}

// quality scores what was found and judges it.
func (b *psiBench) quality(ctx context.Context, dir string, f *private.Found) error {
	r, err := psiRescore(ctx, b.staff, b.relatives, f, nil)
	if err != nil {
		return err
	}
	j, err := registers.Judge(dir, r)
	if err != nil {
		return err
	}
	b.row("recall at 0.5 after scoring", fmt.Sprintf("%d true pairs", j.True), fmt.Sprintf("%.4f", j.Recall), "≥ 0.94", j.Recall >= .94)
	b.row("precision at 0.5 after scoring", fmt.Sprintf("%d links", j.Links), fmt.Sprintf("%.4f", j.Precision), "≥ 0.95", j.Precision >= .95)
	b.row("lawyers of whom something was told", fmt.Sprintf("of %d", b.lawyers.Len()), fmt.Sprintf("%d", f.Records.Len()), "≤ 2 × the true pairs", f.Records.Len() <= 2*j.True)
	return nil
}
