package rules

import (
	"slices"
	"strings"
	"testing"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
)

func edition(t testing.TB, version string) *Edition {
	t.Helper()
	es, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	e, err := Pick(es, version, "2026-11-01")
	if err != nil {
		t.Fatal(err)
	}
	return e
}

var (
	henan   = Office{Code: "41000000", Name: "河南省人民检察院", Level: 2, Above: "00000000", Coverage: []string{"410000"}}
	city    = Office{Code: "41070000", Name: "新乡市人民检察院", Level: 3, Above: "41000000", Coverage: []string{"410700"}}
	hongqi  = Office{Code: "41070200", Name: "新乡市红旗区人民检察院", Level: 4, Above: "41070000", Coverage: []string{"410702"}}
	weibin  = Office{Code: "41070300", Name: "新乡市卫滨区人民检察院", Level: 4, Above: "41070000", Coverage: []string{"410703"}}
	spp     = Office{Code: "00000000", Name: "最高人民检察院", Level: 1, Coverage: []string{"000000"}}
	prison  = Office{Code: "41079101", Name: "派出院", Level: 4, Above: "41070000", Coverage: []string{"410702", "410703"}}
	railway = Office{Code: "41009100", Name: "铁路运输分院", Level: 3, Coverage: []string{"410100", "420100"}}
)

func left(how string, day clock.Date, rank string, offices ...Office) Subject {
	return Subject{Name: "周某", Leaving: how, Departed: day, Civil: "yes", Rank: rank, Offices: offices}
}

func lawyerIn(region string) Work { return Work{Kind: Lawyer, Firm: "某所", Place: region} }

const (
	junior = "一级检察官"
	grade4 = "四级高级检察官"
	aide   = "二级检察官助理"
	aide4  = "四级高级检察官助理"
)

