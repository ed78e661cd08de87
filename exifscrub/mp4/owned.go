package mp4

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"flightveil/exifscrub"
	"flightveil/internal/block/bmff"
	"flightveil/internal/input"
)

// owned is a run of bytes that holds samples of a track.
type owned struct {
	exifscrub.Span
	track int // index
}

// maxSorted is how many chunks in no order may be held to put them in order.
// Chunks of recorded files ascend; those of edited ones are few.
const maxSorted = 1 << 20

var (
	errOverlap = fmt.Errorf("samples overlap: %w", input.ErrUnsupported)
	errOutside = fmt.Errorf("samples lie outside of media data: %w", input.ErrUnsupported)
	errOrder   = errors.New("chunks do not ascend")
)

// cursor walks what one track owns, ascending.
type cursor interface {
	next() (owned, bool, error)
}

// tableCursor walks the chunks of a track whose table ascends.
type tableCursor struct {
	*bmff.Cursor
	f     *file
	track int
	last  int64
}

func (c *tableCursor) next() (owned, bool, error) {
	t := c.f.tracks[c.track]
	for {
		chunk, ok, err := c.Next()
		if !ok || err != nil {
			return owned{}, false, err
		}
		if chunk.Size == 0 || t.Outside(chunk.Entry) {
			continue
		}
		if chunk.Off < c.last {
			return owned{}, false, errOrder
		}
		c.last = chunk.Off
		if o, ok := c.f.clip(owned{exifscrub.Span{Off: chunk.Off, Len: chunk.Size}, c.track}); ok {
			return o, true, nil
		}
	}
}

// clip cuts off what lies behind the end of the file.
func (f *file) clip(o owned) (owned, bool) {
	if o.Off >= f.size {
		f.short = true
		return o, false
	}
	if o.Len > f.size-o.Off {
		f.short = true
		o.Len = f.size - o.Off
	}
	return o, true
}

// sliceCursor walks a sorted slice.
type sliceCursor struct{ left []owned }

func (c *sliceCursor) next() (owned, bool, error) {
	if len(c.left) == 0 {
		return owned{}, false, nil
	}
	o := c.left[0]
	c.left = c.left[1:]
	return o, true, nil
}

// order reads and sorts the chunks of a track whose table does not ascend.
func (f *file) order(i int) error {
	t := f.tracks[i]
	sorted := 0
	for _, other := range f.tracks {
		sorted += len(other.sorted)
	}
	for chunk, err := range t.Chunks() {
		if err != nil {
			return err
		}
		if chunk.Size == 0 || t.Outside(chunk.Entry) {
			continue
		}
		if o, ok := f.clip(owned{exifscrub.Span{Off: chunk.Off, Len: chunk.Size}, i}); ok {
			if sorted++; sorted > maxSorted {
				return fmt.Errorf("more than %d chunks in no order: %w", maxSorted, input.ErrLimit)
			}
			t.sorted = append(t.sorted, o)
			f.place(o.Span)
		}
	}
	slices.SortFunc(t.sorted, func(a, b owned) int { return cmp.Compare(a.Off, b.Off) })
	return nil
}

// checkOrder finds out which tracks need their chunks sorted.
func (f *file) checkOrder() error {
	for i, t := range f.tracks {
		c := tableCursor{Cursor: t.Cursor(), f: f, track: i}
		for {
			o, ok, err := c.next()
			if err == errOrder {
				err = f.order(i)
				ok = false
			}
			if err != nil {
				return fmt.Errorf("track %d: %w", t.ID, err)
			}
			if !ok {
				break
			}
			f.place(o.Span)
		}
	}
	return nil
}

// owns yields what the tracks want names own, ascending. Bytes that two
// chunks claim, or that lie outside of the media data, are an error.
func (f *file) owns(ctx context.Context, in exifscrub.Input, want func(track int) bool) iter.Seq2[owned, error] {
	return func(yield func(owned, error) bool) {
		type source struct {
			cursor
			at owned
		}
		var live []*source
		add := func(c cursor) error {
			o, ok, err := c.next()
			if ok {
				live = append(live, &source{c, o})
			}
			return err
		}
		for i, t := range f.tracks {
			if !want(i) {
				continue
			}
			var c cursor = &tableCursor{Cursor: t.Cursor(), f: f, track: i}
			if t.sorted != nil {
				c = &sliceCursor{t.sorted}
			}
			if err := add(c); err != nil {
				yield(owned{}, err)
				return
			}
		}
		if err := add(&fragmentCursor{f: f, in: in, want: want}); err != nil {
			yield(owned{}, err)
			return
		}
		var end int64
		media := f.media
		for steps := 0; len(live) > 0; steps++ {
			first := 0
			for i := range live {
				if live[i].at.Off < live[first].at.Off {
					first = i
				}
			}
			s := live[first]
			o := s.at
			for len(media) > 0 && media[0].End() <= o.Off {
				media = media[1:]
			}
			var err error
			switch {
			case o.Off < end:
				err = errOverlap
			case len(media) == 0 || o.Off < media[0].Off || o.End() > media[0].End():
				err = errOutside
			case steps%4096 == 0:
				err = ctx.Err()
			}
			if !yield(o, err) || err != nil {
				return
			}
			end = o.End()
			var ok bool
			if s.at, ok, err = s.next(); err != nil {
				yield(owned{}, err)
				return
			}
			if !ok {
				live = slices.Delete(live, first, first+1)
			}
		}
	}
}
