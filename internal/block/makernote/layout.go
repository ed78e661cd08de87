package makernote

import (
	"bytes"
	"encoding/binary"
	"strings"

	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// Short names for the tables.
const (
	attitude    = privacy.Attitude
	altitude    = privacy.Altitude
	calibration = privacy.Calibration
	copyright   = privacy.Copyright
	description = privacy.Description
	device      = privacy.Device
	exposure    = privacy.Exposure
	identity    = privacy.Identity
	location    = privacy.Location
	place       = privacy.Place
	preview     = privacy.Preview
	provenance  = privacy.Provenance
	technical   = privacy.Technical
	times       = privacy.Time
	unknown     = privacy.Unknown
)

// A layout is one vendor's way to write a note.
type layout struct {
	vendor string
	match  func(head []byte, make, model string) bool
	parse  func(p *parser, head []byte) error
}

// layouts lists them, the unmistakable signatures before those that only the
// camera's make tells.
func layouts() []layout {
	sig := func(prefixes ...string) func([]byte, string, string) bool {
		return func(head []byte, _, _ string) bool {
			for _, s := range prefixes {
				if bytes.HasPrefix(head, []byte(s)) {
					return true
				}
			}
			return false
		}
	}
	by := func(makes ...string) func([]byte, string, string) bool {
		return func(_ []byte, make, _ string) bool {
			for _, m := range makes {
				if len(make) >= len(m) && strings.EqualFold(make[:len(m)], m) {
					return true
				}
			}
			return false
		}
	}
	return []layout{
		{"Apple", sig("Apple iOS\x00"), ownIFD(14, 0, appleTable)},
		{"Nikon", sig("Nikon\x00\x02"), parseNikon3},
		{"Nikon", sig("Nikon\x00\x01"), sharedIFD(8, nikon2Table)},
		{"DJI", sig("[ae_dbg_info:"), parseDJIInfo},
		{"FujiFilm", sig("FUJIFILM", "GENERALE"), parseFuji},
		{"Olympus", sig("OLYMPUS\x00"), ownIFD(12, 0, olympusTable)},
		{"Olympus", sig("OM SYSTEM\x00\x00\x00"), ownIFD(16, 0, olympusTable)},
		{"Olympus", sig("OLYMP\x00", "EPSON\x00", "AGFA\x00", "CAMER\x00", "MINOL\x00", "PREMI\x00"), sharedIFD(8, olympusTable)},
		{"Olympus", sig("SONY PI\x00"), sharedIFD(12, olympusTable)},
		{"Sony", sig("SONY DSC", "SONY CAM", "SONY MOBILE", "\x00\x00SONY PIC\x00", "VHAB     \x00"), sharedIFD(12, sonyTable)},
		{"SonyEricsson", sig("SEMC MS\x00"), ownIFD(20, 12, nil)},
		{"Pentax", sig("PENTAX \x00"), parsePentax(10, 0)},
		{"Pentax", sig("RICOH\x00II", "RICOH\x00MM"), parsePentax(8, 0)},
		{"Pentax", sig("S1\x00\x00\x00\x00\x00\x00\x0c\x00\x00\x00"), ownIFD(12, 0, nil)},
		{"Pentax", sig("AOC\x00"), parsePentax(6, -1)},
		{"Leica", sig("LEICA CAMERA AG\x00"), sharedIFD(18, panasonicTable)},
		{"Leica", sig("LEICA"), parseLeica},
		{"Panasonic", sig("Panasonic"), parsePanasonic},
		{"Motorola", sig("MOT\x00"), ownIFD(8, 0, motorolaTable)},
		{"Casio", sig("QVC\x00", "DCI\x00"), sharedIFD(6, casio2Table)},
		{"GE", sig("GE\x00\x00", "GENIC\x00"), sharedIFD(18, nil)},
		{"Reconyx", reconyx, parseReconyx},
		{"Kyocera", sig("KYOCERA"), ownIFD(22, 22, nil)},
		{"JVC", sig("JVC "), sharedIFD(4, nil)},
		{"Samsung", sig("STMN"), opaque("SamsungMakerNote")},
		{"Google", sig("HDRP"), opaque("HDRPlusMakerNote")},
		{"HP", sig("IIII\x04\x00", "IIII\x05\x00", "IIII\x06\x00"), parseHP},
		{"PhaseOne", phaseOne, parsePhaseOne},
		{"Kodak", sig("KDK"), parseKodak1},
		{"GoPro", gpmf, parseGPMF},
		{"Canon", by("Canon"), parseCanon},
		{"Nikon", by("NIKON"), sharedIFD(0, nikonTable)},
		{"DJI", djiIFD, sharedIFD(0, djiTable)},
		{"DJI", func(_ []byte, make, _ string) bool { return make == "DJI" }, parseDJIInfo},
		{"FLIR", by("FLIR Systems", "Teledyne FLIR"), parseText(locateIFD(flirTable))},
		{"Casio", by("CASIO"), sharedIFD(0, casioTable)},
		{"Sigma", sig("SIGMA\x00\x00\x00", "FOVEON\x00\x00"), sharedIFD(10, sigmaTable)},
		{"Minolta", minolta, sharedIFD(0, minoltaTable)},
		{"Leica", by("Leica Camera AG", "Leica"), parseLeica},
		{"Ricoh", by("RICOH", "PENTAX RICOH"), parseRicoh},
		{"Pentax", by("Asahi"), locateIFD(pentax2Table)},
		{"Samsung", samsungIFD, parseSamsung},
		{"Sanyo", sig("SANYO\x00"), sharedIFD(8, nil)},
		{"Sony", sonyIFD, sharedIFD(0, sonyTable)},
		{"Kodak", by("Eastman Kodak", "KODAK", "JK Imaging"), parseKodak},
		{"Hasselblad", by("Hasselblad"), locateIFD(hasselbladTable)},
		{"Parrot", by("Parrot"), parseText(opaque("ParrotMakerNote"))},
	}
}

// ownIFD parses a directory that begins start bytes into the note, with offsets
// that count from base bytes into the note and a byte order of its own.
func ownIFD(start, base int64, t func() table) func(*parser, []byte) error {
	return func(p *parser, _ []byte) error {
		p.header(start)
		p.guessOrder(p.note.Off + start)
		return p.dir(p.note.Off+start, p.note.Off+base, named(t))
	}
}

// sharedIFD parses a directory that begins start bytes into the note and counts
// its offsets from the start of the TIFF block – unless that cannot be, because
// somebody moved the note.
func sharedIFD(start int64, t func() table) func(*parser, []byte) error {
	return func(p *parser, _ []byte) error {
		p.header(start)
		at := p.note.Off + start
		p.guessOrder(at)
		base, err := p.fitBase(at, p.base)
		if err != nil {
			return err
		}
		return p.dir(at, base, named(t))
	}
}

// locateIFD parses a directory somewhere near the start of the note.
func locateIFD(t func() table) func(*parser, []byte) error {
	return func(p *parser, head []byte) error {
		for start := int64(0); start <= 32 && start+14 <= p.note.Len; start += 2 {
			if p.note.Len-start >= 8 && start+4 < int64(len(head)) && (string(head[start:start+4]) == "II*\x00" || string(head[start:start+4]) == "MM\x00*") {
				return p.tiff(p.note.Off+start, named(t))
			}
			if p.looksLikeIFD(p.note.Off + start) {
				return sharedIFD(start, t)(p, head)
			}
		}
		return opaque("MakerNote")(p, head)
	}
}

// parseText parses a note that may be text or, failing that, what next says.
func parseText(next func(*parser, []byte) error) func(*parser, []byte) error {
	return func(p *parser, head []byte) error {
		if printable(strings.TrimRight(string(head), "\x00")) && len(head) > 0 {
			return opaque("MakerNoteText")(p, head)
		}
		return next(p, head)
	}
}

// opaque reports the whole note as one field: nobody can look inside.
func opaque(name string) func(*parser, []byte) error {
	return func(p *parser, head []byte) error {
		p.n.Known = false
		return p.add(Field{Name: name, Class: privacy.Unknown, Spans: []input.Span{p.note}})
	}
}

func named(t func() table) table {
	if t == nil {
		return nil
	}
	return t()
}

// header accounts for the n bytes before the first directory.
func (p *parser) header(n int64) {
	p.used = append(p.used, input.Span{Off: p.note.Off, Len: min(n, p.note.Len)})
}

// tiff parses the TIFF block at at: its own byte order, its own offsets.
func (p *parser) tiff(at int64, t table) error {
	b, err := p.bytes(at, 8)
	if err != nil {
		return err
	}
	p.order = binary.LittleEndian
	if b[0] == 'M' {
		p.order = binary.BigEndian
	}
	p.used = append(p.used, input.Span{Off: at, Len: 8})
	return p.dir(at+int64(p.order.Uint32(b[4:])), at, t)
}

// looksLikeIFD reports whether a plausible directory lies at at: few entries,
// of known types. It sets the byte order.
func (p *parser) looksLikeIFD(at int64) bool {
	before := p.order
	p.guessOrder(at)
	b, err := p.bytes(at, 2)
	if err == nil {
		if n := int64(p.order.Uint16(b)); n > 0 && n < 256 && at+2+12*n <= p.note.End() {
			if b, err = p.bytes(at+2, 12*n); err == nil && p.plausible(b) {
				return true
			}
		}
	}
	p.order = before
	return false
}

func (p *parser) plausible(entries []byte) bool {
	for ; len(entries) > 0; entries = entries[12:] {
		if p.order.Uint16(entries[2:]) > 18 || sizeOf(p.order.Uint16(entries[2:])) == 0 || p.order.Uint32(entries[4:]) >= 1<<24 {
			return false
		}
	}
	return true
}
