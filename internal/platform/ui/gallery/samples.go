package gallery

import "strings"

// sample is made-up content in one language.
type sample struct {
	person, unit, role, no, title, kind string
	statuses                            []string
	names                               []string
	months                              []string
	provinces                           []string
}

var texts = map[string]sample{
	"zh": {
		person: "周明远", unit: "江州省人民检察院检务督察部", role: "督察专员", no: "XS2026-02-00118", kind: "司法责任制",
		title:     "检察官联席会议纪要未及时归档，权力清单与实际办案权限不一致，个别事项以通报代替研究",
		statuses:  []string{"已销号", "整改中", "待审核", "退回补充", "长期坚持", "待认领"},
		names:     []string{"政治建设", "检察履职", "司法责任制", "选人用人", "财务资产", "作风建设"},
		months:    []string{"3月", "4月", "5月", "6月", "7月", "8月", "9月"},
		provinces: []string{"甲省", "乙省", "丙省", "丁省", "戊省", "己省"},
	},
	"en": {
		person: "Zhou Mingyuan", unit: "Jiangzhou Provincial Procuratorate, Inspection of Duties", role: "Commissioner", no: "XS2026-02-00118", kind: "Judicial responsibility",
		title:     "Minutes of the prosecutors' joint meeting were not filed in time, and the list of powers differs from the powers really used",
		statuses:  []string{"Closed", "In progress", "Under review", "Returned", "Long-term", "Unclaimed"},
		names:     []string{"Political work", "Performance", "Responsibility", "Appointments", "Finance", "Conduct"},
		months:    []string{"Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep"},
		provinces: []string{"Jia", "Yi", "Bing", "Ding", "Wu", "Ji"},
	},
}

// long is what no layout should break on: 200 characters without a space, and markup as text.
var long = sample{
	person: strings.Repeat("欧阳", 20), unit: strings.Repeat("某某自治州某某自治县", 20), role: strings.Repeat("专员", 30),
	no: "XS2026-02-00118-" + strings.Repeat("9", 40), kind: strings.Repeat("司法责任制", 20),
	title:     `<script>alert("1")</script>` + strings.Repeat("一二三四五六七八九十", 20) + strings.Repeat("W", 200),
	statuses:  []string{"已销号已销号已销号", "整改中", "待审核", "退回补充", "长期坚持", "<b>待认领</b>"},
	names:     []string{strings.Repeat("政治", 40), `a"b<c>&d`, "C", "D", "E", "F"},
	months:    []string{"3月", "4月", "5月", "6月", "7月", "8月", strings.Repeat("九", 30)},
	provinces: []string{strings.Repeat("甲", 30), "乙", "丙", "丁", "戊", `己<&>"'`},
}

var classes = []string{"ok", "run", "wait", "late", "long", "off"}
