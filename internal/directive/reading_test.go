package directive_test

import (
	"strings"
	"testing"

	"huikan/hantext"
	"huikan/internal/directive"
)

func TestDoubtsPointAtWeakerWordings(t *testing.T) {
	for _, c := range []struct{ source, local, kind string }{
		{"必须逐项核对未销号事项", "逐项核对未销号事项，报送清单", ""},
		{"必须逐项核对未销号事项", "原则上核对未销号事项", "weakened"},
		{"对所有反弹问题倒查责任", "对部分反弹问题倒查责任", "partial"},
		{"不得以会议落实会议", "可以召开会议落实", "unforbidden"},
		{"整改完成率达到95%以上", "完成率达到80%", "smaller"},
		{"要在3个月内完成", "1个月内完成第一批，3个月内全部完成", ""},
		{"鼓励各地探索", "鼓励探索", ""},
	} {
		got := ""
		for _, d := range directive.Doubts(c.source, c.local) {
			got += d.Kind
		}
		if got != c.kind {
			t.Errorf("%s → %s: %q, want %q", c.source, c.local, got, c.kind)
		}
	}
}

// A text copied out of a PDF has a line for each line of the page; put together
// it asks for the same as the whole one, and a text with paragraphs stays as it is.
func TestLinesOfAPageArePutTogether(t *testing.T) {
	whole := article(t, report)
	if same, cut := directive.Unwrap(whole); cut || strings.Join(same.Body, "\n") != strings.Join(whole.Body, "\n") {
		t.Error("a text with paragraphs was changed")
	}
	broken := whole
	broken.Body = nil
	for i, p := range whole.Body {
		runes := []rune(p)
		for len(runes) > 0 {
			n := min(22, len(runes))
			broken.Body = append(broken.Body, string(runes[:n]))
			runes = runes[n:]
		}
		if i == 2 {
			broken.Body = append(broken.Body, "— 3 —")
		}
	}
	joined, cut := directive.Unwrap(broken)
	if !cut || texts(directive.Extract(joined)) != texts(directive.Extract(whole)) {
		t.Errorf("cut %v:\n%s\nwant\n%s", cut, texts(directive.Extract(joined)), texts(directive.Extract(whole)))
	}
	for _, text := range []string{"", "标题\n一、第一项工作没有句号\n二、第二项工作也没有句号\n三、第三项工作也没有句号\n四、第四项工作\n"} {
		a := hantext.Article{Body: strings.Split(text, "\n")}
		if _, cut := directive.Unwrap(a); cut {
			t.Errorf("a list was put together: %q", text)
		}
	}
}
