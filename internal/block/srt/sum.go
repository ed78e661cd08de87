package srt

import (
	"bytes"

	"flightveil/internal/geo"
	"flightveil/internal/privacy"
)

// A Sum is what the captions of a track inside a video give away.
type Sum struct {
	Captions    int
	Positions   int // captions with a position of the camera
	First, Last geo.Point
	// Classes counts what else they say; text that no rule names is Unknown,
	// and words for people are Description.
	Classes map[privacy.Class]int

	orders Orders
	fields []Field
	pairs  []Pair
}

// Add counts the text of one caption, in UTF-8 and without its times.
func (s *Sum) Add(text []byte) {
	s.Captions++
	if s.Classes == nil {
		s.Classes = map[privacy.Class]int{}
	}
	s.fields = s.fields[:0]
	for line := range bytes.Lines(text) {
		s.orders.Learn(line)
		s.fields = Fields(s.fields, bytes.TrimRight(line, "\r\n"))
	}
	telemetry := false
	for _, f := range s.fields {
		telemetry = telemetry || !f.IsText()
	}
	for _, f := range s.fields {
		if f.IsText() && !telemetry {
			f.Class = privacy.Description
		}
		s.Classes[f.Class]++
	}
	s.pairs = Pairs(s.pairs[:0], s.fields, s.orders)
	for _, p := range s.pairs {
		if p.At.Zero() || s.fields[p.Lat].Class != privacy.Location {
			continue
		}
		if s.Positions == 0 {
			s.First = p.At
		}
		s.Last = p.At
		s.Positions++
		break
	}
}
