package verify

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"testing"

	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"

	"pgregory.net/rapid"
)

// naive finds the needles of m in b the slow way.
func naive(needles []needle, b []byte) map[[2]int]bool {
	out := map[[2]int]bool{}
	for i, n := range needles {
		for at := 0; at+len(n.pattern) <= len(b); at++ {
			end := at + len(n.pattern)
			switch {
			case !bytes.Equal(b[at:end], n.pattern):
			case n.begins && digitBefore[n.charset].Match(b[max(0, at-2):at]):
			case n.ends && digitBehind[n.charset].Match(b[end:]):
			case n.address && longer[n.charset].Match(b[end:]):
			default:
				out[[2]int{i, at}] = true
			}
		}
	}
	return out
}

// Of the matcher's three character sets: a number goes on before, a number
// goes on behind, an address goes on behind.
var (
	digitBefore = regexps(`\d$`, `\d\x00$`, `\x00\d$`)
	digitBehind = regexps(`^\d`, `^\d\x00`, `^\x00\d`)
	longer      = regexps(`^[\w/#?-]`, `^[\w/#?-]\x00`, `^\x00[\w/#?-]`)
)

func regexps(patterns ...string) (out []*regexp.Regexp) {
	for _, p := range patterns {
		out = append(out, regexp.MustCompile(p))
	}
	return out
}

// checkSearch compares one pass in pieces with the slow way.
func checkSearch(t interface{ Fatalf(string, ...any) }, patterns [][]byte, b []byte, flags uint64) {
	n := &Needles{}
	var needles []needle
	for i, p := range patterns {
		needles = append(needles, needle{pattern: p, begins: flags>>(4*i)&1 != 0, ends: flags>>(4*i+1)&1 != 0, address: flags>>(4*i+20)&7 == 0, charset: uint8((flags >> (4*i + 2)) % 4 % 3)})
		n.owners = append(n.owners, owner{finding: i})
		n.findings = append(n.findings, Finding{Finding: privacy.Finding{Path: fmt.Sprint(i)}})
	}
	n.matcher = newMatcher(needles)
	want := naive(needles, b)

	got := map[[2]int]bool{}
	n.matcher.scan(b, 0, len(b), func(i, at int) {
		if got[[2]int{i, at}] {
			t.Fatalf("needle %d reported twice at %d", i, at)
		}
		got[[2]int{i, at}] = true
	})
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("scan found %v, want %v, of %q in %q", got, want, patterns, b)
	}

	hits, err := n.Search(context.Background(), bytes.NewReader(b), nil)
	if err != nil {
		t.Fatalf("%v", err)
	}
	first := map[string]int64{}
	for w := range want {
		name := fmt.Sprint(w[0])
		if off, ok := first[name]; !ok || int64(w[1]) < off {
			first[name] = int64(w[1])
		}
	}
	if len(hits) != len(first) {
		t.Fatalf("Search found %d of %d needles", len(hits), len(first))
	}
	for _, h := range hits {
		if _, ok := first[h.Path]; !ok || !want[[2]int{atoi(h.Path), int(h.Off)}] {
			t.Fatalf("Search reports needle %s at %d", h.Path, h.Off)
		}
	}
}

func atoi(s string) (n int) { fmt.Sscan(s, &n); return n }

func TestMatcher(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		letter := rapid.SampledFrom([]byte("ab0\x00"))
		patterns := rapid.SliceOfN(rapid.SliceOfN(letter, minPattern, 12), 1, 6).Draw(t, "needles")
		b := rapid.SliceOfN(letter, 0, 200).Draw(t, "file")
		if i := rapid.IntRange(-1, len(patterns)-1).Draw(t, "plant"); i >= 0 {
			at := rapid.IntRange(0, len(b)).Draw(t, "at")
			b = slices.Insert(b, at, patterns[i]...)
		}
		checkSearch(t, patterns, b, rapid.Uint64().Draw(t, "numbers"))
	})
}

