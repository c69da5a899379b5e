package hantext

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"pgregory.net/rapid"
)

const plainText = "关于整改情况的通报\n2024年3月1日，市委巡察组进驻。\n问题共12个，已完成9个。\n"

func encode(t testing.TB, e encoding.Encoding, s string) []byte {
	t.Helper()
	b, err := e.NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatalf("encoding the fixture: %v", err)
	}
	return b
}

func utf16Bytes(s string, big bool) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		if big {
			b = append(b, byte(u>>8), byte(u))
		} else {
			b = append(b, byte(u), byte(u>>8))
		}
	}
	return b
}

// asLatin reads bytes as Windows-1252, undefined ones as C1 controls: the usual first step of mojibake.
func asLatin(b []byte) string {
	var out strings.Builder
	for _, c := range b {
		r := charmap.Windows1252.DecodeByte(c)
		if r == utf8.RuneError {
			r = rune(c)
		}
		out.WriteRune(r)
	}
	return out.String()
}

func TestDecodeEncodings(t *testing.T) {
	gb := encode(t, simplifiedchinese.GB18030, plainText)
	lines := strings.SplitAfter(plainText, "\n")
	mixed := append([]byte(lines[0]), encode(t, simplifiedchinese.GB18030, lines[1]+lines[2])...)
	traditional := "關於整改情況的通報\n市委巡察組進駐檢察機關，發現問題十二個，已經完成九個。\n"
	for _, c := range []struct {
		name string
		raw  []byte
		want string
		enc  string
	}{
		{"utf-8", []byte(plainText), plainText, "utf-8"},
		{"utf-8 with mark", []byte("\xEF\xBB\xBF" + plainText), plainText, "utf-8"},
		{"utf-16le with mark", append([]byte{0xFF, 0xFE}, utf16Bytes(plainText, false)...), plainText, "utf-16le"},
		{"utf-16be with mark", append([]byte{0xFE, 0xFF}, utf16Bytes(plainText, true)...), plainText, "utf-16be"},
		{"utf-16le bare", utf16Bytes(plainText, false), plainText, "utf-16le"},
		{"utf-16be bare", utf16Bytes(plainText, true), plainText, "utf-16be"},
		{"utf-16 astral", append([]byte{0xFF, 0xFE}, utf16Bytes("𠮷野", false)...), "𠮷野", "utf-16le"},
		{"gb18030", gb, plainText, "gb18030"},
		{"gb18030 traditional", encode(t, simplifiedchinese.GB18030, traditional), traditional, "gb18030"},
		{"gb18030 four bytes", encode(t, simplifiedchinese.GB18030, "检察官㐀𠀀同志到会"), "检察官㐀𠀀同志到会", "gb18030"},
		{"gb18030 short name", []byte{0xC0, 0xEE, 0xE6, 0xC3}, "李婷", "gb18030"},
		{"gb18030-2022 codes", append(encode(t, simplifiedchinese.GB18030, "人名"), 0xFE, 0x59, 0xA6, 0xD9, 0xA8, 0xBC, 0xFE, 0x51), "人名\u9FB4\uFE10ḿ\U00020087", "gb18030"},
		{"gb18030 private", append(encode(t, simplifiedchinese.GB18030, "人名用字"), 0xAA, 0xA1), "人名用字\uE000", "gb18030"},
		{"mixed by line", mixed, plainText, "mixed"},
		{"big5", encode(t, traditionalchinese.Big5, traditional), traditional, "big5"},
		{"big5 declared", append([]byte(`<meta charset="big5">`), encode(t, traditionalchinese.Big5, traditional)...), `<meta charset="big5">` + traditional, "big5"},
		{"declared gb2312, is utf-8", []byte(`<meta charset=gb2312>` + plainText), `<meta charset=gb2312>` + plainText, "utf-8"},
		{"declared utf-8, is gb", append([]byte(`<meta charset="utf-8">`), gb...), `<meta charset="utf-8">` + plainText, "gb18030"},
		{"ascii", []byte("plain words\n"), "plain words\n", "utf-8"},
		{"empty", nil, "", "utf-8"},
		{"french", []byte("Élève déjà naïve, café"), "Élève déjà naïve, café", "utf-8"},
		{"pinyin", []byte("訪問(wèn)對(duì)關(guān)係"), "訪問(wèn)對(duì)關(guān)係", "utf-8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, info, err := Decode(c.raw)
			if err != nil || got != c.want || info.Name != c.enc || info.Undecodable != 0 || info.FirstBroken != -1 || len(info.Repaired) > 0 {
				t.Errorf("got %q, %+v, %v; want %q as %s", got, info, err, c.want, c.enc)
			}
		})
	}
}

