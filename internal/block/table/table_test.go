package table_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"
	"unicode/utf16"

	"flightveil/internal/block/lines"
	"flightveil/internal/block/table"
	"flightveil/internal/input"
)

// rows reads all rows of b as text, the bad ones as what is wrong with them.
func rows(t *testing.T, r *table.Reader) (out []string) {
	t.Helper()
	for r.Next() {
		if why := r.Bad(); why != "" {
			out = append(out, "bad: "+why)
			continue
		}
		var cells []string
		for i := range r.Fields() {
			cells = append(cells, r.Text(i))
		}
		out = append(out, strings.Join(cells, "|"))
	}
	if r.Err() != nil {
		t.Fatal(r.Err())
	}
	return out
}

func open(s string) *table.Reader { return table.New(bytes.NewReader([]byte(s))) }

func TestRows(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"plain":                {"a,b\n1,2\n3,4\n", "1|2 3|4"},
		"semicolon":            {"a;b;c\n1,5;2;3\n", "1,5|2|3"},
		"tab":                  {"a\tb\n1\t2\n", "1|2"},
		"sep":                  {"sep=;\na;b,c\n1;2\n", "1|2"},
		"space":                {"a, b\n 1 , 2\n", "1|2"},
		"crlf and mark":        {"\xEF\xBB\xBFa,b\r\n1,2\r\n", "1|2"},
		"blank lines":          {"\n\na,b\n\n1,2\n  \n3,4\n", "1|2 3|4"},
		"quotes":               {"a,b\n\"1,5\",\"say \"\"x\"\"\"\n", "1,5|say \"x\""},
		"line feed in quotes":  {"a,b\n\"1\n2\",3\n4,5\n", "1\n2|3 4|5"},
		"a quote without end":  {"a,b\n\"1,2\n3,4\n5,6\n", "\"1|2 3|4 5|6"},
		"cut":                  {"a,b,c\n1,2,3\n4,5", "1|2|3 bad: the last row is cut"},
		"cut in the last":      {"a,b,c\n1,2,3\n4,5,6", "1|2|3 4|5"},
		"too few":              {"a,b,c\n1,2,3\n4,5\n6,7,8\n", "1|2|3 bad: a row with too few fields 6|7|8"},
		"too many":             {"a,b\n1,2\n3,4,5\n6,7\n", "1|2 bad: a row with too many fields 6|7"},
		"separator at the end": {"a,b\n1,2,\n3,4,,\n", "1|2| 3|4||"},
		"usually fewer":        {"a,b,c\n1,2\n3,4\n5,6\n7\n", "1|2 3|4 5|6 bad: a row with too few fields"},
		"usually more":         {"a,b\n1,2,3\n3,4,5\n5,6,7\n", "1|2|3 3|4|5 5|6|7"},
		"torn":                 {"a,b,c\n1,2,3\n41.2\n\n95,5,6\n7,8,9\n", "1|2|3 bad: a row with too few fields bad: a row whose beginning is in the line before 7|8|9"},
		"noise":                {"a,b,c\n1,2,3\n\x00\x01\x02\n4,5,6\n", "1|2|3 bad: a row that is no text 4|5|6"},
		"header only":          {"a,b", ""},
		"nothing":              {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := strings.Join(rows(t, open(c.in)), " "); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestMayLack(t *testing.T) {
	r := open("a,b,c\n1,2,3\n4,5\n6\n")
	r.MayLack(1)
	if got := strings.Join(rows(t, r), " "); got != "1|2|3 4|5 bad: a row with too few fields" {
		t.Error(got)
	}
}

func TestLong(t *testing.T) {
	r := open("a,b\n1,2\n" + strings.Repeat("x", 2*lines.Max) + "\n3,4\n")
	if got := strings.Join(rows(t, r), " "); got != "1|2 bad: a row that is too long 3|4" {
		t.Error(got)
	}
	wide := strings.Repeat("x,", 5000)
	if r := open(wide + "\n" + wide + "\n"); r.Columns() > 2048 || len(rows(t, r)) != 1 {
		t.Error(r.Columns())
	}
}

func TestUTF16(t *testing.T) {
	const text = "náme,b\n\"Zoë\",2\n"
	for _, o := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		b := o.AppendUint16(nil, 0xFEFF)
		for _, u := range utf16.Encode([]rune(text)) {
			b = o.AppendUint16(b, u)
		}
		r := table.New(bytes.NewReader(b))
		if !r.Next() || r.Text(0) != "Zoë" || r.Index("náme") != 0 {
			t.Fatal(r.Text(0))
		}
		if s := r.Span(0); s.Off != 16 || s.Len != 10 {
			t.Error(s)
		}
	}
}

func TestHeader(t *testing.T) {
	r := open("speed(mph),OSD.height [ft], Climb ( m/s ),Long[degrees [-180;180]],GPS(0):Lat,()x,yaw [360]\n")
	for i, want := range []struct{ name, unit, title string }{
		{"speed", "mph", "speed"}, {"osd.height", "ft", "OSD.height"}, {"climb", "m/s", "Climb"}, {"long", "degrees [-180;180]", "Long"},
		{"gps(0):lat", "", "GPS(0):Lat"}, {"()x", "", "()x"}, {"yaw", "360", "yaw"},
	} {
		if r.Name(i) != want.name || r.Unit(i) != want.unit || r.Title(i) != want.title {
			t.Errorf("%d: %q %q %q", i, r.Name(i), r.Unit(i), r.Title(i))
		}
	}
	if r.Index("nothing", "climb") != 2 || r.Index("none") != -1 || r.IndexUnit("speed", "kmh", "mph") != 0 || r.IndexUnit("speed", "m/s") != -1 || r.Unit(-1) != "" {
		t.Error("index")
	}
}

func TestUnits(t *testing.T) {
	for unit, want := range map[string]float64{
		"": 10, "m": 10, "m/s": 10, "mps": 10, "ft": 3.048, "feet": 3.048, "mph": 4.4704, "km/h": 10 / 3.6, "kmh": 10 / 3.6, "kts": 10 * 1852.0 / 3600,
		"cm": 0.1, "mm": 0.01, "rad": 1800 / math.Pi, "deg": 10, "%": 10, "ft/min": 3.048 / 60, "FEET": 3.048,
	} {
		r := open(fmt.Sprintf("v(%s),w\n10,0\n", unit))
		r.Next()
		if got := r.Float(r.Column("v")); math.Abs(got-want) > 1e-12 {
			t.Errorf("%s: %v, want %v", unit, got, want)
		}
		if got := r.Float(r.Column("v").Times(10)); math.Abs(got-10*want) > 1e-11 {
			t.Errorf("%s ten times: %v", unit, got)
		}
	}
}

func TestFloat(t *testing.T) {
	for cell, want := range map[string]float64{"1.5": 1.5, "-0.25": -0.25, " 7 ": 7, "\"3\"": 3, "1e2": 100} {
		r := open("v,w\n" + cell + ",0\n")
		r.Next()
		if got := r.Float(r.Column("v")); got != want {
			t.Errorf("%s: %v", cell, got)
		}
	}
	for _, cell := range []string{"", "x", "1x", "1.5.2", "--1", "NaN", "Inf", "1e999", "1e30"} {
		r := open("v,w\n" + cell + ",0\n")
		r.Next()
		if got := r.Float(r.Column("v")); got == got {
			t.Errorf("%s is %v", cell, got)
		}
	}
	r := open("v;w\n1,5;2.5\n")
	r.Next()
	if v, w := r.Float(r.At(0)), r.Float(r.At(1)); v != 1.5 || w != 2.5 {
		t.Error(v, w)
	}
	if v := r.Float(r.At(2)); v == v {
		t.Error("no column is", v)
	}
}

func TestSpans(t *testing.T) {
	const text = "a,b\n one ,\"two\"\n\"x\ny\",z\n"
	r := open(text)
	r.Next()
	if s := r.Span(1); text[s.Off:s.End()] != "\"two\"" {
		t.Error(s)
	}
	if s := r.Part(1, []byte("wo")); text[s.Off:s.End()] != "wo" {
		t.Error(s)
	}
	r.Next() // its lines were put together: the span is the row
	if s := r.Span(1); text[s.Off:s.End()] != "\"x\ny\",z\n" {
		t.Errorf("%q", text[s.Off:s.End()])
	}
}

func TestGive(t *testing.T) {
	r := table.NewRows([]string{"lat", "Name"})
	r.Give([][]byte{[]byte("-41.5"), []byte("x")}, []input.Span{{Off: 10, Len: 5}, {Off: 20, Len: 3}}, lines.Line{Off: 9, Len: 30})
	if r.Bad() != "" || r.Float(r.Column("lat")) != -41.5 || r.Text(1) != "x" || r.Span(1).Off != 20 || r.Line().Off != 9 || r.Title(1) != "Name" {
		t.Error(r.Bad(), r.Float(r.Column("lat")), r.Text(1), r.Span(1))
	}
}

// Memory stays flat, however long the file is.
func TestFlat(t *testing.T) {
	b := []byte("a,b\n" + strings.Repeat("1.5,\"x\"\n", 100_000))
	n := testing.AllocsPerRun(1, func() {
		r := table.New(bytes.NewReader(b))
		for r.Next() {
			r.Float(r.At(0))
		}
	})
	if n > 100 {
		t.Errorf("%v allocations for 100000 rows", n)
	}
}

func FuzzRows(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "sep=;\na;b\n\"1\n2\";3\n", "\xFF\xFEa\x00,\x00b\x00\n\x001\x00", "a,b\n\"1,2\n3\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r := table.New(bytes.NewReader(b))
		end := int64(0)
		for n := 0; r.Next(); n++ {
			l := r.Line()
			if l.Off < end || l.Off+l.Len > int64(len(b)) || n > len(b) {
				t.Fatalf("row at %d of %d, after %d of %d bytes", l.Off, l.Len, end, len(b))
			}
			end = l.Off + l.Len
			for i := range r.Fields() {
				if s := r.Span(i); s.Off < l.Off || s.End() > end {
					t.Fatalf("field at %v of the row at %d to %d", s, l.Off, end)
				}
				r.Float(r.At(i))
			}
		}
	})
}
