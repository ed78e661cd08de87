package blackbox

// A cursor reads the encodings of one frame. It turns bad at the end of its
// bytes and at what no recorder writes.
type cursor struct {
	b   []byte
	i   int
	bit uint // bits of b[i] that are read; only Elias codes do not end with a byte
	bad bool
}

func (c *cursor) byte() uint32 {
	if c.i >= len(c.b) {
		c.bad = true
		return 0
	}
	c.i++
	return uint32(c.b[c.i-1])
}

// align goes to the beginning of a byte.
func (c *cursor) align() {
	if c.bit > 0 {
		c.bit = 0
		c.i++
	}
}

// vb reads seven bits a byte, the lowest first, of 32 at most.
func (c *cursor) vb() uint32 {
	c.align()
	v := uint32(0)
	for shift := uint(0); ; shift += 7 {
		b := c.byte()
		if shift == 28 && b > 0xF {
			c.bad = true
			return 0
		}
		v |= b & 0x7F << shift
		if b < 0x80 {
			return v
		}
	}
}

// unzig undoes the zig-zag code that makes small negative numbers small.
func unzig(u uint32) int64 { return int64(int32(u>>1) ^ -int32(u&1)) }

// extend takes the low bits of u as a signed number.
func extend(u uint32, bits uint) int64 { return int64(int32(u<<(32-bits)) >> (32 - bits)) }

// tag8x8 reads a byte that says which of n fields are not 0, then those. One
// field alone has no such byte.
func (c *cursor) tag8x8(v []int64, n int) {
	if n == 1 {
		v[0] = unzig(c.vb())
		return
	}
	c.align()
	tag := c.byte()
	if tag>>n != 0 {
		c.bad = true
	}
	for i := range n {
		v[i] = 0
		if tag>>i&1 != 0 {
			v[i] = unzig(c.vb())
		}
	}
}

// tag2x3 reads three fields whose common width the two highest bits give:
// 2, 4 or 6 bits, or 2, 5-5-4 or 8-7-7 bits, or any number of bytes.
func (c *cursor) tag2x3(v []int64, variable bool) {
	c.align()
	lead := c.byte()
	switch tag := lead >> 6; {
	case tag == 0:
		v[0], v[1], v[2] = extend(lead>>4, 2), extend(lead>>2, 2), extend(lead, 2)
	case tag == 1 && !variable:
		b := c.byte()
		v[0], v[1], v[2] = extend(lead, 4), extend(b>>4, 4), extend(b, 4)
	case tag == 1:
		u := lead<<8 | c.byte()
		v[0], v[1], v[2] = extend(u>>9, 5), extend(u>>4, 5), extend(u, 4)
	case tag == 2 && !variable:
		v[0] = extend(lead, 6)
		v[1] = extend(c.byte(), 6)
		v[2] = extend(c.byte(), 6)
	case tag == 2:
		u := lead<<16 | c.byte()<<8
		u |= c.byte()
		v[0], v[1], v[2] = extend(u>>14, 8), extend(u>>7, 7), extend(u, 7)
	default:
		for i := range 3 {
			n := lead>>(2*i)&3 + 1
			u := uint32(0)
			for k := range n {
				u |= c.byte() << (8 * k)
			}
			v[i] = extend(u, uint(8*n))
		}
	}
}

// tag8x4 reads four fields of 0, 4, 8 or 16 bits; a byte says which. They are
// packed in half bytes, the high ones first.
func (c *cursor) tag8x4(v []int64) {
	c.align()
	tag := c.byte()
	half, held := false, uint32(0) // the low half of held is still to be read
	for i := range 4 {
		switch tag >> (2 * i) & 3 {
		case 0:
			v[i] = 0
		case 1:
			if !half {
				held = c.byte()
				v[i] = extend(held>>4, 4)
			} else {
				v[i] = extend(held, 4)
			}
			half = !half
		case 2:
			u := held
			held = c.byte()
			if half {
				v[i] = extend(u<<4|held>>4, 8)
			} else {
				v[i] = extend(held, 8)
			}
		case 3:
			u := held<<8 | c.byte()
			held = c.byte()
			if half {
				v[i] = extend((u<<8|held)>>4, 16)
			} else {
				v[i] = extend(u<<8|held, 16)
			}
		}
	}
}

// tag8x4v1 is tag8x4 in data version 1: half bytes come in pairs, the low one
// first, and 16 bits with the low byte first.
func (c *cursor) tag8x4v1(v []int64) {
	c.align()
	tag := c.byte()
	for i := 0; i < 4; i++ {
		switch tag >> (2 * i) & 3 {
		case 0:
			v[i] = 0
		case 1:
			b := c.byte()
			v[i] = extend(b, 4)
			if i++; i < 4 {
				v[i] = extend(b>>4, 4)
			}
		case 2:
			v[i] = extend(c.byte(), 8)
		case 3:
			lo := c.byte()
			v[i] = extend(lo|c.byte()<<8, 16)
		}
	}
}

// bits reads n bits, the high one of a byte first.
func (c *cursor) bits(n int) uint32 {
	v := uint32(0)
	for ; n > 0; n-- {
		if c.i >= len(c.b) {
			c.bad = true
			return 0
		}
		v = v<<1 | uint32(c.b[c.i]>>(7-c.bit)&1)
		if c.bit++; c.bit == 8 {
			c.bit = 0
			c.i++
		}
	}
	return v
}

// elias reads an Elias code of the number plus one. Its length stands before
// it: in the delta code as a number of its own, in the gamma code as that many
// 0 bits (one more than in the books). The highest number is followed by a
// bit, for the next one has no code.
func (c *cursor) elias(delta bool) uint32 {
	n := c.zeros()
	if delta && n <= 5 {
		n = int(1<<n | c.bits(n))
	}
	if n < 1 || n > 32 || c.bad {
		c.bad = true
		return 0
	}
	v := uint32(1)<<(n-1) | c.bits(n-1)
	if v == 1<<32-1 {
		return v - 1 + c.bits(1)
	}
	return v - 1
}

// zeros counts the 0 bits before a 1.
func (c *cursor) zeros() int {
	for n := 0; n <= 32; n++ {
		if c.bits(1) == 1 {
			return n
		}
		if c.bad {
			break
		}
	}
	c.bad = true
	return 0
}