func TestDecodeMojibake(t *testing.T) {
	gb := encode(t, simplifiedchinese.GB18030, plainText)
	asGB, _ := decodeGB([]byte(plainText))
	twice := asLatin([]byte(asLatin([]byte(plainText))))
	for _, c := range []struct {
		name, text, want, layer string
		lost                    int
	}{
		{"utf-8 as latin", asLatin([]byte(plainText)), plainText, "utf-8 as windows-1252", 0},
		{"utf-8 as latin twice", twice, plainText, "utf-8 as windows-1252", 0},
		{"gb as latin", asLatin(gb), plainText, "gb18030 as windows-1252", 0},
		{"utf-8 as gb, even lines", mustGB("检察机关领导巡察整改情况通报会议要求抓好落实"), "检察机关领导巡察整改情况通报会议要求抓好落实", "utf-8 as gb18030", 0},
		{"utf-8 as gb, bytes lost", asGB, "", "utf-8 as gb18030", 8},
		{"blank lines between", asLatin([]byte("检察机关\n\u00A0\n巡察整改\n")), "检察机关\n\u00A0\n巡察整改\n", "utf-8 as windows-1252", 0},
		{"one line only", "检察机关\n" + asLatin([]byte("巡察整改\n")) + "完成\n", "检察机关\n巡察整改\n完成\n", "utf-8 as windows-1252", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, info, err := Decode([]byte(c.text))
			if err != nil || len(info.Repaired) != 1 || info.Repaired[0] != c.layer {
				t.Fatalf("%q: %+v, %v", got, info, err)
			}
			if c.want != "" && got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if info.Undecodable > c.lost || (info.Undecodable > 0) != (info.FirstBroken >= 0) {
				t.Errorf("%d places lost (at most %d wanted), first %d: %q", info.Undecodable, c.lost, info.FirstBroken, got)
			}
			if strings.Count(got, "\n") != strings.Count(c.text, "\n") {
				t.Errorf("line ends changed: %q", got)
			}
		})
	}
}

func mustGB(s string) string {
	out, _ := decodeGB([]byte(s))
	return out
}

func TestDecodeBrokenPlaces(t *testing.T) {
	gb := encode(t, simplifiedchinese.GB18030, "检察机关\n巡察整改情况\n全部完成\n")
	shifted := append(gb[:12:12], append([]byte{0xFF}, gb[12:]...)...)
	gb = append(gb[:11:11], append([]byte{0xFF}, gb[11:]...)...)
	for _, c := range []struct {
		name  string
		raw   []byte
		enc   string
		count int
		first int
	}{
		{"gb18030", gb, "gb18030", 1, 11},
		{"gb18030 inside a character", shifted, "gb18030", 1, 11},
		{"utf-8 truncated", []byte("检察机关整改情况通报")[:29], "utf-8", 1, 27},
		{"utf-8 stray byte", []byte("检察机关\xFF整改情况"), "utf-8", 1, 12},
		{"utf-8 with a broken byte and a blank line", []byte("检察机关整改情况通报\n\u00A0\n要求抓\xFF好落实"), "utf-8", 1, 43},
		{"replacement kept", []byte("\xEF\xBB\xBF检察\uFFFD关"), "utf-8", 1, 9},
		{"utf-16 lone surrogate", append([]byte{0xFF, 0xFE}, utf16Bytes("检察", false)[0], utf16Bytes("检察", false)[1], 0x00, 0xD8), "utf-16le", 1, 4},
		{"utf-16 odd byte", append([]byte{0xFF, 0xFE}, append(utf16Bytes("检察", false), 'x')...), "utf-16le", 1, 6},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, info, err := Decode(c.raw)
			if err != nil || info.Name != c.enc || info.Undecodable != c.count || info.FirstBroken != c.first {
				t.Errorf("%q %+v %v; want %s, %d broken, first %d", got, info, err, c.enc, c.count, c.first)
			}
		})
	}
}

