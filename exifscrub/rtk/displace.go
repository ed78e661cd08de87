package rtk

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"strconv"
	"time"

	"flightveil/exifscrub"
	"flightveil/internal/block/lines"
	"flightveil/internal/block/tally"
	"flightveil/internal/privacy"
)

// Displaces says that the marks of exposures can be moved in place. The other
// files are refused: what a receiver measured of satellites belongs to one place
// and one moment.
func (Format) Displaces() {}

// errNoRoom is why marks are refused that should move.
var errNoRoom = fmt.Errorf("a mark of an exposure has no room for its displaced position or time: %w", exifscrub.ErrRefused)

// GPS time counts weeks from 6 January 1980 and is ahead of UTC by the leap
// seconds since (IS-GPS-200, 20.3.3.5.2.4), which are 18 since 2017; drones
// with such receivers are not older.
var (
	gpsEpoch = time.Date(1980, 1, 6, 0, 0, 0, 0, time.UTC)
	gpsAhead = 18 * time.Second
)

const week = 7 * 24 * time.Hour

// moveMarks moves positions and times of marks; what else the verdicts do not
// keep is blanked.
func (w *writer) moveMarks(ctx context.Context, v tally.Verdicts, mv exifscrub.Mover) error {
	return eachLine(ctx, w.in, func(r *lines.Reader, l lines.Line) error {
		vs := lineMarks(r, l)
		clock, number := moveClock(vs, mv)
		for _, x := range vs {
			var b []byte
			switch v.Of(x.class, x.path, x.where != nil).Action {
			case privacy.Keep:
				continue
			case privacy.Displace:
				switch {
				case x.where != nil:
					b = moveAxis(x, mv)
				case x.path == "marks/GPSTime":
					b = clock
				case x.path == "marks/GPSWeek":
					b = number
				}
				if b == nil && x.class != privacy.Altitude {
					return errNoRoom
				}
			}
			if b == nil {
				b = bytes.Repeat([]byte{' '}, int(min(x.span.Len, most)))
			}
			if int64(len(b))*w.width(r) != x.span.Len {
				return errNoRoom
			}
			if err := w.put(exifscrub.Edit{Off: x.span.Off, Len: x.span.Len, With: r.Encode(string(b))}); err != nil {
				return err
			}
		}
		return nil
	})
}

// width is how many bytes a character takes.
func (w *writer) width(r *lines.Reader) int64 { return r.Raw([]byte{' '}) }

// moveAxis returns a coordinate with its unit where it is moved to.
func moveAxis(x value, mv exifscrub.Mover) []byte {
	to, ok := mv.Place(*x.where, false)
	if !ok {
		return nil
	}
	v := to.Lat
	if x.path == "marks/Lon" {
		v = to.Lon
	}
	old, unit, _ := bytes.Cut(x.text, []byte{','})
	s := wide(v, len(old))
	if got, err := strconv.ParseFloat(s, 64); err != nil || math.Abs(got-v)*111_320 > exifscrub.DisplacedMetres {
		mv.Miss()
		return nil
	}
	return append([]byte(s+","), unit...)
}

// wide writes v with exactly n characters, "" if that cannot be.
func wide(v float64, n int) string {
	for decimals := min(n, 12); decimals >= 0; decimals-- {
		if s := strconv.FormatFloat(v, 'f', decimals, 64); len(s) == n {
			return s
		}
	}
	return ""
}

// moveClock returns the seconds and the number of the week of a line where they
// are moved to, nil if they cannot be.
func moveClock(vs []value, mv exifscrub.Mover) (seconds, number []byte) {
	var sow, weeks float64
	var sowText, weekText []byte
	for _, x := range vs {
		switch x.path {
		case "marks/GPSTime":
			sow, _ = lines.Number(x.text, '.')
			sowText = x.text
		case "marks/GPSWeek":
			weekText = x.text
			weeks, _ = lines.Number(bytes.Trim(x.text, "[]"), '.')
		}
	}
	if sowText == nil || weekText == nil || !(sow >= 0 && sow < 604_801) || !(weeks >= 0 && weeks < 10_000) {
		return nil, nil
	}
	t, ok := mv.UTC(gpsEpoch.Add(time.Duration(weeks)*week + time.Duration(sow*float64(time.Second)) - gpsAhead))
	if !ok {
		return nil, nil
	}
	since := t.Add(gpsAhead).Sub(gpsEpoch)
	rest := (since % week).Seconds()
	seconds = []byte(fmt.Sprintf("%0*s", len(sowText), wide(rest, len(sowText)))) // as many decimals as there is room for
	number = []byte(fmt.Sprintf("[%0*d]", len(weekText)-2, since/week))
	if got, err := strconv.ParseFloat(string(seconds), 64); err != nil || math.Abs(got-rest) > 1e-3 || len(number) != len(weekText) {
		return nil, nil
	}
	return seconds, number
}
