// Package parrot decodes the flight logs of Parrot's drones: .pud files as the
// drone and FreeFlight hold them, and the JSON documents that Parrot's cloud and
// FreeFlight 6 give out.
//
// There is no specification; what is known comes from public readers
// (GroundSDK's converter from one to the other, matthewlloyd/bebop). Both are
// JSON with names of columns; the rows are JSON too, or follow a zero byte, as
// little-endian structures. Proven on generated files only.
package parrot

import (
	"bytes"
	"context"
	"errors"
	"iter"

	"flightveil/internal/block/jsonstream"
	"flightveil/internal/block/utf16text"
	"flightveil/internal/input"
	"flightveil/logfmt"
	"flightveil/logfmt/internal/jsonlog"
	"flightveil/logfmt/internal/utf16log"
)

// Format is Parrot's flight log.
type Format struct{}

// ID returns "parrot".
func (Format) ID() string { return "parrot" }

// Detect looks for the names of the columns.
func (Format) Detect(p input.Probe) input.Match {
	b := bytes.TrimLeft(bytes.TrimPrefix(utf16text.Prefix(p.Prefix), []byte("\xEF\xBB\xBF")), " \t\r\n")
	switch {
	case len(b) == 0 || b[0] != '{' || !bytes.Contains(b, []byte(`"details_headers"`)):
		return input.No
	case bytes.Contains(b, []byte(`"product_gps_`)) || bytes.Contains(b, []byte(`"controller_gps_`)) || bytes.Contains(b, []byte(`"product_id"`)):
		return input.Certain
	}
	return input.Likely
}

// maxHeader is the most of a .pud file that is searched for the end of its JSON.
const maxHeader = 64 << 10

// Decode reads the log twice: what names the flight may be at its end.
func (Format) Decode(ctx context.Context, in logfmt.Input, _ logfmt.Limits) iter.Seq2[logfmt.Record, error] {
	return utf16log.Decode(ctx, in, func(in logfmt.Input) iter.Seq2[logfmt.Record, error] { return decode(ctx, in) })
}

func decode(ctx context.Context, in logfmt.Input) iter.Seq2[logfmt.Record, error] {
	return func(yield func(logfmt.Record, error) bool) {
		l := &log{in: in, text: in, yield: yield}
		head, err := input.ReadRange(in, 0, min(maxHeader, in.Size()), maxHeader)
		if err != nil {
			yield(nil, err)
			return
		}
		if i := bytes.IndexByte(head, 0); i >= 0 {
			l.text, l.rows = input.Section(in, 0, int64(i)), int64(i)+1
		}
		if err := l.decode(ctx); err != nil && !l.stopped {
			yield(nil, err)
		}
	}
}

// A log is one that is being read.
type log struct {
	in      input.Input
	text    input.Input // the JSON
	rows    int64       // where binary rows begin, 0 if the rows are JSON too
	yield   func(logfmt.Record, error) bool
	stopped bool

	about   about
	columns []column
	named   bool   // the columns are all known
	current column // that is being described
	decoder decoder
}

// put yields r and reports whether more is wanted.
func (l *log) put(r logfmt.Record) bool {
	l.stopped = l.stopped || !l.yield(r, nil)
	return !l.stopped
}

func (l *log) decode(ctx context.Context) error {
	survey := survey{whole: true}
	names := []string{"details_headers", "details_data", "version", "date", "product_id", "serial_number", "gps_latitude"}
	quiet := func(logfmt.Damage) bool { return true }
	first := jsonlog.Reader{Rows: "details_data", Names: names, Value: l.value, End: l.end, Damage: quiet,
		Row: func(row []float64, _ input.Span) bool { survey.look(l.columns, row); return true }}
	if err := first.Read(ctx, l.text); err != nil {
		return err
	}
	if !l.named || len(l.columns) == 0 {
		return jsonlog.ErrColumns
	}
	if l.rows == 0 && survey.rows == 0 { // the names may come behind the rows
		again := first
		again.Value, again.End = ignoreValue, ignoreEnd
		if err := again.Read(ctx, l.text); err != nil {
			return err
		}
	}
	if l.rows > 0 {
		if err := l.packets(ctx, func(row []float64, _ int64) bool { survey.look(l.columns, row); return true }, quiet); err != nil {
			return err
		}
	}
	if l.decoder = newDecoder(l, survey); !l.put(l.about.start()) || !l.about.tell(l.put) {
		return nil
	}
	if l.rows > 0 {
		// The first reading of the JSON has told nothing of its damage.
		check := jsonlog.Reader{Rows: "details_data", Names: names, Damage: func(d logfmt.Damage) bool { return l.put(d) }, End: ignoreEnd,
			Value: ignoreValue, Row: func([]float64, input.Span) bool { return true }}
		if err := check.Read(ctx, l.text); err != nil || l.stopped {
			return err
		}
		return l.packets(ctx, func(row []float64, _ int64) bool { return l.decoder.row(row) }, func(d logfmt.Damage) bool { return l.put(d) })
	}
	second := jsonlog.Reader{Rows: "details_data", Names: names, Damage: func(d logfmt.Damage) bool { return l.put(d) }, End: ignoreEnd,
		Value: ignoreValue,
		Row: func(row []float64, at input.Span) bool {
			if len(row) != len(l.columns) {
				return l.put(logfmt.Damage{Off: at.Off, Len: at.Len, Reason: "a row of another length"})
			}
			return l.decoder.row(row)
		}}
	return second.Read(ctx, l.text)
}

func ignoreValue([]string, jsonstream.Token) bool { return true }
func ignoreEnd([]string, jsonstream.Kind) bool    { return true }

// errColumn says that a column cannot be read.
var errColumn = errors.New("a column whose type is not known")
