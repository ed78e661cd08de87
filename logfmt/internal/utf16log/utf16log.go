// Package utf16log decodes logs that are UTF-16 with the decoders of UTF-8: see
// [utf16text]. What they say of places is of the file, not of the text.
package utf16log

import (
	"context"
	"iter"
	"slices"

	"flightveil/internal/block/utf16text"
	"flightveil/internal/input"
	"flightveil/logfmt"
)

// Decode yields what decode yields of the text of in.
func Decode(ctx context.Context, in logfmt.Input, decode func(logfmt.Input) iter.Seq2[logfmt.Record, error]) iter.Seq2[logfmt.Record, error] {
	return func(yield func(logfmt.Record, error) bool) {
		text, err := utf16text.Open(ctx, in)
		if err != nil {
			yield(nil, err)
			return
		}
		if text == nil {
			decode(in)(yield)
			return
		}
		for r, err := range decode(text) {
			switch x := r.(type) {
			case logfmt.Identifier:
				x.Spans = slices.Clone(x.Spans)
				for i, s := range x.Spans {
					x.Spans[i] = text.Span(s)
				}
				r = x
			case logfmt.Damage:
				s := text.Span(input.Span{Off: x.Off, Len: x.Len})
				x.Off, x.Len = s.Off, s.Len
				r = x
			}
			if !yield(r, err) {
				return
			}
		}
	}
}
