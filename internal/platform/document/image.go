package document

import (
	"encoding/binary"
	"image"
	_ "image/gif"  // header only
	_ "image/jpeg" // header only
	_ "image/png"  // header only
	"io"

	"huikan/internal/kernel/fault"
)

// Image is what the header of a picture says.
type Image struct {
	Width, Height int
	Frames        int // pictures in an animation, 1 for a still
}

// InspectImage reads the header of a picture and refuses one whose pixels
// would fill the memory of whoever opens it. No pixel is decoded.
func InspectImage(name string, k Kind, r io.ReaderAt, size int64) (Image, error) {
	var im Image
	var err error
	if k == KindWebP {
		im, err = webp(r, size)
	} else {
		var c image.Config
		c, _, err = image.DecodeConfig(io.NewSectionReader(r, 0, size))
		im = Image{c.Width, c.Height, 1}
		if k == KindGIF && err == nil {
			im.Frames, err = gifFrames(r, size)
		}
	}
	if err != nil || im.Width <= 0 || im.Height <= 0 {
		return Image{}, fault.Invalid("document.damaged", name, string(k)).With(err)
	}
	if im.Width > MaxSide || im.Height > MaxSide || int64(im.Width)*int64(im.Height) > MaxPixels {
		return Image{}, fault.Limit("document.pixels", name, im.Width, im.Height, MaxPixels/1_000_000)
	}
	if im.Frames > MaxFrames {
		return Image{}, fault.Limit("document.frames", name, im.Frames, MaxFrames)
	}
	return im, nil
}

// webp walks the RIFF chunks: the size stands in the first, the frames are counted.
func webp(r io.ReaderAt, size int64) (Image, error) {
	im := Image{}
	le := binary.LittleEndian
	for at := int64(12); at+8 <= size; {
		var b [18]byte
		n, _ := r.ReadAt(b[:], at)
		if n < 8 {
			break
		}
		switch string(b[:4]) {
		case "VP8X":
			im.Width, im.Height = 1+int(le.Uint32(b[12:])&0xFFFFFF), 1+int(uint32(b[15])|uint32(b[16])<<8|uint32(b[17])<<16)
		case "VP8L":
			if im.Width == 0 && b[8] == 0x2F {
				v := le.Uint32(b[9:])
				im.Width, im.Height = 1+int(v&0x3FFF), 1+int(v>>14&0x3FFF)
			}
		case "VP8 ":
			if im.Width == 0 && n == 18 {
				if _, err := r.ReadAt(b[:4], at+14); err != nil {
					return im, err
				}
				im.Width, im.Height = int(le.Uint16(b[0:])&0x3FFF), int(le.Uint16(b[2:])&0x3FFF)
			}
			return Image{im.Width, im.Height, 1}, nil
		case "ANMF":
			if im.Frames++; im.Frames > MaxFrames {
				return im, nil
			}
		}
		l := int64(le.Uint32(b[4:]))
		at += 8 + l + l&1
	}
	im.Frames = max(im.Frames, 1)
	return im, nil
}

// gifFrames counts the pictures by stepping over their blocks.
func gifFrames(r io.ReaderAt, size int64) (int, error) {
	var b [11]byte
	if _, err := r.ReadAt(b[:], 0); err != nil {
		return 0, err
	}
	at := int64(13)
	if f := gifByte(r, 10); f&0x80 != 0 {
		at += 3 << (f&7 + 1)
	}
	for frames := 0; ; {
		if at >= size {
			return frames, nil
		}
		switch gifByte(r, at) {
		case 0x2C:
			if frames++; frames > MaxFrames {
				return frames, nil
			}
			f := gifByte(r, at+9)
			at += 11
			if f&0x80 != 0 {
				at += 3 << (f&7 + 1)
			}
		case 0x21:
			at += 2
		default:
			return frames, nil
		}
		for at < size {
			n := int64(gifByte(r, at))
			at += n + 1
			if n == 0 {
				break
			}
		}
	}
}

func gifByte(r io.ReaderAt, at int64) byte {
	var b [1]byte
	if _, err := r.ReadAt(b[:], at); err != nil {
		return 0
	}
	return b[0]
}
