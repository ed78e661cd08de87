package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// flightveil returns a command that runs this program as a process of its own.
func flightveil(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, args...)
	cmd.Args[0] = "flightveil" // TestMain runs the program under this name
	return cmd
}

// TestKill kills a scrub of 200 files at 50 random moments. Whatever has a
// final name then is complete and what an undisturbed run writes, originals
// are untouched, and the next run sweeps what was left behind.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	dir := memoryDir(t)
	sample, err := os.ReadFile("../../exifscrub/png/testdata/rich.png")
	if err != nil {
		t.Fatal(err)
	}
	in := filepath.Join(dir, "in")
	for i := range 200 {
		write(t, filepath.Join(in, fmt.Sprintf("%03d", i%7), fmt.Sprintf("IMG_%04d.png", i)), sample)
	}
	whole := filepath.Join(dir, "whole")
	started := time.Now()
	if out, err := flightveil(t, "scrub", "-q", in, "-o", whole).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	took := time.Since(started)
	want := tree(t, whole)
	if len(want) != 200 {
		t.Fatalf("%d files written", len(want))
	}
	rng := rand.New(rand.NewPCG(1, 2))
	partial := 0
	for round := range 50 {
		out := filepath.Join(dir, fmt.Sprintf("out%d", round))
		cmd := flightveil(t, "scrub", "-q", in, "-o", out)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rng.Int64N(int64(took) * 11 / 10)))
		cmd.Process.Kill()
		cmd.Wait()
		got := tree(t, out)
		named := 0
		for name, b := range got {
			if strings.Contains(name, ".flightveil-") {
				continue
			}
			named++
			if !bytes.Equal(b, want[name]) {
				t.Fatalf("round %d: %s is not what an undisturbed run writes", round, name)
			}
		}
		if named > 0 && named < 200 {
			partial++
		}
		flightveil(t, "scrub", "-q", "--force", in, "-o", out).Run()
		after := tree(t, out)
		for name := range after {
			if strings.Contains(name, ".flightveil-") {
				t.Fatalf("round %d: %s was not swept", round, name)
			}
		}
		if len(after) != 200 {
			t.Fatalf("round %d: %d files after the next run", round, len(after))
		}
		os.RemoveAll(out)
	}
	t.Logf("%d of 50 kills came between the first and the last file", partial)
	if partial == 0 {
		t.Error("no kill hit a run half-way: the test proves nothing")
	}
	for name, b := range tree(t, in) {
		if !bytes.Equal(b, sample) {
			t.Errorf("the original %s changed", name)
		}
	}
}

// memoryDir is a folder in memory where there is one: syncs cost nothing there,
// and a process that is killed, unlike a machine that loses power, loses no sync.
func memoryDir(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "flightveil-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// tree reads all files below dir. A missing folder is empty.
func tree(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		rel, _ := filepath.Rel(dir, path)
		out[rel] = b
		return nil
	})
	return out
}
