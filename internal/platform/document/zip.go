package document

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"io"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"huikan/internal/kernel/fault"
)

// The bounds of an archive.
const (
	MaxMembers  = 2000
	MaxRatio    = 100       // unpacked to packed, of a member and of the whole
	MaxUnpacked = 500 << 20 // all members together
	ratioFloor  = 1 << 20   // below this size the ratio says nothing
	maxNameLen  = 512
)

// Zip is an archive that has passed the pre-scan.
type Zip struct {
	file  string
	parts map[string]*zip.File
	names []string
	until time.Time
}

// member is what the directory of the archive says of one entry.
type member struct {
	name             string
	packed, unpacked int64
	offset, end      int64
	flags, method    uint16
	mode             uint32
}

// OpenZip examines the directory of an archive before anything is unpacked:
// number, names and sizes of the members, their ratio, and that no two share
// bytes. The standard library believes the directory, hence our own walk.
func OpenZip(file string, r io.ReaderAt, size int64) (*Zip, error) {
	dir, start, err := directory(file, r, size)
	if err != nil {
		return nil, err
	}
	ms, err := walkDirectory(file, dir)
	if err != nil {
		return nil, err
	}
	if err := checkSizes(file, ms); err != nil {
		return nil, err
	}
	if err := checkOverlap(file, r, ms, start); err != nil {
		return nil, err
	}
	zr, err := zip.NewReader(r, size)
	if err != nil || len(zr.File) != len(ms) {
		return nil, fault.Invalid("document.damaged", file, "zip").With(err)
	}
	z := &Zip{file: file, parts: make(map[string]*zip.File, len(ms)), until: time.Now().Add(MaxTime)}
	for i, f := range zr.File {
		n := ms[i].name
		if z.parts[n] != nil {
			return nil, fault.Invalid("document.zip_duplicate", file, n)
		}
		z.parts[n] = f
		z.names = append(z.names, n)
	}
	return z, nil
}

// directory finds the end record and gives the bytes of the central directory.
func directory(file string, r io.ReaderAt, size int64) ([]byte, int64, error) {
	damaged := fault.Invalid("document.damaged", file, "zip")
	if size < 22 {
		return nil, 0, damaged
	}
	tail := make([]byte, min(size, 22+65535))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return nil, 0, damaged.With(err)
	}
	i := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if i < 0 || i+22 > len(tail) {
		return nil, 0, damaged
	}
	e := tail[i:]
	le := binary.LittleEndian
	if int(le.Uint16(e[20:])) != len(e)-22 { // bytes behind the end hide a second file
		return nil, 0, damaged
	}
	count, n, off := le.Uint16(e[10:]), int64(le.Uint32(e[12:])), int64(le.Uint32(e[16:]))
	if count > MaxMembers {
		return nil, 0, fault.Limit("document.zip_members", file, int(count), MaxMembers)
	}
	at := size - int64(len(tail)) + int64(i)
	if le.Uint16(e[4:]) != 0 || off+n != at || n > MaxMembers*(46+maxNameLen+1024) {
		return nil, 0, damaged
	}
	dir := make([]byte, n)
	if _, err := r.ReadAt(dir, off); err != nil && !errors.Is(err, io.EOF) {
		return nil, 0, damaged.With(err)
	}
	return dir, off, nil
}

func walkDirectory(file string, dir []byte) ([]member, error) {
	le := binary.LittleEndian
	var ms []member
	for len(dir) > 0 {
		if len(ms) == MaxMembers {
			return nil, fault.Limit("document.zip_members", file, MaxMembers+1, MaxMembers)
		}
		if len(dir) < 46 || le.Uint32(dir) != 0x02014b50 {
			return nil, fault.Invalid("document.damaged", file, "zip")
		}
		n := int(le.Uint16(dir[28:]))
		total := 46 + n + int(le.Uint16(dir[30:])) + int(le.Uint16(dir[32:]))
		if total > len(dir) {
			return nil, fault.Invalid("document.damaged", file, "zip")
		}
		m := member{
			flags: le.Uint16(dir[8:]), method: le.Uint16(dir[10:]),
			packed: int64(le.Uint32(dir[20:])), unpacked: int64(le.Uint32(dir[24:])),
			mode: le.Uint32(dir[38:]) >> 16, offset: int64(le.Uint32(dir[42:])),
		}
		name, err := memberName(file, dir[46:46+n])
		if err != nil {
			return nil, err
		}
		m.name = name
		if err := checkMember(file, m); err != nil {
			return nil, err
		}
		ms = append(ms, m)
		dir = dir[total:]
	}
	return ms, nil
}

