package mkv

import (
	"bytes"
	"encoding/binary"
	"strings"

	"flightveil/exifscrub"
	"flightveil/internal/block/dv"
	"flightveil/internal/block/nal"
	"flightveil/internal/privacy"
)

// codecPrivate handles what a decoder needs to begin (Matroska codec
// specifications, section 5), where it holds more than that.
func (p *parser) codecPrivate(t *track, n *node) error {
	if t.kind == video && n.end-n.data > p.lim.Field || n.cut {
		return nil
	}
	b, err := p.read(n)
	if err != nil {
		return err
	}
	switch t.codec {
	case "V_MPEG4/ISO/AVC", "V_MPEGH/ISO/HEVC":
		t.units = nal.H264
		if t.codec == "V_MPEGH/ISO/HEVC" {
			t.units = nal.H265
		}
		cfg, err := t.units.ParseConfig(b)
		if err != nil {
			t.units = 0
			return nil
		}
		t.lengths = cfg.LengthSize
		for _, s := range cfg.SEI {
			t.config = append(t.config, exifscrub.Span{Off: n.data + s.Off, Len: s.Len})
			t.count(t.units.Messages(b[s.Off:s.End()]))
		}
	case "V_MS/VFW/FOURCC": // BITMAPINFOHEADER: the codec's name is its fifth field
		t.dv = len(b) >= 20 && dv.Is(string(b[16:20]))
	case "V_QUICKTIME": // a sample description: its size, then the name
		t.dv = len(b) >= 8 && (dv.Is(string(b[4:8])) || dv.Is(string(b[:4])))
	case "A_VORBIS", "V_THEORA":
		for i, packet := range laced(b) {
			if i == 1 {
				p.comments(n, b, packet, 7) // "\x03vorbis", "\x81theora"
			}
		}
	case "A_FLAC":
		p.flac(n, b)
	}
	return nil
}

// laced splits three packets that Xiph's lacing joins (section 10.2).
func laced(b []byte) []exifscrub.Span {
	if len(b) < 1 || b[0] != 2 {
		return nil
	}
	off := 1
	var sizes []int
	for range 2 {
		n := 0
		for {
			if off == len(b) {
				return nil
			}
			v := b[off]
			off++
			if n += int(v); v != 0xFF {
				break
			}
		}
		sizes = append(sizes, n)
	}
	if sizes[0] > len(b)-off || sizes[1] > len(b)-off-sizes[0] {
		return nil
	}
	first, second := off+sizes[0], off+sizes[0]+sizes[1]
	return []exifscrub.Span{{Off: int64(off), Len: int64(sizes[0])}, {Off: int64(first), Len: int64(sizes[1])}, {Off: int64(second), Len: int64(len(b) - second)}}
}

// comments adds findings about a Vorbis comment header, which lies at s in b:
// its vendor and its comments, each behind its length. They become spaces.
func (p *parser) comments(n *node, b []byte, s exifscrub.Span, head int) {
	end, off := int(s.End()), int(s.Off)+head
	next := func() (from, to int, ok bool) {
		if end-off < 4 {
			return 0, 0, false
		}
		size := int64(binary.LittleEndian.Uint32(b[off:]))
		if size > int64(end-off-4) {
			return 0, 0, false
		}
		from = off + 4
		off = from + int(size)
		return from, off, true
	}
	add := func(class privacy.Class, name string, from, to int, value string) {
		if len(bytes.Trim(b[from:to], "\x00 ")) > 0 {
			at := []exifscrub.Span{{Off: n.data + int64(from), Len: int64(to - from)}}
			p.find(privacy.Finding{Class: class, Path: "CodecPrivate/" + name, Spans: at, Value: privacy.Secret(value)}, entry{act: blankSpans, want: at})
		}
	}
	from, to, ok := next()
	if !ok {
		return
	}
	add(privacy.Device, "Vendor", from, to, string(b[from:to]))
	if end-off < 4 {
		return
	}
	count := binary.LittleEndian.Uint32(b[off:])
	off += 4
	for range count {
		if from, to, ok = next(); !ok {
			return
		}
		name, value, _ := strings.Cut(string(b[from:to]), "=")
		class, path := tagClass(name)
		if class == privacy.Technical {
			class = privacy.Unknown
		}
		add(class, path, from, to, value)
	}
}

// Metadata blocks of FLAC (RFC 9639, section 8) that a decoder needs.
const (
	flacInfo  = 0
	flacPad   = 1
	flacSeeks = 3
)

// flac adds findings about the metadata blocks before a FLAC stream; what goes
// becomes zeros in place.
func (p *parser) flac(n *node, b []byte) {
	names := map[byte]string{2: "Application", 4: "VorbisComment", 5: "CueSheet", 6: "Picture"}
	for off := 4; bytes.HasPrefix(b, []byte("fLaC")) && len(b)-off >= 4; {
		kind, size := b[off]&0x7F, int(b[off+1])<<16|int(b[off+2])<<8|int(b[off+3])
		from := off + 4
		if size > len(b)-from {
			return
		}
		if off = from + size; kind == flacInfo || kind == flacSeeks {
			continue
		}
		if kind == 4 {
			p.comments(n, b, exifscrub.Span{Off: int64(from), Len: int64(size)}, 0)
			continue
		}
		name := names[kind]
		if name == "" {
			name = "Padding"
		}
		if len(bytes.Trim(b[from:off], "\x00")) > 0 {
			at := []exifscrub.Span{{Off: n.data + int64(from), Len: int64(size)}}
			p.find(privacy.Finding{Class: privacy.Unknown, Path: "CodecPrivate/" + name, Spans: at}, entry{act: blankSpans, want: at})
		}
	}
}
