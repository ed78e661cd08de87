package avi

import (
	"encoding/binary"
	"strings"

	"flightveil/internal/block/window"
)

// resume returns where chunks of streams go on behind off, where there is none:
// of a file that was not copied completely, whole frames may lie behind a hole.
// It is end if nothing does.
func (p *parser) resume(off, end int64) (int64, error) {
	off, err := p.win.SkipZeros(off, end)
	if err != nil || off >= end {
		return end, err
	}
	if ok, err := p.begins(off, end); ok || err != nil {
		return off, err
	}
	for off < end { // what is left of a frame comes first
		if err := p.ctx.Err(); err != nil {
			return 0, err
		}
		b, err := p.win.Peek(off, min(window.Size, end-off))
		if err != nil {
			return 0, err
		}
		at := -1
		for i := 0; i+head <= len(b); i++ {
			if b[i]-'0' <= 9 && p.plausible(b[i:], end-off-int64(i)) {
				at = i
				break
			}
		}
		if at < 0 {
			if int64(len(b)) == end-off || len(b) < head {
				break
			}
			off += int64(len(b) - head + 1)
			continue
		}
		here := off + int64(at)
		ok, err := p.begins(here, end)
		if err != nil {
			return 0, err
		}
		if ok { // and another behind it, or else it is chance
			b, err := p.win.Head(here, head)
			if err != nil {
				return 0, err
			}
			size := int64(binary.LittleEndian.Uint32(b[4:]))
			next := here + head + size + size&1
			if next >= end {
				return here, nil
			}
			if ok, err = p.begins(next, end); ok || err != nil {
				return here, err
			}
		}
		off = here + 1
	}
	return end, nil
}

// begins reports whether a chunk of the movie may begin at off.
func (p *parser) begins(off, end int64) (bool, error) {
	if end-off < head {
		return false, nil
	}
	b, err := p.win.Head(off, head)
	return err == nil && p.plausible(b, end-off), err
}

// plausible reports whether b, which has room bytes left, begins with the head
// of a chunk that belongs among frames.
func (p *parser) plausible(b []byte, room int64) bool {
	if len(b) < head || int64(binary.LittleEndian.Uint32(b[4:])) > room-head {
		return false
	}
	name := string(b[:4])
	if name == "JUNK" || name == "LIST" {
		return true
	}
	code := name[2:]
	if strings.HasPrefix(name, "ix") {
		return p.owner(code) != nil
	}
	s := p.owner(name)
	return s != nil && !strings.ContainsFunc(code, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' })
}
