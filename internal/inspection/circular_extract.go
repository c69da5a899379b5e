package inspection

import (
	"slices"
	"strconv"
	"strings"

	"huikan/hantext"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/lazy"
)

// Kinds of warnings of an extraction. Append only: pages and scripts read them.
const (
	WarnNothing    = "no_findings"    // the text has no finding that could be recognised
	WarnStatus     = "no_status"      // a finding without a stated status
	WarnWord       = "status_unknown" // a status in a word that no claimed state is known for
	WarnStatuses   = "two_statuses"   // a finding with several
	WarnDue        = "due_unclear"    // a deadline that is no date
	WarnDate       = "date_unclear"   // a date that no calendar has, or whose year is not printed
	WarnNumber     = "number"         // a figure that seems to have lost digits, a unit or a separator
	WarnTotal      = "total_differs"  // figures that contradict each other or the items
	WarnUnplaced   = "unplaced"       // text among the findings that belongs to none of them
	WarnRepeated   = "repeated"       // a field or finding that occurs twice
	WarnUnit       = "unit_differs"   // title and text name different units
	WarnUnnumbered = "unnumbered"     // numbers of findings are ours, the text has none
	WarnCopy       = "copy"           // damage that the repair of the copy reported
)

// ExtractCircular reads a rectification circular. It is pure and total: every
// sentence of the body is in a finding, a measure, an organisational part or a
// warning, and no figure is ever guessed.
func ExtractCircular(a hantext.Article) Circular {
	x := &extraction{Circular: Circular{Title: a.Title, Sections: []Section{}, Warnings: []Warning{}, Organisation: []Part{},
		Totals: Totals{ProblemStatus: map[string]int{}, MeasureStatus: map[string]int{}, People: map[string]int{}}}}
	for _, w := range a.Warnings {
		x.warn(WarnCopy, w.Paragraph, w.Kind+"："+w.Text)
	}
	body, rows := tableRows(a.Body)
	x.tree(linesOf(body))
	x.table(rows)
	x.head(a)
	x.numberFindings()
	x.damagedFigures(a.Body)
	x.totals()
	if len(x.Sections) == 0 {
		x.warn(WarnNothing, 0, a.Title)
	}
	return x.Circular
}

// extraction carries one circular through the steps.
type extraction struct {
	Circular
	free []Part // the text outside findings, for facts and totals
	seen map[string]bool
}

func (x *extraction) warn(kind string, para int, text string) {
	w := Warning{Kind: kind, Text: text, Paragraph: para}
	if !slices.Contains(x.Warnings, w) {
		x.Warnings = append(x.Warnings, w)
	}
}

// node is a line with what stands under it.
type node struct {
	line
	up   *node
	own  []line // unnumbered lines below the heading
	kids []*node
}

// tree builds the nesting of the numbers and reads findings out of it.
func (x *extraction) tree(lines []line) {
	root := &node{}
	top := root
	for _, l := range lines {
		switch {
		case closing(l):
			top = root
			root.kids = append(root.kids, &node{line: l, up: root})
			if strings.HasPrefix(l.text, "以上") || strings.HasPrefix(l.text, "上述") {
				x.warn(WarnUnplaced, l.para, l.text)
			}
		case fieldLine(l):
			at := top.owner()
			at.own = append(at.own, l)
		case l.mark.style == 0, measureLine(top, l):
			top.own = append(top.own, l)
		default:
			at := top
			for n := top; n != root; n = n.up {
				if n.mark.style == l.mark.style {
					at = n.up
					break
				}
			}
			kid := &node{line: l, up: at}
			at.kids = append(at.kids, kid)
			top = kid
		}
	}
	for _, l := range root.own {
		x.part("", l.para, l.text)
	}
	for _, k := range root.kids {
		x.walk(k, nil)
	}
}

// fieldLine tells whether a line, numbered or not, begins with a label of a
// finding's field: such a line is never a heading.
func fieldLine(l line) bool {
	m := labelAt().FindStringSubmatchIndex(l.text)
	return m != nil && m[0] == 0 && fieldOf[l.text[m[2]:m[3]]] != fieldProblem
}

