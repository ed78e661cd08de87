package main

import (
	"fmt"
	"strings"
	"unicode/utf16"

	"flightveil/exifscrub/scrubtest"
)

const (
	homeOff  = -0.001 // from the first fix to the home point, in degrees
	phoneOff = -0.002
)

// utf16Text returns s as UTF-16 with a byte order mark, little end first.
func utf16Text(s string) []byte {
	out := []byte{0xFF, 0xFE}
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return out
}

// utf16Big is utf16Text, big end first.
func utf16Big(s string) []byte {
	b := utf16Text(s)
	for i := 0; i < len(b); i += 2 {
		b[i], b[i+1] = b[i+1], b[i]
	}
	return b
}

// german returns a table as programs of a German system write it.
func german(s string) []byte {
	return []byte(strings.NewReplacer(".", ",", ",", ";").Replace(s))
}

// garbled returns s with its last row but one overwritten by noise, and what
// was left of the row before glued to the next.
func garbled(s string) []byte {
	rows := strings.SplitAfter(s, "\n")
	n := len(rows) - 1 // the last is empty
	noise := make([]byte, 90)
	for i := range noise {
		noise[i] = byte(i*37 + 5)
	}
	rows[n-2] = string(noise) + "\n"
	rows[n-3] = rows[n-3][:3] + rows[n-1]
	return []byte(strings.Join(rows, ""))
}

func litchiFixtures() map[string][]byte {
	const more = "velocityX(mps),velocityY(mps),velocityZ(mps),pitch(deg),roll(deg),yaw(deg),isflying,remainPowerPercent,dischargeCount,Dronetype,AppVersion,Planename," +
		"FlyControllerSerialNumber,BatterySerialNumber,pitchRaw,rollRaw,yawRaw,gimbalPitchRaw,gimbalRollRaw,gimbalYawRaw,App_Tip,App_Warning"
	rest := func(i int) string {
		return fmt.Sprintf("3,4,-0.5,2.3,-1.6,-106.4,1,87,41,Mavic 2,4.23.0,%s,%s,%s,23,-16,-1064,-149,0,1646,%s,%s", scrubtest.Person, scrubtest.Serial, scrubtest.Serial+"B",
			[]string{"Home point set", "Home point set", "", "\"two, parts\""}[i], []string{"", "", "Strong wind", "Strong wind"}[i])
	}
	home := fmt.Sprintf("%.6f,%.6f", scrubtest.Lat+homeOff, scrubtest.Lon+homeOff)
	metric := rows("latitude,longitude,altitude(m),ultrasonicHeight(m),speed(mps),distance(m),time(millisecond),datetime(utc),datetime(local),satellites,pressure(Pa),temperature(F),voltage(v),home_latitude,home_longitude,"+more,
		func(i int, lat, lon float64) string {
			if i == 0 {
				lat, lon = 0, 0
			}
			return fmt.Sprintf("%.6f,%.6f,30.5,0,5,5,%d,2031-07-19 04:47:5%d.250,2031-07-19 14:47:5%d.250,14,0,0,15.2,%s,%s", lat, lon, i*1000, 3+i, 3+i, home, rest(i))
		})
	imperial := rows("latitude,longitude,altitude(feet),ascent(feet),speed(mph),distance(feet),max_altitude(feet),time(millisecond),datetime(utc),datetime(local),satellites,pressure(Pa),temperature(F),voltage(v),home_latitude,home_longitude,"+more,
		func(i int, lat, lon float64) string {
			return fmt.Sprintf("%.13f,%.13f,100,100,10,5,0,%d,,2031-07-19 14:47:53,14,0,0,15.2,%s,%s", lat, lon, i*200, home, rest(i))
		})
	flytrex := rows("latitude,longitude,altitude(feet),ascent(feet),speed(mph),distance(feet),max_altitude(feet),max_ascent(feet),max_speed(mph),max_distance(feet),time(millisecond),datetime(utc),datetime(local),satellites,pressure(Pa),temperature(F)",
		func(i int, lat, lon float64) string {
			return fmt.Sprintf("%.7f,%.7f,4050.416667,100,10,5,0,0,0,0,%d,2031-07-19 04:47:5%d,2031-07-19 14:47:5%d,14,101325,70", lat, lon, i*1000, 3+i, 3+i)
		})
	mission := rows("latitude,longitude,altitude(m),heading(deg),curvesize(m),rotationdir,gimbalmode,gimbalpitchangle,actiontype1,actionparam1,altitudemode,speed(m/s),poi_latitude,poi_longitude,poi_altitude(m)",
		func(i int, lat, lon float64) string {
			return fmt.Sprintf("%.8f,%.8f,%d,45,0.2,0,0,0,-1,0,0,5,%.8f,%.8f,12", lat, lon, 30+i, lat+0.0001, lon+0.0001)
		})
	few := rows("datetime(utc),datetime(local),time(millisecond),satellites,longitude,latitude", func(i int, lat, lon float64) string {
		return fmt.Sprintf("2031-07-19 04:47:5%d,2031-07-19 14:47:5%d,%d,14,%.6f,%.6f", 3+i, 3+i, i*1000, lon, lat)
	})
	jump := rows("latitude,longitude,time(millisecond),datetime(utc),datetime(local),satellites", func(i int, lat, lon float64) string {
		clock := []string{"2031-07-19 04:47:53", "2031-07-19 04:47:54", "2031-07-19 01:00:00", "garbage"}[i]
		return fmt.Sprintf("%.6f,%.6f,%d,%s,2031-07-19 14:47:5%d,14", lat, lon, i*1000, clock, 3+i)
	})
	return map[string][]byte{
		"metric.csv": []byte(metric), "imperial.csv": []byte(imperial), "flytrex.csv": []byte(flytrex), "mission.csv": []byte(mission),
		"few-columns.csv": []byte(few), "clock-jump.csv": []byte(jump), "utf16.csv": utf16Text(flytrex), "semicolon.csv": german(flytrex),
		"crlf-bom.csv":    []byte("\xEF\xBB\xBF" + strings.ReplaceAll(metric, "\n", "\r\n")),
		"damaged-cut.csv": []byte(metric[:len(metric)-150]), "damaged-middle.csv": garbled(metric),
	}
}

