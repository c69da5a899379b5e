// Package faults holds the built program against what can happen to it: here,
// being killed in the middle of its writes.
package faults

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"huikan/internal/platform/db/dbtest"
)

var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "huikan-faults-")
	if err == nil {
		binary = filepath.Join(dir, "huikan")
		var out []byte
		if out, err = exec.Command("go", "build", "-o", binary, "huikan/cmd/huikan").CombinedOutput(); err != nil {
			err = fmt.Errorf("%w: %s", err, out)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "build the program:", err)
		os.Exit(1)
	}
	code := m.Run()
	if err := os.RemoveAll(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

// site is one running server.
type site struct {
	cmd       *exec.Cmd
	address   string
	passwords map[string]string // one-time, of a first start
}

func serve(t *testing.T, data, database string) *site {
	t.Helper()
	args := []string{"serve", "--data", data, "--addr", "127.0.0.1:0"}
	if database != "" {
		args = append(args, "--database", database)
	}
	s := &site{cmd: exec.Command(binary, args...), passwords: map[string]string{}}
	stderr, err := s.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var seen []string
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		line := lines.Text()
		seen = append(seen, line)
		if strings.HasPrefix(line, "http://") {
			s.address = line
			break
		}
		if f := strings.Fields(line); len(f) == 3 {
			s.passwords[f[1]] = f[2]
		}
	}
	if s.address == "" {
		t.Fatalf("the server did not start: %s", strings.Join(seen, "\n"))
	}
	go func() {
		_, _ = io.Copy(io.Discard, stderr) // ends with the process
	}()
	return s
}

func (s *site) kill(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = s.cmd.Wait() // "signal: killed" is what we want
}

// client is one signed-in person.
type client struct {
	http *http.Client
	base string
}

func newClient(t *testing.T, base string) *client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &client{http: &http.Client{Jar: jar, Timeout: 10 * time.Second}, base: base}
}

// move lets the client go on with its session at a restarted server.
func (c *client) move(t *testing.T, base string) {
	t.Helper()
	old, err1 := url.Parse(c.base)
	fresh, err2 := url.Parse(base)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	c.http.Jar.SetCookies(fresh, c.http.Jar.Cookies(old))
	c.base = base
}

func (c *client) do(method, path string, form url.Values) (int, []byte, error) {
	req, err := http.NewRequest(method, c.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, nil, err
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := c.http.Do(req)
	if err != nil {
		return 0, nil, err
	}
	body, err := io.ReadAll(res.Body)
	return res.StatusCode, body, errors.Join(err, res.Body.Close())
}

func (c *client) must(t *testing.T, method, path string, form url.Values, into any) {
	t.Helper()
	code, body, err := c.do(method, path, form)
	if err != nil || code != http.StatusOK {
		t.Fatalf("%s %s: %d %v %.300s", method, path, code, err, body)
	}
	if into != nil {
		if err := json.Unmarshal(body, into); err != nil {
			t.Fatalf("%s %s: %v %.300s", method, path, err, body)
		}
	}
}

func signIn(t *testing.T, s *site, login, password string) *client {
	t.Helper()
	c := newClient(t, s.address)
	c.must(t, "POST", "/api/v1/sign-in", url.Values{"login": {login}, "password": {s.passwords[login]}}, nil)
	code, body, err := c.do("POST", "/password", url.Values{"old": {s.passwords[login]}, "password": {password}, "again": {password}})
	if err != nil || code != http.StatusOK {
		t.Fatalf("change password of %s: %d %v %.300s", login, code, err, body)
	}
	return c
}

// cycles is how often the server is killed on each database.
const cycles = 50

// What was acknowledged before a SIGKILL is there after it, exactly once, and
// row, log entry and tree still agree.
func TestKillLosesNothingAcknowledged(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			data, database := t.TempDir(), ""
			if engine == "postgres" {
				database = dbtest.Postgres(t)
			}
			s := serve(t, data, database)
			sys := signIn(t, s, "sysadmin", "Killed-often-2026")
			sec := signIn(t, s, "secadmin", "Killed-seldom-2026")
			var made struct{ ID string }
			sys.must(t, "POST", "/api/v1/accounts/new", url.Values{"login": {"target"}, "name": {"王某"}, "unit": {"最高人民检察院"}}, &made)
			grants := "/api/v1/accounts/" + made.ID + "/grants"

			acked := map[string]bool{}
			next := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
			for range cycles {
				load(sec, grants, &next, acked, func() {
					time.Sleep(time.Duration(50+rand.IntN(250)) * time.Millisecond)
					s.kill(t)
				})
				s = serve(t, data, database)
				sec.move(t, s.address)
				check(t, sec, "/api/v1/accounts/"+made.ID, acked)
				if t.Failed() {
					break
				}
			}
			if len(acked) < 2*cycles {
				t.Errorf("only %d changes were acknowledged; the test proves little", len(acked))
			}
			s.kill(t)
			args := []string{"log", "verify", "--data", data}
			if database != "" {
				args = append(args, "--database", database)
			}
			if out, err := exec.Command(binary, args...).CombinedOutput(); err != nil {
				t.Errorf("the log after %d kills: %v\n%s", cycles, err, out)
			}
			t.Logf("%d changes acknowledged over %d kills", len(acked), cycles)
		})
	}
}

// load gives grants, each with an end date of its own by which it is found
// again, from several workers until the server is gone.
func load(c *client, path string, next *time.Time, acked map[string]bool, kill func()) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				mu.Lock()
				*next = next.AddDate(0, 0, 1)
				day := next.Format("2006-01-02")
				from := day // grants of disjoint days do not repeat each other
				mu.Unlock()
				code, _, err := c.do("POST", path, url.Values{"role": {"leader"}, "unit": {"最高人民检察院"}, "from": {from}, "to": {day}})
				if err != nil {
					return // the server was killed: this one may or may not be there
				}
				if code == http.StatusOK {
					mu.Lock()
					acked[day] = true
					mu.Unlock()
				}
			}
		})
	}
	kill()
	wg.Wait()
}

func check(t *testing.T, c *client, path string, acked map[string]bool) {
	t.Helper()
	var got struct {
		Grants []struct{ To string }
	}
	c.must(t, "GET", path, nil, &got)
	seen := map[string]int{}
	for _, g := range got.Grants {
		seen[g.To]++
		if seen[g.To] > 1 {
			t.Errorf("the grant until %s is there twice", g.To)
		}
	}
	for day := range acked {
		if seen[day] == 0 {
			t.Errorf("the grant until %s was acknowledged and is lost", day)
		}
	}
}
