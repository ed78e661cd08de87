package sandbox

import (
	"errors"
	"fmt"
	"io/fs"

	"golang.org/x/sys/unix"
)

const confines = true

// promises are what a command may still do: files, their times and locks, and
// asking for a passphrase. No inet, unix, dns, proc or exec.
const promises = "stdio rpath wpath cpath fattr flock tty"

func landlockVersion() int { return 0 }

// enter unveils what stays in reach, and gives up the rest. Folders that may
// only be listed stay hidden: unveil would open their files, too.
func enter(p Paths) (State, error) {
	var st State
	for _, g := range []struct {
		paths []string
		flags string
	}{{p.Read, "r"}, {p.Write, "rwc"}, {p.Empty, "rc"}, {p.Tty, "rw"}} {
		for _, path := range g.paths {
			if err := unix.Unveil(path, g.flags); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return st, fmt.Errorf("unveil: %w", err)
			}
		}
	}
	if err := unix.UnveilBlock(); err != nil {
		return st, fmt.Errorf("unveil: %w", err)
	}
	st.Files = "unveil"
	if err := unix.PledgePromises(promises); err != nil {
		return st, fmt.Errorf("pledge: %w", err)
	}
	st.Calls = "pledge"
	return st, nil
}
