package jpeg

import (
	"flightveil/exifscrub"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

const (
	// jfifLen is the length of JFIF data without thumbnail (T.871, 10.1).
	jfifLen = 14
	// jfifThumb is where the thumbnail's width and height lie.
	jfifThumb = 12
	// adobeLen is the length of Adobe's data: version, two words of flags and
	// the colour transform (Adobe technical note 5116).
	adobeLen = 12
)

// apple marks its MPF files behind the JFIF data.
const appleMPF = "AMPF"

// jfif keeps the data that JFIF defines. A thumbnail and what follows it go.
func (f *file) jfif(c *carrier) error {
	b, err := f.begins(c.segment, jfifLen+int64(len(appleMPF)))
	if err != nil {
		return err
	}
	extra := exifscrub.Span{Off: c.data.Off + jfifLen, Len: c.data.Len - jfifLen}
	pixels := int64(b[jfifThumb]) * int64(b[jfifThumb+1])
	if pixels == 0 && (extra.Len == 0 || extra.Len == int64(len(appleMPF)) && string(b[jfifLen:]) == appleMPF) {
		f.technical("APP0/JFIF", c)
		return nil
	}
	what := privacy.Finding{Class: privacy.Unknown, Path: "APP0/JFIF/extra bytes", Spans: []exifscrub.Span{extra}}
	if pixels > 0 && extra.Len == 3*pixels {
		what.Class, what.Path = privacy.Preview, "APP0/JFIF/ThumbnailTIFF"
	}
	f.shortened(c, jfifLen, what, func(e *editor) { e.set(c.data.Off+jfifThumb, []byte{0, 0}) })
	return nil
}

// adobe keeps the colour transform, without which CMYK and RGB pictures show
// wrong colours. What some programs append goes.
func (f *file) adobe(c *carrier) error {
	extra := exifscrub.Span{Off: c.data.Off + adobeLen, Len: c.data.Len - adobeLen}
	if extra.Len == 0 {
		f.technical("APP14/Adobe", c)
		return nil
	}
	f.shortened(c, adobeLen, privacy.Finding{Class: privacy.Unknown, Path: "APP14/Adobe/extra bytes", Spans: []exifscrub.Span{extra}}, nil)
	return nil
}

// shortened adds a segment of which only the first n bytes are needed.
func (f *file) shortened(c *carrier, n int64, extra privacy.Finding, also func(*editor)) {
	f.add(part{
		items: []exifscrub.Item{{Finding: &extra}},
		spans: []exifscrub.Span{c.span()},
		edit: func(ds []exifscrub.Decision, e *editor) error {
			if !anyGone(ds) {
				return nil
			}
			e.set(c.data.Off-2, []byte{byte((n + 2) >> 8), byte(n + 2)})
			if also != nil {
				also(e)
			}
			e.cut(exifscrub.Span{Off: c.data.Off + n, Len: c.data.Len - n})
			return nil
		},
	})
}

// comment adds a COM segment.
func (f *file) comment(c *carrier) error {
	b, err := f.payload(c.segment)
	if err != nil {
		return err
	}
	f.finding(privacy.Finding{Class: privacy.Description, Path: "COM/Comment", Spans: []exifscrub.Span{c.data}, Value: text(b)}, c.span())
	return nil
}

// iccHeader is the signature, the number of this segment and of all.
const iccHeader = len(sigICC) + 2

// profile keeps a colour profile (ICC.1, B.4), whose size its first four
// bytes tell. Bytes behind its end go.
func (f *file) profile(c *carrier, later []*carrier) error {
	cs := others(c, later, func(c *carrier) bool { return c.is(0xE2, sigICC) && len(c.head) >= iccHeader })
	ordered := sortBy(cs, func(c *carrier) uint32 { return uint32(c.head[len(sigICC)]) })
	spans := from(int64(iccHeader), cs...)
	head, err := input.View(f.in, spans[0].Off, min(40, spans[0].Len), 40)
	if err != nil {
		return err
	}
	if !ordered || len(head) < 40 || string(head[36:]) != "acsp" {
		f.unknown("APP2/ICC_Profile", spansOf(cs)...)
		return nil
	}
	f.technical("APP2/ICC_Profile", cs...)
	var excess []exifscrub.Span
	size := int64(be32(head))
	for _, s := range spans {
		used := min(size, s.Len)
		size -= used
		s.Off, s.Len = s.Off+used, s.Len-used
		zero, err := f.w.Zeros(s.Off, s.End())
		if err != nil {
			return err
		}
		if !zero {
			excess = append(excess, s)
		}
	}
	if excess != nil {
		f.blankable(privacy.Finding{Class: privacy.Unknown, Path: "APP2/ICC_Profile/extra bytes", Spans: excess})
	}
	return nil
}

// blankable adds a finding whose bytes become zeros.
func (f *file) blankable(what privacy.Finding) {
	f.add(part{
		items: []exifscrub.Item{{Finding: &what}},
		spans: what.Spans,
		edit: func(ds []exifscrub.Decision, e *editor) error {
			for _, s := range what.Spans {
				if anyGone(ds) {
					e.zero(s)
				}
			}
			return nil
		},
	})
}
