package djitxt_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"flightveil/internal/corpus"
	"flightveil/internal/input"
	"flightveil/logfmt"
	"flightveil/logfmt/djitxt"
	"flightveil/logfmt/logfmttest"
)

// What the samples carry: the position is in the open South Pacific, nobody is
// called that.
const (
	canarySerial = "FVCANARY4519KX"
	canaryPerson = "Zephyrine Quillfeather"
	canaryText   = "the heron nests behind the boathouse"
	canaryLat    = -41.3875125
	canaryLon    = -132.4518375
)

// keyed knows the keys of the samples.
func keyed(t testing.TB) djitxt.Format {
	return djitxt.Format{Keychains: [][]byte{sample(t, "v13.key"), sample(t, "v14.key")}}
}

func sample(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestConformance(t *testing.T) { logfmttest.Run(t, keyed(t), "testdata") }

func FuzzDecode(f *testing.F) { logfmttest.Fuzz(f, keyed(f), "testdata") }

// FuzzKeychain: an answer is text from a stranger, too.
func FuzzKeychain(f *testing.F) {
	log := sample(f, "v14.txt")
	f.Add(sample(f, "v14.key"))
	f.Add([]byte(`{"data":[[{"featurePoint":"FR_Standardization_Feature_Base_1","aesKey":"","aesIv":""}]]}`))
	f.Fuzz(func(t *testing.T, b []byte) { logfmttest.Decode(t, djitxt.Format{Keychains: [][]byte{b}}, log) })
}

func flight(t *testing.T, f djitxt.Format, b []byte) (*logfmt.Flight, error) {
	t.Helper()
	fl, err := logfmt.ReadFlights(t.Context(), f, bytes.NewReader(b), logfmt.Limits{})
	if len(fl) != 1 {
		t.Fatalf("%d flights, %v", len(fl), err)
	}
	return fl[0], err
}

var versions = []string{"v01", "v02", "v03", "v05", "v06", "v07", "v08", "v09", "v10", "v11", "v12", "v13", "v14"}

// TestFixes compares what comes out of every version with what was put in.
func TestFixes(t *testing.T) {
	for _, v := range versions {
		fl, err := flight(t, keyed(t), sample(t, v+".txt"))
		if err != nil || len(fl.Fixes) != 6 || len(fl.Damage) != 0 {
			t.Errorf("%s: %d fixes, want 6, %v, %v", v, len(fl.Fixes), fl.Damage, err)
			continue
		}
		for i, f := range fl.Fixes {
			for name, c := range map[string][3]float64{
				"latitude": {f.Lat, canaryLat + float64(i)*9e-6, 1e-12}, "longitude": {f.Lon, canaryLon + float64(i)*18e-6, 1e-12},
				"height": {f.AltHome, 50 + float64(i)/10, 1e-9}, "altitude": {f.AltMSL, 1184.567 + 50 + float64(i)/10, 1e-3},
				"speed": {f.Speed, 5, 1e-9}, "climb": {f.Climb, 0.5, 1e-9}, "course": {f.Course, 360 - 53.1301, 1e-4},
				"pitch": {f.Pitch, -1.2, 1e-9}, "roll": {f.Roll, 2.3, 1e-9}, "yaw": {f.Yaw, 360 - 90.4, 1e-9},
				"gimbal": {f.GimbalPitch, -90 + float64(i)/10, 1e-9}, "satellites": {float64(f.Sats), 14, 0}, "battery": {f.Battery, 87, 2},
				"elapsed": {f.Elapsed.Seconds(), float64(i) / 10, 1e-9},
			} {
				if !(math.Abs(c[0]-c[1]) <= c[2]) {
					t.Errorf("%s, fix %d: %s is %v, want %v", v, i, name, c[0], c[1])
				}
			}
			if want := time.Date(2031, 7, 19, 4, 47, 53, i*1e8, time.UTC); !f.Time.Equal(want) {
				t.Errorf("%s, fix %d: at %v, want %v", v, i, f.Time, want)
			}
		}
	}
}

func TestSpots(t *testing.T) {
	for _, v := range versions {
		fl, _ := flight(t, keyed(t), sample(t, v+".txt"))
		got := map[logfmt.Role]int{}
		for _, s := range fl.Spots {
			got[s.Role]++
			if s.Role == logfmt.Remote && math.Abs(s.Lat-(canaryLat-40*9e-6-4e-4)) > 1e-7 || s.Role == logfmt.Phone && math.Abs(s.Lon-(canaryLon-40*18e-6)) > 1e-12 {
				t.Error(v, s)
			}
		}
		planned := 0 // the samples of later versions hold a mission
		if v >= "v08" {
			planned = 1
		}
		// Home by the detail area and by a record, a photo likewise.
		if got[logfmt.Waypoint] != planned || got[logfmt.Traffic] != 0 || got[logfmt.Home] != 2 || got[logfmt.Remote] != 1 || got[logfmt.Phone] != 1 || got[logfmt.Photo] != 2 {
			t.Error(v, got)
		}
	}
}

func TestIdentifiers(t *testing.T) {
	for _, v := range versions {
		b := sample(t, v+".txt")
		fl, _ := flight(t, keyed(t), b)
		got := map[string]string{}
		for _, id := range fl.Identifiers {
			got[id.Path] = id.Value.Reveal()
			if v < "v12" && strings.HasPrefix(id.Path, "details/") && id.Path[8] != 'p' && id.Path[8] != 's' && strings.HasSuffix(id.Path, "Sn") {
				if s := id.Spans[0]; !bytes.HasPrefix(b[s.Off:s.End()], []byte(id.Value.Reveal())) {
					t.Errorf("%s: the span of %s does not hold the value", v, id.Path)
				}
			}
		}
		width := 15
		if v <= "v06" {
			width = 10
		}
		sn := func(c string) string { return (c + canarySerial)[:width] }
		want := map[string]string{"details/subStreet": "Port Quillon", "details/city": "Quillon County", "details/area": "South Pacific",
			"details/aircraftName": canaryPerson, "details/aircraftSn": sn("A"), "details/cameraSn": sn("C"), "details/rcSn": sn("R"), "details/batterySn": sn("B"),
			"details/startTime": "2031-07-19T04:47:53Z", "details/activationTime": "2031-07-18T04:47:53Z", "details/userApiCenterIdMd5": "md5ofZephyrineQF",
			"recover/aircraftName": canaryPerson, "recover/aircraftSn": sn("A"), "recover/cameraSn": sn("C"), "recover/rcSn": sn("R"), "recover/batterySn": sn("B"),
			"home/flightRecordIndex": "4519"}
		if v >= "v08" {
			want["component/rcSn"], want["flySafe/licence"], want["home/aircraftSn"] = "K"+canarySerial[:13], "licence of "+canaryPerson, canarySerial
		}
		for path, value := range want {
			if got[path] != value {
				t.Errorf("%s: %s is %q, want %q", v, path, got[path], value)
			}
		}
		if _, mission := got["mission/34"]; mission != (v >= "v08") {
			t.Errorf("%s: mission told: %v", v, mission)
		}
		if v < "v11" && got["momentPicture"] != "JPEG file of 40 bytes" {
			t.Errorf("%s: picture %q", v, got["momentPicture"])
		}
		if fl.Start.Duration != 62500*time.Millisecond || len(fl.Messages) < 3 || fl.Messages[1].Text.Reveal() != canaryText {
			t.Errorf("%s: %+v, %d messages", v, fl.Start, len(fl.Messages))
		}
	}
}

func TestWithoutKey(t *testing.T) {
	for name, f := range map[string]djitxt.Format{"none": {}, "another's": {Keychains: [][]byte{sample(t, "v13.key"), []byte("no JSON"), nil}}} {
		fl, err := flight(t, f, sample(t, "v14.txt"))
		if !errors.Is(err, logfmt.ErrKey) || !strings.Contains(err.Error(), "7 positions") || !strings.Contains(err.Error(), "keychain") {
			t.Error(name, err)
		}
		told := map[string]bool{}
		for _, id := range fl.Identifiers {
			told[id.Path] = true
		}
		if len(fl.Fixes) != 0 || !told["details/aircraftSn"] || !told["details/batterySn"] || fl.Start.Duration == 0 || len(fl.Spots) == 0 || fl.Spots[0].Role != logfmt.Home {
			t.Errorf("%s: %d fixes, %v, %v", name, len(fl.Fixes), told, fl.Spots)
		}
	}
}

// TestHalfKey: without the key of its clock, a flight has positions and no times.
func TestHalfKey(t *testing.T) {
	half := bytes.ReplaceAll(sample(t, "v14.key"), []byte("Feature_DJIFlyCustom_7"), []byte("Feature_Unheard_99"))
	fl, err := flight(t, djitxt.Format{Keychains: [][]byte{half}}, sample(t, "v14.txt"))
	if err != nil || len(fl.Fixes) != 6 || !fl.Fixes[5].Time.IsZero() || fl.Fixes[5].Elapsed != 500*time.Millisecond {
		t.Error(len(fl.Fixes), err)
	}
	if len(fl.Damage) != 1 || !strings.Contains(fl.Damage[0].Reason, "DJIFlyCustom") {
		t.Error(fl.Damage)
	}
}

// TestChain: a position that depends on a missing record is not guessed.
func TestChain(t *testing.T) {
	fl, err := flight(t, keyed(t), sample(t, "damaged-chain.txt"))
	if err != nil || len(fl.Fixes) != 7 || len(fl.Damage) < 2 {
		t.Fatalf("%d fixes, %v, %v", len(fl.Fixes), fl.Damage, err)
	}
	if f := fl.Fixes[6]; math.Abs(f.Lat-(canaryLat+8*9e-6)) > 1e-12 {
		t.Error(f.Point)
	}
}

// TestShifted: where bytes are missing, the detail area is not where the prefix
// says, and nothing beside it is taken for it.
func TestShifted(t *testing.T) {
	whole, _ := flight(t, djitxt.Format{}, sample(t, "v10.txt"))
	got, err := flight(t, djitxt.Format{}, sample(t, "damaged-shifted.txt"))
	if err != nil || len(got.Damage) == 0 || got.Start != whole.Start || got.Spots[0] != whole.Spots[0] && !math.IsNaN(got.Spots[0].Alt) {
		t.Error(got.Start, got.Damage, got.Spots, err)
	}
	b := sample(t, "v10.txt")
	b[len(b)-400+87] ^= 1
	if got, _ := flight(t, djitxt.Format{}, b); len(got.Damage) != 1 || got.Start.Duration != 0 || len(got.Fixes) != 6 {
		t.Error(got.Start, got.Damage, len(got.Fixes))
	}
}

// TestBlocks: a position is decoded though nothing can be read before it.
func TestBlocks(t *testing.T) {
	fl, err := flight(t, keyed(t), sample(t, "damaged-blocks.txt"))
	if err != nil || len(fl.Fixes) != 6 || len(fl.Damage) != 1 {
		t.Error(len(fl.Fixes), fl.Damage, err)
	}
}

func TestDied(t *testing.T) {
	fl, err := flight(t, djitxt.Format{}, sample(t, "died.txt"))
	if err != nil || len(fl.Fixes) != 6 || len(fl.Damage) != 0 || len(fl.Identifiers) == 0 {
		t.Error(len(fl.Fixes), fl.Damage, err)
	}
}

// TestNoneOfOthers: text and pictures are not flight records.
func TestNoneOfOthers(t *testing.T) {
	for _, s := range []string{"", "GPS(1,2,3)\n", strings.Repeat("12\n00:00:01,000 --> 00:00:02,000\n", 20), strings.Repeat("\x00", 4096), strings.Repeat("\xff", 4096), "\xff\xd8\xff\xe0" + strings.Repeat("\x01\x01\x00\xff", 600)} {
		probe, err := input.NewProbe("flight.txt", strings.NewReader(s))
		if err != nil {
			t.Fatal(err)
		}
		if m := (djitxt.Format{}).Detect(probe); m != input.No {
			t.Errorf("%q is a match: %v", s[:min(len(s), 12)], m)
		}
	}
}

// TestCorpus compares with what other readers found.
func TestCorpus(t *testing.T) {
	type answer struct {
		Candidates []struct {
			Fixes       int
			First, Last [2]float64
		}
		Utc      [2]float64
		NeedsKey bool `json:"needs_key"`
		Identity map[string]string
	}
	b, err := os.ReadFile(filepath.Join(corpus.Dir(t), "truth", "logs.json"))
	if err != nil {
		t.Fatal(err)
	}
	var truth map[string]answer
	if err := json.Unmarshal(b, &truth); err != nil {
		t.Fatal(err)
	}
	for _, path := range corpus.Files(t, "logs/dji-txt") {
		name := filepath.Base(path)
		want, ok := truth["dji-txt/"+name]
		b, err := os.ReadFile(path)
		if err != nil || !ok {
			t.Fatal(name, err)
		}
		fl, err := flight(t, djitxt.Format{}, b)
		told := map[string]bool{}
		for _, id := range fl.Identifiers {
			told[id.Value.Reveal()] = true
		}
		for what, value := range want.Identity {
			if !told[value] {
				t.Errorf("%s: %s not found", name, what)
			}
		}
		if want.NeedsKey {
			if !errors.Is(err, logfmt.ErrKey) || len(fl.Fixes) != 0 {
				t.Errorf("%s: %d fixes, %v", name, len(fl.Fixes), err)
			}
			continue
		}
		c := want.Candidates[0]
		if err != nil || len(fl.Fixes) != c.Fixes || len(fl.Damage) != 0 {
			t.Errorf("%s: %d fixes, want %d, %v, %v", name, len(fl.Fixes), c.Fixes, fl.Damage, err)
			continue
		}
		first, last := fl.Fixes[0], fl.Fixes[c.Fixes-1]
		for _, d := range []float64{first.Lat - c.First[0], first.Lon - c.First[1], last.Lat - c.Last[0], last.Lon - c.Last[1]} {
			if math.Abs(d) > 1e-9 {
				t.Errorf("%s: from %v to %v", name, first.Point, last.Point)
			}
		}
		for i, f := range []logfmt.Fix{first, last} {
			if got := float64(f.Time.UnixMilli()) / 1000; want.Utc[i] != 0 && math.Abs(got-want.Utc[i]) > 0.2 {
				t.Errorf("%s: at %v, want %v", name, got, want.Utc[i])
			}
		}
	}
}

// endless is a log that repeats the same records.
type endless struct {
	prefix, records []byte
	size            int64
}

func (e endless) Size() int64 { return e.size }

func (e endless) ReadAt(p []byte, off int64) (n int, err error) {
	if off < int64(len(e.prefix)) {
		n = copy(p, e.prefix[off:])
	}
	for n < len(p) && off+int64(n) < e.size {
		n += copy(p[n:], e.records[(off+int64(n)-int64(len(e.prefix)))%int64(len(e.records)):])
	}
	return n, nil
}

// long returns a scrambled log of about size bytes: the records of one moment
// over and over, as in a flight.
func long(t testing.TB, size int64) (e endless, moments int) {
	b := sample(t, "v08.txt")
	e.prefix = bytes.Clone(b[:100])
	clear(e.prefix[:8]) // no detail area: the app died
	n := 0
	for range 4 { // position, gimbal, clock, vision
		n += 2 + int(b[100+n+1]) + 1
	}
	e.records = b[100 : 100+n]
	moments = int(size) / n
	e.size = 100 + int64(moments*n)
	return e, moments
}

func count(t testing.TB, in logfmt.Input) (fixes int) {
	for r, err := range (djitxt.Format{}).Decode(t.Context(), in, logfmt.Limits{}) {
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := r.(logfmt.Fix); ok {
			fixes++
		}
	}
	return fixes
}

// TestFlat: a long log costs no more memory than a short one.
func TestFlat(t *testing.T) {
	e, want := long(t, 64<<20)
	var got int
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got = count(t, e)
	runtime.ReadMemStats(&after)
	if got != want {
		t.Errorf("%d fixes, want %d", got, want)
	}
	if held := int64(after.HeapSys) - int64(before.HeapSys); held > 32<<20 {
		t.Errorf("the heap grew by %d MiB", held>>20)
	}
}

func BenchmarkDecode(b *testing.B) {
	e, want := long(b, 64<<20)
	b.SetBytes(e.size)
	b.ReportAllocs()
	for b.Loop() {
		if got := count(b, e); got != want {
			b.Fatal(got)
		}
	}
}

// TestRequest: what the vendor is told are the wrapped keys, group by group,
// and one answer for two logs opens both.
func TestRequest(t *testing.T) {
	log := bytes.NewReader(sample(t, "v14.txt"))
	b, err := djitxt.Request(t.Context(), log, log)
	if err != nil {
		t.Fatal(err)
	}
	var r struct {
		Version, Department int
		KeychainsArray      [][]struct{ FeaturePoint, AesCiphertext string }
	}
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	if r.Version != 4 || r.Department != 3 || len(r.KeychainsArray) != 4 || len(r.KeychainsArray[1]) != 10 {
		t.Fatalf("%+v", r)
	}
	if e := r.KeychainsArray[1][4]; e.FeaturePoint != "FR_Standardization_Feature_DJIFlyCustom_7" || e.AesCiphertext != "Bw4HDgcOBw4HDgcOBw4HDg==" {
		t.Error(e)
	}
	for _, name := range []string{"v13.key", "v14.key"} {
		var one, both map[string]any
		if json.Unmarshal(sample(t, "v13.key"), &one) != nil || json.Unmarshal(sample(t, "v14.key"), &both) != nil {
			t.Fatal("no JSON")
		}
		both["data"] = append(one["data"].([]any), both["data"].([]any)...)
		joined, _ := json.Marshal(both)
		fl, err := flight(t, djitxt.Format{Keychains: [][]byte{joined}}, sample(t, strings.Replace(name, "key", "txt", 1)))
		if err != nil || len(fl.Fixes) != 6 {
			t.Errorf("%s: %d fixes, %v", name, len(fl.Fixes), err)
		}
	}
	if _, err := djitxt.Request(t.Context(), bytes.NewReader(sample(t, "v09.txt"))); !errors.Is(err, djitxt.ErrPlain) {
		t.Error(err)
	}
}
