package pair

import "math"

// commonest are the shares in percent of the most frequent family names in the population (public statistics of the
// Ministry of Public Security, rounded). They steady the counts of a small register; a name not listed has [rareShare].
var commonest = map[rune]float64{
	'王': 7.2, '李': 7.1, '张': 6.8, '刘': 5.4, '陈': 4.6, '杨': 3.1, '黄': 2.4, '赵': 2.1, '吴': 2.0, '周': 1.9, '徐': 1.4, '孙': 1.4, '马': 1.3,
	'朱': 1.2, '胡': 1.2, '郭': 1.1, '何': 1.1, '林': 1.1, '高': 1.0, '罗': 1.0, '郑': 0.9, '梁': 0.8, '谢': 0.7, '宋': 0.7, '唐': 0.7, '许': 0.6,
	'韩': 0.6, '冯': 0.6, '邓': 0.6, '曹': 0.6, '彭': 0.5, '曾': 0.5, '肖': 0.5, '田': 0.5, '董': 0.5, '潘': 0.5, '袁': 0.5, '蔡': 0.5, '蒋': 0.5,
}

const (
	rareShare    = 0.15 // percent, of a family name not listed
	givenShare   = 1.0 / 60
	populationAs = 200 // names that the population table counts for beside the register
	mostRarity   = 6   // bits either way
)

// nameTable holds how common the names of the register are.
type nameTable struct {
	full     map[string]float64
	family   map[rune]float64
	n        float64
	meanFull float64 // mean share of a name in pairs that agree by chance, in log2
	meanHead float64
}

func (t *nameTable) count(records []prepared) {
	t.full, t.family = map[string]float64{}, map[rune]float64{}
	for i := range records {
		p := &records[i]
		if len(p.name) == 0 {
			continue
		}
		t.n++
		t.family[p.name[0]]++
		if p.full {
			t.full[string(p.name)]++
		}
	}
	// Two that agree by chance agree in a name with the square of its share.
	var full, head float64
	for s := range t.full {
		x := t.share([]rune(s))
		full += x * x
	}
	for r := range t.family {
		x := t.familyShare(r)
		head += x * x
	}
	t.meanFull, t.meanHead = math.Log2(max(full, 1e-9)), math.Log2(max(head, 1e-9))
}

func (t *nameTable) familyShare(r rune) float64 {
	pop, ok := commonest[r]
	if !ok {
		pop = rareShare
	}
	return (t.family[r] + pop/100*populationAs) / (t.n + populationAs)
}

// share of a whole name. A register knows a name only by the few who bear it, so what the family name lets expect
// stands behind the count.
func (t *nameTable) share(name []rune) float64 {
	expected := t.familyShare(name[0]) * givenShare
	seen := 0.0
	if t.n > 0 {
		seen = max(t.full[string(name)]-2, 0) / t.n // a contact's own records are no sign of a common name
	}
	return max(expected, seen)
}

func (t *nameTable) rarity(a, b *prepared) float64 {
	name := a.name
	if !a.full {
		name = b.name
	}
	return bounded(t.meanFull - math.Log2(t.share(name)))
}

func (t *nameTable) surnameRarity(a, b *prepared) float64 {
	return bounded(t.meanHead - math.Log2(max(t.familyShare(a.name[0]), t.familyShare(b.name[0]))))
}

func bounded(x float64) float64 { return min(max(x, -mostRarity), mostRarity) }
