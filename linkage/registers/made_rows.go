package registers

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

var relations = []struct {
	word   string
	male   int // 1 yes, 0 no, 2 the other than the declarer
	age    int // years from the declarer
	family bool
	weight int
	lawyer float64
}{
	{"配偶", 2, 0, false, 19, .014}, {"父亲", 1, -27, true, 16, .0012}, {"母亲", 0, -25, false, 16, .0009}, {"儿子", 1, 28, true, 12, .012}, {"女儿", 0, 28, true, 11, .012},
	{"哥哥", 1, -4, true, 5, .009}, {"弟弟", 1, 4, true, 6, .01}, {"姐姐", 0, -4, true, 5, .008}, {"妹妹", 0, 4, true, 6, .008}, {"女婿", 1, 27, false, 2, .012}, {"儿媳", 0, 29, false, 2, .012},
}

var leaves = []struct {
	word   string
	share  float64
	lawyer float64
}{{"在职", .70, .006}, {"退休", .09, .09}, {"辞职", .075, .24}, {"调离", .07, .1}, {"辞退", .035, .16}, {"开除", .03, .004}}

var jobs = strings.Fields("国家电网职工 物业公司 驾校教练 学生 公证处公证员 退休 无业 务农 税务局 公安局民警 街道办事处 会计师事务所审计员 法院书记员 中国银行职员 保险公司业务经理 建筑公司工程师 个体经营 公务员 超市经营 医院护士 仲裁委员会秘书 某中学教师 互联网公司程序员 自由职业")

func (k *maker) unit(county int) (code int, name, short string) {
	p := k.place(county)
	switch x := k.r.IntN(10); {
	case x == 0:
		return p.code / 10000 * 10000, p.province + "人民检察院", p.province + "检察院"
	case x < 4:
		return p.code, p.province + p.name + "人民检察院", p.name + "检察院"
	}
	c := madeCounty(county)
	return county, p.name + c + "人民检察院", c + "检"
}

func madeCounty(code int) string {
	a, b := []rune("安平永长新东西南北宁清和兴武阳临河海金石"), []rune("丰城山川江阳乐源泉水昌德义田岭浦陵湖关桥")
	return string(a[code*7%len(a)]) + string(b[code*13/7%len(b)]) + "县"
}

func (k *maker) firm(n int) (name, city string, place madePlace) {
	place = k.places[int(uint32(n)*2654435761>>8)%len(k.places)]
	a := []rune("中国德法正海天金诚信和大明华泰恒盈京科安康律衡尚敬源宇然义兴鼎")
	core := string(a[n%len(a)]) + string(a[n/len(a)%len(a)])
	if n%3 == 0 {
		core += string(a[(n/7)%len(a)])
	}
	prov := strings.TrimSuffix(strings.TrimSuffix(place.province, "省"), "市")
	if i := strings.Index(prov, "自治区"); i > 0 {
		prov = string([]rune(prov)[:2])
	}
	if n%11 == 0 {
		return "北京市" + core + "（" + strings.TrimSuffix(place.name, "市") + "）律师事务所", place.name, place
	}
	return prov + core + "律师事务所", place.name, place
}

// firmsAt lists the firms of a county's prefecture.
func (k *maker) firmsAt(county int) []int {
	if k.byPlace == nil {
		k.byPlace = make([][]int, len(k.places))
		for n := range k.firms() {
			at := int(uint32(n)*2654435761>>8) % len(k.places)
			k.byPlace[at] = append(k.byPlace[at], n)
		}
	}
	return k.byPlace[k.byID[county/100]]
}

func (k *maker) firms() int { return max(4, k.Lawyers/26) }

