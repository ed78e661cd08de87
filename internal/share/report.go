// Package share makes a copy of a whole card that can be handed over: it plans
// which files belong to one flight and what they will be called, lets the
// pipeline clean, convert and verify each of them, looks at the result again,
// and says in a [Report] what was done and what remains.
//
// It does not look at pictures, and it changes nothing outside its output.
package share

// A Report is what a run found, did and left, for people and programs. Unless
// Private is set it can be published: it holds counts, new names and released
// positions, no value and no name of an original (with --names keep, new names
// are the old ones). Field names are part of the interface for programs.
//
// It holds no time of the run: the same inputs and options give the same report.
type Report struct {
	Type string `json:"type"` // "share"
	Tool string `json:"tool"` // "flightveil 1.2"
	// Private says that the report maps new names to old ones and holds true
	// positions: [File.Original], [File.Label] and [Flight.Before] are set.
	Private bool   `json:"private,omitempty"`
	DryRun  bool   `json:"dry_run,omitempty"`
	Options Chosen `json:"options"`

	Summary      Summary      `json:"summary"`
	Flights      []Flight     `json:"flights"`  // in the order they were flown
	Findings     []Found      `json:"findings"` // by class, the most telling first
	Files        []File       `json:"files"`    // one for each input, in the order of the inputs
	Verification Verification `json:"verification"`
	Remains      []Remain     `json:"remains"` // what is still in the export and why, and what is not in it
	Words        Words        `json:"words"`
}

// Chosen is how the run was asked to share.
type Chosen struct {
	Profile        string `json:"profile"`    // "public"
	Media          string `json:"media"`      // what became of positions in photos and videos: keep, cell, strip, zero, near, zone
	Logs           string `json:"logs"`       // what became of positions in flight logs: the same words
	Time           string `json:"time"`       // rebase, day or keep
	Names          string `json:"names"`      // new or keep
	LogFormat      string `json:"log_format"` // "gpx"
	PixelsReviewed bool   `json:"pixels_reviewed,omitempty"`
	Sealed         bool   `json:"sealed,omitempty"` // each file of the export is encrypted
	Zipped         bool   `json:"zipped,omitempty"`
}

// Summary counts the inputs by what became of them, and what left.
type Summary struct {
	Inputs  int   `json:"inputs"`
	Flights int   `json:"flights"`
	Written int   `json:"written"`  // files of the export, without reports
	LeftOut int   `json:"left_out"` // unknown, not chosen, or without anything to write
	Refused int   `json:"refused"`  // cannot be cleaned safely
	Failed  int   `json:"failed"`   // could not be read or written
	Skipped int   `json:"skipped"`  // system files
	Damaged int   `json:"damaged"`  // written, but part of the input could not be read
	Photos  int   `json:"photos"`   // of those written
	Videos  int   `json:"videos"`
	Tracks  int   `json:"tracks"`
	Others  int   `json:"others"`  // captions, sidecars, proxies, thumbnails, survey files
	Bytes   int64 `json:"bytes"`   // of the files written
	Removed int   `json:"removed"` // values removed or coarsened
}

// A Flight is one flight of the card, or photos and videos taken together.
// Where nothing may link logs to pictures (the defaults), each log is a Flight
// of its own, without media, behind the others: "track-001".
type Flight struct {
	Name     string  `json:"name"` // folder of the export: "flight-01"
	Photos   int     `json:"photos"`
	Videos   int     `json:"videos"`
	Logs     int     `json:"logs"`
	Others   int     `json:"others"`
	Duration float64 `json:"duration_s,omitempty"` // seconds, from the log; 0 if unknown

	Distance  *float64 `json:"distance_m,omitempty"`   // metres along the track; nil if unknown
	Farthest  *float64 `json:"farthest_m,omitempty"`   // metres from take-off, at most
	MaxHeight *float64 `json:"max_height_m,omitempty"` // metres above take-off
	MaxSpeed  *float64 `json:"max_speed_mps,omitempty"`

	// Track is the flight as its log leaves: displaced, coarse or true, as
	// Moved says; at most MaxTrackPoints. Empty without a log.
	Track []TrackPoint `json:"track,omitempty"`
	// Moved is how the track was moved: zero, near, zone, cell; "" if it is true.
	Moved string `json:"moved,omitempty"`
	// MovedNote is the sentence that every picture of Track must carry:
	// "displaced, not the real place". Empty if the track is true.
	MovedNote string `json:"moved_note,omitempty"`
	// Before is the true track. In private reports only.
	Before []TrackPoint `json:"before,omitempty"`
	// Clock says in words how the camera's clock was related to the log's, in
	// private reports only: "the camera's clock is 2h0m3s ahead of UTC".
	Clock string `json:"clock,omitempty"`
	// With is the flight whose pictures belong to a track that is apart from
	// them, in private reports only.
	With string `json:"with,omitempty"`
	// Together says that log and media were moved by one displacement, one
	// time shift and one height base.
	Together bool `json:"together,omitempty"`
	// Fallback says why media were stripped although moving was asked for.
	Fallback string `json:"fallback,omitempty"`
}

