package contact

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"huikan/hantext"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/lazy"
)

// Published is a quarterly circular of the register as it was printed.
type Published struct {
	ID       id.ID         `json:"id"`
	Unit     id.ID         `json:"unit,omitempty"`
	UnitName string        `json:"unit_name"`
	Quarter  Period        `json:"quarter"`
	Title    string        `json:"title"`
	Source   string        `json:"source"`
	Body     string        `json:"body,omitempty"`
	Total    int           `json:"total"`
	Groups   []FigureGroup `json:"groups"`
	Flags    []Flag        `json:"flags"`
	By       id.ID         `json:"by"`
	At       string        `json:"at"`
	digest   string
}

// FigureGroup are figures that should add up to the total: by level, by month, by
// content, by who asked.
type FigureGroup struct {
	Kind  string   `json:"kind"` // level, month, class, asker
	Lines []Figure `json:"lines"`
	Sum   int      `json:"sum"`
}

// Figure is one printed figure with its printed share.
type Figure struct {
	Words string  `json:"words"`
	N     int     `json:"n"`
	About bool    `json:"about,omitempty"` // 余, 多, 近: not exact
	Share float64 `json:"share,omitempty"` // percent as printed
	Has   bool    `json:"has_share,omitempty"`
}

// Flag is one contradiction: what was printed against what follows from the other
// figures. A flag says nothing about which of them is wrong.
type Flag struct {
	Kind    string  `json:"kind"` // sum, share, register
	Group   string  `json:"group,omitempty"`
	Words   string  `json:"words,omitempty"`
	Printed float64 `json:"printed"`
	Follows float64 `json:"follows"`
}

// Kinds of flags.
const (
	FlagSum      = "sum"      // the figures of a group do not add up to the total
	FlagShare    = "share"    // a share is not figure over total
	FlagRegister = "register" // the total is not that of our register
)

// shareTolerance: printed shares are cut or rounded to one place.
const shareTolerance = 0.1 // points

var (
	pubTitle   = lazy.Pattern(`([\p{Han}]{2,30}?)(?:检察机关|检察院|检察)?[^，。]{0,4}?(\d{4})年(?:第)?([一二三四1-4])季度`)
	pubQuarter = lazy.Pattern(`(\d{4})年(?:第)?([一二三四1-4])季度`)
	pubTotal   = lazy.Pattern(`重大事项(?:共|共计)?(近|约)?([\d]+)(余|多)?件`)
	pubFigure  = lazy.Pattern(`^(.*?)(近|约)?([\d]+)(余|多)?件(.*)$`)
	pubShare   = lazy.Pattern(`([\d]+(?:\.[\d]+)?)%`)
	pubShares  = lazy.Pattern(`分别占(?:比|总数的|全部的)?((?:[\d.]+%[、和及,，]?)+)`)
	pubMonth   = lazy.Pattern(`^(?:从月份看,?)?(\d{1,2})月`)
	pubLevels  = []string{"最高检", "最高人民检察院", "省检察院", "省级检察院", "省级院", "市级检察院", "市级院", "地市级", "基层检察院", "基层院", "区检察院", "县级", "分院"}
)

// ReadPublished takes the figures out of a circular. Text that has no total is no
// circular of the register. Nothing is guessed: a figure that cannot be read is
// left out, and the sum that it is missing from is flagged.
func ReadPublished(a hantext.Article) (p Published, err error) {
	var lines []string
	if a.Title != "" {
		lines = append(lines, a.Title)
	}
	lines = append(lines, a.Body...)
	p.Title, p.Source, p.Body = a.Title, a.Source, strings.Join(lines, "\n")
	plain := tidy(p.Body)
	if m := pubQuarter().FindStringSubmatch(plain); m != nil {
		p.Quarter = Period(m[1] + "-Q" + map[string]string{"一": "1", "二": "2", "三": "3", "四": "4", "1": "1", "2": "2", "3": "3", "4": "4"}[m[2]])
	}
	if m := pubTitle().FindStringSubmatch(plain); m != nil {
		p.UnitName = m[1]
	}
	m := pubTotal().FindStringSubmatch(plain)
	if m == nil || p.Quarter == "" {
		return p, fault.Invalid("published.no_total")
	}
	p.Total, err = strconv.Atoi(m[2])
	if err != nil || len(m[2]) > 9 {
		return p, fault.Invalid("published.no_total")
	}
	about := m[1]+m[3] != ""
	groups := map[string]*FigureGroup{}
	for _, sentence := range strings.FieldsFunc(plain, func(r rune) bool { return r == '。' || r == '\n' }) {
		p.sentence(sentence, groups)
	}
	for _, kind := range []string{"level", "month", "class", "asker"} {
		g := groups[kind]
		if g == nil || len(g.Lines) == 0 {
			continue
		}
		for _, l := range g.Lines {
			g.Sum += l.N
			about = about || l.About
		}
		p.Groups = append(p.Groups, *g)
	}
	p.check(about)
	return p, nil
}

