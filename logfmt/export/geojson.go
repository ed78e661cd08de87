package export

import (
	"io"
	"strconv"

	"flightveil/logfmt"
)

// encodeGeoJSON writes RFC 7946: one LineString per flight, heights above sea
// level as third number, and the times as the property coordTimes. A flight of
// one position is a Point.
func encodeGeoJSON(w io.Writer, records Records) error {
	b := newBuffer(w)
	b.text(`{"type":"FeatureCollection","features":[`)
	g := &geoLine{b: b}
	var failed error
	for r, err := range records() {
		if failed = err; err != nil || b.err != nil {
			break
		}
		switch r := r.(type) {
		case logfmt.Start:
			g.end()
			g.note = r.Note
		case logfmt.Fix:
			g.add(&r)
		case logfmt.Spot:
			g.spot(&r)
		}
	}
	g.end()
	b.text("]}\n")
	if err := b.flush(); err != nil {
		return err
	}
	return failed
}

type geoLine struct {
	b             *buffer
	flight, n     int
	opened, comma bool
	timed         bool
	note          string
	coords, times []byte
}

func (g *geoLine) add(f *logfmt.Fix) {
	timed := !f.Time.IsZero()
	if g.n > 0 && (g.timed != timed || len(g.coords) > chunk) {
		g.write()
	}
	if !g.opened {
		g.opened = true
		g.flight++
	}
	g.timed = timed
	if g.n > 0 {
		g.coords, g.times = append(g.coords, ','), append(g.times, ',')
	}
	g.n++
	g.coords = append(g.coords, '[')
	g.coords = append(appendTrimmed(g.coords, f.Lon, 9), ',')
	g.coords = appendTrimmed(g.coords, f.Lat, 9)
	if known(f.AltMSL) {
		g.coords = appendTrimmed(append(g.coords, ','), f.AltMSL, 3)
	}
	g.coords = append(g.coords, ']')
	g.times = append(appendTime(append(g.times, '"'), f.Time), '"')
}

func (g *geoLine) end() {
	g.write()
	g.opened = false
}

func (g *geoLine) feature() {
	if g.comma {
		g.b.text(",\n")
	}
	g.comma = true
	g.b.text(`{"type":"Feature","geometry":{"type":"`)
}

func (g *geoLine) write() {
	if g.n == 0 {
		return
	}
	g.feature()
	if g.n == 1 {
		g.b.text(`Point","coordinates":`, string(g.coords))
	} else {
		g.b.text(`LineString","coordinates":[`, string(g.coords), "]")
	}
	g.b.text(`},"properties":{"name":"Flight `, strconv.Itoa(g.flight), `"`)
	if g.timed {
		g.b.text(`,"coordTimes":[`, string(g.times), "]")
	}
	g.b.pair("note", g.note)
	g.b.text("}}")
	g.coords, g.times, g.n = g.coords[:0], g.times[:0], 0
}

func (g *geoLine) spot(s *logfmt.Spot) {
	g.feature()
	g.b.text(`Point","coordinates":[`)
	g.b.degrees(s.Lon)
	g.b.text(",")
	g.b.degrees(s.Lat)
	g.b.text(`]},"properties":{"name":"`, string(s.Role), `"`)
	g.b.pair("note", g.note)
	g.b.text("}}")
}
