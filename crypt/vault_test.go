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
	"sync/atomic"
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

func TestPassphraseAndQuantum(t *testing.T) {
	b := newBench(t)
	b.put("a", []byte("x"))
	to, err := crypt.Passphrase("correct horse")
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	ask := crypt.Ask(func() (string, error) { asked++; return "correct horse", nil })
	o := b.options()
	o.To, o.Proof = []crypt.Recipient{to}, []crypt.Identity{ask}
	b.encrypt(o)
	b.wantCard(b.open(ask))
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
	if _, err := crypt.Open(b.dir(b.vault), crypt.Ask(func() (string, error) { return "wrong", nil })); !errors.Is(err, crypt.ErrNoMatch) {
		t.Errorf("a wrong passphrase: %v", err)
	}

	b = newBench(t)
	b.fill()
	b.key, b.id, b.to = newKey(t, true)
	b.encrypt(b.options())
	b.wantCard(b.open(b.id))
	for name, content := range tree(t, b.vault) {
		if strings.HasSuffix(name, ".age") && (!strings.Contains(content, "mlkem768x25519") || strings.Contains(content, "-> X25519")) {
			t.Errorf("%s is not sealed against quantum computers", name)
		}
	}
	o = b.options()
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

// TestDamage flips and cuts every byte of sealed files: each time the file fails
// and the others open.
func TestDamage(t *testing.T) {
	b := newBench(t)
	b.put("a", bytes.Repeat([]byte("content "), 20))
	b.put("empty", nil)
	b.put("c", []byte("other"))
	b.encrypt(b.options())
	v := b.open(b.id)
	for _, name := range []string{"a", "empty"} {
		e, _ := v.Find(name)
		p := filepath.Join(b.vault, e.Name)
		whole, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		check := func(what string, i int, damaged []byte) {
			os.WriteFile(p, damaged, 0o600)
			var got bytes.Buffer
			err := v.Extract(context.Background(), e, &got)
			if !errors.Is(err, crypt.ErrDamaged) && !errors.Is(err, crypt.ErrNoMatch) {
				t.Fatalf("%s, byte %d %s: %v", name, i, what, err)
			}
		}
		for i := range whole {
			flipped := bytes.Clone(whole)
			flipped[i] ^= 1
			check("flipped", i, flipped)
			check("cut", i, whole[:i])
		}
		check("added", len(whole), append(bytes.Clone(whole), 0))
		other, _ := v.Find("c")
		if err := v.Extract(context.Background(), other, &bytes.Buffer{}); err != nil {
			t.Errorf("another file: %v", err)
		}
		os.WriteFile(p, whole, 0o600)
	}
}

// TestSwapped: two sealed files that change places are found out, though each
// opens.
func TestSwapped(t *testing.T) {
	b := newBench(t)
	b.put("a", []byte("one"))
	b.put("b", []byte("two"))
	b.encrypt(b.options())
	v := b.open(b.id)
	a, _ := v.Find("a")
	c, _ := v.Find("b")
	pa, pc := filepath.Join(b.vault, a.Name), filepath.Join(b.vault, c.Name)
	os.Rename(pa, pa+"x")
	os.Rename(pc, pa)
	os.Rename(pa+"x", pc)
	if err := v.Extract(context.Background(), a, &bytes.Buffer{}); !errors.Is(err, crypt.ErrDamaged) {
		t.Errorf("got %v", err)
	}
}

func TestIndexCopy(t *testing.T) {
	b := newBench(t)
	b.fill()
	b.encrypt(b.options())
	for _, content := range []string{"", "garbage"} {
		os.WriteFile(filepath.Join(b.vault, "index.age"), []byte(content), 0o600)
		v := b.open(b.id)
		if !v.Copy {
			t.Error("the copy was not needed?")
		}
		b.wantCard(v)
	}
	os.WriteFile(filepath.Join(b.vault, "index.2.age"), []byte("garbage"), 0o600)
	if _, err := crypt.Open(b.dir(b.vault), b.id); !errors.Is(err, crypt.ErrIndexLost) {
		t.Errorf("got %v", err)
	}
}

// TestNamesCannotEscape opens an index that somebody forged.
func TestNamesCannotEscape(t *testing.T) {
	for _, path := range []string{"../x", "/x", "a/../../x", "", ".", "a//b", "..", "x\x00"} {
		for _, name := range []string{"data/aa/aa.age", "../aa.age", "card.key.age"} {
			if path != "../x" && name != "data/aa/aa.age" {
				continue
			}
			b := newBench(t)
			d := b.dir(b.vault)
			var sealed bytes.Buffer
			text := fmt.Sprintf("{\"type\":\"vault\",\"version\":1,\"id\":\"x\",\"made\":\"2031-01-01T00:00:00Z\"}\n{\"type\":\"file\",\"path\":%q,\"name\":%q,\"xxh64\":\"0000000000000000\",\"sealed_xxh64\":\"0000000000000000\"}\n", path, name)
			if err := crypt.Seal(&sealed, strings.NewReader(text), b.to); err != nil {
				t.Fatal(err)
			}
			d.WriteFile("index.age", sealed.Bytes(), time.Time{})
			if _, err := crypt.Open(d, b.id); err == nil {
				t.Errorf("path %q, name %q were accepted", path, name)
			}
		}
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
	var secret []byte
	for name := range kept {
		secret, _ = os.ReadFile(filepath.Join(b.local, name))
		o.Progress = func(int64) {
			journal, _ = os.ReadFile(filepath.Join(b.vault, ".flightveil-journal"))
		}
		sealed, _ := os.ReadFile(filepath.Join(b.vault, ".flightveil-journal.key.age"))
		o.Report = func(crypt.Result) {
			journal, _ = os.ReadFile(filepath.Join(b.vault, ".flightveil-journal"))
		}
		if sum, err := crypt.Encrypt(context.Background(), b.dir(b.vault), b.sources(), o); err != nil || !sum.Resumed {
			t.Fatalf("%+v, %v", sum, err)
		}
		os.WriteFile(filepath.Join(b.vault, ".flightveil-journal"), journal, 0o600)
		os.WriteFile(filepath.Join(b.vault, ".flightveil-journal.key.age"), sealed, 0o600)
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
