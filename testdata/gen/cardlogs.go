package main

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"time"

	"flightveil/exifscrub/scrubtest"
)

// cardTXT is the app's record of a flight: two positions a second.
func cardTXT(f *cardFlight, photos []float64) []byte {
	const version = 12 // scrambled, and open to everyone
	end := f.at(f.seconds())
	pilotLat, pilotLon := f.moved(-3, -2)
	l := &djiLog{version: version, seed: version, about: &djiDetail{scrubtest.Place, "Quillon County", "South Pacific", f.start.UnixMilli(), f.lat, f.lon, end.lat, end.lon,
		f.ground * 10, int32(f.seconds() * 1000), scrubtest.Person, cardAircraft, cardCamera, cardRemote, cardBattery}}
	l.add(2, le(radians(f.lon), radians(f.lat), f.ground*10, "", 10, uint16(4519), "", 20, cardAircraft, 16, "", 6))
	l.add(9, []byte("Home Point Recorded\x00"))
	taken := func(s float64) uint8 {
		for _, p := range photos {
			if p == s {
				return 1
			}
		}
		return 0
	}
	for i := range int(f.seconds()*2) + 1 {
		m := f.at(float64(i) / 2)
		tenths := func(v float64) int16 { return int16(math.Round(v * 10)) }
		l.add(1, append(le(radians(m.lon), radians(m.lat), tenths(m.up), tenths(m.north), tenths(m.east), tenths(-m.ups), int16(-12), int16(23), tenths(m.yaw),
			"", 6, uint8(14), "", 3, uint8(98-i/8), uint8(0), uint16(5*i), "", 6), 1, 2, 3))
		l.add(3, le(int16(-300), int16(0), tenths(m.yaw), uint8(0), "", 5))
		l.add(5, le(taken(m.s), uint8(0), 0.0, 0.0, m.utc().UnixMilli()))
		if i == 20 {
			l.add(11, le("\x04\x2f\x35\xef\x07\x07\x13", 7, int32(math.Round(pilotLat*1e7)), int32(math.Round(pilotLon*1e7)), "", 13, uint16(1)))
			l.add(14, le(math.Float64bits(pilotLon), math.Float64bits(pilotLat), 3.5))
			l.add(13, le(uint8(77), uint8(6), "\x01\x02\x03", 3, cardAircraft, 16, scrubtest.Person, 32, f.start.Unix(), cardCamera, 16, cardRemote, 16, cardBattery, 16, uint8(0)))
		}
	}
	return l.file(djiTail)
}

// cardCSV is the same as a website exports it: a row a second.
func cardCSV(f *cardFlight, photos []float64) []byte {
	var b strings.Builder
	b.WriteString("time(millisecond),datetime(utc),latitude,longitude,height_above_takeoff(meters),altitude_above_seaLevel(meters),speed(m/s),satellites, zSpeed(m/s), compass_heading(degrees),isPhoto,isVideo,battery_percent,message\n")
	for s := range int(f.seconds()) + 1 {
		m := f.at(float64(s))
		photo, message := 0, ""
		for _, p := range photos {
			if p == m.s {
				photo = 1
			}
		}
		if s == 0 {
			message = "Home Point Recorded"
		}
		fmt.Fprintf(&b, "%d,%s,%.9f,%.9f,%.1f,%.1f,%.2f,14,%.1f,%.1f,%d,0,%d,%s\n", s*1000, m.utc().Format("2006-01-02 15:04:05"), m.lat, m.lon, m.up, m.msl,
			math.Hypot(m.north, m.east), m.ups, math.Mod(m.yaw+360, 360), photo, 97-s/4, message)
	}
	return []byte(b.String())
}

// cardBIN is the autopilot's log: two positions a second.
func cardBIN(f *cardFlight, photos []float64) []byte {
	d := dataflash{}
	d.format("GPS", "QBBIHBcLLeffffB", "TimeUS,I,Status,GMS,GWk,NSats,HDop,Lat,Lng,Alt,Spd,GCrs,VZ,Yaw,U")
	d.format("POS", "QLLfff", "TimeUS,Lat,Lng,Alt,RelHomeAlt,RelOriginAlt")
	d.format("ATT", "Qccccc", "TimeUS,DesRoll,Roll,Pitch,DesYaw,Yaw")
	d.format("BAT", "QBfB", "TimeUS,Inst,Volt,RemPct")
	d.format("ORGN", "QBLLe", "TimeUS,Type,Lat,Lng,Alt")
	d.format("CMD", "QHHHffffLLfB", "TimeUS,CTot,CNum,CId,Prm1,Prm2,Prm3,Prm4,Lat,Lng,Alt,Frame")
	d.format("CAM", "QHIHLLff", "TimeUS,Img,GPSTime,GPSWeek,Lat,Lng,Alt,RelAlt")
	d.format("PARM", "QNff", "TimeUS,Name,Value,Default")
	d.format("MSG", "QZ", "TimeUS,Message")
	d.format("VER", "QHZ", "TimeUS,BT,FWS")
	const boot = 42_000_000
	d.row("VER", boot, 9, "ArduCopter V4.5.7 (0a1b2c3d)")
	d.row("MSG", boot, "fmuv3 "+cardBoard)
	d.row("MSG", boot, "survey for "+cardClient)
	d.row("PARM", boot, "BRD_SERIAL_NUM", 4519.0, 0.0)
	d.row("CMD", boot, 2, 0, 16, 0.0, 0.0, 0.0, 0.0, f.lat, f.lon, f.ground, 0)
	lat, lon := f.moved(40, 30)
	d.row("CMD", boot, 2, 1, 16, 0.0, 0.0, 0.0, 0.0, lat, lon, 60.0, 3)
	d.row("ORGN", boot, 1, f.lat, f.lon, f.ground)
	shots := 0
	for i := range int(f.seconds()*2) + 1 {
		m := f.at(float64(i) / 2)
		us := boot + i*500_000
		week, ms := m.gps()
		course := math.Mod(m.yaw+360, 360)
		d.row("ATT", us, 0.0, 1.5, -2.25, course, course)
		d.row("POS", us, m.lat, m.lon, m.msl, m.up, m.up)
		d.row("GPS", us, 0, 4, ms, week, 18, 0.6, m.lat, m.lon, m.msl, math.Hypot(m.north, m.east), course, -m.ups, 0.0, 1)
		if i%20 == 0 {
			d.row("BAT", us, 0, 15.5, 95-i/8)
		}
		for _, p := range photos {
			if p == m.s {
				shots++
				d.row("CAM", us, shots, ms, week, m.lat, m.lon, m.msl, m.up)
			}
		}
	}
	return d.b
}

