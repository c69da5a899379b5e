package app

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"huikan/internal/kernel/fault"
	"huikan/internal/screening"
	"huikan/linkage/registers"
)

// BenchScreeningConfig says what to measure.
type BenchScreeningConfig struct {
	Size     string // small, province, nation
	Database string // address; the embedded one when empty
	Rate     int    // questions a second
	For      time.Duration
}

// Goals: 99 of 100 answers of the licensing counter over HTTP; what its index and
// model hold in memory; 95 of 100 pages of a reviewer.
const (
	askGoal    = 5 * time.Millisecond
	memoryGoal = 250 << 20
	reviewGoal = 100 * time.Millisecond
)

// screeningPages are what a reviewer opens again and again.
var screeningPages = []struct{ name, login, path string }{
	{"list of hits", "oversight", "/screening"}, {"list of hits, one province", "oversight2", "/screening"}, {"list of hits, searched by a name", "oversight", "/screening?q=%E6%9C%AC%E6%97%A0"},
	{"next hit to review", "oversight", "/screening/review"}, {"calendar of restrictions", "oversight", "/screening/calendar"}, {"relatives who both serve", "oversight", "/screening/together"},
	{"rules with their hits", "oversight", "/screening/rules"}, {"agreement of readers", "oversight", "/screening/readers"}, {"versions of registers", "oversight", "/screening/registers"},
}

var benchRegisters = map[string]registers.Making{
	"small":    {Seed: 7, Staff: 5_000, Relatives: 20_000, Lawyers: 15_000},
	"province": {Seed: 7, Staff: 20_000, Relatives: 80_000, Lawyers: 50_000},
	"nation":   registers.Full(7),
}

// BenchScreening makes registers up, takes them in, screens them, and asks the
// licensing counter at a steady rate over HTTP, client and server on this machine.
func BenchScreening(ctx context.Context, c BenchScreeningConfig, out, progress io.Writer) error {
	dir, err := os.MkdirTemp("", "huikan-bench-")
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	defer os.RemoveAll(dir)
	making := benchRegisters[c.Size]
	if err := making.Write(dir); err != nil {
		return err
	}
	conf := Config{Data: filepath.Join(dir, "data"), Database: c.Database, Addr: "127.0.0.1:0"}
	a, made, err := MakeDemo(ctx, conf, "small", progress)
	if err != nil {
		return err
	}
	defer a.Close()
	t := &screeningBench{benchTable: newBenchTable(out, progress, benchFigures...), a: a, progress: progress}
	for _, kind := range []string{screening.Staff, screening.Relatives, screening.Lawyers} {
		if err := t.take(ctx, "take "+kind+" in", kind, filepath.Join(dir, kind+".csv")); err != nil {
			return err
		}
	}
	if err := t.screen(ctx, "screen, keep hits"); err != nil {
		return err
	}
	next := filepath.Join(dir, "next.csv")
	if err := nextRegister(filepath.Join(dir, "lawyers.csv"), next); err != nil {
		return err
	}
	if err := t.take(ctx, "take the next version of lawyers in", screening.Lawyers, next); err != nil {
		return err
	}
	if err := t.screen(ctx, "screen again"); err != nil {
		return err
	}
	index, people, err := a.Screening.Memory(ctx)
	if err != nil {
		return err
	}
	debug.FreeOSMemory()
	t.row("index and model of the counter in memory", fmt.Sprintf("%d people", people), fmt.Sprintf("%d MB", index>>20), "≤ 250 MB", index <= memoryGoal)
	t.note("  the whole program, resident", "", fmt.Sprintf("%d MB", residentMemory()>>20))
	base, stop, err := benchListen(ctx, a, conf)
	if err != nil {
		return err
	}
	defer stop() //nolint:errcheck // asked for below when all went well
	if err := t.pages(ctx, base, made); err != nil {
		return err
	}
	asked, err := benchAsk(ctx, base, made, c, filepath.Join(dir, "lawyers.csv"))
	if err != nil {
		return err
	}
	rate := fmt.Sprintf("%d a second", c.Rate)
	t.note("licensing counter over HTTP, p50", rate, ms(asked.at(.5)))
	t.row("the same, p99", rate, ms(asked.at(.99)), "≤ "+ms(askGoal), asked.at(.99) <= askGoal)
	t.note("the same, processor for each, server and client", rate, ms(asked.cpu/time.Duration(len(asked.times))))
	if err := t.parts(ctx, dir); err != nil {
		return err
	}
	return errors.Join(stop(), t.done())
}

