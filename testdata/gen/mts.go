package main

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"flightveil/exifscrub/scrubtest"
)

// A tsWriter writes transport packets.
type tsWriter struct {
	out   strings.Builder
	count map[int]int
	stamp bool // AVCHD: four bytes before each packet
	n     int
}

// packet writes data, as much as fits, and returns the rest.
func (w *tsWriter) packet(pid int, start bool, data string, adapt string) string {
	if w.count == nil {
		w.count = map[int]int{}
	}
	if w.stamp {
		w.out.Write(binary.BigEndian.AppendUint32(nil, uint32(w.n)*0x1234))
	}
	w.n++
	room := 184 - len(adapt)
	if len(data) < room && adapt == "" {
		adapt = "\x00"
		if room = 183; len(data) < room {
			adapt, room = "\x01\x00", 182
		}
	}
	if len(data) < room {
		pad := room - len(data)
		adapt = string([]byte{adapt[0] + byte(pad)}) + adapt[1:] + strings.Repeat("\xff", pad)
		room = len(data)
	}
	flags := byte(0x10)
	if adapt != "" {
		flags |= 0x20
	}
	if room == 0 {
		flags &^= 0x10
	}
	first := byte(pid >> 8)
	if start {
		first |= 0x40
	}
	w.out.Write([]byte{0x47, first, byte(pid), flags | byte(w.count[pid]&15)})
	w.count[pid]++
	w.out.WriteString(adapt + data[:room])
	return data[room:]
}

// pes writes a PES packet.
func (w *tsWriter) pes(pid int, id byte, data string) {
	data = "\x00\x00\x01" + string([]byte{id}) + "\x00\x00\x80\x00\x00" + data
	for start := true; data != ""; start = false {
		data = w.packet(pid, start, data, "")
	}
}

// section writes a table of one packet.
func (w *tsWriter) section(pid int, table byte, id int, data string) {
	head := []byte{table, 0xB0 | byte((len(data)+9)>>8), byte(len(data) + 9), byte(id >> 8), byte(id), 0xC1, 0, 0}
	s := string(head) + data
	s += string(binary.BigEndian.AppendUint32(nil, mpegCRC(s)))
	w.packet(pid, true, "\x00"+s+strings.Repeat("\xff", 183-len(s)), "")
}

func mpegCRC(s string) uint32 {
	sum := ^uint32(0)
	for _, v := range []byte(s) {
		for i := 7; i >= 0; i-- {
			bit := sum>>31 ^ uint32(v>>i&1)
			if sum <<= 1; bit != 0 {
				sum ^= 0x04C11DB7
			}
		}
	}
	return sum
}

// tsStream is an entry of a program map.
func tsStream(kind byte, pid int, descriptors ...string) string {
	d := strings.Join(descriptors, "")
	return string([]byte{kind, 0xE0 | byte(pid>>8), byte(pid), 0xF0, byte(len(d))}) + d
}

func tsDescriptor(tag byte, data string) string { return string([]byte{tag, byte(len(data))}) + data }

// mdpmUnit is supplemental information as an AVCHD camera at the canary writes it.
func mdpmUnit() string {
	q := func(num, den int) string { return string(bigEndian(uint64(num)<<16|uint64(den), 4)) }
	records := []string{"\x13\x12\x34\x56\x78", "\x18\x42\x20\x31\x07", "\x19\x19\x04\x47\x53", "\x70\xd0\x24\x0f\xff", "\x7f\x80\x00\xff\xff",
		"\xb1S\x00\x00\x00", "\xb2" + q(41, 1), "\xb3" + q(23, 1), "\xb4" + q(15045, 1000), "\xb5W\x00\x00\x00", "\xb6" + q(132, 1), "\xb7" + q(27, 1), "\xb8" + q(6615, 1000),
		"\xba" + q(1234, 1), "\xbb" + q(4, 1), "\xbc" + q(47, 1), "\xbd" + q(53, 1), "\xca2031", "\xcb:07:", "\xcc19\x00\x00", "\xe0\x01\x08\x00\x00",
		"\xe4" + scrubtest.Serial[:4], "\xe5" + scrubtest.Serial[4:8], "\xe6" + scrubtest.Serial[8:12], "\xeb" + scrubtest.Serial[10:14]}
	payload := "\x17\xee\x8c\x60\xf8\x4d\x11\xd9\x8c\xd6\x08\x00\x20\x0c\x9a\x66MDPM" + string([]byte{byte(len(records))}) + strings.Join(records, "")
	return "\x06" + emulate("\x05"+string([]byte{byte(len(payload))})+payload) + "\x80"
}

