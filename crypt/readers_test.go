package crypt_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"flightveil/crypt"
)

// TestFS: the vault is a file system that passes the standard library's test.
func TestFS(t *testing.T) {
	b := newBench(t)
	for _, name := range []string{"a", "DCIM/a.JPG", "DCIM/empty", "DCIM/100MEDIA/b.JPG"} {
		b.put(name, []byte(name)[min(len(name), 5*len(filepath.Ext(name))):])
	}
	b.encrypt(b.options())
	v := b.open(b.id)
	var names []string
	for _, e := range v.Files() {
		names = append(names, e.Path)
	}
	if err := fstest.TestFS(v.FS(), names...); err != nil {
		t.Error(err)
	}
	b.put("DCIM/100MEDIA/DJI_0006.MP4", bytes.Repeat([]byte("0123456789abcdef"), 5000))
	b.encrypt(b.options())
	v = b.open(b.id)
	e, _ := v.Find("DCIM/100MEDIA/DJI_0006.MP4")
	f, err := v.OpenFile(e)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	want, _ := os.ReadFile(filepath.Join(b.card, e.Path))
	got := make([]byte, 1000)
	if _, err := f.ReadAt(got, 65_000); err != nil || !bytes.Equal(got, want[65_000:66_000]) {
		t.Errorf("reading in the middle: %v", err)
	}
	if _, err := fs.Stat(v.FS(), "../card.key.age"); !errors.Is(err, fs.ErrInvalid) {
		t.Errorf("got %v", err)
	}
}

func TestVerifyLevels(t *testing.T) {
	b := newBench(t)
	b.fill()
	b.encrypt(b.options())
	v := b.open(b.id)
	ctx := context.Background()
	verdict, err := v.Verify(ctx, crypt.VerifyOptions{Full: true, Jobs: 2})
	if err != nil || verdict.Bad > 0 || verdict.Intact != len(v.Files()) || !verdict.Recorded {
		t.Fatalf("%+v, %v", verdict, err)
	}
	v = b.open(b.id)
	for _, e := range v.Files() {
		content, _ := os.ReadFile(filepath.Join(b.card, e.Path))
		if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != e.SHA256 {
			t.Errorf("%q: the index has another SHA-256", e.Path)
		}
	}
	// A flipped bit in the middle: the quick look misses it, as its text says.
	e, _ := v.Find("DCIM/100MEDIA/DJI_0006.MP4")
	p := filepath.Join(b.vault, e.Name)
	sealed, _ := os.ReadFile(p)
	sealed[len(sealed)/2] ^= 1
	os.WriteFile(p, sealed, 0o600)
	for full, want := range map[bool]int{false: 0, true: 1} {
		var bad []string
		verdict, err := v.Verify(ctx, crypt.VerifyOptions{Full: full, Jobs: 2, Report: func(r crypt.Result) {
			if r.Status != crypt.Intact {
				bad = append(bad, r.Path)
			}
		}})
		if err != nil || verdict.Bad != want || want > 0 && (len(bad) != 1 || bad[0] != e.Path) {
			t.Errorf("full %v: %+v, %v, %v", full, verdict, bad, err)
		}
	}
}

func TestRekey(t *testing.T) {
	b := newBench(t)
	b.fill()
	b.encrypt(b.options())
	before := tree(t, b.vault)
	_, other, to := newKey(t, false)
	v, err := crypt.OpenKey(b.dir(b.vault), b.id)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Rekey(false, to); err != nil {
		t.Fatal(err)
	}
	for name, content := range tree(t, b.vault) {
		if (content != before[name]) != (name == "card.key.age") {
			t.Errorf("%s: changed %v", name, content != before[name])
		}
	}
	if _, err := crypt.Open(b.dir(b.vault), b.id); !errors.Is(err, crypt.ErrNoMatch) {
		t.Errorf("the old key: %v", err)
	}
	b.wantCard(b.open(other))
}

