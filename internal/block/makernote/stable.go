package makernote

import (
	"slices"

	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// stable reports whether removing fields leaves a note in which none of them
// is found again and all others are: a damaged note may read differently once
// something in it is gone. It tries what the profiles keep.
func (p *parser) stable(n Note, again func(input.Input) (Note, error)) (bool, error) {
	for _, also := range [][]privacy.Class{nil, {exposure}, {exposure, device}, {exposure, device, times, place, altitude, attitude, calibration, location}} {
		stays := func(c privacy.Class) bool { return c == technical || slices.Contains(also, c) }
		after, err := again(patched{p.in, n.Patches(func(i int) bool { return !stays(n.Fields[i].Class) })})
		if err != nil {
			return false, err
		}
		left := 0
		for _, f := range n.Fields {
			if stays(f.Class) {
				left++
			}
		}
		if !after.Known || len(after.Fields) != left || slices.ContainsFunc(after.Fields, func(f Field) bool { return !stays(f.Class) }) {
			return false, nil
		}
	}
	return true, nil
}

// patched is an input with patches made.
type patched struct {
	input.Input
	patches []Patch
}

func (in patched) ReadAt(b []byte, off int64) (int, error) {
	n, err := in.Input.ReadAt(b, off)
	for _, p := range in.patches {
		overlay(b[:n], off, p)
	}
	return n, err
}
