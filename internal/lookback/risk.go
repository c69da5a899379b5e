package lookback

import (
	"slices"
	"strings"

	"huikan/internal/kernel/id"
	"huikan/internal/rectification"
)

// Factor is a reason to look at an item sooner, with what it adds to its weight.
// The weights are practice of our own, not a rule of law; every draw publishes
// them with its population.
type Factor struct {
	Name   string
	Weight int
}

// The risk factors in the order in which they are named.
const (
	FactorGrave    = "grave"     // 问题性质严重
	FactorSerious  = "serious"   // 问题较重
	FactorQuick    = "quick"     // 销号过快
	FactorReturned = "returned"  // 曾被退回
	FactorReopened = "reopened"  // 曾重新打开
	FactorLasting  = "long_term" // 长期整改
	FactorPaper    = "paper"     // 措施只有发文、开会
	FactorCloser   = "closer"    // 同一人销号集中
)

// Factors lists what raises the weight of an item; each item begins with 1.
func Factors() []Factor {
	return []Factor{{FactorGrave, 4}, {FactorSerious, 2}, {FactorQuick, 2}, {FactorReturned, 2}, {FactorReopened, 3},
		{FactorLasting, 2}, {FactorPaper, 3}, {FactorCloser, 1}}
}

// Bounds of the factors.
const (
	QuickDays    = 30 // closed within so many days of the feedback
	CloserFrom   = 10 // a closer counts as concentrated from so many items …
	CloserShare  = 25 // … and so many percent of the population
	minPaperText = 2  // a measure text shorter than this says nothing
)

// papers are words of measures that leave only paper behind, deeds those of
// measures that change something. A measure with a deed is never paper only.
var (
	papers = []string{"学习", "传达", "会议", "开会", "印发", "制定", "修订", "出台", "完善制度", "建立制度", "通知", "宣讲", "研讨", "强调", "重申", "提高认识", "培训"}
	deeds  = []string{"追缴", "清退", "退还", "退赔", "收回", "挽回", "处分", "问责", "免职", "调整岗位", "约谈", "诫勉", "清理", "整治", "拆除", "核查", "抽查",
		"检查", "审计", "纠正", "整改完成", "办结", "移送", "立案", "归档", "上线", "封存"}
)

// PaperOnly tells whether the measures of an item name nothing but paper and meetings.
func PaperOnly(measures []rectification.Measure) bool {
	found := false
	for _, m := range measures {
		if len([]rune(m.Text)) < minPaperText {
			continue
		}
		if has(m.Text, deeds) || !has(m.Text, papers) {
			return false
		}
		found = true
	}
	return found
}

func has(text string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
}

// RiskOf names the factors of a closed item; busy are the concentrated closers.
func RiskOf(i rectification.Item, paper bool, busy map[id.ID]bool) (factors []string, weight int) {
	is := map[string]bool{
		FactorGrave: i.Severity == "grave", FactorSerious: i.Severity == "serious",
		FactorQuick:    i.FedBack.Valid() && i.ClosedOn.Valid() && i.ClosedOn.Sub(i.FedBack) <= QuickDays,
		FactorReturned: i.Applications > i.Reopened+1, FactorReopened: i.Reopened > 0,
		FactorLasting: i.Lasting != "" || i.Claimed == rectification.ClaimedLasting,
		FactorPaper:   paper, FactorCloser: busy[i.Closer],
	}
	weight = 1
	for _, f := range Factors() {
		if is[f.Name] {
			factors = append(factors, f.Name)
			weight += f.Weight
		}
	}
	return factors, weight
}

// Busy finds the closers who closed so much of a population that one habit of
// theirs would shape it.
func Busy(items []rectification.Item) map[id.ID]bool {
	count := map[id.ID]int{}
	for _, i := range items {
		count[i.Closer]++
	}
	out := map[id.ID]bool{}
	for c, n := range count {
		if c != "" && n >= CloserFrom && n*100 >= CloserShare*len(items) {
			out[c] = true
		}
	}
	return out
}

// Kinds of measures by what they work on: 不敢腐、不能腐、不想腐.
const (
	Deterrence = "deterrence" // 惩治震慑
	Control    = "control"    // 制度约束
	Education  = "education"  // 提高觉悟
)

// MeasureClasses lists them.
func MeasureClasses() []string { return []string{Deterrence, Control, Education} }

var classWords = map[string][]string{
	Deterrence: {"处分", "问责", "追责", "惩戒", "立案", "移送", "通报", "约谈", "诫勉", "批评", "检讨", "检查书", "追缴", "免职", "调离"},
	Control:    {"制度", "机制", "办法", "规定", "细则", "流程", "清单", "台账", "监督", "检查", "抽查", "审批", "权限", "轮岗", "系统", "审计", "预警"},
	Education:  {"学习", "教育", "培训", "警示", "宣讲", "谈心", "廉政", "研讨", "案例", "党课", "家风"},
}

// ClassesOf tells on which of the three a measure works; one may work on several.
func ClassesOf(text string) []string {
	var out []string
	for _, c := range MeasureClasses() {
		if has(text, classWords[c]) {
			out = append(out, c)
		}
	}
	return out
}