func TestGrant(t *testing.T) {
	b := newBench(t)
	b.fill()
	b.encrypt(b.options())
	v := b.open(b.id)
	_, other, to := newKey(t, false)
	_, quantum, toQuantum := newKey(t, true)
	e, _ := v.Find("DCIM/101MEDIA/DJI_0005.MP4")
	want, _ := os.ReadFile(filepath.Join(b.card, e.Path))
	old, _ := os.ReadFile(filepath.Join(b.vault, e.Name))
	var granted, header, got bytes.Buffer
	if err := v.Grant(&granted, e, false, false, to); err != nil {
		t.Fatal(err)
	}
	if err := crypt.Unseal(&got, bytes.NewReader(granted.Bytes()), other); err != nil || !bytes.Equal(got.Bytes(), want) {
		t.Errorf("the new reader: %v", err)
	}
	if err := crypt.Unseal(io.Discard, bytes.NewReader(granted.Bytes()), b.id); !errors.Is(err, crypt.ErrNoMatch) {
		t.Errorf("the owner's key: %v", err)
	}
	if !bytes.HasSuffix(granted.Bytes(), old[200:]) {
		t.Error("the payload is another one")
	}
	// A header alone, put before the payload.
	if err := v.Grant(&header, e, true, false, toQuantum); err != nil {
		t.Fatal(err)
	}
	payload := bytes.Index(old, []byte("\n---")) + 1
	payload += bytes.IndexByte(old[payload:], '\n') + 1
	got.Reset()
	if err := crypt.Unseal(&got, io.MultiReader(&header, bytes.NewReader(old[payload:])), quantum); err != nil || !bytes.Equal(got.Bytes(), want) {
		t.Errorf("header and payload: %v", err)
	}
	// The other way round a protection would be lost.
	var pq, classic bytes.Buffer
	if err := crypt.Seal(&pq, bytes.NewReader(want), toQuantum); err != nil {
		t.Fatal(err)
	}
	if err := crypt.Rewrap(&classic, bytes.NewReader(pq.Bytes()), false, []crypt.Identity{quantum}, to); !errors.Is(err, crypt.ErrDowngrade) || classic.Len() > 0 {
		t.Errorf("a downgrade: %v", err)
	}
}

func TestRepair(t *testing.T) {
	b := newBench(t)
	b.fill()
	b.encrypt(b.options())
	os.Remove(filepath.Join(b.vault, "index.age"))
	os.Remove(filepath.Join(b.vault, "index.2.age"))
	v, verdict, err := crypt.Repair(context.Background(), b.dir(b.vault), crypt.VerifyOptions{}, b.id)
	if err != nil || verdict.Bad > 0 || verdict.Intact != len(b.sources()) {
		t.Fatalf("%+v, %v", verdict, err)
	}
	contents := map[string]int{}
	for _, content := range tree(t, b.card) {
		_, c, _ := bytes.Cut([]byte(content), []byte("UTC"))
		contents[string(c)]++
	}
	for _, e := range v.Files() {
		var got bytes.Buffer
		if err := b.open(b.id).Extract(context.Background(), e, &got); err != nil {
			t.Fatal(err)
		}
		contents[got.String()]--
	}
	for _, n := range contents {
		if n != 0 {
			t.Error("a content is missing")
		}
	}
}

// TestPrune: only what is proven to be in the vault goes, and only when asked.
func TestPrune(t *testing.T) {
	b := newBench(t)
	b.fill()
	b.encrypt(b.options())
	v := b.open(b.id)
	e, _ := v.Find("DCIM/100MEDIA/DJI_0006.MP4")
	sealed, _ := os.ReadFile(filepath.Join(b.vault, e.Name))
	sealed[len(sealed)/2] ^= 1
	os.WriteFile(filepath.Join(b.vault, e.Name), sealed, 0o600)
	b.put("new", []byte("new"))
	b.put("DCIM/100MEDIA/DJI_0004.MP4", bytes.Repeat([]byte{1}, 65537)) // as long, and of the same time
	before := len(b.sources())
	for _, really := range []bool{false, true} {
		got := map[crypt.Status]int{}
		_, err := v.Prune(context.Background(), b.dir(b.card), b.sources(), really, crypt.VerifyOptions{Jobs: 2, Report: func(r crypt.Result) { got[r.Status]++ }})
		gone := map[bool]crypt.Status{false: crypt.Planned, true: crypt.Pruned}[really]
		if err != nil || got[gone] != before-3 || got[crypt.Differs] != 2 || got[crypt.Missing] != 1 {
			t.Errorf("%v, %v", got, err)
		}
		if left := len(b.sources()); !really && left != before || really && left != 3 {
			t.Errorf("really %v: %d files are left on the card", really, left)
		}
	}
	// A file that is touched after it was compared stays.
	b = newBench(t)
	b.put("a", []byte("x"))
	b.encrypt(b.options())
	sources := b.sources()
	open := sources[0].Open
	sources[0].Open = func() (fs.File, error) {
		f, err := open()
		os.Chtimes(filepath.Join(b.card, "a"), time.Now(), time.Now())
		return f, err
	}
	var failed error
	_, err := b.open(b.id).Prune(context.Background(), b.dir(b.card), sources, true, crypt.VerifyOptions{Report: func(r crypt.Result) { failed = r.Err }})
	if err != nil || !errors.Is(failed, crypt.ErrChanging) || len(b.sources()) != 1 {
		t.Errorf("a touched file: %v, %v", failed, err)
	}
}
