//go:build unix

package atomicfile

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The test binary plays the victim when this variable names what it shall do.
const victimVar = "ATOMICFILE_VICTIM"

func TestMain(m *testing.M) {
	role, folder, _ := strings.Cut(os.Getenv(victimVar), " ")
	if n, err := strconv.Atoi(role); err == nil {
		editUntil(n, folder)
		return
	}
	switch role {
	case "":
		os.Exit(m.Run())
	case "limited":
		unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 100_000, Max: 100_000})
		writeTooMuch(folder)
	default:
		writeUntilKilled(role, folder)
	}
}

func victim(role, folder string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), victimVar+"="+role+" "+folder)
	return cmd
}

// content is what the file called name must hold if it is there.
func content(name string) []byte {
	n, _ := strconv.Atoi(path.Base(name))
	return bytes.Repeat([]byte(name+"\n"), 1+n*37%20_000)
}

func writeUntilKilled(scheme, folder string) {
	d, err := Open(folder, Options{Force: scheme == "force"})
	if err != nil {
		panic(err)
	}
	if set := schemes[scheme]; set != nil {
		set(d)
	}
	for i := 0; ; i++ {
		name := fmt.Sprintf("%d/%d", i%3, i%500)
		f, err := d.Create(name)
		if err != nil {
			panic(err)
		}
		for b := content(name); len(b) > 0; {
			n := min(len(b), 4096)
			if _, err := f.Write(b[:n]); err != nil {
				panic(err)
			}
			b = b[n:]
		}
		f.Commit(Neutral(), func(error) {})
		if i%20 == 19 {
			d.Flush()
		}
		if i == 0 {
			fmt.Println("begun")
		}
	}
}

// TestKill kills a writing program at random moments. What has a name is
// whole, and the next run that comes by removes the rest.
func TestKill(t *testing.T) {
	for _, scheme := range []string{"best", "named", "link", "force"} {
		t.Run(scheme, func(t *testing.T) {
			folder := t.TempDir()
			complete := 0
			for range 6 {
				os.RemoveAll(folder)
				killOne(t, scheme, folder)
				for name, got := range tree(t, folder) {
					switch {
					case ours(path.Base(name)):
					case got != string(content(name)):
						t.Errorf("%s has %d bytes, want %d", name, len(got), len(content(name)))
					default:
						complete++
					}
				}
				d := open(t, folder, Options{Force: true})
				for i := range 3 {
					create(t, d, fmt.Sprint(i, "/x"), "").Discard()
				}
				for name := range tree(t, folder) {
					if ours(path.Base(name)) {
						t.Errorf("%s was not swept", name)
					}
				}
			}
			if complete == 0 {
				t.Error("no file was complete: the test kills too early to tell anything")
			}
		})
	}
}

func killOne(t *testing.T, scheme, folder string) {
	t.Helper()
	cmd := victim(scheme, folder)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	out.Read(make([]byte, 1))
	time.Sleep(time.Duration(rand.IntN(60_000)) * time.Microsecond)
	cmd.Process.Kill()
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("the writer ended by itself: %v", err)
	}
}

// writeTooMuch writes files of growing size until one does not fit, prints why
// and what it was told, and ends.
func writeTooMuch(folder string) {
	for name, set := range schemes {
		d, err := Open(folder, Options{})
		if err != nil {
			panic(err)
		}
		set(d)
		for _, size := range []int{50_000, 150_000} {
			f, err := d.Create(fmt.Sprint(strings.Fields(name)[0], size))
			if err != nil {
				panic(err)
			}
			_, werr := f.Write(make([]byte, size))
			f.Commit(Neutral(), func(err error) {
				if size == 50_000 && err == nil && werr == nil {
					return
				}
				if size == 150_000 && errors.Is(err, unix.EFBIG) && errors.Is(werr, unix.EFBIG) && !strings.Contains(err.Error(), prefix) {
					return
				}
				fmt.Println(name, size, werr, err)
			})
		}
		d.Close()
	}
	os.Exit(0)
}

// TestFileTooLarge stands for every disk that refuses to take more: a limit
// needs no rights to set.
func TestFileTooLarge(t *testing.T) {
	folder := t.TempDir()
	out, err := victim("limited", folder).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("%v: %s", err, out)
	}
	got := tree(t, folder)
	if len(got) != len(schemes) {
		t.Errorf("%d files are left, want %d", len(got), len(schemes))
	}
	for name, content := range got {
		if len(content) != 50_000 || !strings.HasSuffix(name, "50000") {
			t.Errorf("%s has %d bytes", name, len(content))
		}
	}
}

// A mortal medium ends the program in the middle of an operation: half of a
// write arrives.
type mortal struct {
	medium
	left *int
}

func (m mortal) step(half func()) {
	if *m.left--; *m.left < 0 {
		half()
		syscall.Kill(syscall.Getpid(), syscall.SIGKILL)
		select {}
	}
}

func (m mortal) WriteAt(b []byte, off int64) (int, error) {
	m.step(func() { m.medium.WriteAt(b[:len(b)/2], off) })
	return m.medium.WriteAt(b, off)
}

func (m mortal) Sync() error {
	m.step(func() {})
	return m.medium.Sync()
}

func (m mortal) Close() error {
	m.step(func() {})
	return m.medium.Close()
}

// editUntil cleans the sample in folder and dies at operation n.
func editUntil(n int, folder string) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		panic(err)
	}
	_, _, spans := sample()
	p, err := edit(root, "clip.mp4", func(m medium) medium { return mortal{m, &n} })
	if err != nil {
		panic(err)
	}
	if err := errors.Join(p.Save(spans), blank(p, spans), p.Done(Neutral()), p.Close()); err != nil {
		panic(err)
	}
	fmt.Print("done")
}

// TestKillInPlace kills the program at every operation of an edit in place.
// The next run finds the old file or the clean one, also if it is killed, too.
func TestKillInPlace(t *testing.T) {
	old, clean, _ := sample()
	undone, ended := 0, false
	for n := 0; !ended; n++ {
		if n > 200 {
			t.Fatal("it never ends")
		}
		dir, path := place(t, old)
		out, err := victim(strconv.Itoa(n), dir).Output()
		ended = err == nil && string(out) == "done"
		if n%3 == 1 && !ended {
			victim(strconv.Itoa(n%7), dir).Run() // killed while undoing, or soon after
		}
		p, err := openInPlace(dir)
		if err != nil {
			t.Fatalf("killed at operation %d: %v", n, err)
		}
		if p.Recovered {
			undone++
		}
		p.Close()
		got, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(got, old) && !bytes.Equal(got, clean) {
			t.Errorf("killed at operation %d: neither the old file nor the clean one; %v", n, err)
		}
		if ended && !bytes.Equal(got, clean) {
			t.Error("nobody killed it, and it is not clean")
		}
		wantAlone(t, dir)
	}
	if undone < 5 {
		t.Errorf("only %d runs were undone: the test tells little", undone)
	}
}
