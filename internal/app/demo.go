package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/person"
)

// DemoConfig says what demonstration to make and where to serve it.
type DemoConfig struct {
	Data     string
	Database string
	Addr     string
	Size     string // small, province, nation
	NoServe  bool
	JSON     bool
	Lang     string
	Ahead    int // days: serves what was made before, as it is then
}

// demoReady is what a demonstration tells when it can be used.
type demoReady struct {
	Address  string `json:"address"`
	Accounts []Made `json:"accounts"`
}

// Demo makes a demonstration and serves it until ctx ends.
func Demo(ctx context.Context, c DemoConfig, out, progress io.Writer) error {
	if c.Data == "" {
		dir, err := os.MkdirTemp("", "huikan-demo-")
		if err != nil {
			return fmt.Errorf("demonstration: %w", err)
		}
		defer os.RemoveAll(dir)
		c.Data = dir
	}
	return demo(ctx, c, progress, func(r demoReady) { sayReady(out, c, r) })
}

func demo(ctx context.Context, c DemoConfig, progress io.Writer, ready func(demoReady)) error {
	conf := Config{Data: c.Data, Database: c.Database, Addr: c.Addr}
	if err := checkListen(conf); err != nil {
		return err
	}
	if c.Ahead != 0 || !c.NoServe && madeBefore(c.Data) {
		return demoAhead(ctx, c, conf, ready)
	}
	a, made, err := MakeDemo(ctx, conf, c.Size, progress)
	if err != nil {
		return err
	}
	defer a.Close()
	if c.NoServe {
		ready(demoReady{Accounts: made})
		return a.Log.Sequence(ctx)
	}
	return a.Listen(ctx, conf, func(addr string) { ready(demoReady{Address: addr, Accounts: made}) })
}

func sayReady(out io.Writer, c DemoConfig, r demoReady) {
	if c.JSON {
		_ = json.NewEncoder(out).Encode(r) // nobody is left to tell when stdout is gone
		return
	}
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	words := map[string][4]string{"zh": {"用户名", "一次性密码", "角色", "单位"}, "en": {"user name", "one-time password", "role", "unit"}}[c.Lang]
	fmt.Fprintf(w, "\n%s\t%s\t%s\t%s\n", words[0], words[1], words[2], words[3])
	for _, m := range r.Accounts {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", m.Login, m.Password, m.Role, m.Unit)
	}
	_ = w.Flush()
	if r.Address != "" {
		fmt.Fprintf(out, "\n%s\n", r.Address)
	}
}

// storyClock stands where the story is, and runs with the machine afterwards.
type storyClock struct {
	mu sync.Mutex
	at time.Time
}

// Now implements clock.Clock.
func (c *storyClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at.IsZero() {
		return time.Now()
	}
	return c.at
}

func (c *storyClock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = t
}

// story tells the demonstration through the services of the rooms, as its
// people would have done it; nothing is put into tables beside them.
type story struct {
	*App
	ctx   context.Context
	clock *storyClock
	today clock.Date
	made  []Made
	ids   map[string]id.ID // login → person
	err   error
	who   map[string]actor.Actor // by login, of the day

	articles map[string]id.ID // by basis of a made-up problem

	classNames   map[string]string // class in force, by aspect of a made-up problem
	firstClasses []inspection.Class
}

