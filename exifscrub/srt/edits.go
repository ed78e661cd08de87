package srt

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"math"

	"flightveil/exifscrub"
	"flightveil/internal/block/srt"
	"flightveil/internal/block/tally"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// Edits blanks what goes with spaces and writes coarser values over what
// becomes coarse. Captions near each other make one edit: a file has millions.
func (Format) Edits(ctx context.Context, in exifscrub.Input, decisions []exifscrub.Decision, lim exifscrub.Limits) iter.Seq2[exifscrub.Edit, error] {
	return func(yield func(exifscrub.Edit, error) bool) {
		v := tally.Verdicts{}
		var move exifscrub.Mover
		work := false
		for _, d := range decisions {
			if d.Finding == nil {
				continue
			}
			v.Decide(*d.Finding, d.Action, d.To)
			work = work || d.Gone() || d.Coarse() || d.Displaced()
			if d.Displaced() {
				move = d.Move // the same for all
			}
		}
		if !work {
			return
		}
		k, err := survey(ctx, in)
		if err != nil {
			yield(exifscrub.Edit{}, err)
			return
		}
		w := newWalker(in, k)
		e := &editor{w: w, verdicts: v, move: move, width: w.r.Raw([]byte{' '}), patch: patch{in: in, yield: yield}}
		e.patch.unit = w.r.Encode(" ")
		if err := w.run(ctx, e.caption); err != nil {
			yield(exifscrub.Edit{}, err)
			return
		}
		e.patch.flush()
	}
}

// An editor turns decisions about captions into changes.
type editor struct {
	w        *walker
	verdicts tally.Verdicts
	move     exifscrub.Mover
	width    int64 // bytes of a character of ASCII
	patch    patch
	coarse   []place // new numbers of the pairs of the caption; empty if they go
}

func (e *editor) verdict(c *caption, i int) tally.Verdict {
	return e.verdicts.Of(c.leaves[i].class, path(c.leaves[i]), c.leaves[i].pair >= 0)
}

// caption changes what is to be changed in c.
func (e *editor) caption(c *caption) bool {
	e.coarse = e.coarse[:0]
	for _, p := range c.pairs {
		e.coarse = append(e.coarse, e.numbers(c, p))
	}
	for from := 0; from < len(c.leaves); {
		to := from + 1
		gone := e.goes(c, from)
		for to < len(c.leaves) && c.leaves[to].outer == c.leaves[from].outer {
			gone = e.goes(c, to) && gone
			to++
		}
		if gone {
			e.patch.blank(c.leaves[from].outer)
		} else {
			for i := from; i < to; i++ {
				e.leaf(c, i)
			}
		}
		from = to
	}
	return e.patch.ok()
}

// goes reports whether leaf i is removed, also because it cannot be coarse.
func (e *editor) goes(c *caption, i int) bool {
	l := c.leaves[i]
	if l.name == "" {
		return false
	}
	switch v := e.verdict(c, i); v.Action {
	case privacy.Remove, "":
		return true
	case privacy.Coarsen:
		if l.pair >= 0 {
			return e.coarse[l.pair][0] == ""
		}
		n, _ := srt.DateLen(e.w.value(l))
		return n == 0 || n != len(e.w.value(l))
	case privacy.Displace:
		if l.pair >= 0 {
			return e.coarse[l.pair][0] == ""
		}
		return e.value(c, i) == ""
	}
	return false
}

