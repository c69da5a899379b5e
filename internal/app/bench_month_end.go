package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"huikan/internal/account"
	"huikan/internal/contact"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/person"
)

// MonthEndConfig says what a month end to measure.
type MonthEndConfig struct {
	Data     string
	Database string
	People   int
	Clients  int // connections that file at the same time
	Repeat   int // of a hundred people file a second time at once (two tabs)
	Verify   bool
}

// Goals of a month end on 2 cores with SQLite, client and server on one machine.
const (
	monthEndRate = 2000
	monthEndP99  = 100 * time.Millisecond
)

// BenchMonthEnd files a zero return for every person through the real HTTP path:
// session, cross-origin check, policy, the return and its log entry in one
// transaction, answered after the commit. Accounts have sessions beforehand: a
// password hash costs more than everything that is measured here.
func BenchMonthEnd(ctx context.Context, c MonthEndConfig, out, progress io.Writer) (err error) {
	drop, err := benchFolder(&c.Data)
	if err != nil {
		return err
	}
	defer drop()
	conf := Config{Data: c.Data, Database: c.Database, Addr: "127.0.0.1:0"}
	a, err := Open(ctx, conf)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	start := time.Now()
	tokens, period, err := a.monthEnd(ctx, c.People)
	if err != nil {
		return err
	}
	fmt.Fprintf(progress, "%6.1f s  %d people with sessions\n", time.Since(start).Seconds(), len(tokens))
	if err := a.DB.Optimize(ctx); err != nil {
		return err
	}
	addr, stop, err := benchListen(ctx, a, conf)
	if err != nil {
		return err
	}
	there, err := a.Contact.FiledIn(ctx, period)
	if err != nil {
		return errors.Join(err, stop())
	}
	before := cpuTime()
	times, took, err := fileAll(ctx, strings.TrimPrefix(addr, "http://"), period, tokens, c)
	used := cpuTime() - before
	if err := errors.Join(err, stop()); err != nil {
		return err
	}
	return a.monthEndReport(ctx, c, period, there, times, took, used, out)
}

// monthEnd makes people over all units, with accounts and sessions, and lets the
// period end today.
func (a *App) monthEnd(ctx context.Context, n int) (tokens []string, period contact.Period, err error) {
	if _, err := a.FirstStart(ctx); err != nil {
		return nil, "", err
	}
	units := slices.DeleteFunc(a.Org.Directory().All(), org.Unit.Closed)
	today := clock.Today(a.Clock)
	set := contact.SettingCmd{Unit: string(a.Org.Directory().Root().ID), Cadence: contact.Monthly, EndDay: today.Day(), Grace: 5, From: string(today)[:7], Reason: "bench"}
	if _, err := a.Contact.Set(ctx, System(), set); err != nil {
		return nil, "", err
	}
	run := strconv.FormatInt(time.Now().Unix(), 36) // content that is kept has people of the run before
	for from := 0; from < n; from += 5000 {
		var people []person.NewPerson
		var list []account.Enrolment
		for i := from; i < min(n, from+5000); i++ {
			u := units[i%len(units)]
			p := person.NewPerson{ID: id.New(), StaffNo: fmt.Sprintf("M%s%07d", run, i), Name: madeUpName(i), Unit: string(u.ID), Title: "检察官", From: today.AddDays(-900)}
			people = append(people, p)
			list = append(list, account.Enrolment{Login: fmt.Sprintf("m%s%07d", run, i), Name: p.Name, Person: p.ID, Unit: u.ID})
		}
		if err := a.Person.AddMany(ctx, System(), people); err != nil {
			return nil, "", err
		}
		more, err := a.Account.Enrol(ctx, System(), list)
		if err != nil {
			return nil, "", err
		}
		tokens = append(tokens, more...)
	}
	if err := a.Log.Sequence(ctx); err != nil {
		return nil, "", err
	}
	return tokens, contact.Setting{Cadence: contact.Monthly, EndDay: today.Day()}.Latest(today), nil
}

