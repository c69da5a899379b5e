package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"huikan/internal/contact"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/person"
)

// returnMonths is how many earlier months people of the measurement have.
const returnMonths = 100

// takeOverGoal is how many returns are taken over in a second of the processor.
const takeOverGoal = 100_000

// takenPerson is somebody whose earlier returns are taken over.
type takenPerson struct {
	id    id.ID
	no    string
	unit  org.Unit
	begun bool // the unit files here: its last year is not taken over
}

// benchStaff makes people over 3,600 units, each long enough there for a hundred months.
func (a *App) benchStaff(ctx context.Context, n int, progress io.Writer) ([]takenPerson, error) {
	s := &story{App: a, ctx: ctx, clock: &storyClock{}, today: clock.Today(a.Clock)}
	if err := s.dispatched(sizes["nation"].units); err != nil {
		return nil, err
	}
	begun, err := a.begunUnits(ctx)
	if err != nil {
		return nil, err
	}
	units, people := s.openUnits(), make([]takenPerson, n)
	const bunch = 5000
	for from := 0; from < len(people); from += bunch {
		list := make([]person.NewPerson, min(bunch, len(people)-from))
		for i := range list {
			k := from + i
			u := units[k*len(units)/len(people)] // unit after unit
			people[k] = takenPerson{id.New(), fmt.Sprintf("R%07d", k), u, begun[u.ID]}
			list[i] = person.NewPerson{ID: people[k].id, StaffNo: people[k].no, Name: madeUpName(k), Unit: string(u.ID), Title: "检察官", From: s.today.AddDays(-4000)}
		}
		if err := a.Person.AddMany(ctx, System(), list); err != nil {
			return nil, err
		}
	}
	fmt.Fprintf(progress, "%d people of %d units\n", len(people), len(units))
	return people, nil
}

// benchTakeOver takes the returns of a hundred months over, by the same service that
// the page and the command use.
func (a *App) benchTakeOver(ctx context.Context, n int, t *benchTable, progress io.Writer) error {
	people, err := a.benchStaff(ctx, n/returnMonths, progress)
	if err != nil {
		return err
	}
	months := a.monthsBefore()
	start, cpu, done, rnd := time.Now(), cpuTime(), 0, rand.New(rand.NewPCG(bulkSeed, 6))
	freshPeak()
	const file = 1500 // people in one table: 150,000 rows
	for from := 0; from < len(people); from += file {
		table := returnsTable(people[from:min(len(people), from+file)], months, rnd)
		res, err := a.Contact.ImportReturns(ctx, System(), "基准测试", fmt.Sprintf("returns-%d.csv", from), bytes.NewReader(table), int64(len(table)), false)
		if err != nil {
			return err
		}
		if !res.Applied {
			return fmt.Errorf("bench: returns were refused: %+v", res.Faults[:min(3, len(res.Faults))])
		}
		done += res.Added
		if from/file%10 == 9 {
			fmt.Fprintf(progress, "%6.1f s  %d returns\n", time.Since(start).Seconds(), done)
		}
	}
	used := cpuTime() - cpu
	rate := float64(done) / used.Seconds()
	t.line("returns taken over from tables of 150,000 rows", fmt.Sprint(done), fmt.Sprintf("%.0f a second, peak of the process %d MiB", float64(done)/time.Since(start).Seconds(), peakMemory()>>20),
		fmt.Sprintf("%.0f a second of it", rate), t.mark(fmt.Sprintf("≥ %d a second of it", takeOverGoal), rate >= takeOverGoal))
	start, cpu = time.Now(), cpuTime()
	loads, err := a.benchLoads(ctx, people, months)
	if err != nil {
		return err
	}
	t.line("caseloads of Henan taken in", fmt.Sprint(loads), seconds(time.Since(start)), seconds(cpuTime()-cpu), "")
	return a.DB.Optimize(ctx)
}

