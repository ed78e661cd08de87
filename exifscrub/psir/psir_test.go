package psir_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"slices"
	"testing"

	"flightveil/exifscrub"
	"flightveil/exifscrub/all"
	"flightveil/exifscrub/psir"
	"flightveil/exifscrub/scrubtest"
	"flightveil/internal/corpus"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

func TestConformance(t *testing.T) { scrubtest.Run(t, psir.Format{}, "testdata") }
func FuzzScrub(f *testing.F)       { scrubtest.Fuzz(f, psir.Format{}, "testdata") }

func resource(id uint16, body []byte) []byte {
	b := append(binary.BigEndian.AppendUint16([]byte("8BIM"), id), 0, 0)
	b = append(binary.BigEndian.AppendUint32(b, uint32(len(body))), body...)
	return append(b, make([]byte, len(body)&1)...)
}

func dataset(number byte, value string) []byte {
	return append([]byte{0x1C, 2, number, 0, byte(len(value))}, value...)
}

// TestStructureStays: what the document needs to look right is byte for byte
// there, and the merged picture is still called real.
func TestStructureStays(t *testing.T) {
	b, err := os.ReadFile("testdata/rich.psir")
	if err != nil {
		t.Fatal(err)
	}
	got := scrubtest.Scrub(t, psir.Format{}, b, "public")
	icc := slices.Concat(make([]byte, 36), []byte("acsp"), make([]byte, 92))
	dpi := []byte{0, 72, 0, 0, 0, 1, 0, 2, 0, 72, 0, 0, 0, 1, 0, 2}
	want := slices.Concat(resource(0x03ED, dpi), resource(0x03ED, dpi), resource(0x03F3, make([]byte, 9)), resource(0x040F, icc),
		resource(0x0421, slices.Concat([]byte{0, 0, 0, 1, 1}, make([]byte, 8), []byte{0, 0, 0, 1})), resource(0x0428, make([]byte, 12)))
	if !bytes.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

// TestSizeFollowsChild: the size field and the padding follow an IPTC block
// that became shorter, and the digest of the old block goes.
func TestSizeFollowsChild(t *testing.T) {
	for _, person := range []string{"Zephyrine", "Zephyrin"} { // odd, even
		for _, place := range []string{"Quillon", "Quillo"} {
			in := slices.Concat(resource(0x0404, slices.Concat(dataset(80, person), dataset(90, place))), resource(0x0425, make([]byte, 16)), resource(0x0416, []byte{1, 0}))
			want := slices.Concat(resource(0x0404, dataset(90, place)), resource(0x0416, []byte{1, 0}))
			if got := scrubtest.Scrub(t, psir.Format{}, in, "mapping"); !bytes.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		}
	}
}

// TestStaleDigest: the digest tells what the IPTC block was, so it goes with
// it even where ids stay.
func TestStaleDigest(t *testing.T) {
	in := slices.Concat(resource(0x0425, bytes.Repeat([]byte{7}, 16)), resource(0x0404, dataset(80, "Zephyrine")), resource(0x0416, []byte{1, 0}))
	job := scrubtest.Job(t, "public")
	job.Policy.Rules[privacy.Identity] = privacy.Keep
	plan, err := exifscrub.Scan(t.Context(), job, psir.Format{}, bytes.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := exifscrub.Apply(&out, bytes.NewReader(in), plan.Edits()); err != nil {
		t.Fatal(err)
	}
	if want := resource(0x0416, []byte{1, 0}); !bytes.Equal(out.Bytes(), want) {
		t.Errorf("got %q, want %q", out.Bytes(), want)
	}
}

// TestZerosAreNoFinding: a parent of fixed size fills up with zeros.
func TestZerosAreNoFinding(t *testing.T) {
	in := append(resource(0x0416, []byte{1, 0}), make([]byte, 9000)...)
	for item, err := range (psir.Format{}).Walk(t.Context(), bytes.NewReader(in), input.Limits{}) {
		t.Error(item, err)
	}
}

func TestLimits(t *testing.T) {
	in := bytes.NewReader(bytes.Repeat(resource(0x0416, []byte{1, 0}), 50))
	var last error
	for _, err := range (psir.Format{}).Walk(t.Context(), in, input.Limits{Items: 49}) {
		last = err
	}
	if last == nil {
		t.Error("the limit of items is not enforced")
	}
}

// TestCorpus: in real JPEG pictures every tag of an IPTC block or an image
// resource that tells a place, a person or a time is found by its name.
func TestCorpus(t *testing.T) {
	tags := 0
	for _, path := range corpus.Files(t, "media/jpg") {
		f, _ := all.Formats().ByID("jpeg")
		tags += scrubtest.Named(t, f, path, "IPTC", "IPTC2", "IPTC3", "Photoshop")
	}
	if tags < 40 {
		t.Errorf("only %d such tags in the corpus: is it the right one?", tags)
	}
}

// TestKeptThumbnail: who keeps thumbnails keeps pictures, not what is written
// into them; every length around the picture follows.
func TestKeptThumbnail(t *testing.T) {
	comment := append([]byte{0xFF, 0xFE, 0, 2 + byte(len(scrubtest.Person))}, scrubtest.Person...)
	picture := func(comment []byte) []byte {
		return slices.Concat([]byte{0xFF, 0xD8}, comment,
			[]byte{0xFF, 0xC0, 0, 11, 8, 0, 1, 0, 1, 1, 1, 0x11, 0, 0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 0x3F, 0, 0x55, 0xFF, 0xD9})
	}
	thumbnail := func(jpeg []byte) []byte {
		head := make([]byte, 28)
		head[3] = 1
		binary.BigEndian.PutUint32(head[20:], uint32(len(jpeg)))
		return slices.Concat(head, jpeg)
	}
	preview := func(jpeg []byte) []byte {
		return resource(0x0404, slices.Concat(dataset(90, "Port Quillon"), []byte{0x1C, 2, 202, 0, byte(len(jpeg))}, jpeg))
	}
	in := slices.Concat(resource(0x040C, thumbnail(picture(comment))), preview(picture(comment)))
	want := slices.Concat(resource(0x040C, thumbnail(picture(nil))), preview(picture(nil)))
	job := scrubtest.Job(t, "public")
	job.Policy.Rules[privacy.Preview] = privacy.Keep
	job.Policy.Rules[privacy.Place] = privacy.Keep // a block without anything else to keep would go
	plan, err := exifscrub.Scan(t.Context(), job, psir.Format{}, bytes.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := exifscrub.Apply(&out, bytes.NewReader(in), plan.Edits()); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(out.Bytes(), want) {
		t.Errorf("got  %q\nwant %q", out.Bytes(), want)
	}
}
