package crypt_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"flightveil/crypt"
)

func TestC4(t *testing.T) {
	for text, want := range map[string]string{
		"": "c459dsjfscH38cYeXXYogktxf4Cd9ibshE3BHUo6a58hBXmRQdZrAkZzsWcbWtDg5oQstpDuni4Hirj75GEmTc1sFT",
	} {
		if got, err := crypt.C4(strings.NewReader(text)); err != nil || got != want {
			t.Errorf("%q: %s, %v", text, got, err)
		}
	}
}

func TestManifest(t *testing.T) {
	b := newBench(t)
	b.fill()
	b.encrypt(b.options())
	b.put("new", []byte("a second generation"))
	b.encrypt(b.options())
	lists, err := filepath.Glob(filepath.Join(b.vault, "ascmhl", "*.mhl"))
	if err != nil || len(lists) != 2 {
		t.Fatalf("%v, %v", lists, err)
	}
	if _, err := exec.LookPath("xmllint"); err == nil {
		if out, err := exec.Command("xmllint", append([]string{"--noout", "--schema", "testdata/ascmhl.xsd"}, lists...)...).CombinedOutput(); err != nil {
			t.Errorf("the schema: %v\n%s", err, out)
		}
	}
	for _, l := range lists {
		text, _ := os.ReadFile(l)
		if host, _ := os.Hostname(); len(host) > 3 && strings.Contains(string(text), host) {
			t.Error("the name of the machine is in the manifest")
		}
	}
	verify := func() (crypt.Verdict, error) {
		return crypt.VerifyManifest(context.Background(), b.dir(b.vault), crypt.VerifyOptions{Jobs: 2})
	}
	if v, err := verify(); err != nil || v.Bad > 0 || v.Intact != len(b.sources()) {
		t.Fatalf("%+v, %v", v, err)
	}
	e, _ := b.open(b.id).Find("new")
	p := filepath.Join(b.vault, e.Name)
	sealed, _ := os.ReadFile(p)
	sealed[len(sealed)/2] ^= 1
	os.WriteFile(p, sealed, 0o600)
	if v, err := verify(); err != nil || v.Bad != 1 {
		t.Errorf("a flipped bit: %+v, %v", v, err)
	}
	os.Remove(p)
	if v, err := verify(); err != nil || v.Bad != 1 {
		t.Errorf("a missing file: %+v, %v", v, err)
	}
	list, _ := os.ReadFile(lists[0])
	os.WriteFile(lists[0], append(list, '\n'), 0o600)
	if _, err := verify(); !errors.Is(err, crypt.ErrDamaged) {
		t.Errorf("a changed manifest: %v", err)
	}
}

// foreign is a history that another program wrote, with other sums.
func TestForeignManifest(t *testing.T) {
	dir := t.TempDir()
	os.Mkdir(filepath.Join(dir, "ascmhl"), 0o700)
	os.WriteFile(filepath.Join(dir, "a"), []byte("abc"), 0o600)
	list := `<?xml version="1.0"?><hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0"><hashes>
<hash><path size="3">a</path><md5 action="original">900150983cd24fb0d6963f7d28e17f72</md5></hash></hashes></hashlist>`
	c4, err := crypt.C4(strings.NewReader(list))
	if err != nil {
		t.Fatal(err)
	}
	chain := func(name string) {
		os.WriteFile(filepath.Join(dir, "ascmhl", "ascmhl_chain.xml"), []byte(`<ascmhldirectory xmlns="urn:ASC:MHL:DIRECTORY:v2.0"><hashlist sequencenr="1"><path>`+name+`</path><c4>`+c4+`</c4></hashlist></ascmhldirectory>`), 0o600)
	}
	os.WriteFile(filepath.Join(dir, "ascmhl", "0001.mhl"), []byte(list), 0o600)
	b := &bench{t: t}
	chain("0001.mhl")
	if v, err := crypt.VerifyManifest(context.Background(), b.dir(dir), crypt.VerifyOptions{}); err != nil || v.Intact != 1 || v.Bad != 0 {
		t.Errorf("%+v, %v", v, err)
	}
	os.WriteFile(filepath.Join(dir, "a"), []byte("abd"), 0o600)
	if v, err := crypt.VerifyManifest(context.Background(), b.dir(dir), crypt.VerifyOptions{}); err != nil || v.Bad != 1 {
		t.Errorf("%+v, %v", v, err)
	}
	chain("../0001.mhl")
	if _, err := crypt.VerifyManifest(context.Background(), b.dir(dir), crypt.VerifyOptions{}); !errors.Is(err, crypt.ErrDamaged) {
		t.Errorf("a manifest elsewhere: %v", err)
	}
}
