// Package iptc finds and removes what an IPTC-IIM block gives away: who took a
// picture, where, when, for whom and what it shows.
//
// Specification: IPTC-NAA Information Interchange Model, version 4.2. A block
// is a row of datasets without offsets, so a dataset is removed by cutting it
// out. Blocks that a TIFF writer stored with the bytes of every 32-bit word
// reversed are read and written that way, at the same size. Record versions,
// the character set and numbers that describe the raster are the block's
// structure: they are kept while something else is, and are no findings.
//
// It does not look into object data (record 8), which goes as a whole.
package iptc

import (
	"context"
	"iter"

	"flightveil/exifscrub"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// Format is the IPTC-IIM block, a child of other containers.
type Format struct{}

// ID implements [exifscrub.Format].
func (Format) ID() string { return "iptc" }

// Detect recognises a block that stands alone by its first dataset, which is
// one of the envelope or application record.
func (Format) Detect(p input.Probe) input.Match {
	if b := p.Prefix; len(b) >= 5 && b[0] == marker && (b[1] == 1 || b[1] == 2) && datasets[key(b[1], b[2])].name != "" {
		return input.Likely
	}
	return input.No
}

// Walk implements [exifscrub.Format]. Nothing in a block is beyond reading: a
// tail that is no dataset is a finding.
func (Format) Walk(_ context.Context, in exifscrub.Input, lim exifscrub.Limits) iter.Seq2[exifscrub.Item, error] {
	return func(yield func(exifscrub.Item, error) bool) {
		b, err := exifscrub.Parsed(in, func() (*block, error) { return parse(in, lim) })
		if err != nil {
			yield(exifscrub.Item{}, err)
			return
		}
		if b.swapped && !yield(exifscrub.Item{Note: "the bytes of the IPTC block are in the wrong order"}, nil) {
			return
		}
		for _, s := range b.sets {
			if !s.structure && !yield(b.item(s), nil) {
				return
			}
		}
	}
}

// Edits implements [exifscrub.Format].
func (Format) Edits(_ context.Context, in exifscrub.Input, ds []exifscrub.Decision, lim exifscrub.Limits) iter.Seq2[exifscrub.Edit, error] {
	b, err := exifscrub.Parsed(in, func() (*block, error) { return parse(in, lim) })
	if err != nil {
		return exifscrub.Fail(err)
	}
	if b.swapped {
		ds = ds[1:]
	}
	edits := b.edits(ds)
	if b.swapped && len(edits) > 0 {
		edits = b.rewrite(edits)
	}
	return exifscrub.Seq(edits)
}

// edits returns the edits in the order of the datasets, unswapped.
func (b *block) edits(ds []exifscrub.Decision) []exifscrub.Edit {
	var out []exifscrub.Edit
	for _, s := range b.sets {
		if s.structure {
			continue
		}
		d := ds[0]
		ds = ds[1:]
		if d.Child != nil && !d.Gone() {
			if d.NewLen != s.end-s.value {
				out = append(out, b.newLen(s, d.NewLen))
			}
			continue
		}
		if d.Coarse() {
			if day, ok := coarse(s, b.value(s)); ok {
				out = append(out, exifscrub.Edit{Off: s.value, Len: int64(len(day)), With: day})
				continue
			}
		}
		if !d.Gone() && !d.Coarse() {
			continue
		}
		if n := len(out); n > 0 && out[n-1].Off+out[n-1].Len == s.start && out[n-1].With == nil {
			out[n-1].Len += s.end - s.start
			continue
		}
		out = append(out, exifscrub.Edit{Off: s.start, Len: s.end - s.start})
	}
	return out
}

// coarse returns the value of a date or time without anything finer than the
// day. Values of no known form have no coarse form.
func coarse(s set, v []byte) ([]byte, bool) {
	switch s.kind.form {
	case date:
		return v, isDate(v)
	case clock: // HHMMSS, or HHMMSS and the zone (IIM 4.2, 2:60)
		const midnight = "000000+0000"
		if len(v) == 6 || len(v) == len(midnight) {
			return []byte(midnight[:len(v)]), true
		}
	}
	return nil, false
}

func isDate(v []byte) bool {
	if len(v) != 8 {
		return false
	}
	for _, c := range v {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// item returns what s is to be reported as. A preview can be a file with
// metadata of its own.
func (b *block) item(s set) exifscrub.Item {
	if s.kind.name == previewData && !b.swapped && s.end > s.value {
		return exifscrub.Item{Child: &exifscrub.Child{Path: s.kind.name, Spans: b.spans(s), Class: s.kind.class, Stray: true}}
	}
	return exifscrub.Item{Finding: &privacy.Finding{Class: s.kind.class, Path: s.kind.name, Spans: b.spans(s), Value: privacy.Secret(b.text(s))}}
}
