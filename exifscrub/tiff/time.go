package tiff

import (
	"flightveil/exifscrub"
	"flightveil/internal/block/tiff"
	"flightveil/internal/privacy"
)

// isDate reports whether t holds a date and time as text.
func isDate(t uint16) bool {
	return t == tagModifyDate || t == tagDateTimeOriginal || t == tagCreateDate || t == tagPreviewDateTime
}

// time adds a finding about a time. A date keeps its day when made coarse;
// fractions of seconds, time zones and the like have no coarse form.
func (d *doc) time(r ref, f privacy.Finding) error {
	e := r.Entry()
	var coarse []byte
	if (isDate(e.Tag) || r.dir.Kind == tiff.GPS && e.Tag == tagGPSDateStamp) && e.Type.Text() && d.alone(e) {
		b, err := d.r.Bytes(e, maxText)
		if err != nil {
			return err
		}
		coarse = day(b)
	}
	r.dir.roles[r.entry] = telling
	d.add(exifscrub.Item{Finding: &f}, func(ed *editor, dec exifscrub.Decision) {
		switch {
		case dec.Coarse() && coarse != nil:
			ed.set(r, coarse)
		case dec.Displaced():
			if b := d.timeAt(r, dec.Move); b != nil && r.Entry().Value.Len == int64(len(b)) {
				ed.set(r, b)
				return
			}
			ed.remove(r, f.Class)
		case dec.Action != privacy.Keep:
			ed.remove(r, f.Class)
		}
	})
	return nil
}

// day returns b, a date and time, with midnight for the time, or nil if b does
// not begin with a date. The separators of the date and the length stay.
func day(b []byte) []byte {
	const date, clock = "0000:00:00", "00:00:00"
	if len(b) < len(date) {
		return nil
	}
	for i, c := range b[:len(date)] {
		digit := c >= '0' && c <= '9'
		if i == 4 || i == 7 {
			if c != ':' && c != '-' && c != '/' && c != '.' {
				return nil
			}
		} else if !digit && c != ' ' {
			return nil
		}
	}
	out := make([]byte, len(b))
	copy(out, b[:len(date)])
	if len(b) > len(date)+len(clock) {
		out[len(date)] = ' '
		if b[len(date)] == 'T' {
			out[len(date)] = 'T'
		}
		copy(out[len(date)+1:], clock)
	}
	return out
}
