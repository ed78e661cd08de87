package main

import (
	"bytes"
	"math"

	"flightveil/exifscrub/scrubtest"
)

// bbValues are those of main frame n. They grow, so that every width of every
// encoding is used.
func bbValues(n, micros int64) []int64 {
	g := func(k int64) int64 { return (n*n*n*k%(1<<(n%15)+1) - n) * (1 - 2*(n&1)) }
	return []int64{
		n, micros, g(1), g(2), g(3), g(5), 1500 + g(7)%500, 1500 + g(11)%9, 1500 + g(13)%200, 1000 + (n*37)%1000, 1600 - n, n % 3, g(17),
		1100 + n*n%900, 1100 + n*7%900,
	}
}

// bbPosition is fix n of the generated tracks.
func bbPosition(n int64) (lat, lon int64) {
	return int64(math.Round(scrubtest.Lat*1e7)) + 150*n, int64(math.Round(scrubtest.Lon*1e7)) - 250*n
}

func betaflightHead(r *recorder, start string) {
	r.constants = [3]int64{1070, 158, 1650}
	r.head(bbProduct, "Data version:2")
	r.define('I', bbMain, bbSigned, bbPredictI, bbEncodingsI)
	r.define('P', "", nil, bbPredictP, bbEncodingsP)
	r.define('H', "GPS_home[0],GPS_home[1],GPS_home[2]", []int{1, 1, 1}, []int{0, 0, 0}, []int{0, 0, 0})
	r.define('G', "time,GPS_numSat,GPS_coord[0],GPS_coord[1],GPS_altitude,GPS_speed,GPS_ground_course,GPS_velned[0],GPS_velned[1],GPS_velned[2]",
		[]int{0, 0, 1, 1, 1, 0, 0, 1, 1, 1}, []int{10, 0, 7, 7, 0, 0, 0, 0, 0, 0}, []int{1, 1, 0, 0, 0, 1, 1, 0, 0, 0})
	r.define('S', "flightModeFlags,stateFlags,failsafePhase,rxSignalReceived,rxFlightChannelsValid", []int{0, 0, 0, 0, 0}, []int{0, 0, 0, 0, 0}, []int{1, 1, 7, 7, 7})
	r.head("Firmware type:Cleanflight", "Firmware revision:Betaflight 4.5.1 (0123456789) STM32F7X2", "Firmware date:Jul  1 2030 12:00:00",
		"DeviceUID:"+scrubtest.Serial, "Board information:FVFV INVENTEDF7", "Log start datetime:"+start, "Craft name:"+scrubtest.Place, "Pilot name:"+scrubtest.Person,
		"I interval:8", "P interval:1", "minthrottle:1070", "motorOutput:158,2047", "vbatref:1650", "features:809762968")
}

// bbGPS writes fix n, so long after the last main frame.
func (r *recorder) bbGPS(n, after, sats int64) {
	lat, lon := bbPosition(n)
	r.frame('G', r.last[1]+after, sats, lat, lon, 12345-20*n, 1000+n, 450, 5, 6, -130)
}

// betaflight writes a log whose recorder was started 40 s before.
func betaflight(start string) *recorder {
	r := &recorder{}
	betaflightHead(r, start)
	const began = 40_000_000
	r.event(30, 1, 0)
	for n := range int64(24) {
		kind := byte('P')
		if n%8 == 0 {
			kind = 'I'
		}
		r.frame(kind, bbValues(n, began+n*100_000+n%3)...)
		lat, lon := bbPosition(0)
		switch {
		case n == 0:
			r.frame('S', 5, 31, 0, 1, 1)
			r.frame('H', lat-700, lon+900, 12300)
			r.bbGPS(0, 500, 3)
		case n == 13: // home is set anew; the aircraft stays where it is
			r.frame('H', lat+123456, lon-654321, -50)
			r.bbGPS(n, 700, 12)
		case n == 5:
			r.event(13, 130, 0, 0, 128, 63)
			r.event(0, 200, 1)
		case n == 6:
			r.frame('S', 1<<30, 31, 7, 0, 1)
		case n == 10:
			r.event(15, 4)
			r.event(40, 0)
		default:
			r.bbGPS(n, 600, 10)
		}
	}
	r.event(255, []byte("End of log\x00")...)
	return r
}

