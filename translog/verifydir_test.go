package translog

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// export makes a copy of the log with its key, and reads it into memory.
func export(t testing.TB, m *memory) (fstest.MapFS, Verifier) {
	t.Helper()
	dir := t.TempDir()
	s, vkey, v := keys(t, testOrigin)
	if err := Export(dir, signed(t, m, s), int64(len(m.entries)), m, m.span); err != nil {
		t.Fatal(err)
	}
	if err := WriteKey(dir, vkey); err != nil {
		t.Fatal(err)
	}
	return load(t, os.DirFS(dir)), v
}

func load(t testing.TB, from fs.FS) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	err := fs.WalkDir(from, ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := fs.ReadFile(from, path)
		out[path] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func put(fsys fstest.MapFS, path string, data []byte) { fsys[path] = &fstest.MapFile{Data: data} }

// bundle writes entries into the copy in place of those of one bundle.
func bundle(t testing.TB, fsys fstest.MapFS, path string, entries [][]byte) {
	t.Helper()
	var b bytes.Buffer
	for from := 0; from < len(entries); from += TileWidth {
		data, err := EncodeEntries(entries[from:min(from+TileWidth, len(entries))])
		if err != nil {
			t.Fatal(err)
		}
		b.Write(data)
	}
	put(fsys, path, b.Bytes())
}

func verifyDir(t testing.TB, fsys fs.FS, v Verifier) Report {
	t.Helper()
	r, err := VerifyDir(fsys, v, testOrigin)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestACopyHoldsEveryTileAndVerifies(t *testing.T) {
	for _, size := range []int{0, 1, 2, 100, 255, 256, 257, 512, 600, 65536 + 300} {
		m := newLog(t, size)
		fsys, v := export(t, m)
		want := []string{"checkpoint", "key"}
		for _, ref := range TilesFor(int64(size)) {
			want = append(want, ref.Path())
		}
		slices.Sort(want)
		if got := slices.Sorted(maps.Keys(fsys)); !slices.Equal(got, want) {
			t.Errorf("size %d: files %v", size, got)
		}
		r := verifyDir(t, fsys, v)
		if !r.OK() || r.Entries != int64(size) || r.Root != m.root(t) || r.Origin != testOrigin {
			t.Errorf("size %d: %+v", size, r)
		}
	}
}

func TestACopyGrows(t *testing.T) {
	dir := t.TempDir()
	s, _, v := keys(t, testOrigin)
	m := newLog(t, 300)
	for _, size := range []int{300, 500, 512, 700} {
		for len(m.entries) < size {
			m.append(t, fmt.Appendf(nil, "entry %d", len(m.entries)))
		}
		if err := Export(dir, signed(t, m, s), int64(size), m, m.span); err != nil {
			t.Fatal(err)
		}
		wants(t, fmt.Sprintf("grown to %d", size), verifyDir(t, os.DirFS(dir), v))
	}
	old := "tile/entries/001.p/44"
	data, err := os.ReadFile(filepath.Join(dir, old))
	if err != nil {
		t.Fatal(err)
	}
	data[5] ^= 1
	if err := os.WriteFile(filepath.Join(dir, old), data, 0o644); err != nil {
		t.Fatal(err)
	}
	wants(t, "an earlier partial bundle changed", verifyDir(t, os.DirFS(dir), v), fileTrouble(Changed, old, ""))
}

func TestExportRefusesWhatDoesNotFit(t *testing.T) {
	s, _, _ := keys(t, testOrigin)
	m := newLog(t, 300)
	good := signed(t, m, s)
	wrong := m.clone()
	wrong.entries[70] = []byte("forged")
	hash := m.clone()
	hash.hashes[StoredIndex(8, 0)][0] ^= 1
	short := func(from, to int64) ([][]byte, error) { return m.entries[from : to-1], nil }
	disk := errors.New("disk")
	for name, tt := range map[string]struct {
		checkpoint []byte
		size       int64
		store      *memory
		entries    func(from, to int64) ([][]byte, error)
		want       error
	}{
		"a changed entry":     {good, 300, wrong, wrong.span, ErrProof},
		"a changed hash":      {good, 300, hash, m.span, ErrProof},
		"another size":        {good, 299, m, m.span, ErrRange},
		"too few entries":     {good, 300, m, short, ErrRange},
		"an unread store":     {good, 300, m, func(_, _ int64) ([][]byte, error) { return nil, disk }, disk},
		"no signature":        {[]byte("o\n1\n"), 300, m, m.span, ErrFormat},
		"a note of something": {[]byte("hello\n\n— x AAAAAAAA\n"), 300, m, m.span, ErrFormat},
	} {
		dir := t.TempDir()
		if err := Export(dir, tt.checkpoint, tt.size, tt.store, tt.entries); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(filepath.Join(dir, "checkpoint")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: the copy has a checkpoint: %v", name, err)
		}
	}
	if err := WriteKey(t.TempDir(), "nonsense"); !errors.Is(err, ErrFormat) {
		t.Errorf("a key that is none: %v", err)
	}
}

func TestDamageToACopyIsNamed(t *testing.T) {
	m := newLog(t, 700) // bundles 0 and 1 full, bundle 2 with 188
	good, v := export(t, m)
	const first, second, last = "tile/entries/000", "tile/entries/001", "tile/entries/002.p/188"
	forged := func(at ...int) [][]byte {
		e := slices.Clone(m.entries)
		for _, i := range at {
			e[i] = []byte("forged")
		}
		return e
	}
	swapped := func(i, j int) [][]byte {
		e := slices.Clone(m.entries)
		e[i], e[j] = e[j], e[i]
		return e
	}
	without := func(i int) [][]byte { return slices.Delete(slices.Clone(m.entries), i, i+1) }
	with := func(i int, entry string) [][]byte { return slices.Insert(slices.Clone(m.entries), i, []byte(entry)) }

	tests := []struct {
		name   string
		damage func(f fstest.MapFS)
		want   []Trouble
	}{
		{"one entry changed", func(f fstest.MapFS) { bundle(t, f, second, forged(300)[256:512]) },
			[]Trouble{entryTrouble(Changed, 300, 300, second)}},
		{"three entries changed", func(f fstest.MapFS) {
			bundle(t, f, first, forged(0, 255)[:256])
			bundle(t, f, last, forged(699)[512:])
		}, []Trouble{entryTrouble(Changed, 0, 0, first), entryTrouble(Changed, 255, 255, first), entryTrouble(Changed, 699, 699, last)}},
		{"two entries exchanged", func(f fstest.MapFS) { bundle(t, f, second, swapped(300, 301)[256:512]) },
			[]Trouble{displaced(Reordered, 300, 301, second), displaced(Reordered, 301, 300, second)}},
		{"two entries exchanged across bundles", func(f fstest.MapFS) {
			bundle(t, f, first, swapped(7, 600)[:256])
			bundle(t, f, last, swapped(7, 600)[512:])
		}, []Trouble{displaced(Reordered, 7, 600, first), displaced(Reordered, 600, 7, last)}},
		{"an entry copied over another", func(f fstest.MapFS) {
			e := slices.Clone(m.entries)
			e[40] = e[650]
			bundle(t, f, first, e[:256])
		}, []Trouble{displaced(Duplicated, 40, 650, first)}},
		{"an entry taken out", func(f fstest.MapFS) { bundle(t, f, second, without(300)[256:511]) },
			[]Trouble{entryTrouble(Missing, 300, 300, second)}},
		{"an entry put in", func(f fstest.MapFS) { bundle(t, f, second, with(300, "new")[256:513]) },
			[]Trouble{entryTrouble(Extra, 300, 300, second)}},
		{"an entry doubled", func(f fstest.MapFS) { bundle(t, f, second, with(301, "entry 300")[256:513]) },
			[]Trouble{entryTrouble(Extra, 301, 301, second)}},
		{"the last entry taken off", func(f fstest.MapFS) { bundle(t, f, last, m.entries[512:699]) },
			[]Trouble{entryTrouble(Truncated, 699, 699, last)}},
		{"an entry at the end", func(f fstest.MapFS) { bundle(t, f, last, with(700, "new")[512:]) },
			[]Trouble{entryTrouble(Extra, 700, 700, last)}},
		{"the last file cut in an entry", func(f fstest.MapFS) { put(f, last, f[last].Data[:len(f[last].Data)-20]) },
			[]Trouble{entryTrouble(Truncated, 698, 699, last)}},
		{"a bundle in the middle taken out", func(f fstest.MapFS) { delete(f, second) },
			[]Trouble{entryTrouble(Missing, 256, 511, second)}},
		{"the last bundles taken off", func(f fstest.MapFS) { delete(f, second); delete(f, last) },
			[]Trouble{entryTrouble(Truncated, 256, 699, second)}},
		{"a length changed", func(f fstest.MapFS) {
			data := bytes.Clone(f[first].Data)
			data[1] ^= 1
			put(f, first, data)
		}, []Trouble{entryTrouble(Changed, 0, 255, first)}},
		{"a full tile changed", flip("tile/0/001", 33), []Trouble{fileTrouble(Changed, "tile/0/001", "")}},
		{"a partial tile changed", flip("tile/0/002.p/188", 33), []Trouble{fileTrouble(Changed, "tile/0/002.p/188", "")}},
		{"an upper tile changed", flip("tile/1/000.p/2", 33), []Trouble{fileTrouble(Changed, "tile/1/000.p/2", "")}},
		{"all tiles changed", func(f fstest.MapFS) {
			flip("tile/0/000", 1)(f)
			flip("tile/0/001", 500)(f)
			flip("tile/0/002.p/188", 33)(f)
			flip("tile/1/000.p/2", 0)(f)
			flip("tile/1/000.p/2", 40)(f)
		}, []Trouble{fileTrouble(Changed, "tile/0/000", ""), fileTrouble(Changed, "tile/0/001", ""),
			fileTrouble(Changed, "tile/0/002.p/188", ""), fileTrouble(Changed, "tile/1/000.p/2", "")}},
		{"an entry and another tile changed", func(f fstest.MapFS) {
			bundle(t, f, first, forged(9)[:256])
			flip("tile/0/002.p/188", 33)(f)
		}, []Trouble{entryTrouble(Changed, 9, 9, first), fileTrouble(Changed, "tile/0/002.p/188", "")}},
		{"an entry and its neighbour's hash changed", func(f fstest.MapFS) {
			bundle(t, f, first, forged(9)[:256])
			flip("tile/0/000", 10*HashSize)(f)
		}, []Trouble{entryTrouble(Changed, 9, 9, first), fileTrouble(Changed, "tile/0/000", "")}},
		{"an entry changed together with its tile", func(f fstest.MapFS) {
			bundle(t, f, first, forged(9)[:256])
			h := LeafHash([]byte("forged"))
			data := bytes.Clone(f["tile/0/000"].Data)
			copy(data[9*HashSize:], h[:])
			put(f, "tile/0/000", data)
		}, []Trouble{entryTrouble(Changed, 0, 255, first)}},
		{"a tile taken out", func(f fstest.MapFS) { delete(f, "tile/0/001") }, []Trouble{fileTrouble(Missing, "tile/0/001", "")}},
		{"all tiles taken out", func(f fstest.MapFS) {
			for _, p := range []string{"tile/0/000", "tile/0/001", "tile/0/002.p/188", "tile/1/000.p/2"} {
				delete(f, p)
			}
		}, []Trouble{fileTrouble(Missing, "tile/0/000", ""), fileTrouble(Missing, "tile/0/001", ""),
			fileTrouble(Missing, "tile/0/002.p/188", ""), fileTrouble(Missing, "tile/1/000.p/2", "")}},
		{"a tile cut", func(f fstest.MapFS) { put(f, "tile/0/001", f["tile/0/001"].Data[:1000]) },
			[]Trouble{fileTrouble(Truncated, "tile/0/001", "")}},
		{"a tile too long", func(f fstest.MapFS) { put(f, "tile/0/001", append(bytes.Clone(f["tile/0/001"].Data), 0)) },
			[]Trouble{fileTrouble(Extra, "tile/0/001", "")}},
		{"a foreign file", func(f fstest.MapFS) { put(f, "readme.txt", nil) }, []Trouble{fileTrouble(Extra, "readme.txt", "")}},
		{"a bundle after the end", func(f fstest.MapFS) { put(f, "tile/entries/003.p/1", []byte{0, 0}) },
			[]Trouble{fileTrouble(Extra, "tile/entries/003.p/1", "")}},
		{"a wider last bundle", func(f fstest.MapFS) { put(f, "tile/entries/002.p/189", nil) },
			[]Trouble{fileTrouble(Extra, "tile/entries/002.p/189", "")}},
		{"no checkpoint", func(f fstest.MapFS) { delete(f, "checkpoint") }, []Trouble{fileTrouble(Missing, "checkpoint", "")}},
		{"another key", func(f fstest.MapFS) { put(f, "key", bytes.ToUpper(f["key"].Data)) }, []Trouble{fileTrouble(Changed, "key", "")}},
		{"no key", func(f fstest.MapFS) { delete(f, "key") }, []Trouble{}},
	}
	for _, tt := range tests {
		f := maps.Clone(good)
		tt.damage(f)
		wants(t, tt.name, verifyDir(t, f, v), tt.want...)
	}
}

func flip(path string, at int) func(fstest.MapFS) {
	return func(f fstest.MapFS) {
		data := bytes.Clone(f[path].Data)
		data[at] ^= 1
		put(f, path, data)
	}
}

func TestEveryChangedByteOfACopyIsSeen(t *testing.T) {
	m := newLog(t, 300)
	good, v := export(t, m)
	for _, path := range slices.Sorted(maps.Keys(good)) {
		step := max(1, len(good[path].Data)/97)
		for at := 0; at < len(good[path].Data); at += step {
			f := maps.Clone(good)
			flip(path, at)(f)
			r := verifyDir(t, f, v)
			if r.OK() {
				t.Errorf("%s: byte %d changed and not seen", path, at)
				continue
			}
			if path == "checkpoint" {
				if r.Troubles[0].Kind != BadSignature {
					t.Errorf("checkpoint, byte %d: %v", at, r.Troubles)
				}
			} else if len(r.Troubles) != 1 || r.Troubles[0].Path != path {
				t.Errorf("%s, byte %d: %v", path, at, r.Troubles)
			}
		}
	}
}

func TestARewrittenCopyIsAFork(t *testing.T) {
	good, v := export(t, newLog(t, 400))
	other := newLog(t, 300)
	for i := range 100 {
		other.append(t, fmt.Appendf(nil, "rewritten %d", i))
	}
	forged, _ := export(t, other)
	forged["checkpoint"] = good["checkpoint"]
	wants(t, "rewritten with the old checkpoint", verifyDir(t, forged, v), fileTrouble(Forked, "", ""))

	// Signed by the thief's own key the copy is whole, but not ours.
	_, _, thief := keys(t, "thief")
	r := verifyDir(t, good, thief)
	if len(r.Troubles) != 2 || r.Troubles[0].Kind != BadSignature || r.Troubles[1].Path != "key" {
		t.Errorf("another key: %v", r.Troubles)
	}
	r, err := VerifyDir(good, v, "another/log")
	if err != nil || len(r.Troubles) != 1 || r.Troubles[0].Kind != BadSignature {
		t.Errorf("another origin: %v %v", r.Troubles, err)
	}
}

func TestAnUnsignedHugeSizeDoesNotKeepTheVerifierBusy(t *testing.T) {
	good, v := export(t, newLog(t, 10))
	put(good, "checkpoint", []byte(strings.Replace(string(good["checkpoint"].Data), "\n10\n", "\n1000000000000000000\n", 1)))
	r := verifyDir(t, good, v)
	kinds := map[Kind]bool{}
	for _, tr := range r.Troubles {
		kinds[tr.Kind] = true
	}
	if !kinds[BadSignature] || !kinds[Truncated] {
		t.Errorf("%v", r.Troubles)
	}
}

func TestVerifyDirNeedsAKey(t *testing.T) {
	good, _ := export(t, newLog(t, 3))
	if _, err := VerifyDir(good, nil, testOrigin); !errors.Is(err, ErrSignature) {
		t.Errorf("%v", err)
	}
	vkey, v, err := ReadKey(good)
	if err != nil || vkey == "" {
		t.Fatal(err)
	}
	wants(t, "with the key of the folder", verifyDir(t, good, v))
}

func BenchmarkVerifyDir(b *testing.B) {
	const size = 200_000
	m := &memory{}
	for i := range size {
		m.append(b, append(bytes.Repeat([]byte{'x'}, 290), byte(i), byte(i>>8), byte(i>>16)))
	}
	dir := b.TempDir()
	s, _, v := keys(b, testOrigin)
	if err := Export(dir, signed(b, m, s), size, m, m.span); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if r := verifyDir(b, os.DirFS(dir), v); !r.OK() {
			b.Fatal(r.Troubles)
		}
	}
	b.ReportMetric(float64(size)*float64(b.N)/b.Elapsed().Seconds(), "leaves/s")
}
