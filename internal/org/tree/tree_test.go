package tree_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"huikan/internal/org/tree"
)

func TestNamesFollowTheRules(t *testing.T) {
	for _, tc := range []struct{ code, name, parent string }{
		{"00000000", "最高人民检察院", ""},
		{"11000000", "北京市人民检察院", "最高人民检察院"},
		{"12000000", "天津市人民检察院", "最高人民检察院"},
		{"15000000", "内蒙古自治区人民检察院", "最高人民检察院"},
		{"23000000", "黑龙江省人民检察院", "最高人民检察院"},
		{"41000000", "河南省人民检察院", "最高人民检察院"},
		{"45000000", "广西壮族自治区人民检察院", "最高人民检察院"},
		{"54000000", "西藏自治区人民检察院", "最高人民检察院"},
		{"64000000", "宁夏回族自治区人民检察院", "最高人民检察院"},
		{"65000000", "新疆维吾尔自治区人民检察院", "最高人民检察院"},
		{"66000000", "新疆生产建设兵团人民检察院", "最高人民检察院"},
		{"41070000", "新乡市人民检察院", "河南省人民检察院"},
		{"41010000", "郑州市人民检察院", "河南省人民检察院"},
		{"33050000", "湖州市人民检察院", "浙江省人民检察院"},
		{"44030000", "深圳市人民检察院", "广东省人民检察院"},
		{"44190000", "东莞市人民检察院", "广东省人民检察院"},
		{"22240000", "延边朝鲜族自治州人民检察院", "吉林省人民检察院"},
		{"42280000", "恩施土家族苗族自治州人民检察院", "湖北省人民检察院"},
		{"53290000", "大理白族自治州人民检察院", "云南省人民检察院"},
		{"65230000", "昌吉回族自治州人民检察院", "新疆维吾尔自治区人民检察院"},
		{"23270000", "黑龙江省人民检察院大兴安岭分院", "黑龙江省人民检察院"},
		{"15250000", "内蒙古自治区人民检察院锡林郭勒盟分院", "内蒙古自治区人民检察院"},
		{"15220000", "内蒙古自治区人民检察院兴安盟分院", "内蒙古自治区人民检察院"},
		{"15290000", "内蒙古自治区人民检察院阿拉善盟分院", "内蒙古自治区人民检察院"},
		{"54250000", "西藏自治区人民检察院阿里分院", "西藏自治区人民检察院"},
		{"65310000", "新疆维吾尔自治区人民检察院喀什分院", "新疆维吾尔自治区人民检察院"},
		{"65400000", "新疆维吾尔自治区人民检察院伊犁哈萨克自治州分院", "新疆维吾尔自治区人民检察院"},
		{"11000001", "北京市人民检察院第一分院", "北京市人民检察院"},
		{"11000004", "北京市人民检察院第四分院", "北京市人民检察院"},
		{"12000003", "天津市人民检察院第三分院", "天津市人民检察院"},
		{"31000002", "上海市人民检察院第二分院", "上海市人民检察院"},
		{"50000005", "重庆市人民检察院第五分院", "重庆市人民检察院"},
		{"41900000", "河南省人民检察院济源分院", "河南省人民检察院"},
		{"42900000", "湖北省人民检察院汉江分院", "湖北省人民检察院"},
		{"46000001", "海南省人民检察院第一分院", "海南省人民检察院"},
		{"13000001", "河北省人民检察院雄安新区分院", "河北省人民检察院"},
		{"66080000", "新疆生产建设兵团人民检察院第八师分院", "新疆生产建设兵团人民检察院"},
		{"33052200", "长兴县人民检察院", "湖州市人民检察院"},
		{"33078200", "义乌市人民检察院", "金华市人民检察院"},
		{"41010500", "郑州市金水区人民检察院", "郑州市人民检察院"},
		{"41078100", "卫辉市人民检察院", "新乡市人民检察院"},
		{"41072100", "新乡县人民检察院", "新乡市人民检察院"},
		{"31010100", "上海市黄浦区人民检察院", "上海市人民检察院第二分院"},
		{"31011500", "上海市浦东新区人民检察院", "上海市人民检察院第一分院"},
		{"11010800", "北京市海淀区人民检察院", "北京市人民检察院第一分院"},
		{"12011600", "天津市滨海新区人民检察院", "天津市人民检察院第三分院"},
		{"50010100", "重庆市万州区人民检察院", "重庆市人民检察院第二分院"},
		{"50024200", "酉阳土家族苗族自治县人民检察院", "重庆市人民检察院第四分院"},
		{"50022900", "城口县人民检察院", "重庆市人民检察院第二分院"},
		{"13040600", "邯郸市峰峰矿区人民检察院", "邯郸市人民检察院"},
		{"61010300", "西安市碑林区人民检察院", "西安市人民检察院"},
		{"23120200", "绥化市北林区人民检察院", "绥化市人民检察院"},
		{"52020300", "六枝特区人民检察院", "六盘水市人民检察院"},
		{"42902100", "神农架林区人民检察院", "宜昌市人民检察院"},
		{"42900400", "仙桃市人民检察院", "湖北省人民检察院汉江分院"},
		{"41900100", "济源市人民检察院", "河南省人民检察院济源分院"},
		{"46902100", "定安县人民检察院", "海南省人民检察院第一分院"},
		{"46040000", "儋州市人民检察院", "海南省人民检察院第二分院"},
		{"13063800", "雄县人民检察院", "河北省人民检察院雄安新区分院"},
		{"15252700", "太仆寺旗人民检察院", "内蒙古自治区人民检察院锡林郭勒盟分院"},
		{"15072200", "莫力达瓦达斡尔族自治旗人民检察院", "呼伦贝尔市人民检察院"},
		{"23276100", "大兴安岭地区加格达奇区人民检察院", "黑龙江省人民检察院大兴安岭分院"},
		{"44190002", "东莞市第二市区人民检察院", "东莞市人民检察院"},
		{"44200001", "中山市第一市区人民检察院", "中山市人民检察院"},
		{"62020100", "嘉峪关市城区人民检察院", "嘉峪关市人民检察院"},
		{"66080100", "石河子市人民检察院", "新疆生产建设兵团人民检察院第八师分院"},
		{"31000071", "上海铁路运输检察院", "上海市人民检察院第三分院"},
		{"32050091", "苏州工业园区人民检察院", "苏州市人民检察院"},
	} {
		u, ok := tree.ByCode(tc.code)
		if !ok || u.Name != tc.name {
			t.Errorf("%s is %q, want %q", tc.code, u.Name, tc.name)
			continue
		}
		if up, _ := tree.ByCode(u.Parent); up.Name != tc.parent {
			t.Errorf("%s is below %q, want %q", u.Name, up.Name, tc.parent)
		}
		if same, ok := tree.ByName(tc.name); !ok || same.Code != tc.code {
			t.Errorf("%s is found as %q", tc.name, same.Code)
		}
	}
	for _, absent := range []string{"71000000", "81000000", "82000000", "41900200", "50020000", "", "4107", "46030001"} {
		if u, ok := tree.ByCode(absent); ok {
			t.Errorf("%q is a unit: %s", absent, u.Name)
		}
	}
	if u, ok := tree.ByName("市辖区人民检察院"); ok {
		t.Errorf("a heading of the statistics became the unit %s", u.Code)
	}
}

