package gif

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"flightveil/exifscrub"
	"flightveil/internal/block/window"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// Block labels (appendix A).
const (
	image     = 0x2C
	extension = 0x21
	trailer   = 0x3B

	plainText      = 0x01
	graphicControl = 0xF9
	comment        = 0xFE
	application    = 0xFF
)

// An entry is an item of Walk and what removing or editing it means.
type entry struct {
	exifscrub.Item
	cut    exifscrub.Span                     // what goes with it
	value  exifscrub.Span                     // where a Decoded child lies
	recode func(child []byte) ([]byte, error) // what stands there for an edited child; an error if it may not be edited so
}

type parser struct {
	ctx  context.Context
	in   exifscrub.Input
	lim  exifscrub.Limits
	win  *window.Reader
	held int64 // bytes of blocks that may still be held in memory

	entries []entry
	coded   exifscrub.Span
	frames  int
	early   bool // the file ends without a trailer
}

// holdable is how many bytes of one file's blocks are read, in units of
// Limits.Field: what goes beyond is treated as unreadable.
const holdable = 4

// parse reads in. What was read before an error is in the parser.
func parse(ctx context.Context, in exifscrub.Input, lim exifscrub.Limits) (*parser, error) {
	return exifscrub.Parsed(in, func() (*parser, error) {
		lim = lim.Defaults()
		p := &parser{ctx: ctx, in: in, lim: lim, win: window.New(in), held: holdable * lim.Field}
		return p, p.parse()
	})
}

var errBroken = errors.New("not a block")

// parse reads the file from its header to its end.
func (p *parser) parse() error {
	head, err := p.win.Peek(0, 13) // sections 17 and 18
	if err != nil {
		return err
	}
	if len(head) < 13 {
		return fmt.Errorf("no screen descriptor: %w", io.ErrUnexpectedEOF)
	}
	off := 13 + colours(head[10])
	for {
		if err := p.ctx.Err(); err != nil {
			return err
		}
		if len(p.entries) > p.lim.Items {
			return fmt.Errorf("more than %d items: %w", p.lim.Items, input.ErrLimit)
		}
		b, err := p.win.Peek(off, 2)
		if err != nil {
			return err
		}
		if len(b) == 0 || len(b) == 1 && b[0] == extension {
			p.early = true
			p.rest(off)
			break
		}
		if b[0] == trailer {
			p.behind(off + 1)
			break
		}
		var next int64
		switch b[0] {
		case 0: // padding that some writers leave between blocks
			next, err = p.win.SkipZeros(off, p.in.Size())
		case image:
			next, err = p.frame(off)
		case extension:
			next, err = p.extension(off, b[1])
		default:
			err = errBroken
		}
		if err == io.EOF {
			p.early = true
			break
		}
		if err != nil {
			return fmt.Errorf("reading the block at %d: %w", off, err)
		}
		off = next
	}
	p.flush()
	if p.frames == 0 {
		return fmt.Errorf("no frame: %w", io.ErrUnexpectedEOF)
	}
	return nil
}

