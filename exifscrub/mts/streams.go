package mts

import (
	"fmt"
	"slices"

	"flightveil/internal/block/nal"
	"flightveil/internal/privacy"
)

// A role is what the packets of a PID are for.
type role int

const (
	unlisted role = iota // no table names it: it goes
	table                // a table that leads to the streams
	mapped               // a program map
	picture
	sound
	clock  // carries the program's clock only
	goes   // anything else
	filler // null packets
)

// A stream is a PID and what its packets hold.
type stream struct {
	pid   int
	role  role
	name  string // for reports, of what goes
	class privacy.Class
	codec nal.Codec // of pictures whose units can be read
	clock bool      // it carries a program's clock, so its packets stay in place
	klv   *klv
	open  bool // what it is shows when its first PES packet begins

	scrambled bool
	packets   int   // of sound
	units     units // of pictures
	part      []byte
}

// Stream types (table 2-34) of pictures and sound, in every system.
var (
	pictureTypes = map[byte]nal.Codec{0x01: 0, 0x02: 0, 0x10: 0, 0x1B: nal.H264, 0x1E: 0, 0x1F: nal.H264, 0x20: nal.H264, 0x21: 0, 0x24: nal.H265, 0x25: nal.H265, 0x33: 0, 0x42: 0, 0xD1: 0, 0xD2: 0, 0xEA: 0}
	soundTypes   = []byte{0x03, 0x04, 0x0F, 0x11, 0x1C, 0x2D, 0x2E, 0x81, 0x82, 0x83, 0x84, 0x87}
	hdmvSound    = []byte{0x80, 0x85, 0x86, 0xA1, 0xA2} // Blu-ray
)

// describe sets what s is from its entry in a program map.
func (s *stream) describe(p program, e elementary) {
	codec, isPicture := pictureTypes[e.kind]
	switch {
	case isPicture:
		s.role, s.codec = picture, codec
	case slices.Contains(soundTypes, e.kind) || p.hdmv && slices.Contains(hdmvSound, e.kind):
		s.sounds()
	case e.kind == 0x06 && private(e) == sound:
		s.sounds()
	case e.kind == 0x06 && private(e) == picture:
		s.role = picture
		if slices.Contains(e.ids, "HEVC") {
			s.codec = nal.H265
		}
	default:
		s.role, s.class, s.name = goes, privacy.Unknown, fmt.Sprintf("PID%d/private data", e.pid)
		switch {
		case slices.Contains(e.ids, "KLVA") || e.kind == 0x15:
			s.name, s.klv = fmt.Sprintf("PID%d/KLV", e.pid), &klv{}
		case e.kind == 0x06 && (slices.Contains(e.tags, 0x56) || slices.Contains(e.tags, 0x59)), e.kind >= 0x90 && e.kind <= 0x92:
			s.name, s.class = fmt.Sprintf("PID%d/subtitles", e.pid), privacy.Description
		case e.kind == 0x06:
			s.klv, s.open = &klv{}, true
		}
	}
}

// private says what a stream of type 6, private data in PES packets, is.
func private(e elementary) role {
	for _, id := range e.ids {
		switch id {
		case "HEVC", "VC-1", "drac", "AV01":
			return picture
		case "AC-3", "EAC3", "Opus", "BSSD", "DTS1", "DTS2", "DTS3", "AC-4", "mlpa":
			return sound
		}
	}
	for _, tag := range e.tags { // EN 300 468, table 12: AC-3, E-AC-3, DTS, AAC
		switch tag {
		case 0x6A, 0x7A, 0x7B, 0x7C, 0x81, 0xCC:
			return sound
		}
	}
	return goes
}

// decide looks at the beginning of a PES packet (section 2.4.3.6) of private
// data: some writers leave it at that for sound.
func (s *stream) decide(b []byte) {
	if s.open = false; len(b) < 9 || b[0] != 0 || b[1] != 0 || b[2] != 1 {
		return
	}
	data := b[min(len(b), 9+int(b[8])):]
	if len(data) < 4 {
		return
	}
	switch {
	case data[0] == 0xFF && data[1]&0xE0 == 0xE0, // MPEG audio and AAC
		data[0] == 0x56 && data[1]&0xE0 == 0xE0,                                  // AAC in LATM
		data[0] == 0x0B && data[1] == 0x77,                                       // AC-3
		data[0] == 0x7F && data[1] == 0xFE && data[2] == 0x80 && data[3] == 0x01, // DTS
		string(data[:2]) == "\x7f\xe0" || string(data[:2]) == "\x7f\xe1":         // Opus
		s.sounds()
		s.klv = nil
	}
}

// sounds makes s a stream of sound, which stays unless somebody wants silence.
func (s *stream) sounds() {
	s.role, s.class, s.name = sound, privacy.Audio, fmt.Sprintf("PID%d/Audio", s.pid)
}

// reserved are PIDs with a fixed meaning (table 2-3; EN 300 468, table 1; ATSC
// A/65, 4.1).
var reserved = map[int]stream{
	0x00: {role: table}, 0x01: {role: table}, 0x02: {role: table},
	0x10: {role: goes, name: "NIT", class: privacy.Identity}, 0x11: {role: goes, name: "SDT", class: privacy.Identity},
	0x12: {role: goes, name: "EIT", class: privacy.Description}, 0x14: {role: goes, name: "TDT", class: privacy.Time},
	0x1FFB: {role: goes, name: "PSIP", class: privacy.Identity}, nullPID: {role: filler},
}
