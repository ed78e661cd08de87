// Package sandbox shuts the process in: it gives up the network and every file
// that a command does not need, before the first byte of somebody else's file
// is read. What a hostile file could make of a bug is bounded by that.
//
//   - Linux: Landlock for files (kernel 5.13 and later, landlock(7)) and a
//     seccomp filter for sockets, other processes and programs (seccomp(2)).
//     Landlock alone is no proof of being offline: below ABI 10 it knows TCP only.
//   - OpenBSD: unveil(2) for files, pledge(2) for everything else.
//   - Elsewhere there is nothing that a program without privileges can ask for.
//     Then [State.Missing] says so.
//
// What stays possible everywhere: to ask whether a name exists, how long a file
// is and when it was changed; and to write to what was open before, such as
// standard output. It cannot be undone: a process enters once.
package sandbox

import (
	"errors"
	"fmt"
	"strings"
)

// Mode is what --sandbox says.
type Mode string

const (
	Best    Mode = "best"    // as much as the system can do
	Require Mode = "require" // all of it, or an error
	Off     Mode = "off"
)

// ParseMode reads what --sandbox was given.
func ParseMode(s string) (Mode, error) {
	switch m := Mode(s); m {
	case Best, Require, Off:
		return m, nil
	}
	return "", fmt.Errorf("%q is no level: use best, require or off", s)
}

// Paths are the files that stay in reach. A folder stands for all below it. What
// does not exist is left out: it cannot be read, and made only in a folder of
// Write.
type Paths struct {
	Read  []string // to be read
	List  []string // folders whose entries may be listed, below them, too; their files stay shut
	Write []string // to be read, written, made and removed
	Empty []string // folders below which empty folders may be removed
	Tty   []string // terminals, to ask for a passphrase
}

// State is what is in force.
type State struct {
	Mode     Mode
	Files    string   // by what files out of reach are refused; empty if they are not
	Calls    string   // by what sockets and programs are refused; empty if they are not
	Landlock int      // version of Landlock's interface in the kernel; 0 if it has none
	Missing  []string // what is not in force, and why
}

// Whole reports whether everything is in force.
func (s State) Whole() bool { return s.Files != "" && s.Calls != "" && len(s.Missing) == 0 }

// ErrIncomplete is why [Require] fails.
var ErrIncomplete = errors.New("the sandbox cannot be built here")

// Enter shuts the process in, all of its threads, for good. With [Best] it
// fails only where something went wrong that should not; with [Require] also
// where anything is missing.
func Enter(m Mode, p Paths) (State, error) {
	if m == Off {
		return State{Mode: Off, Landlock: landlockVersion(), Missing: []string{"switched off by --sandbox off"}}, nil
	}
	st, err := enter(p)
	st.Mode = m
	for _, name := range inheritedSockets() {
		st.Missing = append(st.Missing, name+" is a network socket: what is written there leaves this computer")
	}
	if err == nil && m == Require && !st.Whole() {
		err = fmt.Errorf("%w: %s", ErrIncomplete, strings.Join(st.Missing, "; "))
	}
	return st, err
}

// Confines reports whether this system can keep files out of reach, so that
// what a command needs must be made beforehand.
func Confines() bool { return confines }
