package screening

import (
	"fmt"
	"runtime"
	"runtime/metrics"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/sheet"
)

type auditTx = audit.Tx

func idNew() id.ID { return id.New() }

func readAll(t testing.TB, text string) (*reading, []Row, error) {
	t.Helper()
	var rows []Row
	in, err := readRegister("l.csv", strings.NewReader(text), int64(len(text)), Lawyers, nil, func(_ int, _ []string, r Row, fs []sheet.RowError) error {
		if len(fs) == 0 {
			rows = append(rows, r)
		}
		return nil
	})
	return in, rows, err
}

func TestBadRegistersAreAnswered(t *testing.T) {
	gbk := func(s string) string {
		b, err := simplifiedchinese.GB18030.NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	const head = "姓名,身份证号,执业证号,律师事务所\n"
	valid := citizen("410105", "1980-01-01", 11)
	for _, c := range []struct {
		name, text string
		good, bad  int
		note, key  string
	}{
		{"a title and a heading of its own", "河南省律师名册,,,\n" + head + "张三," + valid + ",1,某所\n", 1, 0, "", ""},
		{"the heading again on every page", head + "张三,,1,某所\n" + head + "李四,,2,某所\n", 2, 0, "register.note.header", ""},
		{"encodings mixed by pasting", head + "张三,,1,某所\n" + gbk("李四,,2,另一所\n"), 2, 0, "register.note.gb18030", ""},
		{"all of it GB18030", gbk(head + "张三,,1,某所\n"), 1, 0, "register.note.gb18030", ""},
		{"a name missing", head + ",,1,某所\n张三,,2,某所\n", 1, 1, "", ""},
		{"one row displaced", head + "张三,,1,某所\n李四,,2,某所\n王五,,3,某所\n赵六,,4,某所\n孙七,,5,某所\n" + valid + ",钱八,6,某所\n", 5, 1, "", ""},
		{"an unknown number beside a licence of eighteen digits", head + "张三,不详,141072015100745793,某所\n", 1, 0, "", ""},
		{"all rows displaced", head + strings.Repeat(valid+",钱八,6,某所\n", 6), 0, 6, "", "register.error.all_shifted"},
		{"a quote that is never closed", head + "\"张三,,1,某所\n李四,,2,某所\n王五,,3,某所\n", 2, 1, "register.note.quote", ""},
		{"a line end in a cell", head + "\"张\n三\",,1,某所\n李四,,2,某所\n", 2, 0, "", ""},
		{"no heading", "张三,1,2\n李四,3,4\n", 0, 0, "", "sheet.no_header"},
		{"nothing below the heading", head, 0, 0, "", "sheet.empty"},
		{"nothing at all", "", 0, 0, "", "sheet.empty"},
		{"tabs", strings.ReplaceAll(head+"张三,,1,某所\n", ",", "\t"), 1, 0, "", ""},
	} {
		in, rows, err := readAll(t, c.text)
		key := ""
		if f, ok := fault.Of(err); ok {
			key = f.Key
		} else if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if len(rows) != c.good || in.report.BadRows() != c.bad || key != c.key || c.note != "" && in.Notes[c.note] == 0 {
			t.Errorf("%s: %d good, %d bad, %v, %q", c.name, len(rows), in.report.BadRows(), in.Notes, key)
		}
	}
}

func TestOneNumberForAHundredNamesAndAMillionEqualRows(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		w := open(t, k)
		var b strings.Builder
		b.WriteString("姓名,身份证号,执业证号,律师事务所\n")
		for i := range 100 {
			fmt.Fprintf(&b, "张%c%c,%s,%d,某所\n", rune(0x4E00+i*7), rune(0x5000+i), citizen("410105", "1980-01-01", 11), i)
		}
		res, err := w.tryBring(w.as(t, "bar"), ImportCmd{Kind: Lawyers, Source: "a"}, b.String())
		if err != nil || res.Notes["register.note.crowded"] < 90 || res.Version.Rows != 100 {
			t.Errorf("%+v %v", res, err)
		}
		many := 1_000_000
		if k.DB.Engine == db.Postgres {
			many = 50_000 // what is read does not depend on the database
		}
		equal := &watched{in: strings.NewReader("姓名,执业证号,律师事务所\n" + strings.Repeat("张三,1,某所\n", many))}
		runtime.GC()
		before := liveHeap()
		res, err = w.Import(ctx, w.as(t, "bar"), ImportCmd{Kind: Lawyers, Source: "b"}, "lawyers.csv", equal, equal.in.Size())
		if err != nil || res.Version.Rows != 1 || res.Version.Twice != many-1 {
			t.Errorf("%+v %v", res.Version, err)
		}
		if grown := int64(equal.most) - int64(before); equal.most == 0 || grown > 16<<20 {
			t.Errorf("memory grew by %d MB while the register was read", grown>>20)
		}
		// The same number with other facts is a fault, and nothing is taken in.
		res, err = w.tryBring(w.as(t, "bar"), ImportCmd{Kind: Lawyers, Source: "c"}, "姓名,执业证号,律师事务所\n张三,1,某所\n李四,1,某所\n")
		if err != nil || res.Applied || res.Bad != 1 {
			t.Errorf("%+v %v", res, err)
		}
	})
}

// watched notes the most memory that was in use while something was read.
type watched struct {
	in   *strings.Reader
	most uint64
}

func (w *watched) ReadAt(b []byte, at int64) (int, error) {
	w.most = max(w.most, liveHeap())
	return w.in.ReadAt(b, at)
}

// liveHeap is what the last collection of garbage found in use.
func liveHeap() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

func TestWhoBringsWhat(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		w := open(t, k)
		for who, kinds := range map[string]map[string]bool{"reader": {Staff: true, Relatives: true, Lawyers: true, Cases: true}, "personnel": {Staff: true, Relatives: true}, "bar": {Lawyers: true}, "staff": {}} {
			for _, kind := range Kinds() {
				_, err := w.tryBring(w.as(t, who), ImportCmd{Kind: kind, Source: "x", DryRun: true}, "nothing")
				if fault.Is(err, fault.KindNotFound) == kinds[kind] {
					t.Errorf("%s brings %s: %v", who, kind, err)
				}
			}
		}
	})
}

func FuzzReadRegister(f *testing.F) {
	f.Add("姓名,执业证号,律师事务所\n张三,1,某所\n")
	f.Add("\"姓名\",律师事务所\n\"\"\"x\n")
	f.Add("\xff\xfe姓")
	f.Fuzz(func(t *testing.T, text string) {
		_, rows, err := readAll(t, text)
		if _, ok := fault.Of(err); err != nil && !ok {
			t.Fatalf("no fault: %v", err)
		}
		for _, r := range rows {
			if len(r.Cells()) != len(columnsOf(Lawyers).cols) {
				t.Fatalf("%d cells", len(r.Cells()))
			}
		}
	})
}

func TestRegionsAreFoundByWhatRegistersWrite(t *testing.T) {
	for _, c := range []struct{ province, city, want string }{{"河南省", "郑州市", "410100"}, {"河南省", "红旗区", "410702"}, {"", "新乡市", "410700"}, {"河南", "", "410000"}, {"北京市", "朝阳区", "110105"}, {"辽宁省", "朝阳市", "211300"}, {"", "无此地", ""}, {"", "", ""}} {
		if got := regionOf(c.province, c.city); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.province, c.city, got, c.want)
		}
	}
}
