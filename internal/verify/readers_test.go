package verify

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"flightveil/internal/corpus"
	"flightveil/internal/privacy"
)

// An entry is one tag of a directory to write. in is the directory it leads to.
type entry struct {
	tag, typ uint16
	count    uint32
	value    []byte
	in       []entry
}

func ascii(tag uint16, s string) entry {
	return entry{tag: tag, typ: 2, count: uint32(len(s) + 1), value: append([]byte(s), 0)}
}

func long(o binary.AppendByteOrder, tag uint16, v uint32) entry {
	return entry{tag: tag, typ: 4, count: 1, value: o.AppendUint32(nil, v)}
}

func rationals(o binary.AppendByteOrder, tag uint16, v ...uint32) entry {
	e := entry{tag: tag, typ: 5, count: uint32(len(v) / 2)}
	for _, x := range v {
		e.value = o.AppendUint32(e.value, x)
	}
	return e
}

type byteOrder interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

// exifBlock writes a block with a chain of directories.
func exifBlock(o byteOrder, chain ...[]entry) []byte {
	b := []byte("II")
	if o == byteOrder(binary.BigEndian) {
		b = []byte("MM")
	}
	b = o.AppendUint32(o.AppendUint16(b, 42), 0)
	for at := 4; len(chain) > 0; chain = chain[1:] {
		o.PutUint32(b[at:], uint32(len(b)))
		b, at = directory(o, b, chain[0])
	}
	return b
}

// directory appends a directory and what it leads to, and returns where the
// pointer to the next one is.
func directory(o byteOrder, b []byte, entries []entry) ([]byte, int) {
	b = o.AppendUint16(b, uint16(len(entries)))
	at := len(b)
	b = append(b, make([]byte, 12*len(entries)+4)...)
	for i, e := range entries {
		raw := at + 12*i
		o.PutUint16(b[raw:], e.tag)
		o.PutUint16(b[raw+2:], e.typ)
		o.PutUint32(b[raw+4:], e.count)
		switch {
		case e.in != nil:
			o.PutUint32(b[raw+8:], uint32(len(b)))
			b, _ = directory(o, b, e.in)
		case len(e.value) <= 4:
			copy(b[raw+8:], e.value)
		default:
			o.PutUint32(b[raw+8:], uint32(len(b)))
			b = append(b, e.value...)
		}
	}
	return b, at + 12*len(entries)
}

// telltale is a block as a drone writes it.
func telltale(o byteOrder) []byte {
	return exifBlock(o, []entry{
		ascii(0x010E, "the heron nests behind the boathouse"),
		ascii(0x0132, "2031:07:19 04:47:53"),
		ascii(0x013B, "Zephyrine Quillfeather"),
		{tag: 0x8769, typ: 4, count: 1, in: []entry{
			rationals(o, 0x829A, 1, 250),
			ascii(0x9003, "2031:07:19 04:47:53"),
			ascii(0xA431, "FVCANARY4519KX"),
		}},
		{tag: 0x8825, typ: 4, count: 1, in: []entry{
			ascii(1, "S"), rationals(o, 2, 41, 1, 23, 1, 15045, 1000),
			ascii(3, "W"), rationals(o, 4, 132, 1, 27, 1, 6615, 1000),
			{tag: 5, typ: 1, count: 1, value: []byte{0}}, rationals(o, 6, 1234567, 1000),
			rationals(o, 7, 4, 1, 47, 1, 53, 1), ascii(0x1D, "2031:07:19"),
		}},
	}, []entry{long(o, 0x0201, 4), long(o, 0x0202, 100)})
}

// harmless is a block with what every profile keeps, and blanked values.
func harmless(o byteOrder) []byte {
	return exifBlock(o, []entry{
		{tag: 0x0112, typ: 3, count: 1, value: o.AppendUint16(nil, 6)},
		ascii(0x010E, "                    "),
		ascii(0x0132, "    :  :     :  :  "),
		{tag: 0x8769, typ: 4, count: 1, in: []entry{rationals(o, 0x829A, 1, 250), {tag: 0x9286, typ: 7, count: 20, value: []byte("ASCII\x00\x00\x00            ")}}},
		{tag: 0x8825, typ: 4, count: 1, in: []entry{{tag: 0, typ: 1, count: 4, value: []byte{2, 3, 0, 0}}, ascii(1, "N"), rationals(o, 2, 0, 1, 0, 1, 0, 1)}},
	})
}

var (
	everything = func(privacy.Class) bool { return true }
	byteOrders = []byteOrder{binary.LittleEndian, binary.BigEndian}
)

