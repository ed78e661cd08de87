package xmp

import (
	"strings"
	"sync"

	"flightveil/internal/privacy"
)

// guesses classify properties that no table names by what their names contain,
// in this order. They only decide what a careful profile such as mapping may
// keep: no guess is Technical or Exposure.
var guesses = []struct {
	class privacy.Class
	parts string
}{
	{privacy.Operator, "home takeoff launchp pilot operator remotecontrol rcposition rclat rclon"},
	{privacy.Identity, "serial uuid guid uniqueid owner author username account email phone telephone ssid macaddr filename filepath directory hostname ntrip mountpoint imei " +
		"person people face registration sessionid flightid droneid deviceid cameraid vehicleid mediaid captureid bodyid sensorid batteryid instanceid documentid shuttercount " +
		"imagenumber digest fingerprint password token url"},
	{privacy.Location, "latitude longitude longtitude coordinate geolocation geohash gpsposition targetlat targetlon targetlng gpslat gpslon gpslng"},
	{privacy.Altitude, "altitude elevation pressure barometer height abovegroundlevel"},
	{privacy.Copyright, "copyright rights creator artist license licence credit"},
	{privacy.Place, "country city province stateprov county municipality location sublocation address postal zipcode street district town village placename timezonecity"},
	{privacy.Attitude, "yaw pitch roll heading bearing azimuth direction speed velocity acceleration gyro gimbal quaternion attitude orientation accuracy dop rtk satellite rateofclimb gps"},
	{privacy.Calibration, "calibrat dewarp vignet distortion principalpoint focallengthpixel opticalcenter hmatrix intrinsic extrinsic wavelength irradiance bandname sensorgain"},
	{privacy.Time, "date time utc zoneoffset uclock"},
	{privacy.MakerNote, "makernote"},
	{privacy.Preview, "thumbnail preview"},
	{privacy.Provenance, "history provenance ancestor edit"},
	{privacy.Description, "title caption description keyword comment subject rating label headline note tags"},
	{privacy.Device, "model firmware software lens product toolkit creatortool hardware"},
}

type guessPart struct {
	text string
	rank int // index of guesses
}

// guessStarts returns the parts of guesses by their first two letters, so that
// one pass over a name finds them all.
var guessStarts = sync.OnceValue(func() map[[2]byte][]guessPart {
	out := map[[2]byte][]guessPart{}
	for rank, g := range guesses {
		for part := range strings.FieldsSeq(g.parts) {
			start := [2]byte{part[0], part[1]}
			out[start] = append(out[start], guessPart{part, rank})
		}
	}
	return out
})

// guess classifies a property by its name alone.
func guess(local string) privacy.Class {
	if id := strings.TrimSuffix(local, "s"); strings.HasSuffix(id, "ID") || strings.HasSuffix(id, "Id") || id == "id" {
		return privacy.Identity
	}
	name := strings.ToLower(local)
	starts, best := guessStarts(), len(guesses)
	for i := range max(0, len(name)-1) {
		for _, p := range starts[[2]byte{name[i], name[i+1]}] {
			if p.rank < best && strings.HasPrefix(name[i:], p.text) {
				best = p.rank
			}
		}
	}
	if best < len(guesses) {
		return guesses[best].class
	}
	switch {
	case strings.HasSuffix(local, "Lat"), strings.HasSuffix(local, "Lon"), strings.HasSuffix(local, "Lng"), name == "lat", name == "lon", name == "lng":
		return privacy.Location
	case strings.HasSuffix(local, "Alt"), name == "alt":
		return privacy.Altitude
	case name == "state":
		return privacy.Place
	case name == "make":
		return privacy.Device
	}
	return privacy.Unknown
}
