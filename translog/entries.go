package translog

import (
	"encoding/binary"
	"fmt"
)

// MaxEntry is the greatest length of an entry: a bundle writes it in two bytes.
const MaxEntry = 1<<16 - 1

// EncodeEntries puts up to TileWidth entries into a bundle: for each its length
// (two bytes, big endian) and its bytes.
func EncodeEntries(entries [][]byte) ([]byte, error) {
	if len(entries) > TileWidth {
		return nil, fmt.Errorf("%d entries in one bundle: %w", len(entries), ErrRange)
	}
	total := 0
	for i, e := range entries {
		if len(e) > MaxEntry {
			return nil, fmt.Errorf("entry %d of the bundle has %d bytes: %w", i, len(e), ErrRange)
		}
		total += 2 + len(e)
	}
	out := make([]byte, 0, total)
	for _, e := range entries {
		out = binary.BigEndian.AppendUint16(out, uint16(len(e)))
		out = append(out, e...)
	}
	return out, nil
}

// DecodeEntries takes a bundle of exactly width entries apart. The entries share
// the memory of data.
func DecodeEntries(data []byte, width int) ([][]byte, error) {
	if width < 0 || width > TileWidth {
		return nil, fmt.Errorf("bundle width %d: %w", width, ErrRange)
	}
	entries, rest := splitEntries(data, width)
	if len(entries) < width {
		return nil, fmt.Errorf("bundle ends in entry %d of %d: %w", len(entries), width, ErrFormat)
	}
	if len(rest) > 0 {
		return nil, fmt.Errorf("%d bytes after the last of %d entries: %w", len(rest), width, ErrFormat)
	}
	return entries, nil
}

// splitEntries takes whole entries off data, at most limit, and gives what is left.
func splitEntries(data []byte, limit int) (entries [][]byte, rest []byte) {
	entries = make([][]byte, 0, limit)
	for len(entries) < limit && len(data) >= 2 {
		n := int(binary.BigEndian.Uint16(data))
		if len(data)-2 < n {
			break
		}
		entries = append(entries, data[2:2+n:2+n])
		data = data[2+n:]
	}
	return entries, data
}
