package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// A recorder writes a log of the blackbox.
type recorder struct {
	b           []byte
	v1          bool // data version 1
	elias       bool // encoding 10 is the Elias gamma code
	frames      map[byte][2][]int
	last, last2 []int64
	home        [2]int64
	constants   [3]int64 // minthrottle, motorOutput, vbatref
	motor0      int
	main        []string
	bits        int // written of the last byte
}

func (r *recorder) head(lines ...string) {
	for _, l := range lines {
		r.b = append(r.b, "H "+l+"\n"...)
	}
}

func bbList(n []int) string { return strings.Trim(strings.ReplaceAll(fmt.Sprint(n), " ", ","), "[]") }

// define writes the definition of a frame.
func (r *recorder) define(kind byte, names string, signed, predictors, encodings []int) {
	if r.frames == nil {
		r.frames = map[byte][2][]int{}
	}
	r.frames[kind] = [2][]int{predictors, encodings}
	if kind != 'P' {
		r.head(fmt.Sprintf("Field %c name:%s", kind, names), fmt.Sprintf("Field %c signed:%s", kind, bbList(signed)))
	}
	if kind == 'I' {
		r.main = strings.Split(names, ",")
		r.motor0 = slices.Index(r.main, "motor[0]")
	}
	r.head(fmt.Sprintf("Field %c predictor:%s", kind, bbList(predictors)), fmt.Sprintf("Field %c encoding:%s", kind, bbList(encodings)))
}

// frame writes one frame of the given values.
func (r *recorder) frame(kind byte, values ...int64) {
	r.b = append(r.b, kind)
	predictors, encodings := r.frames[kind][0], r.frames[kind][1]
	rest := make([]int64, len(values))
	homes := 0
	for i, v := range values {
		p := int64(0)
		switch predictors[i] {
		case 1:
			p = r.last[i]
		case 2:
			p = 2*r.last[i] - r.last2[i]
		case 3:
			p = (r.last[i] + r.last2[i]) / 2
		case 4:
			p = r.constants[0]
		case 5:
			p = values[r.motor0]
		case 7:
			p = r.home[homes]
			homes++
		case 8:
			p = 1500
		case 9:
			p = r.constants[2]
		case 10:
			p = r.last[1]
		case 11:
			p = r.constants[1]
		}
		rest[i] = int64(int32(v - p))
	}
	for i := 0; i < len(rest); {
		n := 1
		switch e := encodings[i]; {
		case predictors[i] == 6 || e == 9:
		case e == 0:
			r.svb(rest[i])
		case e == 1:
			r.uvb(uint32(rest[i]))
		case e == 3:
			r.uvb(uint32(-rest[i]) & 0x3FFF)
		case e == 6:
			for n = 1; i+n < len(rest) && n < 8 && encodings[i+n] == 6; {
				n++
			}
			r.tag8x8(rest[i : i+n])
		case e == 7:
			n = 3
			r.tag2x3(rest[i : i+3])
		case e == 8:
			n = 4
			r.tag8x4(rest[i : i+4])
		case e == 10 && !r.elias:
			n = 3
			r.tag2x3var(rest[i : i+3])
		default: // Elias: delta, delta signed, gamma, gamma signed
			u := uint32(rest[i])
			if e == 5 || e == 11 {
				u = zigzag(rest[i])
			}
			r.eliasCode(u, e <= 5)
		}
		i += n
	}
	r.bits = 0
	switch kind {
	case 'I':
		r.last, r.last2 = values, values
	case 'P':
		r.last, r.last2 = values, r.last
	case 'H':
		r.home = [2]int64{values[0], values[1]}
	}
}

func (r *recorder) byte(v int64) { r.b, r.bits = append(r.b, byte(v)), 0 }

func zigzag(v int64) uint32 { return uint32(int32(v)<<1) ^ uint32(int32(v)>>31) }

func (r *recorder) svb(v int64) { r.uvb(zigzag(v)) }

func (r *recorder) uvb(u uint32) {
	for ; u > 127; u >>= 7 {
		r.byte(int64(u&127 | 128))
	}
	r.byte(int64(u))
}

func (r *recorder) tag8x8(v []int64) {
	if len(v) == 1 {
		r.svb(v[0])
		return
	}
	tag := int64(0)
	for i, x := range v {
		if x != 0 {
			tag |= 1 << i
		}
	}
	r.byte(tag)
	for _, x := range v {
		if x != 0 {
			r.svb(x)
		}
	}
}

// fits reports whether v is a signed number of so many bits.
func fits(v int64, bits int) bool { return v >= -1<<(bits-1) && v < 1<<(bits-1) }

func allFit(v []int64, bits ...int) bool {
	for i, x := range v {
		if !fits(x, bits[i%len(bits)]) {
			return false
		}
	}
	return true
}

