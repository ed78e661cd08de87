package atomicfile

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"flightveil/internal/input"
)

// sample is a file of which several places are edited: at both ends, side by
// side with others, and longer than any buffer.
func sample() (old, clean []byte, spans []input.Span) {
	old = make([]byte, 400_000)
	for i := range old {
		old[i] = byte(i*7>>3) | 1
	}
	spans = []input.Span{{Off: 0, Len: 3}, {Off: 10, Len: 1}, {Off: 11, Len: 4}, {Off: 5000, Len: 200_000}, {Off: 399_990, Len: 10}}
	clean = bytes.Clone(old)
	for _, s := range spans {
		clear(clean[s.Off:s.End()])
	}
	return old, clean, spans
}

func place(t testing.TB, content []byte) (dir, path string) {
	t.Helper()
	dir = t.TempDir()
	path = filepath.Join(dir, "clip.mp4")
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return dir, path
}

func openInPlace(dir string) (*InPlace, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return Edit(root, "clip.mp4")
}

func blank(p *InPlace, spans []input.Span) error {
	for _, s := range spans {
		if _, err := p.WriteAt(make([]byte, s.Len), s.Off); err != nil {
			return err
		}
	}
	return nil
}

func wantFile(t *testing.T, path string, want []byte) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s does not hold what it should: %d bytes, %v", filepath.Base(path), len(got), err)
	}
}

func wantAlone(t *testing.T, dir string) {
	t.Helper()
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("beside the file something is left: %v, %v", entries, err)
	}
}

func TestEditInPlace(t *testing.T) {
	old, clean, spans := sample()
	dir, path := place(t, old)
	p, err := openInPlace(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.WriteAt([]byte{0}, 10); err == nil {
		t.Error("bytes that were not saved could be changed")
	}
	if err := p.Save(spans); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, JournalName("clip.mp4")))
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the journal is not for the owner only: %v, %v", info, err)
	}
	for _, s := range []input.Span{{Off: 3, Len: 1}, {Off: 9, Len: 2}, {Off: 4999, Len: 5}, {Off: 204_999, Len: 2}, {Off: 399_999, Len: 2}} {
		if _, err := p.WriteAt(make([]byte, s.Len), s.Off); err == nil {
			t.Errorf("%v was not saved as a whole and could be changed", s)
		}
	}
	if err := blank(p, spans); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(io.NewSectionReader(p.Original(), 0, p.Size())); err != nil || !bytes.Equal(got, old) {
		t.Errorf("the original cannot be read while it is edited: %v", err)
	}
	if got, err := io.ReadAll(io.NewSectionReader(p, 0, p.Size())); err != nil || !bytes.Equal(got, clean) {
		t.Errorf("the edited file cannot be read: %v", err)
	}
	if err := p.Done(Neutral()); err != nil {
		t.Fatal(err)
	}
	p.Close()
	wantFile(t, path, clean)
	wantAlone(t, dir)
	if info, err := os.Stat(path); err != nil || !info.ModTime().Equal(Neutral()) {
		t.Errorf("time %v, want %v", info.ModTime(), Neutral())
	}
}

func TestUndo(t *testing.T) {
	old, _, spans := sample()
	for name, end := range map[string]func(*InPlace) error{
		"asked for": (*InPlace).Undo,
		"next run":  func(*InPlace) error { return nil },
	} {
		dir, path := place(t, old)
		p, err := openInPlace(dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(p.Save(spans), blank(p, spans[1:]), end(p), p.Close()); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if name == "next run" {
			p, err := openInPlace(dir)
			if err != nil || !p.Recovered {
				t.Fatalf("nothing was undone: %v", err)
			}
			p.Close()
		}
		wantFile(t, path, old)
		wantAlone(t, dir)
	}
}

func TestEditRefuses(t *testing.T) {
	old, _, spans := sample()
	t.Run("links", func(t *testing.T) {
		dir, path := place(t, old)
		if err := os.Link(path, filepath.Join(dir, "other")); err != nil {
			t.Skip(err)
		}
		if _, err := openInPlace(dir); !errors.Is(err, ErrLinks) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("two runs", func(t *testing.T) {
		dir, _ := place(t, old)
		p, err := openInPlace(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		if _, err := openInPlace(dir); !errors.Is(err, ErrBusy) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("changed since", func(t *testing.T) {
		dir, path := place(t, old)
		p, err := openInPlace(dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(p.Save(spans), p.Close(), os.WriteFile(path, []byte("new"), 0o644)); err != nil {
			t.Fatal(err)
		}
		if _, err := openInPlace(dir); !errors.Is(err, ErrStale) {
			t.Errorf("got %v", err)
		}
		wantFile(t, path, []byte("new"))
	})
	t.Run("not a file", func(t *testing.T) {
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, "clip.mp4"), 0o755); err != nil {
			t.Fatal(err)
		}
		if _, err := openInPlace(dir); err == nil {
			t.Error("a folder was opened")
		}
	})
	for name, bad := range map[string][]input.Span{"overlap": {{Off: 5, Len: 5}, {Off: 9, Len: 2}}, "outside": {{Off: 399_999, Len: 2}}, "empty": {{Off: 5}}} {
		t.Run(name, func(t *testing.T) {
			dir, path := place(t, old)
			p, err := openInPlace(dir)
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Save(bad); err == nil {
				t.Error("saved")
			}
			p.Close()
			wantFile(t, path, old)
			wantAlone(t, dir)
		})
	}
}

// TestDamagedJournal cuts a journal anywhere and flips its bytes: such a one
// belongs to a run that had not begun to edit, and is only removed.
func TestDamagedJournal(t *testing.T) {
	old, _, _ := sample()
	old = old[:300]
	spans := []input.Span{{Off: 0, Len: 9}, {Off: 100, Len: 50}}
	dir, path := place(t, old)
	p, err := openInPlace(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(p.Save(spans), p.Close()); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, JournalName("clip.mp4"))
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for i := range whole {
		flipped := bytes.Clone(whole)
		flipped[i] ^= 0x10
		for _, damaged := range [][]byte{whole[:i], flipped} {
			if err := os.WriteFile(name, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			p, err := openInPlace(dir)
			if err != nil || p.Recovered {
				t.Fatalf("byte %d: %v", i, err)
			}
			p.Close()
			wantFile(t, path, old)
			wantAlone(t, dir)
		}
	}
}

func BenchmarkInPlace(b *testing.B) {
	old, _, spans := sample()
	dir, _ := place(b, old)
	for b.Loop() {
		p, err := openInPlace(dir)
		if err != nil {
			b.Fatal(err)
		}
		if err := errors.Join(p.Save(spans), blank(p, spans), p.Done(time.Time{}), p.Close()); err != nil {
			b.Fatal(err)
		}
	}
}
