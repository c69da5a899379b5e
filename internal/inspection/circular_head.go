package inspection

import (
	"strconv"
	"strings"

	"huikan/hantext"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/lazy"
)

var (
	titleUnit = lazy.Pattern(`^(?:中国共产党|中共)?(.+?(?:党组|党委|党总支|党支部|委员会|检察院|检察分院|局|院|机关))?\s*(?:关于|落实|贯彻|巡[视察]|整改|对)`)
	spanForm  = lazy.Pattern(`(\d{4})\s*年\s*(\d{1,4})\s*月\s*(\d{1,4})\s*[日号]?\s*(?:起)?\s*(?:至|到|－|—+|–|-|～|~)\s*(?:(同年|当年|次年|\d{4}\s*年)\s*)?(?:(\d{1,4})\s*月\s*)?(\d{1,4})\s*[日号]`)
	dayForm   = lazy.Pattern(`(?:(同年|当年|次年|\d{4}\s*年)\s*)?(\d{1,4})\s*月\s*(\d{1,4})\s*[日号]`)
	asOfForm  = lazy.Pattern(`截[至止](?:到|目前)?[，,]?\s*(\d{4}\s*年\s*\d{1,4}\s*月(?:\s*\d{1,4}\s*[日号]|底|末)?|\d{4}年底)`)
	kindForm  = lazy.Pattern(`(?:开展|进行|实施)了?[^，。；]{0,24}?((?:常规|专项|机动|提级|交叉|联动|巡[视察])?(?:巡[视察])(?:[“"]?回头看[”"]?)?|[“"]回头看[”"])`)
	teamForm  = lazy.Pattern(`([\p{Han}]{0,16}?第[` + hanDigits + `\d]{1,4}(?:轮)?(?:联动|交叉|提级|专项)?巡[视察]组|[\p{Han}]{1,12}?巡[视察]组)`)
	targetOf  = lazy.Pattern(`对([\p{Han}]{3,40}?(?:党组|党委|党总支|党支部))(?:及其[\p{Han}]+)?(?:[，,]?(?:开展|进行|实施))`)
	lostDigit = lazy.Pattern(`\d{1,4}\s*年\s*\d{3,}\s*[日号月]|\d{1,2}\s*月\s*\d{3,}\s*[日号]|(?:^|[^\d年月.])\d{3,}\s*[日号](?:[^内以前后]|$)|\d+(?:整改措施|整改事项|具体问题|问题|措施|制度)|\d+个方面\d{4,}[个项条]|\d{5,}\s*年`)
)

// head finds the facts of the inspection: unit, team, kind and dates.
func (x *extraction) head(a hantext.Article) {
	if m := titleUnit().FindStringSubmatch(a.Title); m != nil && m[1] != "" {
		x.Unit = text(m[1])
	}
	for _, p := range x.free {
		x.span(p)
		x.feedbackDay(p)
		if x.AsOf == nil {
			if m := asOfForm().FindStringSubmatch(p.Text); m != nil {
				x.AsOf = x.day(p, m[1])
			}
		}
		x.target(p)
	}
}

// span finds 2024年3月11日至5月20日 in a sentence about the inspection, with kind and team.
func (x *extraction) span(p Part) {
	for _, s := range sentences(p.Text) {
		if !strings.ContainsAny(s, "巡") {
			continue
		}
		if x.Kind == nil {
			if m := kindForm().FindStringSubmatch(s); m != nil {
				x.Kind = text(m[1])
			}
		}
		if x.Team == nil {
			for _, clause := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("，。；、,", r) }) {
				if m := teamForm().FindStringSubmatch(clause); m != nil {
					x.Team = text(trimTeam(m[1]))
					break
				}
			}
		}
		m := spanForm().FindStringSubmatch(s)
		if m == nil || x.Start != nil || x.End != nil {
			continue
		}
		x.Start = x.date(p, m[0], m[1], m[2], m[3])
		year, month := m[1], m[5]
		switch {
		case m[4] == "次年":
			n, _ := strconv.Atoi(m[1])
			year = strconv.Itoa(n + 1)
		case strings.HasSuffix(m[4], "年") && m[4] != "同年" && m[4] != "当年":
			year = strings.TrimSpace(strings.TrimSuffix(m[4], "年"))
		}
		if month == "" {
			month = m[2]
		}
		x.End = x.date(p, m[0], year, month, m[6])
		if x.Start != nil && x.End != nil && *x.End < *x.Start {
			x.warn(WarnDate, p.Paragraph, m[0])
		}
	}
}

