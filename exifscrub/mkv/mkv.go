// Package mkv reads Matroska and WebM videos.
//
// Specifications: EBML (RFC 8794) and Matroska (RFC 9559), whose sections are
// quoted, and the Matroska tag registry (draft-ietf-cellar-tags). Every edit
// keeps the size: what goes becomes a Void element as long as it was, so that
// seek heads and cues stay valid; checksums are mended or become Void, too.
// Kept are what the allow-list in elements.go names, video and audio tracks;
// every other element, track or attachment is a finding or a child.
//
// Not done: pictures and sound are not decoded. Supplemental information in
// the first samples of H.264 and H.265 tracks is told, and goes only under a
// policy that removes it. Tracks
// that are encrypted, or compressed other than with zlib, are not looked into.
package mkv

import (
	"context"
	"iter"

	"flightveil/exifscrub"
	"flightveil/internal/block/window"
	"flightveil/internal/input"
)

// Format is the Matroska container.
type Format struct{}

func (Format) ID() string { return "mkv" }

// Detect knows the EBML header (RFC 8794, section 8.1); the document type that
// follows says that it is Matroska.
func (Format) Detect(p input.Probe) input.Match {
	b := p.Prefix
	if len(b) < 8 || string(b[:4]) != "\x1A\x45\xDF\xA3" {
		return input.No
	}
	for i := 4; i+3 < len(b) && i < 80; i++ {
		if b[i] != 0x42 || b[i+1] != 0x82 || b[i+2]&0x80 == 0 {
			continue
		}
		switch s := string(b[i+3 : min(len(b), i+3+int(b[i+2]&0x7F))]); {
		case len(s) >= 8 && s[:8] == "matroska", len(s) >= 4 && s[:4] == "webm":
			return input.Certain
		}
	}
	return input.Likely
}

// Walk yields what the elements hold, in file order, then what the clusters
// and tracks hold, then the notes.
func (Format) Walk(ctx context.Context, in exifscrub.Input, lim exifscrub.Limits) iter.Seq2[exifscrub.Item, error] {
	return func(yield func(exifscrub.Item, error) bool) {
		p, err := parse(ctx, in, lim)
		for _, e := range p.entries {
			if !yield(e.Item, nil) {
				return
			}
		}
		if err != nil {
			yield(exifscrub.Item{}, err)
		}
	}
}

// Edits turns what goes into Void elements.
func (Format) Edits(ctx context.Context, in exifscrub.Input, decisions []exifscrub.Decision, lim exifscrub.Limits) iter.Seq2[exifscrub.Edit, error] {
	p, err := parse(ctx, in, lim)
	if err != nil {
		return exifscrub.Fail(err)
	}
	return p.edits(ctx, decisions)
}

// parse reads in. What was read before an error is in the parser.
func parse(ctx context.Context, in exifscrub.Input, lim exifscrub.Limits) (*parser, error) {
	return exifscrub.Parsed(in, func() (*parser, error) {
		p := newParser(ctx, in, lim.Defaults())
		defer p.win.Free()
		return p, p.parse()
	})
}

func newParser(ctx context.Context, in exifscrub.Input, lim exifscrub.Limits) *parser {
	return &parser{ctx: ctx, in: in, lim: lim, win: window.New(in), tracks: map[uint64]*track{}, counts: map[string]*entry{}, budget: 100_000 + min(in.Size()/64, 1<<24)}
}
