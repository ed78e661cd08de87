package blackbox

import "bytes"

// Events, by their number.
const (
	syncBeep       = 0
	autotuneStart  = 10
	autotuneResult = 11
	autotuneTarget = 12
	adjustment     = 13
	loggingResume  = 14
	disarm         = 15
	gtuneResult    = 20
	flightMode     = 30
	imuFailure     = 40
	logEnd         = 255
)

// endText stands behind logEnd; iNav adds why, and a 0 byte ends it.
const endText = "End of log"

// maxEnd bounds what iNav adds.
const maxEnd = 64

// event reads an event, without its letter. An event that is not known has no
// known length: it is not ok.
func (d *decoder) event(b []byte) (n int, ok bool) {
	c := cursor{b: b}
	d.resumed = false
	switch c.byte() {
	case syncBeep, disarm, imuFailure:
		c.vb()
	case autotuneStart:
		c.skip(5)
	case autotuneResult:
		c.skip(4)
	case autotuneTarget:
		c.skip(8)
	case adjustment:
		if c.byte() > 127 {
			c.skip(4) // a float
		} else {
			c.vb()
		}
	case loggingResume:
		loop := int64(c.vb())
		now := int64(c.vb())
		d.resume, d.resumed = mark{micros: now, loop: loop}, true
		if d.hasLast { // beyond 32 bits
			d.resume.micros = d.last.micros + int64(uint32(now)-uint32(d.last.micros))
		}
	case gtuneResult:
		c.skip(1)
		c.vb()
		c.skip(2)
	case flightMode:
		c.vb()
		c.vb()
	case logEnd:
		rest := c.b[min(c.i, len(c.b)):]
		if !bytes.HasPrefix(rest, []byte(endText)) {
			return 0, false
		}
		i := bytes.IndexByte(rest[:min(len(rest), maxEnd)], 0)
		if i < 0 {
			return 0, false
		}
		d.end = true
		c.skip(i + 1)
	default:
		return 0, false
	}
	return c.i, !c.bad
}

func (c *cursor) skip(n int) {
	if n > len(c.b)-c.i {
		c.bad = true
		return
	}
	c.i += n
}
