package webp

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"flightveil/exifscrub"
	"flightveil/internal/block/icc"
	"flightveil/internal/block/window"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// A chunk is a name, a size, data, and a zero byte if the size is odd (section 2.3).
type chunk struct {
	off  int64
	name string
	size int64
	end  int64 // behind the padding, if there is one
}

const (
	head        = 8  // bytes before a chunk's data
	frameFields = 16 // bytes of a frame before its chunks
)

func (c chunk) data() int64           { return c.off + head }
func (c chunk) body() exifscrub.Span  { return exifscrub.Span{Off: c.data(), Len: c.size} }
func (c chunk) whole() exifscrub.Span { return exifscrub.Span{Off: c.off, Len: c.end - c.off} }

// An entry is an item of Walk and what removing or editing it means.
type entry struct {
	exifscrub.Item
	cut   exifscrub.Span // what goes with it
	blank bool           // it is not cut but zeroed
	chunk chunk          // a child's own
	frame int64          // where the frame begins that it lies in; 0 if in none
	flag  byte           // which flag of VP8X stands for it
	after bool           // it lies behind the end of the picture
}

// Flags of VP8X (section 2.7.1).
const (
	hasICC  = 0x20
	hasExif = 0x08
	hasXMP  = 0x04
)

type parser struct {
	ctx context.Context
	in  exifscrub.Input
	lim exifscrub.Limits
	win *window.Reader

	entries []entry
	riff    int64 // the size that the RIFF header states
	vp8x    int64 // where the data of VP8X begins; 0 if there is none
	picture bool  // there is a coded picture
	early   bool  // the file is shorter than it says
	last    chunk
}

var errBroken = errors.New("not a chunk")

// parse reads the file from its first chunk to its end.
func (p *parser) parse() error {
	b, err := p.win.Head(0, 12)
	if err != nil {
		return err
	}
	if len(b) < 12 {
		return fmt.Errorf("no header: %w", io.ErrUnexpectedEOF)
	}
	p.riff = int64(binary.LittleEndian.Uint32(b[4:]))
	end := min(head+p.riff, p.in.Size())
	p.early = end < head+p.riff
	if err := p.chunks(12, end, 0, p.chunk); err != nil {
		return err
	}
	if !p.picture {
		return fmt.Errorf("no picture: %w", io.ErrUnexpectedEOF)
	}
	return p.behind(end)
}

// chunks calls handle for each chunk from off to end, which lie in the frame at
// frame, if not 0. What is too small for a chunk, or a chunk that does not fit
// and is no picture, is a finding.
func (p *parser) chunks(off, end, frame int64, handle func(chunk) error) error {
	for off < end {
		if err := p.ctx.Err(); err != nil {
			return err
		}
		if len(p.entries) > p.lim.Items {
			return fmt.Errorf("more than %d items: %w", p.lim.Items, input.ErrLimit)
		}
		c, err := p.next(off, end)
		if err != nil {
			return err
		}
		if c.name == "" || c.name == "\x00\x00\x00\x00" {
			if zeros, err := p.win.Zeros(off, end); err != nil || zeros {
				return err // the end of a file that was not written completely
			}
		}
		if c.name == "" || c.data()+c.size > end {
			return p.tail(c, end, frame)
		}
		if err := handle(c); err != nil {
			return fmt.Errorf("chunk at %d: %w", off, err)
		}
		p.last = c
		off = c.end
	}
	return nil
}

// next returns the chunk at off, whose data may reach beyond end. Where there
// is no room for a chunk it has no name.
func (p *parser) next(off, end int64) (chunk, error) {
	b, err := p.win.Head(off, min(head, end-off))
	if err != nil || len(b) < head {
		return chunk{off: off, end: end}, err
	}
	c := chunk{off: off, name: string(b[:4]), size: int64(binary.LittleEndian.Uint32(b[4:]))}
	c.end = min(c.data()+c.size+c.size&1, end)
	return c, nil
}

// tail handles the last chunk, whose data reaches beyond end.
func (p *parser) tail(c chunk, end, frame int64) error {
	cut := p.early && end == p.in.Size()
	switch c.name {
	case "VP8 ", "VP8L", "ALPH", "ANMF":
		if !cut {
			return fmt.Errorf("a picture at %d is longer than what it lies in: %w", c.off, errBroken)
		}
		if c.name == "ANMF" {
			if c.size, c.end = end-c.data(), end; c.size < frameFields {
				return nil
			}
			return p.frame(c)
		}
		p.picture = p.picture || c.name != "ALPH"
		return p.swallows(c.data(), end)
	}
	c.end = end
	p.find(privacy.Finding{Class: privacy.Unknown, Path: "cut chunk", Spans: []exifscrub.Span{c.whole()}}, c.whole(), frame).flag = flag(c)
	return nil
}

