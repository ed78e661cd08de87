//go:build unix

package sandbox

import "golang.org/x/sys/unix"

// NoCore keeps the memory of this process, and the keys in it, out of core
// dumps. A limit of one byte, not of none: Linux hands the dump to a program
// such as systemd-coredump whatever the limit, unless it is 1 (core(5)).
func NoCore() error {
	return unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{Cur: 1, Max: 1})
}
