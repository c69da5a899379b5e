package tree

import "strings"

// How procuratorates are named. The form is the name of the region or, where no
// people's congress of that level exists to elect one, that of a branch of the
// provincial unit (Organic Law art. 13).

const procuratorate = "人民检察院"

// nameOf is the name of a unit that stands for one region.
func nameOf(region string) string { return region + procuratorate }

// prefectureName names the unit of a prefecture: a city or autonomous prefecture
// (市, 自治州) has its own, a league or prefectural area (盟, 地区) a branch of
// the province. The word 地区 is dropped, the word 盟 is not.
func prefectureName(province, prefecture string) (string, Kind) {
	if stem, ok := strings.CutSuffix(prefecture, "地区"); ok {
		return nameOf(province) + stem + "分院", KindBranch
	}
	if strings.HasSuffix(prefecture, "盟") {
		return nameOf(province) + prefecture + "分院", KindBranch
	}
	return nameOf(prefecture), KindPrefecture
}

// countyName names the basic unit of a county-level region: a district (区) bears
// its city's name in front, since many cities have a 和平区; counties, banners and
// county-level cities are unique by themselves. Special districts (特区) and what a
// province administers directly (神农架林区) go without a city.
func countyName(city, county string) string {
	if city != "" && strings.HasSuffix(county, "区") && !strings.HasSuffix(county, "特区") {
		return nameOf(city + county)
	}
	return nameOf(county)
}

// isMunicipality tells whether a province-level region is a city (直辖市).
func isMunicipality(province string) bool { return strings.HasSuffix(province, "市") }

var shortRegion = strings.NewReplacer(
	"内蒙古自治区", "内蒙古", "广西壮族自治区", "广西", "西藏自治区", "西藏",
	"宁夏回族自治区", "宁夏", "新疆维吾尔自治区", "新疆", "新疆生产建设兵团", "兵团",
)

// shortName is the name for tables and charts. It stays unique.
func shortName(u Unit) string {
	if u.Level == LevelSPP {
		return "最高检"
	}
	s := strings.Replace(shortRegion.Replace(u.Name), procuratorate, "检察院", 1)
	if u.Level == LevelProvincial {
		s = strings.Replace(strings.Replace(s, "省检", "检", 1), "市检", "检", 1)
	}
	return s
}
