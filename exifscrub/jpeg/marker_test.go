package jpeg_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"flightveil/exifscrub"
	format "flightveil/exifscrub/jpeg"
	"flightveil/exifscrub/scrubtest"
)

// TestMarkers feeds the marker walk what the specification allows and what
// cameras and accidents make of it. A comment must go wherever it stands, and
// every other byte stay.
func TestMarkers(t *testing.T) {
	plain := sample(t, "minimal.jpg")
	tables := bytes.Index(plain, []byte{0xFF, 0xDB})
	scan := len(plain) - 2 // EOI
	comment := "\xFF\xFE\x00\x0Dhello there"
	put := func(at int, s string) []byte { return slices.Insert(slices.Clone(plain), at, []byte(s)...) }
	for name, tc := range map[string]struct {
		in   []byte
		want []byte
		note string
	}{
		"before the tables":        {put(tables, comment), plain, ""},
		"before everything":        {put(2, comment), plain, ""},
		"behind the scan":          {put(scan, comment), plain, ""},
		"fill bytes":               {put(tables, strings.Repeat("\xFF", 200_000)+comment), plain, ""},
		"fill bytes before EOI":    {put(scan, comment+"\xFF\xFF\xFF"), put(scan, "\xFF\xFF\xFF"), ""},
		"number of lines":          {put(scan, "\xFF\xDC\x00\x04\x00\x08"+comment), put(scan, "\xFF\xDC\x00\x04\x00\x08"), ""},
		"temporary marker":         {put(tables, "\xFF\x01"+comment), put(tables, "\xFF\x01"), ""},
		"length too small":         {put(tables, "\xFF\xE3\x00\x01"+comment), plain, ""},
		"reserved marker":          {put(tables, "\xFF\x42\x00\x04ab"+comment), plain, ""},
		"stuffed zero":             {put(tables, "\xFF\x00"+comment), plain, ""},
		"text between segments":    {put(tables, "some text"+comment+"more"), plain, ""},
		"picture in a segment":     {put(tables, "\xFF\xE9\x00\x08\xFF\xD8\xFF\xD9!!"+comment), plain, ""},
		"behind EOI":               {append(slices.Clone(plain), comment...), plain, ""},
		"zeros behind EOI":         {append(put(2, comment), 0, 0, 0), append(slices.Clone(plain), 0, 0, 0), ""},
		"no EOI":                   {put(2, comment)[:scan+len(comment)], plain[:scan], "ends early"},
		"half an EOI":              {put(2, comment)[:scan+len(comment)+1], plain[:scan+1], "ends early"},
		"cut in a segment":         {put(scan, comment)[:scan+8], plain[:scan], "ends early"},
		"cut in a length":          {put(scan, comment)[:scan+3], plain[:scan], "ends early"},
		"another picture, no EOI":  {slices.Concat(plain[:scan], []byte("\xFF\xD8"+comment)), plain[:scan], "another picture begins"},
		"nothing but SOI":          {[]byte("\xFF\xD8" + comment), []byte("\xFF\xD8"), "ends early"},
		"nothing that makes sense": {[]byte("\xFF\xD8\xFF\xE0\x00\x02there is nothing here"), []byte("\xFF\xD8"), "breaks off"},
	} {
		plan, err := exifscrub.Scan(t.Context(), scrubtest.Job(t, "public"), format.Format{}, bytes.NewReader(tc.in))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if notes := strings.Join(plan.Notes, "; "); !strings.Contains(notes, tc.note) || (notes == "") != (tc.note == "") {
			t.Errorf("%s: notes %q", name, notes)
		}
		var out bytes.Buffer
		if err := exifscrub.Apply(&out, bytes.NewReader(tc.in), plan.Edits()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !bytes.Equal(out.Bytes(), tc.want) {
			t.Errorf("%s: %d bytes, want %d", name, out.Len(), len(tc.want))
		}
	}
}

// TestJunkIsBounded checks that looking for the next segment ends somewhere.
func TestJunkIsBounded(t *testing.T) {
	plain := sample(t, "minimal.jpg")
	b := slices.Insert(slices.Clone(plain), 2, bytes.Repeat([]byte("\xFF\xE1\xF0\x04 "), 400_000)...)
	plan, err := exifscrub.Scan(t.Context(), scrubtest.Job(t, "public"), format.Format{}, bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := exifscrub.Apply(&out, bytes.NewReader(b), plan.Edits()); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(out.Bytes(), []byte("\xFF\xE1")) {
		t.Error("junk is still there")
	}
}
