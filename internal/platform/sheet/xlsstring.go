package sheet

import (
	"strings"
	"unicode/utf16"
)

// chunks reads over the seams between a record and its CONTINUE records. After
// the first failure everything reads as zero and err tells of it.
type chunks struct {
	parts [][]byte
	i, p  int
	err   error
}

func (c *chunks) byte() byte {
	for c.i < len(c.parts) && c.p >= len(c.parts[c.i]) {
		c.i, c.p = c.i+1, 0
	}
	if c.i >= len(c.parts) {
		c.err = errShort
		return 0
	}
	b := c.parts[c.i][c.p]
	c.p++
	return b
}

func (c *chunks) u16() int { a := int(c.byte()); return a | int(c.byte())<<8 }
func (c *chunks) u32() int { a := c.u16(); return a | c.u16()<<16 }

func (c *chunks) skip(n int) {
	for n > 0 && c.err == nil {
		if c.i >= len(c.parts) {
			c.err = errShort
			return
		}
		k := min(n, len(c.parts[c.i])-c.p)
		if c.p += k; k == 0 {
			c.i, c.p = c.i+1, 0
		}
		n -= k
	}
}

// str reads a Unicode string with its rich text runs ([MS-XLS] 2.5.293).
func (c *chunks) str() string {
	n, flags := c.u16(), c.byte()
	runs, extra := 0, 0
	if flags&8 != 0 {
		runs = c.u16()
	}
	if flags&4 != 0 {
		extra = c.u32()
	}
	s := c.chars(n, flags&1 != 0)
	c.skip(4*runs + extra)
	return s
}

// chars reads n characters; where a string crosses a seam, the next record
// begins with a new width byte.
func (c *chunks) chars(n int, wide bool) string {
	u := make([]uint16, 0, min(n, 4096))
	for range n {
		if c.i < len(c.parts) && c.p >= len(c.parts[c.i]) && len(u) > 0 {
			c.i, c.p = c.i+1, 0
			wide = c.byte()&1 != 0
		}
		v := uint16(c.byte())
		if wide {
			v |= uint16(c.byte()) << 8
		}
		if c.err != nil {
			break
		}
		u = append(u, v)
	}
	return strings.ReplaceAll(string(utf16.Decode(u)), "\x00", "")
}