// cardSurvey returns the positioning files of a survey, by the ends of their names.
func cardSurvey(f *cardFlight, photos []float64) map[string][]byte {
	var mrk strings.Builder
	for i, s := range photos {
		m := f.at(s)
		week, ms := m.gps()
		fmt.Fprintf(&mrk, "%d\t%.6f\t[%d]\t%4d,N\t%4d,E\t%4d,V\t%.8f,Lat\t%.8f,Lon\t%.3f,Ellh\t0.012345, 0.013456, 0.025678\t50,Q\r\n", i+1, float64(ms)/1000, week, -12+i, 34, 120, m.lat, m.lon, m.msl)
	}
	head := func(label, format string, a ...any) string {
		return fmt.Sprintf("%-60s%s\n", fmt.Sprintf(format, a...), label)
	}
	x, y, z := earthCentred(f.lat, f.lon)
	t, gps := f.start, f.start.Add(18*time.Second)
	obs := head("RINEX VERSION / TYPE", "     3.03           OBSERVATION DATA    M: MIXED") + head("PGM / RUN BY / DATE", "%-20s%-20s%-20s", "HeronPPK 1.2", scrubtest.Person[:20], t.Format("20060102 150405")+" UTC") +
		head("MARKER NAME", cardLake) + head("OBSERVER / AGENCY", "%-20s%-40s", scrubtest.Person[:20], "Quillfeather Surveys") +
		head("REC # / TYPE / VERS", "%-20s%-20s%-20s", cardReceiver, "HERON RTK", "01.02") + head("ANT # / TYPE", "%-20s%-20s", cardReceiver, "HERON ANT") +
		head("APPROX POSITION XYZ", "%14.4f%14.4f%14.4f", x, y, z) + head("ANTENNA: DELTA H/E/N", "%14.4f%14.4f%14.4f", 0.0, 0.0, 0.0) + head("SYS / # / OBS TYPES", "G    4 C1C L1C D1C S1C") +
		head("TIME OF FIRST OBS", "  %d%6d%6d%6d%6d%13.7f     GPS", gps.Year(), gps.Month(), gps.Day(), gps.Hour(), gps.Minute(), float64(gps.Second())) + head("END OF HEADER", "") +
		fmt.Sprintf("> %s.0000000  0  2\nG01  22345678.123   117423456.789          -123.456          45.000\nG02  21345678.123   112173456.789          -223.456          44.000\n", gps.Format("2006 01 02 15 04 05"))
	nav := head("RINEX VERSION / TYPE", "     3.03           N: GNSS NAV DATA    M: MIXED") + head("PGM / RUN BY / DATE", "%-20s%-20s%-20s", "HeronPPK 1.2", scrubtest.Person[:20], t.Format("20060102 150405")+" UTC") +
		head("END OF HEADER", "") + "G01 2031 07 20 20 00 00-1.234567890123D-04-1.234567890123D-12 0.000000000000D+00\n     1.000000000000D+00 2.000000000000D+01 4.567890123456D-09 1.234567890123D+00\n"
	station := rtcmMessage(bitText([2]int64{1005, 12}, [2]int64{451, 12}, [2]int64{0, 6}, [2]int64{0xE, 4}, [2]int64{int64(x * 1e4), 38}, [2]int64{0, 2}, [2]int64{int64(y * 1e4), 38}, [2]int64{0, 2}, [2]int64{int64(z * 1e4), 38}))
	receiver := bitText([2]int64{1008, 12}, [2]int64{451, 12})
	receiver = append(append(receiver, byte(len("HERON ANT"))), "HERON ANT\x00"...)
	receiver = rtcmMessage(append(append(receiver, byte(len(cardReceiver))), cardReceiver...))
	observed := rtcmMessage(append(bitText([2]int64{1077, 12}, [2]int64{0, 12}), binary.BigEndian.AppendUint64(nil, 0x0123456789ABCDEF)...))
	raw := append(append(append([]byte{}, observed...), station...), receiver...)
	return map[string][]byte{"Timestamp.MRK": []byte(mrk.String()), "PPKOBS.obs": []byte(obs), "PPKNAV.nav": []byte(nav), "PPKRAW.bin": append(raw, observed...)}
}
