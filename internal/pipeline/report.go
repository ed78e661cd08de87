package pipeline

import (
	"fmt"
	"math"
	"path"
	"slices"
	"strings"

	"flightveil/exifscrub"
	"flightveil/internal/geo"
	"flightveil/internal/privacy"
)

// Told is what one file says about one thing, however often it says it.
type Told struct {
	Class  privacy.Class
	What   string           // in a pilot's words: "position, to about 1 m"; a tag's name for the rest
	Copies int              // how often
	Places []string         // where in the file, each once
	Values []privacy.Secret // different values, in file order
	Action privacy.Action   // what the profile does with it: the mildest action of all copies
}

// Tell condenses findings, the most telling first. What every picture needs
// (class technical) is left out.
func Tell(findings []exifscrub.Judged) []Told {
	type key struct {
		class privacy.Class
		what  string
	}
	index := map[key]int{}
	var out []Told
	for _, j := range findings {
		if j.Class == privacy.Technical {
			continue
		}
		k := key{j.Class, what(j)}
		i, ok := index[k]
		if !ok {
			i = len(out)
			index[k] = i
			out = append(out, Told{Class: k.class, What: k.what, Action: j.Action})
		}
		t := &out[i]
		t.Copies += max(1, j.Count)
		if p := place(j.Path); !slices.Contains(t.Places, p) {
			t.Places = append(t.Places, p)
		}
		if j.Value != "" && !slices.Contains(t.Values, j.Value) {
			t.Values = append(t.Values, j.Value)
		}
		if rank(j.Action) < rank(t.Action) {
			t.Action = j.Action
		}
	}
	for i := range out {
		if strings.HasPrefix(out[i].What, positionWord+",") { // a latitude and a longitude each
			out[i].Copies = (out[i].Copies + 1) / 2
		}
	}
	slices.SortStableFunc(out, func(a, b Told) int {
		return slices.Index(privacy.Classes, a.Class) - slices.Index(privacy.Classes, b.Class)
	})
	return out
}

// rank orders actions from keeping all to keeping nothing.
func rank(a privacy.Action) int {
	return slices.Index([]privacy.Action{privacy.Keep, privacy.Coarsen, privacy.Remove, privacy.Refuse}, a)
}

const positionWord = "position"

// what names a finding. Latitude and longitude of a position are one thing.
func what(j exifscrub.Judged) string {
	tag := path.Base(j.Path)
	switch {
	case (j.Class == privacy.Location || j.Class == privacy.Operator) && j.Where != nil:
		if ofLog(j.Path) {
			return tag + " " + positionWord + ", to about " + metres(Precision(*j.Where))
		}
		return positionWord + ", to about " + metres(Precision(*j.Where))
	case j.Class == privacy.Altitude:
		return tag + datum(tag)
	}
	return tag
}

// ofLog reports whether a path is that of a whole position in a flight log:
// "flight 1/start", "position/home".
func ofLog(p string) bool {
	return strings.HasPrefix(p, "flight ") || strings.HasPrefix(p, positionWord+"/")
}

// place is where in the file a finding lies, without the tag itself.
func place(p string) string {
	if dir := path.Dir(p); dir != "." && dir != positionWord {
		return dir
	}
	return "file"
}

// datum says what an altitude counts from, where its name tells.
func datum(tag string) string {
	tag = strings.ToLower(tag)
	switch {
	case strings.Contains(tag, "relative") || strings.Contains(tag, "aboveground"):
		return " (above the take-off point)"
	case strings.Contains(tag, "gpsaltitude") || strings.Contains(tag, "absolute"):
		return " (above sea level or the ellipsoid, as the device says)"
	case strings.Contains(tag, "depth"):
		return " (below the water)"
	}
	return ""
}

// Precision estimates, in metres, how exactly p was written: it looks for the
// coarsest grid of degrees, minutes, seconds or decimals that p lies on.
func Precision(p geo.Point) float64 {
	const metresPerDegree = 111_320
	for _, parts := range []float64{1, 10, 60, 100, 600, 1000, 3600, 1e4, 36_000, 1e5, 360_000, 1e6, 3_600_000, 1e7} {
		if onGrid(p.Lat, parts) && onGrid(p.Lon, parts) {
			return metresPerDegree / parts
		}
	}
	return 0.01
}

func onGrid(v, parts float64) bool {
	return math.Abs(v*parts-math.Round(v*parts)) < 1e-9*parts+1e-6
}

func metres(m float64) string {
	switch {
	case m >= 950:
		return fmt.Sprintf("%.0f km", math.Ceil(m/1000))
	case m >= 1:
		return fmt.Sprintf("%.0f m", m)
	case m >= 0.1:
		return fmt.Sprintf("%.0f cm", m*100)
	}
	return "a few cm"
}

// Verdict is one line on what a file gives away.
func Verdict(told []Told) string {
	var out []string
	for _, c := range privacy.Classes {
		i := slices.IndexFunc(told, func(t Told) bool { return t.Class == c })
		if i < 0 || Phrase(c) == "" {
			continue
		}
		phrase := Phrase(c)
		if c == privacy.Location {
			if _, exactness, ok := strings.Cut(told[i].What, ", "); ok {
				phrase += " (" + exactness + ")"
			}
		}
		out = append(out, phrase)
	}
	switch len(out) {
	case 0:
		return "nothing found that gives you away"
	case 1:
		return "tells " + out[0]
	}
	return "tells " + strings.Join(out[:len(out)-1], ", ") + " and " + out[len(out)-1]
}

// Phrase says in words what findings of class c tell.
func Phrase(c privacy.Class) string {
	return map[privacy.Class]string{
		privacy.Location: "where it was taken", privacy.Operator: "where the pilot stood", privacy.Place: "place names",
		privacy.Identity: "who or which device (serial numbers, names, ids)", privacy.Copyright: "its author", privacy.Time: "when",
		privacy.Altitude: "how high", privacy.Description: "words about it", privacy.Provenance: "its history",
		privacy.Device: "which model", privacy.Calibration: "the lens's fingerprint", privacy.Attitude: "directions and speeds",
		privacy.MakerNote: "a maker's own block", privacy.Preview: "an old thumbnail", privacy.Unknown: "unexplained bytes",
	}[c]
}

// Totals counts outcomes.
type Totals struct {
	Files   int
	Status  map[Status]int
	Classes map[privacy.Class]int // files that hold something of the class
	Removed int                   // findings removed or coarsened in written files
	Values  int                   // removed values that were searched for in the outputs
	Bytes   int64                 // of the files written
	Lost    int                   // outputs that lack damaged parts of their inputs
}

// Add counts o.
func (t *Totals) Add(o Outcome) {
	if t.Status == nil {
		t.Status, t.Classes = map[Status]int{}, map[privacy.Class]int{}
	}
	t.Files++
	t.Status[o.Status]++
	t.Values += o.Checked.Values
	if o.Lost {
		t.Lost++
	}
	seen := map[privacy.Class]bool{}
	for _, j := range o.Findings {
		if !seen[j.Class] {
			seen[j.Class] = true
			t.Classes[j.Class]++
		}
		if j.Action != privacy.Keep && o.Output != "" {
			t.Removed += max(1, j.Count)
		}
	}
	if o.Output != "" {
		t.Bytes += o.Source.Size
	}
}

// Incomplete reports whether an input was refused or failed, or came through
// in part only.
func (t *Totals) Incomplete() bool { return t.Status[Refused]+t.Status[Failed]+t.Lost > 0 }
