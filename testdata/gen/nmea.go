package main

import (
	"fmt"
	"strings"

	"flightveil/exifscrub/scrubtest"
)

// nmeaSum frames a sentence: dollar sign, checksum, line end.
func nmeaSum(format string, args ...any) string {
	s := fmt.Sprintf(format, args...)
	sum := byte(0)
	for _, c := range []byte(s) {
		sum ^= c
	}
	return fmt.Sprintf("$%s*%02X\r\n", s, sum)
}

// nmeaPlace is position n of the generated tracks, 0.001 minutes apart: 41°
// 23.250' S, 132° 27.110' W.
func nmeaPlace(n int) string {
	return fmt.Sprintf("41%07.4f,S,132%07.4f,W", 23.25075+0.001*float64(n), 27.11025-0.001*float64(n))
}

// nmeaFixtures are logs of receivers with all sentences that are read, over
// midnight, amid other text, and damaged.
func nmeaFixtures() map[string][]byte {
	var full strings.Builder
	full.WriteString(nmeaSum("GNTXT,01,01,02,HW UBX-%s", scrubtest.Serial))
	full.WriteString(nmeaSum("GNRMC,,V,,,,,,,,,,N") + nmeaSum("GNGGA,,,,,,0,00,99.99,,,,,,") + nmeaSum("GNGLL,,,,,,V,N"))
	full.WriteString(nmeaSum("GPWPL,%s,%s", nmeaPlace(9), scrubtest.Place))
	for n := range 6 {
		at := []string{"235958.00", "235958.50", "235959.00", "000000.00", "000000.25", "000001.00"}[n]
		date := "190731"
		if n > 2 {
			date = "200731"
		}
		talker := []string{"GP", "GN", "GL", "GA", "GB", "GQ"}[n]
		if n == 1 { // no fix in between
			full.WriteString(nmeaSum("%sRMC,%s,V,%s,,,%s,,,N", talker, at, nmeaPlace(500), date) + nmeaSum("%sGGA,%s,%s,0,02,9.9,,M,,M,,", talker, at, nmeaPlace(500)))
			continue
		}
		if n != 4 { // the date is known without
			full.WriteString(nmeaSum("%sRMC,%s,A,%s,19.438,%d.5,%s,,,A", talker, at, nmeaPlace(n), 40+n, date))
		}
		full.WriteString(nmeaSum("%sGGA,%s,%s,1,%02d,0.%d,%d.5,M,-12.3,M,,", talker, at, nmeaPlace(n), 7+n, 80+n, 1234+n))
		full.WriteString(nmeaSum("%sVTG,%d.5,T,,M,19.438,N,36.000,K,A", talker, 40+n))
		full.WriteString(nmeaSum("%sGSA,A,3,10,07,05,02,29,04,08,13,,,,,1.72,1.03,1.38", talker))
		full.WriteString(nmeaSum("%sGSV,1,1,01,10,63,137,17", talker))
		full.WriteString(nmeaSum("%sGLL,%s,%s,A,A", talker, nmeaPlace(n), at))
		full.WriteString(nmeaSum("%sZDA,%s,%s,%s,20%s,00,00", talker, at, date[:2], date[2:4], date[4:]))
	}
	amid := "# log of a receiver\n"
	for n := range 4 {
		amid += fmt.Sprintf("2031-07-19 06:47:%02d.120 rx> ", 53+n) + strings.TrimSuffix(nmeaSum("GNGNS,0447%02d.00,%s,ANNN,11,0.7,%d.0,-12.0,,", 53+n, nmeaPlace(n), 100+n), "\r\n") +
			" rssi=-71 " + nmeaSum("GPGSA,A,3,10,,,,,,,,,,,,1.7,%d.5,1.3", n) + "battery 87 %, all well\n"
	}
	gga := ""
	for n := range 3 { // without a date, and another flight an hour later
		gga += nmeaSum("GPGGA,%s,%s,1,08,1.2,50.0,M,,M,,", []string{"100000", "100001", "111500"}[n], nmeaPlace(n))
	}
	bare := ""
	for n := range 4 {
		bare += fmt.Sprintf("$GPRMC,1200%02d,A,%s,010.0,090.0,190731,,\n$GPGLL,%s\n", n, nmeaPlace(n), nmeaPlace(n))
	}
	timeless := nmeaSum("GPGLL,%s", nmeaPlace(0)) + nmeaSum("GPGLL,%s", nmeaPlace(1))
	text := full.String()
	bad := strings.Replace(text, ",04123.25", ",04199.25", 1)
	bad = strings.Replace(bad, "GLGGA,235959.00,4123", "GLGGA,235959.00,4153", 1) // its checksum is wrong now
	bad = strings.Replace(bad, "$GAVTG", "\x00\x01\x02$GPGGA,\xFF\xFE$GAVTG", 1)
	bad = strings.Replace(bad, "$GBGLL", "$GPGGA,000000.30,4153.2500,S,1$GBGLL", 1)
	return map[string][]byte{
		"full.nmea":        []byte(text),
		"amid.txt":         []byte(amid),
		"gga.nmea":         []byte(gga),
		"bare.nmea":        []byte(bare),
		"timeless.nmea":    []byte(timeless),
		"damaged-sum.nmea": []byte(bad),
		"damaged-cut.nmea": []byte(text[:strings.LastIndex(text, "GGA")+30]),
	}
}
