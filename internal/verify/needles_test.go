package verify

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf16"

	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"

	"pgregory.net/rapid"
)

func finding(c privacy.Class, value string) Finding {
	return Finding{Finding: privacy.Finding{Class: c, Path: string(c), Value: privacy.Secret(value)}}
}

func at(lat, lon float64) Finding {
	return Finding{Finding: privacy.Finding{Class: privacy.Location, Path: "GPS", Where: &geo.Point{Lat: lat, Lon: lon}}}
}

// look returns what Pair finds in out of what original had and out keeps.
func look(t testing.TB, original []Finding, out []byte, kept ...Finding) []Hit {
	t.Helper()
	hits, err := Pair(t.Context(), File{In: bytes.NewReader(nil), Findings: original}, File{In: bytes.NewReader(out), Findings: kept})
	if err != nil {
		t.Fatal(err)
	}
	return hits
}

func wide(s string, o binary.AppendByteOrder) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = o.AppendUint16(b, u)
	}
	return b
}

// inFile puts what somewhere into a file of padding and harmless text.
func inFile(what ...[]byte) []byte {
	b := bytes.Repeat([]byte("\x00\x00\x00\x01  <rdf:li>0.125</rdf:li> 12 Nikon\n"), 40)
	b = append(b, bytes.Join(what, []byte("\x00\x01\x00\x00\x00\x08"))...)
	return append(b, bytes.Repeat([]byte{0}, 500)...)
}

func TestTextIsFoundInEveryEncoding(t *testing.T) {
	const s = "Müller & Söhne <Überflug> \"Höhe\""
	latin := []byte(nil)
	for _, r := range s {
		latin = append(latin, byte(r))
	}
	escaped := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;").Replace(s)
	original := []Finding{finding(privacy.Copyright, s)}
	for name, b := range map[string][]byte{
		"UTF-8": []byte(s), "UTF-16LE": wide(s, binary.LittleEndian), "UTF-16BE": wide(s, binary.BigEndian),
		"Latin-1": latin, "XML": []byte(escaped),
	} {
		hits := look(t, original, inFile(b))
		if len(hits) != 1 || hits[0].Class != privacy.Copyright || hits[0].Off != int64(len(inFile())-500) {
			t.Errorf("%s: %+v", name, hits)
		}
		if len(hits) == 1 && strings.Contains(fmt.Sprintf("%+v", hits[0]), "ller") {
			t.Errorf("%s: the report holds the value: %+v", name, hits[0])
		}
	}
	if hits := look(t, original, inFile([]byte("Muller & Sohne"))); len(hits) > 0 {
		t.Errorf("found what is not there: %+v", hits)
	}
}

func TestLongTextIsFoundByItsBeginning(t *testing.T) {
	long := strings.Repeat("über den Dächern ", 500)
	original := []Finding{finding(privacy.Description, long)}
	if hits := look(t, original, inFile([]byte(long[:80]))); len(hits) != 1 {
		t.Errorf("a shortened copy: %+v", hits)
	}
}

func TestTimeIsFoundInEveryNotation(t *testing.T) {
	original := []Finding{finding(privacy.Time, "2031:07:19 04:47:53")}
	for _, s := range []string{
		"2031:07:19 04:47:53", "2031-07-19T04:47:53+12:00", "2031-07-19 04:47:53", "20310719T044753Z", "20310719", "2031:07:19", "2031-07-19",
	} {
		if hits := look(t, original, inFile([]byte(s))); len(hits) != 1 {
			t.Errorf("%s: %+v", s, hits)
		}
	}
	for _, s := range []string{"120310719", "2031:07:18", "04:47:53"} {
		if hits := look(t, original, inFile([]byte(s))); len(hits) > 0 {
			t.Errorf("%s: %+v", s, hits)
		}
	}
	// A time made coarse keeps its date.
	day := finding(privacy.Time, "2031:07:19 00:00:00")
	if hits := look(t, original, inFile([]byte("2031-07-19T00:00:00 20310719")), day); len(hits) > 0 {
		t.Errorf("the kept date is found: %+v", hits)
	}
	if hits := look(t, original, inFile([]byte("2031-07-19T04:47:53")), day); len(hits) != 1 {
		t.Errorf("the exact time beside the kept date: %+v", hits)
	}
}