// owner is the finding that a field below belongs to: the nearest heading that
// names a problem, else the node itself.
func (n *node) owner() *node {
	for k := n; k.up != nil; k = k.up {
		if first := firstSentence(k.text); problemHead(first) && (k.mark.style != styleHan || quotedProblem().MatchString(first)) {
			return k
		}
	}
	return n
}

// closing recognises the contact lines, signature and date at the foot.
func closing(l line) bool { return l.mark.style == 0 && closingLine().MatchString(l.text) }

var closingLine = lazy.Pattern(`^(?:欢迎|联系(?:电话|方式|地址|人|邮箱)|监督电话|邮政编码|通信地址|通讯地址|电子邮箱|电子信箱|特此|公示期|以上(?:问题|各项|整改|情况)|上述(?:问题|各项|整改)|[\p{Han}]{2,40}(?:党组|委员会|检察院|党委)[。]?$|\d{4}年\d{1,2}月\d{1,2}日[。]?$)`)

// measureLine tells whether a numbered line is a measure of the finding above
// it: it does not name a problem, does not go on with the numbers of the
// findings, and the finding above has the same kind of number.
func measureLine(top *node, l line) bool {
	if top.up == nil || top.mark.style != l.mark.style || l.mark.style == styleHan || l.mark.style == styleBare || !problemHead(firstSentence(top.text)) {
		return false
	}
	return !problemHead(firstSentence(l.text)) && !labelled(l.text) && l.mark.n != top.mark.n+1
}

// labelled tells whether a text has a field that only findings have.
func labelled(s string) bool {
	for _, m := range labelAt().FindAllStringSubmatch(s, -1) {
		if f := fieldOf[m[1]]; f != fieldProblem {
			return true
		}
	}
	return false
}

func (n *node) fields() bool {
	if labelled(n.text) {
		return true
	}
	for i, s := range sentences(n.text) {
		if i > 0 && statusSentence().MatchString(s) {
			return true
		}
	}
	return slices.ContainsFunc(n.own, func(l line) bool {
		return labelled(l.text) || slices.ContainsFunc(sentences(l.text), statusSentence().MatchString)
	})
}

// finding tells whether a node is one finding.
func (n *node) finding() bool {
	if slices.ContainsFunc(n.kids, (*node).holdsFinding) {
		return problemHead(firstSentence(n.text)) && n.fields()
	}
	first := firstSentence(n.text)
	if asideHead().MatchString(n.top().text) && !quotedProblem().MatchString(first) {
		return false
	}
	if n.mark.style != styleHan && (problemHead(first) || namesProblem(n.text)) || quotedProblem().MatchString(first) {
		return true
	}
	return n.fields() && !wholeWork().MatchString(first) && (n.mark.style != styleHan || problemHead(first))
}

func (n *node) holdsFinding() bool {
	return n.finding() || slices.ContainsFunc(n.kids, (*node).holdsFinding)
}

// top is the heading of the first level above a node.
func (n *node) top() *node {
	for n.up != nil && n.up.up != nil {
		n = n.up
	}
	return n
}

// asideHead names chapters about the work as a whole.
var asideHead = lazy.Pattern(`下一步|下步|今后|追责|问责|建章立制|问题线索|组织领导|组织整改|主体责任|工作打算|工作计划|党组及主要负责人|党组主要负责`)

func namesProblem(s string) bool {
	m := labelAt().FindStringSubmatchIndex(s)
	return m != nil && m[0] == 0 && fieldOf[s[m[2]:m[3]]] == fieldProblem
}

func (x *extraction) walk(n *node, path []string) {
	if n.finding() {
		x.finding(n, path)
		return
	}
	if !n.holdsFinding() {
		x.plain(n, "")
		return
	}
	head, rest := firstSentence(n.text), ""
	if head != n.text {
		rest = strings.TrimLeft(strings.TrimPrefix(n.text, head), "。：；! ")
	}
	x.part(head, n.para, rest)
	for _, l := range n.own {
		x.part(head, l.para, l.text)
		if n.mark.style != styleHan {
			x.warn(WarnUnplaced, l.para, l.text)
		}
	}
	path = append(slices.Clone(path), strings.TrimRight(head, "。：:；"))
	for _, k := range n.kids {
		x.walk(k, path)
	}
}

