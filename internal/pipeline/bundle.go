package pipeline

import (
	"path"
	"regexp"
	"strings"
)

// Files of one recording or survey whose names differ in more than their
// extension.
var (
	// GoPro: GX010123.MP4 or GH010123.MP4, with the proxy GL010123.LRV.
	goProName = regexp.MustCompile(`^g[xhl](\d{6})$`)
	// Insta360: VID_20310719_044753_00_001.insv, the second lens with 10, and
	// the proxy LRV_20310719_044753_01_001.lrv.
	instaName = regexp.MustCompile(`^(?:vid|lrv)_(\d{8}_\d{6})_(\d\d)_(\d{3})$`)
	// DJI's positioning files of one flight: 100_0001_Timestamp.MRK.
	surveyName = regexp.MustCompile(`^(.+)_(timestamp|rinex|eventlog|ppkraw|ppknav|ppkobs)$`)
)

// surveyRoles are the ends of the names of positioning files, as programs for
// surveys expect them.
var surveyRoles = map[string]string{
	"timestamp": "_Timestamp", "rinex": "_Rinex", "eventlog": "_EVENTLOG", "ppkraw": "_PPKRAW", "ppknav": "_PPKNAV", "ppkobs": "_PPKOBS",
}

// bundle returns what the names of files that belong together have in common,
// in lower case, and what tells this one from the others beside its extension.
func bundle(rel string) (key, role string) {
	name := strings.ToLower(stem(rel))
	dir := strings.ToLower(path.Dir(rel))
	if m := goProName.FindStringSubmatch(name); m != nil {
		return path.Join(dir, "gx"+m[1]), ""
	}
	if m := instaName.FindStringSubmatch(name); m != nil {
		return path.Join(dir, "vid_"+m[1]+"_"+m[3]), "_" + m[2]
	}
	if m := surveyName.FindStringSubmatch(name); m != nil {
		return path.Join(dir, m[1]), surveyRoles[m[2]]
	}
	return path.Join(dir, name), ""
}

// bundled groups the sources whose names are telling. Files that would get the
// same name do not belong together after all.
func bundled(sources []Source) map[string][]int {
	out := map[string][]int{}
	ends := map[string]map[string]bool{}
	for i, s := range sources {
		key, role := bundle(s.Rel)
		if s.err != nil || s.skip != "" || !telling(strings.TrimSuffix(stem(s.Rel), role)) {
			continue
		}
		end := role + extensions(s.Rel)
		if ends[key][end] {
			key = strings.ToLower(path.Join(path.Dir(s.Rel), path.Base(s.Rel)))
		}
		if ends[key] == nil {
			ends[key] = map[string]bool{}
		}
		ends[key][end] = true
		out[key] = append(out[key], i)
	}
	return out
}

// Bundle returns what the names of files that belong together have in common,
// in lower case, and what tells this one from the others beside its extension.
func Bundle(rel string) (key, role string) { return bundle(rel) }

// Stem returns the name of a file without folder and extensions: IMG_1 of
// IMG_1.JPG.xmp.
func Stem(rel string) string { return stem(rel) }

// Extensions returns the extensions of a file in lower case: ".jpg.xmp".
func Extensions(rel string) string { return extensions(rel) }
