package linkage

import (
	"syscall"
	"unsafe"
)

const (
	largePage    = 2 << 20
	adviseLarge  = 14 // MADV_HUGEPAGE
	largeEnough  = 2 * largePage
	pageBoundary = 4096
)

// largePages asks the system for large pages under a slice that was not written to yet. It is advice: where it is refused
// all stays as it was.
func largePages[T any](s []T) {
	var one T
	n := uintptr(cap(s)) * unsafe.Sizeof(one)
	if n < largeEnough {
		return
	}
	from := uintptr(unsafe.Pointer(unsafe.SliceData(s)))
	to := (from + n) &^ (pageBoundary - 1)
	from = (from + pageBoundary - 1) &^ (pageBoundary - 1)
	_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, from, to-from, adviseLarge)
}