// colours returns the size of the colour table that follows a descriptor with
// these flags (sections 18 and 20).
func colours(flags byte) int64 {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

// frame steps over an image: descriptor, colour table, code size, sub-blocks.
func (p *parser) frame(off int64) (int64, error) {
	b, err := p.win.Peek(off, 10)
	if err != nil {
		return 0, err
	}
	end := p.in.Size()
	if len(b) == 10 {
		if end, err = p.skip(off + 10 + colours(b[9]) + 1); err == nil || err == io.EOF {
			p.frames++
		}
	} else {
		err = io.EOF
	}
	if err != nil && err != io.EOF {
		return 0, err
	}
	if err := p.swallows(off, end); err != nil {
		return 0, err
	}
	if err == nil {
		if gap := off - p.coded.End(); gap > 8 { // a graphic control extension of 8 bytes does not end a run
			p.flush()
			p.coded.Off = off
		}
		p.coded.Len = end - p.coded.Off
	}
	return end, err
}

// flush reports the frames that were read since the last flush.
func (p *parser) flush() {
	if s := p.coded; s.Len > 0 {
		p.entries = append(p.entries, entry{Item: exifscrub.Item{Coded: &s}})
	}
	p.coded = exifscrub.Span{}
}

// skip steps over the sub-blocks at off (section 15) and returns where the
// next block begins. If the file ends before their terminator, the error is
// io.EOF and the offset the file's end.
func (p *parser) skip(off int64) (int64, error) {
	for {
		b, err := p.win.Peek(off, 1)
		switch {
		case err != nil:
			return 0, err
		case len(b) == 0:
			return p.in.Size(), io.EOF
		case b[0] == 0:
			return off + 1, nil
		}
		off += 1 + int64(b[0])
	}
}

// join returns what the sub-blocks from off to end hold. end is behind their
// terminator.
func (p *parser) join(off, end int64) ([]byte, error) {
	if end-off > min(p.lim.Field, p.held) {
		return nil, input.ErrLimit
	}
	p.held -= end - off
	b, err := input.ReadRange(p.in, off, end-off, p.lim.Field)
	if err != nil {
		return nil, err
	}
	out := b[:0]
	for len(b) > 0 && b[0] > 0 {
		n := int(b[0]) + 1
		out = append(out, b[1:n]...)
		b = b[n:]
	}
	return out, nil
}

// split is the inverse of join.
func split(b []byte) []byte {
	var out []byte
	for len(b) > 0 {
		n := min(255, len(b))
		out = append(append(out, byte(n)), b[:n]...)
		b = b[n:]
	}
	return append(out, 0)
}

// swallows returns an error if an application extension or a comment lies
// between from and to, where there should be coded data only. A single wrong
// length in a frame can lead over its end, and the tail of an XMP extension is
// made to lead back to a block's begin from anywhere. By chance this many
// printable characters do not meet the bytes before them.
func (p *parser) swallows(from, to int64) error {
	const reach = 260 // a comment of one sub-block and what is around it
	for off := from; off < to; {
		b, err := p.win.Peek(off, to-off)
		if err != nil || len(b) == 0 {
			return err
		}
		for i := 0; i < len(b); i++ {
			n := bytes.IndexByte(b[i:], extension)
			if n < 0 {
				break
			}
			if i += n; isApplication(b[i:]) || isComment(b[i:]) {
				return fmt.Errorf("a frame with extensions in it: %w", errBroken)
			}
		}
		if int64(len(b)) == to-off {
			return nil
		}
		off += int64(len(b)) - reach
	}
	return nil
}

func isApplication(b []byte) bool {
	return len(b) >= 14 && b[1] == application && b[2] == 11 && printable(b[3:14])
}

func isComment(b []byte) bool {
	if len(b) < 8 || b[1] != comment || b[2] < 4 {
		return false
	}
	end := 3 + int(b[2])
	return end < len(b) && printable(b[3:end]) && (b[end] == 0 || b[2] == 255)
}

func printable(b []byte) bool {
	return bytes.IndexFunc(b, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r > '~' }) < 0
}

// find adds a finding whose removal cuts the bytes from off to end.
func (p *parser) find(f privacy.Finding, off, end int64) {
	if f.Spans == nil {
		f.Spans = []exifscrub.Span{{Off: off, Len: end - off}}
	}
	p.entries = append(p.entries, entry{Item: exifscrub.Item{Finding: &f}, cut: exifscrub.Span{Off: off, Len: end - off}})
}

func (p *parser) unknown(path string, off, end int64) {
	p.find(privacy.Finding{Class: privacy.Unknown, Path: path}, off, end)
}

// rest adds what is left of a block that the file ends in.
func (p *parser) rest(off int64) {
	if off < p.in.Size() {
		p.unknown("cut block", off, p.in.Size())
	}
}

// behind adds what follows the trailer, of which no reader of GIF takes notice.
func (p *parser) behind(off int64) {
	if off == p.in.Size() {
		return
	}
	span := exifscrub.Span{Off: off, Len: p.in.Size() - off}
	p.entries = append(p.entries, entry{Item: exifscrub.Item{Child: &exifscrub.Child{Path: "after the trailer", Spans: []exifscrub.Span{span}, Stray: true}}, cut: span})
}
