package contact

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/org/intake"
	"huikan/internal/person"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/sheet"
)

// formerColumns of a table of the returns of an earlier system or paper book.
var formerColumns = []sheet.Column{
	{Key: "staff_no", Names: []string{"工号", "人员编号", "staff number", "staff no"}, Required: true},
	{Key: "period", Names: []string{"报告期", "月份", "期间", "period", "month"}, Required: true},
	{Key: "records", Names: []string{"记录数", "登记数", "填报情况", "报告类型", "records", "kind"}, Required: true},
	{Key: "filed_on", Names: []string{"填报日期", "报送日期", "填报时间", "filed on"}},
}

// maxRecords bounds what one return of an earlier register holds.
const maxRecords = 999

// ImportReturns takes the returns of earlier periods over from a table, all or none,
// for a stated reason. They stand apart from what was attested here. A return that was
// taken over before stays as it is: a row that says something else is refused.
func (s *Service) ImportReturns(ctx context.Context, who actor.Actor, reason, name string, r io.ReaderAt, size int64, dryRun bool) (*intake.Result, error) {
	if !s.policy.Ever(who, "return.takeover") {
		return nil, fault.Denied("page", "return.takeover: no role")
	}
	var bad fault.Fields
	reason = strings.TrimSpace(reason)
	bad.Need("reason", reason)
	bad.Max("reason", reason, maxShort)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	res, err := intake.Open(name, r, size, formerColumns)
	if err != nil {
		return nil, err
	}
	j := formerJudge{s: s, who: who, res: res}
	if err := s.log.DB().Read(ctx, func(q db.Q) error { return j.read(ctx, q) }); err != nil {
		return nil, err
	}
	if dryRun || !res.OK() || res.Added == 0 {
		return res, nil
	}
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(r, 0, size)); err != nil {
		return nil, fault.Unavailable("error.upload").With(err)
	}
	t := j.takeover(name, hex.EncodeToString(h.Sum(nil)), reason)
	err = s.log.Write(ctx, who, "return.takeover", func(tx *audit.Tx) error {
		// What was judged must still hold: nobody took another table over, or withdrew one, meanwhile.
		now, err := turnOfTakeovers(ctx, tx)
		if err != nil {
			return err
		}
		if now != j.turn {
			return fault.Conflict("takeover")
		}
		tx.Note("file", name)
		tx.Note("sha256", t.Digest)
		tx.Note("reason", reason)
		tx.Note("returns", t.Returns)
		tx.After(s.forgetFormer)
		return insertTakeover(ctx, tx, t, j.fresh)
	})
	if err == nil {
		res.Applied = true
	}
	return res, err
}

// formerJudge holds the rows of one table against what is known.
type formerJudge struct {
	s   *Service
	who actor.Actor
	res *intake.Result

	turn     takeoverTurn
	staff    map[string]person.Staff
	settings settings
	may      map[id.ID]bool
	begun    map[id.ID]Period // unit → first period that was filed here
	spans    map[spanKey]span
	known    map[formerKey]formerReturn
	live     map[formerKey]bool
	seen     map[formerKey]int // row
	years    map[yearKey]*formerYear
	fresh    []*formerYear
}

type (
	formerKey struct {
		person id.ID
		period Period
	}
	yearKey struct {
		person, unit, department id.ID
		year                     string
	}
	spanKey struct {
		unit   id.ID
		period Period
	}
	span struct{ end, due clock.Date }
)

func (j *formerJudge) read(ctx context.Context, q db.Q) (err error) {
	if j.turn, err = turnOfTakeovers(ctx, q); err != nil {
		return err
	}
	if j.settings, err = j.s.allSettings(ctx, q); err != nil {
		return err
	}
	j.may, j.begun, j.spans = map[id.ID]bool{}, map[id.ID]Period{}, map[spanKey]span{}
	j.seen, j.years, j.live = map[formerKey]int{}, map[yearKey]*formerYear{}, map[formerKey]bool{}
	var nos []string
	named := map[string]bool{}
	for _, row := range j.res.Grid.Rows[min(j.res.Mapping.Last+1, len(j.res.Grid.Rows)):] {
		if no := strings.TrimSpace(row.Cell(j.res.Mapping.Columns["staff_no"])); !named[no] {
			named[no] = true
			nos = append(nos, no)
		}
	}
	if j.staff, err = person.ByStaffNos(ctx, q, nos); err != nil {
		return err
	}
	ids := make([]id.ID, 0, len(j.staff))
	for _, p := range j.staff {
		ids = append(ids, p.ID)
	}
	slices.Sort(ids)
	if j.known, err = formerKnown(ctx, q, ids); err != nil {
		return err
	}
	for rec := range sheet.Records(j.res.Grid, j.res.Mapping) {
		j.res.Total++
		bad, err := j.row(ctx, q, rec)
		if err != nil {
			return err
		}
		j.res.Bad(rec, bad)
	}
	return nil
}

