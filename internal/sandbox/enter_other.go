//go:build !linux && !openbsd

package sandbox

import "runtime"

const confines = false

func landlockVersion() int { return 0 }

// enter has nothing to ask for on this system.
func enter(Paths) (State, error) {
	return State{Missing: []string{"a program cannot give up files and the network by itself on " + systemName()}}, nil
}

func systemName() string {
	switch runtime.GOOS {
	case "darwin":
		return "macOS"
	case "windows":
		return "Windows"
	case "freebsd":
		return "FreeBSD (without Capsicum, which flightveil does not use)"
	}
	return runtime.GOOS
}
