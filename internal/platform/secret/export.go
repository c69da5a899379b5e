package secret

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"huikan/internal/kernel/fault"
)

// keyFiles are what makes an installation able to open its seals and to go on
// with its log, in the order of an exported file.
var keyFiles = []string{"master", "log"}

const exportHead = "huikan keys 1"

// Export writes the keys to a new file that only its owner may read. It belongs
// on other media than the backup: together they are the whole system.
func (v *Keys) Export(file string) error {
	lines := []string{exportHead}
	for _, name := range keyFiles {
		b, err := os.ReadFile(filepath.Join(v.dir, name))
		if err != nil {
			return fmt.Errorf("read key: %w", err)
		}
		lines = append(lines, name+" "+strings.TrimSpace(string(b)))
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fault.Invalid("error.backup_exists", file)
	}
	if err != nil {
		return fault.Unavailable("error.backup_write", file).With(err)
	}
	_, err = f.WriteString(strings.Join(lines, "\n") + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write keys: %w", err)
	}
	return nil
}

// Import puts exported keys into a data folder that has none.
func Import(dir, file string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return fault.Invalid("error.file_open", file).With(err)
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	if len(lines) != 1+len(keyFiles) || lines[0] != exportHead {
		return fault.Invalid("error.keys_file", file)
	}
	dir = filepath.Join(dir, "keys")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("open keys: %w", err)
	}
	for i, name := range keyFiles {
		text, ok := strings.CutPrefix(strings.TrimSpace(lines[i+1]), name+" ")
		if !ok {
			return fault.Invalid("error.keys_file", file)
		}
		old, err := os.ReadFile(filepath.Join(dir, name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			if err := keep(filepath.Join(dir, name), text); err != nil {
				return fmt.Errorf("write key: %w", err)
			}
		case err != nil:
			return fmt.Errorf("read key: %w", err)
		case strings.TrimSpace(string(old)) != text:
			return fault.Invalid("error.keys_other", dir)
		}
	}
	return nil
}