// tidy makes one writing of figures and signs: no blanks, no thousands commas,
// half-width digits and signs.
func tidy(s string) string {
	s = strings.NewReplacer("％", "%", "，", ",", "；", ";", "：", ":", "、", "、", " ", "", "　", "", "．", ".").Replace(s)
	s = strings.Map(func(r rune) rune {
		if r >= '０' && r <= '９' {
			return r - '０' + '0'
		}
		return r
	}, s)
	return thousands().ReplaceAllString(s, "$1$2")
}

var thousands = lazy.Pattern(`(\d),(\d{3})`)

// sentence takes the figures of one sentence into the group that it speaks of.
func (p *Published) sentence(s string, groups map[string]*FigureGroup) {
	if m := pubTotal().FindStringIndex(s); m != nil {
		s = strings.TrimLeft(s[m[1]:], ",;") // what follows the total
	}
	kind := kindOf(s)
	if kind == "" || groups[kind] != nil {
		return
	}
	g := &FigureGroup{Kind: kind}
	var late []float64
	if m := pubShares().FindStringSubmatch(s); m != nil {
		for _, x := range pubShare().FindAllStringSubmatch(m[1], -1) {
			v, err := strconv.ParseFloat(x[1], 64)
			if err == nil {
				late = append(late, v)
			}
		}
		s = strings.Replace(s, m[0], "", 1)
	}
	words := ""
	for _, clause := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' }) {
		m := pubFigure().FindStringSubmatch(clause)
		if m == nil {
			if x := pubShare().FindStringSubmatch(clause); x != nil && len(g.Lines) > 0 && strings.Contains(clause, "占") && !g.Lines[len(g.Lines)-1].Has {
				last := &g.Lines[len(g.Lines)-1]
				v, err := strconv.ParseFloat(x[1], 64)
				last.Share, last.Has = v, err == nil
				continue
			}
			words += clause
			continue
		}
		n, err := strconv.Atoi(m[3])
		if err != nil || len(m[3]) > 9 {
			continue
		}
		f := Figure{Words: label(words + m[1]), N: n, About: m[2]+m[4] != ""}
		words = ""
		if x := pubShare().FindStringSubmatch(m[5]); x != nil {
			v, err := strconv.ParseFloat(x[1], 64)
			f.Share, f.Has = v, err == nil
		}
		g.Lines = append(g.Lines, f)
	}
	if len(late) == len(g.Lines) {
		for i, v := range late {
			g.Lines[i].Share, g.Lines[i].Has = v, true
		}
	}
	if len(g.Lines) > 1 {
		groups[kind] = g
	}
}

// label is what a figure is about, without what leads to it.
func label(s string) string {
	for _, lead := range []string{"其中,", "其中", "从月份看", "从内容看", "从对象看", "从层级看", "从来源看", "从填报主体看", ":"} {
		s = strings.TrimPrefix(s, lead)
	}
	return strings.TrimSuffix(strings.TrimSuffix(s, "填报"), "记录")
}

// kindOf tells what the figures of a sentence are about.
func kindOf(s string) string {
	has := func(list ...string) (n int) {
		for _, x := range list {
			if strings.Contains(s, x) {
				n++
			}
		}
		return n
	}
	switch {
	case strings.Contains(s, "从内容看") || has("干预、插手", "不当过问", "违规过问", "接触交往") > 0:
		return "class"
	case strings.Contains(s, "从对象看") || has("非检察机关人员", "检察人员") > 0:
		return "asker"
	case has(pubLevels...) > 1:
		return "level"
	case pubMonth().MatchString(s) || strings.Contains(s, "从月份看"):
		return "month"
	}
	return ""
}

// check compares what was printed. Figures that are only about right are not held
// against the total.
func (p *Published) check(about bool) {
	if about {
		return
	}
	for _, g := range p.Groups {
		if g.Sum != p.Total {
			p.Flags = append(p.Flags, Flag{Kind: FlagSum, Group: g.Kind, Printed: float64(p.Total), Follows: float64(g.Sum)})
		}
		for _, l := range g.Lines {
			if follows := 100 * float64(l.N) / float64(max(1, p.Total)); l.Has && math.Abs(l.Share-follows) > shareTolerance+1e-9 {
				p.Flags = append(p.Flags, Flag{Kind: FlagShare, Group: g.Kind, Words: l.Words, Printed: l.Share, Follows: math.Round(follows*100) / 100})
			}
		}
	}
}

// String is one line for logs and messages.
func (f Flag) String() string {
	return fmt.Sprintf("%s %s %s: %g, %g", f.Kind, f.Group, f.Words, f.Printed, f.Follows)
}
