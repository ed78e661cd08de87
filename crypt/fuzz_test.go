package crypt

import (
	"bytes"
	"context"
	"encoding/base64"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"flightveil/internal/disk"

	"filippo.io/age"
)

// FuzzIndex: what is read as an index is written and read again the same, and no
// name of it leads elsewhere.
func FuzzIndex(f *testing.F) {
	info := Info{ID: "x", Tool: "t", Made: neutral, Recipients: []string{"age1x"}}
	e := Entry{Path: "DCIM/a.JPG", From: "DCIM/b.JPG", Name: "data/aa/bb.age", Size: 3, Mod: time.Date(2031, 7, 19, 1, 2, 3, 4, time.UTC), Hash: 1, Sum: 2, Sealed: 200, SHA256: "ab"}
	odd := Entry{Path: "\xff\n", Name: "data/\xff.age"}
	var b bytes.Buffer
	if err := writeIndex(&b, info, []Entry{e, odd}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(`{"type":"vault","version":1,"id":"x","made":"2031-01-01T00:00:00Z"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		info, entries, err := readIndex(bytes.NewReader(b))
		if err != nil {
			return
		}
		for _, e := range entries {
			for _, name := range []string{e.Path, e.Name, e.Card()} {
				if !filepath.IsLocal(name) {
					t.Fatalf("%q leads elsewhere", name)
				}
			}
		}
		var out bytes.Buffer
		if err := writeIndex(&out, info, entries); err != nil {
			t.Fatal(err)
		}
		again, same, err := readIndex(bytes.NewReader(out.Bytes()))
		if info.CardKey {
			info.Recipients = nil
		}
		if err != nil || again.ID != info.ID || len(same) != len(entries) || len(info.Recipients) != len(again.Recipients) {
			t.Fatalf("written and read again: %v", err)
		}
		for i := range same {
			same[i].Mod, entries[i].Mod = same[i].Mod.UTC(), entries[i].Mod.UTC()
			if !reflect.DeepEqual(same[i], entries[i]) {
				t.Fatalf("%+v became %+v", entries[i], same[i])
			}
		}
	})
}

// FuzzManifest: no manifest makes us panic, or look outside of its folder.
func FuzzManifest(f *testing.F) {
	list := `<?xml version="1.0"?><hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0"><hashes><hash><path size="3">a</path><xxh64 action="original">44bc2cf5ad770999</xxh64></hash></hashes></hashlist>`
	f.Add([]byte(list))
	f.Add([]byte(`<hashlist><hashes><hash><path>../a</path><c4>c4</c4></hash></hashes></hashlist>`))
	dir := f.TempDir()
	os.Mkdir(filepath.Join(dir, mhlFolder), 0o700)
	os.WriteFile(filepath.Join(dir, "a"), []byte("abc"), 0o600)
	d, err := disk.Open(dir, false)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { d.Close() })
	f.Fuzz(func(t *testing.T, b []byte) {
		sum, err := C4(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		chain, err := encodeXML(mhlGenerations{Space: mhlDirs, List: []mhlGeneration{{1, "0001.mhl", sum}}})
		if err != nil {
			t.Fatal(err)
		}
		os.WriteFile(filepath.Join(dir, mhlFolder, "0001.mhl"), b, 0o600)
		os.WriteFile(filepath.Join(dir, mhlChain), chain, 0o600)
		VerifyManifest(context.Background(), d, VerifyOptions{Report: func(r Result) {
			if r.Status == Intact && r.Path != "a" && filepath.Dir(r.Path) != mhlFolder {
				t.Errorf("%q is outside", r.Path)
			}
		}})
	})
}

// FuzzJournal: no journal makes us panic, and no name in it leads elsewhere.
func FuzzJournal(f *testing.F) {
	dir, err := disk.Open(f.TempDir(), true)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { dir.Close() })
	id, err := age.GenerateX25519Identity()
	if err != nil {
		f.Fatal(err)
	}
	info := Info{ID: strings.Repeat("a", 32), Made: neutral}
	j, err := startJournal(dir, dir, info, "", []Recipient{id.Recipient()}, false)
	if err != nil {
		f.Fatal(err)
	}
	whole, err := readSmall(dir, journalName)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole, "DCIM/a.JPG", "data/aa/bb.age")
	f.Add(bytes.ReplaceAll(whole, []byte("a"), []byte("/")), "../a", "data/../../x.age")
	f.Add([]byte("{}\n"), "", "")
	f.Fuzz(func(t *testing.T, b []byte, path, name string) {
		// What is behind the first record is sealed, so that it is read at all.
		l := Entry{Path: path, Name: name}.line()
		line, err := sealSmall(j.key, l.encode())
		if err != nil {
			t.Fatal(err)
		}
		b = append(append(bytes.Clone(b), '\n'), base64.StdEncoding.EncodeToString(line)...)
		if err := dir.WriteFile(journalName, b, neutral); err != nil {
			t.Fatal(err)
		}
		p, err := readJournal(dir, dir, nil)
		if err != nil {
			return
		}
		for _, e := range p.done {
			if !filepath.IsLocal(e.Path) || !filepath.IsLocal(e.Name) {
				t.Fatalf("%q or %q leads elsewhere", e.Path, e.Name)
			}
		}
	})
}
