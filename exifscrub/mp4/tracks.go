package mp4

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"flightveil/exifscrub"
	"flightveil/internal/block/bmff"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// maxTracks bounds the tracks of a file. Real ones have up to a dozen.
const maxTracks = 256

// track is a track and what parse found out about it.
type track struct {
	*bmff.Track
	index   int
	part    int  // that takes the track along when it goes; -1 if it always stays
	preview bool // a small picture beside the video
	refs    []reference
	sorted  []owned // what it owns, if its chunks do not ascend
}

// pictureFormats are video formats of which every sample is a JPEG picture.
var pictureFormats = map[string]bool{"jpeg": true, "mjpa": true, "mjpb": true, "png ": true}

// plays reports whether t is video or sound, which stay.
func (t *track) plays() bool {
	switch t.Handler {
	case "vide", "soun", "auxv", "pict":
		_, telemetry := trackKinds[t.Format()]
		return !telemetry
	case "": // no handler: by its format
		return codecs[t.Format()]
	}
	return false
}

// readTracks reads the tables' headers of every track, and what goes before
// the movie is looked at.
func (p *parser) readTracks() error {
	pictures, videos := 0, 0
	for b, err := range bmff.Boxes(p.in, p.moov.Body, p.moov.End) {
		if err != nil {
			return err
		}
		switch {
		case b.Type == "mvex":
			if p.defaults, err = bmff.ReadDefaults(p.in, b); err != nil {
				return err
			}
			continue
		case b.Type != "trak" || b.Cut:
			continue
		case len(p.tracks) == maxTracks:
			return fmt.Errorf("more than %d tracks: %w", maxTracks, input.ErrLimit)
		}
		read, err := bmff.ReadTrack(p.in, b)
		if err != nil {
			return err
		}
		t := &track{Track: read, index: len(p.tracks), part: -1}
		if err := p.trackReferences(t); err != nil {
			return err
		}
		p.tracks = append(p.tracks, t)
		if t.Handler == "vide" && pictureFormats[t.Format()] {
			pictures++
			t.preview = true
		} else if t.Handler == "vide" {
			videos++
		}
	}
	for _, t := range p.tracks { // pictures are the video where there is no other
		t.preview = t.preview && videos > 0
	}
	return nil
}

// trackReferences reads tref (8.3.3).
func (p *parser) trackReferences(t *track) error {
	tref, ok, err := bmff.Find(p.in, t.Box, "tref")
	if !ok {
		return err
	}
	for b, err := range bmff.Boxes(p.in, tref.Body, tref.End) {
		if err != nil {
			return err
		}
		if b.Type == "" || b.Cut {
			return nil
		}
		if b.Type == "free" || b.Size() > 4*maxTracks {
			continue
		}
		raw, err := p.read(b.Content())
		if err != nil {
			return err
		}
		r := reference{box: b}
		for ; len(raw) >= 4; raw = raw[4:] {
			r.ids = append(r.ids, binary.BigEndian.Uint32(raw))
		}
		t.refs = append(t.refs, r)
		if err := p.count(); err != nil {
			return err
		}
	}
	return nil
}

// previewTrack makes an item of a track of small pictures.
func (p *parser) previewTrack(t *track, path string) error {
	f := privacy.Finding{Class: privacy.Preview, Path: path + "/PreviewTrack", Spans: []exifscrub.Span{t.Box.Content()}, Count: int(min(t.Count(), 1<<30))}
	return p.add(part{Item: exifscrub.Item{Finding: &f}})
}

// frames makes children of the samples of a video that consists of JPEG
// pictures, if the first of them carry metadata of their own, as those of some
// cameras do. Otherwise they are not looked at.
func (p *parser) frames(t *track, path string) error {
	n := 0
	marked := false
	for s, err := range p.samples(t) {
		if err != nil {
			return err
		}
		b, err := p.win.Peek(s.Off, min(s.Size, 4*gapHead))
		if err != nil {
			return err
		}
		marked = marked || bytes.HasPrefix(b, []byte("\xFF\xD8")) && (bytes.Contains(b, []byte("Exif\x00\x00")) || bytes.Contains(b, []byte("http://ns.adobe.com/")))
		if n++; marked || n == seiSamples {
			break
		}
	}
	if !marked {
		return nil
	}
	for s, err := range p.samples(t) {
		if err != nil {
			return err
		}
		c := &exifscrub.Child{Path: path + "/Frame", Format: "jpeg", Spans: []exifscrub.Span{{Off: s.Off, Len: s.Size}}, Fixed: true, Required: true}
		if err := p.add(part{Item: exifscrub.Item{Child: c}}); err != nil {
			return err
		}
	}
	return nil
}

