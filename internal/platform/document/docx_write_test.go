package document

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func official() Official {
	return Official{
		Serial: "000001", Secrecy: "机密★5年", Issuer: "中共某省人民检察院党组文件", Number: "某检党组〔2026〕12号",
		Title: "关于巡视某市人民检察院党组的反馈意见", To: "中共某市人民检察院党组",
		Body: []Block{{Text: "根据部署，开展了常规巡视。"}, {Text: "一、主要问题"}, {Text: "（一）学习不够。有 <3 次 & 2 次。"}, {Text: "1．台账不全。"},
			{Rows: [][]string{{"单位", "问题数"}, {"第一检察部", "3"}, {"第二检察部"}}}},
		Attachments: []string{"问题清单", "责任清单"}, Signature: "中共某省人民检察院党组", Date: "2026年5月20日", Remark: "此件发至县级院党组",
		CopyTo: "省纪委监委", Printer: "某省人民检察院办公室", Printed: "2026年5月20日",
		Annexes: []Annex{{Title: "问题清单", Body: []Block{{Text: "附件内容"}}}, {Title: "责任清单"}},
	}
}

func write(t testing.TB, o Official) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteDocx(&b, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWriteDocxReadsBack(t *testing.T) {
	b := write(t, official())
	if !bytes.Equal(b, write(t, official())) {
		t.Error("the same document gave other bytes")
	}
	x := mustRead(t, "a.docx", b)
	wantParagraphs(t, x, "000001", "机密★5年", "中共某省人民检察院党组文件", "某检党组〔2026〕12号", "关于巡视某市人民检察院党组的反馈意见",
		"中共某市人民检察院党组：", "根据部署，开展了常规巡视。", "一、主要问题", "（一）学习不够。有 <3 次 & 2 次。", "1．台账不全。",
		"单位\t问题数", "第一检察部\t3", "第二检察部", "附件：1．问题清单", "　　　2．责任清单", "中共某省人民检察院党组", "2026年5月20日", "（此件发至县级院党组）",
		"附件1", "问题清单", "附件内容", "附件2", "责任清单", "抄送：省纪委监委。", "某省人民检察院办公室\t2026年5月20日印发")
	if len(x.Warnings) != 0 {
		t.Errorf("warnings %v", x.Warnings)
	}
	if k, err := Check("a.docx", bytes.NewReader(b), int64(len(b))); err != nil || k != KindDocx {
		t.Errorf("%s, %v", k, err)
	}
}

// Each part is well-formed, and the numbers of the standard stand in it.
func TestWriteDocxLayout(t *testing.T) {
	b := write(t, official())
	z, err := OpenZip("a.docx", bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range z.Names() {
		raw, err := z.ReadFile(n, MaxXML)
		if err != nil {
			t.Fatal(err)
		}
		for d := xml.NewDecoder(bytes.NewReader(raw)); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", n, err)
			}
		}
	}
	raw, err := z.ReadFile("word/document.xml", MaxXML)
	if err != nil {
		t.Fatal(err)
	}
	doc := string(raw)
	for _, want := range []string{
		`w:top="2098" w:right="1474" w:bottom="1984" w:left="1587"`, `w:linePitch="579"`, `w:eastAsia="黑体" w:hint="eastAsia"/><w:spacing w:val="-5"/><w:sz w:val="32"/><w:szCs w:val="32"/></w:rPr><w:t xml:space="preserve">一、主要问题`,
		`w:eastAsia="楷体_GB2312" w:hint="eastAsia"/><w:spacing w:val="-5"/><w:sz w:val="32"/><w:szCs w:val="32"/></w:rPr><w:t xml:space="preserve">（一）学习不够。</w:t>`,
		`<w:color w:val="FF0000"/><w:sz w:val="62"/>`, `<w:tblHeader/>`, `<w:pageBreakBefore/>`,
	} {
		if !strings.Contains(doc, want) {
			t.Errorf("lacks %s", want)
		}
	}
}

func TestSplitTitle(t *testing.T) {
	for in, want := range map[string][]string{
		"": nil, "关于整改的通报": {"关于整改的通报"},
		"关于巡视某某市人民检察院党组反馈意见的整改落实情况的报告": {"关于巡视某某市人民检察院党组反馈意见的", "整改落实情况的报告"},
	} {
		if got := splitTitle(in); !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Any text survives; no line of a title is longer than fits, none begins with a mark.
func TestWriteDocxProperty(t *testing.T) {
	word := rapid.StringOf(rapid.RuneFrom([]rune("整改的、和与落实《规定》（2026）<&>\"'\x00\x1f ab")))
	rapid.Check(t, func(rt *rapid.T) {
		title := word.Draw(rt, "title")
		lines := splitTitle(title)
		if strings.Join(lines, "") != title {
			rt.Fatalf("title %q became %q", title, lines)
		}
		for _, l := range lines {
			if len([]rune(l)) > 20 {
				rt.Fatalf("line of %d", len([]rune(l)))
			}
		}
		text := "文" + word.Draw(rt, "text") + "。"
		x, err := read("a.docx", write(t, Official{Body: []Block{{Text: text}}}))
		if err != nil {
			rt.Fatal(err)
		}
		if got := x.Paragraphs; len(got) != 1 || got[0] != xmlSafe(text) {
			rt.Fatalf("got %q, want %q", got, text)
		}
	})
}
