package vault

import (
	"bytes"
	"errors"
	"io"
	"os"
)

// FillDisk makes every write after the first n fail with what the system says
// of a full disk. Only the error comes from the device: the file that is removed
// afterwards is one in the store's own folder.
func FillDisk(s *Store, n int) {
	s.create = func(dir string) (file, error) {
		f, err := os.CreateTemp(dir, "put-*")
		if err != nil {
			return nil, err
		}
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		return &fullFile{File: f, full: full, left: n}, err
	}
}

type fullFile struct {
	*os.File
	full *os.File
	left int
}

func (f *fullFile) Write(b []byte) (int, error) {
	if f.left--; f.left < 0 {
		return f.full.Write(b)
	}
	return f.File.Write(b)
}

func (f *fullFile) WriteAt(b []byte, at int64) (int, error) {
	if f.left--; f.left < 0 {
		return f.full.Write(b)
	}
	return f.File.WriteAt(b, at)
}

func (f *fullFile) Close() error { return errors.Join(f.full.Close(), f.File.Close()) }

// The form of a file, for tests that damage it.
const (
	HeadSize = headSize
	Chunk    = chunk
	Tag      = tag
)

// Path is where a file lies.

// Temp is where files lie while they are written.
func (s *Store) Temp() string { return s.temp() }

type memory struct{ b []byte }

func (m *memory) Write(p []byte) (int, error) { m.b = append(m.b, p...); return len(p), nil }
func (m *memory) ReadAt(p []byte, at int64) (int, error) {
	return bytes.NewReader(m.b).ReadAt(p, at)
}

// Sealed encrypts content and gives the bytes of the file and a reader over them.
func Sealed(content []byte) (raw []byte, again func(raw []byte, size int64) *File, err error) {
	key := newKey()
	var m memory
	if _, err := encrypt(&m, key, bytes.NewReader(content)); err != nil {
		return nil, nil, err
	}
	return m.b, func(raw []byte, size int64) *File {
		return &File{src: &memory{raw}, aead: newAEAD(key), size: size, at: -1}
	}, nil
}

var _ io.ReadSeekCloser = (*File)(nil)
