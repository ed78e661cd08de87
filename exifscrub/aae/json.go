package aae

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"flightveil/internal/block/plist"
	"flightveil/internal/input"
)

// scanJSON returns the values of b (RFC 8259) and where they are. encoding/json
// does the checking, but does not tell positions.
func scanJSON(b []byte, items int) ([]leaf, error) {
	if !json.Valid(b) || !utf8.Valid(b) {
		return nil, errBlob
	}
	s := &jsonScanner{b: b, left: items}
	err := s.value("", 0)
	return s.leaves, err
}

// A jsonScanner walks valid JSON.
type jsonScanner struct {
	b      []byte
	pos    int
	left   int
	leaves []leaf
}

const maxJSONDepth = 32

func (s *jsonScanner) value(path string, depth int) error {
	if s.left--; s.left < 0 || depth > maxJSONDepth || len(path) > maxPath {
		return fmt.Errorf("%w: %w", errBlob, input.ErrLimit)
	}
	s.space()
	switch c := s.b[s.pos]; c {
	case '{', '[':
		return s.container(path, c == '{', depth)
	case '"':
		off := s.pos
		s.leaves = append(s.leaves, leaf{path: path, kind: plist.String, text: s.string(), off: off, end: s.pos})
	default:
		off := s.pos
		for s.pos < len(s.b) && s.b[s.pos] != ',' && s.b[s.pos] != '}' && s.b[s.pos] != ']' && !isSpace(s.b[s.pos]) {
			s.pos++
		}
		l := leaf{path: path, kind: plist.Real, text: string(s.b[off:s.pos]), off: off, end: s.pos}
		switch l.text {
		case "true", "false":
			l.kind = plist.Bool
		case "null":
			l.kind, l.text = plist.Null, "" // says nothing
		case "0":
			l.text = ""
		}
		s.leaves = append(s.leaves, l)
	}
	return nil
}

func (s *jsonScanner) container(path string, object bool, depth int) error {
	s.pos++
	for {
		s.space()
		switch s.b[s.pos] {
		case '}', ']':
			s.pos++
			return nil
		case ',':
			s.pos++
			s.space()
		}
		sub := path
		if object {
			key := s.string()
			if !isKey(key) {
				return errBlob
			}
			sub = join(path, key)
			s.space()
			s.pos++ // the colon
		}
		if err := s.value(sub, depth+1); err != nil {
			return err
		}
	}
}

// string reads the string at pos.
func (s *jsonScanner) string() string {
	off := s.pos
	for s.pos++; s.b[s.pos] != '"'; s.pos++ {
		if s.b[s.pos] == '\\' {
			s.pos++
		}
	}
	s.pos++
	var out string
	if json.Unmarshal(s.b[off:s.pos], &out) != nil { // cannot be: the whole is valid
		return string(s.b[off:s.pos])
	}
	return out
}

func (s *jsonScanner) space() {
	for s.pos < len(s.b) && isSpace(s.b[s.pos]) {
		s.pos++
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
