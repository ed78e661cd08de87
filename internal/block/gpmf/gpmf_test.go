package gpmf_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"flightveil/internal/block/gpmf"
	"flightveil/internal/corpus"
	"flightveil/internal/geo"
	"flightveil/internal/input"
)

// el builds an element.
func el(key string, kind byte, size int, body ...[]byte) []byte {
	b := slices.Concat(body...)
	n := 0
	if size > 0 {
		n = len(b) / size
	}
	out := binary.BigEndian.AppendUint16(append([]byte(key), kind, byte(size)), uint16(n))
	return append(append(out, b...), make([]byte, -len(b)&3)...)
}

func text(key, s string) []byte { return el(key, 'c', 1, []byte(s)) }

func nums(vs ...any) []byte {
	var b bytes.Buffer
	for _, v := range vs {
		if err := binary.Write(&b, binary.BigEndian, v); err != nil {
			panic(err)
		}
	}
	return b.Bytes()
}

// nest builds an element of elements.
func nest(key string, body ...[]byte) []byte {
	b := slices.Concat(body...)
	return append(binary.BigEndian.AppendUint16(append([]byte(key), 0, 1), uint16(len(b))), b...)
}

// device is a recording of one second with each kind of track.
func device() []byte {
	return nest("DEVC",
		el("DVID", 'L', 4, nums(uint32(1))), text("DVNM", "Heroncam"),
		nest("STRM", text("STNM", "GPS"), el("GPSF", 'L', 4, nums(uint32(3))), el("GPSU", 'U', 16, []byte("310719044753.250")),
			el("UNIT", 'c', 3, []byte("degdegm\x00\x00m/sm/s")),
			el("SCAL", 'l', 4, nums(int32(1e7), int32(1e7), int32(1000), int32(1000), int32(100))),
			el("GPS5", 'l', 20, nums(int32(-413875125), int32(-1324518375), int32(12345), int32(1500), int32(200), int32(2e9), int32(0), int32(0), int32(0), int32(0)))),
		nest("STRM", el("SCAL", 'l', 4, nums(int32(1e7), int32(1e7), int32(1000), int32(1000), int32(100), int32(1), int32(1000), int32(100), int32(1))),
			text("TYPE", "lllllllSS"),
			el("GPS9", '?', 32, nums(int32(-413875125), int32(-1324518375), int32(12345), int32(1500), int32(200), int32(11522), int32(17273250), uint16(125), uint16(3)))),
		nest("STRM", text("TYPE", "JlllSSSSBB"), el("SCAL", 'l', 4, nums(int32(1e6), int32(1e7), int32(1e7), int32(1000), int32(100), int32(100), int32(100), int32(100), int32(1), int32(1))),
			el("GPRI", '?', 30, nums(uint64(145911705), int32(-413875125), int32(-1324518375), int32(15445), uint16(25), uint16(42), uint16(59), uint16(33435), uint8(3), uint8(20)))),
		nest("STRM", text("TYPE", "lllfffff"), el("SCAL", 'l', 4, nums(int32(1e7), int32(1e7), int32(1000), int32(1), int32(1), int32(1), int32(1), int32(1))),
			el("BPOS", '?', 32, nums(int32(-413875125), int32(-1324518375), int32(2000), float32(0), float32(0), float32(0), float32(0), float32(0)))),
		nest("STRM", text("SIUN", "m/s\xB2"), el("SCAL", 's', 2, nums(int16(418))), el("ACCL", 's', 6, nums(int16(4180), int16(-418), int16(0)))),
	)
}

