package makernote_test

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"flightveil/internal/block/makernote"
	"flightveil/internal/input"
	"flightveil/internal/privacy"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite golden files")

// planted are the values that testdata/gen writes into every note.
var planted = []string{"FVCANARY4519KX", "Zephyrine Quillfeather", "Port Quillon", "the heron nests behind the boathouse", "2031:07:19 04:47:53", "4519"}

// block is an Exif block and where its maker note lies.
type block struct {
	b           []byte
	note        input.Span
	order       binary.ByteOrder
	make, model string
}

// open finds the maker note of an Exif block, whose structure it trusts.
func open(b []byte) (k block, ok bool) {
	k = block{b: b, order: binary.LittleEndian}
	if b[0] == 'M' {
		k.order = binary.BigEndian
	}
	text := func(off, n uint32) string { return strings.TrimRight(string(b[off:off+n]), "\x00") }
	var walk func(at uint32)
	walk = func(at uint32) {
		for i := range uint32(k.order.Uint16(b[at:])) {
			e := b[at+2+12*i:]
			n, v := k.order.Uint32(e[4:]), k.order.Uint32(e[8:])
			if n <= 4 {
				v = at + 2 + 12*i + 8
			}
			switch k.order.Uint16(e) {
			case 0x010f:
				k.make = text(v, n)
			case 0x0110:
				k.model = text(v, n)
			case 0x8769:
				walk(k.order.Uint32(e[8:]))
			case 0x927c:
				k.note, ok = input.Span{Off: int64(v), Len: int64(min(n, uint32(len(b))-v))}, true
			}
		}
	}
	walk(k.order.Uint32(b[4:]))
	return k, ok
}

