package main

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"

	"flightveil/exifscrub/scrubtest"
)

// crc24q is the check sum of RTCM messages.
func crc24q(b []byte) (crc uint32) {
	for _, c := range b {
		crc ^= uint32(c) << 16
		for range 8 {
			if crc <<= 1; crc&1<<24 != 0 {
				crc ^= 0x1864CFB
			}
		}
	}
	return crc & 0xFFFFFF
}

// bitText packs values of so many bits, the highest first.
func bitText(fields ...[2]int64) []byte {
	var b []byte
	n := 0
	for _, f := range fields {
		for i := f[1] - 1; i >= 0; i-- {
			if n%8 == 0 {
				b = append(b, 0)
			}
			b[len(b)-1] |= byte(f[0]>>i&1) << (7 - n%8)
			n++
		}
	}
	return b
}

func rtcmMessage(body []byte) []byte {
	b := append([]byte{0xD3, byte(len(body) >> 8), byte(len(body))}, body...)
	crc := crc24q(b)
	return append(b, byte(crc>>16), byte(crc>>8), byte(crc))
}

// earthCentred returns a place in metres.
func earthCentred(latitude, longitude float64) (x, y, z float64) {
	const a, e2 = 6378137.0, 6.69437999014e-3
	lat, lon := latitude*math.Pi/180, longitude*math.Pi/180
	n := a / math.Sqrt(1-e2*math.Sin(lat)*math.Sin(lat))
	return n * math.Cos(lat) * math.Cos(lon), n * math.Cos(lat) * math.Sin(lon), n * (1 - e2) * math.Sin(lat)
}

