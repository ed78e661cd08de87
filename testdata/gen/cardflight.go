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
// metres east and north of the take-off point and above it. It flies smoothly
// through them, and stands still between two that are alike.
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
		{0, 0, 0, 0}, {4, 0, 0, 0}, {12, 0, 0, 36}, {22, 48, 64, 36}, {34, 48, 64, 36}, {42, 96, 106, 40}, {50, 150, 120, 40}, {62, 150, 120, 40},
		{68, 182, 92, 40}, {74, 190, 40, 40}, {80, 160, -6, 40}, {86, 118, -18, 40}, {98, 60, 10, 40}, {112, 60, 10, 40}, {122, 0, 0, 40}, {124, 0, 0, 40},
		{141, 0, 0, 0}, {144, 0, 0, 0}}},
	{"garden-afternoon", time.Date(2031, 7, 20, 1, 41, 10, 0, time.UTC), -41.3875197, -132.4518231, 12.4, []cardLeg{
		{0, 0, 0, 0}, {3, 0, 0, 0}, {16, 0, 0, 60}, {24, -62, 40, 60}, {33, -120, 60, 60}, {58, -120, 60, 60}, {64, -168, 34, 60}, {70, -204, -16, 60},
		{77, -196, -74, 60}, {85, -150, -108, 60}, {93, -84, -96, 60}, {101, -26, -44, 60}, {108, 0, 0, 60}, {110, 0, 0, 60}, {129, 0, 0, 0}, {132, 0, 0, 0}}},
	{"lake-survey", time.Date(2031, 7, 20, 21, 3, 40, 0, time.UTC), -41.1028663, -131.8873519, 486.2, []cardLeg{
		{0, 0, 0, 0}, {5, 0, 0, 0}, {20, 0, 0, 60}, {24, 14, 20, 60}, {28, 40, 30, 60}, {38, 120, 30, 60}, {48, 200, 30, 60}, {51, 213, 45, 60}, {54, 200, 60, 60},
		{64, 120, 60, 60}, {74, 40, 60, 60}, {77, 27, 75, 60}, {80, 40, 90, 60}, {90, 120, 90, 60}, {100, 200, 90, 60}, {106, 210, 56, 60}, {112, 170, 18, 60},
		{120, 80, 4, 60}, {129, 0, 0, 60}, {131, 0, 0, 60}, {147, 0, 0, 0}, {150, 0, 0, 0}}},
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
	var east, north, up float64
	for back := s; ; back -= 0.5 { // who stands still looks where it came from
		e, n, u, ve, vn, vu := f.flown(back)
		if back == s {
			east, north, up, m.east, m.north, m.ups = e, n, u, ve, vn, vu
		}
		if math.Hypot(ve, vn) > 0.2 || back <= 0 {
			m.yaw = math.Round(math.Atan2(ve, vn)*1800/math.Pi) / 10
			break
		}
	}
	grid := func(v, parts float64) float64 { return math.Round(v*parts) / parts }
	m.lat, m.lon = f.moved(east, north)
	m.up = grid(up, 10)
	m.msl = grid(f.ground+m.up, 10)
	return m
}

// flown returns the place and the speeds on the smooth way through the legs:
// cubic Hermite curves whose slope at a leg is that between its neighbours, or
// none where the aircraft stands still or turns back.
func (f *cardFlight) flown(s float64) (east, north, up, ve, vn, vu float64) {
	i := 1
	for i < len(f.legs)-1 && s > f.legs[i].s {
		i++
	}
	d := f.legs[i].s - f.legs[i-1].s
	t := min(max((s-f.legs[i-1].s)/d, 0), 1)
	curve := func(of func(cardLeg) float64) (v, speed float64) {
		slope := func(k int) float64 {
			if k == 0 || k == len(f.legs)-1 {
				return 0
			}
			before, here, after := f.legs[k-1], f.legs[k], f.legs[k+1]
			if before.alike(here) || here.alike(after) || of(before) == of(here) && of(here) == of(after) {
				return 0
			}
			return (of(after) - of(before)) / (after.s - before.s)
		}
		p0, p1, m0, m1 := of(f.legs[i-1]), of(f.legs[i]), slope(i-1)*d, slope(i)*d
		v = (2*t*t*t-3*t*t+1)*p0 + (t*t*t-2*t*t+t)*m0 + (3*t*t-2*t*t*t)*p1 + (t*t*t-t*t)*m1
		return v, ((6*t*t-6*t)*p0 + (3*t*t-4*t+1)*m0 + (6*t-6*t*t)*p1 + (3*t*t-2*t)*m1) / d
	}
	east, ve = curve(func(l cardLeg) float64 { return l.east })
	north, vn = curve(func(l cardLeg) float64 { return l.north })
	up, vu = curve(func(l cardLeg) float64 { return l.up })
	return east, north, max(up, 0), ve, vn, vu
}

func (l cardLeg) alike(o cardLeg) bool { return l.east == o.east && l.north == o.north && l.up == o.up }

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
