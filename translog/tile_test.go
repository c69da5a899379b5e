package translog

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestTilesOfATreeOf70000(t *testing.T) {
	type group struct{ full, partial int }
	got := map[int]group{}
	for _, ref := range TilesFor(70_000) {
		g := got[ref.Level]
		if ref.Width == TileWidth {
			g.full++
		} else {
			g.partial += ref.Width
		}
		got[ref.Level] = g
	}
	want := map[int]group{EntriesLevel: {273, 112}, 0: {273, 112}, 1: {1, 17}, 2: {0, 1}}
	if len(got) != len(want) {
		t.Errorf("levels %v", got)
	}
	for level, g := range want {
		if got[level] != g {
			t.Errorf("level %d: %+v, want %+v", level, got[level], g)
		}
	}
	if n := len(TilesFor(0)); n != 0 {
		t.Errorf("the empty tree has %d tiles", n)
	}
}

func TestTilePaths(t *testing.T) {
	for want, ref := range map[string]TileRef{
		"tile/0/000":                     {0, 0, 256},
		"tile/0/273.p/112":               {0, 273, 112},
		"tile/3/x001/x234/067":           {3, 1234067, 256},
		"tile/63/x001/x234/067.p/1":      {63, 1234067, 1},
		"tile/entries/999":               {EntriesLevel, 999, 256},
		"tile/entries/x001/000.p/255":    {EntriesLevel, 1000, 255},
		"tile/0/x123/x456/x789/x012/345": {0, 123456789012345, 256},
	} {
		if got := ref.Path(); got != want {
			t.Errorf("%+v: %s, want %s", ref, got, want)
		}
		if got, err := ParseTilePath(want); err != nil || got != ref {
			t.Errorf("%s: %+v %v", want, got, err)
		}
	}
}

var badPaths = []string{
	"", "tile", "tile/0", "tile/0/", "tile/0/0", "tile/0/00", "tile/0/0000", "tile/0/x000", "tile/0/x000/001",
	"tile/0/001/002", "tile/0/x001/2", "tile/00/000", "tile/-1/000", "tile/+1/000", "tile/64/000", "tile/entries",
	"tile/data/000", "tile/8/0/000", "Tile/0/000", "/tile/0/000", "tile/0/000/", "tile/0/000.p/0", "tile/0/000.p/256",
	"tile/0/000.p/01", "tile/0/000.p/+1", "tile/0/000.p/-1", "tile/0/000.p", "tile/0/000.p/", "tile/0/.p/1",
	"tile/0/../000", "tile/0/x-01/000", "tile/0/x999/x999/x999/x999/x999/x999/999",
	"tile/0/x999/x999/x999/x999/x999/x999/x999/x999/999", "tile/0/０００", "tile/0/000\n",
}

func TestEveryOtherPathIsRefused(t *testing.T) {
	for _, p := range badPaths {
		if ref, err := ParseTilePath(p); !errors.Is(err, ErrFormat) {
			t.Errorf("%q: %+v %v", p, ref, err)
		}
	}
}

func TestTilesOfEverySizeHoldTheHashesOfTheirLevel(t *testing.T) {
	m := newLog(t, 600)
	for _, size := range []int64{1, 2, 255, 256, 257, 511, 512, 513, 600} {
		for ref := range Tiles(size) {
			if ref.Level == EntriesLevel {
				continue
			}
			data, err := ReadTile(ref.Level, ref.N, ref.Width, m)
			if err != nil || len(data) != ref.Width*HashSize {
				t.Fatalf("size %d %s: %d bytes, %v", size, ref.Path(), len(data), err)
			}
			for k := range int64(ref.Width) {
				span := int64(1) << (8 * ref.Level)
				first := (ref.First() + k) * span
				want := plainRoot(m.entries[first : first+span])
				if !bytes.Equal(data[k*HashSize:(k+1)*HashSize], want[:]) {
					t.Fatalf("size %d %s: hash %d", size, ref.Path(), k)
				}
			}
		}
	}
	for _, bad := range []TileRef{{-1, 0, 1}, {64, 0, 1}, {0, -1, 1}, {0, 0, 0}, {0, 0, 257}} {
		if _, err := ReadTile(bad.Level, bad.N, bad.Width, m); !errors.Is(err, ErrRange) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

func TestEntryBundlesComeBackAsTheyWere(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for width := range TileWidth + 1 {
		var entries [][]byte
		for range width {
			e := make([]byte, r.IntN(50))
			for i := range e {
				e[i] = byte(r.Uint32())
			}
			entries = append(entries, e)
		}
		data, err := EncodeEntries(entries)
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecodeEntries(data, width)
		if err != nil || len(got) != width {
			t.Fatalf("width %d: %d entries, %v", width, len(got), err)
		}
		for i := range got {
			if !bytes.Equal(got[i], entries[i]) {
				t.Fatalf("width %d: entry %d", width, i)
			}
		}
		for _, wrong := range []int{width - 1, width + 1} {
			if _, err := DecodeEntries(data, wrong); err == nil {
				t.Fatalf("bundle of %d taken for one of %d", width, wrong)
			}
		}
		if _, err := DecodeEntries(append(data, 0), width); !errors.Is(err, ErrFormat) {
			t.Fatalf("width %d: byte after the end: %v", width, err)
		}
	}
}

func TestEntriesHaveALimit(t *testing.T) {
	big := []byte(strings.Repeat("x", MaxEntry))
	data, err := EncodeEntries([][]byte{big})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := DecodeEntries(data, 1); err != nil || !bytes.Equal(got[0], big) {
		t.Errorf("the longest entry: %v", err)
	}
	if _, err := EncodeEntries([][]byte{append(big, 'x')}); !errors.Is(err, ErrRange) {
		t.Errorf("one byte more: %v", err)
	}
	if _, err := EncodeEntries(make([][]byte, TileWidth+1)); !errors.Is(err, ErrRange) {
		t.Errorf("one entry more: %v", err)
	}
}

func FuzzTilePath(f *testing.F) {
	for _, p := range badPaths {
		f.Add(p)
	}
	f.Add("tile/0/273.p/112")
	f.Add("tile/entries/x001/x234/067")
	f.Fuzz(func(t *testing.T, p string) {
		if ref, err := ParseTilePath(p); err == nil && ref.Path() != p {
			t.Errorf("%q is written %q", p, ref.Path())
		}
	})
}

func FuzzEntries(f *testing.F) {
	f.Add([]byte{}, 0)
	f.Add([]byte{0, 1, 'a', 0, 0}, 2)
	f.Add([]byte{0, 2, 'a'}, 1)
	f.Add([]byte{255, 255, 'a'}, 256)
	f.Fuzz(func(t *testing.T, data []byte, width int) {
		entries, err := DecodeEntries(data, width)
		if err != nil {
			return
		}
		if again, err := EncodeEntries(entries); err != nil || !bytes.Equal(again, data) {
			t.Errorf("another bundle for the same entries: %v", err)
		}
	})
}
