package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"flightveil/internal/privacy"
)

// rename gives every source of a run its output path. Names and folders that
// carry a date, a place or a person are re-issued in capture order; files that
// belong together (photo, raw and sidecar; video, captions, proxy and thumbnail)
// keep a common stem.
// Other names stay.
func (r *Runner) rename(ctx context.Context, sources []Source) []string {
	out := make([]string, len(sources))
	bundles := bundled(sources)
	folders := newFolders(sources)
	taken := map[string]bool{}
	for i := range out {
		out[i] = path.Join(folders[path.Dir(sources[i].Rel)], path.Base(sources[i].Rel))
		taken[strings.ToLower(path.Base(out[i]))] = true
	}
	width := max(3, len(strconv.Itoa(len(bundles))))
	next := map[string]int{}
	for _, b := range r.inCaptureOrder(ctx, sources, bundles) {
		kind := kindOf(sources, b)
		var name string
		for name == "" || slices.ContainsFunc(b, func(i int) bool { return taken[strings.ToLower(name+ending(sources[i].Rel))] }) {
			next[kind]++
			name = fmt.Sprintf("%s-%0*d", kind, width, next[kind])
		}
		for _, i := range b {
			out[i] = path.Join(folders[path.Dir(sources[i].Rel)], name+ending(sources[i].Rel))
		}
	}
	return out
}

// ending is what stays of a name: what it tells apart in its bundle, and the
// extensions.
func ending(rel string) string {
	_, role := bundle(rel)
	return role + extensions(rel)
}

// newFolders maps each folder of the sources to its name in the output.
func newFolders(sources []Source) map[string]string {
	names := map[string]string{".": "."}
	n := 0
	var issue func(dir string) string
	issue = func(dir string) string {
		if name, ok := names[dir]; ok {
			return name
		}
		base := path.Base(dir)
		if telling(base) {
			n++
			base = fmt.Sprintf("folder-%02d", n)
		}
		names[dir] = path.Join(issue(path.Dir(dir)), base)
		return names[dir]
	}
	for _, s := range sources {
		issue(path.Dir(s.Rel))
	}
	return names
}

// inCaptureOrder sorts bundles by the time their files were taken, as the
// files themselves or else their time stamps say, then by name.
func (r *Runner) inCaptureOrder(ctx context.Context, sources []Source, bundles map[string][]int) [][]int {
	type dated struct {
		files []int
		when  string
		known bool // at least one file can be cleaned
	}
	var all []dated
	var members []int
	for _, b := range bundles {
		members = append(members, b...)
	}
	slices.Sort(members)
	taken := map[int]capture{}
	for k, c := range ordered(ctx, len(members), r.Jobs, func(k int) capture { return r.captured(ctx, &sources[members[k]]) }) {
		taken[members[k]] = c
	}
	for _, b := range bundles {
		d := dated{files: b}
		for _, i := range b {
			d.known = d.known || taken[i].known
			if t := taken[i].when; t != "" && (d.when == "" || t < d.when) {
				d.when = t
			}
		}
		if d.when == "" {
			d.when = sources[b[0]].Mod.UTC().Format("20060102150405")
		}
		all = append(all, d)
	}
	slices.SortFunc(all, func(a, b dated) int {
		if a.known != b.known { // what gets no copy takes no number from what does
			return map[bool]int{true: -1, false: 1}[a.known]
		}
		return cmp.Or(cmp.Compare(a.when, b.when), cmp.Compare(sources[a.files[0]].Rel, sources[b.files[0]].Rel))
	})
	var out [][]int
	for _, d := range all {
		out = append(out, d.files)
	}
	return out
}

// capture is when a file was taken, as sortable digits, or "", and whether
// flightveil can read the file at all.
type capture struct {
	when  string
	known bool
}

func (r *Runner) captured(ctx context.Context, s *Source) (c capture) {
	guard(s, func() Outcome {
		e, err := r.examine(ctx, s)
		if err != nil {
			return Outcome{}
		}
		defer e.close()
		c.known = true
		rank := -1
		for _, j := range e.plan.Findings {
			if j.Class != privacy.Time {
				continue
			}
			tag := j.Path[strings.LastIndexAny(j.Path, "/:")+1:]
			if at := captureRank(tag); at > rank {
				if digits := timeDigits(j.Value.Reveal()); digits != "" {
					c.when, rank = digits, at
				}
			}
		}
		return Outcome{}
	})
	return c
}

// captureRank orders the tags that tell when a picture was taken.
func captureRank(tag string) int {
	return slices.Index([]string{"ModifyDate", "DateCreated", "CreateDate", "DateTimeDigitized", "DateTimeOriginal"}, tag)
}

// timeDigits returns the digits of a time such as "2031:07:19 04:47:53".
func timeDigits(s string) string {
	var b strings.Builder
	for _, c := range s {
		if c >= '0' && c <= '9' {
			b.WriteRune(c)
		}
	}
	if b.Len() < 8 || strings.HasPrefix(b.String(), "0000") {
		return ""
	}
	return b.String()
}

// kindOf names a bundle after what it holds.
func kindOf(sources []Source, bundle []int) string {
	kind := "photo"
	for _, i := range bundle {
		switch strings.ToLower(path.Ext(sources[i].Rel)) {
		case ".mp4", ".mov", ".m4v", ".avi", ".mkv", ".webm", ".mts", ".m2ts", ".ts", ".3gp", ".lrf", ".lrv", ".insv", ".360",
			".srt", ".ass", ".ssa", ".vtt", ".thm", ".gpmf": // what comes with a clip
			return "clip"
		case ".mrk", ".obs", ".nav", ".bin":
			kind = "survey"
		}
	}
	return kind
}

func baseName(rel string) string { return path.Base(rel) }

// stem returns the name without extensions: IMG_1 of IMG_1.JPG.xmp.
func stem(rel string) string { return strings.TrimSuffix(path.Base(rel), extensionsAsGiven(rel)) }

// extensions returns the extensions of rel in lower case: ".jpg.xmp".
func extensions(rel string) string { return strings.ToLower(extensionsAsGiven(rel)) }

func extensionsAsGiven(rel string) string {
	base := path.Base(rel)
	ext := plainExt(base)
	inner := plainExt(strings.TrimSuffix(base, ext))
	if inner == "" || !slices.Contains([]string{".xmp", ".aae", ".srt", ".ass", ".ssa", ".vtt", ".thm"}, strings.ToLower(ext)) {
		return ext
	}
	return inner + ext
}

// plainExt returns the extension of base if it looks like one: one to five
// ASCII letters and digits. Anything longer may carry a name.
func plainExt(base string) string {
	ext := path.Ext(base)
	if len(ext) < 2 || len(ext) > 6 || ext == base {
		return ""
	}
	for _, c := range ext[1:] {
		if c >= utf8.RuneSelf || !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			return ""
		}
	}
	return ext
}
