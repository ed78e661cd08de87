package jpeg

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"flightveil/exifscrub"
	"flightveil/internal/block/window"
	"flightveil/internal/input"
)

// Markers, ITU-T T.81, table B.1.
const (
	mTEM  = 0x01
	mSOF0 = 0xC0
	mDHT  = 0xC4
	mJPG  = 0xC8
	mDAC  = 0xCC
	mSOFF = 0xCF
	mRST0 = 0xD0
	mRST7 = 0xD7
	mSOI  = 0xD8
	mEOI  = 0xD9
	mSOS  = 0xDA
	mAPP0 = 0xE0
	mAPPF = 0xEF
	mCOM  = 0xFE
)

// maxPayload is how much a segment can hold beside its marker and length.
const maxPayload = 0xFFFF - 2

// junkReach is how far the walk looks for the next segment behind bytes that
// belong to none.
const junkReach = 1 << 20

// A segment is a marker that is followed by a length and data.
type segment struct {
	marker byte
	off    int64 // of its first byte, fill bytes before the marker included
	data   exifscrub.Span
	cut    bool // the file ends inside it
}

func (s segment) span() exifscrub.Span {
	return exifscrub.Span{Off: s.off, Len: s.data.End() - s.off}
}

// meta reports whether s is one of the segments that hold metadata. All others
// are coded data (tables, frame and scan headers) and are never touched.
func (s segment) meta() bool { return s.marker >= mAPP0 && s.marker <= mAPPF || s.marker == mCOM }

// A layout is where the parts of one picture are.
type layout struct {
	segs          []segment
	scans         []exifscrub.Span // entropy-coded data
	junk          []exifscrub.Span // bytes between segments that belong to none
	width, height int64            // of the first frame
	end           int64            // behind EOI, or where the picture breaks off
	whole         bool             // EOI was there
	broken        string           // why the walk ended without EOI
}

// walk follows the markers of the picture at from (T.81, B.1.1). With head set
// it goes as far as the first scan header.
func walk(w *reader, from int64, head bool, lim input.Limits) (*layout, error) {
	l := &layout{}
	pos, size := from+2, w.Size()
	for {
		if len(l.segs)+len(l.junk) > lim.Items {
			return nil, fmt.Errorf("more than %d segments: %w", lim.Items, input.ErrLimit)
		}
		start := pos
		m, at, err := nextMarker(w.Reader, pos)
		if err != nil {
			return nil, err
		}
		switch {
		case at >= size:
			l.end, l.broken = size, "the picture ends early"
			return l, nil
		case m == mEOI:
			l.end, l.whole = at+2, true
			return l, nil
		case m == mTEM || m >= mRST0 && m <= mRST7:
			pos = at + 2
			continue
		case m == mSOI:
			l.end, l.broken = start, "another picture begins before the end of the first"
			return l, nil
		}
		s, ok, err := readSegment(w.Reader, m, start, at)
		if err != nil {
			return nil, err
		}
		if !ok {
			if pos, err = w.resync(start+1, len(l.scans) > 0); err != nil {
				return nil, err
			}
			if pos < 0 {
				l.end, l.broken = start, "the picture breaks off: what follows is no segment"
				return l, nil
			}
			l.junk = append(l.junk, exifscrub.Span{Off: start, Len: pos - start})
			continue
		}
		l.segs = append(l.segs, s)
		if err := l.frame(w, s); err != nil {
			return nil, err
		}
		pos = s.data.End()
		if m == mSOS && head {
			l.end = pos
			return l, nil
		}
		if m == mSOS && !s.cut {
			end := exifscrub.CodedEnd(w.in, pos)
			if end == pos {
				if end, err = w.marker(pos, size); err != nil {
					return nil, err
				}
			}
			l.scans = append(l.scans, exifscrub.Span{Off: pos, Len: end - pos})
			pos = end
		}
	}
}

// A reader follows markers through one buffer. Another one is for looking
// ahead where the markers do not follow one another.
type reader struct {
	*window.Reader
	ahead *window.Reader
	in    input.Input
}

func newReader(in input.Input) *reader { return &reader{window.New(in), window.New(in), in} }

func (w *reader) free() {
	w.Reader.Free()
	w.ahead.Free()
}

// marker returns the offset of the first 0xFF in [from, to) that a byte for
// which endsScan reports true follows, or to.
func (w *reader) marker(from, to int64) (int64, error) {
	for from < to-1 {
		b := input.InMemory(w.in, from)
		if b = b[:min(int64(len(b)), to-from)]; len(b) < 2 {
			var err error
			if b, err = w.Peek(from, to-from); err != nil || len(b) < 2 {
				return to, err
			}
		}
		for i := 0; ; i++ {
			j := bytes.IndexByte(b[i:len(b)-1], 0xFF)
			if j < 0 {
				break
			}
			if i += j; endsScan(b[i+1]) {
				return from + int64(i), nil
			}
		}
		from += int64(len(b) - 1) // the last byte may be the first of a marker
	}
	return to, nil
}

