package tabular_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"flightveil/internal/block/table"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
	"flightveil/logfmt/internal/tabular"
)

func dialect(t *table.Reader) tabular.Dialect {
	clock := t.Index("time")
	return tabular.Dialect{
		Lat: "lat", Lon: "lon", AltHome: []string{"height"}, Battery: []string{"battery"}, Sats: []string{"sats"}, Yaw: []string{"yaw"},
		VelNorth: []string{"vn"}, VelEast: []string{"ve"}, Climb: []string{"vd"}, ClimbDown: true, Gap: time.Minute,
		Spots:    []tabular.Spot{{Role: logfmt.Home, Lat: "hlat", Lon: "hlon", Alt: "halt", Datum: "MSL"}},
		Identity: tabular.Identities(privacy.Identity, "sn"), Messages: []tabular.Message{{Column: "tip", Severity: "info"}},
		Stamped: []int{clock},
		Clock: func(t *table.Reader) (utc, local time.Time, elapsed time.Duration) {
			return tabular.Stamp(t.Field(clock)), local, -1
		},
	}
}

func decode(t *testing.T, csv string) (out []string) {
	t.Helper()
	for r, err := range tabular.Decode(t.Context(), bytes.NewReader([]byte(csv)), dialect) {
		if err != nil {
			t.Fatal(err)
		}
		switch r := r.(type) {
		case logfmt.Start:
			out = append(out, "start")
		case logfmt.Fix:
			out = append(out, fmt.Sprintf("fix %g %g", r.Lat, r.Lon))
		case logfmt.Spot:
			out = append(out, fmt.Sprintf("%s %g %g %g %s", r.Role, r.Lat, r.Lon, r.Alt, r.Datum))
		case logfmt.Identifier:
			out = append(out, "id "+r.Path+" "+r.Value.Reveal())
		case logfmt.Message:
			out = append(out, r.Severity+" "+r.Text.Reveal())
		case logfmt.Damage:
			out = append(out, fmt.Sprintf("damage %q", csv[r.Off:r.Off+r.Len]))
		}
	}
	return out
}

func TestRows(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"positions":             {"lat,lon,x\n1.5,2.5,0\n0,0,0\n,,0\n91,2,0\n3,4,0\n", "start; fix 1.5 2.5; fix 3 4"},
		"words for no position": {"lat,lon,x\nN/A,N/A,0\nnull,null,0\nNaN,NaN,0\nNo Data,No Data,0\n3,4,0\n", "start; fix 3 4"},
		"garbage in a position": {"lat,lon,x\n1.5,2.5,0\n1.\x07,2.5,0\n4,1.2.3,0\n3,4,0\n", `start; fix 1.5 2.5; damage "1.\a,2.5,0\n"; damage "4,1.2.3,0\n"; fix 3 4`},
		"two rows in one":       {"lat,lon,x\n1.5,2.5,0\n1.6,1.7,2.7,0\n3,4,0\n", `start; fix 1.5 2.5; damage "1.6,1.7,2.7,0\n"; fix 3 4`},
		"cut before":            {"lat,lon,x\n1.5,2.5,0\n1.6", `start; fix 1.5 2.5; damage "1.6"`},
		"cut in the longitude":  {"x,lat,lon\n0,1.5,2.5\n0,1.6,2.", `start; fix 1.5 2.5; damage "0,1.6,2."`},
		"cut behind":            {"lat,lon,x,y\n1.5,2.5,0,0\n1.6,2.6,7", `start; fix 1.5 2.5; damage "1.6,2.6,7"; fix 1.6 2.6`},
		"missing column":        {"lat,x\n1.5,2\n", "start"},
		"decimal comma":         {"lat;lon;x\n1,5;2,5;0\n", "start; fix 1.5 2.5"},
		"comma in quotes":       {"lat,lon,x\n\"1,5\",\"2,5\",0\n\"3,5\",\"4,5\",0\n", "start; fix 1.5 2.5; fix 3.5 4.5"},
		"tab and comma":         {"lat\tlon\tx\n1,5\t2,5\t0\n", "start; fix 1.5 2.5"},
		"another table":         {"lat,lon,x\n1.5,2.5,0\nlat,lon,sn\n3,4,A1\n", "start; fix 1.5 2.5; start; id sn A1; fix 3 4"},
		"spots once":            {"lat,lon,hlat,hlon,halt\n1,2,3,4,5\n1,2,3,4,5\n1,2,0,0,5\n1,2,6,7,\n", "start; home 3 4 5 MSL; fix 1 2; fix 1 2; fix 1 2; home 6 7 NaN MSL; fix 1 2"},
		"names once":            {"lat,lon,sn\n1,2,A\n1,2,A\n1,2,\n1,2,B\n1,2,A\n1,2,N/A\n", "start; id sn A; fix 1 2; fix 1 2; fix 1 2; id sn B; fix 1 2; fix 1 2; fix 1 2"},
		"messages":              {"lat,lon,tip\n1,2,a\n1,2,a\n1,2,\n1,2,a\n", "start; info a; fix 1 2; fix 1 2; fix 1 2; info a; fix 1 2"},
		"clock jumps":           {"time,lat,lon,x\n2031-07-19 04:47:53,1,2,0\n2031-07-19 04:48:03,1,2,0\n2031-07-19 09:00:00,1,2,0\n2031-07-19 08:00:00,1,2,0\n?,1,2,0\n", "start; fix 1 2; fix 1 2; start; fix 1 2; start; fix 1 2; fix 1 2"},
		"garbage in the time":   {"time,lat,lon,x\n2031-07-19 04:47:5\xCC,1,2,0\n,1,2,0\n", `start; damage "2031-07-19 04:47:5\xcc,1,2,0\n"; fix 1 2; fix 1 2`},
		"nothing":               {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := strings.Join(decode(t, c.in), "; "); got != c.want {
				t.Errorf("\n%s, want\n%s", got, c.want)
			}
		})
	}
}

