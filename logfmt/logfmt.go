// Package logfmt decodes flight logs into one model of records.
//
// A decoder streams: it holds a bounded part of the log, yields records as it
// meets them, and reports damage as a record. [ReadFlights] collects a log for
// what needs whole tracks.
package logfmt

import (
	"context"
	"iter"
	"math"
	"time"

	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

type (
	// Point is a WGS-84 position.
	Point = geo.Point
	// Input is one log file.
	Input = input.Input
	// Limits bounds what reading one log may cost.
	Limits = input.Limits
)

// A Format recognises and decodes one kind of log.
type Format interface {
	// ID is the name of the format: "mavlink-tlog".
	ID() string
	Detect(input.Probe) input.Match
	// Decode yields the log's records in file order. A non-nil error is fatal
	// and is the last pair. Damage that could be skipped is a Damage record.
	Decode(context.Context, Input, Limits) iter.Seq2[Record, error]
}

// A Record is one of Start, Fix, Spot, Identifier, Message and Damage.
type Record interface{ record() }

// Start begins a flight. A log whose first record is something else begins
// with a flight of its own; every further Start begins another.
type Start struct {
	// Variant is what the format says of its own version: "v14", "Air 3".
	Variant string
	// Duration is the flight's length as the log's header claims, 0 if unknown.
	Duration time.Duration
	// Note is what every output must say of the flight: that it is displaced.
	// Decoders leave it empty.
	Note string
}

// A Fix is one position report of the aircraft. Numbers the log does not give
// are NaN, never 0: see [NoFix].
type Fix struct {
	Time    time.Time     // UTC; zero if the log has no clock, or one without a zone
	Local   time.Time     // the wall clock of a log without a zone, held as if it were UTC; else zero
	Elapsed time.Duration // since the log began; negative if unknown
	Point
	AltMSL       float64 // metres above mean sea level
	AltEllipsoid float64 // metres above the WGS-84 ellipsoid
	AltHome      float64 // metres above the take-off point
	AltUnclear   float64 // metres above something the log does not name
	Speed        float64 // over ground, m/s
	Climb        float64 // m/s, up is positive
	Course       float64 // over ground, degrees from true north
	Roll, Pitch  float64 // degrees, of the aircraft
	Yaw          float64 // degrees from north, of the aircraft
	GimbalRoll   float64
	GimbalPitch  float64
	GimbalYaw    float64
	Sats         int // satellites used; -1 if unknown
	HDOP         float64
	Battery      float64 // percent
}

// NoFix returns a Fix in which everything is unknown. Decoders start from it.
func NoFix() Fix {
	n := math.NaN()
	return Fix{
		Elapsed: -1, AltMSL: n, AltEllipsoid: n, AltHome: n, AltUnclear: n, Speed: n, Climb: n, Course: n, Roll: n, Pitch: n, Yaw: n,
		GimbalRoll: n, GimbalPitch: n, GimbalYaw: n, Sats: -1, HDOP: n, Battery: n,
	}
}

// Usable reports whether p is a position and not what devices write for "no
// fix": 0/0, NaN, or out of range. Latitude 0 alone is a place on the equator.
func Usable(p Point) bool { return p.Valid() && !p.Zero() }

// Role says whose position a Spot is.
type Role string

const (
	Home      Role = "home"      // home or return point
	Remote    Role = "remote"    // the remote control
	Phone     Role = "phone"     // the phone or tablet
	RemoteID  Role = "remote-id" // the operator, as broadcast by Remote ID
	Target    Role = "target"    // what the camera or a laser looked at, a guided target
	Waypoint  Role = "waypoint"  // planned, or a fence or rally point
	Photo     Role = "photo"     // where a picture was taken
	Traffic   Role = "traffic"   // another aircraft
	Origin    Role = "origin"    // origin of the autopilot's local frame: where it was switched on
	Candidate Role = "candidate" // a second, equally good track of the same flight
)

// Personal reports whether a position of this role is the pilot's own, or where
// the pilot stood to start.
func (r Role) Personal() bool {
	return r == Home || r == Origin || r == Remote || r == Phone || r == RemoteID
}

// A Spot is a position that is not a fix of the aircraft.
type Spot struct {
	Role  Role
	Time  time.Time // UTC; zero if unknown
	Local time.Time // wall clock without zone; zero if unknown
	Point
	Alt   float64 // metres, NaN if unknown
	Datum string  // what Alt counts from: "MSL", "ellipsoid", "home", "" if unknown
}

// An Identifier names a device, a person or a place: serial numbers, aircraft
// names, accounts, street addresses, app versions, file names. Tag names
// follow the format's own words, in camel case: "aircraftSn".
type Identifier struct{ privacy.Finding }

// Message is text the log holds for its pilot: tips, warnings, mode changes.
type Message struct {
	Time     time.Time // UTC; zero if unknown
	Elapsed  time.Duration
	Severity string // "info", "warning", "error"; "" if unknown
	Text     privacy.Secret
}

// Damage is a stretch of input that could not be read and was skipped.
type Damage struct {
	Off, Len int64
	Reason   string // never a value of the file
}

func (Start) record()      {}
func (Fix) record()        {}
func (Spot) record()       {}
func (Identifier) record() {}
func (Message) record()    {}
func (Damage) record()     {}
