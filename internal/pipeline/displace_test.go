package pipeline

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	mediaall "flightveil/exifscrub/all"
	"flightveil/geofuzz"
	"flightveil/internal/atomicfile"
	"flightveil/internal/geo"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
	logall "flightveil/logfmt/all"
	"flightveil/logfmt/export"
)

// A shot is a photo of an invented flight.
type shot struct {
	at       geo.Point
	utc      time.Time
	msl, rel float64
}

// photo returns a JPEG that tells s in Exif and XMP, as a drone's camera would.
// zone is that of its clock; without zoned, no tag names it.
func (s shot) photo(zone time.Duration, zoned bool) []byte {
	o := binary.LittleEndian
	wall := s.utc.Add(zone)
	text := func(s string) []byte { return append([]byte(s), 0) }
	rationals := func(v ...uint32) (b []byte) {
		for _, x := range v {
			b = o.AppendUint32(b, x)
		}
		return b
	}
	dms := func(v float64) []byte {
		t := uint64(math.Round(math.Abs(v) * 3600 * 1e5))
		return rationals(uint32(t/36e7), 1, uint32(t/60e5%60), 1, uint32(t%60e5), 1e5)
	}
	letter := func(v float64, letters string) []byte {
		if v < 0 {
			return []byte{letters[1], 0}
		}
		return []byte{letters[0], 0}
	}
	type entry struct {
		tag, kind uint16
		value     []byte
	}
	size := map[uint16]int{1: 1, 2: 1, 4: 4, 5: 8}
	var out []byte
	out = append(out, "II*\x00\x08\x00\x00\x00"...)
	table := func(entries []entry) {
		at := len(out) + 2 + 12*len(entries) + 4
		var values []byte
		out = o.AppendUint16(out, uint16(len(entries)))
		for _, e := range entries {
			out = o.AppendUint16(o.AppendUint16(out, e.tag), e.kind)
			out = o.AppendUint32(out, uint32(len(e.value)/size[e.kind]))
			if len(e.value) <= 4 {
				out = append(append(out, e.value...), make([]byte, 4-len(e.value))...)
				continue
			}
			out = o.AppendUint32(out, uint32(at+len(values)))
			values = append(values, e.value...)
			values = append(values, make([]byte, len(values)%2)...)
		}
		out = append(o.AppendUint32(out, 0), values...)
	}
	main := []entry{{0x8769, 4, make([]byte, 4)}, {0x8825, 4, make([]byte, 4)}}
	table(main)
	o.PutUint32(out[8+2+8:], uint32(len(out)))
	exif := []entry{{0x9003, 2, text(wall.Format(exifTime))}}
	if zoned {
		exif = append(exif, entry{0x9011, 2, text(wall.In(time.FixedZone("", int(zone.Seconds()))).Format("-07:00"))})
	}
	table(append(exif, entry{0x9291, 2, text(fmt.Sprintf("%03d", wall.Nanosecond()/1e6))}))
	o.PutUint32(out[8+2+12+8:], uint32(len(out)))
	table([]entry{{1, 2, letter(s.at.Lat, "NS")}, {2, 5, dms(s.at.Lat)}, {3, 2, letter(s.at.Lon, "EW")}, {4, 5, dms(s.at.Lon)},
		{5, 1, []byte{0}}, {6, 5, rationals(uint32(math.Round(s.msl*1000)), 1000)}})
	packet := fmt.Sprintf(`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">`+
		`<rdf:Description rdf:about="" xmlns:drone-dji="http://www.dji.com/drone-dji/1.0/" drone-dji:GpsLatitude="%+.8f" drone-dji:GpsLongitude="%+.8f"`+
		` drone-dji:AbsoluteAltitude="%+.3f" drone-dji:RelativeAltitude="%+.3f"/></rdf:RDF></x:xmpmeta>`, s.at.Lat, s.at.Lon, s.msl, s.rel)
	file := []byte{0xFF, 0xD8}
	for _, b := range [][]byte{append([]byte("Exif\x00\x00"), out...), append([]byte("http://ns.adobe.com/xap/1.0/\x00"), packet...)} {
		file = append(append(file, 0xFF, 0xE1), binary.BigEndian.AppendUint16(nil, uint16(len(b)+2))...)
		file = append(file, b...)
	}
	return append(file, minimalJPEG[2:]...)
}

const exifTime = "2006:01:02 15:04:05"

