package srt

import (
	"fmt"

	"flightveil/exifscrub"
	"flightveil/internal/input"
)

// A patch joins small changes, which come in order, to edits of some size.
type patch struct {
	in    exifscrub.Input
	unit  []byte // a space
	yield func(exifscrub.Edit, error) bool
	over  bool

	changes []change
	end     int64 // of the last one
}

// change writes with, or spaces if it is nil, over a span.
type change struct {
	input.Span
	with []byte
}

const (
	editLen = 32 << 10 // about as long as an edit gets
	gap     = 4 << 10  // changes farther apart are edits of their own
)

func (p *patch) blank(s input.Span)         { p.add(change{Span: s}) }
func (p *patch) set(s input.Span, b []byte) { p.add(change{s, b}) }

func (p *patch) ok() bool { return !p.over }

func (p *patch) add(c change) {
	if c.with != nil && int64(len(c.with)) != c.Len {
		p.fail(fmt.Errorf("a value at %d changes its length", c.Off))
		return
	}
	if n := len(p.changes); n > 0 && (c.Off-p.end > gap || c.End()-p.changes[0].Off > editLen) {
		p.flush()
	}
	for c.with == nil && c.Len > editLen { // a line without end
		part := int64(editLen - editLen%len(p.unit))
		p.changes = append(p.changes, change{Span: input.Span{Off: c.Off, Len: part}})
		p.flush()
		c.Off, c.Len = c.Off+part, c.Len-part
	}
	p.changes, p.end = append(p.changes, c), c.End()
}

// flush yields the changes so far as one edit.
func (p *patch) flush() {
	if len(p.changes) == 0 || p.over {
		return
	}
	from := p.changes[0].Off
	end := p.changes[len(p.changes)-1].End()
	b, err := input.ReadRange(p.in, from, end-from, 1<<20)
	if err != nil {
		p.fail(fmt.Errorf("reading subtitles: %w", err))
		return
	}
	for _, c := range p.changes {
		at := b[c.Off-from : c.End()-from]
		if c.with != nil {
			copy(at, c.with)
			continue
		}
		for i := range at {
			at[i] = p.unit[i%len(p.unit)]
		}
	}
	p.changes = p.changes[:0]
	p.over = !p.yield(exifscrub.Edit{Off: from, Len: int64(len(b)), With: b}, nil)
}

func (p *patch) fail(err error) {
	if !p.over {
		p.over = true
		p.yield(exifscrub.Edit{}, err)
	}
}
