package sandbox

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

func refusalHere(error) bool { return false }

// calls have arguments with which they fail for another reason, or do nothing
// but open a descriptor, where nothing refuses them.
func calls() []call {
	socket := func(domain, kind int) func() error {
		return func() error {
			fd, err := unix.Socket(domain, kind|unix.SOCK_CLOEXEC, 0)
			if err == nil {
				unix.Close(fd)
			}
			return err
		}
	}
	raw := func(nr uintptr, args ...uintptr) func() error {
		return func() error {
			var a [6]uintptr
			copy(a[:], args)
			fd, _, errno := unix.Syscall6(nr, a[0], a[1], a[2], a[3], a[4], a[5])
			if errno != 0 {
				return errno
			}
			if nr == unix.SYS_IO_URING_SETUP {
				unix.Close(int(fd))
			}
			return nil
		}
	}
	const none = ^uintptr(0) // no descriptor
	var ring [120]byte       // struct io_uring_params
	empty, argv := []byte{0}, []uintptr{0}
	return []call{
		{"open a TCP socket", socket(unix.AF_INET, unix.SOCK_STREAM)},
		{"open a UDP socket, as for a name server", socket(unix.AF_INET, unix.SOCK_DGRAM)},
		{"open an IPv6 socket", socket(unix.AF_INET6, unix.SOCK_DGRAM)},
		{"open a local socket", socket(unix.AF_UNIX, unix.SOCK_STREAM)},
		{"connect", raw(unix.SYS_CONNECT, none)},
		{"bind", raw(unix.SYS_BIND, none)},
		{"send", raw(unix.SYS_SENDTO, none)},
		{"set up io_uring", func() error { return raw(unix.SYS_IO_URING_SETUP, 1, uintptr(unsafe.Pointer(&ring)))() }},
		{"look into another process", raw(unix.SYS_PTRACE, unix.PTRACE_PEEKDATA, 0)},
		{"take a descriptor of another process", raw(unix.SYS_PIDFD_GETFD, none)},
		{"run a program", func() error {
			return raw(unix.SYS_EXECVE, uintptr(unsafe.Pointer(&empty[0])), uintptr(unsafe.Pointer(&argv[0])), uintptr(unsafe.Pointer(&argv[0])))()
		}},
	}
}
