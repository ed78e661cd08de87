// Package export writes flights in open formats: GPX 1.1, KML 2.3, GeoJSON
// (RFC 7946), CSV (RFC 4180) and JSON lines. Encoders stream: their memory does
// not grow with the flight.
package export

import (
	"io"
	"iter"
	"math"
	"strconv"
	"strings"
	"time"

	"flightveil/logfmt"
)

// Records is a log as often as it is needed: each call reads it from its start.
// What must not leave was taken out before.
type Records func() iter.Seq2[logfmt.Record, error]

// A Format is one output format.
type Format struct {
	ID        string // "gpx"
	Extension string // ".gpx"
	About     string // one line for help texts
	Encode    Encoder
	// NeedsPositions says that a fix without a position cannot be written.
	NeedsPositions bool
}

// An Encoder writes records to w. An error of the records is returned after
// what came before it was written in full.
type Encoder func(w io.Writer, records Records) error

// Formats lists the output formats. Adding one adds one line here.
func Formats() []Format {
	return []Format{
		{"gpx", ".gpx", "GPX 1.1 track", encodeGPX, true},
		{"kml", ".kml", "KML for Google Earth", encodeKML, true},
		{"geojson", ".geojson", "GeoJSON line with times", encodeGeoJSON, true},
		{"csv", ".csv", "one row per position", encodeCSV, false},
		{"json", ".jsonl", "JSON lines, everything the log holds", encodeJSON, false},
	}
}

// ByID returns the format called id.
func ByID(id string) (Format, bool) {
	for _, f := range Formats() {
		if f.ID == id {
			return f, true
		}
	}
	return Format{}, false
}

// ByExtension returns the format of files that end in ext, with its dot.
func ByExtension(ext string) (Format, bool) {
	ext = strings.ToLower(ext)
	for _, f := range Formats() {
		if f.Extension == ext || ext == "."+f.ID {
			return f, true
		}
	}
	return Format{}, false
}

// buffer collects output and remembers the first error of the writer.
type buffer struct {
	w   io.Writer
	b   []byte
	err error
}

func newBuffer(w io.Writer) *buffer { return &buffer{w: w, b: make([]byte, 0, 80<<10)} }

func (b *buffer) text(parts ...string) {
	for _, p := range parts {
		b.b = append(b.b, p...)
	}
	if len(b.b) >= 64<<10 {
		b.flush()
	}
}

func (b *buffer) flush() error {
	if b.err == nil && len(b.b) > 0 {
		_, b.err = b.w.Write(b.b)
	}
	b.b = b.b[:0]
	return b.err
}

// degrees appends v with nine decimals (0.1 mm) and no trailing zeros.
func (b *buffer) degrees(v float64) { b.b = appendTrimmed(b.b, v, 9) }

// number appends v with three decimals and no trailing zeros.
func (b *buffer) number(v float64) { b.b = appendTrimmed(b.b, v, 3) }

// utc appends a time as RFC 3339 with milliseconds where there are any.
func (b *buffer) utc(t time.Time) { b.b = appendTime(b.b, t) }

func appendTrimmed(b []byte, v float64, decimals int) []byte {
	from := len(b)
	b = strconv.AppendFloat(b, v, 'f', decimals, 64)
	for b[len(b)-1] == '0' {
		b = b[:len(b)-1]
	}
	if b[len(b)-1] == '.' {
		b = b[:len(b)-1]
	}
	if string(b[from:]) == "-0" {
		b = append(b[:from], '0')
	}
	return b
}

func appendTime(b []byte, t time.Time) []byte {
	t = t.UTC()
	if t.Nanosecond() < 1_000_000 {
		return t.AppendFormat(b, "2006-01-02T15:04:05Z")
	}
	return t.AppendFormat(b, "2006-01-02T15:04:05.000Z")
}

func known(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
