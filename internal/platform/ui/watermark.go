package ui

import (
	"fmt"
	"html"
	"math"
)

// WatermarkSVG is the tile that the fixed layer of every page repeats (/wm.svg): name, unit, time and a
// short id of the reader. Its size follows the length of the text, so that no text is cut off. The
// strength is made for paper; the style sheet lowers it on the screen to below 8 %.
func WatermarkSVG(text string) string {
	const size, slant = 16.0, 24.0
	w := 0.0
	for _, r := range text {
		if r < 0x2E80 {
			w += 0.6
			continue
		}
		w++
	}
	long := w*size + 40
	tileW := math.Ceil(long*math.Cos(slant*math.Pi/180) + 60)
	tileH := math.Ceil(long*math.Sin(slant*math.Pi/180) + 80)
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f"><text x="30" y="%.0f" transform="rotate(-%.0f 30 %.0f)" font-size="%.0f" font-family="sans-serif" fill="#000" fill-opacity=".13">%s</text></svg>`,
		tileW, tileH, tileH-30, slant, tileH-30, size, html.EscapeString(text))
}
