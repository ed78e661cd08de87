package jxl

// bitReader reads the bit fields of a JPEG XL header (18181-1, B.2): from the lowest
// bit of each byte up. Behind the end come zeros, and short is set.
type bitReader struct {
	b     []byte
	pos   int // in bits
	short bool
}

func (r *bitReader) get(n int) uint32 {
	var v uint32
	for i := range n {
		if at := r.pos >> 3; at < len(r.b) {
			v |= uint32(r.b[at]>>(r.pos&7)&1) << i
		} else {
			r.short = true
			return 0
		}
		r.pos++
	}
	return v
}

// dist is one of the four forms of a number: n bits plus base.
type dist struct{ n, base uint32 }

// u32 reads a number whose form its first two bits choose (18181-1, B.2.2).
func (r *bitReader) u32(forms [4]dist) uint32 {
	d := forms[r.get(2)]
	return d.base + r.get(int(d.n))
}

// bytes returns how many bytes were read, the last one perhaps in part.
func (r *bitReader) bytes() int { return (r.pos + 7) >> 3 }
