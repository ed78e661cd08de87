package plist

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"
	"time"
)

const head = `<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd"><plist version="1.0">`

// objects makes a binary list with one-byte references and two-byte offsets.
func objects(list ...string) []byte {
	b := []byte(magic)
	var table []byte
	for _, o := range list {
		table = binary.BigEndian.AppendUint16(table, uint16(len(b)))
		b = append(b, o...)
	}
	at := len(b)
	b = append(append(b, table...), 0, 0, 0, 0, 0, 0, 2, 1)
	b = binary.BigEndian.AppendUint64(b, uint64(len(list)))
	b = binary.BigEndian.AppendUint64(b, 0)
	return binary.BigEndian.AppendUint64(b, uint64(at))
}

func float(kind byte, f float64) string {
	return string(binary.BigEndian.AppendUint64([]byte{kind}, math.Float64bits(f)))
}

// TestBothForms reads the same list written in both forms.
func TestBothForms(t *testing.T) {
	xml := []byte(head + `<dict><key>s</key><string>a&amp;é</string><key>i</key><integer>-5</integer><key>r</key><real>1.5</real><key>b</key><true/>` +
		`<key>d</key><date>2001-01-02T00:00:00Z</date><key>x</key><data> AQ I= </data><key>a</key><array><string>é</string></array></dict></plist>`)
	bin := objects("\xD7\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B\x0C\x0D\x0E", "\x51s", "\x51i", "\x51r", "\x51b", "\x51d", "\x51x", "\x51a",
		"\x63\x00a\x00&\x00\xE9", "\x13\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFB", float(0x23, 1.5), "\x09", float(0x33, 86400), "\x42\x01\x02", "\xA1\x0F", "\x61\x00\xE9")
	for name, b := range map[string][]byte{"XML": xml, "binary": bin} {
		f, err := Parse(b, 100)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		r := f.Root
		if len(f.Extras) > 0 {
			t.Errorf("%s: %v is no value", name, f.Extras)
		}
		for key, want := range map[string]string{"s": "a&é", "i": "-5", "r": "1.5", "b": "true"} {
			if v := r.Get(key); v == nil || v.Text != want {
				t.Errorf("%s: %s is %v, want %s", name, key, v, want)
			}
		}
		if v := r.Get("d"); !v.Time.Equal(time.Date(2001, 1, 2, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("%s: date %v", name, v.Time)
		}
		if v := r.Get("x"); !bytes.Equal(v.Bytes, []byte{1, 2}) {
			t.Errorf("%s: data %v", name, v.Bytes)
		}
		if v := r.Get("a"); v.Kind != Array || len(v.Items) != 1 || v.Items[0].Text != "é" {
			t.Errorf("%s: array %v", name, v)
		}
		for _, v := range r.Items {
			if v.Body.Off < v.Span.Off || v.Body.End() > v.Span.End() || v.Span.End() > int64(len(b)) {
				t.Errorf("%s: a value lies at %v, its body at %v", name, v.Span, v.Body)
			}
		}
	}
}

func TestRefused(t *testing.T) {
	many := objects("\xA1\x01", "\x51a")
	binary.BigEndian.PutUint64(many[len(many)-24:], 1<<60)
	far := objects("\xA1\x01", "\x51a")
	binary.BigEndian.PutUint64(far[len(far)-8:], math.MaxUint64-3)
	for name, b := range map[string][]byte{
		"empty":              nil,
		"only a head":        []byte(magic),
		"object in itself":   objects("\xA1\x00"),
		"no such object":     objects("\xA1\x07"),
		"too long":           objects("\x5F\x13\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"),
		"length of no type":  objects("\x5F\x51a"),
		"unknown type":       objects("\x70"),
		"key is no text":     objects("\xD1\x01\x01", "\x09"),
		"many objects":       many,
		"table far away":     far,
		"keys alone":         []byte(head + "<dict><key>a</key></dict></plist>"),
		"value without key":  []byte(head + "<dict><string/></dict></plist>"),
		"unknown element":    []byte(head + "<b/></plist>"),
		"two values":         []byte(head + "<true/><true/></plist>"),
		"nothing":            []byte(head + "</plist>"),
		"no date":            []byte(head + "<date>yesterday</date></plist>"),
		"no Base64":          []byte(head + "<data>*</data></plist>"),
		"parts in a string":  []byte(head + "<string><b/></string></plist>"),
		"not closed":         []byte(head + "<dict>"),
		"truth with content": []byte(head + "<true>x</true></plist>"),
	} {
		if f, err := Parse(b, 1000); err == nil {
			t.Errorf("%s: read as %v", name, f.Root)
		}
	}
}

// TestExtras checks that what is no value is reported: the file could hide
// anything there.
func TestExtras(t *testing.T) {
	f, err := Parse([]byte(`<?xml version="1.0"?><!DOCTYPE x><?p?><plist version="2"><!--a-->t<true b=""/></plist><!--z-->`), 100)
	if err != nil || len(f.Extras) != 7 {
		t.Error(f, err)
	}
	b := objects("\xA1\x01", "\x51a", "\x54spare") // "spare" is one character longer than its object
	f, err = Parse(b, 100)
	if err != nil || len(f.Extras) != 1 || string(b[f.Extras[0].Span.Off:f.Extras[0].Span.End()]) != "\x54spare" {
		t.Error(f, err)
	}
}
