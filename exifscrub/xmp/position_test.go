package xmp

import (
	"math"
	"testing"

	"flightveil/internal/geo"

	"pgregory.net/rapid"
)

func TestParseAngle(t *testing.T) {
	for _, c := range []struct {
		text, ref string
		want      float64
	}{
		{"+40.56378108", "", 40.56378108},
		{"-58.851745", "", -58.851745},
		{" 132.5 ", "", 132.5},
		{"41.5", "S", -41.5},
		{"-41.5", "N", -41.5}, // the sign wins over a reference that forgot it
		{"-41.5", "S", -41.5},
		{"50,52.557N", "", 50 + 52.557/60},
		{"50,52,33S", "", -(50 + 52.0/60 + 33.0/3600)},
		{"132,27.110250W", "", -(132 + 27.11025/60)},
		{"7.5w", "", -7.5},
	} {
		a, ok := parseAngle(c.text)
		if got := a.degrees(c.ref); !ok || math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%q %s: %v (%v), want %v", c.text, c.ref, got, ok, c.want)
		}
	}
	for _, text := range []string{"", "N", "+", "40,5", "-40,5N", "40,75N", "40.5,3N", "1,2,3,4N", "40°", "0x12", "1e3", "NaN", "12 34", "40,,3N", "40/1"} {
		if _, ok := parseAngle(text); ok {
			t.Errorf("%q was read as an angle", text)
		}
	}
}

func TestEncodeAngle(t *testing.T) {
	for _, c := range []struct {
		old  string
		deg  float64
		axis axis
		ref  bool
		want string // "" if the form cannot hold it
	}{
		{"+40.56378108", 40.5641234567, latitude, false, "+40.56412346"},
		{"9.99999999", 10.0043219, longitude, false, "10.0043219"}, // one digit more before the point
		{"-0.00100000", 0.0033, latitude, false, "+0.00330000"},
		{"0.00100000", -0.0033, latitude, false, "-0.0033000"},
		{"-0.00100000", -0.0000000001, latitude, false, "+0.00000000"}, // no negative zero
		{"41.3875125", -41.39, latitude, true, "41.3900000"},           // the sign is in another field
		{"40.5638", 40.5641, latitude, false, "40.5641"},
		{"40.564", 40.5641, latitude, false, ""}, // three decimals are 100 metres
		{"40", 40.5641, latitude, false, ""},
		{"50,52.557N", 50.8761, latitude, false, "50,52.566N"},
		{"50,59.9999N", 50.9999999, latitude, false, "51,00.0000N"}, // carried
		{"9,59.99E", 9.9999999, longitude, false, ""},
		{"50,52,33N", 50.8761, latitude, false, "50,52,34N"},
		{"50,59,59N", 50.99999, latitude, false, "51,00,00N"},
		{"0,00.100000E", -0.0021, longitude, false, "0,00.126000W"},
		{"50,5.5N", 50.0917, latitude, false, ""},
	} {
		got, ok := encodeAngle(c.old, c.deg, c.axis, len(c.old), c.ref)
		if ok != (c.want != "") || ok && got != c.want {
			t.Errorf("%q at %v: %q (%v), want %q", c.old, c.deg, got, ok, c.want)
		}
	}
}

// TestAngleIsStable checks for any position, in any form, that a coarse
// coordinate is read back into the same cell and written again as the same text.
func TestAngleIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := geo.Point{Lat: rapid.Float64Range(-90, 90).Draw(t, "lat"), Lon: rapid.Float64Range(-180, 180).Draw(t, "lon")}
		cell := rapid.SampledFrom([]float64{100, 1000, 25_000}).Draw(t, "cell")
		old := rapid.SampledFrom([]string{"+40.56378108", "1.0000", "120.123456", "50,52.557N", "150,52.55S", "50,52,33N", "1,2,3E", "0,0.0000W"}).Draw(t, "form")
		to := p.Cell(cell)
		encode := func(p geo.Point, lat, lon string) (string, string, bool) {
			a, okA := encodeAngle(lat, p.Lat, latitude, len(lat), false)
			b, okB := encodeAngle(lon, p.Lon, longitude, len(lon), false)
			return a, b, okA && okB
		}
		lat, lon, ok := encode(to, old, old)
		if !ok {
			return // removed instead
		}
		a, _ := parseAngle(lat)
		b, _ := parseAngle(lon)
		again := geo.Point{Lat: a.degrees(""), Lon: b.degrees("")}
		if d := again.Distance(to); d > 30 {
			t.Fatalf("%s %s is %.0f m from where it should be", lat, lon, d)
		}
		if again.Cell(cell) != to {
			t.Fatalf("%s %s lies in another cell", lat, lon)
		}
		if lat2, lon2, ok := encode(again.Cell(cell), lat, lon); !ok || lat2 != lat || lon2 != lon {
			t.Fatalf("%s %s became %s %s", lat, lon, lat2, lon2)
		}
	})
}

func TestDay(t *testing.T) {
	for in, want := range map[string]string{
		"2031-07-19T04:47:53.250+08:00": "2031-07-19",
		"2031-07-19 04:47:53":           "2031-07-19",
		"2031:07:19 04:47:53":           "2031:07:19",
		" 2031-07-19T04:47Z ":           "2031-07-19",
		"2031-07-19":                    "2031-07-19",
		"2031-07":                       "2031-07",
		"2031":                          "2031",
		"20310719T044753":               "",
		"1942197473":                    "",
		"04:47:53":                      "",
		"-9223372034707290000":          "",
		"2031-07-19x":                   "",
		"":                              "",
	} {
		if got, ok := day(in); got != want || ok != (want != "") {
			t.Errorf("%q: %q (%v), want %q", in, got, ok, want)
		}
	}
}
