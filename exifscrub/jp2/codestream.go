package jp2

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"flightveil/exifscrub"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// Markers (T.800, Table A.2).
const (
	markerSOC = 0xFF4F
	markerCOM = 0xFF64
	markerSOT = 0xFF90
	markerSOD = 0xFF93
	markerEOC = 0xFFD9
)

// largeRun is how long coded data must be to be worth telling.
const largeRun = 4 << 10

// known reports whether m begins a marker segment of T.800, T.801, T.814 or
// JPWL (15444-11).
func known(m uint16) bool {
	switch m {
	case 0xFF50, 0xFF51, 0xFF52, 0xFF53, 0xFF55, 0xFF56, 0xFF57, 0xFF58, 0xFF59, 0xFF5C, 0xFF5D, 0xFF5E, 0xFF5F, 0xFF60, 0xFF61, 0xFF63:
		return true
	}
	return m >= 0xFF65 && m <= 0xFF6D || m >= 0xFF70 && m <= 0xFF79
}

var errEarly = errors.New("the codestream ends early")

// codestream reads the main header, the headers of all tile-parts, and what
// follows the end. Coded data is skipped.
func (p *parser) codestream() error {
	p.pictures++
	pos, m, err := p.header(2, markerSOT)
	for err == nil && m == markerSOT {
		if pos, m, err = p.tilePart(pos); err == nil && m != markerSOT && m != markerEOC {
			pos, m, err = p.broken(pos)
		}
	}
	if errors.Is(err, errEarly) && p.tiles > 0 {
		if err := p.note("the picture ends early"); err != nil {
			return err
		}
		return p.unlessZero("Trailing", exifscrub.Span{Off: pos, Len: p.in.Size() - pos})
	}
	if err != nil {
		return err
	}
	pos += 2 // EOC
	return p.unlessZero("Trailing", exifscrub.Span{Off: pos, Len: p.in.Size() - pos})
}

// header reads marker segments from pos up to the marker last, or EOC, and
// returns where that is. If the codestream ends before, the error is errEarly
// and the position that of the segment that is not whole.
func (p *parser) header(pos int64, last uint16) (int64, uint16, error) {
	start := pos
	for {
		m, err := p.u16(pos)
		if err != nil {
			return early(pos, err)
		}
		if m == last || m == markerEOC {
			return pos, m, nil
		}
		switch {
		case m >= 0xFF30 && m <= 0xFF3F: // markers without parameters
			pos += 2
			continue
		case m < 0xFF00 || m == markerSOC || m == markerSOT || m == markerSOD:
			return p.broken(pos)
		}
		n, err := p.u16(pos + 2)
		if err == nil && n < 2 {
			return 0, 0, fmt.Errorf("length at %d: %w", pos+2, input.ErrUnsupported)
		}
		if err == nil && int64(n) > p.in.Size()-pos-2 {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return early(pos, err)
		}
		if err := p.segment(m, exifscrub.Span{Off: pos, Len: 2 + int64(n)}); err != nil {
			return 0, 0, err
		}
		if p.boxes++; p.boxes > p.lim.Items {
			return 0, 0, fmt.Errorf("more than %d marker segments from %d: %w", p.lim.Items, start, input.ErrLimit)
		}
		pos += 2 + int64(n)
	}
}

// broken is what is to be said where a marker is missing. A codestream that
// ended early and was cleaned has zeros there.
func (p *parser) broken(pos int64) (int64, uint16, error) {
	blank, err := p.zero(exifscrub.Span{Off: pos, Len: p.in.Size() - pos})
	switch {
	case err != nil:
		return 0, 0, err
	case blank:
		return pos, 0, errEarly
	}
	return 0, 0, fmt.Errorf("no marker at %d: %w", pos, input.ErrUnsupported)
}

func early(pos int64, err error) (int64, uint16, error) {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = errEarly
	}
	return pos, 0, err
}