// emulate adds emulation prevention (H.264, 7.4.1).
func emulate(s string) string {
	var out []byte
	zeros := 0
	for _, v := range []byte(s) {
		if zeros >= 2 && v <= 3 {
			out, zeros = append(out, 3), 0
		}
		out = append(out, v)
		if zeros++; v != 0 {
			zeros = 0
		}
	}
	return string(out)
}

// klvSet is a local set of MISB ST 0601 at the canary.
func klvSet(n int) string {
	item := func(tag byte, v string) string { return string([]byte{tag, byte(len(v))}) + v }
	scaled := func(v, most float64) string {
		return string(bigEndian(uint64(uint32(int32(math.Round(v/most*(1<<31-1))))), 4))
	}
	body := item(2, string(bigEndian(1942116473000000+uint64(n)*1000000, 8))) + item(3, scrubtest.Person) + item(4, scrubtest.Serial) + item(10, "invented craft") +
		item(13, scaled(scrubtest.Lat, 90)) + item(14, scaled(scrubtest.Lon, 180)) + item(23, scaled(scrubtest.Lat, 90)) + item(24, scaled(scrubtest.Lon, 180))
	return "\x06\x0e\x2b\x34\x02\x0b\x01\x01\x0e\x01\x03\x01\x01\x00\x00\x00\x81" + string([]byte{byte(len(body))}) + body
}

// tsFile writes a second of a camera's stream.
func tsFile(stamp bool, video byte, unit string) string {
	const sdt, pmt, pictures, sound, klv, private, subtitles = 0x11, 0x100, 0x101, 0x102, 0x103, 0x104, 0x105
	w := &tsWriter{stamp: stamp}
	w.packet(0x1FFF, false, strings.Repeat("\xff", 184), "")
	service := "\x00\x01\xff\x00\x01\xfc\x80" + string([]byte{byte(len(scrubtest.Place) + len(scrubtest.Person) + 5)}) +
		tsDescriptor(0x48, "\x01"+string([]byte{byte(len(scrubtest.Place))})+scrubtest.Place+string([]byte{byte(len(scrubtest.Person))})+scrubtest.Person)
	for n := range 2 {
		w.section(0, 0, 1, "\x00\x01\xe1\x00")
		w.section(pmt, 2, 1, "\xe1\x01\xf0"+string([]byte{byte(len(scrubtest.Text) + 8)})+tsDescriptor(5, "HDMV")+tsDescriptor(0xC7, scrubtest.Text)+
			tsStream(video, pictures)+tsStream(0x81, sound, tsDescriptor(5, "AC-3"))+tsStream(6, klv, tsDescriptor(5, "KLVA"))+tsStream(5, private)+tsStream(0x90, subtitles))
		w.section(sdt, 0x42, 1, service)
		w.packet(0x101, false, "", "\x07\x10\x00\x00\x00\x00\x7e\x00")
		slice := "\x00\x00\x01" + string(unit[0]&0xE0|0x25) + strings.Repeat("coded picture", 20+n)
		if video == 0x24 {
			slice = "\x00\x00\x01\x26\x01" + strings.Repeat("coded picture", 20+n)
		}
		w.pes(pictures, 0xE0, "\x00\x00\x00\x01\x09\x10\x00\x00\x01"+unit+slice)
		w.pes(sound, 0xBD, "\x0b\x77"+strings.Repeat("sound", 30))
		w.pes(klv, 0xBD, klvSet(n)+klvSet(n+1))
		w.pes(private, 0xBF, "$GPRMC,"+scrubtest.Serial)
		w.pes(subtitles, 0xBD, scrubtest.Text)
		w.pes(0x1234, 0xBD, "of no program "+scrubtest.Person)
		w.packet(0x1FFF, false, "stale "+scrubtest.Serial+strings.Repeat("x", 164), "")
		w.packet(sound, false, strings.Repeat("\x55", 140), "\x2b\x02\x0f"+(scrubtest.Serial+strings.Repeat("p", 1))+strings.Repeat("\xff", 26))
	}
	return w.out.String()
}

