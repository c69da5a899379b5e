package app

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"huikan/hantext"
	"huikan/internal/kernel/fault"
	"huikan/internal/platform/document"
	"huikan/translog"
)

// maxFile bounds what a command reads into memory.
const maxFile = 64 << 20

// ReadArticle reads a file (or standard input for "-") of any supported kind
// and repairs it into an article. Errors name the file.
func ReadArticle(name string, stdin io.Reader) (hantext.Article, error) {
	var raw []byte
	var err error
	if name == "-" {
		raw, err = io.ReadAll(io.LimitReader(stdin, maxFile+1))
		name = "standard input"
	} else {
		raw, err = readFile(name)
	}
	if err != nil {
		return hantext.Article{}, fileError(name, err)
	}
	if len(raw) > maxFile {
		return hantext.Article{}, fault.Limit("error.file_large", name, len(raw)>>20, maxFile>>20)
	}
	a, err := document.Article(name, bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return a, fileError(name, err)
	}
	return a, nil
}

// ReadFile reads a whole file within the bound of commands; errors name it.
func ReadFile(name string) ([]byte, error) {
	raw, err := readFile(name)
	if err != nil {
		return nil, fileError(name, err)
	}
	return raw, nil
}

func readFile(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, fault.Invalid("error.file_folder", name)
	}
	if info.Size() > maxFile {
		return nil, fault.Limit("error.file_large", name, info.Size()>>20, maxFile>>20)
	}
	return os.ReadFile(name)
}

func fileError(name string, err error) error {
	if _, ok := fault.Of(err); ok {
		return fmt.Errorf("%s: %w", name, err)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return fault.Invalid("error.file_missing", name).With(err)
	}
	if errors.Is(err, fs.ErrPermission) {
		return fault.Invalid("error.file_permission", name).With(err)
	}
	return fmt.Errorf("%s: %w", name, err)
}

// VerifyCopy verifies a copy of the log that lies in a folder. key is the
// public key kept elsewhere; without it the copy's own is used, which only
// proves that the copy agrees with itself.
func VerifyCopy(dir, key string) (translog.Report, error) {
	fsys := os.DirFS(dir)
	if _, err := fs.Stat(fsys, "checkpoint"); err != nil {
		return translog.Report{}, fileError(filepath.Join(dir, "checkpoint"), err)
	}
	var v translog.Verifier
	var err error
	if key != "" {
		v, err = translog.NewVerifier(key)
	} else {
		_, v, err = translog.ReadKey(fsys)
	}
	if err != nil {
		return translog.Report{}, fault.Invalid("error.log_key", dir).With(err)
	}
	rep, err := translog.VerifyDir(fsys, v, "")
	if err != nil {
		return rep, fmt.Errorf("verify %s: %w", dir, err)
	}
	return rep, nil
}
