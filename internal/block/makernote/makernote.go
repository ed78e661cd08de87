// Package makernote parses the vendor blocks that cameras put into Exif tag
// 927C (MakerNote). There is no specification: the layouts and tag numbers are
// those that readers of these blocks agree on.
//
// It says what lies where and what blanking it would break; it changes nothing.
package makernote

import (
	"encoding/binary"

	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// A Field is one value of a note. Its spans count from the start of the TIFF
// block that holds the note. A value that is blank already is no field.
type Field struct {
	Name  string // as readers name the tag: "InternalSerialNumber"
	Class privacy.Class
	Spans []input.Span // ascending; of no other field
	Value string
	Where *geo.Point
	// Blank is what to write over Spans when the value is removed, where zero
	// bytes would not do; as long as the spans together. Nil means zeros.
	Blank []byte
	// Rekeyed is what to write over Spans when the value stays while a field
	// that is part of the note's key is removed; nil if it does not depend on it.
	Rekeyed []byte
	// Key says that Rekeyed values are enciphered with this one.
	Key bool
}

// A Note is what Parse found.
type Note struct {
	Vendor string // "" if not recognised
	// Fields holds every value of a recognised note, in the order of their
	// offsets. Technical ones are what a raw file cannot be developed without;
	// Unknown ones are those no table names.
	Fields   []Field
	Previews []input.Span // embedded pictures
	// Known says that removing Fields by class is all a raw file needs to be
	// clean and to develop as before.
	Known bool
	// Key says why a raw file would no longer develop as before without its
	// Key fields; "" if Rekeyed values make up for them or nothing depends on them.
	Key string
}

// Parse reads the note that takes the bytes note of in, a TIFF block in byte
// order order, whose IFD0 names the camera make and model.
func Parse(in input.Input, note input.Span, order binary.ByteOrder, make, model string, lim input.Limits) (Note, error) {
	return Note{}, nil
}
