package linkage

import (
	"math/bits"
	"unicode/utf8"
)

// idno is a resident identity number (GB 11643): 18 digits of four bits, X is ten; known has a bit for each digit that can
// be relied on, the first digit in the lowest bit.
type idno struct {
	head  uint64 // digits 1 to 16
	tail  uint8  // digits 17 and 18
	flags uint8
	known uint32
}

// What was noticed about a number.
const (
	idValid   = 1 << iota // check digit and date right
	idShort               // of 15 digits, brought to 18
	idMasked              // partly hidden
	idDamaged             // lost digits to a spreadsheet
	idBroken              // complete, but the check digit or the date is wrong
	idVoided              // belongs to somebody else: the declarer, or a hundred names
	idUnread              // not empty, and no number
)

const idFull = 1<<18 - 1

func (n idno) digit(i int) int {
	if i < 16 {
		return int(n.head >> (4 * i) & 15)
	}
	return int(n.tail >> (4 * (i - 16)) & 15)
}

func (n *idno) set(i, d int) {
	if i < 16 {
		n.head = n.head&^(15<<(4*i)) | uint64(d)<<(4*i)
	} else {
		n.tail = n.tail&^(15<<(4*(i-16))) | uint8(d)<<(4*(i-16))
	}
	n.known |= 1 << i
}

func (n *idno) forget(from, to int) {
	for i := from; i < to; i++ {
		n.set(i, 0)
		n.known &^= 1 << i
	}
}

func (n idno) number(from, to int) (v int, ok bool) {
	for i := from; i < to; i++ {
		if n.known>>i&1 == 0 {
			return 0, false
		}
		v = v*10 + n.digit(i)
	}
	return v, true
}

func (n idno) usable() bool { return n.known != 0 && n.flags&idVoided == 0 }
func (n idno) full() bool   { return n.known == idFull && n.flags&idVoided == 0 }

var idWeights = [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}

// check is the eighteenth digit that the first seventeen ask for.
func (n idno) check() int {
	sum, head := int(n.tail&15)*idWeights[16], n.head
	for _, w := range idWeights[:16] {
		sum += int(head&15) * w
		head >>= 4
	}
	return (12 - sum%11) % 11
}

// birth is the date inside the number, 0 when it is hidden or impossible.
func (n idno) birth() date {
	if n.flags&idVoided != 0 {
		return 0
	}
	y, ok := n.number(6, 10)
	if !ok || y < 1900 || y > 2099 {
		return 0
	}
	m, ok := n.number(10, 12)
	if !ok {
		return makeDate(y, 0, 0)
	}
	d, ok := n.number(12, 14)
	if !ok {
		return makeDate(y, m, 0)
	}
	return makeDate(y, m, d)
}

// sex is 1 for male, 2 for female, 0 when hidden.
func (n idno) sex() uint8 {
	if n.known>>16&1 == 0 || n.flags&(idVoided|idBroken) != 0 {
		return 0
	}
	return 2 - uint8(n.digit(16)&1)
}

const maskMark = 11

