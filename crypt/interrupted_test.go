package crypt_test

import (
	"bytes"
	"context"
	"errors"
	"flightveil/crypt"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// A slippery file is written to while it is read, so many times.
func slippery(s crypt.Source, path string, times int32) crypt.Source {
	var n atomic.Int32
	return crypt.Source{Path: s.Path, Size: s.Size, Mod: s.Mod, Open: func() (fs.File, error) {
		if k := n.Add(1); k%2 == 0 && k/2 <= times {
			os.WriteFile(path, fmt.Append(nil, "version ", k), 0o600)
		}
		return os.Open(path)
	}}
}

func TestBadSources(t *testing.T) {
	b := newBench(t)
	b.fill()
	b.put("changing", []byte("version 0"))
	b.put("changed", []byte("version 0"))
	sources := b.sources()
	for i, s := range sources {
		switch s.Path {
		case "changing":
			sources[i] = slippery(s, filepath.Join(b.card, s.Path), 99)
		case "changed":
			sources[i] = slippery(s, filepath.Join(b.card, s.Path), 1)
		}
	}
	sources = append(sources, crypt.Source{Path: "unreadable", Open: func() (fs.File, error) { return nil, fs.ErrPermission }}, crypt.Source{Path: "link", Err: errors.New("a link")})
	o := b.options()
	failed := map[string]error{}
	o.Report = func(r crypt.Result) {
		if r.Status == crypt.Failed {
			failed[r.Path] = r.Err
		}
	}
	sum, err := crypt.Encrypt(context.Background(), b.dir(b.vault), sources, o)
	if err != nil || sum.Failed != 3 || !errors.Is(failed["changing"], crypt.ErrChanging) || !errors.Is(failed["unreadable"], fs.ErrPermission) || failed["link"] == nil {
		t.Fatalf("%+v, %v, %v", sum, err, failed)
	}
	v := b.open(b.id)
	var got bytes.Buffer
	if e, ok := v.Find("changed"); !ok || v.Extract(context.Background(), e, &got) != nil || got.String() != "version 2" {
		t.Errorf("the last version was not sealed: %q", got.String())
	}
}

// TestInterruptedEnd: a run that was killed between its index and the end of its
// journal is finished by the same command, without a key.
func TestInterruptedEnd(t *testing.T) {
	b := newBench(t)
	b.fill()
	o := b.options()
	o.Proof = nil
	ctx, stop := context.WithCancel(context.Background())
	o.Jobs = 1
	o.Progress = func(int64) { stop() } // the first file ends the run
	if _, err := crypt.Encrypt(ctx, b.dir(b.vault), b.sources(), o); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	journal, err := os.ReadFile(filepath.Join(b.vault, ".flightveil-journal"))
	if err != nil {
		t.Fatal(err)
	}
	kept := tree(t, b.local)
	if len(kept) != 1 {
		t.Fatalf("%d keys are kept", len(kept))
	}
	// While it is unfinished nobody else learns a name.
	if strings.Contains(string(journal), "DCIM") {
		t.Error("the journal tells names")
	}
	for name := range kept {
		secret, _ := os.ReadFile(filepath.Join(b.local, name))
		keep := func() { journal, _ = os.ReadFile(filepath.Join(b.vault, ".flightveil-journal")) }
		o.Progress = func(int64) { keep() }
		o.Report = func(crypt.Result) { keep() }
		if sum, err := crypt.Encrypt(context.Background(), b.dir(b.vault), b.sources(), o); err != nil || !sum.Resumed {
			t.Fatalf("%+v, %v", sum, err)
		}
		os.WriteFile(filepath.Join(b.vault, ".flightveil-journal"), journal, 0o600)
		os.WriteFile(filepath.Join(b.local, name), secret, 0o600)
	}
	o.Progress, o.Report = nil, nil
	sum := b.encrypt(o)
	if sum.Unchanged != len(b.sources()) || len(tree(t, b.local)) > 0 {
		t.Errorf("%+v, %d keys are left", sum, len(tree(t, b.local)))
	}
	b.wantCard(b.open(b.id))
}

// TestTwoNames: a kill between the two names of an opened file leaves both; the
// next run takes the unfinished one away.
func TestTwoNames(t *testing.T) {
	b := newBench(t)
	b.put("a", []byte("x"))
	b.encrypt(b.options())
	v := b.open(b.id)
	out := t.TempDir()
	for range 2 {
		if _, err := v.Decrypt(context.Background(), b.dir(out), v.Files(), crypt.DecryptOptions{}); err != nil {
			t.Fatal(err)
		}
		sameTree(t, b.card, out)
		if err := os.Link(filepath.Join(out, "a"), filepath.Join(out, "a.flightveil.part")); err != nil {
			t.Skip(err)
		}
	}
}

// TestCrew: several workers seal one file, and age opens it.
func TestCrew(t *testing.T) {
	b := newBench(t)
	content := make([]byte, 9<<20+77)
	for i := range content {
		content[i] = byte(i * i >> 7)
	}
	b.put("one.MP4", content)
	o := b.options()
	o.Jobs = 4
	o.NoCardKey = true
	b.encrypt(o)
	v := b.open(b.id)
	sealed, err := os.ReadFile(filepath.Join(b.vault, v.Files()[0].Name))
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := crypt.Unseal(&got, bytes.NewReader(sealed), b.id); err != nil || !bytes.Equal(got.Bytes(), content) {
		t.Errorf("%d bytes, %v", got.Len(), err)
	}
	if verdict, err := v.Verify(context.Background(), crypt.VerifyOptions{Full: true}); err != nil || verdict.Intact != 1 {
		t.Errorf("%+v, %v", verdict, err)
	}
}
