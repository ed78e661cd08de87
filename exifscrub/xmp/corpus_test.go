package xmp_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"flightveil/exifscrub/scrubtest"
	"flightveil/exifscrub/xmp"
	"flightveil/internal/corpus"
	"flightveil/internal/input"
)

// packets returns the XMP packets in b, found by their first and last tags.
func packets(b []byte) (out [][]byte) {
	for len(b) > 0 {
		best := len(b)
		var last string
		for first, end := range map[string]string{"<x:xmpmeta": "</x:xmpmeta>", "<x:xapmeta": "</x:xapmeta>", "<rdf:RDF": "</rdf:RDF>"} {
			if i := bytes.Index(b, []byte(first)); i >= 0 && i < best {
				best, last = i, end
			}
		}
		b = b[best:]
		end := bytes.Index(b, []byte(last))
		if end < 0 {
			return append(out, b[:min(len(b), 60_000)])
		}
		end = min(len(b), end+len(last))
		if len(b) > 0 && !bytes.Contains(b[:end], []byte("http://ns.adobe.com/xmp/extension/")) { // cut up by JPEG segments
			out = append(out, b[:end])
		}
		b = b[end:]
	}
	return out
}

// TestCorpus cleans every packet of the real files: no known value survives,
// every tag an independent reader calls sensitive is found, and the XML that was
// well-formed stays so.
func TestCorpus(t *testing.T) {
	var files, tags int
	for _, path := range corpus.Files(t, "media") {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		rel, _ := filepath.Rel(filepath.Join(corpus.Dir(t), "media"), path)
		t.Run(rel, func(t *testing.T) {
			names := map[string]bool{}
			found := packets(b)
			for _, p := range found {
				files++
				for item, err := range (xmp.Format{}).Walk(t.Context(), bytes.NewReader(p), input.Limits{}) {
					if err != nil {
						t.Fatal(err)
					}
					if item.Finding != nil {
						_, name, _ := strings.Cut(item.Finding.Path, ":")
						names[strings.ToLower(name)] = true
					}
				}
				for _, profile := range []string{"public", "area", "mapping"} {
					clean := scrubtest.Scrub(t, xmp.Format{}, p, profile)
					if len(clean) != len(p) {
						t.Errorf("%s: size %d, want %d", profile, len(clean), len(p))
					}
					if profile == "public" {
						needles(t, rel, p, clean)
					}
				}
				scrubtest.Check(t, xmp.Format{}, p, true)
			}
			if len(found) > 0 { // others are compressed or cut up: their containers' tests look at them
				tags += sensitive(t, rel, names)
			}
		})
	}
	t.Logf("%d packets, %d sensitive tags", files, tags)
	if files < 40 || tags < 200 {
		t.Errorf("only %d packets and %d tags: the corpus is not what it was", files, tags)
	}
}

type truth struct {
	Sensitive []struct{ Category, Tag string }
	Needles   []struct{ Tag, Hex string }
}

func readTruth(t *testing.T, rel string) (tr truth) {
	b, err := os.ReadFile(filepath.Join(corpus.Dir(t), "truth", "media", rel+".json"))
	if os.IsNotExist(err) {
		return tr // hostile files have none
	}
	if err == nil {
		err = json.Unmarshal(b, &tr)
	}
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func needles(t *testing.T, rel string, dirty, clean []byte) {
	for _, n := range readTruth(t, rel).Needles {
		b, err := hex.DecodeString(n.Hex)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(dirty, b) && bytes.Contains(clean, b) {
			t.Errorf("a value of %s is still there", n.Tag)
		}
	}
}

// renamed maps names of exiftool to those of the specification, where they differ.
var renamed = map[string]string{
	"gpsdatetime":  "gpstimestamp",
	"serialnumber": "bodyserialnumber",
	"ownername":    "cameraownername",
}

// sensitive checks that the XMP tags of the truth were found, and counts them.
func sensitive(t *testing.T, rel string, names map[string]bool) (n int) {
	for _, s := range readTruth(t, rel).Sensitive {
		group, name, _ := strings.Cut(s.Tag, ":")
		if !strings.HasPrefix(group, "XMP") {
			continue
		}
		n++
		name = strings.ToLower(name)
		if !names[name] && !names[renamed[name]] {
			t.Errorf("%s %s was not found", s.Category, s.Tag)
		}
	}
	return n
}
