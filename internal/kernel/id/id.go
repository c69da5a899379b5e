// Package id makes and checks the identifiers of records: UUIDs of version 7,
// which sort by their time of making. They are not secrets (ASVS 11.5.1).
package id

import (
	"strings"

	"github.com/google/uuid"

	"huikan/internal/kernel/fault"
)

// ID names one record for ever.
type ID string

// New makes an identifier. It only fails when the system has no randomness,
// and then nothing at all may go on.
func New() ID { return ID(uuid.Must(uuid.NewV7()).String()) }

// Parse accepts the canonical lower-case form only, so that one record has one address.
func Parse(s string) (ID, error) {
	u, err := uuid.Parse(s)
	if err != nil || u.String() != s {
		return "", fault.NotFound("id")
	}
	return ID(s), nil
}

// Short is the last block, enough to tell records apart on paper.
func (i ID) Short() string {
	s := string(i)
	return s[strings.LastIndexByte(s, '-')+1:]
}
