package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"runtime"
	"strings"
	"time"

	"huikan/internal/inspection"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/platform/db"
	"huikan/internal/platform/export"
	"huikan/internal/rectification"
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

type inspectionPage struct{ login, path string }

// inspectionPages are lists, filters and ledgers as people open them.
var inspectionPages = []inspectionPage{
	{"office", "/ledger"}, {"office", "/ledger?view=all"}, {"office", "/ledger?view=overdue"}, {"office", "/ledger?view=near"}, {"office", "/ledger?view=unchecked"},
	{"office", "/ledger?list=tasks&view=all"}, {"office", "/ledger?list=duties&view=all"}, {"office", "/ledger?list=problems&view=all"},
	{"office", "/ledger?view=all&category=discipline&severity=serious"}, {"office", "/ledger?view=all&state=applied"}, {"office", "/ledger?view=all&claimed=done"},
	{"office", "/ledger?view=all&sort=-due"}, {"office", "/ledger?view=all&sort=no"}, {"office", "/ledger?view=all&unit=河南省人民检察院"}, {"office", "/ledger?view=all&q=公务用车"},
	{"office", "/ledger/checks"}, {"office", "/rectify"}, {"office", "/findings"}, {"office", "/findings?q=涉案财物"},
	{"office", "/board"}, {"reviewer", "/review"}, {"reviewer", "/"}, {"unit", "/ledger"}, {"unit", "/ledger?list=tasks"}, {"unit", "/"},
}

// inspectionLogins are those who open them.
var inspectionLogins = []string{"office", "reviewer", "unit"}

// exportPath is about a tenth of the ledger.
const exportPath = "/ledger/export?view=all&format=xlsx&state=to_claim&state=long_term"

// inspectionLooks is how often like findings are looked for.
const inspectionLooks = 200

// Goals of the look at findings.
const (
	alikeGoal   = 50 * time.Millisecond
	problemGoal = 20 * time.Second
)

// BenchInspection measures every list, filter and ledger page at a size over HTTP
// on this machine, the look for like findings, common problems over the newest
// findings, and the export of a tenth of the ledger.
func BenchInspection(ctx context.Context, c InspectionBench, out, progress io.Writer) (err error) {
	drop, err := benchFolder(&c.Data)
	if err != nil {
		return err
	}
	defer drop()
	conf := Config{Data: c.Data, Database: c.Database, Addr: "127.0.0.1:0"}
	sizes["bench"] = bulkSize{items: c.Items, titles: true}
	a, made, err := benchOpen(ctx, conf, "bench", inspectionLogins, progress)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	base, stop, err := benchListen(ctx, a, conf)
	if err != nil {
		return err
	}
	defer stop() //nolint:errcheck // asked for below when all went well
	people, err := benchPeople(ctx, base, made, inspectionLogins...)
	if err != nil {
		return err
	}
	t := newBenchTable(out, progress, benchTimes...)
	size := fmt.Sprintf("%d items", c.Items)
	n := max(1, c.Requests)
	for _, p := range inspectionPages {
		cpu := cpuTime()
		first, times, body, err := benchGet(ctx, people[p.login], base+benchEscape(p.path), n)
		if err != nil {
			return err
		}
		t.times(p.path, p.login, size, first, times, (cpuTime()-cpu)/time.Duration(n+1), len(body)>>10, pageGoal)
	}
	if err := benchFindings(ctx, a, size, &t); err != nil {
		return err
	}
	freshPeak()
	before := peakMemory() // caches of the pages before are in it
	var heap runtime.MemStats
	runtime.ReadMemStats(&heap)
	took, bytes, err := benchExport(ctx, people["office"], base, exportPath)
	if err != nil {
		return err
	}
	peak := peakMemory()
	t.line(fmt.Sprintf("export of a tenth to .xlsx, peak of the process %d MiB, %d before it, %d of them in the heap of Go", peak>>20, before>>20, heap.HeapInuse>>20), "office", size, seconds(took), "", "", "", "", fmt.Sprint(bytes>>10),
		t.mark(fmt.Sprintf("%s, %d MiB", seconds(exportGoal), exportMemory>>20), took <= exportGoal && peak <= exportMemory))
	return errors.Join(stop(), t.done())
}

