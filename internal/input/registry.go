package input

import (
	"slices"
	"strings"
)

// Match says how sure a format is that a file is its own.
type Match int

const (
	No      Match = iota
	Name          // only the file name fits; never enough to decode
	Likely        // the structure fits, other formats could too
	Certain       // unmistakable signature, checked
)

// PrefixLen is how many bytes of a file a [Probe] holds at most.
const PrefixLen = 4096

// Probe is what a format may look at to recognise a file.
type Probe struct {
	Name   string // base name, a hint only; empty for embedded files
	Prefix []byte // the first PrefixLen bytes, fewer in a shorter file
	Input  Input  // the whole file, for formats recognised by a trailer
}

// NewProbe reads what formats need to recognise in.
func NewProbe(name string, in Input) (Probe, error) {
	b, err := View(in, 0, min(PrefixLen, in.Size()), PrefixLen)
	return Probe{Name: name, Prefix: b, Input: in}, err
}

// Format is what a [Registry] needs to know about a format.
type Format interface {
	ID() string
	Detect(Probe) Match
}

// A Registry is a list of formats, built once and explicitly.
type Registry[F Format] struct{ formats []F }

// NewRegistry returns a registry of formats. It panics on a repeated ID: that
// is a programming error.
func NewRegistry[F Format](formats ...F) *Registry[F] {
	slices.SortFunc(formats, func(a, b F) int { return strings.Compare(a.ID(), b.ID()) })
	for i := 1; i < len(formats); i++ {
		if formats[i].ID() == formats[i-1].ID() {
			panic("input: format registered twice: " + formats[i].ID())
		}
	}
	return &Registry[F]{formats}
}

// All returns the formats in the order of their IDs.
func (r *Registry[F]) All() []F { return slices.Clone(r.formats) }

// ByID returns the format called id.
func (r *Registry[F]) ByID(id string) (f F, ok bool) {
	for _, f := range r.formats {
		if f.ID() == id {
			return f, true
		}
	}
	return f, false
}

// Detect returns the best match. Two formats equally sure is an answer too:
// the caller refuses the file rather than guess.
func (r *Registry[F]) Detect(p Probe) (best F, m Match, tie bool) {
	for _, f := range r.formats {
		switch got := f.Detect(p); {
		case got > m:
			best, m, tie = f, got, false
		case got == m && m > No:
			tie = true
		}
	}
	return best, m, tie
}