// coordinateForms writes v in the ways that count alone, not the way the
// package does it: with big numbers and fmt.
func coordinateForms(v float64, digits int) map[string][]byte {
	out := map[string][]byte{}
	a := math.Abs(v)
	d := int(a)
	m := int((a - float64(d)) * 60)
	s := a*3600 - float64(d)*3600 - float64(m)*60
	minutes := a*60 - float64(d)*60
	for _, o := range []interface {
		binary.ByteOrder
		binary.AppendByteOrder
	}{binary.LittleEndian, binary.BigEndian} {
		for name, f := range map[string]float64{"degrees": v, "radians": v / 180 * math.Pi, "single": float64(float32(v)), "single radians": float64(float32(v / 180 * math.Pi))} {
			out[fmt.Sprintf("float64 %s %v", name, o)] = o.AppendUint64(nil, math.Float64bits(f))
		}
		rational := func(parts ...float64) (b []byte) {
			for _, p := range parts {
				b = o.AppendUint32(b, uint32(math.Round(p)))
			}
			return b
		}
		for den := 10.0; den <= 1e7; den *= 10 {
			out[fmt.Sprintf("rational seconds/%g %v", den, o)] = rational(float64(d), 1, float64(m), 1, s*den, den)
		}
		out[fmt.Sprintf("rational minutes %v", o)] = rational(float64(d), 1, minutes*1e4, 1e4, 0, 1)
		out[fmt.Sprintf("rational degrees %v", o)] = rational(a*1e6, 1e6)
		for name, text := range map[string]string{
			"decimal": fmt.Sprintf("%.7f", v), "five decimals": fmt.Sprintf("%.5f", v), "many decimals": fmt.Sprintf("%.13f", v),
			"XMP": fmt.Sprintf("%d,%.6fN", d, minutes), "NMEA": fmt.Sprintf("$GPGGA,%0*d%09.6f,N", digits, d, minutes),
			"people": fmt.Sprintf("%d deg %d' %.2f\" N", d, m, math.Floor(s*100)/100), "signs": fmt.Sprintf("%d° %d' %.3f\"", d, m, math.Floor(s*1000)/1000),
		} {
			out["text "+name] = []byte(text)
			out[fmt.Sprintf("text %s %v", name, o)] = wide(text, o)
		}
	}
	return out
}

// draw returns a coordinate that is not round, since single round numbers prove
// nothing.
func draw(t *rapid.T, name string, limit float64) float64 {
	random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, name), 1))
	for {
		v := math.Round((random.Float64()*2-1)*limit*1e7) / 1e7
		s := math.Abs(v)*3600 - math.Floor(math.Abs(v)*60)*60
		if math.Abs(v) > 1.01 && s > 0.2 && math.Abs(s-math.Round(s)) > 0.06 {
			return v
		}
	}
}

func TestCoordinateIsFoundInEveryEncoding(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		lat, lon := draw(r, "lat", 90), draw(r, "lon", 180)
		n := needlesOf(t, at(lat, lon))
		for i, forms := range []map[string][]byte{coordinateForms(lat, 2), coordinateForms(lon, 3)} {
			for name, b := range forms {
				hits, err := n.Search(t.Context(), bytes.NewReader(inFile(b)), nil)
				if err != nil || len(hits) != 1 {
					r.Errorf("coordinate %d as %s (%x): %v %v", i, name, b, hits, err)
				}
			}
		}
	})
}

