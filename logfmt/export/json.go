package export

import (
	"encoding/json"
	"io"
	"strconv"

	"flightveil/logfmt"
)

// encodeJSON writes one JSON object per line for every record of the log, each
// with a type: start, fix, spot, identifier, message or damage.
func encodeJSON(w io.Writer, records Records) error {
	b := newBuffer(w)
	var failed error
	for r, err := range records() {
		if failed = err; err != nil || b.err != nil {
			break
		}
		switch r := r.(type) {
		case logfmt.Start:
			b.text(`{"type":"start"`)
			b.pair("variant", r.Variant)
			if r.Duration > 0 {
				b.text(`,"duration_s":`)
				b.number(r.Duration.Seconds())
			}
			b.pair("note", r.Note)
		case logfmt.Fix:
			jsonFix(b, &r)
		case logfmt.Spot:
			jsonSpot(b, &r)
		case logfmt.Identifier:
			b.text(`{"type":"identifier"`)
			b.pair("class", string(r.Class))
			b.pair("name", r.Path)
			b.pair("value", r.Value.Reveal())
		case logfmt.Message:
			b.text(`{"type":"message"`)
			if !r.Time.IsZero() {
				b.text(`,"time":"`)
				b.utc(r.Time)
				b.text(`"`)
			}
			b.pair("severity", r.Severity)
			b.pair("text", r.Text.Reveal())
		case logfmt.Damage:
			b.text(`{"type":"damage","offset":`, strconv.FormatInt(r.Off, 10), `,"length":`, strconv.FormatInt(r.Len, 10))
			b.pair("reason", r.Reason)
		}
		b.text("}\n")
	}
	if err := b.flush(); err != nil {
		return err
	}
	return failed
}

// pair appends a member whose value is a string, unless it is empty.
func (b *buffer) pair(name, value string) {
	if value == "" {
		return
	}
	q, err := json.Marshal(value)
	if err != nil {
		return // a string can always be marshalled
	}
	b.text(`,"`, name, `":`, string(q))
}

func jsonFix(b *buffer, f *logfmt.Fix) {
	b.text(`{"type":"fix"`)
	if !f.Time.IsZero() {
		b.text(`,"time":"`)
		b.utc(f.Time)
		b.text(`"`)
	}
	if !f.Local.IsZero() {
		b.text(`,"time_local":"`)
		b.b = f.Local.AppendFormat(b.b, "2006-01-02T15:04:05.000")
		b.text(`"`)
	}
	if known(f.Lat) && known(f.Lon) {
		b.text(`,"lat":`)
		b.degrees(f.Lat)
		b.text(`,"lon":`)
		b.degrees(f.Lon)
	}
	for _, x := range numbers(f) {
		if known(x.value) {
			b.text(`,"`, x.name, `":`)
			b.number(x.value)
		}
	}
	if f.Sats >= 0 {
		b.text(`,"satellites":`, strconv.Itoa(f.Sats))
	}
	if known(f.HDOP) {
		b.text(`,"hdop":`)
		b.number(f.HDOP)
	}
}

func jsonSpot(b *buffer, s *logfmt.Spot) {
	b.text(`{"type":"spot","role":"`, string(s.Role), `"`)
	if !s.Time.IsZero() {
		b.text(`,"time":"`)
		b.utc(s.Time)
		b.text(`"`)
	}
	b.text(`,"lat":`)
	b.degrees(s.Lat)
	b.text(`,"lon":`)
	b.degrees(s.Lon)
	if known(s.Alt) {
		b.text(`,"alt_m":`)
		b.number(s.Alt)
		b.pair("datum", s.Datum)
	}
}