// memberName refuses every name that could leave a folder; the names are used
// as keys only and never as paths, but a file that tries is not to be trusted.
func memberName(file string, raw []byte) (string, error) {
	n := strings.ReplaceAll(string(raw), `\`, "/")
	bad := n == "" || len(n) > maxNameLen || n[0] == '/' || strings.ContainsRune(n, 0) ||
		len(n) > 1 && n[1] == ':' || slices.Contains(strings.Split(n, "/"), "..")
	if bad {
		return "", fault.Invalid("document.zip_name", file, CleanName(strings.ToValidUTF8(n, "?")))
	}
	return n, nil
}

func checkMember(file string, m member) error {
	show := CleanName(strings.ToValidUTF8(m.name, "?"))
	switch {
	case m.flags&1 != 0:
		return fault.Invalid("document.encrypted", file)
	case m.mode&0xF000 == 0xA000: // symbolic link
		return fault.Invalid("document.zip_name", file, show)
	case m.method != zip.Store && m.method != zip.Deflate:
		return fault.Invalid("document.zip_method", file, show)
	}
	switch strings.ToLower(path.Ext(m.name)) {
	case ".zip", ".7z", ".rar", ".gz", ".bz2", ".xz", ".tar", ".jar":
		return fault.Invalid("document.zip_nested", file, show)
	}
	return nil
}

func checkSizes(file string, ms []member) error {
	var packed, unpacked int64
	for _, m := range ms {
		packed, unpacked = packed+m.packed, unpacked+m.unpacked
		if m.unpacked > ratioFloor && m.unpacked > MaxRatio*m.packed {
			return fault.Limit("document.zip_ratio", file, CleanName(strings.ToValidUTF8(m.name, "?")), MaxRatio)
		}
	}
	if unpacked > MaxUnpacked {
		return fault.Limit("document.zip_total", file, unpacked>>20, MaxUnpacked>>20)
	}
	if unpacked > ratioFloor && unpacked > MaxRatio*packed {
		return fault.Limit("document.zip_ratio", file, "*", MaxRatio)
	}
	return nil
}

// checkOverlap reads the local headers: a member that begins before its
// predecessor has ended is the quoted bomb (members sharing one kernel).
func checkOverlap(file string, r io.ReaderAt, ms []member, dir int64) error {
	sorted := slices.Clone(ms)
	slices.SortFunc(sorted, func(a, b member) int { return cmp.Compare(a.offset, b.offset) })
	var end int64
	head := make([]byte, 30+maxNameLen)
	for _, m := range sorted {
		h := head[:min(int64(len(head)), max(0, dir-m.offset))]
		if n, err := r.ReadAt(h, m.offset); n < 30 || n < len(h) && err != nil || binary.LittleEndian.Uint32(h) != 0x04034b50 {
			return fault.Invalid("document.damaged", file, "zip")
		}
		n := int(binary.LittleEndian.Uint16(h[26:]))
		if 30+n > len(h) || strings.ReplaceAll(string(h[30:30+n]), `\`, "/") != m.name {
			return fault.Invalid("document.zip_overlap", file, CleanName(strings.ToValidUTF8(m.name, "?")))
		}
		if m.offset < end {
			return fault.Invalid("document.zip_overlap", file, CleanName(strings.ToValidUTF8(m.name, "?")))
		}
		end = m.offset + 30 + int64(n) + int64(binary.LittleEndian.Uint16(h[28:])) + m.packed
		if end > dir {
			return fault.Invalid("document.zip_overlap", file, CleanName(strings.ToValidUTF8(m.name, "?")))
		}
	}
	return nil
}

// Names lists the members in the order of the directory.
func (z *Zip) Names() []string { return z.names }

// Has tells whether there is a member of that name.
func (z *Zip) Has(name string) bool { return z.parts[name] != nil }

// Open reads a member. More than limit bytes, or more time than MaxTime since
// the archive was opened, end the reading with a fault: the sizes in the
// directory may lie.
func (z *Zip) Open(name string, limit int64) (io.ReadCloser, error) {
	f := z.parts[name]
	if f == nil {
		return nil, fault.Invalid("document.zip_missing", z.file, name)
	}
	rc, err := f.Open()
	if err != nil {
		return nil, fault.Invalid("document.damaged", z.file, name).With(err)
	}
	return &bounded{ReadCloser: rc, file: z.file, part: name, limit: limit, left: limit, until: z.until}, nil
}

// ReadFile gives a whole member.
func (z *Zip) ReadFile(name string, limit int64) ([]byte, error) {
	rc, err := z.Open(name, limit)
	if err != nil {
		return nil, err
	}
	defer rc.Close()
	b, err := io.ReadAll(rc)
	if err != nil {
		return nil, Damaged(z.file, name, err)
	}
	return b, nil
}

// Damaged keeps a fault as it is and turns any other failure of parsing into one.
func Damaged(file, part string, err error) error {
	if f, ok := fault.Of(err); ok {
		return f
	}
	return fault.Invalid("document.damaged", file, part).With(err)
}

type bounded struct {
	io.ReadCloser
	file, part  string
	limit, left int64
	until       time.Time
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fault.Limit("document.part_size", b.file, b.part, b.limit>>20)
	}
	if time.Now().After(b.until) {
		return 0, fault.Limit("document.time", b.file, int(MaxTime.Seconds()))
	}
	if int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)
	return n, err
}

// CleanName makes a file name fit to be shown and offered for saving: no path,
// no control or direction characters, no quotes, not a device, at most 120
// characters, the extension kept.
func CleanName(name string) string {
	name = strings.ToValidUTF8(name, "_")
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		switch {
		case r < 32, r == 127, r >= 0x80 && r < 0xA0, r == 0xFEFF, r == 0x061C,
			r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
			return -1
		case strings.ContainsRune(`"<>:|?*;`, r):
			return '_'
		}
		return r
	}, name)
	name = strings.Trim(name, " .")
	ext := path.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	if utf8.RuneCountInString(ext) > 12 {
		stem, ext = name, ""
	}
	if rs := []rune(stem); len(rs) > 120-utf8.RuneCountInString(ext) {
		stem = string(rs[:120-utf8.RuneCountInString(ext)])
	}
	if stem == "" || reserved(stem) {
		stem = "_" + stem
	}
	return stem + ext
}

// reserved tells the device names of Windows, which no file may bear.
func reserved(stem string) bool {
	s, _, _ := strings.Cut(strings.ToUpper(stem), ".")
	switch s {
	case "CON", "PRN", "AUX", "NUL":
		return true
	}
	return len(s) == 4 && (strings.HasPrefix(s, "COM") || strings.HasPrefix(s, "LPT")) && s[3] >= '0' && s[3] <= '9'
}
