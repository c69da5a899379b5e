//go:build !unix

package app

import (
	"os"
	"runtime"
	"time"
)

// cpuTime is not told on this system.
func cpuTime() time.Duration { return 0 }

// freshPeak does nothing on this system.
func freshPeak() {}

// residentMemory is not told on this system.
func residentMemory() int64 { return 0 }

// residentOf is not told on this system.
func residentOf(int) int64 { return 0 }

// peakMemory is what the runtime took from the system.
func peakMemory() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys)
}

// peakOf is not told on this system.
func peakOf(*os.ProcessState) int64 { return 0 }
