package app

import (
	"fmt"

	"huikan/internal/contact"
)

// CheckReceipt verifies the receipt of a record offline and tells what it proves.
func CheckReceipt(path, key string) (string, error) {
	text, err := ReadFile(path)
	if err != nil {
		return "", err
	}
	rc, c, err := contact.CheckReceipt(text, key)
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	return fmt.Sprintf("%s %s\n%s %d\n%s\n%s\n", rc.Code, rc.Recorded, rc.Origin, rc.Testimony.Index, c.AskerName, c.Words), nil
}
