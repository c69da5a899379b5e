// Package vault keeps evidence: files that units hand in and reviewers open.
//
// A file is named by the SHA-256 of its content, so the same content is kept
// once and a record that holds the name holds the proof of what was handed in.
// On the disk it is encrypted with a key of its own, in chunks that are numbered
// and of which the last is marked (the STREAM construction of Hoang, Reyhanitabar,
// Rogaway and Vizár, 2015): a changed, cut, lengthened or re-ordered file is
// found by whoever reads it and never given out as good. A name with content in
// clear never touches the disk.
package vault

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"huikan/internal/kernel/fault"
	"huikan/internal/platform/document"
	"huikan/internal/platform/secret"
)

// Words holds the sentences of this package, one file per language.
//
//go:embed words.zh.json words.en.json
var Words embed.FS

// MaxFile is the largest file that is kept.
const MaxFile = document.MaxFile

// forgotten is the age at which a file that a crash left half written is cleared away.
const forgotten = 24 * time.Hour

// Store is a folder of encrypted files.
type Store struct {
	dir    string
	keys   *secret.Keys
	quota  func(ctx context.Context, size int64) error
	create func(dir string) (file, error)
}

// file is what Put writes to.
type file interface {
	io.Writer
	io.WriterAt
	io.ReaderAt
	Sync() error
	Close() error
	Name() string
}

// Stored is what a record keeps of a file.
type Stored struct {
	Hash string `json:"hash"` // SHA-256 of the content, lower-case hexadecimal
	Name string `json:"name"` // as handed in, cleaned
	Kind string `json:"kind"` // document.Kind by content
	Mime string `json:"mime"`
	Size int64  `json:"size"`
}

// Option changes how a Store behaves.
type Option func(*Store)

// WithQuota asks fn before a file of a known size is taken; its fault refuses it.
// A file of unknown size is asked for once it has been read.
func WithQuota(fn func(ctx context.Context, size int64) error) Option {
	return func(s *Store) { s.quota = fn }
}