// Each line is a worked example of the law: who left how and when, what he is
// found at, on which day, and what a rule must say. want is outcome and, when it
// ends, the last day; "" means that the rule says nothing.
func TestWorkedExamples(t *testing.T) {
	serving := func(rank string, o Office) Subject {
		return Subject{Name: "李某", Serving: true, Civil: "yes", Rank: rank, Offices: []Office{o}}
	}
	kin := func(relation, role string) *Kin { return &Kin{Name: "李小某", Relation: relation, Role: role} }
	with := func(s Subject, change func(*Subject)) Subject { change(&s); return s }
	case1 := func(kind string, offices ...string) Work {
		return Work{Kind: kind, Firm: "某所", Place: "110105", Offices: offices}
	}
	for _, c := range []struct {
		name string
		s    Subject
		kin  *Kin
		w    Work
		on   clock.Date
		rule string
		want string
	}{
		// B1: two years, anywhere, as lawyer in litigation.
		{"first day after leaving", left(Resigned, "2024-03-10", junior, hongqi), nil, case1(Litigation), "2024-03-11", "B1", "banned 2026-03-10"},
		{"on the day of leaving itself", left(Resigned, "2024-03-10", junior, hongqi), nil, case1(Litigation), "2024-03-10", "B1", "banned 2026-03-10"},
		{"the anniversary is still restricted", left(Resigned, "2024-03-10", junior, hongqi), nil, case1(Litigation), "2026-03-10", "B1", "banned 2026-03-10"},
		{"the day after the anniversary is free", left(Resigned, "2024-03-10", junior, hongqi), nil, case1(Litigation), "2026-03-11", "B1", "ended 2026-03-10"},
		{"29 February ends on the last of February", left(Retired, "2024-02-29", junior, hongqi), nil, case1(Litigation), "2026-02-28", "B1", "banned 2026-02-28"},
		{"and 1 March is free", left(Retired, "2024-02-29", junior, hongqi), nil, case1(Litigation), "2026-03-01", "B1", "ended 2026-02-28"},
		{"removed is bound by B1", left(Removed, "2025-01-05", junior, hongqi), nil, case1(Litigation), "2026-01-01", "B1", "banned 2027-01-05"},
		{"transferred is bound by B1", left(Transferred, "2025-01-05", junior, hongqi), nil, case1(Litigation), "2026-01-01", "B1", "banned 2027-01-05"},
		{"dismissed is bound by B1", left(Dismissed, "2025-01-05", junior, hongqi), nil, case1(Litigation), "2026-01-01", "B1", "banned 2027-01-05"},
		{"an assistant too, since 2021", left(Resigned, "2025-01-05", aide, hongqi), nil, case1(Litigation), "2026-01-01", "B1", "banned 2027-01-05"},
		{"an assistant not before 2021-09-30", left(Resigned, "2020-01-05", aide, hongqi), nil, case1(Litigation), "2021-06-01", "B1", ""},
		{"a prosecutor also before 2021-09-30", left(Resigned, "2020-01-05", junior, hongqi), nil, case1(Litigation), "2021-06-01", "B1", "banned 2022-01-05"},
		{"no civil servant, no rule", with(left(Resigned, "2025-01-05", "聘用制书记员", hongqi), func(s *Subject) { s.Civil = "no" }), nil, case1(Litigation), "2026-01-01", "B1", ""},
		{"civil servant or not must be known", with(left(Resigned, "2025-01-05", junior, hongqi), func(s *Subject) { s.Civil = "" }), nil, case1(Litigation), "2026-01-01", "B1", "unclear 2027-01-05"},
		{"before he left nothing runs", left(Resigned, "2026-05-01", junior, hongqi), nil, case1(Litigation), "2026-01-01", "B1", ""},
		{"a lawyer is limited by B1, not forbidden", left(Resigned, "2025-01-05", junior, hongqi), nil, lawyerIn("110105"), "2026-01-01", "B1", "limited 2027-01-05"},
		{"the day of leaving must be known", left(Resigned, "", junior, hongqi), nil, case1(Litigation), "2026-01-01", "B1", "unclear"},
		// B2: cases of any former procuratorate, for life.
		{"case of the last office", left(Retired, "2005-01-05", junior, city), nil, case1(Agent, "41070000"), "2026-01-01", "B2", "banned life"},
		{"case of an earlier office", left(Retired, "2005-01-05", junior, city, hongqi), nil, case1(Agent, "41070200"), "2026-01-01", "B2", "banned life"},
		{"case that the office handled at one stage", left(Retired, "2005-01-05", junior, hongqi), nil, case1(Litigation, "41070300", "41070200"), "2026-01-01", "B2", "banned life"},
		{"case of another office", left(Retired, "2005-01-05", junior, hongqi), nil, case1(Agent, "41070300"), "2026-01-01", "B2", ""},
		{"case opened after he left counts", left(Removed, "2005-01-05", junior, hongqi), nil, case1(Agent, "41070200"), "2026-11-01", "B2", "banned life"},
		{"guardian of the party", left(Retired, "2005-01-05", junior, city), nil, Work{Kind: Agent, Offices: []string{"41070000"}, Capacity: "guardian"}, "2026-01-01", "B2", ""},
		{"close relative of the party", left(Retired, "2005-01-05", junior, city), nil, Work{Kind: Agent, Offices: []string{"41070000"}, Capacity: "close_relative"}, "2026-01-01", "B2", ""},
		{"the case's offices must be known", left(Retired, "2005-01-05", junior, city), nil, case1(Agent), "2026-01-01", "B2", "unclear life"},
		{"a lawyer is limited for life", left(Transferred, "2005-01-05", junior, city), nil, lawyerIn("310101"), "2026-01-01", "B2", "limited life"},
		{"former office unknown", left(Retired, "2005-01-05", junior), nil, case1(Agent, "41070000"), "2026-01-01", "B2", "unclear life"},
		// B3 to B5: dismissed.
		{"dismissed prosecutor in any case", left(Dismissed, "2010-01-05", junior, hongqi), nil, case1(Agent, "11000000"), "2026-01-01", "B3", "banned life"},
		{"dismissed prosecutor as guardian", left(Dismissed, "2010-01-05", junior, hongqi), nil, Work{Kind: Agent, Capacity: "guardian"}, "2026-01-01", "B3", ""},
		{"dismissed assistant is not under B3", left(Dismissed, "2010-01-05", aide, hongqi), nil, case1(Agent), "2026-01-01", "B3", ""},
		{"dismissed, rank unknown", left(Dismissed, "2010-01-05", "", hongqi), nil, case1(Agent), "2026-01-01", "B3", "unclear life"},
		{"dismissed staff in a firm far away", left(Dismissed, "2010-01-05", aide, hongqi), nil, lawyerIn("310101"), "2026-01-01", "B4", "banned life"},
		{"dismissed staff as adviser", left(Dismissed, "2010-01-05", aide, hongqi), nil, Work{Kind: Adviser, Firm: "某所"}, "2026-01-01", "B4", "banned life"},
		{"resigned is not under B4", left(Resigned, "2010-01-05", aide, hongqi), nil, lawyerIn("310101"), "2026-01-01", "B4", ""},
		{"dismissed asks for a licence", left(Dismissed, "2010-01-05", aide, hongqi), nil, Work{Kind: Licence}, "2026-01-01", "B5", "banned life"},
		{"way of leaving unknown", left("", "2025-01-05", aide, hongqi), nil, lawyerIn("410702"), "2026-01-01", "B4", "unclear life"},
		// B6: leadership, fourth-grade senior and above: three years, in the area.
		{"fourth-grade senior, own district", left(Resigned, "2024-01-05", grade4, hongqi), nil, lawyerIn("410702"), "2027-01-05", "B6", "banned 2027-01-05"},
		{"and a day later", left(Resigned, "2024-01-05", grade4, hongqi), nil, lawyerIn("410702"), "2027-01-06", "B6", "ended 2027-01-05"},
		{"third-grade senior", left(Retired, "2024-01-05", "三级高级检察官（副厅长级）", city), nil, lawyerIn("410703"), "2026-01-01", "B6", "banned 2027-01-05"},
		{"senior assistant", left(Retired, "2024-01-05", aide4, city), nil, lawyerIn("410703"), "2026-01-01", "B6", "banned 2027-01-05"},
		{"senior police rank", left(Retired, "2024-01-05", "四级高级警长", city), nil, lawyerIn("410703"), "2026-01-01", "B6", "banned 2027-01-05"},
		{"leadership of whatever rank", with(left(Resigned, "2024-01-05", junior, hongqi), func(s *Subject) { s.Leader = "yes" }), nil, lawyerIn("410702"), "2026-06-01", "B6", "banned 2027-01-05"},
		{"county rank post", left(Resigned, "2024-01-05", "县处级副职", hongqi), nil, lawyerIn("410702"), "2026-06-01", "B6", "banned 2027-01-05"},
		{"firm in another district of the city", left(Resigned, "2024-01-05", grade4, hongqi), nil, lawyerIn("410703"), "2026-01-01", "B6", ""},
		{"firm anywhere in the province of a provincial office", left(Resigned, "2024-01-05", grade4, henan), nil, lawyerIn("410703"), "2026-01-01", "B6", "banned 2027-01-05"},
		{"firm in another province", left(Resigned, "2024-01-05", grade4, henan), nil, lawyerIn("110105"), "2026-01-01", "B6", ""},
		{"the whole country for the SPP", left(Resigned, "2024-01-05", grade4, spp), nil, lawyerIn("460106"), "2026-01-01", "B6", "banned 2027-01-05"},
		{"dispatched office covers two districts", left(Resigned, "2024-01-05", grade4, prison), nil, lawyerIn("410703"), "2026-01-01", "B6", "banned 2027-01-05"},
		{"a branch covers cities of two provinces", left(Resigned, "2024-01-05", grade4, railway), nil, lawyerIn("420106"), "2026-01-01", "B6", "banned 2027-01-05"},
		{"an earlier office's area counts", left(Resigned, "2024-01-05", grade4, weibin, hongqi), nil, lawyerIn("410702"), "2026-01-01", "B6", "banned 2027-01-05"},
		{"only the city of the firm is known", left(Resigned, "2024-01-05", grade4, hongqi), nil, lawyerIn("410700"), "2026-01-01", "B6", "unclear 2027-01-05"},
		{"nothing of the firm's place is known", left(Resigned, "2024-01-05", grade4, hongqi), nil, lawyerIn(""), "2026-01-01", "B6", "unclear 2027-01-05"},
		{"removed is not under B6", left(Removed, "2024-01-05", grade4, hongqi), nil, lawyerIn("410702"), "2026-01-01", "B6", ""},
		{"transferred is not under B6", left(Transferred, "2024-01-05", grade4, hongqi), nil, lawyerIn("410702"), "2026-01-01", "B6", ""},
		{"not in force in 2021-09-29", left(Resigned, "2021-01-05", grade4, hongqi), nil, lawyerIn("410702"), "2021-09-29", "B6", ""},
		{"in force the day after", left(Resigned, "2021-01-05", grade4, hongqi), nil, lawyerIn("410702"), "2021-09-30", "B6", "banned 2024-01-05"},
		{"adviser in the area", left(Resigned, "2024-01-05", grade4, hongqi), nil, Work{Kind: Adviser, Firm: "某所", Place: "410702"}, "2026-01-01", "B6", "banned 2027-01-05"},
		{"administrative staff in the area", left(Resigned, "2024-01-05", grade4, hongqi), nil, Work{Kind: FirmStaff, Firm: "某所", Place: "410702"}, "2026-01-01", "B6", "banned 2027-01-05"},
		{"paid service linked to the former office", left(Resigned, "2024-01-05", grade4, hongqi), nil, Work{Kind: PaidService, Related: "yes"}, "2026-01-01", "B6.service", "banned 2027-01-05"},
		{"paid service of which the link is unknown", left(Resigned, "2024-01-05", grade4, hongqi), nil, Work{Kind: PaidService}, "2026-01-01", "B6.service", "unclear 2027-01-05"},
		// B7: others, two years.
		{"first grade, own district", left(Resigned, "2024-01-05", junior, hongqi), nil, lawyerIn("410702"), "2026-01-05", "B7", "banned 2026-01-05"},
		{"first grade, third year", left(Resigned, "2024-01-05", junior, hongqi), nil, lawyerIn("410702"), "2026-01-06", "B7", "ended 2026-01-05"},
		{"first grade is not under B6", left(Resigned, "2024-01-05", junior, hongqi), nil, lawyerIn("410702"), "2026-01-05", "B6", ""},
		{"senior is not under B7", left(Resigned, "2024-01-05", grade4, hongqi), nil, lawyerIn("410702"), "2026-01-05", "B7", ""},
		{"rank unknown leaves B6 open", left(Resigned, "2024-01-05", "", hongqi), nil, lawyerIn("410702"), "2026-06-01", "B6", "unclear 2027-01-05"},
		{"assistant of second grade", left(Retired, "2025-01-05", aide, hongqi), nil, lawyerIn("410702"), "2026-06-01", "B7", "banned 2027-01-05"},
		// B8: approval of retired staff.
		{"retired without approval, after the years", with(left(Retired, "2015-01-05", junior, hongqi), func(s *Subject) { s.Approved = "no" }), nil, lawyerIn("410702"), "2026-01-01", "B8", "banned"},
		{"retired with approval", with(left(Retired, "2015-01-05", junior, hongqi), func(s *Subject) { s.Approved = "yes" }), nil, lawyerIn("410702"), "2026-01-01", "B8", ""},
		{"approval unknown", left(Retired, "2015-01-05", junior, hongqi), nil, lawyerIn("410702"), "2026-01-01", "B8", "unclear"},
		{"B7 goes before B8", left(Retired, "2025-01-05", junior, hongqi), nil, lawyerIn("410702"), "2026-01-01", "B8", ""},
		{"resigned needs no approval", left(Resigned, "2015-01-05", junior, hongqi), nil, lawyerIn("410702"), "2026-01-01", "B8", ""},
		// B9: enterprises.
		{"leader to a linked enterprise", left(Resigned, "2024-01-05", grade4, hongqi), nil, Work{Kind: Enterprise, Related: "yes"}, "2026-06-01", "B9", "banned 2027-01-05"},
		{"others two years", left(Resigned, "2024-01-05", junior, hongqi), nil, Work{Kind: Enterprise, Related: "yes"}, "2026-01-05", "B9", "banned 2026-01-05"},
		{"an enterprise without link", left(Resigned, "2024-01-05", junior, hongqi), nil, Work{Kind: Enterprise, Related: "no"}, "2025-01-05", "B9", ""},
		// B10, B11: serving.
		{"under audit he may not resign", with(serving(junior, hongqi), func(s *Subject) { s.Holds = []string{"audit"} }), nil, Work{Kind: Resign}, "2026-01-01", "B10", "banned"},
		{"nothing holds him", serving(junior, hongqi), nil, Work{Kind: Resign}, "2026-01-01", "B10", ""},
		{"serving prosecutor in the register of lawyers", serving(junior, hongqi), nil, lawyerIn("410702"), "2026-01-01", "B11", "banned"},
		{"serving assistant is not under B11", serving(aide, hongqi), nil, lawyerIn("410702"), "2026-01-01", "B11", ""},
		// B12, B15: relatives who both serve.
		{"chief and deputy of one office", with(serving(junior, hongqi), func(s *Subject) { s.Posts = []string{"chief"} }), &Kin{Name: "乙", Relation: "spouse", Posts: []string{"deputy"}, Office: hongqi}, Work{}, "2026-01-01", "B12.leaders", "recuse"},
		{"deputy and prosecutor of one office", with(serving(junior, hongqi), func(s *Subject) { s.Posts = []string{"prosecutor"} }), &Kin{Name: "乙", Relation: "child", Posts: []string{"deputy"}, Office: hongqi}, Work{}, "2026-01-01", "B12.leader_prosecutor", "recuse"},
		{"prosecutors of two departments", with(serving(junior, Office{Code: "41070200", Department: "一部"}), func(s *Subject) { s.Posts = []string{"prosecutor"} }), &Kin{Name: "乙", Relation: "sibling", Posts: []string{"prosecutor"}, Office: Office{Code: "41070200", Department: "二部"}}, Work{}, "2026-01-01", "B12.department", ""},
		{"prosecutors of one department", with(serving(junior, Office{Code: "41070200", Department: "一部"}), func(s *Subject) { s.Posts = []string{"prosecutor"} }), &Kin{Name: "乙", Relation: "sibling", Posts: []string{"prosecutor"}, Office: Office{Code: "41070200", Department: "一部"}}, Work{}, "2026-01-01", "B12.department", "recuse"},
		{"chiefs of adjacent levels", with(serving(junior, hongqi), func(s *Subject) { s.Posts = []string{"chief"} }), &Kin{Name: "乙", Relation: "cousin", Posts: []string{"deputy"}, Office: city}, Work{}, "2026-01-01", "B12.adjacent", "recuse"},
		{"levels that are not adjacent", with(serving(junior, hongqi), func(s *Subject) { s.Posts = []string{"chief"} }), &Kin{Name: "乙", Relation: "cousin", Posts: []string{"deputy"}, Office: henan}, Work{}, "2026-01-01", "B12.adjacent", ""},
		{"posts unknown", serving(junior, hongqi), &Kin{Name: "乙", Relation: "spouse", Office: hongqi}, Work{}, "2026-01-01", "B12.leaders", "unclear"},
		{"personnel under a leading relative", with(serving(junior, hongqi), func(s *Subject) { s.Posts = []string{"personnel"} }), &Kin{Name: "乙", Relation: "spouse", Posts: []string{"deputy"}, Office: hongqi}, Work{}, "2026-01-01", "B15.control", "recuse"},
		{"head and member of one department", with(serving(junior, Office{Code: "41070200", Department: "一部"}), func(s *Subject) { s.Posts = []string{"head"} }), &Kin{Name: "乙", Relation: "spouse", Posts: []string{"other"}, Office: Office{Code: "41070200", Department: "一部"}}, Work{}, "2026-01-01", "B15.hierarchy", "recuse"},
		// B13, B14 and the wider reporting set.
		{"spouse is partner in the area", serving(junior, hongqi), kin("spouse", "partner"), lawyerIn("410702"), "2026-01-01", "B13", "recuse"},
		{"child is founder in the area", serving(junior, city), kin("child", "founder"), lawyerIn("410703"), "2026-01-01", "B13", "recuse"},
		{"partner outside the area", serving(junior, hongqi), kin("spouse", "partner"), lawyerIn("410703"), "2026-01-01", "B13", ""},
		{"employed lawyer is not under B13", serving(junior, hongqi), kin("spouse", "employed"), lawyerIn("410702"), "2026-01-01", "B13", ""},
		{"position in the firm unknown", serving(junior, hongqi), kin("spouse", ""), lawyerIn("410702"), "2026-01-01", "B13", "unclear"},
		{"sibling does not force recusal", serving(junior, hongqi), kin("sibling", "partner"), lawyerIn("410702"), "2026-01-01", "B13", ""},
		{"sibling must be reported", serving(junior, hongqi), kin("sibling", "partner"), lawyerIn("410702"), "2026-01-01", "R1", "report"},
		{"parent of a child-in-law must be reported", serving(junior, hongqi), kin("co_parent_in_law", ""), lawyerIn("110105"), "2026-01-01", "R1", "report"},
		{"a cousin need not", serving(junior, hongqi), kin("cousin", ""), lawyerIn("410702"), "2026-01-01", "R1", ""},
		{"an assistant's spouse must be reported", serving(aide, hongqi), kin("spouse", "partner"), lawyerIn("410702"), "2026-01-01", "R1", "report"},
		{"an assistant need not be recused", serving(aide, hongqi), kin("spouse", "partner"), lawyerIn("410702"), "2026-01-01", "B13", ""},
		{"parent acts for litigants in the area", serving(junior, hongqi), kin("parent", "employed"), Work{Kind: Litigation, Firm: "某所", Place: "410703", Acts: "yes"}, "2026-01-01", "B14", "recuse"},
		{"whether a lawyer child acts there is not in the register", serving(junior, hongqi), kin("child", "employed"), lawyerIn("410702"), "2026-01-01", "B14", "unclear"},
		{"found not to act there", serving(junior, hongqi), kin("child", "employed"), Work{Kind: Lawyer, Firm: "某所", Place: "410702", Acts: "no"}, "2026-01-01", "B14", ""},
		// The law before 2019-10-01.
		{"old law: relatives in cases of the own office", serving(junior, hongqi), kin("spouse", ""), Work{Kind: Agent, Offices: []string{"41070200"}}, "2018-01-01", "L3", "banned"},
		{"old law is over", serving(junior, hongqi), kin("spouse", ""), Work{Kind: Agent, Offices: []string{"41070200"}}, "2019-10-01", "L3", ""},
		{"old law: two years for prosecutors", left(Resigned, "2017-06-30", junior, hongqi), nil, case1(Litigation), "2019-06-30", "L1", "banned 2019-06-30"},
	} {
		t.Run(c.name, func(t *testing.T) {
			vs := edition(t, "2021-09-30").Judge(Question{Subject: c.s, Kin: c.kin, Work: c.w, On: c.on})
			got := ""
			if i := slices.IndexFunc(vs, func(v Verdict) bool { return v.Rule == c.rule }); i >= 0 {
				v := vs[i]
				got = v.Outcome
				switch {
				case v.Until != "":
					got += " " + string(v.Until)
				case v.Life:
					got += " life"
				}
				if v.Article.ZH == "" || strings.Contains(v.Sentence.ZH+v.Sentence.EN, "{") || v.Sentence.EN == "" {
					t.Errorf("sentence: %q %q", v.Sentence.ZH, v.Sentence.EN)
				}
				if v.Until != "" && !strings.Contains(v.Sentence.ZH, string(v.Until)) {
					t.Errorf("the sentence does not name the last day: %s", v.Sentence.ZH)
				}
				if v.Outcome == Unclear && len(v.Needs) == 0 {
					t.Error("unclear without saying what is missing")
				}
			}
			if got != c.want {
				t.Errorf("%s: %q, want %q", c.rule, got, c.want)
			}
		})
	}
}

