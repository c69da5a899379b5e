//go:build !linux

package linkage

func largePages[T any]([]T) {}
