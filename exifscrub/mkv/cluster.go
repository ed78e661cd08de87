package mkv

import (
	"fmt"

	"flightveil/exifscrub"
	"flightveil/internal/privacy"
)

// Elements in clusters (section 5.1.3).
const (
	idSimpleBlock = 0xA3
	idBlockGroup  = 0xA0
	idBlock       = 0xA1
	idAdditions   = 0x75A1
	idMore        = 0xA6
	idAdditional  = 0xA5
	idSilent      = 0x5854
	idSlices      = 0x8E
	idTimeSlice   = 0xE8
	idRefFrame    = 0xC8
)

// inCluster are the elements that hold one number, by what they lie in.
var inCluster = map[uint32][]uint32{
	idCluster:    {0xE7, 0xA7, 0xAB},
	idBlockGroup: {0x9B, 0xFA, 0xFB, 0xFD, 0x75A2},
	idMore:       {0xEE},
	idSilent:     {0x58D7},
	idTimeSlice:  {0xCC, 0xCB, 0xCD, 0xCE, 0xCF},
	idRefFrame:   {0xC9, 0xCA},
}

// Kinds of what is found in clusters.
const (
	keyVoid    = "Cluster/Void"
	keyUnknown = "Cluster/unknown elements"
	keyStray   = "Cluster/blocks of no track"
)

// An event is an element in a cluster: a block of a track, or what must go.
type event struct {
	key   string // of what must go; "" for a block
	track *track
	whole exifscrub.Span
	data  exifscrub.Span // of a block, without its head
}

// cluster reads the elements of a cluster from off to end and calls f for each
// event, and crc for a checksum. A cluster without size ends where its end is
// returned. The parser's count of elements is spent.
func (p *parser) cluster(start, off, end int64, f func(event) error, crc func(exifscrub.Span)) (int64, error) {
	for first := off; off < end; {
		if err := p.ctx.Err(); err != nil {
			return 0, err
		}
		if b, err := p.win.Head(off, 1); err != nil {
			return 0, err
		} else if b[0] == 0 && end == p.in.Size() { // a file that was not written completely
			zeros, err := p.win.Zeros(off, end)
			if err != nil || zeros {
				p.early = p.early || zeros
				return end, err
			}
		}
		id, head, size, err := p.header(off, end)
		if err != nil {
			if p.open && end == p.in.Size() && end-off < 12 { // the file's end cuts a head
				p.early = true
				return end, f(event{key: keyUnknown, whole: exifscrub.Span{Off: off, Len: end - off}})
			}
			return 0, err
		}
		if level1(id) { // the end of a cluster without a size
			return off, nil
		}
		data := off + head
		if size == unknownSize || size > end-data {
			if size == unknownSize || end < p.in.Size() || !p.open {
				return 0, fmt.Errorf("element at %d is larger than its cluster: %w", off, errBroken)
			}
			size, p.early = end-data, true
		}
		e := event{whole: exifscrub.Span{Off: off, Len: data + size - off}}
		switch {
		case id == idCRC && off == first && size == 4:
			crc(e.whole)
		case id == idSimpleBlock:
			if e.track, e.data, err = p.blockHead(data, data+size); err == nil {
				err = p.emit(e, f)
			}
		case id == idBlockGroup:
			err = p.group(e.whole, data, data+size, f)
		case id == idSilent:
			err = p.numbers(idSilent, data, data+size, f)
		default:
			err = p.number(idCluster, id, e.whole, data, f)
		}
		if err != nil {
			return 0, err
		}
		off = data + size
	}
	return end, nil
}

// level1 reports whether id is that of an element that lies beside clusters.
func level1(id uint32) bool {
	switch id {
	case idCluster, idSeekHead, idInfo, idTracks, idCues, idAttach, idChapters, idTags, idEBML, idSegment:
		return true
	}
	return false
}

// blockHead reads the head of a block: the number of its track, a time and
// flags (section 10).
func (p *parser) blockHead(off, end int64) (*track, exifscrub.Span, error) {
	b, err := p.win.Head(off, min(12, end-off))
	if err != nil {
		return nil, exifscrub.Span{}, err
	}
	num, n, _ := vint(b)
	from := min(end, off+int64(n)+3)
	if n == 0 {
		return nil, exifscrub.Span{Off: off, Len: end - off}, nil
	}
	return p.tracks[num], exifscrub.Span{Off: from, Len: end - from}, nil
}

func (p *parser) emit(e event, f func(event) error) error {
	if e.track == nil {
		e.key = keyStray
	}
	return f(e)
}

// number handles an element that must be one number, or else goes.
func (p *parser) number(in, id uint32, whole exifscrub.Span, data int64, f func(event) error) error {
	if id == idVoid {
		zeros, err := p.win.Zeros(data, whole.End())
		if err != nil || zeros {
			return err
		}
		return f(event{key: keyVoid, whole: whole})
	}
	for _, known := range inCluster[in] {
		if id == known && whole.End()-data <= 8 {
			return nil
		}
	}
	return f(event{key: keyUnknown, whole: whole})
}

