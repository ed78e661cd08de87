package jpegtrail_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"flightveil/internal/block/jpegtrail"
	"flightveil/internal/corpus"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

var be, le = binary.BigEndian, binary.LittleEndian

const iim = "\x1C\x02\x50\x00\x06byline"

func cat(parts ...any) (b []byte) {
	for _, p := range parts {
		switch p := p.(type) {
		case string:
			b = append(b, p...)
		case []byte:
			b = append(b, p...)
		case byte:
			b = append(b, p)
		}
	}
	return b
}

func u32(o binary.AppendByteOrder, v int) []byte { return o.AppendUint32(nil, uint32(v)) }
func u16(o binary.AppendByteOrder, v int) []byte { return o.AppendUint16(nil, uint16(v)) }

// afcp builds an AFCP trailer that believes to lie at offset at.
func afcp(at int, magic string, o binary.AppendByteOrder) []byte {
	nail := cat("1234567890", make([]byte, 8), jpg())
	dir := 12 + 3*12
	return cat(magic, u16(o, 1), u16(o, 3), u32(o, 0),
		"IPTC", u32(o, len(iim)), u32(o, at+dir),
		"TEXT", u32(o, 5), u32(o, at+dir+len(iim)),
		"Nail", u32(o, len(nail)), u32(o, at+dir+len(iim)+5),
		iim, "hello", nail, magic, u32(o, at), u32(o, 0))
}

func fotoStation(n int, data string) []byte {
	return cat(data, u16(be, n), u32(be, len(data)+10), "\xA1\xB2\xC3\xD4")
}

func photoMechanic() []byte {
	data := "\x1C\x02\xDF\x00\x04\x00\x00\x00\x05\x1C\x02\xDD\x00\x04\x00\x00\x00\x01"
	return cat(data, u32(be, len(data)), "cbipcbbl")
}

func canonVRD() []byte {
	ihl := cat("IHL Created Optional Item Data\x00\x00", make([]byte, 4), u32(le, 4), u32(le, len(jpg())), u32(le, len(jpg())), jpg())
	blocks := cat("\xFF\xFF\x00\xF6", u32(be, 6), "<xmp/>", "\xFF\xFF\x00\xF4", u32(be, 4), "edit", "\xFF\xFF\x00\xF5", u32(be, len(ihl)), ihl)
	magic := "CANON OPTIONAL DATA\x00"
	return cat(magic, "\x00\x01\x00\x00", u32(be, len(blocks)), blocks, magic, u32(be, len(blocks)), make([]byte, 38), "\xFF\xD9")
}

// mie builds a MIE trailer with a copyright line, a position and an Exif block.
func mie() []byte {
	el := func(format byte, tag string, value []byte) []byte {
		return cat("~", format, byte(len(tag)), byte(len(value)), tag, value)
	}
	rat := func(v ...int) (b []byte) {
		for _, x := range v {
			b = append(b, u32(be, x)...)
		}
		return b
	}
	close := "~\x00\x00\x00"
	b := cat("~\x10\x04\xFE0MIE", u32(be, 0),
		el(0x10, "Meta", nil),
		el(0x10, "Document", nil), el(0x28, "Copyright", []byte("(c) nobody")), close,
		el(0x00, "EXIF", []byte("II*\x00")),
		el(0x10, "Geo", nil), el(0x28, "City", []byte("Port Quillon")),
		el(0x10, "GPS", nil), el(0x5B, "Latitude", rat(-41, 1, -30, 1)), el(0x5B, "Longitude", rat(-132, 1)), close, close, close,
		"~\x00\x04\x00zmie~\x00\x00\x06")
	return cat(b, u32(be, len(b)+6), "\x10\x04")
}

func nikonApp() []byte {
	rec := cat(u32(be, 1), u32(be, 6), "<xmp/>", u32(be, 0), u32(be, 0))
	return cat("/NIKON APP\x00", make([]byte, 53), rec, u32(be, 64+len(rec)+20), "\x00\x00\x00\x00\x00\x00/NIKON APP")
}