// plain keeps text about the whole work, under the heading it stands under.
func (x *extraction) plain(n *node, head string) {
	if head == "" && n.mark.style != 0 && (len(n.own) > 0 || len(n.kids) > 0) {
		head = n.text
		x.part(head, n.para, "")
	} else {
		x.part(head, n.para, n.text)
	}
	for _, l := range n.own {
		x.part(head, l.para, l.text)
	}
	for _, k := range n.kids {
		x.plain(k, head)
	}
}

func (x *extraction) part(title string, para int, text string) {
	p := Part{Title: title, Text: text, Paragraph: para}
	if text == "" && slices.ContainsFunc(x.Organisation, func(o Part) bool { return o.Title == title }) {
		return
	}
	x.Organisation = append(x.Organisation, p)
	x.free = append(x.free, p)
}

// section finds or opens the section of a path of headings. The chapter itself
// is only named when nothing stands between it and the finding.
func (x *extraction) section(path []string) *Section {
	title := ""
	switch {
	case len(path) > 1:
		title = strings.Join(path[1:], " / ")
	case len(path) == 1:
		title = path[0]
	}
	if n := len(x.Sections); n > 0 && x.Sections[n-1].Title == title {
		return &x.Sections[n-1]
	}
	x.Sections = append(x.Sections, Section{Title: title, Findings: []CircularFinding{}})
	return &x.Sections[len(x.Sections)-1]
}

func (x *extraction) finding(n *node, path []string) {
	f := CircularFinding{Paragraph: n.para, Measures: []CircularMeasure{}}
	if n.mark.n > 0 {
		f.No = strconv.Itoa(n.mark.n)
	}
	title, rest := splitProblem(n.text)
	f.Text = title
	x.fill(&f, n.para, rest)
	for _, l := range n.below() {
		x.fill(&f, l.para, l.text)
	}
	x.finish(&f)
	x.add(f, path)
}

// below is all text under a node, in the order of the page.
func (n *node) below() []line {
	out := slices.Clone(n.own)
	for _, k := range n.kids {
		out = append(out, k.line)
		out = append(out, k.below()...)
	}
	slices.SortStableFunc(out, func(a, b line) int { return a.para - b.para })
	return out
}

func (x *extraction) add(f CircularFinding, path []string) {
	if x.seen == nil {
		x.seen = map[string]bool{}
	}
	if x.seen[f.Text] {
		x.warn(WarnRepeated, f.Paragraph, f.Text)
	}
	x.seen[f.Text] = true
	s := x.section(path)
	s.Findings = append(s.Findings, f)
}

var (
	problemStart = lazy.Pattern(`^(?:关于|针对|对于)\s*`)
	problemEnd   = lazy.Pattern(`(?:的|等)?(?:具体|主要|突出)?问题(?:的)?(?:整改|落实|整改落实|整改进展|整改完成|整改工作)?(?:情况)?(?:方面)?[，。：:；]*$`)
	quotedWhole  = lazy.Pattern(`^[“"「]([^”"」]+)[”"」]$`)
	tailBracket  = lazy.Pattern(`[（(【]([^（）()【】]{2,20})[）)】][。：:]?$`)
)

// splitProblem takes the problem out of a finding's first line: what the
// quotation marks hold, or the heading without its formula.
func splitProblem(s string) (problem, rest string) {
	if namesProblem(s) {
		m := labelAt().FindStringIndex(s)
		s = s[m[1]:]
	}
	head := firstSentence(s)
	rest = strings.TrimLeft(strings.TrimPrefix(s, head), "。；！ ")
	head = strings.TrimSpace(head)
	if m := tailBracket().FindStringSubmatch(head); m != nil {
		if status, left := statusIn(strings.TrimPrefix(m[1], "整改")); status != "" && left == "" || labelled(m[0]) {
			head, rest = strings.TrimSpace(strings.TrimSuffix(head, m[0])), "整改情况："+m[1]+"。"+rest
		}
	}
	short := problemStart().ReplaceAllString(problemEnd().ReplaceAllString(head, ""), "")
	if m := quotedWhole().FindStringSubmatch(short); m != nil {
		short = m[1]
	}
	if short = strings.Trim(short, " ，。：:；"); short == "" {
		short = head
	}
	return short, rest
}

