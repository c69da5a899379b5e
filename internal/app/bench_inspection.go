package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"huikan/internal/kernel/fault"
)

// InspectionBench says how much to measure with.
type InspectionBench struct {
	Data     string // kept between runs when set
	Database string
	Items    int // findings; each has three measures
	Requests int
}

// Goals of the ledger at the design size.
const (
	exportGoal   = 15 * time.Second
	exportMemory = 300 << 20
)

// inspectionPages are lists, filters and ledgers as people open them.
var inspectionPages = []struct{ login, path string }{
	{"office", "/ledger"}, {"office", "/ledger?view=all"}, {"office", "/ledger?view=overdue"}, {"office", "/ledger?view=near"}, {"office", "/ledger?view=unchecked"},
	{"office", "/ledger?list=tasks&view=all"}, {"office", "/ledger?list=duties&view=all"}, {"office", "/ledger?list=problems&view=all"},
	{"office", "/ledger?view=all&category=discipline&severity=serious"}, {"office", "/ledger?view=all&state=applied"}, {"office", "/ledger?view=all&claimed=done"},
	{"office", "/ledger?view=all&sort=-due"}, {"office", "/ledger?view=all&sort=no"}, {"office", "/ledger?view=all&unit=河南省人民检察院"}, {"office", "/ledger?view=all&q=公务用车"},
	{"office", "/ledger/checks"}, {"office", "/rectify"}, {"office", "/findings"}, {"office", "/findings?q=涉案财物"},
	{"reviewer", "/review"}, {"reviewer", "/"}, {"unit", "/ledger"}, {"unit", "/ledger?list=tasks"}, {"unit", "/"},
}

// exportPath is about a tenth of the ledger.
const exportPath = "/ledger/export?view=all&format=xlsx&state=to_claim&state=long_term"

// BenchInspection measures every list, filter and ledger page at a size, and the
// export of a tenth of the ledger, over HTTP on this machine.
func BenchInspection(ctx context.Context, c InspectionBench, out, progress io.Writer) error {
	if c.Data == "" {
		dir, err := os.MkdirTemp("", "huikan-bench-")
		if err != nil {
			return fmt.Errorf("bench: %w", err)
		}
		defer os.RemoveAll(dir)
		c.Data = dir
	}
	sizes["bench"] = bulkSize{items: c.Items}
	ready := make(chan demoReady, 1)
	serve, stop := context.WithCancel(ctx)
	defer stop()
	end := make(chan error, 1)
	go func() {
		end <- demo(serve, DemoConfig{Data: c.Data, Database: c.Database, Addr: "127.0.0.1:0", Size: "bench", Lang: "zh"}, progress, func(r demoReady) { ready <- r })
	}()
	var r demoReady
	select {
	case r = <-ready:
	case err := <-end:
		return fmt.Errorf("bench: the demonstration did not start: %w", err)
	}
	people := map[string]*http.Client{}
	for _, m := range r.Accounts {
		if m.Login != "office" && m.Login != "reviewer" && m.Login != "unit" {
			continue
		}
		cl, err := benchSignIn(ctx, r.Address, m)
		if err != nil {
			return err
		}
		people[m.Login] = cl
	}
	if c.Requests <= 0 {
		c.Requests = 40
	}
	tw := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintf(tw, "what\twho\titems\tp50\tp95\tmax\tKiB\tgoal\t\n")
	missed := 0
	for _, p := range inspectionPages {
		_, times, body, err := benchGet(ctx, people[p.login], r.Address+benchEscape(p.path), c.Requests)
		if err != nil {
			return err
		}
		slices.Sort(times)
		p95, mark := times[len(times)*95/100], "ok"
		if p95 > pageGoal {
			mark = "MISSED"
			missed++
		}
		fmt.Fprintf(tw, "%s\t%s\t%d\t%s\t%s\t%s\t%d\t%s %s\t\n", p.path, p.login, c.Items, ms(times[len(times)/2]), ms(p95), ms(times[len(times)-1]), len(body)>>10, ms(pageGoal), mark)
	}
	took, size, err := benchExport(ctx, people["office"], r.Address+exportPath)
	if err != nil {
		return err
	}
	mark, peak := "ok", peakMemory()
	if took > exportGoal || peak > exportMemory {
		mark = "MISSED"
		missed++
	}
	fmt.Fprintf(tw, "export of a tenth to .xlsx, process peak %d MiB\toffice\t%d\t%.1f s\t\t\t%d\t%.0f s, %d MiB %s\t\n", peak>>20, c.Items, took.Seconds(), size>>10, exportGoal.Seconds(), exportMemory>>20, mark)
	if err := tw.Flush(); err != nil {
		return err
	}
	stop()
	if err := <-end; err != nil {
		return err
	}
	if missed > 0 {
		return fault.State("error.bench_missed", missed)
	}
	return nil
}

// benchExport takes a workbook to its last byte.
func benchExport(ctx context.Context, cl *http.Client, address string) (took time.Duration, size int64, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, 0, fmt.Errorf("bench: %w", err)
	}
	start := time.Now()
	res, err := cl.Do(req)
	if err != nil {
		return 0, 0, fmt.Errorf("bench: export: %w", err)
	}
	size, err = io.Copy(io.Discard, res.Body)
	if err = errors.Join(err, res.Body.Close()); err != nil || res.StatusCode != http.StatusOK {
		return 0, 0, fmt.Errorf("bench: export: %d %w", res.StatusCode, err)
	}
	return time.Since(start), size, nil
}
