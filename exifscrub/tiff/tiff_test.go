package tiff_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"flightveil/exifscrub"
	"flightveil/exifscrub/scrubtest"
	"flightveil/exifscrub/tiff"
	block "flightveil/internal/block/tiff"
	"flightveil/internal/corpus"
	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

func TestConformance(t *testing.T) { scrubtest.Run(t, tiff.Format{}, "testdata") }

func FuzzScrub(f *testing.F) { scrubtest.Fuzz(f, tiff.Format{}, "testdata") }

func sample(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// samples returns the names of the samples that must come clean.
func samples(t *testing.T) []string {
	t.Helper()
	all, err := filepath.Glob("testdata/*.*")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, n := range all {
		if n = filepath.Base(n); !strings.HasSuffix(n, ".golden") && !strings.HasPrefix(n, "damaged") {
			out = append(out, n)
		}
	}
	return out
}

func read(t *testing.T, b []byte) *block.Tree {
	t.Helper()
	tree, err := block.Read(bytes.NewReader(b), input.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// find returns the entry for tag in the directory called name.
func find(tree *block.Tree, name string, tag uint16) (block.Entry, bool) {
	for _, d := range tree.Dirs {
		if d.Name == name {
			return d.Find(tag)
		}
	}
	return block.Entry{}, false
}

// pixels returns the image data of the strips and tiles of b. Previews that are
// cleaned themselves do not count.
func pixels(t *testing.T, b []byte) (out [][]byte) {
	tree := read(t, b)
	for _, d := range tree.Dirs {
		if d.Kind != block.Main && d.Kind != block.Sub {
			continue
		}
		im, err := tree.Strips(d)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range im.Spans {
			if data := b[s.Off:s.End()]; !bytes.HasPrefix(data, []byte("\xFF\xD8")) {
				out = append(out, data)
			}
		}
	}
	return out
}

// TestImageData checks that strips and tiles are where they were, unchanged.
func TestImageData(t *testing.T) {
	for _, name := range samples(t) {
		b := sample(t, name)
		if strings.HasSuffix(name, ".exif") {
			continue
		}
		for _, profile := range []string{"public", "area", "mapping"} {
			clean := scrubtest.Scrub(t, tiff.Format{}, b, profile)
			if len(clean) != len(b) {
				t.Errorf("%s: %s: %d bytes became %d", name, profile, len(b), len(clean))
			}
			want, got := pixels(t, b), pixels(t, clean)
			if len(want) == 0 && name != "panasonic.rw2" && name != "truncated.tif" || !slices.EqualFunc(want, got, bytes.Equal) {
				t.Errorf("%s: %s: image data differs: %d runs, %d after", name, profile, len(want), len(got))
			}
		}
	}
}

// TestSafeToRead checks that what was written can be given to readers that
// trust it.
func TestSafeToRead(t *testing.T) {
	names := append(samples(t), "damaged-loop.exif", "damaged-values.exif")
	for _, name := range names {
		for _, profile := range []string{"public", "area", "mapping"} {
			clean := scrubtest.Scrub(t, tiff.Format{}, sample(t, name), profile)
			if err := block.Check(bytes.NewReader(clean), input.Limits{}); err != nil && name != "truncated.tif" {
				t.Errorf("%s: %s: %v", name, profile, err)
			}
		}
	}
	for _, name := range []string{"damaged-loop.exif", "damaged-values.exif"} {
		if block.Check(bytes.NewReader(sample(t, name)), input.Limits{}) == nil {
			t.Errorf("%s is not safe before", name)
		}
	}
}

// position returns where the GPS IFD of b says the picture was taken, read
// as the specification says.
func position(t *testing.T, b []byte) (geo.Point, [][]block.Ratio) {
	t.Helper()
	tree := read(t, b)
	var parts [][]block.Ratio
	degrees := func(tag uint16, minus string) float64 {
		e, ok := find(tree, "GPS", tag)
		if !ok {
			t.Fatal("no coordinate")
		}
		v, err := tree.Reader.Ratios(e, 3)
		if err != nil || len(v) != 3 {
			t.Fatal(err, v)
		}
		parts = append(parts, v)
		var sum float64
		for i, q := range v {
			f, _ := q.Float()
			sum += f / []float64{1, 60, 3600}[i]
		}
		ref, _ := find(tree, "GPS", tag-1)
		if s, _ := tree.Reader.Text(ref, 2); s == minus {
			sum = -sum
		}
		return sum
	}
	return geo.Point{Lat: degrees(2, "S"), Lon: degrees(4, "W")}, parts
}

// TestCoarsePosition checks what is left of a position under area.
func TestCoarsePosition(t *testing.T) {
	want := geo.Point{Lat: scrubtest.Lat, Lon: scrubtest.Lon}.Cell(1000)
	for _, name := range []string{"block-little.exif", "block-big.exif", "gps-decimal.exif", "gps-signed.exif", "gps-big-type.exif", "pages.tif", "big.btf", "photo.dng", "panasonic.rw2"} {
		clean := scrubtest.Scrub(t, tiff.Format{}, sample(t, name), "area")
		at, parts := position(t, clean)
		if d := at.Distance(want); d > 20 {
			t.Errorf("%s: %.0f m from the centre of the cell", name, d)
		}
		for _, c := range parts {
			for _, q := range c {
				if q.Den != 1 {
					t.Errorf("%s: finer than a second: %v", name, c)
				}
			}
		}
		tree := read(t, clean)
		for _, tag := range []uint16{6, 7, 8, 0xB, 0x11, 0x12, 0x18, 0x1B, 0x1C, 0x1F} {
			if _, ok := find(tree, "GPS", tag); ok {
				t.Errorf("%s: GPS tag %02X is still there", name, tag)
			}
		}
	}
	for name, want := range map[string]bool{
		"gps-one.exif": true, "gps-minutes.exif": true, "gps-text.exif": true, "gps-text-deg.exif": true, "gps-double.exif": true,
		"gps-half.exif": false, "gps-no-ref.exif": false, "gps-no-fix.exif": false, "gps-zero.exif": false, "gps-short.exif": false,
	} {
		plan := scan(t, scrubtest.Scrub(t, tiff.Format{}, sample(t, name), "area"), "area")
		var at *geo.Point
		for _, j := range plan.Findings {
			if j.Class == privacy.Location && j.Where != nil {
				at = j.Where
			}
		}
		switch cell := (geo.Point{Lat: scrubtest.Lat, Lon: scrubtest.Lon}).Cell(1000); {
		case want != (at != nil):
			t.Errorf("%s: a position is left: %v", name, at != nil)
		case want && at.Distance(cell) > 20:
			t.Errorf("%s: %.0f m from the centre of the cell", name, at.Distance(cell))
		}
	}
}

func scan(t *testing.T, b []byte, profile string) *exifscrub.Plan {
	t.Helper()
	plan, err := exifscrub.Scan(t.Context(), scrubtest.Job(t, profile), tiff.Format{}, bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// TestDay checks that area leaves dates without times of day.
func TestDay(t *testing.T) {
	for _, name := range []string{"block-little.exif", "block-big.exif", "photo.dng"} {
		clean := scrubtest.Scrub(t, tiff.Format{}, sample(t, name), "area")
		tree := read(t, clean)
		for _, at := range []struct {
			dir string
			tag uint16
		}{{"IFD0", 0x0132}, {"ExifIFD", 0x9003}, {"ExifIFD", 0x9004}} {
			e, _ := find(tree, at.dir, at.tag)
			if s, _ := tree.Reader.Text(e, 64); s != scrubtest.When[:10]+" 00:00:00" {
				t.Errorf("%s: %s %04X is %q", name, at.dir, at.tag, s)
			}
		}
		for _, tag := range []uint16{0x9010, 0x9291} {
			if _, ok := find(tree, "ExifIFD", tag); ok {
				t.Errorf("%s: %04X is still there", name, tag)
			}
		}
	}
}

// TestWhatStays lists the tags that each profile leaves.
func TestWhatStays(t *testing.T) {
	for _, tc := range []struct{ file, profile, dir, want string }{
		{"block-little.exif", "public", "IFD0", "0112 011A 011B 0128 02BC 8649 8769 8773"},
		{"block-little.exif", "public", "ExifIFD", "829A 829D 8822 8827 9000 9101 9204 9209 920A A000 A001 A002 A003 A005"},
		{"block-little.exif", "public", "InteropIFD", "0001 0002 1000"},
		{"block-little.exif", "public", "GPS", ""},
		{"block-little.exif", "public", "IFD1", ""},
		{"block-little.exif", "area", "GPS", "0000 0001 0002 0003 0004 0013 0014 0015 0016 001D"},
		{"block-big.exif", "mapping", "GPS", "0000 0001 0002 0003 0004 0005 0006 0007 0008 0009 000A 000B 000C 000D 000E 000F 0010 0011 0012 0013 0014 0015 0016 0017 0018 0019 001A 001B 001C 001D 001E 001F"},
		{"map.tif", "public", "IFD0", "0100 0101 0102 0103 0106 0111 0115 0116 0117 A481"},
		{"map.tif", "area", "IFD0", "0100 0101 0102 0103 0106 0111 0115 0116 0117 A481"},
		{"map.tif", "mapping", "IFD0", "0100 0101 0102 0103 0106 0111 0115 0116 0117 830E 8482 87AF 87B0 87B1 A481"},
		{"photo.dng", "public", "SubIFD", "00FE 0100 0101 0102 0103 0106 0111 0115 0116 0117 828D 828E C61A C61D C74E"},
		{"photo.dng", "public", "SubIFD1", "00FE 0100 0101 0103 0106 0111 0115 0116 0117"},
		{"olympus.orf", "public", "IFD0", "0100 0101 0102 0103 0106 010F 0110 0111 0112 0115 0116 0117 011A 011B 0128 8769"},
		{"panasonic.rw2", "public", "IFD0", "0002 0003 0024 002E 8769"},
		{"thumbnail.tif", "public", "IFD1", ""},
		{"alias.exif", "public", "IFD0", "0112"},
		{"xmp-only.exif", "public", "IFD0", "02BC"}, // the projection of a panorama
		{"damaged-values.exif", "public", "IFD0", "0112"},
	} {
		clean := scrubtest.Scrub(t, tiff.Format{}, sample(t, tc.file), tc.profile)
		var got []string
		for _, d := range read(t, clean).Dirs {
			if d.Name == tc.dir {
				for _, e := range d.Entries {
					got = append(got, strings.ToUpper(hex16(e.Tag)))
				}
			}
		}
		if s := strings.Join(got, " "); s != tc.want {
			t.Errorf("%s: %s: %s: got %s, want %s", tc.file, tc.profile, tc.dir, s, tc.want)
		}
	}
}

func hex16(v uint16) string {
	const digits = "0123456789ABCDEF"
	return string([]byte{digits[v>>12], digits[v>>8&15], digits[v>>4&15], digits[v&15]})
}

// TestOpcodes checks that standard opcodes stay to the byte.
func TestOpcodes(t *testing.T) {
	b := sample(t, "multispectral.tif")
	clean := scrubtest.Scrub(t, tiff.Format{}, b, "public")
	tree := read(t, clean)
	e, ok := find(tree, "IFD0", 0xC74E)
	if !ok {
		t.Fatal("the opcode list is gone")
	}
	was, now := b[e.Value.Off:e.Value.End()], clean[e.Value.Off:e.Value.End()]
	private := bytes.Index(was, []byte(`{"FlightId"`))
	if private < 0 || !bytes.Equal(was[:private], now[:private]) {
		t.Error("the standard opcode or a header changed")
	}
	if len(bytes.Trim(now[private:], "\x00")) > 0 {
		t.Error("the private opcode is still there")
	}
}

// TestRefused checks that a value inside image data is not silently left.
func TestRefused(t *testing.T) {
	b := sample(t, "damaged-shared.tif")
	plan := scan(t, b, "public")
	for _, err := range plan.Edits() {
		if err != nil {
			return
		}
	}
	t.Error("no error")
}

// TestKeepsTags checks that a parent can keep the make and model of a block.
func TestKeepsTags(t *testing.T) {
	plan := scan(t, sample(t, "block-little.exif"), "public")
	for _, want := range []string{"IFD0/Make", "IFD0/Model", "ExifIFD/SerialNumber", "GPS/GPSLatitude", "GPS/GPSDestLongitude", "IFD1/ThumbnailImage", "ExifIFD/MakerNote", "Gap"} {
		if !slices.ContainsFunc(plan.Findings, func(j exifscrub.Judged) bool { return j.Path == want && j.Action == privacy.Remove }) {
			t.Errorf("no finding %s", want)
		}
	}
}

func TestCorpus(t *testing.T) {
	files := slices.Concat(corpus.Files(t, "media/tiff"), corpus.Files(t, "media/raw"))
	for _, name := range files {
		if strings.HasSuffix(name, ".cr3") { // not TIFF
			continue
		}
		t.Run(filepath.Base(name), func(t *testing.T) {
			scrubtest.Real(t, tiff.Format{}, name, "IFD0", "ExifIFD", "GPS", "SubIFD", "SubIFD1", "IFD1")
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, profile := range []string{"public", "area", "mapping"} {
				if clean := scrubtest.Scrub(t, tiff.Format{}, b, profile); !slices.EqualFunc(pixels(t, b), pixels(t, clean), bytes.Equal) {
					t.Errorf("%s: image data differs", profile)
				}
			}
		})
	}
}

// TestHostile checks that files made to crash readers do no harm here.
func TestHostile(t *testing.T) {
	for _, name := range corpus.Files(t, "media/hostile") {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if p, err := input.NewProbe("", bytes.NewReader(b)); err != nil || (tiff.Format{}).Detect(p) == input.No {
			continue
		}
		scrubtest.Check(t, tiff.Format{}, b, true)
	}
}
