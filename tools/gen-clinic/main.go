// Command gen-clinic makes up the labelled registers of the match-quality clinic:
// people who do not exist, damaged as registers are, with the true pairs.
//
//	go run ./tools/gen-clinic internal/screening/clinic
package main

import (
	"fmt"
	"os"

	"huikan/linkage/registers"
)

// labelled is the size and the damage of the clinic; a change of it changes what
// every measured model is compared on.
var labelled = registers.Making{Seed: 61, Staff: 1500, Relatives: 3000, Lawyers: 1500, Overlap: 8, Errors: 1.5, Missing: 1.3, Alikes: 2}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "gen-clinic FOLDER")
		os.Exit(2)
	}
	if err := labelled.Write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "gen-clinic:", err)
		os.Exit(1)
	}
}
