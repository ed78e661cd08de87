package blackbox

import (
	"bytes"
	"math"
	"time"

	"flightveil/logfmt"
)

// A flight is the state of one log.
type flight struct {
	h       *header
	layouts [128]*layout // by the letter of the frame
	basis   basis

	ring    [3]values
	at      int // of the ring, where the next main frame goes
	other   values
	timeAt  int // index of the time in main frames, -1 if there is none
	loopAt  int
	stance  [3]int // indices of roll, pitch and yaw in main frames
	gps     gpsFields
	homeAt  [3]int // latitude, longitude, altitude in H frames
	altUnit float64

	synced    bool  // the last main frame is known, so P frames can be decoded
	chain     int   // whole frames since the last damage
	broken    int64 // where unreadable bytes began, -1 if the last frame was whole
	last      mark  // of the last main frame
	jumped    mark  // of an I frame that contradicts the one before
	hasLast   bool
	hasJumped bool
	began     int64 // microseconds of the first main frame
	hasBegan  bool

	track
}

// A mark is where the recorder was.
type mark struct {
	micros int64 // since the recorder was started, beyond 32 bits
	loop   int64
}

// trusted is after how many whole frames in a row it is no accident that they
// look whole. In garbage six of 256 bytes look like the beginning of a frame.
const trusted = 3

// How far the clock and the loop counter may go on between two frames.
const (
	maxStep      = 10_000_000 // microseconds
	maxIteration = 5000
)

func (d *decoder) log() error {
	if !d.begins() {
		return d.gap("no log begins here")
	}
	from := d.pos
	d.waiting = true
	h, err := d.header()
	if err != nil {
		return err
	}
	d.flight = flight{h: h, broken: -1, chain: trusted, altUnit: h.altitudeUnit(), track: track{home: home{at: -1}}}
	d.start(h)
	for _, id := range h.identifiers {
		d.put(id)
	}
	if !d.define() {
		d.damage(from, d.pos, "a header that does not define the frames")
		return d.gap("frames nothing defines")
	}
	ended, err := d.frames()
	if err != nil {
		return err
	}
	d.finish()
	if d.stopped {
		return nil
	}
	if ended {
		return d.gap("not part of a log")
	}
	return nil
}

// define takes what the header says. It reports whether main frames can be read.
func (d *decoder) define() bool {
	for _, kind := range []byte("IPGHS") {
		d.layouts[kind] = d.h.layout(kind)
	}
	main := d.layouts['I']
	d.timeAt, d.loopAt = main.index("time"), main.index("loopIteration")
	if d.timeAt < 0 {
		return false
	}
	d.layouts['E'] = &layout{}
	for i, name := range []string{"attitude[0]", "attitude[1]", "attitude[2]"} {
		d.stance[i] = main.index(name)
	}
	for i, name := range []string{"GPS_home[0]", "GPS_home[1]", "GPS_home[2]"} {
		d.homeAt[i] = d.layouts['H'].index(name)
	}
	d.gps.find(d.layouts['G'])
	d.basis = basis{minThrottle: d.h.minThrottle, minMotor: d.h.minMotor, vbatRef: d.h.vbatRef, motor0: main.index("motor[0]")}
	return true
}

// frames reads to the end of the log. ended means that the recorder said so.
func (d *decoder) frames() (ended bool, err error) {
	const enough = maxFrame + 1 // with the letter of the next
	for n := 0; !d.stopped; n++ {
		if n%checkEvery == 0 && d.ctx.Err() != nil {
			return false, d.ctx.Err()
		}
		b, err := d.ahead(enough)
		if err != nil || len(b) == 0 {
			d.mend(false)
			return false, err
		}
		size, ok := d.frame(b)
		if ok && d.end {
			d.mend(true)
			d.pos += int64(size)
			return true, nil
		}
		if ok && size < len(b) { // a frame is whole if another one follows
			ok = d.layout(b[size]) != nil
		} else if ok {
			ok = len(b) < enough // or if the log ends with it
		}
		if !ok {
			if d.broken < 0 {
				d.broken = d.pos
			}
			d.synced, d.chain, d.torn = false, 0, true
			if err := d.skip(); err != nil {
				return false, err
			}
			continue
		}
		d.mend(true)
		d.accept(b[0], size)
		d.pos += int64(size)
	}
	return false, nil
}

func (d *decoder) layout(letter byte) *layout {
	if letter >= 128 {
		return nil
	}
	return d.layouts[letter]
}

