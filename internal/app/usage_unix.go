//go:build unix

package app

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"time"
)

// cpuTime is the processor time that the program has used.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// freshPeak lets the peak of the memory begin anew where the system can (Linux);
// elsewhere it stays that of the whole process.
func freshPeak() {
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // 5: the peak, see proc(5)
}

// residentMemory is what is resident now, in bytes; 0 where the system does not tell.
func residentMemory() int64 { return residentOf(os.Getpid()) }

// residentOf is the same of a process.
func residentOf(pid int) int64 { return statusOf(pid, "VmRSS:") }

// statusOf is an amount of memory that the system tells of a process (Linux).
func statusOf(pid int, field string) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), field)
	var kib int64
	if _, err := fmt.Sscanf(rest, "%d kB", &kib); err != nil {
		return 0
	}
	return kib << 10
}

// peakMemory is the most memory that was resident, in bytes, since freshPeak.
func peakMemory() int64 {
	if n := statusOf(os.Getpid(), "VmHWM:"); n > 0 {
		return n
	}
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return int64(u.Maxrss)
	}
	return int64(u.Maxrss) << 10
}

// peakOf is the most memory that a program that has ended had resident, in bytes. It is never told as less than what the
// program that started it had.
func peakOf(p *os.ProcessState) int64 {
	u, ok := p.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return int64(u.Maxrss)
	}
	return int64(u.Maxrss) << 10
}
