package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"
)

// BenchConfig says what to measure.
type BenchConfig struct {
	Data     string // kept between runs when set
	Database string
	Size     string
	Requests int // for each page and person
}

// pageGoal is the goal for every page at the design size: 95 of 100 answers.
const pageGoal = 100 * time.Millisecond

// benchPages are the pages that people open all day. {x} is taken from the
// first such link on the page before.
var benchPages = []struct{ login, path, link string }{
	{"office", "/", ""}, {"office", "/board", ""}, {"leader", "/board", ""},
	{"office", "/ledger", `href="(/items/[0-9a-f-]{36})"`}, {"office", "{x}", ""},
	{"office", "/ledger?view=overdue", ""}, {"office", "/ledger?category=discipline&severity=serious", ""}, {"office", "/ledger?q=公务用车", ""}, {"office", "/ledger?sort=-due", ""},
	{"reviewer", "/", ""}, {"reviewer", "/review", ""}, {"unit", "/", ""}, {"unit", "/ledger", ""},
	{"office", "/findings", `href="(/findings/[0-9a-f-]{36})"`}, {"office", "{x}", ""}, {"office", "/findings?q=涉案财物", ""},
	{"office", "/rounds", `href="(/rounds/[0-9a-f-]{36})"`}, {"office", "{x}", ""}, {"office", "/coverage", ""},
	{"office", "/lookback", ""}, {"supervisor", "/directives", ""}, {"supervisor", "/tasks", ""},
	{"personnel", "/people", `href="(/people/[0-9a-f-]{36})"`}, {"personnel", "{x}", ""}, {"personnel", "/people?q=王建", ""}, {"personnel", "/units", ""},
	{"office", "/search?q=整改", ""}, {"auditor", "/log", ""},
}

// BenchPages makes a demonstration of a size and measures every page over HTTP
// on this machine, client and server together.
func BenchPages(ctx context.Context, c BenchConfig, out, progress io.Writer) error {
	drop, err := benchFolder(&c.Data)
	if err != nil {
		return err
	}
	defer drop()
	ready := make(chan demoReady, 1)
	serve, stop := context.WithCancel(ctx)
	defer stop()
	end := make(chan error, 1)
	go func() {
		var logins []string
		for _, p := range benchPages {
			logins = append(logins, p.login)
		}
		made, err := benchAgain(serve, Config{Data: c.Data, Database: c.Database}, logins)
		if err == nil && len(made) > 0 {
			end <- benchServe(serve, Config{Data: c.Data, Database: c.Database, Addr: "127.0.0.1:0"}, made, ready)
			return
		}
		if err == nil {
			err = demo(serve, DemoConfig{Data: c.Data, Database: c.Database, Addr: "127.0.0.1:0", Size: c.Size, Lang: "zh"}, progress, func(r demoReady) { ready <- r })
		}
		end <- err
	}()
	var r demoReady
	select {
	case r = <-ready:
	case err := <-end:
		return fmt.Errorf("bench: the demonstration did not start: %w", err)
	}
	people := map[string]*http.Client{}
	for _, m := range r.Accounts {
		cl, err := benchSignIn(ctx, r.Address, m)
		if err != nil {
			return err
		}
		people[m.Login] = cl
	}
	if c.Requests <= 0 {
		c.Requests = 60
	}
	t := newBenchTable(out, progress, benchTimes...)
	var last string
	for _, p := range benchPages {
		path := strings.ReplaceAll(p.path, "{x}", last)
		if path == "" {
			return fmt.Errorf("bench: no record to open before %q", p.path)
		}
		before := cpuTime()
		first, times, body, err := benchGet(ctx, people[p.login], r.Address+benchEscape(path), c.Requests)
		if err != nil {
			return err
		}
		if p.link != "" {
			m := regexp.MustCompile(p.link).FindStringSubmatch(body)
			last = ""
			if m != nil {
				last = m[1]
			}
		}
		each := (cpuTime() - before) / time.Duration(c.Requests+1)
		shown := regexp.MustCompile(`[0-9a-f-]{36}`).ReplaceAllString(path, "…")
		t.times(shown, p.login, c.Size, first, times, each, len(body)>>10, pageGoal)
	}
	stop()
	return errors.Join(<-end, t.done())
}

