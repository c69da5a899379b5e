package document

import (
	"bytes"
	"strings"
	"testing"

	"huikan/internal/kernel/fault"
)

func TestArticle(t *testing.T) {
	b := docx(t, para("关于整改情况的通报")+para("根据统一部署，现将情况通报如下，请认真落实。")+
		`<w:tbl><w:tr><w:tc>`+para("甲单位整改事项已经完成。")+`</w:tc><w:tc>`+para("乙单位整改事项正在推进。")+`</w:tc></w:tr></w:tbl>`)
	a, err := Article("a.docx", bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	all := a.Title + strings.Join(a.Body, "\n")
	for _, want := range []string{"关于整改情况的通报", "甲单位整改事项已经完成", "乙单位整改事项正在推进"} {
		if n := strings.Count(all, want); n != 1 {
			t.Errorf("%q stands %d times in %q", want, n, all)
		}
	}
	bin := []byte("text\x01\x02\x03")
	_, err = Article("a.txt", bytes.NewReader(bin), int64(len(bin)))
	wantFault(t, err, fault.KindInvalid, "document.no_text_kind")
	_, err = Article("a.pdf", bytes.NewReader(pdfBytes("")), int64(len(pdfBytes(""))))
	wantFault(t, err, fault.KindInvalid, "document.pdf_scan")
}