func TestSentenceHasTheFactsFilledIn(t *testing.T) {
	q := Question{Subject: left(Resigned, "2025-03-10", "三级高级检察官", city), Work: Work{Kind: Lawyer, Firm: "河南元和律师事务所", Place: "410702"}, On: "2026-11-01"}
	vs := edition(t, "").Judge(q)
	if vs[0].Rule != "B6" || vs[0].Outcome != Banned {
		t.Fatalf("heaviest first: %+v", vs[0])
	}
	for _, part := range []string{"周某", "2025-03-10", "新乡市人民检察院", "辞去公职", "三级高级检察官", "河南元和律师事务所", "河南省新乡市红旗区", "2028-03-10", "还有495天"} {
		if !strings.Contains(vs[0].Sentence.ZH, part) {
			t.Errorf("%q is not in %s", part, vs[0].Sentence.ZH)
		}
	}
	for _, part := range []string{"resigned", "2028-03-10", "495 days"} {
		if !strings.Contains(vs[0].Sentence.EN, part) {
			t.Errorf("%q is not in %s", part, vs[0].Sentence.EN)
		}
	}
	outcome, until, life := Sum(vs)
	if outcome != Banned || until != "2028-03-10" || life {
		t.Errorf("sum %s %s %v", outcome, until, life)
	}
}

