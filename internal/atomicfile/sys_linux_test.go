package atomicfile

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
	"pgregory.net/rapid"
)

// mount mounts a file system at a new folder, or skips the test.
func mount(t *testing.T, source, kind, options string) string {
	t.Helper()
	path := t.TempDir()
	if err := unix.Mount(source, path, kind, 0, options); err != nil {
		t.Skipf("mounting %s: %v", kind, err)
	}
	t.Cleanup(func() { unix.Unmount(path, unix.MNT_DETACH) })
	return path
}

func TestDiskFull(t *testing.T) {
	for name, set := range schemes {
		t.Run(name, func(t *testing.T) {
			path := mount(t, "tmpfs", "tmpfs", "size=1m")
			d := open(t, path, Options{})
			set(d)
			if err := commit(t, d, create(t, d, "fits", "x"), Neutral()); err != nil {
				t.Fatal(err)
			}
			src := filepath.Join(path, "src")
			big := make([]byte, 600_000)
			os.WriteFile(src, big, 0o600)
			in, err := os.Open(src)
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			for how, write := range map[string]func(*File) error{
				"write": func(f *File) error { _, err := f.Write(big); return err },
				"copy":  func(f *File) error { _, err := io.Copy(f, in); return err },
				"range": func(f *File) error { _, err := f.CopyRange(section(in, 0, 600_000), 0, 600_000); return err },
			} {
				f := create(t, d, "full", "x")
				if err := write(f); !errors.Is(err, unix.ENOSPC) {
					t.Errorf("%s: %v", how, err)
				}
				if err := commit(t, d, f, Neutral()); !errors.Is(err, unix.ENOSPC) {
					t.Errorf("%s: the file was told %v", how, err)
				}
			}
			wantTree(t, path, map[string]string{"fits": "x", "src": string(big)})
			if err := commit(t, d, create(t, d, "also fits", "x"), Neutral()); err != nil {
				t.Errorf("the failed file still takes its place: %v", err)
			}
		})
	}
}

// TestCopyRange compares with copying through memory.
func TestCopyRange(t *testing.T) {
	const size = 100_000
	all := make([]byte, size)
	for i := range all {
		all[i] = byte(i * 2654435761 >> 13)
	}
	src := filepath.Join(t.TempDir(), "src")
	os.WriteFile(src, all, 0o600)
	in, err := os.Open(src)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	d := open(t, t.TempDir(), Options{})
	rapid.Check(t, func(t *rapid.T) {
		f, err := d.Create("x")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Discard()
		var want []byte
		for range rapid.IntRange(1, 3).Draw(t, "copies") {
			base := rapid.Int64Range(0, 9000).Draw(t, "base")
			off := rapid.Int64Range(0, 20_000).Draw(t, "off")
			n := rapid.Int64Range(minCopyRange, 60_000).Draw(t, "n")
			head := rapid.IntRange(0, 9000).Draw(t, "head")
			f.Write(make([]byte, head))
			want = append(want, make([]byte, head)...)
			whole := section(in, 0, size)
			done, err := f.CopyRange(io.NewSectionReader(whole, base, size-base), off, n)
			if !done || err != nil {
				t.Fatal(done, err)
			}
			want = append(want, all[base+off:base+off+n]...)
		}
		got := make([]byte, f.Size())
		if _, err := f.ReadAt(got, 0); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%d bytes differ from %d: %v", len(got), len(want), err)
		}
	})
}

// TestCopyKeepsHoles copies a file that is longer than the disk it is on would
// like, with data at its beginning, in its middle and nowhere else.
func TestCopyKeepsHoles(t *testing.T) {
	src, err := os.Create(filepath.Join(t.TempDir(), "sparse"))
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	const size = 3 << 30
	want := bytes.Repeat([]byte("data"), 50_000)
	for _, off := range []int64{0, 1<<30 + 12345} {
		if _, err := src.WriteAt(want, off); err != nil {
			t.Fatal(err)
		}
	}
	if err := src.Truncate(size); err != nil {
		t.Fatal(err)
	}
	if !sparse(src) {
		t.Skip("no holes on this file system")
	}
	path := t.TempDir()
	d := open(t, path, Options{})
	f, err := d.Create("copy")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("edit")); err != nil {
		t.Fatal(err)
	}
	if done, err := f.CopyRange(section(src, 4, size-4), 0, size-4); err != nil || !done {
		t.Fatalf("done %v, %v", done, err)
	}
	if err := commit(t, d, f, Neutral()); err != nil {
		t.Fatal(err)
	}
	out, err := os.Open(filepath.Join(path, "copy"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	var st unix.Stat_t
	if err := unix.Fstat(int(out.Fd()), &st); err != nil || st.Size != size || st.Blocks*512 > 4<<20 {
		t.Errorf("the copy is %d long and takes %d, %v", st.Size, st.Blocks*512, err)
	}
	got := make([]byte, len(want))
	if _, err := out.ReadAt(got, 1<<30+12345); err != nil || !bytes.Equal(got, want) {
		t.Errorf("the data in the middle is not there: %v", err)
	}
	if _, err := out.ReadAt(got, 0); err != nil || string(got[:8]) != "editdata" {
		t.Errorf("the beginning is not there: %v", err)
	}
	if _, err := out.ReadAt(got[:100], size-100); err != nil || !bytes.Equal(got[:100], make([]byte, 100)) {
		t.Errorf("the end is not there: %v", err)
	}
}

func TestCopyRangeLeavesTheRestToOthers(t *testing.T) {
	src := filepath.Join(t.TempDir(), "src")
	os.WriteFile(src, make([]byte, 50_000), 0o600)
	in, err := os.Open(src)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	d := open(t, t.TempDir(), Options{})
	f := create(t, d, "x", "")
	defer f.Discard()
	for what, done := range map[string]func() (bool, error){
		"memory":         func() (bool, error) { return f.CopyRange(bytes.NewReader(make([]byte, 50_000)), 0, 50_000) },
		"a short range":  func() (bool, error) { return f.CopyRange(section(in, 0, 50_000), 0, 100) },
		"past the end":   func() (bool, error) { return f.CopyRange(section(in, 0, 50_000), 1, 50_000) },
		"a negative one": func() (bool, error) { return f.CopyRange(section(in, 0, 50_000), -1, 20_000) },
	} {
		if ok, err := done(); ok || err != nil || f.Size() != 0 {
			t.Errorf("%s: %v, %v, %d bytes written", what, ok, err, f.Size())
		}
	}
	// A source that is shorter than it says.
	if ok, err := f.CopyRange(section(in, 0, 80_000), 0, 80_000); !ok || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a file cut short meanwhile: %v, %v", ok, err)
	}
}