func datconFixtures() map[string][]byte {
	at := func(i int, first, last string) string {
		if i == 3 {
			return "" // no column left of it, as in files with more rows than attributes
		}
		return "," + []string{"ACType|P4", "mcID(SN)|" + first, "Battery SN|" + last}[i]
	}
	three := rows("Clock:Tick#,Clock:offsetTime,IMU_ATTI(0):Longitude,IMU_ATTI(0):Latitude,IMU_ATTI(0):numSats,IMU_ATTI(0):roll:C,IMU_ATTI(0):pitch:C,IMU_ATTI(0):yaw:C,IMU_ATTI(0):velN,IMU_ATTI(0):velE,IMU_ATTI(0):velD,"+
		"IMU_ATTI(0):relativeHeight:C,GPS:Long,GPS:Lat,GPS:Date,GPS:Time,GPS:dateTimeStamp,GPS:heightMSL,GPS:hDOP,HP:Longitude,HP:Latitude,Battery:battery%,eventLog,Attribute|Value",
		func(i int, lat, lon float64) string {
			fused := fmt.Sprintf("%.9f,%.9f", lon, lat)
			if i == 0 {
				fused = "0.0,0.0"
			}
			return fmt.Sprintf("%d,%.3f,%s,14,-1.6,2.3,-106.4,3.0,4.0,-0.5,30.5,%.7f,%.7f,20310719,4475%d,2031-07-19T04:47:5%dZ,1234.567,0.9,%.7f,%.7f,87,%s",
				1000+i, -0.5+float64(i)*0.5, fused, lon, lat, 3+i/2, 3+i/2, scrubtest.Lon+homeOff, scrubtest.Lat+homeOff, []string{"", "Motors on", "", ""}[i]) + at(i, scrubtest.Serial, scrubtest.Serial+"B")
		})
	two := rows("Tick#,offsetTime,GPS(0):Long[degrees],GPS(0):Lat[degrees],GPS(0):Date,GPS(0):Time,GPS(0):heightMSL[meters],GPS(0):numSV,GPS(0):velN[meters/Sec],GPS(0):velE[meters/Sec],GPS(0):velD[meters/Sec],IMU_ATTI(0):Longitude[degrees [-180;180]],IMU_ATTI(0):Latitude[degrees [-180;180]]",
		func(i int, lat, lon float64) string {
			return fmt.Sprintf("%d,%.1f,%.7f,%.7f,20310719,4475%d,1234.567,14,3,4,-0.5,,", 1000+i, float64(i), lon, lat, 3+i)
		})
	return map[string][]byte{
		"v3.csv": []byte(three), "v2.csv": []byte(two), "semicolon.csv": german(two), "utf16.csv": utf16Text(two),
		"damaged-cut.csv": []byte(three[:len(three)-120]), "damaged-middle.csv": garbled(two),
	}
}

