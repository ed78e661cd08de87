package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"
)

// The sandbox cannot be left, so each test enters it in a process of its own:
// this one again, with what to do in the environment.
const childVar = "FLIGHTVEIL_SANDBOX_CHILD"

func TestMain(m *testing.M) {
	if job := os.Getenv(childVar); job != "" {
		child(job)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// A task is what a child does.
type task struct {
	Mode    Mode
	Paths   Paths
	Without []uint32 // system calls that the kernel is made not to have
	Try     []string // "read FILE", "write FILE", "list DIR", "mkdir DIR", "remove FILE", "truncate FILE"
}

// A report is what came of it.
type report struct {
	State  State
	Err    string
	Tried  map[string]string // empty: done
	Probes map[string]bool   // refused or not
}

func child(job string) {
	var k task
	if err := json.Unmarshal([]byte(job), &k); err != nil {
		panic(err)
	}
	for _, nr := range k.Without {
		lacking(nr)
	}
	r := report{Tried: map[string]string{}, Probes: map[string]bool{}}
	var err error
	if r.State, err = Enter(k.Mode, k.Paths); err != nil {
		r.Err = err.Error()
	}
	for _, what := range k.Try {
		r.Tried[what] = ""
		if err := try(what); err != nil {
			r.Tried[what] = err.Error()
		}
	}
	for _, p := range Try() {
		r.Probes[p.Name] = p.Refused
	}
	json.NewEncoder(os.Stdout).Encode(r)
}

// lacking installs a filter that answers a call as a kernel without it does.
func lacking(nr uint32) {
	p := program(auditArch, []uint32{nr})
	p[len(p)-1].K = unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)
	if err := install(p); err != nil {
		panic(err)
	}
}

func try(what string) error {
	verb, path, _ := strings.Cut(what, " ")
	switch verb {
	case "read":
		_, err := os.ReadFile(path)
		return err
	case "write":
		return os.WriteFile(path, []byte("x"), 0o600)
	case "list":
		_, err := os.ReadDir(path)
		return err
	case "mkdir":
		return os.Mkdir(path, 0o700)
	case "remove":
		return os.Remove(path)
	case "truncate":
		return os.Truncate(path, 0)
	}
	return errors.New("no such verb")
}

func run(t *testing.T, k task) report {
	t.Helper()
	b, err := json.Marshal(k)
	if err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), childVar+"="+string(b))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var r report
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return r
}

// needKernel skips a test where the kernel has no Landlock; the filter is
// everywhere.
func needKernel(t *testing.T) {
	if landlockVersion() < needLandlock {
		t.Skipf("this kernel has Landlock %d", landlockVersion())
	}
}

func TestProbes(t *testing.T) {
	needKernel(t)
	inside, outside := run(t, task{Mode: Require}), run(t, task{Mode: Off})
	if inside.Err != "" || !inside.State.Whole() {
		t.Fatalf("the sandbox is not whole: %+v", inside)
	}
	if outside.State.Whole() {
		t.Error("whole, though it was switched off")
	}
	free := 0
	for name, refused := range inside.Probes {
		if !refused {
			t.Errorf("%s: not refused", name)
		}
		if !outside.Probes[name] {
			free++
		}
	}
	if free < len(inside.Probes)-1 { // some systems forbid io_uring to everybody
		t.Errorf("only %d of %d probes are let through without a sandbox: they prove nothing", free, len(inside.Probes))
	}
}

