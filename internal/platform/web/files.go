package web

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
)

// Sub is a folder of a room's embedded files. It panics at start when the room
// names a folder that it does not have.
func Sub(files fs.FS, dir string) fs.FS {
	sub, err := fs.Sub(files, dir)
	if err != nil {
		panic(fmt.Sprintf("web: %s: %v", dir, err))
	}
	return sub
}

// Words reads words.zh.json and words.en.json of a room. It panics at start
// when one is missing or no JSON: a program without its words must not run.
func Words(files fs.FS) map[string]map[string]string {
	out := map[string]map[string]string{}
	for _, lang := range []string{"zh", "en"} {
		b, err := fs.ReadFile(files, "words."+lang+".json")
		var m map[string]string
		if err == nil {
			err = json.Unmarshal(b, &m)
		}
		if err != nil {
			panic(fmt.Sprintf("web: words.%s.json: %v", lang, err))
		}
		out[lang] = m
	}
	return out
}

//go:embed words.*.json
var own embed.FS
