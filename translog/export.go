package translog

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

const (
	checkpointFile = "checkpoint"
	keyFile        = "key"
	maxKey         = 4 << 10
)

// Export writes a copy of the log that can be verified without the server: all
// entry bundles and tiles of a tree of the given size, then the checkpoint. It
// may be run again into the same folder when the log has grown. The checkpoint
// comes last, so that a copy cut off in the middle never looks whole.
//
// Files are not forced to disk one by one; whoever moves the copy to its medium
// verifies it there.
//
// The entries and hashes are read afresh and must lead to the root of the
// checkpoint; otherwise nothing is signed off and an error tells so.
func Export(dir string, checkpoint []byte, size int64, r HashReader, entries func(from, to int64) ([][]byte, error)) error {
	body, _, err := splitNote(checkpoint)
	if err != nil {
		return fmt.Errorf("exporting: %w", err)
	}
	c, err := ParseCheckpoint(body)
	if err != nil {
		return fmt.Errorf("exporting: %w", err)
	}
	if c.Size != size {
		return fmt.Errorf("exporting size %d with a checkpoint of size %d: %w", size, c.Size, ErrRange)
	}
	root, err := Root(size, r)
	if err != nil {
		return fmt.Errorf("exporting: %w", err)
	}
	if root != c.Root {
		return fmt.Errorf("exporting: the stored hashes do not lead to the root of the checkpoint: %w", ErrProof)
	}
	for t := range Tiles(size) {
		data, err := tileContent(t, r, entries)
		if err != nil {
			return fmt.Errorf("exporting: %w", err)
		}
		if err := writeFile(dir, t.Path(), data); err != nil {
			return fmt.Errorf("exporting: %w", err)
		}
	}
	return writeFile(dir, checkpointFile, checkpoint)
}

// tileContent reads a tile or bundle, and refuses entries that do not have the
// hashes stored for them.
func tileContent(t TileRef, r HashReader, entries func(from, to int64) ([][]byte, error)) ([]byte, error) {
	if t.Level != EntriesLevel {
		return ReadTile(t.Level, t.N, t.Width, r)
	}
	from, to := t.First(), t.First()+int64(t.Width)
	list, err := entries(from, to)
	if err != nil {
		return nil, fmt.Errorf("reading entries %d to %d: %w", from, to-1, err)
	}
	if len(list) != t.Width {
		return nil, fmt.Errorf("%d entries from %d on, expected %d: %w", len(list), from, t.Width, ErrRange)
	}
	data, err := ReadTile(0, t.N, t.Width, r)
	if err != nil {
		return nil, err
	}
	hashes, err := splitHashes(data)
	if err != nil {
		return nil, err
	}
	for i, e := range list {
		if LeafHash(e) != hashes[i] {
			return nil, fmt.Errorf("entry %d does not have its stored hash: %w", from+int64(i), ErrProof)
		}
	}
	return EncodeEntries(list)
}

// WriteKey puts the log's public key into an exported folder. It is there for
// convenience: whoever verifies should have it from elsewhere.
func WriteKey(dir, vkey string) error {
	if _, err := NewVerifier(vkey); err != nil {
		return err
	}
	return writeFile(dir, keyFile, []byte(vkey+"\n"))
}

// ReadKey reads the public key that lies in an exported folder. It proves
// nothing about who made the folder; compare it with one known otherwise.
func ReadKey(fsys fs.FS) (vkey string, v Verifier, err error) {
	data, err := readFile(fsys, keyFile, maxKey)
	if err != nil {
		return "", nil, fmt.Errorf("reading the key: %w", err)
	}
	if len(data) == 0 || data[len(data)-1] != '\n' {
		return "", nil, fmt.Errorf("the key file does not end in a line end: %w", ErrFormat)
	}
	vkey = string(data[:len(data)-1])
	v, err = NewVerifier(vkey)
	if err != nil {
		return "", nil, err
	}
	return vkey, v, nil
}

// writeFile replaces a file as a whole: written beside it, then renamed.
func writeFile(dir, path string, data []byte) error {
	full := filepath.Join(dir, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(full), 0o750); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	f, err := os.CreateTemp(filepath.Dir(full), ".new-*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Chmod(0o640)
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), full)
	}
	if err != nil {
		// The half-written file is of no use; that it may stay is not worth hiding the cause.
		_ = os.Remove(f.Name())
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

// readFile reads a file of a copy, but no more than one byte beyond the limit:
// a copy may come from anybody, and a file without end must not fill the memory.
func readFile(fsys fs.FS, path string, limit int64) ([]byte, error) {
	f, err := fsys.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit+1))
}
