package jumbf

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"flightveil/internal/block/window"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// superbox reads a box of boxes. The first of them, jumd, describes it: 16
// bytes of type, toggles, and as they say a label, a u32 ID, a SHA-256 and a
// private box (ISO/IEC 19566-5, A.3).
func (w *walker) superbox(b box, labels []string, depth int) error {
	d, err := w.box(b.start, b.end)
	if err != nil {
		return err
	}
	name := "superbox"
	if d.kind == "jumd" {
		v, err := w.read(d)
		if err != nil {
			return err
		}
		if len(v) >= 17 {
			name = w.describe(v, d.start, labels)
		}
	}
	return w.boxes(b.start, b.end, append(slices.Clip(labels), name), depth+1)
}

// describe reads the description v, which lies at at, and returns the name of
// the superbox for paths.
func (w *walker) describe(v []byte, at int64, labels []string) string {
	kind, toggles, rest := string(v[:4]), v[16], v[17:]
	name := "superbox"
	if kind == "json" || kind == "cbor" {
		name = "assertion"
	}
	pos := at + 17
	if toggles&2 != 0 {
		label, after, ok := bytes.Cut(rest, []byte{0})
		if !ok {
			w.add(privacy.Unknown, path(labels, "JUMDLabel"), "", input.Span{Off: pos, Len: int64(len(rest))})
			return name
		}
		class := privacy.Provenance
		if isManifest(kind) || strings.Contains(string(label), "urn:") { // an ID of this very picture
			name, class = "manifest", privacy.Identity
		} else if standard.Match(label) {
			name = string(label)
		}
		if len(label) > 0 {
			w.add(class, path(labels, name+"/JUMDLabel"), text(label), input.Span{Off: pos, Len: int64(len(label))})
		}
		pos, rest = pos+int64(len(label))+1, after
	}
	if toggles&4 != 0 && len(rest) >= 4 {
		w.add(privacy.Identity, path(labels, name+"/JUMDID"), fmt.Sprint(binary.BigEndian.Uint32(rest)), input.Span{Off: pos, Len: 4})
	}
	return name
}

// standard are the labels that specifications give, with the number of a
// repeated one. Others may name somebody.
var standard = regexp.MustCompile(`^(c2pa|cai|(c2pa|stds|cai|cawg|adobe)\.[A-Za-z0-9._-]{1,50})$`)

// isManifest reports whether superboxes of a type are manifests: those of C2PA
// (standard and update manifests) and of its forerunner CAI.
func isManifest(kind string) bool { return kind == "c2ma" || kind == "c2um" || kind == "cast" }

// content reads a box that holds data. media is the type of the
// embedded file it may be, which the box before it says.
func (w *walker) content(b box, labels []string, media *string) error {
	s := input.Span{Off: b.start, Len: b.end - b.start}
	switch b.kind {
	case "json":
		return w.json(b, labels)
	case "cbor":
		return w.cbor(b, labels)
	case "c2sh", "free", "skip": // salt for the hashes; padding
		zeros, err := w.zeros(b.start, b.end)
		if err == nil && !zeros && b.kind != "c2sh" {
			w.add(privacy.Unknown, path(labels, "padding"), "", s)
		}
		return err
	case "bfdb": // media type and file name of an embedded file
		v, err := w.read(b)
		if err != nil || len(v) < 2 {
			return err
		}
		kind, after, _ := bytes.Cut(v[1:], []byte{0})
		*media = text(kind)
		if name := bytes.TrimRight(after, "\x00"); v[0]&1 != 0 && len(name) > 0 {
			w.add(privacy.Identity, path(labels, "EmbeddedFileName"), text(name), input.Span{Off: b.start + 2 + int64(len(kind)), Len: int64(len(name))})
		}
		return nil
	case "bidb":
		class := privacy.Unknown
		if strings.HasPrefix(*media, "image/") {
			class = privacy.Preview
			// Nobody looks into it: whatever else it says goes with it.
			w.add(privacy.Unknown, path(labels, "metadata of the picture"), "", s)
		}
		w.add(class, path(labels, "EmbeddedFile"), fmt.Sprintf("(%d bytes)", s.Len), s)
		return nil
	}
	if s.Len > 0 {
		w.add(privacy.Unknown, path(labels, "unknown box"), "", s)
	}
	return nil
}

// read returns the contents of a box.
func (w *walker) read(b box) ([]byte, error) {
	v, err := input.ReadRange(w.in, b.start, b.end-b.start, w.lim.Field)
	if err != nil {
		return nil, fmt.Errorf("reading a box: %w", err)
	}
	return v, nil
}

func (w *walker) zeros(from, to int64) (bool, error) { return window.New(w.in).Zeros(from, to) }

// path joins labels and a name.
func path(labels []string, name string) string {
	return strings.Join(append(slices.Clip(labels), name), "/")
}

// text returns bytes as a value.
func text(b []byte) string { return strings.ToValidUTF8(string(b), "?") }