// trackKinds says of formats of metadata tracks what they give away, as far as
// nobody looks inside: every class is reported, all of it goes together.
var trackKinds = map[string][]tag{
	"gpmd": nil, "camm": nil, "mebx": nil, "text": nil, "tx3g": nil, "sbtl": nil, "wvtt": nil, "stpp": nil, "c608": nil, "c708": nil,
	"fdsc": {{"SerialNumber", privacy.Identity}, {"OtherSerialNumber", privacy.Identity}, {"FirmwareVersion", privacy.Device}, {"GPSCoordinates", privacy.Location}},
	"djmd": {{"SerialNumber", privacy.Identity}, {"Model", privacy.Device}, {"GPSLatitude", privacy.Location}, {"GPSLongitude", privacy.Location},
		{"AbsoluteAltitude", privacy.Altitude}, {"RelativeAltitude", privacy.Altitude}, {"GPSDateTime", privacy.Time}, {"DroneAttitude", privacy.Attitude},
		{"GimbalAttitude", privacy.Attitude}, {"LensCalibration", privacy.Calibration}, {"CameraSettings", privacy.Exposure}},
	"dbgi": {{"SerialNumber", privacy.Identity}, {"GPSLatitude", privacy.Location}, {"GPSLongitude", privacy.Location}, {"DebugInformation", privacy.MakerNote}},
	"rtmd": {{"SerialNumber", privacy.Identity}, {"GPSLatitude", privacy.Location}, {"GPSLongitude", privacy.Location}, {"DateTime", privacy.Time}, {"CameraSettings", privacy.Exposure}},
	"CTMD": {{"SerialNumber", privacy.Identity}, {"ExifInfo", privacy.MakerNote}, {"TimeStamp", privacy.Time}},
	"tmcd": {{"StartTimecode", privacy.Time}},
	"mett": {{"Location", privacy.Location}, {"TimedMetadata", privacy.Unknown}},
	"metx": {{"TimedMetadata", privacy.Unknown}},
	"urim": {{"TimedMetadata", privacy.Unknown}},
	"gps0": {{"GPSTrack", privacy.Location}},
	"gsen": {{"GSensor", privacy.Attitude}},
	"nvmd": {{"GPSTrack", privacy.Location}},
	"ssmd": {{"GPSTrack", privacy.Location}},
	"RVMI": {{"GPSTrack", privacy.Location}},
	"pnav": {{"GPSTrack", privacy.Location}},
}

// metadataTrack makes one item of everything a track of metadata gives away:
// it stays or goes as a whole, with its samples.
func (p *parser) metadataTrack(t *track, path string) error {
	kind := t.Format()
	b := t.Box
	path = join(path, bmff.Name(kind))
	var what []privacy.Finding
	var err error
	switch kind {
	case "gpmd":
		what, err = p.gpmfTrack(t, path)
	case "djmd", "dbgi":
		what, err = p.djiTrack(t, path)
	case "camm":
		what, err = p.cammTrack(t, path)
	case "mebx":
		what, err = p.appleTrack(t, path)
	case "text", "tx3g", "sbtl", "wvtt", "stpp", "c608", "c708":
		what, err = p.textTrack(t, path)
	default:
		what, err = p.writtenTrack(t, path)
	}
	if err != nil {
		return err
	}
	header, err := p.trackHeader(t, path)
	if err != nil {
		return err
	}
	if what = append(what, header...); len(what) == 0 { // nothing known is in it
		what = []privacy.Finding{{Class: privacy.Unknown, Path: join(path, "TimedMetadata"), Spans: []exifscrub.Span{b.Content()}}}
	}
	t.part = len(p.parts)
	return p.add(part{Item: exifscrub.Item{Together: what}, frees: []bmff.Box{b}})
}

// vendorTrack returns what tracks of t's kind hold.
func (p *parser) vendorTrack(t *track, path string) []privacy.Finding {
	tags := trackKinds[t.Format()]
	if tags == nil {
		tags = []tag{{"TimedMetadata", privacy.Unknown}}
	}
	var what []privacy.Finding
	for _, k := range tags {
		what = append(what, privacy.Finding{Class: k.class, Path: join(path, k.name), Spans: []exifscrub.Span{t.Box.Content()}, Count: int(min(max(t.Count(), 1), 1<<30))})
	}
	return what
}

// writtenSamples is how many samples of a vendor's track are searched for text.
const writtenSamples = 16

// writtenTrack is vendorTrack with the first position that stands in the
// samples as text.
func (p *parser) writtenTrack(t *track, path string) ([]privacy.Finding, error) {
	what := p.vendorTrack(t, path)
	n := 0
	for s, err := range p.samples(t) {
		if err != nil {
			return nil, err
		}
		b, err := p.win.Peek(s.Off, min(s.Size, gapHead))
		if err != nil {
			return nil, err
		}
		if at, ok := findISO6709(b); ok {
			f := privacy.Finding{Class: privacy.Location, Path: join(path, "GPSCoordinates"), Value: privacy.Secret(at.text), Where: &at.Point, Spans: []exifscrub.Span{t.Box.Content()}}
			return append(what, f), nil
		}
		if n++; n == writtenSamples {
			break
		}
	}
	return what, nil
}

// trackHeader returns the findings in the boxes around the tables of a
// metadata track: times, names, and what else stands there.
func (p *parser) trackHeader(t *track, path string) ([]privacy.Finding, error) {
	first, groups := len(p.parts), len(p.groups)
	if err := p.inside(t.Box, path, func(c bmff.Box) error { return p.inTrack(c, path, t) }); err != nil {
		return nil, err
	}
	var what []privacy.Finding
	for _, pt := range p.parts[first:] {
		what = append(what, pt.Together...)
		if pt.Finding != nil {
			what = append(what, *pt.Finding)
		}
		if pt.Child != nil { // not looked into: it goes with the track
			what = append(what, privacy.Finding{Class: privacy.Unknown, Path: pt.Child.Path, Spans: pt.Child.Spans})
		}
	}
	p.parts, p.groups = p.parts[:first], p.groups[:groups]
	return what, nil
}