func dronedeployFixtures() map[string][]byte {
	about := func(version string) string {
		return "#DroneDeploy\t" + version + "\n#Flight Recorder\nUser ID\t58ad" + scrubtest.Serial + "\nOrganization ID\t5ce4" + scrubtest.Serial + "\nSession ID\t5fad" + scrubtest.Serial +
			"\nSession Start\t07/19/2031 04:47:50\n#Device\nDevice Model\tiPad\nDevice User Interface Idiom\tiPad\t1\nDevice Operating System\tiOS\t14.1\nDevice SSID\t" + scrubtest.Person +
			"-net\n#Aircraft\nAircraft Model\tPhantom 4 Pro\nAircraft Name\t" + scrubtest.Person + "\nAircraft Firmware\t01.05.0600\n#Aircraft Battery\nFull Charge Volume (mAh)\t5842\nRemaining Life (%)\t98\nDischarges\t28\n" +
			"#Components\nBattery Cells Number\t4\nBattery Serial Number\t" + scrubtest.Serial + "B\nFlight Controller Serial Number\t" + scrubtest.Serial + "F\nRemote Control Firmware\t01.04.01.00\nCamera Serial Number\t\nSite\t" + scrubtest.Place + "\n"
	}
	end := "#Flight Recorder Session End\nDate/Time (UTC)\t07/19/2031 04:48:00\nElapsed Time (sec)\t10\n"
	table := rows("Date/Time (UTC)\tElapsed Time (sec)\tInfo\tDevice Latitude (Degrees)\tDevice Longitude (Degrees)\tAircraft Battery Power (%)\tAircraft Latitude (Degrees)\tAircraft Longitude (Degrees)\tAircraft Speed (mph)\tAircraft Barometric Altitude (ft)\tAircraft Heading (Degrees)\t"+
		"Aircraft Vel - X (mph)\tAircraft Vel - Y (mph)\tAircraft Vel - Z (mph)\tAircraft Pitch (Degrees)\tAircraft Roll (Degrees)\tAircraft Satellites\tHome Latitude (Degrees)\tHome Longitude (Degrees)\tGimbal Pitch (Degrees)\tGimbal Roll (Degrees)\tGimbal Yaw (Degrees)\tRC State\tRC Latitude (Degrees)\tRC Longitude (Degrees)",
		func(i int, lat, lon float64) string {
			info := []string{
				"Mission did take off", "",
				fmt.Sprintf(`[{"message":"Plan loaded"},{"planId":"5fad%s","projectName":"%s","geometry":[{"lat":%.6f,"lng":%.6f}]}]`, scrubtest.Serial, scrubtest.Person, scrubtest.Lat, scrubtest.Lon), "",
			}[i]
			return fmt.Sprintf("07/19/2031 04:47:5%d\t%d.126\t%s\t%.9f\t%.9f\t87\t%.12f\t%.12f\t10\t100\t253.6\t10\t0\t-1\t-9.9\t-2.9\t14\t%.9f\t%.9f\t-89.1\t0\t47.8\tNo Data\t0.0\t0.0",
				3+i, 3+i, info, scrubtest.Lat+phoneOff, scrubtest.Lon+phoneOff, lat, lon, scrubtest.Lat+homeOff, scrubtest.Lon+homeOff)
		})
	android := rows("Date/Time (GMT)\tElapsed Time (sec)\tInfo\tAircraft Battery Power (%)\tAircraft Latitude (Degrees)\tAircraft Longitude (Degrees)\tAircraft Barometric Altitude (ft)\tAircraft Heading (Degrees)\tAircraft Satellites\tHome Latitude (Degrees)\tHome Longitude (Degrees)\tRC Latitude (Degrees)\tRC Longitude (Degrees)\t"+
		"Device > Aircraft Distance - XY (ft)\tAircraft Vel - X\tAircraft Vel - Y\tAircraft Vel - Z\tAircraft Speed (mph)",
		func(i int, lat, lon float64) string {
			position := fmt.Sprintf("%.14f\t%.14f", lat, lon)
			if i == 1 {
				position = "null\tnull"
			}
			return fmt.Sprintf("07/19/2031 04:47:5%d\t%d.1\t\t87\t%s\t30.5\t253.6\t14.0\t%.9f\t%.9f\t%.9f\t%.9f\t0.0\t5.0\t3.0\t4.0\t-0.5", 3+i, 3+i, position,
				scrubtest.Lat+homeOff, scrubtest.Lon+homeOff, scrubtest.Lat+phoneOff, scrubtest.Lon+phoneOff)
		})
	ios := about("4.21.0.1517") + table + end
	return map[string][]byte{
		"ios.log": []byte(ios), "android.log": []byte(about("2.75.0") + android + end), "table.log": []byte(table), "crlf-bom.log": []byte("\xEF\xBB\xBF" + strings.ReplaceAll(ios, "\n", "\r\n")),
		"sessions.log": []byte(ios + about("2.75.0") + android), "utf16.log": utf16Text(ios), "no-table.log": []byte(about("4.21.0.1517")),
		"damaged-cut.log": []byte((about("4.21.0.1517") + table)[:len(ios)-len(end)-150]), "damaged-middle.log": []byte(about("2.75.0") + string(garbled(android)) + end),
	}
}

