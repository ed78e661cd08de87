package mp4

import (
	"cmp"
	"slices"

	"flightveil/exifscrub"
	"flightveil/internal/block/bmff"
)

// host is a box beside the media data that may hold samples: offsets count from
// the start of the file (14496-12, 8.7.5), so players find samples wherever they
// lie. Editors leave some in free space, and a damaged header hides media data.
type host struct {
	exifscrub.Span
	start int64 // of the box
	used  bool
}

// mayHost remembers b, if it is free space, unknown, or no box at all. What has
// a meaning of its own holds no samples, whatever tables say.
func (p *parser) mayHost(b bmff.Box) {
	h := host{Span: b.Content(), start: b.Start}
	switch b.Type {
	case "free", "skip", "wide":
	case "": // bytes that are no box
		h.Span = b.Span()
	case "mdat", "moov", "moof", "ftyp", "styp", "pdin", "mfra", "sidx", "ssix", "prft", "PICT", "thum", "pnot", "XMP_", "uuid", "udta", "meta", "jumb":
		return
	}
	if h.Len > 0 {
		p.hosts = append(p.hosts, h)
	}
}

// place finds out where samples lie.
func (f *file) place(s exifscrub.Span) {
	if around(f.media, s, func(m exifscrub.Span) exifscrub.Span { return m }) >= 0 {
		return
	}
	if i := around(f.hosts, s, func(h host) exifscrub.Span { return h.Span }); i >= 0 {
		f.hosts[i].used = true
		return
	}
	f.astray = true
}

// around returns the index of the one of spans that holds all of s, or -1.
func around[E any](spans []E, s exifscrub.Span, of func(E) exifscrub.Span) int {
	i, _ := slices.BinarySearchFunc(spans, s.Off+1, func(e E, off int64) int { return cmp.Compare(of(e).End(), off) })
	if i < len(spans) && of(spans[i]).Off <= s.Off && s.End() <= of(spans[i]).End() {
		return i
	}
	return -1
}

// findHosts makes media data of what holds samples. Where there is no box of
// media data, the tables may be about another file, of which this is a part:
// then they are believed only if every sample they tell of is there.
func (p *parser) findHosts() error {
	alone := len(p.media) == 0
	if alone { // zeros are no samples: they are what is left of something that had to go
		var failed error
		p.hosts = slices.DeleteFunc(p.hosts, func(h host) bool {
			blank, err := p.win.Zeros(h.Off, h.End())
			failed = cmp.Or(failed, err)
			return blank
		})
		if failed != nil {
			return failed
		}
	}
	if alone && len(p.hosts) == 0 {
		return nil
	}
	err := p.checkOrder()
	if alone && (err != nil || p.astray || p.short) {
		p.hosts, p.short = nil, false
		return nil
	}
	for _, h := range p.hosts {
		if h.used {
			p.media = append(p.media, h.Span)
		}
	}
	slices.SortFunc(p.media, func(a, b exifscrub.Span) int { return cmp.Compare(a.Off, b.Off) })
	return err
}

// hosted reports whether b holds samples.
func (p *parser) hosted(b bmff.Box) bool {
	return slices.ContainsFunc(p.hosts, func(h host) bool { return h.used && h.start == b.Start })
}
