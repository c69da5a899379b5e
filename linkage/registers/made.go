package registers

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

// Making says how registers are made up. The zero value of a number takes the usual one.
type Making struct {
	Seed                      uint64
	Staff, Relatives, Lawyers int
	Errors                    float64 // 1 is usual; 2 doubles every kind of damage
	Overlap                   float64 // 1 is usual: how many staff and relatives are lawyers
	Missing                   float64 // 1 is usual: missing and masked numbers, missing and partial dates
	Skew                      float64 // 1 is usual; above, common names are still more common
	Short                     float64 // share of names of two characters; 0.2 is usual
	Ethnic                    float64 // share of long names with a dot; 0.01 is usual
	Alikes                    float64 // 1 is usual: planted people of the same name and birthday, and twins
}

// Full is the size of the country.
func Full(seed uint64) Making {
	return Making{Seed: seed, Staff: 300000, Relatives: 1250000, Lawyers: 800000}
}

func (m Making) usual() Making {
	for p, v := range map[*float64]float64{&m.Errors: 1, &m.Overlap: 1, &m.Missing: 1, &m.Skew: 1, &m.Short: .2, &m.Ethnic: .01, &m.Alikes: 1} {
		if *p == 0 {
			*p = v
		}
	}
	return m
}

// made is a made-up person.
type made struct {
	name    []rune
	ethnic  string
	male    bool
	y, m, d int
	county  int
	seq     int
	former  string
}

// planned is a person who is a lawyer and stands on the left, or an alike who is only a lawyer.
type planned struct {
	p      made
	left   []leftRef
	not    []leftRef // certainly other people
	kind   string    // of not
	was    string    // unit he left
	firm   int       // declared firm + 1
	county int
}

type leftRef struct {
	source int // 0 staff, 1 relative
	row    int
	tags   []string
}

type maker struct {
	Making
	r       *rand.Rand
	plan    []*planned
	places  []madePlace
	fam     []float64
	famText []rune
	given   [2][2][]rune
	byID    map[int]int
	byPlace [][]int
	rare    []rune
	ethnic  []string
}

type madePlace struct {
	code     int // prefecture × 100
	name     string
	province string
}

// Write makes the registers up and writes staff.csv, relatives.csv, lawyers.csv, truth.csv and hard_negatives.csv.
func (m Making) Write(dir string) error {
	m = m.usual()
	if m.Staff < 1 || m.Relatives < 0 || m.Lawyers < 1 {
		return errors.New("registers: nothing to make")
	}
	k := newMaker(m)
	if err := k.file(dir, "staff.csv", func(w io.Writer) error { return k.left(w, dir) }); err != nil {
		return err
	}
	return k.file(dir, "lawyers.csv", func(w io.Writer) error { return k.lawyers(w, dir) })
}

func (k *maker) file(dir, name string, write func(io.Writer) error) error {
	f, err := os.Create(filepath.Join(dir, name))
	if err != nil {
		return fmt.Errorf("registers: %w", err)
	}
	b := bufio.NewWriterSize(f, 1<<18)
	if err := errors.Join(write(b), b.Flush(), f.Close()); err != nil {
		return fmt.Errorf("registers: %w", err)
	}
	return nil
}

func newMaker(m Making) *maker {
	k := &maker{Making: m, r: rand.New(rand.NewPCG(m.Seed, 77)), byID: map[int]int{}, rare: []rune(madeRare), ethnic: strings.Fields(madeEthnic)}
	for _, line := range strings.Split(strings.TrimSpace(madePlaces), "\n") {
		f := strings.Fields(line)
		for _, c := range f[1:] {
			code, name, _ := strings.Cut(c, ":")
			n := 0
			for _, d := range code {
				n = n*10 + int(d-'0')
			}
			k.places = append(k.places, madePlace{n * 100, name, f[0]})
		}
	}
	for i, p := range k.places {
		k.byID[p.code/100] = i
	}
	sum := 0.0
	for i, r := range []rune(madeFamilies) {
		w := math.Pow(1/(float64(i)+2.5), 1.05*m.Skew)
		sum += w
		k.famText = append(k.famText, r)
		k.fam = append(k.fam, sum)
	}
	for i := range k.fam {
		k.fam[i] /= sum
	}
	for sex, s := range [2][2]string{{madeMaleOld, madeMaleYoung}, {madeFemaleOld, madeFemaleYoung}} {
		for age := range 2 {
			k.given[sex][age] = []rune(s[age])
		}
	}
	return k
}