// jsonRows returns four objects, one step apart.
func jsonRows(row func(i int, lat, lon float64) string) (out []string) {
	for i := range 4 {
		out = append(out, row(i, scrubtest.Lat+float64(i)*0.0002, scrubtest.Lon+float64(i)*0.0003))
	}
	return out
}

func skydioFixtures() map[string][]byte {
	text := rows("timestamp,vehicle_serial,vehicle_latitude,vehicle_longitude,altitude_msl,height_above_takeoff,ground_speed,vertical_speed,vehicle_heading,gimbal_pitch,battery_percentage,gps_satellites,home_latitude,home_longitude,autonomy_mode,pilot_email",
		func(i int, lat, lon float64) string {
			return fmt.Sprintf("2031-07-19T04:47:5%d.250Z,%s,%.9f,%.9f,1234.567,30.5,5,0.5,253.6,-14.9,87,14,%.9f,%.9f,%d,zq@example.org", 3+i, scrubtest.Serial, lat, lon, scrubtest.Lat+homeOff, scrubtest.Lon+homeOff, i)
		})
	feet := rows("time (UTC),Latitude,Longitude,Altitude (ft),Ground Speed (mph),Flight Mode,Vehicle", func(i int, lat, lon float64) string {
		return fmt.Sprintf("07/19/2031 04:47:5%d,%.9f,%.9f,4050.416667,10,Manual,Skydio X10", 3+i, lat, lon)
	})
	list := "flight_id,user_email,has_telemetry,takeoff_time,takeoff_time_local,takeoff_latitude,takeoff_longitude,landing_time,vehicle_serial,battery_serial,sensor_package_serial\n" +
		fmt.Sprintf("990E%s,zq@example.org,true,2031-07-19T04:47:53.572388+00:00,2031-07-18T18:47:53-10:00,%.6f,%.6f,2031-07-19T05:00:00+00:00,%s,%sB,%sC\n",
			scrubtest.Serial, scrubtest.Lat+homeOff, scrubtest.Lon+homeOff, scrubtest.Serial, scrubtest.Serial, scrubtest.Serial)
	about := fmt.Sprintf(`"flight_id": "990E%s", "vehicle_serial": "%s", "battery": {"serial": "%sB"}, "user_email": "zq@example.org", "takeoff_latitude": %.6f, "takeoff_longitude": %.6f`,
		scrubtest.Serial, scrubtest.Serial, scrubtest.Serial, scrubtest.Lat+homeOff, scrubtest.Lon+homeOff)
	telemetry := jsonRows(func(i int, lat, lon float64) string {
		return fmt.Sprintf(`{"timestamp": "2031-07-19T04:47:5%d.250+00:00", "position": {"latitude": %.9f, "longitude": %.9f, "altitude": 1250.25}, "velocity": {"horizontal": 5.0}, "battery_percentage": 87, "poi": [{"latitude": 1.5, "longitude": 2.5}]}`, 3+i, lat, lon)
	})
	object := "{" + about + `, "telemetry": [` + "\n  " + strings.Join(telemetry, ",\n  ") + "\n], \"pilot_name\": \"" + scrubtest.Person + "\"}\n"
	columns := "{\"data\": {\"flight_telemetry\": {\"timestamps\": [1942202873.25, 1942202874.25, 1942202875.25, 1942202876.25], \"gps_latitude\": ["
	lats := jsonRows(func(_ int, lat, _ float64) string { return fmt.Sprintf("%.9f", lat) })
	lats[1] = "null"
	columns += strings.Join(lats, ", ") + "], \"gps_longitude\": [" + strings.Join(jsonRows(func(_ int, _, lon float64) string { return fmt.Sprintf("%.9f", lon) }), ", ") +
		"], \"height_above_takeoff\": [30.5, 30.5, 30.5, 30.5], \"battery_percentage\": [87, 87, 87]}, " + about + "}}\n"
	hurt := strings.Join(telemetry[:2], ",\n") + "\x00\x01," + strings.Join(telemetry[2:], ",\n")
	return map[string][]byte{
		"telemetry.csv": []byte(text), "feet.csv": []byte(feet), "flights.csv": []byte(list), "telemetry.json": []byte(object), "columns.json": []byte(columns),
		"utf16.json": utf16Text(object), "bom.json": []byte("\xEF\xBB\xBF" + object), "semicolon.csv": german(text), "utf16.csv": utf16Text(text),
		"damaged-cut.csv": []byte(text[:len(text)-100]), "damaged-middle.csv": garbled(text),
		"damaged-cut.json": []byte(object[:len(object)-200]), "damaged-middle.json": []byte("{" + about + `, "telemetry": [` + hurt + "]}\n"),
	}
}

