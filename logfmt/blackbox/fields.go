package blackbox

// Encodings, as the header numbers them.
const (
	signedVB    = 0
	unsignedVB  = 1
	neg14       = 3
	eliasDeltaU = 4
	eliasDeltaS = 5
	tag8x8      = 6
	tag2x3      = 7
	tag8x4      = 8
	null        = 9
	tag2x3var   = 10 // before Betaflight 4: Elias gamma, unsigned
	eliasGammaS = 11
	eliasGammaU = 12 // ours: 10 in a log that is not Betaflight's
	tag8x4v1    = 13 // ours: 8 in data version 1
)

// Predictors, as the header numbers them.
const (
	zero         = 0
	previous     = 1
	straightLine = 2
	average      = 3
	minThrottle  = 4
	motor0       = 5
	increment    = 6
	homeCoord    = 7
	middle       = 8 // 1500
	vbatRef      = 9
	lastTime     = 10
	minMotor     = 11
	homeLon      = 12 // ours: the second of a pair of homeCoord
)

// maxFields bounds the fields of a frame, and maxFrame its bytes.
const (
	maxFields = 256
	maxFrame  = 256
)

// values are those of one frame.
type values [maxFields + 8]int64

type field struct {
	encoding, predictor uint8
	signed              bool
	group               uint8 // of tag8x8: how many fields follow one tag
}

// A layout is what the header says of one kind of frame.
type layout struct {
	names  []string
	fields []field
}

// layout returns nil if the header does not define the frame, or not wholly.
// P frames have the names and signs of I frames.
func (h *header) layout(kind byte) *layout {
	named := kind
	if kind == 'P' {
		named = 'I'
	}
	names, signed := h.names[named], h.defs[string(named)+" signed"]
	predictors, encodings := h.defs[string(kind)+" predictor"], h.defs[string(kind)+" encoding"]
	n := len(names)
	if n == 0 || n > maxFields || len(predictors) != n || len(encodings) != n || len(signed) != n && len(signed) != 0 {
		return nil
	}
	l := &layout{names: names, fields: make([]field, n)}
	for i := range l.fields {
		f := &l.fields[i]
		if encodings[i] > eliasGammaS || encodings[i] == 2 || predictors[i] > minMotor {
			return nil
		}
		f.encoding, f.predictor = uint8(encodings[i]), uint8(predictors[i])
		f.signed = len(signed) > 0 && signed[i] != 0
		if f.encoding == tag2x3var && h.elias {
			f.encoding = eliasGammaU
		}
		if f.encoding == tag8x4 && !h.dataV2 {
			f.encoding = tag8x4v1
		}
		if f.predictor == homeCoord && i > 0 && l.fields[i-1].predictor == homeCoord {
			f.predictor = homeLon
		}
	}
	for i := 0; i < n; i++ {
		if l.fields[i].encoding != tag8x8 {
			continue
		}
		group := 1
		for i+group < n && group < 8 && l.fields[i+group].encoding == tag8x8 {
			group++
		}
		l.fields[i].group = uint8(group)
		i += group - 1
	}
	return l
}

// index returns where a field is, -1 if it is not there.
func (l *layout) index(name string) int {
	if l != nil {
		for i, n := range l.names {
			if n == name {
				return i
			}
		}
	}
	return -1
}

// A basis is what predictions rest on.
type basis struct {
	last, last2                    *values // frames before; nil if there is none to rest on
	minThrottle, minMotor, vbatRef int64
	home                           [2]int64
	mainTime                       int64
	motor0                         int // index, -1 if there is none
}

// decode reads a frame's fields from b into v. It returns how many bytes they
// take; it is not ok if they do not end in b or are none a recorder writes.
func (l *layout) decode(b []byte, v *values, p *basis) (n int, ok bool) {
	c := cursor{b: b}
	for i := 0; i < len(l.fields); {
		f := &l.fields[i]
		if f.predictor == increment { // counts, whatever its encoding
			v[i] = 1
			if p.last != nil {
				v[i] += p.last[i]
			}
			i++
			continue
		}
		count := 1
		switch f.encoding {
		case signedVB:
			v[i] = unzig(c.vb())
		case unsignedVB:
			v[i] = int64(c.vb())
		case neg14:
			v[i] = -extend(c.vb(), 14)
		case tag8x8:
			count = int(f.group)
			c.tag8x8(v[i:i+8], count)
		case tag2x3:
			count = 3
			c.tag2x3(v[i:i+3], false)
		case tag2x3var:
			count = 3
			c.tag2x3(v[i:i+3], true)
		case tag8x4:
			count = 4
			c.tag8x4(v[i : i+4])
		case tag8x4v1:
			count = 4
			c.tag8x4v1(v[i : i+4])
		case null:
			v[i] = 0
		case eliasDeltaU:
			v[i] = int64(c.elias(true))
		case eliasDeltaS:
			v[i] = unzig(c.elias(true))
		case eliasGammaU:
			v[i] = int64(c.elias(false))
		case eliasGammaS:
			v[i] = unzig(c.elias(false))
		}
		if c.bad {
			return 0, false
		}
		for count = min(count, len(l.fields)-i); count > 0; count-- {
			l.predict(i, v, p)
			i++
		}
	}
	c.align()
	return c.i, true
}

// predict adds what is predicted for the field i to what was written of it.
func (l *layout) predict(i int, v *values, p *basis) {
	f, x := &l.fields[i], v[i]
	switch f.predictor {
	case previous:
		if p.last != nil {
			x += p.last[i]
		}
	case straightLine:
		if p.last != nil {
			x += 2*p.last[i] - p.last2[i]
		}
	case average:
		if p.last != nil {
			x += (p.last[i] + p.last2[i]) / 2
		}
	case minThrottle:
		x += p.minThrottle
	case motor0:
		if p.motor0 >= 0 {
			x += v[p.motor0]
		}
	case homeCoord:
		x += p.home[0]
	case homeLon:
		x += p.home[1]
	case middle:
		x += 1500
	case vbatRef:
		x += p.vbatRef
	case lastTime:
		x += p.mainTime
	case minMotor:
		x += p.minMotor
	}
	if f.signed { // recorders count in 32 bits
		v[i] = int64(int32(x))
	} else {
		v[i] = int64(uint32(x))
	}
}