// left writes staff and, beside, relatives; it plans the lawyers among them.
func (k *maker) left(w io.Writer, dir string) error {
	f, err := os.Create(filepath.Join(dir, "relatives.csv"))
	if err != nil {
		return err
	}
	rel := bufio.NewWriterSize(f, 1<<18)
	fmt.Fprintln(w, "staff_id,name,former_name,gender,birth_date,id_no,unit_code,unit_name,province,status,entry_date,leave_date")
	fmt.Fprintln(rel, "relative_id,staff_id,relation,name,gender,birth_date,id_no,employer,residence")
	weights := 0
	for _, r := range relations {
		weights += r.weight
	}
	rows := 0
	var before *made // the last one, for couples in one house
	var beforePlan *planned
	for i := range k.Staff {
		male := k.chance(.55)
		p := k.person(1955+k.r.IntN(45), male, 0, k.county())
		x, leave := k.r.Float64(), leaves[0]
		for _, l := range leaves {
			leave = l
			if x -= l.share; x < 0 {
				break
			}
		}
		code, unit, short := k.unit(p.county)
		var plan *planned
		if k.chance(leave.lawyer * k.Overlap) {
			plan = &planned{p: p, was: unit, county: p.county}
			if k.chance(.3) {
				plan.was = short
			}
			k.plan = append(k.plan, plan)
		}
		k.plant(&p, leftRef{source: 0, row: i})
		left, entry := "", fmt.Sprintf("%d-%02d", min(p.y+22+k.r.IntN(6), 2025), 1+k.r.IntN(12))
		if leave.word != "在职" {
			left = fmt.Sprintf("%d-%02d-%02d", min(2026, p.y+30+k.r.IntN(25)), 1+k.r.IntN(12), 1+k.r.IntN(28))
		}
		row := k.damage(&p)
		former := ""
		if k.chance(.003) {
			former = string(append([]rune{[]rune(p.text())[0]}, k.givenChar(p.male, p.y)))
		}
		if plan != nil {
			plan.left = append(plan.left, leftRef{0, i, row.tags})
		}
		fmt.Fprintf(w, "S%07d,%s,%s,%s,%s,%s,%d,%s,%s,%s,%s,%s\n", i+1, row.name, former, row.sex, row.birth, row.id, code, unit, k.place(p.county).province, leave.word, entry, left)
		want := (i + 1) * k.Relatives / k.Staff
		for ; rows < want; rows++ {
			n, kind := k.r.IntN(weights), 0
			for n >= relations[kind].weight {
				n -= relations[kind].weight
				kind++
			}
			r := relations[kind]
			q := k.relative(&p, kind)
			ref := leftRef{source: 1, row: rows}
			var qp *planned
			switch {
			case kind == 0 && before != nil && before.male != p.male && k.chance(.04): // both work here
				q, qp = *before, beforePlan
			case q.y <= 2001 && k.chance(r.lawyer*k.Overlap):
				qp = &planned{p: q, county: q.county, firm: 1 + k.r.IntN(k.firms())}
				k.plan = append(k.plan, qp)
			case plan != nil && k.chance(.012*k.Alikes): // a twin of the declarer
				q = k.alike(p, "twin")
				r.word = map[bool]string{true: "弟弟", false: "妹妹"}[q.male]
				plan.not = append(plan.not, ref)
				plan.kind = "twin"
			default:
				k.plant(&q, ref)
			}
			row := k.damage(&q)
			if row.id != "" && k.err(.0006) {
				row.id = p.number()
				row.tags = append(row.tags, "id_declarer")
			}
			employer, home := jobs[k.r.IntN(len(jobs))], k.place(q.county).name
			if k.gap(.35) {
				employer = ""
			}
			if k.gap(.3) {
				home = ""
			}
			if qp != nil {
				ref.tags = row.tags
				qp.left = append(qp.left, ref)
				if qp.firm > 0 {
					name, _, _ := k.firm(qp.firm - 1)
					switch x := k.r.IntN(20); {
					case x < 9:
						employer = name
					case x < 12:
						employer = madeShortFirm(name)
					case x < 14:
						employer = "律师"
					}
				}
			}
			fmt.Fprintf(rel, "R%08d,S%07d,%s,%s,%s,%s,%s,%s,%s\n", rows+1, i+1, r.word, row.name, row.sex, row.birth, row.id, employer, home)
		}
		before, beforePlan = &p, plan
	}
	return errors.Join(rel.Flush(), f.Close())
}

func madeShortFirm(name string) string {
	s := strings.TrimSuffix(name, "律师事务所")
	if r := []rune(s); len(r) > 4 && r[0] != '北' {
		s = string(r[len(r)-2:])
	} else if len(r) > 3 && r[0] != '北' {
		s = string(r[2:])
	}
	return s + "律所"
}

func (k *maker) relative(p *made, kind int) made {
	r := relations[kind]
	male := r.male == 1
	if r.male == 2 {
		male = !p.male
	}
	family := rune(0)
	if r.family && (p.male || r.age <= 4) && len(p.name) > 0 {
		family = p.name[0]
	}
	county := p.county
	if k.chance(.3) {
		county = k.county()
	}
	y := p.y + r.age + k.r.IntN(9) - 4
	return k.person(min(max(y, 1925), 2020), male, family, county)
}

