package main

import (
	"math"
	"time"

	"flightveil/exifscrub/scrubtest"
)

// The pilot of the invented card and what belongs to her. Nobody is called
// that, and nobody lives there: the islands are in the open South Pacific.
const (
	cardZone    = -9 // hours of the camera's clock against UTC; nothing on the card says so in words
	cardAddress = "7 Boathouse Lane, Port Quillon"
	cardMail    = "zephyrine@quillfeather.invalid"
	cardPhone   = "+00 555 0145 19"
	cardLake    = "Lake Ossery"
	cardClient  = "Bartholomew Ternwick"

	cardAircraft = scrubtest.Serial
	cardCamera   = "FVCAM7730281QX"
	cardRemote   = "FVRC5581046TL"
	cardBattery  = "FVBAT019277ZM"
	cardSurveyor = "FVSRV3360914HB" // the camera of the survey copter
	cardReceiver = "FVGNSS88251KD"
	cardBoard    = "0035002F 3136510A 33353135" // an autopilot's chip
)

// A cardLeg is where the aircraft is so many seconds after the motors started:
// metres east and north of the take-off point and above it. Between legs it
// flies straight.
type cardLeg struct{ s, east, north, up float64 }

// A cardFlight is one of the flights whose files are on the card. Every file
// of a flight takes its positions, heights and times from at.
type cardFlight struct {
	id       string
	start    time.Time // UTC
	lat, lon float64   // of the take-off point
	ground   float64   // its height above the sea, metres
	legs     []cardLeg
}

// cardFlights are two from a garden, and a survey elsewhere a day later.
var cardFlights = []cardFlight{
	{"garden-morning", time.Date(2031, 7, 19, 19, 12, 5, 0, time.UTC), scrubtest.Lat, scrubtest.Lon, 12.4, []cardLeg{
		{0, 0, 0, 0}, {4, 0, 0, 0}, {12, 0, 0, 30}, {22, 48, 64, 36}, {34, 48, 64, 36}, {50, 150, 120, 40}, {62, 150, 120, 40},
		{74, 190, 40, 40}, {86, 110, -20, 45}, {98, 60, 10, 38}, {112, 60, 10, 38}, {124, 0, 0, 20}, {140, 0, 0, 0}, {144, 0, 0, 0}}},
	{"garden-afternoon", time.Date(2031, 7, 20, 1, 41, 10, 0, time.UTC), -41.3875197, -132.4518231, 12.4, []cardLeg{
		{0, 0, 0, 0}, {3, 0, 0, 0}, {10, 0, 0, 25}, {30, -120, 60, 80}, {58, -120, 60, 80}, {72, -210, -30, 80}, {84, -150, -110, 70},
		{96, -60, -70, 60}, {110, 0, 0, 30}, {126, 0, 0, 0}, {132, 0, 0, 0}}},
	{"lake-survey", time.Date(2031, 7, 20, 21, 3, 40, 0, time.UTC), -41.1028663, -131.8873519, 486.2, []cardLeg{
		{0, 0, 0, 0}, {5, 0, 0, 0}, {20, 0, 0, 60}, {28, 40, 30, 60}, {48, 200, 30, 60}, {52, 200, 60, 60}, {72, 40, 60, 60}, {76, 40, 90, 60},
		{96, 200, 90, 60}, {116, 40, 20, 60}, {124, 0, 0, 60}, {144, 0, 0, 0}, {150, 0, 0, 0}}},
}

// A cardMoment is where the aircraft is at one time.
type cardMoment struct {
	flight           *cardFlight
	s                float64 // seconds after the start
	lat, lon         float64 // on a grid of 1e-7 degrees, so that every encoding can hold it
	up, msl          float64 // metres above the take-off point and above the sea, on a grid of 0.1 m
	north, east, ups float64 // speed, m/s
	yaw              float64 // degrees
}

// at returns the flight's moment s seconds after its start.
func (f *cardFlight) at(s float64) cardMoment {
	m := cardMoment{flight: f, s: s}
	east, north, up := f.legs[len(f.legs)-1].east, f.legs[len(f.legs)-1].north, f.legs[len(f.legs)-1].up
	for i, b := range f.legs[1:] {
		a := f.legs[i]
		de, dn := b.east-a.east, b.north-a.north
		if de != 0 || dn != 0 {
			m.yaw = math.Round(math.Atan2(de, dn)*1800/math.Pi) / 10
		}
		if s <= b.s {
			k, d := (s-a.s)/(b.s-a.s), b.s-a.s
			east, north, up = a.east+k*de, a.north+k*dn, a.up+k*(b.up-a.up)
			m.north, m.east, m.ups = dn/d, de/d, (b.up-a.up)/d
			break
		}
	}
	grid := func(v, parts float64) float64 { return math.Round(v*parts) / parts }
	m.lat, m.lon = f.moved(east, north)
	m.up = grid(up, 10)
	m.msl = grid(f.ground+m.up, 10)
	return m
}

// moved returns the place so many metres from the take-off point.
func (f *cardFlight) moved(east, north float64) (lat, lon float64) {
	phi := f.lat * math.Pi / 180
	perLat := 111132.92 - 559.82*math.Cos(2*phi)
	perLon := 111412.84*math.Cos(phi) - 93.5*math.Cos(3*phi)
	return math.Round((f.lat+north/perLat)*1e7) / 1e7, math.Round((f.lon+east/perLon)*1e7) / 1e7
}

// seconds is how long the flight lasts.
func (f *cardFlight) seconds() float64 { return f.legs[len(f.legs)-1].s }

// utc is the moment's time.
func (m cardMoment) utc() time.Time {
	return m.flight.start.Add(time.Duration(m.s * float64(time.Second)))
}

// local is what the camera's clock shows.
func (m cardMoment) local() time.Time { return m.utc().Add(cardZone * time.Hour) }

// gps returns the week and the milliseconds in it, as receivers count time.
func (m cardMoment) gps() (week, ms int) {
	const leap = 18 * time.Second
	since := m.utc().Add(leap).Sub(time.Date(1980, 1, 6, 0, 0, 0, 0, time.UTC))
	const length = 7 * 24 * time.Hour
	return int(since / length), int(since % length / time.Millisecond)
}
