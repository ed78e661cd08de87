package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"flightveil/geofuzz"
	"flightveil/internal/atomicfile"
	"flightveil/internal/geo"
	"flightveil/internal/pipeline"
	"flightveil/logfmt/export"
)

// A pairScan looks for positions, to the last digit a receiver gives, in which
// latitude and longitude stand near each other in any encoding. A flight that
// moved a few hundred metres shares single numbers with where it was.
type pairScan map[[2]int32]bool

func e7(v float64) int32 { return int32(math.Round(v * 1e7)) }

func (s pairScan) add(p geo.Point) { s[[2]int32{e7(p.Lat), e7(p.Lon)}] = true }

var numberPattern = regexp.MustCompile(`-?[0-9]+\.[0-9]+`)

// found counts the positions of s in b.
func (s pairScan) found(b []byte) int {
	n := 0
	pair := func(a, b float64) {
		if math.Abs(a) <= 200 && math.Abs(b) <= 200 && (s[[2]int32{e7(a), e7(b)}] || s[[2]int32{e7(b), e7(a)}]) {
			n++
		}
	}
	at := numberPattern.FindAllIndex(b, -1)
	for i := range at {
		for j := i + 1; j < len(at) && j < i+4; j++ {
			x, err1 := strconv.ParseFloat(string(b[at[i][0]:at[i][1]]), 64)
			y, err2 := strconv.ParseFloat(string(b[at[j][0]:at[j][1]]), 64)
			if err1 == nil && err2 == nil {
				pair(x, y)
				pair(x*180/math.Pi, y*180/math.Pi)
			}
		}
	}
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		for i := 0; i+16 <= len(b); i++ {
			x, y := math.Float64frombits(order.Uint64(b[i:])), math.Float64frombits(order.Uint64(b[i+8:]))
			pair(x, y)
			pair(x*180/math.Pi, y*180/math.Pi)
			p := [2]int32{int32(order.Uint32(b[i:])), int32(order.Uint32(b[i+4:]))}
			if s[p] || s[[2]int32{p[1], p[0]}] {
				n++
			}
		}
	}
	return n
}

// TestPairScan: the search finds what it is for.
func TestPairScan(t *testing.T) {
	p := geo.Point{Lat: 47.3977419, Lon: -8.5455938}
	s := pairScan{}
	s.add(p)
	raw := binary.LittleEndian.AppendUint64([]byte("x"), math.Float64bits(p.Lat*math.Pi/180))
	raw = binary.LittleEndian.AppendUint64(raw, math.Float64bits(p.Lon*math.Pi/180))
	ints := binary.BigEndian.AppendUint32([]byte("xyz"), uint32(e7(p.Lon)))
	ints = append(binary.BigEndian.AppendUint32(ints, uint32(e7(p.Lat))), make([]byte, 16)...)
	for _, b := range []string{`<trkpt lat="47.3977419" lon="-8.5455938">`, `[-8.5455938,47.3977419]`, string(raw), string(ints)} {
		if s.found([]byte(b)) == 0 {
			t.Errorf("%q: not found", b)
		}
	}
	if s.found([]byte(`lat="47.3977419" lon="-8.5456938"`)) != 0 {
		t.Error("one number is no position")
	}
}

