package app

import (
	"fmt"
	"strings"

	"huikan/internal/inspection"
)

// classes publishes the first made-up version of the classes of problems: one for
// each aspect of the made-up problems, drafted by the office, published by a leader.
func (s *story) classes() {
	var lines []string
	s.classNames = map[string]string{}
	numbers := map[string]int{}
	for _, p := range problems {
		if s.classNames[p.aspect] != "" {
			continue
		}
		s.classNames[p.aspect] = p.aspect
		numbers[p.category]++
		lines = append(lines, fmt.Sprintf("%s%02d｜%s｜%s", strings.ToUpper(p.category[:1]), numbers[p.category], p.aspect, p.category))
	}
	s.taxonomy("巡视发现问题分类（试行）", "巡视工作领导小组办公室2022年第3号", lines)
}

// newClasses publishes the second version: two classes are joined, one is divided,
// one gets a new code and name, one is new. What the first round found keeps its codes.
func (s *story) newClasses() {
	var lines []string
	for _, p := range problems {
		line := ""
		switch p.aspect {
		case "采购":
			line = "D11｜财务与采购管理｜discipline｜" + s.codeOf("采购") + "、" + s.codeOf("财务管理")
		case "财务管理":
			continue
		case "三个规定":
			line = "D12｜过问干预记录报告｜discipline｜" + s.codeOf("三个规定")
		case "公务用车": // divided: what the first round found waits to be decided
			line = "D14｜车辆配备管理｜discipline｜" + s.codeOf("公务用车") + "+\nD15｜车辆使用登记｜discipline｜" + s.codeOf("公务用车") + "+"
		default:
			line = s.codeOf(p.aspect) + "｜" + p.aspect + "｜" + p.category
		}
		if len(lines) == 0 || !strings.Contains(strings.Join(lines, "\n"), line) {
			lines = append(lines, line)
		}
	}
	lines = append(lines, "D13｜数字检察应用｜discipline｜-")
	s.taxonomy("巡视发现问题分类", "巡视工作领导小组办公室2026年第1号", lines)
	s.classNames["采购"], s.classNames["财务管理"], s.classNames["三个规定"], s.classNames["公务用车"] = "财务与采购管理", "财务与采购管理", "过问干预记录报告", "车辆使用登记"
}

// codeOf is the code of the first version for an aspect.
func (s *story) codeOf(aspect string) string {
	for _, c := range s.firstClasses {
		if c.Name == aspect {
			return c.Code
		}
	}
	return aspect
}

func (s *story) taxonomy(title, source string, lines []string) {
	s.do("classes of problems", func() error {
		t, err := s.Inspection.DraftTaxonomy(s.ctx, s.as("office"), inspection.TaxonomyCmd{Title: title, Source: source, Classes: strings.Join(lines, "\n")})
		if err != nil {
			return err
		}
		if t.Version == 1 {
			s.firstClasses = t.Classes
		}
		_, err = s.Inspection.DecideTaxonomy(s.ctx, s.as("leader"), t.ID, "publish", t.Rev)
		return err
	})
}
