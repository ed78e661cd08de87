package atomicfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// schemes are the ways a file comes to its name. Each must work everywhere
// but the first, which is Linux's own.
var schemes = map[string]func(*Dir){
	"best":            func(*Dir) {},
	"named":           func(d *Dir) { d.unnamed = false },
	"link":            func(d *Dir) { d.unnamed, d.ways = false, d.ways[1:] },
	"look, as on FAT": func(d *Dir) { d.unnamed, d.ways = false, d.ways[2:] },
}

func eachScheme(t *testing.T, opts Options, test func(t *testing.T, path string, d *Dir)) {
	for name, set := range schemes {
		t.Run(name, func(t *testing.T) {
			path := t.TempDir()
			d := open(t, path, opts)
			set(d)
			test(t, path, d)
		})
	}
}

func open(t testing.TB, path string, opts Options) *Dir {
	t.Helper()
	d, err := Open(path, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func create(t testing.TB, d *Dir, name, content string) *File {
	t.Helper()
	f, err := d.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(f, content); err != nil {
		t.Fatal(err)
	}
	return f
}

// commit flushes f and returns what it was told.
func commit(t testing.TB, d *Dir, f *File, mod time.Time) error {
	t.Helper()
	told := errors.New("nothing")
	f.Commit(mod, func(err error) { told = err })
	if err := d.Flush(); err != nil && !errors.Is(err, told) {
		t.Errorf("Flush says %v, the file was told %v", err, told)
	}
	return told
}

// tree returns every file below path with its content.
func tree(t testing.TB, path string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(path, func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(p)
		rel, _ := filepath.Rel(path, p)
		out[filepath.ToSlash(rel)] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func wantTree(t testing.TB, path string, want map[string]string) {
	t.Helper()
	got := tree(t, path)
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the folder holds %q, want %q", got, want)
	}
}

func TestWriteReadBackName(t *testing.T) {
	names := []string{"a.jpg", "DCIM/100MEDIA/x y.jpg", "Ünï.jpg"}
	if runtime.GOOS == "linux" {
		names = append(names, "new\nline.jpg", "\xff\xfe.jpg", "-rf")
	}
	mod := time.Date(2031, 7, 19, 4, 47, 53, 0, time.UTC)
	eachScheme(t, Options{}, func(t *testing.T, path string, d *Dir) {
		want := map[string]string{}
		for _, name := range names {
			f := create(t, d, name, "0123456789")
			if _, err := f.WriteAt([]byte("AB"), 4); err != nil {
				t.Fatal(err)
			}
			if n, err := f.ReadFrom(strings.NewReader("tail")); n != 4 || err != nil {
				t.Fatal(n, err)
			}
			b := make([]byte, f.Size())
			if _, err := f.ReadAt(b, 0); err != nil || string(b) != "0123AB6789tail" {
				t.Fatalf("read back %q, %v", b, err)
			}
			if _, err := os.Lstat(filepath.Join(path, name)); err == nil {
				t.Errorf("%q has its name before it was committed", name)
			}
			if err := commit(t, d, f, mod); err != nil {
				t.Fatalf("%q: %v", name, err)
			}
			want[name] = string(b)
			info, err := os.Stat(filepath.Join(path, name))
			if err != nil {
				t.Fatal(err)
			}
			if !info.ModTime().Equal(mod) {
				t.Errorf("%q has the time %v", name, info.ModTime())
			}
			if runtime.GOOS != "windows" && info.Mode() != ordinaryMode(t) {
				t.Errorf("%q has mode %v", name, info.Mode())
			}
		}
		wantTree(t, path, want)
	})
}

// ordinaryMode is what a new file gets from any other program.
func ordinaryMode(t *testing.T) fs.FileMode {
	name := filepath.Join(t.TempDir(), "x")
	f, err := os.OpenFile(name, os.O_CREATE, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode()
}

func TestPrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("permissions are inherited on Windows")
	}
	eachScheme(t, Options{Private: true}, func(t *testing.T, path string, d *Dir) {
		if err := commit(t, d, create(t, d, "sub/report", "x"), time.Time{}); err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]fs.FileMode{"sub": 0o700, "sub/report": 0o600} {
			if info, err := os.Stat(filepath.Join(path, name)); err != nil || info.Mode().Perm() != want {
				t.Errorf("%s has mode %v, %v", name, info.Mode(), err)
			}
		}
	})
}

func TestExistingNameIsLeftAlone(t *testing.T) {
	eachScheme(t, Options{}, func(t *testing.T, path string, d *Dir) {
		os.WriteFile(filepath.Join(path, "early"), []byte("old"), 0o600)
		if _, err := d.Create("early"); !errors.Is(err, fs.ErrExist) {
			t.Errorf("creating an existing name: %v", err)
		}
		if err := os.Symlink("nowhere", filepath.Join(path, "dangling")); err == nil {
			if _, err := d.Create("dangling"); !errors.Is(err, fs.ErrExist) {
				t.Errorf("creating the name of a dangling link: %v", err)
			}
			os.Remove(filepath.Join(path, "dangling"))
		}
		f := create(t, d, "late", "new")
		os.WriteFile(filepath.Join(path, "late"), []byte("old"), 0o600)
		err := commit(t, d, f, Neutral())
		if !errors.Is(err, fs.ErrExist) {
			t.Errorf("a name taken meanwhile: %v", err)
		}
		var pe *fs.PathError
		if !errors.As(err, &pe) || pe.Path != "late" {
			t.Errorf("the error does not say which name: %v", err)
		}
		wantTree(t, path, map[string]string{"early": "old", "late": "old"})
	})
}

func TestForce(t *testing.T) {
	eachScheme(t, Options{Force: true}, func(t *testing.T, path string, d *Dir) {
		outside := filepath.Join(t.TempDir(), "original")
		os.WriteFile(outside, []byte("original"), 0o600)
		os.WriteFile(filepath.Join(path, "a"), []byte("old"), 0o400)
		want := map[string]string{"a": "new", "b": "new"}
		if os.Symlink(outside, filepath.Join(path, "link")) == nil {
			want["link"] = "new"
		}
		for name := range want {
			if err := commit(t, d, create(t, d, name, "new"), Neutral()); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		os.Mkdir(filepath.Join(path, "folder"), 0o700)
		if err := commit(t, d, create(t, d, "folder", "new"), Neutral()); err == nil {
			t.Error("a file replaced a folder")
		}
		wantTree(t, path, want)
		if b, _ := os.ReadFile(outside); string(b) != "original" {
			t.Errorf("a link was written through: %q", b)
		}
	})
}

func TestNamesCannotEscape(t *testing.T) {
	base := t.TempDir()
	path := filepath.Join(base, "out")
	d := open(t, path, Options{Force: true})
	os.Mkdir(filepath.Join(base, "secret"), 0o700)
	os.Mkdir(filepath.Join(path, "inner"), 0o700)
	names := []string{"", ".", "..", "../x", "a/../../x", "a/..", prefix + "x", "a/" + prefix + strings.Repeat("A", 26)}
	names = append(names, filepath.Join(base, "x"))
	if os.Symlink("../secret", filepath.Join(path, "up")) == nil {
		os.Symlink(filepath.Join(base, "secret"), filepath.Join(path, "abs"))
		os.Symlink("inner", filepath.Join(path, "in"))
		names = append(names, "up/x", "abs/x", "up/y/x", "in/../../x")
	}
	for _, name := range names {
		if f, err := d.Create(name); err == nil {
			t.Errorf("%q was created", name)
			f.Discard()
		}
	}
	if len(tree(t, filepath.Join(base, "secret"))) > 0 {
		t.Error("a file was written outside")
	}
	if err := commit(t, d, create(t, d, "in/x", "ok"), Neutral()); err != nil {
		t.Errorf("a link that stays inside: %v", err)
	}
}

func TestLinkedTargetFolder(t *testing.T) {
	base := t.TempDir()
	os.Mkdir(filepath.Join(base, "real"), 0o700)
	if err := os.Symlink("real", filepath.Join(base, "link")); err != nil {
		t.Skip(err)
	}
	d := open(t, filepath.Join(base, "link"), Options{})
	if err := commit(t, d, create(t, d, "x", "ok"), Neutral()); err != nil {
		t.Fatal(err)
	}
	wantTree(t, filepath.Join(base, "real"), map[string]string{"x": "ok"})
}

func TestOpenNeedsFolder(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	os.WriteFile(name, nil, 0o600)
	if _, err := Open(name, Options{}); err == nil {
		t.Error("a file was opened as a folder")
	}
	d := open(t, filepath.Join(t.TempDir(), "a/b/c"), Options{})
	if err := commit(t, d, create(t, d, "x", "ok"), Neutral()); err != nil {
		t.Error(err)
	}
}

func TestDiscardLeavesNothing(t *testing.T) {
	eachScheme(t, Options{}, func(t *testing.T, path string, d *Dir) {
		create(t, d, "x", "half").Discard()
		f := create(t, d, "y", "whole")
		f.Commit(Neutral(), func(error) {})
		f.Discard() // as a deferred call would
		d.Flush()
		wantTree(t, path, map[string]string{"y": "whole"})
	})
}

func TestFailedWriteIsNeverNamed(t *testing.T) {
	eachScheme(t, Options{}, func(t *testing.T, path string, d *Dir) {
		f := create(t, d, "x", "half")
		f.temp.File.Close() // the disk goes away
		if _, err := f.Write([]byte("more")); err == nil {
			t.Fatal("a write to a closed file succeeded")
		}
		if _, err := f.CopyRange(bytes.NewReader(nil), 0, 0); err == nil {
			t.Error("a copy after a failed write succeeded")
		}
		if err := commit(t, d, f, Neutral()); err == nil {
			t.Error("a half file was committed")
		}
		wantTree(t, path, map[string]string{})
	})
}

func TestGroupIsNamedWithoutFlush(t *testing.T) {
	path := t.TempDir()
	d := open(t, path, Options{})
	named := 0
	for i := range groupFiles {
		if n := len(tree(t, path)); d.unnamed && n > 0 && i < groupFiles {
			t.Fatalf("%d names after %d commits", n, i)
		}
		create(t, d, fmt.Sprint(i%4, "/", i), "x").Commit(Neutral(), func(err error) {
			if err == nil {
				named++
			}
		})
	}
	if named != groupFiles || len(tree(t, path)) != groupFiles {
		t.Errorf("%d of %d files were named", named, groupFiles)
	}
	if len(d.folders) != 1 {
		t.Errorf("%d folders are still open", len(d.folders))
	}
}

// TestTwoRuns has two runs write the same names into the same folder with
// several goroutines each: every name goes to exactly one, whole.
func TestTwoRuns(t *testing.T) {
	eachScheme(t, Options{}, func(t *testing.T, path string, one *Dir) {
		if len(one.ways) == 1 {
			t.Skip("looking first is not proof against another run")
		}
		two := open(t, path, Options{})
		two.unnamed, two.ways = one.unnamed, one.ways
		const files = 150
		var wg sync.WaitGroup
		var mu sync.Mutex
		won := map[string]int{}
		for worker := range 4 {
			d := []*Dir{one, two}[worker%2]
			wg.Go(func() {
				for i := worker / 2; i < files; i += 2 {
					name := fmt.Sprintf("%d/%d", i%3, i)
					f, err := d.Create(name)
					if errors.Is(err, fs.ErrExist) {
						continue
					}
					if err != nil {
						t.Error(err)
						return
					}
					io.WriteString(f, strings.Repeat(name, 1000))
					f.Commit(Neutral(), func(err error) {
						if err != nil && !errors.Is(err, fs.ErrExist) {
							t.Error(err)
						}
						mu.Lock()
						defer mu.Unlock()
						if err == nil {
							won[name]++
						}
					})
				}
			})
		}
		wg.Wait()
		one.Flush()
		two.Flush()
		got := tree(t, path)
		if len(got) != files || len(won) != files {
			t.Errorf("%d files, %d winners, want %d", len(got), len(won), files)
		}
		for name, content := range got {
			if content != strings.Repeat(name, 1000) || won[name] != 1 {
				t.Errorf("%s: %d winners, %d bytes", name, won[name], len(content))
			}
		}
	})
}

func TestSweep(t *testing.T) {
	path := t.TempDir()
	other := open(t, path, Options{})
	other.unnamed = false
	busy := create(t, other, "busy", "at work")
	os.Mkdir(filepath.Join(path, "sub"), 0o700)
	leftover := prefix + strings.Repeat("A", 26)
	for _, name := range []string{leftover, prefix + "notes", "sub/" + leftover} {
		os.WriteFile(filepath.Join(path, name), []byte("x"), 0o600)
	}
	os.Mkdir(filepath.Join(path, prefix+strings.Repeat("B", 26)), 0o700)
	d := open(t, path, Options{})
	want := map[string]string{prefix + "notes": "x", "sub/" + leftover: "x", busy.temp.name: "at work"}
	wantTree(t, path, want)
	create(t, d, "sub/x", "new").Discard() // a folder below is swept when it is first written into
	delete(want, "sub/"+leftover)
	wantTree(t, path, want)
	if err := commit(t, other, busy, Neutral()); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(path, prefix+strings.Repeat("B", 26))); err != nil {
		t.Error("a folder was swept")
	}
}

func BenchmarkSmallFiles(b *testing.B) {
	content := bytes.Repeat([]byte("x"), 150_000)
	for name, set := range schemes {
		b.Run(name, func(b *testing.B) {
			d, err := Open(b.TempDir(), Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer d.Close()
			set(d)
			b.SetBytes(int64(len(content)))
			for i := 0; b.Loop(); i++ {
				f, err := d.Create(fmt.Sprintf("DCIM/%d/%d.jpg", i/1000, i))
				if err != nil {
					b.Fatal(err)
				}
				f.Write(content)
				f.Commit(Neutral(), func(err error) {
					if err != nil {
						b.Error(err)
					}
				})
			}
		})
	}
}
