package avi

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"flightveil/exifscrub"
	"flightveil/internal/block/window"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// A chunk is a name, a size, data, and a byte of padding if the size is odd.
type chunk struct {
	off  int64
	name string
	list string // the type of a LIST or RIFF
	data int64  // where its data, or the chunks in it, begin
	end  int64  // of its data
	next int64  // behind its padding
}

func (c chunk) body() exifscrub.Span { return exifscrub.Span{Off: c.data, Len: c.end - c.data} }

const (
	head      = 8
	mostLists = 10_000 // lists of frames, and indexes
)

var errBroken = errors.New("not a chunk")

// An entry is an item of Walk and what removing it means.
type entry struct {
	exifscrub.Item
	act    action
	at     chunk
	blank  exifscrub.Span
	stream *stream
	list   *stream // in whose headers it lies
}

type action int

const (
	none   action = iota
	junk          // the chunk becomes JUNK
	zero          // bytes become zeros
	silent        // the data of a stream becomes zeros
	strip         // messages in a stream are blanked
	stray         // what is no chunk of a stream among them becomes JUNK
	leave         // the stream leaves the file
	refuse        // the file is refused: its sound cannot be taken out
)

type parser struct {
	ctx    context.Context
	in     exifscrub.Input
	lim    exifscrub.Limits
	win    *window.Reader
	budget int64 // chunks that may still be read

	entries []entry
	streams []*stream
	listed  *stream // whose headers are being read
	heads   []chunk // avih, which count the streams
	movies  []chunk // the lists of the streams' chunks
	indexes []chunk // idx1
	strays  exifscrub.Item
	coded   []exifscrub.Span
	early   bool // the file is shorter than it says
}

// parse reads the file from its first chunk to its end.
func (p *parser) parse() error {
	size := p.in.Size()
	for off := int64(0); off < size; {
		c, err := p.chunk(off, size)
		if off == 0 && (err != nil || c.name != "RIFF") {
			return fmt.Errorf("no header: %w", errors.Join(err, errBroken))
		}
		if err != nil || c.name != "RIFF" || c.list != "AVI " && c.list != "AVIX" {
			if err := p.behind(off); err != nil {
				return err
			}
			break
		}
		if c.end-c.off <= 12 && size-c.off > 12 { // the size was never written
			c.end, c.next, p.early = size, size, true
		}
		if err := p.chunks(c.data, c.end, 0, "", p.top); err != nil {
			return err
		}
		off = c.next
	}
	if len(p.streams) == 0 {
		return fmt.Errorf("no stream: %w", io.ErrUnexpectedEOF)
	}
	return p.finish()
}

// behind handles what follows the last segment.
func (p *parser) behind(off int64) error {
	size := p.in.Size()
	off, err := p.win.SkipZeros(off, size)
	if err == nil && off < size {
		s := exifscrub.Span{Off: off, Len: size - off}
		p.find(privacy.Unknown, "after RIFF", "", s, entry{act: zero, blank: s})
	}
	return err
}

// chunk reads the head of the chunk at off. One that leaves the file is cut;
// one that leaves what it lies in is an error.
func (p *parser) chunk(off, end int64) (chunk, error) {
	if p.budget--; p.budget < 0 {
		return chunk{}, fmt.Errorf("too many chunks: %w", input.ErrLimit)
	}
	b, err := p.win.Head(off, min(12, end-off))
	if err != nil {
		return chunk{}, err
	}
	if len(b) < head {
		return chunk{off: off, next: end}, nil
	}
	c := chunk{off: off, name: string(b[:4]), data: off + head}
	size := int64(binary.LittleEndian.Uint32(b[4:]))
	if size > end-c.data {
		if end < p.in.Size() {
			return c, fmt.Errorf("chunk at %d is larger than what it lies in: %w", off, errBroken)
		}
		size, p.early = end-c.data, true
	}
	c.end = c.data + size
	c.next = min(end, c.end+size&1)
	if (c.name == "LIST" || c.name == "RIFF") && size >= 4 {
		c.list = string(b[8:12])
		c.data += 4
	}
	return c, nil
}

