package igc

import (
	"bytes"
	"math"
	"time"

	"flightveil/internal/block/textlines"
	"flightveil/internal/block/tracktext"
	"flightveil/logfmt"
)

var nan = math.NaN()

type decoder struct {
	yield       func(logfmt.Record, error) bool
	stopped     bool
	identifiers int // how many more are told

	fixes int
	day   time.Time // of the last date header; zero if there was none
	today time.Time // of the last fix; zero if not known
	days  int       // how often midnight passed since
	last  int       // seconds of the last fix, -1 before the first
	base  int       // seconds of the first fix
	geoid bool      // GNSS altitudes count from the geoid
	ext   []extension
	still standstill
}

// A standstill is a run of fixes with the same time. The format counts time in
// seconds, and in parts of them with the extension TDS. Of several positions at
// one instant at most one is a fix: the first. The others are told apart.
type standstill struct {
	at        time.Duration // of day
	n         int           // fixes behind the first
	from, end int64         // where those are
}

// fastest is how many fixes a second recorders write that leave out the parts:
// more mean that the clock has stopped.
const fastest = 20

// moved ends the run.
func (d *decoder) moved() {
	if s := d.still; s.n >= fastest {
		d.put(logfmt.Damage{Off: s.from, Len: s.end - s.from, Reason: "fixes while the clock stood still"})
	}
	d.still = standstill{at: -1}
}

// An extension is a part of every B record behind the fixed ones.
type extension struct {
	from, to int // indices in the line
	code     [3]byte
}

// reset begins a file.
func (d *decoder) reset() {
	d.fixes, d.day, d.today, d.days, d.last, d.base, d.geoid, d.ext = 0, time.Time{}, time.Time{}, 0, -1, -1, false, nil
	d.still = standstill{at: -1}
}

// fixed is the length of a B record without extensions.
const fixed = 35

// extensions takes an I record: "I" count, then first byte, last byte and code
// of each. Bytes count from 1.
func (d *decoder) extensions(b []byte) {
	d.ext = d.ext[:0]
	for b = b[min(3, len(b)):]; len(b) >= 7; b = b[7:] {
		from, to := digits(b[:2]), digits(b[2:4])
		if from <= fixed || to < from {
			continue
		}
		d.ext = append(d.ext, extension{from - 1, to, [3]byte(b[4:7])})
		if len(d.ext) == 99 {
			return
		}
	}
}

// A report is the fixed part of a B record.
type report struct {
	seconds        int // of the day
	point          logfmt.Point
	valid          bool // three-dimensional
	pressure, gnss float64
}

// parseB takes "BHHMMSSDDMMmmmNDDDMMmmmEVPPPPPGGGGG".
func parseB(b []byte) (r report, ok bool) {
	if len(b) < fixed || b[0] != 'B' || b[24] != 'A' && b[24] != 'V' {
		return r, false
	}
	h, m, s := digits(b[1:3]), digits(b[3:5]), digits(b[5:7])
	if h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 60 {
		return r, false
	}
	r.seconds, r.valid = h*3600+m*60+s, b[24] == 'A'
	if r.point, ok = position(b[7:24]); !ok {
		return r, false
	}
	r.pressure, r.gnss = altitude(b[25:30]), altitude(b[30:35])
	return r, true
}

// position takes "DDMMmmmNDDDMMmmmE".
func position(b []byte) (p logfmt.Point, ok bool) {
	lat, latMin, lon, lonMin := digits(b[:2]), digits(b[2:7]), digits(b[8:11]), digits(b[11:16])
	if lat < 0 || lon < 0 || latMin < 0 || lonMin < 0 || latMin >= 60_000 || lonMin >= 60_000 {
		return p, false
	}
	p = logfmt.Point{Lat: float64(lat) + float64(latMin)/60_000, Lon: float64(lon) + float64(lonMin)/60_000}
	switch b[7] {
	case 'N':
	case 'S':
		p.Lat = -p.Lat
	default:
		return p, false
	}
	switch b[16] {
	case 'E':
	case 'W':
		p.Lon = -p.Lon
	default:
		return p, false
	}
	return p, true
}

// altitude takes five characters, negative ones as "-0012".
func altitude(b []byte) float64 {
	neg := b[0] == '-'
	if neg {
		b = b[1:]
	}
	n := digits(b)
	switch {
	case n < 0:
		return nan
	case neg:
		return -float64(n)
	}
	return float64(n)
}