// benchAgain gives the people of the measurement new passwords when their
// demonstration was made by an earlier run; nobody when there is none.
func benchAgain(ctx context.Context, c Config, logins []string) (made []Made, err error) {
	a, err := Open(ctx, c)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if empty, err := a.Account.Empty(ctx); err != nil || empty {
		return nil, err
	}
	for _, login := range logins {
		if slices.ContainsFunc(made, func(m Made) bool { return m.Login == login }) {
			continue
		}
		password, err := a.ResetAccount(ctx, login)
		if err != nil {
			return nil, fmt.Errorf("bench: %s: %w", login, err)
		}
		made = append(made, Made{Login: login, Password: password})
	}
	return made, nil
}

func benchServe(ctx context.Context, c Config, made []Made, ready chan<- demoReady) error {
	a, err := Open(ctx, c)
	if err != nil {
		return err
	}
	return errors.Join(a.Listen(ctx, c, func(addr string) { ready <- demoReady{Address: addr, Accounts: made} }), a.Close())
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }

func benchEscape(path string) string {
	p, q, ok := strings.Cut(path, "?")
	if !ok {
		return p
	}
	v, err := url.ParseQuery(q)
	if err != nil {
		return path
	}
	return p + "?" + v.Encode()
}

// benchFolder makes a temporary folder where none is named; drop removes it, and
// leaves a named one alone.
func benchFolder(data *string) (drop func(), err error) {
	if *data != "" {
		return func() {}, nil
	}
	if *data, err = os.MkdirTemp("", "huikan-bench-"); err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	dir := *data
	return func() { _ = os.RemoveAll(dir) }, nil
}

// benchPeople signs those in who open pages.
func benchPeople(ctx context.Context, base string, made []Made, logins ...string) (map[string]*http.Client, error) {
	people := map[string]*http.Client{}
	for _, m := range made {
		if !slices.Contains(logins, m.Login) {
			continue
		}
		var err error
		if people[m.Login], err = benchSignIn(ctx, base, m); err != nil {
			return nil, err
		}
	}
	return people, nil
}

func benchSignIn(ctx context.Context, base string, m Made) (*http.Client, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	cl := &http.Client{Jar: jar}
	fresh := "Bench-password-2026"
	for _, step := range []struct {
		path string
		form url.Values
	}{
		{"/api/v1/sign-in", url.Values{"login": {m.Login}, "password": {m.Password}}},
		{"/password", url.Values{"old": {m.Password}, "password": {fresh}, "again": {fresh}}},
	} {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+step.path, strings.NewReader(step.form.Encode()))
		if err != nil {
			return nil, fmt.Errorf("bench: %w", err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		res, err := cl.Do(req)
		if err != nil {
			return nil, fmt.Errorf("bench: sign in as %s: %w", m.Login, err)
		}
		body, err := io.ReadAll(res.Body)
		if err = errors.Join(err, res.Body.Close()); err != nil || res.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("bench: sign in as %s: %d %.200s %w", m.Login, res.StatusCode, body, err)
		}
	}
	return cl, nil
}

// benchGet asks n times and once before; it gives the time of the first answer,
// those of the others, and the page.
func benchGet(ctx context.Context, cl *http.Client, address string, n int) (first time.Duration, times []time.Duration, page string, err error) {
	for i := range n + 1 {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return 0, nil, "", fmt.Errorf("bench: %w", err)
		}
		start := time.Now()
		res, err := cl.Do(req)
		if err != nil {
			return 0, nil, "", fmt.Errorf("bench: %w", err)
		}
		body, err := io.ReadAll(res.Body)
		took := time.Since(start)
		if err = errors.Join(err, res.Body.Close()); err != nil || res.StatusCode != http.StatusOK {
			return 0, nil, "", fmt.Errorf("bench: %s: %d %.300s %w", address, res.StatusCode, body, err)
		}
		if i == 0 {
			first = took
		} else {
			times = append(times, took)
		}
		page = string(body)
	}
	return first, times, page, nil
}
