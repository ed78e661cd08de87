// Package psir finds and removes what Photoshop image resources give away:
// IPTC, Exif and XMP blocks, thumbnails, printers, paths on somebody's disk,
// names of alpha channels, slices and clipping paths.
//
// Specification: Adobe Photoshop File Formats Specification, November 2019,
// "Image Resource Blocks". The blocks lie in JPEG APP13, TIFF tag 8649, PSD
// files and PNG raw profiles. They hold no offsets, so a resource is removed by
// cutting it out; zeros after the last resource are padding.
//
// Resources of a fixed size that only say how Photoshop shows the document are
// its structure and no findings. It does not rewrite descriptors (layer
// comps, slices, print settings): those resources go as a whole.
package psir

import (
	"context"
	"encoding/binary"
	"iter"
	"slices"

	"flightveil/exifscrub"
	"flightveil/internal/input"
)

// Format is the row of image resource blocks, a child of other containers.
type Format struct{}

// ID implements [exifscrub.Format].
func (Format) ID() string { return "psir" }

// Detect recognises resources that stand alone.
func (Format) Detect(p input.Probe) input.Match {
	if len(p.Prefix) >= 12 && signatures[string(p.Prefix[:4])] && p.Prefix[4] < 0x28 { // no ID is above 10000
		return input.Likely
	}
	return input.No
}

// Walk implements [exifscrub.Format]. Nothing is beyond reading: what is no
// resource is a finding.
func (Format) Walk(ctx context.Context, in exifscrub.Input, lim exifscrub.Limits) iter.Seq2[exifscrub.Item, error] {
	return func(yield func(exifscrub.Item, error) bool) {
		rs, err := exifscrub.Parsed(in, func() ([]resource, error) { return parse(ctx, in, lim.Defaults()) })
		if err != nil {
			yield(exifscrub.Item{}, err)
			return
		}
		for _, r := range rs {
			for _, item := range r.items {
				if !yield(item, nil) {
					return
				}
			}
		}
	}
}

// Edits implements [exifscrub.Format].
func (Format) Edits(ctx context.Context, in exifscrub.Input, ds []exifscrub.Decision, lim exifscrub.Limits) iter.Seq2[exifscrub.Edit, error] {
	parsed, err := exifscrub.Parsed(in, func() ([]resource, error) { return parse(ctx, in, lim.Defaults()) })
	if err != nil {
		return exifscrub.Fail(err)
	}
	rs := slices.Clone(parsed)
	changed := false // whether the IPTC block will be another
	for i := range rs {
		r := &rs[i]
		r.decisions, ds = ds[:len(r.items)], ds[len(r.items):]
		changed = changed || r.id == idIPTC && r.changed()
	}
	var edits []exifscrub.Edit
	for _, r := range rs {
		edits = append(edits, r.edits(changed)...)
	}
	return exifscrub.Seq(merged(edits))
}

// changed reports whether the child in r's body will be gone or another.
func (r *resource) changed() bool {
	d := r.bodyDecision()
	return d != nil && (d.Gone() || len(d.Inner) > 0)
}

// edits returns the edits of one resource. newIPTC says that the digest of the
// IPTC block no longer fits.
func (r *resource) edits(newIPTC bool) []exifscrub.Edit {
	cut := []exifscrub.Edit{{Off: r.start, Len: r.end - r.start}}
	d := r.bodyDecision()
	if d != nil && len(r.fields) == 0 && (d.Gone() || d.Coarse()) || r.id == idIPTCDigest && newIPTC {
		return cut
	}
	var out []exifscrub.Edit
	if r.named && (r.decisions[0].Gone() || r.decisions[0].Coarse()) {
		out = append(out, exifscrub.Edit{Off: r.name.Off, Len: r.name.Len, With: []byte{0, 0}})
	}
	size := r.body.Len
	var inside []exifscrub.Edit
	for i, f := range r.fields {
		if d := r.decisions[len(r.decisions)-len(r.fields)+i]; d.Gone() || d.Coarse() {
			e := exifscrub.Edit{Off: f.Off, Len: f.Len, With: make([]byte, 4)} // an empty string
			inside = append(inside, e)
			size += e.NewLen() - e.Len
		}
	}
	if d != nil && d.Child != nil {
		size += d.NewLen - d.Child.Spans[0].Len
	}
	if r.thumbnail && size != r.body.Len {
		n := binary.BigEndian.AppendUint32(nil, uint32(d.NewLen))
		inside = append(inside, exifscrub.Edit{Off: r.body.Off + compressedSize, Len: 4, With: n})
	}
	if size != r.body.Len {
		out = append(out, exifscrub.Edit{Off: r.body.Off - 4, Len: 4, With: binary.BigEndian.AppendUint32(nil, uint32(size))})
		pad := exifscrub.Edit{Off: r.body.End(), Len: r.end - r.body.End(), With: make([]byte, size&1)}
		if pad.NewLen() != pad.Len {
			inside = append(inside, pad)
		}
	}
	return append(out, inside...)
}

// bodyDecision returns the decision about r's body, nil if it is structure.
func (r *resource) bodyDecision() *exifscrub.Decision {
	if n := len(r.decisions); n > 1 || n == 1 && !r.named {
		return &r.decisions[n-1]
	}
	return nil
}

// merged joins cuts that touch.
func merged(edits []exifscrub.Edit) []exifscrub.Edit {
	var out []exifscrub.Edit
	for _, e := range edits {
		if n := len(out); n > 0 && e.With == nil && out[n-1].With == nil && out[n-1].Off+out[n-1].Len == e.Off {
			out[n-1].Len += e.Len
			continue
		}
		out = append(out, e)
	}
	return out
}
