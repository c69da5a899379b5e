package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"huikan/internal/app"
)

const contactHead = "report_id,unit_code,reporter_level,contact_date,contact_name,case_no,channel,text\n"

func TestLinkContactsWritesPairs(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.csv"), filepath.Join(dir, "out.csv")
	err := os.WriteFile(in, []byte("\ufeff"+contactHead+
		"a,510104,承办检察官,2026-03-02,司马青云,20265101041234,电话,来电询问\n"+
		"b,510104,院领导,2026年3月3日,司马某,1234号,电话,来电\n"+
		"c,510104,院领导,2026-03-02,王芳,20265101047777,微信,微信\n"), 0o644)
	if err != nil {
		t.Fatal(err)
	}
	records, pairs, groups, err := app.LinkContacts(in, out)
	if err != nil {
		t.Fatal(err)
	}
	if records != 3 || groups != 1 {
		t.Errorf("%d records, %d pairs, %d groups", records, pairs, groups)
	}
	got, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(got), "left_id,right_id,probability\na,b,0.9") {
		t.Errorf("%s", got)
	}
	var why strings.Builder
	if err := app.ExplainContacts(in, []string{"a", "b"}, &why); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"a b 0.9", "person   part", "case     part", "day      near", "prior"} {
		if !strings.Contains(why.String(), want) {
			t.Errorf("no %q in\n%s", want, why.String())
		}
	}
}

func TestBrokenRegistersNameThePlaceAndLeaveNoFile(t *testing.T) {
	row := "a,510104,承办检察官,2026-03-02,王芳,1234号,电话,来电\n"
	for name, c := range map[string]struct{ text, want string }{
		"empty":          {"", "第一行"},
		"column missing": {"report_id,unit_code\na,1\n", "reporter_level"},
		"short row":      {contactHead + row + "b,1\n", "第 3 行"},
		"same id":        {contactHead + row + "\n" + row, "第 4 行"},
		"no id":          {contactHead + strings.TrimPrefix(row, "a"), "report_id"},
		"no date":        {contactHead + strings.Replace(row, "2026-03-02", "上周", 1), "上周"},
		"impossible":     {contactHead + strings.Replace(row, "2026-03-02", "2026-02-30", 1), "2026-02-30"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			in, out := filepath.Join(dir, "in.csv"), filepath.Join(dir, "out.csv")
			if err := os.WriteFile(in, []byte(c.text), 0o644); err != nil {
				t.Fatal(err)
			}
			_, _, _, err := app.LinkContacts(in, out)
			if err == nil {
				t.Fatal("accepted")
			}
			if text := app.Explain(err, "zh"); !strings.Contains(text, c.want) || !strings.Contains(text, in) {
				t.Errorf("%s", text)
			}
			if _, err := os.Stat(out); err == nil {
				t.Error("a file was written")
			}
		})
	}
	if _, _, _, err := app.LinkContacts(filepath.Join(t.TempDir(), "none.csv"), "x"); err == nil || app.ExitCode(err) != 2 {
		t.Errorf("missing file: %v", err)
	}
}

func TestGroupFindingsWritesClusters(t *testing.T) {
	dir := t.TempDir()
	in, out, words := filepath.Join(dir, "in.csv"), filepath.Join(dir, "out.csv"), filepath.Join(dir, "words.txt")
	text := "finding_id,unit_code,found_on,text\n" +
		"a,510104,2026-03-02,成都市锦江区人民检察院公车使用登记不完整，3次出车无派车单\n" +
		"b,510105,2026-03-03,青羊区检察院公车使用登记不完整，12次出车无派车单\n" +
		"c,510105,2026-03-03,食堂采购未比价\n"
	if err := os.WriteFile(in, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	g, err := app.GroupFindings(in, out, "")
	if err != nil {
		t.Fatal(err)
	}
	if g.Findings != 3 || g.Clusters != 1 || g.Alone != 1 || g.Labels[0].Units != 2 {
		t.Errorf("%+v", g)
	}
	if got, err := os.ReadFile(out); err != nil || string(got) != "finding_id,cluster_id\na,G0001\nb,G0001\nc,\n" {
		t.Errorf("%s %v", got, err)
	}
	if err := os.WriteFile(words, []byte("消防"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := app.GroupFindings(in, out, words); err == nil || !strings.Contains(app.Explain(err, "en"), words) {
		t.Errorf("%v", err)
	}
}
