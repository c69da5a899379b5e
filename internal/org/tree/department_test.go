package tree_test

import (
	"slices"
	"testing"

	"huikan/internal/org/tree"
)

func TestDepartmentsOfEachLevel(t *testing.T) {
	for _, tc := range []struct {
		unit         string
		has, lacks   []string
		business     int
		institutions int
	}{
		{"最高人民检察院",
			[]string{"办公厅", "政治部", "第一检察厅", "第十检察厅", "案件管理办公室", "检务督察局", "巡视工作领导小组办公室", "机关党委", "计划财务装备局", "国家检察官学院", "检察日报社", "检察理论研究所", "检察技术信息研究中心", "机关服务中心", "中央纪委国家监委驻最高人民检察院纪检监察组"},
			[]string{"第一检察部", "检务督察部"}, 10, 6},
		{"河南省人民检察院",
			[]string{"办公室", "第十检察部", "检务督察部", "检务保障部", "国家检察官学院河南分院", "河南省纪委监委驻河南省人民检察院纪检监察组"},
			[]string{"检察日报社", "检务督察局"}, 10, 3},
		{"新疆生产建设兵团人民检察院", []string{"兵团纪委监委驻新疆生产建设兵团人民检察院纪检监察组"}, nil, 10, 3},
		{"新乡市人民检察院", []string{"办公室", "第七检察部", "新乡市纪委监委驻新乡市人民检察院纪检监察组"}, []string{"第八检察部"}, 7, 0},
		{"湖北省人民检察院汉江分院", []string{"办公室", "政治部"}, []string{"湖北省人民检察院汉江分院纪委监委驻湖北省人民检察院汉江分院纪检监察组"}, 7, 0},
		{"长兴县人民检察院", []string{"办公室", "第四检察部", "检务督察部", "司法警察大队"}, []string{"第五检察部"}, 4, 0},
		{"上海铁路运输检察院", []string{"办公室", "第三检察部"}, []string{"第四检察部", "检务督察部"}, 3, 0},
	} {
		u, ok := tree.ByName(tc.unit)
		if !ok {
			t.Fatalf("no unit %s", tc.unit)
		}
		var names []string
		count := map[tree.DepartmentKind]int{}
		for _, d := range tree.Departments(u) {
			names = append(names, d.Name)
			count[d.Kind]++
		}
		for _, n := range tc.has {
			if !slices.Contains(names, n) {
				t.Errorf("%s lacks %s", tc.unit, n)
			}
		}
		for _, n := range tc.lacks {
			if slices.Contains(names, n) {
				t.Errorf("%s has %s", tc.unit, n)
			}
		}
		if count[tree.DepartmentBusiness] != tc.business || count[tree.DepartmentInstitution] != tc.institutions {
			t.Errorf("%s has %v", tc.unit, count)
		}
	}
}

func TestEveryDepartmentIsDistinct(t *testing.T) {
	for _, u := range tree.All() {
		keys, names := map[string]bool{}, map[string]bool{}
		for _, d := range tree.Departments(u) {
			if d.Key == "" || d.Name == "" || d.Kind == "" || keys[d.Key] || names[d.Name] {
				t.Errorf("%s has an incomplete or double department %+v", u.Name, d)
			}
			keys[d.Key], names[d.Name] = true, true
		}
		if !keys["office"] || !keys["business_01"] || !keys["case_management"] {
			t.Errorf("%s lacks a department that every unit has", u.Name)
		}
	}
}
