package main

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"

	"flightveil/exifscrub/scrubtest"
)

// dataflash builds a log that describes its own messages, or the same as text.
type dataflash struct {
	b     []byte
	text  bool
	comma bool // decimal comma
	kinds map[string]string
	types map[string]byte
}

var flashSizes = map[rune]int{'b': 1, 'B': 1, 'M': 1, 'h': 2, 'H': 2, 'c': 2, 'C': 2, 'i': 4, 'I': 4, 'L': 4, 'e': 4, 'E': 4, 'f': 4, 'n': 4, 'q': 8, 'Q': 8, 'd': 8, 'N': 16, 'Z': 64, 'a': 64}

// format appends the description of a message.
func (d *dataflash) format(name, kinds, labels string) {
	if d.kinds == nil {
		d.kinds, d.types = map[string]string{}, map[string]byte{}
		d.format("FMT", "BBnNZ", "Type,Length,Name,Format,Columns")
	}
	n, kind := 3, byte(0x80)
	for _, k := range kinds {
		n += flashSizes[k]
	}
	if name != "FMT" {
		kind = byte(len(d.kinds))
	}
	d.kinds[name], d.types[name] = kinds, kind
	if d.text {
		d.b = fmt.Appendf(d.b, "FMT, %d, %d, %s, %s, %s\r\n", kind, n, name, kinds, labels)
		return
	}
	d.b = append(append(d.b, 0xA3, 0x95, 0x80, kind, byte(n)), le(name, 4, kinds, 16, labels, 64)...)
}

// row appends a message. Numbers are as people read them.
func (d *dataflash) row(name string, values ...any) {
	kinds := d.kinds[name]
	if d.text {
		d.b = append(d.b, name...)
		for i := range kinds {
			s := fmt.Sprint(values[i])
			if v, ok := values[i].(float64); ok {
				if s = strconv.FormatFloat(v, 'f', -1, 64); d.comma {
					s = strings.Replace(s, ".", ",", 1)
				}
			}
			d.b = append(append(d.b, ", "...), s...)
		}
		d.b = append(d.b, "\r\n"...)
		return
	}
	d.b = append(d.b, 0xA3, 0x95, d.types[name])
	for i, k := range kinds {
		if s, ok := values[i].(string); ok {
			d.b = append(d.b, fixed(s, flashSizes[k])...)
			continue
		}
		v, ok := values[i].(float64)
		if n, isInt := values[i].(int); isInt && !ok {
			v = float64(n)
		}
		switch k {
		case 'f':
			d.b = append(d.b, le(v)...)
		case 'd':
			d.b = binary.LittleEndian.AppendUint64(d.b, math.Float64bits(v))
		default:
			scale := map[rune]float64{'c': 100, 'C': 100, 'e': 100, 'E': 100, 'L': 1e7}[k]
			if scale == 0 {
				scale = 1
			}
			whole := binary.LittleEndian.AppendUint64(nil, uint64(int64(math.Round(v*scale))))
			d.b = append(d.b, whole[:flashSizes[k]]...)
		}
	}
}

// place returns a position on the way, in degrees of seven decimals.
func place(i int) (lat, lon float64) {
	return float64(e7(scrubtest.Lat, i)) / 1e7, float64(e7(scrubtest.Lon, 2*i)) / 1e7
}

// flashWeek and flashTow are 2031-07-19 04:47:53 UTC as GPS says it.
const (
	flashWeek = 2688
	flashTow  = 535691_000
)

func dataflashFixtures() map[string][]byte {
	modern := modernDataflash(dataflash{})
	damaged := append(append([]byte("lost"), modern[:1500]...), "\xa3\x95\x03 these bytes are none of the log \xa3\x95\xfe"...)
	damaged = append(damaged, modern[1500:len(modern)-7]...)
	contradictory := dataflash{}
	contradictory.format("GPS", "QBIHBcLLeeEfB", "TimeUS,Status,GMS,GWk,NSats,HDop,Lat,Lng,Alt,Spd,GCrs,VZ,U")
	contradictory.b[len(contradictory.b)-85]++ // longer than its fields
	return map[string][]byte{
		"modern.bin": append(modern, strings.Repeat("\xff", 200)...), "old.bin": oldDataflash(dataflash{}), "modern.log": modernDataflash(dataflash{text: true}),
		"comma.log": oldDataflash(dataflash{text: true, comma: true}), "sdlog2.px4log": sdlog2(), "damaged-middle.bin": damaged,
		"nowhere.bin": nowhereDataflash(), "damaged-formats.bin": append(contradictory.b, modern[89:2500]...),
	}
}

