package aae

import (
	"strings"

	"flightveil/internal/block/plist"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// A document is an adjustment file and what was found in it.
type document struct {
	*plist.File
	raw     []byte
	entries []entry
	data    *blob // the edits, if they can be read
}

// An entry is a finding and what it is about: one of key, extra and part.
type entry struct {
	privacy.Finding
	key   int // index of Root.Keys
	extra int // index of Extras
	part  int // index of data.leaves, or trailing
}

const (
	none     = -1
	trailing = -2 // bytes after the compressed edits
)

func inspect(f *plist.File, raw []byte, lim input.Limits) *document {
	d := &document{File: f, raw: raw}
	for i, k := range f.Root.Keys {
		v := f.Root.Items[i]
		if k.Text == "adjustmentData" && v.Kind == plist.Data {
			d.adjustments(i, v, lim)
			continue
		}
		if class, ok := classify(k.Text, v); ok {
			d.add(privacy.Finding{Class: class, Path: name(k.Text), Spans: []input.Span{v.Span}, Value: privacy.Secret(text(v))}, i, none, none)
		}
	}
	for i, x := range f.Extras {
		d.add(privacy.Finding{Class: privacy.Unknown, Path: x.Name, Spans: []input.Span{x.Span}}, none, i, none)
	}
	return d
}

func (d *document) add(f privacy.Finding, key, extra, part int) {
	d.entries = append(d.entries, entry{f, key, extra, part})
}

// classify says what a key of the file gives away. Empty values give away nothing.
func classify(key string, v *plist.Value) (class privacy.Class, ok bool) {
	switch key {
	case "adjustmentTimestamp":
		if v.Kind == plist.Date {
			return privacy.Time, true
		}
	case "adjustmentEditorBundleID":
		return privacy.Device, v.Kind != plist.String || v.Text != ""
	case "adjustmentBaseVersion", "adjustmentRenderTypes":
		if v.Kind == plist.Integer && isNumber(v.Text) {
			return privacy.Technical, true
		}
	case "adjustmentFormatVersion":
		if (v.Kind == plist.String || v.Kind == plist.Real) && isNumber(strings.TrimSpace(v.Text)) {
			return privacy.Technical, true
		}
	case "adjustmentFormatIdentifier": // says how to read the edits: com.apple.photo
		if v.Kind == plist.String && isWord(strings.TrimSpace(v.Text), ".-_") {
			return privacy.Technical, true
		}
	}
	return guess(key), true
}

// adjustments looks into the edits.
func (d *document) adjustments(key int, v *plist.Value, lim input.Limits) {
	if len(v.Bytes) == 0 {
		return
	}
	whole := privacy.Finding{Class: privacy.Unknown, Path: "adjustmentData", Spans: []input.Span{v.Span}}
	b, err := openBlob(v.Bytes, lim)
	if err != nil { // edits of another program: nobody can tell what else they hold
		d.add(whole, key, none, none)
		return
	}
	d.data = b
	before := len(d.entries)
	for i, l := range b.leaves {
		class := l.class()
		if class == privacy.Technical {
			whole.Count++
			continue
		}
		if l.text != "" {
			d.add(privacy.Finding{Class: class, Path: "adjustmentData/" + name(l.path), Spans: whole.Spans, Value: privacy.Secret(l.text)}, key, none, i)
		}
	}
	if b.rest > 0 {
		d.add(privacy.Finding{Class: privacy.Unknown, Path: "adjustmentData/unused bytes", Spans: whole.Spans}, key, none, trailing)
	}
	if whole.Count > 0 {
		if b.json || len(d.entries) == before { // else the edits go with what cannot be cut out of them
			whole.Class = privacy.Technical
		}
		d.add(whole, key, none, none)
	}
}

// text is a value as a person can read it.
func text(v *plist.Value) string {
	if v.Kind == plist.Dict || v.Kind == plist.Array || v.Kind == plist.Data {
		return ""
	}
	return v.Text
}

// name keeps a key of a hostile file short and printable.
func name(key string) string {
	key = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7F || r == '\uFFFD' {
			return '_'
		}
		return r
	}, key)
	if len(key) > 120 {
		key = strings.ToValidUTF8(key[:120], "_")
	}
	return key
}

// guess classifies a value by the name of its key.
func guess(key string) privacy.Class {
	low := strings.ToLower(key)
	for _, g := range []struct {
		class privacy.Class
		parts string
	}{
		{privacy.Location, "latitude longitude location gps coordinate"},
		{privacy.Identity, "serial uuid guid owner author creator person username devicename account email filename path url"},
		{privacy.Time, "date timestamp"},
		{privacy.Device, "buildnumber appversion bundleid device model software osversion systemversion"},
	} {
		for part := range strings.FieldsSeq(g.parts) {
			if strings.Contains(low, part) {
				return g.class
			}
		}
	}
	return privacy.Unknown
}

func isNumber(s string) bool {
	return s != "" && len(s) <= 30 && strings.Trim(s, "0123456789+-.eE") == ""
}

// isWord reports whether s is an identifier such as SmartTone: letters, extra,
// and no more digits than a version has.
func isWord(s, extra string) bool {
	digits := 0
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', strings.ContainsRune(extra, r):
		case r >= '0' && r <= '9':
			digits++
		default:
			return false
		}
	}
	return s != "" && len(s) <= 40 && digits <= 3
}
