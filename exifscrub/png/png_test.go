package png_test

import (
	"bytes"
	"cmp"
	"compress/zlib"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"image"
	imagepng "image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"flightveil/exifscrub"
	"flightveil/exifscrub/png"
	"flightveil/exifscrub/scrubtest"
	"flightveil/internal/corpus"
	"flightveil/internal/geo"
	"flightveil/internal/privacy"
)

func TestConformance(t *testing.T) { scrubtest.Run(t, png.Format{}, "testdata") }

func FuzzScrub(f *testing.F) { scrubtest.Fuzz(f, png.Format{}, "testdata") }

var profiles = []string{"public", "area", "mapping"}

type chunk struct {
	kind, data string
	right      bool // checksum
}

// chunks takes a clean file apart.
func chunks(t *testing.T, b []byte) []chunk {
	t.Helper()
	out, rest := split(t, b)
	if len(rest) > 0 {
		t.Errorf("%d bytes after the last chunk", len(rest))
	}
	return out
}

// split takes a file apart up to its end chunk.
func split(t *testing.T, b []byte) (out []chunk, rest []byte) {
	t.Helper()
	for b = b[8:]; len(b) >= 12; {
		n := int(binary.BigEndian.Uint32(b))
		if n > len(b)-12 {
			t.Fatal("a chunk leaves the file")
		}
		out = append(out, chunk{string(b[4:8]), string(b[8 : 8+n]), crc32.ChecksumIEEE(b[4:8+n]) == binary.BigEndian.Uint32(b[8+n:])})
		if b = b[12+n:]; out[len(out)-1].kind == "IEND" {
			break
		}
	}
	return out, b
}

func kinds(cs []chunk) (out []string) {
	for _, c := range cs {
		out = append(out, c.kind)
	}
	return out
}

func sample(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestPixels decodes every sound sample before and after, with a reader that
// knows nothing of this package.
func TestPixels(t *testing.T) {
	files, err := filepath.Glob("testdata/*.png")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasPrefix(filepath.Base(name), "damaged") {
			continue
		}
		b := sample(t, filepath.Base(name))
		want, err := imagepng.Decode(bytes.NewReader(b))
		if err != nil && filepath.Base(name) != "palette.png" { // its end chunk has data, which image/png does not allow
			t.Fatalf("%s: %v", name, err)
		}
		for _, profile := range profiles {
			clean := scrubtest.Scrub(t, png.Format{}, b, profile)
			got, err := imagepng.Decode(bytes.NewReader(clean))
			if err != nil {
				t.Errorf("%s: %s: the clean file cannot be decoded: %v", name, profile, err)
				continue
			}
			if want != nil && !samePixels(got, want) {
				t.Errorf("%s: %s: pixels changed", name, profile)
			}
			if !slices.Equal(pictureData(t, b), pictureData(t, clean)) {
				t.Errorf("%s: %s: coded data changed", name, profile)
			}
			for _, c := range chunks(t, clean) {
				if !c.right {
					t.Errorf("%s: %s: the checksum of %s is wrong", name, profile, c.kind)
				}
			}
		}
	}
}

func samePixels(a, b image.Image) bool {
	if a.Bounds() != b.Bounds() || a.ColorModel() == nil {
		return false
	}
	for y := a.Bounds().Min.Y; y < a.Bounds().Max.Y; y++ {
		for x := a.Bounds().Min.X; x < a.Bounds().Max.X; x++ {
			if a.At(x, y) != b.At(x, y) {
				return false
			}
		}
	}
	return true
}

// pictureData returns the chunks that the picture is made of.
func pictureData(t *testing.T, b []byte) (out []chunk) {
	all, _ := split(t, b)
	for _, c := range all {
		if slices.Contains([]string{"IHDR", "PLTE", "tRNS", "IDAT", "acTL", "fcTL", "fdAT"}, c.kind) {
			out = append(out, c)
		}
	}
	return out
}

