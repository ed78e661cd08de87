package fff_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"hash/crc32"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"flightveil/exifscrub"
	"flightveil/exifscrub/fff"
	"flightveil/exifscrub/scrubtest"
	"flightveil/internal/corpus"
	"flightveil/internal/geo"
)

func TestConformance(t *testing.T) { scrubtest.Run(t, fff.Format{}, "testdata") }
func FuzzScrub(f *testing.F)       { scrubtest.Fuzz(f, fff.Format{}, "testdata") }

func sample(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// record returns the data of the first record of a kind of a big-endian file.
func record(t *testing.T, b []byte, kind uint16) []byte {
	t.Helper()
	if e := entry(b, kind); e != nil {
		off, n := binary.BigEndian.Uint32(e[12:]), binary.BigEndian.Uint32(e[16:])
		return b[off:][:n]
	}
	t.Fatalf("no record %#x", kind)
	return nil
}

func entry(b []byte, kind uint16) []byte {
	be := binary.BigEndian
	for i := range be.Uint32(b[0x1C:]) {
		if e := b[be.Uint32(b[0x18:])+32*i:][:32]; be.Uint16(e) == kind {
			return e
		}
	}
	return nil
}

// What temperatures are calculated from is the same byte for byte.
func TestTemperaturesStay(t *testing.T) {
	in := sample(t, "rich.fff")
	for _, profile := range []string{"public", "area", "mapping"} {
		out := scrubtest.Scrub(t, fff.Format{}, in, profile)
		if len(out) != len(in) {
			t.Errorf("%s: the size changed", profile)
		}
		for _, kind := range []uint16{0x01, 0x2A} {
			if !bytes.Equal(record(t, in, kind), record(t, out, kind)) {
				t.Errorf("%s: record %#x changed", profile, kind)
			}
		}
		was, is := record(t, in, 0x20), record(t, out, 0x20)
		for _, at := range [][2]int{{0, 0xD4}, {0x1B4, 0x1B8}, {0x300, 0x384}, {0x45C, 0x460}} {
			if !bytes.Equal(was[at[0]:at[1]], is[at[0]:at[1]]) {
				t.Errorf("%s: the parameters at %#x changed", profile, at[0])
			}
		}
		if was, is := record(t, in, 0x22), record(t, out, 0x22); !bytes.Equal(was[0x50:], is[0x50:]) {
			t.Errorf("%s: the palette changed", profile)
		}
		if was, is := record(t, in, 0x21), record(t, out, 0x21); !bytes.Equal(was[:12+0x24+4], is[:12+0x24+4]) {
			t.Errorf("%s: a measurement changed", profile)
		}
	}
}

// The checksum of a record follows its bytes; those of removed records and of
// the header are gone.
func TestChecksums(t *testing.T) {
	in := sample(t, "rich.fff")
	out := scrubtest.Scrub(t, fff.Format{}, in, "public")
	be := binary.BigEndian
	for _, kind := range []uint16{0x20, 0x01, 0x22, 0x21, 0x2B} {
		want := crc32.ChecksumIEEE(record(t, out, kind))
		if got := be.Uint32(entry(out, kind)[28:]); got != want {
			t.Errorf("record %#x: checksum %#x, want %#x", kind, got, want)
		}
	}
	for _, kind := range []uint16{0x23, 0x2E, 0x24, 0x28, 0x27} {
		if entry(out, kind) != nil {
			t.Errorf("record %#x is still listed", kind)
		}
	}
	if be.Uint32(out[0x3C:]) != 0 {
		t.Error("the header has a checksum that cannot fit")
	}
	wrong := bytes.Clone(in)
	entry(wrong, 0x20)[28] ^= 1
	if got := be.Uint32(entry(scrubtest.Scrub(t, fff.Format{}, wrong, "public"), 0x20)[28:]); got != 0 {
		t.Errorf("a checksum that was wrong became %#x", got)
	}
}

func TestCoarse(t *testing.T) {
	le := binary.LittleEndian
	out := scrubtest.Scrub(t, fff.Format{}, sample(t, "rich.fff"), "area")
	gps := record(t, out, 0x2B)
	got := geo.Point{Lat: math.Float64frombits(le.Uint64(gps[0x10:])), Lon: math.Float64frombits(le.Uint64(gps[0x18:]))}
	if want := (geo.Point{Lat: scrubtest.Lat, Lon: scrubtest.Lon}).Cell(1000); got != want {
		t.Errorf("position %v, want %v", got, want)
	}
	if string(gps[:0xC]) != "\x01\x00\x00\x00\x02\x02\x00\x00S\x00W\x00" {
		t.Errorf("the record begins with %q", gps[:0xC])
	}
	if rest := gps[0x20:]; len(bytes.Trim(rest, "\x00")) > 0 {
		t.Errorf("finer data are left: %x", rest)
	}
	when := record(t, out, 0x20)[0x384:][:10]
	if s := le.Uint32(when); s%86400 != 0 || s/86400 != 1942203000/86400 || len(bytes.Trim(when[4:], "\x00")) > 0 {
		t.Errorf("the time is %x", when)
	}
}

// A cell whose centre lies in another hemisphere than the point.
func TestCoarseAcrossTheEquator(t *testing.T) {
	in := sample(t, "rich.fff")
	le := binary.LittleEndian
	gps := record(t, in, 0x2B)
	le.PutUint64(gps[0x10:], math.Float64bits(-0.0001))
	entry(in, 0x2B)[28]++ // the checksum no longer fits
	out := record(t, scrubtest.Scrub(t, fff.Format{}, in, "area"), 0x2B)
	lat := math.Float64frombits(le.Uint64(out[0x10:]))
	if want := map[bool]byte{true: 'S', false: 'N'}[lat < 0]; out[8] != want {
		t.Errorf("latitude %v with reference %q", lat, out[8])
	}
}

func TestNoPosition(t *testing.T) {
	in := sample(t, "rich.fff")
	gps := record(t, in, 0x2B)
	clear(gps[8:])
	if out := record(t, scrubtest.Scrub(t, fff.Format{}, in, "public"), 0x2B); binary.LittleEndian.Uint32(out) != 0 {
		t.Error("0° N 0° E is left as a valid position")
	}
	if out := record(t, scrubtest.Scrub(t, fff.Format{}, sample(t, "rich.fff"), "public"), 0x2B); len(bytes.Trim(out, "\x00")) > 0 {
		t.Errorf("left of the position: %x", out)
	}
	if out := record(t, scrubtest.Scrub(t, fff.Format{}, sample(t, "rich.fff"), "mapping"), 0x2B); !bytes.Equal(out[:0x20], record(t, sample(t, "rich.fff"), 0x2B)[:0x20]) {
		t.Error("mapping loses the position")
	}
}

// flir returns the FLIR block of a JPEG picture.
func flir(b []byte) []byte {
	var out []byte
	for i := 2; i+12 < len(b) && b[i] == 0xFF && b[i+1] != 0xDA; {
		n := int(binary.BigEndian.Uint16(b[i+2:]))
		if b[i+1] == 0xE1 && string(b[i+4:i+9]) == "FLIR\x00" && i+2+n <= len(b) {
			out = append(out, b[i+12:i+2+n]...)
		}
		i += 2 + n
	}
	return out
}

// TestCorpus: real cameras lose what identifies them and keep every sample.
func TestCorpus(t *testing.T) {
	seen := 0
	for _, path := range corpus.Files(t, "media/jpg") {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		in := flir(b)
		if in == nil {
			continue
		}
		seen++
		name := filepath.Base(path)
		plan, err := exifscrub.Scan(t.Context(), scrubtest.Job(t, "public"), fff.Format{}, bytes.NewReader(in))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		scrubtest.Check(t, fff.Format{}, in, false)
		out := scrubtest.Scrub(t, fff.Format{}, in, "public")
		raw := slices.IndexFunc(plan.Findings, func(j exifscrub.Judged) bool { return strings.HasSuffix(j.Path, "RawThermalImage") })
		if raw < 0 {
			t.Errorf("%s: no thermal plane", name)
		} else if s := plan.Findings[raw].Spans[0]; !bytes.Equal(in[s.Off:s.End()], out[s.Off:s.End()]) {
			t.Errorf("%s: the thermal plane changed", name)
		}
		for _, x := range truth(t, path).Sensitive {
			tag, ok := strings.CutPrefix(x.Tag, "FLIR:")
			if ok && !slices.ContainsFunc(plan.Findings, func(j exifscrub.Judged) bool { return filepath.Base(j.Path) == tag && j.Action != "keep" }) {
				t.Errorf("%s: %s is not found", name, tag)
			}
		}
		for _, n := range truth(t, path).Needles {
			if needle, err := hex.DecodeString(n.Hex); err != nil || bytes.Contains(out, needle) {
				t.Errorf("%s: %s is still there (%v)", name, n.Tag, err)
			}
		}
	}
	if seen == 0 {
		t.Error("no thermal picture in the corpus")
	}
}

type answers struct {
	Sensitive []struct{ Category, Tag string }
	Needles   []struct{ Tag, Hex string }
}

func truth(t *testing.T, path string) (a answers) {
	t.Helper()
	rel, err := filepath.Rel(filepath.Join(corpus.Dir(t), "media"), path)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(corpus.Dir(t), "truth", "media", rel+".json"))
	if err == nil {
		err = json.Unmarshal(b, &a)
	}
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Pictures inside records lose their texts, keep every pixel, and leave the
// record as long as it was.
func TestEmbeddedPictures(t *testing.T) {
	for name, kept := range map[string]struct{ magic, data string }{
		"rich.fff":   {"\xFF\xD8\xFF\xDB", "\xFF\xDA\x00\x08\x01\x01\x00\x00\x3F\x00\x3F\xFF\xD9"},
		"little.fff": {"\x89PNG\r\n\x1a\n", "IDAT\x78\x01"},
	} {
		in := sample(t, name)
		out := scrubtest.Scrub(t, fff.Format{}, in, "public")
		if len(out) != len(in) || !bytes.Contains(out, []byte(kept.magic)) || !bytes.Contains(out, []byte(kept.data)) {
			t.Errorf("%s: the picture is gone", name)
		}
	}
}

// A long recording does not fill the memory: pictures behind the first few are
// cleaned where they lie.
func TestLongRecording(t *testing.T) {
	one := sample(t, "little.fff")
	job := scrubtest.Job(t, "public")
	job.Limits.Field = 112 // one picture, so that four are held
	scrub := func(in []byte) []byte {
		t.Helper()
		plan, err := exifscrub.Scan(t.Context(), job, fff.Format{}, bytes.NewReader(in))
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := exifscrub.Apply(&out, bytes.NewReader(in), plan.Edits()); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	out := scrub(bytes.Repeat(one, 9))
	if bytes.Contains(out, []byte(scrubtest.Person)) || len(out) != 9*len(one) || bytes.Count(out, []byte("IDAT\x78\x01")) != 9 {
		t.Error("not every picture is clean and whole")
	}
	held, rigid := out[:len(one)], out[8*len(one):]
	rigid = slices.Concat(rigid[:64+28], held[64+28:64+32], rigid[64+32:]) // but for the checksum
	if !bytes.Equal(held, rigid) {
		t.Error("pictures are cleaned in different ways")
	}
	if !bytes.Equal(scrub(out), out) {
		t.Error("clean frames are edited")
	}
}
