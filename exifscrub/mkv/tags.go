package mkv

import (
	"strings"
	"unicode"

	"flightveil/exifscrub"
	"flightveil/internal/geo"
	"flightveil/internal/privacy"
)

// tagNames are tags (tag registry, section 5) whose name as readers show it, or
// whose class, does not follow from how it is spelt.
var tagNames = map[string]struct {
	name  string
	class privacy.Class
}{
	"DATE_RECORDED":                {"DateTimeOriginal", privacy.Time},
	"DATE_DIGITIZED":               {"CreateDate", privacy.Time},
	"_STATISTICS_WRITING_DATE_UTC": {"StatisticsWritingDateUTC", privacy.Time},
	"_STATISTICS_WRITING_APP":      {"StatisticsWritingApp", privacy.Device},
	"_STATISTICS_TAGS":             {"StatisticsTags", privacy.Technical},
	"BPS":                          {"BPS", privacy.Technical},
	"FPS":                          {"FPS", privacy.Technical},
	"DURATION":                     {"Duration", privacy.Technical},
	"NUMBER_OF_FRAMES":             {"NumberOfFrames", privacy.Technical},
	"NUMBER_OF_BYTES":              {"NumberOfBytes", privacy.Technical},
	"REPLAYGAIN_GAIN":              {"ReplaygainGain", privacy.Technical},
	"REPLAYGAIN_PEAK":              {"ReplaygainPeak", privacy.Technical},
	"ALPHA_MODE":                   {"AlphaMode", privacy.Technical},
	"STEREO_MODE":                  {"StereoMode", privacy.Technical},
	"URL":                          {"URL", privacy.Description},
	"ISRC":                         {"ISRC", privacy.Identity},
	"MAJOR_BRAND":                  {"MajorBrand", privacy.Device},
	"MINOR_VERSION":                {"MinorVersion", privacy.Device},
	"COMPATIBLE_BRANDS":            {"CompatibleBrands", privacy.Device},
	"SPHERICAL-VIDEO":              {"SphericalVideoXML", privacy.Unknown},
}

// tagWords say what a tag is about whose name holds them. The first that fits
// counts.
var tagWords = []struct {
	words string
	class privacy.Class
}{
	{"LOCATION ISO6709 LATITUDE LONGITUDE GPS XYZ COORDINATES GEO", privacy.Location},
	{"HOME PILOT", privacy.Operator},
	{"COUNTRY CITY PLACE ADDRESS REGION NATIONALITY TIMEZONE", privacy.Place},
	{"ALTITUDE ELEVATION", privacy.Altitude},
	{"DATE TIME TIMECODE CREATION_TIME YEAR", privacy.Time},
	{"SERIAL UID UUID GUID EMAIL PHONE FAX OWNER IDENTIFIER ISBN BARCODE CATALOG FILENAME REEL TAPE ACCOUNT PURCHASE", privacy.Identity},
	{"COPYRIGHT LICENSE TERMS ARTIST AUTHOR DIRECTOR PRODUCER ACTOR WRITTEN PERFORMER COMPOSER LYRICIST CONDUCTOR ENGINEER PUBLISHER LABEL EDITED MIXED THANKS", privacy.Copyright},
	{"ENCODER ENCODED SOFTWARE MAKE MODEL MANUFACTURER DEVICE CAMERA LENS FIRMWARE HANDLER VENDOR ANDROID VERSION", privacy.Device},
	{"TITLE SUBTITLE DESCRIPTION SUMMARY SYNOPSIS COMMENT KEYWORDS SUBJECT GENRE MOOD RATING LYRICS", privacy.Description},
}

