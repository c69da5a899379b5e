package app

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"huikan/internal/kernel/fault"
)

// benchTable is what a measurement prints: lines of cells, the last of them a goal
// with "ok" or "MISSED", and how many goals were missed. The table comes at the end,
// in straight columns; each line goes to progress at once, so that a long measurement
// shows where it is and leaves what it knew when it is cut off.
type benchTable struct {
	tw       *tabwriter.Writer
	progress io.Writer
	missed   int
}

func newBenchTable(out, progress io.Writer, columns ...string) benchTable {
	t := benchTable{tw: tabwriter.NewWriter(out, 0, 4, 2, ' ', 0), progress: progress}
	t.line(columns...)
	return t
}

func (t *benchTable) line(cells ...string) {
	fmt.Fprintln(t.progress, strings.Join(cells, "  "))
	fmt.Fprintln(t.tw, strings.Join(cells, "\t")+"\t")
}

// mark says a goal and whether it is met.
func (t *benchTable) mark(goal string, good bool) string {
	if good {
		return goal + " ok"
	}
	t.missed++
	return goal + " MISSED"
}

// benchFigures are the columns of [benchTable.row].
var benchFigures = []string{"what", "size", "figure", "goal"}

// benchCosts are those of tables that say what the processors spent too.
var benchCosts = []string{"what", "size", "figure", "processor", "goal"}

// row prints a figure; good says whether it meets its goal.
func (t *benchTable) row(what, size, figure, goal string, good bool) {
	t.line(what, size, figure, t.mark(goal, good))
}

// note prints a figure that has no goal.
func (t *benchTable) note(what, size, figure string) { t.line(what, size, figure, "") }

// benchTimes are the columns of [benchTable.times].
var benchTimes = []string{"what", "who", "size", "first", "p50", "p95", "max", "CPU", "KiB", "goal p95"}

// times prints a line for answers that 95 of 100 are held to a goal of.
func (t *benchTable) times(what, who, size string, first time.Duration, times []time.Duration, cpu time.Duration, kib int, goal time.Duration) {
	sorted := slices.Sorted(slices.Values(times))
	p95 := sorted[len(sorted)*95/100]
	t.line(what, who, size, ms(first), ms(sorted[len(sorted)/2]), ms(p95), ms(sorted[len(sorted)-1]), ms(cpu), fmt.Sprint(kib), t.mark(ms(goal), p95 <= goal))
}

// done prints the table and is an error when a goal was missed.
func (t *benchTable) done() error {
	if err := t.tw.Flush(); err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	if t.missed > 0 {
		return fault.State("error.bench_missed", t.missed)
	}
	return nil
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

// benchListen serves on a free port of this machine until stop, which may be called twice.
func benchListen(ctx context.Context, a *App, c Config) (base string, stop func() error, err error) {
	ready, end := make(chan string, 1), make(chan error, 1)
	c.Addr = "127.0.0.1:0"
	run, cancel := context.WithCancel(ctx)
	go func() { end <- a.Listen(run, c, func(addr string) { ready <- addr }) }()
	var ended error
	wait := func() error {
		cancel()
		if err, ok := <-end; ok {
			ended = err
			close(end)
		}
		return ended
	}
	select {
	case base = <-ready:
		return base, wait, nil
	case err := <-end:
		cancel()
		return "", nil, fmt.Errorf("bench: %w", err)
	}
}