func (k *maker) chance(p float64) bool { return k.r.Float64() < p }
func (k *maker) err(p float64) bool    { return k.r.Float64() < p*k.Errors }
func (k *maker) gap(p float64) bool    { return k.r.Float64() < p*k.Missing*k.Errors }

func (k *maker) family() rune {
	x := k.r.Float64()
	lo, hi := 0, len(k.fam)-1
	for lo < hi {
		mid := (lo + hi) / 2
		if k.fam[mid] < x {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return k.famText[lo]
}

func (k *maker) givenChar(male bool, year int) rune {
	sex, age := 1, 0
	if male {
		sex = 0
	}
	if k.r.IntN(30)+1965 < year {
		age = 1
	}
	list := k.given[sex][age]
	x := math.Pow(k.r.Float64(), 1.4*k.Skew)
	if k.chance(.12) {
		return k.rare[k.r.IntN(len(k.rare))]
	}
	return list[int(x*float64(len(list)))]
}

func (k *maker) person(year int, male bool, family rune, county int) made {
	p := made{male: male, y: year, m: 1 + k.r.IntN(12), county: county, seq: k.r.IntN(499) * 2}
	p.d = 1 + k.r.IntN(28)
	if male {
		p.seq++
	}
	if k.chance(k.Ethnic) {
		p.ethnic = k.ethnic[k.r.IntN(len(k.ethnic))] + "·" + k.ethnic[k.r.IntN(len(k.ethnic))]
		return p
	}
	if family == 0 {
		family = k.family()
	}
	p.name = append(p.name, family)
	p.name = append(p.name, k.givenChar(male, year))
	if !k.chance(k.Short) {
		p.name = append(p.name, k.givenChar(male, year))
	}
	return p
}

func (k *maker) county() int {
	p := k.places[int(math.Pow(k.r.Float64(), 1.2)*float64(len(k.places)))]
	return p.code + 1 + k.r.IntN(9)
}

func (k *maker) place(county int) madePlace { return k.places[k.byID[county/100]] }

func (p *made) text() string {
	if p.ethnic != "" {
		return p.ethnic
	}
	return string(p.name)
}

// number is the identity number with its check digit.
func (p *made) number() string {
	s := fmt.Sprintf("%06d%04d%02d%02d%03d", p.county, p.y, p.m, p.d, p.seq)
	sum := 0
	for i, w := range [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(s[i]-'0') * w
	}
	return s + string("10X98765432"[sum%11])
}

// alike is somebody else with the same name.
func (k *maker) alike(p made, kind string) made {
	q := p
	q.seq = (q.seq + 2*(1+k.r.IntN(498))) % 998
	switch kind {
	case "twin":
		q.name = append([]rune(nil), p.name...)
		if n := len(q.name); n > 1 {
			q.name[n-1] = k.givenChar(p.male, p.y)
			for string(q.name) == string(p.name) {
				q.name[n-1] = k.givenChar(p.male, p.y)
			}
		}
		q.seq = (p.seq + 2*(1+k.r.IntN(12))) % 998
	case "lookalike_birthdate":
		q.county = k.county()
	case "lookalike_year":
		q.county = k.county()
		q.m, q.d = 1+(p.m+k.r.IntN(10))%12, 1+k.r.IntN(28)
	}
	return q
}
