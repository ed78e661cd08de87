package heif

import (
	"fmt"

	"flightveil/exifscrub"
	"flightveil/internal/block/bmff"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// structure is the class of what pictures need and what tells nothing.
const structure privacy.Class = ""

// property is what a property of items is (23008-12, clause 6.5 and 9).
type property struct {
	class privacy.Class
	name  string
}

var properties = map[string]property{
	// How to decode a picture
	"hvcC": {}, "lhvC": {}, "av1C": {}, "avcC": {}, "vvcC": {}, "vvnC": {}, "evcC": {}, "j2kH": {}, "jpgC": {}, "jxlC": {}, "uncC": {}, "cmpd": {}, "cpat": {}, "icef": {}, "cmpC": {},
	"a1op": {}, "a1lx": {}, "lsel": {}, "oinf": {}, "tols": {}, "splz": {}, "sbpm": {}, "snuc": {}, "disi": {}, "cloc": {}, "frmp": {}, "vwid": {}, "prfr": {},
	// How it is shown
	"ispe": {}, "pixi": {}, "irot": {}, "imir": {}, "clap": {}, "pasp": {}, "rloc": {}, "iscl": {}, "rref": {}, "subs": {}, "scld": {}, "rotr": {},
	"clli": {}, "mdcv": {}, "cclv": {}, "amve": {}, "reve": {}, "ndwt": {}, "auxC": {}, "rrtp": {}, "wipe": {}, "zoom": {}, "fade": {}, "splt": {}, "stpe": {}, "ssld": {}, "tmap": {},
	"prjf": {}, "rwpk": {}, "cvrg": {}, "stvi": {}, "ster": {}, // projection of panoramas, stereo (23090-2)
	// What gives away
	"cmin": {privacy.Calibration, "CameraIntrinsicMatrix"}, "cmex": {privacy.Location, "CameraExtrinsicMatrix"},
	"crtt": {privacy.Time, "CreationTime"}, "mdft": {privacy.Time, "ModifyDate"}, "taic": {privacy.Time, "TAIClockInfo"}, "itai": {privacy.Time, "TAITimestamp"},
	"udes": {privacy.Description, "UserDescription"}, "altt": {privacy.Description, "AccessibilityText"},
	"aebr": {privacy.Exposure, "AutoExposureBracketing"}, "wbbr": {privacy.Exposure, "WhiteBalanceBracketing"}, "fobr": {privacy.Exposure, "FocusBracketing"},
	"afbr": {privacy.Exposure, "FlashExposureBracketing"}, "dobr": {privacy.Exposure, "DepthOfFieldBracketing"}, "pano": {structure, ""},
}

// properties reads the properties of items and what they belong to
// (8.11.14).
func (p *parser) properties(m *meta, b bmff.Box) error {
	var goes []gonner
	var uses []use
	var sizes []bool // by number: the property is a picture's size
	err := p.inside(b.Body, b.End, "meta/iprp", func(c bmff.Box) error {
		switch c.Type {
		case "ipco":
			n := uint32(0)
			for d, err := range bmff.Boxes(p.in, c.Body, c.End) {
				if err != nil {
					return err
				}
				if err := p.count(); err != nil {
					return err
				}
				if d.Type == "" || d.Cut || d.Open {
					return fmt.Errorf("property at %d: %w", d.Start, bmff.ErrDamaged)
				}
				n++
				sizes = append(sizes, d.Type == "ispe")
				g, err := p.property(d)
				if err != nil {
					return err
				}
				if g >= 0 {
					goes = append(goes, gonner{n, g})
				}
			}
			return nil
		case "ipma":
			u, err := p.associations(c)
			uses = append(uses, u...)
			return err
		}
		return p.whole(c, privacy.Unknown, join("meta/iprp", c.Name()))
	})
	if err != nil {
		return err
	}
	for _, u := range uses {
		if u.property > 0 && int(u.property) <= len(sizes) && sizes[u.property-1] {
			m.ispe[u.item] = true
		}
	}
	p.unneeded(goes, uses)
	return nil
}

// gonner is a property that is the part with the given number.
type gonner struct {
	property uint32
	part     int
}

// use says that an item has a property.
type use struct {
	item, property uint32
	at             int64 // of the byte with the flag that says a reader must know it
	flag           byte  // that byte
	essential      bool
}

// unneeded sees to it that a property which goes is not essential for the
// items that have it.
func (p *parser) unneeded(goes []gonner, uses []use) {
	if len(goes) == 0 {
		return
	}
	flags := map[uint32][]use{}
	for _, u := range uses {
		if u.essential {
			flags[u.property] = append(flags[u.property], u)
		}
	}
	for _, g := range goes {
		apply := p.parts[g.part].apply
		p.parts[g.part].apply = func(set *exifscrub.Patchset, d exifscrub.Decision) {
			apply(set, d)
			for _, u := range flags[g.property] {
				set.Set(u.at, []byte{u.flag &^ 0x80})
			}
		}
	}
}

// property adds what a property gives away. It returns the number of the part
// with which the property goes, or -1.
func (p *parser) property(b bmff.Box) (part int, err error) {
	e, known := properties[b.Type]
	switch {
	case b.Type == "free" || b.Type == "skip":
		return -1, p.padding(b, "meta/iprp/"+b.Type)
	case b.Type == "colr":
		return -1, p.colour(b)
	case known && e.class == structure:
		return -1, nil
	case known && e.class == privacy.Description:
		raw, err := p.read(b)
		if err != nil {
			return -1, err
		}
		value := text([]byte(spaced(raw[min(4, len(raw)):])))
		f := &privacy.Finding{Class: e.class, Path: "meta/iprp/" + e.name, Value: privacy.Secret(value), Spans: []exifscrub.Span{b.Content()}}
		return len(p.parts), p.add(exifscrub.Item{Finding: f}, frees(b))
	case known:
		return len(p.parts), p.whole(b, e.class, "meta/iprp/"+e.name)
	}
	return len(p.parts), p.whole(b, privacy.Unknown, "meta/iprp/"+b.Name())
}

// spaced returns b with spaces for the zeros between texts.
func spaced(b []byte) string {
	out := make([]byte, len(b))
	for i, c := range b {
		if out[i] = c; c == 0 {
			out[i] = ' '
		}
	}
	return string(out)
}

// colour tells about a colour profile, which holds text and stays.
func (p *parser) colour(b bmff.Box) error {
	const kind = 4
	if b.Size() < kind {
		return nil
	}
	raw, err := input.ReadRange(p.in, b.Body, kind, kind)
	if err != nil || string(raw) != "prof" && string(raw) != "rICC" {
		return err
	}
	f := &privacy.Finding{Class: privacy.Technical, Path: "ICC_Profile", Spans: []exifscrub.Span{{Off: b.Body + kind, Len: b.Size() - kind}}}
	return p.add(exifscrub.Item{Finding: f}, nil)
}

// associations reads which properties items have (8.11.14.3).
func (p *parser) associations(b bmff.Box) ([]use, error) {
	raw, err := p.read(b)
	if err != nil {
		return nil, err
	}
	f := fields{b: raw}
	version := f.number(1)
	f.skip(2)
	width := 1
	if f.number(1)&1 != 0 {
		width = 2
	}
	var out []use
	for range f.number(4) {
		id := f.id(version > 0)
		for range f.number(1) {
			at := f.pos
			v := uint32(f.number(width))
			if f.err != nil {
				return nil, f.err
			}
			if err := p.count(); err != nil {
				return nil, err
			}
			top := uint32(1) << (8*width - 1)
			out = append(out, use{item: id, property: v &^ top, at: b.Body + int64(at), flag: raw[at], essential: v&top != 0})
		}
		if f.err != nil {
			return nil, f.err
		}
	}
	return out, nil
}