var minimalJPEG = func() []byte {
	b, err := os.ReadFile("../../exifscrub/jpeg/testdata/minimal.jpg")
	if err != nil {
		panic(err)
	}
	return b
}()

// An outing is an invented flight: its log and its photos.
type outing struct {
	fixes []shot
	shots []shot
}

// fly invents a flight from home, ten fixes a second, with a photo now and then
// between two of them and up to 30 m beside the track: a receiver of its own.
func fly(r *rand.Rand, home geo.Point, began time.Time) outing {
	f := geo.NewFrame(home)
	var o outing
	east, north, height, base := 0.0, 0.0, 0.0, 100+r.Float64()*800
	at := func(e, n float64) geo.Point {
		p, ok := f.From(e, n)
		if !ok {
			panic("not on the globe")
		}
		return p.Rounded()
	}
	for i := range 800 {
		t := began.Add(time.Duration(i) * 100 * time.Millisecond)
		s := shot{at(east, north), t, base + height, height}
		o.fixes = append(o.fixes, s)
		if i > 60 && i%50 == 0 {
			share := r.Float64()
			de, dn := r.NormFloat64()*10, r.NormFloat64()*10
			ms := time.Duration(share*100) * time.Millisecond
			p := shot{at(east+1.2*share+de, north+0.7*share+dn), t.Add(ms), base + height, height}
			o.shots = append(o.shots, p)
		}
		east, north = east+1.2, north+0.7
		if i < 300 {
			height += 0.1
		}
	}
	return o
}

// gpx is the log of the outing.
func (o outing) gpx() []byte {
	var b bytes.Buffer
	b.WriteString(`<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>` + "\n")
	for _, s := range o.fixes {
		fmt.Fprintf(&b, `<trkpt lat="%.7f" lon="%.7f"><ele>%.2f</ele><time>%s</time></trkpt>`+"\n", s.at.Lat, s.at.Lon, s.msl, s.utc.Format("2006-01-02T15:04:05.000Z"))
	}
	b.WriteString("</trkseg></trk></gpx>\n")
	return b.Bytes()
}

// card writes files to a folder and returns them as sources by name.
func card(t *testing.T, files map[string][]byte) map[string]*Source {
	t.Helper()
	dir := t.TempDir()
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	sources, closer := Gather([]string{dir})
	t.Cleanup(func() { closer.Close() })
	out := map[string]*Source{}
	for i := range sources {
		out[path.Base(sources[i].Rel)] = &sources[i]
	}
	return out
}