// TestNearLeavesNoTruePosition converts every generated log by each mechanism
// that moves flights, into every format, and looks for where it was.
func TestNearLeavesNoTruePosition(t *testing.T) {
	paths, err := filepath.Glob("../../logfmt/*/testdata/*")
	if err != nil {
		t.Fatal(err)
	}
	paths = slices.DeleteFunc(paths, func(p string) bool {
		fi, err := os.Stat(p)
		return err != nil || !fi.Mode().IsRegular() || filepath.Ext(p) == ".golden" || filepath.Ext(p) == ".key" || filepath.Ext(p) == ".xsd"
	})
	sources, closer := pipeline.Gather(paths)
	defer closer.Close()
	profile, err := (&policyFlags{Profile: "track", relocates: true}).profile()
	if err != nil {
		t.Fatal(err)
	}
	convert := func(to export.Format, h *hider) map[string][]byte {
		dir := t.TempDir()
		out, err := atomicfile.Open(dir, atomicfile.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer out.Close()
		opts := pipeline.ConvertOptions{Out: out, Path: dir, To: to}
		h.apply(&opts, "")
		all := map[string][]byte{}
		for o := range newRunner(profile, 2).Convert(t.Context(), sources, opts) {
			if o.Status == pipeline.Written {
				if all[o.Source.Label], err = os.ReadFile(filepath.Join(dir, o.Output)); err != nil {
					t.Fatal(err)
				}
			} else if o.Err != nil && strings.Contains(o.Err.Error(), "panic") {
				t.Fatal(o.Err)
			}
		}
		return all
	}
	plain, _ := export.ByID("json")
	truth := map[string]pairScan{}
	positions := 0
	for label, b := range convert(plain, &hider{}) {
		truth[label] = pairScan{}
		for line := range bytes.Lines(b) {
			var p geo.Point
			if json.Unmarshal(line, &p) == nil && !p.Zero() {
				truth[label].add(p)
			}
		}
		if truth[label].found(b) > 0 { // round numbers are not looked for
			positions += len(truth[label])
		}
	}
	places := &geofuzz.Places{}
	key := slices.Repeat([]byte{0x5a}, geofuzz.KeySize)
	for _, k := range geofuzz.Kinds() {
		if !k.Moves {
			continue
		}
		near := &geofuzz.Near{Key: key, Places: places, Epsilon: math.Log(4) / 1000, Again: true, Save: func() error { return nil }}
		m, err := geofuzz.Build([]geofuzz.Kind{k}, geofuzz.Options{Near: near})
		if err != nil {
			t.Fatal(err)
		}
		written := 0
		formats := export.Formats()
		if k.Name == "photos" || k.Name == "lattice" || testing.Short() {
			formats = formats[:1]
		}
		for _, to := range formats {
			for label, b := range convert(to, &hider{kinds: []geofuzz.Kind{k}, mechanism: m}) {
				written++
				if n := truth[label].found(b); n > 0 {
					t.Errorf("%s as %s by %s: %d true positions", filepath.Base(label), to.ID, k.Name, n)
				}
			}
		}
		if written < 20*len(formats) {
			t.Errorf("%s: only %d files were written in %d formats", k.Name, written, len(formats))
		}
	}
	if positions < 200 {
		t.Errorf("only %d true positions were looked for", positions)
	}
}

// tourFrom writes a flight of some kilometres around home, out and back on
// straight legs.
func tourFrom(t *testing.T, path string, home geo.Point, turn float64) [][2]float64 {
	t.Helper()
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1"><wpt lat="` + fmt.Sprintf("%.7f", home.Lat) + `" lon="` + fmt.Sprintf("%.7f", home.Lon) + `"><name>home</name></wpt><trk><trkseg>` + "\n")
	f := geo.NewFrame(home)
	corners := [][2]float64{{0, 0}, {2500, 0}, {2500, 2500 + 10*turn}, {4500, 2500}, {4500, 0}, {2500, -2500}, {0, 0}}
	start, i := time.Date(2031, 7, 19, 4, 47, 53, 0, time.UTC), 0
	var metres [][2]float64
	for k := 1; k < len(corners); k++ {
		dx, dy := corners[k][0]-corners[k-1][0], corners[k][1]-corners[k-1][1]
		for d := 0.0; d < math.Hypot(dx, dy); d += 10 {
			x, y := corners[k-1][0]+dx*d/math.Hypot(dx, dy), corners[k-1][1]+dy*d/math.Hypot(dx, dy)
			p, ok := f.From(x, y)
			if !ok {
				t.Fatal("beyond the horizon")
			}
			metres = append(metres, [2]float64{x, y})
			fmt.Fprintf(&b, `<trkpt lat="%.7f" lon="%.7f"><ele>%.1f</ele><time>%s</time></trkpt>`+"\n", p.Lat, p.Lon, 431+float64(min(i, 60)), start.Add(time.Duration(i)*time.Second).Format(time.RFC3339))
			i++
		}
	}
	b.WriteString("</trkseg></trk></gpx>\n")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return metres
}

// inHome runs the program with a configuration folder of its own.
func inHome(t *testing.T) (dir string, flightveil func(want int, args ...string) (stdout, stderr string)) {
	t.Helper()
	dir = t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(dir, "config"))
	t.Setenv("HOME", dir)
	pass := filepath.Join(dir, "pass")
	if err := os.WriteFile(pass, []byte("correct horse\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir, func(want int, args ...string) (string, string) {
		t.Helper()
		var stdout, stderr strings.Builder
		args = append(args, "--passphrase-file", pass)
		if code := run(context.Background(), args, streams{strings.NewReader(""), &stdout, &stderr}); code != want {
			t.Fatalf("%v: exit %d\n%s%s", args, code, &stdout, &stderr)
		}
		return stdout.String(), stderr.String()
	}
}

// TestConvertZone: in every output format, nothing of the zone nor of the legs
// that lead into it is found in any encoding, and the rest is the truth.
func TestConvertZone(t *testing.T) {
	dir := t.TempDir()
	home := geo.Point{Lat: 47.3977419, Lon: 8.5455938}
	log := filepath.Join(dir, "log.gpx")
	metres := tourFrom(t, log, home, 0)
	frame := geo.NewFrame(home)
	hidden, legs := pairScan{}, pairScan{}
	for _, m := range metres {
		p, _ := frame.From(m[0], m[1])
		switch {
		case math.Hypot(m[0], m[1]) < 150: // what every zone of 500 m holds
			hidden.add(p)
		case m[1] == 0 && m[0] < 2400 || m[1] < 0 && m[0] < 2400: // the way out and the way back
			legs.add(p)
		}
	}
	raw, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if len(hidden) < 25 || len(legs) < 300 || hidden.found(raw) < len(hidden)-2 {
		t.Fatalf("%d and %d positions to look for, %d found where they are", len(hidden), len(legs), hidden.found(raw))
	}
	zones := &geofuzz.Zones{}
	key := slices.Repeat([]byte{0x5a}, geofuzz.KeySize)
	zone, err := zones.Add(key, "home", home, 500, false)
	if err != nil {
		t.Fatal(err)
	}
	profile, err := (&policyFlags{Profile: "everything", Location: "zone", zones: true}).profile()
	if err != nil {
		t.Fatal(err)
	}
	sources, closer := pipeline.Gather([]string{log})
	defer closer.Close()
	out, err := atomicfile.Open(dir, atomicfile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	h := &hider{mechanism: &geofuzz.Hiding{Key: key, Zone: zone, Save: func() error { return nil }}, kinds: []geofuzz.Kind{{Name: "zone", Zone: true}}}
	for _, f := range export.Formats() {
		opts := pipeline.ConvertOptions{Out: out, Path: dir, To: f, Name: "out" + f.Extension}
		h.apply(&opts, "")
		for o := range newRunner(profile, 1).Convert(t.Context(), sources, opts) {
			if o.Status != pipeline.Written {
				t.Fatalf("%s: %s %v", f.ID, o.Status, o.Err)
			}
		}
		b, err := os.ReadFile(filepath.Join(dir, opts.Name))
		if err != nil {
			t.Fatal(err)
		}
		if n, m := hidden.found(b), legs.found(b); n > 0 || m > 0 {
			t.Errorf("%s: %d positions of the zone, %d of its legs", f.ID, n, m)
		}
		if bytes.Count(b, []byte("\n")) < 300 && f.ID != "geojson" || !bytes.Contains(b, []byte("a zone is left out")) {
			t.Errorf("%s: %d lines, or no word that it is incomplete", f.ID, bytes.Count(b, []byte("\n")))
		}
		if !bytes.Contains(b, []byte("2031-07-19T04:5")) || bytes.Contains(b, []byte(">home<")) || bytes.Contains(b, []byte(`"home"`)) {
			t.Errorf("%s: the times are not true, or home is there", f.ID)
		}
	}
	if len(zone.Shown) != 1 {
		t.Errorf("one flight in five formats counts as %d", len(zone.Shown))
	}
}

// TestZoneOnTheCommandLine: a wrong zone, too many flights, a zone without a use.
func TestZoneOnTheCommandLine(t *testing.T) {
	dir, flightveil := inHome(t)
	home := geo.Point{Lat: 47.3977419, Lon: 8.5455938}
	if err := os.Mkdir(filepath.Join(dir, "many"), 0o700); err != nil {
		t.Fatal(err)
	}
	for i := range 31 {
		tourFrom(t, filepath.Join(dir, "many", fmt.Sprintf("f%02d.gpx", i)), home, float64(i))
	}
	log, out := filepath.Join(dir, "many", "f00.gpx"), filepath.Join(dir, "x.gpx")
	flightveil(exitUsage, "convert", log, "-o", out, "--location", "zone")
	flightveil(exitUsage, "convert", log, "-o", out, "--zone", "home")
	flightveil(exitOK, "key", "init")
	flightveil(exitOK, "zone", "add", "home", "--from", log)
	if _, stderr := flightveil(exitUsage, "convert", log, "-o", out, "--location", "zone", "--zone", "work"); !strings.Contains(stderr, "there is no such zone: work") || !strings.Contains(stderr, "there are: home") {
		t.Errorf("a wrong zone: %s", stderr)
	}
	stdout, stderr := flightveil(exitIncomplete, "convert", filepath.Join(dir, "many"), "-o", filepath.Join(dir, "tracks"), "--location", "zone", "--zone", "home")
	if !strings.Contains(stderr, "30 flights were shown beside zone home") || strings.Count(stdout, "refused: too many flights") != 1 || strings.Contains(stdout+stderr, "47.39") {
		t.Errorf("31 flights: %s%s", stdout, stderr)
	}
}