func (k block) parse(t testing.TB) makernote.Note {
	t.Helper()
	n, err := makernote.Parse(bytes.NewReader(k.b), k.note, k.order, k.make, k.model, input.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// scrubbed returns the block without the fields of n that stays does not keep.
func (k block) scrubbed(n makernote.Note, stays func(privacy.Class) bool) block {
	k.b = bytes.Clone(k.b)
	for _, p := range n.Patches(func(i int) bool { return !stays(n.Fields[i].Class) }) {
		if p.With == nil {
			p.With = make([]byte, p.Len)
		}
		copy(k.b[p.Off:p.Off+p.Len], p.With)
	}
	return k
}

func technical(c privacy.Class) bool { return c == privacy.Technical || c == privacy.Exposure }

func fixtures(t testing.TB) map[string]block {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.exif")
	if err != nil || len(paths) == 0 {
		t.Fatal("no fixtures", err)
	}
	out := map[string]block{}
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		k, ok := open(b)
		if !ok {
			t.Fatal(p, ": no maker note")
		}
		out[filepath.Base(p)] = k
	}
	return out
}

func TestGolden(t *testing.T) {
	for name, k := range fixtures(t) {
		var out strings.Builder
		n := k.parse(t)
		fmt.Fprintf(&out, "%s known=%v\n", n.Vendor, n.Known)
		for _, f := range n.Fields {
			fmt.Fprintf(&out, "%-10s %s %q %v\n", f.Class, f.Name, f.Value, f.Spans)
		}
		for _, s := range n.Previews {
			fmt.Fprintf(&out, "preview %v\n", s)
		}
		path := filepath.Join("testdata", name+".golden")
		if *update {
			if err := os.WriteFile(path, []byte(out.String()), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatalf("%v (go test -update writes it)", err)
		}
		if d := cmp.Diff(string(want), out.String()); d != "" {
			t.Errorf("%s: golden differs (-want +got):\n%s", name, d)
		}
	}
}

// What a raw file keeps of a note holds none of the planted values, and looking
// again finds nothing more to remove.
func TestPatches(t *testing.T) {
	for name, k := range fixtures(t) {
		n := k.parse(t)
		if n.Vendor == "" {
			continue
		}
		clean := k.scrubbed(n, technical)
		for _, s := range planted {
			if bytes.Contains(clean.b, []byte(s)) {
				t.Errorf("%s: %q is still there", name, s)
			}
		}
		again := clean.parse(t)
		for _, f := range again.Fields {
			if !technical(f.Class) {
				t.Errorf("%s: found after removal: %s %s %q", name, f.Class, f.Name, f.Value)
			}
		}
		if len(k.scrubbed(n, func(privacy.Class) bool { return true }).b) != len(k.b) || !bytes.Equal(k.scrubbed(n, func(privacy.Class) bool { return true }).b, k.b) {
			t.Errorf("%s: keeping everything changed something", name)
		}
	}
}

// What stays reads as it did before.
func TestKept(t *testing.T) {
	kept := func(k block, n makernote.Note) (out []string) {
		for _, f := range n.Fields {
			if technical(f.Class) && f.Name != "ColorBalance" { // enciphered anew: see TestNikonStaysReadable
				var b []byte
				for _, s := range f.Spans {
					b = append(b, k.b[s.Off:s.End()]...)
				}
				out = append(out, fmt.Sprintf("%s %x", f.Name, b))
			}
		}
		slices.Sort(out)
		return out
	}
	for name, k := range fixtures(t) {
		n := k.parse(t)
		clean := k.scrubbed(n, technical)
		if n.Vendor == "" || name == "damaged-cut.exif" {
			continue
		}
		if d := cmp.Diff(kept(k, n), kept(clean, clean.parse(t))); d != "" {
			t.Errorf("%s: what stays changed (-before +after):\n%s", name, d)
		}
	}
}

// The white balance of a Nikon raw file is enciphered with what is removed.
// Deciphered with what the cleaned note says, it must be what it was.
func TestNikonStaysReadable(t *testing.T) {
	want := []uint16{512, 256, 256, 400}
	for _, name := range []string{"nikon.exif", "nikon-letters.exif"} {
		k := fixtures(t)[name]
		clean := k.scrubbed(k.parse(t), func(c privacy.Class) bool { return c == privacy.Technical || c == privacy.Device })
		if got := nikonBalance(k, map[string]byte{"nikon.exif": 4519112 & 0xFF, "nikon-letters.exif": 0x60}[name]); !slices.Equal(got, want) {
			t.Fatalf("%s: white balance of the fixture: %v", name, got)
		}
		if got := nikonBalance(clean, 0); !slices.Equal(got, want) {
			t.Errorf("%s: white balance after removal: %v", name, got)
		}
		// A reader takes noughts for the number 0.
		if serial := nikonValue(clean, 0x1d); strings.Trim(string(serial), "0\x00") != "" || !bytes.Contains(serial, []byte("0")) {
			t.Errorf("%s: serial number became %q", name, serial)
		}
		if count := nikonValue(clean, 0xa7); !bytes.Equal(count, make([]byte, 4)) {
			t.Errorf("%s: shutter count became %x", name, count)
		}
		if lens := nikonLens(clean, 0); string(lens) != "lens data 45" {
			t.Errorf("%s: lens data after removal: %q", name, lens)
		}
	}
}

// nikonValue returns the value of tag id of a type 3 note.
func nikonValue(k block, id uint16) []byte {
	b := k.b[k.note.Off+10:]
	for i := range int(k.order.Uint16(b[8:])) {
		e := b[10+12*i:]
		if k.order.Uint16(e) == id {
			n := k.order.Uint32(e[4:]) * map[uint16]uint32{2: 1, 4: 4, 7: 1, 5: 8}[k.order.Uint16(e[2:])]
			if n <= 4 {
				return e[8 : 8+n]
			}
			return b[k.order.Uint32(e[8:]):][:n]
		}
	}
	return nil
}

func nikonBalance(k block, serial byte) (out []uint16) {
	b := bytes.Clone(nikonValue(k, 0x97)[284:])
	count := nikonValue(k, 0xa7)
	makernote.NikonStream(b, serial, count[0]^count[1]^count[2]^count[3])
	for i := range 4 {
		out = append(out, k.order.Uint16(b[6+2*i:]))
	}
	return out
}

func nikonLens(k block, serial byte) []byte {
	b := bytes.Clone(nikonValue(k, 0x98)[4:])
	count := nikonValue(k, 0xa7)
	makernote.NikonStream(b, serial, count[0]^count[1]^count[2]^count[3])
	return b
}

// The shutter count of a Pentax is enciphered with date and time: whichever of
// them is removed, what is left reads as no count at all.
func TestPentaxCount(t *testing.T) {
	for _, name := range []string{"pentax.exif", "pentax-aoc.exif"} {
		k := fixtures(t)[name]
		for _, keepTime := range []bool{false, true} {
			stays := func(c privacy.Class) bool { return c == privacy.Technical || keepTime && c == privacy.Time }
			clean := k.scrubbed(k.parse(t), stays)
			if bytes.Equal(clean.b, k.b) {
				t.Fatal("nothing was removed")
			}
			for _, f := range clean.parse(t).Fields {
				if f.Name == "ShutterCount" {
					t.Errorf("%s, time kept: %v: count is %s", name, keepTime, f.Value)
				}
			}
		}
		stays := func(c privacy.Class) bool { return c == privacy.Identity } // the key goes, the count stays
		fields := k.scrubbed(k.parse(t), stays).parse(t).Fields
		i := slices.IndexFunc(fields, func(f makernote.Field) bool { return f.Name == "ShutterCount" })
		if i < 0 || fields[i].Value != "20897" {
			t.Errorf("%s: the count did not survive its key", name)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, k := range fixtures(f) {
		f.Add(k.b[k.note.Off:k.note.End()], k.make, k.model, k.order == binary.ByteOrder(binary.BigEndian), false)
	}
	f.Add([]byte("Adobe\x00MakN\x00\x00\x00\x20II\x00\x00\x00\x00\x01\x00\x0c\x00\x04\x00\x01\x00\x00\x00\x01\x02\x03\x04\x00\x00\x00\x00"), "Canon", "EOS", false, true)
	f.Fuzz(func(t *testing.T, note []byte, maker, model string, big, private bool) {
		k := block{b: append(make([]byte, 8), note...), note: input.Span{Off: 8, Len: int64(len(note))}, order: binary.LittleEndian, make: maker, model: model}
		if big {
			k.order = binary.BigEndian
		}
		parse := makernote.Parse
		if private {
			parse = makernote.ParsePrivate
		}
		n, err := parse(bytes.NewReader(k.b), k.note, k.order, k.make, k.model, input.Limits{Items: 5000})
		if err != nil {
			return
		}
		owner := make([]bool, len(k.b))
		for i, f := range n.Fields {
			if i > 0 && f.Spans[0].Off < n.Fields[i-1].Spans[0].Off {
				t.Fatal("fields are not ascending")
			}
			for _, s := range f.Spans {
				if s.Len <= 0 || s.Off < 0 || s.End() > int64(len(k.b)) {
					t.Fatalf("%s leaves the block", f.Name)
				}
				for o := s.Off; o < s.End(); o++ {
					if owner[o] {
						t.Fatalf("two fields share byte %d", o)
					}
					owner[o] = true
				}
			}
		}
		for _, s := range n.Previews {
			if s.Len <= 0 || s.Off < 0 || s.End() > int64(len(k.b)) {
				t.Fatal("preview leaves the block")
			}
		}
		if !bytes.Equal(k.scrubbed(n, func(privacy.Class) bool { return true }).b, k.b) {
			t.Fatal("keeping everything changed something")
		}
		for _, p := range n.Patches(func(i int) bool { return i%2 == 0 }) {
			if p.Off < 0 || p.Len <= 0 || p.Off > int64(len(k.b))-p.Len || p.With != nil && int64(len(p.With)) != p.Len {
				t.Fatalf("patch of %d bytes at %d leaves the block", p.Len, p.Off)
			}
		}
		clean := k.scrubbed(n, technical)
		if _, err := parse(bytes.NewReader(clean.b), clean.note, k.order, k.make, k.model, input.Limits{Items: 5000}); err != nil {
			t.Fatalf("the cleaned note: %v", err)
		}
	})
}