// parseID reads an identity number as registers write it.
func parseID(s []byte) idno {
	var d [40]uint8
	if len(s) == 18 && plainNumber(s, &d) {
		return placeID(d[:18])
	}
	n, exp, dot := 0, -1, -1
	for i := 0; i < len(s); {
		r, w := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, w = utf8.DecodeRune(s[i:])
		}
		i += w
		if r >= '！' && r <= '～' {
			r -= '！' - '!'
		}
		if n == len(d) {
			return idno{flags: idUnread}
		}
		switch {
		case r >= '0' && r <= '9':
			d[n] = uint8(r - '0')
			n++
		case r == 'X' || r == 'x' || r == '×' || r == 'Х' || r == 'х' || r == 'Χ':
			d[n] = 10
			n++
		case r == '*' || r == '?' || r == '●' || r == '■' || r == '#' || r == '•' || r == '×' || r == '_':
			d[n] = maskMark
			n++
		case r == '.' && n == 1 && dot < 0:
			dot = n
		case (r == 'E' || r == 'e') && dot == 1 && n > 1:
			exp = 0
			for ; i < len(s); i++ {
				if s[i] >= '0' && s[i] <= '9' {
					exp = exp*10 + int(s[i]-'0')
				} else if s[i] != '+' {
					break
				}
			}
		case r == ' ' || r == '\t' || r == '\'' || r == '"' || r == '-' || r == 0x3000 || r == 0xA0 || r == '‘' || r == '’' || r == '`' || r == '=' || r == 0xFEFF || r == 0x200B || r == 0x2019:
		default:
			return idno{flags: idUnread}
		}
	}
	switch {
	case n == 0:
		return idno{}
	case exp >= 0:
		return scientificID(d[:n], exp)
	case dot >= 0:
		return idno{flags: idUnread}
	}
	return placeID(d[:n])
}

// plainNumber takes the digits of a number that is written as it should be.
func plainNumber(s []byte, d *[40]uint8) bool {
	for i, c := range s[:18] {
		switch c -= '0'; {
		case c <= 9:
			d[i] = c
		case c == 'X'-'0' && i == 17:
			d[i] = 10
		default:
			return false
		}
	}
	return true
}

// scientificID is a number that a spreadsheet showed as 4.10101E+17: the digits before the exponent are known.
func scientificID(d []uint8, exp int) idno {
	if exp != 17 && exp != 14 || len(d) > 15 {
		return idno{flags: idUnread}
	}
	for len(d) > 1 && d[len(d)-1] == 0 {
		d = d[:len(d)-1]
	}
	out := idno{flags: idDamaged}
	n := min(len(d), 6)
	if exp == 17 {
		n = len(d)
	}
	for i := range n {
		if d[i] > 9 {
			return idno{flags: idUnread}
		}
		out.set(i, int(d[i]))
	}
	return out
}

func placeID(d []uint8) idno {
	var out idno
	masked, known := 0, 0
	for i, c := range d {
		if c == maskMark || c == 10 && i != len(d)-1 {
			d[i] = maskMark
			masked++
		} else {
			known++
		}
	}
	if masked > 0 {
		out.flags |= idMasked
		if known == 0 {
			return out
		}
	}
	put := func(at int, c uint8) {
		if c <= 10 && (c < 10 || at == 17) {
			out.set(at, int(c))
		}
	}
	switch {
	case len(d) == 18 && masked == 0:
		for i, c := range d[:16] {
			out.head |= uint64(c) << (4 * i)
		}
		out.tail, out.known = d[16]|d[17]<<4, idFull
	case len(d) == 18:
		for i, c := range d {
			put(i, c)
		}
	case len(d) == 15:
		for i, c := range d {
			switch {
			case i < 6:
				put(i, c)
			default:
				put(i+2, c)
			}
		}
		out.flags |= idShort
		if masked == 0 || d[6] <= 9 {
			out.set(6, 1)
			out.set(7, 9)
		}
		if masked == 0 {
			out.set(17, out.check())
		}
	case len(d) == 17 && masked == 0:
		for i, c := range d {
			put(i, c)
		}
		out.flags |= idDamaged
	case masked > 0 && len(d) >= 6 && len(d) < 24:
		for i := 0; i < len(d) && d[i] != maskMark && i < 17; i++ {
			put(i, d[i])
		}
		for i := 0; i < len(d) && d[len(d)-1-i] != maskMark && i < 12; i++ {
			put(17-i, d[len(d)-1-i])
		}
	default:
		return idno{flags: idUnread}
	}
	if out.known == idFull {
		b := out.birth()
		right := out.digit(17) == out.check() && b.day() != 0
		switch {
		case right && out.head != 0:
			out.flags |= idValid
		case out.digit(15) == 0 && out.digit(16) == 0 && out.digit(17) == 0:
			out.forget(15, 18)
			out.flags |= idDamaged
		default:
			out.flags |= idBroken
		}
		if out.head == 0 || repeated(d) {
			return idno{flags: idUnread}
		}
	}
	return out
}