func TestThereAreThirtyTwoProvincialUnits(t *testing.T) {
	units := tree.Provincial()
	if len(units) != 32 || units[31].Code != tree.CodeXPCC {
		t.Fatalf("%d provincial units, the last %s", len(units), units[len(units)-1].Name)
	}
	if !slices.IsSortedFunc(units, func(a, b tree.Unit) int { return strings.Compare(a.Code, b.Code) }) {
		t.Error("provincial units are not in the order of their codes")
	}
	if got := tree.Children(tree.CodeSPP); !reflect.DeepEqual(got, units) {
		t.Error("the units below the SPP are not the provincial ones")
	}
}

func TestTheTreeIsOneTree(t *testing.T) {
	seen, names, shorts := map[string]int{}, map[string]string{}, map[string]string{}
	for i, u := range tree.All() {
		if _, twice := seen[u.Code]; twice || len(u.Code) != 8 {
			t.Errorf("code %s of %s is used twice or malformed", u.Code, u.Name)
		}
		if other, twice := names[u.Name]; twice {
			t.Errorf("%s and %s have one name %s", other, u.Code, u.Name)
		}
		if other, twice := shorts[u.Short]; twice || u.Short == "" {
			t.Errorf("%s and %s have one short name %q", other, u.Code, u.Short)
		}
		seen[u.Code], names[u.Name], shorts[u.Short] = u.Level, u.Code, u.Code
		if i == 0 {
			if u.Code != tree.CodeSPP || u.Parent != "" || u.Level != tree.LevelSPP {
				t.Errorf("the first unit is %+v", u)
			}
			continue
		}
		if level, ok := seen[u.Parent]; !ok || level >= u.Level {
			t.Errorf("%s of level %d stands below %q of level %d", u.Name, u.Level, u.Parent, level)
		}
		if len(u.Coverage) == 0 || !slices.IsSorted(u.Coverage) || u.Mark == "" || u.Kind == "" {
			t.Errorf("%s is incomplete: %+v", u.Name, u)
		}
		if _, ok := tree.RegionByCode(u.Region); !ok {
			t.Errorf("%s sits in unknown region %q", u.Name, u.Region)
		}
		if !strings.Contains(u.Name, "检察院") {
			t.Errorf("%s is no name of a procuratorate", u.Name)
		}
	}
}

