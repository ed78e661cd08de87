// Package verify is the second look at an output before it gets its name: do
// other readers, or a plain byte search, still find what was removed?
//
// The walk that found a value and the code that removed it share one parser,
// so that parser's blind spots are theirs both. Verification therefore knows
// nothing of containers. It takes the values that had to go, writes each in
// every form it could have elsewhere in a file, and looks for those bytes
// ([Needles]); and it gives the written blocks to Exif readers by other hands
// ([Exif]).
//
// It does not look into coded image data, compressed or enciphered parts, or
// at what a picture shows.
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
// those that the walk of clean found again: coarser positions, equal values
// under a name that is kept.
func Pair(ctx context.Context, original, clean File) ([]Hit, error) {
	n, err := NewNeedles(original, clean)
	if err != nil {
		return nil, err
	}
	return n.Search(ctx, clean.In, clean.Coded)
}
