package dronedeploy_test

import (
	"bytes"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"flightveil/internal/corpus"
	"flightveil/logfmt"
	"flightveil/logfmt/dronedeploy"
	"flightveil/logfmt/logfmttest"
)

func TestConformance(t *testing.T) { logfmttest.Run(t, dronedeploy.Format{}, "testdata") }

func TestUTF16(t *testing.T) { logfmttest.RunUTF16(t, dronedeploy.Format{}, "testdata") }

func FuzzDecode(f *testing.F) { logfmttest.Fuzz(f, dronedeploy.Format{}, "testdata") }

const (
	lat = -41.3875125 // of the first row
	lon = -132.4518375
)

var nan = math.NaN()

func TestSessions(t *testing.T) {
	fl := logfmttest.Flights(t, dronedeploy.Format{}, "sessions.log")
	if len(fl) != 2 || len(fl[0].Fixes) != 4 || len(fl[1].Fixes) != 3 || fl[0].Start.Variant != "4.21.0.1517" || fl[1].Start.Variant != "2.75.0" {
		t.Fatal(len(fl), len(fl[0].Fixes))
	}
	f := fl[0].Fixes[2]
	logfmttest.Numbers(t, "iOS", f.Lat, lat+2*0.0002, f.Lon, lon+2*0.0003, f.AltHome, 30.48, f.AltMSL, nan, f.Speed, 4.4704, f.Climb, 0.44704, f.Yaw, 253.6, f.Pitch, -9.9, f.Roll, -2.9,
		f.GimbalPitch, -89.1, f.GimbalYaw, 47.8, f.Battery, 87)
	if !f.Time.Equal(time.Date(2031, 7, 19, 4, 47, 55, 0, time.UTC)) || f.Elapsed != 5126*time.Millisecond || f.Sats != 14 {
		t.Error(f.Time, f.Elapsed, f.Sats)
	}
	// Android writes metres and metres a second under a header of feet and miles.
	f = fl[1].Fixes[1]
	logfmttest.Numbers(t, "Android", f.Lat, lat+2*0.0002, f.AltHome, 30.5, f.Speed, 5, f.Climb, 0.5)
	roles := map[logfmt.Role]float64{}
	for _, s := range append(fl[0].Spots, fl[1].Spots...) {
		roles[s.Role] = s.Lat
	}
	logfmttest.Numbers(t, "spots", roles[logfmt.Home], lat-0.001, roles[logfmt.Phone], lat-0.002, roles[logfmt.Remote], lat-0.002, roles[logfmt.Waypoint], lat)
	told := map[string]string{}
	for _, id := range fl[0].Identifiers {
		told[id.Path] = id.Value.Reveal()
	}
	for path, want := range map[string]string{
		"userID": "58adFVCANARY4519KX", "organizationID": "5ce4FVCANARY4519KX", "deviceSSID": "Zephyrine Quillfeather-net", "aircraftName": "Zephyrine Quillfeather",
		"batterySerialNumber": "FVCANARY4519KXB", "flightControllerSerialNumber": "FVCANARY4519KXF", "info/planId": "5fadFVCANARY4519KX", "info/projectName": "Zephyrine Quillfeather", "header": "Port Quillon",
	} {
		if told[path] != want {
			t.Errorf("%s is %q, want %q", path, told[path], want)
		}
	}
	if m := fl[0].Messages; len(m) != 2 || m[0].Text.Reveal() != "Mission did take off" || m[1].Text.Reveal() != "Plan loaded" {
		t.Error(m)
	}
}

// The positions of real logs are what the two columns hold, read plainly.
func TestCorpus(t *testing.T) {
	for _, name := range corpus.Files(t, "logs/dronedeploy-log") {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var want []logfmt.Point
		at := map[string]int{}
		for line := range strings.Lines(string(b)) {
			cells := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
			if strings.HasPrefix(line, "Date/Time") && len(cells) > 10 {
				for i, c := range cells {
					at[c] = i
				}
				continue
			}
			if len(at) == 0 || len(cells) != len(at) {
				continue
			}
			p, err := strconv.ParseFloat(cells[at["Aircraft Latitude (Degrees)"]], 64)
			q, err2 := strconv.ParseFloat(cells[at["Aircraft Longitude (Degrees)"]], 64)
			if err == nil && err2 == nil && (p != 0 || q != 0) {
				want = append(want, logfmt.Point{Lat: p, Lon: q})
			}
		}
		fl, err := logfmt.ReadFlights(t.Context(), dronedeploy.Format{}, bytes.NewReader(b), logfmt.Limits{})
		if err != nil || len(fl) != 1 || len(fl[0].Damage) != 0 || len(want) == 0 {
			t.Fatal(name, len(fl), err)
		}
		var got []logfmt.Point
		for _, f := range fl[0].Fixes {
			got = append(got, f.Point)
			if f.Time.Year() < 2018 || f.Speed < 0 {
				t.Errorf("%s: %v, %v", name, f.Time, f.Speed)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %d positions, want %d", name, len(got), len(want))
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	one, err := os.ReadFile("testdata/table.log")
	if err != nil {
		b.Fatal(err)
	}
	header, rows, _ := bytes.Cut(one, []byte("\n"))
	rows = append(slices.Clone(rows[:bytes.IndexByte(rows, '\n')+1]), rows[bytes.LastIndexByte(rows[:len(rows)-1], '\n')+1:]...) // without JSON
	in := append(append(header, '\n'), bytes.Repeat(rows, 1<<20/len(rows))...)
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		for _, err := range (dronedeploy.Format{}).Decode(b.Context(), bytes.NewReader(in), logfmt.Limits{}) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