// repeated is 111111111111111111 and the like: filled in to please a form.
func repeated(d []uint8) bool {
	for _, c := range d[1:] {
		if c != d[0] {
			return false
		}
	}
	return true
}

// Levels of agreement between two numbers, apart from the region and birth date inside them, which are compared as such.
const (
	idMissing   = iota
	idEqual     // all 18 digits, check digit right
	idEqualBad  // all 18 digits, check digit wrong on both
	idTailEqual // last four known and equal, nothing known differs
	idSeqTypo   // complete; a digit or two differ outside the sequence, and a check digit is wrong
	idOneTypo   // complete; one or two digits of the sequence differ, and a check digit is wrong
	idSeqBirth  // both right, same region and sequence, other birth date
	idSomeTail  // one to three digits of the end known and equal
	idHeadOnly  // only what region and birth date already say
	idOff       // complete, differ in many digits, a check digit is wrong
	idConflict  // two right numbers that differ: two people
	idTailOff   // last four known and different, or more known digits differ than a typing error explains
	idSomeOff   // of one to three known digits of the end some differ
	idLevels
)

// compareIDs gives the level and how many digits of the end were compared.
func compareIDs(a, b idno) uint8 {
	if !a.usable() || !b.usable() {
		return idMissing
	}
	both := a.known & b.known
	if both == 0 {
		return idMissing
	}
	differ := (digitsSet(a.head^b.head) | digitsSet(uint64(a.tail^b.tail))<<16) & both
	const seq = 7 << 14
	const end = 15 << 14
	if both == idFull {
		right := a.flags&b.flags&idValid != 0
		switch {
		case differ == 0 && right:
			return idEqual
		case differ == 0:
			return idEqualBad
		case right:
			if differ&seq == 0 && differ&0x3F == 0 {
				return idSeqBirth
			}
			return idConflict
		}
		n := bits.OnesCount32(differ &^ (1 << 17))
		turned := n == 2 && turnedDigits(a, b, differ&^(1<<17))
		switch {
		case n <= 1 || turned || n == 2 && differ&seq == 0:
			if differ&seq == 0 {
				return idSeqTypo
			}
			return idOneTypo
		case n == 2 && bits.OnesCount32(differ&seq) == 1:
			return idOneTypo
		case differ&seq == 0 && differ&0x3F == 0:
			return idSeqTypo
		}
		return idOff
	}
	switch {
	case differ&end != 0:
		if a.flags&b.flags&idValid != 0 {
			return idConflict
		}
		if both&end == end {
			return idTailOff
		}
		return idSomeOff
	case both&end == end:
		if bits.OnesCount32(differ) > 2 {
			return idTailOff
		}
		return idTailEqual
	case both&end != 0:
		if bits.OnesCount32(differ) > 2 {
			return idSomeOff
		}
		return idSomeTail
	}
	return idHeadOnly
}

func turnedDigits(a, b idno, differ uint32) bool {
	i := 0
	for differ>>i&1 == 0 {
		i++
	}
	j := i + 1
	for j < 18 && differ>>j&1 == 0 {
		j++
	}
	return j <= i+2 && j < 18 && a.digit(i) == b.digit(j) && a.digit(j) == b.digit(i)
}

// digitsSet has a bit for each of 16 digits of four bits that is not zero; without a branch, because it stands under every
// pair that is compared.
func digitsSet(x uint64) uint32 {
	x |= x >> 1
	x |= x >> 2
	x &= 0x1111111111111111
	x = (x | x>>3) & 0x0303030303030303
	x = (x | x>>6) & 0x000F000F000F000F
	x = (x | x>>12) & 0x000000FF000000FF
	return uint32(x|x>>24) & 0xFFFF
}