// chunks calls handle for each chunk from off to end, depth lists deep.
func (p *parser) chunks(off, end int64, depth int, in string, handle func(c chunk, depth int, in string) error) error {
	if depth > p.lim.Depth {
		return fmt.Errorf("lists nested %d deep: %w", depth, input.ErrLimit)
	}
	for off < end {
		if err := p.ctx.Err(); err != nil {
			return err
		}
		if len(p.entries) > p.lim.Items {
			return fmt.Errorf("more than %d items: %w", p.lim.Items, input.ErrLimit)
		}
		c, err := p.chunk(off, end)
		if err != nil {
			return err
		}
		if c.name == "" || c.name == "\x00\x00\x00\x00" { // too short for a chunk, or never written
			next, err := end, error(nil)
			if in == "movi" {
				next, err = p.resume(off, end)
			}
			if err == nil {
				err = p.rest(off, next, in)
			}
			if off = next; err != nil {
				return err
			}
			continue
		}
		if err := handle(c, depth, in); err != nil {
			return err
		}
		off = c.next
	}
	return nil
}

// rest adds a finding about the bytes from off to end, which are no chunk,
// unless they are zeros, or the head of one that the file's end cuts.
func (p *parser) rest(off, end int64, in string) error {
	blank, err := p.win.Zeros(off, end)
	if err == nil && !blank && in == "movi" {
		blank, err = p.cutHead(off, end)
	}
	if err == nil && !blank {
		s := exifscrub.Span{Off: off, Len: end - off}
		p.find(privacy.Unknown, path(in, "rest"), "", s, entry{act: zero, blank: s})
	}
	return err
}

// top handles a chunk of a segment.
func (p *parser) top(c chunk, depth int, in string) error {
	switch {
	case c.list == "hdrl":
		return p.chunks(c.data, c.end, depth+1, "", p.header)
	case c.list == "movi":
		p.movies = append(p.movies, c)
		if len(p.movies) > mostLists {
			return fmt.Errorf("more than %d lists of frames: %w", mostLists, input.ErrLimit)
		}
		return p.movie(c, p.count)
	case c.name == "idx1":
		if p.indexes = append(p.indexes, c); len(p.indexes) > mostLists {
			return fmt.Errorf("more than %d indexes: %w", mostLists, input.ErrLimit)
		}
		return nil
	}
	return p.other(c, depth, in)
}

// header handles a chunk of the header list.
func (p *parser) header(c chunk, depth int, in string) error {
	switch {
	case c.name == "avih":
		const used = 40 // four reserved numbers follow
		if p.heads = append(p.heads, c); len(p.heads) > 100 {
			return fmt.Errorf("more than 100 headers: %w", input.ErrLimit)
		}
		if c.end-c.data > used {
			return p.reserved("avih", c, used)
		}
		return nil
	case c.list == "strl":
		p.streams = append(p.streams, &stream{number: len(p.streams), list: c})
		if len(p.streams) > 100 { // streams have two digits
			return fmt.Errorf("more than 100 streams: %w", input.ErrLimit)
		}
		p.listed = p.streams[len(p.streams)-1]
		err := p.chunks(c.data, c.end, depth+1, "", p.streamHeader)
		p.listed = nil
		return err
	case c.list == "odml":
		return p.chunks(c.data, c.end, depth+1, "", p.header)
	case c.name == "dmlh": // section 5.0: the number of frames, the rest is reserved
		return p.reserved("dmlh", c, 4)
	case c.name == "vprp":
		return nil
	}
	return p.other(c, depth, in)
}

// reserved adds a finding if anything stands behind the used bytes of c.
func (p *parser) reserved(name string, c chunk, used int64) error {
	if c.data+used >= c.end {
		return nil
	}
	zeros, err := p.win.Zeros(c.data+used, c.end)
	if err == nil && !zeros {
		s := exifscrub.Span{Off: c.data + used, Len: c.end - c.data - used}
		p.find(privacy.Unknown, name+"/reserved", "", s, entry{act: zero, blank: s})
	}
	return err
}

func (p *parser) find(class privacy.Class, path, value string, s exifscrub.Span, e entry) {
	e.Item = exifscrub.Item{Finding: &privacy.Finding{Class: class, Path: path, Spans: []exifscrub.Span{s}, Value: privacy.Secret(value)}}
	e.list = p.listed
	p.entries = append(p.entries, e)
}

func path(in, name string) string {
	if in == "" {
		return name
	}
	return in + "/" + name
}

// cutHead reports whether the file ends in the first bytes of the head of a
// chunk of picture or sound, which is coded data as well.
func (p *parser) cutHead(off, end int64) (bool, error) {
	if end < p.in.Size() || end-off >= head {
		return false, nil
	}
	b, err := p.win.Head(off, end-off)
	if err != nil {
		return false, err
	}
	p.early = true
	if len(b) == 1 {
		return b[0]-'0' <= 9, nil
	}
	s := p.owner(string(b))
	code := b[2:min(4, len(b))]
	return s != nil && s.stays() && !bytes.ContainsFunc(code, func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') }), nil
}
