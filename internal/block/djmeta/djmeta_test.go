package djmeta_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"flightveil/internal/block/djmeta"
	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"

	"google.golang.org/protobuf/encoding/protowire"
)

const (
	lat    = -41.3875125
	lon    = -132.4518375
	serial = "FVCANARY4519KX"
)

func num(n protowire.Number, v int64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, n, protowire.VarintType), uint64(v))
}

func single(n protowire.Number, v float64) []byte {
	return protowire.AppendFixed32(protowire.AppendTag(nil, n, protowire.Fixed32Type), math.Float32bits(float32(v)))
}

func double(n protowire.Number, v float64) []byte {
	return protowire.AppendFixed64(protowire.AppendTag(nil, n, protowire.Fixed64Type), math.Float64bits(v))
}

func text(n protowire.Number, s string) []byte {
	return protowire.AppendString(protowire.AppendTag(nil, n, protowire.BytesType), s)
}

func msg(n protowire.Number, parts ...[]byte) []byte {
	return text(n, string(slices.Concat(parts...)))
}

func clip(schema string) []byte {
	return msg(1, msg(1, text(1, schema), text(2, "02.01.16"), text(5, serial), text(6, "10.00.05.22"), num(9, 61_000_000), text(10, "DJI Heron")))
}

func coordinates(unit int64, lat, lon float64) []byte {
	if unit < 0 {
		return msg(1, double(2, lat), double(3, lon))
	}
	return msg(1, num(1, unit), double(2, lat), double(3, lon))
}

// flying is a frame of a drone whose device is in field d.
func flying(d protowire.Number, coordinates []byte, more ...[]byte) []byte {
	gps := append([][]byte{coordinates, num(2, 1234567)}, more...)
	return msg(3, msg(1, num(1, 7), num(2, 61_240_000)),
		msg(d, msg(1, num(1, 1), text(4, "heron")), msg(2, single(1, 3), single(2, 4), single(3, -0.5)),
			msg(3, num(1, -25), num(2, 13), num(3, 3050)), msg(4, gps...), msg(5, single(1, 50100))))
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9 || math.IsNaN(a) && math.IsNaN(b) }

const rad = math.Pi / 180

func TestPositions(t *testing.T) {
	for name, c := range map[string]struct {
		schema string
		frame  []byte
		none   bool
		noUnit bool
	}{
		"Mavic 3, radians left out":        {"wm265e", flying(3, coordinates(-1, lat*rad, lon*rad)), false, false},
		"Air 3S, degrees":                  {"Air3s", flying(3, coordinates(1, lat, lon)), false, false},
		"Air 3S, radians":                  {"Air3s", flying(3, coordinates(0, lat*rad, lon*rad)), false, false},
		"Mavic 4, degrees left out":        {"Mavic4", flying(3, coordinates(-1, lat, lon)), false, false},
		"Avata 2":                          {"AVATA2", flying(4, coordinates(1, lat, lon)), false, false},
		"O4":                               {"eagle4_wa530", flying(4, coordinates(1, lat, lon)), false, false},
		"Action 5":                         {"ac204", msg(3, msg(4, msg(2, coordinates(1, lat, lon)))), false, false},
		"unknown, degrees":                 {"Heron9", flying(3, coordinates(1, lat, lon)), false, false},
		"unknown, must be degrees":         {"Heron9", flying(4, coordinates(-1, lat, lon)), false, false},
		"unknown, radians":                 {"Heron9", flying(7, coordinates(0, lat*rad, lon*rad)), false, false},
		"unknown, could be either":         {"Heron9", flying(3, coordinates(-1, 0.7, -2.3)), true, true},
		"Mavic 3, degrees where radians":   {"wm265e", flying(3, coordinates(-1, lat, lon)), true, false},
		"zero":                             {"Air3s", flying(3, coordinates(1, 0, 0)), true, false},
		"a unit nobody knows":              {"Air3s", flying(3, coordinates(2, lat, lon)), true, true},
		"only a latitude":                  {"Air3s", flying(3, msg(1, num(1, 1), double(2, lat))), true, false},
		"not a number":                     {"Air3s", flying(3, coordinates(1, math.NaN(), lon)), true, false},
		"where another product has it":     {"Air3s", flying(4, coordinates(1, lat, lon)), true, false},
		"no schema at all, degrees":        {"", flying(3, coordinates(1, lat, lon)), false, false},
		"no position, in a known layout":   {"Air3s", msg(3, msg(1, num(1, 7))), true, false},
		"no position, in an unknown one":   {"Heron9", msg(3, msg(1, num(1, 7))), true, false},
		"a longer message than a position": {"Heron9", flying(3, msg(1, num(1, 1), double(2, lat), double(3, lon), num(4, 1))), true, false},
	} {
		var track djmeta.Track
		b := c.frame
		if c.schema != "" {
			b = append(clip("dvtm_"+c.schema+".proto"), b...)
		}
		f, err := track.Frame(b)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if c.none != math.IsNaN(f.At.Lat) || f.NoUnit != c.noUnit || !c.none && (!near(f.At.Lat, lat) || !near(f.At.Lon, lon)) {
			t.Errorf("%s: %v, no unit: %v", name, f.At, f.NoUnit)
		}
	}
}

