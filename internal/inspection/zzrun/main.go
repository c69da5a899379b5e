package main

import (
	"encoding/json"
	"fmt"
	"os"

	"huikan/hantext"
)

func main() {
	raw, err := os.ReadFile(os.Args[1])
	if err != nil { panic(err) }
	a, err := hantext.Clean(raw)
	if err != nil { panic(err) }
	b, _ := json.MarshalIndent(a, "", " ")
	fmt.Println(string(b))
}
