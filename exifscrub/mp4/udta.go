package mp4

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"flightveil/exifscrub"
	"flightveil/internal/block/bmff"
	"flightveil/internal/geo"
	"flightveil/internal/privacy"
)

// longText is how much of a value is read to be shown.
const longText = 4 << 10

// userData looks at a list of user data (8.10.1; QuickTime, "User data atoms").
func (p *parser) userData(b bmff.Box, path string) error {
	return p.grouped(b, func() error {
		return p.inside(b, path, func(c bmff.Box) error { return p.userItem(c, path) })
	})
}

func (p *parser) userItem(c bmff.Box, path string) error {
	t, known := userTags[c.Type]
	name := join(path, t.name)
	switch {
	case players[c.Type]:
		return nil
	case c.Type == "meta" || c.Type == "uuid" || c.Type == "free" || c.Type == "skip":
		return p.common(c, path)
	case c.Type == "XMP_":
		return p.xmp(c, name, c.Content())
	case c.Type == "GPMF":
		return p.settings(c, join(path, "GPMF"))
	case c.Type == "loci":
		return p.loci(c, path)
	case c.Type == "thmb" || t.class == privacy.Preview:
		return p.picture(c, join(path, "ThumbnailImage"))
	case c.Type[0] == 0xA9:
		return p.text(c, path, t, known)
	case asset[c.Type]:
		return p.asset(c, name, t)
	case known:
		return p.plain(c, name, t)
	}
	return p.unknown(c, join(path, c.Name()))
}

// asset lists 3GPP user data that is a full box, a language and a text. date
// and clfn are plain in Apple's files.
var asset = map[string]bool{"titl": true, "dscp": true, "auth": true, "perf": true, "gnre": true, "albm": true, "cprt": true, "kywd": true, "clfn": true, "date": true}

// asset makes a finding of a text of 3GPP (TS 26.244, 8).
func (p *parser) asset(c bmff.Box, path string, t tag) error {
	b, err := p.head(c.Content(), longText)
	if err != nil {
		return err
	}
	if c.Type == "cprt" && len(b) > 0 && b[0] != 0 {
		return p.plain(c, path, t)
	}
	skip := 0
	if len(b) >= 6 && binary.BigEndian.Uint32(b) == 0 {
		skip = 6
	}
	if c.Type == "kywd" && skip > 0 { // counted keywords
		skip = min(8, len(b))
	}
	s, n := utf(b[skip:])
	return p.value(c, path, t, s, exifscrub.Span{Off: c.Body + int64(skip), Len: int64(n)}, b[skip:skip+n])
}

// plain makes a finding of a value without a head: text if it looks like text.
func (p *parser) plain(c bmff.Box, path string, t tag) error {
	b, err := p.head(c.Content(), longText)
	if err != nil {
		return err
	}
	return p.value(c, path, t, shown(b), c.Content(), b)
}

// text makes a finding of QuickTime text: u16 length, u16 language, text, for
// each language again. DJI writes some without length and language.
func (p *parser) text(c bmff.Box, path string, t tag, known bool) error {
	if !known {
		t = tag{c.Name(), privacy.Unknown}
	}
	b, err := p.head(c.Content(), longText)
	if err != nil {
		return err
	}
	skip := 0
	if len(b) >= 4 && int(binary.BigEndian.Uint16(b)) <= len(b)-4 {
		skip = 4
	}
	n := len(b) - skip
	if skip > 0 {
		n = int(binary.BigEndian.Uint16(b))
		if len(bytes.Trim(b[skip+n:], "\x00")) > 0 { // other languages follow: no form of the first stands for all
			return p.box(c, t.class, join(path, t.name), latin(b[skip:skip+n]), c.Content())
		}
	}
	return p.value(c, join(path, t.name), t, shown(b[skip:skip+n]), exifscrub.Span{Off: c.Body + int64(skip), Len: int64(n)}, b[skip:skip+n])
}

