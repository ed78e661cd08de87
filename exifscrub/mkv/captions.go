package mkv

import (
	"bytes"
	"fmt"
	"math"
	"time"

	"flightveil/internal/block/srt"
	"flightveil/internal/geo"
	"flightveil/internal/privacy"
)

// captions is what the texts of a subtitle track tell, counted.
type captions struct {
	positions, homes, times, heights int
	first, last, home                geo.Point
	from, to                         time.Time
	other                            bool // there are texts that are no telemetry
}

// add counts what one caption tells.
func (c *captions) add(text []byte) {
	var cue srt.Cue
	cue.Reset()
	for line := range bytes.Lines(text) {
		cue.Add(bytes.TrimRight(line, "\r\n\x00"), true, srt.Evidence(line))
	}
	known := func(p geo.Point) bool { return p.Valid() && !math.IsNaN(p.Lat) && !math.IsNaN(p.Lon) }
	if known(cue.Pos) {
		if c.positions == 0 {
			c.first = cue.Pos
		}
		c.positions, c.last = c.positions+1, cue.Pos
	} else if len(bytes.Trim(text, "\x00 \r\n")) > 0 {
		c.other = true
	}
	if known(cue.Home) {
		c.homes, c.home = c.homes+1, cue.Home
	}
	if !cue.Local.IsZero() {
		if c.times == 0 {
			c.from = cue.Local
		}
		c.times, c.to = c.times+1, cue.Local
	}
	if !math.IsNaN(cue.Alt) || !math.IsNaN(cue.Rel) || !math.IsNaN(cue.Abs) {
		c.heights++
	}
}

// findings adds what was counted.
func (c *captions) findings(add func(privacy.Class, string) *privacy.Finding) {
	point := func(p geo.Point) string { return fmt.Sprintf("%.6f, %.6f", p.Lat, p.Lon) }
	if c.positions > 0 {
		f := add(privacy.Location, "GPS")
		f.Count, f.Where, f.Value = c.positions, &c.first, privacy.Secret(fmt.Sprintf("from %s to %s", point(c.first), point(c.last)))
	}
	if c.homes > 0 {
		f := add(privacy.Operator, "HOME")
		f.Count, f.Where, f.Value = c.homes, &c.home, privacy.Secret(point(c.home))
	}
	if c.times > 0 {
		f := add(privacy.Time, "DateTime")
		f.Count, f.Value = c.times, privacy.Secret(fmt.Sprintf("from %s to %s", c.from.Format(time.DateTime), c.to.Format(time.DateTime)))
	}
	if c.heights > 0 {
		add(privacy.Altitude, "Altitude").Count = c.heights
	}
}
