package sandbox

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// From linux/seccomp.h and linux/filter.h.
const (
	offNumber = 0 // of seccomp_data.nr
	offArch   = 4 // of seccomp_data.arch

	load      = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
	jumpEqual = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
	jumpAbove = unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K
	answer    = unix.BPF_RET | unix.BPF_K

	// Calls of the x32 ABI have this bit set; a call number of -1 as well.
	otherABI = 0x40000000
)

// program is the filter: another architecture's calls end the process, calls in
// list and those of another ABI fail with EPERM.
func program(arch uint32, list []uint32) []unix.SockFilter {
	n := len(list)
	p := []unix.SockFilter{
		{Code: load, K: offArch},
		{Code: jumpEqual, K: arch, Jt: 1},
		{Code: answer, K: unix.SECCOMP_RET_KILL_PROCESS},
		{Code: load, K: offNumber},
		{Code: jumpAbove, K: otherABI, Jt: uint8(n + 1)},
	}
	for i, nr := range list {
		p = append(p, unix.SockFilter{Code: jumpEqual, K: nr, Jt: uint8(n - i)})
	}
	return append(p,
		unix.SockFilter{Code: answer, K: unix.SECCOMP_RET_ALLOW},
		unix.SockFilter{Code: answer, K: unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)})
}

var errNoFilter = errors.New("no seccomp filter for this kind of processor")

// restrictCalls installs the filter for all threads, which gives all of them
// no_new_privs, too.
func restrictCalls(list []uint32) error {
	if auditArch == 0 {
		return errNoFilter
	}
	return install(program(auditArch, list))
}

// install sets a filter for all threads.
func install(p []unix.SockFilter) error {
	prog := unix.SockFprog{Len: uint16(len(p)), Filter: &p[0]}
	runtime.LockOSThread() // for prctl
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("no_new_privs: %w", err)
	}
	thread, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&prog)))
	switch {
	case errno != 0:
		return fmt.Errorf("seccomp: %w", errno)
	case thread != 0:
		return fmt.Errorf("seccomp: thread %d has a filter of its own", thread)
	}
	return nil
}
