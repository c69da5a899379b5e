package linkage

// room makes an empty slice with room for n values that hold no pointers. Large ones lie on large pages where the system
// has them: millions of look-ups at random spend most of their time on finding the page.
func room[T facts | uint32 | uint64 | name | entry | byte](n int) []T {
	s := make([]T, 0, n)
	largePages(s)
	return s
}

// filled is room with n zero values in it.
func filled[T facts | uint32 | uint64 | name | entry | byte](n int) []T { return room[T](n)[:n] }
