// Package privacy is the vocabulary shared by everything that finds or removes
// personal data: classes of finding, actions, and the policy that maps one to
// the other.
package privacy

import (
	"log/slog"
	"strings"

	"flightveil/internal/geo"
	"flightveil/internal/input"
)

// Class says what a finding gives away.
type Class string

const (
	Location    Class = "location"    // a latitude or longitude of the device or its target
	Operator    Class = "operator"    // a position of the pilot: home point, remote control, phone
	Place       Class = "place"       // a place in words: city, address, time-zone city
	Altitude    Class = "altitude"    // a height, a pressure, a water depth
	Attitude    Class = "attitude"    // direction, speed, gimbal and flight angles, and the quality of a fix
	Identity    Class = "identity"    // serial numbers, names, account and document ids, wear counters
	Copyright   Class = "copyright"   // artist, copyright and licence lines
	Time        Class = "time"        // when, and in which time zone
	Device      Class = "device"      // make, model, lens, firmware, software
	Calibration Class = "calibration" // lens and sensor calibration: a fingerprint that mapping needs
	Exposure    Class = "exposure"    // aperture, shutter, ISO, focal length, white balance
	Description Class = "description" // title, caption, keywords, comment, rating
	Preview     Class = "preview"     // a thumbnail that may show the uncropped picture
	MakerNote   Class = "makernote"   // a vendor block as a whole
	Provenance  Class = "provenance"  // C2PA manifests and edit histories
	Audio       Class = "audio"       // a sound track: voices, the engine, the place
	Stream      Class = "sei"         // messages inside a video stream: encoder settings, dates, user data
	Unknown     Class = "unknown"     // bytes no rule accounts for
	Technical   Class = "technical"   // what the picture needs to look right; always kept
)

// Classes lists every class, the most telling first.
var Classes = []Class{
	Location, Operator, Place, Identity, Copyright, Time, Altitude, Description, Provenance,
	Device, Calibration, Attitude, MakerNote, Preview, Unknown, Exposure, Audio, Stream, Technical,
}

// Secret is a value found in a file. It prints, logs and marshals as
// "[redacted]" unless Reveal is called.
type Secret string

func (s Secret) String() string               { return "[redacted]" }
func (s Secret) GoString() string             { return "[redacted]" }
func (s Secret) LogValue() slog.Value         { return slog.StringValue("[redacted]") }
func (s Secret) MarshalText() ([]byte, error) { return []byte("[redacted]"), nil }

// Reveal returns the value itself.
func (s Secret) Reveal() string { return string(s) }

// A Finding is one piece of data at one place in one file. Findings are
// leaves: a segment is one only if nobody looks inside it, and a telemetry
// track is one finding with a Count, not one per sample.
type Finding struct {
	Class Class
	Path  string       // place inside the file, tags named as their specification names them: "GPS/GPSLatitude"
	Spans []input.Span // where its value lies, ascending
	Count int          // how many values it stands for; 0 means one
	Value Secret       // as text, if it can be read
	Where *geo.Point   // for Location and Operator, if both coordinates could be read
}

// Action is what a policy does with a finding.
type Action string

const (
	Keep    Action = "keep"
	Remove  Action = "remove"
	Coarsen Action = "coarsen" // positions to the centre of a cell, times to the day
	// Displace moves positions, heights and times with the flight they belong
	// to, so that what is left of them fits together and tells no true place.
	Displace Action = "displace"
	Refuse   Action = "refuse" // the file is not written at all
)

// A Policy decides what happens to each class of finding. A class without a
// rule is removed, so forgetting a rule never leaks.
type Policy struct {
	Rules map[Class]Action
	// Displaced says that positions are moved. Directions and speeds are as
	// true at the new place; how good a fix was follows the true place and
	// time, and goes.
	Displaced bool
}

// Decide returns what p does with f. Containers that cannot coarsen or displace
// a finding remove it. Sound and the stream of a video are what the file is for: they
// stay unless a rule removes them.
func (p Policy) Decide(f Finding) Action {
	if f.Class == Technical {
		return Keep
	}
	a, ok := p.Rules[f.Class]
	switch {
	case p.Displaced && f.Class == Attitude && a == Keep && !directional(f.Path):
		return Remove
	case !ok && (f.Class == Audio || f.Class == Stream):
		return Keep
	case !ok:
		return Remove
	case (a == Coarsen || a == Displace) && (f.Class == Location || f.Class == Operator) && (f.Where == nil || !f.Where.Valid()):
		return Remove
	case a == Displace && f.Class != Location && f.Class != Operator && f.Class != Time && f.Class != Altitude:
		return Remove
	case a == Coarsen && f.Class != Location && f.Class != Operator && f.Class != Time:
		return Remove
	}
	return a
}

// directional reports whether the name of a finding of class Attitude is that
// of a direction, an angle or a speed.
func directional(path string) bool {
	name := strings.ToLower(path[strings.LastIndexByte(path, '/')+1:])
	for _, w := range []string{"yaw", "pitch", "roll", "direction", "track", "speed", "bearing", "heading", "angle", "reverse"} {
		if strings.Contains(name, w) {
			return true
		}
	}
	return false
}