func FuzzSearch(f *testing.F) {
	f.Add([]byte("FVCANARY4519KX"), []byte("0.41"), []byte("..FVCANARY4519KX10.41"), uint64(0))
	f.Add([]byte("aaaa"), []byte("aaaaaa"), []byte("aaaaaaaaaaaaaaaa"), uint64(3))
	f.Add([]byte{0, 0, 0, 41, 0, 0, 0, 1}, []byte{0, 0, 0, 0}, make([]byte, 50), uint64(0))
	f.Fuzz(func(t *testing.T, p, q, b []byte, flags uint64) {
		if len(p) < minPattern || len(q) < minPattern || len(p)+len(q) > 2000 {
			t.Skip()
		}
		checkSearch(t, [][]byte{p, q}, b, flags)
		checkSearch(t, [][]byte{p, q}, slices.Concat(b, p, b, q[:len(q)-1], q), flags)
	})
}

// pieces is an input of zeros but for what is planted at some offsets.
type pieces struct {
	size    int64
	planted map[int64][]byte
}

func (p pieces) Size() int64 { return p.size }

func (p pieces) ReadAt(b []byte, off int64) (int, error) {
	clear(b)
	for at, what := range p.planted {
		if at < off+int64(len(b)) && at+int64(len(what)) > off {
			if at >= off {
				copy(b[at-off:], what)
			} else {
				copy(b, what[off-at:])
			}
		}
	}
	return len(b), nil
}

// TestSearchAcrossBuffers plants a needle around every border of the buffers.
func TestSearchAcrossBuffers(t *testing.T) {
	n := needlesOf(t, Finding{Finding: privacy.Finding{Class: privacy.Identity, Path: "id", Value: "FVCANARY4519KX"}})
	number := needlesOf(t, finding(privacy.Identity, "207170"))
	for border := int64(searchBuffer); border <= 2*searchBuffer+200; border += searchBuffer {
		for at := border - 200; at < border+200; at++ {
			in := pieces{3 * searchBuffer, map[int64][]byte{at: []byte("FVCANARY4519KX")}}
			hits, err := n.Search(t.Context(), in, nil)
			if err != nil || len(hits) != 1 || hits[0].Off != at {
				t.Fatalf("planted at %d: %v, %v", at, hits, err)
			}
			in.planted[at] = []byte("5020717;")
			in.planted[at+8] = []byte("2071700")
			in.planted[at+15] = []byte("\x000\x000\x002\x000\x007\x001\x007\x00\x000\x00")
			if hits, err := number.Search(t.Context(), in, nil); err != nil || len(hits) != 0 {
				t.Fatalf("inside a longer number at %d: %v, %v", at, hits, err)
			}
		}
	}
}

