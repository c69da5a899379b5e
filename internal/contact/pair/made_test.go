package pair_test

import (
	"fmt"
	"math/rand/v2"

	"huikan/internal/contact/pair"
	"huikan/internal/kernel/clock"
)

// rates say how a made-up register is damaged.
type rates struct {
	events     int
	prefects   int     // prefectures
	counties   int     // per prefecture
	days       int     // all contacts fall in so many days
	lone       float64 // recorded by one person only
	masked     float64
	blank      float64 // no name
	nameSlip   float64
	caseBlank  float64
	caseShort  float64
	caseSlip   float64
	otherDay   float64 // a record dated one to three days off
	otherWay   float64 // another channel
	above      float64 // recorded at the prefecture
	names      int     // how many people make contact
	seed       uint64
	traditonal float64
}

var usual = rates{events: 1500, prefects: 60, counties: 3, days: 365, lone: 0.4, masked: 0.25, blank: 0.07, nameSlip: 0.05, caseBlank: 0.12, caseShort: 0.11,
	caseSlip: 0.05, otherDay: 0.3, otherWay: 0.12, above: 0.12, names: 900, seed: 1}

var (
	families = []rune("王王王王李李李李张张张刘刘刘陈陈杨杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文")
	givens   = []rune("伟芳娜敏静强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰梅国建志海燕红云波鹏宇鑫浩博文斌辉龙飞林凯俊峰振东岩庆春晓雪婷欣怡佳琪瑞祥福永昌盛德仁义礼智信忠良山川江河")
	channels = []string{"电话", "微信", "当面", "饭局", "托人带话", "书信"}
	posts    = []string{"承办检察官", "部门负责人", "院领导"}
	accounts = []string{
		"%[1]s%[3]s询问%[2]s案办理进展", "接到%[1]s%[3]s，请我关照%[2]s案", "%[1]s以校友身份%[3]s谈及%[2]s案，我未表态", "就%[2]s案，%[1]s%[3]s转达当事人意见，已告知依法办理", "%[1]s%[3]s说情，涉及%[2]s案",
	}
	slipsOf = map[rune]rune{'伟': '玮', '明': '铭', '芳': '方', '静': '靖', '杰': '洁', '志': '智', '华': '花', '建': '健', '文': '雯', '林': '琳', '海': '梅', '平': '萍'}
	old     = map[rune]rune{'张': '張', '陈': '陳', '刘': '劉', '赵': '趙', '杨': '楊', '国': '國', '军': '軍', '华': '華', '龙': '龍', '飞': '飛'}
)

// make builds a register and, for each record, the contact it tells of.
func (x rates) make() (records []pair.Record, event []int) {
	r := rand.New(rand.NewPCG(x.seed, 77))
	hit := func(p float64) bool { return r.Float64() < p }
	people := make([]string, x.names)
	for i := range people {
		n := []rune{families[r.IntN(len(families))], givens[r.IntN(len(givens))]}
		if hit(0.75) {
			n = append(n, givens[r.IntN(len(givens))])
		}
		people[i] = string(n)
	}
	start := clock.Date("2025-01-01")
	for e := range x.events {
		place := r.IntN(x.prefects)
		prefecture := 1100 + place/12*100 + 1 + place%12
		county := fmt.Sprintf("%04d%02d", prefecture, 1+r.IntN(x.counties))
		name := people[r.IntN(len(people))]
		number := fmt.Sprintf("2025%s%04d", county, r.IntN(3000))
		day := start.AddDays(r.IntN(x.days))
		way := channels[r.IntN(len(channels))]
		n := 1
		if !hit(x.lone) {
			n = 2 + r.IntN(5)/4
		}
		first := r.IntN(3)
		for k := range n {
			rec := pair.Record{Region: county, Level: posts[(first+k)%3], On: day, Name: name, Case: number, Channel: way}
			if hit(x.above) {
				rec.Region = county[:4] + "00"
			}
			if hit(x.otherDay) {
				rec.On = day.AddDays(1 + r.IntN(3))
			}
			if hit(x.otherWay) {
				rec.Channel = channels[r.IntN(len(channels))]
			}
			if hit(x.nameSlip) {
				rec.Name = x.slipName(r, rec.Name)
			}
			who := rec.Name
			switch {
			case hit(x.masked):
				rec.Name = string([]rune(name)[:1]) + "某"
				who = rec.Name
			case hit(x.blank):
				rec.Name, who = "", "有人"
			}
			if hit(x.caseSlip) {
				rec.Case = slipNumber(r, rec.Case)
			}
			switch {
			case hit(x.caseBlank):
				rec.Case = ""
			case hit(x.caseShort):
				rec.Case = number[len(number)-4:] + "号"
			}
			told := rec.Case
			if told == "" || hit(0.3) {
				told = "某"
			}
			rec.Words = fmt.Sprintf(accounts[r.IntN(len(accounts))], who, told, rec.Channel)
			records = append(records, rec)
			event = append(event, e)
		}
	}
	r.Shuffle(len(records), func(i, j int) {
		records[i], records[j] = records[j], records[i]
		event[i], event[j] = event[j], event[i]
	})
	for i := range records {
		records[i].ID = fmt.Sprintf("R%06d", i)
	}
	return records, event
}

func (x rates) slipName(r *rand.Rand, s string) string {
	n := []rune(s)
	switch r.IntN(4) {
	case 0:
		for i, c := range n {
			if o, ok := slipsOf[c]; ok && i > 0 {
				n[i] = o
				return string(n)
			}
		}
	case 1:
		for i, c := range n {
			if o, ok := old[c]; ok {
				n[i] = o
			}
		}
		return string(n)
	case 2:
		return string(n[:1]) + "　" + string(n[1:])
	}
	i := 1 + r.IntN(len(n)-1)
	n[i] = givens[r.IntN(len(givens))]
	return string(n)
}

func slipNumber(r *rand.Rand, s string) string {
	b := []byte(s)
	i := r.IntN(len(b) - 1)
	if r.IntN(2) == 0 {
		b[i], b[i+1] = b[i+1], b[i]
	} else {
		b[i] = byte('0' + r.IntN(10))
	}
	return string(b)
}

// score compares pairs of probability one half and more with the truth.
func score(records []pair.Record, event []int, pairs []pair.Pair) (precision, recall, f1 float64) {
	size := map[int]int{}
	for _, e := range event {
		size[e]++
	}
	truth, found, good := 0, 0, 0
	for _, n := range size {
		truth += n * (n - 1) / 2
	}
	for _, p := range pairs {
		if p.Probability >= 0.5 {
			found++
			if event[p.Left] == event[p.Right] {
				good++
			}
		}
	}
	precision, recall = float64(good)/float64(max(found, 1)), float64(good)/float64(max(truth, 1))
	return precision, recall, 2 * precision * recall / max(precision+recall, 1e-9)
}
