// Package icc recognises colour profiles (ICC.1:2022), so that a container
// keeps a block because it is one and not because it is labelled as one. What a
// profile says, including the names and dates some hold, is not looked at.
package icc

import "encoding/binary"

const (
	header    = 128 // 7.2
	signature = 36  // 7.2.9: where "acsp" stands in every profile
	entry     = 12  // 7.3: an entry of the tag table
	padding   = 3   // 7.1: bytes that may follow to fill a word
)

// Sound reports whether b is one colour profile: the size it states, its
// signature, and a tag table that lies within it.
func Sound(b []byte) bool {
	if len(b) < header+4 || string(b[signature:signature+4]) != "acsp" {
		return false
	}
	size := int64(binary.BigEndian.Uint32(b))
	tags := int64(binary.BigEndian.Uint32(b[header:]))
	return size <= int64(len(b)) && size >= int64(len(b))-padding && header+4+entry*tags <= size
}
