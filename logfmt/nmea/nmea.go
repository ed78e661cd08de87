// Package nmea decodes logs of NMEA 0183 sentences: what a receiver sends,
// alone or amid other text.
//
// Specification: NMEA 0183 4.1, and what receivers make of it. Sentences of
// the same moment become one fix. Read are GGA, RMC, GLL, GNS, VTG, ZDA, GSA,
// TXT and WPL of every talker; other sentences are passed over, and so is text
// that is none. A sentence whose checksum is wrong is damage.
package nmea

import (
	"bytes"
	"context"
	"iter"

	"flightveil/internal/block/textlines"
	"flightveil/internal/block/utf16text"
	"flightveil/internal/input"
	"flightveil/logfmt"
	"flightveil/logfmt/internal/utf16log"
)

// Format is a log of sentences.
type Format struct{}

// ID returns "nmea".
func (Format) ID() string { return "nmea" }

// Detect looks for sentences with positions and right checksums.
func (Format) Detect(p input.Probe) input.Match {
	r := textlines.New(bytes.NewReader(utf16text.Prefix(p.Prefix)))
	var fields [maxFields][]byte
	good, bare, lead := 0, 0, false
	for n := 0; ; n++ {
		l, ok := r.Next()
		if !ok {
			break
		}
		for s := range sentences(l, &fields) {
			switch {
			case !s.positional():
			case s.sum == right:
				good++
				lead = lead || n == 0 && s.off == l.Off
			case s.sum == absent && s.ended && len(s.text) > 0 && s.off == l.Off:
				bare++
			}
		}
	}
	switch {
	case lead && good > 1:
		return input.Certain
	case good > 0 || bare > 2:
		return input.Likely
	}
	return input.No
}

// checkEvery is after how many lines the context is asked.
const checkEvery = 4096

// Decode reads the log once.
func (Format) Decode(ctx context.Context, in logfmt.Input, lim logfmt.Limits) iter.Seq2[logfmt.Record, error] {
	return utf16log.Decode(ctx, in, func(in logfmt.Input) iter.Seq2[logfmt.Record, error] { return decode(ctx, in, lim) })
}

func decode(ctx context.Context, in logfmt.Input, lim logfmt.Limits) iter.Seq2[logfmt.Record, error] {
	return func(yield func(logfmt.Record, error) bool) {
		r := textlines.New(in)
		d := &decoder{yield: yield, identifiers: lim.Defaults().Items}
		d.fix.reset()
		for n := 0; !d.stopped; n++ {
			if n%checkEvery == 0 && ctx.Err() != nil {
				yield(nil, ctx.Err())
				return
			}
			l, ok := r.Next()
			if !ok {
				break
			}
			if n == 0 {
				d.put(logfmt.Start{})
			}
			for s := range sentences(l, &d.fields) {
				d.sentence(s)
			}
		}
		d.flush()
		if err := r.Err(); err != nil && !d.stopped {
			yield(nil, err)
		}
	}
}

func (d *decoder) put(r logfmt.Record) {
	if !d.stopped {
		d.stopped = !d.yield(r, nil)
	}
}

// sentence takes one sentence.
func (d *decoder) sentence(s *sentence) {
	switch s.sum {
	case right:
		d.summed = true
	case absent:
		// A log in which no sentence has a checksum is taken as it is, whole
		// lines only.
		if !d.summed && s.ended {
			break
		}
		fallthrough
	case wrong:
		d.put(logfmt.Damage{Off: s.off, Len: int64(len(s.text)), Reason: "a sentence whose checksum is wrong or missing"})
		return
	}
	switch s.kind {
	case "GGA":
		d.gga(s)
	case "GNS":
		d.gns(s)
	case "RMC":
		d.rmc(s)
	case "GLL":
		d.gll(s)
	case "VTG":
		d.vtg(s)
	case "ZDA":
		d.zda(s)
	case "GSA":
		d.gsa(s)
	case "TXT":
		d.text(s)
	case "WPL":
		d.waypoint(s)
	}
}