// segment makes a finding of a comment, or of a segment no specification
// lists; the latter becomes an empty comment.
func (p *parser) segment(m uint16, s exifscrub.Span) error {
	const fields = 4 // marker and length
	body := exifscrub.Span{Off: s.Off + fields, Len: s.Len - fields}
	switch {
	case known(m):
		return nil
	case m != markerCOM && body.Len < 3: // too short for a comment, and for anything else
		return nil
	case m != markerCOM:
		f := &privacy.Finding{Class: privacy.Unknown, Path: fmt.Sprintf("Marker-%04X", m), Spans: []exifscrub.Span{body}}
		return p.add(part{Item: exifscrub.Item{Finding: f}, blank: s,
			with: binary.BigEndian.AppendUint16([]byte{markerCOM >> 8, markerCOM & 0xFF}, uint16(s.Len-2))})
	case body.Len < 2:
		return nil
	}
	data, err := input.ReadRange(p.in, body.Off, body.Len, 64<<10)
	if err != nil {
		return err
	}
	const latin = 1 // registration, T.800, Table A.44
	fill := byte(0)
	text := data[2:]
	var value string
	if binary.BigEndian.Uint16(data) == latin {
		fill = ' '
		r := make([]rune, len(text))
		for i, c := range text {
			r[i] = rune(c)
		}
		value = string(r)
	}
	if len(bytes.Trim(text, "\x00 ")) == 0 {
		return nil
	}
	class := privacy.Description
	if namesEncoder(value) {
		class = privacy.Technical
	}
	body.Off, body.Len = body.Off+2, body.Len-2
	f := &privacy.Finding{Class: class, Path: "Comment", Spans: []exifscrub.Span{body}, Value: privacy.Secret(value)}
	return p.add(part{Item: exifscrub.Item{Finding: f}, blank: body, fill: fill})
}

// tilePart reads the tile-part at pos and returns where the next one is
// (T.800, A.4.2).
func (p *parser) tilePart(pos int64) (int64, uint16, error) {
	const sotLen = 12
	head, err := input.ReadRange(p.in, pos, min(sotLen, p.in.Size()-pos), sotLen)
	if err != nil {
		return 0, 0, err
	}
	if len(head) < sotLen {
		return pos, 0, errEarly
	}
	data, m, err := p.header(pos+sotLen, markerSOD)
	if err != nil {
		return data, 0, err
	}
	if m == markerEOC {
		return 0, 0, fmt.Errorf("tile-part at %d has no data: %w", pos, input.ErrUnsupported)
	}
	data += 2
	p.tiles++
	end := pos + int64(binary.BigEndian.Uint32(head[6:]))
	if end == pos { // to the end of the codestream
		if end, err = p.findEOC(data); err != nil {
			return 0, 0, err
		}
	}
	if end < data {
		return 0, 0, fmt.Errorf("tile-part at %d is shorter than its header: %w", pos, input.ErrUnsupported)
	}
	stop := min(end, p.in.Size())
	if stop-data >= largeRun {
		if err := p.add(part{Item: exifscrub.Item{Coded: &exifscrub.Span{Off: data, Len: stop - data}}}); err != nil {
			return 0, 0, err
		}
	}
	if end > p.in.Size()-2 {
		return stop, 0, errEarly
	}
	m, err = p.u16(end)
	return end, m, err
}

// findEOC returns where the codestream ends. Coded data holds no marker above
// FF8F but those of packets (T.800, B.10.1).
func (p *parser) findEOC(pos int64) (int64, error) {
	var buf [32 << 10]byte
	for pos < p.in.Size() {
		b := buf[:min(int64(len(buf)), p.in.Size()-pos)]
		if err := input.ReadFull(p.in, b, pos); err != nil {
			return 0, err
		}
		if i := bytes.Index(b, []byte{markerEOC >> 8, markerEOC & 0xFF}); i >= 0 {
			return pos + int64(i), nil
		}
		if len(b) < len(buf) {
			break
		}
		pos += int64(len(b)) - 1 // a marker may lie across
	}
	return p.in.Size(), nil
}

func (p *parser) u16(pos int64) (uint16, error) {
	b, err := input.ReadRange(p.in, pos, 2, 2)
	if err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint16(b), nil
}
