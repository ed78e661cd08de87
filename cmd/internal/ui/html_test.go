package ui

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"flightveil/internal/share"
)

func known(v float64) *float64 { return &v }

// TestDrawings draws tracks that nobody flies: what comes out has numbers in it
// and stays inside its frame.
func TestDrawings(t *testing.T) {
	tracks := map[string][]share.TrackPoint{
		"hover":        {{}, {}, {}},
		"one way":      {{Seconds: 0}, {Seconds: 5, East: 30}},
		"far":          {{}, {East: 9e6, North: -4e6, Seconds: 1e6}},
		"tiny":         {{}, {East: 1e-9, Seconds: 1e-9}},
		"no clock":     {{Seconds: -1, Height: known(3)}, {Seconds: -1, East: 5, Height: known(4)}, {Seconds: -1, East: 9, Height: known(2)}},
		"below ground": {{Height: known(-30), Speed: known(0)}, {Seconds: 9, Height: known(-10), Speed: known(0)}, {Seconds: 10, Height: known(-80), Speed: known(0)}},
		"gaps":         {{Height: known(1)}, {Seconds: 1}, {Seconds: 2, Height: known(5), Break: true}, {Seconds: 3, Height: known(1e4), East: 50}, {Seconds: 4, Break: true}},
		"same height":  {{Height: known(0)}, {Seconds: 2, Height: known(0)}},
	}
	for name, points := range tracks {
		m := drawMap("m", points)
		text := fmt.Sprint(m)
		for _, p := range profiles("p", points) {
			text += fmt.Sprint(p)
			if n := len(p.Ys); n < 2 || n > 8 || n != len(p.Lines) {
				t.Errorf("%s: %s has %d gridlines", name, p.Name, n)
			}
		}
		for _, bad := range []string{"NaN", "Inf", "%!", "e+", "1e-", "-0 "} {
			if strings.Contains(text, bad) {
				t.Errorf("%s: %s in %s", name, bad, text)
			}
		}
		for _, s := range m.Segments {
			for _, at := range strings.FieldsFunc(s.Path, func(r rune) bool { return r == 'M' || r == 'L' }) {
				var x, y float64
				if _, err := fmt.Sscan(at, &x, &y); err != nil || x < 0 || x > mapWidth || y < 0 || y > mapHeight {
					t.Errorf("%s: %q is outside of the map", name, at)
				}
			}
		}
	}
}

// TestPageEscapes puts markup into every text of a report.
func TestPageEscapes(t *testing.T) {
	const evil = `"><script>alert(1)</script><img src=x onerror=1>{{.}}`
	r := &share.Report{Tool: evil, Private: true, Options: share.Chosen{Profile: evil, Media: evil, Logs: "zero", LogFormat: evil},
		Flights:  []share.Flight{{Name: evil, Clock: evil, Fallback: evil, MovedNote: evil, Track: make([]share.TrackPoint, 2), Before: make([]share.TrackPoint, 2)}},
		Findings: []share.Found{{Class: evil, Words: evil, Found: 1}},
		Files: []share.File{{Output: evil, Flight: evil, Kind: evil, Status: "written", Notes: []string{evil}, Original: evil},
			{Kind: evil, Status: evil, Reason: evil, Original: evil}},
		Verification: share.Verification{Left: []share.Left{{Output: evil, Class: evil, Path: evil, As: evil}}},
		Remains:      []share.Remain{{What: evil, Why: evil}}, Words: share.Words{Checked: evil, NotChecked: evil, NotGiven: []string{evil}}}
	var b bytes.Buffer
	if err := ShareHTML(&b, r); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(b.Bytes(), []byte("<script")) || bytes.Contains(b.Bytes(), []byte("<img")) {
		t.Error("text of a report became markup")
	}
	if n := bytes.Count(b.Bytes(), []byte("&lt;script&gt;")); n < 20 {
		t.Errorf("%d texts are on the page", n)
	}
}
