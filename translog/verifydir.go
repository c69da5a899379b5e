package translog

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"

	"golang.org/x/mod/sumdb/note"
)

// spare is how many bundles more than are there an unsigned checkpoint may claim
// before the walk is given up: its size is then nobody's word.
const spare = 1024

// maxBundle is the length of the longest possible entry bundle.
const maxBundle = TileWidth * (2 + MaxEntry)

// VerifyDir checks an exported copy without the server: the signature, the hash
// of every entry, every hash of every tile, the root. It reads one bundle at a
// time. An empty origin stands for the key's name.
//
// What is wrong with the copy is in the Report. The error is for a folder that
// cannot be read.
func VerifyDir(fsys fs.FS, v note.Verifier, origin string) (Report, error) {
	d := &dirReader{fsys: fsys, verification: &verification{report: Report{Troubles: []Trouble{}}}}
	c, known, err := d.checkpoint(v, origin)
	if err != nil {
		return Report{}, err
	}
	if !known {
		return d.report, nil
	}
	d.report.Origin, d.report.Size, d.report.Root = c.Origin, c.Size, c.Root
	bundles, err := d.inventory()
	if err != nil {
		return Report{}, err
	}
	if len(d.report.Troubles) > 0 && c.Size/TileWidth > bundles+spare {
		d.add(fileTrouble(Truncated, "", fmt.Sprintf("the unsigned checkpoint claims %d entries", c.Size)))
		return d.report, nil
	}
	d.engine = engine{shift: tileHeight, stored: d.stored}
	for t := range bundlesOf(c.Size) {
		if err := d.bundle(t); err != nil {
			return Report{}, err
		}
	}
	d.flush(c.Size)
	found := d.engine.finish(c.Root)
	d.wrongTiles()
	content, err := d.engine.contentTroubles(c.Size, d.bundlePath, d.leaves)
	if err != nil {
		return Report{}, err
	}
	d.add(content...)
	d.close(found)
	return d.report, nil
}

// bundlesOf goes through the entry bundles of a tree.
func bundlesOf(size int64) func(func(TileRef) bool) {
	return func(yield func(TileRef) bool) { tilesOfLevel(EntriesLevel, size, yield) }
}

type dirReader struct {
	*verification
	fsys    fs.FS
	open    [maxTileLevel + 1]openTile // the tile last read on each level
	gapPath string                     // first file of the run that is missing
}

type openTile struct {
	ref    TileRef // Width 0: none yet
	hashes []Hash
}

// checkpoint reads and judges the signed checkpoint. known is false when not
// even its size can be read.
func (d *dirReader) checkpoint(v note.Verifier, origin string) (c Checkpoint, known bool, err error) {
	data, err := readFile(d.fsys, checkpointFile, maxCheckpoint)
	if errors.Is(err, fs.ErrNotExist) {
		d.add(fileTrouble(Missing, checkpointFile, ""))
		return c, false, nil
	}
	if err != nil {
		return c, false, fmt.Errorf("reading the checkpoint: %w", err)
	}
	if v == nil {
		return c, false, fmt.Errorf("no key to check the checkpoint with: %w", ErrSignature)
	}
	if c, err = OpenCheckpoint(data, origin, v); err == nil {
		return c, true, d.key(v)
	}
	d.add(fileTrouble(BadSignature, checkpointFile, err.Error()))
	// Go on with the size and root that it claims: the rest of the report helps.
	text, _, err := splitNote(data)
	if err != nil {
		return c, false, nil
	}
	if c, err = ParseCheckpoint(text); err != nil {
		return c, false, nil
	}
	return c, true, d.key(v)
}

// key compares the key file, if there is one, with the key that is trusted.
func (d *dirReader) key(v note.Verifier) error {
	_, own, err := ReadKey(d.fsys)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case errors.Is(err, ErrFormat):
		d.add(fileTrouble(Changed, keyFile, err.Error()))
		return nil
	case err != nil:
		return err
	}
	if own.Name() != v.Name() || own.KeyHash() != v.KeyHash() {
		d.add(fileTrouble(Changed, keyFile, "not the key that the copy is verified with"))
	}
	return nil
}