// screeningBench measures one installation.
type screeningBench struct {
	benchTable
	a        *App
	progress io.Writer
}

// take takes a register in as a version.
func (t *screeningBench) take(ctx context.Context, what, kind, file string) error {
	start, cpu := time.Now(), cpuTime()
	res, err := t.a.ImportRegister(ctx, kind, TableImport{File: file, Source: "bench", SkipBad: true, Lang: "en"})
	if err != nil {
		return err
	}
	fmt.Fprintf(t.progress, "%v\n", res.Lines[0])
	x := res.Data.(screening.Imported)
	t.note(what, fmt.Sprintf("%d rows, %d changed, %d removed", x.Total, x.Version.Changed, x.Version.Removed), wallAndCPU(start, cpu))
	return nil
}

func (t *screeningBench) screen(ctx context.Context, what string) error {
	freshPeak()
	start, cpu := time.Now(), cpuTime()
	run, err := t.a.Screening.Run(ctx, System())
	if err != nil {
		return err
	}
	fmt.Fprintf(t.progress, "%s: %d hits, %d new\n", what, run.Hits, run.Fresh)
	t.note(what, fmt.Sprintf("%d × %d, %d hits, %d new, %d gone", run.Left, run.Right, run.Hits, run.Fresh, run.Lapsed), fmt.Sprintf("%s, peak %d MB", wallAndCPU(start, cpu), peakMemory()>>20))
	return nil
}

// pages opens what a reviewer of the whole country opens.
func (t *screeningBench) pages(ctx context.Context, base string, made []Made) error {
	people, err := benchPeople(ctx, base, made, "oversight", "oversight2")
	if err != nil {
		return err
	}
	for _, p := range screeningPages {
		first, times, _, err := benchGet(ctx, people[p.login], base+p.path, 40)
		if err != nil {
			return err
		}
		slices.Sort(times)
		p95 := times[len(times)*95/100]
		t.row("page: "+p.name+", p95", "40 times", ms(p95)+", first "+ms(first), "≤ "+ms(reviewGoal), p95 <= reviewGoal)
	}
	return nil
}

// nextRegister writes the register of another month: every hundredth lawyer in
// another firm, every thousandth gone.
func nextRegister(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	defer in.Close()
	r := csv.NewReader(in)
	return writeOut(to, func(w io.Writer) error {
		out := csv.NewWriter(w)
		firm := -1
		for n := 0; ; n++ {
			rec, err := r.Read()
			if errors.Is(err, io.EOF) {
				out.Flush()
				return out.Error()
			}
			if err != nil {
				return fmt.Errorf("bench: %w", err)
			}
			switch {
			case n == 0:
				firm = slices.Index(rec, "firm_name")
			case n%1000 == 0:
				continue
			case n%100 == 0:
				rec[firm] = "新址" + rec[firm]
			}
			if err := out.Write(rec); err != nil {
				return err
			}
		}
	})
}

func wallAndCPU(start time.Time, cpu time.Duration) string {
	return fmt.Sprintf("%.1f s, processor %.1f s", time.Since(start).Seconds(), (cpuTime() - cpu).Seconds())
}

// timings are what something took, again and again.
type timings struct {
	times []time.Duration // in order of length
	cpu   time.Duration   // of all
}

func (t timings) at(share float64) time.Duration { return t.times[int(share*float64(len(t.times)-1))] }

func timed(n int, do func() error) (t timings, err error) {
	began := cpuTime()
	for range n {
		start := time.Now()
		if err := do(); err != nil {
			return t, err
		}
		t.times = append(t.times, time.Since(start))
	}
	t.cpu = cpuTime() - began
	slices.Sort(t.times)
	return t, nil
}