func (r *recorder) tag2x3(v []int64) {
	switch {
	case allFit(v, 2):
		r.byte(v[0]&3<<4 | v[1]&3<<2 | v[2]&3)
	case allFit(v, 4):
		r.byte(0x40 | v[0]&15)
		r.byte(v[1]&15<<4 | v[2]&15)
	case allFit(v, 6):
		r.byte(0x80 | v[0]&63)
		r.byte(v[1])
		r.byte(v[2])
	default:
		r.wide(v)
	}
}

func (r *recorder) tag2x3var(v []int64) {
	switch {
	case allFit(v, 2):
		r.byte(v[0]&3<<4 | v[1]&3<<2 | v[2]&3)
	case allFit(v, 5, 5, 4):
		u := 1<<14 | v[0]&31<<9 | v[1]&31<<4 | v[2]&15
		r.byte(u >> 8)
		r.byte(u)
	case allFit(v, 8, 7, 7):
		u := 2<<22 | v[0]&255<<14 | v[1]&127<<7 | v[2]&127
		r.byte(u >> 16)
		r.byte(u >> 8)
		r.byte(u)
	default:
		r.wide(v)
	}
}

func (r *recorder) wide(v []int64) {
	tag, sizes := int64(0xC0), [3]int{}
	for i, x := range v {
		for sizes[i] = 1; !fits(x, 8*sizes[i]); {
			sizes[i]++
		}
		tag |= int64(sizes[i]-1) << (2 * i)
	}
	r.byte(tag)
	for i, x := range v {
		for range sizes[i] {
			r.byte(x)
			x >>= 8
		}
	}
}

func (r *recorder) tag8x4(v []int64) {
	tag, kinds := int64(0), [4]int{}
	for i, x := range v {
		switch {
		case x == 0:
		case fits(x, 4):
			kinds[i] = 1
		case fits(x, 8):
			kinds[i] = 2
		default:
			kinds[i] = 3
		}
		if r.v1 && i > 0 && kinds[i-1] == 1 && i%2 == 1 { // half bytes come in pairs
			kinds[i] = 1
		}
		tag |= int64(kinds[i]) << (2 * i)
	}
	r.byte(tag)
	if r.v1 {
		for i := 0; i < 4; i++ {
			switch kinds[i] {
			case 1:
				r.byte(v[i]&15 | v[i+1]&15<<4)
				i++
			case 2:
				r.byte(v[i])
			case 3:
				r.byte(v[i])
				r.byte(v[i] >> 8)
			}
		}
		return
	}
	var nibbles []int64
	for i, x := range v {
		for n := []int{0, 1, 2, 4}[kinds[i]] - 1; n >= 0; n-- {
			nibbles = append(nibbles, x>>(4*n)&15)
		}
	}
	if len(nibbles)%2 == 1 {
		nibbles = append(nibbles, 0)
	}
	for i := 0; i < len(nibbles); i += 2 {
		r.byte(nibbles[i]<<4 | nibbles[i+1])
	}
}

func (r *recorder) bit(u uint32) {
	if r.bits == 0 {
		r.b = append(r.b, 0)
	}
	r.b[len(r.b)-1] |= byte(u&1) << (7 - r.bits)
	r.bits = (r.bits + 1) % 8
}

func (r *recorder) eliasCode(u uint32, delta bool) {
	v := uint64(u) + 1
	if u >= math.MaxUint32-1 { // the escape
		v = math.MaxUint32
	}
	n := 0
	for v>>n > 0 {
		n++
	}
	if delta {
		k := 0
		for n>>k > 0 {
			k++
		}
		for range k - 1 {
			r.bit(0)
		}
		for k--; k >= 0; k-- {
			r.bit(uint32(n >> k))
		}
		n-- // the highest bit is known
	} else {
		for range n {
			r.bit(0)
		}
	}
	for n--; n >= 0; n-- {
		r.bit(uint32(v >> n))
	}
	if v == math.MaxUint32 {
		r.bit(u - (math.MaxUint32 - 1))
	}
}

func (r *recorder) event(kind byte, rest ...byte) { r.b = append(append(r.b, 'E', kind), rest...) }

const bbProduct = "Product:Blackbox flight data recorder by Nicholas Sherlock"

// bbMain are main fields that use most encodings.
const bbMain = "loopIteration,time,axisP[0],axisI[0],axisI[1],axisI[2],rcCommand[0],rcCommand[1],rcCommand[2],rcCommand[3],vbatLatest,rssi,BaroAlt,motor[0],motor[1]"

var (
	bbSigned     = []int{0, 0, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0}
	bbPredictI   = []int{0, 0, 0, 0, 0, 0, 8, 8, 8, 4, 9, 0, 0, 11, 5}
	bbEncodingsI = []int{1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 3, 1, 0, 1, 0}
	bbPredictP   = []int{6, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 3}
	bbEncodingsP = []int{9, 0, 0, 7, 7, 7, 8, 8, 8, 8, 6, 6, 6, 0, 0}
)
