package srt

import (
	"time"

	"flightveil/internal/block/srt"
	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// A leaf is a value in the file.
type leaf struct {
	name   string // empty if it says nothing after all
	class  privacy.Class
	whole  input.Span // with its label
	value  input.Span
	outer  input.Span // the statement it is part of, which goes if all of it goes
	letter int64      // where N, S, E or W stands; -1 if nowhere
	pair   int        // index in caption.pairs; -1 if none
	text   [2]int     // its value in walker.arena
}

// A caption is what is read, judged and rewritten at a time: one cue, or a line
// that belongs to none.
type caption struct {
	leaves []leaf
	fields []srt.Field // of the leaves, as far as they are read from text
	pairs  []srt.Pair
	timed  bool // it has a time of its own
	start  time.Duration
}

// where returns the position that leaf i is part of.
func (c *caption) where(i int) *geo.Point {
	if p := c.leaves[i].pair; p >= 0 {
		return &c.pairs[p].At
	}
	return nil
}

// placed reports whether the caption tells where the camera was.
func (c *caption) placed() bool {
	for _, l := range c.leaves {
		if l.pair >= 0 && l.class == privacy.Location {
			return true
		}
	}
	return false
}

// settle finds the positions among the leaves and says what its text is.
func (c *caption) settle(orders srt.Orders) {
	telemetry := false
	for i := range c.leaves {
		c.leaves[i].pair = -1
		telemetry = telemetry || c.fields[i].Name != "" && !c.fields[i].IsText() && c.fields[i].Name != "voice"
	}
	c.pairs = srt.Pairs(c.pairs[:0], c.fields, orders)
	for k, p := range c.pairs {
		if p.At.Zero() { // no fix yet: nothing to tell
			c.leaves[p.Lat].name, c.leaves[p.Lon].name = "", ""
			continue
		}
		c.leaves[p.Lat].pair, c.leaves[p.Lon].pair = k, k
	}
	if !telemetry { // words for people
		for i := range c.leaves {
			if c.fields[i].IsText() {
				c.leaves[i].name, c.leaves[i].class = "words", privacy.Description
			}
		}
	}
}
