package djmeta

import (
	"strings"

	"flightveil/internal/privacy"

	"google.golang.org/protobuf/encoding/protowire"
)

// A layout says what the frames of a product hold. Field numbers are those of
// the message FrameMeta; 0 means that it has none.
type layout struct {
	known   bool
	device  protowire.Number // the drone, or the receiver of a camera
	gps     protowire.Number // in the device: GpsBasic
	gimbal  protowire.Number // its attitude is field 3
	drone   bool             // the device has velocity 2, attitude 3, relative altitude 5
	degrees bool             // a position that does not name its unit is in degrees
	names   map[string]tag   // of fields whose number differs between products
}

// A tag is the name of a value and its class.
type tag struct {
	name  string
	class privacy.Class
}

// layouts are the known schemas, by the name of their product.
var layouts = map[string]layout{
	"wm265e":       aircraft(early),                                                                 // Mavic 3
	"pm320":        aircraft(early, exposures{"3-2-4-1": "FNumber"}),                                // Matrice 30
	"Mini4_Pro":    aircraft(middle),                                                                // Mini 4 Pro
	"Air3":         aircraft(middle),                                                                // Air 3
	"Air3s":        aircraft(middle),                                                                // Air 3S
	"wa345e":       aircraft(),                                                                      // Matrice 4E
	"wm261":        aircraft(late, exposures{"3-2-11-1": "FNumber"}),                                // Mavic 3 Pro
	"Mavic4":       inDegrees(aircraft(late, exposures{"3-2-24-1": "ColorTemperature"})),            // Mavic 4 Pro
	"Mini5Pro":     inDegrees(aircraft()),                                                           // Mini 5 Pro
	"AVATA2":       goggles(fpv),                                                                    // Avata 2
	"dji_neo":      goggles(fpv),                                                                    // Neo
	"eagle4_wa530": goggles(unit),                                                                   // O4 air unit
	"ac203":        camera(action),                                                                  // Osmo Action 4
	"ac204":        camera(action),                                                                  // Osmo Action 5 Pro
	"ac206":        camera(action),                                                                  // Osmo Action 6
	"ow001":        camera(action),                                                                  // Osmo Nano
	"oq101":        camera(action, exposures{"3-2-3-1": "ISO", "3-2-2-1": "", "1-14-1": "FNumber"}), // Osmo 360
	"PP-101":       {known: true, names: named(late, exposures{"3-2-24-1": "ColorTemperature"})},    // Osmo Pocket 3
	"wm169":        {known: true},                                                                   // O3 air unit, Avata
}

// exposures are names of values of the camera, by their path.
type exposures map[string]string

var (
	early  = exposures{"3-2-2-1": "ISO", "3-2-3-1": "ShutterSpeed", "3-2-6-1": "DigitalZoom"}
	middle = exposures{"3-2-7-1": "ISO", "3-2-10-1": "ShutterSpeed", "3-2-11-1": "FNumber", "3-2-32-1": "ColorTemperature"}
	late   = exposures{"3-2-9-1": "ISO", "3-2-10-1": "ShutterSpeed"}
	fpv    = exposures{"3-2-2-1": "ISO", "3-2-4-1": "ShutterSpeed", "3-2-6-1": "ColorTemperature", "3-2-10-1": "FNumber"}
	unit   = exposures{"3-2-2-1": "ExposureIndex", "3-2-3-1": "ISO", "3-2-4-1": "ShutterSpeed", "3-2-5-1": "DigitalZoom",
		"3-2-6-1": "ColorTemperature", "3-2-8-1": "ExposureValue", "3-2-10-1": "FocalLength", "3-2-14-1": "FNumber"}
	action = exposures{"3-2-2-1": "ISO", "3-2-4-1": "ShutterSpeed", "3-2-6-1": "ColorTemperature"}
)

// named merges tables of names; an empty name takes one away.
func named(tables ...exposures) map[string]tag {
	out := map[string]tag{}
	for _, t := range tables {
		for path, name := range t {
			if out[path] = (tag{name, privacy.Exposure}); name == "" {
				delete(out, path)
			}
		}
	}
	return out
}

func aircraft(tables ...exposures) layout {
	return layout{known: true, device: 3, gps: 4, gimbal: 4, drone: true, names: named(tables...)}
}

func goggles(tables ...exposures) layout {
	l := layout{known: true, device: 4, gps: 4, drone: true, names: named(tables...)}
	return l
}

func camera(tables ...exposures) layout {
	l := layout{known: true, device: 4, gps: 2, names: named(tables...)}
	for path, name := range map[string]string{"3-2-10-2": "AccelerometerX", "3-2-10-3": "AccelerometerY", "3-2-10-4": "AccelerometerZ"} {
		l.names[path] = tag{name, privacy.Attitude}
	}
	return l
}

func inDegrees(l layout) layout {
	l.degrees = true
	return l
}

// layoutOf returns the layout of the schema called name.
func layoutOf(name string) layout {
	name, ok := strings.CutSuffix(name, ".proto")
	if name, ok2 := strings.CutPrefix(name, "dvtm_"); ok && ok2 {
		return layouts[name]
	}
	return layout{}
}

// shared are the values that lie at the same place in every schema, by path.
var shared = map[string]tag{
	"1-1-1":   {"Protocol", privacy.Device},
	"1-1-2":   {"LibraryVersion", privacy.Device},
	"1-1-3":   {"ProtocolVersion", privacy.Device},
	"1-1-5":   {"SerialNumber", privacy.Identity},
	"1-1-6":   {"FirmwareVersion", privacy.Device},
	"1-1-9":   {"ClipTimeStamp", privacy.Time},
	"1-1-10":  {"Model", privacy.Device},
	"2-2-1-4": {"DeviceName", privacy.Device},
	"2-2-2-1": {"DeviceVersion", privacy.Device},
	"2-2-3-1": {"SerialNumber2", privacy.Identity},
	"3-1-1":   {"FrameNumber", privacy.Time},
	"3-1-2":   {"TimeStamp", privacy.Time},
	"3-2-1-4": {"CameraName", privacy.Device},
	"3-2-1-6": {"CameraTimeStamp", privacy.Time},
	"3-3-1-4": {"DeviceName", privacy.Device},
	"3-3-1-6": {"DeviceTimeStamp", privacy.Time},
	"3-4-1-4": {"DeviceName", privacy.Device},
	"3-4-1-6": {"DeviceTimeStamp", privacy.Time},
}

// The names of what is in GpsBasic and in the messages of the drone, by field.
var (
	inGPS = map[protowire.Number]tag{
		2: {"AbsoluteAltitude", privacy.Altitude},
		3: {"GPSStatus", privacy.Attitude},
		4: {"AltitudeType", privacy.Altitude},
		5: {"HasGPSTime", privacy.Time},
	}
	// exiftool takes the first angle of a drone for its roll; the shared message
	// EulerAngle has the pitch first.
	angles     = [...]string{1: "Pitch", 2: "Roll", 3: "Yaw"}
	directions = [...]string{1: "X", 2: "Y", 3: "Z"}
)