// modernDataflash has what ArduPilot 4 logs, and two starts of the vehicle.
func modernDataflash(d dataflash) []byte {
	d.format("GPS", "QBBIHBcLLeffffB", "TimeUS,I,Status,GMS,GWk,NSats,HDop,Lat,Lng,Alt,Spd,GCrs,VZ,Yaw,U")
	d.format("POS", "QLLfff", "TimeUS,Lat,Lng,Alt,RelHomeAlt,RelOriginAlt")
	d.format("ATT", "Qccccc", "TimeUS,DesRoll,Roll,Pitch,DesYaw,Yaw")
	d.format("BAT", "QBfB", "TimeUS,Inst,Volt,RemPct")
	d.format("ORGN", "QBLLe", "TimeUS,Type,Lat,Lng,Alt")
	d.format("CMD", "QHHHffffLLfB", "TimeUS,CTot,CNum,CId,Prm1,Prm2,Prm3,Prm4,Lat,Lng,Alt,Frame")
	d.format("MAVC", "QBBBBBHffffiifBB", "TimeUS,TS,TC,SS,SC,Fr,Cmd,P1,P2,P3,P4,X,Y,Z,Res,WL")
	d.format("RALY", "QBBLLh", "TimeUS,Tot,Seq,Lat,Lng,Alt")
	d.format("CAM", "QHIHLLff", "TimeUS,Img,GPSTime,GPSWeek,Lat,Lng,Alt,RelAlt")
	d.format("ADSB", "QIiihHH", "TimeUS,ICAO_address,Lat,Lng,Alt,Heading,Hor_vel")
	d.format("TERR", "QBLLHff", "TimeUS,Status,Lat,Lng,Spacing,TerrH,CHeight")
	d.format("PARM", "QNff", "TimeUS,Name,Value,Default")
	d.format("MSG", "QZ", "TimeUS,Message")
	d.format("VER", "QHZ", "TimeUS,BT,FWS")
	for start := range 2 {
		us := 9_000_000 - start*8_500_000
		lat, lon := place(-40)
		d.row("VER", us, 9, "ArduCopter V4.5.7 (0a1b2c3d)")
		d.row("MSG", us, "fmuv3 0035002F 3136510A 33353135")
		d.row("MSG", us, "Mission: 1 WP, then "+scrubtest.Person)
		d.row("PARM", us, "BRD_SERIAL_NUM", 4519.0, 0.0)
		d.row("PARM", us, "WPNAV_SPEED", 500.0, 500.0)
		d.row("CMD", us, 3, 0, 16, 0.0, 0.0, 0.0, 0.0, lat, lon, 1184.5, 0)
		d.row("CMD", us, 3, 1, 16, 0.0, 0.0, 0.0, 0.0, lat+1e-4, lon, 30.0, 3)
		d.row("CMD", us, 3, 2, 178, 0.0, 5.0, 0.0, 0.0, 1.0, 2.0, 0.0, 3)
		d.row("RALY", us, 1, 0, lat, lon+1e-4, 50)
		for i := range 6 {
			us += 200_000
			lat, lon := place(i + 10*start)
			status := 3
			week, tow := flashWeek, flashTow+us/1000+start*60_000
			if i == 0 {
				status, week, tow, lat, lon = 1, 0, 0, 0, 0
			}
			d.row("ATT", us, 0.0, 1.5, -2.25, 0.0, 271.5)
			d.row("BAT", us+100, 0, 15.5, 80-i)
			d.row("BAT", us+100, 1, 15.5, 7)
			d.row("POS", us+200, lat, lon, 1234.5, 50.25, 50.5)
			d.row("GPS", us+300, 0, status, tow, week, 14, 0.75, lat, lon, 1234.5, 3.5, 45.0, -0.5, 0.0, 1)
			d.row("GPS", us+300, 1, status, tow, week, 9, 1.5, lat, lon, 1230.5, 3.5, 45.0, -0.5, 0.0, 1)
			d.row("TERR", us+400, 1, lat, lon, 100, 0.0, 0.0)
		}
		d.row("ORGN", us, 0, lat, lon, 1184.0)
		d.row("ORGN", us, 1, lat, lon, 1184.25)
		at, on := place(3 + 10*start)
		d.row("CAM", us, 1+start, 0, 0, at, on, 1234.5, 50.25)
		d.row("ADSB", us, 0x4519C0, int(e7(scrubtest.Lat, 3000)), int(e7(scrubtest.Lon, 0)), 3000, 0, 0)
		d.row("MAVC", us, 1, 1, 255, 190, 0, 195, 0.0, 0.0, 0.0, 0.0, int(e7(scrubtest.Lat, 20)), int(e7(scrubtest.Lon, 20)), 5.0, 0, 0)
		d.row("MAVC", us, 1, 1, 255, 190, 0, 400, 1.0, 0.0, 0.0, 0.0, 10000000, 20000000, 0.0, 0, 0)
	}
	return d.b
}

