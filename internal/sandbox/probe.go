package sandbox

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// A Probe is something that was tried, and what came of it.
type Probe struct {
	Name    string
	Guard   string // what has to refuse it: "files" or "calls"
	Refused bool
	Err     error // what the system said; nil if it was done
}

// Try tries what the sandbox has to refuse, from inside: to reach files and to
// get hold of sockets and programs. Nothing is sent, and what is made is
// removed. Without a sandbox all of it succeeds or fails for other reasons.
func Try() []Probe {
	out := tryFiles()
	for _, c := range calls() {
		err := c.do()
		out = append(out, Probe{Name: c.name, Guard: "calls", Refused: refusal(err), Err: err})
	}
	return out
}

// A call is a system call to be tried.
type call struct {
	name string
	do   func() error
}

func tryFiles() []Probe {
	add := func(name string, err error) Probe {
		return Probe{Name: name, Guard: "files", Refused: refusal(err), Err: err}
	}
	exe, err := os.Executable()
	if err != nil {
		return []Probe{add("read a file", err)}
	}
	f, err := os.Open(exe)
	if err == nil {
		f.Close()
	}
	out := []Probe{add("read a file it was not given", err)}
	_, err = os.ReadDir(filepath.Dir(exe))
	out = append(out, add("list a folder it was not given", err))
	f, err = os.CreateTemp("", "flightveil-probe-")
	if err == nil {
		f.Close()
		os.Remove(f.Name())
	}
	out = append(out, add("write into a folder it was not given", err))
	dir, err := os.MkdirTemp("", "flightveil-probe-")
	if err == nil {
		os.Remove(dir)
	}
	return append(out, add("make a folder elsewhere", err))
}

// refusal reports whether err is how a sandbox says no.
func refusal(err error) bool { return errors.Is(err, fs.ErrPermission) || refusalHere(err) }