func testRunner(t *testing.T, profile string) *Runner {
	t.Helper()
	p, err := privacy.LoadProfile(profile, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Runner{Media: mediaall.Formats(), Logs: logall.Formats(), Profile: p, Jobs: 1}
}

// logRunner converts logs as --location zero and near do.
func logRunner(t *testing.T) *Runner {
	r := testRunner(t, "track")
	return r
}

// scrubbed returns the copies of sources, by name, and the notes about them.
func scrubbed(t *testing.T, r *Runner, d *Displacement, moving privacy.Profile, sources ...*Source) (dir string, notes map[string][]string) {
	t.Helper()
	dir = t.TempDir()
	out, err := atomicfile.Open(dir, atomicfile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	var list []Source
	for _, s := range sources {
		list = append(list, *s)
	}
	notes = map[string][]string{}
	for o := range r.Scrub(t.Context(), list, ScrubOptions{Out: out, Path: dir, Displace: func(*Source) *Displacement { return d }, Moving: moving}) {
		if o.Status != Written {
			t.Fatalf("%s: %s: %s", o.Source.Rel, o.Status, o.Why())
		}
		notes[path.Base(o.Source.Rel)] = o.Notes
	}
	return dir, notes
}

// tells returns what the walk of a file finds in it.
func tells(t *testing.T, file string) map[string]string {
	t.Helper()
	sources, closer := Gather([]string{file})
	defer closer.Close()
	r := testRunner(t, "everything")
	out := map[string]string{}
	for o := range r.Inspect(t.Context(), sources) {
		if o.Err != nil {
			t.Fatal(o.Err)
		}
		for _, j := range o.Findings {
			name := path.Base(j.Path)
			if j.Where != nil {
				out[name+"@"] = fmt.Sprintf("%.9f %.9f", j.Where.Lat, j.Where.Lon)
			}
			out[name] = j.Value.Reveal()
		}
	}
	return out
}

func pointOf(t *testing.T, s string) (p geo.Point) {
	t.Helper()
	if _, err := fmt.Sscanf(s, "%g %g", &p.Lat, &p.Lon); err != nil {
		t.Fatalf("no position: %q", s)
	}
	return p
}

// convert returns the fixes of a log once it was moved.
func convert(t *testing.T, s *Source, at geofuzz.Mooring) []logfmt.Fix {
	t.Helper()
	dir := t.TempDir()
	out, err := atomicfile.Open(dir, atomicfile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	to, _ := export.ByID("gpx")
	r := logRunner(t)
	for o := range r.Convert(t.Context(), []Source{*s}, ConvertOptions{Out: out, Path: dir, Name: "out.gpx", To: to, Mooring: at}) {
		if o.Status != Written {
			t.Fatalf("%s: %s", o.Source.Rel, o.Why())
		}
	}
	sources, closer := Gather([]string{filepath.Join(dir, "out.gpx")})
	defer closer.Close()
	tel := r.telemetry(t.Context(), &sources[0])
	if tel == nil {
		t.Fatal("the moved log has no track")
	}
	return tel.track
}

// at returns where a track is at a time, between two fixes on a straight line,
// in metres of a frame.
func trackAt(f *geo.Frame, track []logfmt.Fix, at time.Time) (east, north, height float64) {
	for i := 1; i < len(track); i++ {
		a, b := track[i-1], track[i]
		if at.Before(a.Time) || at.After(b.Time) {
			continue
		}
		share := float64(at.Sub(a.Time)) / float64(b.Time.Sub(a.Time))
		e1, n1, _ := f.To(a.Point)
		e2, n2, _ := f.To(b.Point)
		return e1 + share*(e2-e1), n1 + share*(n2-n1), heightOf(a) + share*(heightOf(b)-heightOf(a))
	}
	return math.NaN(), math.NaN(), math.NaN()
}

func heightOf(f logfmt.Fix) float64 {
	if !math.IsNaN(f.AltHome) {
		return f.AltHome
	}
	return f.AltMSL
}

var homes = map[string]geo.Point{
	"north": {Lat: 47.3977421, Lon: 8.5455938}, "south": {Lat: -33.8568123, Lon: 151.2153456}, "antimeridian": {Lat: -16.8000001, Lon: 179.9999321},
	"pole": {Lat: 89.9991234, Lon: -130.1234567},
}

// TestMediaMoveWithTheirLog is the promise of a displaced bundle: whatever could
// be measured between a photo and the log at the same time is the same before
// and after, and nothing tells where it was.
func TestMediaMoveWithTheirLog(t *testing.T) {
	key := bytes.Repeat([]byte{7}, geofuzz.KeySize)
	near := &geofuzz.Near{Key: key, Places: &geofuzz.Places{}, Epsilon: 0.003466, Save: func() error { return nil }}
	for where, home := range homes {
		for name, at := range map[string]geofuzz.Mooring{"zero": geofuzz.Zero{}, "near": near} {
			t.Run(where+" "+name, func(t *testing.T) {
				r := rand.New(rand.NewPCG(1, 2))
				o := fly(r, home, time.Date(2031, 7, 19, 4, 47, 53, 400e6, time.UTC))
				files := map[string][]byte{"flight.gpx": o.gpx()}
				for i, s := range o.shots {
					files[fmt.Sprintf("photo%02d.jpg", i)] = s.photo(2*time.Hour, i%2 == 0)
				}
				consistent(t, o, card(t, files), at)
			})
		}
	}
}

func consistent(t *testing.T, o outing, sources map[string]*Source, at geofuzz.Mooring) {
	all, err := logRunner(t).DisplacementsOfLog(t.Context(), sources["flight.gpx"], ConvertOptions{Mooring: at})
	if err != nil || len(all) != 1 || all[0] == nil {
		t.Fatalf("%d displacements: %v", len(all), err)
	}
	d := all[0]
	r := testRunner(t, "public")
	moving := Displaced(r.Profile)
	var photos []*Source
	var media []Source
	for i := range o.shots {
		s := sources[fmt.Sprintf("photo%02d.jpg", i)]
		photos, media = append(photos, s), append(media, *s)
	}
	r.LearnZone(t.Context(), d, media)
	if zone, ok := d.Zone(); !ok || zone != 2*time.Hour {
		t.Fatalf("the cameras' clock is %s ahead (%v)", zone, ok)
	}
	for _, s := range photos {
		if err := r.CanDisplace(t.Context(), s, d, moving); err != nil {
			t.Fatalf("%s: %v", s.Rel, err)
		}
	}
	dir, notes := scrubbed(t, r, d, moving, photos...)
	track := convert(t, sources["flight.gpx"], at)
	before, after := geo.NewFrame(o.fixes[0].at), geo.NewFrame(track[0].Point)
	var log []logfmt.Fix
	for _, s := range o.fixes {
		f := logfmt.NoFix()
		f.Point, f.Time, f.AltMSL = s.at, s.utc, s.msl
		log = append(log, f)
	}
	for i, s := range o.shots {
		name := fmt.Sprintf("photo%02d.jpg", i)
		told := tells(t, filepath.Join(dir, path.Base(sources[name].Rel)))
		if told == nil {
			t.Fatal("nothing")
		}
		if !strings.Contains(strings.Join(notes[name], ";"), displacedNote) {
			t.Errorf("%s: the report does not say that it is displaced: %q", name, notes[name])
		}
		moved, err := time.Parse(exifTime+".000", told["DateTimeOriginal"]+"."+told["SubSecTimeOriginal"])
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if zone := told["OffsetTimeOriginal"]; i%2 == 0 && zone != "+00:00" || i%2 == 1 && zone != "" {
			t.Errorf("%s: its zone is %q", name, zone)
		}
		if was, is := s.utc.Sub(o.fixes[0].utc), moved.Sub(track[0].Time); was != is {
			t.Errorf("%s: taken %s after the log began, %s in the copy", name, was, is)
		}
		e1, n1, _ := trackAt(&before, log, s.utc)
		e2, n2, h2 := trackAt(&after, track, moved)
		e, n, _ := before.To(s.at)
		want := math.Hypot(e-e1, n-n1)
		for _, tag := range []string{"GPSLatitude@", "GPSLongitude@", "drone-dji:GpsLatitude@", "drone-dji:GpsLongitude@"} {
			p := pointOf(t, told[tag])
			e, n, ok := after.To(p)
			if got := math.Hypot(e-e2, n-n2); !ok || math.Abs(got-want) > 0.05 {
				t.Errorf("%s: %s: %.3f m from the log, %.3f m before", name, tag, got, want)
			}
		}
		for _, tag := range []string{"GPSAltitude", "drone-dji:AbsoluteAltitude", "drone-dji:RelativeAltitude"} {
			var h float64
			if _, err := fmt.Sscan(told[tag], &h); err != nil || math.Abs(h-h2) > 0.1001 {
				t.Errorf("%s: %s is %q, the log's height %.2f", name, tag, told[tag], h2)
			}
		}
		if told["GPSAltitude"] != told["drone-dji:AbsoluteAltitude"] && strings.Trim(told["drone-dji:AbsoluteAltitude"], "+0") != strings.Trim(told["GPSAltitude"], "0") {
			t.Errorf("%s: two altitudes differ, %q and %q: their difference tells of the place", name, told["GPSAltitude"], told["drone-dji:AbsoluteAltitude"])
		}
	}
}

// vectors are the displacements that someone finds who has one copy beside
// something that kept the truth: a position in the copy of a file whose own true
// position another copy of the same moment still tells. It is attack A9, on
// files joined by name and by time.
func vectors(track []logfmt.Fix, photos map[string]map[string]string, truth func(time.Time) (geo.Point, bool)) (found int) {
	for _, told := range photos {
		at, ok := told["GPSLatitude@"]
		if !ok {
			continue
		}
		var p geo.Point
		fmt.Sscanf(at, "%g %g", &p.Lat, &p.Lon)
		if q, ok := truth(moment(told)); ok && p.Distance(q) < 1000 { // the photo kept its place
			found++
		}
	}
	for _, f := range track {
		if q, ok := truth(f.Time); ok && f.Distance(q) < 1000 {
			found++
		}
	}
	return found
}

func moment(told map[string]string) time.Time {
	t, _ := time.Parse(exifTime, told["DateTimeOriginal"])
	return t
}

// TestNothingLinksByDefault: stripped media and a displaced log share no time,
// no position and no name of a device; and in a displaced bundle there is no
// file that kept the truth beside one that moved.
func TestNothingLinksByDefault(t *testing.T) {
	o := fly(rand.New(rand.NewPCG(3, 4)), homes["north"], time.Date(2031, 7, 19, 4, 47, 53, 0, time.UTC))
	files := map[string][]byte{"flight.gpx": o.gpx()}
	for i, s := range o.shots {
		files[fmt.Sprintf("photo%02d.jpg", i)] = s.photo(2*time.Hour, true)
	}
	sources := card(t, files)
	track := convert(t, sources["flight.gpx"], geofuzz.Zero{})
	truth := func(at time.Time) (geo.Point, bool) { // whatever the clock: the flight was about there
		return o.fixes[0].at, true
	}
	all, err := logRunner(t).DisplacementsOfLog(t.Context(), sources["flight.gpx"], ConvertOptions{Mooring: geofuzz.Zero{}})
	if err != nil {
		t.Fatal(err)
	}
	r := testRunner(t, "public")
	for name, d := range map[string]*Displacement{"stripped": nil, "displaced": all[0]} {
		photos := map[string]map[string]string{}
		var list []*Source
		for i := range o.shots {
			list = append(list, sources[fmt.Sprintf("photo%02d.jpg", i)])
		}
		dir, _ := scrubbed(t, r, d, Displaced(r.Profile), list...)
		for _, s := range list {
			photos[s.Rel] = tells(t, filepath.Join(dir, path.Base(s.Rel)))
			if d == nil && (photos[s.Rel]["DateTimeOriginal"] != "" || photos[s.Rel]["GPSLatitude@"] != "") {
				t.Errorf("%s: a stripped photo tells when or where it was taken", s.Rel)
			}
		}
		if n := vectors(track, photos, truth); n > 0 {
			t.Errorf("%s: %d files tell the displacement of the others", name, n)
		}
	}
	// The attack is worth something: with one photo kept, it finds the vector.
	dir := t.TempDir()
	kept := filepath.Join(dir, "kept.jpg")
	if err := os.WriteFile(kept, files["photo00.jpg"], 0o644); err != nil {
		t.Fatal(err)
	}
	if vectors(track, map[string]map[string]string{"kept": tells(t, kept)}, truth) != 1 {
		t.Error("a photo that kept its place does not give the log away: the attack is blind")
	}
}

// TestConflict: a photo from elsewhere, and one whose fields hold no position
// of a log, stop the displacement of their flight.
func TestConflict(t *testing.T) {
	o := fly(rand.New(rand.NewPCG(5, 6)), homes["south"], time.Date(2031, 7, 19, 4, 47, 53, 0, time.UTC))
	far := o.shots[0]
	far.at.Lat += 0.1
	sources := card(t, map[string][]byte{"a.jpg": o.shots[0].photo(0, true), "b.jpg": far.photo(0, true), "c.srt": []byte("1\n00:00:00,000 --> 00:00:01,000\nwords\n")})
	r := testRunner(t, "public")
	d, err := r.DisplacementOfMedia(t.Context(), []Source{*sources["a.jpg"]}, geofuzz.Zero{})
	if err != nil || d == nil {
		t.Fatal(d, err)
	}
	moving := Displaced(r.Profile)
	if err := r.CanDisplace(t.Context(), sources["a.jpg"], d, moving); err != nil {
		t.Errorf("a photo of the flight: %v", err)
	}
	if err := r.CanDisplace(t.Context(), sources["b.jpg"], d, moving); err != errAstray {
		t.Errorf("a photo 11 km away: %v", err)
	}
	if err := r.CanDisplace(t.Context(), sources["c.srt"], d, moving); err != nil {
		t.Errorf("captions without a position: %v", err)
	}
	if none, err := r.DisplacementOfMedia(t.Context(), []Source{*sources["c.srt"]}, geofuzz.Zero{}); none != nil || err != nil {
		t.Errorf("media without a position have a displacement: %v", err)
	}
	// Alone they are two outings; each moves by itself.
	moves, why, err := r.Outings(t.Context(), []Source{*sources["a.jpg"], *sources["b.jpg"], *sources["c.srt"]}, geofuzz.Zero{}, func(*Source, *Displacement) error { return nil })
	if err != nil || len(moves) != 2 || len(why) != 0 || moves[sources["a.jpg"].Label] == moves[sources["b.jpg"].Label] {
		t.Errorf("%d displacements, %d stuck: %v", len(moves), len(why), err)
	}
}
