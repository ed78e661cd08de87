package jpeg_test

import (
	"bytes"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"flightveil/exifscrub"
	format "flightveil/exifscrub/jpeg"
	"flightveil/exifscrub/scrubtest"
	"flightveil/internal/privacy"
)

// only returns the data of the segments of b with a marker and a signature.
func only(b []byte, marker byte, sig string) (out [][]byte) {
	segs, _, _, _ := take(b)
	for _, s := range segs {
		if s.marker == marker && bytes.HasPrefix(s.data, []byte(sig)) {
			out = append(out, s.data)
		}
	}
	return out
}

func TestThermalStays(t *testing.T) {
	for _, profile := range []string{"public", "area", "mapping"} {
		for name, plane := range map[string]byte{"thermal.jpg": 0xE3, "thermal-app4.jpg": 0xE4} {
			b := sample(t, name)
			out := cleaned(t, b, profile)
			if !slices.EqualFunc(only(b, plane, ""), only(out, plane, ""), bytes.Equal) {
				t.Errorf("%s, %s: the plane changed", name, profile)
			}
			for _, m := range []byte{0xE3, 0xE4, 0xE5} {
				before, after := only(b, m, ""), only(out, m, "")
				if len(before) != len(after) {
					t.Fatalf("%s, %s: %d segments of %X, were %d", name, profile, len(after), m, len(before))
				}
				for i := range before {
					unchangedBut(t, before[i], after[i])
				}
			}
			exif := bytes.Join(only(out, 0xE1, "Exif"), nil)
			if !bytes.Contains(exif, []byte("Heron\x00")) || !bytes.Contains(exif, []byte("Heron One\x00")) {
				t.Errorf("%s, %s: make and model are gone", name, profile)
			}
			for _, gone := range []string{"DJI-DBG", "PADDING", "DTAT", "EA4519451", scrubtest.Serial} {
				if bytes.Contains(out, []byte(gone)) {
					t.Errorf("%s, %s: %s is still there", name, profile, gone)
				}
			}
		}
	}
}

// unchangedBut checks that after is before, except that letters and digits
// became zeros.
func unchangedBut(t *testing.T, before, after []byte) {
	t.Helper()
	for i := range before {
		if c := before[i]; c != after[i] && (after[i] != 0 || (c < '0' || c > '9') && (c < 'A' || c > 'Z')) {
			t.Fatalf("byte %d of a thermal segment changed", i)
		}
	}
}

// TestPlaneNeedsCompany checks that a plane-sized block is not enough to be
// taken for thermal data: what nobody knows goes.
func TestPlaneNeedsCompany(t *testing.T) {
	b := sample(t, "minimal.jpg")
	plane := append([]byte{0xFF, 0xE3, 0, 130}, bytes.Repeat([]byte("ab"), 64)...)
	out := cleaned(t, slices.Insert(b, 2, plane...), "public")
	if len(only(out, 0xE3, "")) != 0 {
		t.Error("an unknown APP3 segment stays")
	}
}

// TestNeededSegmentsStay checks what a decoder needs beside the coded data.
func TestNeededSegmentsStay(t *testing.T) {
	out := cleaned(t, sample(t, "vendors.jpg"), "public")
	segs, _, _, _ := take(out)
	var got []string
	for _, s := range segs {
		sig, _, _ := strings.Cut(string(s.data), "\x00")
		got = append(got, sig)
	}
	want := []string{"JFIF", "ICC_PROFILE", "ICC_PROFILE", "Photoshop 3.0", "Adobe"}
	if !slices.Equal(got, want) {
		t.Errorf("%q stay, want %q", got, want)
	}
	if n := len(only(out, 0xE0, "JFIF")[0]); n != 14 {
		t.Errorf("JFIF has %d bytes", n)
	}
	if n := len(only(out, 0xEE, "Adobe")[0]); n != 12 {
		t.Errorf("Adobe has %d bytes", n)
	}
}

// TestProfileStays checks that a colour profile in several segments stays as
// it is, up to its own end.
func TestProfileStays(t *testing.T) {
	join := func(b []byte) string {
		parts := only(b, 0xE2, "ICC_PROFILE\x00")
		slices.SortFunc(parts, bytes.Compare)
		var s string
		for _, p := range parts {
			s += string(p[14:])
		}
		return s
	}
	b := sample(t, "vendors.jpg")
	before, after := join(b), join(cleaned(t, b, "public"))
	size := len(before) - len(scrubtest.Serial)
	if before[:size] != after[:size] || strings.Trim(after[size:], "\x00") != "" {
		t.Error("the profile changed, or what was behind it is still there")
	}
}

// TestEditsInExtendedXMP checks that a packet whose name is its digest is
// never edited.
func TestEditsInExtendedXMP(t *testing.T) {
	for _, profile := range []string{"public", "area", "mapping"} {
		out := cleaned(t, sample(t, "extended.jpg"), profile)
		if bytes.Contains(out, []byte("/xmp/extension/")) || bytes.Contains(out, []byte("HasExtendedXMP")) {
			t.Errorf("%s: extended XMP stays", profile)
		}
	}
}

// TestAnyPolicy cleans every sample under policies that nobody thought of: no
// two edits may overlap, and a cleaned file must want no further edit.
func TestAnyPolicy(t *testing.T) {
	files, err := filepath.Glob("testdata/*.jpg")
	if err != nil || len(files) == 0 {
		t.Fatal("no samples", err)
	}
	r := rand.New(rand.NewPCG(4, 19))
	for i := range 24 {
		rules := map[privacy.Class]privacy.Action{}
		for _, c := range privacy.Classes {
			if c != privacy.Technical && r.IntN(2) == 0 {
				rules[c] = privacy.Keep
			}
		}
		if i%3 == 0 {
			rules[privacy.Location], rules[privacy.Time] = privacy.Coarsen, privacy.Coarsen
		}
		job := scrubtest.Job(t, "public")
		job.Policy = privacy.Policy{Rules: rules}
		for _, name := range files {
			b := sample(t, filepath.Base(name))
			for round := range 2 {
				plan, err := exifscrub.Scan(t.Context(), job, format.Format{}, bytes.NewReader(b))
				if err != nil && strings.Contains(name, "damaged") {
					break
				}
				if err != nil {
					t.Fatalf("%s under %v: %v", name, rules, err)
				}
				clean, err := plan.Clean()
				if round == 1 && (err != nil || !clean) {
					t.Errorf("%s under %v: the cleaned file wants another edit (%v)", name, rules, err)
				}
				var out bytes.Buffer
				if err := exifscrub.Apply(&out, bytes.NewReader(b), plan.Edits()); err != nil {
					t.Errorf("%s under %v: %v", name, rules, err)
				}
				b = out.Bytes()
			}
		}
	}
}
