package web

import "huikan/internal/platform/ui"

// Menu gives the pages that the reader's menu has, in its order, for who offers
// them in another form than the menu's.
func (s *Server) Menu(r *Request) []ui.MenuItem {
	var out []ui.MenuItem
	for _, g := range s.menuOf(r, nil) {
		out = append(out, g.Items...)
	}
	return out
}
