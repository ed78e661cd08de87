//go:build !unix

package sandbox

// NoCore has nothing to do: Windows keeps dumps of crashed programs only where
// its owner asked for them.
func NoCore() error { return nil }