func TestWhatCannotBeCheckedIsStated(t *testing.T) {
	q := Question{Subject: left(Resigned, "2025-03-10", junior, city), Work: lawyerIn("410702"), On: "2026-11-01"}
	count := func(q Question) (n int) {
		for _, v := range edition(t, "").Judge(q) {
			if v.Outcome == Uncheckable {
				n++
			}
		}
		return n
	}
	if count(q) != 3 {
		t.Errorf("%d statements, want adviser, staff and borrowed names", count(q))
	}
	if q.FirmStaff = true; count(q) != 0 {
		t.Error("with a list of the firm's staff nothing is uncheckable")
	}
}

func TestOldScreeningsRunUnderOldLaw(t *testing.T) {
	q := Question{Subject: left(Resigned, "2024-01-05", grade4, hongqi), Work: lawyerIn("410702"), On: "2026-06-01"}
	has := func(version string) bool {
		return slices.ContainsFunc(edition(t, version).Judge(q), func(v Verdict) bool { return v.Rule == "B6" })
	}
	if has("2019-10-01") || !has("2021-09-30") {
		t.Error("the opinion of 2021 belongs to the edition of 2021 only")
	}
	es, _ := Shipped()
	for on, want := range map[clock.Date]string{"2018-01-01": "2019-10-01", "2020-06-01": "2019-10-01", "2021-09-29": "2019-10-01", "2021-09-30": "2021-09-30", "2030-01-01": "2021-09-30"} {
		if e, err := Pick(es, "", on); err != nil || e.Version != want {
			t.Errorf("%s: %v %v", on, e, err)
		}
	}
	if _, err := Pick(es, "1999", "2026-01-01"); !fault.Is(err, fault.KindInvalid) {
		t.Errorf("unknown version: %v", err)
	}
}