// endsScan reports whether 0xFF and b end entropy-coded data. Reserved markers
// do not occur there in a sound file; in a damaged one decoders pass over them
// to the next restart marker.
func endsScan(b byte) bool { return b >= mSOF0 && b != 0xFF && (b < mRST0 || b > mRST7) }

// nextMarker returns the marker code at pos and the offset of its 0xFF, behind
// any fill bytes (T.81, B.1.1.2). Code 0 means that there is no marker.
func nextMarker(w *window.Reader, pos int64) (m byte, at int64, err error) {
	b, err := w.Head(pos, 2)
	switch {
	case err != nil:
		return 0, 0, err
	case len(b) == 0 || len(b) == 1 && b[0] == 0xFF:
		return 0, w.Size(), nil
	case b[0] != 0xFF || b[1] == 0:
		return 0, pos, nil
	case b[1] != 0xFF:
		return b[1], pos, nil
	}
	for {
		if b, err = w.Peek(pos, window.Size); err != nil || len(b) == 0 {
			return 0, w.Size(), err
		}
		for i, c := range b {
			if c != 0xFF {
				return c, pos + int64(i) - 1, nil
			}
		}
		pos += int64(len(b))
	}
}

// readSegment returns the segment whose marker m lies at at, and whether it can
// be one. start is where the fill bytes before it begin.
func readSegment(w *window.Reader, m byte, start, at int64) (segment, bool, error) {
	if m < mSOF0 {
		return segment{}, false, nil
	}
	b, err := w.Head(at+2, 2)
	if err != nil {
		return segment{}, false, err
	}
	s := segment{marker: m, off: start, data: exifscrub.Span{Off: at + 4}}
	if len(b) < 2 {
		s.data = exifscrub.Span{Off: w.Size()}
		s.cut = true
		return s, true, nil
	}
	n := int64(binary.BigEndian.Uint16(b))
	if n < 2 {
		return s, false, nil
	}
	s.data.Len = n - 2
	if left := w.Size() - s.data.Off; s.data.Len > left {
		s.data.Len, s.cut = left, true
	}
	return s, true, nil
}

// resync returns where the next segment begins, or -1 if there is none near.
func (w *reader) resync(from int64, scanned bool) (int64, error) {
	for end := min(from+junkReach, w.Size()); from < end-1; {
		b, err := w.Peek(from, end-from)
		if err != nil || len(b) < 2 {
			return -1, err
		}
		for i := 0; i < len(b)-1; i++ {
			j := bytes.IndexByte(b[i:len(b)-1], 0xFF)
			if j < 0 {
				break
			}
			i += j
			if !endsScan(b[i+1]) {
				continue
			}
			ok, err := w.plausible(from+int64(i), scanned)
			if err != nil {
				return -1, err
			}
			if ok {
				return from + int64(i), nil
			}
		}
		from += int64(len(b) - 1)
	}
	return -1, nil
}

// plausible reports whether what looks like a marker at at is one. Behind a
// segment there must be another marker, behind all scans EOI.
func (w *reader) plausible(at int64, scanned bool) (bool, error) {
	m, mark, err := nextMarker(w.ahead, at)
	if err != nil || m == mEOI {
		return scanned, err
	}
	s, ok, err := readSegment(w.ahead, m, at, mark)
	if err != nil || !ok || s.cut || m == mSOI || m == mJPG || m >= 0xF0 && m != mCOM {
		return false, err
	}
	if m == mSOS {
		n := s.data.Len // one to four components, T.81, B.2.3
		return n >= 6 && n <= 12 && n%2 == 0, nil
	}
	next, _, err := nextMarker(w.ahead, s.data.End())
	return next >= mSOF0, err
}

// frame notes the size of the picture if s is its first frame header (T.81, B.2.2).
func (l *layout) frame(w *reader, s segment) error {
	if l.width > 0 || s.marker < mSOF0 || s.marker > mSOFF || s.marker == mDHT || s.marker == mJPG || s.marker == mDAC || s.data.Len < 5 {
		return nil
	}
	b, err := w.Head(s.data.Off, 5)
	if err != nil {
		return err
	}
	if len(b) < 5 {
		return io.ErrUnexpectedEOF
	}
	l.height, l.width = int64(binary.BigEndian.Uint16(b[1:])), int64(binary.BigEndian.Uint16(b[3:]))
	return nil
}
