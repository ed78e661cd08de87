package png

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"

	"flightveil/exifscrub"
	"flightveil/internal/block/window"
	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// A chunk is a length, a type, data and a checksum (section 5.3).
type chunk struct {
	off  int64  // of the length field
	kind string // four letters
	size int64  // of the data, as the length field says
}

const (
	head = 8 // bytes before a chunk's data
	tail = 4 // bytes after it
)

func (c chunk) data() int64 { return c.off + head }
func (c chunk) end() int64  { return c.off + head + c.size + tail }

// span returns the data of c from byte from to byte to.
func (c chunk) span(from, to int64) exifscrub.Span {
	return exifscrub.Span{Off: c.data() + from, Len: to - from}
}

// An entry is an item of Walk and what removing, coarsening or editing it means.
type entry struct {
	exifscrub.Item
	chunk chunk
	// part is what goes with the item, counted from the start of the chunk's
	// data. If it is empty, the whole chunk goes.
	part exifscrub.Span
	// coarse returns a less exact value for the bytes of value.
	coarse func(to geo.Point) []byte
	// recode returns what stands for an edited Decoded child in the bytes of value.
	recode func(child []byte) ([]byte, error)
	value  exifscrub.Span // counted from the start of the chunk's data
	stray  bool           // the item is everything from chunk.off to the end of the file
}

type parser struct {
	ctx        context.Context
	in         exifscrub.Input
	lim        exifscrub.Limits
	win        *window.Reader
	inflatable int64 // bytes that may still be inflated or decoded
	showable   int64 // bytes of values that may still be held

	entries []entry
	ended   string // how the file ends, if not as it should
	wrong   int    // chunks whose checksum is wrong
	data    bool   // there is picture data
	after   bool   // the end chunk was read
	rest    int    // which entry holds the findings behind it
	coded   exifscrub.Span
}

// parse reads the file from its first chunk to its end.
func (p *parser) parse() error {
	off := int64(len(signature))
	for first := true; ; first = false {
		if err := p.ctx.Err(); err != nil {
			return err
		}
		if len(p.entries) > p.lim.Items {
			return fmt.Errorf("more than %d items: %w", p.lim.Items, input.ErrLimit)
		}
		c, err := p.next(off)
		if err == io.EOF || err == errBroken && !first && p.zeros(off) {
			p.ends(off)
			break
		}
		if err != nil {
			return fmt.Errorf("reading the chunk at %d: %w", off, err)
		}
		if first && c.kind != "IHDR" && c.kind != "CgBI" {
			return fmt.Errorf("the first chunk is no picture header: %w", errBroken)
		}
		if c.end() > p.in.Size() {
			if err := p.cut(c); err != nil {
				return err
			}
			break
		}
		if err := p.chunk(c); err != nil {
			return fmt.Errorf("%s at %d: %w", c.kind, c.off, err)
		}
		if off = c.end(); c.kind == "IEND" {
			if err := p.trailer(off); err != nil {
				return fmt.Errorf("after the end chunk: %w", err)
			}
			break
		}
	}
	p.flush()
	p.place()
	if !p.data {
		return fmt.Errorf("no picture data: %w", io.ErrUnexpectedEOF)
	}
	return nil
}

// next returns the chunk at off, whose data may leave the file. At the end of
// the file, and where only a part of a chunk's head is left, it returns io.EOF.
func (p *parser) next(off int64) (chunk, error) {
	b, err := p.win.Head(off, head)
	if err != nil {
		return chunk{}, err
	}
	if len(b) < head {
		return chunk{}, io.EOF
	}
	n := binary.BigEndian.Uint32(b)
	for _, l := range b[4:head] {
		if l|0x20 < 'a' || l|0x20 > 'z' {
			return chunk{}, errBroken
		}
	}
	if n > 1<<31-1 { // section 5.3
		return chunk{}, errBroken
	}
	return chunk{off, string(b[4:head]), int64(n)}, nil
}

// zeros reports whether nothing but zero bytes follow: the end of a file that
// was not written completely.
func (p *parser) zeros(off int64) bool {
	end, err := p.win.SkipZeros(off, p.in.Size())
	return err == nil && end == p.in.Size()
}

// ends notes that the file ends at off without an end chunk.
func (p *parser) ends(off int64) {
	p.ended = "the file ends early"
	if n := p.in.Size() - off; n > 0 && n < head {
		p.unknown(chunk{off: off}, "cut chunk", exifscrub.Span{Off: off, Len: n}).stray = true
	}
}

// cut handles the last chunk of a file that ends inside it.
func (p *parser) cut(c chunk) error {
	p.ended = "the file ends early"
	if k := lookup(c); k.keep == picture || k.keep == yes && c.kind == "IEND" {
		p.data = p.data || k.keep == picture
		// What has a wrong length may have swallowed the chunks behind it.
		if err := p.swallows(c.data(), p.in.Size()); err != nil {
			return fmt.Errorf("%s at %d leaves the file: %w", c.kind, c.off, err)
		}
		return nil
	}
	p.unknown(c, c.kind, exifscrub.Span{Off: c.off, Len: p.in.Size() - c.off}).stray = true
	return nil
}

