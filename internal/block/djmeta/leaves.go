package djmeta

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"

	"google.golang.org/protobuf/encoding/protowire"
)

// A Leaf is one value of a sample.
type Leaf struct {
	Name  string // as in "GPSLatitude"; for values nobody named their path: "3-2-5-1"
	Class privacy.Class
	Span  input.Span // where the value lies in the sample
	Value privacy.Secret
	Where *geo.Point // the whole position, of both its coordinates
	typ   protowire.Type
}

// Blank returns what to write over l so that the sample stays a valid one and
// says nothing there: the value 0 in as many bytes.
func (l Leaf) Blank() []byte {
	b := make([]byte, l.Span.Len)
	if l.typ == protowire.VarintType {
		for i := range len(b) - 1 {
			b[i] = 0x80
		}
	}
	return b
}

// Leaves yields every value of a sample of djmd or dbgi, except those that are
// 0 or blank. An error is the last pair: the sample is not whole, or has more
// than the limits allow.
func (t *Track) Leaves(b []byte, lim input.Limits) iter.Seq2[Leaf, error] {
	return func(yield func(Leaf, error) bool) {
		w := walker{t: t, lim: lim.Defaults(), yield: yield}
		if err := each(b, func(field) bool { return true }); err != nil {
			yield(Leaf{}, err)
			return
		}
		t.learn(sub(b, fieldClip))
		if err := w.fields(b, 0, nil); err != nil && err != errStop {
			yield(Leaf{}, err)
		}
	}
}

type walker struct {
	t     *Track
	lim   input.Limits
	items int
	yield func(Leaf, error) bool
}

// errStop says that nobody wants more.
var errStop = errors.New("stopped")

// fields yields the values in message b, which lies at off and has the path.
func (w *walker) fields(b []byte, off int64, path []protowire.Number) error {
	if len(path) > w.lim.Depth {
		return fmt.Errorf("messages nested %d deep: %w", len(path), input.ErrLimit)
	}
	var where *geo.Point
	position := isPosition(b)
	if position {
		if p, noUnit := w.t.point(b); !noUnit {
			if where = (&p); !p.Valid() {
				where = nil
			}
		}
	}
	var failed error
	err := each(b, func(x field) bool {
		if w.items++; w.items > w.lim.Items {
			failed = fmt.Errorf("more than %d values: %w", w.lim.Items, input.ErrLimit)
			return false
		}
		at := off + int64(x.off)
		here := append(path[:len(path):len(path)], x.num)
		name, known := w.name(here, x, position)
		if x.typ == protowire.BytesType && !known && !isText(x.body) && message(x.body) {
			failed = w.fields(x.body, at, here)
			return failed == nil
		}
		if x.n == 0 && x.typ != protowire.BytesType || len(bytes.Trim(x.body, "\x00 ")) == 0 {
			return true
		}
		l := Leaf{Name: name.name, Class: name.class, Span: input.Span{Off: at, Len: int64(len(x.body))}, typ: x.typ, Value: privacy.Secret(value(x))}
		if l.Class == privacy.Location {
			l.Where = where
			if where != nil {
				v := where.Lat
				if x.num == positionLon {
					v = where.Lon
				}
				l.Value = privacy.Secret(strconv.FormatFloat(v, 'f', -1, 64))
			}
		}
		if !w.yield(l, nil) {
			failed = errStop
		}
		return failed == nil
	})
	if failed != nil {
		return failed
	}
	return err
}

// name returns the name and class of field x at path, perhaps in a position, and
// whether it is a value for sure.
func (w *walker) name(path []protowire.Number, x field, position bool) (tag, bool) {
	p := dotted(path)
	if n, ok := w.t.layout.names[p]; ok {
		return n, true
	}
	if n, ok := shared[p]; ok && (x.typ != protowire.BytesType || isText(x.body)) {
		return n, true
	}
	if position {
		switch x.num {
		case positionUnit:
			return tag{"CoordinateUnits", privacy.Technical}, true
		case positionLat:
			return tag{"GPSLatitude", privacy.Location}, true
		case positionLon:
			return tag{"GPSLongitude", privacy.Location}, true
		}
	}
	if n, ok := w.ofDevice(path, x); ok {
		return n, true
	}
	if x.typ == protowire.BytesType && isText(x.body) {
		switch s := string(bytes.TrimRight(x.body, "\x00")); {
		case strings.HasSuffix(s, ".proto"):
			return tag{"Protocol", privacy.Device}, true
		case serialLike(s):
			return tag{"SerialNumber " + p, privacy.Identity}, true
		case !parseClock(x.body).IsZero():
			return tag{"DateTime " + p, privacy.Time}, true
		}
	}
	return tag{p, privacy.Unknown}, false
}

