package export

import (
	"io"
	"math"
	"strconv"

	"flightveil/logfmt"
)

var nan = math.NaN()

// encodeCSV writes one row per position of the aircraft. Unknown is empty. If
// the first flight has a note, every row ends in one.
func encodeCSV(w io.Writer, records Records) error {
	b := newBuffer(w)
	note, noted := firstNote(records)
	b.text("flight,time_utc,time_local,latitude,longitude")
	empty := logfmt.NoFix()
	for _, x := range numbers(&empty) {
		b.text(",", x.name)
	}
	b.text(",satellites,hdop")
	if noted {
		b.text(",note")
	}
	b.text("\r\n")
	flight, open := 0, false
	var failed error
	for r, err := range records() {
		if failed = err; err != nil || b.err != nil {
			break
		}
		switch r := r.(type) {
		case logfmt.Start:
			open, note = false, r.Note
		case logfmt.Fix:
			if !open {
				flight++
				open = true
			}
			csvRow(b, flight, &r)
			if noted {
				b.text(",\"", note, "\"")
			}
			b.text("\r\n")
		}
	}
	if err := b.flush(); err != nil {
		return err
	}
	return failed
}

func csvRow(b *buffer, flight int, f *logfmt.Fix) {
	b.text(strconv.Itoa(flight), ",")
	if !f.Time.IsZero() {
		b.utc(f.Time)
	}
	b.text(",")
	if !f.Local.IsZero() {
		b.b = f.Local.AppendFormat(b.b, "2006-01-02T15:04:05.000")
	}
	b.text(",")
	if known(f.Lat) {
		b.degrees(f.Lat)
	}
	b.text(",")
	if known(f.Lon) {
		b.degrees(f.Lon)
	}
	for _, x := range numbers(f) {
		b.text(",")
		if known(x.value) {
			b.number(x.value)
		}
	}
	b.text(",")
	if f.Sats >= 0 {
		b.text(strconv.Itoa(f.Sats))
	}
	b.text(",")
	if known(f.HDOP) {
		b.number(f.HDOP)
	}
}

// firstNote returns the note of the first flight.
func firstNote(records Records) (note string, ok bool) {
	for r, err := range records() {
		if s, is := r.(logfmt.Start); is && err == nil {
			note = s.Note
		}
		break
	}
	return note, note != ""
}
