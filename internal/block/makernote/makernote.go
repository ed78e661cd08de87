// Package makernote parses the vendor blocks that cameras put into Exif tag
// 927C (MakerNote). There is no specification: the layouts and tag numbers are
// those that readers of these blocks agree on.
//
// It says what lies where, and which bytes change when some of it is removed;
// it changes nothing. Blocks that it does not recognise it leaves to the caller.
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
	Spans []input.Span // ascending; no two fields share a byte
	Value string
	Where *geo.Point

	seal seal
}

// A Note is what Parse found.
type Note struct {
	Vendor string // "" if not recognised
	// Fields holds every value of a recognised note, ascending. Technical ones
	// are what a raw file cannot be developed without; Unknown ones are those
	// no table names, and bytes that belong to no value.
	Fields   []Field
	Previews []input.Span // embedded pictures, which may lie outside the note
	// Known says that removing Fields by class, with Patches, is all a raw file
	// needs to be clean and to develop as before.
	Known bool
	// Key says why a raw file would not develop as before if a field of class
	// Identity were removed; "" if it would.
	Key string

	cipher cipher
}

// A Patch is what to write at Off. If With is nil, it is Len zero bytes.
type Patch struct {
	Off, Len int64
	With     []byte
}

// Patches returns what to write when the fields for which gone is true are
// removed and all others stay: zeros over most, but also what is enciphered
// with a removed value, enciphered anew.
func (n Note) Patches(gone func(i int) bool) []Patch { return nil }

// Parse reads the note that takes the bytes note of in, a TIFF block in byte
// order order, whose IFD0 names the camera make and model.
func Parse(in input.Input, note input.Span, order binary.ByteOrder, make, model string, lim input.Limits) (Note, error) {
	return Note{}, nil
}

type (
	seal   struct{}
	cipher struct{}
)
