package group_test

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"huikan/hantext/group"
)

// problems are ways of putting thirty kinds of findings. # is a figure. They were written before the engine was tried on
// them; about a third speak of things no word of the lexicon names.
var problems = [][]string{
	{"差旅费报销未附审批单，#人次", "超标准乘坐交通工具，报销#元", "出差住宿费超标报销，涉及#人", "无出差任务报销差旅补助#笔"},
	{"违规发放津补贴#元", "自行设立奖金项目，向干警发放#元", "以加班名义发放福利，#人领取", "扩大补贴发放范围，多发#人"},
	{"班子成员办公室面积超标，#间", "办公用房超面积使用#平方米", "领导干部占用两处办公用房", "办公室改造后仍超标准，#间未整改"},
	{"项目未公开招标，直接指定供应商", "设备采购未进行比价，金额#元", "工程拆分项目规避招投标", "采购合同签订在前、询价在后，#份"},
	{"固定资产未入账，#台设备", "资产盘点走过场，账物不符#件", "报废设备未按程序处置，#台", "资产长期闲置，#台设备无人管理"},
	{"干部选任动议程序缺失，#人", "超职数配备中层干部#名", "考察材料不实，#份雷同", "职级晋升未按规定公示，#人"},
	{"护照等证件未集中保管，#人", "未经审批因私出国（境）#人次", "出国境登记备案信息更新不及时，#人漏备", "因私证照过期未注销#本"},
	{"党支部三会一课记录缺失#次", "组织生活会查摆问题照搬照抄", "支部主题党日以业务会代替，#次", "党员发展程序不规范，#人材料不全"},
	{"中心组学习以传达文件代替研讨", "理论学习计划未落实，全年仅学习#次", "学习笔记由他人代抄，#本", "第一议题制度执行不严，#次会议未学"},
	{"意识形态责任制未分析研判", "微信公众号信息发布无审核，#条", "未开展意识形态专题研究，#年空白", "网络舆情处置不及时，#起"},
	{"检察长列席检委会未形成记录", "检委会议案材料会前未送达，#件", "检委会讨论案件表决意见记录不完整", "专职委员未履行职责，检委会决定未跟踪#件"},
	{"入额领导办案数量不达标，#人", "领导干部挂名办案#件", "员额检察官未独立办案，#件由助理代办", "办案责任制权力清单未更新"},
	{"业务系统案卡填录错误，#项", "案件信息填录不准，#件数据与卷不符", "流程监控发现问题未督促，#件", "统一业务应用系统数据更新滞后#天"},
	{"社区矫正对象脱管未监督，#人", "暂予监外执行病情复查缺失#人", "减刑假释案件审查流于书面，#件", "财产刑执行监督空白，#件未核查"},
	{"附条件不起诉考察帮教缺失，#人", "未成年人社会调查未开展，#件", "法治副校长全年未到校授课，#人", "侵害未成年人案件强制报告未落实，#起"},
	{"公益诉讼线索长期未评估，#条", "公益诉讼诉前程序后未跟进，#件", "公益损害现场未勘查，#件", "磋商程序无书面记录，公益诉讼案件#件"},
	{"聘用制书记员管理混乱，#人无合同", "劳务派遣人员混编混岗，#人", "编外人员借调审批缺失#人", "聘用人员接触案件材料无约束，#人"},
	{"收受服务对象购物卡，#人", "节日期间收受礼金#元", "违规收受土特产、烟酒，#人次", "红包礼金上交登记缺失#笔"},
	{"干警酒驾被查处，#人", "工作日午间饮酒#人次", "八小时外监督缺位，#人参与打牌赌博", "禁酒令执行不严，#人饮酒值班"},
	{"检务公开栏内容陈旧，#条未更新", "门户网站信息公开超期#天", "法律文书应公开未公开，检务公开率低", "公示栏长期空置，信息公开不及时"},
	{"消防通道被杂物堵塞#处", "灭火器过期未更换，#具", "消防器材年检缺失，#具", "消防演练两年未开展"},
	{"图书室藏书老旧，#册无编目", "图书借出后无人催还，#册", "图书室全年开放不足#天", "新购图书堆放未上架，#册"},
	{"心理咨询室闲置，全年使用#次", "干警心理测评未开展，#人未测", "心理健康讲座以看视频代替", "心理疏导台账空白，#人无档案"},
	{"档案室温湿度超标，#天未记录", "诉讼档案借出未还，#册", "档案库房漏水，#册受潮", "档案查阅登记缺页，#页"},
	{"电梯维保合同过期#个月", "电梯年检标志超期未换", "电梯故障困人#次未通报", "电梯安全员无证上岗，#人"},
	{"志愿服务流于拍照留痕", "志愿者队伍名单#人已调离", "志愿活动时长虚报#小时", "志愿服务计划未实施，#次落空"},
	{"帮扶村走访次数不足，#户未到", "驻村干部长期不在村，#天", "帮扶资金拨付滞后#元", "驻村日志代写，#篇雷同"},
	{"绿化养护外包费用虚高#元", "院区绿植枯死#株无人补种", "绿化面积测量不实，差#平方米", "养护公司人员未到岗，绿化无人管#天"},
	{"门禁卡发放失控，#张去向不明", "访客未登记进入办公区#人次", "门岗视频损坏#天未修", "外来人员随意进出，门卫脱岗#次"},
	{"体检费用标准不一，#人超标", "干警体检两年未安排，#人", "体检报告未反馈本人#份", "体检机构未经比选确定"},
}