// The figures of the package comment, and the units of each province.
func TestTheCountsAreKnown(t *testing.T) {
	kinds, provinces := map[tree.Kind]int{}, map[string]int{}
	for _, u := range tree.All() {
		kinds[u.Kind]++
		provinces[u.Code[:2]]++
	}
	want := map[tree.Kind]int{
		tree.KindSPP: 1, tree.KindProvincial: 32, tree.KindPrefecture: 321, tree.KindBranch: 29,
		tree.KindBasic: 2843, tree.KindRailway: 78, tree.KindDispatched: 54, tree.KindXPCC: 37,
	}
	if !reflect.DeepEqual(kinds, want) {
		t.Errorf("kinds = %v, want %v", kinds, want)
	}
	wantP := map[string]int{
		"00": 1, "11": 23, "12": 21, "13": 183, "14": 134, "15": 124, "21": 122, "22": 93, "23": 146, "31": 21, "32": 113,
		"33": 103, "34": 125, "35": 95, "36": 115, "37": 163, "41": 182, "42": 123, "43": 142, "44": 155, "45": 129,
		"46": 32, "50": 45, "51": 208, "52": 100, "53": 150, "54": 82, "61": 121, "62": 106, "63": 55, "64": 30, "65": 115, "66": 38,
	}
	if !reflect.DeepEqual(provinces, wantP) {
		t.Errorf("provinces = %v, want %v", provinces, wantP)
	}
}

func TestEveryRegionHasItsUnits(t *testing.T) {
	shared := map[string]int{"441900": 3, "442000": 2}
	for _, r := range tree.Regions() {
		if r.Level != tree.RegionCounty && r.Level != tree.RegionZone {
			continue
		}
		for level := tree.LevelSPP; level <= tree.LevelBasic; level++ {
			want := 1
			if level == tree.LevelBasic && r.Level == tree.RegionZone {
				want = 0
			} else if n := shared[r.Code]; level == tree.LevelBasic && n > 0 {
				want = n
			}
			units := tree.At(r.Code, level)
			if len(units) != want {
				t.Errorf("%s %s has %d units at level %d, want %d", r.Code, r.Name, len(units), level, want)
			}
			for _, u := range units {
				if u.Level != level || !u.Covers(r.Code) {
					t.Errorf("%s is responsible for %s but does not cover it", u.Name, r.Name)
				}
			}
		}
	}
}

func TestEveryPrefectureHasOneUnit(t *testing.T) {
	seats := map[string][]string{}
	for _, u := range tree.All() {
		if u.Level == tree.LevelPrefecture && (u.Kind == tree.KindPrefecture || u.Kind == tree.KindBranch) {
			seats[u.Region] = append(seats[u.Region], u.Name)
		}
	}
	for _, r := range tree.Regions() {
		if r.Level == tree.RegionPrefecture && len(seats[r.Code]) != 1 {
			t.Errorf("%s %s has %v", r.Code, r.Name, seats[r.Code])
		}
	}
}

func TestOrdinaryCoverageContainsThatBelow(t *testing.T) {
	for _, u := range tree.All() {
		if u.Parent == "" || u.Kind == tree.KindRailway || u.Kind == tree.KindDispatched {
			continue
		}
		up, _ := tree.ByCode(u.Parent)
		for _, c := range u.Coverage {
			if !up.Covers(c) {
				t.Errorf("%s covers %s, %s above it does not", u.Name, c, up.Name)
			}
		}
	}
}

