package sandbox

import (
	"errors"
	"fmt"
	"os"

	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"
)

// Rights that make sense for a file; the others are for folders
// (linux/landlock.h, "Filesystem flags").
const onFiles = ll.AccessFSExecute | ll.AccessFSWriteFile | ll.AccessFSReadFile | ll.AccessFSTruncate | ll.AccessFSIoctlDev

// What a command gets. Nothing may be executed, and no device, socket or link
// may be made anywhere.
const (
	rightRead  = ll.AccessFSReadFile | ll.AccessFSReadDir
	rightWrite = rightRead | ll.AccessFSWriteFile | ll.AccessFSTruncate | ll.AccessFSMakeReg | ll.AccessFSMakeDir | ll.AccessFSRemoveFile | ll.AccessFSRemoveDir
	rightTty   = ll.AccessFSReadFile | ll.AccessFSWriteFile | ll.AccessFSIoctlDev
)

// needLandlock is the first version that guards all that changes a file:
// truncation came with it. Version 4 adds TCP, which the seccomp filter refuses
// together with all other sockets.
const needLandlock = 3

// handled returns the rights that a kernel of that version refuses unless
// they are given.
func handled(version int) ll.RulesetAttr {
	a := ll.RulesetAttr{HandledAccessFS: ll.AccessFSExecute | ll.AccessFSWriteFile | ll.AccessFSReadFile | ll.AccessFSReadDir | ll.AccessFSRemoveDir |
		ll.AccessFSRemoveFile | ll.AccessFSMakeChar | ll.AccessFSMakeDir | ll.AccessFSMakeReg | ll.AccessFSMakeSock | ll.AccessFSMakeFifo | ll.AccessFSMakeBlock | ll.AccessFSMakeSym}
	if version >= 2 {
		a.HandledAccessFS |= ll.AccessFSRefer
	}
	if version >= 3 {
		a.HandledAccessFS |= ll.AccessFSTruncate
	}
	if version >= 4 {
		a.HandledAccessNet = ll.AccessNetBindTCP | ll.AccessNetConnectTCP
	}
	if version >= 5 {
		a.HandledAccessFS |= ll.AccessFSIoctlDev
	}
	// Threads of one process may always signal each other, which Go's scheduler
	// does all the time; kernels without erratum 2 forget that.
	if errata, err := ll.LandlockGetErrata(); version >= 6 && err == nil && errata&(1<<1) != 0 {
		a.Scoped = ll.ScopeAbstractUnixSocket | ll.ScopeSignal
	}
	if version >= 9 {
		a.HandledAccessFS |= ll.AccessFSResolveUnix
	}
	if version >= 10 {
		a.HandledAccessNet |= ll.AccessNetBindUDP | ll.AccessNetConnectSendUDP
	}
	return a
}

// landlockVersion is 0 where the kernel has no Landlock or it is disabled.
func landlockVersion() int {
	v, err := ll.LandlockGetABIVersion()
	if err != nil {
		return 0
	}
	return v
}

// restrictFiles lets the process reach p and nothing else. Every thread must
// have no_new_privs.
func restrictFiles(version int, p Paths) error {
	attr := handled(version)
	fd, err := ll.LandlockCreateRuleset(&attr, 0)
	if err != nil {
		return fmt.Errorf("landlock_create_ruleset: %w", err)
	}
	defer unix.Close(fd)
	if cgo { // its way to reach all threads lists them while the first are shut in
		p.List = append(p.List, fmt.Sprintf("/proc/%d/task", os.Getpid()))
	}
	for _, g := range []struct {
		paths  []string
		rights uint64
	}{{p.Read, rightRead}, {p.List, ll.AccessFSReadDir}, {p.Write, rightWrite}, {p.Empty, ll.AccessFSRemoveDir}, {p.Tty, rightTty}} {
		for _, path := range g.paths {
			if err := allow(fd, path, g.rights&attr.HandledAccessFS); err != nil {
				return fmt.Errorf("landlock_add_rule: %w", err)
			}
		}
	}
	if version >= 8 {
		return ll.LandlockRestrictSelf(fd, ll.FlagRestrictSelfTSync)
	}
	return ll.AllThreadsLandlockRestrictSelf(fd, 0)
}

// allow adds a rule for path.
func allow(ruleset int, path string, rights uint64) error {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil // the command will find out and say so
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFDIR {
		rights &= onFiles
	}
	if rights == 0 {
		return nil
	}
	err = ll.LandlockAddPathBeneathRule(ruleset, &ll.PathBeneathAttr{AllowedAccess: rights, ParentFd: fd}, 0)
	if errors.Is(err, unix.EBADFD) { // a pipe of the shell's, which needs no rule
		return nil
	}
	return err
}