// row judges one row and keeps it when it is good.
func (j *formerJudge) row(ctx context.Context, q db.Q, rec sheet.Record) (bad fault.Fields, err error) {
	p, ok := periodIn(rec.Get("period"))
	if !ok {
		bad.Add("period", "contact.bad.period", rec.Get("period"))
	}
	x := formerReturn{}
	if x.records, ok = recordsIn(rec.Get("records")); !ok {
		bad.Add("records", "former.bad.records", rec.Get("records"), maxRecords)
	}
	if text := rec.Get("filed_on"); text != "" {
		if x.filed, ok = dayIn(text); !ok {
			bad.Add("filed_on", "error.date", text)
		} else if x.filed > j.s.today() {
			bad.Add("filed_on", "former.bad.future", text)
		}
	}
	st, ok := j.staff[rec.Get("staff_no")]
	if !ok || !j.reaches(st.Unit) {
		bad.Add("staff_no", "caseload.person", rec.Get("staff_no"))
	}
	if len(bad) > 0 {
		return bad, nil
	}
	unit, department := st.Unit, id.ID("")
	sp := j.span(unit, p)
	if t, ok := belonged(st.Terms, sp.end); ok {
		unit, department = t.Unit, t.Department
	} else if len(st.Terms) > 0 && st.Terms[0].From > sp.end { // posts are known from later on only
		unit, department = st.Terms[0].Unit, st.Terms[0].Department
	}
	if sp = j.span(unit, p); x.filed != "" {
		x.late = x.filed > sp.due
	}
	if !j.reaches(unit) {
		bad.Add("staff_no", "caseload.person", rec.Get("staff_no"))
		return bad, nil
	}
	first, err := j.firstHere(ctx, q, unit)
	if err != nil {
		return bad, err
	}
	key := formerKey{st.ID, p}
	was, known := j.known[key]
	switch row := j.seen[key]; {
	case p.ends() >= first.ends():
		bad.Add("period", "former.bad.begun", j.s.Units.Short(unit), string(first))
	case j.live[key]:
		bad.Add("period", "former.bad.live", string(p))
	case row != 0:
		bad.Add("period", "intake.twice", row)
	case known && (was.records != x.records || was.filed != x.filed && x.filed != ""):
		bad.Add("records", "former.bad.other", string(p), was.records, orNone(was.filed))
	}
	j.seen[key] = rec.Row
	switch {
	case len(bad) > 0:
	case known:
		j.res.Same++
	default:
		j.res.Added++
		j.keep(yearKey{person: st.ID, unit: unit, department: department}, p, x)
	}
	return bad, nil
}

func orNone(d clock.Date) string {
	if d == "" {
		return "—"
	}
	return string(d)
}

// keep puts a return into the year of its person.
func (j *formerJudge) keep(k yearKey, p Period, x formerReturn) {
	var at int
	k.year, at = p.place()
	y := j.years[k]
	if y == nil {
		y = &formerYear{id: id.New(), person: k.person, unit: k.unit, department: k.department, year: k.year}
		j.years[k] = y
		j.fresh = append(j.fresh, y)
	}
	y.held[at] = &x
}

// reaches tells whether the actor may take over for a unit.
func (j *formerJudge) reaches(unit id.ID) bool {
	may, asked := j.may[unit]
	if !asked {
		may = j.s.policy.Can(j.who, "return.takeover", j.s.place(unit)) == nil
		j.may[unit] = may
	}
	return may
}

func (j *formerJudge) span(unit id.ID, p Period) span {
	k := spanKey{unit, p}
	x, ok := j.spans[k]
	if !ok {
		ms := p.Months()
		set := j.s.settingIn(j.settings, unit, ms[len(ms)-1])
		x = span{set.End(p), set.Due(p, j.s.Calendar)}
		j.spans[k] = x
	}
	return x
}

// firstHere is the first period that a unit filed here in time or closed; where it
// did not begin yet, the older of the two that people can still file themselves.
func (j *formerJudge) firstHere(ctx context.Context, q db.Q, unit id.ID) (Period, error) {
	if p, ok := j.begun[unit]; ok {
		return p, nil
	}
	p, err := firstFiled(ctx, q, unit)
	if err != nil {
		return "", err
	}
	if p == "" {
		today := j.s.today()
		p = j.s.settingIn(j.settings, unit, Period(string(today)[:7])).Latest(today)
		for range back - 1 {
			p = p.Prev()
		}
	}
	late, err := filedBefore(ctx, q, unit, p)
	for _, k := range late {
		j.live[k] = true
	}
	j.begun[unit] = p
	return p, err
}

