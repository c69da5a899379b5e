package vault

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"huikan/internal/kernel/fault"
	"huikan/internal/platform/secret"
)

// The form of a file on the disk:
//
//	magic            8 bytes, "HKFILE1\n"
//	sealed file key  61 bytes, sealed for this content hash
//	chunks           each 65,536 bytes of content (the last 1 to 65,536, or 0 of an empty file) and a tag of 16
//
// A chunk is sealed with AES-256-GCM under the file's own key, which is used for
// nothing else, so its number and the mark of the last one are the whole nonce.
const (
	magic     = "HKFILE1\n"
	keySize   = 32
	sealedKey = 1 + 12 + keySize + 16
	headSize  = len(magic) + sealedKey
	chunk     = 64 << 10
	tag       = 16
)

func newKey() []byte {
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // never fails: the program ends when the system has no randomness
	return key
}

func newAEAD(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // the key has 32 bytes
	}
	a, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // AES has the block size of GCM
	}
	return a
}

func nonce(n int64, last bool) []byte {
	var b [12]byte
	binary.BigEndian.PutUint64(b[3:], uint64(n))
	if last {
		b[11] = 1
	}
	return b[:]
}

// head is what stands before the chunks. The seal names the content, so the
// chunks of one file cannot stand under the name of another.
func (s *Store) head(hash string, key []byte) []byte {
	return append([]byte(magic), s.keys.Seal(secret.Evidence, "file/"+hash, key)...)
}

// encrypt leaves room for the head and writes the chunks; it gives the size of the content.
func encrypt(w io.Writer, key []byte, r io.Reader) (int64, error) {
	a := newAEAD(key)
	if _, err := w.Write(make([]byte, headSize)); err != nil {
		return 0, disk("write file", err)
	}
	// One chunk is always held back: only the end of the input tells which is the last.
	this, next := make([]byte, chunk), make([]byte, chunk)
	sealed := make([]byte, 0, chunk+tag)
	n, err := readFull(r, this)
	if err != nil {
		return 0, err
	}
	total := int64(n)
	for i := int64(0); ; i++ {
		m := 0
		if n == chunk {
			if m, err = readFull(r, next); err != nil {
				return 0, err
			}
		}
		sealed = a.Seal(sealed[:0], nonce(i, m == 0), this[:n], nil)
		if _, err := w.Write(sealed); err != nil {
			return 0, disk("write file", err)
		}
		if m == 0 {
			return total, nil
		}
		total += int64(m)
		this, next, n = next, this, m
	}
}

// readFull fills b as far as there is input.
func readFull(r io.Reader, b []byte) (int, error) {
	n, err := io.ReadFull(r, b)
	switch {
	case err == nil, errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return n, nil
	}
	if _, ok := fault.Of(err); ok {
		return n, err
	}
	return n, fmt.Errorf("receive file: %w", err)
}

// File is the content of a file, decrypted and verified chunk by chunk.
type File struct {
	src  io.ReaderAt
	aead cipher.AEAD
	size int64
	hash string

	pos int64  // of Read and Seek
	at  int64  // number of the chunk in buf, -1 for none
	buf []byte // of Read
}

func (s *Store) decrypt(f *os.File, hash string) (*File, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, disk("read file", err)
	}
	head := make([]byte, headSize)
	if _, err := f.ReadAt(head, 0); err != nil {
		return nil, damaged(hash, err)
	}
	if !bytes.HasPrefix(head, []byte(magic)) {
		return nil, damaged(hash, nil)
	}
	key, err := s.keys.Open(secret.Evidence, "file/"+hash, head[len(magic):])
	if err != nil {
		return nil, damaged(hash, err)
	}
	body := info.Size() - int64(headSize)
	count := (body + chunk + tag - 1) / (chunk + tag)
	if body < tag || len(key) != keySize {
		return nil, damaged(hash, nil)
	}
	out := &File{src: f, aead: newAEAD(key), size: body - count*tag, hash: hash, at: -1}
	// The last chunk knows that it is the last: a file that was cut or lengthened
	// is found before any of it is given out.
	if out.size < 0 {
		return nil, damaged(hash, nil)
	}
	if _, err := out.chunk(nil, out.last()); err != nil {
		return nil, err
	}
	return out, nil
}

// last is the number of the last chunk.
func (f *File) last() int64 { return max(0, (f.size-1)/chunk) }

// cells holds buffers for sealed chunks.
var cells sync.Pool

// chunk decrypts chunk n into dst.
func (f *File) chunk(dst []byte, n int64) ([]byte, error) {
	length := min(chunk, f.size-n*chunk)
	cell, ok := cells.Get().(*[chunk + tag]byte)
	if !ok {
		cell = new([chunk + tag]byte)
	}
	defer cells.Put(cell)
	sealed := cell[:length+tag]
	if _, err := f.src.ReadAt(sealed, int64(headSize)+n*(chunk+tag)); err != nil {
		return nil, damaged(f.hash, err)
	}
	plain, err := f.aead.Open(dst[:0], nonce(n, n == f.last()), sealed, nil)
	if err != nil {
		return nil, damaged(f.hash, err)
	}
	return plain, nil
}

// Size is the size of the content.
func (f *File) Size() int64 { return f.size }

// Read implements io.Reader. Not for several goroutines at once; ReadAt is.
func (f *File) Read(b []byte) (int, error) {
	if f.pos >= f.size {
		return 0, io.EOF
	}
	if n := f.pos / chunk; n != f.at {
		f.at = -1
		plain, err := f.chunk(f.buf, n)
		if err != nil {
			return 0, err
		}
		f.buf, f.at = plain, n
	}
	n := copy(b, f.buf[f.pos%chunk:])
	f.pos += int64(n)
	return n, nil
}

// ReadAt implements io.ReaderAt.
func (f *File) ReadAt(b []byte, at int64) (int, error) {
	if at < 0 {
		return 0, errors.New("read before the beginning of a file")
	}
	done := 0
	var buf []byte
	for done < len(b) {
		if at >= f.size {
			return done, io.EOF
		}
		plain, err := f.chunk(buf, at/chunk)
		if err != nil {
			return done, err
		}
		n := copy(b[done:], plain[at%chunk:])
		buf, done, at = plain, done+n, at+int64(n)
	}
	return done, nil
}

// Seek implements io.Seeker.
func (f *File) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += f.pos
	case io.SeekEnd:
		offset += f.size
	}
	if offset < 0 {
		return f.pos, errors.New("seek before the beginning of a file")
	}
	f.pos = offset
	return offset, nil
}

// Close closes the file on the disk.
func (f *File) Close() error {
	if c, ok := f.src.(io.Closer); ok {
		return c.Close()
	}
	return nil
}