// MakeDemo fills an empty installation with made-up content of a size.
func MakeDemo(ctx context.Context, c Config, size string, progress io.Writer) (*App, []Made, error) {
	sc := &storyClock{}
	c.Clock = sc
	a, err := Open(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	s := &story{App: a, ctx: ctx, clock: sc, today: clock.Of(time.Now()), ids: map[string]id.ID{}}
	if empty, err := a.Account.Empty(ctx); err != nil || !empty {
		if err == nil {
			err = fault.State("error.demo_not_empty", c.Data)
		}
		return nil, nil, closing(a, err)
	}
	start := time.Now()
	s.tell(size, func(text string, args ...any) {
		fmt.Fprintf(progress, "%6.1f s  %s\n", time.Since(start).Seconds(), fmt.Sprintf(text, args...))
	})
	sc.set(time.Time{})
	if s.err != nil {
		return nil, nil, closing(a, fmt.Errorf("demonstration: %w", s.err))
	}
	if err := os.WriteFile(filepath.Join(c.Data, demoMark), nil, 0o600); err != nil {
		return nil, nil, closing(a, fmt.Errorf("demonstration: %w", err))
	}
	return a, s.made, nil
}

func closing(a *App, err error) error {
	if e := a.Close(); e != nil {
		return fmt.Errorf("%w (and closing: %w)", err, e)
	}
	return err
}

// day moves the story to nine in the morning, Beijing, n days from today.
func (s *story) day(n int) clock.Date {
	d := s.today.AddDays(n)
	s.clock.set(d.Time().In(clock.Beijing).Add(9 * time.Hour))
	s.who = map[string]actor.Actor{}
	return d
}

// do runs a step unless an earlier one failed.
func (s *story) do(what string, fn func() error) {
	if s.err != nil {
		return
	}
	if err := fn(); err != nil {
		s.err = fmt.Errorf("%s: %w", what, err)
	}
}

// as is somebody of the story as he may act on the day.
func (s *story) as(login string) actor.Actor {
	if a, ok := s.who[login]; ok || s.err != nil {
		return a
	}
	a, err := s.Account.ActorOf(s.ctx, login)
	if err != nil {
		s.err = fmt.Errorf("who is %s: %w", login, err)
	}
	s.who[login] = a
	return a
}

// cast are the people of the story. role is shown beside the account; team
// seats give the others.
var cast = []struct {
	login, name, unit, title, shown string
	roles                           []actor.Role
	lead                            bool
}{
	{"leader", "周明远", "最高人民检察院", "副检察长", "leader", []actor.Role{actor.Leader}, true},
	{"office", "林静", "最高人民检察院", "巡视办主任", "office", []actor.Role{actor.Office}, false},
	{"reviewer", "赵志强", "最高人民检察院", "驻院纪检监察组副组长", "reviewer", []actor.Role{actor.Reviewer}, false},
	{"supervisor", "孙海宁", "最高人民检察院", "办公厅督查处处长", "supervisor", []actor.Role{actor.Supervisor}, false},
	{"personnel", "何晓敏", "最高人民检察院", "政治部干部处处长", "personnel", []actor.Role{actor.Personnel}, false},
	{"discipline", "江文涛", "最高人民检察院", "驻院纪检监察组处长", "discipline", []actor.Role{actor.Discipline}, false},
	{"oversight", "宋文博", "最高人民检察院", "检务督察局副局长", "internal_supervision", []actor.Role{actor.InternalSupervision}, false},
	{"teamleader", "陈国平", "最高人民检察院", "检委会专职委员", "team_leader", nil, true},
	{"inspector", "吴思涵", "最高人民检察院", "二级高级检察官", "inspector", nil, false},
	{"inspector2", "郑学斌", "最高人民检察院", "三级高级检察官", "inspector", nil, false},
	{"teamleader2", "冯立华", "最高人民检察院", "一级高级检察官", "team_leader", nil, true},
	{"inspector3", "袁嘉怡", "最高人民检察院", "四级高级检察官", "inspector", nil, false},
	{"lookleader", "许永辉", "最高人民检察院", "检委会专职委员", "team_leader", nil, true},
	{"lookback", "沈雅琳", "最高人民检察院", "三级高级检察官", "lookback", nil, false},
	{"unit", "马春燕", "河南省人民检察院", "办公室主任", "liaison", []actor.Role{actor.Liaison}, false},
	{"unithead", "梁建军", "河南省人民检察院", "检察长", "unit_head", []actor.Role{actor.UnitHead}, true},
	{"unit2", "罗庆峰", "湖北省人民检察院", "办公室主任", "liaison", []actor.Role{actor.Liaison}, false},
	{"unit3", "谢秀芳", "四川省人民检察院", "办公室主任", "liaison", []actor.Role{actor.Liaison}, false},
	{"unit4", "唐振鹏", "浙江省人民检察院", "办公室主任", "liaison", []actor.Role{actor.Liaison}, false},
	{"unit5", "高志远", "江西省人民检察院", "办公室主任", "liaison", []actor.Role{actor.Liaison}, false},
	{"unithead5", "魏国强", "江西省人民检察院", "检察长", "unit_head", []actor.Role{actor.UnitHead}, true},
	{"city", "韩红梅", "新乡市人民检察院", "办公室主任", "liaison", []actor.Role{actor.Liaison}, false},
	{"leader2", "崔立新", "河南省人民检察院", "副检察长", "leader", []actor.Role{actor.Leader}, true},
	{"oversight3", "石婉清", "河南省人民检察院", "检务督察部检察官", "internal_supervision", []actor.Role{actor.InternalSupervision}, false},
	{"oversight2", "许昌平", "河南省人民检察院", "检务督察部主任", "internal_supervision", []actor.Role{actor.InternalSupervision}, false},
	{"staff", "董子然", "河南省人民检察院", "检察官助理", "staff", []actor.Role{actor.Staff}, false},
	{"cityinspector", "祁云山", "河南省人民检察院", "四级高级检察官", "inspector", nil, false},
	{"cityleader", "邱文静", "河南省人民检察院", "检委会专职委员", "team_leader", nil, true},
	{"county", "邵晓冬", "新乡市卫滨区人民检察院", "综合业务部主任", "liaison", []actor.Role{actor.Liaison}, false},
}

// staffNo is the staff number of a person of the story. It goes by the place in cast.
func staffNo(login string) string {
	for i, p := range cast {
		if p.login == login {
			return fmt.Sprintf("D%05d", i+1)
		}
	}
	return ""
}

func (s *story) tell(size string, say func(string, ...any)) {
	s.day(-420)
	s.do("administrators", func() error {
		made, err := s.FirstStart(s.ctx)
		s.made = append(s.made, made...)
		return err
	})
	say("%d units", len(s.Org.Directory().All()))
	s.do("people", s.people)
	s.conducts()
	s.criteria()
	s.day(-415)
	s.classes()
	s.firstRound()
	s.lookbackRound()
	s.newClasses()
	s.runningRound()
	s.audit()
	s.linkedRounds()
	s.fieldwork()
	s.commonProblems()
	s.deployment()
	s.supervision()
	s.dispatching()
	s.meetings()
	s.screeningStory()
	s.reminders()
	s.circulars()
	s.consistency()
	s.mergedUnit()
	s.savedFilters()
	s.responsibility()
	s.recordedAbout()
	s.register()
	s.published()
	s.risks()
	s.letters()
	s.tips()
	say("%d people with accounts, rounds, ledger, look-back, tasks", len(cast))
	if _, big := sizes[size]; big {
		s.bulk(size, say)
	}
}

func (s *story) people() error {
	var list []person.NewPerson
	departments, err := s.departments()
	if err != nil {
		return err
	}
	for i, p := range cast {
		n := id.New()
		s.ids[p.login] = n
		list = append(list, person.NewPerson{ID: n, StaffNo: staffNo(p.login), Name: p.name, Unit: p.unit, Title: p.title, Leadership: p.lead, Department: departments(p.unit, map[string]string{"staff": "第二检察"}[p.login]),
			Gender: map[bool]string{true: "female", false: "male"}[i%2 == 1], Birth: clock.Date(fmt.Sprintf("19%02d-0%d-1%d", 66+i, 1+i%9, i%9)), From: s.today.AddDays(-1500)})
	}
	for i := range 60 {
		u := []string{"最高人民检察院", "河南省人民检察院", "湖北省人民检察院", "新乡市人民检察院"}[i%4]
		list = append(list, person.NewPerson{StaffNo: fmt.Sprintf("D%05d", 1000+i), Name: madeUpName(i * 37), Unit: u, Department: departments(u, []string{"第一检察", "第二检察", "第四检察", "案件管理"}[i/4%4]), Title: "检察官", From: s.today.AddDays(-900)})
	}
	if err := s.Person.AddMany(s.ctx, System(), list); err != nil {
		return err
	}
	for _, p := range cast {
		m, err := s.make(s.ctx, p.login, p.name, string(s.ids[p.login]), p.unit, p.roles...)
		if err != nil {
			return err
		}
		m.Role = p.shown
		s.made = append(s.made, m)
	}
	return nil
}

// madeUpName gives the n-th made-up name.
func madeUpName(n int) string {
	name := surnames[n%len(surnames)] + givenA[(n/7)%len(givenA)]
	return name + givenB[(n/3)%len(givenB)]
}

// factOf fills the figure of a made-up problem.
func (p problem) factOf(n int) string { return fmt.Sprintf(p.fact, 2+n%17) }

// statement is the text of a made-up close-out application.
func (p problem) statement() string {
	return strings.Join([]string{"已" + p.symptom, p.system, p.root}, "；") + "。佐证材料附后。"
}
