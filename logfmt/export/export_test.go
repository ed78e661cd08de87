package export

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"flightveil/internal/privacy"
	"flightveil/logfmt"
)

// flight is two flights with everything a log can hold.
func flight() []logfmt.Record {
	t := time.Date(2031, 7, 19, 4, 47, 53, 120_000_000, time.UTC)
	var out []logfmt.Record
	for k := range 2 {
		out = append(out, logfmt.Start{Variant: "v<1>"})
		for i := range 5 {
			f := logfmt.NoFix()
			f.Lat, f.Lon = -41.3875125+float64(i)*1e-5, -132.4518375-float64(k)*1e-3
			f.AltMSL, f.AltHome, f.Speed, f.Sats, f.HDOP = 12.5, 3.25, 4, 11, 0.8
			if k == 0 {
				f.Time = t.Add(time.Duration(i) * time.Second)
			}
			f.Elapsed = time.Duration(i) * time.Second
			out = append(out, f)
		}
	}
	return append(out,
		logfmt.Spot{Role: logfmt.Waypoint, Point: logfmt.Point{Lat: -41.4, Lon: -132.4}, Alt: 3, Datum: "MSL"},
		logfmt.Identifier{Finding: privacy.Finding{Class: privacy.Identity, Path: "aircraftSn", Value: "FV\"<&\x01>"}},
		logfmt.Message{Severity: "warning", Text: "wind & waves"}, logfmt.Damage{Off: 3, Len: 4, Reason: "garbage"})
}

func records(rs []logfmt.Record, end error) Records {
	return func() iter.Seq2[logfmt.Record, error] {
		return func(yield func(logfmt.Record, error) bool) {
			for _, r := range rs {
				if !yield(r, nil) {
					return
				}
			}
			if end != nil {
				yield(nil, end)
			}
		}
	}
}

func encode(t *testing.T, id string) []byte {
	t.Helper()
	f, ok := ByID(id)
	if !ok {
		t.Fatal("no format ", id)
	}
	var b bytes.Buffer
	if err := f.Encode(&b, records(flight(), nil)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestGPX(t *testing.T) {
	var doc struct {
		Wpt []struct{} `xml:"wpt"`
		Trk []struct {
			Pts []struct {
				Lat  float64 `xml:"lat,attr"`
				Ele  string  `xml:"ele"`
				Time string  `xml:"time"`
			} `xml:"trkseg>trkpt"`
		} `xml:"trk"`
	}
	b := encode(t, "gpx")
	if err := xml.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Wpt) != 1 || len(doc.Trk) != 2 || len(doc.Trk[0].Pts) != 5 || len(doc.Trk[1].Pts) != 5 {
		t.Fatalf("%+v", doc)
	}
	if p := doc.Trk[0].Pts[1]; p.Time != "2031-07-19T04:47:54.120Z" || p.Ele != "12.5" || p.Lat != -41.3875025 {
		t.Errorf("%+v", p)
	}
	if doc.Trk[1].Pts[0].Time != "" {
		t.Error("a time for a fix without one")
	}
	if bytes.Contains(b, []byte("FV")) || bytes.Contains(b, []byte("v<1>")) {
		t.Error("the GPX holds an identifier")
	}
}

// TestOtherReaders asks gpsbabel how many points it sees.
func TestOtherReaders(t *testing.T) {
	babel, err := exec.LookPath("gpsbabel")
	if err != nil {
		t.Skip("gpsbabel is not installed")
	}
	for _, id := range []string{"gpx", "kml"} {
		path := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(path, encode(t, id), 0o644); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(babel, "-t", "-i", id, "-f", path, "-o", "unicsv", "-F", "-").CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", id, err, out)
		}
		if n := strings.Count(string(out), "\n") - 1; n < 10 || n > 11 {
			t.Errorf("%s: gpsbabel sees %d points\n%s", id, n, out)
		}
	}
}

func TestGeoJSON(t *testing.T) {
	var doc struct {
		Features []struct {
			Geometry struct {
				Type        string
				Coordinates json.RawMessage
			}
			Properties struct{ CoordTimes []string }
		}
	}
	if err := json.Unmarshal(encode(t, "geojson"), &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Features) != 3 || doc.Features[0].Geometry.Type != "LineString" || len(doc.Features[0].Properties.CoordTimes) != 5 || doc.Features[1].Properties.CoordTimes != nil {
		t.Errorf("%+v", doc)
	}
}

func TestCSV(t *testing.T) {
	rows, err := csv.NewReader(bytes.NewReader(encode(t, "csv"))).ReadAll()
	if err != nil || len(rows) != 11 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if rows[1][3] != "-41.3875125" || rows[1][1] != "2031-07-19T04:47:53.120Z" || rows[6][1] != "" {
		t.Error(rows[1], rows[6])
	}
}

func TestJSON(t *testing.T) {
	kinds := map[string]int{}
	for line := range strings.Lines(string(encode(t, "json"))) {
		var v map[string]any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		kinds[v["type"].(string)]++
	}
	if kinds["fix"] != 10 || kinds["start"] != 2 || kinds["spot"]+kinds["identifier"]+kinds["message"]+kinds["damage"] != 4 {
		t.Error(kinds)
	}
}

func TestErrorsAreReturned(t *testing.T) {
	broken := errors.New("broken")
	for _, f := range Formats() {
		var b bytes.Buffer
		if err := f.Encode(&b, records(flight()[:4], broken)); !errors.Is(err, broken) {
			t.Errorf("%s: %v", f.ID, err)
		}
		if f.ID == "gpx" && !bytes.HasSuffix(b.Bytes(), []byte("</gpx>\n")) {
			t.Error("the GPX is not closed")
		}
		if err := f.Encode(full{}, records(flight(), nil)); !errors.Is(err, io.ErrShortWrite) {
			t.Errorf("%s: a full disk gives %v", f.ID, err)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func BenchmarkGPX(b *testing.B) {
	f := flight()[1]
	many := func() iter.Seq2[logfmt.Record, error] {
		return func(yield func(logfmt.Record, error) bool) {
			for range 10_000 {
				if !yield(f, nil) {
					return
				}
			}
		}
	}
	for b.Loop() {
		if err := encodeGPX(io.Discard, many); err != nil {
			b.Fatal(err)
		}
	}
}
