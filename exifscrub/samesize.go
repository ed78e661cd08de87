package exifscrub

import (
	"errors"
	"iter"

	"flightveil/internal/input"
)

// ErrResize says that edits leave the file longer or shorter than it was.
var ErrResize = errors.New("the edits change the size of the file")

// SameSize yields edits of in that do what edits do, each as long as what it
// replaces. Where a block gets shorter and is filled up at its end, what lies
// between is written again where it comes to lie. If edits do not even out, the
// last pair is [ErrResize].
func SameSize(in Input, edits iter.Seq2[Edit, error]) iter.Seq2[Edit, error] {
	return func(yield func(Edit, error) bool) {
		var shift, pos int64 // by how much bytes move, and up to where that is settled
		for e, err := range edits {
			if err != nil {
				yield(Edit{}, err)
				return
			}
			if err := checkEdit(e, pos, in.Size()); err != nil {
				yield(Edit{}, err)
				return
			}
			if shift != 0 && !move(in, pos, e.Off-pos, shift, yield) {
				return
			}
			if n := e.NewLen(); n > 0 && !yield(Edit{Off: e.Off + shift, Len: n, With: e.With, Zero: e.Zero}, nil) {
				return
			}
			shift += e.NewLen() - e.Len
			pos = e.Off + e.Len
		}
		if shift != 0 {
			yield(Edit{}, ErrResize)
		}
	}
}

// move yields edits that write the n bytes of in at off shift bytes further.
func move(in Input, off, n, shift int64, yield func(Edit, error) bool) bool {
	const most = 64 << 10
	for n > 0 {
		b, err := input.ReadRange(in, off, min(n, most), most)
		if err != nil {
			yield(Edit{}, err)
			return false
		}
		if !yield(Edit{Off: off + shift, Len: int64(len(b)), With: b}, nil) {
			return false
		}
		off, n = off+int64(len(b)), n-int64(len(b))
	}
	return true
}
