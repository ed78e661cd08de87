package mp4

import (
	"errors"
	"slices"
	"strings"

	"flightveil/exifscrub"
	"flightveil/internal/block/djmeta"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// Bounds of what is read of a DJI track: positions are taken from every sample,
// other values from the first ones.
const (
	djiLeaves  = 32
	djiSample  = 64 << 10
	djiUnnamed = "Unnamed"
)

// djiTrack reads the protocol buffers of DJI's djmd and dbgi tracks. What kinds
// of data such tracks hold is told even where nothing could be read.
func (p *parser) djiTrack(t *track, path string) ([]privacy.Finding, error) {
	spans := []exifscrub.Span{t.Box.Content()}
	var at fixes
	var reader djmeta.Track
	var found []*privacy.Finding
	byName := map[string]*privacy.Finding{}
	n := 0
	for s, err := range p.samples(t) {
		if err != nil {
			return nil, err
		}
		b, err := p.win.Peek(s.Off, min(s.Size, djiSample))
		if err != nil {
			return nil, err
		}
		if f, err := reader.Frame(b); err == nil && !f.NoFix {
			at.add(f.At)
		}
		if n++; n > djiLeaves {
			continue
		}
		for l, err := range reader.Leaves(b, p.lim) {
			if err != nil {
				if !errors.Is(err, djmeta.ErrSyntax) && !errors.Is(err, input.ErrLimit) {
					return nil, err
				}
				break
			}
			if l.Class == privacy.Location || l.Class == privacy.Technical {
				continue
			}
			name, _, _ := strings.Cut(l.Name, " ")
			if l.Class == privacy.Unknown {
				name = djiUnnamed
			}
			f := byName[name]
			if f == nil {
				f = &privacy.Finding{Class: l.Class, Path: join(path, name), Spans: spans}
				if l.Class != privacy.Unknown {
					f.Value = l.Value
				}
				byName[name] = f
				found = append(found, f)
			}
			f.Count++
		}
	}
	what := at.findings(path, privacy.Location, spans)
	for _, f := range found {
		what = append(what, *f)
	}
	for _, f := range p.vendorTrack(t, path) {
		if !slices.ContainsFunc(what, func(have privacy.Finding) bool { return have.Class == f.Class }) {
			what = append(what, f)
		}
	}
	return what, nil
}
