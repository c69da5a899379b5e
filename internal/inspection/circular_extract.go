package inspection

import "huikan/hantext"

// ExtractCircular reads a rectification circular. It is pure.
func ExtractCircular(a hantext.Article) Circular { return Circular{Title: a.Title} }