func TestTheTreeIsNotTheMap(t *testing.T) {
	for _, tc := range []struct {
		unit, region     string
		covers, overlaps bool
	}{
		{"最高人民检察院", "659001", true, true},
		{"保定市人民检察院", "130600", false, true},
		{"保定市人民检察院", "130638", false, false},
		{"保定市人民检察院", "130606", true, true},
		{"保定市人民检察院", "130000", false, true},
		{"河北省人民检察院雄安新区分院", "130638", true, true},
		{"宜昌市人民检察院", "429021", true, true},
		{"新疆维吾尔自治区人民检察院", "659001", false, false},
		{"新疆维吾尔自治区人民检察院", "652801", true, true},
		{"新疆维吾尔自治区人民检察院", "650000", false, true},
		{"新疆生产建设兵团人民检察院", "659001", true, true},
		{"新疆生产建设兵团人民检察院", "652801", true, true},
		{"新疆生产建设兵团人民检察院", "652822", false, false},
		{"北京市人民检察院第四分院", "130102", true, true},
		{"西宁铁路运输检察院", "540000", true, true},
		{"郑州市金水区人民检察院", "410100", false, true},
		{"郑州市金水区人民检察院", "410105", true, true},
		{"郑州市金水区人民检察院", "410102", false, false},
		{"东莞市第一市区人民检察院", "441900", true, true},
		{"东莞市第一市区人民检察院", "", false, false},
		{"最高人民检察院", "710000", false, false},
		{"最高人民检察院", "41", false, false},
	} {
		u, ok := tree.ByName(tc.unit)
		if !ok {
			t.Errorf("no unit %s", tc.unit)
			continue
		}
		if c, o := u.Covers(tc.region), u.Overlaps(tc.region); c != tc.covers || o != tc.overlaps {
			t.Errorf("%s and region %q: covers %v, overlaps %v; want %v, %v", tc.unit, tc.region, c, o, tc.covers, tc.overlaps)
		}
	}
	if got := tree.At("130600", tree.LevelPrefecture); len(got) != 2 {
		t.Errorf("Baoding has %d prefecture-level units, want its own and the branch", len(got))
	}
	if got := tree.At("999999", tree.LevelBasic); got != nil {
		t.Errorf("an unknown region has %v", got)
	}
}

func TestCoveringIsOverlappingEverywhere(t *testing.T) {
	units, regions := tree.All(), tree.Regions()
	rapid.Check(t, func(t *rapid.T) {
		u := rapid.SampledFrom(units).Draw(t, "unit")
		r := rapid.SampledFrom(regions).Draw(t, "region")
		if u.Covers(r.Code) && !u.Overlaps(r.Code) {
			t.Fatalf("%s covers %s without overlapping it", u.Name, r.Name)
		}
		if r.Parent != "" && u.Overlaps(r.Code) && !u.Overlaps(r.Parent) {
			t.Fatalf("%s overlaps %s but not the region around it", u.Name, r.Name)
		}
		if r.Parent != "" && u.Covers(r.Parent) && !u.Covers(r.Code) {
			t.Fatalf("%s covers the region around %s but not it", u.Name, r.Name)
		}
	})
}

func TestAllIsACopyInOneOrder(t *testing.T) {
	first := tree.All()
	first[0].Name = "changed"
	second := tree.All()
	if second[0].Name != "最高人民检察院" {
		t.Error("a caller changed the tree")
	}
	if !reflect.DeepEqual(first[1:], second[1:]) {
		t.Error("two calls differ")
	}
	count := 0
	var walk func(string)
	walk = func(code string) {
		if second[count].Code != code {
			t.Fatalf("place %d holds %s, the walk is at %s", count, second[count].Code, code)
		}
		count++
		for _, c := range tree.Children(code) {
			walk(c.Code)
		}
	}
	walk(tree.CodeSPP)
	if count != len(second) {
		t.Errorf("%d of %d units hang in the tree", count, len(second))
	}
}

func TestRegions(t *testing.T) {
	for code, want := range map[string]string{
		"410781": "河南省新乡市卫辉市", "110108": "北京市海淀区", "429021": "湖北省神农架林区", "441900": "广东省东莞市", "410000": "河南省", "419000": "", "": "",
	} {
		if got := tree.RegionName(code); got != want {
			t.Errorf("RegionName(%q) = %q, want %q", code, got, want)
		}
	}
	if r, ok := tree.RegionByCode("320576"); !ok || r.Level != tree.RegionZone || r.Parent != "320500" {
		t.Errorf("苏州工业园区 is %+v", r)
	}
}

func TestTiles(t *testing.T) {
	taken := map[[2]int]string{}
	for _, u := range tree.Provincial() {
		col, row, ok := tree.Tile(u.Code)
		if !ok || col < 0 || col >= tree.TileColumns || row < 0 || row >= tree.TileRows {
			t.Errorf("%s has no tile (%d,%d)", u.Name, col, row)
		}
		if other, twice := taken[[2]int{col, row}]; twice {
			t.Errorf("%s and %s share a tile", u.Name, other)
		}
		taken[[2]int{col, row}] = u.Name
		if l := []rune(tree.Label(u.Code)); len(l) < 2 || len(l) > 3 {
			t.Errorf("the label of %s is %q", u.Name, string(l))
		}
	}
	if col, row, _ := tree.Tile("41000000"); col != 4 || row != 3 {
		t.Errorf("Henan lies at %d,%d", col, row)
	}
	for _, code := range []string{"00000000", "41010000", "41", ""} {
		if _, _, ok := tree.Tile(code); ok || tree.Label(code) != "" {
			t.Errorf("%q has a tile or a label", code)
		}
	}
}
