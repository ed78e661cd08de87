package share

import (
	"cmp"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"flightveil/internal/pipeline"
)

// Kinds of units, which are also the beginnings of new names.
const (
	kindPhoto      = "photo"
	kindClip       = "clip"
	kindSurvey     = "survey"
	kindPanorama   = "panorama"
	kindHyperlapse = "hyperlapse"
	kindTrack      = "track"
)

// bundle gathers the items that belong together by their names and folders.
func (p *Plan) bundle() []*unit {
	byKey := map[string]*unit{}
	var units []*unit
	ends := map[string]bool{} // key and ending that are taken
	for _, it := range p.items {
		if it.kind == "system" || it.kind == "unknown" {
			continue
		}
		key, kind := it.key()
		if kind == "" {
			// Files that would get the same name do not belong together.
			end := key + "\x00" + ending(it)
			if ends[end] {
				key = "file\x00" + it.Rel
			}
			ends[key+"\x00"+ending(it)] = true
		}
		u := byKey[key]
		if u == nil {
			u = &unit{kind: kind, serials: map[string]bool{}, formats: map[string]bool{}}
			byKey[key] = u
			units = append(units, u)
		}
		u.items = append(u.items, it)
		it.unit = u
	}
	units = adopt(units)
	for _, u := range units {
		u.finish()
	}
	return units
}

// key is what it has in common with the files it belongs to, and the kind of
// unit if that is known from its place alone.
func (it *item) key() (key, kind string) {
	if it.Log {
		return "log\x00" + it.Rel, kindTrack
	}
	dir := path.Dir(it.Rel)
	for d := dir; d != "." && d != "/"; d = path.Dir(d) {
		name := strings.ToLower(path.Base(d))
		for _, k := range []struct{ word, kind string }{{"panorama", kindPanorama}, {"hyperlapse", kindHyperlapse}, {"timelapse", kindHyperlapse}} {
			if strings.Contains(name, k.word) && picture(it) {
				return k.kind + "\x00" + strings.ToLower(dir), k.kind
			}
		}
	}
	key, _ = pipeline.Bundle(it.Rel)
	return "name\x00" + key, ""
}

// picture reports whether it is a frame and not a finished video beside them.
func picture(it *item) bool { return it.kind != "video" && it.kind != "proxy" && it.kind != "captions" }

// thumbFolder is where cameras keep thumbnails, by the number of the folder of
// the pictures: MISC/THM/100 for DCIM/100MEDIA.
var thumbFolder = regexp.MustCompile(`(?i)(?:^|/)misc/[a-z]+/(\d{3})$`)

// adopt gives thumbnails and captions that lie in a folder of their own to the
// only unit of the same name that they can belong to.
func adopt(units []*unit) []*unit {
	byStem := map[string][]*unit{}
	for _, u := range units {
		if u.kind == "" {
			s := strings.ToLower(pipeline.Stem(u.items[0].Rel))
			byStem[s] = append(byStem[s], u)
		}
	}
	return slices.DeleteFunc(units, func(u *unit) bool {
		if u.kind != "" || !slices.ContainsFunc(u.items, func(it *item) bool { return it.kind == "thumbnail" || it.kind == "captions" || it.kind == "proxy" }) {
			return false
		}
		if slices.ContainsFunc(u.items, func(it *item) bool { return it.kind == "photo" || it.kind == "video" || it.kind == "raw" }) {
			return false
		}
		number := ""
		if m := thumbFolder.FindStringSubmatch(path.Dir(u.items[0].Rel)); m != nil {
			number = m[1]
		}
		var parents []*unit
		for _, o := range byStem[strings.ToLower(pipeline.Stem(u.items[0].Rel))] {
			main := slices.ContainsFunc(o.items, func(it *item) bool { return it.kind == "photo" || it.kind == "video" || it.kind == "raw" })
			if o != u && main && (number == "" || strings.HasPrefix(path.Base(path.Dir(o.items[0].Rel)), number)) {
				parents = append(parents, o)
			}
		}
		if len(parents) != 1 {
			return false
		}
		for _, it := range u.items {
			for _, o := range parents[0].items {
				if ending(o) == ending(it) {
					return false
				}
			}
		}
		for _, it := range u.items {
			it.unit = parents[0]
			parents[0].items = append(parents[0].items, it)
		}
		return true
	})
}