func vivo() []byte {
	return []byte("vivo{\"com.android.camera.moduleid\":\"photo\"}\x00\x00\x01\"cameralbum!\x00\x00\x00\x1F\xFF\xFF\xFF\xFF\x1B*9HWfu\x84\x93\xA2\xB1")
}

func onePlus() []byte {
	list := `[{"name":"watermark.device","length":8,"offset":8,"version":1}]`
	return cat("\x01\x02\x03\x04\x05abc", list, "jxrs", u32(le, len(list)+8))
}

// insta360 builds an Insta360 trailer, with a directory and gaps if modern.
func insta360(modern bool) []byte {
	row := func(state byte, lat, lon float64) []byte {
		b := cat(u32(le, 1958690873), u32(le, 0), u16(le, 250), state)
		for _, v := range []struct {
			v float64
			c string
		}{{lat, "S"}, {lon, "W"}, {3, ""}, {90, ""}, {12, ""}} {
			b = append(le.AppendUint64(b, math.Float64bits(v.v)), v.c...)
		}
		return b
	}
	gps := cat(row('V', 0, 0), row('A', 41.5, 132.25))
	notes := cat("\x0A\x06SERIAL\x12\x05Model\x1A\x03v12\x2A\x03a_b")
	var b, dir []byte
	for _, r := range []struct {
		id   int
		data []byte
	}{{0x200, jpg()}, {0x700, gps}, {0x101, notes}} {
		dir = cat(dir, u16(le, r.id), u32(le, len(r.data)), u32(le, len(b)))
		b = cat(b, r.data, u16(le, r.id), u32(le, len(r.data)))
		if modern {
			b = append(b, "gap"...)
		}
	}
	if modern {
		b = cat(b, dir, u16(le, 0), u32(le, len(dir)))
	}
	return cat(b, make([]byte, 32), u32(le, len(b)+72), u32(le, 3), "8db42d694ccc418790edff439fe026bf")
}

// everything is one trailer of each kind, one behind the other.
func everything() []byte {
	b := []byte("picture")
	b = append(b, afcp(len(b), "AXS!", be)...)
	return cat(b, fotoStation(1, iim), fotoStation(2, "crop"), canonVRD(), photoMechanic(), mie(),
		seft(entry{0x0A01, "Image_UTC_Data", []byte("1958690873123")}), insta360(false), nikonApp(), onePlus(), vivo())
}

// found lists the fields and children of pieces.
func found(pieces []jpegtrail.Piece) (out []string) {
	for _, p := range pieces {
		for _, f := range p.Fields {
			out = append(out, p.Name+":"+f.Name+"="+f.Value.Reveal())
		}
		if p.Child {
			out = append(out, p.Name+"@"+p.Format)
		}
	}
	return out
}

