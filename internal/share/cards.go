package share

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// layouts tell whose card a folder looks like. Only the report says so: what a
// file is, its content decides.
var layouts = []struct {
	name string
	is   *regexp.Regexp
}{
	{"DJI", regexp.MustCompile(`(?i)(^|/)(dcim/(dji_|[^/]*/dji_|panorama/|hyperlapse/)|.*djiflightrecord_|.*flightrecord/|misc/thm/)`)},
	{"GoPro", regexp.MustCompile(`(?i)(^|/)dcim/\d{3}gopro/`)},
	{"Autel", regexp.MustCompile(`(?i)(^|/)(dcim/[^/]*/max_\d+|.*autel)`)},
	{"Parrot", regexp.MustCompile(`(?i)(^|/)(dcim/[^/]*/p\d{7}\.|fdr/|fdr-lite/|.*\.(gutma|parrot)\b)`)},
	{"Skydio", regexp.MustCompile(`(?i)(^|/)(dcim/\d{3}skydi?o?/|dcim/[^/]*/s\d{7}\.)`)},
	{"Yuneec", regexp.MustCompile(`(?i)(^|/)(dcim/[^/]*/yun\d+\.|.*(flightlog\d*/)?(telemetry|remotegps|remote)_\d+\.csv)`)},
	{"ArduPilot", regexp.MustCompile(`(?i)(^|/)(apm/logs/|logs/\d+\.bin$|lastlog\.txt$)`)},
	{"PX4", regexp.MustCompile(`(?i)(^|/)log/[^/]+/[^/]+\.ulg$`)},
	{"Insta360", regexp.MustCompile(`(?i)(^|/)dcim/camera\d+/(vid|lrv|img)_\d+_\d+_\d+_\d+\.ins[vp]$`)},
}

// cards names the makers whose layout the inputs have.
func cards(items []*item) []string {
	var out []string
	for _, l := range layouts {
		if slices.ContainsFunc(items, func(it *item) bool { return l.is.MatchString(it.Rel) }) {
			out = append(out, l.name)
		}
	}
	return out
}

// cameraFiles are index files and caches that cameras and autopilots keep for
// themselves.
var cameraFiles = regexp.MustCompile(`(?i)^(lastlog\.txt|.*\.(ctg|idx|bdm|cpi|mpl|log\.idx)|version\.txt|get_started_with_gopro\.url|leinfo\.sav|mmcblk.*\.txt|ac\d+\.db)$`)

// cameraFolders are whole folders of such files.
var cameraFolders = []string{"misc/idx", "misc/gis", "misc/xcode", "misc/log", "canonmsc", "avf_info"}

// ownedByCamera reports whether a path is that of a file that cameras keep for
// themselves.
func ownedByCamera(rel string) bool {
	if cameraFiles.MatchString(path.Base(rel)) {
		return true
	}
	dir := "/" + strings.ToLower(path.Dir(rel)) + "/"
	return slices.ContainsFunc(cameraFolders, func(f string) bool { return strings.Contains(dir, "/"+f+"/") })
}

// pilotsOwn reports whether a log is of the remote control, as Yuneec names
// it: where the pilot stood and walked.
func pilotsOwn(rel string) bool {
	name := strings.ToLower(path.Base(rel))
	return strings.HasPrefix(name, "remotegps_") || strings.HasPrefix(name, "remote_")
}
