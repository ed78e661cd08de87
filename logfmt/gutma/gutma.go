// Package gutma decodes flight logs in the exchange format of the Global UTM
// Association, as senseFly, Parrot, Yuneec, FlytBase and AirMap write it.
//
// Specification: GUTMA Flight Logging Submission Protocol, version 1
// (github.com/gutma-org/flight-logging). Angles are not read: the writers
// disagree about their unit.
package gutma

import (
	"bytes"
	"context"
	"iter"

	"flightveil/internal/block/jsonstream"
	"flightveil/internal/block/utf16text"
	"flightveil/internal/input"
	"flightveil/logfmt"
	"flightveil/logfmt/internal/jsonlog"
	"flightveil/logfmt/internal/utf16log"
)

// Format is GUTMA's flight log.
type Format struct{}

// ID returns "gutma-json".
func (Format) ID() string { return "gutma-json" }

// Detect looks for the names of the outer objects.
func (Format) Detect(p input.Probe) input.Match {
	b := bytes.TrimLeft(bytes.TrimPrefix(utf16text.Prefix(p.Prefix), []byte("\xEF\xBB\xBF")), " \t\r\n")
	if len(b) == 0 || b[0] != '{' {
		return input.No
	}
	exchange := bytes.Contains(b, []byte(`"exchange"`))
	for _, name := range []string{`"flight_logging`, `"flight_data"`, `"GUTMA_`} {
		if bytes.Contains(b, []byte(name)) && exchange {
			return input.Certain
		}
	}
	if bytes.Contains(b, []byte(`"flight_logging_keys"`)) || bytes.Contains(b, []byte(`"flight_logging_items"`)) {
		return input.Likely
	}
	return input.No
}

// rowsName is the array of rows.
const rowsName = "flight_logging_items"

// worthFinding are the values that are looked for after damage.
var worthFinding = []string{rowsName, "flight_logging_keys", "logging_start_dtg", "altitude_system", "uom_system", "aircraft", "event", "events", "file", "flight_logging", "flight_data"}

// Decode reads the log twice: what the rows hold, and when they began, may be
// told behind them.
func (Format) Decode(ctx context.Context, in logfmt.Input, _ logfmt.Limits) iter.Seq2[logfmt.Record, error] {
	return utf16log.Decode(ctx, in, func(in logfmt.Input) iter.Seq2[logfmt.Record, error] { return decode(ctx, in) })
}

func decode(ctx context.Context, in logfmt.Input) iter.Seq2[logfmt.Record, error] {
	return func(yield func(logfmt.Record, error) bool) {
		l := &log{yield: yield}
		none := func([]float64, input.Span) bool { return true }
		first := jsonlog.Reader{Rows: rowsName, Names: worthFinding, Value: l.learn, End: l.learned, Row: none,
			Damage: func(logfmt.Damage) bool { return true }}
		err := first.Read(ctx, in)
		if err == nil && (!l.named || l.columns == nil) {
			err = jsonlog.ErrColumns
		}
		if err != nil {
			yield(nil, err)
			return
		}
		if !l.put(logfmt.Start{Variant: l.model}) {
			return
		}
		second := jsonlog.Reader{Rows: rowsName, Names: worthFinding, Value: l.value, End: l.end, Row: l.row, Damage: func(d logfmt.Damage) bool { return l.put(d) }}
		if err := second.Read(ctx, in); err != nil && !l.stopped {
			yield(nil, err)
		}
	}
}

// put yields r and reports whether more is wanted.
func (l *log) put(r logfmt.Record) bool {
	l.stopped = l.stopped || !l.yield(r, nil)
	return !l.stopped
}

// learned notes that all columns were named.
func (l *log) learned(path []string, kind jsonstream.Kind) bool {
	l.named = l.named || kind == ']' && path[len(path)-1] == "flight_logging_keys"
	return true
}

// learn takes up what the rows mean.
func (l *log) learn(path []string, t jsonstream.Token) bool {
	text := string(t.Text)
	switch name := path[len(path)-1]; {
	case name == "flight_logging_keys" && len(l.columns) < jsonlog.MaxColumns:
		l.columns = append(l.columns, text)
	case name == "logging_start_dtg":
		l.began, l.local = parseTime(text)
	case name == "altitude_system":
		l.datum = text
	case name == "uom_system":
		l.imperial = len(text) > 0 && (text[0] == 'I' || text[0] == 'i')
	case name == "model" && len(path) > 1 && path[len(path)-2] == "aircraft":
		l.model = text
	}
	return true
}
