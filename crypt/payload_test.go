package crypt

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"flightveil/internal/disk"

	"filippo.io/age"
	"filippo.io/age/armor"
)

// TestPayloadVectors writes the payload of every vector that opens, with its key
// and nonce: the same bytes come out.
func TestPayloadVectors(t *testing.T) {
	compared := 0
	for name, v := range vectors(t) {
		if v.expect != "success" {
			continue
		}
		file := v.file
		if v.armored {
			var err error
			if file, err = io.ReadAll(armor.NewReader(bytes.NewReader(file))); err != nil {
				t.Fatal(err)
			}
		}
		h, n, err := readHeader(bufio.NewReader(bytes.NewReader(file)))
		if err != nil {
			t.Fatal(err)
		}
		key, err := h.fileKey(v.ids...)
		if err != nil {
			t.Fatal(err)
		}
		var plain bytes.Buffer
		if err := Unseal(&plain, bytes.NewReader(file), v.ids...); err != nil {
			t.Fatal(err)
		}
		nonce := file[n : n+payloadNonce]
		c, err := payloadCipher(key, nonce)
		if err != nil {
			t.Fatal(err)
		}
		if got := sealChunks(slices.Clone(nonce), c, 0, plain.Bytes(), true); !bytes.Equal(got, file[n:]) {
			t.Errorf("%s: another payload", name)
		}
		if got, err := openSmall(key, file[n:]); err != nil || !bytes.Equal(got, plain.Bytes()) {
			t.Errorf("%s: not opened: %v", name, err)
		}
		for _, cut := range []int{0, payloadNonce, len(file) - n - 1} {
			if _, err := openSmall(key, file[n:n+cut]); err == nil {
				t.Errorf("%s: opened when cut at %d", name, cut)
			}
		}
		compared++
	}
	if compared < 26 {
		t.Errorf("only %d vectors were compared", compared)
	}
}

// TestQuickRecipient: age's identities open what the quick recipient sealed, and
// no others do.
func TestQuickRecipient(t *testing.T) {
	for range 20 {
		id, err := age.GenerateX25519Identity()
		if err != nil {
			t.Fatal(err)
		}
		other, _ := age.GenerateX25519Identity()
		r, ok := quick(id.Recipient()).(*x25519Recipient)
		if !ok {
			t.Fatal("it is not quick")
		}
		key := newFileKey()
		stanzas, err := r.Wrap(key)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := id.Unwrap(stanzas); err != nil || !bytes.Equal(got, key) {
			t.Errorf("%x, %v", got, err)
		}
		if _, err := other.Unwrap(stanzas); err == nil {
			t.Error("another identity opens it")
		}
	}
	hybrid, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	if to := Recipient(hybrid.Recipient()); quick(to) != to {
		t.Error("a post-quantum recipient was replaced")
	}
}

// TestJournalIsAge: behind the header in its first line, each line of a journal
// is an age file.
func TestJournalIsAge(t *testing.T) {
	d, err := disk.Open(t.TempDir(), true)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	j, err := startJournal(d, nil, Info{ID: randomHex(16), Made: time.Now()}, "", []Recipient{id.Recipient()}, false)
	if err != nil {
		t.Fatal(err)
	}
	e := Entry{Path: "DCIM/a.JPG", Name: "data/aa/bb.age"}
	if err := j.record(e.line()); err != nil {
		t.Fatal(err)
	}
	j.close()
	f, err := d.OpenFile(journalName)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var head journalHead
	var texts []string
	for s := bufio.NewScanner(f); s.Scan(); {
		switch raw, err := base64.StdEncoding.DecodeString(s.Text()); {
		case head.ID == "":
			if err := json.Unmarshal(s.Bytes(), &head); err != nil {
				t.Fatal(err)
			}
		case err != nil:
			t.Fatal(err)
		case len(raw) > 0:
			var plain bytes.Buffer
			if err := Unseal(&plain, io.MultiReader(bytes.NewReader(head.Header), bytes.NewReader(raw)), id); err != nil {
				t.Fatal(err)
			}
			texts = append(texts, plain.String())
		}
	}
	if len(texts) != 2 || !bytes.Contains([]byte(texts[1]), []byte("DCIM/a.JPG")) {
		t.Error(fmt.Sprint(texts))
	}
	other, _ := age.GenerateX25519Identity()
	if _, err := readJournal(d, nil, []Identity{other}); err == nil {
		t.Error("anybody reads the journal")
	}
	if p, err := readJournal(d, nil, []Identity{id}); err != nil || len(p.done) != 1 || p.done[0].Path != e.Path {
		t.Errorf("%+v, %v", p, err)
	}
}