var (
	before = []string{"", "", "", "", "经抽查，", "检查发现，", "督察中发现", "存在问题：", "巡察组反馈："}
	after  = []string{"", "", "", "", "。要求限期整改", "，已责成整改", "，上次检查已指出", "。责任人已约谈", "，应举一反三"}
)

type world struct {
	n       int
	alone   float64 // neither the one nor the other: halves of two wordings
	typo    float64
	shuffle bool // each text words its problem freely: two of its phrasings cut and joined with words between
	seed    uint64
	some    [][]string
}

func (w world) make() (texts []group.Text, truth []int) {
	r := rand.New(rand.NewPCG(w.seed, 5))
	list := w.some
	if list == nil {
		list = problems
	}
	fill := func(s string) string {
		for strings.Contains(s, "#") {
			s = strings.Replace(s, "#", fmt.Sprint(1+r.IntN(60)), 1)
		}
		return s
	}
	pick := func() int { // a few problems are common, many rare
		for {
			if k := int(r.ExpFloat64() * float64(len(list)) / 3.5); k < len(list) {
				return k
			}
		}
	}
	for i := range w.n {
		p := pick()
		ways := list[p]
		s := ways[r.IntN(len(ways))]
		switch {
		case r.Float64() < w.alone:
			a, b := []rune(s), []rune(list[r.IntN(len(list))][r.IntN(4)])
			s = string(a[:len(a)/2+r.IntN(3)-1]) + "，另有王某" + string(b[len(b)/2:])
			p = -1
		case w.shuffle:
			t := ways[r.IntN(len(ways))]
			a, _, _ := strings.Cut(s, "，")
			s = a + []string{"，同时", "，且", "；此外", "，并有"}[r.IntN(4)] + t
			if r.IntN(2) == 0 {
				s = "该院" + []string{"主要领导对此重视不足", "分管部门把关不严", "长期没有检查", "制度不健全"}[r.IntN(4)] + "，" + s
			}
		}
		rs := []rune(s)
		if r.Float64() < w.typo {
			rs[r.IntN(len(rs))] = givenTypos[r.IntN(len(givenTypos))]
		}
		texts = append(texts, group.Text{ID: fmt.Sprintf("F%06d", i), Text: before[r.IntN(len(before))] + fill(string(rs)) + after[r.IntN(len(after))]})
		truth = append(truth, p)
	}
	return texts, truth
}

var givenTypos = []rune("的地得在再做作已以经径即既")

func score(truth []int, found []group.Cluster) (p, r, f float64) {
	of := make([]int, len(truth))
	for i := range of {
		of[i] = -1
	}
	for c, x := range found {
		for _, m := range x.Members {
			of[m] = c
		}
	}
	type both struct{ a, b int }
	tp, a, b := map[both]int{}, map[int]int{}, map[int]int{}
	for i := range truth {
		if truth[i] >= 0 {
			a[truth[i]]++
		}
		if of[i] >= 0 {
			b[of[i]]++
		}
		if truth[i] >= 0 && of[i] >= 0 {
			tp[both{truth[i], of[i]}]++
		}
	}
	pairs := func(n int) float64 { return float64(n) * float64(n-1) / 2 }
	var good, want, got float64
	for _, n := range tp {
		good += pairs(n)
	}
	for _, n := range a {
		want += pairs(n)
	}
	for _, n := range b {
		got += pairs(n)
	}
	p, r = good/max(got, 1), good/max(want, 1)
	return p, r, 2 * p * r / max(p+r, 1e-9)
}
