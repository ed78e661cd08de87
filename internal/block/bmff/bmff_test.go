package bmff

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"

	"flightveil/internal/corpus"
	"flightveil/internal/input"
)

func box(typ string, parts ...any) []byte {
	var body []byte
	for _, p := range parts {
		switch p := p.(type) {
		case string:
			body = append(body, p...)
		case []byte:
			body = append(body, p...)
		case int:
			body = binary.BigEndian.AppendUint32(body, uint32(p))
		case uint64:
			body = binary.BigEndian.AppendUint64(body, p)
		}
	}
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(8+len(body))), typ...), body...)
}

func collect(t *testing.T, b []byte) (out []Box) {
	t.Helper()
	for x, err := range Boxes(bytes.NewReader(b), 0, int64(len(b))) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, x)
	}
	return out
}

func TestBoxes(t *testing.T) {
	id := "0123456789abcdef"
	b := append(box("free", "xx"), box("uuid", id, "yz")...)
	b = append(b, "\x00\x00\x00\x01wide\x00\x00\x00\x00\x00\x00\x00\x12ab"...)
	b = append(b, "\x00\x00\x00\x00mdatrest"...)
	got := collect(t, b)
	want := []Box{
		{Type: "free", Start: 0, Body: 8, End: 10},
		{Type: "uuid", ID: [16]byte([]byte(id)), Start: 10, Body: 34, End: 36},
		{Type: "wide", Start: 36, Body: 52, End: 54},
		{Type: "mdat", Start: 54, Body: 62, End: 66, Open: true},
	}
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%d: %+v, want %+v", i, got[i], want[i])
		}
	}
}