// chunk handles a complete chunk.
func (p *parser) chunk(c chunk) error {
	k := lookup(c)
	if k.keep != picture {
		p.flush()
	}
	if c.kind == "IEND" && c.size > 0 {
		p.unknown(c, "IEND", c.span(0, c.size)).part = exifscrub.Span{Len: c.size}
		return nil
	}
	if k.keep == no && c.kind[0]&0x20 == 0 { // section 5.4: bit 5 of the first letter says whether a reader may skip it
		return fmt.Errorf("a critical chunk of unknown kind or size: %w", input.ErrUnsupported)
	}
	sum, err := p.verify(c)
	if err != nil {
		return err
	}
	if !sum {
		p.wrong++
	}
	switch {
	case k.keep == picture:
		p.data = true
		return p.picture(c, sum)
	case k.keep == yes:
		return nil
	case k.read != nil:
		return k.read(p, c)
	}
	p.find(c, privacy.Finding{Class: k.class, Path: k.name, Spans: []exifscrub.Span{c.span(0, c.size)}})
	return nil
}

// picture handles a chunk of coded picture data.
func (p *parser) picture(c chunk, sum bool) error {
	if sum {
		if p.coded.End() != c.off {
			p.flush()
			p.coded.Off = c.off
		}
		p.coded.Len = c.end() - p.coded.Off
		return nil
	}
	p.flush()
	return p.swallows(c.data(), c.end()-tail)
}

// flush reports the coded data that was read since the last flush.
func (p *parser) flush() {
	if s := p.coded; s.Len > 0 {
		p.entries = append(p.entries, entry{Item: exifscrub.Item{Coded: &s}})
	}
	p.coded = exifscrub.Span{}
}

// verify compares the checksum of c.
func (p *parser) verify(c chunk) (bool, error) {
	sum := uint32(0)
	if err := p.win.Each(c.off+4, c.end()-tail, func(b []byte) bool { sum = crc32.Update(sum, crc32.IEEETable, b); return true }); err != nil {
		return false, err
	}
	b, err := p.win.Head(c.end()-tail, tail)
	return err == nil && len(b) == tail && sum == binary.BigEndian.Uint32(b), err
}

// swallows returns an error if the damaged picture data between from and to
// has other chunks in it. By chance four letters and a length that fits hardly
// ever meet.
func (p *parser) swallows(from, to int64) error {
	for off := from; off < to; {
		b, err := p.win.Peek(off, to-off)
		if err != nil || len(b) < head {
			return err
		}
		for _, kind := range []string{"IDAT", "IEND", "fdAT", "fcTL", "eXIf", "zxIf", "tEXt", "zTXt", "iTXt", "tIME", "caBX"} {
			for i := 4; ; i++ {
				n := bytes.Index(b[i:], []byte(kind))
				if n < 0 {
					break
				}
				if i += n; int64(binary.BigEndian.Uint32(b[i-4:])) <= to-(off+int64(i)+4) {
					return fmt.Errorf("damaged picture data with other chunks in it: %w", errBroken)
				}
			}
		}
		off += int64(len(b)) - (head - 1)
	}
	return nil
}

// find adds a finding whose removal cuts the whole chunk. Those behind the end
// chunk share the fate of everything there.
func (p *parser) find(c chunk, f privacy.Finding) *entry {
	if p.after {
		p.entries[p.rest].Together = append(p.entries[p.rest].Together, f)
		return &entry{}
	}
	p.entries = append(p.entries, entry{Item: exifscrub.Item{Finding: &f}, chunk: c})
	return &p.entries[len(p.entries)-1]
}

func (p *parser) unknown(c chunk, path string, s exifscrub.Span) *entry {
	return p.find(c, privacy.Finding{Class: privacy.Unknown, Path: path, Spans: []exifscrub.Span{s}})
}

// child adds a child whose removal cuts the whole chunk.
func (p *parser) child(c chunk, child exifscrub.Child) *entry {
	child.Stray = p.after
	p.entries = append(p.entries, entry{Item: exifscrub.Item{Child: &child}, chunk: c})
	return &p.entries[len(p.entries)-1]
}

// trailer handles what follows the end chunk, of which no reader of PNG takes
// notice: the rest of an overwritten picture, chunks, other files.
func (p *parser) trailer(off int64) error {
	rest := exifscrub.Span{Off: off, Len: p.in.Size() - off}
	if rest.Len == 0 {
		return nil
	}
	p.after = true
	if c, err := p.next(off); err != nil || c.end() > p.in.Size() || !lookup(c).named() {
		p.child(chunk{off: off}, exifscrub.Child{Path: "after IEND", Spans: []exifscrub.Span{rest}}).stray = true
		return nil
	}
	all := []privacy.Finding{{Class: privacy.Unknown, Path: "after IEND", Spans: []exifscrub.Span{rest}}}
	p.rest = len(p.entries)
	p.entries = append(p.entries, entry{Item: exifscrub.Item{Together: all}, chunk: chunk{off: off}, stray: true})
	for found := 0; ; found++ {
		c, err := p.next(off)
		if err == io.EOF || err == errBroken || err == nil && c.end() > p.in.Size() {
			return p.ctx.Err()
		}
		if err != nil {
			return err
		}
		if k := lookup(c); k.read != nil {
			if err := k.read(p, c); err != nil {
				return err
			}
		}
		if found > p.lim.Items {
			return fmt.Errorf("more than %d items: %w", p.lim.Items, input.ErrLimit)
		}
		off = c.end()
	}
}

// notes says what a person should know about the file.
func (p *parser) notes() []string {
	var out []string
	if p.ended != "" {
		out = append(out, p.ended)
	}
	if p.wrong > 0 {
		out = append(out, fmt.Sprintf("wrong checksums in %d chunks; those that stay are left as they are", p.wrong))
	}
	return out
}
