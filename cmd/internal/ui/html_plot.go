package ui

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"flightveil/internal/share"
)

// A flightView is a flight as the page shows it.
type flightView struct {
	ID, Name, What string
	Facts          []fact
	Maps           []mapView
	Plots          []plotView
}

// A mapView is a track seen from above.
type mapView struct {
	ID, Title, Desc, Caption string
	Tag                      *state
	Width, Height            int
	Grid                     string
	Segments                 []mapSegment
	StartX, StartY           string
	EndX, EndY               string
	Bar, BarX, BarY, BarText string
	NorthX                   int
	Ramp                     string // the greatest height; empty if none is known
}

// A mapSegment is part of a track whose height is of one level, 0 to 4.
type mapSegment struct {
	Level int
	Path  string
}

const (
	mapWidth, mapHeight = 520, 400
	mapMargin           = 46
	levels              = 5
)

// drawMap draws a track of at least two points.
func drawMap(id string, points []share.TrackPoint) mapView {
	m := mapView{ID: id, Width: mapWidth, Height: mapHeight, NorthX: mapWidth - 28}
	west, east, south, north := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	low, high := math.Inf(1), math.Inf(-1)
	for _, p := range points {
		west, east = math.Min(west, p.East), math.Max(east, p.East)
		south, north = math.Min(south, p.North), math.Max(north, p.North)
		if p.Height != nil {
			low, high = math.Min(low, *p.Height), math.Max(high, *p.Height)
		}
	}
	const least = 20 // metres, so that a hover is not blown up
	scale := math.Min((mapWidth-2*mapMargin)/math.Max(east-west, least), (mapHeight-2*mapMargin)/math.Max(north-south, least))
	x := func(p share.TrackPoint) float64 { return mapWidth/2 + (p.East-(west+east)/2)*scale }
	y := func(p share.TrackPoint) float64 { return mapHeight/2 - (p.North-(south+north)/2)*scale }
	level := func(p share.TrackPoint) int {
		if p.Height == nil || high-low < 1 {
			return levels / 2
		}
		return min(int((*p.Height-low)/(high-low)*levels), levels-1)
	}
	var path strings.Builder
	current := -1
	flush := func() {
		if path.Len() > 0 {
			m.Segments = append(m.Segments, mapSegment{current, path.String()})
		}
		path.Reset()
	}
	for i, p := range points[1:] {
		if p.Break {
			flush()
			continue
		}
		if l := level(p); l != current || path.Len() == 0 {
			flush()
			current = l
			fmt.Fprintf(&path, "M%.1f %.1f", x(points[i]), y(points[i]))
		}
		fmt.Fprintf(&path, "L%.1f %.1f", x(p), y(p))
	}
	flush()
	first, last := points[0], points[len(points)-1]
	m.StartX, m.StartY = fmt.Sprintf("%.1f", x(first)), fmt.Sprintf("%.1f", y(first))
	m.EndX, m.EndY = fmt.Sprintf("%.1f", x(last)-6), fmt.Sprintf("%.1f", y(last)-6)
	bar := roundBelow((mapWidth / 3) / scale)
	m.Bar = fmt.Sprintf("M16 %dv8H%.1fv-8", mapHeight-26, 16+bar*scale)
	m.BarX, m.BarY, m.BarText = fmt.Sprintf("%.1f", 24+bar*scale), fmt.Sprint(mapHeight-14), distance(bar)
	var grid strings.Builder
	for step, at := bar*scale, 16.0; step >= 24 && at < mapWidth; at += step {
		fmt.Fprintf(&grid, "M%.1f 0V%d", at, mapHeight)
	}
	for step, at := bar*scale, float64(mapHeight-18); step >= 24 && at > 0; at -= step {
		fmt.Fprintf(&grid, "M0 %.1fH%d", at, mapWidth)
	}
	m.Grid = grid.String()
	if high-low >= 1 {
		m.Ramp = fmt.Sprintf("%.0f m", high)
	}
	m.Desc = fmt.Sprintf("North is up. The track covers %s from west to east and %s from south to north.", distance(east-west), distance(north-south))
	return m
}

// roundBelow returns the greatest of 1, 2 and 5 times a power of ten below v.
func roundBelow(v float64) float64 {
	p := math.Pow(10, math.Floor(math.Log10(v)))
	for _, k := range []float64{5, 2} {
		if k*p <= v {
			return k * p
		}
	}
	return p
}

