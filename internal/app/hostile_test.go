package app_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"huikan/internal/platform/db"
)

// notices are the parts of a page that tell what went wrong.
var notices = regexp.MustCompile(`(?s)<div class="(?:notice|errs)[^"]*".*?</div>|<td data-l="(?:问题与改法|内容)".*?</td>|<h1>.*?</main>`)

// bomb is a zip whose named parts unfold to 300 MB of nothing each.
func bomb(t *testing.T, names ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	zeros := make([]byte, 1<<20)
	for _, n := range names {
		w, err := z.Create(n)
		if err != nil {
			t.Fatal(err)
		}
		for range 300 {
			if _, err := w.Write(zeros); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// endless gives n bytes of a text without holding them.
type endless struct {
	n    int64
	text string
}

func (e *endless) Read(p []byte) (int, error) {
	if e.n <= 0 {
		return 0, io.EOF
	}
	n := 0
	for n < len(p) && e.n > 0 {
		k := copy(p[n:], e.text)
		n, e.n = n+k, e.n-int64(k)
	}
	return n, nil
}

// upload sends one file as a browser does, with the fields that path has behind its question mark.
func (w *world) upload(t *testing.T, login, path, name string, content io.Reader) (int, string) {
	t.Helper()
	read, write := io.Pipe()
	form := multipart.NewWriter(write)
	path, query, _ := strings.Cut(path, "?")
	fields, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		var err error
		for k := range fields {
			err = errors.Join(err, form.WriteField(k, fields.Get(k)))
		}
		part, e := form.CreateFormFile("file", name)
		if err = errors.Join(err, e); err == nil {
			_, err = io.Copy(part, content)
		}
		if err == nil {
			err = form.Close()
		}
		write.CloseWithError(err)
	}()
	r := httptest.NewRequest(http.MethodPost, path, read)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.AddCookie(w.cookies[login])
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	if err := read.Close(); err != nil {
		t.Error(err)
	}
	return rec.Code, rec.Body.String()
}

// rows counts what every table holds but the log and the sessions.
func (w *world) rows(t *testing.T) map[string]int {
	t.Helper()
	list := "SELECT name FROM sqlite_master WHERE type = 'table'"
	if w.DB.Engine == db.Postgres {
		list = "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"
	}
	out := map[string]int{}
	err := w.DB.Read(ctx, func(q db.Q) error {
		rs, err := q.Query(ctx, list)
		if err != nil {
			return err
		}
		defer rs.Close()
		for rs.Next() {
			var name string
			if err := rs.Scan(&name); err != nil {
				return err
			}
			if !strings.HasPrefix(name, "audit_") && !strings.HasPrefix(name, "account_") && !strings.HasPrefix(name, "sqlite_") {
				out[name] = 0
			}
		}
		if err := rs.Err(); err != nil {
			return err
		}
		for name := range out {
			n := 0
			if err := q.QueryRow(ctx, "SELECT COUNT(*) FROM "+name).Scan(&n); err != nil {
				return err
			}
			out[name] = n
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Wrong and hostile files at every door that takes one: each is refused in a
// sentence that says what to do, and nothing of it stays.
func (w *world) hostile(t *testing.T) {
	docx, xlsx := bomb(t, "[Content_Types].xml", "word/document.xml"), bomb(t, "[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml")
	broken, err := simplifiedchinese.GB18030.NewEncoder().String("工号,姓名,单位\nP1,张三,河南省人民检察院\nP2,李四,河南省")
	if err != nil {
		t.Fatal(err)
	}
	broken += "\xff\xfe\xff" // no character of GB18030
	news := "某省举行植树活动\n\n2026-03-12 来源：演示稿\n\n三月十二日，干部职工来到郊外植树。天气晴朗，大家干劲很足。\n"
	before := w.rows(t)
	reports, tables := []string{"/directives/import", "/circulars/import"}, []string{"/people/import", "/units/import", "/findings/import", "/screening/import?kind=lawyers&source=演示"}
	person := map[string]string{"/directives/import": "supervisor", "/circulars/import": "office", "/people/import": "personnel", "/units/import": "personnel", "/findings/import": "inspector2", "/screening/import?kind=lawyers&source=演示": "bar"}
	for _, c := range []struct {
		what, name string
		doors      []string
		content    func() io.Reader
		says       []string // one of them
	}{
		{"text that calls itself a document", "报告.docx", reports, func() io.Reader { return strings.NewReader("这不是文档") }, []string{"不是", "内容却是", "没有找到问题"}},
		{"text that calls itself a workbook", "名单.xlsx", tables, func() io.Reader { return strings.NewReader("这不是表格") }, []string{"不是", "找不到表头"}},
		{"a document that unfolds without end", "报告.docx", reports, func() io.Reader { return bytes.NewReader(docx) }, []string{"过大", "太大", "超过", "压缩", "展开"}},
		{"a workbook that unfolds without end", "名单.xlsx", tables, func() io.Reader { return bytes.NewReader(xlsx) }, []string{"过大", "太大", "超过", "压缩", "展开"}},
		{"200 MB of text", "全文.txt", slices.Concat(reports, tables), func() io.Reader { return &endless{200 << 20, "会议要求，要逐项核对未销号事项。\n"} }, []string{"过大", "太大", "超过"}},
		{"a table with broken bytes", "名单.csv", tables, func() io.Reader { return strings.NewReader(broken) }, []string{"河南省�", "表头", "字节"}},
		{"a circular without findings", "新闻.txt", []string{"/circulars/import"}, func() io.Reader { return strings.NewReader(news) }, []string{"没有"}},
		{"an empty file", "空.csv", slices.Concat(reports, tables), func() io.Reader { return strings.NewReader("") }, []string{"空", "没有", "请选择"}},
		{"a program", "报告.exe", slices.Concat(reports, tables), func() io.Reader { return strings.NewReader("MZ\x90\x00\x03\x00\x00\x00\x04") }, []string{"不支持", "不能", "不是", "格式", "请", "没有"}},
	} {
		for _, door := range c.doors {
			code, body := w.upload(t, person[door], door, c.name, c.content())
			if dry := code == http.StatusOK && strings.Contains(body, "没有导入任何内容"); !dry && code != http.StatusUnprocessableEntity && code != http.StatusRequestEntityTooLarge && code != http.StatusUnsupportedMediaType {
				t.Errorf("%s at %s: %d", c.what, door, code)
			}
			text := strings.Join(notices.FindAllString(body, -1), "\n")
			if !slices.ContainsFunc(c.says, func(s string) bool { return strings.Contains(text, s) }) {
				t.Errorf("%s at %s does not say what is wrong: %.900s", c.what, door, text)
			}
		}
	}
	for name, n := range w.rows(t) {
		if n != before[name] {
			t.Errorf("%s had %d rows before the refused files and has %d", name, before[name], n)
		}
	}
}
