package faults

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os/exec"
	"sync"
	"testing"
	"time"

	"huikan/internal/platform/db/dbtest"
)

// demoSite serves a made-up institution and signs its people in.
func demoSite(t *testing.T, data, database string) (*site, map[string]*client) {
	t.Helper()
	args := []string{"demo", "--data", data, "--addr", "127.0.0.1:0", "--json"}
	if database != "" {
		args = append(args, "--database", database)
	}
	s := &site{cmd: exec.Command(binary, args...)}
	stdout, err := s.cmd.StdoutPipe()
	if err == nil {
		err = s.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	var ready struct {
		Address  string
		Accounts []struct{ Login, Password, Role string }
	}
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &ready)
	}
	if err != nil {
		t.Fatalf("the demonstration did not start: %v %s", err, line)
	}
	go func() {
		_, _ = io.Copy(io.Discard, stdout) // ends with the process
	}()
	s.address, s.passwords = ready.Address, map[string]string{}
	people := map[string]*client{}
	for _, a := range ready.Accounts {
		switch a.Login {
		case "staff", "unit", "unit2", "unit3", "city", "inspector", "office", "supervisor":
			s.passwords[a.Login] = a.Password
			people[a.Login] = signIn(t, s, a.Login, "Killed-monthly-2026")
		}
	}
	return s, people
}

// kills is how often the server is killed while returns come in.
const kills = 8

// A return that was acknowledged before a SIGKILL is there after it.
func TestKillLosesNoAcknowledgedReturn(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			data, database := t.TempDir(), ""
			if engine == "postgres" {
				database = dbtest.Postgres(t)
			}
			s, people := demoSite(t, data, database)
			// Far back: late, so with a reason; and before the year that the demonstration takes over from an older system.
			var periods []string
			for d := time.Now().AddDate(-2, 0, 0); len(periods) < 36; d = d.AddDate(0, -1, -d.Day()+1) {
				periods = append(periods, d.Format("2006-01"))
			}
			acked := map[string]map[string]bool{}
			at := map[string]int{}
			for login := range people {
				acked[login] = map[string]bool{}
			}
			for range kills {
				came := make(chan bool, 1000)
				var mu sync.Mutex
				var wg sync.WaitGroup
				for login, c := range people {
					wg.Go(func() {
						for at[login] < len(periods) {
							mu.Lock()
							p := periods[at[login]]
							at[login]++
							mu.Unlock()
							code, body, err := c.do("POST", "/api/v1/my/returns/"+p, url.Values{"pledge": {"1"}, "reason": {"补报"}})
							if err != nil {
								return // the server was killed: this one may or may not be there
							}
							if code != http.StatusOK {
								t.Errorf("%s %s: %d %.200s", login, p, code, body)
								return
							}
							mu.Lock()
							acked[login][p] = true
							mu.Unlock()
							came <- true
						}
					})
				}
				// In the middle: some are there, and others are under way.
				for range 2 + rand.IntN(6) {
					select {
					case <-came:
					case <-time.After(20 * time.Second):
						t.Error("no return came in for long")
					}
				}
				s.kill(t)
				wg.Wait()
				s = serve(t, data, database)
				for _, c := range people {
					c.move(t, s.address)
				}
			}
			n := 0
			for login, c := range people {
				for p := range acked[login] {
					var got struct {
						Return *struct{ Period string }
					}
					c.must(t, "GET", "/api/v1/my/returns/"+p, nil, &got)
					if got.Return == nil || got.Return.Period != p {
						t.Errorf("%s: the return of %s was acknowledged and is lost", login, p)
					}
					n++
				}
			}
			if n < 2*kills {
				t.Errorf("only %d returns were acknowledged; the test proves little", n)
			}
			s.kill(t)
			args := []string{"log", "verify", "--data", data}
			if database != "" {
				args = append(args, "--database", database)
			}
			if out, err := exec.Command(binary, args...).CombinedOutput(); err != nil {
				t.Errorf("the log after %d kills: %v\n%s", kills, err, out)
			}
			t.Log(fmt.Sprint(n, " returns acknowledged over ", kills, " kills"))
		})
	}
}