func TestPairIsFoundInEveryEncoding(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		lat, lon := draw(r, "lat", 90), draw(r, "lon", 180)
		n := needlesOf(t, at(lat, lon))
		found := func(b ...[]byte) int {
			hits, err := n.Search(t.Context(), bytes.NewReader(inFile(b...)), nil)
			if err != nil {
				t.Fatal(err)
			}
			return len(hits)
		}
		for _, o := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			for name, write := range map[string]func(float64) []byte{
				"float32":         func(v float64) []byte { return o.AppendUint32(nil, math.Float32bits(float32(v))) },
				"float32 radians": func(v float64) []byte { return o.AppendUint32(nil, math.Float32bits(float32(v*math.Pi/180))) },
				"1e7":             func(v float64) []byte { return o.AppendUint32(nil, uint32(int32(math.Round(v*1e7)))) },
				"1e7 cut":         func(v float64) []byte { return o.AppendUint32(nil, uint32(int32(v*1e7))) },
				"1e6":             func(v float64) []byte { return o.AppendUint32(nil, uint32(int32(math.Round(v*1e6)))) },
				"four decimals":   func(v float64) []byte { return fmt.Appendf(nil, "%.4f", v) },
				"wide decimals":   func(v float64) []byte { return wide(fmt.Sprintf("%.4f", v), o) },
			} {
				a, b := write(lat), write(lon)
				if found(a, b) != 1 || found(b, a) != 1 {
					r.Errorf("%s %v not found: %v %v", name, o, lat, lon)
				}
				if found(a) != 0 || found(b) != 0 {
					r.Errorf("%s %v: half a pair is a hit", name, o)
				}
				if found(a, bytes.Repeat([]byte(".,"), 150), b) != 0 {
					r.Errorf("%s %v: two that are far apart are a hit", name, o)
				}
			}
		}
	})
}

func TestRoundAndZeroPositions(t *testing.T) {
	float := func(v float64) []byte { return binary.LittleEndian.AppendUint64(nil, math.Float64bits(v)) }
	fixed := func(v float64) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(int32(v*1e7))) }
	for _, c := range []struct {
		name     string
		lat, lon float64
		file     [][]byte
		hits     int
	}{
		{"no fix", 0, 0, [][]byte{float(0), float(0), fixed(0), fixed(0)}, 0},
		{"round number alone", 45.5, 7.25, [][]byte{float(45.5)}, 0},
		{"round numbers together", 45.5, 7.25, [][]byte{float(45.5), float(7.25)}, 1},
		{"equal coordinates, one of them there", 12.3456789, 12.3456789, [][]byte{fixed(12.3456789)}, 0},
		{"equal coordinates, both there", 12.3456789, 12.3456789, [][]byte{fixed(12.3456789), fixed(12.3456789)}, 1},
		{"on the equator", 0, 32.5814501, [][]byte{fixed(0), fixed(32.5814501)}, 0},
		{"on the equator, exact", 0, 32.5814501, [][]byte{float(0), float(32.5814501)}, 1},
		{"near Greenwich, a number like any", 51.4775, 0.12345, [][]byte{[]byte("gain 0.12345")}, 0},
		{"inside a longer number", 51.4775123, 0.12345, [][]byte{[]byte("1051.4775123")}, 0},
		{"whole minutes", 41.4, 132.7, [][]byte{[]byte("\x29\x00\x00\x00\x01\x00\x00\x00\x18\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00" +
			"\x84\x00\x00\x00\x01\x00\x00\x00\x2a\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00")}, 1},
		{"not a position", 91, 200, [][]byte{float(91), float(200)}, 0},
	} {
		if hits := look(t, []Finding{at(c.lat, c.lon)}, inFile(c.file...)); len(hits) != c.hits {
			t.Errorf("%s: %+v", c.name, hits)
		}
	}
}

// TestCoarsePosition keeps a position that a cell has in place of the exact one.
func TestCoarsePosition(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		p := geo.Point{Lat: draw(r, "lat", 80), Lon: draw(r, "lon", 180)}
		cell := p.Cell(1000)
		var file [][]byte
		for name, b := range coordinateForms(cell.Lat, 2) {
			if !strings.Contains(name, "minutes") {
				file = append(file, b)
			}
		}
		if hits := look(t, []Finding{at(p.Lat, p.Lon)}, inFile(file...), at(cell.Lat, cell.Lon)); len(hits) > 0 {
			r.Fatalf("%v in cell %v: %+v", p, cell, hits)
		}
		exact := coordinateForms(p.Lat, 2)["float64 degrees LittleEndian"]
		if hits := look(t, []Finding{at(p.Lat, p.Lon)}, inFile(exact), at(cell.Lat, cell.Lon)); len(hits) != 1 {
			r.Fatalf("the exact position beside the cell's is not found: %v", hits)
		}
	})
}

