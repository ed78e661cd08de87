package xmp

import "strings"

// day returns the date of an ISO 8601 or Exif time: what is left of it when the
// time of day, its fraction and its zone are dropped. XMP allows a bare date. A
// value that is no date, such as seconds since a start, has no coarse form.
func day(s string) (string, bool) {
	s = strings.TrimSpace(s)
	const form = "dddd-dd-dd"
	for i := range min(len(s), len(form)) {
		digit := s[i] >= '0' && s[i] <= '9'
		if form[i] == 'd' && !digit || form[i] == '-' && s[i] != '-' && s[i] != ':' {
			return "", false
		}
	}
	switch {
	case len(s) == len("dddd"), len(s) == len("dddd-dd"), len(s) == len(form):
		return s, true
	case len(s) > len(form) && (s[len(form)] == 'T' || s[len(form)] == ' '):
		return s[:len(form)], true
	}
	return "", false
}
