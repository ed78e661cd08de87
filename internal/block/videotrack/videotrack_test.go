package videotrack_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"flightveil/internal/block/videotrack"
	"flightveil/internal/input"
)

// The videos are those of a log format, which uses all that is here.
func video(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("../../../logfmt/djmeta/testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func open(t *testing.T, b []byte) *videotrack.Video {
	t.Helper()
	v, err := videotrack.Open(bytes.NewReader(b), input.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func samples(v *videotrack.Video, formats ...string) (out []videotrack.Sample, err error) {
	for s, e := range v.Samples(formats...) {
		if e != nil {
			err = e
			continue
		}
		out = append(out, s)
	}
	return out, err
}

func TestSamples(t *testing.T) {
	for name, want := range map[string][2]int{"both-tracks.mov": {5 + 3, 2}, "fragmented.mp4": {5, 1}, "Air3s.mp4": {4, 1}} {
		b := video(t, name)
		v := open(t, b)
		if !v.Has("djmd") || v.Has("gpmd") {
			t.Errorf("%s: tracks", name)
		}
		got, err := samples(v, "djmd")
		if err != nil || len(got) != want[0] || got[len(got)-1].Track != want[1]-1 {
			t.Errorf("%s: %d samples, %v", name, len(got), err)
		}
		frame := 0
		for i, s := range got {
			if i > 0 && s.Track != got[i-1].Track {
				frame = 0
			}
			if s.Time != time.Duration(frame)*40*time.Millisecond || s.Dur != 40*time.Millisecond || s.Format != "djmd" {
				t.Errorf("%s: sample %d at %v for %v", name, i, s.Time, s.Dur)
			}
			if c := b[s.Off]; c != 0x0A && c != 0x1A { // clip or frame
				t.Errorf("%s: sample %d begins with %#x", name, i, c)
			}
			frame++
		}
	}
	if v := open(t, video(t, "Air3s.mp4")); !v.Created.Equal(time.Date(2031, 7, 19, 4, 47, 53, 0, time.UTC)) {
		t.Error(v.Created)
	}
}

func TestDamaged(t *testing.T) {
	b := video(t, "Air3s.mp4")
	i := bytes.Index(b, []byte("stsc"))
	binary.BigEndian.PutUint32(b[i+8:], 0xFFFF)
	v := open(t, b)
	if !v.Has("djmd") || len(v.Damaged("djmd")) != 1 || len(v.Damaged("gpmd")) != 0 {
		t.Error("a track whose index makes no sense")
	}
	if got, err := samples(v, "djmd"); len(got) > 0 || err != nil {
		t.Error(got, err)
	}
	cut := video(t, "damaged-cut.mp4")
	if got, err := samples(open(t, cut), "djmd"); len(got) == 0 || err == nil {
		t.Error(len(got), err)
	}
	for name, b := range map[string][]byte{"nothing": nil, "no video": []byte("%PDF-1.7 and so on"), "no index": b[:100]} {
		if _, err := videotrack.Open(bytes.NewReader(b), input.Limits{}); !errors.Is(err, videotrack.ErrNone) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Samples that lie on each other do not make a small file a long one.
func TestOverlap(t *testing.T) {
	b := video(t, "both-tracks.mov")
	i := bytes.LastIndex(b, []byte("stsz"))
	n := binary.BigEndian.Uint32(b[i+12:])
	for k := range n {
		binary.BigEndian.PutUint32(b[i+16+int(4*k):], uint32(len(b)-600))
		c := bytes.LastIndex(b, []byte("stco"))
		binary.BigEndian.PutUint32(b[c+12+int(4*k):], 0)
	}
	if _, err := samples(open(t, b), "djmd"); !errors.Is(err, input.ErrLimit) {
		t.Error(err)
	}
}

func TestStarts(t *testing.T) {
	b := video(t, "Air3s.mp4")
	v := open(t, b)
	if s, _ := samples(v, "djmd"); !v.Starts(b[s[0].Off:s[0].Off+4], "djmd") || v.Starts([]byte("DEVC"), "djmd") {
		t.Error("the beginnings of samples")
	}
	boxed := slices.Concat(b[:4], []byte("skip"), b[8:])
	if !videotrack.Begins(boxed) || videotrack.Begins([]byte("RIFF....")) {
		t.Error("the beginnings of videos")
	}
}
