package nal

import (
	"bytes"
	"encoding/hex"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

func TestAnnexB(t *testing.T) {
	b := []byte("\x00\x00\x00\x01\x67ab\x00\x00\x01\x06cd\x00\x00\x00\x00\x01\x65\x00\x02\x01\x00\x00\x03\x01z\x00\x00\x01")
	var got []string
	for s := range AnnexB(b) {
		got = append(got, string(b[s.Off:s.End()]))
	}
	if want := []string{"\x67ab", "\x06cd", "\x65\x00\x02\x01\x00\x00\x03\x01z"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestUnits(t *testing.T) {
	in := strings.NewReader("??\x00\x02ab\x00\x00\x00\x01c\x00\x09d")
	var got []input.Span
	var last error
	for s, err := range Units(in, input.Span{Off: 2, Len: 12}, 2) {
		if last = err; err == nil {
			got = append(got, s)
		}
	}
	if want := []input.Span{{Off: 4, Len: 2}, {Off: 10, Len: 1}}; !slices.Equal(got, want) || last == nil {
		t.Errorf("got %v, %v", got, last)
	}
}

func TestEscape(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		b := make([]byte, r.IntN(40))
		for i := range b {
			b[i] = byte(r.IntN(5))
		}
		raw := escape(nil, b, 0, -1)
		if bytes.Contains(raw, []byte{0, 0, 0}) || bytes.Contains(raw, []byte{0, 0, 1}) || bytes.Contains(raw, []byte{0, 0, 2}) {
			t.Fatalf("%x became %x", b, raw)
		}
		got, at := unescape(raw)
		if !bytes.Equal(got, b) || at[len(at)-1] != len(raw) {
			t.Fatalf("%x became %x and then %x", b, raw, got)
		}
	}
}

func unhex(t *testing.T, s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// avchd returns a unit as an AVCHD camera writes it, of an invented place and time.
func avchd(t *testing.T) []byte {
	records := unhex(t, "13 12345678 18 42203107 19 19044753 70 d0240fff 7f 8000ffff"+
		"b0 02020000 b1 53000000 b2 00290001 b3 00170001 b4 3a9803e8 b5 57000000 b6 00840001 b7 001b0001 b8 19d703e8"+
		"b9 00000000 ba 04d20001 bb 00040001 bc 002f0001 bd 00350001 be 41000000 ca 32303331 cb 3a30373a cc 31390000"+
		"e0 01080000 e4 46564341 e5 4e415259 e6 00000000 eb 508a0a00")
	payload := append(unhex(t, uuidMDPM), append([]byte("MDPM"), byte(len(records)/5))...)
	payload = append(payload, records...)
	b := append(message(0, []byte{0x80}), message(userDataUnregistered, payload)...)
	return append(escape([]byte{6}, b, 0, 0x80), 0x80)
}

func TestMDPM(t *testing.T) {
	unit := avchd(t)
	ms := H264.Messages(unit)
	if len(ms) != 2 || len(ms[0].Fields) != 0 || ms[1].Type != userDataUnregistered {
		t.Fatalf("%+v", ms)
	}
	got := map[string]string{}
	for _, f := range ms[1].Fields {
		got[f.Name] = f.Value
		if strings.HasPrefix(f.Name, "MDPM/GPSL") {
			if f.Where == nil || f.Where.Lat > -41.387 || f.Where.Lat < -41.388 || f.Where.Lon > -132.45 || f.Where.Lon < -132.46 {
				t.Errorf("%s at %v", f.Name, f.Where)
			}
		}
		for _, s := range f.Spans {
			if s.Off < ms[1].Span.Off || s.End() > ms[1].Span.End() {
				t.Errorf("%s lies outside its message", f.Name)
			}
		}
	}
	for name, want := range map[string]string{
		"MDPM/DateTimeOriginal": "2031:07:19 04:47:53+01:00", "MDPM/TimeCode": "78:56:34:12", "MDPM/Make": "Sony", "MDPM/Model": "FVCANARY",
		"MDPM/GPSTimeStamp": "04:47:53", "MDPM/GPSDateStamp": "2031:07:19", "MDPM/GPSLatitude": "-41.3875000", "MDPM/Shutter": "",
	} {
		if v, ok := got[name]; !ok || v != want {
			t.Errorf("%s is %q, want %q", name, v, want)
		}
	}
}

func blanked(unit []byte, m Message, gone func(Field) bool) []byte {
	out := bytes.Clone(unit)
	copy(out[m.Span.Off:m.Span.End()], m.Blank(gone))
	return out
}

// TestBlankMDPM removes everything but exposure: records that stay read as
// before, and the rest cannot be found.
func TestBlankMDPM(t *testing.T) {
	unit := avchd(t)
	m := H264.Messages(unit)[1]
	gone := func(f Field) bool { return f.Class != privacy.Exposure }
	out := blanked(unit, m, gone)
	if len(out) != len(unit) || out[len(out)-1] != 0x80 || bytes.Contains(out, []byte("CANARY")) {
		t.Fatalf("%x", out)
	}
	again := H264.Messages(out)
	if len(again) != 2 || again[1].Span != m.Span || len(again[1].Fields) != 2 || again[1].Fields[0].Name != "MDPM/Camera1" {
		t.Fatalf("%+v", again)
	}
	filler := blanked(unit, m, func(Field) bool { return true })
	ms := H264.Messages(filler)
	if len(ms) != 2 || ms[1].Type != fillerPayload || ms[1].Span != m.Span || len(ms[1].Fields) != 0 {
		t.Fatalf("%+v", ms)
	}
}

// TestBlankSizes blanks messages of every size, with and without zeros in them.
func TestBlankSizes(t *testing.T) {
	for _, codec := range []Codec{H264, H265} {
		start := []byte{6}
		if codec == H265 {
			start = []byte{39 << 1, 1}
		}
		for n := 1; n < 800; n++ {
			for _, filling := range []string{"x", "a\x00", "a\x00\x00\x01", "\x03\x00\x00"} {
				payload := []byte(strings.Repeat(filling, n))[:n]
				for _, before := range [][]byte{nil, message(1, []byte{7, 0, 0})} {
					unit := escape(bytes.Clone(start), append(before, message(userDataUnregistered, payload)...), 0, 0x80)
					unit = append(unit, 0x80)
					ms := codec.Messages(unit)
					m := ms[len(ms)-1]
					if len(m.Fields) != 1 {
						t.Fatalf("%d bytes of %q: %+v", n, filling, m)
					}
					out := blanked(unit, m, func(Field) bool { return true })
					again := codec.Messages(out)
					last := again[len(again)-1]
					if len(again) != len(ms) || last.Span != m.Span || len(last.Fields) != 0 || bytes.Contains(out[1:], []byte("\x00\x00\x01")) || !bytes.HasSuffix(out, []byte{0x80}) {
						t.Fatalf("%v: %d bytes of %q: %x", codec, n, filling, out)
					}
				}
			}
		}
	}
}

func TestUserData(t *testing.T) {
	const settings = " - H.264/MPEG-4 AVC codec - options: cabac=1 ref=3"
	for _, tc := range []struct {
		codec     Codec
		kind      int
		payload   string
		class     privacy.Class
		name, val string
		stays     string
	}{
		{H264, 5, string(unhex(t, uuidX264)) + "x264 - core 164 r3095" + settings + "\x00", privacy.Device, "x264", "x264 - core 164 r3095" + settings, ""},
		{H264, 5, string(unhex(t, uuidX264)) + "x264 - core 142 r2431" + settings + "\x00", privacy.Device, "x264", "x264 - core 142 r2431" + settings, "x264 - core 142"},
		{H265, 5, string(unhex(t, uuidX265)) + "x265 (build 199)", privacy.Device, "x265", "x265 (build 199)", ""},
		{H264, 5, "0123456789abcdefsomebody's note", privacy.Unknown, "user_data_unregistered", "somebody's note", ""},
		{H264, 5, string(unhex(t, uuidMISP)) + "\x1f\x00\x06\xff\xe7\x36\xff\x8b\xc9\xff\xda\x40", privacy.Time, "MISP/PrecisionTimeStamp", "2031-07-29T06:01:59.775808Z", ""},
		{H264, 4, "\xb5\x00\x99data", privacy.Unknown, "user_data_registered_itu_t_t35", "", ""},
		{H264, 4, "\xb5\x00\x31GA94\x03captions", privacy.Technical, "captions", "", "GA94"},
		{H265, 136, "\x50\x12", privacy.Time, "time_code", "", ""},
		{H264, 99, "new", privacy.Unknown, "SEI 99", "", ""},
	} {
		unit := []byte{6}
		if tc.codec == H265 {
			unit = []byte{39 << 1, 1}
		}
		unit = append(escape(unit, message(tc.kind, []byte(tc.payload)), 0, 0x80), 0x80)
		m := tc.codec.Messages(unit)[0]
		f := m.Fields[len(m.Fields)-1]
		if f.Class != tc.class || f.Name != tc.name || f.Value != tc.val {
			t.Errorf("%s: %+v", tc.name, f)
		}
		out := blanked(unit, m, func(f Field) bool { return f.Class != privacy.Technical })
		if bytes.Contains(out, []byte("options")) || bytes.Contains(out, []byte("note")) || !bytes.Contains(out, []byte(tc.stays)) {
			t.Errorf("%s: %q stays", tc.name, out)
		}
		for _, m := range tc.codec.Messages(out) {
			for _, f := range m.Fields {
				if f.Class != privacy.Technical {
					t.Errorf("%s: found again: %+v", tc.name, f)
				}
			}
		}
	}
}

func TestDamaged(t *testing.T) {
	for _, s := range []string{"\x06\x05\x40short\x80", "\x06\xff\xff\xff", "\x06\x05", "\x06\x05\x03abcd", "\x06\x04\x01x\x05\x30yy\x80"} {
		unit := []byte(s)
		for _, m := range H264.Messages(unit) {
			if len(m.Fields) > 0 {
				unit = blanked(unit, m, func(Field) bool { return true })
			}
		}
		for _, m := range H264.Messages(unit) {
			if len(m.Fields) > 0 {
				t.Errorf("%q became %q", s, unit)
			}
		}
	}
}

func TestConfig(t *testing.T) {
	sei := "\x4e\x01\x05\x01x\x80"
	hvcc := "\x01" + strings.Repeat("\x00", 20) + "\x03\x02" + "\x20\x00\x01\x00\x03\x40\x01\x0c" + "\x27\x00\x01\x00\x06" + sei
	cfg, err := H265.ParseConfig([]byte(hvcc))
	if err != nil || cfg.LengthSize != 4 || len(cfg.SEI) != 1 || hvcc[cfg.SEI[0].Off:cfg.SEI[0].End()] != sei {
		t.Errorf("%+v, %v", cfg, err)
	}
	for n := range hvcc {
		if _, err := H265.ParseConfig([]byte(hvcc[:n])); err == nil {
			t.Errorf("cut after %d bytes, accepted", n)
		}
	}
	if cfg, err := H264.ParseConfig([]byte("\x01\x64\x00\x1f\xfd\xe0\x00")); err != nil || cfg.LengthSize != 2 {
		t.Errorf("%+v, %v", cfg, err)
	}
}

// FuzzBlank checks that blanking keeps sizes and messages, and leaves nothing
// to be found.
func FuzzBlank(f *testing.F) {
	f.Add([]byte("\x06\x05\x12\x00\x00\x03\x00\x00\x03\x01\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x80"), false)
	f.Add([]byte("\x4e\x01\x88\x02ab\x04\x01\x00\x80"), true)
	f.Fuzz(func(t *testing.T, unit []byte, hevc bool) {
		codec := H264
		if hevc {
			codec = H265
		}
		if b, _ := unescape(unit); !bytes.Equal(escape(nil, b, 0, -1), unit) {
			return // not what an encoder writes
		}
		before := codec.Messages(unit)
		for _, m := range before {
			if len(m.Fields) > 0 {
				unit = blanked(unit, m, func(f Field) bool { return f.Class != privacy.Exposure })
			}
		}
		after := codec.Messages(unit)
		for i, m := range after {
			if i >= len(before) {
				break // of damage
			}
			if m.Span != before[i].Span && before[i].Type >= 0 {
				t.Fatalf("message %d moved: %x", i, unit)
			}
			for _, f := range m.Fields {
				if f.Class != privacy.Exposure {
					t.Fatalf("%s is still there: %x", f.Name, unit)
				}
			}
		}
	})
}