func TestNoNeedle(t *testing.T) {
	for _, c := range []struct {
		why     string
		removed Finding
		file    string
		kept    []Finding
	}{
		{"short", finding(privacy.Identity, "12345"), "12345", nil},
		{"a short word", finding(privacy.Place, "Canada"), "Canada", nil},
		{"dull", finding(privacy.Identity, "0000000000"), "0000000000", nil},
		{"blank", finding(privacy.Description, "                "), "                ", nil},
		{"says nothing", finding(privacy.Identity, "Unknown"), "unknown Unknown", nil},
		{"empty time", finding(privacy.Time, "0000:00:00 00:00:00"), "0000:00:00 00:00:00", nil},
		{"part of a kept value", finding(privacy.Identity, "FC3582-7"), "DJI FC3582-7 Pro", []Finding{finding(privacy.Device, "DJI FC3582-7 Pro")}},
		{"the name of a property", finding(privacy.Description, "dc:subject"), "<dc:subject>", nil},
		{"a namespace", finding(privacy.Copyright, "https://heron.example/"), `xmlns:h="https://heron.example/ns/1.0/"`, nil},
		{"a class that is not searched for", finding(privacy.Device, "Adobe Photoshop 21"), "Adobe Photoshop 21", nil},
		{"exposure", finding(privacy.Exposure, "f/2.8 1/250"), "f/2.8 1/250", nil},
		{"part of a number", finding(privacy.Identity, "123456"), "0.8123456", nil},
		{"kept", Finding{Finding: privacy.Finding{Class: privacy.Identity, Value: "FVCANARY4519KX"}, Kept: true}, "FVCANARY4519KX", nil},
	} {
		if hits := look(t, []Finding{c.removed}, inFile([]byte(c.file)), c.kept...); len(hits) > 0 {
			t.Errorf("%s: %+v", c.why, hits)
		}
	}
	for _, b := range [][]byte{[]byte(`"https://heron.example/"`), wide("https://heron.example/", binary.BigEndian)} {
		if hits := look(t, []Finding{finding(privacy.Copyright, "https://heron.example/")}, inFile(b)); len(hits) != 1 {
			t.Errorf("an address of its own: %+v", hits)
		}
	}
	if hits := look(t, []Finding{finding(privacy.Identity, "123456")}, inFile([]byte("SN 123456;"))); len(hits) != 1 {
		t.Errorf("a number of its own: %+v", hits)
	}
}

func TestSameBytes(t *testing.T) {
	original := []byte("....\x21\x43\x65\x87\x01\x00\x00\x00\xA9\xCB\xED\x0F\x10\x27\x00\x00....secret text........tiny.....")
	spans := func(c privacy.Class, off, n int64) Finding {
		return Finding{Finding: privacy.Finding{Class: c, Path: string(c), Spans: []input.Span{{Off: off, Len: n}}}}
	}
	rational := original[4:20]
	big := []byte("\x87\x65\x43\x21\x00\x00\x00\x01\x0F\xED\xCB\xA9\x00\x00\x27\x10")
	for _, c := range []struct {
		why  string
		f    Finding
		file []byte
		hits int
	}{
		{"rationals", spans(privacy.Location, 4, 16), rational, 1},
		{"rationals in the other order", spans(privacy.Location, 4, 16), big, 1},
		{"words of a serial number are not swapped", spans(privacy.Identity, 4, 16), big, 0},
		{"text", spans(privacy.Identity, 24, 11), []byte("secret text"), 1},
		{"filling", spans(privacy.Identity, 35, 8), []byte("........"), 0},
		{"short", spans(privacy.Identity, 43, 4), []byte("tiny"), 0},
		{"encoded", Finding{Finding: spans(privacy.Identity, 24, 11).Finding, Encoded: true}, []byte("secret text"), 0},
	} {
		hits, err := Pair(t.Context(), File{In: bytes.NewReader(original), Findings: []Finding{c.f}}, File{In: bytes.NewReader(inFile(c.file))})
		if err != nil || len(hits) != c.hits {
			t.Errorf("%s: %+v, %v", c.why, hits, err)
		}
	}
	cleanFile := inFile([]byte("secret text"))
	kept := spans(privacy.Technical, int64(bytes.Index(cleanFile, []byte("secret"))), 11)
	hits, err := Pair(t.Context(), File{In: bytes.NewReader(original), Findings: []Finding{spans(privacy.Identity, 24, 11)}},
		File{In: bytes.NewReader(cleanFile), Findings: []Finding{kept}})
	if err != nil || len(hits) > 0 {
		t.Errorf("bytes of a kept value: %+v, %v", hits, err)
	}
	for _, f := range []Finding{spans(privacy.Identity, 60, 100), spans(privacy.Identity, -5, 10), spans(privacy.Identity, 1<<62, 10)} {
		if _, err := NewNeedles(File{In: bytes.NewReader(original), Findings: []Finding{f}}, File{In: bytes.NewReader(nil)}); err == nil {
			t.Errorf("%v: a span outside the file is no error", f.Spans)
		}
	}
}