func TestFiles(t *testing.T) {
	needKernel(t)
	tree := func(t *testing.T) string {
		dir := t.TempDir()
		for _, name := range []string{"in/a.jpg", "in/sub/b.jpg", "in.jpg", "out/old", "beside/c", "list/d"} {
			p := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(p, []byte("content"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	can := strings.Fields(`read:in/a.jpg read:in/sub/b.jpg list:in list:in/sub read:in.jpg list:list
		read:out/old write:out/new mkdir:out/dir write:out/dir/x truncate:out/old remove:out/old remove:out/dir/x remove:out/dir`)
	cannot := strings.Fields(`write:in/a.jpg truncate:in/a.jpg write:in/new mkdir:in/dir remove:in/a.jpg write:in.jpg remove:in.jpg
		read:beside/c write:beside/c write:beside/new mkdir:beside/dir remove:beside/c list:beside read:list/d write:list/d write:new list:.`)
	for _, mode := range []Mode{Best, Require, Off} {
		dir := tree(t)
		at := func(names []string) (out []string) {
			for _, n := range names {
				verb, path, _ := strings.Cut(n, ":")
				out = append(out, verb+" "+filepath.Join(dir, path))
			}
			return out
		}
		paths := Paths{Read: []string{dir + "/in", dir + "/in.jpg", dir + "/missing"}, List: []string{dir + "/list"}, Write: []string{dir + "/out"}}
		r := run(t, task{Mode: mode, Paths: paths, Try: append(at(can), at(cannot)...)})
		for _, what := range at(can) {
			if r.Tried[what] != "" {
				t.Errorf("%s: %s: %s", mode, what, r.Tried[what])
			}
		}
		refused := 0
		for _, what := range at(cannot) {
			if strings.Contains(r.Tried[what], "permission denied") {
				refused++
			} else if mode != Off {
				t.Errorf("%s: %s: not refused (%s)", mode, what, r.Tried[what])
			}
		}
		if mode == Off && refused > 0 {
			t.Errorf("%d of these are refused without a sandbox, too: they prove nothing", refused)
		}
	}
}

// TestOlderKernels takes calls away: best says what is missing and does the
// rest, require fails.
func TestOlderKernels(t *testing.T) {
	needKernel(t)
	exe, _ := os.Executable()
	for _, c := range []struct {
		name    string
		without []uint32
		files   bool
		want    string
	}{
		{"no Landlock", []uint32{unix.SYS_LANDLOCK_CREATE_RULESET}, false, "no Landlock"},
		{"no Landlock, half of it", []uint32{unix.SYS_LANDLOCK_RESTRICT_SELF}, false, "files are not kept out of reach"},
		{"no seccomp", []uint32{unix.SYS_SECCOMP}, true, "sockets and other programs are not refused"},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := task{Mode: Best, Without: c.without, Try: []string{"read " + exe}}
			r := run(t, k)
			if r.Err != "" || r.State.Whole() || !strings.Contains(strings.Join(r.State.Missing, "; "), c.want) {
				t.Errorf("best: %+v", r)
			}
			if (r.State.Files != "") != c.files || (r.Tried["read "+exe] != "") != c.files {
				t.Errorf("files guarded: %q, tried: %q", r.State.Files, r.Tried)
			}
			if refused := r.Probes["open a UDP socket, as for a name server"]; refused != (r.State.Calls != "") {
				t.Errorf("socket refused: %v, state %+v", refused, r.State)
			}
			k.Mode = Require
			if r := run(t, k); !strings.Contains(r.Err, ErrIncomplete.Error()) || !strings.Contains(r.Err, c.want) {
				t.Errorf("require: %+v", r)
			}
		})
	}
}

// TestVersions wants every version of Landlock to be asked for what it has, and
// for nothing it has not.
func TestVersions(t *testing.T) {
	has := func(v int, right uint64) bool { return handled(v).HandledAccessFS&right != 0 }
	for v := 1; v <= 12; v++ {
		if has(v, ll.AccessFSRefer) != (v >= 2) || has(v, ll.AccessFSTruncate) != (v >= 3) || has(v, ll.AccessFSIoctlDev) != (v >= 5) || has(v, ll.AccessFSResolveUnix) != (v >= 9) {
			t.Errorf("version %d: %b", v, handled(v).HandledAccessFS)
		}
		if net := handled(v).HandledAccessNet; (net != 0) != (v >= 4) || (net&ll.AccessNetConnectSendUDP != 0) != (v >= 10) {
			t.Errorf("version %d: net %b", v, net)
		}
		if v < 6 && handled(v).Scoped != 0 {
			t.Errorf("version %d has no scopes", v)
		}
	}
}

// TestInheritedSockets gives a child a network socket as its standard input.
func TestInheritedSockets(t *testing.T) {
	l, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Skip("no loopback here")
	}
	defer l.Close()
	f, err := l.File()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	exe, _ := os.Executable()
	for _, mode := range []Mode{Best, Require} {
		cmd := exec.Command(exe)
		cmd.Stdin = f
		cmd.Env = append(os.Environ(), fmt.Sprintf(`%s={"Mode":%q}`, childVar, mode))
		out, err := cmd.Output()
		var r report
		if err := errors.Join(err, json.Unmarshal(out, &r)); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(strings.Join(r.State.Missing, ";"), "standard input is a network socket") || (r.Err != "") != (mode == Require) {
			t.Errorf("%s: %+v", mode, r)
		}
	}
}

func TestNoCore(t *testing.T) {
	var before, after unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &before); err != nil {
		t.Fatal(err)
	}
	if before.Max == 0 {
		t.Skip("core dumps cannot be allowed here")
	}
	if err := NoCore(); err != nil {
		t.Fatal(err)
	}
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &after); err != nil || after.Cur != 1 {
		t.Errorf("%+v, %v", after, err)
	}
}