func TestWhatStays(t *testing.T) {
	for _, tc := range []struct{ file, profile, want string }{
		{"minimal.png", "public", "IHDR IDAT IEND"},
		{"palette.png", "public", "IHDR sBIT PLTE tRNS bKGD IDAT IEND"},
		{"apng.png", "public", "IHDR acTL fcTL IDAT fcTL fdAT eXIf IEND"}, // orientation and exposure
		{"vendor.png", "public", "IHDR orNT tXMP IDAT IEND"},
		{"vendor.png", "mapping", "IHDR orNT tXMP sCAL IDAT IEND"},
		{"after-end.png", "public", "IHDR IDAT IEND"},
		{"after-end-2.png", "public", "IHDR IDAT IEND"},
		{"after-end-3.png", "mapping", "IHDR IDAT IEND"},
		{"gain-map.png", "public", "IHDR gmAP gdAT IDAT IEND"},
	} {
		got := strings.Join(kinds(chunks(t, scrubtest.Scrub(t, png.Format{}, sample(t, tc.file), tc.profile))), " ")
		if got != tc.want {
			t.Errorf("%s: %s: got %s, want %s", tc.file, tc.profile, got, tc.want)
		}
	}
}

// TestColourProfile checks that a profile stays to the byte and that what hides
// behind its stream goes.
func TestColourProfile(t *testing.T) {
	for _, c := range chunks(t, scrubtest.Scrub(t, png.Format{}, sample(t, "packed.png"), "public")) {
		if c.kind != "iCCP" {
			continue
		}
		r := strings.NewReader(c.data[strings.Index(c.data, "\x00")+2:])
		z, err := zlib.NewReader(r)
		if err != nil {
			t.Fatal(err)
		}
		var icc bytes.Buffer
		if _, err := icc.ReadFrom(z); err != nil || string(icc.Bytes()[36:40]) != "acsp" || r.Len() > 0 {
			t.Errorf("error %v, %d bytes of profile, %d bytes behind it", err, icc.Len(), r.Len())
		}
		return
	}
	t.Error("the colour profile is gone")
}

// texts returns the uncompressed text chunks of b.
func texts(t *testing.T, b []byte) map[string]string {
	out := map[string]string{}
	for _, c := range chunks(t, b) {
		if c.kind == "tEXt" {
			key, value, _ := strings.Cut(c.data, "\x00")
			out[key] = value
		}
	}
	return out
}

// TestProperties checks the fields that ImageMagick writes one by one: what a
// number should be stays only if it is one, a position moves to the centre of
// its cell, a time to its day.
func TestProperties(t *testing.T) {
	b := sample(t, "imagemagick.png")
	for profile, want := range map[string]map[string]string{
		"public": {"exif:ExposureTime": "1/640", "exif:Orientation": "6"},
		"area": {"exif:ExposureTime": "1/640", "exif:Orientation": "6", "exif:Model": "Heron One", "exif:DateTimeOriginal": "2031:07:19 00:00:00",
			"exif:GPSDateStamp": "2031:07:19", "exif:GPSTimeStamp": "0/1, 0/1, 0/1", "exif:GPSLatitudeRef": "S", "exif:GPSLongitudeRef": "W"},
	} {
		got := texts(t, scrubtest.Scrub(t, png.Format{}, b, profile))
		if profile == "area" {
			var d, m [2]float64
			for i, key := range []string{"exif:GPSLatitude", "exif:GPSLongitude"} {
				if _, err := fmt.Sscanf(got[key], "%g/1, %g/10000000, 0/1", &d[i], &m[i]); err != nil {
					t.Errorf("%s: %v", key, err)
				}
				delete(got, key)
			}
			at := geo.Point{Lat: -d[0] - m[0]/6e8, Lon: -d[1] - m[1]/6e8}
			if centre := (geo.Point{Lat: scrubtest.Lat, Lon: scrubtest.Lon}).Cell(1000); at.Distance(centre) > 0.01 {
				t.Errorf("the position is %g m from the centre of its cell", at.Distance(centre))
			}
		}
		for key, value := range want {
			if got[key] != value {
				t.Errorf("%s: %s is %q, want %q", profile, key, got[key], value)
			}
			delete(got, key)
		}
		for key := range got {
			t.Errorf("%s: %s is still there", profile, key)
		}
	}
}

