package mp4

import (
	"encoding/hex"

	"flightveil/exifscrub"
	"flightveil/internal/block/bmff"
	"flightveil/internal/privacy"
)

// uuidBox says what a box of a certain UUID is.
type uuidBox struct {
	name  string
	class privacy.Class
	kind  uuidKind
}

type uuidKind int

const (
	uuidWhole uuidKind = iota
	uuidXMP
	uuidC2PA
	uuidKeep
	uuidSpherical
)

// uuids lists the known boxes by UUID: XMP (ISO 16684-1, Adobe), C2PA 2.1
// (A.4), Spherical Video V1 (Google), the boxes of Sony and Canon, and those of
// PIFF, of which players need some to decrypt.
var uuids = map[string]uuidBox{
	"be7acfcb97a942e89c71999491e3afac": {"XMP", privacy.Unknown, uuidXMP},
	"d8fec3d61b0e483c92975828877ec481": {"C2PA", privacy.Provenance, uuidC2PA},
	"ffcc8263f8554a938814587a02521fdd": {"SphericalVideoXML", privacy.Technical, uuidSpherical},
	"9b630f8d637440ec8204bc5ff5091728": {"GarminGPS", privacy.Location, uuidWhole},
	"50524f4621d24fcebb88695cfac9c740": {"Profile", privacy.Device, uuidWhole},
	"55534d5421d24fcebb88695cfac9c740": {"UserSpecificMetadata", privacy.Identity, uuidWhole},
	"85c0b687820f11e08111f4ce462b6a48": {"Canon", privacy.MakerNote, uuidWhole},
	"eaf42b5e1c984b88b9fbb7dc406e4d16": {"PreviewImage", privacy.Preview, uuidWhole},
	"0537cdab9d0c4431a72afa561f2a113e": {"EXIF", privacy.MakerNote, uuidWhole},
	"33c7a4d2b81d4723a0baf1a3e097ad38": {"IPTC", privacy.Identity, uuidWhole},
	"6d1d9b0542d544e680e2141daff757b2": {"FragmentTime", privacy.Time, uuidWhole},
	"d4807ef2ca3946958e5426cb9e46a79f": {"FragmentReference", privacy.Time, uuidWhole},
	"a2394f525a9b4f14a2446c427c648df4": {"SampleEncryption", "", uuidKeep},
	"8974dbce7be74c5184f97148f9882554": {"TrackEncryption", "", uuidKeep},
	"d08a4f1810f34a82b6c832d8aba183d3": {"ProtectionSystem", "", uuidKeep},
}

func (p *parser) uuid(b bmff.Box, path string) error {
	u, ok := uuids[hex.EncodeToString(b.ID[:])]
	if !ok {
		return p.unknown(b, join(path, "UUID"))
	}
	path = join(path, u.name)
	switch u.kind {
	case uuidXMP:
		return p.xmp(b, path, b.Content())
	case uuidC2PA:
		return p.c2pa(b, path)
	case uuidSpherical:
		return p.spherical(b, path)
	case uuidKeep:
		return nil
	}
	return p.whole(b, u.class, path)
}

// xmp makes a child of an XMP packet.
func (p *parser) xmp(b bmff.Box, path string, s exifscrub.Span) error {
	c := &exifscrub.Child{Path: path, Format: "xmp", Spans: []exifscrub.Span{s}, Class: privacy.Unknown, Fixed: true, Expendable: true}
	return p.add(part{Item: exifscrub.Item{Child: c}, frees: []bmff.Box{b}})
}

// c2pa makes a child of a manifest: a full box, the purpose as text, and for a
// manifest an offset, before the JUMBF superbox (C2PA 2.1, A.4.1).
func (p *parser) c2pa(b bmff.Box, path string) error {
	s := b.Content()
	h, err := p.head(s, 4+64+8)
	if err != nil {
		return err
	}
	for i := 4; i < len(h); i++ {
		if h[i] != 0 {
			continue
		}
		skip := int64(i + 1)
		if string(h[4:i]) == "manifest" || string(h[4:i]) == "original" || string(h[4:i]) == "update" {
			skip += 8
		}
		if skip >= s.Len {
			break
		}
		inner := exifscrub.Span{Off: s.Off + skip, Len: s.Len - skip}
		c := &exifscrub.Child{Path: path, Format: "jumbf", Spans: []exifscrub.Span{inner}, Class: privacy.Provenance, Fixed: true}
		what := []privacy.Finding{{Class: privacy.Provenance, Path: path, Spans: []exifscrub.Span{s}}}
		return p.add(part{Item: exifscrub.Item{Child: c, Together: what}, frees: []bmff.Box{b}})
	}
	return p.whole(b, privacy.Provenance, path)
}

// spherical looks at Spherical Video V1 metadata. The projection stays bit for
// bit; the program and the time in it are overwritten.
func (p *parser) spherical(b bmff.Box, path string) error {
	raw, err := p.read(b.Content())
	if err != nil {
		return err
	}
	for _, e := range []struct {
		tag   string
		class privacy.Class
	}{{"StitchingSoftware", privacy.Device}, {"Timestamp", privacy.Time}} {
		at, value, ok := element(raw, e.tag)
		if !ok {
			continue
		}
		f := &privacy.Finding{Class: e.class, Path: join(path, e.tag), Value: privacy.Secret(value), Spans: []exifscrub.Span{{Off: b.Body + int64(at), Len: int64(len(value))}}}
		if err := p.add(part{Item: exifscrub.Item{Finding: f}, blank: f.Spans, fill: '0'}); err != nil {
			return err
		}
	}
	return nil
}