// MaxTrackPoints is how many points of a track a report holds at most.
const MaxTrackPoints = 600

// A TrackPoint is one point of a track in a report.
type TrackPoint struct {
	Seconds float64  `json:"t"`             // since the first point; -1 if the log has no clock
	Lat     float64  `json:"lat"`           // degrees, as released
	Lon     float64  `json:"lon"`           // degrees, as released
	East    float64  `json:"e"`             // metres east of the first point, for drawing
	North   float64  `json:"n"`             // metres north of the first point
	Height  *float64 `json:"h,omitempty"`   // metres above take-off; nil if unknown or left out
	Speed   *float64 `json:"v,omitempty"`   // m/s over ground; nil if unknown or left out
	Break   bool     `json:"brk,omitempty"` // not connected with the point before
}

// Found is how often a class of finding was met, and what became of it.
type Found struct {
	Class     string `json:"class"`     // privacy.Class: "location"
	Words     string `json:"words"`     // what it tells: "where it was taken"
	Files     int    `json:"files"`     // inputs that hold it
	Found     int    `json:"found"`     // values
	Removed   int    `json:"removed"`   // values that are not in the export
	Coarsened int    `json:"coarsened"` // rounded or moved
	Kept      int    `json:"kept"`      // values that the profile keeps
}

// A File is one input and what became of it.
type File struct {
	Output    string   `json:"output,omitempty"` // below the export; empty if nothing was written
	Flight    string   `json:"flight,omitempty"` // name of its flight
	Kind      string   `json:"kind"`             // photo, raw, video, captions, proxy, thumbnail, log, survey, sidecar, panorama, hyperlapse, unknown, system
	Format    string   `json:"format,omitempty"` // "jpeg", "dji-txt"
	Status    string   `json:"status"`           // written, unchanged, planned, left out, refused, failed, skipped
	Reason    string   `json:"reason,omitempty"` // why nothing was written
	Bytes     int64    `json:"bytes"`            // of the input
	Removed   int      `json:"removed"`          // values removed or coarsened
	Checked   int      `json:"checked"`          // removed values that were searched for in the output
	Readers   []string `json:"readers,omitempty"`
	Positions int      `json:"positions,omitempty"` // of a log, before anything was left out
	Damaged   bool     `json:"damaged,omitempty"`   // part of the input could not be read
	Notes     []string `json:"notes,omitempty"`

	Original string `json:"original,omitempty"` // its path below the arguments; private reports only
	Label    string `json:"-"`                  // as a person finds it; for the terminal only
}

// Verification is what the second look found.
type Verification struct {
	Values  int      `json:"values"`  // removed values that were searched for
	Readers []string `json:"readers"` // "flightveil", "go-exif", "goexif"
	// Again counts the files of the finished export that were recognised and
	// walked once more; Sealed those that were looked at before they were
	// encrypted.
	Again  int    `json:"again"`
	Sealed int    `json:"sealed,omitempty"`
	Left   []Left `json:"left"` // what should be gone and is there; the run then ends with exit code 4
}

// Left is something that should have been removed and was found in the export.
type Left struct {
	Output string `json:"output"`
	Class  string `json:"class"`
	Path   string `json:"path"` // where in the file
	As     string `json:"as"`   // how it was found
}

// A Remain is something a reader of the export can still learn, or something
// that is missing from it, with the reason.
type Remain struct {
	What string `json:"what"`
	Why  string `json:"why"`
	// Files is how many files it concerns; 0 if it is not about files.
	Files int `json:"files,omitempty"`
}

// Words are the sentences every report ends with.
type Words struct {
	Checked    string   `json:"checked"`     // "none of the 412 removed values was found again by …"
	NotChecked string   `json:"not_checked"` // "Not checked: what can be seen or heard, …"
	Displaced  string   `json:"displaced,omitempty"`
	Promise    string   `json:"promise,omitempty"` // of the mechanism that moved the logs
	NotGiven   []string `json:"not_given"`         // what this does not protect against
}

// Incomplete reports whether an input was refused, failed, not known or came
// through in part only. What was not chosen and system files do not count.
func (r *Report) Incomplete() bool {
	for _, f := range r.Files {
		if f.Damaged || f.Status == "refused" || f.Status == "failed" || f.Status == StatusLeftOut && f.Reason != notChosen {
			return true
		}
	}
	return false
}

// Stored is the name under which an output lies in the export.
func (r *Report) Stored(output string) string {
	if r.Options.Sealed {
		return output + ".age"
	}
	return output
}
