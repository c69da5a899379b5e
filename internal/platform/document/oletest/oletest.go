// Package oletest writes small OLE compound files for tests of the readers of
// old office formats ([MS-CFB]). The program itself never writes them.
package oletest

import (
	"encoding/binary"
	"unicode/utf16"
)

const (
	sector   = 512
	endChain = 0xFFFFFFFE
	free     = 0xFFFFFFFF
	fatMark  = 0xFFFFFFFD
)

// Stream is one stream of a compound file.
type Stream struct {
	Name string
	Data []byte
}

// File lays the streams out one behind the other. Every stream is padded to
// 4096 bytes, below which it would have to live in the mini stream.
func File(streams ...Stream) []byte {
	le := binary.LittleEndian
	var body []byte
	var fat []uint32
	chain := func(data []byte) (start uint32) {
		start = uint32(len(fat))
		n := (len(data) + sector - 1) / sector
		for i := range n {
			next := uint32(len(fat) + 1)
			if i == n-1 {
				next = endChain
			}
			fat = append(fat, next)
		}
		body = append(body, data...)
		body = append(body, make([]byte, n*sector-len(data))...)
		return start
	}
	type entry struct {
		name        string
		kind        byte
		start, size uint32
	}
	entries := []entry{{"Root Entry", 5, endChain, 0}}
	for _, s := range streams {
		data := s.Data
		if len(data) < 4096 {
			data = append(append([]byte{}, data...), make([]byte, 4096-len(data))...)
		}
		entries = append(entries, entry{s.Name, 2, chain(data), uint32(len(data))})
	}
	var dir []byte
	for i, e := range entries {
		b := make([]byte, 128)
		name := utf16.Encode([]rune(e.name))
		for j, c := range name {
			le.PutUint16(b[2*j:], c)
		}
		le.PutUint16(b[64:], uint16(2*len(name)+2))
		b[66], b[67] = e.kind, 1
		for _, o := range []int{68, 72, 76} {
			le.PutUint32(b[o:], free)
		}
		if i == 0 && len(entries) > 1 {
			le.PutUint32(b[76:], 1)
		}
		if i > 0 && i+1 < len(entries) {
			le.PutUint32(b[72:], uint32(i+1))
		}
		le.PutUint32(b[116:], e.start)
		le.PutUint32(b[120:], e.size)
		dir = append(dir, b...)
	}
	dirStart := chain(dir)
	fatSectors := 1
	for (len(fat)+fatSectors)*4 > fatSectors*sector {
		fatSectors++
	}
	fatStart := len(fat)
	for range fatSectors {
		fat = append(fat, fatMark)
	}
	for len(fat)%(sector/4) != 0 {
		fat = append(fat, free)
	}
	head := make([]byte, sector)
	copy(head, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	le.PutUint16(head[24:], 0x3E)
	le.PutUint16(head[26:], 3)
	le.PutUint16(head[28:], 0xFFFE)
	le.PutUint16(head[30:], 9)
	le.PutUint16(head[32:], 6)
	le.PutUint32(head[44:], uint32(fatSectors))
	le.PutUint32(head[48:], dirStart)
	le.PutUint32(head[56:], 4096)
	le.PutUint32(head[60:], endChain)
	le.PutUint32(head[68:], endChain)
	for i := range 109 {
		v := uint32(free)
		if i < fatSectors {
			v = uint32(fatStart + i)
		}
		le.PutUint32(head[76+4*i:], v)
	}
	out := append(head, body...)
	for _, v := range fat {
		out = le.AppendUint32(out, v)
	}
	return out
}