// takeover sums up what is taken over.
func (j *formerJudge) takeover(name, digest, reason string) Takeover {
	t := Takeover{ID: id.New(), File: name, Digest: digest, Reason: reason, By: j.who.Person}
	people := map[id.ID]bool{}
	units := map[id.ID]bool{}
	for _, y := range j.fresh {
		y.takeover = t.ID
		people[y.person], units[y.unit] = true, true
		for i, x := range y.held {
			if x == nil {
				continue
			}
			p := placed(y.year, i)
			t.Returns++
			if x.records == 0 {
				t.Zero++
			}
			if t.First == "" || p.ends() < t.First.ends() {
				t.First = p
			}
			if t.Last == "" || p.ends() > t.Last.ends() {
				t.Last = p
			}
		}
	}
	t.People = len(people)
	for u := range units {
		for t.Unit == "" || !strings.HasPrefix(j.s.Units.Place(u).Path, j.s.Units.Place(t.Unit).Path) {
			if t.Unit == "" {
				t.Unit = u
				continue
			}
			up, _ := j.s.Units.Unit(t.Unit)
			t.Unit = up.Parent
			if t.Unit == "" {
				t.Unit = j.s.Units.Root().ID
				break
			}
		}
	}
	for _, g := range j.who.Grants {
		if g.Role == actor.InternalSupervision && strings.HasPrefix(j.s.Units.Place(t.Unit).Path, g.Path) {
			t.Office = g.Unit
		}
	}
	return t
}

// periodIn reads a period as tables of other systems write it: 2023-05, 2023年5月,
// 2023-Q2, 2023年二季度.
func periodIn(text string) (Period, bool) {
	if p, err := ParsePeriod(text); err == nil {
		return p, true
	}
	d, precision, _ := clock.ParseLoose(text)
	if !d.Valid() {
		return "", false
	}
	p, err := ParsePeriod(string(d)[:7])
	switch {
	case err != nil:
	case precision == clock.PrecisionMonth:
		return p, true
	case precision == clock.PrecisionQuarter:
		return p.Quarter(), true
	}
	return "", false
}

// recordsIn reads whether a return was a zero one, or how many records it had.
func recordsIn(text string) (int, bool) {
	switch strings.ToLower(text) {
	case "零", "零报告", "无", "zero", "none":
		return 0, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 0 && n <= maxRecords
}

func dayIn(text string) (clock.Date, bool) {
	if d := clock.Date(text); d.Valid() {
		return d, true
	}
	d, precision, _ := clock.ParseLoose(text)
	return d, precision == clock.PrecisionDay && d.Valid()
}

// filedFor reads what persons filed in periods: here, or as it was taken over.
func filedFor(ctx context.Context, q db.Q, periods []Period, persons ...id.ID) ([]Return, error) {
	out, err := returnsOf(ctx, q, periods, persons...)
	if err != nil {
		return nil, err
	}
	have := make(map[formerKey]bool, len(out))
	for _, x := range out {
		have[formerKey{x.Person, x.Period}] = true
	}
	years, err := formerOf(ctx, q, periods, persons)
	if err != nil {
		return nil, err
	}
	for _, y := range years {
		for _, p := range periods {
			if x, ok := y.at(p); ok && !have[formerKey{x.Person, p}] {
				have[formerKey{x.Person, p}] = true
				out = append(out, x)
			}
		}
	}
	return out, nil
}

// formerTallies are the figures of a year that was taken over, by period and unit.
type formerTallies = map[Period]map[id.ID]Tally

// formerYears is how many of them are kept.
const formerYears = 40

// forget drops all figures: what was taken over changes those of many periods.
func (c *tallyCache) forget() {
	c.mu.Lock()
	c.by, c.turn = nil, c.turn+1
	c.mu.Unlock()
	c.years.forget()
}

// forgetFormer drops all that was counted from what was taken over.
func (s *Service) forgetFormer() {
	s.tallies.forget()
	s.peerSums.forget()
}

// formerTally counts what was taken over for a period. A year is read at once, since
// a calendar asks for one period after the other.
func (s *Service) formerTally(ctx context.Context, q db.Q, p Period) (map[id.ID]Tally, error) {
	year, _ := p.place()
	by, err := s.tallies.years.get(year, s.Clock.Now(), func() (formerTallies, bool, error) {
		by, err := formerBy(ctx, q, year)
		return by, true, err
	})
	return by[p], err
}
