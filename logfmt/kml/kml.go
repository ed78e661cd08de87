// Package kml decodes Keyhole Markup Language and its zipped form, KMZ.
//
// Specification: OGC 12-007r2 (KML 2.3) and Google's gx extensions,
// https://developers.google.com/kml/documentation/kmlreference. Lines and
// tracks are flights; points, views and areas are positions of their own. What
// links elsewhere (NetworkLink) and pictures inside a KMZ are not followed.
package kml

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"strings"

	"flightveil/internal/block/utf16text"
	"flightveil/internal/block/xmlstream"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
	"flightveil/logfmt/internal/utf16log"
)

// Format is KML and KMZ.
type Format struct{}

// ID returns "kml".
func (Format) ID() string { return "kml" }

const zipMagic = "PK\x03\x04"

// Detect looks for the document element, or a zip file with a document.
func (Format) Detect(p input.Probe) input.Match {
	if bytes.HasPrefix(p.Prefix, []byte(zipMagic)) {
		if f, err := document(p.Input); err == nil && f != nil {
			return input.Certain
		}
		return input.No
	}
	if xmlstream.Root(p.Prefix) == "kml" {
		return input.Certain
	}
	return input.No
}

// document returns the first KML file of a zip file, nil if there is none.
func document(in input.Input) (*zip.File, error) {
	z, err := zip.NewReader(in, in.Size())
	if err != nil {
		return nil, err
	}
	for _, f := range z.File {
		if strings.HasSuffix(strings.ToLower(f.Name), ".kml") {
			return f, nil
		}
	}
	return nil, nil
}

// maxInflated is how long the document of a KMZ may be: it is held in memory.
const maxInflated = 64 << 20

// inflate returns the document of a KMZ, in UTF-8.
func inflate(ctx context.Context, in input.Input) (input.Input, error) {
	f, err := document(in)
	if err != nil {
		return nil, fmt.Errorf("opening the KMZ: %w", err)
	}
	if f == nil {
		return nil, fmt.Errorf("a zip file without a KML document: %w", input.ErrUnsupported)
	}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("opening the KMZ's document: %w", err)
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, maxInflated+1))
	if err != nil {
		return nil, fmt.Errorf("inflating the KMZ's document: %w", err)
	}
	if len(b) > maxInflated {
		return nil, fmt.Errorf("the KMZ's document is longer than %d bytes: %w", maxInflated, input.ErrLimit)
	}
	if text, err := utf16text.Open(ctx, bytes.NewReader(b)); text != nil || err != nil {
		return text, err
	}
	return bytes.NewReader(b), nil
}

// checkEvery is after how many tokens the context is asked.
const checkEvery = 1 << 12

// Decode reads the document once, and tracks a second time for their clock.
func (Format) Decode(ctx context.Context, in logfmt.Input, lim logfmt.Limits) iter.Seq2[logfmt.Record, error] {
	return func(yield func(logfmt.Record, error) bool) {
		var magic [len(zipMagic)]byte
		zipped := input.ReadFull(in, magic[:], 0) == nil && string(magic[:]) == zipMagic
		if zipped {
			var err error
			if in, err = inflate(ctx, in); err != nil {
				yield(nil, err)
				return
			}
		}
		utf16log.Decode(ctx, in, func(in logfmt.Input) iter.Seq2[logfmt.Record, error] { return decode(ctx, in, lim, zipped) })(yield)
	}
}

func decode(ctx context.Context, in logfmt.Input, lim logfmt.Limits, zipped bool) iter.Seq2[logfmt.Record, error] {
	return func(yield func(logfmt.Record, error) bool) {
		d := &decoder{in: in, r: xmlstream.New(in), yield: yield, identifiers: lim.Defaults().Items, zipped: zipped}
		for n := 0; !d.stopped; n++ {
			if n%checkEvery == 0 && ctx.Err() != nil {
				yield(nil, ctx.Err())
				return
			}
			switch t := d.r.Next(); t.Kind {
			case xmlstream.Open:
				d.open(t)
			case xmlstream.Text:
				if d.inCoordinates {
					d.coordinates(t)
				}
			case xmlstream.Close:
				d.close(t)
			case xmlstream.Damage:
				d.damage(t.Off, t.Len, "no readable markup")
			case xmlstream.End:
				if err := d.r.Err(); err != nil {
					yield(nil, err)
				} else if d.inside {
					d.damage(t.Off, 0, "the document ends early")
				}
				return
			}
		}
	}
}

type decoder struct {
	in          input.Input
	r           *xmlstream.Reader
	yield       func(logfmt.Record, error) bool
	stopped     bool
	zipped      bool // offsets are not those of the file
	inside      bool // the document element is open
	place       placemark
	last        string // name of the placemark whose track came last
	tracks      int
	identifiers int    // how many more are told
	outer       string // altitude mode of geometries that name none
	geometry
	clock *xmlstream.Reader // reads the times of a track
}

func (d *decoder) put(r logfmt.Record) {
	if !d.stopped {
		d.stopped = !d.yield(r, nil)
	}
}

func (d *decoder) damage(off, n int64, reason string) {
	if d.zipped {
		off, n = 0, 0
	}
	d.put(logfmt.Damage{Off: off, Len: n, Reason: reason})
}

// maxName is how much of a name is compared.
const maxName = 256

// text tells what a text of the document says of someone.
func (d *decoder) text(c privacy.Class, path string, text []byte, span input.Span) {
	if len(bytes.TrimSpace(text)) == 0 || d.identifiers == 0 {
		return
	}
	d.identifiers--
	f := privacy.Finding{Class: c, Path: path, Value: privacy.Secret(xmlstream.Unescape(text)), Spans: []input.Span{span}}
	if d.zipped {
		f.Spans = nil
	}
	d.put(logfmt.Identifier{Finding: f})
}

// named is what elements with text say, by their name.
var named = map[string]struct {
	class privacy.Class
	path  string
}{
	"description": {privacy.Description, "description"},
	"Snippet":     {privacy.Description, "Snippet"},
	"snippet":     {privacy.Description, "Snippet"},
	"address":     {privacy.Place, "address"},
	"phoneNumber": {privacy.Identity, "phoneNumber"},
	"href":        {privacy.Identity, "href"},
	"value":       {privacy.Unknown, "ExtendedData/value"},
	"SimpleData":  {privacy.Unknown, "ExtendedData/SimpleData"},
	"email":       {privacy.Identity, "author/email"},
	"uri":         {privacy.Identity, "author/uri"},
	"displayName": {privacy.Description, "ExtendedData/displayName"},
}
