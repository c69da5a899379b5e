package translog

import (
	"encoding/hex"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

// The roots that every implementation of RFC 6962 gives for these eight leaves.
func TestRootsThatAllImplementationsAgreeOn(t *testing.T) {
	leaves := []string{"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"}
	want := map[int64]string{
		0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	}
	m := &memory{}
	for _, l := range leaves {
		entry, err := hex.DecodeString(l)
		if err != nil {
			t.Fatal(err)
		}
		m.append(t, entry)
	}
	for size, root := range want {
		got, err := Root(size, m)
		if err != nil || hex.EncodeToString(got[:]) != root {
			t.Errorf("size %d: %x %v", size, got, err)
		}
	}
}

// sumdbTiles lets the tile reader of the Go checksum database read a copy.
type sumdbTiles struct{ fsys fs.FS }

func (s sumdbTiles) Height() int                         { return tileHeight }
func (s sumdbTiles) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (s sumdbTiles) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, tile := range tiles {
		// The same path, but for the height that the checksum database names.
		data, err := fs.ReadFile(s.fsys, strings.Replace(tile.Path(), "tile/8/", "tile/", 1))
		if err != nil {
			return nil, err
		}
		out = append(out, data)
	}
	return out, nil
}

func TestAnotherReaderProvesFromOurTiles(t *testing.T) {
	for _, size := range []int64{1, 255, 256, 257, 700, 66000} {
		m := newLog(t, int(size))
		fsys, _ := export(t, m)
		root := m.root(t)
		r := tlog.TileHashReader(tlog.Tree{N: size, Hash: root}, sumdbTiles{fsys})
		for _, index := range []int64{0, size / 3, size / 2, size - 1} {
			p, err := tlog.ProveRecord(size, index, r)
			if err != nil {
				t.Fatalf("size %d, entry %d: %v", size, index, err)
			}
			if err := CheckInclusion(p, size, root, index, LeafHash(m.entries[index])); err != nil {
				t.Errorf("size %d: %v", size, err)
			}
		}
	}
}

// covers says whether some trouble about content names entry i.
func covers(r Report, i int64) bool {
	return slices.ContainsFunc(r.Troubles, func(t Trouble) bool {
		return t.Kind != WrongHash && t.Index >= 0 && t.Index <= i && i <= t.Last
	})
}

func TestNoForgedEntryHidesBehindOtherDamage(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for round := range 400 {
		size := 1 + rnd.IntN(600)
		good := newLog(t, size)
		m := good.clone()
		var forged []int64
		for range rnd.IntN(4) {
			i := rnd.Int64N(int64(size))
			m.entries[i] = fmt.Appendf(nil, "forged %d", i)
			forged = append(forged, i)
		}
		for range rnd.IntN(4) {
			m.hashes[rnd.IntN(len(m.hashes))][rnd.IntN(HashSize)]++
		}
		intact := len(forged) == 0 && slices.Equal(m.hashes, good.hashes)
		r := check(t, m, size, good.root(t))
		if r.OK() != intact {
			t.Errorf("round %d: intact %v, report %v", round, intact, r.Troubles)
		}
		for _, i := range forged {
			if !covers(r, i) {
				t.Errorf("round %d, size %d: forged %v, report %v", round, size, forged, r.Troubles)
			}
		}
		if len(forged) > 0 {
			continue
		}
		for _, tr := range r.Troubles {
			if tr.Kind != WrongHash {
				t.Errorf("round %d, size %d: only hashes were changed, report %v", round, size, r.Troubles)
			}
		}
	}
}

func TestNoForgedEntryHidesInACopy(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	m := newLog(t, 1500)
	good, v := export(t, m)
	tiles := []string{"tile/0/000", "tile/0/003", "tile/0/005.p/220", "tile/1/000.p/5"}
	for round := range 150 {
		f := load(t, good)
		entries := slices.Clone(m.entries)
		var forged []int64
		for range 1 + rnd.IntN(5) {
			i := rnd.Int64N(1500)
			entries[i] = fmt.Appendf(nil, "forged %d", i)
			forged = append(forged, i)
		}
		for n := range int64(6) {
			ref := TileRef{EntriesLevel, n, int(min(TileWidth, 1500-n*TileWidth))}
			bundle(t, f, ref.Path(), entries[ref.First():ref.First()+int64(ref.Width)])
		}
		for range rnd.IntN(4) {
			path := tiles[rnd.IntN(len(tiles))]
			flip(path, rnd.IntN(len(f[path].Data)))(f)
		}
		r := verifyDir(t, f, v)
		for _, i := range forged {
			if !covers(r, i) {
				t.Errorf("round %d: forged %v, report %v", round, forged, r.Troubles)
			}
		}
	}
}