func (e *editor) leaf(c *caption, i int) {
	l := c.leaves[i]
	if e.goes(c, i) {
		if f := c.fields[i]; f.Axis == srt.NoAxis && f.Outer[0] != f.From && (f.Name == "altitude" || f.Name == "satellites") && e.tuple(c, i) {
			e.patch.set(l.value, e.w.r.Encode(zeroed(e.w.value(l))))
			return
		}
		e.patch.blank(l.whole)
		return
	}
	if l.name == "" {
		return
	}
	switch action := e.verdict(c, i).Action; {
	case action != privacy.Coarsen && action != privacy.Displace:
		return
	case action == privacy.Displace && l.pair < 0:
		e.patch.set(l.value, e.w.r.Encode(e.value(c, i)))
		return
	}
	if l.pair < 0 {
		e.patch.set(l.value, e.w.r.Encode(day(e.w.value(l))))
		return
	}
	text := e.coarse[l.pair][0]
	if c.pairs[l.pair].Lon == i {
		text = e.coarse[l.pair][1]
	}
	if l.letter >= 0 {
		letter := "E"
		if c.pairs[l.pair].Lat == i {
			letter = "N"
		}
		if rest, negative := bytes.CutPrefix([]byte(text), []byte{'-'}); negative {
			letter, text = map[string]string{"E": "W", "N": "S"}[letter], string(rest)
		}
		e.patch.set(input.Span{Off: l.letter, Len: e.width}, e.w.r.Encode(letter))
	}
	e.patch.set(l.value, e.w.r.Encode(text))
}

// tuple reports whether leaf i is the third number of a GPS(..) whose position
// stays. Its form says in which order the two others are.
func (e *editor) tuple(c *caption, i int) bool {
	return i > 0 && c.fields[i-1].Name == "GPS" && c.leaves[i-1].outer == c.leaves[i].outer
}

// zeroed returns a number with every digit set to zero.
func zeroed(v []byte) string {
	out := bytes.Clone(v)
	for i, b := range out {
		if b >= '1' && b <= '9' {
			out[i] = '0'
		}
	}
	return string(out)
}

// day returns a date with its time set to zero, at the same length.
func day(v []byte) string {
	_, n := srt.DateLen(v)
	out := bytes.Clone(v)
	for i := n; i < len(out); i++ {
		if out[i] >= '0' && out[i] <= '9' {
			out[i] = '0'
		}
	}
	return string(out)
}

// near is how far a coarse coordinate may be from the centre of its cell, in
// degrees: some 20 m. Cells are 100 m wide at least.
const near = 1.8e-4

// numbers returns the latitude and longitude of the cell of p as they fit in
// the place of its own, or nothing if they do not fit.
func (e *editor) numbers(c *caption, p srt.Pair) (out place) {
	v, other := e.verdict(c, p.Lat), e.verdict(c, p.Lon)
	if v.Action == privacy.Displace && other.Action == privacy.Displace {
		return e.moved(c, p)
	}
	if v.Action != privacy.Coarsen || other.Action != privacy.Coarsen || !e.orderedAt(c, p, v.To.Lon) {
		return out
	}
	lat, ok1 := e.number(c.leaves[p.Lat], v.To.Lat)
	lon, ok2 := e.number(c.leaves[p.Lon], v.To.Lon)
	if ok1 && ok2 {
		out = place{lat, lon}
	}
	return out
}

// orderedAt reports whether the order of a pair that only its numbers show still
// shows when its longitude is lon.
func (e *editor) orderedAt(c *caption, p srt.Pair, lon float64) bool {
	f := c.fields[p.Lat]
	if c.leaves[p.Lat].letter >= 0 || f.Name != "GPS" && f.Name != "HOME" {
		return true
	}
	used := srt.LatLon
	if p.Lon < p.Lat {
		used = srt.LonLat
	}
	if f.Name == "HOME" { // the position beside it, which tells, may go
		return used == srt.LonLat
	}
	standard, _ := srt.Orders{}.Of(f.Metre)
	return used == standard || math.Abs(lon) > 90.001
}

// number returns v as text that is as long as the value of l.
func (e *editor) number(l leaf, v float64) (string, bool) {
	width := int(l.value.Len / e.width)
	if l.letter >= 0 {
		s, ok := fit(math.Abs(v), width)
		if v < 0 {
			s = "-" + s // becomes the letter
		}
		return s, ok
	}
	return fit(v, width)
}

// fit writes v with exactly width characters.
func fit(v float64, width int) (string, bool) {
	if width > 40 {
		return "", false
	}
	for dec := width; dec >= 0; dec-- {
		s := fmt.Sprintf("%.*f", dec, v)
		if len(s) > width {
			continue
		}
		if len(s) < width {
			return "", false
		}
		var got float64
		if _, err := fmt.Sscan(s, &got); err != nil || math.Abs(got-v) > near {
			return "", false
		}
		return s, true
	}
	return "", false
}
