package mp4_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"flightveil/exifscrub"
	"flightveil/exifscrub/mp4"
	"flightveil/exifscrub/scrubtest"
	"flightveil/internal/block/bmff"
	"flightveil/internal/corpus"
	"flightveil/internal/geo"
	"flightveil/internal/privacy"
)

func TestConformance(t *testing.T) { scrubtest.Run(t, mp4.Format{}, "testdata") }
func FuzzScrub(f *testing.F)       { scrubtest.Fuzz(f, mp4.Format{}, "testdata") }

func sample(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// whole lists the samples that are not damaged.
var whole = []string{"rich.mp4", "moov-last.mov", "wide.mp4", "backwards.mov", "old.mov", "itunes.m4v", "messages.mp4", "c2pa.mp4", "insta360.insv", "fragmented.mp4", "clean.mp4", "in-free.mp4", "damaged-type.mp4"}

// media returns the kinds of the tracks of a video, and for video and sound a
// hash of every sample, by our own walk over tables and fragments.
func media(t *testing.T, b []byte) (kinds []string, samples [][32]byte) {
	t.Helper()
	in := bytes.NewReader(b)
	moov, ok, err := bmff.Find(in, bmff.Box{End: in.Size()}, "moov")
	if !ok || err != nil {
		t.Fatal("no movie header", err)
	}
	var defaults []bmff.Defaults
	plays := map[uint32]bool{}
	hash := func(s bmff.Sample, err error) {
		if err != nil {
			t.Fatal(err)
		}
		samples = append(samples, sha256.Sum256(b[s.Off:s.Off+s.Size]))
	}
	for x, err := range bmff.Boxes(in, moov.Body, moov.End) {
		if err != nil {
			t.Fatal(err)
		}
		switch x.Type {
		case "mvex":
			if defaults, err = bmff.ReadDefaults(in, x); err != nil {
				t.Fatal(err)
			}
		case "trak":
			track, err := bmff.ReadTrack(in, x)
			if err != nil {
				t.Fatal(err)
			}
			kinds = append(kinds, track.Handler)
			if plays[track.ID] = track.Handler == "vide" || track.Handler == "soun"; plays[track.ID] {
				for s, err := range track.Samples() {
					hash(s, err)
				}
			}
		}
	}
	for x, err := range bmff.Boxes(in, 0, in.Size()) {
		if err != nil {
			t.Fatal(err)
		}
		if x.Type != "moof" {
			continue
		}
		for r, err := range bmff.Runs(in, x, defaults) {
			if err != nil {
				t.Fatal(err)
			}
			if plays[r.Track] {
				for s, err := range r.Samples() {
					hash(s, err)
				}
			}
		}
	}
	return kinds, samples
}

// TestSamples: video and sound stay bit for bit under every profile, nothing
// moves, and no other track is left under public.
func TestSamples(t *testing.T) {
	for _, name := range whole {
		before := sample(t, name)
		_, want := media(t, before)
		for _, profile := range []string{"public", "area", "mapping"} {
			after := scrubtest.Scrub(t, mp4.Format{}, before, profile)
			kinds, got := media(t, after)
			if len(want) == 0 || !slices.Equal(got, want) {
				t.Errorf("%s, %s: samples changed: %d, were %d", name, profile, len(got), len(want))
			}
			if len(after) != len(before) {
				t.Errorf("%s, %s: %d bytes became %d", name, profile, len(before), len(after))
			}
			if i := slices.IndexFunc(kinds, func(k string) bool { return k != "vide" && k != "soun" }); i >= 0 && profile == "public" {
				t.Errorf("%s: a track of kind %s is left", name, kinds[i])
			}
		}
	}
}

// TestNothingUnowned: behind a public copy, every byte of media data that is
// not zero belongs to video or sound.
func TestNothingUnowned(t *testing.T) {
	for _, name := range whole {
		b := scrubtest.Scrub(t, mp4.Format{}, sample(t, name), "public")
		in := bytes.NewReader(b)
		owned := make([]bool, len(b))
		moov, _, _ := bmff.Find(in, bmff.Box{End: in.Size()}, "moov")
		var defaults []bmff.Defaults
		mark := func(off, n int64) {
			for i := off; i < off+n; i++ {
				owned[i] = true
			}
		}
		for x := range bmff.Boxes(in, moov.Body, moov.End) {
			if x.Type == "mvex" {
				defaults, _ = bmff.ReadDefaults(in, x)
			}
			if x.Type == "trak" {
				track, err := bmff.ReadTrack(in, x)
				if err != nil {
					t.Fatal(err)
				}
				for c := range track.Chunks() {
					mark(c.Off, c.Size)
				}
			}
		}
		for x := range bmff.Boxes(in, 0, in.Size()) {
			if x.Type != "moof" {
				continue
			}
			for r := range bmff.Runs(in, x, defaults) {
				if r.Track == 1 { // the second is telemetry
					mark(r.Off, r.Size)
				}
			}
		}
		for x := range bmff.Boxes(in, 0, in.Size()) {
			for i := x.Body; i < x.End && (x.Type == "mdat" || x.Type == "free" || x.Type == "skip"); i++ {
				if b[i] != 0 && !owned[i] {
					t.Fatalf("%s: byte %d in %s is nobody's and not zero", name, i, x.Type)
				}
			}
		}
	}
}

func scan(t *testing.T, b []byte, job exifscrub.Job) (*exifscrub.Plan, []byte) {
	t.Helper()
	plan, err := exifscrub.Scan(t.Context(), job, mp4.Format{}, bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := exifscrub.Apply(&out, bytes.NewReader(b), plan.Edits()); err != nil {
		t.Fatal(err)
	}
	return plan, out.Bytes()
}

// with returns the public profile with one more class removed.
func with(t *testing.T, c privacy.Class) exifscrub.Job {
	t.Helper()
	p, err := privacy.LoadProfile("public", nil)
	if err != nil {
		t.Fatal(err)
	}
	job := scrubtest.Job(t, "public")
	job.Policy = p.With(privacy.Remove, c).Policy()
	return job
}

// TestSilence: without sound the pictures are the same and the sound is gone,
// its samples too.
func TestSilence(t *testing.T) {
	for _, name := range []string{"rich.mp4", "backwards.mov", "clean.mp4"} {
		before := sample(t, name)
		_, out := scan(t, before, with(t, privacy.Audio))
		kinds, got := media(t, out)
		if !slices.Equal(kinds, []string{"vide"}) {
			t.Errorf("%s: tracks %v", name, kinds)
		}
		_, want := media(t, before)
		if !slices.Equal(got, want[:len(got)]) {
			t.Errorf("%s: pictures changed", name)
		}
		if sound := []byte{0xE8, 0x03, 0x14, 0x05, 0x40, 0x06}; !bytes.Contains(before, sound) || bytes.Contains(out, sound) {
			t.Errorf("%s: the sound is still there", name)
		}
	}
}

// TestMessages: messages in the stream stay by default, with a note, and are
// overwritten where that is asked for, without anything else in the samples.
func TestMessages(t *testing.T) {
	b := sample(t, "messages.mp4")
	text := []byte("an invented message")
	plan, kept := scan(t, b, scrubtest.Job(t, "public"))
	if !bytes.Contains(kept, text) || len(plan.Notes) != 1 || !strings.Contains(plan.Notes[0], "strip-sei") {
		t.Errorf("notes %q", plan.Notes)
	}
	job := with(t, privacy.Stream)
	_, out := scan(t, b, job)
	if bytes.Contains(out, text) || bytes.Contains(out, []byte("x264 - ")) || len(out) != len(b) {
		t.Error("the messages are still there")
	}
	again, err := exifscrub.Scan(t.Context(), job, mp4.Format{}, bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	if clean, err := again.Clean(); !clean || err != nil {
		t.Error("a second run finds more", err)
	}
	if picture := bytes.Repeat([]byte{40}, 384); bytes.Count(out, picture) != 1 {
		t.Error("a picture changed")
	}
}

// TestCell: positions that are kept coarse can be read, lie where they were
// sent, and are less exact; telemetry tracks go.
func TestCell(t *testing.T) {
	for name, path := range map[string]string{"rich.mp4": "Movie/UserData/GPSCoordinates", "itunes.m4v": "Movie/UserData/ItemList/GPSCoordinates", "moov-last.mov": "Movie/Keys/GPSCoordinates"} {
		_, out := scan(t, sample(t, name), scrubtest.Job(t, "area"))
		plan, _ := scan(t, out, scrubtest.Job(t, "area"))
		want := geo.Point{Lat: scrubtest.Lat, Lon: scrubtest.Lon}.Cell(1000)
		found := 0
		for _, j := range plan.Findings {
			if j.Class != privacy.Location {
				continue
			}
			if j.Where == nil || j.Where.Distance(want) > 10 {
				t.Errorf("%s: %s lies elsewhere", name, j.Path)
			}
			if j.Path == path {
				found++
			} else if strings.HasPrefix(j.Path, "Track") || strings.HasPrefix(j.Path, "MediaData") {
				t.Errorf("%s: %s is left", name, j.Path)
			}
			if strings.Contains(j.Value.Reveal(), "1234") {
				t.Errorf("%s: the altitude is left", name)
			}
		}
		if found == 0 {
			t.Errorf("%s: no position is left", name)
		}
	}
}

// TestDay: coarse times keep the day.
func TestDay(t *testing.T) {
	_, out := scan(t, sample(t, "rich.mp4"), scrubtest.Job(t, "area"))
	plan, _ := scan(t, out, scrubtest.Job(t, "area"))
	days := 0
	for _, j := range plan.Findings {
		if j.Class != privacy.Time {
			continue
		}
		days++
		if v := j.Value.Reveal(); !strings.HasPrefix(v, scrubtest.Day) || strings.Trim(v[len(scrubtest.Day):], "0:TZ+ ") != "" {
			t.Errorf("%s is %q", j.Path, v)
		}
	}
	if days < 8 {
		t.Errorf("%d times are left", days)
	}
}

// TestMapping: for survey work telemetry stays unless it names somebody.
func TestMapping(t *testing.T) {
	kinds := func(b []byte) string {
		var out []string
		plan, _ := scan(t, b, scrubtest.Job(t, "mapping"))
		for _, j := range plan.Findings {
			if _, rest, ok := strings.Cut(j.Path, "/"); ok && strings.HasPrefix(j.Path, "Track") && j.Action == privacy.Keep {
				if kind, _, ok := strings.Cut(rest, "/"); ok && !slices.Contains(out, kind) {
					out = append(out, kind)
				}
			}
		}
		return strings.Join(out, " ")
	}
	if got, want := kinds(sample(t, "rich.mp4")), "SphericalVideoXML gpmd camm mebx tmcd"; got != want {
		t.Errorf("tracks %s, want %s", got, want)
	}
}

// TestReferences: a track that stays no longer refers to one that went.
func TestReferences(t *testing.T) {
	b := sample(t, "rich.mp4")
	if !bytes.Contains(b, []byte("\x00\x00\x00\x0Ctmcd\x00\x00\x00\x0A")) {
		t.Fatal("the sample has no reference")
	}
	out := scrubtest.Scrub(t, mp4.Format{}, b, "public")
	if !bytes.Contains(out, []byte("\x00\x00\x00\x14tref\x00\x00\x00\x0Cfree\x00\x00\x00\x00")) {
		t.Error("the reference is still there")
	}
}

// TestHostileTables: tables that claim what cannot be are refused at once.
func TestHostileTables(t *testing.T) {
	start := time.Now()
	for _, name := range []string{"damaged-overlap.mp4", "damaged-sizes.mp4", "damaged-chunks.mp4", "damaged-runs.mp4", "damaged-elsewhere.mp4", "damaged-nothing.mp4"} {
		if _, err := exifscrub.Scan(t.Context(), scrubtest.Job(t, "public"), mp4.Format{}, bytes.NewReader(sample(t, name))); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	// A table whose every chunk lies at the same place.
	b := sample(t, "wide.mp4")
	i := bytes.Index(b, []byte("co64"))
	for k := int(binary.BigEndian.Uint32(b[i+8:])) - 1; k > 0; k-- {
		copy(b[i+12+8*k:], b[i+12:i+20])
	}
	if _, err := exifscrub.Scan(t.Context(), scrubtest.Job(t, "public"), mp4.Format{}, bytes.NewReader(b)); err == nil {
		t.Error("chunks on top of each other were taken")
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("refusing took %v", took)
	}
}

// videos returns the videos of the corpus that are MP4 or QuickTime files.
func videos(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, name := range corpus.Files(t, "media/video") {
		switch filepath.Ext(name) {
		case ".mp4", ".mov", ".3gp":
			out = append(out, name)
		}
	}
	if len(out) == 0 {
		t.Fatal("no videos in the corpus")
	}
	return out
}

// TestCorpus: real videos come clean, and what other programs list is found.
func TestCorpus(t *testing.T) {
	for _, name := range videos(t) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			scrubtest.Real(t, mp4.Format{}, name, "QuickTime", "UserData", "Keys", "ItemList", "GoPro", "Track1", "Track2", "Track3", "Track4", "Track5")
		})
	}
}

// TestHostile: files made to break readers are refused or cleaned, quickly.
func TestHostile(t *testing.T) {
	for _, name := range corpus.Files(t, "media/hostile") {
		if filepath.Ext(name) != ".mp4" {
			continue
		}
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		scrubtest.Check(t, mp4.Format{}, b, true)
	}
}

// TestDamage: real videos, damaged in many ways, are refused or come clean.
func TestDamage(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a while")
	}
	for _, name := range videos(t) {
		if fi, err := os.Stat(name); err != nil || fi.Size() > 300<<10 {
			continue
		}
		scrubtest.Mutations(t, mp4.Format{}, name, 60)
	}
}
