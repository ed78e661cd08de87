package png

import (
	"strings"

	"flightveil/internal/privacy"
)

// describe returns the name under which ExifTool lists a text with this
// keyword, and what such a text gives away.
func describe(keyword string) (name string, class privacy.Class) {
	key := strings.ToLower(keyword)
	if k, ok := keywords(key); ok {
		return k.name, k.class
	}
	name = tagName(keyword)
	space, rest, ok := strings.Cut(key, ":")
	if !ok {
		space, rest = "", key
	}
	switch space {
	case "exif", "tiff", "dng": // ImageMagick writes the fields of Exif, TIFF and DNG one by one
		if rest, ok := strings.CutPrefix(rest, "thumbnail:"); ok && rest != "" {
			return name, privacy.Preview
		}
		return name, property(strings.ReplaceAll(rest, ".", ""))
	case "date": // ImageMagick: date:create, date:modify, date:timestamp
		return name, privacy.Time
	case "thumb": // freedesktop.org Thumbnail Managing Standard
		switch {
		case strings.Contains(rest, "uri"), strings.Contains(rest, "path"):
			return name, privacy.Identity
		case strings.Contains(rest, "mtime"):
			return name, privacy.Time
		}
	case "", "gps", "xmp", "iptc":
		return name, property(strings.NewReplacer(" ", "", "-", "", "_", "").Replace(rest))
	}
	return name, privacy.Unknown
}

type keyword struct {
	name  string
	class privacy.Class
}

// keywords returns what is known about a whole keyword, in lower case: those
// of section 11.3.3.1 and those that common programs add.
func keywords(key string) (keyword, bool) {
	k, ok := map[string]keyword{
		"title":           {"Title", privacy.Description},
		"author":          {"Author", privacy.Copyright},
		"description":     {"Description", privacy.Description},
		"copyright":       {"Copyright", privacy.Copyright},
		"creation time":   {"CreationTime", privacy.Time},
		"software":        {"Software", privacy.Device},
		"disclaimer":      {"Disclaimer", privacy.Copyright},
		"warning":         {"PNGWarning", privacy.Description},
		"source":          {"Source", privacy.Description}, // the device, says the specification; in fact any text
		"comment":         {"Comment", privacy.Description},
		"collection":      {"Collection", privacy.Description},
		"artist":          {"Artist", privacy.Copyright},
		"document":        {"Document", privacy.Identity},
		"label":           {"Label", privacy.Description},
		"make":            {"Make", privacy.Device},
		"model":           {"Model", privacy.Device},
		"parameters":      {"Parameters", privacy.Description},
		"aesthetic_score": {"AestheticScore", privacy.Description},
		"create-date":     {"CreateDate", privacy.Time},
		"modify-date":     {"ModDate", privacy.Time},
		"timestamp":       {"TimeStamp", privacy.Time},
		"date":            {"Date", privacy.Time},
		"time":            {"Time", privacy.Time},
		"url":             {"URL", privacy.Identity},
		"location":        {"Location", privacy.Place},
		"keywords":        {"Keywords", privacy.Description},
		"prompt":          {"Prompt", privacy.Description},
		"workflow":        {"Workflow", privacy.Description},
	}[key]
	return k, ok
}

// property returns what an Exif field gives away, by its name in lower case.
func property(name string) privacy.Class {
	switch name {
	case "aperturevalue", "brightnessvalue", "contrast", "customrendered", "digitalzoomratio", "exposurebiasvalue", "exposureindex",
		"exposuremode", "exposureprogram", "exposuretime", "flash", "flashenergy", "fnumber", "focallength", "focallengthin35mmfilm",
		"focalplaneresolutionunit", "focalplanexresolution", "focalplaneyresolution", "gaincontrol", "isospeed", "isospeedratings",
		"photographicsensitivity", "recommendedexposureindex", "sensitivitytype", "standardoutputsensitivity", "lightsource",
		"maxaperturevalue", "meteringmode", "saturation", "scenecapturetype", "sensingmethod", "sharpness", "shutterspeedvalue",
		"subjectdistance", "subjectdistancerange", "whitebalance":
		return privacy.Exposure
	case "orientation":
		return privacy.Technical
	case "make", "model", "lensmake", "lensmodel", "lensspecification", "software", "firmware", "cameramodelname", "uniquecameramodel":
		return privacy.Device
	case "gpslatitude", "gpslatituderef", "gpslongitude", "gpslongituderef", "latitude", "longitude",
		"gpsdestlatitude", "gpsdestlatituderef", "gpsdestlongitude", "gpsdestlongituderef", "gpscoordinates", "gpsposition":
		return privacy.Location
	case "gpsaltitude", "gpsaltituderef", "altitude", "pressure", "waterdepth":
		return privacy.Altitude
	case "gpsareainformation", "city", "state", "country", "sublocation":
		return privacy.Place
	case "datetime", "datetimeoriginal", "datetimedigitized", "gpsdatestamp", "gpstimestamp", "offsettime", "offsettimeoriginal",
		"offsettimedigitized", "subsectime", "subsectimeoriginal", "subsectimedigitized", "timezoneoffset", "createdate", "modifydate":
		return privacy.Time
	case "artist", "copyright", "photographer", "imageeditor", "xpauthor", "creator", "rights", "byline", "credit":
		return privacy.Copyright
	case "bodyserialnumber", "lensserialnumber", "serialnumber", "cameraserialnumber", "cameraownername", "ownername", "owner", "imageuniqueid",
		"imagenumber", "documentname", "hostcomputer", "user", "username", "email", "hostname", "serial", "uuid":
		return privacy.Identity
	case "imagedescription", "usercomment", "xptitle", "xpcomment", "xpkeywords", "xpsubject", "imagetitle", "rating", "caption", "subject", "headline":
		return privacy.Description
	case "makernote":
		return privacy.MakerNote
	}
	if strings.HasPrefix(name, "gps") {
		return privacy.Attitude
	}
	return privacy.Unknown
}

// tagName makes a name from a keyword as ExifTool does.
func tagName(keyword string) string {
	var out []byte
	upper := true
	for _, c := range []byte(keyword) {
		l := c | 0x20
		switch {
		case c == ' ' || c == '\t':
			upper = true
			continue
		case l >= 'a' && l <= 'z':
			if upper {
				c &^= 0x20
			}
		case c < '0' || c > '9' && c != '_' && c != '-':
			continue
		}
		if upper = false; len(out) < 40 {
			out = append(out, c)
		}
	}
	if len(out) < 2 {
		return "Tag" + string(out)
	}
	return string(out)
}

// isNumbers reports whether b is a short list of numbers and fractions.
func isNumbers(b []byte) bool {
	return len(b) <= 64 && strings.Trim(string(b), "0123456789/.,- ") == ""
}
