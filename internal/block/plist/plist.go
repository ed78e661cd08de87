// Package plist reads Apple property lists, XML (plist 1.0 DTD) and binary
// (bplist00, as CFBinaryPList.c of Core Foundation writes it), and says which
// bytes each value is. OpenStep text lists and bplist15 to 17 are not read.
package plist

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"flightveil/internal/block/xmlscan"
	"flightveil/internal/input"
)

// Kind is the type of a value.
type Kind uint8

const (
	String Kind = iota
	Integer
	Real
	Bool
	Date
	Data
	Array
	Dict
	UID // only in archives
	Null
)

// A Value is one value and where it lies.
type Value struct {
	Kind  Kind
	Text  string // of anything but Array, Dict and Data
	Bytes []byte // of Data
	Time  time.Time
	Keys  []*Value // of Dict, as long as Items
	Items []*Value // of Array and Dict
	// Span is the whole value: the element, or the object with its marker.
	// Body is what can be overwritten: between the tags, or after the marker.
	Span, Body input.Span
	Object     int // index in the offset table of a binary list
}

// Extra is something that is no value: a comment, an attribute, bytes that
// belong to no object.
type Extra struct {
	Name string
	Span input.Span
}

// A File is a property list.
type File struct {
	Root   *Value
	Extras []Extra // in file order
	XML    *xmlscan.Doc
	Binary *Table // exactly one of XML and Binary is set
}

const maxDepth = 64

var errShape = errors.New("the property list is malformed")

// Parse reads b, which holds at most items values.
func Parse(b []byte, items int) (*File, error) {
	if bytes.HasPrefix(b, []byte(magic)) {
		return parseBinary(b, items)
	}
	return parseXML(b, items)
}

// Get returns the value of key in a dictionary.
func (v *Value) Get(key string) *Value {
	for i, k := range v.Keys {
		if k.Text == key {
			return v.Items[i]
		}
	}
	return nil
}

func tooMany() error { return fmt.Errorf("too many values in a property list: %w", input.ErrLimit) }

func tooDeep() error {
	return fmt.Errorf("a property list nested more than %d deep: %w", maxDepth, input.ErrLimit)
}