// fileAll files for every token from as many connections as there are clients.
func fileAll(ctx context.Context, addr string, p contact.Period, tokens []string, c MonthEndConfig) ([]time.Duration, time.Duration, error) {
	var next atomic.Int64
	var mu sync.Mutex
	var all []time.Duration
	var failed error
	var wg sync.WaitGroup
	start := time.Now()
	for range c.Clients {
		wg.Go(func() {
			conn, err := net.Dial("tcp", addr)
			if err != nil {
				mu.Lock()
				failed = err
				mu.Unlock()
				return
			}
			defer conn.Close()
			r := bufio.NewReader(conn)
			var mine []time.Duration
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(tokens) {
					break
				}
				times := 1
				if c.Repeat > 0 && i%100 < c.Repeat {
					times = 2
				}
				for range times {
					t := time.Now()
					if err = file1(conn, r, addr, p, tokens[i]); err != nil {
						break
					}
					mine = append(mine, time.Since(t))
				}
				if err != nil {
					break
				}
			}
			mu.Lock()
			all = append(all, mine...)
			failed = errors.Join(failed, err)
			mu.Unlock()
		})
	}
	wg.Wait()
	return all, time.Since(start), failed
}

const fileForm = "pledge=1"

// file1 sends one return and reads its answer. It is written by hand so that the
// client takes little of the two cores that it shares with the server.
func file1(w io.Writer, r *bufio.Reader, addr string, p contact.Period, token string) error {
	_, err := io.WriteString(w, "POST /api/v1/my/returns/"+string(p)+" HTTP/1.1\r\nHost: "+addr+"\r\nOrigin: http://"+addr+"\r\nSec-Fetch-Site: same-origin\r\nCookie: huikan="+token+
		"\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: "+strconv.Itoa(len(fileForm))+"\r\n\r\n"+fileForm)
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	status, err := r.ReadString('\n')
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	length := 0
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return fmt.Errorf("bench: %w", err)
		}
		if line == "\r\n" {
			break
		}
		if v, ok := strings.CutPrefix(line, "Content-Length: "); ok {
			length, _ = strconv.Atoi(strings.TrimSpace(v))
		}
	}
	body := make([]byte, length)
	if _, err := io.ReadFull(r, body); err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	if !strings.Contains(status, " 200 ") {
		return fmt.Errorf("bench: %s %.300s", strings.TrimSpace(status), body)
	}
	return nil
}

// monthEndReport holds the figures against the goals and the returns against the people.
func (a *App) monthEndReport(ctx context.Context, c MonthEndConfig, p contact.Period, there int, times []time.Duration, took, used time.Duration, out io.Writer) error {
	slices.Sort(times)
	at := func(share int) time.Duration { return times[min(len(times)-1, len(times)*share/1000)] }
	rate := float64(len(times)) / took.Seconds()
	filed, err := a.Contact.FiledIn(ctx, p)
	if err != nil {
		return err
	}
	if filed-there != c.People {
		return fmt.Errorf("bench: %d people filed, %d returns are there, %d were", c.People, filed, there)
	}
	if c.Verify {
		if err := a.Log.Sequence(ctx); err != nil {
			return err
		}
		rep, err := a.Log.Verify(ctx)
		if err != nil {
			return err
		}
		if len(rep.Troubles) > 0 {
			return fmt.Errorf("bench: the log has %d troubles: %s", len(rep.Troubles), rep.Troubles[0])
		}
	}
	engine := "SQLite"
	if c.Database != "" {
		engine = "PostgreSQL"
	}
	t := newBenchTable(out, io.Discard, benchFigures...)
	t.row("zero returns a second, "+engine, fmt.Sprintf("%d, %d clients", c.People, c.Clients), fmt.Sprintf("%.0f/s", rate), fmt.Sprintf("≥ %d/s", monthEndRate), rate >= monthEndRate)
	t.note("answer, half", "", ms(at(500)))
	t.row("answer, 99 of 100", "", ms(at(990)), "≤ "+ms(monthEndP99), at(990) <= monthEndP99)
	t.note("answer, slowest", "", ms(times[len(times)-1]))
	t.note("all filed in", "", seconds(took))
	// On a machine that others use too, this says more than the rate: client and server together.
	t.note("processor time of one return", "", ms(used/time.Duration(len(times))))
	return t.done()
}
