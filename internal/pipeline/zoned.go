package pipeline

import (
	"context"
	"math"
	"path"
	"strconv"
	"strings"

	"flightveil/exifscrub"
	"flightveil/internal/geo"
	"flightveil/internal/privacy"
)

// A Hider says whether a photo taken at a place, from which the camera sees so
// many metres far, is to keep its position to itself.
type Hider func(at geo.Point, sees float64) bool

// How far a camera sees what a viewer recognises, and what is assumed of its lens.
const (
	horizon    = 1_500.0 // metres
	halfView   = 30.0    // degrees, up and down from the middle of the picture
	horizonFar = 10.0    // degrees below the horizon: flatter looks have no end
	zonedNote  = "its position is outside of the zone and stays"
	hiddenNote = "its positions were removed: in the zone, in sight of it, or of a track"
)

// examineZoned opens, recognises and walks s. Its positions stay as they are,
// under the profile kept, if all of them lie outside of what hide hides and
// nothing hidden can be seen from them. A track never stays: where it comes
// from and goes to points at what is hidden.
func (r *Runner) examineZoned(ctx context.Context, s *Source, hide Hider, kept privacy.Profile) (*examined, []string, error) {
	e, err := r.open(s)
	if err != nil {
		return nil, nil, err
	}
	if err := r.walk(ctx, e); err != nil {
		e.close()
		return e, nil, err
	}
	told, shown := seenFrom(e.plan.Findings, hide)
	if shown && r.telemetry(ctx, s) != nil {
		shown = false
	}
	switch {
	case !told:
		return e, nil, nil
	case !shown:
		return e, []string{hiddenNote}, nil
	}
	outside := *r
	outside.Profile = kept
	e.shown = &outside
	if err := outside.walk(ctx, e); err != nil {
		e.close()
		return e, nil, err
	}
	return e, []string{zonedNote}, nil
}

// seenFrom reports whether findings tell a position, and whether all of them may
// be shown.
func seenFrom(findings []exifscrub.Judged, hide Hider) (told, shown bool) {
	x := exposureOf(findings)
	sees := sight(findings, x.above)
	shown = !x.many
	for _, j := range findings {
		if j.Class != privacy.Location && j.Class != privacy.Operator {
			continue
		}
		told = true
		if j.Where == nil || j.Count > 1 || j.Class == privacy.Operator || hide(*j.Where, sees) {
			shown = false // also what cannot be read
		}
	}
	return told, shown
}

// sight is how far the camera of a photo saw: to where the upper edge of the
// picture meets the ground, or as far as one can see.
func sight(findings []exifscrub.Judged, above float64) float64 {
	for _, j := range findings {
		if name := path.Base(j.Path); j.Class != privacy.Attitude || !strings.HasSuffix(name, "GimbalPitchDegree") {
			continue
		}
		pitch, err := strconv.ParseFloat(strings.TrimSpace(j.Value.Reveal()), 64)
		if err != nil || math.IsNaN(above) || above < 0 {
			return horizon
		}
		if below := -pitch - halfView; below >= horizonFar && below <= 90 {
			return min(horizon, above/math.Tan(below*math.Pi/180)+2*above)
		}
	}
	return horizon
}