func TestARuleChangeShowsBeforehandWhatChanges(t *testing.T) {
	q := Question{Subject: left(Resigned, "2024-01-05", grade4, hongqi), Work: lawyerIn("410702"), On: "2026-06-01"}
	cs := Compare(edition(t, "2019-10-01"), edition(t, "2021-09-30"), q)
	i := slices.IndexFunc(cs, func(c Change) bool { return c.Rule == "B6" })
	if i < 0 || cs[i].Before != Free || cs[i].After != Banned || cs[i].Will != "2027-01-05" {
		t.Errorf("%+v", cs)
	}
	if cs := Compare(edition(t, ""), edition(t, ""), q); len(cs) != 0 {
		t.Errorf("an edition against itself: %+v", cs)
	}
}

func TestClocks(t *testing.T) {
	vs := edition(t, "").Clocks(left(Resigned, "2025-03-10", grade4, city), "2026-11-01")
	got := map[string]string{}
	for _, v := range vs {
		got[v.Rule] = string(v.Until)
	}
	for rule, until := range map[string]string{"B1": "2027-03-10", "B2": "", "B6": "2028-03-10", "B9": "2028-03-10"} {
		if u, ok := got[rule]; !ok || u != until {
			t.Errorf("%s ends %q, want %q", rule, u, until)
		}
	}
	if _, ok := got["B7"]; ok {
		t.Error("B7 does not run for a senior")
	}
}

