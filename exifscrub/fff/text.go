package fff

import (
	"bytes"
	"regexp"
	"strconv"
	"unicode/utf8"

	"flightveil/exifscrub"
	"flightveil/internal/privacy"
)

// maxText is how much of a text record is read for its values.
const maxText = 64 << 10

var (
	textLine  = regexp.MustCompile(`\.(\d{1,6})\.(label|value|param) (unicode|text) "(.*)"`)
	generated = regexp.MustCompile(`# Generated at ([^\r\n]*)`)
	escape    = regexp.MustCompile(`\\([0-9a-fA-F]{4}|.)`)
)

// annotations reads the texts typed or picked in the camera (record 23), or
// the list of parameters changed (2e): after 12 bytes, lines such as
// `.0.label text "Site"`. The record is never rewritten, only freed.
func (f *frame) annotations(r record, name string) error {
	zeros, err := isZero(f.in, r.span.Off, r.span.End())
	if err != nil || zeros {
		return err
	}
	b, err := f.read(r, 12, maxText)
	if err != nil {
		return err
	}
	b, _, _ = bytes.Cut(b, []byte{0})
	together := []privacy.Finding{}
	add := func(class privacy.Class, path, value string) {
		together = append(together, privacy.Finding{Class: class, Path: name + "/" + path, Value: privacy.Secret(value)})
	}
	if m := generated.FindSubmatch(b); m != nil {
		add(privacy.Time, "DateTimeGenerated", string(m[1]))
	}
	for _, m := range textLine.FindAllSubmatch(b, 10_000) {
		value := string(m[4])
		if string(m[3]) == "unicode" {
			value = unescape(value)
		}
		switch string(m[2]) {
		case "param":
			add(privacy.Unknown, "Param"+string(m[1]), value)
		case "label":
			add(privacy.Description, "Label"+string(m[1]), value)
		case "value":
			add(privacy.Description, "Value"+string(m[1]), value)
		}
	}
	if len(together) == 0 {
		add(privacy.Unknown, "unknown", "")
	}
	for i := range together {
		together[i].Spans = append(together[i].Spans, r.span)
	}
	f.pieces = append(f.pieces, piece{record: -1, item: exifscrub.Item{Together: together}, edit: f.free(r)})
	return nil
}

// unescape resolves a backslash followed by four hex digits or a character.
func unescape(s string) string {
	return escape.ReplaceAllStringFunc(s, func(m string) string {
		if len(m) != 5 {
			return m[1:]
		}
		n, err := strconv.ParseUint(m[1:], 16, 32)
		if r := rune(n); err == nil && utf8.ValidRune(r) {
			return string(r)
		}
		return m
	})
}