// inventory walks the folder, reports files that the log does not know and
// counts the entry bundles. A partial tile of an earlier, smaller tree may stay
// if it is the beginning of what stands in its place now.
func (d *dirReader) inventory() (bundles int64, err error) {
	err = fs.WalkDir(d.fsys, ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || path == checkpointFile || path == keyFile {
			return err
		}
		t, perr := ParseTilePath(path)
		want := d.expected(t.Level, t.N)
		switch {
		case perr != nil || want.Width < t.Width:
			d.add(fileTrouble(Extra, path, ""))
			return nil
		case want.Width > t.Width:
			return d.earlier(path, want)
		}
		if t.Level == EntriesLevel {
			bundles++
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("listing the copy: %w", err)
	}
	return bundles, nil
}

// expected is the tile at a place in the present tree; its width is 0 when there is none.
func (d *dirReader) expected(level int, n int64) TileRef {
	t := TileRef{Level: level, N: n}
	left := levelCount(d.report.Size, max(level, 0)) - t.First()
	t.Width = int(max(0, min(left, TileWidth)))
	return t
}

func (d *dirReader) earlier(path string, now TileRef) error {
	old, err := readFile(d.fsys, path, maxBundle)
	if err != nil {
		return err
	}
	data, err := readFile(d.fsys, now.Path(), maxBundle)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // reported where it is needed
	}
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(data, old) {
		d.add(fileTrouble(Changed, path, "not the beginning of "+now.Path()))
	}
	return nil
}

// tile gives the stored hashes of a tile, as many as there are.
func (d *dirReader) tile(level int, n int64) ([]Hash, error) {
	at := &d.open[level]
	if at.ref.Width > 0 && at.ref.N == n {
		return at.hashes, nil
	}
	ref := d.expected(level, n)
	*at = openTile{ref: ref}
	data, err := readFile(d.fsys, ref.Path(), TileWidth*HashSize)
	if errors.Is(err, fs.ErrNotExist) {
		d.add(fileTrouble(Missing, ref.Path(), ""))
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading a tile: %w", err)
	}
	switch want := ref.Width * HashSize; {
	case len(data) < want:
		d.add(fileTrouble(Truncated, ref.Path(), fmt.Sprintf("%d bytes of %d", len(data), want)))
		data = data[:len(data)/HashSize*HashSize]
	case len(data) > want:
		d.add(fileTrouble(Extra, ref.Path(), "more after the last hash"))
		data = data[:want]
	}
	at.hashes, err = splitHashes(data)
	d.report.Hashes += int64(len(at.hashes))
	return at.hashes, err
}

func (d *dirReader) stored(level int, n int64) (Hash, bool, error) {
	hashes, err := d.tile(level, n>>tileHeight)
	k := int(n % TileWidth)
	if err != nil || k >= len(hashes) {
		return Hash{}, false, err
	}
	return hashes[k], true, nil
}

// bundle hashes the entries of one bundle and gives them to the engine beside
// the hashes of their tile.
func (d *dirReader) bundle(t TileRef) error {
	want, err := d.tile(0, t.N)
	if err != nil {
		return err
	}
	data, err := readFile(d.fsys, t.Path(), maxBundle)
	got := make([]placed, t.Width)
	switch {
	case err == nil:
		d.flush(t.First())
		got = d.place(t, data, want)
	case errors.Is(err, fs.ErrNotExist):
		if d.gapLen == 0 {
			d.gapPath = t.Path()
		}
		d.missing(t.First(), int64(t.Width))
	default:
		return fmt.Errorf("reading an entry bundle: %w", err)
	}
	for i, p := range got {
		k := node{derived: p.hash, hasDerived: p.ok}
		if i < len(want) {
			k.stored, k.hasStored = want[i], true
		}
		if err := d.engine.push(0, k); err != nil {
			return err
		}
	}
	return nil
}

