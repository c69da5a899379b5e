package web

// Document is a page or file that a room writes itself and that stands under
// the policy of our own pages: the public reading site, its style sheet, its feed.
// It never carries what a user uploaded.
type Document struct {
	Type string
	Body []byte
}

func (d Document) write(_ *Server, r *Request) error {
	r.w.Header().Set("Content-Type", d.Type)
	_, err := r.w.Write(d.Body)
	return ignoreGone(err)
}