func TestTrailers(t *testing.T) {
	insta := []string{"Insta360/PreviewImage@", "Insta360/GPS:GPSDateTime=2032-01-26T00:47:53.250Z", "Insta360/GPS:GPSLatitude=-41.5", "Insta360/GPS:GPSLongitude=-132.25",
		"Insta360/GPS:GPSSpeed=3", "Insta360/GPS:GPSTrack=90", "Insta360/GPS:GPSAltitude=12", "Insta360/MakerNotes:SerialNumber=SERIAL",
		"Insta360/MakerNotes:Model=Model", "Insta360/MakerNotes:Firmware=v12", "Insta360/MakerNotes:Parameters=a_b"}
	axs := []string{"AFCP/IPTC@iptc", "AFCP/Text:Text=hello", "AFCP/ThumbnailImage@"}
	for name, c := range map[string]struct {
		b    []byte
		want []string
	}{
		"AFCP":          {afcp(7, "AXS!", be), axs},
		"AFCP moved":    {afcp(7777, "AXS*", le), axs},
		"FotoStation":   {fotoStation(1, iim), []string{"FotoStation/IPTC@iptc"}},
		"PhotoMechanic": {photoMechanic(), []string{"PhotoMechanic:Rating=5", "PhotoMechanic:Tagged=1"}},
		"CanonVRD":      {canonVRD(), []string{"CanonVRD/XMP@xmp", "CanonVRD/PreviewImage@"}},
		"MIE": {mie(), []string{"MIE/Document:Copyright=(c) nobody", "MIE/Meta/EXIF@tiff", "MIE/Geo:City=Port Quillon",
			"MIE/GPS:GPSLatitude=-41/1 -30/1", "MIE/GPS:GPSLongitude=-132/1"}},
		"NikonApp": {nikonApp(), []string{"NikonApp/XMP@xmp"}},
		"Vivo":     {vivo(), []string{`Vivo/JSONInfo:JSONInfo={"com.android.camera.moduleid":"photo"}`}},
		"OnePlus": {onePlus(), []string{"OnePlus/Device:Device=\x01\x02\x03\x04\x05abc",
			`OnePlus/JSONInfo:JSONInfo=[{"name":"watermark.device","length":8,"offset":8,"version":1}]`}},
		"Insta360":     {insta360(false), insta},
		"Insta360 new": {insta360(true), insta},
	} {
		t.Run(name, func(t *testing.T) {
			for _, pad := range []int{0, 5} { // with and without padding behind
				pieces := parse(t, cat("picture", c.b, make([]byte, pad)), 7)
				if got := found(pieces); !slices.Equal(got, c.want) {
					t.Errorf("found\n%q, want\n%q", got, c.want)
				}
				for _, p := range pieces {
					if p.Name == "trailer" {
						t.Errorf("unknown bytes at %v", p.Span)
					}
				}
			}
		})
	}
}

func TestWhere(t *testing.T) {
	for name, b := range map[string][]byte{"MIE": mie(), "Insta360": insta360(false)} {
		n := 0
		for _, p := range parse(t, b, 0) {
			for _, f := range p.Fields {
				if f.Class != privacy.Location {
					continue
				}
				n++
				if f.Where == nil || f.Where.Lat != -41.5 || math.Abs(f.Where.Lon+132) > 0.3 {
					t.Errorf("%s: %s at %v", name, f.Name, f.Where)
				}
			}
		}
		if n != 2 {
			t.Errorf("%s: %d coordinates", name, n)
		}
	}
}

func TestChain(t *testing.T) {
	groups := map[int]string{}
	for _, p := range parse(t, everything(), 7) {
		name, _, _ := strings.Cut(p.Name, "/")
		if was, ok := groups[p.Group]; ok && was != name {
			t.Errorf("group %d is both %s and %s", p.Group, was, name)
		}
		groups[p.Group] = name
	}
	if len(groups) != 11 || groups[0] != "" || groups[1] != "AFCP" || groups[11] != "Vivo" {
		t.Error(groups)
	}
}

// Every byte but the picture's is accounted for, however the file is damaged.
func TestDamage(t *testing.T) {
	b := everything()
	for i := 7; i < len(b); i++ {
		parse(t, b[:i], 7)
		flipped := bytes.Clone(b)
		flipped[i] ^= 0xFF
		parse(t, flipped, 7)
	}
}

func TestLimits(t *testing.T) {
	entries := make([]entry, 100)
	for i := range entries {
		entries[i] = entry{0x0A01, "n", []byte("1")}
	}
	_, err := jpegtrail.Parse(bytes.NewReader(seft(entries...)), 0, input.Limits{Items: 50})
	if !errors.Is(err, input.ErrLimit) {
		t.Error(err)
	}
}

func TestCorpus(t *testing.T) {
	for _, path := range corpus.Files(t, "media/jpg") {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		i := bytes.Index(b, []byte("\xFF\xD9")) // inside the thumbnail or at the end: both must parse
		parse(t, b, int64(i+2))
	}
}

func FuzzParse(f *testing.F) {
	f.Add(everything())
	f.Add(insta360(true))
	f.Add(cat("stale", jpg(), make([]byte, 90), mp4(), `{"json":"is long enough"}`))
	f.Add(afcp(7777, "AXS*", le))
	f.Fuzz(func(t *testing.T, b []byte) {
		pieces, err := jpegtrail.Parse(bytes.NewReader(b), 0, input.Limits{})
		if err == nil {
			covered(t, pieces, 0, int64(len(b)))
		}
	})
}