// TestTimeOfChange checks that tIME keeps the day under area and its checksum
// is mended.
func TestTimeOfChange(t *testing.T) {
	for _, c := range chunks(t, scrubtest.Scrub(t, png.Format{}, sample(t, "rich.png"), "area")) {
		if c.kind == "tIME" {
			if c.data != "\x07\xef\x07\x13\x00\x00\x00" || !c.right {
				t.Errorf("got % x, checksum right: %v", c.data, c.right)
			}
			return
		}
	}
	t.Error("tIME is gone")
}

// TestWrongChecksums checks that chunks whose checksum is wrong are cleaned,
// or stay, without hiding the damage.
func TestWrongChecksums(t *testing.T) {
	b := sample(t, "damaged-checksums.png")
	plan, err := exifscrub.Scan(t.Context(), scrubtest.Job(t, "public"), png.Format{}, bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(plan.Notes, func(n string) bool { return strings.HasPrefix(n, "wrong checksums in 3 chunks") }) {
		t.Errorf("notes: %q", plan.Notes)
	}
	if slices.ContainsFunc(plan.Coded, func(s exifscrub.Span) bool { return s.Len > 0 }) {
		t.Error("damaged picture data is reported as sound")
	}
	clean := chunks(t, scrubtest.Scrub(t, png.Format{}, b, "public"))
	if i := slices.IndexFunc(clean, func(c chunk) bool { return c.kind == "IDAT" }); i < 0 || clean[i].right {
		t.Error("the wrong checksum of the picture data was mended")
	}
}

// TestResize checks length and checksum of a chunk whose child's size changes,
// whatever the child's format does.
func TestResize(t *testing.T) {
	b := sample(t, "rich.png")
	for _, n := range []int{-7, 0, 7} {
		var decisions []exifscrub.Decision
		var inner exifscrub.Edit
		for item, err := range (png.Format{}).Walk(t.Context(), bytes.NewReader(b), exifscrub.Limits{}) {
			if err != nil {
				t.Fatal(err)
			}
			d := exifscrub.Decision{Item: item, Action: privacy.Keep}
			if item.Child != nil && item.Child.Path == "XMP" {
				s := item.Child.Spans[0]
				e := exifscrub.Edit{Off: 5, Len: 10, With: bytes.Repeat([]byte("x"), 10+n)}
				d.NewLen, d.Inner = s.Len+int64(n), []exifscrub.Edit{e}
				inner, inner.Off = e, e.Off+s.Off
			}
			decisions = append(decisions, d)
		}
		edits := []exifscrub.Edit{inner}
		for e, err := range (png.Format{}).Edits(t.Context(), bytes.NewReader(b), decisions, exifscrub.Limits{}) {
			if err != nil {
				t.Fatal(err)
			}
			edits = append(edits, e)
		}
		slices.SortFunc(edits, func(a, b exifscrub.Edit) int { return cmp.Compare(a.Off, b.Off) })
		var out bytes.Buffer
		if err := exifscrub.Apply(&out, bytes.NewReader(b), exifscrub.Seq(edits)); err != nil {
			t.Fatal(err)
		}
		before, after := chunks(t, b), chunks(t, out.Bytes())
		for i, c := range after {
			if !c.right || c.kind != before[i].kind || strings.HasPrefix(c.data, "XML:com.adobe.xmp") && len(c.data) != len(before[i].data)+n {
				t.Errorf("%+d: %s of %d bytes, checksum right: %v", n, c.kind, len(c.data), c.right)
			}
		}
	}
}

// TestRecoded checks that blocks which lie in a text as hexadecimal, compressed
// or not, are edited and can be read again, by their own length and digits.
func TestRecoded(t *testing.T) {
	var found int
	for _, c := range chunks(t, scrubtest.Scrub(t, png.Format{}, sample(t, "profiles.png"), "public")) {
		key, text, _ := strings.Cut(c.data, "\x00")
		if c.kind == "zTXt" {
			z, err := zlib.NewReader(strings.NewReader(text[1:]))
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(z)
			if err != nil {
				t.Fatal(err)
			}
			text = string(b)
		}
		if !strings.HasPrefix(key, "Raw profile type ") {
			continue
		}
		lines := strings.Split(strings.TrimSpace(text), "\n")
		block, err := hex.DecodeString(strings.Join(lines[2:], ""))
		if err != nil {
			t.Fatal(err)
		}
		if strings.TrimSpace(lines[1]) != fmt.Sprint(len(block)) {
			t.Errorf("%s states %s bytes, has %d", key, lines[1], len(block))
		}
		for _, secret := range []string{scrubtest.Serial, scrubtest.Person, scrubtest.Place, scrubtest.When} {
			if bytes.Contains(block, []byte(secret)) {
				t.Errorf("%s still tells %q", key, secret)
			}
		}
		if bytes.HasPrefix(block, []byte("Exif\x00\x00")) {
			found++
		}
	}
	if found != 2 {
		t.Errorf("%d Exif blocks with exposure are left of 2", found)
	}
}

// TestBombs checks that texts which inflate to more than a few megabytes are
// removed unread, and that many of them cost no more than one.
func TestBombs(t *testing.T) {
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	w.Write(make([]byte, 9<<20))
	w.Close()
	minimal := sample(t, "minimal.png")
	bomb := put("zTXt", "Comment\x00\x00"+z.String())
	b := slices.Concat(minimal[:33], bytes.Repeat(bomb, 40), minimal[33:])
	start := time.Now()
	if clean := scrubtest.Scrub(t, png.Format{}, b, "public"); !bytes.Equal(clean, minimal) {
		t.Error("the bombs are still there")
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("took %v", d)
	}
}

func put(kind, data string) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, kind...), data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// TestCorpus cleans real files.
func TestCorpus(t *testing.T) {
	for _, path := range corpus.Files(t, "media/png") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			scrubtest.Real(t, png.Format{}, path, "PNG", "IFD0", "ExifIFD", "GPS", "IPTC")
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(pictureData(t, b), pictureData(t, scrubtest.Scrub(t, png.Format{}, b, "public"))) {
				t.Error("coded data changed")
			}
		})
	}
}

