package translog

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileHeight = 8
	// TileWidth is the number of hashes of a full tile, and of entries of a full
	// bundle (C2SP tlog-tiles: height 8).
	TileWidth = 1 << tileHeight
	// EntriesLevel is the Level of a TileRef that names an entry bundle.
	EntriesLevel = -1
	maxTileLevel = 63
	// maxTileN: no tree up to MaxSize has a tile beyond.
	maxTileN = MaxSize >> tileHeight
)

// TileRef names one tile or, with Level EntriesLevel, one entry bundle.
type TileRef struct {
	Level int
	N     int64
	Width int // 1 … TileWidth
}

// Path is the place of the tile below the root of the log.
func (t TileRef) Path() string {
	if t.Level == EntriesLevel {
		return EntriesPath(t.N, t.Width)
	}
	return TilePath(t.Level, t.N, t.Width)
}

// First is the number of the first hash (or entry) in the tile within its level.
func (t TileRef) First() int64 { return t.N << tileHeight }

// TilePath is tile/<level>/<n>[.p/<width>], n in groups of three digits, all but
// the last with an x before it. The width is named when the tile is not full.
func TilePath(level int, n int64, width int) string {
	return "tile/" + strconv.Itoa(level) + "/" + tileNumber(n, width)
}

// EntriesPath is tile/entries/<n>[.p/<width>], as TilePath.
func EntriesPath(n int64, width int) string {
	return "tile/entries/" + tileNumber(n, width)
}

func tileNumber(n int64, width int) string {
	s := fmt.Sprintf("%03d", n%1000)
	for n >= 1000 {
		n /= 1000
		s = fmt.Sprintf("x%03d/%s", n%1000, s)
	}
	if width < TileWidth {
		s += ".p/" + strconv.Itoa(width)
	}
	return s
}

// ParseTilePath reads a path back. There is one path for each tile; every other
// text is refused.
func ParseTilePath(p string) (TileRef, error) {
	bad := fmt.Errorf("tile path %q: %w", clip(p), ErrFormat)
	part := strings.Split(p, "/")
	// The longest number has seven groups, the width two parts more.
	if len(part) < 3 || len(part) > 11 || part[0] != "tile" {
		return TileRef{}, bad
	}
	t := TileRef{Level: EntriesLevel, Width: TileWidth}
	if part[1] != "entries" {
		level, err := strconv.Atoi(part[1])
		if err != nil || level < 0 || level > maxTileLevel {
			return TileRef{}, bad
		}
		t.Level = level
	}
	groups := part[2:]
	if last := len(groups) - 1; last >= 1 && strings.HasSuffix(groups[last-1], ".p") {
		width, err := strconv.Atoi(groups[last])
		if err != nil || width < 1 || width >= TileWidth {
			return TileRef{}, bad
		}
		t.Width = width
		groups = slices.Clone(groups[:last])
		groups[last-1] = strings.TrimSuffix(groups[last-1], ".p")
	}
	for _, g := range groups {
		v, err := strconv.Atoi(strings.TrimPrefix(g, "x"))
		if err != nil || v < 0 || v > 999 || t.N > maxTileN {
			return TileRef{}, bad
		}
		t.N = t.N*1000 + int64(v)
	}
	// Signs, missing zeros and a misplaced x all show when written again.
	if t.N > maxTileN || t.Path() != p {
		return TileRef{}, bad
	}
	return t, nil
}

// Tiles goes through every tile and entry bundle of a tree of the given size:
// the bundles first, then the levels from the leaves up; the tile that is not
// full comes last on its level. Empty tiles do not exist.
func Tiles(size int64) iter.Seq[TileRef] {
	return func(yield func(TileRef) bool) {
		if !tilesOfLevel(EntriesLevel, size, yield) {
			return
		}
		for level, count := 0, size; count > 0; level, count = level+1, count>>tileHeight {
			if !tilesOfLevel(level, count, yield) {
				return
			}
		}
	}
}

func tilesOfLevel(level int, count int64, yield func(TileRef) bool) bool {
	full := count >> tileHeight
	for n := range full {
		if !yield(TileRef{level, n, TileWidth}) {
			return false
		}
	}
	if w := int(count % TileWidth); w > 0 {
		return yield(TileRef{level, full, w})
	}
	return true
}

// TilesFor lists every tile and entry bundle of a tree of the given size.
func TilesFor(size int64) []TileRef {
	return slices.Collect(Tiles(size))
}

// levelCount is the number of hashes that stand in the tiles of a level.
func levelCount(size int64, level int) int64 {
	if level*tileHeight >= 63 {
		return 0
	}
	return size >> (tileHeight * level)
}

// ReadTile gives the content of a tile: its hashes one after the other.
func ReadTile(level int, n int64, width int, r HashReader) ([]byte, error) {
	if level < 0 || level > maxTileLevel || n < 0 || n > maxTileN || width < 1 || width > TileWidth {
		return nil, fmt.Errorf("tile %d/%d width %d: %w", level, n, width, ErrRange)
	}
	data, err := tlog.ReadTileData(tlog.Tile{H: tileHeight, L: level, N: n, W: width}, r)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", TilePath(level, n, width), err)
	}
	return data, nil
}

// splitHashes takes the content of a tile apart.
func splitHashes(data []byte) ([]Hash, error) {
	if len(data)%HashSize != 0 {
		return nil, fmt.Errorf("tile of %d bytes: %w", len(data), ErrFormat)
	}
	hashes := make([]Hash, len(data)/HashSize)
	for i := range hashes {
		copy(hashes[i][:], data[i*HashSize:])
	}
	return hashes, nil
}
