package iptc_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"flightveil/exifscrub"
	"flightveil/exifscrub/iptc"
	"flightveil/exifscrub/scrubtest"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

func TestConformance(t *testing.T) { scrubtest.Run(t, iptc.Format{}, "testdata") }
func FuzzScrub(f *testing.F)       { scrubtest.Fuzz(f, iptc.Format{}, "testdata") }

func dataset(record, number byte, value string) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{0x1C, record, number}, uint16(len(value))), value...)
}

// TestCoarseTimes: a day stays a day, a time of day becomes midnight, and what
// has another form goes.
func TestCoarseTimes(t *testing.T) {
	in := slices.Concat(
		dataset(2, 55, "20310719"), dataset(2, 60, "044753+1200"), dataset(2, 63, "044753"),
		dataset(2, 62, "2031-07-19"), dataset(1, 80, "04:47:53"), dataset(2, 75, "a"))
	want := slices.Concat(dataset(2, 55, "20310719"), dataset(2, 60, "000000+0000"), dataset(2, 63, "000000"))
	if got := scrubtest.Scrub(t, iptc.Format{}, in, "area"); !bytes.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestMapping: places stay, people go, and the structure stays around them.
func TestMapping(t *testing.T) {
	in := slices.Concat(dataset(1, 90, "\x1b%G"), dataset(2, 0, "\x00\x04"), dataset(2, 80, "Z. Quillfeather"), dataset(2, 90, "Port Quillon"), dataset(2, 118, "Z."))
	want := slices.Concat(dataset(1, 90, "\x1b%G"), dataset(2, 0, "\x00\x04"), dataset(2, 90, "Port Quillon"))
	if got := scrubtest.Scrub(t, iptc.Format{}, in, "mapping"); !bytes.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestStructureIsChecked: a version or character set that is none cannot carry
// a name past the policy.
func TestStructureIsChecked(t *testing.T) {
	for _, in := range [][]byte{
		dataset(2, 0, "\x00\x04Zephyrine"), dataset(1, 90, "\x1b%Gephyrine"), dataset(1, 90, "Zephyrine"),
		dataset(2, 131, "Z"), dataset(3, 20, "Zeph"), dataset(1, 90, "\x1b"),
	} {
		if got := scrubtest.Scrub(t, iptc.Format{}, in, "mapping"); len(got) > 0 {
			t.Errorf("%q became %q", in, got)
		}
	}
}

// TestSwapped: a block stored as TIFF LONGs by a writer of the other byte order
// keeps its size and its order.
func TestSwapped(t *testing.T) {
	swap := func(b []byte) []byte {
		b = append(slices.Clone(b), make([]byte, -len(b)&3)...)
		for i := 0; i < len(b); i += 4 {
			slices.Reverse(b[i : i+4])
		}
		return b
	}
	plain := slices.Concat(dataset(2, 80, scrubtest.Person), dataset(2, 90, scrubtest.Place), dataset(2, 120, scrubtest.Text))
	in := swap(plain)
	got := scrubtest.Scrub(t, iptc.Format{}, in, "mapping")
	if want := append(swap(append(dataset(2, 90, scrubtest.Place), make([]byte, len(in))...))[:len(in)], nil...); !bytes.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := scrubtest.Scrub(t, iptc.Format{}, in, "public"); !bytes.Equal(got, make([]byte, len(in))) {
		t.Errorf("got %q, want zeros", got)
	}
	scrubtest.Check(t, iptc.Format{}, in, false)

	// What would be first could be mistaken for the other byte order.
	odd := swap(slices.Concat(dataset(2, 80, scrubtest.Person), dataset(2, 90, strings.Repeat("Q", 0x1C1C))))
	scrubtest.Check(t, iptc.Format{}, odd, false)
}

// TestNames compares names and values with those exiftool prints.
func TestNames(t *testing.T) {
	in := slices.Concat(dataset(1, 90, "\x1b%G"), dataset(2, 80, "Ünal"), dataset(2, 55, "20310719"), dataset(2, 60, "044753+1200"), dataset(2, 101, "Quillonia\x00"))
	plan, err := exifscrub.Scan(t.Context(), scrubtest.Job(t, "public"), iptc.Format{}, bytes.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range plan.Findings {
		got = append(got, f.Path+"="+f.Value.Reveal())
	}
	want := []string{"By-line=Ünal", "DateCreated=2031:07:19", "TimeCreated=04:47:53+1200", "Country-PrimaryLocationName=Quillonia"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLimits(t *testing.T) {
	in := bytes.NewReader(bytes.Repeat(dataset(2, 25, ""), 50))
	for _, lim := range []input.Limits{{Items: 49}, {Field: 100}} {
		var last error
		for _, err := range (iptc.Format{}).Walk(t.Context(), in, lim) {
			last = err
		}
		if last == nil {
			t.Errorf("%+v not enforced", lim)
		}
	}
	for item := range (iptc.Format{}).Walk(t.Context(), in, input.Limits{}) {
		if item.Finding.Class != privacy.Description {
			t.Error(item.Finding.Class)
		}
	}
}
