package rectification

import (
	"io"
	"net/http"
)

// stream is what pipe gives: a reader that ends the connection when writing
// failed, because half a ledger must not look like a whole one.
type stream struct{ *io.PipeReader }

func (s stream) Read(b []byte) (int, error) {
	n, err := s.PipeReader.Read(b)
	if err != nil && err != io.EOF {
		panic(http.ErrAbortHandler)
	}
	return n, err
}