func autelFixtures() map[string][]byte {
	text := rows("Time(s),Latitude,Longitude,RelativeHeight(m),Altitude(m),HSpeed(m/s),VSpeed(m/s),Yaw,Pitch,Roll,GimbalPitch,Battery(%),GPS.satCount,HomeDistance(m),HomeLatitude,HomeLongitude,FlyMode,DroneSN,Warning",
		func(i int, lat, lon float64) string {
			return fmt.Sprintf("%d.5,%.7f,%.7f,30.5,1234.567,5,0.5,-106.4,2.3,-1.6,-14.9,87,14,40,%.7f,%.7f,GPS,%s,%s", i, lat, lon, scrubtest.Lat+homeOff, scrubtest.Lon+homeOff, scrubtest.Serial, []string{"", "Strong wind", "Strong wind", ""}[i])
		})
	local := rows("timestamp,droneLatitude,droneLongitude,relativeHeight(ft),hSpeed(mph),remainPower,gpsNum,aircraftName", func(i int, lat, lon float64) string {
		return fmt.Sprintf("2031-07-19 14:47:5%d.250,%.7f,%.7f,100,10,87,14,%s", 3+i, lat, lon, scrubtest.Person)
	})
	records := jsonRows(func(i int, lat, lon float64) string {
		return fmt.Sprintf(`{"recordTime":%d,"droneLatitude":%.7f,"droneLongitude":%.7f,"relativeHeight":30.5,"hSpeed":5,"remainPower":87,"homeLatitude":%.7f,"homeLongitude":%.7f}`,
			1942202873250+int64(i)*1000, lat, lon, scrubtest.Lat+homeOff, scrubtest.Lon+homeOff)
	})
	object := fmt.Sprintf(`{"aircraftModel":"EVO Lite","serialNumber":"%s","firmwareVersion":"1.2.3","account":"zq@example.org","flightRecords":[%s],"waypoints":[{"lat":%.6f,"lng":%.6f}]}`,
		scrubtest.Serial, strings.Join(records, ","), scrubtest.Lat+0.01, scrubtest.Lon+0.01)
	jsonLines := strings.Join(records, "\n") + "\n"
	return map[string][]byte{
		"seconds.csv": []byte(text), "local.csv": []byte(local), "object.json": []byte(object), "utf16.json": utf16Big(object), "lines.json": []byte(jsonLines), "semicolon.csv": german(text),
		"damaged-cut.csv": []byte(text[:len(text)-120]), "damaged-middle.csv": garbled(text), "damaged-cut.json": []byte(object[:len(object)-250]),
		"damaged-middle.json": []byte(records[0] + "\n" + records[1][:50] + "\n" + records[2] + "\n" + records[3] + "\n"),
	}
}

