package linkage

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"sync"
)

// EqualKey is a way in which two registers that may not be shown to each other can find equal records: both sides make the
// same bytes of it, and nothing but equality is ever compared (package private).
type EqualKey uint8

// The keys. Append only: their numbers stand in files.
const (
	EqualNumber    EqualKey = iota // complete identity number
	EqualNameDay                   // name or former name, and day of birth
	EqualNameTail                  // name or former name, and last four digits of the number
	EqualSoundDay                  // sound of the name, and day of birth
	EqualNameMonth                 // name or former name, and month of birth: also for dates without a day
	EqualKeys
)

var equalKeyNames = [EqualKeys]string{"number", "name+day", "name+tail", "sound+day", "name+month"}

// String names the key in files and options.
func (k EqualKey) String() string {
	if k < EqualKeys {
		return equalKeyNames[k]
	}
	return "?"
}

// ParseEqualKey finds a key by its name.
func ParseEqualKey(s string) (EqualKey, bool) {
	for i, n := range equalKeyNames {
		if n == s {
			return EqualKey(i), true
		}
	}
	return 0, false
}

// EqualValue is the value of a key: the number of the key and what the record has there, read as this package reads.
type EqualValue [13]byte

// readingVersion changes with every change to how names, numbers and dates are read.
const readingVersion = 1

// Reading identifies how this build reads values. Two sides find each other's records only if they read alike.
var Reading = sync.OnceValue(func() string {
	h := sha256.New()
	h.Write([]byte{readingVersion})
	h.Write([]byte(charsText))
	h.Write([]byte(placesText))
	return hex.EncodeToString(h.Sum(nil)[:8])
})

// Equal appends the values that a record has for a key; at most four. What is unsure (a lost character, a masked digit, a
// date without its day) has none.
func (s *Set) Equal(row int, k EqualKey, to []EqualValue) []EqualValue {
	f := &s.facts[row]
	from := len(to)
	put := func(a uint64, b uint32) {
		var v EqualValue
		v[0] = byte(k)
		binary.BigEndian.PutUint64(v[1:], a)
		binary.BigEndian.PutUint32(v[9:], b)
		for _, have := range to[from:] {
			if have == v {
				return
			}
		}
		to = append(to, v)
	}
	if k == EqualNumber {
		if f.id.full() {
			put(f.id.head, uint32(f.id.tail))
		}
		return to
	}
	for _, n := range [2]name{f.name, f.alias} {
		if n == 0 {
			continue
		}
		gap, bySound := n.has()
		if gap || bySound && k != EqualSoundDay {
			continue
		}
		n = n.whole()
		if k == EqualSoundDay {
			var ok bool
			if n, ok = n.sounds(); !ok {
				continue
			}
		}
		if k == EqualNameTail {
			if tail, ok := f.tail(); ok {
				put(uint64(n), tail)
			}
			continue
		}
		for _, d := range [2]date{f.birth, f.idBirth} {
			switch {
			case d.filler() || d.month() == 0:
			case k == EqualNameMonth:
				put(uint64(n), uint32(d>>5))
			case d.day() != 0:
				put(uint64(n), uint32(d))
			}
		}
	}
	return to
}

// DropShared takes numbers that stand on records of more than three names out of use, as NewIndex does.
func (s *Set) DropShared() { s.voidShared() }

// Disclosed is what one side tells the other of a record that both turn out to have: name, day of birth as written and as
// in the number, sex, last four digits, two places and the digest of an employer. No other digit of the number.
type Disclosed [29]byte

// ErrDisclosed tells that bytes are no such record.
var ErrDisclosed = errors.New("linkage: no record that can be read")

// Disclose packs what may be told of a record.
func (s *Set) Disclose(row int) (d Disclosed) {
	f := &s.facts[row]
	binary.BigEndian.PutUint64(d[0:], uint64(f.name))
	binary.BigEndian.PutUint32(d[8:], uint32(f.birth))
	binary.BigEndian.PutUint32(d[12:], uint32(f.idBirth))
	if f.id.usable() {
		for i := 14; i < 18; i++ {
			if f.id.known>>i&1 != 0 {
				d[16] |= 1 << (i - 14)
				d[17+(i-14)/2] |= byte(f.id.digit(i)) << (4 * (i % 2))
			}
		}
	}
	binary.BigEndian.PutUint16(d[19:], uint16(f.homes[0]))
	binary.BigEndian.PutUint16(d[21:], uint16(f.homes[1]))
	binary.BigEndian.PutUint32(d[23:], f.orgCore[0])
	d[27] = f.orgKind[0]
	d[28] = f.sex
	return d
}

// AddDisclosed appends a record that another side told of and returns its row.
func (s *Set) AddDisclosed(id string, d Disclosed) (int, error) {
	f := facts{name: name(binary.BigEndian.Uint64(d[0:])), birth: date(binary.BigEndian.Uint32(d[8:])), idBirth: date(binary.BigEndian.Uint32(d[12:])),
		homes:   [2]place{place(binary.BigEndian.Uint16(d[19:])), place(binary.BigEndian.Uint16(d[21:]))},
		orgCore: [2]uint32{binary.BigEndian.Uint32(d[23:])}, orgKind: [2]uint8{d[27]}, sex: d[28]}
	for _, x := range [2]date{f.birth, f.idBirth} {
		if x != makeDate(x.year(), x.month(), x.day()) {
			return 0, ErrDisclosed
		}
	}
	if d[16] > 15 || int(d[27]) > len(s.rules.Orgs) || f.sex > 15 {
		return 0, ErrDisclosed
	}
	for i := 14; i < 18; i++ {
		digit := int(d[17+(i-14)/2] >> (4 * (i % 2)) & 15)
		switch {
		case d[16]>>(i-14)&1 == 0:
			if digit != 0 {
				return 0, ErrDisclosed
			}
		case digit > 10, digit == 10 && i != 17:
			return 0, ErrDisclosed
		default:
			f.id.set(i, digit)
			f.id.flags |= idMasked
		}
	}
	s.facts = append(s.facts, f)
	s.text = append(s.text, id...)
	s.ends = append(s.ends, uint32(len(s.text)))
	return len(s.facts) - 1, nil
}

// TakeNumber gives a disclosed record the number of a record of one's own that was found by EqualNumber: they are equal.
func (s *Set) TakeNumber(row int, from *Set, fromRow int) {
	if n := from.facts[fromRow].id; n.full() {
		f := &s.facts[row]
		f.setID(n)
		s.judged = 0
	}
}

// Among is the same index taken as a part of a register of a size: how likely anybody is among those who were picked out
// goes by the whole.
func (x *Index) Among(size int) *Index {
	y := x.With(x.model)
	y.whole = max(size, x.set.Len())
	if y.model != nil {
		y.prior = y.model.prior(y.whole)
	}
	return y
}