// chunk handles a chunk of the file.
func (p *parser) chunk(c chunk) error {
	switch c.name {
	case "VP8X": // section 2.7.1
		if c.size != 10 || c.off != 12 {
			return fmt.Errorf("a VP8X chunk of unusual size or place: %w", input.ErrUnsupported)
		}
		p.vp8x = c.data()
		return p.padding(c, 0)
	case "VP8 ", "VP8L", "ALPH": // sections 2.5, 2.6, 2.7.1.2
		return p.coded(c, 0)
	case "ANIM": // section 2.7.1.1
		if c.size != 6 {
			return fmt.Errorf("an ANIM chunk of unusual size: %w", input.ErrUnsupported)
		}
		return nil
	case "ANMF":
		return p.frame(c)
	case "ICCP": // section 2.7.1.4
		b, err := input.ReadRange(p.in, c.data(), c.size, p.lim.Field)
		if err != nil && !errors.Is(err, input.ErrLimit) {
			return err
		}
		f := privacy.Finding{Class: privacy.Technical, Path: "ICCP/ICC_Profile", Spans: []exifscrub.Span{c.body()}}
		if !icc.Sound(b) {
			f.Class, f.Path = privacy.Unknown, "ICCP"
		}
		p.find(f, c.whole(), 0).flag = flag(c)
		return p.padding(c, 0)
	}
	p.metadata(c, false)
	return p.padding(c, 0)
}

// metadata handles a chunk that is no part of the picture.
func (p *parser) metadata(c chunk, after bool) {
	child := exifscrub.Child{Spans: []exifscrub.Span{c.body()}, Expendable: true, Stray: after}
	switch strings.ToUpper(c.name) {
	case "EXIF": // section 2.7.1.5; some writers put JPEG's prefix before it
		const prefix = "Exif\x00\x00"
		if b, err := p.win.Head(c.data(), min(c.size, int64(len(prefix)))); err == nil && string(b) == prefix {
			child.Spans[0] = exifscrub.Span{Off: c.data() + int64(len(prefix)), Len: c.size - int64(len(prefix))}
		}
		child.Path, child.Format, child.Fixed = "EXIF", "tiff", true
	case "XMP ", "XMP\x00":
		child.Path, child.Format = "XMP", "xmp"
	case "C2PA":
		child.Path, child.Format, child.Class = "C2PA", "jumbf", privacy.Provenance
	case "SEAL":
		p.find(privacy.Finding{Class: privacy.Provenance, Path: "SEAL", Spans: []exifscrub.Span{c.body()}}, c.whole(), 0)
		return
	default:
		p.unknown(name(c), c.whole(), 0)
		return
	}
	p.entries = append(p.entries, entry{Item: exifscrub.Item{Child: &child}, cut: c.whole(), chunk: c, flag: flag(c), after: after})
}

// flag returns the flag of VP8X that stands for c.
func flag(c chunk) byte {
	switch strings.ToUpper(c.name) {
	case "ICCP":
		return hasICC
	case "EXIF":
		return hasExif
	case "XMP ", "XMP\x00":
		return hasXMP
	}
	return 0
}

// name returns the name of c, if it is one that can be shown.
func name(c chunk) string {
	for _, l := range []byte(strings.TrimRight(c.name, " ")) {
		if l|0x20 < 'a' || l|0x20 > 'z' {
			if l < '0' || l > '9' {
				return "unknown chunk"
			}
		}
	}
	return strings.TrimRight(c.name, " ")
}

// frame handles a frame of an animation: 16 bytes, then the chunks of a picture
// and any others (section 2.7.1.1).
func (p *parser) frame(c chunk) error {
	if c.size < frameFields {
		return fmt.Errorf("a frame of %d bytes: %w", c.size, errBroken)
	}
	err := p.chunks(c.data()+frameFields, c.data()+c.size, c.off, func(sub chunk) error {
		switch sub.name {
		case "VP8 ", "VP8L", "ALPH":
			return p.coded(sub, c.off)
		}
		p.unknown("ANMF/"+name(sub), sub.whole(), c.off)
		return nil
	})
	if err != nil {
		return err
	}
	return p.padding(c, 0)
}

