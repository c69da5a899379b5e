// Package archive keeps a backup in one file that nobody can read or change
// without the keys of the installation: a compressed tar in sealed pieces. Each
// piece is sealed for its place, so that none can be left out, doubled or put
// elsewhere; the last one says that it is the last.
package archive

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"huikan/internal/kernel/fault"
	"huikan/internal/platform/secret"
)

// purpose keeps the key of backups apart from all others.
const purpose secret.Purpose = "backup"

const (
	magic     = "huikan backup 1 "
	pieceSize = 1 << 20
	maxSealed = pieceSize + 64
)

func place(name string, n uint64, last bool) string {
	return fmt.Sprintf("backup/%s/%d/%t", name, n, last)
}

// Writer writes a backup.
type Writer struct {
	*tar.Writer
	zip  *gzip.Writer
	seal *sealer
}

// NewWriter begins a backup. Close ends it; without that it cannot be read.
func NewWriter(w io.Writer, keys *secret.Keys) (*Writer, error) {
	name := rand.Text()
	if _, err := io.WriteString(w, magic+name+"\n"); err != nil {
		return nil, fmt.Errorf("write backup: %w", err)
	}
	s := &sealer{w: w, keys: keys, name: name, buf: make([]byte, 0, pieceSize)}
	// An empty piece first: who cannot open it has other keys; what does not open
	// later was damaged.
	if err := s.piece(false); err != nil {
		return nil, err
	}
	z, err := gzip.NewWriterLevel(s, gzip.BestSpeed)
	if err != nil {
		return nil, fmt.Errorf("write backup: %w", err)
	}
	return &Writer{Writer: tar.NewWriter(z), zip: z, seal: s}, nil
}

// Add writes one member.
func (w *Writer) Add(name string, size int64, at time.Time, r io.Reader) error {
	if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: size, ModTime: at, Format: tar.FormatPAX}); err != nil {
		return fmt.Errorf("write backup: %s: %w", name, err)
	}
	if _, err := io.Copy(w.Writer, r); err != nil {
		return fmt.Errorf("write backup: %s: %w", name, err)
	}
	return nil
}

// Close writes what is left and the mark of the end.
func (w *Writer) Close() error {
	if err := errors.Join(w.Writer.Close(), w.zip.Close()); err != nil {
		return fmt.Errorf("write backup: %w", err)
	}
	return w.seal.piece(true)
}

type sealer struct {
	w    io.Writer
	keys *secret.Keys
	name string
	n    uint64
	buf  []byte
}

func (s *sealer) Write(p []byte) (int, error) {
	total := len(p)
	for len(p) > 0 {
		k := min(len(p), pieceSize-len(s.buf))
		s.buf = append(s.buf, p[:k]...)
		p = p[k:]
		if len(s.buf) == pieceSize {
			if err := s.piece(false); err != nil {
				return 0, err
			}
		}
	}
	return total, nil
}

func (s *sealer) piece(last bool) error {
	sealed := s.keys.Seal(purpose, place(s.name, s.n, last), s.buf)
	head := binary.BigEndian.AppendUint32(nil, uint32(len(sealed)))
	if last {
		head[0] |= 0x80
	}
	s.n++
	s.buf = s.buf[:0]
	if _, err := s.w.Write(append(head, sealed...)); err != nil {
		return fmt.Errorf("write backup: %w", err)
	}
	return nil
}

// Reader reads a backup.
type Reader struct {
	*tar.Reader
	open *opener
}

// NewReader begins to read a backup. A file that is none, or that other keys
// sealed, is refused at once.
func NewReader(r io.Reader, keys *secret.Keys) (*Reader, error) {
	b := bufio.NewReaderSize(r, 64<<10)
	head := make([]byte, len(magic)+27)
	if _, err := io.ReadFull(b, head); err != nil || !strings.HasPrefix(string(head), magic) || head[len(head)-1] != '\n' {
		return nil, fault.Invalid("error.backup_none")
	}
	o := &opener{r: b, keys: keys, name: string(head[len(magic) : len(head)-1])}
	z, err := gzip.NewReader(o)
	if err != nil {
		return nil, o.explain(err)
	}
	return &Reader{Reader: tar.NewReader(z), open: o}, nil
}

// Next gives the next member; io.EOF after the last one of a whole file.
func (r *Reader) Next() (*tar.Header, error) {
	h, err := r.Reader.Next()
	if err == io.EOF {
		// What follows the tar must be the end of the file, or a piece is missing.
		if _, rest := io.Copy(io.Discard, r.open); rest != nil {
			return nil, r.open.explain(rest)
		}
		return nil, io.EOF
	}
	if err != nil {
		return nil, r.open.explain(err)
	}
	return h, nil
}

// Damaged explains an error met while reading a member.
func (r *Reader) Damaged(err error) error { return r.open.explain(err) }

type opener struct {
	r    io.Reader
	keys *secret.Keys
	name string
	n    uint64
	rest []byte
	done bool
	bad  error
}

// explain tells a damaged file from one that other keys sealed.
func (o *opener) explain(err error) error {
	switch {
	case err == nil:
		return nil
	case o.bad != nil && o.n == 0:
		return fault.Invalid("error.backup_keys").With(o.bad)
	}
	return fault.Invalid("error.backup_damaged", o.n).With(err)
}

func (o *opener) Read(p []byte) (int, error) {
	if o.bad != nil {
		return 0, o.bad
	}
	for len(o.rest) == 0 {
		if o.done {
			if n, err := o.r.Read(make([]byte, 1)); n != 0 || err != io.EOF {
				o.bad = errors.New("there is more behind the end")
				return 0, o.bad
			}
			return 0, io.EOF
		}
		if err := o.next(); err != nil {
			o.bad = err
			return 0, err
		}
	}
	n := copy(p, o.rest)
	o.rest = o.rest[n:]
	return n, nil
}

func (o *opener) next() error {
	var head [4]byte
	if _, err := io.ReadFull(o.r, head[:]); err != nil {
		return fmt.Errorf("the file ends too early: %w", io.ErrUnexpectedEOF)
	}
	last := head[0]&0x80 != 0
	head[0] &= 0x7f
	size := binary.BigEndian.Uint32(head[:])
	if size > maxSealed {
		return errors.New("a piece is too large")
	}
	sealed := make([]byte, size)
	if _, err := io.ReadFull(o.r, sealed); err != nil {
		return fmt.Errorf("the file ends too early: %w", io.ErrUnexpectedEOF)
	}
	plain, err := o.keys.Open(purpose, place(o.name, o.n, last), sealed)
	if err != nil {
		return fmt.Errorf("piece %d: %v", o.n, err) // no fault of its own: explain says what it means
	}
	o.n++
	o.rest, o.done = plain, last
	return nil
}
