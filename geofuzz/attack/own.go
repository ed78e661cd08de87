package attack

import (
	"math"

	"flightveil/geofuzz"
	"flightveil/internal/geo"
)

// A Finding is what one attack says about files that are to be shared.
type Finding struct {
	ID     string  `json:"attack"`
	Attack string  `json:"attack_name"`
	Found  bool    `json:"found"` // the attack had something to go by
	Metres float64 `json:"metres,omitempty"`
	Note   string  `json:"note,omitempty"`
}

// Near is within how many metres a guess counts as having found home.
const Near = 100.0

// Own tries the attacks on the pilot's own files, as they would be shared, and
// tells how far from home each one's guess is.
func Own(files []File, home geo.Point) []Finding {
	frame := geo.NewFrame(home)
	var rs []release
	for _, f := range files {
		var r release
		var kept []geofuzz.Sample
		for _, s := range f.Samples {
			if p := (point{}); !s.Aside && s.Valid() && !s.Zero() {
				p.x, p.y, _ = frame.To(s.Point)
				if s.Distance(home) > 3_000_000 { // beyond the plane's horizon: a point of its own
					p = point{s.Distance(home), 0}
				}
				r.track, kept = append(r.track, p), append(kept, s)
			}
		}
		if len(r.track) == 0 {
			continue
		}
		r.track = resampled(r.track)
		r.hidden, r.samples, r.origin = hiddenBySpeed(kept), kept, home
		rs = append(rs, r)
	}
	var out []Finding
	for _, a := range planeAttacks() {
		out = append(out, guessed(a, rs))
	}
	a9 := Finding{ID: "A9", Attack: "files that show one moment at two places"}
	if links := Links(files); len(links) > 0 {
		a9.Found, a9.Note = true, "two of the files show the same moment at different places: the way between them gives all files away"
	}
	out = append(out, a9)
	return append(out, guessedLatitude(rs, home))
}

func guessed(a attack, rs []release) Finding {
	f := Finding{ID: a.id, Attack: a.name}
	if len(rs) == 0 {
		return f
	}
	at, ok := a.guess(rs)
	if f.Found = ok && !math.IsNaN(at.norm()); f.Found {
		f.Metres = at.norm()
	}
	return f
}

// guessedLatitude says how far the latitude that speeds tell lies from home's,
// unless it is just the one that is written.
func guessedLatitude(rs []release, home geo.Point) Finding {
	f := Finding{ID: "A16", Attack: "speed against degrees of longitude"}
	for _, r := range rs {
		at, ok := bySpeed([]release{r})
		if !ok || len(r.samples) < 100 {
			continue
		}
		told := math.Abs(home.Lat) + at.y/degreeMetres
		written := math.Abs(r.samples[0].Lat)
		// Written and told differ where degrees were shifted.
		if d := math.Abs(at.y); !f.Found || d < f.Metres {
			f.Found, f.Metres = true, d
		}
		if math.Abs(told-written) > 1 {
			f.Note = "the speeds tell another latitude than the positions: degrees were shifted, not metres"
		}
	}
	return f
}

// resampled gives a track a fix every few metres, as the attacks expect.
func resampled(track []point) []point {
	out := []point{track[0]}
	last := track[0]
	for _, p := range track[1:] {
		if p.to(last) > 20*sampling {
			// A gap: what was between is not known.
			out, last = append(out, p), p
			continue
		}
		for p.to(last) >= sampling {
			last = last.add(p.sub(last).times(sampling / p.to(last)))
			out = append(out, last)
		}
	}
	return out
}

// hiddenBySpeed is how long a track was before it is first shown, if the time
// since take-off says so; NaN if nothing does.
func hiddenBySpeed(s []geofuzz.Sample) [2]float64 {
	n := math.NaN()
	if len(s) < 2 || s[0].Elapsed <= 0 {
		return [2]float64{n, n}
	}
	speed := s[0].Speed
	if math.IsNaN(speed) {
		dt := (s[len(s)-1].Elapsed - s[0].Elapsed).Seconds()
		way := 0.0
		for i := 1; i < len(s); i++ {
			way += s[i].Distance(s[i-1].Point)
		}
		speed = way / dt
	}
	d := speed * s[0].Elapsed.Seconds()
	if !(d > 0 && d < 20_000) {
		return [2]float64{n, n}
	}
	return [2]float64{d, n}
}