func inav() []byte {
	r := &recorder{constants: [3]int64{1100, 1100, 1600}}
	r.head(bbProduct, "Data version:2", "I interval:32")
	r.define('I', "loopIteration,time,attitude[0],attitude[1],attitude[2]", []int{0, 0, 1, 1, 1}, []int{0, 0, 0, 0, 0}, []int{1, 1, 0, 0, 0})
	r.define('P', "", nil, []int{6, 2, 1, 1, 1}, []int{9, 0, 7, 7, 7})
	r.define('G', "time,GPS_fixType,GPS_numSat,GPS_coord[0],GPS_coord[1],GPS_altitude,GPS_speed,GPS_ground_course,GPS_hdop,GPS_eph,GPS_epv",
		[]int{0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0}, []int{10, 0, 0, 7, 7, 0, 0, 0, 0, 0, 0}, []int{1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1})
	r.define('H', "GPS_home[0],GPS_home[1]", []int{1, 1}, []int{0, 0}, []int{0, 0})
	r.head("Firmware type:Cleanflight", "Firmware revision:INAV 7.1.2 (01234567) INVENTEDF7", "Log start datetime:0000-01-01T00:00:00.000+00:00", "Craft name:"+scrubtest.Serial)
	const began = 1<<32 - 150_000 // the clock is about to begin anew
	for n := range int64(5) {
		kind := byte('P')
		if n == 0 {
			kind = 'I'
		}
		r.frame(kind, n, (began+n*100_000)&math.MaxUint32, -155+n, 84-n, 2705+40*n)
		if lat, lon := bbPosition(0); n == 0 {
			r.frame('H', lat, lon)
		}
		lat, lon := bbPosition(n)
		fix := int64(2)
		if n == 1 {
			fix = 0
		}
		r.frame('G', r.last[1]+300, fix, 14, lat, lon, 1234, 500, 3599, 87, 120, 210)
	}
	r.event(255, []byte("End of log (disarm reason:4)\x00")...)
	return append(r.b, bytes.Repeat([]byte{0xFF}, 64)...)
}

// cleanflight writes a log of data version 1 with every Elias code. G frames
// have no time of their own.
func cleanflight() []byte {
	r := &recorder{v1: true, elias: true, constants: [3]int64{1100, 1100, 1600}}
	r.head(bbProduct, "Data version:1")
	r.define('I', "loopIteration,time,a,b,c,d,e,f,g,h,i", []int{0, 0, 0, 1, 0, 1, 1, 1, 1, 1, 0}, make([]int, 11), []int{1, 1, 4, 5, 10, 11, 8, 8, 8, 8, 1})
	r.define('P', "", nil, []int{6, 2, 0, 0, 0, 0, 1, 1, 1, 1, 1}, []int{9, 0, 4, 5, 10, 11, 8, 8, 8, 8, 0})
	r.define('G', "GPS_numSat,GPS_coord[0],GPS_coord[1],GPS_altitude,GPS_speed,GPS_ground_course",
		[]int{0, 1, 1, 0, 0, 0}, []int{0, 7, 7, 0, 0, 0}, []int{1, 0, 0, 1, 1, 1})
	r.define('H', "GPS_home[0],GPS_home[1]", []int{1, 1}, []int{0, 0}, []int{0, 0})
	r.head("Firmware type:Baseflight", "Firmware revision:Cleanflight 1.14.2 (0123456)")
	for n := range int64(6) {
		kind := byte('P')
		if n == 0 {
			kind = 'I'
		}
		r.frame(kind, n, 1_000_000+n*200_000, n*n*n, 7-n*n, math.MaxUint32-3+min(n, 3), 100-n*51, n%3, n*n%7-3, n*n*n-100, 999*n-2000, n)
		if lat, lon := bbPosition(0); n == 0 {
			r.frame('H', lat, lon)
		}
		lat, lon := bbPosition(n)
		r.frame('G', 9, lat, lon, 1234, 500, 3599)
	}
	return r.b
}

