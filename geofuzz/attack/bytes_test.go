package attack

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"flightveil/internal/geo"
)

// TestTraces plants a place in every way of writing into noise, and finds it.
func TestTraces(t *testing.T) {
	place := geo.Point{Lat: -31.4159265, Lon: 12.3456789}
	rational := func(o binary.ByteOrder) func(float64) []byte {
		return func(v float64) (b []byte) {
			v = math.Abs(v)
			d := math.Floor(v)
			m := math.Floor((v - d) * 60)
			for _, x := range [][2]uint32{{uint32(d), 1}, {uint32(m), 1}, {uint32(((v-d)*60 - m) * 60 * 1000), 1000}} {
				b, _ = binary.Append(b, o, x)
			}
			return b
		}
	}
	nmea := func(v float64) []byte {
		v = math.Abs(v)
		d := math.Floor(v)
		return fmt.Appendf(nil, ",%08.4f,", d*100+(v-d)*60)
	}
	igc := func(v float64) []byte {
		v = math.Abs(v)
		d := math.Floor(v)
		return fmt.Appendf(nil, "%02.0f%05.0fX", d, (v-d)*60_000)
	}
	number := func(o binary.ByteOrder, of func(float64) any) func(float64) []byte {
		return func(v float64) []byte { b, _ := binary.Append(nil, o, of(v)); return b }
	}
	ways := map[string]func(float64) []byte{
		"degrees":  func(v float64) []byte { return fmt.Appendf(nil, "\"%.6f\"", v) },
		"1e7 text": func(v float64) []byte { return fmt.Appendf(nil, ",%.0f,", v*1e7) },
		"nmea":     nmea, "igc": igc,
	}
	for _, o := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		name := o.String()
		ways["1e7 "+name] = number(o, func(v float64) any { return int32(math.Round(v * 1e7)) })
		ways["semicircles "+name] = number(o, func(v float64) any { return int32(math.Round(v / 180 * (1 << 31))) })
		ways["float32 "+name] = number(o, func(v float64) any { return float32(v) })
		ways["float64 "+name] = number(o, func(v float64) any { return v })
		ways["radians "+name] = number(o, func(v float64) any { return v * math.Pi / 180 })
		ways["rational "+name] = rational(o)
	}
	rng := rand.New(rand.NewPCG(5, 6))
	noise := make([]byte, 20_000)
	for i := range noise {
		noise[i] = byte(rng.Uint32())
	}
	if got := Traces(noise, []geo.Point{place}); len(got) > 0 {
		t.Fatalf("found in noise: %v", got)
	}
	for name, write := range ways {
		b := append([]byte{}, noise[:7001]...)
		b = append(append(b, ' '), write(place.Lat)...)
		b = append(append(b, ' '), write(place.Lon)...)
		b = append(append(b, ' '), noise[7001:]...)
		if got := Traces(b, []geo.Point{{Lat: 5, Lon: 5}, place}); len(got) == 0 || got[0].Place != 1 || got[0].Offset < 6990 || got[0].Offset > 7040 {
			t.Errorf("%s: %v", name, got)
		}
		if got := Traces(b, []geo.Point{{Lat: place.Lat + 0.01, Lon: place.Lon + 0.01}}); len(got) > 0 {
			t.Errorf("%s: found a place 1.5 km away: %v", name, got)
		}
	}
}
