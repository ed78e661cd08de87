// Package igc decodes flight recorder files of gliders and paragliders.
//
// Specification: FAI, "Technical Specification for GNSS Flight Recorders",
// appendix A. The signature (G records) is not checked, and files that lack
// parts it asks for are read as far as they go.
package igc

import (
	"bytes"
	"context"
	"iter"

	"flightveil/internal/block/textlines"
	"flightveil/internal/block/tracktext"
	"flightveil/internal/block/utf16text"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
	"flightveil/logfmt/internal/utf16log"
)

// Format is IGC.
type Format struct{}

// ID returns "igc".
func (Format) ID() string { return "igc" }

// Detect looks for a recorder's name, a date and fixes.
func (Format) Detect(p input.Probe) input.Match {
	r := textlines.New(bytes.NewReader(utf16text.Prefix(p.Prefix)))
	name, date, fixes := false, false, 0
	for first := true; ; first = false {
		l, ok := r.Next()
		if !ok {
			break
		}
		if first {
			l.Text = bytes.TrimPrefix(l.Text, []byte("\xEF\xBB\xBF"))
			name = len(l.Text) >= 4 && l.Text[0] == 'A' && letters(l.Text[1:4])
		}
		if _, ok := dateOf(l.Text); ok {
			date = true
		}
		if _, ok := parseB(l.Text); ok {
			fixes++
		}
	}
	switch {
	case date && (name || fixes > 0):
		return input.Certain
	case date || fixes > 1:
		return input.Likely
	}
	return input.No
}

func letters(b []byte) bool {
	for _, c := range b {
		if !(c >= 'A' && c <= 'Z' || c >= '0' && c <= '9') {
			return false
		}
	}
	return true
}

// checkEvery is after how many lines the context is asked.
const checkEvery = 4096

// Decode reads the file once.
func (Format) Decode(ctx context.Context, in logfmt.Input, lim logfmt.Limits) iter.Seq2[logfmt.Record, error] {
	return utf16log.Decode(ctx, in, func(in logfmt.Input) iter.Seq2[logfmt.Record, error] { return decode(ctx, in, lim) })
}

func decode(ctx context.Context, in logfmt.Input, lim logfmt.Limits) iter.Seq2[logfmt.Record, error] {
	return func(yield func(logfmt.Record, error) bool) {
		r := textlines.New(in)
		d := &decoder{yield: yield, identifiers: lim.Defaults().Items}
		d.reset()
		for n := 0; !d.stopped; n++ {
			if n%checkEvery == 0 && ctx.Err() != nil {
				yield(nil, ctx.Err())
				return
			}
			l, ok := r.Next()
			if !ok {
				d.moved()
				if r.Err() != nil && !d.stopped {
					yield(nil, r.Err())
				}
				return
			}
			if n == 0 {
				rest := bytes.TrimPrefix(l.Text, []byte("\xEF\xBB\xBF"))
				l.Off += int64(len(l.Text) - len(rest))
				l.Text = rest
				d.put(logfmt.Start{})
			}
			d.line(l)
		}
	}
}

func (d *decoder) put(r logfmt.Record) {
	if !d.stopped {
		d.stopped = !d.yield(r, nil)
	}
}

func (d *decoder) line(l textlines.Line) {
	b := l.Text
	if len(b) == 0 {
		return
	}
	switch b[0] {
	case 'B':
		d.fix(l)
	case 'A':
		if d.fixes > 0 { // another file was appended
			d.moved()
			d.reset()
			d.put(logfmt.Start{})
		}
		d.text(privacy.Identity, "flightRecorder", l, 1)
	case 'H':
		d.header(l)
	case 'I':
		d.extensions(b)
	case 'C':
		d.task(l)
	case 'L':
		d.text(privacy.Description, "comment", l, 1)
	case 'D', 'E', 'F', 'G', 'J', 'K', 'M', 'N', 'O', 'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z':
	default:
		d.put(logfmt.Damage{Off: l.Off, Len: int64(len(b)), Reason: "no record of this format"})
	}
}

// A field is what a header says, by its three letters.
type field struct {
	class privacy.Class
	path  string
}

var headers = map[string]field{
	"PLT": {privacy.Identity, "pilotInCharge"},
	"CM2": {privacy.Identity, "crew2"},
	"OOI": {privacy.Identity, "officialObserver"},
	"GID": {privacy.Identity, "gliderId"},
	"CID": {privacy.Identity, "competitionId"},
	"CLB": {privacy.Identity, "club"},
	"CCL": {privacy.Description, "competitionClass"},
	"SIT": {privacy.Place, "site"},
	"TZN": {privacy.Time, "timeZone"},
	"TZO": {privacy.Time, "timeZone"},
	"GTY": {privacy.Device, "gliderType"},
	"FTY": {privacy.Device, "recorderType"},
	"RFW": {privacy.Device, "firmwareVersion"},
	"RHW": {privacy.Device, "hardwareVersion"},
	"GPS": {privacy.Device, "receiver"},
	"PRS": {privacy.Device, "pressureSensor"},
	"DTM": {}, "FXA": {}, "DTE": {}, "ALG": {}, "ALP": {}, // about the numbers, not about someone
}

// header takes "HFPLTPILOTINCHARGE: name", or without the long word and colon.
func (d *decoder) header(l textlines.Line) {
	b := l.Text
	if t, ok := dateOf(b); ok {
		d.day, d.today, d.last, d.days = t, t, -1, 0
		return
	}
	if len(b) < 5 {
		return
	}
	if bytes.HasPrefix(b[2:], []byte("ALG")) {
		d.geoid = bytes.HasSuffix(bytes.TrimSpace(b), []byte("GEO"))
	}
	f, ok := headers[string(b[2:5])]
	if !ok {
		f = field{privacy.Unknown, "header"}
	}
	from := 5
	if i := bytes.IndexByte(b, ':'); i >= 5 {
		from = i + 1
	}
	if f.path != "" {
		d.text(f.class, f.path, l, from)
	}
}

// text tells what stands in the line from an index on.
func (d *decoder) text(c privacy.Class, path string, l textlines.Line, from int) {
	b := bytes.TrimLeft(l.Text[from:], " ")
	off := l.Off + int64(len(l.Text)-len(b))
	if b = bytes.TrimRight(b, " "); len(b) == 0 || d.identifiers == 0 {
		return
	}
	d.identifiers--
	d.put(logfmt.Identifier{Finding: privacy.Finding{Class: c, Path: path, Value: privacy.Secret(bytes.ToValidUTF8(b, []byte("?"))), Spans: []input.Span{{Off: off, Len: int64(len(b))}}}})
}

// task takes a planned place: "C5346200N02025000ENAME".
func (d *decoder) task(l textlines.Line) {
	const end = 18
	if len(l.Text) < end {
		return
	}
	p, ok := position(l.Text[1:end])
	if !ok {
		if !isDigits(l.Text[1:13]) {
			return
		}
		d.text(privacy.Description, "task", l, min(25, len(l.Text)))
		return
	}
	if logfmt.Usable(p) {
		d.put(logfmt.Spot{Role: logfmt.Waypoint, Point: p, Alt: nan})
	}
	d.text(privacy.Place, "task", l, end)
}

func isDigits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

func digits(b []byte) int {
	n, ok := tracktext.Digits(b)
	if !ok {
		return -1
	}
	return n
}
