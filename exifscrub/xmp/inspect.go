package xmp

import (
	"encoding/base64"
	"strconv"
	"strings"

	"flightveil/exifscrub"
	"flightveil/internal/block/xmp"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// A document is a packet with what Walk yields for it.
type document struct {
	*xmp.Packet
	entries []entry
	neutral []bool // by leaf: no finding
	coords  map[int]*coordinate
	size    int64
}

// An entry is one item and the leaf it is about, or broken.
type entry struct {
	item exifscrub.Item
	leaf int
}

// broken marks the finding that stands for a whole packet which is not
// well-formed, and the note about it.
const broken = -1

func inspect(b []byte, lim input.Limits) *document {
	lim = lim.Defaults()
	d := &document{Packet: xmp.Parse(b, lim.Items), size: int64(len(b))}
	classes := make([]privacy.Class, len(d.Leaves))
	judge := newJudge(d.Packet)
	for i, l := range d.Leaves {
		classes[i] = judge.classify(l)
	}
	d.coords = locate(d.Packet, classes)
	d.neutral = make([]bool, len(d.Leaves))
	d.entries = make([]entry, 0, len(d.Leaves)+2)
	for i, l := range d.Leaves {
		if d.neutral[i] = classes[i] == neutral; d.neutral[i] {
			continue
		}
		d.entries = append(d.entries, entry{exifscrub.Item{Finding: d.finding(i, classes[i])}, i})
		if c := d.picture(l, classes[i]); c != nil {
			d.entries = append(d.entries, entry{exifscrub.Item{Child: c}, i})
		}
	}
	if d.Err != nil {
		whole := &privacy.Finding{Class: privacy.Unknown, Path: "packet", Spans: []input.Span{{Len: d.size}}}
		d.entries = append(d.entries, entry{exifscrub.Item{Finding: whole}, broken},
			entry{exifscrub.Item{Note: "the XMP is not well-formed and can only be removed as a whole"}, broken})
	}
	return d
}

// finding describes leaf i.
func (d *document) finding(i int, class privacy.Class) *privacy.Finding {
	l := d.Leaves[i]
	f := &privacy.Finding{Class: class, Path: l.Flat()}
	if c := d.coords[i]; c != nil {
		f.Where = c.at
	}
	texts := make([]string, 0, 8)
	for _, v := range l.Values {
		if v.End > v.Off {
			f.Spans = append(f.Spans, d.Span(v.Off, v.End))
		}
		texts = append(texts, strings.TrimSpace(v.Text))
	}
	f.Value = privacy.Secret(strings.Join(texts, "; "))
	if n := len(f.Value); n > 200 && (class == privacy.Preview || class == privacy.MakerNote) {
		f.Value = privacy.Secret(strconv.Itoa(n) + " bytes")
	}
	return f
}

// picture returns the picture that a leaf holds in Base64.
func (d *document) picture(l xmp.Leaf, class privacy.Class) *exifscrub.Child {
	const shortest = 200
	if class != privacy.Preview || len(l.Values) != 1 || len(l.Values[0].Text) < shortest {
		return nil
	}
	b := decodeBase64(l.Values[0].Text)
	for _, magic := range []string{"\xFF\xD8\xFF", "\x89PNG\r\n", "RIFF", "\x00\x00\x00\x18ftyp", "\x00\x00\x00\x1Cftyp", "\x00\x00\x00\x20ftyp"} {
		if strings.HasPrefix(string(b[:min(len(b), 8)]), magic) {
			return &exifscrub.Child{Path: l.Flat(), Spans: []input.Span{d.Span(l.Values[0].Off, l.Values[0].End)}, Decoded: b, Class: privacy.Preview}
		}
	}
	return nil
}

// decodeBase64 returns as much of s as can be decoded. White space between the
// characters is common, as is padding that is missing.
func decodeBase64(s string) []byte {
	s = strings.Map(func(r rune) rune {
		if r == ' ' || r == '\n' || r == '\r' || r == '\t' || r == '=' {
			return -1
		}
		return r
	}, s)
	b := make([]byte, base64.RawStdEncoding.DecodedLen(len(s)))
	n, _ := base64.RawStdEncoding.Decode(b, []byte(s)) // what comes before an error is still worth a look
	return b[:n]
}
