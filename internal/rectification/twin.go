package rectification

import (
	"encoding/hex"
	"image"
	_ "image/gif"  // kinds of pictures that are read
	_ "image/jpeg" //
	_ "image/png"  //
	"io"
	"math/bits"
	"strings"

	"huikan/hantext/group"
	"huikan/internal/kernel/id"
)

// Twin is evidence of another item that is the same file, nearly the same
// picture, or has the same paragraph: rectification on paper is often copied.
// It is a reason to look, no verdict.
type Twin struct {
	Evidence id.ID   `json:"evidence"` // of this item
	Kind     string  `json:"kind"`     // file, picture, paragraph
	Count    int     `json:"count"`    // paragraphs in common
	Like     float64 `json:"like"`     // of the likest
	Other    id.ID   `json:"other"`    // the other evidence
	Item     id.ID   `json:"item"`     // and its item; empty when the reader may not see it
	No       string  `json:"no"`
	Unit     id.ID   `json:"unit"`
	At       string  `json:"at"`
}

// Kinds of twins.
const (
	TwinFile      = "file"
	TwinPicture   = "picture"
	TwinParagraph = "paragraph"
)

// Print is what is kept of a picture or a paragraph so that its twin is found.
type Print struct {
	Kind   string
	N      int // number of the paragraph
	Sketch []byte
}

const (
	side            = 16       // a picture is brought to side × side comparisons
	maxPixels       = 24 << 20 // larger pictures are not read
	pictureMost     = 28       // of 256 comparisons may differ between twins
	pictureShare    = 20       // and of a hundred comparisons that are set in either: a page with little on it has few
	pictureLeast    = 24       // comparisons that must stand out; a blank page has none
	pictureContrast = 3        // difference of brightness that counts, of 255
	paragraphRunes  = 40       // shorter paragraphs are formulas
	paragraphLike   = 0.7
	maxParagraphs   = 200
)

// PicturePrint sketches a picture: whether each of 16 × 16 fields is darker than
// its right neighbour. It stays nearly the same when the picture is scaled, made
// lighter or compressed anew. A picture that cannot be read, or is blank, has none.
func PicturePrint(open func() (io.ReadCloser, error)) (p Print, ok bool, err error) {
	c, err := open()
	if err != nil {
		return p, false, err
	}
	conf, _, bad := image.DecodeConfig(c)
	if err := c.Close(); err != nil {
		return p, false, err
	}
	if bad != nil || conf.Width <= 0 || conf.Height <= 0 || conf.Width > maxPixels/conf.Height {
		return p, false, nil
	}
	if c, err = open(); err != nil {
		return p, false, err
	}
	img, _, bad := image.Decode(c)
	if err := c.Close(); err != nil {
		return p, false, err
	}
	if bad != nil {
		return p, false, nil
	}
	sketch, ok := pictureSketch(img)
	return Print{Kind: TwinPicture, Sketch: sketch}, ok, nil
}

func pictureSketch(img image.Image) ([]byte, bool) {
	b := img.Bounds()
	if b.Dx() < side+1 || b.Dy() < side {
		return nil, false
	}
	var field [side][side + 1]float64
	for y := range side {
		for x := range side + 1 {
			field[y][x] = brightness(img, b.Min.X+b.Dx()*x/(side+1), b.Min.X+b.Dx()*(x+1)/(side+1), b.Min.Y+b.Dy()*y/side, b.Min.Y+b.Dy()*(y+1)/side)
		}
	}
	out := make([]byte, side*side/8)
	telling := 0
	for y := range side {
		for x := range side {
			d := field[y][x+1] - field[y][x]
			if d > pictureContrast {
				out[(y*side+x)/8] |= 1 << ((y*side + x) % 8)
			}
			if d > pictureContrast || d < -pictureContrast {
				telling++
			}
		}
	}
	return out, telling >= pictureLeast
}

// brightness is the mean of a field, from at most some hundred of its pixels.
func brightness(img image.Image, x0, x1, y0, y1 int) float64 {
	const most = 12
	dx, dy := max(1, (x1-x0)/most), max(1, (y1-y0)/most)
	sum, n := 0.0, 0
	for y := y0; y < max(y1, y0+1); y += dy {
		for x := x0; x < max(x1, x0+1); x += dx {
			r, g, b, _ := img.At(x, y).RGBA()
			sum += 0.299*float64(r>>8) + 0.587*float64(g>>8) + 0.114*float64(b>>8)
			n++
		}
	}
	return sum / float64(n)
}

// TextPrints sketches the paragraphs of a text that are long enough to be
// somebody's own words.
func TextPrints(text string) []Print {
	var out []Print
	for n, para := range strings.Split(text, "\n") {
		s := group.Sketch(para, paragraphRunes)
		if s == nil {
			continue
		}
		b := make([]byte, 0, 4*len(s))
		for _, x := range s {
			b = append(b, byte(x>>24), byte(x>>16), byte(x>>8), byte(x))
		}
		out = append(out, Print{Kind: TwinParagraph, N: n + 1, Sketch: b})
		if len(out) == maxParagraphs {
			break
		}
	}
	return out
}

// Like is how alike two prints of one kind are, and whether that makes twins.
func (p Print) Like(o Print) (float64, bool) {
	if p.Kind != o.Kind || len(p.Sketch) != len(o.Sketch) || len(p.Sketch) == 0 {
		return 0, false
	}
	if p.Kind == TwinPicture {
		d, set := 0, 0
		for i := range p.Sketch {
			d += bits.OnesCount8(p.Sketch[i] ^ o.Sketch[i])
			set += bits.OnesCount8(p.Sketch[i]) + bits.OnesCount8(o.Sketch[i])
		}
		return 1 - float64(d)/float64(max(set, 1)), d <= pictureMost && d*100 <= pictureShare*set
	}
	l := group.SketchLike(words32(p.Sketch), words32(o.Sketch))
	return l, l >= paragraphLike
}

func words32(b []byte) []uint32 {
	out := make([]uint32, len(b)/4)
	for i := range out {
		out[i] = uint32(b[4*i])<<24 | uint32(b[4*i+1])<<16 | uint32(b[4*i+2])<<8 | uint32(b[4*i+3])
	}
	return out
}

// Keys are numbers under which a print is filed: of pictures each row of fields,
// so that twins that differ in less than sixteen fields share one for certain.
func (p Print) Keys() []int64 {
	if p.Kind == TwinParagraph {
		return group.SketchKeys(words32(p.Sketch))
	}
	var out []int64
	for i := 0; i+1 < len(p.Sketch); i += 2 {
		if v := int64(p.Sketch[i])<<8 | int64(p.Sketch[i+1]); v != 0 && v != 0xffff { // an empty row is no sign
			out = append(out, int64(i/2)<<20|v|1<<40)
		}
	}
	return out
}

func (p Print) text() string { return hex.EncodeToString(p.Sketch) }