func TestDecodeRefusals(t *testing.T) {
	for _, c := range []struct {
		name   string
		raw    []byte
		cause  error
		what   string
		offset int
	}{
		{"zip", []byte("PK\x03\x04rest"), ErrBinary, "zip", 0},
		{"pdf", []byte("%PDF-1.7"), ErrBinary, "PDF", 0},
		{"nul", []byte("检察机关检察机关\x00整改"), ErrBinary, "NUL", 24},
		{"controls", []byte("ab\x01\x02\x03\x04cd"), ErrBinary, "4 control", 2},
		{"utf-16 with nul", append([]byte{0xFF, 0xFE}, utf16Bytes("检\x00察", false)...), ErrBinary, "NUL", 4},
		{"large", make([]byte, MaxInput+1), ErrTooLarge, "limit 16777216", MaxInput},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := Decode(c.raw)
			var in *InputError
			if !errors.Is(err, c.cause) || !errors.As(err, &in) || in.Offset != c.offset || !strings.Contains(err.Error(), c.what) {
				t.Errorf("%v (%+v)", err, in)
			}
		})
	}
}

// Any ordinary Chinese text survives every encoding we read.
func TestDecodeRoundTrip(t *testing.T) {
	words := []string{"检察机关", "巡察整改", "情况", "2024年3月", "，", "。", "已完成", "问题12个", "领导小组", "“回头看”", "\n", "责任部门", "abc"}
	rapid.Check(t, func(rt *rapid.T) {
		s := strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 3, 40).Draw(rt, "words"), "")
		s = "检察机关全面整改。" + s
		for name, raw := range map[string][]byte{
			"utf-8": []byte(s), "gb18030": encode(t, simplifiedchinese.GB18030, s),
			"utf-16": append([]byte{0xFE, 0xFF}, utf16Bytes(s, true)...), "latin": []byte(asLatin([]byte(s))), "gb as latin": []byte(asLatin(encode(t, simplifiedchinese.GB18030, s))),
		} {
			got, info, err := Decode(raw)
			if err != nil || got != s {
				rt.Fatalf("%s: %q → %q %+v %v", name, s, got, info, err)
			}
		}
	})
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{plainText, "", "\xFF\xFEa", "\xEF\xBB\xBF中", "PK\x03\x04", "ä¸­å›½", "涓浗", "\x81\x30\x81\x30\xFE\x59", "<meta charset=big5>\xA4\xA4"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		text, info, err := Decode(raw)
		if err != nil {
			var in *InputError
			if !errors.As(err, &in) || in.Offset < 0 || in.Offset > len(raw) {
				t.Fatalf("error without a place: %v", err)
			}
			return
		}
		if !utf8.ValidString(text) || len(text) > 4*len(raw)+8 {
			t.Fatalf("%d bytes became %d, valid %v", len(raw), len(text), utf8.ValidString(text))
		}
		if info.Undecodable != strings.Count(text, "\uFFFD") || (info.Undecodable > 0) != (info.FirstBroken >= 0) || info.FirstBroken > len(raw) {
			t.Fatalf("%+v for %q", info, text)
		}
	})
}
