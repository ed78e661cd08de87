package tiff

import (
	"encoding/binary"
	"fmt"

	"flightveil/exifscrub"
	"flightveil/internal/privacy"
)

// lastOpcode is the greatest number that DNG 1.7 chapter 7 gives a meaning.
const lastOpcode = 14

// opcodes adds the private opcodes of a DNG opcode list. Standard ones say how
// to correct the picture; some cameras add their own that repeat flight and
// sensor serial numbers. The parameters of those are blanked in place.
func (d *doc) opcodes(r ref, f privacy.Finding) error {
	e := r.Entry()
	if d.kind == block || e.Inline || !d.alone(e) || e.Value.Len > d.lim.Field {
		f.Class = privacy.Unknown
		d.finding(r, f)
		return nil
	}
	b, err := d.r.Bytes(e, d.lim.Field)
	if err != nil {
		return err
	}
	const head = 16 // opcode, DNG version, flags, length of the parameters
	bad := len(b) < 4
	var private []exifscrub.Span
	var ids []uint32
	pos := int64(4)
	for n := uint32(0); !bad && n < binary.BigEndian.Uint32(b); n++ {
		if int64(len(b))-pos < head {
			bad = true
			break
		}
		id, size := binary.BigEndian.Uint32(b[pos:]), int64(binary.BigEndian.Uint32(b[pos+12:]))
		if pos += head; size > int64(len(b))-pos {
			bad = true
			break
		}
		if id == 0 || id > lastOpcode {
			ids = append(ids, id)
			private = append(private, exifscrub.Span{Off: e.Value.Off + pos, Len: size})
		}
		pos += size
	}
	if bad { // not an opcode list: no reader can use it
		f.Class = privacy.Unknown
		d.finding(r, f)
		return nil
	}
	if pos < int64(len(b)) {
		private, ids = append(private, exifscrub.Span{Off: e.Value.Off + pos, Len: int64(len(b)) - pos}), append(ids, 0)
	}
	for i, s := range private {
		if zero, err := d.isZero(s); err != nil || zero {
			if err != nil {
				return err
			}
			continue
		}
		p := privacy.Finding{Class: privacy.Unknown, Path: fmt.Sprintf("%s/Opcode-%d", f.Path, ids[i]), Spans: []exifscrub.Span{s}}
		p.Value = privacy.Secret(d.decode(e.Tag, b[s.Off-e.Value.Off:][:min(s.Len, maxText)]))
		d.add(exifscrub.Item{Finding: &p}, func(ed *editor, dec exifscrub.Decision) {
			if dec.Action != privacy.Keep {
				ed.parts = append(ed.parts, s)
			}
		})
	}
	return nil
}