// value makes a finding of the value raw at s, inside box c. Positions and
// dates get a coarse form where they have one.
func (p *parser) value(c bmff.Box, path string, t tag, text string, s exifscrub.Span, raw []byte) error {
	f := &privacy.Finding{Class: t.class, Path: path, Value: privacy.Secret(text), Spans: []exifscrub.Span{s}}
	pt := part{Item: exifscrub.Item{Finding: f}, frees: []bmff.Box{c}}
	whole := int64(len(raw)) == s.Len
	switch at, ok := findISO6709(raw); {
	case t.class == privacy.Location && ok:
		f.Where = &at.Point
		if whole {
			pt.coarse = coarseISO6709(raw)
		}
		pt.move = movePlace(at.Point, pt.coarse)
	case t.class == privacy.Time && whole:
		pt.coarse, pt.move = coarseDate(raw), moveText(raw)
	}
	return p.add(pt)
}

// shown returns b as a value: as text, or in hexadecimal.
func shown(b []byte) string {
	s := latin(b)
	for _, r := range s {
		if r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7F || r >= 0x80 && r < 0xA0 {
			return strings.TrimSpace(fmt.Sprintf("%x", b[:min(len(b), 64)]))
		}
	}
	return s
}

// loci makes a finding of a place (TS 26.244, 8.12): language, name, role,
// longitude, latitude and altitude as 16.16 numbers, body, notes.
func (p *parser) loci(c bmff.Box, path string) error {
	t := tag{"LocationInformation", privacy.Location}
	b, err := p.head(c.Content(), longText)
	if err != nil {
		return err
	}
	if len(b) < 6 {
		return p.plain(c, join(path, t.name), t)
	}
	name, n := utf(b[6:])
	at := 6 + n + 1
	if len(b) < at+12 {
		return p.plain(c, join(path, t.name), t)
	}
	fixed := func(i int) float64 { return float64(int32(binary.BigEndian.Uint32(b[at+i:]))) / 65536 }
	where := geo.Point{Lat: fixed(4), Lon: fixed(0)}
	value := fmt.Sprintf("%.5f %.5f %.2f m", where.Lat, where.Lon, fixed(8))
	if name != "" {
		value = name + " " + value
	}
	f := &privacy.Finding{Class: t.class, Path: join(path, t.name), Value: privacy.Secret(value), Spans: []exifscrub.Span{c.Content()}}
	pt := part{Item: exifscrub.Item{Finding: f}, frees: []bmff.Box{c}}
	if where.Valid() {
		f.Where = &where
		if int64(len(b)) == c.Size() { // texts become empty, and the altitude, zero
			pt.coarse = func(to geo.Point) []byte {
				out := make([]byte, len(b))
				copy(out[:6], b)
				put := func(i int, v float64) { binary.BigEndian.PutUint32(out[i:], uint32(int32(math.Round(v*65536)))) }
				put(8, to.Lon) // behind an empty name and the role
				put(12, to.Lat)
				return out
			}
		}
		pt.move = movePlace(where, pt.coarse)
	}
	return p.add(pt)
}

// picture makes a child of a thumbnail: the first JPEG in c.
func (p *parser) picture(c bmff.Box, path string) error {
	b, err := p.head(c.Content(), longText)
	if err != nil {
		return err
	}
	what := []privacy.Finding{{Class: privacy.Preview, Path: path, Spans: []exifscrub.Span{c.Content()}}}
	i := bytes.Index(b, []byte("\xFF\xD8\xFF"))
	if i < 0 {
		return p.add(part{Item: exifscrub.Item{Together: what}, frees: []bmff.Box{c}})
	}
	s := exifscrub.Span{Off: c.Body + int64(i), Len: c.Size() - int64(i)}
	child := &exifscrub.Child{Path: path, Spans: []exifscrub.Span{s}, Class: privacy.Preview, Fixed: true}
	return p.add(part{Item: exifscrub.Item{Child: child, Together: what}, frees: []bmff.Box{c}})
}
