package sandbox

import (
	"fmt"

	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"
)

const confines = true

// enter puts the filter first: it gives every thread no_new_privs, which
// Landlock asks for, and lets Landlock's own calls through.
func enter(p Paths) (State, error) {
	st := State{Landlock: landlockVersion()}
	if err := restrictCalls(refused()); err == nil {
		st.Calls = "seccomp"
	} else {
		st.Missing = append(st.Missing, fmt.Sprintf("sockets and other programs are not refused (%v)", err))
		if err := ll.AllThreadsPrctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
			st.Missing = append(st.Missing, "no_new_privs cannot be set")
		}
	}
	if st.Landlock == 0 {
		st.Missing = append(st.Missing, "files are not kept out of reach (this kernel has no Landlock, or it is switched off)")
		return st, nil
	}
	if err := restrictFiles(st.Landlock, p); err != nil {
		st.Missing = append(st.Missing, fmt.Sprintf("files are not kept out of reach (%v)", err))
		return st, nil
	}
	st.Files = fmt.Sprintf("Landlock %d", st.Landlock)
	if st.Landlock < needLandlock {
		st.Missing = append(st.Missing, fmt.Sprintf("Landlock %d of this kernel lets files be emptied (6.2 and later do not)", st.Landlock))
	}
	return st, nil
}