func TestExifReadersSeeWhatIsLeft(t *testing.T) {
	for _, o := range byteOrders {
		in := bytes.NewReader(telltale(o))
		for _, r := range readers {
			b, err := newBlock(in)
			if err != nil {
				t.Fatal(err)
			}
			classes := map[privacy.Class]int{}
			if err := r.read(b, func(s seen) { classes[s.class()]++ }); err != nil {
				t.Errorf("%s, %v: %v", r.name, o, err)
			}
			want := map[privacy.Class]int{privacy.Location: 2, privacy.Altitude: 2, privacy.Time: 4, privacy.Identity: 1, privacy.Copyright: 1, privacy.Description: 1}
			if r.name == "goexif" {
				delete(want, privacy.Identity) // it is older than the tag
			}
			delete(classes, "")
			if fmt.Sprint(classes) != fmt.Sprint(want) {
				t.Errorf("%s, %v: sees %v, want %v", r.name, o, classes, want)
			}
		}
		hits, err := Exif(in, in, everything)
		if err != nil || len(hits) < 8 {
			t.Errorf("%v: %v, %v", o, hits, err)
		}
		for _, h := range hits {
			if h.Off != -1 || h.As == "" || h.Path == "" {
				t.Errorf("%+v", h)
			}
		}
		hits, err = Exif(in, in, func(c privacy.Class) bool { return c == privacy.Identity })
		if err != nil || len(hits) != 1 || hits[0].Class != privacy.Identity {
			t.Errorf("only serial numbers are gone: %v, %v", hits, err)
		}
		hits, err = Exif(in, bytes.NewReader(harmless(o)), everything)
		if err != nil || len(hits) > 0 {
			t.Errorf("%v: a clean block: %v, %v", o, hits, err)
		}
	}
}

// TestExifReadersInLongFiles puts the directories behind a megabyte of picture.
func TestExifReadersInLongFiles(t *testing.T) {
	o := binary.LittleEndian
	b := exifBlock(o, []entry{{tag: 0x0111, typ: 7, count: 2 << 20, value: make([]byte, 2<<20)}, ascii(0x013B, "Zephyrine Quillfeather"), {tag: 0x8825, typ: 4, count: 1, in: []entry{rationals(o, 2, 41, 1, 23, 1, 15045, 1000)}}})
	hits, err := Exif(bytes.NewReader(b), bytes.NewReader(b), everything)
	if err != nil || len(hits) != 2 {
		t.Errorf("%v, %v", hits, err)
	}
}

func TestExifReaderErrors(t *testing.T) {
	good := bytes.NewReader(telltale(binary.LittleEndian))
	bad := bytes.NewReader([]byte("II*\x00\xff\xff\xff\x00"))
	if _, err := Exif(good, bad, everything); err == nil {
		t.Error("a block that cannot be read any more is no error")
	}
	if hits, err := Exif(bad, bad, everything); err != nil || len(hits) > 0 {
		t.Errorf("a block that could never be read: %v, %v", hits, err)
	}
	foreign := bytes.NewReader([]byte("II+\x00\x08\x00\x00\x00\x10\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"))
	if hits, err := Exif(good, foreign, everything); err != nil || len(hits) > 0 {
		t.Errorf("a BigTIFF: %v, %v", hits, err)
	}
}

// hostile blocks: none may reach a reader as it is.
func hostile() map[string][]byte {
	o := binary.LittleEndian
	loop := exifBlock(o, []entry{ascii(0x013B, "Zephyrine")})
	o.PutUint32(loop[8+2+12:], 8) // the next IFD is this one
	self := exifBlock(o, []entry{long(o, 0x8769, 8), long(o, 0x8825, 8)})
	header := exifBlock(o, []entry{{tag: 0x8769, typ: 7, count: 4, value: []byte{0, 0, 0, 0}}, ascii(0x013B, "Zephyrine")})
	many := exifBlock(o, slices.Repeat([]entry{{tag: 0x8769, typ: 4, count: 1, value: o.AppendUint32(nil, 8)}}, 4000))
	shared := exifBlock(o, slices.Repeat([]entry{ascii(0x013B, string(bytes.Repeat([]byte("x"), 4000)))}, 300))
	overlap := exifBlock(o, []entry{long(o, 0x8769, 20), long(o, 0x0132, 9), long(o, 0x9003, 1), ascii(0x013B, "Zephyrine Quillfeather")})
	return map[string][]byte{
		// goexif multiplies 2 by 0x80000001 in 32 bits and allocates the count.
		"17 gigabytes":     []byte("II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x80\x01\x00\x00\x00\x00\x00\x00\x00"),
		"16 gigabytes":     exifBlock(o, []entry{{tag: 0x013B, typ: 5, count: 0x20000001, value: make([]byte, 8)}}),
		"loop":             loop,
		"itself":           self,
		"the header":       header,
		"many to one":      many,
		"shared values":    shared,
		"overlap":          overlap,
		"a long thumbnail": exifBlock(o, []entry{ascii(0x013B, "Zephyrine")}, []entry{long(o, 0x0201, 8), long(o, 0x0202, 0xF0000000)}),
		"a pointer in two": exifBlock(o, []entry{{tag: 0x8769, typ: 4, count: 2, value: []byte{8, 0, 0, 0, 0, 0, 0, 0}}}),
		"a short pointer":  exifBlock(o, []entry{{tag: 0x8825, typ: 3, count: 1, value: []byte{8, 0, 0xFF, 0xFF}}}),
		"cut":              telltale(o)[:40],
		"no entries":       []byte("II*\x00\x08\x00\x00\x00\x00\x00"),
		"header only":      []byte("II*\x00\x08\x00\x00\x00"),
		"nothing":          nil,
	}
}