// variable writes the code that Betaflight has in place of Elias gamma.
func variable() []byte {
	r := &recorder{constants: [3]int64{1070, 158, 1650}}
	r.head(bbProduct, "Data version:2")
	r.define('I', "loopIteration,time,a,b,c", []int{0, 0, 1, 1, 1}, make([]int, 5), []int{1, 1, 10, 10, 10})
	r.define('P', "", nil, []int{6, 2, 1, 1, 1}, []int{9, 0, 10, 10, 10})
	r.define('G', "time,GPS_numSat,GPS_coord[0],GPS_coord[1]", []int{0, 0, 1, 1}, []int{10, 0, 7, 7}, []int{1, 1, 0, 0})
	r.define('H', "GPS_home[0],GPS_home[1]", []int{1, 1}, []int{0, 0}, []int{0, 0})
	r.head("Firmware type:Betaflight", "Firmware revision:Betaflight 2025.12.1 (0123456) INVENTEDF7", "Log start datetime:2031-07-19T06:47:53.250+02:00")
	for n, v := range [][3]int64{{1, -2, 0}, {15, -16, 7}, {-100, 63, -64}, {2000, -70000, 9_000_000}, {-16, 15, -8}, {0, 0, 0}} {
		kind := byte('P')
		if n == 0 {
			kind = 'I'
		}
		r.frame(kind, int64(n), 5_000_000+int64(n)*200_000, v[0], v[1], v[2])
		if n == 0 {
			lat, lon := bbPosition(0)
			r.frame('H', lat, lon)
		}
		lat, lon := bbPosition(int64(n))
		r.frame('G', r.last[1]+10, 9, lat, lon)
	}
	return r.b
}

func blackboxFixtures() map[string][]byte {
	two := append(betaflight("2031-07-19T04:47:53.500+00:00").b, betaflight("0000-01-01T00:00:00.000+00:00").b...)

	// What goes wrong in a flight: a frame with a garbled position, one with a
	// garbled home, a clock that jumps, lost bytes.
	r := &recorder{}
	betaflightHead(r, "2031-07-19T04:47:53.500+00:00")
	lat, lon := bbPosition(0)
	micros := int64(9_000_000)
	for n := range int64(64) {
		kind := byte('P')
		if n%8 == 0 {
			kind = 'I'
		}
		if micros += 100_000; n == 48 {
			micros += 100_000_000
		}
		r.frame(kind, bbValues(n, micros)...)
		switch n {
		case 0:
			r.frame('H', lat, lon, 12300)
		case 6: // far away for a tenth of a second
			r.frame('G', r.last[1]+10, 10, lat+40_000_000, lon, 12345, 1000, 450, 5, 6, 7)
		case 12: // a home that never was; positions still count from the other
			before := r.home
			r.frame('H', lat+30_000_000, lon, 12300)
			r.home = before
		case 20:
			r.b = append(r.b, bytes.Repeat([]byte("\x00G\x02\x0A\x10\x10\x10I\x07P\x9F\x80\x80\x80\x80\x80"), 12)...)
		case 30:
			r.b = r.b[:len(r.b)-7]
		}
		r.bbGPS(n, 300, 10)
	}

	cut := betaflight("2031-07-19T04:47:53.500+00:00").b
	plain := &recorder{constants: [3]int64{1070, 158, 1650}}
	plain.head(bbProduct, "Data version:2")
	plain.define('I', bbMain, bbSigned, bbPredictI, bbEncodingsI)
	plain.define('P', "", nil, bbPredictP, bbEncodingsP)
	plain.head("Firmware type:Cleanflight", "Firmware revision:Betaflight 3.5.7 (0123456) INVENTEDF3", "vbatref:1650", "minthrottle:1070", "motorOutput:158,2047")
	for n := range int64(3) {
		plain.frame("IPP"[n], bbValues(n, 1_000_000+n*1000)...)
	}
	headless := bytes.Replace(betaflight("").b, []byte("H Field I encoding"), []byte("H Fiel\x03 I encoding"), 1)
	return map[string][]byte{
		"betaflight.bbl":       two,
		"inav.TXT":             inav(),
		"cleanflight.bfl":      cleanflight(),
		"variable.bbl":         variable(),
		"no-gps.bbl":           plain.b,
		"damaged-garbage.bbl":  r.b,
		"damaged-cut.bbl":      append(bytes.Repeat([]byte{0xFF}, 300), cut[:len(cut)-230]...),
		"damaged-headless.bbl": append(append([]byte("lost"), headless...), variable()...),
	}
}