// fill reads one piece of a finding's text.
func (x *extraction) fill(f *CircularFinding, para int, text string) {
	for _, s := range segments(para, text) {
		switch s.field {
		case fieldLead:
			x.once(&f.Lead, s)
		case fieldDepartment:
			x.once(&f.Department, s)
		case fieldPartner:
			x.once(&f.Partner, s)
		case fieldDue:
			x.once(&f.DueWord, s)
		case fieldProblem:
			f.Text += "；" + clip(s.text)
		case fieldProgress:
			status, rest := statusIn(s.text)
			if status == "" {
				status, rest = ownWord(s.label, s.text)
			}
			x.status(f, para, status)
			x.narrative(f, para, rest)
		default:
			x.narrative(f, para, s.text)
		}
	}
}

func (x *extraction) once(to *string, s segment) {
	if *to != "" && *to != s.text {
		x.warn(WarnRepeated, s.para, s.label+"："+s.text)
		return
	}
	*to = s.text
}

func (x *extraction) status(f *CircularFinding, para int, status string) {
	switch {
	case status == "" || f.Status == status:
	case f.Status == "":
		f.Status = status
	default:
		x.warn(WarnStatuses, para, f.Text+"："+f.Status+" / "+status)
	}
}

// narrative keeps free text as measures; a sentence that only states the status is one.
func (x *extraction) narrative(f *CircularFinding, para int, text string) {
	for _, m := range measuresIn(text) {
		if s := statusSentence().FindStringSubmatch(m); s != nil {
			x.status(f, para, s[1])
			continue
		}
		body := m
		if i := strings.LastIndexAny(m, "。；"); i >= 0 { // the last sentence of a numbered measure may state it
			last := strings.TrimSpace(m[i+len("。"):])
			if s := statusSentence().FindStringSubmatch(last); s != nil {
				x.status(f, para, s[1])
				body = m[:i]
			}
		}
		f.Measures = append(f.Measures, CircularMeasure{Text: body, Paragraph: para})
	}
}

// finish judges the fields of a finding once all its text is read.
func (x *extraction) finish(f *CircularFinding) {
	if f.Status == "" {
		x.warn(WarnStatus, f.Paragraph, f.Text)
	} else if ClaimOf(f.Status) == "" {
		x.warn(WarnWord, f.Paragraph, f.Status)
	}
	if f.DueWord == "" {
		return
	}
	day, precision, _ := clock.ParseLoose(f.DueWord)
	if day == "" && precision == clock.PrecisionUnknown {
		if bare := strings.TrimSpace(remark().ReplaceAllString(f.DueWord, "")); bare != f.DueWord {
			day, precision, _ = clock.ParseLoose(bare)
		}
	}
	f.DuePrecision = string(precision)
	if day != "" {
		d := string(day)
		f.Due = &d
	} else if precision != clock.PrecisionLongTerm && precision != clock.PrecisionImmediate {
		x.warn(WarnDue, f.Paragraph, f.DueWord)
	}
}

var remark = lazy.Pattern(`[（(][^（）()]*[）)]|[，、].*$`)

// numberFindings numbers the findings where the text has no numbers at all.
func (x *extraction) numberFindings() {
	n := 0
	for _, s := range x.Sections {
		for _, f := range s.Findings {
			if f.No != "" {
				return
			}
			n++
		}
	}
	if n == 0 {
		return
	}
	x.warn(WarnUnnumbered, 0, strconv.Itoa(n))
	n = 0
	for i := range x.Sections {
		for k := range x.Sections[i].Findings {
			n++
			x.Sections[i].Findings[k].No = strconv.Itoa(n)
		}
	}
}