func mtsFixtures() map[string][]byte {
	plain := &tsWriter{}
	for n := range 3 {
		plain.section(0, 0, 1, "\x00\x01\xe1\x00")
		plain.section(0x100, 2, 1, "\xe1\x01\xf0\x00"+tsStream(0x1B, 0x101))
		plain.pes(0x101, 0xE0, "\x00\x00\x00\x01\x09\x10\x00\x00\x01\x65"+strings.Repeat(fmt.Sprint("picture", n), 40))
	}
	x264 := "\x06\x05\x30\xdc\x45\xe9\xbd\xe6\xd9\x48\xb7\x96\x2c\xd8\x20\xd9\x23\xee\xefx264 - core 164, an invented one\x80"
	long := "\x06" + emulate("\x05\xff\xff\x20" + scrubtest.Serial + "of which there is much" + strings.Repeat("\x00\x00\x01"+scrubtest.Person, 40))[:700]
	hevc := "\x4e\x01\x88\x05\x12\x34\x56\x78\x9a\x05" + string([]byte{byte(16 + len(scrubtest.Text))}) + "0123456789abcdef" + scrubtest.Text + "\x80"
	rich := tsFile(true, 0x1B, mdpmUnit())
	clocks := map[string]string{} // the program's clock is with what may go
	for name, pcr := range map[string]int{"clock-in-sound.ts": 0x102, "clock-in-klv.ts": 0x103} {
		w := &tsWriter{}
		for n := range 3 {
			w.section(0, 0, 1, "\x00\x01\xe1\x00")
			w.section(0x100, 2, 1, string([]byte{0xE0 | byte(pcr>>8), byte(pcr)})+"\xf0\x00"+tsStream(0x1B, 0x101)+tsStream(0x0F, 0x102)+tsStream(6, 0x103, tsDescriptor(5, "KLVA")))
			w.packet(pcr, false, "", "\x07\x10\x00\x00\x00\x00\x7e\x00")
			w.pes(0x101, 0xE0, "\x00\x00\x00\x01\x09\x10\x00\x00\x01\x65"+strings.Repeat(fmt.Sprint("picture", n), 40))
			w.pes(0x102, 0xC0, "\xff\xf1"+strings.Repeat("sound", 30))
			w.pes(0x103, 0xBD, klvSet(n))
			w.packet(pcr, false, strings.Repeat("\x55", 140), "\x2b\x02\x0f"+scrubtest.Serial+"p"+strings.Repeat("\xff", 26))
		}
		clocks[name] = w.out.String()
	}
	samples := map[string]string{
		"clock-in-sound.ts":   clocks["clock-in-sound.ts"],
		"clock-in-klv.ts":     clocks["clock-in-klv.ts"],
		"minimal.ts":          plain.out.String(),
		"avchd.mts":           rich,
		"klv.ts":              tsFile(false, 0x1B, mdpmUnit()),
		"hevc.ts":             tsFile(false, 0x24, hevc),
		"x264.ts":             tsFile(false, 0x1B, x264),
		"long.ts":             tsFile(false, 0x1B, long),
		"damaged-start.ts":    plain.out.String()[100:] + tsFile(false, 0x1B, mdpmUnit()),
		"damaged-gap.ts":      tsFile(false, 0x1B, mdpmUnit()) + "between " + scrubtest.Person + plain.out.String(),
		"damaged-end.mts":     rich[:len(rich)-100],
		"damaged-no-map.ts":   strings.Repeat("\x47\x01\x01\x10"+strings.Repeat("v", 184), 6),
		"damaged-in-unit.mts": rich[:strings.Index(rich, "MDPM")+50],
	}
	out := map[string][]byte{}
	for name, s := range samples {
		out[name] = []byte(s)
	}
	return out
}
