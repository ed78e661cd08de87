package rtk_test

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"flightveil/exifscrub"
	"flightveil/exifscrub/rtk"
	"flightveil/exifscrub/scrubtest"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

func TestConformance(t *testing.T) { scrubtest.Run(t, rtk.Format{}, "testdata") }

func FuzzScrub(f *testing.F) { scrubtest.Fuzz(f, rtk.Format{}, "testdata") }

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var all = []string{"refused-timestamp.MRK", "refused-marks-with-words.MRK", "refused-ppkobs.obs", "refused-ppknav.nav", "refused-compact.31d", "refused-words.obs", "refused-ppkraw.bin", "refused-rover.bin"}

// Without its positions such a file is nothing: it is refused, and says so.
func TestRefused(t *testing.T) {
	for _, name := range all {
		b := read(t, name)
		for _, profile := range []string{"public", "area"} {
			plan, err := exifscrub.Scan(t.Context(), scrubtest.Job(t, profile), rtk.Format{}, bytes.NewReader(b))
			if err != nil {
				t.Fatal(name, err)
			}
			if _, err = plan.Clean(); !errors.Is(err, exifscrub.ErrRefused) || !strings.Contains(err.Error(), "mapping") {
				t.Errorf("%s, %s: %v", name, profile, err)
			}
		}
	}
}

// The profile for surveys keeps what is measured and blanks who measured.
func TestMapping(t *testing.T) {
	for _, name := range all {
		b := read(t, name)
		clean := scrubtest.Scrub(t, rtk.Format{}, b, "mapping")
		if len(clean) != len(b) {
			t.Errorf("%s: %d bytes became %d", name, len(b), len(clean))
		}
		for _, secret := range []string{scrubtest.Serial, scrubtest.Person[:9], scrubtest.Place, scrubtest.Text} {
			if bytes.Contains(clean, []byte(secret)) {
				t.Errorf("%s: %s is still there", name, secret)
			}
		}
		probe, err := input.NewProbe("", bytes.NewReader(clean))
		if err != nil || (rtk.Format{}).Detect(probe) != input.Certain {
			t.Errorf("%s: the copy is not recognised: %v", name, err)
		}
	}
	for _, name := range []string{"refused-timestamp.MRK", "refused-rover.bin"} {
		if b := read(t, name); !bytes.Equal(scrubtest.Scrub(t, rtk.Format{}, b, "mapping"), b) {
			t.Errorf("%s holds nothing to blank, and changes", name)
		}
	}
}

// Header lines keep their labels and columns; observations keep every byte.
func TestHeader(t *testing.T) {
	before := strings.Split(string(read(t, "refused-ppkobs.obs")), "\n")
	after := strings.Split(string(scrubtest.Scrub(t, rtk.Format{}, read(t, "refused-ppkobs.obs"), "mapping")), "\n")
	changed := map[string]string{}
	for i, l := range before {
		if len(l) != len(after[i]) {
			t.Fatalf("line %d changes its length", i+1)
		}
		if l != after[i] {
			changed[strings.TrimSpace(l[60:])] = strings.TrimSpace(after[i][:60])
		}
	}
	want := map[string]string{
		"PGM / RUN BY / DATE": "HeronPPK 1.2                            20310719 044753 UTC", "COMMENT": "", "MARKER NAME": "", "OBSERVER / AGENCY": "",
		"REC # / TYPE / VERS": "HERON RTK           01.02", "ANT # / TYPE": "HERON ANT",
	}
	for label, text := range want {
		if got, ok := changed[label]; !ok || got != text {
			t.Errorf("%s: %q, want %q", label, got, text)
		}
	}
	if len(changed) != len(want) {
		t.Errorf("changed: %v", changed)
	}
}

// The position of a base station is where its owner put it: it is found, and
// goes as the operator's.
func TestStation(t *testing.T) {
	plan, err := exifscrub.Scan(t.Context(), scrubtest.Job(t, "mapping"), rtk.Format{}, bytes.NewReader(read(t, "refused-ppkraw.bin")))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	for _, j := range plan.Findings {
		found[j.Path] += j.Count
		if j.Path == "RTCM/station position" && (j.Class != privacy.Operator || j.Where == nil ||
			j.Where.Lat-scrubtest.Lat > 1e-6 || scrubtest.Lat-j.Where.Lat > 1e-6 || j.Where.Lon-scrubtest.Lon > 1e-6 || scrubtest.Lon-j.Where.Lon > 1e-6) {
			t.Errorf("the station is at %v", j.Where)
		}
	}
	for path, n := range map[string]int{"RTCM/station position": 1, "RTCM/station names": 8, "RTCM/station id": 5, "RTCM/other messages": 1, "RTCM/observations": 4, "RTCM/ephemerides": 1} {
		if found[path] != n {
			t.Errorf("%s: %d, want %d", path, found[path], n)
		}
	}
}
