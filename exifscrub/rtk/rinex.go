package rtk

import (
	"bytes"
	"context"
	"math"

	"flightveil/exifscrub"
	"flightveil/internal/block/lines"
	"flightveil/internal/geo"
	"flightveil/internal/privacy"
)

// label returns the label of a line of a RINEX header, columns 61 to 80.
func label(line []byte) string {
	if len(line) <= 60 {
		return ""
	}
	return string(bytes.TrimRight(line[60:min(len(line), 80)], " \r"))
}

// A part is a run of columns of a line of the header.
type part struct {
	from, to int
	class    privacy.Class
	name     string
}

// headers lists the lines of the header that tell who, with what and when.
var headers = map[string][]part{
	"MARKER NAME":          {{0, 60, privacy.Identity, "MARKER NAME"}},
	"MARKER NUMBER":        {{0, 60, privacy.Identity, "MARKER NUMBER"}},
	"MARKER TYPE":          {{0, 60, privacy.Description, "MARKER TYPE"}},
	"OBSERVER / AGENCY":    {{0, 60, privacy.Identity, "OBSERVER / AGENCY"}},
	"REC # / TYPE / VERS":  {{0, 20, privacy.Identity, "REC #"}, {20, 60, privacy.Device, "REC TYPE / VERS"}},
	"ANT # / TYPE":         {{0, 20, privacy.Identity, "ANT #"}, {20, 60, privacy.Device, "ANT TYPE"}},
	"PGM / RUN BY / DATE":  {{0, 20, privacy.Device, "PGM"}, {20, 40, privacy.Identity, "RUN BY"}, {40, 60, privacy.Time, "DATE"}},
	"CRINEX PROG / DATE":   {{0, 40, privacy.Device, "PGM"}, {40, 60, privacy.Time, "DATE"}},
	"COMMENT":              {{0, 60, privacy.Description, "COMMENT"}},
	"STATION INFORMATION":  {{0, 60, privacy.Identity, "STATION INFORMATION"}},
	"LICENSE OF USE":       {{0, 60, privacy.Copyright, "LICENSE OF USE"}},
	"DOI":                  {{0, 60, privacy.Copyright, "DOI"}},
	"TIME OF FIRST OBS":    {{0, 60, privacy.Time, "TIME OF FIRST OBS"}},
	"TIME OF LAST OBS":     {{0, 60, privacy.Time, "TIME OF LAST OBS"}},
	"APPROX POSITION XYZ":  {{0, 60, privacy.Location, "APPROX POSITION XYZ"}},
	"RINEX VERSION / TYPE": nil, "CRINEX VERS   / TYPE": nil, "END OF HEADER": nil, "SYS / # / OBS TYPES": nil, "# / TYPES OF OBSERV": nil,
	"WAVELENGTH FACT L1/2": nil, "INTERVAL": nil, "LEAP SECONDS": nil, "SYS / PHASE SHIFT": nil, "SYS / PHASE SHIFTS": nil, "GLONASS SLOT / FRQ #": nil,
	"GLONASS COD/PHS/BIS": nil, "SIGNAL STRENGTH UNIT": nil, "RCV CLOCK OFFS APPL": nil, "SYS / SCALE FACTOR": nil, "# OF SATELLITES": nil,
	"PRN / # OF OBS": nil, "ION ALPHA": nil, "ION BETA": nil, "DELTA-UTC: A0,A1,T,W": nil, "DELTA UTC": nil, "IONOSPHERIC CORR": nil, "TIME SYSTEM CORR": nil,
	"CORR TO SYSTEM TIME": nil, "D-UTC A0,A1,T,W,S,U": nil, "ANTENNA: DELTA H/E/N": nil, "ANTENNA: DELTA X/Y/Z": nil, "MERGED FILE": nil,
}

func readRINEX(ctx context.Context, in exifscrub.Input, do func(value) error) error {
	body, first := false, true
	return eachLine(ctx, in, func(r *lines.Reader, l lines.Line) error {
		if len(bytes.TrimSpace(l.Text)) == 0 {
			return nil
		}
		name := label(l.Text)
		parts, known := headers[name]
		switch {
		case known: // also in the body, where a receiver was moved
			body = body || name == "END OF HEADER"
			err := readHeader(r, l, parts, known, do)
			return err
		case !body:
			return add(r, l, part{0, min(len(l.Text), 60), privacy.Unknown, "header"}, do)
		case !observations(l.Text):
			return add(r, l, part{0, len(l.Text), privacy.Unknown, "text"}, do)
		case first:
			first = false
			s := r.Span(l, 0, len(l.Text))
			return do(value{class: privacy.Location, path: "RINEX/observations", span: s})
		}
		return do(value{class: privacy.Location, path: "RINEX/observations"})
	})
}