func TestSearchSkips(t *testing.T) {
	n := needlesOf(t, Finding{Finding: privacy.Finding{Class: privacy.Identity, Path: "id", Value: "FVCANARY4519KX"}})
	in := pieces{1000, map[int64][]byte{500: []byte("FVCANARY4519KX")}}
	for _, c := range []struct {
		skip []input.Span
		hits int
	}{
		{nil, 1},
		{[]input.Span{{Off: 0, Len: 500}, {Off: 514, Len: 486}}, 1},
		{[]input.Span{{Off: 600, Len: 400}, {Off: 0, Len: 400}, {Off: 10, Len: 20}}, 1},
		{[]input.Span{{Off: 400, Len: 200}}, 0},
		{[]input.Span{{Off: 0, Len: 1000}}, 0},
		{[]input.Span{{Off: 0, Len: 5000}, {Off: 2000, Len: 10}}, 0},
	} {
		hits, err := n.Search(t.Context(), in, c.skip)
		if err != nil || len(hits) != c.hits {
			t.Errorf("%v: %v, %v", c.skip, hits, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := n.Search(ctx, in, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func needlesOf(t testing.TB, findings ...Finding) *Needles {
	t.Helper()
	n, err := NewNeedles(File{In: bytes.NewReader(nil), Findings: findings}, File{})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// typical are findings as a drone photo has them.
func typical() []Finding {
	at := &geo.Point{Lat: -41.3875125, Lon: -132.4518375}
	return []Finding{
		{Finding: privacy.Finding{Class: privacy.Location, Path: "GPS/GPSLatitude", Value: "41.3875125 S", Where: at}},
		{Finding: privacy.Finding{Class: privacy.Location, Path: "GPS/GPSLongitude", Value: "132.4518375 W", Where: at}},
		{Finding: privacy.Finding{Class: privacy.Time, Path: "IFD0/ModifyDate", Value: "2031:07:19 04:47:53"}},
		{Finding: privacy.Finding{Class: privacy.Identity, Path: "Exif/BodySerialNumber", Value: "FVCANARY4519KX"}},
		{Finding: privacy.Finding{Class: privacy.Copyright, Path: "IFD0/Artist", Value: "Zephyrine Quillfeather"}},
		{Finding: privacy.Finding{Class: privacy.Place, Path: "City", Value: "Port Quillon"}},
		{Finding: privacy.Finding{Class: privacy.Description, Path: "IFD0/ImageDescription", Value: "the heron nests behind the boathouse"}},
	}
}

func BenchmarkNewNeedles(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		needlesOf(b, typical()...)
	}
}

func BenchmarkSearch(b *testing.B) {
	random := make([]byte, 8<<20)
	chacha := rand.NewChaCha8([32]byte{1})
	chacha.Read(random)
	for name, in := range map[string][]byte{
		"coded": random,
		"zeros": make([]byte, 8<<20),
		"xml":   bytes.Repeat([]byte("   <rdf:li xml:lang=\"x-default\">0.2345 12 2031</rdf:li>\n"), 8<<20/58),
	} {
		n := needlesOf(b, typical()...)
		b.Run(fmt.Sprintf("%s/%d-needles", name, n.Len()), func(b *testing.B) {
			b.SetBytes(int64(len(in)))
			for b.Loop() {
				if hits, err := n.Search(b.Context(), bytes.NewReader(in), nil); err != nil || len(hits) > 0 {
					b.Fatal(hits, err)
				}
			}
		})
	}
}

// TestPairsDropNothingFound compares needles made for an output with needles
// made for any.
func TestPairsDropNothingFound(t *testing.T) {
	for _, planted := range canaryForms() {
		out := append(append(bytes.Repeat([]byte{0}, 500), planted...), bytes.Repeat([]byte{7}, 500)...)
		any, err := NewNeedles(File{In: bytes.NewReader(nil), Findings: typical()}, File{})
		if err != nil {
			t.Fatal(err)
		}
		fitted, err := NewNeedles(File{In: bytes.NewReader(nil), Findings: typical()}, File{In: bytes.NewReader(out)})
		if err != nil {
			t.Fatal(err)
		}
		a, err := any.Search(t.Context(), bytes.NewReader(out), nil)
		if err != nil {
			t.Fatal(err)
		}
		b, err := fitted.Search(t.Context(), bytes.NewReader(out), nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(a) == 0 || len(a) != len(b) {
			t.Errorf("%q: %d hits, %d with needles made for the output", planted, len(a), len(b))
		}
		if fitted.Len() >= any.Len() {
			t.Error("no needle was spared")
		}
	}
}

func canaryForms() [][]byte {
	lat := binary.LittleEndian.AppendUint64(nil, math.Float64bits(-41.3875125))
	return [][]byte{[]byte("FVCANARY4519KX"), []byte("Zephyrine Quillfeather"), lat, []byte("P\x00o\x00r\x00t\x00 \x00Q\x00u\x00i\x00l\x00l\x00o\x00n\x00")}
}
