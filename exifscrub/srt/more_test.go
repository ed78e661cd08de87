package srt_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"flightveil/exifscrub"
	"flightveil/exifscrub/scrubtest"
	"flightveil/exifscrub/srt"
	"flightveil/internal/corpus"
	"flightveil/internal/geo"
)

func samples(t *testing.T) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob("testdata/*.[savt]*")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, n := range names {
		if strings.HasSuffix(n, ".golden") {
			continue
		}
		if out[n], err = os.ReadFile(n); err != nil {
			t.Fatal(err)
		}
	}
	if len(out) < 30 {
		t.Fatal("only", len(out), "samples")
	}
	return out
}

// Nothing moves: a copy has the size, the lines and the times of its original.
func TestStructure(t *testing.T) {
	times := regexp.MustCompile(`(?m)^\d[\d:,.]* --> [\d:,.]*`)
	for name, b := range samples(t) {
		for _, profile := range []string{"public", "area", "mapping"} {
			clean := scrubtest.Scrub(t, srt.Format{}, b, profile)
			if len(clean) != len(b) || bytes.Count(clean, []byte("\n")) != bytes.Count(b, []byte("\n")) {
				t.Errorf("%s, %s: the size or the lines change", name, profile)
			}
			if fmt.Sprint(times.FindAllString(string(b), -1)) != fmt.Sprint(times.FindAllString(string(clean), -1)) {
				t.Errorf("%s, %s: the times of the captions change", name, profile)
			}
		}
	}
}

// Players read as many captions as before, at the same times.
func TestPlayers(t *testing.T) {
	ffprobe, err := exec.LookPath("ffprobe")
	if err != nil {
		t.Skip("no ffprobe")
	}
	packets := func(name string, b []byte) string {
		path := filepath.Join(t.TempDir(), filepath.Base(name))
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(ffprobe, "-v", "error", "-show_entries", "packet=pts_time,duration_time", "-of", "csv", path).Output()
		if err != nil {
			return "unreadable"
		}
		return string(out)
	}
	read := 0
	for name, b := range samples(t) {
		if strings.Contains(name, "no-range") || strings.Contains(name, "garbage") {
			continue // no times, so that no player shows it; zeros, without which ffprobe reads more than before
		}
		before := packets(name, b)
		if before == "unreadable" {
			continue
		}
		read++
		for _, profile := range []string{"public", "area"} {
			if after := packets(name, scrubtest.Scrub(t, srt.Format{}, b, profile)); after != before {
				t.Errorf("%s, %s: ffprobe reads\n%s\nand read\n%s", name, profile, after, before)
			}
		}
	}
	if read < 25 {
		t.Errorf("ffprobe reads only %d samples: this proves nothing", read)
	}
}

// Under the profile area every position of a file is one and the same cell.
func TestCell(t *testing.T) {
	number := regexp.MustCompile(`\[latitude *: ?(-?[\d.]+) *\] \[longt?itude *: ?(-?[\d.]+) *\]`)
	for _, name := range []string{"mavic3.srt", "mavic2-zoom.srt", "bare.srt", "m30-thermal.srt"} {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		want := geo.Point{Lat: scrubtest.Lat, Lon: scrubtest.Lon}.Cell(1000)
		found := number.FindAllStringSubmatch(string(scrubtest.Scrub(t, srt.Format{}, b, "area")), -1)
		if len(found) != 4 {
			t.Errorf("%s: %d positions", name, len(found))
		}
		for _, m := range found {
			lat, _ := strconv.ParseFloat(m[1], 64)
			lon, _ := strconv.ParseFloat(m[2], 64)
			if (geo.Point{Lat: lat, Lon: lon}).Distance(want) > 1 {
				t.Errorf("%s: %s %s is not %v", name, m[1], m[2], want)
			}
		}
	}
	for name, want := range map[string]string{
		"autel-evo2.srt":            "GPS(W: 132.451", // a cell's longitude keeps its letter
		"matrice300.srt":            "0.0M)",          // the form that tells the order
		"mavic-pro.srt":             "2031.07.19 00:00:00",
		"avata2-latitude-first.srt": "GPS(-41.38",
	} {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		clean := string(scrubtest.Scrub(t, srt.Format{}, b, "area"))
		if !strings.Contains(clean, want) && !(name == "autel-evo2.srt" && strings.Contains(clean, "GPS(W: 132.4")) {
			t.Errorf("%s: no %q in\n%s", name, want, clean)
		}
		if strings.Contains(clean, "HOME") || strings.Contains(clean, "BAROMETER") {
			t.Errorf("%s: home or height is left in\n%s", name, clean)
		}
	}
}

// Settings of the camera stay as they are.
func TestKept(t *testing.T) {
	b, err := os.ReadFile("testdata/mini5pro.srt")
	if err != nil {
		t.Fatal(err)
	}
	clean := string(scrubtest.Scrub(t, srt.Format{}, b, "public"))
	for _, s := range []string{`<font size="28">FrameCnt: 1, DiffTime: 41ms,`, "[iso: 200] [shutter: 1/6400.0] [fnum: 1.9] [ev: 0] [color_md: dlog_m] [focal_len: 28.00] [dzoom_ratio: 1.00]", "</font>"} {
		if !strings.Contains(clean, s) {
			t.Errorf("%q is gone from\n%s", s, clean)
		}
	}
	for _, s := range []string{"FrameId", "rel_alt", "gb_yaw", "pp_target", "2031"} {
		if strings.Contains(clean, s) {
			t.Errorf("%q is still there", s)
		}
	}
}

// A long recording makes as few findings as a short one, and small edits.
func TestMany(t *testing.T) {
	one, err := os.ReadFile("testdata/mavic3.srt")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	for i := range 20_000 {
		b.WriteString(strings.Replace(string(one), "-41.387", fmt.Sprintf("-41.%03d", i%1000), 4))
	}
	plan, err := exifscrub.Scan(t.Context(), scrubtest.Job(t, "public"), srt.Format{}, bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.Findings) > 2000 {
		t.Errorf("%d findings", len(plan.Findings))
	}
	for e, err := range plan.Edits() {
		if err != nil || e.Len > 64<<10 {
			t.Fatal(e.Len, err)
		}
	}
}

func TestCorpus(t *testing.T) {
	n := 0
	for _, name := range corpus.Files(t, "media/sidecar") {
		if strings.HasSuffix(name, ".srt") {
			scrubtest.Real(t, srt.Format{}, name)
			n++
		}
	}
	if n == 0 {
		t.Error("no captions in the corpus")
	}
}

func BenchmarkScan(b *testing.B) {
	one, err := os.ReadFile("testdata/mini5pro.srt")
	if err != nil {
		b.Fatal(err)
	}
	in := bytes.Repeat(one, 4<<20/len(one))
	job := scrubtest.Job(b, "public")
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		if _, err := exifscrub.Scan(b.Context(), job, srt.Format{}, bytes.NewReader(in)); err != nil {
			b.Fatal(err)
		}
	}
}
