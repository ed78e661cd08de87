// Package gpx decodes GPS Exchange files.
//
// Specification: GPX 1.0 and 1.1, https://www.topografix.com/GPX/1/1/. Tracks
// are flights; routes and waypoints are positions of their own. Of extensions
// it knows speed and course as Garmin writes them and those flightveil writes.
package gpx

import (
	"bytes"
	"context"
	"iter"

	"flightveil/internal/block/xmlstream"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
	"flightveil/logfmt/internal/utf16log"
)

// Format is GPX.
type Format struct{}

// ID returns "gpx".
func (Format) ID() string { return "gpx" }

// Detect looks for the document element.
func (Format) Detect(p input.Probe) input.Match {
	if xmlstream.Root(p.Prefix) == "gpx" {
		return input.Certain
	}
	return input.No
}

// checkEvery is after how many tokens the context is asked.
const checkEvery = 1 << 15

// Decode reads the document once.
func (Format) Decode(ctx context.Context, in logfmt.Input, lim logfmt.Limits) iter.Seq2[logfmt.Record, error] {
	return utf16log.Decode(ctx, in, func(in logfmt.Input) iter.Seq2[logfmt.Record, error] { return decode(ctx, in, lim) })
}

func decode(ctx context.Context, in logfmt.Input, lim logfmt.Limits) iter.Seq2[logfmt.Record, error] {
	return func(yield func(logfmt.Record, error) bool) {
		d := &decoder{r: xmlstream.New(in), yield: yield, identifiers: lim.Defaults().Items}
		for n := 0; !d.stopped; n++ {
			if n%checkEvery == 0 && ctx.Err() != nil {
				yield(nil, ctx.Err())
				return
			}
			switch t := d.r.Next(); t.Kind {
			case xmlstream.Open:
				d.open(t)
			case xmlstream.Close:
				d.close(t)
			case xmlstream.Damage:
				d.put(logfmt.Damage{Off: t.Off, Len: t.Len, Reason: "no readable markup"})
			case xmlstream.End:
				if err := d.r.Err(); err != nil {
					yield(nil, err)
				} else if d.inside {
					d.put(logfmt.Damage{Off: t.Off, Reason: "the document ends early"})
				}
				return
			}
		}
	}
}

type decoder struct {
	r           *xmlstream.Reader
	yield       func(logfmt.Record, error) bool
	stopped     bool
	inside      bool // the document element is open
	tracks      int
	variant     string
	point       point
	parent      string // of the elements that name someone: a constant of this package
	identifiers int    // how many more are told
}

func (d *decoder) put(r logfmt.Record) {
	if !d.stopped {
		d.stopped = !d.yield(r, nil)
	}
}

func (d *decoder) open(t xmlstream.Token) {
	switch string(t.Name) {
	case "gpx":
		d.inside = true
		if v, _, _ := d.r.Attr("version"); string(v) == "1.0" || string(v) == "1.1" {
			d.variant = string(v)
		}
		d.put(logfmt.Start{Variant: d.variant})
		d.attr(privacy.Device, "creator", "gpx/creator")
	case "trk":
		if d.tracks++; d.tracks > 1 {
			d.put(logfmt.Start{Variant: d.variant})
		}
		d.parent = "trk"
	case "trkpt":
		d.begin(track)
	case "rtept":
		d.begin(route)
	case "wpt":
		d.begin(waypoint)
	case "rte":
		d.parent = "rte"
	case "metadata":
		d.parent = "metadata"
	case "author":
		if d.parent == "" || d.parent == "metadata" {
			d.parent = "author"
		}
	case "email":
		d.attr(privacy.Identity, "id", "author/email/id")
		d.attr(privacy.Identity, "domain", "author/email/domain")
	case "copyright":
		d.attr(privacy.Copyright, "author", "metadata/copyright/author")
	case "link":
		d.attr(privacy.Identity, "href", d.path("href"))
	}
}

func (d *decoder) close(t xmlstream.Token) {
	text, span, _ := d.r.Content()
	d.r.Closed()
	switch string(t.Name) {
	case "gpx":
		d.inside = false
	case "trkpt", "rtept", "wpt":
		d.end()
	case "trk", "rte", "metadata":
		d.parent = ""
	case "author":
		d.text(privacy.Identity, "author", text, span) // 1.0: only a name
		d.parent = "metadata"
	case "name":
		if d.point.kind == waypoint {
			d.point.role = roleOf(text)
		}
		class := privacy.Description
		if d.parent == "author" {
			class = privacy.Identity
		}
		if !(d.point.kind == waypoint && d.point.role != logfmt.Waypoint) {
			d.text(class, d.path("name"), text, span)
		}
	case "desc":
		d.text(privacy.Description, d.path("desc"), text, span)
	case "cmt":
		d.text(privacy.Description, d.path("cmt"), text, span)
	case "keywords":
		d.text(privacy.Description, d.path("keywords"), text, span)
	case "src":
		d.text(privacy.Device, d.path("src"), text, span)
	case "email", "url", "urlname":
		d.text(privacy.Identity, d.path("link"), text, span)
	case "license":
		d.text(privacy.Copyright, "metadata/copyright/license", text, span)
	default:
		switch {
		case d.point.kind != none:
			d.point.value(t.Name, text)
		case d.parent == "" || string(t.Name) == "time" || string(t.Name) == "year" || string(t.Name) == "number":
		default: // in extensions anything can stand
			d.text(privacy.Unknown, d.path("extensions"), text, span)
		}
	}
}

// path returns the place of an element in the innermost part that is known.
func (d *decoder) path(name string) string {
	switch {
	case d.point.kind == track:
		return "trkpt/" + name
	case d.point.kind == route:
		return "rtept/" + name
	case d.point.kind == waypoint:
		return "wpt/" + name
	case d.parent == "":
		return "gpx/" + name
	}
	return d.parent + "/" + name
}

func (d *decoder) attr(c privacy.Class, name, path string) {
	if v, span, ok := d.r.Attr(name); ok {
		d.text(c, path, v, span)
	}
}

func (d *decoder) text(c privacy.Class, path string, text []byte, span input.Span) {
	if len(bytes.TrimSpace(text)) == 0 || d.identifiers == 0 {
		return
	}
	d.identifiers--
	d.put(logfmt.Identifier{Finding: privacy.Finding{Class: c, Path: path, Value: privacy.Secret(xmlstream.Unescape(text)), Spans: []input.Span{span}}})
}
