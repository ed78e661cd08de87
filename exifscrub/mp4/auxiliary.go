package mp4

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	"flightveil/exifscrub"
	"flightveil/internal/block/bmff"
	"flightveil/internal/input"
)

// auxiliary looks at where data beside samples lies, such as what is needed to
// decrypt them (8.7.9); offsets count from base. In the movie header or in
// fragments it stays. In media data it would be overwritten, as it belongs to no
// sample: such files are refused.
func (p *parser) auxiliary(b bmff.Box, base int64) error {
	version, flags, pos, err := b.Full(p.in)
	if err != nil {
		return err
	}
	if flags&1 != 0 {
		pos += 8
	}
	width := int64(4)
	if version == 1 {
		width = 8
	}
	raw, err := p.read(exifscrub.Span{Off: min(pos, b.End), Len: b.End - min(pos, b.End)})
	if err != nil || len(raw) < 4 {
		return err
	}
	n := int64(binary.BigEndian.Uint32(raw))
	raw = raw[4:]
	if n > int64(len(raw))/width {
		return fmt.Errorf("%s box at %d: %w", b.Name(), b.Start, bmff.ErrDamaged)
	}
	for ; n > 0; n, raw = n-1, raw[width:] {
		off := base + int64(number(raw[:width])&(1<<62-1))
		i, _ := slices.BinarySearchFunc(p.media, off, func(m exifscrub.Span, off int64) int { return cmp.Compare(m.End(), off+1) })
		if i < len(p.media) && p.media[i].Off <= off {
			return fmt.Errorf("auxiliary data of samples in media data: %w", input.ErrUnsupported)
		}
	}
	return nil
}
