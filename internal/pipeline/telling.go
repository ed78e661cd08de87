package pipeline

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// telling reports whether a file or folder name carries a date, a place or a
// person. It errs on the side of yes: a word that no camera writes counts.
func telling(name string) bool {
	if !utf8.ValidString(name) || strings.ContainsFunc(name, func(c rune) bool { return c >= utf8.RuneSelf || unicode.IsControl(c) }) {
		return true
	}
	return hasDate(name) || hasDecimals(name) || slices.ContainsFunc(words(name), foreignWord)
}

// words splits name into runs of letters.
func words(name string) []string {
	return strings.FieldsFunc(strings.ToLower(name), func(c rune) bool { return !unicode.IsLetter(c) })
}

// foreignWord reports whether w is a word that neither cameras nor these tools
// put into names. Words of one or two letters carry no name.
func foreignWord(w string) bool {
	_, found := slices.BinarySearch(cameraWords, w)
	return len(w) > 2 && !found
}

// cameraWords are the words in names that cameras, drones and phones give, and
// the plain words for what a file is. Sorted.
var cameraWords = []string{
	"anafi", "and", "andro", "apple", "arw", "autel", "avchd", "avi", "avif", "back", "band", "bdmv", "blue", "burst", "burstshot", "camera", "canon",
	"cap", "card", "clean", "clip", "clips", "copy", "cover", "crop", "dcim", "depth", "dji", "dng", "dngs", "down", "dsc", "dscf", "dscim", "dscn",
	"dual", "edge", "edit", "edited", "eos", "events", "exif", "export", "file", "files", "final", "flight", "flights", "folder", "for", "fplan",
	"front", "fuji", "gif", "gopr", "gopro", "goprx", "gpbk", "gpfr", "green", "hdr", "heic", "heif", "horiz", "hyperlapse", "image", "images", "img",
	"imgp", "inbox", "insp", "insv", "jpeg", "jpegs", "jpg", "jxl", "left", "lens", "log", "logs", "lrf", "lrv", "main", "mapping", "mavic", "max",
	"media", "misc", "mission", "mode", "mov", "movie", "movies", "mpo", "msdcf", "mvi", "ndvi", "new", "night", "nikon", "nir", "old", "olymp", "orf",
	"original", "originals", "out", "output", "pana", "pano", "panorama", "parrot", "pef", "pentx", "phantom", "photo", "photos", "photosphere", "pict",
	"picture", "pictures", "png", "portrait", "ppk", "preview", "private", "psd", "pxl", "quickshot", "raw", "raws", "rear", "red", "rgb", "right",
	"rinex", "rtk", "sample", "samples", "scan", "screenshot", "skydio", "slowmo", "small", "sony", "sphere", "srt", "ssp", "still", "stills", "stream",
	"survey", "tele", "test", "the", "thermal", "thm", "thrm", "thumb", "tif", "tiff", "timelapse", "top", "track", "tracks", "untitled", "vert", "vid",
	"video", "videos", "vis", "webp", "wide", "with", "xmp", "xtr", "yun", "yuneec", "zoom",
}

// hasDate reports whether name holds a calendar date: 20310719 (also at the
// start of a longer number), 2031-07-19, 310719, or seconds since 1970.
func hasDate(name string) bool {
	for _, run := range numbers(name) {
		switch {
		case len(run) >= 8 && calendar(run[:4], run[4:6], run[6:8]):
			return true
		case len(run) == 8 && calendar(run[4:], run[2:4], run[:2]):
			return true
		case len(run) == 6 && (calendar("20"+run[:2], run[2:4], run[4:]) || calendar("20"+run[4:], run[2:4], run[:2])):
			return true
		case (len(run) == 10 || len(run) == 13) && run[:2] >= "10" && run[:2] <= "25":
			return true
		}
	}
	parts := strings.FieldsFunc(name, func(c rune) bool { return !unicode.IsDigit(c) })
	for i := 0; i+2 < len(parts); i++ {
		if len(parts[i+1]) > 2 {
			continue
		}
		if len(parts[i]) == 4 && calendar(parts[i], parts[i+1], parts[i+2]) || len(parts[i+2]) == 4 && calendar(parts[i+2], parts[i+1], parts[i]) {
			return true
		}
	}
	return false
}

func numbers(name string) []string {
	return strings.FieldsFunc(name, func(c rune) bool { return !unicode.IsDigit(c) })
}

func calendar(year, month, day string) bool {
	y, err1 := strconv.Atoi(year)
	m, err2 := strconv.Atoi(month)
	d, err3 := strconv.Atoi(day)
	return err1 == nil && err2 == nil && err3 == nil && len(day) <= 2 && y >= 1990 && y <= 2099 && m >= 1 && m <= 12 && d >= 1 && d <= 31
}

// hasDecimals reports whether name holds a number with three or more decimals,
// as coordinates have.
func hasDecimals(name string) bool {
	for i := 1; i+3 < len(name); i++ {
		if name[i] == '.' && digit(name[i-1]) && digit(name[i+1]) && digit(name[i+2]) && digit(name[i+3]) {
			return true
		}
	}
	return false
}

func digit(c byte) bool { return c >= '0' && c <= '9' }
