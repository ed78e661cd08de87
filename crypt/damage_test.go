package crypt_test

import (
	"bytes"
	"context"
	"errors"
	"flightveil/crypt"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

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
