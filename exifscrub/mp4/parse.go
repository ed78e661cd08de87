package mp4

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"

	"flightveil/exifscrub"
	"flightveil/internal/block/bmff"
	"flightveil/internal/block/window"
	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// part is one item of a file and what removing it alone does.
type part struct {
	exifscrub.Item
	frees []bmff.Box       // these become free boxes
	blank []exifscrub.Span // these are overwritten
	fill  byte             // with this
	// coarse returns what to write at the finding's first span where a less
	// exact value is wanted; nil means that there is none.
	coarse func(to geo.Point) []byte
	move   move
	sei    int  // track whose messages go with the part, from 1; 0 for none
	inside bool // in pictures that stay: if it is to go the file is refused
}

// group is a box that goes as a whole: when every part in it goes, or, if it
// has a lead, when its first part does.
type group struct {
	box         bmff.Box
	first, last int // parts; last is not one of them
	lead        bool
}

// file is what parse found.
type file struct {
	parts    []part
	groups   []group // by first part, outer ones first
	tracks   []*track
	media    []exifscrub.Span // bodies of mdat boxes, ascending
	hosts    []host           // what else may hold samples, ascending
	astray   bool             // samples lie in neither
	moofs    []bmff.Box
	defaults []bmff.Defaults
	indexes  []index
	gaps     int  // part about bytes no track owns; -1 if there are none
	short    bool // samples lie behind the end of the file
	size     int64
}

// parser collects the parts of a file.
type parser struct {
	file
	ctx   context.Context
	in    exifscrub.Input
	win   *window.Reader
	lim   exifscrub.Limits
	boxes int
	moov  bmff.Box
}

func parse(ctx context.Context, in exifscrub.Input, lim exifscrub.Limits) (*file, error) {
	p := &parser{ctx: ctx, in: in, win: window.New(in), lim: lim.Defaults()}
	defer p.win.Free()
	p.gaps, p.size = -1, in.Size()
	end, err := p.trailerStart()
	if err != nil {
		return nil, err
	}
	tops, err := p.topLevel(end)
	if err != nil {
		return nil, err
	}
	if p.moov.Type == "" {
		return nil, fmt.Errorf("the file has no movie header: %w", input.ErrUnsupported)
	}
	if err := p.readTracks(); err != nil {
		return nil, err
	}
	if err := p.findHosts(); err != nil {
		return nil, err
	}
	for _, b := range tops {
		if p.hosted(b) {
			continue
		}
		if err := p.top(b); err != nil {
			return nil, err
		}
	}
	if end < p.size {
		if err := p.trailer(end); err != nil {
			return nil, err
		}
	}
	if err := p.mediaData(); err != nil {
		return nil, err
	}
	slices.SortStableFunc(p.groups, func(a, b group) int {
		return cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(b.box.End-b.box.Start, a.box.End-a.box.Start))
	})
	return &p.file, nil
}

// topLevel lists the boxes of the file.
func (p *parser) topLevel(end int64) ([]bmff.Box, error) {
	var tops []bmff.Box
	for b, err := range bmff.Boxes(p.in, 0, end) {
		if err != nil {
			return nil, err
		}
		if err := p.count(); err != nil {
			return nil, err
		}
		tops = append(tops, b)
		p.mayHost(b)
		switch b.Type {
		case "moov":
			if b.Cut {
				return nil, fmt.Errorf("the movie header is cut: %w", io.ErrUnexpectedEOF)
			}
			if p.moov.Type == "" {
				p.moov = b
			}
		case "mdat":
			if b.Cut && b.End < p.size || b.Open && b.End < p.size {
				b.End = end
			}
			if b.Body < b.End {
				p.media = append(p.media, b.Content())
			}
		case "moof":
			if b.Cut { // written last by a recording that broke off: its samples are not there
				if err := p.note("the file ends inside a movie fragment"); err != nil {
					return nil, err
				}
				continue
			}
			p.moofs = append(p.moofs, b)
		case "imda": // media data that tables count from its own start
			return nil, fmt.Errorf("identified media data: %w", input.ErrUnsupported)
		}
	}
	return tops, nil
}

// top looks at one box of the file.
func (p *parser) top(b bmff.Box) error {
	if b.Type == "\x00\x00\x00\x00" && b.Open { // zeros behind the last box
		return p.trailing(b)
	}
	if b.Cut && b.Type != "mdat" { // bytes that only look like a box
		b.Type = ""
	}
	switch b.Type {
	case "": // bytes that are no box
		return p.trailing(b)
	case "ftyp", "styp", "pdin", "mdat", "wide":
		return nil
	case "moov":
		if b != p.moov { // readers take the first
			return p.unknown(b, "SecondMovie")
		}
		return p.movie(b)
	case "moof":
		return p.fragment(b)
	case "mfra":
		return p.fragmentIndex(b)
	case "sidx", "ssix":
		return p.segmentIndex(b)
	case "prft":
		return p.whole(b, privacy.Time, "ProducerReferenceTime")
	case "PICT", "thum":
		return p.whole(b, privacy.Preview, "PreviewPICT")
	case "pnot":
		return p.whole(b, privacy.Time, "PreviewDate")
	case "XMP_":
		return p.xmp(b, "XMP", b.Content())
	}
	return p.common(b, "")
}