// checkHostile gives b to every reader and bounds what that costs.
func checkHostile(t *testing.T, b []byte) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	hits, err := Exif(bytes.NewReader(b), bytes.NewReader(b), everything)
	runtime.ReadMemStats(&after)
	if cost, limit := after.TotalAlloc-before.TotalAlloc, uint64(64<<20+40*len(b)); cost > limit {
		t.Errorf("%d bytes cost %d bytes of memory", len(b), cost)
	}
	if err != nil {
		t.Errorf("a block compared with itself: %v (hits: %v)", err, hits)
	}
	if blk, err := newBlock(bytes.NewReader(b)); err == nil && blk.whole != nil {
		again, err := io.ReadAll(io.NewSectionReader(blk, 0, blk.Size()))
		if err != nil || !bytes.Equal(again, blk.whole) {
			t.Errorf("seeking and loading readers are shown different blocks: %v", err)
		}
	}
}

func TestHostileBlocks(t *testing.T) {
	goExif3() // so that its tables do not count
	for name, b := range hostile() {
		t.Run(name, func(t *testing.T) { checkHostile(t, b) })
	}
}

// TestCutBlocks cuts a block at every length and flips every byte.
func TestCutBlocks(t *testing.T) {
	goExif3()
	for _, o := range byteOrders {
		b := telltale(o)
		for n := range b {
			checkHostile(t, b[:n])
			flipped := bytes.Clone(b)
			flipped[n] ^= 0xFF
			checkHostile(t, flipped)
		}
	}
}

func FuzzExif(f *testing.F) {
	goExif3()
	for _, o := range byteOrders {
		f.Add(telltale(o))
		f.Add(harmless(o))
	}
	for _, b := range hostile() {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<20 {
			t.Skip()
		}
		checkHostile(t, b)
	})
}

// TestExifOfRealFiles reads the blocks of real photos: they are all readable
// after shortening, and tell something.
func TestExifOfRealFiles(t *testing.T) {
	read := 0
	for _, path := range corpus.Files(t, "media/jpg") {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		block := firstExif(b)
		if block == nil {
			continue
		}
		read++
		hits, err := Exif(bytes.NewReader(block), bytes.NewReader(block), everything)
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(path), err)
		}
		shown, err := newBlock(bytes.NewReader(block))
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(path), err)
			continue
		}
		for _, r := range readers {
			if err := r.read(shown, func(seen) {}); err != nil {
				t.Errorf("%s: %s: %v", filepath.Base(path), r.name, err)
			}
		}
		t.Logf("%s: %d", filepath.Base(path), len(hits))
	}
	if read == 0 {
		t.Error("no photo has an Exif block?")
	}
}

// firstExif returns the Exif block of a JPEG file, if it comes first.
func firstExif(b []byte) []byte {
	i := bytes.Index(b[:min(len(b), 200)], []byte("Exif\x00\x00"))
	if i < 4 {
		return nil
	}
	n := int(binary.BigEndian.Uint16(b[i-2:]))
	return b[i+6 : min(len(b), i-2+n)]
}

func BenchmarkExif(b *testing.B) {
	for name, block := range map[string][]byte{"telltale": telltale(binary.LittleEndian), "clean": harmless(binary.LittleEndian)} {
		b.Run(name, func(b *testing.B) {
			in := bytes.NewReader(block)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Exif(in, in, everything); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
