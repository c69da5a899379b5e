package linkage

import (
	"slices"
	"strings"
	"testing"
)

func TestNamesAreReadAsWritten(t *testing.T) {
	m := Default(DefaultRules(), 0)
	for _, c := range []struct {
		why, a, b string
		want      uint8
	}{
		{"traditional", "張偉國", "张伟国", nameEqual},
		{"variant of a character", "徐峯", "徐峰", nameEqual},
		{"old form", "樊亮槑", "樊亮梅", nameEqual},
		{"blanks, also wide ones", "李　娜 ", "李娜", nameEqual},
		{"dots of every kind", "艾力·库尔班", "艾力‧库尔班", nameEqual},
		{"dots of every kind", "阿布力孜.哈里克", "阿布力孜•哈里克", nameEqual},
		{"no dot at all", "阿布力孜哈里克", "阿布力孜·哈里克", nameEqual},
		{"remark in brackets", "王伟（大）", "王伟", nameEqual},
		{"lost character", "黄?梦", "黄若梦", nameGap},
		{"private code", "赵\ue038赐", "赵天赐", nameGap},
		{"homophone", "苏梅方", "苏梅芳", nameSound},
		{"Latin letters", "GAO XIAOMEI", "高小梅", nameLatin},
		{"Latin letters with tones", "Shàn Měi", "单美", nameLatin},
		{"family name with a reading of its own", "CHAN YI", "单怡", nameOther},
		{"look-alike", "石海波", "石海坡", nameShape},
		{"other character", "王虎宇", "王虎国", nameOneOff},
		{"dropped", "刘彦", "刘彦丽", nameDropped},
		{"turned", "青其丰", "青丰其", nameTurned},
		{"family name changed", "欧阳雪梅", "李雪梅", nameFamilyOff},
		{"family name only", "李素小", "李佳佳", nameFamily},
		{"nothing", "王伟", "李娜", nameOther},
		{"unreadable", "??", "李娜", nameMissing},
	} {
		a, b := parseName([]byte(c.a)), parseName([]byte(c.b))
		got, _ := m.compareNames(a, b, &memo{})
		back, _ := m.compareNames(b, a, &memo{})
		if got != c.want || back != got {
			t.Errorf("%s: %s and %s: %s, back %s; want %s", c.why, c.a, c.b, levelKeys[fieldName][got], levelKeys[fieldName][back], levelKeys[fieldName][c.want])
		}
	}
}

func TestNumbersAreReadAsDamaged(t *testing.T) {
	shown := func(n idno) string {
		var b strings.Builder
		for i := range 18 {
			switch {
			case n.known>>i&1 == 0:
				b.WriteByte('.')
			case n.digit(i) == 10:
				b.WriteByte('X')
			default:
				b.WriteByte('0' + byte(n.digit(i)))
			}
		}
		return b.String()
	}
	for _, c := range []struct {
		why, in, want string
		flags         uint8
	}{
		{"whole", "330522197901132451", "330522197901132451", idValid},
		{"small x", "33112619551120550x", "33112619551120550X", idValid},
		{"wide digits", "４１０２２３１９９００１１７４０２２", "410223199001174022", idValid},
		{"15 digits", "371603640208670", "371603196402086702", idValid | idShort},
		{"leading apostrophe", "'430421199403162886", "430421199403162886", idValid},
		{"blanks inside", "410421 19800409 761X", "41042119800409761X", idValid},
		{"masked inside", "5301**********2780", "5301..........2780", idMasked},
		{"masked with X", "530115XXXXXXXX2780", "530115........2780", idMasked},
		{"masked, shortened", "5301****2780", "5301..........2780", idMasked},
		{"masked behind", "520628197304******", "520628197304......", idMasked},
		{"scientific", "4.41502E+17", "441502............", idDamaged},
		{"scientific with long mantissa", "4.41502198712215E+17", "441502198712215...", idDamaged},
		{"last digits lost", "441502198712215000", "441502198712215...", idDamaged},
		{"mistyped", "330003196911044445", "330003196911044445", idBroken},
		{"none", "", "..................", 0},
		{"a word", "不详", "..................", idUnread},
		{"filled in", "111111111111111111", "..................", idUnread},
	} {
		n := parseID([]byte(c.in))
		if shown(n) != c.want || n.flags != c.flags {
			t.Errorf("%s: %q read as %s, flags %b; want %s, %b", c.why, c.in, shown(n), n.flags, c.want, c.flags)
		}
	}
	if d := parseID([]byte("41042119800409761X")).birth(); d != makeDate(1980, 4, 9) {
		t.Errorf("birth date inside the number: %v", d)
	}
}

func TestNumbersAreCompared(t *testing.T) {
	for _, c := range []struct {
		why, a, b string
		want      uint8
	}{
		{"same", "330522197901132451", "330522197901132451", idEqual},
		{"15 against 18", "371603640208670", "371603196402086702", idEqual},
		{"masked", "330522********2451", "330522197901132451", idTailEqual},
		{"tail masked", "330522197901******", "330522197901132451", idHeadOnly},
		{"one digit visible", "3****************1", "330522197901132451", idSomeTail},
		{"mistyped region", "330003196911044445", "330903196911044445", idSeqTypo},
		{"turned", "410202300109207674", "410203200109207674", idSeqTypo},
		{"mistyped sequence", "330522197901132451", "330522197901132751", idOneTypo},
		{"siblings", "522601199804036621", "522601199804036647", idConflict},
		{"hidden tails differ", "330522********2452", "330522197901132451", idTailOff},
		{"hidden digit differs", "3****************2", "330522197901132451", idSomeOff},
		{"none", "", "330522197901132451", idMissing},
	} {
		a, b := parseID([]byte(c.a)), parseID([]byte(c.b))
		for _, n := range []*idno{&a, &b} { // make complete numbers right where the case does not say otherwise
			if c.want == idConflict {
				n.set(17, n.check())
				n.flags = idValid
			}
		}
		if got, back := compareIDs(a, b), compareIDs(b, a); got != c.want || back != got {
			t.Errorf("%s: %s, back %s; want %s", c.why, levelKeys[fieldID][got], levelKeys[fieldID][back], levelKeys[fieldID][c.want])
		}
	}
}