// coded handles a chunk of coded picture data.
func (p *parser) coded(c chunk, frame int64) error {
	p.picture = p.picture || c.name != "ALPH"
	if err := p.swallows(c.data(), c.data()+c.size); err != nil {
		return err
	}
	s := c.body()
	p.entries = append(p.entries, entry{Item: exifscrub.Item{Coded: &s}})
	return p.padding(c, frame)
}

// padding adds a finding if the byte after a chunk of odd size is not the zero
// it must be.
func (p *parser) padding(c chunk, frame int64) error {
	if c.end == c.data()+c.size {
		return nil
	}
	b, err := p.win.Head(c.end-1, 1)
	if err == nil && b[0] != 0 {
		s := exifscrub.Span{Off: c.end - 1, Len: 1}
		p.find(privacy.Finding{Class: privacy.Unknown, Path: "padding", Spans: []exifscrub.Span{s}}, s, frame).blank = true
	}
	return err
}

// swallows returns an error if a chunk of metadata lies between from and to,
// where there should be coded data only: a wrong size leads over it. By chance
// its name, a size that fits and what it must begin with never meet.
func (p *parser) swallows(from, to int64) error {
	const reach = 12
	for off := from; off < to; {
		b, err := p.win.Peek(off, to-off)
		if err != nil || len(b) < reach {
			return err
		}
		for name, begins := range map[string][]string{"EXIF": {"II*\x00", "MM\x00*", "Exif"}, "XMP ": {"<?xp", "<x:x", "<rdf"}} {
			for i := 0; ; i++ {
				n := bytes.Index(b[i:], []byte(name))
				if n < 0 || i+n+reach > len(b) {
					break
				}
				i += n
				fits := int64(binary.LittleEndian.Uint32(b[i+4:])) <= p.in.Size()-off-int64(i)-head
				for _, s := range begins {
					if fits && string(b[i+8:i+reach]) == s {
						return fmt.Errorf("a coded picture with metadata in it: %w", errBroken)
					}
				}
			}
		}
		if int64(len(b)) == to-off {
			return nil
		}
		off += int64(len(b)) - (reach - 1)
	}
	return nil
}

// behind handles what follows the end of the RIFF file, which readers ignore or
// take for more chunks.
func (p *parser) behind(end int64) error {
	rest := exifscrub.Span{Off: end, Len: p.in.Size() - end}
	if rest.Len == 0 {
		return nil
	}
	// The last padding was not counted. It stays with a picture only: what can be
	// cut or change its size would leave it behind.
	if still := p.last.name == "VP8 " || p.last.name == "VP8L"; rest.Len == 1 && still && p.last.size&1 == 1 && p.last.data()+p.last.size == end {
		if zero, err := p.win.Zeros(end, end+1); err != nil || zero {
			return err
		}
	}
	if c, err := p.next(end, p.in.Size()); err != nil {
		return err
	} else if !known(c) || c.data()+c.size > p.in.Size() {
		child := exifscrub.Child{Path: "after RIFF", Spans: []exifscrub.Span{rest}, Stray: true}
		p.entries = append(p.entries, entry{Item: exifscrub.Item{Child: &child}, cut: rest, after: true})
		return nil
	}
	all := []privacy.Finding{{Class: privacy.Unknown, Path: "after RIFF", Spans: []exifscrub.Span{rest}}}
	p.entries = append(p.entries, entry{Item: exifscrub.Item{Together: all}, cut: rest, after: true})
	for off := end; off < p.in.Size() && len(p.entries) <= p.lim.Items; {
		c, err := p.next(off, p.in.Size())
		if err != nil || c.name == "" || c.data()+c.size > p.in.Size() {
			return err
		}
		if known(c) {
			p.metadata(c, true)
		}
		off = c.end
	}
	return nil
}

// known reports whether c is named like a chunk of metadata that can be read.
func known(c chunk) bool {
	switch strings.ToUpper(c.name) {
	case "EXIF", "XMP ", "C2PA":
		return true
	}
	return false
}

func (p *parser) find(f privacy.Finding, cut exifscrub.Span, frame int64) *entry {
	p.entries = append(p.entries, entry{Item: exifscrub.Item{Finding: &f}, cut: cut, frame: frame})
	return &p.entries[len(p.entries)-1]
}

func (p *parser) unknown(path string, s exifscrub.Span, frame int64) {
	p.find(privacy.Finding{Class: privacy.Unknown, Path: path, Spans: []exifscrub.Span{s}}, s, frame)
}
