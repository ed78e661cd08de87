package rtk

import (
	"bytes"
	"context"
	"fmt"
	"unicode"

	"flightveil/exifscrub"
	"flightveil/internal/block/lines"
	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// isMark reports whether line is a mark of an exposure: number, seconds of the
// week, [week], offsets of the antenna, position, deviations, quality.
func isMark(line []byte) bool {
	found := map[string]bool{}
	k := 0
	for b := range bytes.SplitSeq(line, []byte{'\t'}) {
		if v, _, ok := mark(bytes.TrimSpace(b), k); ok {
			found[v.path] = true
		}
		k++
	}
	return found["marks/GPSTime"] && found["marks/GPSWeek"] && found["marks/Lat"] && found["marks/Lon"]
}

const checkEvery = 4096 // lines after which the context is asked

// eachLine calls do for every line; too long ones as a whole.
func eachLine(ctx context.Context, in exifscrub.Input, do func(r *lines.Reader, l lines.Line) error) error {
	r := lines.New(in)
	for n := 0; ; n++ {
		if n%checkEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		l, ok := r.Next()
		if !ok {
			break
		}
		if l.Long {
			return fmt.Errorf("a line at %d that no positioning file has: %w", l.Off, input.ErrUnsupported)
		}
		if err := do(r, l); err != nil {
			return err
		}
	}
	if err := r.Err(); err != nil {
		return fmt.Errorf("reading a positioning file: %w", err)
	}
	return nil
}

func readMarks(ctx context.Context, in exifscrub.Input, do func(value) error) error {
	return eachLine(ctx, in, func(r *lines.Reader, l lines.Line) error {
		for _, v := range lineMarks(r, l) {
			if err := do(v); err != nil {
				return err
			}
		}
		return nil
	})
}

// lineMarks returns what one line says.
func lineMarks(r *lines.Reader, l lines.Line) []value {
	var vs []value
	var at geo.Point
	lat, lon := -1, -1
	from := 0
	for k := 0; from <= len(l.Text); k++ {
		to := len(l.Text)
		if i := bytes.IndexByte(l.Text[from:], '\t'); i >= 0 {
			to = from + i
		}
		if v, num, ok := mark(bytes.TrimSpace(l.Text[from:to]), k); ok {
			start := from + len(l.Text[from:to]) - len(bytes.TrimLeftFunc(l.Text[from:to], unicode.IsSpace))
			v.span = r.Span(l, start, start+len(v.text))
			switch v.path {
			case "marks/Lat":
				lat, at.Lat = len(vs), num
			case "marks/Lon":
				lon, at.Lon = len(vs), num
			}
			vs = append(vs, v)
		}
		from = to + 1
	}
	if lat >= 0 && lon >= 0 && at.Valid() && !at.Zero() {
		vs[lat].where, vs[lon].where = &at, &at
	}
	return vs
}

// mark reads column k of a line. ok is false if it says nothing.
func mark(b []byte, k int) (v value, num float64, ok bool) {
	v.text = b
	number, unit, hasUnit := bytes.Cut(b, []byte{','})
	num, n := lines.Number(bytes.TrimSpace(number), '.')
	plain := n > 0 && n == len(bytes.TrimSpace(number))
	switch {
	case len(b) == 0:
		return v, 0, false
	case k == 0 && plain && !hasUnit && len(b) <= 9:
		return v, 0, false // the number of the mark
	case k == 1 && plain && !hasUnit:
		v.class, v.path = privacy.Time, "marks/GPSTime"
	case k == 2 && len(b) > 2 && b[0] == '[' && b[len(b)-1] == ']' && len(b) <= 8 && len(bytes.Trim(b, "[]0123456789")) == 0:
		v.class, v.path = privacy.Time, "marks/GPSWeek"
	case plain && hasUnit && string(unit) == "Lat":
		v.class, v.path = privacy.Location, "marks/Lat"
	case plain && hasUnit && string(unit) == "Lon":
		v.class, v.path = privacy.Location, "marks/Lon"
	case plain && hasUnit && (string(unit) == "Ellh" || string(unit) == "Msl"):
		v.class, v.path = privacy.Altitude, "marks/Ellh"
	case plain && hasUnit && (string(unit) == "N" || string(unit) == "E" || string(unit) == "V"):
		v.class, v.path = privacy.Attitude, "marks/antenna offset"
	case plain && hasUnit && string(unit) == "Q":
		v.class, v.path = privacy.Attitude, "marks/quality"
	case plain && len(b) <= 48 && len(bytes.Trim(b, "0123456789.-, ")) == 0:
		v.class, v.path = privacy.Attitude, "marks/deviation"
	default:
		v.class, v.path = privacy.Unknown, "marks/text"
	}
	return v, num, true
}
