package png

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"flightveil/internal/geo"
	"flightveil/internal/privacy"
)

// day returns a function that leaves only the day of a time written as text,
// or nil if the text is in no form that is known.
func day(b []byte) func(geo.Point) []byte {
	if !strings.ContainsAny(string(b), ":-, ") || len(b) > 64 {
		return nil
	}
	for _, layout := range []string{
		"2006:01:02 15:04:05", "2006:01:02", // Exif
		time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04:05-07:00", "2006-01-02 15:04:05 -0700", "2006-01-02",
		time.RFC1123, time.RFC1123Z, "Mon, 2 Jan 2006 15:04:05 MST", "Mon, 2 Jan 2006 15:04:05 -0700", "2 Jan 2006 15:04:05 -0700", "2 Jan 2006 15:04:05 MST", "2 Jan 2006 15:04:05", // section 11.3.3.4
		time.ANSIC, time.UnixDate,
	} {
		t, err := time.Parse(layout, string(b))
		if err != nil {
			continue
		}
		y, m, d := t.Date()
		out := []byte(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Format(layout))
		if again, err := time.Parse(layout, string(out)); err != nil || !again.Equal(time.Date(y, m, d, 0, 0, 0, 0, time.UTC)) {
			return nil
		}
		return func(geo.Point) []byte { return out }
	}
	if parts := strings.Split(string(b), ", "); len(parts) == 3 && isNumbers(b) { // GPSTimeStamp: hours, minutes, seconds
		return func(geo.Point) []byte { return []byte("0/1, 0/1, 0/1") }
	}
	return nil
}

// place joins the four texts that ImageMagick makes of an Exif position.
func (p *parser) place() {
	at := map[string]*entry{}
	for i := range p.entries {
		e := &p.entries[i]
		if e.Finding == nil || e.Finding.Class != privacy.Location {
			continue
		}
		_, name, _ := strings.Cut(e.Finding.Path, "/")
		if at[name] != nil { // two positions: which belongs to which?
			return
		}
		at[name] = e
	}
	lat, latRef, lon, lonRef := at["ExifGPSLatitude"], at["ExifGPSLatitudeRef"], at["ExifGPSLongitude"], at["ExifGPSLongitudeRef"]
	if lat == nil || latRef == nil || lon == nil || lonRef == nil {
		return
	}
	y, ok := degrees(lat, latRef, "N", "S")
	x, ok2 := degrees(lon, lonRef, "E", "W")
	where := geo.Point{Lat: y, Lon: x}
	if !ok || !ok2 || !where.Valid() {
		return
	}
	plain := true
	for _, e := range []*entry{lat, latRef, lon, lonRef} {
		e.Finding.Where = &where
		plain = plain && e.value.Len > 0
	}
	if !plain { // a coarse latitude is of no use without its longitude: all four go
		return
	}
	lat.coarse = func(to geo.Point) []byte { return sexagesimal(to.Lat) }
	lon.coarse = func(to geo.Point) []byte { return sexagesimal(to.Lon) }
	latRef.coarse = func(to geo.Point) []byte { return hemisphere(to.Lat, "N", "S") }
	lonRef.coarse = func(to geo.Point) []byte { return hemisphere(to.Lon, "E", "W") }
}

// degrees reads an angle such as "41/1, 23/1, 15045/1000" and its reference.
func degrees(angle, ref *entry, plus, minus string) (float64, bool) {
	sign := map[string]float64{plus: 1, minus: -1}[ref.Finding.Value.Reveal()]
	var sum float64
	unit := 1.0
	parts := strings.Split(angle.Finding.Value.Reveal(), ",")
	for _, part := range parts {
		num, den, isRatio := strings.Cut(strings.TrimSpace(part), "/")
		v, err := strconv.ParseFloat(num, 64)
		if err == nil && isRatio {
			var d float64
			d, err = strconv.ParseFloat(den, 64)
			v /= d
		}
		if err != nil || !(v >= 0 && v <= 180) {
			return 0, false
		}
		sum += v * unit
		unit /= 60
	}
	return sign * sum, sign != 0 && len(parts) <= 3
}

// sexagesimal writes an angle so that it is read as the same cell again.
func sexagesimal(v float64) []byte {
	const scale = 10_000_000 // of a minute: 0.2 mm
	n := int64(math.Round(math.Abs(v) * 60 * scale))
	return fmt.Appendf(nil, "%d/1, %d/%d, 0/1", n/(60*scale), n%(60*scale), scale)
}

func hemisphere(v float64, plus, minus string) []byte {
	if v < 0 {
		return []byte(minus)
	}
	return []byte(plus)
}
