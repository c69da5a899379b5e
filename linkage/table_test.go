package linkage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
)

var testColumns = Columns{ID: "id", Name: "name|姓名", IDNo: "id_no", Birth: "birth", Sex: "sex", Places: []string{"place"}, Orgs: []string{"org"}}

const testHeader = "id,name,sex,birth,id_no,place,org\n"

func readTest(t *testing.T, text string) (*Set, *Report) {
	t.Helper()
	s, r, err := ReadTable(context.Background(), "t.csv", strings.NewReader(text), testColumns, DefaultRules(), nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s, r
}

func TestTablesAreReadAsTheyCome(t *testing.T) {
	row := "1,王伟,男,1990-03-26,110101199003260011,北京市,税务局\n"
	gb, err := simplifiedchinese.GB18030.NewEncoder().String("2,张伟,男,1991-03-26,,北京市,税务局\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, text string
		used       int
		kinds      map[string]int
		row        int // of the first problem
	}{
		{"plain", testHeader + row, 1, nil, 0},
		{"mark of order and carriage returns", "\uFEFF" + strings.ReplaceAll(testHeader+row, "\n", "\r\n"), 1, nil, 0},
		{"Chinese header and tabs", strings.ReplaceAll(strings.Replace(testHeader, "name", "姓名", 1)+row, ",", "\t"), 1, nil, 0},
		{"header twice", testHeader + row + testHeader + row, 2, map[string]int{ProblemHeader: 1}, 3},
		{"a field too many", testHeader + "1,王伟,男,1990-03-26,,北京市,税务局,x\n" + row, 1, map[string]int{ProblemFields: 1}, 2},
		{"empty fields at the end are no field too many", testHeader + "1,王伟,男,1990-03-26,,北京市,税务局,,\n", 1, nil, 0},
		{"shifted by one", testHeader + row + "2,男,1990-03-26,110101199003260011,北京市,税务局,\n", 1, map[string]int{ProblemShifted: 1}, 3},
		{"both encodings in one file", testHeader + row + gb, 2, map[string]int{ProblemEncoding: 1}, 3},
		{"quoted, with a newline inside", testHeader + "1,\"王\n伟\",男,1990-03-26,,北京市,\"税务局, 一分局\"\n" + row, 2, nil, 0},
		{"a mark that does not end", testHeader + row + "2,\"王伟,男,1990-03-26,,北京市,\n", 1, map[string]int{ProblemQuote: 1}, 3},
		{"no date", testHeader + "1,王伟,男,很久以前,,北京市,\n", 1, map[string]int{ProblemBirth: 1}, 2},
		{"no number, but said so", testHeader + "1,王伟,男,1990,不详,北京市,\n", 1, nil, 0},
		{"no number", testHeader + "1,王伟,男,1990,abc,北京市,\n", 1, map[string]int{ProblemIDNo: 1}, 2},
		{"no identifier", testHeader + ",王伟,男,1990,,北京市,\n", 1, map[string]int{ProblemID: 1}, 2},
		{"blank rows", testHeader + "\n,,,,,,\n" + row, 1, nil, 0},
		{"a very long row", testHeader + "1," + strings.Repeat("王", 500000) + ",男,1990,,,\n" + row, 1, map[string]int{ProblemLongValue: 1}, 2},
		{"only a header", testHeader, 0, nil, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, r := readTest(t, c.text)
			if s.Len() != c.used || r.Used != c.used {
				t.Errorf("%d records, %d wanted; %v", s.Len(), c.used, r.Counts)
			}
			for k, n := range c.kinds {
				if r.Counts[k] != n {
					t.Errorf("%s: %d, want %d; %v", k, r.Counts[k], n, r.Counts)
				}
			}
			if len(c.kinds) == 0 && len(r.Problems) > 0 {
				t.Errorf("problems where there are none: %v", r.Problems)
			}
			if c.row > 0 && (len(r.Problems) == 0 || r.Problems[0].Row != c.row || r.Problems[0].File != "t.csv") {
				t.Errorf("the problem is in line %d: %v", c.row, r.Problems)
			}
		})
	}
}

