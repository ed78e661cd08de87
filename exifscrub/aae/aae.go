// Package aae reads and cleans Apple's adjustment sidecars (IMG_0001.AAE): a
// property list, XML or binary, that holds the edits of a photo or the slow
// motion of a video (PHAdjustmentData of the Photos framework). The edits stay,
// since the file is worth nothing without them; when, with which program and on
// which system they were made goes. Edits in a form nobody here can read go too.
package aae

import (
	"bytes"
	"context"
	"fmt"
	"iter"

	"flightveil/exifscrub"
	"flightveil/internal/block/plist"
	"flightveil/internal/block/xmlscan"
	"flightveil/internal/input"
)

// Format is the container "aae".
type Format struct{}

// ID returns "aae".
func (Format) ID() string { return "aae" }

// Detect recognises a property list that holds one of the keys every
// adjustment file has.
func (Format) Detect(p input.Probe) input.Match {
	isBinary := bytes.HasPrefix(p.Prefix, []byte("bplist00"))
	if !isBinary && !bytes.Contains(p.Prefix, []byte("plist")) && !bytes.Contains(p.Prefix, []byte("p\x00l\x00i")) && !bytes.Contains(p.Prefix, []byte("p\x00\x00\x00l\x00\x00\x00i")) {
		return input.No // in no encoding
	}
	if !isBinary {
		t, err := xmlscan.NewText(p.Prefix[:len(p.Prefix)&^3])
		if err != nil || !bytes.Contains([]byte(t.String()), []byte("<plist")) {
			return input.No
		}
	}
	b, err := input.ReadRange(p.Input, 0, p.Input.Size(), input.Limits{}.Defaults().Field)
	if err != nil {
		return input.No
	}
	if !isBinary {
		t, _ := xmlscan.NewText(b) // an odd end does not matter here
		b = []byte(t.String())
	}
	for _, key := range []string{"adjustmentFormatIdentifier", "adjustmentBaseVersion", "adjustmentEditorBundleID"} {
		if bytes.Contains(b, []byte(key)) {
			return input.Certain
		}
	}
	return input.No
}

// Walk yields one finding for each key that says something, and for each part
// of the edits that is no edit.
func (Format) Walk(ctx context.Context, in input.Input, lim input.Limits) iter.Seq2[exifscrub.Item, error] {
	return func(yield func(exifscrub.Item, error) bool) {
		d, err := read(ctx, in, lim)
		if err != nil {
			yield(exifscrub.Item{}, err)
			return
		}
		for _, e := range d.entries {
			if !yield(exifscrub.Item{Finding: &e.Finding}, nil) {
				return
			}
		}
	}
}

// Edits takes out keys, blanks stray bytes and writes the edits anew if a part
// of them must go.
func (Format) Edits(ctx context.Context, in input.Input, decisions []exifscrub.Decision, lim input.Limits) iter.Seq2[exifscrub.Edit, error] {
	d, err := read(ctx, in, lim)
	if err != nil {
		return exifscrub.Fail(err)
	}
	if len(decisions) != len(d.entries) {
		return exifscrub.Fail(fmt.Errorf("%d decisions for %d findings of an adjustment file", len(decisions), len(d.entries)))
	}
	edits, err := d.edits(decisions)
	if err != nil {
		return exifscrub.Fail(fmt.Errorf("cleaning an adjustment file: %w", err))
	}
	return exifscrub.Seq(edits)
}

func read(ctx context.Context, in input.Input, lim input.Limits) (*document, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	lim = lim.Defaults()
	b, err := input.ReadRange(in, 0, in.Size(), lim.Field)
	if err != nil {
		return nil, fmt.Errorf("reading an adjustment file: %w", err)
	}
	f, err := plist.Parse(b, lim.Items)
	if err != nil {
		return nil, err
	}
	if f.Root.Kind != plist.Dict {
		return nil, fmt.Errorf("an adjustment file that is no dictionary: %w", input.ErrUnsupported)
	}
	return inspect(f, b, lim), nil
}
