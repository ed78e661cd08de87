//go:build !linux

package disk

import "os"

const wholeSync = false

// Each file is forced to disk when it is complete, so nothing is left to do for
// a group.

func syncAll(*os.File) error { return nil }

func settle(f *os.File) error { return f.Sync() }

// DropCache does nothing: there is no way to do it for one file.
func DropCache(*os.File) {}

// DropCacheFd does nothing.
func DropCacheFd(uintptr) {}