func TestTablesWithoutTheirColumnsAreRefused(t *testing.T) {
	for text, want := range map[string]string{"id,sex\n1,男\n": "name|姓名", "name,sex\n王伟,男\n": "id"} {
		_, _, err := ReadTable(context.Background(), "t.csv", strings.NewReader(text), testColumns, DefaultRules(), nil, Options{})
		var col *MissingColumnError
		if !errors.As(err, &col) || col.Column != want || col.File != "t.csv" || !strings.Contains(err.Error(), "sex") {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{"", "\n", "\x00\x01\x02", strings.Repeat("x", 3<<20)} {
		if _, _, err := ReadTable(context.Background(), "t.csv", strings.NewReader(text), testColumns, DefaultRules(), nil, Options{}); err == nil {
			t.Errorf("%.20q was read", text)
		}
	}
}

func TestRowsKeepTheirOrderAcrossBlocks(t *testing.T) {
	var b strings.Builder
	b.WriteString(testHeader)
	const n = 60000
	for i := range n {
		fmt.Fprintf(&b, "%d,王伟,男,1990-03-26,,北京市,\"税务局,%d\"\n", i, i%7)
	}
	s, r := readTest(t, b.String())
	if s.Len() != n || len(r.Problems) > 0 {
		t.Fatalf("%d rows, %v", s.Len(), r.Counts)
	}
	for _, i := range []int{0, 1, 12345, n - 1} {
		if s.ID(i) != fmt.Sprint(i) {
			t.Errorf("row %d is %s", i, s.ID(i))
		}
	}
}

func TestANumberOfManyNamesIsNotUsed(t *testing.T) {
	var b strings.Builder
	b.WriteString(testHeader)
	for i, n := range strings.Fields("王伟 李娜 张强 刘洋 陈静") {
		fmt.Fprintf(&b, "%d,%s,,,110101199003260011,,\n", i, n)
	}
	b.WriteString("9,赵磊,,,110101199003260118,,\n")
	s, _ := readTest(t, b.String())
	if s.Crowded != 1 || s.facts[0].id.usable() || !s.facts[5].id.usable() {
		t.Errorf("%d crowded numbers", s.Crowded)
	}
}

// A hundred thousand equal rows against as many must neither take for ever nor fill the memory.
func TestEqualRowsAreBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString(testHeader)
	for i := range 100000 {
		fmt.Fprintf(&b, "%d,王伟,男,1990-03-26,,北京市,\n", i)
	}
	s, _ := readTest(t, b.String())
	x := NewIndex(s, nil)
	m, err := Learn(context.Background(), x, LearnOptions{}, s)
	if err != nil {
		t.Fatal(err)
	}
	x = x.With(m)
	links, err := x.Link(context.Background(), s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if x.Capped() == 0 {
		t.Error("what was left out is not told")
	}
	if len(links) > 100000*maxHits {
		t.Errorf("%d links", len(links))
	}
}

func FuzzReadTable(f *testing.F) {
	f.Add("id,name,sex,birth,id_no,place,org\n1,王伟,男,1990,,,\n")
	f.Add("id\tname|姓名\n\"a\"\"b\",c\n")
	f.Add("\xEF\xBB\xBFid,name,sex,birth,id_no,place,org\r\n\"1,王")
	f.Fuzz(func(t *testing.T, text string) {
		s, r, err := ReadTable(context.Background(), "t.csv", strings.NewReader(text), testColumns, DefaultRules(), nil, Options{Workers: 1})
		if err != nil {
			return
		}
		if s.Len() > r.Rows || len(r.Problems) > maxProblems {
			t.Errorf("%d records of %d rows, %d problems", s.Len(), r.Rows, len(r.Problems))
		}
		for i := range s.Len() {
			s.ID(i)
		}
	})
}

func FuzzParseID(f *testing.F) {
	for _, s := range []string{"330522197901132451", "4.41502E+17", "5301****2780", "３３", "'1 2-3X"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n := parseID([]byte(s))
		if n.known > idFull {
			t.Errorf("%q: %b", s, n.known)
		}
		if n.flags&idValid != 0 && (n.digit(17) != n.check() || n.birth().day() == 0) {
			t.Errorf("%q is called right", s)
		}
		if l := compareIDs(n, n); n.usable() && slices.Contains([]uint8{idOff, idConflict, idTailOff, idSomeOff}, l) {
			t.Errorf("%q differs from itself: %d", s, l)
		}
	})
}

func FuzzParseNameAndDate(f *testing.F) {
	for _, s := range []string{"王伟", "GAO XIAOMEI", "阿布力孜.哈里克", "黄?梦", "1990-03-26", "32958", "(", "\xff\xfe"} {
		f.Add(s)
	}
	m := Default(DefaultRules(), 0)
	f.Fuzz(func(t *testing.T, s string) {
		n := parseName([]byte(s))
		if l, freq := m.compareNames(n, n, &memo{}); n != 0 && l != nameEqual && l != nameGap || freq > 3 {
			t.Errorf("%q against itself: %d %f", s, l, freq)
		}
		n.sounds()
		if d := parseDate([]byte(s)); d != 0 && (d.year() < 1900 || d.year() > 2099 || d.month() > 12 || d.day() > 31) {
			t.Errorf("%q: %d-%d-%d", s, d.year(), d.month(), d.day())
		}
		parsePlace(s)
		parseOrg(s, DefaultOrgs)
		parseCode(s)
	})
}
