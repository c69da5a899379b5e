package document

import (
	"fmt"
	"io"
	"slices"

	"github.com/richardlehane/mscfb"

	"huikan/internal/kernel/fault"
)

// maxOLE bounds the old office files, which are read as a whole.
const maxOLE = 64 << 20

// OLEStreams gives the named streams of an OLE compound file, those that exist.
// The parser is not ours: a panic on a damaged file is a refusal like any other.
func OLEStreams(file string, r io.ReaderAt, size int64, names ...string) (streams map[string][]byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			streams, err = nil, fault.Invalid("document.damaged", file, "ole").With(fmt.Errorf("compound file: %v", p))
		}
	}()
	if size > maxOLE { // the directory is walked by recursion
		return nil, fault.Limit("document.file_size", file, size>>20, maxOLE>>20)
	}
	d, err := mscfb.New(io.NewSectionReader(r, 0, size))
	if err != nil {
		return nil, fault.Invalid("document.damaged", file, "ole").With(err)
	}
	streams = map[string][]byte{}
	for _, e := range d.File {
		if !slices.Contains(names, e.Name) || len(e.Path) > 0 || e.FileInfo().IsDir() || streams[e.Name] != nil {
			continue
		}
		b, err := io.ReadAll(io.LimitReader(e, size+1))
		if err != nil && len(b) == 0 {
			return nil, fault.Invalid("document.damaged", file, e.Name).With(err)
		}
		if int64(len(b)) > size { // a stream cannot be larger than its file
			return nil, fault.Invalid("document.damaged", file, e.Name)
		}
		streams[e.Name] = b
	}
	return streams, nil
}

func oleKind(file string, r io.ReaderAt, size int64) (Kind, error) {
	st, err := OLEStreams(file, r, size, "WordDocument", "Workbook", "Book", "EncryptedPackage")
	if err != nil {
		return KindUnknown, err
	}
	switch {
	case st["EncryptedPackage"] != nil:
		return KindUnknown, fault.Invalid("document.encrypted", file)
	case st["WordDocument"] != nil:
		return KindDoc, nil
	case st["Workbook"] != nil, st["Book"] != nil:
		return KindXls, nil
	}
	return KindUnknown, nil
}
