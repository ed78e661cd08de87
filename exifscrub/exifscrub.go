// Package exifscrub finds and removes personal data in photos and videos
// without touching a pixel or a frame.
//
// A container says what is where ([Format].Walk) and which bytes change for a
// list of decisions ([Format].Edits). It never writes, never opens files and
// never imports another container: metadata blocks and pictures inside a file
// are children, which the driver ([Scan]) detects, walks and edits like files
// of their own. [Apply] and [Patch] are the only code that writes media bytes.
package exifscrub

import (
	"context"
	"iter"

	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

type (
	// Input is one file, or the part of a file that is a child.
	Input = input.Input
	// Limits bounds what one file may cost.
	Limits = input.Limits
	// Span is a run of bytes of a file.
	Span = input.Span
)

// A Format reads and edits one kind of container.
type Format interface {
	// ID is the name of the format: "jpeg". Children name the format they
	// expect by it.
	ID() string
	Detect(input.Probe) input.Match
	// Walk yields every item in a fixed order. A non-nil error is the last
	// pair and means that the rest of the file was not looked at; damage that
	// leaves everything reachable is a Note, not an error. Bytes no rule
	// accounts for are findings of class Unknown.
	Walk(context.Context, Input, Limits) iter.Seq2[Item, error]
	// Edits turns decisions, one for each item of Walk in the same order, into
	// edits: ascending, not overlapping, including every length, checksum and
	// offset elsewhere in the file that must follow. Edits inside a child that
	// is kept are the driver's business; Edits mends what surrounds it when
	// Decision.NewLen differs from the child's length. If nothing is to be
	// removed or coarsened, there are no edits.
	Edits(context.Context, Input, []Decision, Limits) iter.Seq2[Edit, error]
}

// An Item is one thing Walk found. Exactly one of the fields is set; only
// Together may come with a Child.
type Item struct {
	Finding *privacy.Finding
	Child   *Child
	// Together holds findings that cannot be parted, such as those of a block
	// that is never edited, only cut: if one of them goes, all go. A child
	// beside them shares their fate and cannot be edited either.
	Together []privacy.Finding
	Note     string // what a person should know about the file's state: "the picture ends early"
	// Coded is coded image data, or samples of a kept track, in which nothing
	// can hide that a byte search could find. Large runs are worth telling:
	// verification does not read them again.
	Coded *Span
}

// A Child is a file inside the file: an Exif block, an XMP packet, a preview,
// the video of a motion photo.
type Child struct {
	Path   string // "APP1/Exif"; findings of the child are reported below it
	Format string // ID of the expected format; "" means by content alone
	Spans  []Span // its bytes, in order
	// Decoded holds the child's bytes where they are compressed or otherwise
	// encoded in the file. Unless Recoded is set such a child is judged but
	// cannot be edited: if anything in it must go, all of it goes.
	Decoded []byte
	// Recoded says that the container encodes a Decoded child anew, with
	// Decision.Inner done to it.
	Recoded bool
	// Fixed says that the child's size must not change. Where its own edits
	// make it shorter, the driver appends zeros: a format that can be a Fixed
	// child counts zeros behind its end as nothing.
	Fixed bool
	// Required says that the parent is useless without the child, so that a
	// child that cannot be read or cleaned means refusing the file.
	Required bool
	// Class is what the child is if nobody can look inside it.
	Class privacy.Class
	// Expendable marks a child, such as a metadata block, that is dropped when
	// nothing in it is worth keeping. Pictures are not expendable.
	Expendable bool
	// Stray marks bytes the file has no use for, such as what follows its end.
	// They go whatever is in them, unless the policy keeps Class; the child is
	// looked into to say what they give away.
	Stray bool
	// Keep names tags (last elements of paths) that stay whatever the policy
	// says, because another part of the file, itself kept, is useless without them.
	Keep []string
}

// A Decision is an item of Walk and what is to happen to it.
type Decision struct {
	Item
	Action privacy.Action // for a child: Keep (with its own edits) or Remove; for findings together: Keep or Remove; for a note: Keep
	To     geo.Point      // where a position is moved to, for Coarsen; the container encodes it
	Move   Mover          // what moves the values of the finding, for Displace
	NewLen int64          // length of a kept child after its own edits
	// Inner holds the edits of a kept child, counted from its start. They are
	// for checksums, and for a Recoded child; in any other child the driver
	// makes them.
	Inner []Edit
}

// Coarse reports whether d asks for a less exact value.
func (d Decision) Coarse() bool { return d.Action == privacy.Coarsen }

// Displaced reports whether d asks for a value that moves with its flight.
func (d Decision) Displaced() bool { return d.Action == privacy.Displace }

// Gone reports whether d asks for removal.
func (d Decision) Gone() bool { return d.Action == privacy.Remove }
