// Package hantext repairs Chinese text that reaches an institution as a damaged web copy, and gives the small tools
// that searching, matching and reading such text needs. It is an instrument: it knows no business term and imports
// nothing of this product.
package hantext