// TestNoBoxes: what is no box is told to be none, up to the end of the parent.
func TestNoBoxes(t *testing.T) {
	for name, c := range map[string]struct {
		b    string
		want Box
	}{
		"terminator":      {"\x00\x00\x00\x00", Box{End: 4}},
		"short size":      {"\x00\x00\x00\x07freexxxx", Box{End: 12}},
		"short long size": {"\x00\x00\x00\x01free\x00\x00\x00\x00\x00\x00\x00\x0F", Box{End: 16}},
		"no room for id":  {"\x00\x00\x00\x10uuid12345678", Box{End: 16}},
		"cut":             {"\x00\x00\x00\x20freexxxx", Box{Type: "free", Body: 8, End: 12, Cut: true}},
		"huge":            {"\x00\x00\x00\x01free\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", Box{Type: "free", Body: 16, End: 16, Cut: true}},
	} {
		if got := collect(t, []byte(c.b)); len(got) != 1 || got[0] != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func stbl(parts ...any) (*bytes.Reader, Box) {
	b := box("stbl", parts...)
	r := bytes.NewReader(b)
	x, _ := Read(r, 0, int64(len(b)))
	return r, x
}

func TestTables(t *testing.T) {
	r, b := stbl(
		box("stsz", 0, 0, 5, 10, 20, 30, 40, 50),
		box("stsc", 0, 2, 1, 2, 1, 3, 1, 2),
		box("co64", 0, 3, uint64(1000), uint64(5<<32), uint64(2000)),
		box("stts", 0, 2, 2, 100, 3, 7))
	tab, err := ReadTables(r, b)
	if err != nil {
		t.Fatal(err)
	}
	var chunks []Chunk
	for c, err := range tab.Chunks() {
		if err != nil {
			t.Fatal(err)
		}
		chunks = append(chunks, c)
	}
	want := []Chunk{{1000, 30, 0, 2, 1}, {5 << 32, 70, 2, 2, 1}, {2000, 50, 4, 1, 2}}
	for i := range want {
		if i >= len(chunks) || chunks[i] != want[i] {
			t.Fatalf("chunks %+v, want %+v", chunks, want)
		}
	}
}

func TestSamples(t *testing.T) {
	r, b := stbl(
		box("stz2", 0, 4, 3, "\x12\x30"),
		box("stsc", 0, 1, 1, 2, 1),
		box("stco", 0, 2, 4, 20),
		box("stts", 0, 2, 1, 100, 2, 7))
	tab, err := ReadTables(r, b)
	if err != nil {
		t.Fatal(err)
	}
	want := []Sample{{0, 4, 1, 0, 100, 1}, {1, 5, 2, 100, 7, 1}, {2, 20, 3, 107, 7, 1}}
	i := 0
	for s, err := range tab.Samples() {
		if err != nil || i == len(want) || s != want[i] {
			t.Fatalf("sample %d: %+v, %v", i, s, err)
		}
		i++
	}
	if i != len(want) {
		t.Fatal(i, "samples")
	}
}

// TestHostileTables: no claim costs more than looking at it.
func TestHostileTables(t *testing.T) {
	for name, parts := range map[string][]any{
		"sizes":       {box("stsz", 0, 0, -1), box("stsc", 0, 1, 1, 1, 1), box("stco", 0, 1, 8)},
		"chunks":      {box("stsz", 0, 1, 1), box("stsc", 0, 1, 1, 1, 1), box("stco", 0, -1, 8)},
		"wide chunks": {box("stsz", 0, 1, 1), box("stsc", 0, 1, 1, 1, 1), box("co64", 0, 0x20000001, 8)},
		"runs":        {box("stsz", 0, 1, 1), box("stsc", 0, -1, 1, 1, 1), box("stco", 0, 1, 8)},
		"times":       {box("stsz", 0, 1, 1), box("stsc", 0, 1, 1, 1, 1), box("stco", 0, 1, 8), box("stts", 0, -1)},
		"twice":       {box("stsz", 0, 1, 1), box("stz2", 0, 4, 0)},
		"no runs":     {box("stsz", 0, 1, 1), box("stco", 0, 1, 8)},
		"odd bits":    {box("stz2", 0, 3, 1, 0)},
		"empty":       {box("stsz")},
	} {
		r, b := stbl(parts...)
		if _, err := ReadTables(r, b); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, parts := range map[string][]any{
		"runs go back":    {box("stsz", 0, 1, 9), box("stsc", 0, 2, 1, 1, 1, 1, 1, 1), box("stco", 0, 3, 1, 2, 3)},
		"runs begin late": {box("stsz", 0, 1, 9), box("stsc", 0, 1, 2, 1, 1), box("stco", 0, 3, 1, 2, 3)},
		"offset":          {box("stsz", 0, 1, 9), box("stsc", 0, 1, 1, 1, 1), box("co64", 0, 1, uint64(math.MaxUint64))},
	} {
		r, b := stbl(parts...)
		tab, err := ReadTables(r, b)
		if err != nil {
			t.Fatal(err)
		}
		for _, err = range tab.Chunks() {
		}
		if !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// 2^32 samples in one chunk: the walk over samples ends with the file.
	r, b := stbl(box("stsz", 0, 1, -1), box("stsc", 0, 1, 1, -1, 1), box("stco", 0, 1, 8))
	tab, err := ReadTables(r, b)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, err = range tab.Samples() {
		n++
	}
	if !errors.Is(err, io.ErrUnexpectedEOF) || n > int(r.Size()) {
		t.Error(n, err)
	}
}

func TestRuns(t *testing.T) {
	traf := func(id int, parts ...any) []byte {
		return box("traf", append([]any{box("tfhd", tfhdMoof, id)}, parts...)...)
	}
	moof := box("moof",
		traf(1, box("tfdt", 0, 1000), box("trun", trunOffset|trunSize|trunDur, 2, 500, 5, 10, 6, 20), box("trun", trunSize, 1, 7)),
		traf(2, box("trun", trunOffset, 3, 700)))
	file := append(make([]byte, 100), moof...)
	file = append(file, make([]byte, 1000)...)
	in := bytes.NewReader(file)
	b, _ := Read(in, 100, int64(len(file)))
	var got []Run
	for r, err := range Runs(in, b, []Defaults{{Track: 1, Dur: 3}, {Track: 2, Size: 4, Dur: 1}}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r)
	}
	if len(got) != 3 {
		t.Fatalf("%+v", got)
	}
	for i, want := range []Run{{Track: 1, Off: 600, Size: 30, Count: 2, Time: 1000}, {Track: 1, Off: 630, Size: 7, Count: 1, Time: 1011}, {Track: 2, Off: 800, Size: 12, Count: 3}} {
		g := got[i]
		if g.Track != want.Track || g.Off != want.Off || g.Size != want.Size || g.Count != want.Count || g.Time != want.Time {
			t.Errorf("run %d: %+v, want %+v", i, g, want)
		}
	}
	var sizes []int64
	for s, err := range got[0].Samples() {
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, s.Off, s.Size, s.Time)
	}
	for i, want := range []int64{600, 10, 1000, 610, 20, 1005} {
		if sizes[i] != want {
			t.Fatal(sizes)
		}
	}
}

// TestSound: the size of old QuickTime sound is that of its description.
func TestSound(t *testing.T) {
	for _, c := range []struct {
		u        unit
		n, fixed int64
		want     int64
	}{
		{unit{}, 10, 1, 10}, {unit{1, 4, true}, 10, 1, 40}, {unit{1, 4, true}, 10, 4, 40}, {unit{64, 34, false}, 128, 1, 68},
		{unit{1024, 2, false}, 10, 300, 3000}, {unit{1, 2, true}, 10, 4, 40},
	} {
		if got := c.u.length(c.n, c.fixed); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
}

// TestCorpus walks the tracks of real files: chunks and samples agree, and in a
// file that is whole every sample lies in media data.
func TestCorpus(t *testing.T) {
	for _, name := range corpus.Files(t, "media/video") {
		if ext := filepath.Ext(name); ext != ".mp4" && ext != ".mov" && ext != ".3gp" {
			continue
		}
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		in := bytes.NewReader(b)
		moov, ok, err := Find(in, Box{End: int64(len(b))}, "moov")
		if err != nil || !ok {
			t.Fatal(name, err)
		}
		tracks := 0
		for x, err := range Boxes(in, moov.Body, moov.End) {
			if err != nil {
				t.Fatal(err)
			}
			if x.Type != "trak" {
				continue
			}
			track, err := ReadTrack(in, x)
			if err != nil {
				t.Fatal(name, err)
			}
			tracks++
			walkTrack(t, name, in, track)
		}
		if tracks == 0 {
			t.Error(name, "has no tracks")
		}
	}
}

func walkTrack(t *testing.T, name string, in input.Input, track *Track) {
	t.Helper()
	if track.ID == 0 || track.Handler == "" || track.Timescale == 0 || track.Format() == "" {
		t.Errorf("%s: %+v", name, track)
	}
	var count, size int64
	for c, err := range track.Chunks() {
		if err != nil {
			t.Fatal(name, err)
		}
		count += c.Count
		size += c.Size
	}
	if count != track.Count() {
		t.Errorf("%s: track %d: %d samples in chunks, %d in all", name, track.ID, count, track.Count())
	}
	var sum, last int64
	for s, err := range track.Samples() {
		if errors.Is(err, io.ErrUnexpectedEOF) { // two files of the corpus are cut
			return
		}
		if err != nil || s.Time < last {
			t.Fatal(name, err)
		}
		last = s.Time
		sum += s.Size
	}
	if sum != size {
		t.Errorf("%s: track %d: samples have %d bytes, chunks %d", name, track.ID, sum, size)
	}
}

func FuzzTables(f *testing.F) {
	f.Add(box("trak", box("tkhd", 0, 0, 0, 1), box("mdia", box("hdlr", 0, 0, "soun", 0), box("minf", box("stbl",
		box("stsd", 0, 1, box("twos", 0, 1, 0, 0, 0x20010, 0, 0)), box("stsz", 0, 1, 9), box("stsc", 0, 1, 1, 4, 1), box("stco", 0, 3, 1, 2, 3), box("stts", 0, 1, 9, 1))))))
	f.Add(box("moof", box("traf", box("tfhd", tfhdMoof, 1), box("trun", trunOffset|trunSize, 2, 5, 5, 6))))
	f.Fuzz(func(t *testing.T, b []byte) {
		in := bytes.NewReader(b)
		x, err := Read(in, 0, int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		work := 0
		for r, err := range Runs(in, x, nil) {
			if err != nil {
				break
			}
			for range r.Samples() {
				work++
			}
		}
		track, err := ReadTrack(in, x)
		if err != nil {
			return
		}
		for range track.Chunks() {
			work++
		}
		for range track.Samples() {
			work++
		}
		if work > 8*len(b)+16 {
			t.Errorf("%d bytes cost %d steps", len(b), work)
		}
	})
}
