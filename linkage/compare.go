package linkage

// Fields of evidence, in the order in which they are explained.
const (
	fieldName = iota
	fieldBirth
	fieldID
	fieldPlace
	fieldSex
	fieldOrg
	fieldCode
	fieldKind
	fieldCount
)

// FieldKeys name the fields of evidence in model files and in answers.
var FieldKeys = [fieldCount]string{"name", "birth", "id", "place", "sex", "org", "code", "category"}

var fieldLevels = [fieldCount]int{nameLevels, birthLevels, idLevels, placeLevels, 3, orgLevels, 3, maxCategories + 1}

// Levels of fields that agree or not.
const (
	levelMissing = iota
	levelEqual
	levelDiffer
)

// pattern is the outcome of comparing two records: a level for each field, and the frequency of what agrees in the name.
type pattern struct {
	level [fieldCount]uint8
	freq  float32
}

// compare holds two records against each other. It is symmetric but for the category, which is the left one's.
func (m *Model) compare(a, b *facts, c *memo) pattern {
	var p pattern
	p.level[fieldName], p.freq = m.compareNames(a.name, b.name, c)
	if p.level[fieldName] != nameEqual && (a.alias != 0 || b.alias != 0) {
		for _, n := range [2][2]name{{a.alias, b.name}, {b.alias, a.name}} { // of two, the rarer one
			if n[0] != 0 && n[0] == n[1] || n[0] != 0 && n[0] == a.alias && n[0] == b.alias {
				if f := m.Names.of(n[0]); p.level[fieldName] != nameAlias || f < p.freq {
					p.level[fieldName], p.freq = nameAlias, f
				}
			}
		}
	}
	p.level[fieldBirth] = bestBirth(a, b)
	p.level[fieldID] = compareIDs(a.id, b.id)
	p.level[fieldPlace] = comparePlaces(a, b, p.level[fieldID])
	sa, sb := a.sex&3|a.sex>>2, b.sex&3|b.sex>>2
	switch {
	case sa == 0 || sb == 0:
	case sa&sb != 0:
		p.level[fieldSex] = levelEqual
	default:
		p.level[fieldSex] = levelDiffer
	}
	p.level[fieldOrg] = m.compareOrgs(a, b)
	switch {
	case a.code == 0 || b.code == 0:
	case a.code == b.code:
		p.level[fieldCode] = levelEqual
	default:
		p.level[fieldCode] = levelDiffer
	}
	p.level[fieldKind] = a.cat
	return p
}

// bestBirth compares the written dates and those inside the numbers and takes the best agreement.
func bestBirth(a, b *facts) uint8 {
	best := compareDates(a.birth, b.birth)
	if birthRank[best] < birthRank[birthDay] {
		for _, l := range [3]uint8{compareDates(a.birth, b.idBirth), compareDates(a.idBirth, b.birth), compareDates(a.idBirth, b.idBirth)} {
			if birthRank[l] > birthRank[best] {
				best = l
			}
		}
	}
	return best
}

// idCity is the prefecture in the number, with the code it is written with: four decimal digits.
func (f *facts) idCity() (code int, ok bool) {
	if f.id.known&15 != 15 || f.id.flags&idVoided != 0 {
		return 0, false
	}
	h := f.id.head
	return int(h&15)*1000 + int(h>>4&15)*100 + int(h>>8&15)*10 + int(h>>12&15), true
}

func comparePlaces(a, b *facts, id uint8) uint8 {
	const county, digits = 1<<6 - 1, 1<<24 - 1
	if a.id.known&b.id.known&county == county && (a.id.flags|b.id.flags)&idVoided == 0 {
		switch {
		case (a.id.head^b.id.head)&digits == 0:
			return placeCounty
		case id == idSeqTypo || id == idOneTypo:
			return placeCounty
		}
	}
	pa, oka := a.idCity()
	pb, okb := b.idCity()
	local := localPlaces(a, b)
	if oka && okb {
		qa, qb := placeOf(pa*100), placeOf(pb*100)
		switch {
		case qa == qb && qa != 0:
			return placeCity
		case local == placeLocal:
			return placeOff
		case qa.province() == qb.province():
			return placeProvince
		}
		return placeApart
	}
	return local
}

func localPlaces(a, b *facts) uint8 {
	pa, pb := [3]place{a.homes[0], a.homes[1]}, [3]place{b.homes[0], b.homes[1]}
	if c, ok := a.idCity(); ok {
		pa[2] = placeOf(c * 100)
	}
	if c, ok := b.idCity(); ok {
		pb[2] = placeOf(c * 100)
	}
	out := uint8(placeMissing)
	for _, x := range pa {
		for _, y := range pb {
			if x == 0 || y == 0 {
				continue
			}
			switch {
			case x == y:
				return placeLocal
			case x.province() == y.province():
				out = placeNear
			case out == placeMissing:
				out = placeElsewhere
			}
		}
	}
	return out
}