// benchFindings measures the look for like findings and the common problems.
func benchFindings(ctx context.Context, a *App, size string, t *benchTable) error {
	var visit inspection.Visit
	err := a.DB.Read(ctx, func(q db.Q) error {
		rounds, err := inspection.Rounds(ctx, q)
		if err != nil {
			return err
		}
		visits, err := inspection.VisitsOf(ctx, q, rounds[0].ID)
		if err != nil || len(visits) == 0 {
			return errors.Join(err, fault.NotFound("visit"))
		}
		visit = visits[0]
		return nil
	})
	if err != nil {
		return err
	}
	rnd, times := rand.New(rand.NewPCG(bulkSeed, 4)), make([]time.Duration, inspectionLooks)
	cpu := cpuTime()
	for i := range times {
		text, start := benchTitle(rnd), time.Now()
		found, err := a.Inspection.AlikeFindings(ctx, System(), visit.ID, text)
		if err != nil {
			return err
		}
		if times[i] = time.Since(start); len(found) == 0 {
			return fmt.Errorf("bench: nothing is like %q", text)
		}
	}
	t.times("like findings", "program", size, times[0], times, (cpuTime()-cpu)/inspectionLooks, 0, alikeGoal)
	office, err := a.Account.ActorOf(ctx, "office")
	if err != nil {
		return err
	}
	cpu = cpuTime()
	start := time.Now()
	found, err := a.Inspection.FindProblems(ctx, office)
	if err != nil {
		return err
	}
	took := time.Since(start)
	t.line(fmt.Sprintf("common problems of %d findings, %d new, %d grown", found.Read, found.Proposed, found.Extended), "office", size, seconds(took), "", "", "", seconds(cpuTime()-cpu), "", t.mark(seconds(problemGoal), took <= problemGoal))
	return nil
}

// benchOpen opens the content of an earlier run with new passwords for the people
// of the measurement, and fills it up; or makes it.
func benchOpen(ctx context.Context, conf Config, size string, logins []string, progress io.Writer) (*App, []Made, error) {
	made, err := benchAgain(ctx, conf, logins)
	if err != nil {
		return nil, nil, err
	}
	if len(made) == 0 {
		return MakeDemo(ctx, conf, size, progress)
	}
	a, err := Open(ctx, conf)
	if err != nil {
		return nil, nil, err
	}
	// A fill that was interrupted goes on where it stopped.
	today, have := clock.Of(time.Now()), 0
	if err := a.DB.Read(ctx, func(q db.Q) error {
		counts, err := rectification.Counts(ctx, q, today)
		for _, c := range counts {
			have += c.N
		}
		return err
	}); err != nil {
		return nil, nil, closing(a, err)
	}
	fmt.Fprintf(progress, "%d items are there\n", have)
	s := &story{App: a, ctx: ctx, clock: &storyClock{}, today: today}
	if have < sizes[size].items {
		s.bulkItems(sizes[size], have, func(text string, args ...any) { fmt.Fprintf(progress, text+"\n", args...) })
	}
	if s.err != nil {
		return nil, nil, closing(a, s.err)
	}
	return a, made, nil
}

// benchExport takes a workbook to its last byte: it asks for it, waits for the job
// like a page with a script, and fetches the file.
func benchExport(ctx context.Context, cl *http.Client, base, address string) (took time.Duration, size int64, err error) {
	start := time.Now()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+address, nil)
	if err != nil {
		return 0, 0, fmt.Errorf("bench: %w", err)
	}
	res, err := cl.Do(req)
	if err != nil {
		return 0, 0, fmt.Errorf("bench: export: %w", err)
	}
	size, err = io.Copy(io.Discard, res.Body)
	if err = errors.Join(err, res.Body.Close()); err != nil || res.StatusCode != http.StatusOK {
		return 0, 0, fmt.Errorf("bench: export: %d %w", res.StatusCode, err)
	}
	job := res.Request.URL.Path // where the answer led to
	if !strings.HasPrefix(job, "/exports/") {
		return time.Since(start), size, nil // short enough to come at once
	}
	var f export.File
	for f.State != export.Ready {
		_, _, body, err := benchGet(ctx, cl, base+"/api/v1"+job, 0)
		if err != nil {
			return 0, 0, err
		}
		if err := json.Unmarshal([]byte(body), &f); err != nil || f.State == export.Failed {
			return 0, 0, fmt.Errorf("bench: export: %s %w", f.Trouble, err)
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return 0, 0, ctx.Err()
		}
	}
	// The file is counted, not kept: the memory of the process is the server's.
	if req, err = http.NewRequestWithContext(ctx, http.MethodGet, base+job+"/file", nil); err != nil {
		return 0, 0, fmt.Errorf("bench: %w", err)
	}
	if res, err = cl.Do(req); err != nil {
		return 0, 0, fmt.Errorf("bench: export: %w", err)
	}
	size, err = io.Copy(io.Discard, res.Body)
	if err = errors.Join(err, res.Body.Close()); err != nil || res.StatusCode != http.StatusOK {
		return 0, 0, fmt.Errorf("bench: export: %d %w", res.StatusCode, err)
	}
	return time.Since(start), size, nil
}