// ofDevice names the values of the device that knows the position.
func (w *walker) ofDevice(path []protowire.Number, x field) (tag, bool) {
	l := w.t.layout
	if len(path) < 4 || path[0] != fieldFrame || x.typ == protowire.BytesType && len(path) < 5 {
		return tag{}, false
	}
	switch {
	case path[1] == l.device && path[2] == l.gps && len(path) == 5 && path[3] == gpsTime:
		return tag{"GPSDateTime", privacy.Time}, true
	case path[1] == l.device && path[2] == l.gps && len(path) == 4:
		t, ok := inGPS[path[3]]
		return t, ok
	case len(path) != 4 || path[3] > 3:
		return tag{}, false
	case l.drone && path[1] == l.device && path[2] == deviceAttitude:
		return tag{"Drone" + angles[path[3]], privacy.Attitude}, true
	case l.drone && path[1] == l.device && path[2] == deviceVelocity:
		return tag{"DroneSpeed" + directions[path[3]], privacy.Attitude}, true
	case l.drone && path[1] == l.device && path[2] == deviceRelative && path[3] == 1:
		return tag{"RelativeAltitude", privacy.Altitude}, true
	case l.gimbal > 0 && path[1] == l.gimbal && path[2] == deviceAttitude:
		return tag{"Gimbal" + angles[path[3]], privacy.Attitude}, true
	}
	return tag{}, false
}

// maxShown is how many bytes of a value nobody named are told.
const maxShown = 64

// value returns x as text.
func value(x field) string {
	switch x.typ {
	case protowire.VarintType:
		if x.n > math.MaxInt64 {
			return strconv.FormatInt(int64(x.n), 10)
		}
		return strconv.FormatUint(x.n, 10)
	case protowire.Fixed32Type:
		return strconv.FormatFloat(float64(math.Float32frombits(uint32(x.n))), 'g', -1, 32)
	case protowire.Fixed64Type:
		return strconv.FormatFloat(math.Float64frombits(x.n), 'g', -1, 64)
	}
	if printable(x.body) {
		return string(bytes.TrimRight(x.body, "\x00"))
	}
	if num, n := protowire.ConsumeVarint(x.body); n > 0 { // a fraction: two numbers
		if den, m := protowire.ConsumeVarint(x.body[n:]); m > 0 && n+m == len(x.body) && den > 0 {
			return fmt.Sprintf("%d/%d", num, den)
		}
	}
	return hex.EncodeToString(x.body[:min(len(x.body), maxShown)])
}

func dotted(path []protowire.Number) string {
	var out []byte
	for i, n := range path {
		if i > 0 {
			out = append(out, '-')
		}
		out = strconv.AppendInt(out, int64(n), 10)
	}
	return string(out)
}

// isText reports whether b is text rather than a message. Messages can look like
// text that zeros fill up: when what was in them has been blanked.
func isText(b []byte) bool {
	return printable(b) && (b[len(b)-1] != 0 || !message(b))
}

// printable reports whether b is text; zeros may fill its end.
func printable(b []byte) bool {
	b = bytes.TrimRight(b, "\x00")
	return len(b) > 0 && utf8.Valid(b) && !bytes.ContainsFunc(b, func(r rune) bool { return !unicode.IsPrint(r) })
}

// serialLike reports whether s looks like one of DJI's serial numbers: 12 to 24
// capital letters and digits, with some of each.
func serialLike(s string) bool {
	digits, letters := 0, 0
	for _, c := range s {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c >= 'A' && c <= 'Z':
			letters++
		default:
			return false
		}
	}
	return len(s) >= 12 && len(s) <= 24 && digits >= 3 && letters >= 2
}