// TestOtherOrder has a position that is kept, of which a copy in the other byte
// order was removed: shifted by three bytes both may look the same.
func TestOtherOrder(t *testing.T) {
	var big, little []byte
	for _, v := range []uint32{11, 1, 34, 1, 102, 25} {
		big, little = binary.BigEndian.AppendUint32(big, v), binary.LittleEndian.AppendUint32(little, v)
	}
	clean := append([]byte("....\x00\x00\x00"), little...)
	removed := Finding{Finding: privacy.Finding{Class: privacy.Location, Path: "GPS", Spans: []input.Span{{Len: int64(len(big))}}}}
	kept := removed
	kept.Spans = []input.Span{{Off: 7, Len: int64(len(little))}}
	if hits, err := Pair(t.Context(), File{In: bytes.NewReader(big), Findings: []Finding{removed}}, File{In: bytes.NewReader(clean), Findings: []Finding{kept}}); len(hits) > 0 || err != nil {
		t.Errorf("a kept position: %+v, %v", hits, err)
	}
	if hits, err := Pair(t.Context(), File{In: bytes.NewReader(big), Findings: []Finding{removed}}, File{In: bytes.NewReader(clean)}); len(hits) == 0 || err != nil {
		t.Errorf("a position that should be gone: %+v, %v", hits, err)
	}
}

// TestKeptBlock has a removed value inside a long one that is kept.
func TestKeptBlock(t *testing.T) {
	block := append([]byte("FVCANARY4519KX"), bytes.Repeat([]byte("plist "), 100)...)
	file := inFile(block)
	kept := Finding{Finding: privacy.Finding{Class: privacy.Description, Spans: []input.Span{{Off: int64(bytes.Index(file, block)), Len: int64(len(block))}}}}
	removed := []Finding{finding(privacy.Identity, "FVCANARY4519KX")}
	if hits := look(t, removed, file, kept); len(hits) > 0 {
		t.Errorf("inside a kept value: %+v", hits)
	}
	if hits := look(t, removed, append(file, block...), kept); len(hits) != 1 {
		t.Errorf("behind a kept value: %+v", hits)
	}
	kept.Class = privacy.Technical
	if hits := look(t, removed, file, kept); len(hits) != 1 {
		t.Errorf("hidden in a table: %+v", hits)
	}
}

func TestEachFindingOnce(t *testing.T) {
	b := inFile([]byte("FVCANARY4519KX"), []byte("FVCANARY4519KX"), wide("FVCANARY4519KX", binary.LittleEndian), []byte("Zephyrine Quillfeather"))
	hits := look(t, []Finding{finding(privacy.Copyright, "Zephyrine Quillfeather"), finding(privacy.Identity, "FVCANARY4519KX")}, b)
	if len(hits) != 2 || hits[0].Class != privacy.Identity || hits[1].Class != privacy.Copyright {
		t.Errorf("%+v", hits)
	}
}