func plaincsvFixtures() map[string][]byte {
	epoch := rows("timestamp,lat,lng,alt,speed_kmh,heading", func(i int, lat, lon float64) string {
		return fmt.Sprintf("%d,%.7f,%.7f,1234.567,18,253.6", 1942202873250+int64(i)*1000, lat, lon)
	})
	split := rows("Date;Time;GPS Latitude;GPS Longitude;Altitude MSL [ft];Battery (V);User Name", func(i int, lat, lon float64) string {
		return strings.ReplaceAll(fmt.Sprintf("19.07.2031;14:47:5%d;%.7f;%.7f;4050.416667;15.2;%s", 3+i, lat, lon, scrubtest.Person), ".", ",")
	})
	split = strings.ReplaceAll(split, "19,07,2031", "19.07.2031")
	quoted := rows("\"time_utc\",\"latitude\",\"longitude\"", func(i int, lat, lon float64) string {
		return fmt.Sprintf("\"2031-07-19 04:47:5%d\",%s,%s", 3+i, comma(lat), comma(lon))
	})
	twice := epoch + quoted[strings.IndexByte(quoted, '\n')+1:] // rows of another table
	again := epoch + "lng,lat,timestamp\n" + fmt.Sprintf("%.7f,%.7f,1942202879250\n", scrubtest.Lon, scrubtest.Lat)
	return map[string][]byte{"epoch.csv": []byte(epoch), "split.csv": []byte(split), "quoted.csv": []byte(quoted), "damaged-short.csv": []byte(twice), "damaged-again.csv": []byte(again)}
}

// comma returns v as a quoted number with a decimal comma.
func comma(v float64) string {
	return `"` + strings.ReplaceAll(fmt.Sprintf("%.7f", v), ".", ",") + `"`
}
