package atomicfile

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"
)

func section(f *os.File, off, n int64) *io.SectionReader { return io.NewSectionReader(f, off, n) }

// shares are ways a file system can take part in cloning.
func shares() map[string]func(dst, src *os.File, off int64) error {
	return map[string]func(dst, src *os.File, off int64) error{
		"as it is here": shareFrom,
		"shared": func(dst, src *os.File, off int64) error {
			if off%blockSize != 0 {
				return errors.New("not a block boundary")
			}
			info, err := src.Stat()
			if err != nil {
				return err
			}
			_, err = io.Copy(io.NewOffsetWriter(dst, off), io.NewSectionReader(src, off, info.Size()-off))
			return err
		},
		"not with this file": func(_, _ *os.File, _ int64) error { return errors.New("of another file system") },
		"not here":           func(_, _ *os.File, _ int64) error { return errors.ErrUnsupported },
	}
}

// TestClone puts files together from pieces of two others and of their own, as
// cleaning does, and compares with doing so in memory. Nothing of a file that
// was cloned as a whole may be left where only a piece was asked for.
func TestClone(t *testing.T) {
	const size = 900_001
	folder := t.TempDir()
	var all [2][]byte
	var in [2]*os.File
	for i := range in {
		all[i] = make([]byte, size)
		for k := range all[i] {
			all[i][k] = byte((k + i) * 2654435761 >> 13)
		}
		path := filepath.Join(folder, string(rune('a'+i)))
		if err := os.WriteFile(path, all[i], 0o600); err != nil {
			t.Fatal(err)
		}
		var err error
		if in[i], err = os.Open(path); err != nil {
			t.Fatal(err)
		}
		defer in[i].Close()
	}
	for name, share := range shares() {
		t.Run(name, func(t *testing.T) {
			path := t.TempDir()
			d := open(t, path, Options{Force: true})
			d.share = share
			rapid.Check(t, func(t *rapid.T) {
				f, err := d.Create("x")
				if err != nil {
					t.Fatal(err)
				}
				var want []byte
				for range rapid.IntRange(1, 5).Draw(t, "pieces") {
					switch rapid.IntRange(0, 3).Draw(t, "kind") {
					case 0:
						b := bytes.Repeat([]byte("x"), rapid.IntRange(0, 9000).Draw(t, "own"))
						f.Write(b)
						want = append(want, b...)
					case 1:
						off := rapid.IntRange(0, 3*len(want)/2).Draw(t, "over")
						f.WriteAt([]byte("over"), int64(off))
						if grow := off + 4 - len(want); grow > 0 {
							want = append(want, make([]byte, grow)...)
						}
						copy(want[off:], "over")
					default:
						i := rapid.IntRange(0, 1).Draw(t, "source")
						off := len(want) // the same place, as where nothing moved
						if rapid.Bool().Draw(t, "elsewhere") || off > size {
							off = rapid.IntRange(0, size).Draw(t, "off")
						}
						n := rapid.IntRange(0, size-off).Draw(t, "n")
						done, err := f.CopyRange(section(in[i], 0, size), int64(off), int64(n))
						if err != nil {
							t.Fatal(err)
						}
						if done {
							want = append(want, all[i][off:off+n]...)
						}
					}
					if f.Size() != int64(len(want)) {
						t.Fatalf("%d bytes, not %d", f.Size(), len(want))
					}
					got := make([]byte, len(want)+100)
					if n, err := f.ReadAt(got, 0); n != len(want) || err != io.EOF || !bytes.Equal(got[:n], want) {
						t.Fatalf("reads %d bytes of %d: %v", n, len(want), err)
					}
				}
				if rapid.IntRange(0, 9).Draw(t, "whether it gets its name") > 0 { // which takes time
					defer f.Discard()
					f.unshare()
					if info, err := f.temp.Stat(); err != nil || info.Size() != int64(len(want)) {
						t.Fatalf("%d bytes on disk, not %d: %v", info.Size(), len(want), err)
					}
					return
				}
				done := make(chan error, 1)
				f.Commit(Neutral(), func(err error) { done <- err })
				if err := errors.Join(d.Flush(), <-done); err != nil {
					t.Fatal(err)
				}
				if got, err := os.ReadFile(filepath.Join(path, "x")); err != nil || !bytes.Equal(got, want) {
					t.Fatalf("%d bytes on disk, not %d: %v", len(got), len(want), err)
				}
			})
		})
	}
}
