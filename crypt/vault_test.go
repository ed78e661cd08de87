package crypt_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"flightveil/crypt"
	"flightveil/internal/disk"
)

// A bench is a card, a key and a place for a vault.
type bench struct {
	t     *testing.T
	card  string
	vault string
	local string
	key   crypt.Key
	id    crypt.Identity
	to    crypt.Recipient
}

func newBench(t *testing.T) *bench {
	t.Helper()
	dir := t.TempDir()
	b := &bench{t: t, card: filepath.Join(dir, "card"), vault: filepath.Join(dir, "vault"), local: filepath.Join(dir, "local")}
	b.key, b.id, b.to = newKey(t, false)
	return b
}

func newKey(t testing.TB, quantum bool) (crypt.Key, crypt.Identity, crypt.Recipient) {
	t.Helper()
	key, err := crypt.NewKey(quantum)
	if err != nil {
		t.Fatal(err)
	}
	ids, err := crypt.ReadIdentities(bytes.NewReader(key.File(time.Now())), nil)
	if err != nil {
		t.Fatal(err)
	}
	to, err := crypt.ParseRecipient(key.Public)
	if err != nil {
		t.Fatal(err)
	}
	return key, ids[0], to
}

func (b *bench) put(name string, content []byte) {
	b.t.Helper()
	p := filepath.Join(b.card, name)
	if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(p, content, 0o600); err != nil {
		b.t.Fatal(err)
	}
	mod := time.Date(2031, 7, 19, 4, 47, len(content)%60, 0, time.UTC)
	if err := os.Chtimes(p, mod, mod); err != nil {
		b.t.Fatal(err)
	}
}

// fill puts files of many sizes on the card, at the edges of age's chunks, too.
func (b *bench) fill() {
	r := rand.New(rand.NewPCG(1, 2))
	for i, n := range []int{0, 1, 65535, 65536, 65537, 131072, 1<<20 + 3, 700} {
		c := make([]byte, n)
		for k := range c {
			c[k] = byte(r.Uint32())
		}
		b.put(fmt.Sprintf("DCIM/%dMEDIA/DJI_%04d.MP4", 100+i%2, i), c)
	}
	b.put("MISC/ü ñ\nx.txt", []byte("a name with a line break"))
	b.put(".DS_Store", []byte("junk is kept, too"))
}

func (b *bench) sources() []crypt.Source {
	b.t.Helper()
	var out []crypt.Source
	err := filepath.WalkDir(b.card, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		rel, _ := filepath.Rel(b.card, p)
		out = append(out, crypt.Source{Path: filepath.ToSlash(rel), Size: info.Size(), Mod: info.ModTime(), Open: func() (fs.File, error) { return os.Open(p) }})
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

func (b *bench) dir(path string) *disk.Dir {
	b.t.Helper()
	d, err := disk.Open(path, true)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { d.Close() })
	return d
}

func (b *bench) options() crypt.Options {
	return crypt.Options{To: []crypt.Recipient{b.to}, Proof: []crypt.Identity{b.id}, OpenedOnly: true, Jobs: 2, Tool: "test", Local: b.dir(b.local), Now: time.Now()}
}

func (b *bench) encrypt(o crypt.Options) crypt.Summary {
	b.t.Helper()
	sum, err := crypt.Encrypt(context.Background(), b.dir(b.vault), b.sources(), o)
	if err != nil {
		b.t.Fatal(err)
	}
	return sum
}

func (b *bench) open(ids ...crypt.Identity) *crypt.Vault {
	b.t.Helper()
	v, err := crypt.Open(b.dir(b.vault), ids...)
	if err != nil {
		b.t.Fatal(err)
	}
	return v
}

// wantCard compares the opened vault with the card: names, content, times.
func (b *bench) wantCard(v *crypt.Vault) {
	b.t.Helper()
	out := b.t.TempDir()
	sum, err := v.Decrypt(context.Background(), b.dir(out), v.Files(), crypt.DecryptOptions{Jobs: 2})
	if err != nil || sum.Failed > 0 {
		b.t.Fatalf("%+v, %v", sum, err)
	}
	sameTree(b.t, b.card, out)
}

func sameTree(t testing.TB, want, got string) {
	t.Helper()
	a, c := tree(t, want), tree(t, got)
	for name, x := range a {
		if y, ok := c[name]; !ok || y != x {
			t.Errorf("%q is not the same", name)
		}
		delete(c, name)
	}
	for name := range c {
		t.Errorf("%q was not there", name)
	}
}

// tree maps each file to its content and time.
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		info, err := d.Info()
		rel, _ := filepath.Rel(dir, p)
		out[rel] = info.ModTime().UTC().String() + string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRoundTrip(t *testing.T) {
	for name, set := range map[string]func(*crypt.Options){
		"plain":       func(*crypt.Options) {},
		"no card key": func(o *crypt.Options) { o.NoCardKey = true },
		"keep names":  func(o *crypt.Options) { o.KeepNames = true },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.fill()
			o := b.options()
			set(&o)
			sum := b.encrypt(o)
			if want := len(b.sources()); sum.Sealed != want || sum.Failed > 0 {
				t.Fatalf("%+v, want %d sealed", sum, want)
			}
			b.wantCard(b.open(b.id))
			for name := range tree(t, b.vault) {
				if strings.HasSuffix(name, ".part") || strings.Contains(name, ".flightveil-") {
					t.Errorf("%s is left", name)
				}
				if strings.Contains(name, "DJI") != o.KeepNames && strings.HasPrefix(name, "data") && !strings.Contains(name, "MISC") && !strings.Contains(name, "DS_") {
					t.Errorf("name %s", name)
				}
			}
			if left := tree(t, b.local); len(left) > 0 {
				t.Errorf("the key of the journal is left: %d files", len(left))
			}
			_, other, _ := newKey(t, false)
			if _, err := crypt.Open(b.dir(b.vault), other); !errors.Is(err, crypt.ErrNoMatch) {
				t.Errorf("another key: %v", err)
			}
			if sum := b.encrypt(o); sum.Sealed != 0 || sum.Unchanged != len(b.sources()) {
				t.Errorf("again: %+v", sum)
			}
		})
	}
}

