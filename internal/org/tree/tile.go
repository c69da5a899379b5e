package tree

import "strings"

// TileColumns and TileRows are the size of the tile grid.
const (
	TileColumns = 9
	TileRows    = 8
)

// tiles places the 32 provincial units on a grid of equal squares: neighbours
// stay roughly neighbours, no border is drawn, and it is a scheme, not a map.
var tiles = map[string][2]int{
	"23": {8, 0},
	"65": {0, 1}, "66": {1, 1}, "15": {5, 1}, "22": {8, 1},
	"62": {2, 2}, "64": {3, 2}, "14": {4, 2}, "13": {5, 2}, "11": {6, 2}, "12": {7, 2}, "21": {8, 2},
	"63": {2, 3}, "61": {3, 3}, "41": {4, 3}, "37": {5, 3},
	"54": {1, 4}, "51": {2, 4}, "50": {3, 4}, "42": {4, 4}, "34": {5, 4}, "32": {6, 4}, "31": {7, 4},
	"53": {2, 5}, "52": {3, 5}, "43": {4, 5}, "36": {5, 5}, "33": {6, 5},
	"45": {3, 6}, "44": {4, 6}, "35": {5, 6},
	"46": {4, 7},
}

// Tile is the place of a provincial unit on the tile grid, from the upper left
// corner; ok is false for any other unit.
func Tile(code string) (col, row int, ok bool) {
	stem, whole := strings.CutSuffix(code, "000000")
	at, known := tiles[stem]
	if !whole || !known {
		return 0, 0, false
	}
	return at[0], at[1], true
}

// Label is what fits into a tile: 河南, 内蒙古, 兵团; empty for a unit that has none.
func Label(code string) string {
	if _, _, ok := Tile(code); !ok {
		return ""
	}
	u, _ := ByCode(code)
	return strings.TrimSuffix(u.Short, "检察院")
}