// simpleTag adds a finding about a tag (section 5.1.8.1.2).
func (p *parser) simpleTag(n *node) error {
	var name, text, language string
	spans := []exifscrub.Span{}
	for _, k := range n.kids {
		switch k.id {
		case idTagName, idTagString, idTagLanguage:
			b, err := input2(p, k)
			if err != nil {
				return err
			}
			switch s := strings.TrimRight(string(b), "\x00"); k.id {
			case idTagName:
				name = s
			case idTagString:
				text = s
			default:
				language = s
			}
		}
		if k.id == idTagString || k.id == idTagBinary {
			spans = append(spans, k.body())
		}
	}
	class, path := tagClass(name)
	if isLanguage(language) && language != "und" && class != privacy.Technical {
		path += "-" + language // as readers show it
	}
	if class == privacy.Technical && len(text) <= 40 && n.kid(idTagBinary) == nil && !strings.ContainsFunc(text, unicode.IsLetter) {
		return nil // numbers about the stream, such as its duration
	}
	if class == privacy.Technical {
		class = privacy.Unknown
	}
	if len(spans) == 0 {
		spans = append(spans, n.span())
	}
	f := privacy.Finding{Class: class, Path: "Tags/" + path, Spans: spans, Value: privacy.Secret(text)}
	if class == privacy.Location {
		if at, ok := iso6709(text); ok {
			f.Where = &at
		}
	}
	p.find(f, entry{act: makeVoid, node: n})
	return nil
}

// tagClass returns what a tag is about and its name as readers show it.
func tagClass(name string) (privacy.Class, string) {
	upper := strings.ToUpper(name)
	if k, ok := tagNames[upper]; ok {
		return k.class, k.name
	}
	words := strings.FieldsFunc(upper, func(r rune) bool { return r < 'A' || r > 'Z' })
	for _, rule := range tagWords {
		for _, about := range strings.Fields(rule.words) {
			for _, w := range words {
				if w == about {
					return rule.class, tagPath(name)
				}
			}
		}
	}
	return privacy.Unknown, tagPath(name)
}

// tagPath returns a tag's name as readers show it: MAJOR_BRAND as MajorBrand.
// A name that may be a value is not shown. A language stays apart, as it does
// where ffmpeg writes one: location-eng.
func tagPath(name string) string {
	if i := len(name) - 4; i > 0 && name[i] == '-' && isLanguage(name[i+1:]) {
		return tagPath(name[:i]) + name[i:]
	}
	if name == "" || len(name) > 64 || strings.ContainsFunc(name, func(r rune) bool {
		return r != '_' && r != '-' && r != '.' && r != ' ' && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z')
	}) {
		return "tag"
	}
	var out strings.Builder
	start := true
	for _, r := range name {
		switch {
		case r == '_' || r == ' ' || r == '.' || r == '-':
			start = true
			continue
		case start:
			r = unicode.ToUpper(r)
		default:
			r = unicode.ToLower(r)
		}
		start = false
		out.WriteRune(r)
	}
	return out.String()
}

// isLanguage reports whether s looks like a code of ISO 639-2.
func isLanguage(s string) bool {
	return len(s) == 3 && !strings.ContainsFunc(s, func(r rune) bool { return r < 'a' || r > 'z' })
}

// iso6709 reads a position as phones and cameras write it, such as
// +27.5916+086.5640+8850/ (ISO 6709, Annex H).
func iso6709(s string) (geo.Point, bool) {
	s = strings.TrimSuffix(strings.TrimSpace(s), "/")
	if i := strings.Index(s, "CRS"); i >= 0 {
		s = s[:i]
	}
	var v []float64
	for len(s) > 0 && len(v) < 2 {
		end := strings.IndexAny(s[1:], "+-") + 1
		if end == 0 {
			end = len(s)
		}
		d, ok := sexagesimal(s[:end], 2+len(v))
		if !ok {
			return geo.Point{}, false
		}
		v, s = append(v, d), s[end:]
	}
	if len(v) < 2 {
		return geo.Point{}, false
	}
	at := geo.Point{Lat: v[0], Lon: v[1]}
	return at, at.Valid()
}
