package exifscrub

import (
	"time"

	"flightveil/internal/geo"
)

// A Mover says where, how high and when comes to lie what a file tells about a
// flight, if the policy displaces it ([privacy.Displace]). Everything of a
// flight has one: the log, the photos, the captions and the video. ok is false
// where a value cannot be moved: it must go.
type Mover interface {
	// Place moves a position. aside says that the aircraft or the camera was
	// not there: home, a target.
	Place(p geo.Point, aside bool) (to geo.Point, ok bool)
	// Miss is told that a place that Place gave does not fit where it was to
	// be written, so that the position goes.
	Miss()
	// Height makes of an altitude, in metres, one above take-off. home says
	// that the value counts from there already.
	Height(metres float64, home bool) (above float64, ok bool)
	// UTC moves a time in UTC; Wall one of a clock whose zone is not known,
	// held as if it were UTC. What comes back is in UTC, both times.
	UTC(t time.Time) (to time.Time, ok bool)
	Wall(t time.Time) (to time.Time, ok bool)
}

// A Displacer is a [Format] that can write displaced values: coordinates to
// 5 cm or as exactly as the file had them, heights to 10 cm or the file's
// digits, times to the file's. A value whose field cannot hold that is removed,
// and so is the other half of its position. In every other format what the
// policy displaces is removed.
type Displacer interface {
	Format
	Displaces()
}

// DisplacedMetres is how exactly a displaced position is written.
const DisplacedMetres = 0.05