func (d *dirReader) flush(upTo int64) { d.flushGap(upTo, d.gapPath) }

// placed is the hash of the entry that belongs at a place; ok is false when it
// is not there.
type placed struct {
	hash Hash
	ok   bool
}

// place hashes the entries of a bundle. When there are too few or too many, it
// looks where one is missing or was put in, so that the rest is not blamed.
func (d *dirReader) place(t TileRef, data []byte, want []Hash) []placed {
	entries, rest := splitEntries(data, 2*TileWidth)
	d.report.Entries += int64(min(len(entries), t.Width))
	got := make([]Hash, len(entries))
	for i, e := range entries {
		got[i] = LeafHash(e)
	}
	out := make([]placed, t.Width)
	if len(got) == t.Width && len(rest) == 0 {
		for i, h := range got {
			out[i] = placed{h, true}
		}
		return out
	}
	same := 0
	for same < len(got) && same < len(want) && got[same] == want[same] {
		same++
	}
	for i := range min(same, t.Width) {
		out[i] = placed{got[i], true}
	}
	d.misplaced(t, got, want, rest, same, out)
	return out
}

// misplaced names what is wrong with a bundle of the wrong length whose first
// same entries are right, and places what can be placed.
func (d *dirReader) misplaced(t TileRef, got, want []Hash, rest []byte, same int, out []placed) {
	at, end := t.First()+int64(same), t.First()+int64(t.Width)-1
	surplus := len(got) - t.Width
	switch {
	case same >= t.Width: // all there, and more
		d.add(entryTrouble(Extra, end+1, end+int64(max(surplus, 1)), t.Path()))
	case surplus < 0 && same == len(got): // what is there is right; the last may be cut
		kind := Missing
		if end+1 == d.report.Size {
			kind = Truncated
		}
		d.add(entryTrouble(kind, at, end, t.Path()))
	case len(rest) == 0 && surplus < 0 && len(want) == t.Width && equal(got[same:], want[same-surplus:]):
		d.add(entryTrouble(Missing, at, at-int64(surplus)-1, t.Path()))
		for i := same; i < len(got); i++ {
			out[i-surplus] = placed{got[i], true}
		}
	case len(rest) == 0 && surplus > 0 && len(want) == t.Width && equal(got[same+surplus:], want[same:]):
		d.add(entryTrouble(Extra, at, at+int64(surplus)-1, t.Path()))
		for i := same; i < t.Width; i++ {
			out[i] = placed{got[i+surplus], true}
		}
	default:
		tr := entryTrouble(Changed, at, end, t.Path())
		tr.Detail = "the bundle cannot be taken apart from here on"
		d.add(tr)
	}
}

func equal(a, b []Hash) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// wrongTiles reports each tile file once in which a hash is at fault.
func (d *dirReader) wrongTiles() {
	seen := map[string]bool{}
	for _, m := range d.engine.wrong {
		path := d.expected(m.level, m.n>>tileHeight).Path()
		if !seen[path] {
			seen[path] = true
			d.add(fileTrouble(Changed, path, fmt.Sprintf("hash %d is not that of the entries", m.n%TileWidth)))
		}
	}
}

func (d *dirReader) bundlePath(i int64) string {
	return d.expected(EntriesLevel, i>>tileHeight).Path()
}

// leaves goes through the level-0 tiles once more. What is missing or short was
// reported the first time.
func (d *dirReader) leaves(visit func(i int64, h Hash)) error {
	for n := range (d.report.Size + TileWidth - 1) / TileWidth {
		ref := d.expected(0, n)
		data, err := readFile(d.fsys, ref.Path(), TileWidth*HashSize)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("reading a tile: %w", err)
		}
		for k := range min(len(data)/HashSize, ref.Width) {
			visit(ref.First()+int64(k), Hash(data[k*HashSize:(k+1)*HashSize]))
		}
	}
	return nil
}