// numbers handles a master element of which every element must be one number.
func (p *parser) numbers(in uint32, off, end int64, f func(event) error) error {
	return p.children(off, end, func(id uint32, whole exifscrub.Span, data int64) error { return p.number(in, id, whole, data, f) })
}

// children calls f for each element from off to end.
func (p *parser) children(off, end int64, f func(id uint32, whole exifscrub.Span, data int64) error) error {
	for off < end {
		id, head, size, err := p.header(off, end)
		if err != nil && p.open && end == p.in.Size() && end-off < 12 {
			p.early = true
			return f(0, exifscrub.Span{Off: off, Len: end - off}, end)
		}
		if err != nil {
			return err
		}
		data := off + head
		if size == unknownSize || size > end-data {
			if size == unknownSize || end < p.in.Size() || !p.open {
				return fmt.Errorf("element at %d is larger than what it lies in: %w", off, errBroken)
			}
			size, p.early = end-data, true
		}
		if err := f(id, exifscrub.Span{Off: off, Len: data + size - off}, data); err != nil {
			return err
		}
		off = data + size
	}
	return nil
}

// group handles a block and what belongs to it (section 5.1.3.5).
func (p *parser) group(whole exifscrub.Span, off, end int64, f func(event) error) error {
	var blocks int
	var owner *track
	err := p.children(off, end, func(id uint32, _ exifscrub.Span, data int64) error { // whose block it is
		if id == idBlock {
			t, _, err := p.blockHead(data, end)
			blocks, owner = blocks+1, t
			return err
		}
		return nil
	})
	if err != nil {
		return err
	}
	if blocks != 1 || owner == nil {
		return f(event{key: keyStray, whole: whole})
	}
	if !owner.stays() || p.dropped[owner] {
		return p.children(off, end, func(id uint32, _ exifscrub.Span, data int64) error {
			if id != idBlock {
				return nil
			}
			_, s, err := p.blockHead(data, end)
			if err != nil {
				return err
			}
			return f(event{track: owner, whole: whole, data: s})
		})
	}
	return p.children(off, end, func(id uint32, one exifscrub.Span, data int64) error {
		switch id {
		case idBlock:
			_, s, err := p.blockHead(data, one.End())
			if err != nil {
				return err
			}
			return f(event{track: owner, whole: one, data: s})
		case idAdditions:
			return p.children(data, one.End(), func(id uint32, more exifscrub.Span, data int64) error {
				if id != idMore {
					return p.number(idAdditions, id, more, data, f)
				}
				return p.children(data, more.End(), func(id uint32, x exifscrub.Span, data int64) error {
					if id == idAdditional && owner.kind == video { // an alpha channel, or how bright it is
						return nil
					}
					return p.number(idMore, id, x, data, f)
				})
			})
		case idSlices:
			return p.children(data, one.End(), func(id uint32, slice exifscrub.Span, data int64) error {
				if id != idTimeSlice {
					return p.number(idSlices, id, slice, data, f)
				}
				return p.numbers(idTimeSlice, data, slice.End(), f)
			})
		case idRefFrame:
			return p.numbers(idRefFrame, data, one.End(), f)
		}
		return p.number(idBlockGroup, id, one, data, f)
	})
}

// scanCluster counts what a cluster holds and looks into its blocks.
func (p *parser) scanCluster(start, off, end int64) (int64, error) {
	return p.cluster(start, off, end, func(e event) error {
		if e.key != "" {
			p.countIn(e.key, e.whole)
			return nil
		}
		if e.track.stays() {
			p.coded.add(e.data)
		}
		return p.block(e.track, e.data)
	}, func(exifscrub.Span) {})
}

// countIn counts an element in a cluster that must go.
func (p *parser) countIn(key string, s exifscrub.Span) {
	e := p.counts[key]
	if e == nil {
		e = &entry{Item: exifscrub.Item{Finding: &privacy.Finding{Class: privacy.Unknown, Path: key}}, act: inClusters, key: key}
		p.counts[key] = e
	}
	if e.Finding.Count++; len(e.Finding.Spans) < 16 {
		e.Finding.Spans = append(e.Finding.Spans, s)
	}
}

// codedRuns joins the data of kept blocks to long runs: between two of them
// are only heads of elements.
type codedRuns struct {
	runs []exifscrub.Span
}

const (
	codedGap = 64
	maxRuns  = 20_000
)

func (c *codedRuns) add(s exifscrub.Span) {
	if n := len(c.runs); n > 0 && s.Off >= c.runs[n-1].End() && s.Off-c.runs[n-1].End() <= codedGap {
		c.runs[n-1].Len = s.End() - c.runs[n-1].Off
		return
	}
	if len(c.runs) < maxRuns {
		c.runs = append(c.runs, s)
	}
}