// trimTeam takes the words before the name of a team off.
func trimTeam(s string) string {
	for _, w := range []string{"统一部署由", "安排由", "部署由", "由", "派出", "经"} {
		if _, after, ok := strings.Cut(s, w); ok && strings.HasSuffix(after, "组") {
			s = after
		}
	}
	return strings.TrimLeft(s, "在日至对的")
}

var (
	feedbackWords = lazy.Pattern(`反馈了?|通报反馈`)
	notFeedback   = lazy.Pattern(`反馈(?:的)?(?:问题|整改|事项|\d)|现将|公布如下`)
)

// feedbackDay finds the day on which the team told the unit what it had found.
func (x *extraction) feedbackDay(p Part) {
	if x.Feedback != nil {
		return
	}
	year := ""
	for _, s := range sentences(p.Text) {
		at := dayForm().FindAllStringSubmatchIndex(s, -1)
		told := feedbackWords().FindStringIndex(s)
		var nearest []string
		span := spanForm().FindStringIndex(s)
		for _, m := range at {
			g := func(i int) string {
				if m[2*i] < 0 {
					return ""
				}
				return s[m[2*i]:m[2*i+1]]
			}
			printed := g(1)
			switch {
			case printed == "次年":
				n, _ := strconv.Atoi(year)
				year = strconv.Itoa(n + 1)
			case strings.HasSuffix(printed, "年") && printed != "同年" && printed != "当年":
				year = strings.TrimSpace(strings.TrimSuffix(printed, "年"))
			}
			if told != nil && m[0] < told[0] && (span == nil || m[0] >= span[1]) && !strings.ContainsAny(s[m[1]:min(len(s), m[1]+len("至"))], "至到") {
				nearest = []string{s[m[0]:m[1]], printed, year, g(2), g(3)}
			}
		}
		if told == nil || nearest == nil || notFeedback().MatchString(s) && !strings.Contains(s, "反馈了") {
			continue
		}
		if nearest[1] == "" {
			// The year of the sentence before is how such a date is read, but it is not printed.
			x.warn(WarnDate, p.Paragraph, nearest[0])
		}
		if nearest[2] != "" {
			x.Feedback = x.date(p, nearest[0], nearest[2], nearest[3], nearest[4])
		}
		return
	}
}

// target holds the unit of the title against the unit of the text: a hijacked
// copy names another one everywhere in its head (domain E, G6).
func (x *extraction) target(p Part) {
	m := targetOf().FindStringSubmatch(p.Text)
	if m == nil {
		return
	}
	named := strings.TrimPrefix(strings.TrimPrefix(m[1], "中国共产党"), "中共")
	switch {
	case x.Unit == nil:
		x.Unit = text(named)
	case bareUnit(*x.Unit) != bareUnit(named) && !strings.HasSuffix(*x.Unit, named) && !strings.HasSuffix(named, "院党组") && named != "我院党组":
		x.warn(WarnUnit, p.Paragraph, *x.Unit+" / "+named)
	case bareUnit(*x.Unit) != bareUnit(named) && strings.HasSuffix(named, "人民检察院党组"):
		x.warn(WarnUnit, p.Paragraph, *x.Unit+" / "+named)
	}
}

func bareUnit(s string) string {
	for _, w := range []string{"党组", "党委", "党总支", "党支部"} {
		s = strings.TrimSuffix(s, w)
	}
	return s
}

// date makes a date of printed figures, or warns of one that cannot be.
func (x *extraction) date(p Part, printed, y, m, d string) *string {
	pad := func(s string) string {
		if len(s) == 1 {
			return "0" + s
		}
		return s
	}
	day := clock.Date(y + "-" + pad(m) + "-" + pad(d))
	if !day.Valid() {
		x.warn(WarnDate, p.Paragraph, printed)
		return nil
	}
	return text(string(day))
}

func (x *extraction) day(p Part, printed string) *string {
	d, _, _ := clock.ParseLoose(printed)
	if d == "" {
		x.warn(WarnDate, p.Paragraph, printed)
		return nil
	}
	return text(string(d))
}

// damagedFigures warns of figures that have lost something (domain E, G7).
func (x *extraction) damagedFigures(body []string) {
	for i, p := range body {
		for _, m := range lostDigit().FindAllString(p, -1) {
			x.warn(WarnNumber, i+1, strings.TrimSpace(m))
		}
	}
}

func text(s string) *string { return &s }

func sentences(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == '。' || r == '；' || r == '\n' })
}