func TestPassphrase(t *testing.T) {
	t.Parallel() // each try costs a second
	b := newBench(t)
	b.put("a", []byte("x"))
	to, err := crypt.Passphrase("correct horse")
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	ask := crypt.Ask(func() (string, error) { asked++; return "correct horse", nil })
	o := b.options()
	o.To, o.Proof = []crypt.Recipient{to}, nil
	b.encrypt(o)
	b.wantCard(b.open(ask))
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
	if _, err := crypt.Open(b.dir(b.vault), crypt.Ask(func() (string, error) { return "wrong", nil })); !errors.Is(err, crypt.ErrNoMatch) {
		t.Errorf("a wrong passphrase: %v", err)
	}
}

func TestQuantum(t *testing.T) {
	b := newBench(t)
	b.fill()
	b.key, b.id, b.to = newKey(t, true)
	b.encrypt(b.options())
	b.wantCard(b.open(b.id))
	for name, content := range tree(t, b.vault) {
		if strings.HasSuffix(name, ".age") && (!strings.Contains(content, "mlkem768x25519") || strings.Contains(content, "-> X25519")) {
			t.Errorf("%s is not sealed against quantum computers", name)
		}
	}
	o := b.options()
	_, _, classic := newKey(t, false)
	o.To = append(o.To, classic)
	if _, err := crypt.Encrypt(context.Background(), b.dir(t.TempDir()), b.sources(), o); !errors.Is(err, crypt.ErrMixed) {
		t.Errorf("mixed recipients: %v", err)
	}
}

// TestAdd adds to a finished vault: a new file, and a new file under an old name.
func TestAdd(t *testing.T) {
	b := newBench(t)
	b.fill()
	b.encrypt(b.options())
	b.put("DCIM/new.JPG", []byte("new"))
	b.put("DCIM/100MEDIA/DJI_0000.MP4", []byte("formatted, and used again"))
	sum := b.encrypt(b.options())
	if sum.Sealed != 2 {
		t.Fatalf("%+v", sum)
	}
	v := b.open(b.id)
	for path, want := range map[string]string{"DCIM/new.JPG": "new", "DCIM/100MEDIA/DJI_0000.MP4": "", "DCIM/100MEDIA/DJI_0000-2.MP4": "formatted, and used again"} {
		e, ok := v.Find(path)
		var got bytes.Buffer
		if err := v.Extract(context.Background(), e, &got); !ok || err != nil || got.String() != want {
			t.Errorf("%s: %q, %v", path, got.String(), err)
		}
	}
	if sum := b.encrypt(b.options()); sum.Sealed != 0 {
		t.Errorf("again: %+v", sum)
	}
	o := b.options()
	o.Proof = nil
	if _, err := crypt.Encrypt(context.Background(), b.dir(b.vault), b.sources(), o); !errors.Is(err, crypt.ErrNeedKey) {
		t.Errorf("without a key: %v", err)
	}
	_, _, o.To[0] = newKey(t, false)
	o.Proof = []crypt.Identity{b.id}
	if _, err := crypt.Encrypt(context.Background(), b.dir(b.vault), b.sources(), o); !errors.Is(err, crypt.ErrOtherReaders) {
		t.Errorf("for others: %v", err)
	}
}

// TestProof: a vault that its owner could not open is not begun.
func TestProof(t *testing.T) {
	b := newBench(t)
	b.fill()
	o := b.options()
	_, o.Proof[0], _ = newKey(t, false)
	if _, err := crypt.Encrypt(context.Background(), b.dir(b.vault), b.sources(), o); !errors.Is(err, crypt.ErrNoMatch) {
		t.Errorf("got %v", err)
	}
	if left := tree(t, b.vault); len(left) > 0 {
		t.Errorf("%d files were written", len(left))
	}
	o.OpenedOnly = false
	b.encrypt(o)
}
