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
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"text/tabwriter"
	"time"

	"huikan/internal/kernel/fault"
	"huikan/internal/screening"
	"huikan/linkage/registers"
)

// BenchScreeningConfig says what to measure.
type BenchScreeningConfig struct {
	Size string // small, province, nation
	Rate int    // questions a second
	For  time.Duration
}

// askGoal is the goal for the licensing counter: 99 of 100 answers over HTTP.
const askGoal = 5 * time.Millisecond

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
	a, made, err := MakeDemo(ctx, Config{Data: filepath.Join(dir, "data"), Addr: "127.0.0.1:0"}, "small", progress)
	if err != nil {
		return err
	}
	defer a.Close()
	tw := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintf(tw, "what\tsize\tfigure\tgoal\t\n")
	for _, kind := range []string{screening.Staff, screening.Relatives, screening.Lawyers} {
		start, cpu := time.Now(), cpuTime()
		res, err := a.ImportRegister(ctx, RegisterImport{Kind: kind, File: filepath.Join(dir, kind+".csv"), Source: "bench", SkipBad: true, Lang: "en"})
		if err != nil {
			return err
		}
		fmt.Fprintf(progress, "%s: %v\n", kind, res.Lines[0])
		n := res.Data.(screening.Imported).Total
		fmt.Fprintf(tw, "take %s in\t%d rows\t%s\t\t\n", kind, n, wallAndCPU(start, cpu))
	}
	start, cpu := time.Now(), cpuTime()
	run, err := a.Screening.Run(ctx, System())
	if err != nil {
		return err
	}
	fmt.Fprintf(tw, "screen, keep hits\t%d × %d, %d hits\t%s\t\t\n", run.Left, run.Right, run.Hits, wallAndCPU(start, cpu))
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fmt.Fprintf(tw, "memory in use with all registers\t\t%d MB\t\t\n", m.HeapAlloc>>20)
	asked, err := benchAsk(ctx, a, made, c, filepath.Join(dir, "lawyers.csv"))
	if err != nil {
		return err
	}
	p99, mark := asked.at(.99), "ok"
	if p99 > askGoal {
		mark = "MISSED"
	}
	rate := fmt.Sprintf("%d a second", c.Rate)
	fmt.Fprintf(tw, "licensing counter over HTTP, p50\t%s\t%s\t\t\n", rate, ms(asked.at(.5)))
	fmt.Fprintf(tw, "the same, p99\t%s\t%s\t%s %s\t\n", rate, ms(p99), ms(askGoal), mark)
	fmt.Fprintf(tw, "the same, processor for each, server and client\t%s\t%s\t\t\n", rate, ms(asked.cpu/time.Duration(len(asked.times))))
	if err := benchAskParts(ctx, a, dir, tw); err != nil {
		return err
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	if p99 > askGoal {
		return fault.State("screening.error.bench_missed")
	}
	return nil
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

// benchAskParts measures alone what an answer of the counter waits for.
func benchAskParts(ctx context.Context, a *App, dir string, tw io.Writer) error {
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
		t, err := timed(part.n, part.do)
		if err != nil {
			return err
		}
		fmt.Fprintf(tw, "%s\tp50, p99, processor\t%s, %s, %s\t\t\n", part.what, ms(t.at(.5)), ms(t.at(.99)), ms(t.cpu/time.Duration(part.n)))
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
	fmt.Fprintf(tw, "part: 25 entries placed in the tree and signed\tp50, most\t%s, %s\t\t\n", ms(held[len(held)/2]), ms(held[len(held)-1]))
	return nil
}

// benchAsk puts questions at a steady rate, whether the last was answered or not.
func benchAsk(ctx context.Context, a *App, made []Made, c BenchScreeningConfig, lawyers string) (t timings, err error) {
	asks, err := benchApplicants(lawyers, 2000)
	if err != nil {
		return t, err
	}
	serve, stop := context.WithCancel(ctx)
	end := make(chan error, 1)
	addr := make(chan string, 1)
	go func() { end <- a.Listen(serve, Config{Addr: "127.0.0.1:0"}, func(s string) { addr <- s }) }()
	defer func() { stop(); <-end }()
	base := <-addr
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
