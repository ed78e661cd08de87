// Package cardtest knows what was put on the invented memory card in
// testdata/card: flights, files, and every value that must not be found
// elsewhere. testdata/gen writes the card and, from the same values,
// testdata/card.json; tests read that here.
package cardtest

import (
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// A Card is what testdata/card.json says.
type Card struct {
	Zone    int          `json:"camera_zone_hours"` // of the cameras' clocks against UTC
	Serials []string     `json:"serials"`
	People  []string     `json:"people"` // and how to reach them
	Places  []string     `json:"places"`
	Texts   []string     `json:"texts"`
	Points  [][2]float64 `json:"points"`  // latitudes and longitudes besides those of the flights
	Junk    []string     `json:"junk"`    // files of systems and cameras
	Unknown []string     `json:"unknown"` // files of no known kind
	Others  []string     `json:"others"`  // pictures of no flight
	Flights []Flight     `json:"flights"`
}

// A Flight is one flight and its files.
type Flight struct {
	ID     string       `json:"id"`
	Start  time.Time    `json:"start"` // UTC
	Lat    float64      `json:"lat"`   // of the take-off point, degrees
	Lon    float64      `json:"lon"`
	Ground float64      `json:"ground_m"` // its height above the sea
	Files  []File       `json:"files"`
	Track  [][4]float64 `json:"track"` // each half second: seconds after the start, lat, lon, metres above the take-off point
}

// A File is a file of a flight.
type File struct {
	Path    string  `json:"path"`    // below the card
	Kind    string  `json:"kind"`    // photo, raw, thumbnail, sidecar, video, proxy, captions, log, positioning
	Seconds float64 `json:"seconds"` // when it began, after the start of the flight
}

// At returns where the aircraft is s seconds after the start, on the grid of
// half seconds: degrees, and metres above the take-off point.
func (f Flight) At(s float64) (lat, lon, up float64) {
	i := min(max(int(s*2+0.5), 0), len(f.Track)-1)
	return f.Track[i][1], f.Track[i][2], f.Track[i][3]
}

// Dir returns the card's folder.
func Dir(t testing.TB) string { return filepath.Join(root(t), "testdata", "card") }

// Load reads what is on the card.
func Load(t testing.TB) Card {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root(t), "testdata", "card.json"))
	if err != nil {
		t.Fatal(err)
	}
	var c Card
	if err := json.Unmarshal(b, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// Names returns the names of all files without extensions, and of the folders
// that tell something.
func (c Card) Names() []string {
	var out []string
	add := func(p string) {
		base := path.Base(p)
		if stem, _, ok := strings.Cut(base, "."); ok && stem != "" {
			base = stem
		}
		if !slices.Contains(out, base) {
			out = append(out, base)
		}
	}
	for _, f := range c.Flights {
		for _, m := range f.Files {
			add(m.Path)
			if dir := path.Base(path.Dir(m.Path)); strings.Contains(dir, "_") {
				add(dir)
			}
		}
	}
	for _, p := range slices.Concat(c.Others, c.Unknown) {
		add(p)
		if dir := path.Dir(p); dir != "." {
			add(dir)
		}
	}
	return out
}

// root returns the folder of go.mod.
func root(t testing.TB) string {
	dir, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	t.Fatal("no go.mod above the test's folder")
	return ""
}