// finish works out when and where a unit was taken.
func (u *unit) finish() {
	slices.SortStableFunc(u.items, func(a, b *item) int { return cmp.Compare(a.Rel, b.Rel) })
	if u.kind == "" {
		u.kind = unitKind(u.items)
	}
	best := -1
	for _, it := range u.items {
		u.formats[it.Format] = true
		for _, s := range it.Serials {
			u.serials[s.Reveal()] = true
		}
		if u.where == nil {
			u.where = it.Where
		}
		rank, at, utc := -1, it.Local, false
		switch {
		case !it.UTC.IsZero():
			rank, at, utc = 3, it.UTC, true
		case !it.Local.IsZero() && it.kind != "sidecar":
			rank = 2
		case !it.Local.IsZero():
			rank = 1
		default:
			if at = namedTime(it.Rel); !at.IsZero() {
				rank = 0
			}
		}
		if rank > best || rank == best && rank >= 0 && at.Before(u.at) {
			best, u.at, u.utc = rank, at, utc
		}
	}
}

var dateInName = regexp.MustCompile(`(?:^|\D)(20\d{6})[-_]?(\d{6})(?:\D|$)`)

// namedTime is the wall clock time that a camera put into a name, as in
// DJI_20310719044653_0006_D.JPG.
func namedTime(rel string) time.Time {
	m := dateInName.FindStringSubmatch(path.Base(rel))
	if m == nil {
		return time.Time{}
	}
	t, err := time.Parse("20060102150405", m[1]+m[2])
	if err != nil {
		return time.Time{}
	}
	return t
}

func unitKind(items []*item) string {
	kind := kindPhoto
	for _, it := range items {
		switch it.kind {
		case "video", "proxy", "captions":
			return kindClip
		case "survey":
			kind = kindSurvey
		}
	}
	return kind
}

// kindOf says what a file is, by what it was recognised as and, where that
// does not tell, by its extension.
func kindOf(it *item) string {
	ext := strings.ToLower(path.Ext(it.Rel))
	switch {
	case it.Log:
		return "log"
	case it.Format == "rtk":
		return "survey"
	case it.Format == "srt":
		return "captions"
	case ext == ".lrf" || ext == ".lrv" || ext == ".glv":
		return "proxy"
	case ext == ".thm" || ext == ".scr":
		return "thumbnail"
	case slices.Contains([]string{"mp4", "mkv", "avi", "mts", "gpmf"}, it.Format):
		return "video"
	case slices.Contains([]string{"xmp", "aae", "iptc"}, it.Format):
		return "sidecar"
	case slices.Contains([]string{"raf", "cr3"}, it.Format) || slices.Contains([]string{".dng", ".arw", ".cr2", ".nef", ".orf", ".pef", ".raw", ".rw2", ".srw", ".gpr"}, ext):
		return "raw"
	}
	return "photo"
}

// ending is what stays of a file's name: what tells it apart in its unit, and
// its extensions, as far as they are those of known kinds of files.
func ending(it *item) string {
	_, role := pipeline.Bundle(it.Rel)
	ext := pipeline.Extensions(it.Rel)
	for _, e := range strings.Split(strings.TrimPrefix(ext, "."), ".") {
		if !pipeline.KnownExtension("." + e) {
			return role + ownExtension(it.Format)
		}
	}
	return role + ext
}

// ownExtension is that of a format, for files whose own says nothing.
func ownExtension(format string) string {
	switch format {
	case "jpeg":
		return ".jpg"
	case "tiff":
		return ".tif"
	case "heif":
		return ".heic"
	case "":
		return ".dat"
	}
	return "." + format
}

// numbered is "photo-003".
func numbered(kind string, n, of int) string {
	digits := strconv.Itoa(n)
	for len(digits) < max(3, len(strconv.Itoa(of))) {
		digits = "0" + digits
	}
	return kind + "-" + digits
}
