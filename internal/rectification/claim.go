package rectification

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
)

// Claim is one statement of a close-out that can be tested by itself (声明):
// bound to the evidence that bears it and to the test that a look-back team will
// run. Claims outlive a returned application; a dropped one stays readable.
type Claim struct {
	ID          id.ID   `json:"id"`
	Item        id.ID   `json:"item"`
	No          int     `json:"no"`
	Kind        string  `json:"kind"`
	Text        string  `json:"text"`
	Cents       int64   `json:"cents"` // amount claimed, 0 = none
	Evidence    []id.ID `json:"evidence"`
	Test        string  `json:"test"`        // "" = the standard test of the kind
	Machine     bool    `json:"machine"`     // split off the statement by the program, not written by the unit
	Application int     `json:"application"` // under which it was first handed in, 0 = not yet
	Checked     string  `json:"checked"`     // the reviewer's word: "", borne, unborne
	Remark      string  `json:"remark"`
	Checker     id.ID   `json:"checker"`
	CheckedAt   string  `json:"checked_at"`
	By          id.ID   `json:"by"`
	At          string  `json:"at"`
	Dropped     bool    `json:"dropped"`
	Rev         int64   `json:"rev"`
}

// What a reviewer says of a claim: the evidence bears it, or does not.
const (
	Borne   = "borne"
	Unborne = "unborne"
)

// claimKinds are the kinds with the words by which the program knows them; the
// first that fits wins, so that 追缴 is not taken for 制度.
var claimKinds = []struct {
	kind  string
	words []string
}{
	{"money", []string{"追缴", "清退", "退还", "退缴", "退赔", "收回", "挽回", "上缴", "万元", "元"}},
	{"people", []string{"处分", "问责", "诫勉", "约谈", "批评教育", "免职", "调离", "谈话提醒", "处理"}},
	{"rule", []string{"印发", "出台", "制定", "修订", "制度", "办法", "规定", "细则", "意见", "规则"}},
	{"training", []string{"培训", "学习", "教育", "宣讲", "研讨", "警示"}},
	{"record", []string{"归档", "补齐", "补正", "台账", "登记", "移交", "录入", "建立"}},
	{"practice", []string{"检查", "抽查", "核查", "监督", "审核", "轮岗", "会商", "提醒", "自查", "整治"}},
}

// ClaimKinds lists the kinds of claims in the order of the form.
func ClaimKinds() []string {
	out := make([]string, 0, len(claimKinds)+1)
	for _, k := range claimKinds {
		out = append(out, k.kind)
	}
	return append(out, "other")
}

// ClaimKindOf tells what a sentence claims.
func ClaimKindOf(text string) string {
	for _, k := range claimKinds {
		if slices.ContainsFunc(k.words, func(w string) bool { return strings.Contains(text, w) }) {
			return k.kind
		}
	}
	return "other"
}

var (
	amountPattern = regexp.MustCompile(`([0-9][0-9,，]*(?:\.[0-9]+)?)\s*(亿|万|千)?元`)
	sentenceEnd   = regexp.MustCompile(`[。；;！!\n]+`)
	numbering     = regexp.MustCompile(`^\s*(?:[一二三四五六七八九十]+[、.．]|[0-9]+[、.．)）]|[（(][一二三四五六七八九十0-9]+[)）]|[①-⑳])\s*`)
	emptyTalk     = []string{"佐证材料附后", "附后", "情况如下", "现将", "特此"}
)

// AmountOf reads the first amount of a text, in cents; 0 when it names none.
func AmountOf(text string) int64 {
	m := amountPattern.FindStringSubmatch(text)
	if m == nil {
		return 0
	}
	f, err := strconv.ParseFloat(strings.NewReplacer(",", "", "，", "").Replace(m[1]), 64)
	if err != nil || f > 1e13 {
		return 0
	}
	switch m[2] {
	case "亿":
		f *= 1e8
	case "万":
		f *= 1e4
	case "千":
		f *= 1e3
	}
	return int64(f*100 + 0.5)
}

// maxClaims bounds the claims of one item.
const maxClaims = 60

// SplitStatement proposes claims from a statement: one for each sentence that
// says something. The unit or the reviewer corrects them.
func SplitStatement(text string) []Claim {
	var out []Claim
	for _, s := range sentenceEnd.Split(text, -1) {
		s = strings.TrimSpace(numbering.ReplaceAllString(strings.TrimSpace(s), ""))
		if len([]rune(s)) < 4 || len(out) == maxClaims || slices.ContainsFunc(emptyTalk, func(w string) bool { return strings.Contains(s, w) && len([]rune(s)) < 14 }) {
			continue
		}
		out = append(out, Claim{Kind: ClaimKindOf(s), Text: s, Cents: AmountOf(s), Machine: true})
	}
	if len(out) == 0 && strings.TrimSpace(text) != "" {
		s := strings.TrimSpace(text)
		out = append(out, Claim{Kind: ClaimKindOf(s), Text: s, Cents: AmountOf(s), Machine: true})
	}
	return out
}

// Check judges a claim; evidence lists what is in force.
func (c Claim) Check(bad *fault.Fields, evidence []Evidence) {
	bad.Need("text", c.Text)
	bad.Max("text", c.Text, maxText)
	oneOf(bad, "kind", c.Kind, ClaimKinds())
	bad.Max("test", c.Test, maxReason)
	if c.Cents < 0 {
		bad.Add("amount", "claim.bad.amount")
	}
	for _, n := range c.Evidence {
		if !slices.ContainsFunc(evidence, func(e Evidence) bool { return e.ID == n }) {
			bad.Add("evidence", "claim.bad.evidence")
			break
		}
	}
}

// inForce leaves out dropped claims.
func inForce(all []Claim) []Claim {
	return slices.DeleteFunc(slices.Clone(all), func(c Claim) bool { return c.Dropped })
}

// bind gives each claim without evidence the pieces that speak of the same
// thing: most letters of two in common with its name, note or measure. A claim
// that matches nothing stays bare, and the reviewer sees that.
func bind(claims []Claim, evidence []Evidence, measures []Measure) {
	pairs := func(s string) map[string]bool {
		out := map[string]bool{}
		r := []rune(s)
		for i := 0; i+1 < len(r); i++ {
			out[string(r[i:i+2])] = true
		}
		return out
	}
	for n := range claims {
		if len(claims[n].Evidence) > 0 {
			continue
		}
		if len(evidence) == 1 {
			claims[n].Evidence = []id.ID{evidence[0].ID}
			continue
		}
		want := pairs(claims[n].Text)
		best := 1 // one pair in common says nothing
		for _, e := range evidence {
			text := e.Name + " " + e.Note
			for _, m := range measures {
				if m.ID == e.Measure {
					text += " " + m.Text
				}
			}
			common := 0
			for p := range pairs(text) {
				if want[p] {
					common++
				}
			}
			switch {
			case common > best:
				best, claims[n].Evidence = common, []id.ID{e.ID}
			case common == best && common > 1:
				claims[n].Evidence = append(claims[n].Evidence, e.ID)
			}
		}
	}
}
