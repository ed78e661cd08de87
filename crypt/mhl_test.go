package crypt_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"flightveil/crypt"
)

func TestC4(t *testing.T) {
	// The words are those of the tests of Avalanche-io/c4; the sum of nothing is
	// that of the specification of ASC MHL.
	for text, want := range map[string]string{
		"":        "c459dsjfscH38cYeXXYogktxf4Cd9ibshE3BHUo6a58hBXmRQdZrAkZzsWcbWtDg5oQstpDuni4Hirj75GEmTc1sFT",
		"alfa":    "c43zYcLni5LF9rR4Lg4B8h3Jp8SBwjcnyyeh4bc6gTPHndKuKdjUWx1kJPYhZxYt3zV6tQXpDs2shPsPYjgG81wZM1",
		"bravo":   "c42jd8KUQG9DKppN1qt5aWS3PAmdPmNutXyVTb8H123FcuU3shPxpUXsVdcouSALZ4PaDvMYzQSMYCWkb6rop9zhDa",
		"charlie": "c44erLietE8C1iKmQ3y4ENqA9g82Exdkoxox3KEHops2ux5MTsuMjfbFRvUPsPdi9Pxc3C2MRvLxWT8eFw5XKbRQGw",
		"delta":   "c42Sv2Wi2Qo8AKbJKnUP6YTSdz8pt9aDaf2Ltx44HF1UDdXANM8Ltk6qEzpncvmVbw6FZxgBumw9Eo2jtGyaQ5gDSC",
		"echo":    "c41bviGCyTM2stoMYVTVKgBkfC6SitoLRFinp77BcmN9awdaeC9cxPy4zyFQBhmTvRzChawbECK1KBRnw3KnagA5be",
		"foxtrot": "c427CsZdfUAHyQBS3hxDFrL9NqgKeRuKkuSkxuYTm26XG7AKAWCjViDuMhHaMmQBkvuHnsxojetbQU1DdxHjzyQw8r",
		"golf":    "c41yLiwAPdsjiBAAw8AFwQGG3cAWnNbDio21NtHE8yD1Fh5irRE4FsccZvm1WdJ4FNHtR1kt5kev7wERsgYomaQbfs",
		"hotel":   "c44nNyaFuVbt5MCfo2PYWHpwMkBpYTbt14C6TuoLCYH5RLvAFLngER3nqHfXC2GuttcoDxGBi3pY1j3pUF2W3rZD8N",
		"india":   "c41nJ6CvPN7m7UkUA3oS2yjXYNSZ7WayxEQXWPae6wFkWwW8WChQWTu61bSeuCERu78BDK1LUEny1qHZnye3oU7DtY",
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
		validate := func(schema string, files ...string) ([]byte, error) {
			return exec.Command("xmllint", append([]string{"--nonet", "--noout", "--schema", "testdata/" + schema}, files...)...).CombinedOutput()
		}
		if out, err := validate("ascmhl.xsd", lists...); err != nil {
			t.Errorf("the schema: %v\n%s", err, out)
		}
		chain := filepath.Join(b.vault, "ascmhl", "ascmhl_chain.xml")
		if out, err := validate("ascmhl_directory.xsd", chain); err != nil {
			t.Errorf("the schema of the chain: %v\n%s", err, out)
		}
		// The schemas do refuse what is wrong.
		text, _ := os.ReadFile(lists[0])
		for _, change := range [][2]string{{"<hostname>flightveil</hostname>", ""}, {"in-place", "moved"}, {`version="2.0"`, `version="3.0"`}, {"xxh64", "sha256"}} {
			wrong := filepath.Join(t.TempDir(), "wrong.mhl")
			os.WriteFile(wrong, []byte(strings.ReplaceAll(string(text), change[0], change[1])), 0o600)
			if _, err := validate("ascmhl.xsd", wrong); err == nil {
				t.Errorf("%q instead of %q is accepted", change[1], change[0])
			}
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

// TestForeignManifest checks histories that other programs wrote, with each kind
// of sum. Those of "abc" are from the algorithms' own test vectors.
func TestForeignManifest(t *testing.T) {
	const right, wrong = "abc", "abd"
	for kind, sum := range map[string]string{
		"md5":    "900150983cd24fb0d6963f7d28e17f72",
		"sha1":   "a9993e364706816aba3e25717850c26c9cd0d89d",
		"xxh64":  "44bc2cf5ad770999",
		"xxh3":   "78af5f94892f3950",
		"xxh128": "06b05ab6733a618578af5f94892f3950",
		"c4":     "", // of RFC 6234's SHA-512, see TestC4
	} {
		if kind == "c4" {
			sum, _ = crypt.C4(strings.NewReader(right))
		}
		dir := t.TempDir()
		history(t, dir, "0001.mhl", `<hash><path size="3">a</path><`+kind+` action="original">`+sum+`</`+kind+`></hash>`)
		for content, bad := range map[string]int{right: 0, wrong: 1} {
			os.WriteFile(filepath.Join(dir, "a"), []byte(content), 0o600)
			if v, err := verifyHistory(t, dir); err != nil || v.Bad != bad || v.Intact != 1-bad {
				t.Errorf("%s of %q: %+v, %v", kind, content, v, err)
			}
		}
	}
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "a"), []byte(right), 0o600)
	history(t, dir, "../0001.mhl", `<hash><path>a</path><md5>900150983cd24fb0d6963f7d28e17f72</md5></hash>`)
	if _, err := verifyHistory(t, dir); !errors.Is(err, crypt.ErrDamaged) {
		t.Errorf("a manifest elsewhere: %v", err)
	}
	history(t, dir, "0001.mhl", `<hash><path>a</path><blake9>00</blake9></hash>`)
	if v, err := verifyHistory(t, dir); err != nil || v.Bad != 1 {
		t.Errorf("unknown sums: %+v, %v", v, err)
	}
}

// TestLaterGenerations: a file that was renamed is looked for under its last
// name, and a check that failed does not change what a file must be.
func TestLaterGenerations(t *testing.T) {
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "b"), []byte("abc"), 0o600)
	history(t, dir, "0001.mhl", `<hash><path>a</path><xxh64 action="original">44bc2cf5ad770999</xxh64></hash>`,
		"0002.mhl", `<hash><path>b</path><xxh64 action="verified">44bc2cf5ad770999</xxh64><previousPath>a</previousPath></hash>`,
		"0003.mhl", `<hash><path>b</path><xxh64 action="failed">0000000000000000</xxh64></hash>`)
	if v, err := verifyHistory(t, dir); err != nil || v.Bad != 0 || v.Intact != 1 {
		t.Errorf("%+v, %v", v, err)
	}
}

// history writes manifests, given as name and hashes, and their chain.
func history(t *testing.T, dir string, list ...string) {
	t.Helper()
	os.MkdirAll(filepath.Join(dir, "ascmhl"), 0o700)
	chain := `<ascmhldirectory xmlns="urn:ASC:MHL:DIRECTORY:v2.0">`
	for i := 0; i < len(list); i += 2 {
		text := `<?xml version="1.0"?><hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0"><hashes>` + list[i+1] + `</hashes></hashlist>`
		os.WriteFile(filepath.Join(dir, "ascmhl", list[i]), []byte(text), 0o600)
		c4, err := crypt.C4(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		chain += fmt.Sprintf(`<hashlist sequencenr="%d"><path>%s</path><c4>%s</c4></hashlist>`, i/2+1, list[i], c4)
	}
	os.WriteFile(filepath.Join(dir, "ascmhl", "ascmhl_chain.xml"), []byte(chain+`</ascmhldirectory>`), 0o600)
}

func verifyHistory(t *testing.T, dir string) (crypt.Verdict, error) {
	t.Helper()
	return crypt.VerifyManifest(context.Background(), (&bench{t: t}).dir(dir), crypt.VerifyOptions{})
}
