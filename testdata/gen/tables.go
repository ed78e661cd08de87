package main

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf16"

	"flightveil/exifscrub/scrubtest"
)

// rows returns header and four rows, one step apart.
func rows(header string, row func(i int, lat, lon float64) string) string {
	b := header + "\n"
	for i := range 4 {
		b += row(i, scrubtest.Lat+float64(i)*0.0002, scrubtest.Lon+float64(i)*0.0003) + "\n"
	}
	return b
}

func airdataFixtures() map[string][]byte {
	old := rows("latitude,longitude,altitude(feet),ascent(feet),speed(mph),distance(feet),time(millisecond),datetime(utc),satellites,compass_heading(degrees),isPhoto,isVideo,gimbal_heading(degrees),gimbal_pitch(degrees),battery_percent,flycState,message",
		func(i int, lat, lon float64) string {
			return fmt.Sprintf("%.13f,%.13f,4050.416667,100,10,5,%d,2031-07-19 04:47:5%d,14,164.8,0,0,164.6,-14.9,87,GPS_Atti,%s", lat, lon, 510700+i*600, 3+i*600/1000, []string{"Home Point Recorded", "", "", ""}[i])
		})
	now := rows("time(millisecond),datetime(utc),latitude,longitude,height_above_takeoff(meters),altitude_above_seaLevel(meters),speed(m/s),satellites, zSpeed(m/s), compass_heading(degrees), pitch(degrees), roll(degrees),isPhoto,isVideo,battery_percent,altitude(meters),ascent(meters),message",
		func(i int, lat, lon float64) string {
			if i == 0 {
				lat, lon = 0, 0
			}
			return fmt.Sprintf("%d,2031-07-19 04:47:53,%.9f,%.9f,30.48,1234.567,4.4704,14,-0.5, 164.8, 2.3,-1.6,0,0,87,,0,\"two\nlines\"", i*100, lat, lon)
		})
	semicolon := strings.NewReplacer(".", ",", ",", ";").Replace(old)
	wide := []byte{0xFF, 0xFE}
	for _, u := range utf16.Encode([]rune(old)) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	return map[string][]byte{
		"2016.csv": []byte(old), "metric.csv": []byte(now), "crlf-bom.csv": []byte("\xEF\xBB\xBF" + strings.ReplaceAll(old, "\n", "\r\n")),
		"semicolon.csv": []byte(semicolon), "utf16.csv": wide,
		"damaged-cut.csv": []byte(old[:len(old)-60]), "damaged-quote.csv": []byte(strings.Replace(old, "Home", "\"Home", 1)),
	}
}

func phantomhelpFixtures() map[string][]byte {
	text := "sep=,\n" + rows("CUSTOM.date [local],CUSTOM.updateTime [local],OSD.flyTime,OSD.flyTime [s],OSD.latitude,OSD.longitude,OSD.height [ft],OSD.altitude [ft],OSD.hSpeed [MPH],OSD.zSpeed [MPH],OSD.pitch,OSD.roll,OSD.yaw,OSD.yaw [360],OSD.gpsNum,"+
		"CAMERA.filename,HOME.latitude,HOME.longitude,DETAILS.aircraftName,DETAILS.aircraftSerial,APPGPS.latitude,APPGPS.longitude,APP.tip,APP.warning",
		func(i int, lat, lon float64) string {
			return fmt.Sprintf("7/19/2031,4:47:5%d.25 PM,0m 0.2s,%d.2,%.13f,%.13f,100,4050.416667,10,-1,-9.9,-2.9,-106.4,253.6,21,,%.9f,%.9f,%s,%s,%.9f,%.9f,,",
				3+i, i, lat, lon, scrubtest.Lat-0.001, scrubtest.Lon-0.001, scrubtest.Person, scrubtest.Serial, scrubtest.Lat-0.002, scrubtest.Lon-0.002)
		})
	// TXTlogToCSVtool has one clock and metres; Flight Reader can write UTC.
	tool := rows("CUSTOM.updateTime,OSD.flyTime [s],OSD.latitude,OSD.longitude,OSD.height [m],OSD.hSpeed [m/s],OSD.gpsNum,DETAILS.street,DETAILS.city,DETAILS.aircraftSnBytes,DETAILS.latitude,DETAILS.longitude,APP.tipAndWarning",
		func(i int, lat, lon float64) string {
			return fmt.Sprintf("2031/07/19 14:47:5%d.123,%d.2,%.13f,%.13f,30.5,5,21,%s,%s,%s,%.9f,%.9f,%s", 3+i, i, lat, lon, scrubtest.Place, scrubtest.Place, scrubtest.Serial, scrubtest.Lat-0.001, scrubtest.Lon-0.001, "Motors started")
		})
	utc := strings.Replace(tool, "CUSTOM.updateTime", "CUSTOM.updateTime [UTC]", 1)
	return map[string][]byte{
		"viewer.csv": []byte(text), "bom.csv": []byte("\xEF\xBB\xBF" + text), "damaged-cut.csv": []byte(text[:len(text)-100]),
		"tool.csv": []byte(tool), "utc.csv": []byte(utc), "damaged-middle.csv": garbled(text),
	}
}