// benchFiled writes returns of a hundred months as they would stand here had people
// filed them month after month: none with records, one of a hundred late.
func (a *App) benchFiled(ctx context.Context, n int, t *benchTable, progress io.Writer) error {
	people, err := a.benchStaff(ctx, n/returnMonths, progress)
	if err != nil {
		return err
	}
	start, cpu, done, rnd := time.Now(), cpuTime(), 0, rand.New(rand.NewPCG(bulkSeed, 7))
	freshPeak()
	for _, p := range a.monthsBefore() {
		at := clock.Instant(contact.Setting{EndDay: 25}.End(p).AddDays(2).Time())
		list := make([]contact.Return, 0, len(people))
		for _, x := range people {
			list = append(list, contact.Return{ID: id.New(), Period: p, Person: x.id, Unit: x.unit.ID, Zero: true, Attested: true, Late: rnd.IntN(100) == 0, At: at})
		}
		if err := a.Contact.AddReturns(ctx, System(), list); err != nil {
			return err
		}
		if done += len(list); done/1_000_000 > (done-len(list))/1_000_000 {
			fmt.Fprintf(progress, "%6.1f s  %d returns\n", time.Since(start).Seconds(), done)
		}
	}
	used := cpuTime() - cpu
	t.line("returns written as filed here", fmt.Sprint(done), fmt.Sprintf("%.0f a second, peak of the process %d MiB", float64(done)/time.Since(start).Seconds(), peakMemory()>>20), fmt.Sprintf("%.0f a second of it", float64(done)/used.Seconds()), "")
	return a.DB.Optimize(ctx)
}

// monthsBefore are the months that are taken over: they end where people of units that
// did not begin here yet can still file themselves.
func (a *App) monthsBefore() []contact.Period {
	p := contact.Setting{EndDay: 25}.Latest(clock.Today(a.Clock)).Prev().Prev()
	var out []contact.Period
	for range returnMonths {
		out = append(out, p)
		p = p.Prev()
	}
	slices.Reverse(out)
	return out
}

// returnsTable is a table of an earlier system: two of a hundred returns hold records,
// one of a hundred was late. Units that file here have no rows of the last year.
func returnsTable(people []takenPerson, months []contact.Period, rnd *rand.Rand) []byte {
	b := append(make([]byte, 0, 40*len(people)*len(months)), "工号,报告期,记录数,填报日期\n"...)
	days := make([][]string, len(months))
	for i, p := range months {
		for k := range 16 {
			days[i] = append(days[i], string(contact.Setting{EndDay: 25}.End(p).AddDays(k)))
		}
	}
	for _, x := range people {
		for i, p := range months {
			if x.begun && i >= len(months)-12 {
				break
			}
			records, day := 0, rnd.IntN(5)
			if rnd.IntN(50) == 0 {
				records = 1 + rnd.IntN(2)
			}
			if rnd.IntN(100) == 0 {
				day = 14
			}
			b = append(append(append(append(b, x.no...), ','), p...), ',')
			b = strconv.AppendInt(b, int64(records), 10)
			b = append(append(append(b, ','), days[i][day]...), '\n')
		}
	}
	return b
}

// begunUnits are those in which people of the demonstration file.
func (a *App) begunUnits(ctx context.Context) (map[id.ID]bool, error) {
	v, err := a.Contact.CalendarOf(ctx, System(), a.Org.Directory().Root().ID, contact.Setting{EndDay: 25}.Latest(clock.Today(a.Clock)), true)
	out := map[id.ID]bool{}
	for _, row := range v.Rows {
		out[row.Unit] = slices.ContainsFunc(row.Tallies, func(t contact.Tally) bool { return t.Filed > t.Former })
	}
	return out, err
}

// ofHenan tells the basic units of the province whose office opens pages.
func (x takenPerson) ofHenan() bool {
	return !x.begun && strings.HasPrefix(x.unit.Code, "41") && x.unit.Level == 4
}

