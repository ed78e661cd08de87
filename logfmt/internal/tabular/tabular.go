// Package tabular decodes flight logs that are tables: a dialect says which
// column is what, this package reads the rows.
package tabular

import (
	"bytes"
	"time"

	"flightveil/internal/block/lines"
	"flightveil/internal/block/table"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
)

// A Dialect describes the columns of one tool. Names are lower case, without
// unit; of several names the first that the header has counts.
type Dialect struct {
	Variant                            string // of the format, for Start
	Lat, Lon                           string
	AltMSL, AltHome, AltUnclear        []string
	AltEllipsoid                       []string
	Speed, Climb, Course               []string
	VelNorth, VelEast                  []string // instead of Speed and Course
	ClimbDown                          bool     // Climb is positive downwards
	Roll, Pitch, Yaw                   []string
	GimbalRoll, GimbalPitch, GimbalYaw []string
	Sats, HDOP, Battery                []string
	Scale                              map[string]float64 // of columns whose header does not say their unit
	Spots                              []Spot
	Identity                           []Identity
	Messages                           []Message
	// Position, if it is set, is instead of Lat and Lon. It says what is wrong
	// with a position that is none.
	Position func(*table.Reader) (p logfmt.Point, why string)
	// Clock returns the time of a row; each part may be unknown (zero, negative).
	Clock func(*table.Reader) (utc, local time.Time, elapsed time.Duration)
	// Stamped are the indexes of the columns that Clock reads a date or an hour from.
	Stamped []int
	// Gap begins another flight where the clock jumps by more; 0 never does.
	Gap time.Duration
	// Skip reports whether the row is no report of the aircraft, for formats
	// that have other lines between.
	Skip func(*table.Reader) bool
}

// A Spot is a pair of columns with the position of something else.
type Spot struct {
	Role     logfmt.Role
	Lat, Lon string
	Alt      string // "" if there is none
	Datum    string
}

// Identity is a column of names or numbers. Each new value is one Identifier.
type Identity struct {
	Column string
	Class  privacy.Class
	// Key returns the class of the value behind "key|", for cells that hold both;
	// "" for one that is not told. It is nil for cells that do not.
	Key func(key []byte) privacy.Class
}

// Identities returns columns of one class.
func Identities(class privacy.Class, columns ...string) []Identity {
	var out []Identity
	for _, c := range columns {
		out = append(out, Identity{Column: c, Class: class})
	}
	return out
}

// A Message is a column of text for the pilot.
type Message struct {
	Column   string
	Severity string
}

// Probe reads the header of a table from a probe, or from the file if the
// header is longer.
func Probe(p input.Probe) *table.Reader {
	if len(p.Prefix) < input.PrefixLen || bytes.IndexByte(p.Prefix, '\n') >= 0 || p.Input == nil || !isText(p.Prefix) {
		return table.New(bytes.NewReader(p.Prefix))
	}
	return table.New(input.Section(p.Input, 0, min(p.Input.Size(), lines.Max)))
}

// isText reports whether b has no byte that no text of one byte a letter has.
func isText(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\t' && c != '\r' && c != '\n' {
			return false
		}
	}
	return true
}

// Has reports whether the header has every one of names.
func Has(t *table.Reader, names ...string) bool {
	for _, n := range names {
		if t.Index(n) < 0 {
			return false
		}
	}
	return true
}

// First returns the first of names that the header has, "" if there is none.
func First(t *table.Reader, names ...string) string {
	for _, n := range names {
		if t.Index(n) >= 0 {
			return n
		}
	}
	return ""
}

const (
	checkEvery = 4096
	maxValues  = 64 // different values of one identity column that are told
)