func (d *decoder) fix(l textlines.Line) {
	b := l.Text
	r, ok := parseB(b)
	if ok && !l.Ended { // the end of a line that was cut is missed only by the extensions
		for _, e := range d.ext {
			ok = ok && len(b) >= e.to
		}
	}
	if !ok {
		d.put(logfmt.Damage{Off: l.Off, Len: int64(len(b)), Reason: "a malformed fix"})
		return
	}
	if !logfmt.Usable(r.point) { // no position: its time could be as empty
		return
	}
	f := logfmt.NoFix()
	f.Point = r.point
	// A clock that falls back by hours has passed midnight; a few seconds are
	// records out of order.
	if d.last >= 0 && d.last-r.seconds > 12*3600 {
		d.days++
		if !d.day.IsZero() {
			d.today = d.day.AddDate(0, 0, d.days)
		}
	}
	d.last = r.seconds
	if !d.today.IsZero() {
		f.Time = d.today.Add(time.Duration(r.seconds) * time.Second)
	}
	if d.fixes == 0 {
		d.base = r.seconds
	}
	d.fixes++
	if s := d.days*86400 + r.seconds - d.base; s >= 0 {
		f.Elapsed = time.Duration(s) * time.Second
	}
	f.AltUnclear = r.pressure // above the 1013.25 hPa level
	if r.valid || r.gnss != 0 {
		if d.geoid {
			f.AltMSL = r.gnss
		} else { // A2.4: the WGS-84 ellipsoid
			f.AltEllipsoid = r.gnss
		}
	}
	at := time.Duration(r.seconds) * time.Second
	for _, e := range d.ext {
		if e.to <= len(b) {
			extend(&f, e.code, b[e.from:e.to])
			if string(e.code[:]) == "TDS" {
				at += fraction(b[e.from:e.to])
			}
		}
	}
	switch {
	case !logfmt.Usable(f.Point):
	case at == d.still.at:
		if d.still.n++; d.still.n == 1 {
			d.still.from = l.Off
		}
		d.still.end = l.Off + int64(len(b))
		d.put(logfmt.Spot{Role: logfmt.Candidate, Time: f.Time, Point: f.Point, Alt: f.AltMSL, Datum: datum(f.AltMSL)})
	default:
		d.moved()
		d.still.at = at
		d.put(f)
	}
}

func datum(msl float64) string {
	if math.IsNaN(msl) {
		return ""
	}
	return "MSL"
}

// fraction reads digits behind a decimal point as a part of a second.
func fraction(b []byte) time.Duration {
	n := digits(b)
	if n < 0 {
		return 0
	}
	return time.Duration(float64(n) / math.Pow10(len(b)) * float64(time.Second))
}

// extend takes one extension of a fix.
func extend(f *logfmt.Fix, code [3]byte, b []byte) {
	n := digits(b)
	if n < 0 {
		return
	}
	part := float64(n) / math.Pow10(len(b)) // digits behind a decimal point
	switch string(code[:]) {
	case "LAD": // of thousandths of a minute
		f.Lat += math.Copysign(part/60_000, f.Lat)
	case "LOD":
		f.Lon += math.Copysign(part/60_000, f.Lon)
	case "TDS":
		if !f.Time.IsZero() {
			f.Time = f.Time.Add(fraction(b))
		}
		if f.Elapsed >= 0 {
			f.Elapsed += fraction(b)
		}
	case "SIU":
		f.Sats = min(n, 999)
	case "GSP": // km/h
		if len(b) == 3 {
			f.Speed = float64(n) / 3.6
		}
	case "TRT":
		if len(b) == 3 && n <= 360 {
			f.Course = float64(n)
		}
	case "HDT":
		if len(b) == 3 && n <= 360 {
			f.Yaw = float64(n)
		}
	}
}

// dateOf returns the day of "HFDTE030416" or "HFDTEDATE:030416,01". Years of
// two digits are from 1980 to 2079.
func dateOf(b []byte) (time.Time, bool) {
	if len(b) < 11 || b[0] != 'H' || !bytes.Equal(b[2:5], []byte("DTE")) {
		return time.Time{}, false
	}
	b = bytes.TrimLeft(bytes.TrimPrefix(b[5:], []byte("DATE")), ": ")
	if len(b) < 6 {
		return time.Time{}, false
	}
	day, month, year := digits(b[:2]), digits(b[2:4]), digits(b[4:6])
	if year < 0 {
		return time.Time{}, false
	}
	if year += 1900; year < 1980 {
		year += 100
	}
	return tracktext.Date(year, month, day, 0, 0, 0)
}