// benchLoads takes caseloads of the last months in for the basic units of Henan.
func (a *App) benchLoads(ctx context.Context, people []takenPerson, months []contact.Period) (n int, err error) {
	b := []byte("工号,报告期,岗位,办案数\n")
	for i, x := range people {
		if !x.ofHenan() {
			continue
		}
		for k, p := range months[max(0, len(months)-10):] {
			b = fmt.Appendf(b, "%s,%s,刑事检察,%d\n", x.no, p, 3+(i+k)%9)
			n++
		}
	}
	res, err := a.Contact.ImportCaseload(ctx, System(), "caseload.csv", bytes.NewReader(b), int64(len(b)), false)
	if err == nil && n > 0 && !res.Applied {
		err = fmt.Errorf("bench: caseloads were refused: %+v", res.Faults[:min(3, len(res.Faults))])
	}
	return n, err
}

// returnPage is a page of the register as somebody opens it; {old} is a month that was
// taken over, {unit} a basic unit of Henan, {city} the unit above it.
type returnPage struct{ login, path string }

var returnPages = []returnPage{
	{"staff", "/my/returns"},
	{"staff", "/my/returns?last={old}"},
	{"oversight", "/contacts/calendar"},
	{"oversight", "/contacts/calendar?last={old}"},
	{"oversight", "/contacts/calendar?all=1"},
	{"oversight2", "/contacts/calendar?unit={city}"},
	{"oversight2", "/contacts/people?unit={unit}&period={old}"},
	{"oversight2", "/contacts"},
	{"oversight2", "/crosschecks"},
	{"oversight2", "/register/silence?unit={unit}"},
	{"oversight2", "/register/silence?unit={city}&by=unit"},
	{"oversight", "/register/stats"},
	{"oversight", "/register/stats?by=class"},
	{"oversight2", "/register/stats"},
	{"oversight", "/register/overdue"},
	{"oversight", "/register/takeovers"},
	{"oversight", "/register/draws"},
	{"oversight2", "/register/omissions"},
}

// returnLogins are those who open pages in the measurement.
var returnLogins = []string{"staff", "oversight", "oversight2"}

// benchReturns measures the pages over HTTP, and lets people file on top.
func (a *App) benchReturns(ctx context.Context, conf Config, filing int, made []Made, out, progress io.Writer) error {
	tokens, period, err := a.monthEnd(ctx, filing)
	if err != nil {
		return err
	}
	base, stop, err := benchListen(ctx, a, conf)
	if err != nil {
		return err
	}
	defer stop() //nolint:errcheck // asked for below when all went well
	people, err := benchPeople(ctx, base, made, returnLogins...)
	if err != nil {
		return err
	}
	months := a.monthsBefore()
	begun, err := a.begunUnits(ctx)
	if err != nil {
		return err
	}
	var unit org.Unit
	for _, u := range a.Org.Directory().All() {
		if (takenPerson{unit: u, begun: begun[u.ID]}).ofHenan() {
			unit = u
		}
	}
	names := strings.NewReplacer("{old}", string(months[len(months)/2]), "{unit}", url.QueryEscape(string(unit.ID)), "{city}", url.QueryEscape(string(unit.Parent)))
	t := newBenchTable(out, progress, benchTimes...)
	const n = 40
	for _, p := range returnPages {
		path, cpu := names.Replace(p.path), cpuTime()
		first, times, body, err := benchGet(ctx, people[p.login], base+path, n)
		if err != nil {
			return err
		}
		t.times(regexp.MustCompile(`[0-9a-f-]{36}`).ReplaceAllString(path, "…"), p.login, "", first, times, (cpuTime()-cpu)/(n+1), len(body)>>10, registerGoal)
	}
	c := MonthEndConfig{Database: conf.Database, People: filing, Clients: 64}
	there, err := a.Contact.FiledIn(ctx, period)
	if err != nil {
		return err
	}
	before := cpuTime()
	times, took, err := fileAll(ctx, strings.TrimPrefix(base, "http://"), period, tokens, c)
	used := cpuTime() - before
	missed := t.done()
	if err != nil {
		return err
	}
	return errors.Join(missed, stop(), a.monthEndReport(ctx, c, period, there, times, took, used, out))
}
