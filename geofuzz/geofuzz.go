// Package geofuzz releases tracks so that the place they were flown at stays
// hidden. A mechanism takes a whole track and returns a whole track: noise
// drawn per point or per file averages away.
//
// It does not hide what a track looks like. Shape, duration and behaviour stay,
// and a track along streets can be found again by its shape.
package geofuzz

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"flightveil/internal/geo"
)

// A Sample is one position of a track, or one that belongs to it. Numbers that
// are not known are NaN.
type Sample struct {
	geo.Point
	// Aside says that the aircraft was not there: home, a target, a waypoint.
	Aside bool
	// Break says that what lay before is hidden: a new line begins here.
	Break bool
	// Ref is the caller's number of the sample, which mechanisms hand on; those
	// that they make themselves have -1.
	Ref int

	Time    time.Time     // UTC; zero if unknown
	Local   time.Time     // wall clock without a zone; zero if unknown
	Elapsed time.Duration // since the log began; negative if unknown

	Height    float64 // metres above take-off
	MSL       float64 // metres above mean sea level
	Ellipsoid float64 // metres above the WGS-84 ellipsoid
	Unclear   float64 // metres above something the log does not name

	Speed, Climb           float64 // m/s
	Course, Yaw, GimbalYaw float64 // degrees from north
	Battery                float64 // percent
}

// Unmeasured returns a Sample at p of which nothing else is known.
func Unmeasured(p geo.Point) Sample {
	n := math.NaN()
	return Sample{Point: p, Ref: -1, Elapsed: -1, Height: n, MSL: n, Ellipsoid: n, Unclear: n, Speed: n, Climb: n, Course: n, Yaw: n, GimbalYaw: n, Battery: n}
}

// usable reports whether p is a position and not what devices write for "no
// fix": these must be known before anything moves, or the displacement itself
// would be published.
func usable(p geo.Point) bool { return p.Valid() && !p.Zero() }

// A Mechanism turns a track into one that is safer to publish.
//
// Release must not change track, and must depend on nothing but track and what
// the mechanism was built with: the same track gives the same release.
type Mechanism interface {
	Name() string
	Release(track []Sample) ([]Sample, error)
	Guarantee() Guarantee
}

// A Guarantee says in words what a mechanism promises.
type Guarantee struct {
	Notion   string  // "non-interference", "geo-indistinguishability", "suppression", "none"
	Unit     string  // what is protected: "the flight", "the place"
	Epsilon  float64 // per metre; 0 if there is none
	Promise  string  // one sentence
	NotGiven string  // what it does not protect, one sentence
}

func (g Guarantee) String() string { return strings.TrimSpace(g.Promise + " " + g.NotGiven) }

// Why a track is not released. No message holds a position.
var (
	// ErrNoTrack means that a track has no usable position of the aircraft.
	ErrNoTrack = errors.New("no position of the aircraft to move")
	// ErrTwoPlaces means that a track goes where no flight goes.
	ErrTwoPlaces = errors.New("the track is at two places at once, or reaches farther than a flight: split it, as with --since and --until")
)

// Chain applies mechanisms in order.
func Chain(ms ...Mechanism) Mechanism { return chain(ms) }

type chain []Mechanism

func (c chain) Name() string {
	var names []string
	for _, m := range c {
		names = append(names, m.Name())
	}
	return strings.Join(names, "+")
}

// Guarantee of a chain is that of its members: what comes after a mechanism
// sees only what it released and takes nothing from its promise.
func (c chain) Guarantee() Guarantee {
	out := Guarantee{Notion: "none"}
	for _, m := range c {
		g := m.Guarantee()
		if out.Notion == "none" {
			out.Notion, out.Unit, out.Epsilon = g.Notion, g.Unit, g.Epsilon
		}
		out.Promise = strings.TrimSpace(out.Promise + " " + g.Promise)
		out.NotGiven = strings.TrimSpace(out.NotGiven + " " + g.NotGiven)
	}
	return out
}

func (c chain) Release(track []Sample) (_ []Sample, err error) {
	for _, m := range c {
		if track, err = m.Release(track); err != nil {
			return nil, fmt.Errorf("%s: %w", m.Name(), err)
		}
	}
	return track, nil
}