// plant makes, now and then, a lawyer who looks like a person on the left and is another.
func (k *maker) plant(p *made, ref leftRef) {
	if p.y > 2001 || p.y < 1950 || p.ethnic != "" || !k.chance(.0008*k.Alikes*float64(k.Lawyers)/800000*1550000/float64(k.Staff+k.Relatives)) {
		return
	}
	kind := [4]string{"lookalike_birthdate", "lookalike_birthdate_county", "lookalike_year", "lookalike_year"}[k.r.IntN(4)]
	q := k.alike(*p, kind)
	k.plan = append(k.plan, &planned{p: q, county: q.county, not: []leftRef{ref}, kind: kind})
}

// lawyers writes the register and the two tables of truth.
func (k *maker) lawyers(w io.Writer, dir string) error {
	truth, err := os.Create(filepath.Join(dir, "truth.csv"))
	if err != nil {
		return err
	}
	hard, err := os.Create(filepath.Join(dir, "hard_negatives.csv"))
	if err != nil {
		return err
	}
	tb, hb := bufio.NewWriter(truth), bufio.NewWriter(hard)
	fmt.Fprintln(tb, "source,source_id,lawyer_id,person_id,tags")
	fmt.Fprintln(hb, "source,source_id,lawyer_id,kind")
	fmt.Fprintln(w, "lawyer_id,name,gender,birth_date,id_no,license_no,firm_name,firm_city,province,first_practice,status,former_employer")
	if len(k.plan) > k.Lawyers/2 {
		k.plan = k.plan[:k.Lawyers/2]
	}
	k.r.Shuffle(len(k.plan), func(i, j int) { k.plan[i], k.plan[j] = k.plan[j], k.plan[i] })
	place := float64(len(k.plan)) / float64(k.Lawyers)
	next, again := 0, (*planned)(nil)
	for i := range k.Lawyers {
		var pl *planned
		var p made
		switch {
		case again != nil:
			pl, again = again, nil
		case next < len(k.plan) && (k.chance(place*1.02) || k.Lawyers-i <= len(k.plan)-next+1):
			pl = k.plan[next]
			next++
			if k.chance(.02) && i+1 < k.Lawyers {
				again = pl
			}
		}
		if pl != nil {
			p = pl.p
		} else {
			p = k.person(1950+k.r.IntN(52), k.chance(.58), 0, k.county())
		}
		n := k.r.IntN(k.firms())
		if pl != nil && pl.firm > 0 {
			n = pl.firm - 1
		}
		if here := k.firmsAt(p.county); (pl == nil || pl.firm == 0) && len(here) > 0 && !k.chance(.06) { // works where he comes from, mostly
			n = here[k.r.IntN(len(here))]
		}
		name, city, pc := k.firm(n)
		was := ""
		switch {
		case pl != nil && pl.was != "" && k.chance(.3):
			was = pl.was
			if k.chance(.25) {
				was = "检察院"
			}
		case k.chance(.2):
			was = jobs[k.r.IntN(len(jobs))]
		}
		row := k.damage(&p)
		status := "执业"
		if k.chance(.2) {
			status = [2]string{"注销", "暂缓"}[k.r.IntN(2)]
		}
		first := min(p.y+24+k.r.IntN(25), 2026)
		fmt.Fprintf(w, "L%07d,%s,%s,%s,%s,1%04d%d%d%08d,%s,%s,%s,%d-%02d,%s,%s\n", i+1, row.name, row.sex, row.birth, row.id, pc.code/100, first, 1+k.r.IntN(2), k.r.IntN(100000000), name, city, pc.province, first, 1+k.r.IntN(12), status, was)
		if pl == nil {
			continue
		}
		for _, ref := range pl.left {
			fmt.Fprintf(tb, "%s,%s,L%07d,%d,%s\n", Sources[ref.source], ref.id(), i+1, next, madeTags(ref.tags, row.tags))
		}
		for _, ref := range pl.not {
			fmt.Fprintf(hb, "%s,%s,L%07d,%s\n", Sources[ref.source], ref.id(), i+1, pl.kind)
		}
	}
	return errors.Join(tb.Flush(), truth.Close(), hb.Flush(), hard.Close())
}

func madeTags(l, r []string) string {
	var out []string
	for _, t := range l {
		out = append(out, "l."+t)
	}
	for _, t := range r {
		out = append(out, "r."+t)
	}
	slices.Sort(out)
	return strings.Join(out, "|")
}

func (r leftRef) id() string {
	if r.source == 0 {
		return fmt.Sprintf("S%07d", r.row+1)
	}
	return fmt.Sprintf("R%08d", r.row+1)
}
