package geofuzz

import (
	"math"
	"time"

	"flightveil/internal/geo"
)

// What follows moves what belongs to a flight but is no sample of its track: a
// photo, the date in its file, the header of a video.

// Began returns the moment that becomes [Epoch], by the track's UTC clock and
// by its wall clock; zero where it has none.
func (r *Relocation) Began() (utc, wall time.Time) { return r.epoch, r.local }

// Offset returns where p lies from the point that the flight is moved by, in
// metres to the east and to the north. ok is false where no flight goes.
func (r *Relocation) Offset(p geo.Point) (east, north float64, ok bool) {
	if !usable(p) {
		return 0, 0, false
	}
	east, north, ok = r.from.To(p)
	east, north = east-r.east, north-r.north
	return east, north, ok && east*east+north*north <= flightReach*flightReach
}

// At returns where the point at an offset comes to lie. Offsets must be round
// ([Round], [Beside]).
func (r *Relocation) At(east, north float64) (geo.Point, bool) {
	p, ok := r.to.From(east, north)
	return p.Rounded(), ok
}

// Round returns metres as finely as tracks are released.
func Round(metres float64) float64 { return tenth(metres) }

// Beside returns metres as finely as the offset of a photo from the track
// beside it is released: to a centimetre, which hides the pattern of the
// degrees it was computed from.
func Beside(metres float64) float64 { return math.RoundToEven(metres*100)/100 + 0 }

// FromTakeOff reports whether the track itself gives heights above take-off.
func (r *Relocation) FromTakeOff() bool { return r.homeHeight }

// Absolute returns the height above the sea, the ellipsoid or something unnamed
// at which the track begins, as far as it tells: heights of that kind count
// from there once released. It is NaN where it tells none, or only heights
// above take-off.
func (r *Relocation) Absolute() float64 { return firstKnown(r.msl, r.ellips, r.unc) }
