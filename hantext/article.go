package hantext

import "strings"

// Article is a repaired web copy. Every piece of the input is in exactly one place: title, body, the statements about
// the article, or removed (pieces of text as they were after simplification, noise by count).
type Article struct {
	Title     string    `json:"title"`
	Source    string    `json:"source"` // 来源, as printed
	Editor    string    `json:"editor"` // 责任编辑
	Author    string    `json:"author,omitempty"`
	Published string    `json:"published"` // YYYY-MM-DD, empty when the copy does not say
	Body      []string  `json:"body"`
	Removed   []Removed `json:"removed"`
	Warnings  []Warning `json:"warnings"`
	Encoding  Encoding  `json:"encoding"`
}

// Removed is a piece of the copy that is not the article's.
type Removed struct {
	Kind  string `json:"kind"`
	Text  string `json:"text"`
	Count int    `json:"count"`
	Line  int    `json:"line,omitempty"` // line of the input, for HTML of the text that came out
}

// Warning is a place that a person must look at; nothing was guessed there.
type Warning struct {
	Kind      string `json:"kind"`
	Paragraph int    `json:"paragraph"` // 1-based index into Body, 0 for the document as a whole
	Text      string `json:"text"`
}

// Kinds of removed pieces.
const (
	KindPinyin      = "pinyin"      // readings in parentheses
	KindHead        = "head"        // the line with source, editor, date (its content is in the fields)
	KindToolbar     = "toolbar"     // 字号, 打印, 分享, counters
	KindBanner      = "banner"      // 欢迎访问 …, today's date
	KindNavigation  = "navigation"  // menus, breadcrumbs
	KindNeighbours  = "neighbours"  // 上一篇, 相关链接 and their lists
	KindNotice      = "notice"      // copyright, registration number, disclaimer
	KindSpam        = "spam"        // injected advertising
	KindHidden      = "hidden"      // text an HTML page does not show
	KindPageTitle   = "page-title"  // <title> of the page, where the article's title differs
	KindPunctuation = "punctuation" // doubled marks
	KindInvisible   = "invisible"   // zero-width and control characters
)

// Kinds of warnings.
const (
	WarnEmpty       = "empty"       // no article found
	WarnTitle       = "no-title"    // no line can be the title
	WarnEncoding    = "encoding"    // bytes that could not be decoded, or a wrong reading that was undone
	WarnUnreadable  = "unreadable"  // U+FFFD in the text
	WarnDamaged     = "damaged"     // remains of broken bytes
	WarnReading     = "reading"     // remains of pinyin
	WarnNumber      = "number"      // a figure, unit or separator seems lost
	WarnMasked      = "masked"      // letters or stars in place of characters
	WarnPunctuation = "punctuation" // marks that do not go together
	WarnUnbalanced  = "unbalanced"  // a bracket or quotation mark without its partner
)

// Text is the repaired article as plain text: the title, then the paragraphs, one a line.
func (a Article) Text() string {
	if a.Title == "" {
		return strings.Join(a.Body, "\n")
	}
	return strings.Join(append([]string{a.Title}, a.Body...), "\n")
}
