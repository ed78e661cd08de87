package export

import (
	"io"
	"strconv"

	"flightveil/logfmt"
)

const kmlHead = `<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2">
<Document>
`

// chunk is how much of a track is held before it is written out: formats that
// want times and positions in separate lists cannot be streamed otherwise. A
// longer flight continues in a second element.
const chunk = 16 << 20

// encodeKML writes KML 2.2 with gx:Track where the log has a clock
// (https://developers.google.com/kml/documentation/kmlreference#gxtrack), and
// LineString otherwise.
func encodeKML(w io.Writer, records Records) error {
	b := newBuffer(w)
	b.text(kmlHead)
	k := &kmlTrack{b: b}
	var failed error
	for r, err := range records() {
		if failed = err; err != nil || b.err != nil {
			break
		}
		switch r := r.(type) {
		case logfmt.Start:
			k.end()
			k.note = r.Note
		case logfmt.Fix:
			k.add(&r)
		case logfmt.Spot:
			k.spots = appendKMLSpot(k.spots, &r, k.note)
		}
	}
	k.end()
	b.text(string(k.spots), "</Document>\n</kml>\n")
	if err := b.flush(); err != nil {
		return err
	}
	return failed
}

// kmlTrack is the part of a flight that is not written yet.
type kmlTrack struct {
	b             *buffer
	flight, n     int
	when, coords  []byte
	timed, opened bool
	mode, note    string
	spots         []byte
}

func (k *kmlTrack) add(f *logfmt.Fix) {
	alt, mode := 0.0, "clampToGround"
	switch {
	case known(f.AltMSL):
		alt, mode = f.AltMSL, "absolute"
	case known(f.AltHome): // over flat ground these are the same
		alt, mode = f.AltHome, "relativeToGround"
	}
	timed := !f.Time.IsZero()
	if k.n > 0 && (k.timed != timed || k.mode != mode || len(k.coords) > chunk) {
		k.write()
	}
	if !k.opened {
		k.opened = true
		k.flight++
	}
	k.timed, k.mode = timed, mode
	k.n++
	sep := byte(',')
	if timed {
		k.when = append(appendTime(append(k.when, "<when>"...), f.Time), "</when>\n"...)
		k.coords = append(k.coords, "<gx:coord>"...)
		sep = ' '
	}
	k.coords = append(appendTrimmed(k.coords, f.Lon, 9), sep)
	k.coords = append(appendTrimmed(k.coords, f.Lat, 9), sep)
	k.coords = appendTrimmed(k.coords, alt, 3)
	if timed {
		k.coords = append(k.coords, "</gx:coord>"...)
	}
	k.coords = append(k.coords, '\n')
}

func (k *kmlTrack) end() {
	k.write()
	k.opened = false
}

func (k *kmlTrack) write() {
	if k.n == 0 {
		return
	}
	k.b.text("<Placemark><name>Flight ", strconv.Itoa(k.flight), "</name>")
	k.b.element("description", k.note)
	if k.timed {
		k.b.text("<gx:Track><altitudeMode>", k.mode, "</altitudeMode>\n", string(k.when), string(k.coords), "</gx:Track>")
	} else {
		k.b.text("<LineString><altitudeMode>", k.mode, "</altitudeMode><coordinates>\n", string(k.coords), "</coordinates></LineString>")
	}
	k.b.text("</Placemark>\n")
	k.when, k.coords, k.n = k.when[:0], k.coords[:0], 0
}

func appendKMLSpot(b []byte, s *logfmt.Spot, note string) []byte {
	if note != "" {
		note = "<description>" + note + "</description>"
	}
	b = append(b, "<Placemark><name>"+string(s.Role)+"</name>"+note+"<Point><coordinates>"...)
	b = append(appendTrimmed(b, s.Lon, 9), ',')
	b = appendTrimmed(b, s.Lat, 9)
	return append(b, "</coordinates></Point></Placemark>\n"...)
}
