package ui

import (
	"strconv"
	"unicode"
	"unicode/utf8"
)

// Printable returns a file name or value as it may be shown on a terminal:
// quoted if it holds control characters or is not UTF-8, so that no name can
// fake a line of output or send escape codes.
func Printable(s string) string {
	if !utf8.ValidString(s) {
		return strconv.Quote(s)
	}
	for _, r := range s {
		if !unicode.IsPrint(r) {
			return strconv.Quote(s)
		}
	}
	return s
}