func TestNumbers(t *testing.T) {
	fix := func(row string) logfmt.Fix {
		t.Helper()
		for r := range tabular.Decode(t.Context(), bytes.NewReader([]byte("lat,lon,height(ft),vn,ve,vd,yaw,battery,sats,x\n"+row+"\n")), dialect) {
			if f, ok := r.(logfmt.Fix); ok {
				return f
			}
		}
		t.Fatal("no fix")
		return logfmt.Fix{}
	}
	f := fix("1,2,100,3,-4,0.5,-90,87,14,0")
	if f.AltHome != 30.48 || f.Speed != 5 || math.Abs(f.Course-306.869897646) > 1e-6 || f.Climb != -0.5 || f.Yaw != 270 || f.Battery != 87 || f.Sats != 14 || f.AltMSL == f.AltMSL {
		t.Errorf("%+v", f)
	}
	f = fix("1,2,,,,,,255,-3,0")
	if f.AltHome == f.AltHome || f.Speed == f.Speed || f.Battery == f.Battery || f.Sats != -1 || f.Elapsed != -1 {
		t.Errorf("%+v", f)
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var last error
	for _, err := range tabular.Decode(ctx, bytes.NewReader([]byte("lat,lon\n1,2\n")), dialect) {
		last = err
	}
	if !errors.Is(last, context.Canceled) {
		t.Error(last)
	}
}

func at(y, mo, d, h, mi, s int, ns int) time.Time {
	return time.Date(y, time.Month(mo), d, h, mi, s, ns, time.UTC)
}

func TestStamp(t *testing.T) {
	var memo tabular.Memo
	for s, want := range map[string]time.Time{
		"2018-04-19T16:01:38.252": at(2018, 4, 19, 16, 1, 38, 252e6), "2021/03/18 13:04:51,1": at(2021, 3, 18, 13, 4, 51, 100e6), "2018-4-9 6:01:38": at(2018, 4, 9, 6, 1, 38, 0),
		"2018-4-19 16:01:38.25": at(2018, 4, 19, 16, 1, 38, 250e6), "2018-4-19 16:01:38.5": at(2018, 4, 19, 16, 1, 38, 500e6), "2018-04-19 16:01:38": at(2018, 4, 19, 16, 1, 38, 0), "2018-04-19 16:01:39.5": at(2018, 4, 19, 16, 1, 39, 500e6),
		"": {}, "x": {}, "2018-13-19 16:01:38": {}, "2018-04-19 25:01:38": {}, "2018-04-19": {}, "0000-00-00 00:00:00": {},
	} {
		for range 2 {
			if got := tabular.Stamp([]byte(s)); !got.Equal(want) {
				t.Errorf("%s: %v", s, got)
			}
			if got := memo.Stamp([]byte(s)); !got.Equal(want) {
				t.Errorf("%s, remembered: %v", s, got)
			}
		}
	}
}

func TestZoned(t *testing.T) {
	noon := at(2031, 7, 19, 12, 0, 0, 250e6)
	for s, utc := range map[string]bool{
		"2031-07-19T12:00:00.250Z": true, "2031-07-19T14:00:00.250+02:00": true, "2031-07-19 02:00:00.25-1000": true, "2031-07-19T13:00:00.250+01": true, "2031-07-19 12:00:00.250 UTC": true,
		"2031-07-19T12:00:00.250": false, "2031-07-19 12:00:00.25": false,
	} {
		if got, ok := tabular.Zoned([]byte(s)); ok != utc || !got.Equal(noon) {
			t.Errorf("%s: %v %v", s, got, ok)
		}
	}
	if got, ok := tabular.Zoned([]byte("2031-07-19T12:00:00+99:00")); ok || !got.IsZero() {
		t.Error(got)
	}
}

func TestDays(t *testing.T) {
	want := at(2025, 6, 27, 0, 0, 0, 0)
	for _, s := range []string{"6/27/2025", "27.6.2025", "2025-06-27", "27/06/2025", "06/27/2025"} {
		if got := tabular.Day([]byte(s)); !got.Equal(want) {
			t.Errorf("%s: %v", s, got)
		}
	}
	if got := tabular.Compact([]byte("20250627")); !got.Equal(want) {
		t.Error(got)
	}
	for s, want := range map[string]time.Duration{
		"3:31:40.97 AM": 3*time.Hour + 31*time.Minute + 40970*time.Millisecond, "12:00:01 AM": time.Second, "12:00:01 PM": 12*time.Hour + time.Second, "1:00:00 PM": 13 * time.Hour,
		"15:42:59.200": 15*time.Hour + 42*time.Minute + 59200*time.Millisecond, "14:01:15:313": 14*time.Hour + time.Minute + 15313*time.Millisecond, "": -1, "25:00:00": -1, "x": -1,
	} {
		if got := tabular.Hours([]byte(s)); got != want {
			t.Errorf("%s: %v", s, got)
		}
	}
}

// A clock of whole seconds and a counter of milliseconds are one clock, also
// where the counter begins anew.
func TestTie(t *testing.T) {
	var tie tabular.Tie
	for _, c := range []struct {
		clock string
		ms    float64
		want  time.Time
	}{
		{"2031-07-19 04:47:53", 510700, at(2031, 7, 19, 4, 47, 53, 0)},
		{"2031-07-19 04:47:53", 510800, at(2031, 7, 19, 4, 47, 53, 100e6)},
		{"2031-07-19 04:47:54", 511900, at(2031, 7, 19, 4, 47, 54, 200e6)},
		{"2031-07-19 05:00:00", 100, at(2031, 7, 19, 5, 0, 0, 0)},
		{"2031-07-19 05:00:01", 1150, at(2031, 7, 19, 5, 0, 1, 50e6)},
		{"2031-07-19 05:00:02.5", 9, at(2031, 7, 19, 5, 0, 2, 500e6)},
		{"2031-07-19 05:00:03", math.NaN(), at(2031, 7, 19, 5, 0, 3, 0)},
		{"", 9, time.Time{}},
	} {
		if got := tie.Time([]byte(c.clock), c.ms); !got.Equal(c.want) {
			t.Errorf("%s %v: %v, want %v", c.clock, c.ms, got, c.want)
		}
	}
}

func TestEpoch(t *testing.T) {
	want := at(2031, 7, 19, 4, 47, 53, 250e6)
	for _, v := range []float64{1942202873.25, 1942202873250, 1942202873250000, 1942202873250000000} {
		if got := tabular.Epoch(v); got.Sub(want).Abs() > time.Microsecond {
			t.Errorf("%v: %v", v, got)
		}
	}
	for _, v := range []float64{0, -1, 139.6, 510700, math.NaN(), math.Inf(1)} {
		if got := tabular.Epoch(v); !got.IsZero() {
			t.Errorf("%v: %v", v, got)
		}
	}
}

func TestPair(t *testing.T) {
	if p, why := tabular.Pair([]byte("31.166881 -121.356245")); p.Lat != 31.166881 || p.Lon != -121.356245 || why != "" {
		t.Error(p, why)
	}
	for s, damaged := range map[string]bool{"": false, "N/A": false, "31.1": true, "31.1,5": true, "31.1 x": true, "31.1 5 6": true} {
		if p, why := tabular.Pair([]byte(s)); p.Lat == p.Lat || (why != "") != damaged {
			t.Error(s, p, why)
		}
	}
}

// The names that tools give the same thing are read alike, and no name as more
// than it says.
func TestCommon(t *testing.T) {
	for header, want := range map[string]string{
		"timestamp,latitude,longitude,altitude":                          "latitude longitude [] [] [altitude]",
		"time,GPS Latitude,GPS Longitude,Altitude MSL (ft)":              "gps latitude gps longitude [altitude msl] [] []",
		"recordedAt,droneLat,droneLng,relativeHeight,homeLat,homeLng":    "dronelat dronelng [] [relativeheight] [] home",
		"t,position.latitude,position.longitude,height_above_takeoff_ft": "position.latitude position.longitude [] [height_above_takeoff_ft] []",
		"t,lat,lon,pilot_latitude,pilot_longitude,rc_gps_lat,rc_gps_lon": "lat lon [] [] [] remote phone",
		"t,home_latitude,home_longitude":                                 "  [] [] [] home",
		"t,lateral,longitudinal,platform,lonely":                         "  [] [] []",
		"t,latitude,lon_accuracy":                                        "  [] [] []",
	} {
		c := tabular.Common(table.New(bytes.NewReader([]byte(header + "\n"))))
		got := fmt.Sprint(c.Lat, " ", c.Lon, " ", c.AltMSL, " ", c.AltHome, " ", c.AltUnclear)
		for _, s := range c.Spots {
			got += " " + string(s.Role)
		}
		if got != want {
			t.Errorf("%s:\n%s, want\n%s", header, got, want)
		}
	}
}

func TestClass(t *testing.T) {
	for name, want := range map[string]privacy.Class{
		"vehicle_serial": privacy.Identity, "batterySN": privacy.Identity, "user_email": privacy.Identity, "pilot name": privacy.Identity, "flight_id": privacy.Identity, "missionName": privacy.Identity,
		"city": privacy.Place, "home_city": privacy.Place, "address": privacy.Place, "app_version": privacy.Device, "drone model": privacy.Device, "notes": privacy.Description,
		"latitude": "", "home_latitude": "", "pilot_lat": "", "velocity": "", "velocity.horizontal": "", "capacity": "", "battery": "", "flight_time": "", "satellites": "", "user_altitude": "",
	} {
		if got := tabular.Class(strings.ToLower(name)); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestProbe(t *testing.T) {
	var header strings.Builder
	for i := range 800 {
		fmt.Fprintf(&header, "column number %d,", i)
	}
	header.WriteString("lat,lon\n")
	p, err := input.NewProbe("", bytes.NewReader([]byte(header.String())))
	if err != nil {
		t.Fatal(err)
	}
	if !tabular.Has(tabular.Probe(p), "lat", "lon") {
		t.Error("a header longer than the probe is not read to its end")
	}
}
