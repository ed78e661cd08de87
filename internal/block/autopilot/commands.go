package autopilot

// A Use says what the position of a mission command is.
type Use int

// Uses of the position in a MAV_CMD.
const (
	NoPosition Use = iota // parameters 5 and 6 are something else, or nothing
	Waypoint
	HomePoint
	LookAt
)

// Command returns what parameters 5 and 6 of the MAVLink command cmd (MAV_CMD,
// common.xml and ardupilotmega.xml) are.
func Command(cmd uint16) Use {
	switch cmd {
	case 16, 17, 18, 19, 21, 22, 24, 25, 31, 34, 35, 36, 40, 80, 82, 84, 85, 94, 95, // NAV_*
		189, 192, // DO_LAND_START, DO_REPOSITION
		5000, 5001, 5002, 5003, 5004, 5100, // fence and rally points
		30001: // PAYLOAD_PREPARE_DEPLOY
		return Waypoint
	case 179: // DO_SET_HOME
		return HomePoint
	case 195, 201: // DO_SET_ROI_LOCATION, DO_SET_ROI
		return LookAt
	}
	return NoPosition
}

// GlobalFrame reports whether positions in the MAV_FRAME are latitude and longitude.
func GlobalFrame(frame uint8) bool {
	switch frame {
	case 0, 3, 5, 6, 10, 11:
		return true
	}
	return false
}

// RelativeFrame reports whether altitudes in the MAV_FRAME count from home.
func RelativeFrame(frame uint8) bool { return frame == 3 || frame == 6 }

// TerrainFrame reports whether altitudes in the MAV_FRAME count from the ground.
func TerrainFrame(frame uint8) bool { return frame == 10 || frame == 11 }

// ItemDatum returns what altitudes in the MAV_FRAME count from, in the words of
// logfmt.Spot.
func ItemDatum(frame uint8) string {
	switch {
	case RelativeFrame(frame):
		return "home"
	case TerrainFrame(frame):
		return ""
	}
	return "MSL"
}
