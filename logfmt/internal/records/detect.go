package records

import (
	"bytes"

	"flightveil/internal/block/utf16text"
	"flightveil/internal/input"
	"flightveil/logfmt"
	"flightveil/logfmt/internal/tabular"
)

// IsJSON reports whether b, the beginning of a file, may be JSON.
func IsJSON(b []byte) bool {
	b = bytes.TrimLeft(bytes.TrimPrefix(b, []byte{0xEF, 0xBB, 0xBF}), " \t\r\n")
	return len(b) > 1 && (b[0] == '{' || b[0] == '[')
}

// Text reports whether in may be JSON.
func Text(in logfmt.Input) bool {
	b, err := input.ReadRange(in, 0, min(256, in.Size()), 256)
	return err == nil && IsJSON(utf16text.Prefix(b))
}

// HasKeys reports whether b has one of keys, in quotes.
func HasKeys(b []byte, keys ...string) bool {
	for _, k := range keys {
		if bytes.Contains(b, []byte(`"`+k+`"`)) {
			return true
		}
	}
	return false
}

// Mentions reports whether b has word in it, in any case.
func Mentions(b []byte, word string) bool { return bytes.Contains(bytes.ToLower(b), []byte(word)) }

// Located reports whether b has keys of a position.
func Located(b []byte) bool {
	lat, lon := false, false
	for _, part := range bytes.Split(b, []byte{'"'}) {
		if len(part) > 40 {
			continue
		}
		switch p := tabular.Plain(string(part)); {
		case len(p) >= 3 && (p == "lat" || bytes.HasSuffix([]byte(p), []byte("latitude")) || bytes.HasSuffix([]byte(p), []byte("lat"))):
			lat = true
		case len(p) >= 3 && (p == "lon" || p == "lng" || bytes.HasSuffix([]byte(p), []byte("longitude")) || bytes.HasSuffix([]byte(p), []byte("lng")) || bytes.HasSuffix([]byte(p), []byte("lon"))):
			lon = true
		}
	}
	return lat && lon
}
