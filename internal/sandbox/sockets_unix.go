//go:build unix

package sandbox

import "golang.org/x/sys/unix"

// inheritedSockets names those of the standard streams that are network
// sockets: no sandbox takes back what was open before. Local sockets are what
// some programs use for pipes; they do not leave the computer.
func inheritedSockets() []string {
	var out []string
	for fd, name := range []string{"standard input", "standard output", "standard error"} {
		var st unix.Stat_t
		if err := unix.Fstat(fd, &st); err != nil || st.Mode&unix.S_IFMT != unix.S_IFSOCK {
			continue
		}
		addr, err := unix.Getsockname(fd)
		if err != nil {
			out = append(out, name) // of a kind nobody here knows
			continue
		}
		if _, local := addr.(*unix.SockaddrUnix); !local {
			out = append(out, name)
		}
	}
	return out
}