func readHeader(r *lines.Reader, l lines.Line, parts []part, known bool, do func(value) error) error {
	if parts == nil && !terse(l.Text[:60]) {
		parts = []part{{0, 60, privacy.Unknown, "header"}}
	}
	for _, p := range parts {
		if err := add(r, l, p, do); err != nil {
			return err
		}
	}
	if len(l.Text) > 80 {
		return add(r, l, part{80, len(l.Text), privacy.Unknown, "header"}, do)
	}
	return nil
}

// add passes on part p of a line, unless it is blank.
func add(r *lines.Reader, l lines.Line, p part, do func(value) error) error {
	b := l.Text[p.from:min(p.to, len(l.Text))]
	text := bytes.TrimSpace(b)
	if len(text) == 0 {
		return nil
	}
	from := p.from + bytes.Index(b, text)
	v := value{class: p.class, path: "RINEX/" + p.name, text: text, span: r.Span(l, from, from+len(text))}
	if p.class == privacy.Location {
		v.where = ecef(text)
	}
	return do(v)
}

// ecef returns the position of a line of three coordinates in metres, nil if
// there is none near the Earth's surface.
func ecef(text []byte) *geo.Point {
	var xyz [3]float64
	f := bytes.Fields(text)
	if len(f) != 3 {
		return nil
	}
	for i := range xyz {
		v, n := lines.Number(f[i], '.')
		if n != len(f[i]) {
			return nil
		}
		xyz[i] = v
	}
	return surface(xyz)
}

// surface returns the latitude and longitude of an Earth-centred position.
func surface(p [3]float64) *geo.Point {
	const a, e2 = 6378137.0, 6.69437999014e-3 // WGS 84
	h := math.Hypot(p[0], p[1])
	if r := math.Hypot(h, p[2]); r < 6.2e6 || r > 6.6e6 {
		return nil
	}
	lat := math.Atan2(p[2], h*(1-e2))
	for range 5 {
		n := a / math.Sqrt(1-e2*math.Sin(lat)*math.Sin(lat))
		lat = math.Atan2(p[2]+e2*n*math.Sin(lat), h)
	}
	at := geo.Point{Lat: lat * 180 / math.Pi, Lon: math.Atan2(p[1], p[0]) * 180 / math.Pi}
	return &at
}

// longWords are the words of technical lines of the header that are longer
// than codes.
var longWords = map[string]bool{
	"OBSERVATION": true, "DATA": true, "NAVIGATION": true, "MIXED": true, "GLONASS": true, "GALILEO": true, "BEIDOU": true, "COMPACT": true, "FORMAT": true,
	"RINEX": true, "(MIXED)": true, "(GPS)": true, "M:": true, "Mixed": true, "GNSS": true, "NAV": true,
}

// terse reports whether a technical line holds only numbers and codes.
func terse(b []byte) bool {
	for _, w := range bytes.Fields(b) {
		if len(w) <= 4 || longWords[string(w)] || len(bytes.Trim(w, "0123456789.+-DEde:")) == 0 {
			continue
		}
		return false
	}
	return true
}

// bodyWords are those of the records of RINEX 4.
var bodyWords = map[string]bool{
	"EPH": true, "STO": true, "EOP": true, "ION": true, "LNAV": true, "CNAV": true, "CNV1": true, "CNV2": true, "CNV3": true, "INAV": true, "FNAV": true,
	"FDMA": true, "SBAS": true, "IFNV": true, "D1D2": true, "CNVX": true, "L1NV": true, "UTC": true, "GPST": true,
}

// observations reports whether a line of the body holds numbers and names of
// satellites only.
func observations(b []byte) bool {
	run := 0
	for i, c := range b {
		switch {
		case c >= '0' && c <= '9', c == ' ', c == '.', c == '+', c == '-', c == '&', c == '>', c == '\r', c == '\t':
			run = 0
		case c >= 'A' && c <= 'Z' || c == 'e' || c == 'd':
			if run++; run > 1 {
				j := i
				for j < len(b) && b[j] > ' ' {
					j++
				}
				k := i
				for k > 0 && b[k-1] > ' ' {
					k--
				}
				if !bodyWords[string(b[k:j])] {
					return false
				}
			}
		default:
			return false
		}
	}
	return true
}
