// Package jumbf says what JUMBF boxes give away, above all C2PA manifests
// ("Content Credentials"): who signed, with what program, which author, place
// and time the assertions name, and the pictures something was made from.
//
// Specifications: ISO/IEC 19566-5 (JUMBF), C2PA 2.1 with its JSON and CBOR
// assertions, RFC 9052 (COSE) for the signature.
//
// A manifest is signed. Taking one value out of it would make it a forgery, so
// all that is in a block shares one fate: if anything must go, the block goes.
// Nothing is looked up and no signature is checked; pictures inside a block are
// not looked into, which counts against it.
package jumbf

import (
	"context"
	"encoding/binary"
	"fmt"
	"iter"

	"flightveil/exifscrub"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// Format is the row of JUMBF superboxes, a child of pictures and videos, or a
// manifest beside them.
type Format struct{}

// ID implements [exifscrub.Format].
func (Format) ID() string { return "jumbf" }

// Detect implements [exifscrub.Format].
func (Format) Detect(p input.Probe) input.Match {
	if b := p.Prefix; len(b) >= 16 && string(b[4:8]) == "jumb" && string(b[12:16]) == "jumd" {
		return input.Certain
	}
	return input.No
}

// Walk implements [exifscrub.Format]. Everything is one item, so that it
// stays or goes together. Damage ends the list of values, not the walk: the
// block goes as a whole, whatever else is in it.
func (Format) Walk(ctx context.Context, in exifscrub.Input, lim exifscrub.Limits) iter.Seq2[exifscrub.Item, error] {
	return func(yield func(exifscrub.Item, error) bool) {
		if in.Size() == 0 {
			return
		}
		w := walker{ctx: ctx, in: in, lim: lim.Defaults()}
		w.add(privacy.Provenance, "JUMBF", "", input.Span{Len: in.Size()})
		if err := w.boxes(0, in.Size(), nil, 0); err != nil {
			yield(exifscrub.Item{}, err)
			return
		}
		yield(exifscrub.Item{Together: w.found}, nil)
	}
}

// Edits implements [exifscrub.Format]: all or nothing.
func (Format) Edits(_ context.Context, in exifscrub.Input, ds []exifscrub.Decision, _ exifscrub.Limits) iter.Seq2[exifscrub.Edit, error] {
	if len(ds) == 0 || !ds[0].Gone() {
		return exifscrub.Seq(nil)
	}
	return exifscrub.Seq([]exifscrub.Edit{{Len: in.Size()}})
}

type walker struct {
	ctx   context.Context
	in    input.Input
	lim   input.Limits
	items int
	found []privacy.Finding
}

// add records a value. path must not hold values of the file.
func (w *walker) add(class privacy.Class, path, value string, s input.Span) *privacy.Finding {
	w.found = append(w.found, privacy.Finding{Class: class, Path: path, Value: privacy.Secret(value), Spans: []input.Span{s}})
	return &w.found[len(w.found)-1]
}

// count adds n to what was read of the file.
func (w *walker) count(n int) error {
	if w.items += n; w.items > w.lim.Items {
		return fmt.Errorf("more than %d boxes and values: %w", w.lim.Items, input.ErrLimit)
	}
	return w.ctx.Err()
}

// A box is one box of ISO/IEC 19566-5, A.2: the boxes of ISO/IEC 14496-12.
type box struct {
	kind       string
	start, end int64 // of its contents
	cut        bool  // it should be longer than what it lies in
}

// boxes reads the boxes in [pos, end), which lie in superboxes called labels.
func (w *walker) boxes(pos, end int64, labels []string, depth int) error {
	if depth > w.lim.Depth {
		return fmt.Errorf("boxes nested %d deep: %w", depth, input.ErrLimit)
	}
	media := ""
	for pos < end {
		if err := w.count(1); err != nil {
			return err
		}
		b, err := w.box(pos, end)
		if err != nil {
			return err
		}
		if b.kind == "" {
			return w.damaged(pos, end, labels)
		}
		if b.cut {
			w.add(privacy.Unknown, path(labels, "damaged box"), "", input.Span{Off: pos, Len: end - pos})
		}
		switch b.kind {
		case "jumb":
			err = w.superbox(b, labels, depth)
		case "jumd": // read by superbox
		default:
			err = w.content(b, labels, &media)
		}
		if err != nil {
			return err
		}
		pos = b.end
	}
	return nil
}

// box reads the header of the box at pos; its kind is empty if there is none.
func (w *walker) box(pos, end int64) (box, error) {
	if end-pos < 8 {
		return box{}, nil
	}
	h := make([]byte, min(16, end-pos))
	if err := input.ReadFull(w.in, h, pos); err != nil {
		return box{}, err
	}
	n, header := int64(binary.BigEndian.Uint32(h)), int64(8)
	switch {
	case n == 0:
		n = end - pos
	case n == 1 && len(h) == 16:
		header, n = 16, int64(binary.BigEndian.Uint64(h[8:])&(1<<63-1))
	}
	if n < header || header > end-pos {
		return box{}, nil
	}
	return box{string(h[4:8]), pos + header, pos + min(n, end-pos), n > end-pos}, nil
}

// damaged adds bytes that are no boxes, unless they are zeros.
func (w *walker) damaged(pos, end int64, labels []string) error {
	zeros, err := w.zeros(pos, end)
	if err == nil && !zeros {
		w.add(privacy.Unknown, path(labels, "damaged box"), "", input.Span{Off: pos, Len: end - pos})
	}
	return err
}