// Open opens the files of a data folder and makes the folder on first use.
func Open(dir string, keys *secret.Keys, opts ...Option) (*Store, error) {
	s := &Store{dir: filepath.Join(dir, "files"), keys: keys,
		quota:  func(context.Context, int64) error { return nil },
		create: func(dir string) (file, error) { return os.CreateTemp(dir, "put-*") }}
	for _, o := range opts {
		o(s)
	}
	if err := os.MkdirAll(s.temp(), 0o700); err != nil {
		return nil, disk("open files", err)
	}
	left, err := os.ReadDir(s.temp())
	if err != nil {
		return nil, disk("open files", err)
	}
	for _, e := range left {
		// Another replica may be writing at this moment: only old ones go.
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > forgotten {
			if err := os.Remove(filepath.Join(s.temp(), e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return nil, disk("clear files", err)
			}
		}
	}
	return s, nil
}

func (s *Store) temp() string { return filepath.Join(s.dir, "tmp") }

func (s *Store) path(hash string) string { return filepath.Join(s.dir, hash[:2], hash[2:4], hash) }

// Path is where a file lies, sealed: for backups only.
func (s *Store) Path(hash string) string { return s.path(hash) }

// Put takes a file. size is what the sender announced, or negative when it is
// not known; a file that ends early or goes on is refused as incomplete. What
// the file is, is judged by its content (document.Check). Once Put returns
// without an error the file has reached the disk.
func (s *Store) Put(ctx context.Context, name string, r io.Reader, size int64) (Stored, error) {
	name = CleanName(name)
	if size > MaxFile {
		return Stored{}, tooLarge(name, size)
	}
	if size >= 0 {
		if err := s.quota(ctx, size); err != nil {
			return Stored{}, err
		}
	}
	f, err := s.create(s.temp())
	if err != nil {
		return Stored{}, disk("write file", err)
	}
	return s.put(ctx, f, name, r, size, judge)
}

// put seals what r gives and gives the file its name.
func (s *Store) put(ctx context.Context, f file, name string, r io.Reader, size int64, judge func(out *Stored, f *File) error) (Stored, error) {
	out, err := s.fill(ctx, f, name, r, size, judge)
	if err = errors.Join(err, disk("write file", f.Close())); err == nil {
		err = s.place(f.Name(), out.Hash)
	}
	if err != nil {
		return Stored{}, errors.Join(err, ignoreGone(os.Remove(f.Name())))
	}
	return out, nil
}

// judge says what a foreign file is by its content, and refuses kinds that are not kept.
func judge(out *Stored, f *File) error {
	kind, err := document.Check(out.Name, f, out.Size)
	if err != nil {
		return err
	}
	mime, ok := mimes[kind]
	if !ok {
		return fault.Invalid("vault.kind", out.Name, string(kind))
	}
	out.Kind, out.Mime = string(kind), mime
	return nil
}

// Keep takes a file that the program made itself, of whatever kind: nothing is
// judged but its size.
func (s *Store) Keep(ctx context.Context, name string, r io.Reader) (Stored, error) {
	f, err := s.create(s.temp())
	if err != nil {
		return Stored{}, disk("write file", err)
	}
	return s.put(ctx, f, CleanName(name), r, -1, func(*Stored, *File) error { return nil })
}

// Remove deletes a file. Evidence is never deleted: this is for files that the
// program made and can make again.
func (s *Store) Remove(hash string) error {
	if !wellFormed(hash) {
		return fault.NotFound("file")
	}
	if err := ignoreGone(os.Remove(s.path(hash))); err != nil {
		return disk("remove file", err)
	}
	return nil
}

func ignoreGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// fill encrypts into the temporary file, judges the content and writes the head.
func (s *Store) fill(ctx context.Context, f file, name string, r io.Reader, size int64, judge func(out *Stored, f *File) error) (Stored, error) {
	key := newKey()
	sum := sha256.New()
	n, err := encrypt(f, key, io.TeeReader(io.LimitReader(input{ctx, r}, MaxFile+1), sum))
	switch {
	case err != nil:
		return Stored{}, err
	case n > MaxFile:
		return Stored{}, tooLarge(name, n)
	case size >= 0 && n != size:
		return Stored{}, fault.Invalid("vault.incomplete", name, n, size)
	}
	if size < 0 {
		if err := s.quota(ctx, n); err != nil {
			return Stored{}, err
		}
	}
	out := Stored{Hash: hex.EncodeToString(sum.Sum(nil)), Name: name, Size: n}
	if err := judge(&out, &File{src: f, aead: newAEAD(key), size: n, at: -1}); err != nil {
		return Stored{}, err
	}
	if _, err := f.WriteAt(s.head(out.Hash, key), 0); err != nil {
		return Stored{}, disk("write file", err)
	}
	if err := f.Sync(); err != nil {
		return Stored{}, disk("write file", err)
	}
	return out, nil
}

// place gives the file its name. An equal file that lies there is replaced,
// which does no harm and mends one that was damaged.
func (s *Store) place(from, hash string) error {
	to := s.path(hash)
	dir := filepath.Dir(to)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return disk("write file", err)
	}
	if err := os.Rename(from, to); err != nil {
		return disk("write file", err)
	}
	// The name is only safe when the folders that lead to it are.
	for _, d := range []string{dir, filepath.Dir(dir), s.dir} {
		if err := syncDir(d); err != nil {
			return disk("write file", err)
		}
	}
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Open gives the content of a file from its beginning. Damage that can be told
// at once (cut, lengthened, exchanged) is a fault here; any other is one of Read.
func (s *Store) Open(hash string) (io.ReadCloser, error) {
	f, err := s.File(hash)
	if err != nil {
		return nil, err
	}
	return f, nil
}

// File is Open for whoever needs to read here and there.
func (s *Store) File(hash string) (*File, error) {
	if !wellFormed(hash) {
		return nil, fault.NotFound("file")
	}
	f, err := os.Open(s.path(hash))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Unavailable("vault.missing", hash[:16]).With(err)
	}
	if err != nil {
		return nil, disk("read file", err)
	}
	out, err := s.decrypt(f, hash)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return out, nil
}

// Check reads a whole file and compares its content with its name.
func (s *Store) Check(ctx context.Context, hash string) (err error) {
	f, err := s.File(hash)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	sum := sha256.New()
	if _, err := io.Copy(sum, input{ctx, f}); err != nil {
		return err
	}
	if hex.EncodeToString(sum.Sum(nil)) != hash {
		return damaged(hash, nil)
	}
	return nil
}

// Each calls fn with the name of every file, in order.
func (s *Store) Each(fn func(hash string) error) error {
	return filepath.WalkDir(s.dir, func(p string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return disk("list files", err)
		case e.IsDir() && p == s.temp():
			return fs.SkipDir
		case e.IsDir() || !wellFormed(e.Name()):
			return nil
		}
		return fn(e.Name())
	})
}

func wellFormed(hash string) bool {
	b, err := hex.DecodeString(hash)
	return err == nil && len(b) == sha256.Size && strings.ToLower(hash) == hash
}

// input stops reading when the request is over.
type input struct {
	ctx context.Context
	r   io.Reader
}

func (i input) Read(b []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	return i.r.Read(b)
}

func tooLarge(name string, size int64) error {
	return fault.Limit("document.file_size", name, size>>20, MaxFile>>20)
}

// disk tells a full disk, which the operator can mend, from other failures.
func disk(doing string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fault.Unavailable("error.disk_full").With(fmt.Errorf("%s: %w", doing, err))
	}
	return fmt.Errorf("%s: %w", doing, err)
}

func damaged(hash string, err error) error {
	return fault.Unavailable("vault.damaged", hash[:min(len(hash), 16)]).With(err)
}