func TestFrame(t *testing.T) {
	var track djmeta.Track
	first := slices.Concat(clip("dvtm_Air3.proto"), msg(2, msg(1, text(3, "video"))))
	if f, err := track.Frame(first); err != nil || !math.IsNaN(f.At.Lat) || f.Uptime >= 0 {
		t.Error(f, err)
	}
	if track.Schema() != "dvtm_Air3.proto" || !track.Known() {
		t.Error(track.Schema())
	}
	b := flying(3, coordinates(1, lat, lon), num(4, 1), msg(6, text(1, "2031-07-19 04-47-53")))
	f, err := track.Frame(b)
	if err != nil {
		t.Fatal(err)
	}
	when := time.Date(2031, 7, 19, 4, 47, 53, 0, time.UTC)
	if f.Number != 7 || f.Uptime != 61240*time.Millisecond || !f.Clock.Equal(when) || f.NoFix || f.Datum != djmeta.Ellipsoid {
		t.Errorf("%+v", f)
	}
	for what, v := range map[string][2]float64{
		"altitude": {f.Alt, 1234.567}, "above home": {f.AltHome, 50.1}, "north": {f.VelNorth, 3}, "east": {f.VelEast, 4}, "down": {f.VelDown, -0.5},
		"pitch": {f.Pitch, -2.5}, "roll": {f.Roll, 1.3}, "yaw": {f.Yaw, 305}, "gimbal": {f.GimbalPitch, math.NaN()},
	} {
		if math.Abs(v[0]-v[1]) > 1e-4 || math.IsNaN(v[0]) != math.IsNaN(v[1]) {
			t.Errorf("%s is %v, want %v", what, v[0], v[1])
		}
	}
	if f, err := track.Frame(flying(3, coordinates(1, lat, lon), num(3, 1))); err != nil || !f.NoFix || f.Datum != djmeta.Barometric {
		t.Errorf("invalid: %+v %v", f, err)
	}
	neg := flying(3, msg(1, num(1, 1), double(2, lat), double(3, lon)))
	neg = slices.Concat(neg[:0:0], msg(3, msg(3, msg(4, coordinates(1, lat, lon), num(2, -5250)), msg(5, single(1, -2400))), msg(4, msg(3, num(1, -900), num(3, 1796)))))
	if f, err := track.Frame(neg); err != nil || f.Alt != -5.25 || math.Abs(f.AltHome+2.4) > 1e-6 || f.GimbalPitch != -90 || f.GimbalYaw != 179.6 || f.GimbalRoll != 0 {
		t.Errorf("negative: %+v %v", f, err)
	}
	if f, _ := track.Frame(msg(3, msg(3, msg(4, coordinates(1, lat, lon), num(2, 1<<32-5250))))); f.Alt != -5.25 {
		t.Errorf("negative in 32 bits: %v", f.Alt)
	}
}

// A sample that was cut is no sample, wherever the cut is between its fields.
func TestCut(t *testing.T) {
	whole := append(clip("dvtm_Air3.proto"), flying(3, coordinates(1, lat, lon))...)
	for n := range whole {
		var track djmeta.Track
		if f, _ := track.Frame(whole[:n]); !math.IsNaN(f.At.Lat) {
			t.Fatalf("cut at %d: %v", n, f.At)
		}
	}
	for n := range whole {
		var track djmeta.Track
		b := slices.Clone(whole)
		b[n] ^= 0xff
		track.Frame(b)
		for range track.Leaves(b, input.Limits{}) {
		}
	}
}

func leaves(t *testing.T, b []byte) map[string]djmeta.Leaf {
	t.Helper()
	var track djmeta.Track
	out := map[string]djmeta.Leaf{}
	for l, err := range track.Leaves(b, input.Limits{}) {
		if err != nil {
			t.Fatal(err)
		}
		out[l.Name] = l
	}
	return out
}