// oldDataflash is from before there were microseconds: GPS.T is the vehicle's clock.
func oldDataflash(d dataflash) []byte {
	if d.text {
		d.b = append(d.b, "ArduCopter V3.1\r\nFree RAM: 1331\r\n\r\n"...)
	}
	d.format("GPS", "BIHBcLLeeEefI", "Status,TimeMS,Week,NSats,HDop,Lat,Lng,RelAlt,Alt,Spd,GCrs,VZ,T")
	d.format("ATT", "IccccCC", "TimeMS,DesRoll,Roll,DesPitch,Pitch,DesYaw,Yaw")
	d.format("CMD", "IHHHffffffff", "TimeMS,CTot,CNum,CId,Prm1,Prm2,Prm3,Prm4,Lat,Lng,Alt,X")
	d.format("MSG", "Z", "Message")
	d.row("MSG", "PX4v2 26002600 0A473234 33353231")
	for i := range 6 {
		lat, lon := place(i)
		d.row("ATT", 7000+200*i, 0.0, 1.5, 0.0, -2.25, 0.0, 271.5)
		d.row("GPS", 3, 518_400_000+200*i, 1817, 9, 1.75, lat, lon, 50.25, 1234.5, 3.5, 45.0, -0.5, 7010+200*i)
	}
	return d.b
}

func sdlog2() []byte {
	d := dataflash{}
	d.format("GPS", "QBffLLfffffB", "GPSTime,Fix,EPH,EPV,Lat,Lon,Alt,VelN,VelE,VelD,Cog,nSat")
	d.format("ATT", "fff", "Roll,Pitch,Yaw")
	for i := range 4 {
		lat, lon := place(i)
		d.row("ATT", 0.1, 0.2, -1.5)
		d.row("GPS", mavlinkStart+200_000*i, 3, 1.0, 1.0, lat, lon, 1234.5, 1.0, 1.0, -0.5, math.Pi/4, 8)
	}
	return d.b
}

func nowhereDataflash() []byte {
	d := dataflash{}
	d.format("GPS", "QBIHBcLLefffB", "TimeUS,Status,GMS,GWk,NSats,HDop,Lat,Lng,Alt,Spd,GCrs,VZ,U")
	d.format("AHR2", "QcccLLf", "TimeUS,Roll,Pitch,Yaw,Lat,Lng,Alt")
	for i := range 4 {
		lat, lon := place(i)
		d.row("GPS", 1000*i, 0, 0, 0, 0, 99.99, lat, lon, 0.0, 0.0, 0.0, 0.0, 0)
		d.row("AHR2", 1000*i, 0.0, 0.0, 0.0, lat, lon, 5.0)
	}
	return d.b
}
