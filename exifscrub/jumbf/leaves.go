package jumbf

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"flightveil/internal/block/cbor"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// A leaf is a value of an assertion, a claim or a signature.
type leaf struct {
	keys  []string
	value string
	span  input.Span // in the file
}

// cbor reads a box of CBOR values.
func (w *walker) cbor(b box, labels []string) error {
	v, err := w.read(b)
	if err != nil {
		return err
	}
	values, err := cbor.Leaves(v, input.Limits{Items: w.lim.Items - w.items, Depth: w.lim.Depth})
	if errors.Is(err, input.ErrLimit) {
		return err
	}
	if err != nil {
		w.add(privacy.Unknown, path(labels, "damaged CBOR"), "", input.Span{Off: b.start, Len: b.end - b.start})
	}
	if err := w.count(len(values)); err != nil {
		return err
	}
	var leaves []leaf
	for _, l := range values {
		s := input.Span{Off: b.start + l.Span.Off, Len: l.Span.Len}
		if l.Kind == cbor.Bytes && len(l.Path) == 1 && l.Path[0] == "item0" {
			leaves = append(leaves, w.protected(l, s)...)
		}
		if l.Kind != cbor.Simple || l.Text == "true" || l.Text == "false" {
			leaves = append(leaves, leaf{l.Path, valueOf(l), s})
		}
	}
	w.leaves(leaves, labels)
	return nil
}

// protected reads the protected header of a COSE signature (RFC 9052, 3): a
// CBOR map in a byte string.
func (w *walker) protected(l cbor.Leaf, s input.Span) (out []leaf) {
	inner, err := cbor.Leaves(l.Raw, input.Limits{Items: 1000, Depth: w.lim.Depth})
	if err != nil {
		return nil
	}
	for _, x := range inner {
		out = append(out, leaf{append([]string{"item0"}, x.Path...), valueOf(x), s})
	}
	return out
}

// valueOf returns a CBOR value as text. Certificates are named by whom they
// are for (RFC 9360: header x5chain, number 33).
func valueOf(l cbor.Leaf) string {
	if l.Kind != cbor.Bytes {
		if l.Tag == 1 { // seconds since 1970 (RFC 8949, 3.4.2)
			var sec float64
			if _, err := fmt.Sscan(l.Text, &sec); err == nil && sec > 0 && sec < 1e11 {
				return time.Unix(int64(sec), 0).UTC().Format(time.RFC3339)
			}
		}
		return l.Text
	}
	if isChain(l.Path) {
		if c, err := x509.ParseCertificate(l.Raw); err == nil {
			return c.Subject.String()
		}
	}
	return fmt.Sprintf("(%d bytes)", len(l.Raw))
}

func isChain(keys []string) bool {
	last := ""
	if len(keys) > 0 {
		last = keys[len(keys)-1]
	}
	return last == "x5chain" || last == "33" && len(keys) == 2
}

// json reads a box with one JSON value.
func (w *walker) json(b box, labels []string) error {
	v, err := w.read(b)
	if err != nil {
		return err
	}
	v = bytes.TrimRight(v, "\x00")
	leaves, err := w.jsonLeaves(v, b.start)
	if errors.Is(err, input.ErrLimit) {
		return err
	}
	if err != nil {
		w.add(privacy.Unknown, path(labels, "damaged JSON"), "", input.Span{Off: b.start, Len: b.end - b.start})
	}
	w.leaves(leaves, labels)
	return nil
}

// jsonLeaves returns the strings, numbers and truth values of v, which lies at
// at, with the keys that lead to them.
func (w *walker) jsonLeaves(v []byte, at int64) ([]leaf, error) {
	dec := json.NewDecoder(bytes.NewReader(v))
	dec.UseNumber()
	type level struct {
		object bool
		key    string
		keyed  bool // the next string is a value
	}
	var out []leaf
	var stack []level
	for {
		start := dec.InputOffset()
		token, err := dec.Token()
		if err == io.EOF && len(stack) == 0 {
			return out, nil
		}
		if err != nil {
			return out, fmt.Errorf("reading JSON at %d: %w", dec.InputOffset(), errJSON)
		}
		if err := w.count(1); err != nil {
			return out, err
		}
		var top *level
		if len(stack) > 0 {
			top = &stack[len(stack)-1]
		}
		if d, ok := token.(json.Delim); ok {
			switch d {
			case '{', '[':
				if len(stack) >= w.lim.Depth {
					return out, fmt.Errorf("JSON nested %d deep: %w", len(stack), input.ErrLimit)
				}
				stack = append(stack, level{object: d == '{'})
			default:
				stack = stack[:len(stack)-1]
				if n := len(stack); n > 0 {
					stack[n-1].keyed = false
				}
			}
			continue
		}
		if top != nil && top.object && !top.keyed {
			top.key, top.keyed = token.(string), true
			continue
		}
		if top != nil {
			top.keyed = false
		}
		if token == nil {
			continue
		}
		var keys []string
		for _, l := range stack {
			if l.object {
				keys = append(keys, l.key)
			}
		}
		raw := v[start:dec.InputOffset()]
		start += int64(len(raw) - len(bytes.TrimLeft(raw, " \t\r\n:,")))
		out = append(out, leaf{keys, fmt.Sprint(token), input.Span{Off: at + start, Len: dec.InputOffset() - start}})
	}
}

var errJSON = errors.New("no valid JSON")

// leaves adds the values of one box.
func (w *walker) leaves(leaves []leaf, labels []string) {
	at := locate(leaves)
	for i, l := range leaves {
		name := tagName(l.keys)
		f := w.add(classOf(labels, l.keys), path(labels, name), l.value, l.span)
		if f.Class == privacy.Location {
			f.Where = at[i]
		}
	}
}

// maxName is how long a name is at most.
const maxName = 64

// tagName joins keys to the name ExifTool gives a value in a structure.
func tagName(keys []string) string {
	if len(keys) == 1 {
		switch keys[0] {
		case "dc:title":
			return "Title"
		case "dc:format":
			return "Format"
		case "thumbnailUrl":
			return "ThumbnailURL"
		}
	}
	name := ""
	for i, k := range keys {
		if i == 0 {
			name = k
			continue
		}
		if k != "" && name != "" && isDigit(k[0]) && isDigit(name[len(name)-1]) {
			name += "_"
		}
		name = capitals(name + upper(k))
	}
	name = strings.ReplaceAll(name, ":", "_")
	if len(name) >= 4 && strings.EqualFold(name[:4], "c2pa") {
		name = "C2PA" + name[4:]
	}
	name = strings.Map(func(r rune) rune {
		if r < 0x80 && (isLetter(byte(r)) || isDigit(byte(r)) || r == '_' || r == '-') {
			return r
		}
		return -1
	}, name)
	if name = upper(name[:min(len(name), maxName)]); name == "" {
		return "value"
	}
	return name
}

// capitals makes every letter upper case that follows none.
func capitals(s string) string {
	b := []byte(s)
	for i := 1; i < len(b); i++ {
		if b[i] >= 'a' && b[i] <= 'z' && !isLetter(b[i-1]) {
			b[i] -= 'a' - 'A'
		}
	}
	return string(b)
}

func upper(s string) string {
	if s != "" && s[0] >= 'a' && s[0] <= 'z' {
		return string(s[0]-('a'-'A')) + s[1:]
	}
	return s
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
