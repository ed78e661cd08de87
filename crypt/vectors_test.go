package crypt

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"strings"
	"testing"

	agetest "c2sp.org/CCTV/age"
	"filippo.io/age"
	"filippo.io/age/armor"
)

// A vector is a test file of C2SP with what must come of it.
type vector struct {
	expect, payload string
	ids             []Identity
	armored         bool
	file            []byte
}

func vectors(t *testing.T) map[string]vector {
	t.Helper()
	out := map[string]vector{}
	list, err := fs.ReadDir(agetest.Vectors, ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		b, err := fs.ReadFile(agetest.Vectors, e.Name())
		if err != nil {
			t.Fatal(err)
		}
		var v vector
		zipped := false
		for {
			line, rest, ok := bytes.Cut(b, []byte("\n"))
			if b = rest; !ok {
				t.Fatalf("%s: no payload", e.Name())
			}
			if len(line) == 0 {
				break
			}
			switch key, value, _ := strings.Cut(string(line), ": "); key {
			case "expect":
				v.expect = value
			case "payload":
				v.payload = value
			case "identity":
				ids, err := age.ParseIdentities(strings.NewReader(value))
				if err != nil {
					t.Fatal(err)
				}
				v.ids = append(v.ids, ids...)
			case "passphrase":
				id, err := PassphraseIdentity(value)
				if err != nil {
					t.Fatal(err)
				}
				v.ids = append(v.ids, id)
			case "armored":
				v.armored = true
			case "compressed":
				zipped = true
			}
		}
		if zipped {
			z, err := zlib.NewReader(bytes.NewReader(b))
			if err != nil {
				t.Fatal(err)
			}
			if b, err = io.ReadAll(z); err != nil {
				t.Fatal(err)
			}
		}
		v.file = b
		out[e.Name()] = v
	}
	if len(out) < 147 {
		t.Fatalf("%d vectors", len(out))
	}
	return out
}

// TestVectors opens every vector of C2SP and gets what it says.
func TestVectors(t *testing.T) {
	for name, v := range vectors(t) {
		var src io.Reader = bytes.NewReader(v.file)
		if v.armored {
			src = armor.NewReader(src)
		}
		var plain bytes.Buffer
		err := Unseal(&plain, src, v.ids...)
		sum := sha256.Sum256(plain.Bytes())
		switch {
		case (err == nil) != (v.expect == "success"):
			t.Errorf("%s: %v, expected %s", name, err, v.expect)
		case v.expect == "no match" && !errors.Is(err, ErrNoMatch):
			t.Errorf("%s: %v", name, err)
		case v.expect != "success" && v.expect != "no match" && !errors.Is(err, ErrDamaged):
			t.Errorf("%s: %v is not damage", name, err)
		case v.payload != "" && hex.EncodeToString(sum[:]) != v.payload:
			t.Errorf("%s: another payload", name)
		}
	}
}

// TestHeaderVectors reads the header of every vector: the same are refused as by
// age, and what is accepted is written again byte for byte.
func TestHeaderVectors(t *testing.T) {
	accepted := 0
	for name, v := range vectors(t) {
		file := v.file
		if v.armored {
			var err error
			if file, err = io.ReadAll(armor.NewReader(bytes.NewReader(file))); err != nil {
				continue
			}
		}
		want, wantErr := age.ExtractHeader(bytes.NewReader(file))
		h, n, err := readHeader(bufio.NewReader(bytes.NewReader(file)))
		if (err == nil) != (wantErr == nil) {
			t.Errorf("%s: %v, age says %v", name, err, wantErr)
			continue
		}
		if err != nil {
			continue
		}
		accepted++
		if got := h.encode(); !bytes.Equal(got, want) || !bytes.Equal(got, file[:n]) {
			t.Errorf("%s: not written as it was read", name)
		}
		if v.expect != "success" {
			continue
		}
		key, err := h.fileKey(v.ids...)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if mac, err := h.sign(key); err != nil || !bytes.Equal(mac, h.mac) {
			t.Errorf("%s: another MAC, %v", name, err)
		}
		rewrapped(t, name, v, file)
	}
	if accepted < 26 {
		t.Errorf("only %d headers were accepted", accepted)
	}
}

// rewrapped hands the vector to a new reader.
func rewrapped(t *testing.T, name string, v vector, file []byte) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	var out, plain bytes.Buffer
	if err := Rewrap(&out, bytes.NewReader(file), true, v.ids, id.Recipient()); err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if err := Unseal(&plain, bytes.NewReader(out.Bytes()), id); err != nil {
		t.Errorf("%s: the new reader cannot open it: %v", name, err)
	}
	if err := Unseal(io.Discard, bytes.NewReader(out.Bytes()), v.ids...); err == nil {
		t.Errorf("%s: the old reader opens it", name)
	}
	_, n, _ := readHeader(bufio.NewReader(bytes.NewReader(file)))
	if !bytes.HasSuffix(out.Bytes(), file[n:]) {
		t.Errorf("%s: the payload is another one", name)
	}
}

func TestHostileHeaders(t *testing.T) {
	stanza := "-> X25519 abc\n" + strings.Repeat("A", 43) + "\n"
	mac := "--- " + strings.Repeat("A", 43) + "\n"
	for name, text := range map[string]string{
		"too many stanzas": headerIntro + strings.Repeat(stanza, maxStanzas+1) + mac,
		"too long":         headerIntro + "-> x\n" + strings.Repeat(strings.Repeat("A", 64)+"\n", maxHeader/65+1),
		"endless line":     headerIntro + strings.Repeat("A", maxHeader+1),
		"too many words":   headerIntro + "-> " + strings.Repeat("a ", 129) + "a\n\n" + mac,
		"no stanza":        headerIntro + mac,
	} {
		if _, _, err := readHeader(bufio.NewReader(strings.NewReader(text))); !errors.Is(err, errHeader) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := age.ExtractHeader(strings.NewReader(text)); err == nil {
			t.Errorf("%s: age takes it", name)
		}
	}
	ok := headerIntro + strings.Repeat(stanza, maxStanzas) + mac
	if _, _, err := readHeader(bufio.NewReader(strings.NewReader(ok))); err != nil {
		t.Errorf("%d stanzas: %v", maxStanzas, err)
	}
	// A passphrase that would cost 4 GiB is refused, fast.
	id, err := PassphraseIdentity("x")
	if err != nil {
		t.Fatal(err)
	}
	costly := headerIntro + "-> scrypt " + strings.Repeat("A", 22) + " 22\n" + strings.Repeat("A", 43) + "\n" + mac + strings.Repeat("x", 40)
	if err := Unseal(io.Discard, strings.NewReader(costly), id); err == nil || !strings.Contains(err.Error(), "work factor") {
		t.Errorf("a costly passphrase: %v", err)
	}
}

func FuzzHeader(f *testing.F) {
	list, err := fs.ReadDir(agetest.Vectors, ".")
	if err != nil {
		f.Fatal(err)
	}
	for _, e := range list {
		b, err := fs.ReadFile(agetest.Vectors, e.Name())
		if err != nil {
			f.Fatal(err)
		}
		if _, b, ok := bytes.Cut(b, []byte("\n\n")); ok && len(b) < 10_000 {
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		h, n, err := readHeader(bufio.NewReader(bytes.NewReader(b)))
		want, wantErr := age.ExtractHeader(bytes.NewReader(b))
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%v, age says %v", err, wantErr)
		}
		if err == nil && (!bytes.Equal(h.encode(), want) || !bytes.Equal(b[:n], want)) {
			t.Fatal("not written as it was read")
		}
	})
}