// distance shows metres.
func distance(m float64) string {
	switch {
	case m >= 9950:
		return fmt.Sprintf("%.0f km", m/1000)
	case m >= 1000:
		return strings.Replace(fmt.Sprintf("%.1f km", m/1000), ".0 ", " ", 1)
	}
	return fmt.Sprintf("%.0f m", m)
}

// A plotView is a curve over time.
type plotView struct {
	ID, Kind, Name, Unit, Title string
	Ys, Xs                      []string // from top to bottom, from left to right
	Lines                       []string
	Area, Line                  string
}

// plot draws value over time; ok is false if it is not known for two points.
func plot(points []share.TrackPoint, value func(share.TrackPoint) *float64) (v plotView, low, high float64, ok bool) {
	low, high = 0, 0
	n, clock := 0, true
	for _, p := range points {
		if y := value(p); y != nil {
			low, high = math.Min(low, *y), math.Max(high, *y)
			n++
		}
		clock = clock && p.Seconds >= 0
	}
	if n < 2 {
		return v, 0, 0, false
	}
	peak, pit := high, low
	step := stepOf(high - low)
	low, high = math.Floor(low/step)*step, math.Ceil(high/step)*step
	if high-low < step {
		high = low + step
	}
	for y := high; y >= low-step/2; y -= step {
		v.Ys = append(v.Ys, strconv.FormatFloat(math.Round(y*1000)/1000+0, 'f', -1, 64)) // +0: no -0
		v.Lines = append(v.Lines, fmt.Sprintf("%.1f", (high-y)/(high-low)*100))
	}
	end := points[len(points)-1].Seconds
	if !clock || end <= 0 {
		end = float64(len(points) - 1)
		v.Xs = []string{"start", "end"}
	} else {
		v.Xs = []string{"0:00", minutes(end / 2), minutes(end)}
	}
	var line, area strings.Builder
	open, x0, x1 := false, 0.0, 0.0
	zero := fmt.Sprintf("%.1f", (high-math.Max(0, low))/(high-low)*100)
	closeArea := func() {
		if open {
			fmt.Fprintf(&area, "V%sH%.1fZ", zero, x0)
		}
		open = false
	}
	for i, p := range points {
		y := value(p)
		if y == nil || p.Break && i > 0 {
			closeArea()
		}
		if y == nil {
			continue
		}
		x1 = p.Seconds
		if len(v.Xs) == 2 {
			x1 = float64(i)
		}
		x1 = x1 / end * 600
		at := fmt.Sprintf("%.1f %.1f", x1, (high-*y)/(high-low)*100)
		if !open {
			open, x0 = true, x1
			line.WriteString("M" + at)
			fmt.Fprintf(&area, "M%.1f %sL%s", x1, zero, at)
			continue
		}
		line.WriteString("L" + at)
		area.WriteString("L" + at)
	}
	closeArea()
	v.Line, v.Area = line.String(), area.String()
	return v, pit, peak, true
}

// stepOf returns a round distance of gridlines for three to five of them.
func stepOf(span float64) float64 {
	if span <= 0 {
		return 1
	}
	for p := math.Pow(10, math.Floor(math.Log10(span))-1); ; p *= 10 {
		for _, k := range []float64{1, 2, 2.5, 5} {
			if span/(k*p) <= 4 {
				return k * p
			}
		}
	}
}

// minutes shows seconds as 2:05.
func minutes(s float64) string {
	n := int(math.Round(s))
	if n >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", n/3600, n/60%60, n%60)
	}
	return fmt.Sprintf("%d:%02d", n/60, n%60)
}

// profiles draws heights and speeds.
func profiles(id string, points []share.TrackPoint) []plotView {
	var out []plotView
	if v, low, high, ok := plot(points, func(p share.TrackPoint) *float64 { return p.Height }); ok {
		v.ID, v.Kind, v.Name, v.Unit = id+"h", "height", "Height", "metres above take-off"
		v.Title = fmt.Sprintf("Height above take-off over time, from %.0f to %.0f metres", low, high)
		out = append(out, v)
	}
	if v, _, high, ok := plot(points, func(p share.TrackPoint) *float64 { return p.Speed }); ok {
		v.ID, v.Kind, v.Name, v.Unit = id+"v", "speed", "Speed", "metres per second over ground"
		v.Title = fmt.Sprintf("Speed over ground over time, up to %.1f metres per second", high)
		out = append(out, v)
	}
	return out
}
