package mts

import (
	"fmt"

	"flightveil/exifscrub"
	"flightveil/internal/block/window"
	"flightveil/internal/input"
)

const (
	packetSize = 188
	syncByte   = 0x47
	nullPID    = 0x1FFF
)

// A layout says where packets lie: with a time stamp before each in AVCHD,
// with error correction behind each in broadcasts.
type layout struct {
	start  int64 // of the first sync byte
	stride int64
}

// layoutOf returns the layout that fits the most packets of b, and how many
// follow each other.
func layoutOf(b []byte) (best layout, packets int) {
	for _, stride := range []int{188, 192, 204} {
		for start := 0; start < stride && start < len(b); start++ {
			n := 0
			for at := start; at+packetSize <= len(b) && b[at] == syncByte; at += stride {
				n++
			}
			if at := (layout{int64(start), int64(stride)}); at.start != at.lead() && (n < 5 || (n+1)*stride < len(b)-start) {
				continue // behind a stray beginning are packets up to the end
			}
			if n > packets {
				best, packets = layout{int64(start), int64(stride)}, n
			}
		}
	}
	return best, packets
}

// lead is how many bytes stand before a packet's sync byte.
func (l layout) lead() int64 {
	if l.stride == 192 {
		return 4
	}
	return 0
}

// packets calls f for each packet, with the offset of its sync byte, and gap
// for bytes that belong to none. Packets are valid until f returns.
func packets(win *window.Reader, l layout, check func() error, f func(off int64, b []byte) error, gap func(exifscrub.Span) error) error {
	size := win.Size()
	off := l.start - l.lead()
	if off < 0 {
		off += l.stride
	}
	if off > 0 {
		if err := gap(exifscrub.Span{Len: off}); err != nil {
			return err
		}
	}
	for n := 0; off < size; n++ {
		if n%4096 == 0 {
			if err := check(); err != nil {
				return err
			}
		}
		at := off + l.lead()
		b, err := win.Peek(at, packetSize)
		if err != nil {
			return err
		}
		if len(b) == packetSize && b[0] == syncByte {
			if err := f(at, b); err != nil {
				return err
			}
			off += l.stride
			continue
		}
		next, err := resync(win, l, off+1)
		if err != nil {
			return err
		}
		if err := gap(exifscrub.Span{Off: off, Len: next - off}); err != nil {
			return err
		}
		off = next
	}
	return nil
}

// resync returns where packets begin again at or behind off, or the end.
func resync(win *window.Reader, l layout, off int64) (int64, error) {
	size := win.Size()
	for off < size {
		b, err := win.Peek(off, window.Size)
		if err != nil {
			return 0, err
		}
		reach := int(l.lead() + 2*l.stride + 1)
		for i := 0; i+int(l.lead()) < len(b); i++ {
			at := i + int(l.lead())
			if b[at] != syncByte {
				continue
			}
			if i+reach > len(b) && off+int64(len(b)) < size {
				break // look at it again with more behind it
			}
			if sync(b, at, int(l.stride), size-off) {
				return off + int64(i), nil
			}
		}
		if int64(len(b)) >= size-off || len(b) <= reach {
			return size, nil
		}
		off += int64(len(b) - reach)
	}
	return size, nil
}

// sync reports whether packets begin at at and go on, as far as b tells; left
// is how much of the file there is from b's beginning.
func sync(b []byte, at, stride int, left int64) bool {
	if at+packetSize > len(b) {
		return false
	}
	for _, next := range []int{at + stride, at + 2*stride} {
		if next < len(b) && int64(next+packetSize) <= left && b[next] != syncByte {
			return false
		}
	}
	return true
}

// A header is what a packet says about itself (section 2.4.3.2).
type header struct {
	pid       int
	start     bool // a section or PES packet begins in it
	scrambled bool
	adapt     []byte // adaptation field, its length included
	payload   int    // where the payload begins; packetSize if there is none
}

func headerOf(b []byte) header {
	h := header{pid: int(b[1]&0x1F)<<8 | int(b[2]), start: b[1]&0x40 != 0, scrambled: b[3]&0xC0 != 0, payload: 4}
	if b[3]&0x20 != 0 {
		h.payload = min(packetSize, 5+int(b[4]))
		h.adapt = b[4:h.payload]
	}
	if b[3]&0x10 == 0 {
		h.payload = packetSize
	}
	return h
}

// nullPacket is what a packet becomes that goes.
var nullPacket = func() []byte {
	b := make([]byte, packetSize)
	for i := range b {
		b[i] = 0xFF
	}
	copy(b, []byte{syncByte, nullPID >> 8, nullPID & 0xFF, 0x10})
	return b
}()

// stale returns the runs of an adaptation field that carry private data, or
// something in the place of stuffing (section 2.4.3.4). Offsets count from the
// field's beginning.
func stale(a []byte) (out []exifscrub.Span) {
	if len(a) < 2 {
		return nil
	}
	flags, off := a[1], 2
	for _, f := range []struct {
		bit  byte
		size int
	}{{0x10, 6}, {0x08, 6}, {0x04, 1}} { // two clocks, a countdown
		if flags&f.bit != 0 {
			off += f.size
		}
	}
	add := func(from, to int) {
		for i := from; i < to; i++ {
			if a[i] != 0xFF {
				out = append(out, exifscrub.Span{Off: int64(from), Len: int64(to - from)})
				return
			}
		}
	}
	if flags&0x02 != 0 && off < len(a) {
		n := min(int(a[off]), len(a)-off-1)
		add(off+1, off+1+n)
		off += 1 + n
	}
	if flags&0x01 != 0 && off < len(a) {
		off += 1 + int(a[off])
	}
	if off < len(a) {
		add(off, len(a))
	}
	return out
}

var errNoMap = fmt.Errorf("no program map: %w", input.ErrUnsupported)
