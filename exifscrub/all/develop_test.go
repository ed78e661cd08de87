package all_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"flightveil/exifscrub/all"
	"flightveil/exifscrub/scrubtest"
	"flightveil/internal/block/tiff"
	"flightveil/internal/corpus"
	"flightveil/internal/input"
)

// decoders are the raw converters that judge whether a cleaned file develops
// as before.
func decoders(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for name, args := range map[string][]string{"dcraw": {"-w", "-c"}, "dcraw_emu": {"-w", "-Z", "-"}} {
		if path, err := exec.LookPath(name); err == nil {
			out[name] = append([]string{path}, args...)
		}
	}
	if len(out) == 0 {
		t.Skip("neither dcraw nor dcraw_emu (LibRaw) is installed")
	}
	return out
}

// develop returns what a converter makes of b, and nothing if it cannot read it.
func develop(t *testing.T, args []string, name string, b []byte, more ...string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "raw"+filepath.Ext(name))
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), args[0], append(append(args[1:len(args):len(args)], more...), path)...).Output()
	if _, exit := err.(*exec.ExitError); err != nil && !exit {
		t.Fatal(err)
	}
	return out
}

// scrub cleans b for posting.
func scrub(t *testing.T, name string, b []byte) []byte {
	t.Helper()
	p, err := input.NewProbe(filepath.Base(name), bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	f, m, tie := all.Formats().Detect(p)
	if m < input.Likely || tie {
		t.Fatalf("%s: not detected", name)
	}
	return scrubtest.Scrub(t, f, b, "public")
}

// rawSamples are the generated raw files, with where their white balance comes
// from: a converter that does not find it there must give another picture.
var rawSamples = map[string]string{
	"../tiff/testdata/nikon.nef":        "Nikon\x00",
	"../tiff/testdata/pentax.pef":       "PENTAX \x00",
	"../tiff/testdata/pentax-aoc.pef":   "AOC\x00",
	"../tiff/testdata/olympus-note.orf": "OLYMPUS\x00",
	"../tiff/testdata/samsung.srw":      "\xe8\x1c\x00\x00\x00\x10\x00\x00",
	"../tiff/testdata/canon.raw":        "\x34\x08\x00\x04\x00\x04\xdc\x05",
	"../tiff/testdata/sony.arw":         "",
	"../raf/testdata/old.raf":           "\x2f\xf0\x00\x08",
	"../raf/testdata/new.raf":           "\x2e\x01\x00\x00\x4e\x02\x00\x00",
	"../raf/testdata/two.raf":           "\x2f\xf0\x00\x08",
}

// Generated raw files develop to the same pixels, white balance and all.
func TestDevelopSamples(t *testing.T) {
	for converter, args := range decoders(t) {
		for name, balance := range rawSamples {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			want := develop(t, args, name, b)
			if len(want) < 1000 {
				t.Errorf("%s cannot read %s", converter, name)
				continue
			}
			if got := develop(t, args, name, scrub(t, name, b)); !bytes.Equal(got, want) {
				t.Errorf("%s: %s gives another picture after cleaning", name, converter)
			}
			if balance == "" {
				continue
			}
			blind := bytes.Clone(b) // the test could not fail if the white balance did not matter
			i := bytes.Index(blind, []byte(balance))
			if i < 0 {
				t.Fatalf("%s: no %q", name, balance)
			}
			copy(blind[i:], make([]byte, 12))
			if bytes.Equal(develop(t, args, name, blind), want) {
				t.Errorf("%s: %s does not use the white balance", name, converter)
			}
		}
	}
}

// Real raw files develop to the same pixels. Most samples end before or soon
// after the sensor data begins: noise takes its place.
func TestDevelopCorpus(t *testing.T) {
	if testing.Short() {
		t.Skip("develops pictures of full size")
	}
	args := decoders(t)
	read := 0
	for _, name := range corpus.Files(t, "media/raw") {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, ".cr3") { // not a TIFF
			continue
		}
		b = withNoise(t, b)
		clean := scrub(t, name, b)
		for converter, args := range args {
			want := develop(t, args, name, b, "-h")
			if len(want) == 0 {
				t.Logf("%s: %s cannot read it", filepath.Base(name), converter)
				continue
			}
			if read++; !bytes.Equal(develop(t, args, name, clean, "-h"), want) {
				t.Errorf("%s: %s gives another picture after cleaning", filepath.Base(name), converter)
			}
		}
	}
	if read < 8 {
		t.Errorf("only %d pictures could be developed", read)
	}
}

// withNoise returns b with sensor data where it has less than its size says:
// behind the end, uncompressed if it was only hinted at.
func withNoise(t *testing.T, b []byte) []byte {
	t.Helper()
	const most = 64 << 20
	tree, err := tiff.Read(bytes.NewReader(b), input.Limits{}.Defaults())
	if err != nil {
		t.Fatal(err)
	}
	b = bytes.Clone(b)
	need := 0
	for _, d := range tree.Dirs {
		get := func(tag uint16) int {
			e, _ := d.Find(tag)
			v, _ := tree.Reader.Integer(e)
			return int(v)
		}
		off, n := get(tiff.TagStripOffsets), get(tiff.TagStripByteCounts)
		width, height := get(tiff.TagImageWidth), get(tiff.TagImageLength)
		switch {
		case tree.Magic == tiff.Panasonic && d == tree.Dirs[0]:
			need = max(need, len(b)+16<<20)
		case off+n > len(b):
			need = max(need, off+n)
		case get(tiff.TagPhotometric) == 32803 && n*2 < width*height: // less than four bits for each pixel
			if e, _ := d.Find(tiff.TagStripOffsets); e.Count != 1 {
				continue
			}
			set := func(tag uint16, v int) {
				e, ok := d.Find(tag)
				if !ok || !e.Inline {
					t.Fatalf("no tag %04x to change", tag)
				}
				if e.Value.Len == 2 {
					tree.Header.Order.PutUint16(b[e.Value.Off:], uint16(v))
				} else {
					tree.Header.Order.PutUint32(b[e.Value.Off:], uint32(v))
				}
			}
			at := (len(b) + 15) &^ 15
			set(tiff.TagStripOffsets, at)
			set(tiff.TagStripByteCounts, width*height*2)
			set(tiff.TagCompression, 1)
			need = max(need, at+width*height*2)
		}
	}
	if need = min(need, most); need <= len(b) {
		return b
	}
	noise := make([]byte, need-len(b))
	r := rand.New(rand.NewPCG(1, 2))
	for i := 0; i+8 <= len(noise); i += 8 {
		binary.LittleEndian.PutUint64(noise[i:], r.Uint64())
	}
	return append(b, noise...)
}
