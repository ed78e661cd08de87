package makernote

import "flightveil/internal/input"

// fitBase returns what the offsets of the directory at at count from: base, if
// most of the values then lie inside the note; else the start that makes them
// follow the directory, if that suits them better. Notes that count from the
// start of the TIFF block break when a program moves them. Of such a note the
// directory stays whole, so that other readers guess the same.
func (p *parser) fitBase(at, base int64) (int64, error) {
	values, end, err := p.valueOffsets(at)
	if err != nil || len(values) == 0 {
		return base, err
	}
	score := func(base int64) (n int) {
		for _, v := range values {
			if v.Off+base >= end && v.End()+base <= p.note.End() {
				n++
			}
		}
		return n
	}
	best, most := base, score(base)
	if most == len(values) {
		return base, nil
	}
	lowest := values[0].Off
	for _, v := range values {
		lowest = min(lowest, v.Off)
	}
	// Values begin right behind the directory or behind the offset of the next;
	// a few cameras leave a gap. Or they count from the note itself.
	for _, candidate := range []int64{end + 4 - lowest, end - lowest, end + 6 - lowest, end + 16 - lowest, p.note.Off, at} {
		if n := score(candidate); n > most {
			best, most = candidate, n
		}
	}
	p.guessed = true
	return best, nil
}

// valueOffsets returns the values of the directory at at that lie outside it,
// with offsets as they are written, and where the directory ends.
func (p *parser) valueOffsets(at int64) (values []input.Span, end int64, err error) {
	b, err := p.bytes(at, 2)
	if err != nil {
		return nil, 0, err
	}
	n := min(int64(p.order.Uint16(b)), maxEntries, (p.in.Size()-at-2)/12)
	if b, err = p.bytes(at+2, n*12); err != nil {
		return nil, 0, err
	}
	for ; len(b) > 0; b = b[12:] {
		size := sizeOf(p.order.Uint16(b[2:])) * int64(p.order.Uint32(b[4:]))
		if off := int64(p.order.Uint32(b[8:])); size > 4 && size <= p.note.Len && off > 0 {
			values = append(values, input.Span{Off: off, Len: size})
		}
	}
	return values, at + 2 + n*12, nil
}