// TestDamagedCorpus damages real files, and those that made other programs fail.
func TestDamagedCorpus(t *testing.T) {
	for _, path := range slices.Concat(corpus.Files(t, "media/png"), corpus.Files(t, "media/hostile")) {
		if info, err := os.Stat(path); err != nil || info.Size() > 100_000 || filepath.Ext(path) != ".png" {
			continue
		}
		t.Run(filepath.Base(path), func(t *testing.T) { scrubtest.Mutations(t, png.Format{}, path, 200) })
	}
}

// TestSecretsStaySecret checks that no path, note or error of a sample holds a
// value of the file.
func TestSecretsStaySecret(t *testing.T) {
	files, err := filepath.Glob("testdata/*.png")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		p, err := exifscrub.Scan(t.Context(), scrubtest.Job(t, "public"), png.Format{}, bytes.NewReader(sample(t, filepath.Base(name))))
		var said []string
		if err != nil {
			said = append(said, err.Error())
		} else {
			said = append(said, p.Notes...)
			for _, j := range p.Findings {
				said = append(said, j.Path)
			}
		}
		for _, s := range said {
			for _, secret := range []string{scrubtest.Serial, scrubtest.Person, scrubtest.Place, scrubtest.Text} {
				if strings.Contains(s, secret) {
					t.Errorf("%s: %q", name, s)
				}
			}
		}
	}
}

func TestUnknownCriticalChunk(t *testing.T) {
	_, err := exifscrub.Scan(t.Context(), scrubtest.Job(t, "public"), png.Format{}, bytes.NewReader(sample(t, "damaged-critical.png")))
	if err == nil || !strings.Contains(err.Error(), "critical") {
		t.Errorf("got %v", err)
	}
}

// TestKeep checks that what a user asks to keep stays: nothing is removed for
// lack of a rule only.
func TestKeep(t *testing.T) {
	job := scrubtest.Job(t, "public")
	job.Policy = privacy.Policy{Rules: map[privacy.Class]privacy.Action{privacy.Copyright: privacy.Keep}}
	b := sample(t, "rich.png")
	p, err := exifscrub.Scan(t.Context(), job, png.Format{}, bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := exifscrub.Apply(&out, bytes.NewReader(b), p.Edits()); err != nil {
		t.Fatal(err)
	}
	got := texts(t, out.Bytes())
	if len(got) != 2 || got["Author"] != scrubtest.Person || got["Copyright"] == "" {
		t.Errorf("texts left: %d", len(got))
	}
}