func ugcsFixtures() map[string][]byte {
	text := rows("Time,cs:altitude_agl,cs:altitude_amsl,fc:altitude_raw,fc:course,fc:ground_speed,fc:heading,fc:home_latitude,fc:home_longitude,fc:latitude,fc:longitude,fc:remaining_power_level,fc:satellite_count,fc:vertical_speed",
		func(i int, lat, lon float64) string {
			if i == 0 {
				return "2031-07-19T04:47:53.252,,,,,,,,,,,,,"
			}
			return fmt.Sprintf("2031-07-19T04:47:5%d.252,30.5,1234.567,30.5,45,3.5,151.2,%.15f,%.15f,%.15f,%.15f,0.87,14,0.5", 3+i, scrubtest.Lat-0.001, scrubtest.Lon-0.001, lat, lon)
		})
	return map[string][]byte{"telemetry.csv": []byte(text), "damaged-cut.csv": []byte(text[:len(text)-40])}
}

func yuneecFixtures() map[string][]byte {
	text := rows(",fsk_rssi,voltage,current,altitude,latitude,longitude,tas,gps_used,fix_type,satellites_num,roll,yaw,pitch,motor_status,f_mode", func(i int, lat, lon float64) string {
		return fmt.Sprintf("20310719 04:47:5%d:313,-46,11.8,0.0,30.5,%.6f,%.6f,3.5,false,3,16,-1.35,172.91,0.92,15,16", 3+i, lat, lon)
	})
	remote := rows(",lon,lat,alt,accuracy,speed,angle", func(i int, lat, lon float64) string {
		return fmt.Sprintf("20310719 04:47:5%d:313,%.6f,%.6f,12.0,3.0,0.0,0.0", 3+i, lon, lat)
	})
	return map[string][]byte{"telemetry.csv": []byte(text), "remotegps.csv": []byte(remote), "damaged-cut.csv": []byte(text[:len(text)-40])}
}

func edgetxFixtures() map[string][]byte {
	text := rows("Date,Time,1RSS(dB),Ptch(rad),Roll(rad),Yaw(rad),Bat_(%),GPS,GSpd(kmh),Hdg(@),Alt(m),Sats,TxBat(V)", func(i int, lat, lon float64) string {
		clock := []string{"04:47:53.200", "04:47:53.700", "04:47:54.200", "05:10:00.000"}[i]
		if i == 0 {
			lat, lon = 0, 0
		}
		return fmt.Sprintf("2031-07-19,%s,-48,0.5,0.25,-0.5,87,%.6f %.6f,36,45.00,30,14,8.2", clock, lat, lon)
	})
	columns := rows("Date,Time,RSSI(dB),Latitude,Longitude,GAlt(m),TxBat(V)", func(i int, lat, lon float64) string {
		return fmt.Sprintf("2031-07-19,04:47:5%d.020,-48,%.6f,%.6f,30,8.2", i, lat, lon)
	})
	none := rows("Date,Time,1RSS(dB),RQly(%),Rud,TxBat(V)", func(i int, _, _ float64) string { return fmt.Sprintf("2031-07-19,04:47:5%d.020,-48,100,62,8.2", i) })
	// OpenTX 2.0: a column each, degrees and minutes, the receiver's clock.
	minutes := func(v float64, side string) string {
		v = math.Abs(v)
		return fmt.Sprintf("%03d%07.4f%s", int(v), (v-math.Trunc(v))*60, side)
	}
	old := rows("Date,Time,SWR,RSSI,A1,A2,A3,A4,GPS Date,GPS Time,Long,Lat,Course,GPS Speed(kts),GPS Alt,Baro Alt(m),Vertical Speed,Rud,Ele,Thr,Ail,S1,S2,S3,LS,RS,SA,SB,SC,SD,SE,SF,SG,SH",
		func(i int, lat, lon float64) string {
			gps := fmt.Sprintf("2031-07-19,02:47:5%d,%s,%s,045.00,19.440, 30.50,", 3+i, minutes(lon, "W"), minutes(lat, "S")[1:])
			if i == 0 {
				gps = "2000-00-00,00:00:00,000.0000-,000.0000-,000.00,0.000, 0.00,"
			}
			return fmt.Sprintf("2031-07-19,04:47:5%d.250,10,87,5.00,0.00,0.00,0.00,%s0.0,0.0,-3,12,-1024,4,0,0,0,0,0,1,-1,1,-1,0,-1,1,-1", 3+i, gps)
		})
	// OpenTX 2.1.0: two fields under one header; without a fix a comma is missing.
	two := rows("Date,Time,RSSI(dB),GPS,GSpd(kts),Hdg(@),Alt(m),Rud,Ele,Thr,Ail,LSW", func(i int, lat, lon float64) string {
		gps := minutes(lon, "W") + "," + minutes(lat, "S")[1:] + ","
		if i == 0 {
			gps = "-,-"
		}
		return fmt.Sprintf("2031-07-19,04:47:5%d.250,87,%s19.44,45.00,30.5,-3,12,-1024,4,0x00000000", 3+i, gps)
	})
	bad := strings.Replace(text, "-41.387113 -132", "-41.38x113 -132", 1)
	return map[string][]byte{"opentx-2.0.csv": []byte(old), "opentx-2.1.0.csv": []byte(two), "damaged-cell.csv": []byte(bad), "columns.csv": []byte(columns), "flights.csv": []byte(text), "no-position.csv": []byte(none), "damaged-cut.csv": []byte(text[:len(text)-30])}
}