func TestDatesKeepTheirPrecision(t *testing.T) {
	for in, want := range map[string]date{
		"1990-03-26": makeDate(1990, 3, 26), "19900326": makeDate(1990, 3, 26), "1990.3.26": makeDate(1990, 3, 26), "1990/3/26": makeDate(1990, 3, 26), "1990年3月26日": makeDate(1990, 3, 26),
		"90-3-26": makeDate(1990, 3, 26), "１９９０－０３－２６": makeDate(1990, 3, 26), "26/3/1990": makeDate(1990, 3, 26), "32958": makeDate(1990, 3, 26), "1990-03-26 00:00:00": makeDate(1990, 3, 26),
		"1990年3月": makeDate(1990, 3, 0), "199003": makeDate(1990, 3, 0), "1990.03": makeDate(1990, 3, 0), "1990": makeDate(1990, 0, 0), "1990年": makeDate(1990, 0, 0), "1990-02-31": makeDate(1990, 2, 0),
		"": 0, "无": 0, "99999999999": 0, "1990-13-01": makeDate(1990, 0, 0), "王伟": 0,
	} {
		if got := parseDate([]byte(in)); got != want {
			t.Errorf("%q read as %d-%d-%d", in, got.year(), got.month(), got.day())
		}
	}
}

func TestDatesAreCompared(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want uint8
	}{
		{"1990-03-26", "1990-03-26", birthDay}, {"1990-03", "1990-03-26", birthMonth}, {"1990", "1990-03-26", birthYear}, {"1990-01-01", "1990-03-26", birthYear}, {"1990-01-01", "1990-01-01", birthMonth},
		{"1990-03-05", "1990-05-03", birthTurned}, {"1990-03-26", "1990-03-29", birthTypo}, {"1990-03-26", "1992-03-26", birthNear}, {"1973-04-17", "1973-05-28", birthLunar}, {"1990-03-26", "1990-11-02", birthSameY},
		{"1990-03-26", "1991-11-02", birthNextY}, {"1990-03-26", "1971-11-02", birthFar}, {"", "1990", birthMissing},
	} {
		a, b := parseDate([]byte(c.a)), parseDate([]byte(c.b))
		if got, back := compareDates(a, b), compareDates(b, a); got != c.want || back != got {
			t.Errorf("%s and %s: %s, back %s; want %s", c.a, c.b, levelKeys[fieldBirth][got], levelKeys[fieldBirth][back], levelKeys[fieldBirth][c.want])
		}
	}
}

func TestPlacesAndEmployersAreRead(t *testing.T) {
	for in, want := range map[string]place{"410500": 4105, "410502": 4105, "新乡市": 4107, "河南省新乡市红旗区": 4107, "河南省": 4100, "北京市": 1100, "110109": 1100, "延边": 2224, "延边朝鲜族自治州": 2224, "红河哈尼族彝族自治州": 5325, "内蒙古自治区": 1500, "": 0, "不详": 0, "广西": 4500} {
		if got := parsePlace(in); got != want {
			t.Errorf("%s read as %d, want %d", in, got, want)
		}
	}
	same := [][]string{{"安徽省淮南市人民检察院", "淮南市检察院", "安徽省淮南市检"}, {"合肥市肥西县人民检察院", "肥西县检"}, {"吉林海成律师事务所", "海成律所", "吉林海成律师事务所（行政）"}, {"北京市锦天城（保定）律师事务所", "锦天城律所"}}
	for _, g := range same {
		for _, s := range g[1:] {
			if l := (&Model{}).compareOrg(parseOrg(g[0], DefaultOrgs), parseOrg(s, DefaultOrgs)); l != orgEqual {
				t.Errorf("%s and %s: %s", g[0], s, levelKeys[fieldOrg][l])
			}
		}
	}
	if l := (&Model{}).compareOrg(parseOrg("某基层检察院", DefaultOrgs), parseOrg("淮南市人民检察院", DefaultOrgs)); l != orgKind {
		t.Errorf("a word for the kind: %s", levelKeys[fieldOrg][l])
	}
	if l := (&Model{}).compareOrg(parseOrg("律师", DefaultOrgs), parseOrg("税务局", DefaultOrgs)); l != orgFar {
		t.Errorf("unrelated: %s", levelKeys[fieldOrg][l])
	}
}

func TestEveryLevelHasItsWords(t *testing.T) {
	for f, keys := range levelKeys {
		for _, l := range keys[min(1, len(keys)):] {
			for _, lang := range []Language{Chinese, English} {
				if Phrase(lang, FieldKeys[f], l) == "" {
					t.Errorf("%s.%s has no words in %s", FieldKeys[f], l, lang)
				}
			}
		}
		if f != fieldKind && len(keys) != fieldLevels[f] {
			t.Errorf("%s has %d keys for %d levels", FieldKeys[f], len(keys), fieldLevels[f])
		}
	}
	if !slices.Equal(FieldKeys[:2], []string{"name", "birth"}) {
		t.Error("keys of fields are written to model files and must stay")
	}
}