func TestLeaves(t *testing.T) {
	b := slices.Concat(clip("dvtm_Air3s.proto"), msg(2, msg(2, msg(3, text(1, serial+"2")))),
		flying(3, coordinates(0, lat*rad, lon*rad), msg(6, text(1, "2031-07-19 04-47-53"))), msg(3, msg(2, msg(10, text(1, "\x01\x32")), msg(90, text(5, "a remark")))))
	got := leaves(t, b)
	for name, want := range map[string]struct {
		class privacy.Class
		value string
	}{
		"Protocol":         {privacy.Device, "dvtm_Air3s.proto"},
		"SerialNumber":     {privacy.Identity, serial},
		"SerialNumber2":    {privacy.Identity, serial + "2"},
		"Model":            {privacy.Device, "DJI Heron"},
		"FirmwareVersion":  {privacy.Device, "10.00.05.22"},
		"GPSLatitude":      {privacy.Location, ""},
		"GPSLongitude":     {privacy.Location, ""},
		"AbsoluteAltitude": {privacy.Altitude, "1234567"},
		"RelativeAltitude": {privacy.Altitude, "50100"},
		"GPSDateTime":      {privacy.Time, "2031-07-19 04-47-53"},
		"TimeStamp":        {privacy.Time, "61240000"},
		"DroneYaw":         {privacy.Attitude, "3050"},
		"DroneSpeedX":      {privacy.Attitude, "3"},
		"ShutterSpeed":     {privacy.Exposure, "1/50"},
		"3-2-90-5":         {privacy.Unknown, "a remark"},
	} {
		l, ok := got[name]
		if !ok || l.Class != want.class || want.value != "" && l.Value.Reveal() != want.value {
			t.Errorf("%s: %v %s %q", name, ok, l.Class, l.Value.Reveal())
		}
		if s := string(b[l.Span.Off:l.Span.End()]); strings.HasPrefix(want.value, "FV") && s != want.value {
			t.Errorf("%s does not lie where it is said to", name)
		}
	}
	for _, name := range []string{"GPSLatitude", "GPSLongitude"} {
		if w := got[name].Where; w == nil || w.Distance(geo.Point{Lat: lat, Lon: lon}) > 0.01 {
			t.Errorf("%s at %v", name, w)
		}
	}
}

// What was blanked is a sample still, and there is nothing in it any more.
func TestBlank(t *testing.T) {
	b := slices.Concat(clip("dvtm_Air3s.proto"), flying(3, coordinates(1, lat, lon), msg(6, text(1, "2031-07-19 04-47-53"))), msg(3, msg(2, msg(10, text(1, "\x01\x32")))))
	var track djmeta.Track
	for l, err := range track.Leaves(slices.Clone(b), input.Limits{}) {
		if err != nil {
			t.Fatal(err)
		}
		copy(b[l.Span.Off:l.Span.End()], l.Blank())
	}
	for l, err := range (&djmeta.Track{}).Leaves(b, input.Limits{}) {
		t.Error(l.Name, err)
	}
	if f, err := (&djmeta.Track{}).Frame(b); err != nil || !math.IsNaN(f.At.Lat) {
		t.Error(f.At, err)
	}
}

func TestDebugging(t *testing.T) {
	got := leaves(t, slices.Concat(msg(1, msg(1, msg(1, num(1, 1942113)), msg(2, text(1, "dbginfo_heron.proto"), text(2, "1.0"))), msg(2, msg(1, text(1, "imx999")))),
		msg(2, msg(1, msg(4, single(2, 1.5), msg(200, double(2, lat), double(3, lon)), text(9, serial))))))
	if l := got["SerialNumber 2-1-4-9"]; l.Class != privacy.Identity {
		t.Error("no serial number")
	}
	if l := got["GPSLatitude"]; l.Where == nil || !near(l.Where.Lat, lat) {
		t.Error("no position")
	}
}

func TestLimits(t *testing.T) {
	deep := num(1, 5)
	for range 40 {
		deep = msg(9, deep)
	}
	for name, b := range map[string][]byte{"deep": deep, "many": slices.Repeat(num(1, 5), 300)} {
		var last error
		for _, err := range (&djmeta.Track{}).Leaves(b, input.Limits{Items: 200}) {
			last = err
		}
		if !errors.Is(last, input.ErrLimit) {
			t.Errorf("%s: %v", name, last)
		}
	}
}

func FuzzLeaves(f *testing.F) {
	for _, schema := range []string{"Air3s", "AVATA2", "ac204", "Mavic4", "Heron9", "PP-101"} {
		f.Add(append(clip("dvtm_"+schema+".proto"), flying(3, coordinates(1, lat, lon))...))
		f.Add(append(clip("dvtm_"+schema+".proto"), flying(4, coordinates(-1, lat, lon))...))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var track djmeta.Track
		frame, err := track.Frame(b)
		if err == nil && !math.IsNaN(frame.At.Lat) && (!frame.At.Valid() || frame.At.Zero()) {
			t.Errorf("a position at %v", frame.At)
		}
		blank, whole := slices.Clone(b), true
		end := int64(0)
		for l, err := range (&djmeta.Track{}).Leaves(b, input.Limits{}) {
			if err != nil {
				whole = false
				break
			}
			if l.Span.Off < end || l.Span.End() > int64(len(b)) {
				t.Fatalf("%s lies at %v, after %d of %d", l.Name, l.Span, end, len(b))
			}
			end = l.Span.End()
			copy(blank[l.Span.Off:], l.Blank())
		}
		if !whole {
			return
		}
		for l, err := range (&djmeta.Track{}).Leaves(blank, input.Limits{}) {
			t.Fatalf("%s is left after blanking (%v)", l.Name, err)
		}
	})
}

func BenchmarkFrame(b *testing.B) {
	sample := append(clip("dvtm_Air3.proto"), flying(3, coordinates(1, lat, lon))...)
	b.SetBytes(int64(len(sample)))
	var track djmeta.Track
	for b.Loop() {
		if _, err := track.Frame(sample); err != nil {
			b.Fatal(err)
		}
	}
}