func walk(t *testing.T, b []byte) (out []gpmf.Entry) {
	t.Helper()
	for e, err := range gpmf.Walk(bytes.NewReader(b), input.Span{Len: int64(len(b))}, input.Limits{}) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

func find(t *testing.T, es []gpmf.Entry, key string) gpmf.Entry {
	t.Helper()
	i := slices.IndexFunc(es, func(e gpmf.Entry) bool { return e.Key == key })
	if i < 0 {
		t.Fatalf("no %s", key)
	}
	return es[i]
}

func TestContext(t *testing.T) {
	es := walk(t, append(device(), make([]byte, 12)...)) // zeros behind are padding
	gps := find(t, es, "GPS5")
	if gps.Depth != 2 || gps.Device != "Heroncam" || gps.Stream != "GPS" || !slices.Equal(gps.Units, []string{"deg", "deg", "m", "m/s", "m/s"}) || len(gps.Scale) != 5 {
		t.Errorf("GPS5: %+v", gps)
	}
	accl := find(t, es, "ACCL")
	if accl.Stream != "" || accl.Layout != "" || !slices.Equal(accl.Scale, []float64{418}) || !slices.Equal(accl.Units, []string{"m/s²"}) {
		t.Errorf("ACCL: %+v", accl)
	}
	if s, err := find(t, es, "DVNM").Text(bytes.NewReader(device())); err != nil || s != "Heroncam" {
		t.Error(s, err)
	}
}

func TestRows(t *testing.T) {
	all := slices.Concat(text("TYPE", "bBsSlLjJfdqQF[1]c[3]"),
		el("TEST", '?', 61, nums(int8(-1), uint8(255), int16(-2), uint16(65535), int32(-3), uint32(1<<32-1), int64(-4), uint64(1<<40), float32(1.5), 2.5, int32(3<<15), int64(5<<31)), []byte("FOURabc")))
	in := bytes.NewReader(all)
	e := find(t, walk(t, all), "TEST")
	want := []float64{-1, 255, -2, 65535, -3, 1<<32 - 1, -4, 1 << 40, 1.5, 2.5, 1.5, 2.5}
	for row, err := range e.Rows(in) {
		if err != nil || len(row) != 16 || !slices.Equal(row[:12], want) || !math.IsNaN(row[12]) || !math.IsNaN(row[15]) {
			t.Errorf("%v %v", row, err)
		}
	}
	long := slices.Concat(el("SCAL", 'f', 4, nums(float32(2))), el("LONG", 'S', 2, make([]byte, 2*5000), nums(uint16(7))))
	n, last := 0, 0.0
	for row, err := range find(t, walk(t, long), "LONG").Rows(bytes.NewReader(long)) {
		if err != nil {
			t.Fatal(err)
		}
		n, last = n+1, row[0]
	}
	if n != 5001 || last != 3.5 {
		t.Errorf("%d rows, the last is %v", n, last)
	}
	for _, bad := range [][]byte{
		el("TEST", '?', 4, nums(int32(1))),
		slices.Concat(text("TYPE", "ll"), el("TEST", '?', 4, nums(int32(1)))),
		slices.Concat(text("TYPE", "s"), el("TEST", '?', 4, nums(int32(1)))),
		slices.Concat(text("TYPE", "s["), el("TEST", '?', 4, nums(int32(1)))),
		slices.Concat(text("TYPE", "s[99999]"), el("TEST", '?', 4, nums(int32(1)))),
		el("TEST", 'l', 6, nums(int32(1), int16(1))), el("TEST", 'x', 4, nums(int32(1))), el("TEST", '#', 4, nums(int32(1))), text("TEST", "text"),
	} {
		for _, err := range find(t, walk(t, bad), "TEST").Rows(bytes.NewReader(bad)) {
			if !errors.Is(err, gpmf.ErrSyntax) && !errors.Is(err, input.ErrUnsupported) {
				t.Errorf("%q: %v", bad, err)
			}
		}
	}
}

func TestFixes(t *testing.T) {
	b := device()
	at := geo.Point{Lat: -41.3875125, Lon: -132.4518375}
	for key, check := range map[string]func(f gpmf.Fix) bool{
		"GPS5": func(f gpmf.Fix) bool {
			return f.Alt == 12.345 && f.Speed == 1.5 && f.Speed3D == 2 && f.Mode == -1 && f.Time.IsZero() && !f.Operator
		},
		"GPS9": func(f gpmf.Fix) bool {
			return f.DOP == 1.25 && f.Mode == 3 && f.Time.Equal(time.Date(2031, 7, 19, 4, 47, 53, 250e6, time.UTC))
		},
		"GPRI": func(f gpmf.Fix) bool {
			return f.System == 145911705*time.Microsecond && f.Speed == 0.59 && f.Course == 334.35 && f.Mode == 3 && f.Sats == 20
		},
		"BPOS": func(f gpmf.Fix) bool { return f.Operator && f.Alt == 2 && math.IsNaN(f.Speed) },
	} {
		n := 0
		e := find(t, walk(t, b), key)
		if !e.IsTrack() {
			t.Errorf("%s is no track", key)
		}
		for f, err := range e.Fixes(bytes.NewReader(b)) {
			if n++; err != nil || f.At != at || !check(f) {
				t.Errorf("%s: %+v %v", key, f, err)
			}
		}
		if n != 1 {
			t.Errorf("%s: %d positions", key, n)
		}
	}
	for _, err := range find(t, walk(t, b), "ACCL").Fixes(bytes.NewReader(b)) {
		if !errors.Is(err, input.ErrUnsupported) {
			t.Error(err)
		}
	}
	if when, err := gpmf.ParseTime("310719044753.250"); err != nil || !when.Equal(time.Date(2031, 7, 19, 4, 47, 53, 250e6, time.UTC)) {
		t.Error(when, err)
	}
	if _, err := gpmf.ParseTime("yesterday"); err == nil {
		t.Error("a time that is none")
	}
}

func TestBroken(t *testing.T) {
	deep := []byte{}
	for range 40 {
		deep = nest("DEVC", deep)
	}
	for name, c := range map[string]struct {
		b    []byte
		want error
	}{
		"key":     {[]byte("\x01\x02\x03\x04l\x04\x00\x01abcd"), gpmf.ErrSyntax},
		"overrun": {[]byte("ACCLs\x06\x00\x02abcd"), gpmf.ErrSyntax},
		"short":   {[]byte("ACCL"), gpmf.ErrSyntax},
		"parent":  {nest("DEVC", []byte("ACCLs\x06\x00\x02abcd")), gpmf.ErrSyntax},
		"deep":    {deep, input.ErrLimit},
		"many":    {bytes.Repeat([]byte("ACCL\x00\x00\x00\x00"), 300_000), input.ErrLimit},
	} {
		var got error
		for _, err := range gpmf.Walk(bytes.NewReader(c.b), input.Span{Len: int64(len(c.b))}, input.Limits{}) {
			got = err
		}
		if !errors.Is(got, c.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
	for _, err := range gpmf.Walk(bytes.NewReader(nil), input.Span{Off: 5, Len: 9}, input.Limits{}) {
		if err == nil {
			t.Error("a range outside the input")
		}
	}
}

// TestCorpus reads a real recording of a drone.
func TestCorpus(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(corpus.Dir(t), "media/sidecar/gopro-karma.gpmf.raw"))
	if err != nil {
		t.Fatal(err)
	}
	fixes := map[string]int{}
	for _, e := range walk(t, b) {
		if e.Type != 0 && e.Type != 'c' && e.Type != 'F' && e.Type != 'U' {
			for _, err := range e.Rows(bytes.NewReader(b)) {
				if err != nil {
					t.Errorf("%s: %v", e.Key, err)
				}
			}
		}
		if !e.IsTrack() {
			continue
		}
		for f, err := range e.Fixes(bytes.NewReader(b)) {
			if err != nil || f.At.Distance(geo.Point{Lat: 33.12, Lon: -117.33}) > 5000 {
				t.Errorf("%s: a position far from the others (%v)", e.Key, err)
			}
			fixes[e.Key]++
		}
	}
	if fixes["GPRI"] != 4 || fixes["GLPI"] != 4 || fixes["BPOS"] != 2 {
		t.Errorf("positions: %v", fixes)
	}
}

func FuzzWalk(f *testing.F) {
	f.Add(device())
	f.Add(slices.Concat(text("TYPE", "f[2]L"), el("TEST", '?', 12, make([]byte, 24))))
	f.Fuzz(func(t *testing.T, b []byte) {
		in := bytes.NewReader(b)
		head := int64(-1)
		for e, err := range gpmf.Walk(in, input.Span{Len: int64(len(b))}, input.Limits{Items: 10_000}) {
			if err != nil {
				break
			}
			if e.Head <= head || e.Span.End() > int64(len(b)) || strings.TrimSpace(e.Key) == "" && e.Key != "    " {
				t.Fatalf("%+v", e)
			}
			head = e.Head
			rows := 0
			for row, err := range e.Rows(in) {
				if rows++; err == nil && (len(row) == 0 || rows > e.Repeat) {
					t.Fatalf("%+v: row %d of %d values", e, rows, len(row))
				}
			}
			for range e.Fixes(in) {
			}
			e.Text(in) // an error is fine here
		}
	})
}
