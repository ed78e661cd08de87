package jpeg

import (
	"cmp"
	"slices"

	"flightveil/exifscrub"
)

// An editor collects edits in any order and knows where bytes end up.
type editor struct {
	list    []exifscrub.Edit
	shifts  []shift
	became  map[*appended]outcome
	packet  exifscrub.Decision // about the XMP packet that holds the directory
	blanked bool               // the unique ids of the index
}

// An outcome is what becomes of a picture or video behind the first picture.
type outcome struct {
	gone bool
	size int64 // after its own edits
}

// A shift says that whatever lies at or behind at moves by by.
type shift struct{ at, by int64 }

// cut removes the bytes of s.
func (e *editor) cut(s exifscrub.Span) {
	if s.Len > 0 {
		e.list = append(e.list, exifscrub.Edit{Off: s.Off, Len: s.Len})
		e.shifts = append(e.shifts, shift{s.End(), -s.Len})
	}
}

// zero blanks the bytes of s.
func (e *editor) zero(s exifscrub.Span) {
	if s.Len > 0 {
		e.list = append(e.list, exifscrub.Edit{Off: s.Off, Len: s.Len, Zero: true})
	}
}

// set writes b at off.
func (e *editor) set(off int64, b []byte) {
	e.list = append(e.list, exifscrub.Edit{Off: off, Len: int64(len(b)), With: b})
}

// resized says that a child that ends at end, and stays, grew by by bytes.
func (e *editor) resized(end, by int64) {
	if by != 0 {
		e.shifts = append(e.shifts, shift{end, by})
	}
}

// moved returns where the byte at off will be.
func (e *editor) moved(off int64) int64 {
	to := off
	for _, s := range e.shifts {
		if s.at <= off {
			to += s.by
		}
	}
	return to
}

// edits returns what was collected, ascending.
func (e *editor) edits() []exifscrub.Edit {
	slices.SortStableFunc(e.list, func(a, b exifscrub.Edit) int { return cmp.Compare(a.Off, b.Off) })
	return e.list
}
