package tree

import (
	"fmt"
	"strings"
)

// DepartmentKind says what sort of inner body a department is.
type DepartmentKind string

// The kinds of departments.
const (
	DepartmentBusiness    DepartmentKind = "business"    // 业务部门
	DepartmentManagement  DepartmentKind = "management"  // 综合管理部门: office, case management, policy research
	DepartmentPolitical   DepartmentKind = "political"   // 政治部
	DepartmentOversight   DepartmentKind = "oversight"   // 检务督察, 巡视巡察办
	DepartmentParty       DepartmentKind = "party"       // 机关党委
	DepartmentSupport     DepartmentKind = "support"     // 计财装备, 检务保障, 离退休
	DepartmentPolice      DepartmentKind = "police"      // 司法警察
	DepartmentInstitution DepartmentKind = "institution" // 直属事业单位
	DepartmentResident    DepartmentKind = "resident"    // 派驻纪检监察组: of the sending commission, not of the unit
)

// Department is an inner body of a unit. Key is stable within its unit; the
// same work has the same key at every level.
type Department struct {
	Key  string
	Name string
	Kind DepartmentKind
}

// The usual number of numbered business departments by level: settable
// approximations, except for the ten of the SPP since its reform of 2019.
const (
	businessSPP        = 10
	businessProvincial = 10
	businessPrefecture = 7
	businessBasic      = 4
	businessSpecial    = 3 // railway and dispatched units are small
)

// Departments is the default set of departments of a unit, in the usual order.
// Sites differ; they edit the set after import.
func Departments(u Unit) []Department {
	small := u.Kind == KindRailway || u.Kind == KindDispatched
	switch {
	case u.Level == LevelSPP:
		return sppDepartments()
	case u.Level == LevelProvincial:
		return provincialDepartments(u)
	case u.Level == LevelPrefecture && !small:
		return prefectureDepartments(u)
	case small:
		return smallDepartments(businessSpecial)
	default:
		return append(smallDepartments(businessBasic), Department{"supervision", "检务督察部", DepartmentOversight})
	}
}

func sppDepartments() []Department {
	out := []Department{
		{"office", "办公厅", DepartmentManagement},
		{"political", "政治部", DepartmentPolitical},
	}
	out = append(out, numbered(businessSPP, "检察厅")...)
	return append(out,
		Department{"research", "法律政策研究室", DepartmentManagement},
		Department{"case_management", "案件管理办公室", DepartmentManagement},
		Department{"supervision", "检务督察局", DepartmentOversight},
		Department{"inspection", "巡视工作领导小组办公室", DepartmentOversight},
		Department{"press", "新闻办公室", DepartmentManagement},
		Department{"international", "国际合作局", DepartmentManagement},
		Department{"finance", "计划财务装备局", DepartmentSupport},
		Department{"party", "机关党委", DepartmentParty},
		Department{"retired", "离退休干部局", DepartmentSupport},
		Department{"service_centre", "机关服务中心", DepartmentInstitution},
		Department{"college", "国家检察官学院", DepartmentInstitution},
		Department{"daily", "检察日报社", DepartmentInstitution},
		Department{"publisher", "中国检察出版社", DepartmentInstitution},
		Department{"theory", "检察理论研究所", DepartmentInstitution},
		Department{"technology", "检察技术信息研究中心", DepartmentInstitution},
		Department{"resident", "中央纪委国家监委驻最高人民检察院纪检监察组", DepartmentResident},
	)
}

func provincialDepartments(u Unit) []Department {
	out := []Department{
		{"office", "办公室", DepartmentManagement},
		{"political", "政治部", DepartmentPolitical},
	}
	out = append(out, numbered(businessProvincial, "检察部")...)
	college := "国家检察官学院" + strings.TrimSuffix(u.Short, "检察院") + "分院"
	return append(out,
		Department{"research", "法律政策研究室", DepartmentManagement},
		Department{"case_management", "案件管理办公室", DepartmentManagement},
		Department{"supervision", "检务督察部", DepartmentOversight},
		Department{"inspection", "巡察工作领导小组办公室", DepartmentOversight},
		Department{"press", "新闻宣传处", DepartmentManagement},
		Department{"finance", "检务保障部", DepartmentSupport},
		Department{"party", "机关党委", DepartmentParty},
		Department{"retired", "离退休干部处", DepartmentSupport},
		Department{"police", "司法警察总队", DepartmentPolice},
		Department{"service_centre", "机关服务中心", DepartmentInstitution},
		Department{"college", college, DepartmentInstitution},
		Department{"technology", "检察技术信息中心", DepartmentInstitution},
		resident(u),
	)
}

func prefectureDepartments(u Unit) []Department {
	out := []Department{
		{"office", "办公室", DepartmentManagement},
		{"political", "政治部", DepartmentPolitical},
	}
	out = append(out, numbered(businessPrefecture, "检察部")...)
	out = append(out,
		Department{"research", "法律政策研究室", DepartmentManagement},
		Department{"case_management", "案件管理办公室", DepartmentManagement},
		Department{"supervision", "检务督察部", DepartmentOversight},
		Department{"finance", "检务保障部", DepartmentSupport},
		Department{"party", "机关党委", DepartmentParty},
		Department{"police", "司法警察支队", DepartmentPolice},
	)
	// A branch has no local commission of its level to send a group.
	if u.Kind == KindPrefecture {
		out = append(out, resident(u))
	}
	return out
}

func smallDepartments(business int) []Department {
	out := []Department{
		{"office", "办公室", DepartmentManagement},
		{"political", "政治部", DepartmentPolitical},
	}
	out = append(out, numbered(business, "检察部")...)
	return append(out,
		Department{"case_management", "案件管理办公室", DepartmentManagement},
		Department{"finance", "检务保障部", DepartmentSupport},
		Department{"police", "司法警察大队", DepartmentPolice},
	)
}

// resident is the group that the commission for discipline and supervision of
// the same level sends (派驻).
func resident(u Unit) Department {
	place := strings.TrimSuffix(u.Name, procuratorate)
	if u.Code == CodeXPCC {
		place = "兵团"
	}
	return Department{"resident", place + "纪委监委驻" + u.Name + "纪检监察组", DepartmentResident}
}

var ordinals = [...]string{"一", "二", "三", "四", "五", "六", "七", "八", "九", "十"}

func numbered(n int, word string) []Department {
	out := make([]Department, 0, n)
	for i := range n {
		out = append(out, Department{fmt.Sprintf("business_%02d", i+1), "第" + ordinals[i] + word, DepartmentBusiness})
	}
	return out
}