// parts measures alone what an answer of the counter waits for.
func (t *screeningBench) parts(ctx context.Context, dir string) error {
	a := t.a
	disk, err := os.Create(filepath.Join(dir, "sync"))
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	defer disk.Close()
	page, who := make([]byte, 4096), System()
	for _, part := range []struct {
		what string
		n    int
		do   func() error
	}{
		{"part: a page written and synced to the disk", 200, func() error {
			_, err := disk.Write(page)
			return errors.Join(err, disk.Sync())
		}},
		{"part: one entry of the log, durable", 400, func() error { return a.Log.Note(ctx, who, "bench.note", nil) }},
		{"part: reading who asks", 400, func() error { _, err := a.Account.ActorOf(ctx, "bar"); return err }},
	} {
		took, err := timed(part.n, part.do)
		if err != nil {
			return err
		}
		t.note(part.what, "p50, p99, processor", fmt.Sprintf("%s, %s, %s", ms(took.at(.5)), ms(took.at(.99)), ms(took.cpu/time.Duration(part.n))))
	}
	var held []time.Duration
	for range 20 {
		for range 25 {
			if err := a.Log.Note(ctx, who, "bench.note", nil); err != nil {
				return err
			}
		}
		start := time.Now()
		if err := a.Log.Sequence(ctx); err != nil {
			return err
		}
		held = append(held, time.Since(start))
	}
	slices.Sort(held)
	t.note("part: 25 entries placed in the tree and signed", "p50, most", fmt.Sprintf("%s, %s", ms(held[len(held)/2]), ms(held[len(held)-1])))
	return nil
}

// benchAsk puts questions at a steady rate, whether the last was answered or not.
func benchAsk(ctx context.Context, base string, made []Made, c BenchScreeningConfig, lawyers string) (t timings, err error) {
	asks, err := benchApplicants(lawyers, 2000)
	if err != nil {
		return t, err
	}
	i := slices.IndexFunc(made, func(m Made) bool { return m.Login == "bar" })
	if i < 0 {
		return t, fault.NotFound("account")
	}
	cl, err := benchSignIn(ctx, base, made[i])
	if err != nil {
		return t, err
	}
	cl.Transport = &http.Transport{MaxIdleConnsPerHost: 64}
	var mu sync.Mutex
	var times []time.Duration
	var failed error
	ask := func(n int) {
		start := time.Now()
		err := benchPost(ctx, cl, base+"/api/v1/screenings", asks[n%len(asks)])
		took := time.Since(start)
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			failed = err
		}
		times = append(times, took)
	}
	for n := range 20 {
		ask(n) // warms the caches
	}
	times = nil
	began := cpuTime()
	var wg sync.WaitGroup
	tick := time.NewTicker(time.Second / time.Duration(c.Rate))
	defer tick.Stop()
	for n := range int(c.For.Seconds()) * c.Rate {
		<-tick.C
		wg.Go(func() { ask(n) })
	}
	wg.Wait()
	if failed != nil {
		return t, failed
	}
	slices.Sort(times)
	return timings{times: times, cpu: cpuTime() - began}, nil
}

func benchPost(ctx context.Context, cl *http.Client, address string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := cl.Do(req)
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	text, err := io.ReadAll(res.Body)
	if err := res.Body.Close(); err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	if err != nil || res.StatusCode != http.StatusOK {
		return fmt.Errorf("bench: %s: %d %.200s %w", address, res.StatusCode, text, err)
	}
	return nil
}

// benchApplicants are people of the register of lawyers: some are ours, most are not.
func benchApplicants(path string, n int) (out [][]byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	r := csv.NewReader(f)
	head, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	for len(out) < n {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("bench: %w", err)
		}
		at := func(key string) string { return rec[slices.Index(head, key)] }
		ask := screening.AskCmd{Name: at("name"), IDNumber: at("id_no"), Birth: at("birth_date"), Gender: at("gender"), Firm: at("firm_name"), City: at("firm_city"), Province: at("province")}
		if ask.Name == "" || ask.Birth == "" && ask.IDNumber == "" {
			continue
		}
		raw, err := json.Marshal(ask)
		if err != nil {
			return nil, fmt.Errorf("bench: %w", err)
		}
		out = append(out, raw)
	}
	return out, nil
}