func TestEveryRuleIsUsedAndCited(t *testing.T) {
	es, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8", "B9", "B10", "B11", "B12", "B13", "B14", "B15", "R1"} {
		if !slices.ContainsFunc(es[len(es)-1].Rules, func(r Rule) bool { return r.ID == want }) {
			t.Errorf("%s is missing", want)
		}
	}
}

func TestEditionsThatCannotBeReliedOnAreRefused(t *testing.T) {
	raw, err := Source("2021-09-30")
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string][2]string{
		"unknown field":       {"    source: LAW\n", "    sauce: LAW\n"},
		"unknown leaving":     {"leaving: [dismissed]", "leaving: [fired]"},
		"unknown work":        {"works: [litigation]", "works: [litigating]"},
		"unknown place":       {"place: coverage", "place: county"},
		"impossible date":     {"from: 2019-10-01", "from: 2019-13-01"},
		"no English sentence": {`en: "{name} is a prosecutor of {units}`, `ex: "{name} is`},
		"senior not on scale": {"senior: 四级高级警长", "senior: 四级警督"},
		"missing term":        {"    tail.life: 终身适用。\n", ""},
		"two of one day":      {"    to: 2021-09-29\n", ""},
		"no version":          {`version: "2021-09-30"`, `version: ""`},
	} {
		text := strings.Replace(string(raw), change[0], change[1], 1)
		if name != "no English sentence" && text == string(raw) {
			t.Fatalf("%s: nothing changed", name)
		}
		if name == "no English sentence" {
			text = strings.Replace(string(raw), "\n    en: ", "\n    # ", 1)
		}
		if _, err := Parse([]byte(text)); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A restriction of N years binds on each of its days and on no other.
func TestPeriodsHoldOnEveryDay(t *testing.T) {
	e := edition(t, "")
	for _, dep := range []clock.Date{"2022-12-31", "2024-02-29", "2023-02-28", "2024-03-31"} {
		until := dep.AddYears(2)
		for d := dep.AddDays(1); !d.After(until.AddDays(3)); d = d.AddDays(1) {
			vs := e.Judge(Question{Subject: left(Resigned, dep, junior, hongqi), Work: Work{Kind: Litigation}, On: d})
			banned := slices.ContainsFunc(vs, func(v Verdict) bool { return v.Rule == "B1" && v.Outcome == Banned })
			if banned != !d.After(until) {
				t.Fatalf("left %s, on %s: banned %v", dep, d, banned)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	raw, err := Source("2019-10-01")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte("version: x\nrules:\n  - id: [1]"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := Parse(raw)
		if err != nil {
			if _, ok := fault.Of(err); !ok {
				t.Fatalf("no fault: %v", err)
			}
			return
		}
		e.Judge(Question{Subject: left(Resigned, "2024-01-05", grade4, hongqi), Work: lawyerIn("410702"), On: "2026-06-01"})
	})
}

func TestFactsAreFilledOnceAndUnknownBracesStay(t *testing.T) {
	facts := map[string]string{"name": "张{unit}", "unit": "某院", "": "nothing"}
	for text, want := range map[string]string{
		"{name}于{unit}": "张{unit}于某院", "{other}{unit}": "{other}某院", "{{unit}}": "{某院}", "{unit": "{unit", "无": "无", "": "",
	} {
		if got := fill(text, func(key string) (string, bool) { v, ok := facts[key]; return v, ok }); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func BenchmarkClocks(b *testing.B) {
	es, err := Shipped()
	if err != nil {
		b.Fatal(err)
	}
	e := es[len(es)-1]
	s := Subject{Name: "欧阳振鹏", Leaving: Resigned, Departed: "2025-03-10", Rank: "四级高级检察官", Civil: "yes"}
	for b.Loop() {
		e.Clocks(s, "2026-03-01")
	}
}