// rtkFixtures returns the positioning files of survey drones.
func rtkFixtures() map[string][]byte {
	var mrk strings.Builder
	for i := range 3 {
		fmt.Fprintf(&mrk, "%d\t%.6f\t[2688]\t%4d,N\t%4d,E\t%4d,V\t%.8f,Lat\t%.8f,Lon\t%.3f,Ellh\t0.012345, 0.013456, 0.025678\t50,Q\r\n", i+1, 449273.25+float64(i)*2.5,
			-12+i, 34, 120, scrubtest.Lat+float64(i)*0.0002, scrubtest.Lon+float64(i)*0.0003, scrubtest.Alt)
	}
	head := func(label, format string, a ...any) string {
		return fmt.Sprintf("%-60s%s\n", fmt.Sprintf(format, a...), label)
	}
	x, y, z := earthCentred(scrubtest.Lat, scrubtest.Lon)
	obs := head("RINEX VERSION / TYPE", "     3.03           OBSERVATION DATA    M: MIXED") + head("PGM / RUN BY / DATE", "%-20s%-20s%-20s", "HeronPPK 1.2", scrubtest.Person[:20], "20310719 044753 UTC") +
		head("COMMENT", scrubtest.Text) + head("MARKER NAME", scrubtest.Place) + head("OBSERVER / AGENCY", "%-20s%-40s", scrubtest.Person[:20], "Quillfeather Surveys") +
		head("REC # / TYPE / VERS", "%-20s%-20s%-20s", scrubtest.Serial, "HERON RTK", "01.02") + head("ANT # / TYPE", "%-20s%-20s", scrubtest.Serial, "HERON ANT") +
		head("APPROX POSITION XYZ", "%14.4f%14.4f%14.4f", x, y, z) + head("ANTENNA: DELTA H/E/N", "%14.4f%14.4f%14.4f", 0.0, 0.0, 0.0) +
		head("SYS / # / OBS TYPES", "G    4 C1C L1C D1C S1C") + head("TIME OF FIRST OBS", "  2031     7    19     4    47   53.0000000     GPS") + head("END OF HEADER", "")
	epochs := "> 2031 07 19 04 47 53.0000000  0  2\nG01  22345678.123   117423456.789          -123.456          45.000\nG02  21345678.123   112173456.789          -223.456          44.000\n"
	moved := "> 2031 07 19 04 47 54.0000000  4  1\n" + head("MARKER NAME", scrubtest.Person)
	nav := head("RINEX VERSION / TYPE", "     3.03           N: GNSS NAV DATA    M: MIXED") + head("PGM / RUN BY / DATE", "%-20s%-20s%-20s", "HeronPPK 1.2", scrubtest.Person[:20], "20310719 044753 UTC") +
		head("END OF HEADER", "") + "G01 2031 07 19 04 00 00-1.234567890123D-04-1.234567890123D-12 0.000000000000D+00\n     1.000000000000D+00 2.000000000000D+01 4.567890123456D-09 1.234567890123D+00\n"
	compact := head("CRINEX VERS   / TYPE", "3.0                 COMPACT RINEX FORMAT") + head("CRINEX PROG / DATE", "%-40s%-20s", "RNX2CRX ver.4.1.0", "19-Jul-31 04:47") + obs + "> 2031 07 19 04 47 53.0000000  0  2      G01G02\n\n3&22345678123 3&117423456789 3&-123456 3&45000\n"
	station := rtcmMessage(bitText([2]int64{1005, 12}, [2]int64{451, 12}, [2]int64{0, 6}, [2]int64{0xE, 4}, [2]int64{int64(x * 1e4), 38}, [2]int64{0, 2}, [2]int64{int64(y * 1e4), 38}, [2]int64{0, 2}, [2]int64{int64(z * 1e4), 38}))
	names := func(kind int64, texts ...string) []byte {
		b := bitText([2]int64{kind, 12}, [2]int64{451, 12})
		for i, s := range texts {
			if b = append(append(b, byte(len(s))), s...); i == 0 {
				b = append(b, 0)
			}
		}
		return rtcmMessage(b)
	}
	message := bitText([2]int64{1029, 12}, [2]int64{451, 12}, [2]int64{63432, 16}, [2]int64{17273, 17}, [2]int64{int64(len(scrubtest.Text)), 7})
	text := rtcmMessage(append(append(message, byte(len(scrubtest.Text))), scrubtest.Text...))
	msm := func(id int64) []byte {
		return rtcmMessage(append(bitText([2]int64{1077, 12}, [2]int64{id, 12}), binary.BigEndian.AppendUint64(nil, 0x0123456789ABCDEF)...))
	}
	ephemeris := rtcmMessage(append(bitText([2]int64{1019, 12}, [2]int64{1, 12}), make([]byte, 58)...))
	other := rtcmMessage(append(bitText([2]int64{4072, 12}, [2]int64{5, 4}), scrubtest.Serial...))
	stream := slices.Concat(msm(0), ephemeris, msm(0), station, names(1008, "HERON ANT", scrubtest.Serial), names(1033, "HERON ANT", scrubtest.Serial, "HERON RTK", "1.2", scrubtest.Serial), text, msm(451), other, msm(0))
	out := map[string][]byte{
		"refused-timestamp.MRK": []byte(mrk.String()), "refused-marks-with-words.MRK": []byte(mrk.String() + "4\t449280.250000\t[2688]\t" + scrubtest.Person + "\n"),
		"refused-ppkobs.obs": []byte(obs + epochs + moved + epochs), "refused-ppknav.nav": []byte(nav), "refused-compact.31d": []byte(compact), "refused-words.obs": []byte(obs + epochs + scrubtest.Text + "\n"),
		"refused-ppkraw.bin": stream, "refused-rover.bin": slices.Concat(msm(0), ephemeris, msm(0)),
		"damaged-stream.bin": slices.Concat(msm(0), msm(0), []byte(scrubtest.Serial), station[:9], msm(7), []byte{0xD3, 0, 1}),
		"damaged-cut.obs":    []byte(obs[:900]), "damaged-cut.MRK": []byte(mrk.String()[:200]),
	}
	return out
}