// common looks at a box that may stand in several places, or that nobody knows.
func (p *parser) common(b bmff.Box, path string) error {
	switch b.Type {
	case "free", "skip", "wide":
		return p.padding(b, join(path, b.Name()))
	case "uuid":
		return p.uuid(b, path)
	case "udta":
		return p.userData(b, join(path, "UserData"))
	case "meta":
		return p.meta(b, path)
	}
	return p.unknown(b, join(path, b.Name()))
}

// unknown makes b a finding that nobody can tell anything about, unless it is
// empty: an empty box only says its type.
func (p *parser) unknown(b bmff.Box, path string) error { return p.whole(b, privacy.Unknown, path) }

// whole makes a finding of b as a whole.
func (p *parser) whole(b bmff.Box, c privacy.Class, path string) error {
	return p.box(b, c, path, "", b.Content())
}

// box makes a finding of a value in b, which goes with all of b.
func (p *parser) box(b bmff.Box, c privacy.Class, path, value string, s exifscrub.Span) error {
	f := &privacy.Finding{Class: c, Path: path, Value: privacy.Secret(value), Spans: []exifscrub.Span{s}}
	return p.add(part{Item: exifscrub.Item{Finding: f}, frees: []bmff.Box{b}})
}

// padding accounts for a box that should hold nothing.
func (p *parser) padding(b bmff.Box, path string) error {
	blank, err := p.win.Zeros(b.Body, b.End)
	if blank || err != nil {
		return err
	}
	f := &privacy.Finding{Class: privacy.Unknown, Path: path, Spans: []exifscrub.Span{b.Content()}}
	return p.add(part{Item: exifscrub.Item{Finding: f}, blank: f.Spans})
}

// rest accounts for bytes inside a box that are no box.
func (p *parser) rest(b bmff.Box, path string) error { return p.padding(b, join(path, "Rest")) }

// add appends a part; more of them than allowed, or a cancelled context, is an
// error.
func (p *parser) add(pt part) error {
	if p.parts = append(p.parts, pt); len(p.parts) > p.lim.Items {
		return fmt.Errorf("more than %d items: %w", p.lim.Items, input.ErrLimit)
	}
	return p.ctx.Err()
}

func (p *parser) note(text string) error { return p.add(part{Item: exifscrub.Item{Note: text}}) }

// count counts a box.
func (p *parser) count() error {
	if p.boxes++; p.boxes > p.lim.Items {
		return fmt.Errorf("more than %d boxes: %w", p.lim.Items, input.ErrLimit)
	}
	return nil
}

// grouped runs walk, whose parts lie in b; b goes if all of them do.
func (p *parser) grouped(b bmff.Box, walk func() error) error {
	first := len(p.parts)
	err := walk()
	if len(p.parts) > first {
		p.groups = append(p.groups, group{box: b, first: first, last: len(p.parts)})
	}
	return err
}

// inside calls do with each box directly inside b.
func (p *parser) inside(b bmff.Box, path string, do func(bmff.Box) error) error {
	start, err := b.Inner(p.in)
	if err != nil {
		return err
	}
	return p.between(start, b.End, path, do)
}

func (p *parser) between(start, end int64, path string, do func(bmff.Box) error) error {
	for c, err := range bmff.Boxes(p.in, start, end) {
		if err == nil {
			err = p.count()
		}
		if err != nil {
			return err
		}
		if c.Type == "" || c.Type == "\x00\x00\x00\x00" && c.Open { // the list's end
			c.Body = c.Start
			if err := p.rest(c, path); err != nil {
				return err
			}
			return nil
		}
		if c.Cut {
			return fmt.Errorf("%s box at %d leaves the box around it: %w", c.Name(), c.Start, io.ErrUnexpectedEOF)
		}
		if err := do(c); err != nil {
			return err
		}
	}
	return nil
}

// read returns s, which may be any length up to the limit of a field.
func (p *parser) read(s exifscrub.Span) ([]byte, error) {
	return input.ReadRange(p.in, s.Off, s.Len, p.lim.Field)
}

// head returns up to n bytes of s.
func (p *parser) head(s exifscrub.Span, n int64) ([]byte, error) {
	return input.ReadRange(p.in, s.Off, min(s.Len, n), n)
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "/" + name
}
