package document

// The parts of a Word file that do not change with its text. Page: A4 with the
// margins of GB/T 9704-2012 (天头 37 mm, 订口 28 mm, 版心 156 × 225 mm), 22 lines
// on a grid of lines only: a grid of characters makes some programs set 18 a line.
const (
	xmlHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>`
	wordNS  = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	relNS   = `http://schemas.openxmlformats.org/package/2006/relationships`
	relType = `http://schemas.openxmlformats.org/officeDocument/2006/relationships/`
	wordCT  = `application/vnd.openxmlformats-officedocument.wordprocessingml.`

	contentTypes = xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/word/document.xml" ContentType="` + wordCT + `document.main+xml"/><Override PartName="/word/styles.xml" ContentType="` + wordCT + `styles+xml"/><Override PartName="/word/settings.xml" ContentType="` + wordCT + `settings+xml"/>` +
		`<Override PartName="/word/footer1.xml" ContentType="` + wordCT + `footer+xml"/><Override PartName="/word/footer2.xml" ContentType="` + wordCT + `footer+xml"/></Types>`

	documentRels = xmlHead + `<Relationships xmlns="` + relNS + `"><Relationship Id="rId1" Type="` + relType + `footer" Target="footer1.xml"/><Relationship Id="rId2" Type="` + relType + `footer" Target="footer2.xml"/>` +
		`<Relationship Id="rId3" Type="` + relType + `styles" Target="styles.xml"/><Relationship Id="rId4" Type="` + relType + `settings" Target="settings.xml"/></Relationships>`

	section = `<w:sectPr><w:footerReference w:type="default" r:id="rId1"/><w:footerReference w:type="even" r:id="rId2"/><w:pgSz w:w="11906" w:h="16838"/>` +
		`<w:pgMar w:top="2098" w:right="1474" w:bottom="1984" w:left="1587" w:header="851" w:footer="1417" w:gutter="0"/><w:docGrid w:type="lines" w:linePitch="579"/></w:sectPr>`

	stylesXML = xmlHead + `<w:styles ` + wordNS + `><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="` + fontBody + `" w:cs="Times New Roman"/>` +
		`<w:kern w:val="2"/><w:sz w:val="32"/><w:szCs w:val="32"/><w:lang w:val="zh-CN" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault></w:docDefaults>` +
		`<w:style w:type="paragraph" w:default="1" w:styleId="a"><w:name w:val="Normal"/><w:qFormat/><w:pPr><w:widowControl w:val="0"/><w:jc w:val="both"/></w:pPr></w:style></w:styles>`

	settingsXML = xmlHead + `<w:settings ` + wordNS + `><w:evenAndOddHeaders/><w:drawingGridVerticalSpacing w:val="579"/><w:characterSpacingControl w:val="compressPunctuation"/>` +
		`<w:compat><w:spaceForUL/><w:balanceSingleByteDoubleByteWidth/><w:doNotLeaveBackslashAlone/><w:ulTrailSpace/><w:doNotExpandShiftReturn/><w:adjustLineHeightInTable/><w:useFELayout/>` +
		`<w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat></w:settings>`
)

// footer is the page number — 1 —, 4号宋体, one character in from the outer edge.
func footer(side string) string {
	indent := `<w:ind w:rightChars="100" w:right="280"/>`
	if side == "left" {
		indent = `<w:ind w:leftChars="100" w:left="280"/>`
	}
	run := func(in string) string {
		return `<w:r><w:rPr><w:rFonts w:ascii="` + fontSong + `" w:hAnsi="` + fontSong + `" w:eastAsia="` + fontSong + `"/><w:sz w:val="28"/></w:rPr>` + in + `</w:r>`
	}
	return xmlHead + `<w:ftr ` + wordNS + `><w:p><w:pPr>` + indent + `<w:jc w:val="` + side + `"/></w:pPr>` +
		run(`<w:t xml:space="preserve">— </w:t>`) + run(`<w:fldChar w:fldCharType="begin"/>`) + run(`<w:instrText xml:space="preserve"> PAGE </w:instrText>`) +
		run(`<w:fldChar w:fldCharType="separate"/>`) + run(`<w:t>1</w:t>`) + run(`<w:fldChar w:fldCharType="end"/>`) + run(`<w:t xml:space="preserve"> —</w:t>`) + `</w:p></w:ftr>`
}
