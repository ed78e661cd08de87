package xmp_test

import (
	"bytes"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"flightveil/exifscrub"
	"flightveil/exifscrub/scrubtest"
	"flightveil/exifscrub/xmp"
	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

func TestConformance(t *testing.T) { scrubtest.Run(t, xmp.Format{}, "testdata") }

func FuzzScrub(f *testing.F) { scrubtest.Fuzz(f, xmp.Format{}, "testdata") }

func sample(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func walk(t testing.TB, b []byte) (out []privacy.Finding) {
	t.Helper()
	for item, err := range (xmp.Format{}).Walk(t.Context(), bytes.NewReader(b), input.Limits{}) {
		if err != nil {
			t.Fatal(err)
		}
		if item.Finding != nil {
			out = append(out, *item.Finding)
		}
	}
	return out
}

// wellFormed reports whether a strict parser accepts b.
func wellFormed(b []byte) bool {
	d := xml.NewDecoder(bytes.NewReader(b))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	for {
		if _, err := d.Token(); err != nil {
			return err == io.EOF
		}
	}
}

// TestStaysXML checks that what a strict parser accepted it still accepts, that
// the size stays, and that nothing is left where everything goes.
func TestStaysXML(t *testing.T) {
	files, err := filepath.Glob("testdata/*.xmp")
	if err != nil || len(files) < 10 {
		t.Fatal(len(files), err)
	}
	checked := 0
	for _, path := range files {
		dirty := sample(t, filepath.Base(path))
		for _, profile := range []string{"public", "area", "mapping"} {
			clean := scrubtest.Scrub(t, xmp.Format{}, dirty, profile)
			if len(clean) != len(dirty) {
				t.Errorf("%s: %s: %d bytes, want %d", path, profile, len(clean), len(dirty))
			}
			if wellFormed(dirty) {
				if checked++; !wellFormed(clean) {
					t.Errorf("%s: %s: no longer well-formed", path, profile)
				}
			}
			probe, err := input.NewProbe("", bytes.NewReader(clean))
			if m := (xmp.Format{}).Detect(probe); err != nil || m < input.Likely {
				t.Errorf("%s: %s: no longer an XMP file", path, profile)
			}
		}
	}
	if checked < 20 {
		t.Errorf("only %d files were well-formed to begin with", checked)
	}
}

// TestVendorGoes checks that no name of the camera's maker is left, not even in
// a namespace declaration.
func TestVendorGoes(t *testing.T) {
	clean := scrubtest.Scrub(t, xmp.Format{}, sample(t, "drone.xmp"), "public")
	for _, s := range []string{"dji", "DJI", "GPano", "drone"} {
		if bytes.Contains(clean, []byte(s)) {
			t.Errorf("%q is still there", s)
		}
	}
	if f := walk(t, clean); len(f) > 0 {
		t.Errorf("still %d findings, first %s", len(f), f[0].Path)
	}
}

// TestMappingKeeps checks that a survey's packet still works for a mapping program.
func TestMappingKeeps(t *testing.T) {
	clean := string(scrubtest.Scrub(t, xmp.Format{}, sample(t, "drone.xmp"), "mapping"))
	for _, s := range []string{`drone-dji:GpsLatitude="-41.38751250"`, `drone-dji:GpsLongitude="-132.45183750"`, `drone-dji:AbsoluteAltitude="+1234.567"`,
		`drone-dji:RtkFlag="50"`, `drone-dji:DewarpData="2031-06-01;3666.66,3666.66,-6.0"`, `xmlns:drone-dji=`, `drone-dji:GimbalYawDegree="-120.00"`} {
		if !strings.Contains(clean, s) {
			t.Errorf("%s was lost", s)
		}
	}
}

// TestCoarse checks the positions of an area picture: every one within a
// kilometre, all forms of the same place in one cell, nothing beside them.
func TestCoarse(t *testing.T) {
	clean := scrubtest.Scrub(t, xmp.Format{}, sample(t, "positions.xmp"), "area")
	at := geo.Point{Lat: scrubtest.Lat, Lon: scrubtest.Lon}
	var names []string
	for _, f := range walk(t, clean) {
		if f.Class != privacy.Location {
			if f.Class != privacy.Time {
				t.Errorf("%s is still there", f.Path)
			}
			continue
		}
		names = append(names, f.Path)
		switch {
		case f.Where == nil:
			t.Errorf("%s has no position any more", f.Path)
		case f.Where.Zero(): // no fix stays no fix
		case f.Where.Distance(at) > 1000 || f.Where.Distance(at.Cell(1000)) > 30:
			t.Errorf("%s is %.0f m away, %.0f m from the cell's centre", f.Path, f.Where.Distance(at), f.Where.Distance(at.Cell(1000)))
		}
	}
	want := []string{"exif:GPSLatitude", "exif:GPSLongitude", "exif:GPSDestLatitude", "exif:GPSDestLongitude", "v:Latitude", "v:LatitudeRef", "v:Longitude", "v:LongitudeRef",
		"drone-skydio:Latitude", "drone-skydio:Longitude", "dwc:LocationDecimalLatitude", "dwc:LocationDecimalLongitude", "drone-dji:GpsLatitude", "drone-dji:GpsLongitude"}
	if !slices.Equal(names, want) { // -41.4 is too short to be made coarser and goes
		t.Errorf("positions %v, want %v", names, want)
	}
	if s := string(clean); !strings.Contains(s, `exif:GPSTimeStamp="`+scrubtest.Day+`"`) || !strings.Contains(s, `v:LatitudeRef="South"`) {
		t.Error("the day or the hemisphere was lost")
	}
}

// TestHemisphere moves a position across the equator and the zero meridian: the
// references must follow.
func TestHemisphere(t *testing.T) {
	packet := func(lat, ns, lon, ew string) []byte {
		return []byte(`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="` +
			lat + `" exif:GPSLatitudeRef="` + ns + `" exif:GPSLongitude="` + lon + `"><exif:GPSLongitudeRef> ` + ew + ` </exif:GPSLongitudeRef></rdf:Description></rdf:RDF></x:xmpmeta>`)
	}
	at := geo.Point{Lat: 0.00001, Lon: -0.00001}
	job := scrubtest.Job(t, "area")
	job.Cell = func(geo.Point) geo.Point { return geo.Point{Lat: -0.0025, Lon: 0.0035} }
	for _, b := range [][]byte{packet("0.00001000", "North", "0.00001000", "W"), packet("0.00001000", "N", "-0.0000100", "West")} {
		plan, err := exifscrub.Scan(t.Context(), job, xmp.Format{}, bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		var clean bytes.Buffer
		if err := exifscrub.Apply(&clean, bytes.NewReader(b), plan.Edits()); err != nil {
			t.Fatal(err)
		}
		found := walk(t, clean.Bytes())
		if len(found) != 4 {
			t.Fatalf("%d findings, want 4: %s", len(found), clean.Bytes())
		}
		for k, f := range found {
			if before := walk(t, b)[k].Where; before == nil || before.Distance(at) > 1 {
				t.Errorf("%s was read as %v, want %v", f.Path, before, at)
			}
			if f.Where == nil || f.Where.Distance(geo.Point{Lat: -0.0025, Lon: 0.0035}) > 1 {
				t.Errorf("%s is now read as %v: %s", f.Path, f.Where, clean.Bytes())
			}
		}
	}
}

// TestHalfPosition checks that no coordinate stays alone when the other one
// cannot be made coarser.
func TestHalfPosition(t *testing.T) {
	b := []byte(`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/"
 exif:GPSLatitude="41.3875125" exif:GPSLongitude="132"/></rdf:RDF></x:xmpmeta>`)
	if f := walk(t, scrubtest.Scrub(t, xmp.Format{}, b, "area")); len(f) > 0 {
		t.Errorf("%s is still there", f[0].Path)
	}
	scrubtest.Check(t, xmp.Format{}, b, false)
}

// TestBrokenPackets checks that a packet which cannot be understood shows what
// could be read, and is gone as a whole afterwards.
func TestBrokenPackets(t *testing.T) {
	for name, want := range map[string]string{"cut.xmp": "drone-dji:GpsLatitude", "unclosed.xmp": "dc:source", "entities.xmp": "packet", "damaged-odd.xmp": "dc:creator"} {
		dirty := sample(t, name)
		if !slices.ContainsFunc(walk(t, dirty), func(f privacy.Finding) bool { return f.Path == want }) {
			t.Errorf("%s: %s was not found", name, want)
		}
		for _, profile := range []string{"public", "area", "mapping"} {
			clean := scrubtest.Scrub(t, xmp.Format{}, dirty, profile)
			if f := walk(t, clean); len(f) > 0 {
				t.Errorf("%s: %s: %s is still there", name, profile, f[0].Path)
			}
			if bytes.Contains(clean, []byte(scrubtest.Person)) || bytes.Contains(clean, []byte(scrubtest.Place)) {
				t.Errorf("%s: %s: a name is still there", name, profile)
			}
		}
	}
}

// TestThumbnail checks that a picture inside a value is looked into.
func TestThumbnail(t *testing.T) {
	plan, err := exifscrub.Scan(t.Context(), scrubtest.Job(t, "everything"), xmp.Format{}, bytes.NewReader(sample(t, "thumbnail.xmp")))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(plan.Findings, func(j exifscrub.Judged) bool {
		return j.Encoded && strings.Contains(j.Value.Reveal(), scrubtest.Text)
	}) {
		t.Error("the comment of the thumbnail was not found")
	}
}

// TestWhatStays lists the settings that a posted picture keeps.
func TestWhatStays(t *testing.T) {
	for name, want := range map[string][]string{
		"panorama.xmp": {"Container:DirectoryItemLength", "Container:DirectoryItemMime", "Container:DirectoryItemSemantic", "GCamera:MotionPhoto", "GPano:CroppedAreaLeftPixels",
			"GPano:FullPanoHeightPixels", "GPano:FullPanoWidthPixels", "GPano:PosePitchDegrees", "GPano:ProjectionType", "GPano:UsePanoramaViewer", "hdrgm:GainMapMin", "hdrgm:HDRCapacityMax", "hdrgm:Version"},
		"elements.xmp": {"exif:FNumber", "exif:FlashFired", "exif:FlashMode", "exif:ISOSpeedRatings", "tiff:Orientation"},
		"raw.xmp":      {"crs:AlreadyApplied", "crs:Exposure2012", "crs:HasSettings", "crs:ToneCurvePV2012", "crs:WhiteBalance"},
		"minimal.xmp":  {"tiff:Orientation"},
		"drone.xmp":    nil,
		"utf16le.xmp":  {"exif:FNumber", "exif:FlashFired", "exif:FlashMode", "exif:ISOSpeedRatings", "tiff:Orientation"},
	} {
		var got []string
		for _, f := range walk(t, scrubtest.Scrub(t, xmp.Format{}, sample(t, name), "public")) {
			got = append(got, f.Path)
		}
		slices.Sort(got)
		if got = slices.Compact(got); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

// TestClasses samples the tables and the rules for names no table has.
func TestClasses(t *testing.T) {
	for _, c := range []struct {
		uri, name, value string
		want             privacy.Class // "" for no finding
	}{
		{"http://www.dji.com/drone-dji/1.0/", "NTRIPHost", "caster.example", privacy.Identity},
		{"http://www.dji.com/drone-dji/1.0/", "ShutterCount", "41", privacy.Identity},
		{"http://www.dji.com/drone-dji/1.0/", "LRFTargetAbsAlt", "41.5", privacy.Altitude},
		{"http://www.dji.com/drone-dji/1.0/", "gpslatitude", "41.5", privacy.Location},
		{"http://www.dji.com/drone-dji/1.0/", "BatterySerialNumber", "X", privacy.Identity},
		{"http://www.dji.com/drone-dji/1.0/", "Zoom", "2", privacy.Unknown},
		{"Camera/", "AboveGroundAltitude", "1.0", privacy.Altitude},
		{"http://pix4d.com/camera/1.0", "FlightUUID", "X", privacy.Identity},
		{"http://ns.sensefly.com/Camera/1.0/", "GPSXYAccuracy", "1", privacy.Attitude},
		{"http://www.parrot.com/drone-parrot/1.0/", "CameraYawDegree", "1", privacy.Attitude},
		{"https://www.skydio.com/drone-skydio/1.0/", "VehiclePositionNED", "1", privacy.Operator},
		{"http://micasense.com/DLS/1.0/", "Serial", "X", privacy.Identity},
		{"http://rs.tdwg.org/dwc/terms/", "recordedBy", "X", privacy.Identity},
		{"http://ns.adobe.com/exif/1.0/", "FNumber", "28/10", privacy.Exposure},
		{"http://ns.adobe.com/exif/1.0/", "FNumber", "Zephyrine", privacy.Unknown},
		{"http://somewhere.example/", "FNumber", "28/10", privacy.Unknown},
		{"http://ns.adobe.com/tiff/1.0/", "Orientation", "6", privacy.Technical},
		{"http://ns.adobe.com/tiff/1.0/", "Orientation", "1", ""},
		{"http://ns.adobe.com/tiff/1.0/", "ImageWidth", "4000", ""},
		{"http://ns.adobe.com/tiff/1.0/", "ImageWidth", "Zephyrine", privacy.Unknown},
		{"http://ns.adobe.com/camera-raw-settings/1.0/", "Exposure2012", "+1.80", privacy.Provenance},
		{"http://ns.adobe.com/camera-raw-settings/1.0/", "RawFileName", "X.DNG", privacy.Identity},
		{"http://ns.adobe.com/lightroom/1.0/", "hierarchicalSubject", "Places|Port Quillon", privacy.Description},
		{"http://developer.sonyericsson.com/cell/1.0/", "mcc", "262", privacy.Place},
		{"http://vendor.example/", "TakeoffLongitude", "1.5", privacy.Operator},
		{"http://vendor.example/", "TgtLat", "1.5", privacy.Location},
		{"http://vendor.example/", "BarometricPressure", "1013", privacy.Altitude},
		{"http://vendor.example/", "GimbalTilt", "1", privacy.Attitude},
		{"http://vendor.example/", "PilotId", "1", privacy.Identity},
		{"http://vendor.example/", "Blob", "1", privacy.Unknown},
	} {
		b := []byte(`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:Camera="` + c.uri + `"><Camera:` +
			c.name + `>` + c.value + `</Camera:` + c.name + `></rdf:Description></rdf:RDF></x:xmpmeta>`)
		if c.uri == "http://somewhere.example/" || c.uri == "http://vendor.example/" { // no prefix of a known vendor
			b = bytes.ReplaceAll(b, []byte("Camera:"), []byte("q:"))
			b = bytes.ReplaceAll(b, []byte("xmlns:Camera"), []byte("xmlns:q"))
		}
		var got privacy.Class
		if f := walk(t, b); len(f) > 0 {
			got = f[0].Class
		}
		if got != c.want {
			t.Errorf("%s %s=%s: %q, want %q", c.uri, c.name, c.value, got, c.want)
		}
	}
}
