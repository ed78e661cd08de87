package pipeline

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func openNothing() (fs.File, error) { return nil, fs.ErrNotExist }

func TestOrdered(t *testing.T) {
	var got []int
	for i, v := range ordered(t.Context(), 100, 7, func(i int) int { time.Sleep(time.Duration(i%3) * time.Millisecond); return i * i }) {
		if v != i*i {
			t.Fatalf("result %d is %d", i, v)
		}
		got = append(got, i)
	}
	if len(got) != 100 {
		t.Errorf("%d results", len(got))
	}
	for i := range ordered(t.Context(), 100, 3, func(i int) int { return i }) {
		if i == 5 {
			break // must not hang or leak
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	for range ordered(ctx, 1000, 2, func(i int) int { return i }) {
		if n++; n == 10 {
			cancel()
		}
	}
	if n > 30 {
		t.Errorf("%d results after the context ended", n)
	}
}

func TestGuardHidesValues(t *testing.T) {
	o := guard(&Source{Label: "x"}, func() Outcome { panic("CANARY") })
	if o.Status != Failed || strings.Contains(o.Err.Error(), "CANARY") || !strings.Contains(o.Err.Error(), "pipeline") {
		t.Errorf("%+v", o)
	}
}

func TestGather(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"card/b.jpg", "card/a/1.jpg", "card/._b.jpg", "card/.Trashes/x.jpg", "outside.jpg", "other/card/b.jpg", "card/new\nline.jpg", "card/bad\xff.jpg"} {
		path := filepath.Join(dir, name)
		os.MkdirAll(filepath.Dir(path), 0o755)
		if err := os.WriteFile(path, []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	os.Symlink("b.jpg", filepath.Join(dir, "card/inside"))
	os.Symlink("../outside.jpg", filepath.Join(dir, "card/outside"))
	os.Symlink("nowhere", filepath.Join(dir, "card/dangling"))
	got := map[string]string{}
	sources, closer := Gather([]string{filepath.Join(dir, "card")})
	defer closer.Close()
	for _, s := range sources {
		switch {
		case s.err != nil:
			got[s.Rel] = "error"
		case s.skip != "":
			got[s.Rel] = "skipped"
		default:
			in, c, err := s.Open()
			if err != nil || in.Size() != 1 {
				t.Errorf("%q: %v", s.Rel, err)
				continue
			}
			c.Close()
			got[s.Rel] = "file"
		}
	}
	want := map[string]string{
		"b.jpg": "file", "a/1.jpg": "file", "._b.jpg": "skipped", ".Trashes": "skipped", "inside": "skipped", "outside": "error", "dangling": "error",
		"new\nline.jpg": "file", "bad\xff.jpg": "file",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	sources, closer = Gather([]string{filepath.Join(dir, "card/b.jpg"), filepath.Join(dir, "other/card/b.jpg"), filepath.Join(dir, "missing")})
	defer closer.Close()
	if sources[0].Rel == sources[1].Rel || !sources[2].Missing() || sources[0].Missing() {
		t.Errorf("%q %q", sources[0].Rel, sources[1].Rel)
	}
}