// frame decodes the frame at the beginning of b, but takes nothing from it yet.
func (d *decoder) frame(b []byte) (size int, ok bool) {
	d.end = false
	l := d.layout(b[0])
	if l == nil {
		return 0, false
	}
	var n int
	switch b[0] {
	case 'E':
		n, ok = d.event(b[1:])
	case 'I':
		n, ok = l.decode(b[1:], &d.ring[d.at], &basis{minThrottle: d.basis.minThrottle, minMotor: d.basis.minMotor, vbatRef: d.basis.vbatRef, motor0: d.basis.motor0})
	case 'P':
		n, ok = l.decode(b[1:], &d.ring[d.at], &d.basis)
	default:
		n, ok = l.decode(b[1:], &d.other, &d.basis)
	}
	return n + 1, ok && n < maxFrame
}

// skip goes to the next byte that could begin a frame.
func (d *decoder) skip() error {
	d.pos++
	for {
		b, err := d.ahead(lookAhead)
		if err != nil || len(b) == 0 {
			return err
		}
		for i, c := range b {
			if d.layout(c) != nil {
				d.pos += int64(i)
				return nil
			}
		}
		d.pos += int64(len(b))
		if err := d.ctx.Err(); err != nil {
			return err
		}
	}
}

// mend tells what could not be read before pos. Erased memory is nothing to
// tell if no frame follows.
func (d *decoder) mend(follows bool) {
	if d.broken < 0 {
		return
	}
	from := d.broken
	d.broken = -1
	written := follows
	if !follows {
		d.r.Each(from, d.pos, func(b []byte) bool { // an error will come back on the next read
			written = len(bytes.Trim(b, erased)) > 0
			return !written
		})
	}
	if written {
		d.damage(from, d.pos, "bytes that are no whole frames")
	}
}

// accept takes the frame that was decoded last.
func (d *decoder) accept(letter byte, size int) {
	d.chain++
	switch letter {
	case 'I', 'P':
		if letter == 'P' && !d.synced {
			return
		}
		if !d.main(letter == 'I') {
			d.synced = false
			d.damage(d.pos, d.pos+int64(size), "a frame that contradicts the clock")
		}
	case 'G':
		if d.synced || d.chain > trusted {
			d.position(size)
		}
	case 'H':
		if d.synced || d.chain > trusted {
			d.homeFrame(size)
		}
	case 'E':
		if d.resumed && (d.synced || d.chain > trusted) {
			d.last, d.hasLast, d.hasJumped = d.resume, true, false
		}
	}
}

// main takes a main frame. It is not ok if its clock cannot follow the one of
// the frame before. Two I frames that agree outvote what was before them.
func (d *decoder) main(intra bool) bool {
	v := &d.ring[d.at]
	var now mark
	after := func(m mark) bool {
		step := int64(int32(uint32(v[d.timeAt]) - uint32(m.micros))) // the clock has 32 bits
		now.micros = m.micros + step
		ok := step >= 0 && step < maxStep
		if intra && d.loopAt >= 0 {
			now.loop = v[d.loopAt]
			ok = ok && now.loop >= m.loop && now.loop-m.loop < maxIteration+2*d.h.interval
		} else {
			now.loop = m.loop
		}
		return ok
	}
	switch {
	case !d.hasLast:
		after(mark{micros: v[d.timeAt]})
	case after(d.last):
	case intra && d.hasJumped && after(d.jumped):
		// The clock itself jumped; it goes on from there.
	case intra:
		d.jumped, d.hasJumped = mark{micros: v[d.timeAt]}, true
		if d.loopAt >= 0 {
			d.jumped.loop = v[d.loopAt]
		}
		return false
	default:
		return false
	}
	d.last, d.hasLast, d.hasJumped, d.synced = now, true, false, true
	if !d.hasBegan {
		d.began, d.hasBegan = now.micros, true
	}
	d.basis.mainTime = v[d.timeAt]
	d.basis.last2, d.basis.last = d.basis.last, v
	if intra { // nothing before an I frame counts
		d.basis.last2 = v
	}
	d.at = (d.at + 1) % len(d.ring)
	return true
}

// clock returns what time it is by the given microseconds of the recorder.
func (d *decoder) clock(micros int64) (utc time.Time, elapsed time.Duration) {
	elapsed = -1
	if !d.hasBegan || micros < d.began {
		return utc, elapsed
	}
	elapsed = time.Duration(micros-d.began) * time.Microsecond
	if !d.h.start.IsZero() {
		utc = d.h.start.Add(elapsed)
	}
	return utc, elapsed
}

// attitude fills in what iNav writes of it, in tenths of a degree. Its pitch is
// positive with the nose down.
func (d *decoder) attitude(f *logfmt.Fix) {
	if !d.synced || d.basis.last == nil {
		return
	}
	angle := func(i int, limit float64) float64 {
		if d.stance[i] < 0 {
			return math.NaN()
		}
		a := float64(int32(d.basis.last[d.stance[i]])) / 10
		if math.Abs(a) > limit {
			return math.NaN()
		}
		return a
	}
	f.Roll, f.Pitch, f.Yaw = angle(0, 180), -angle(1, 180), angle(2, 360)
}
