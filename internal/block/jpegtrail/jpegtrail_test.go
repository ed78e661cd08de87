package jpegtrail_test

import (
	"bytes"
	"encoding/binary"
	"testing"

	"flightveil/internal/block/jpegtrail"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

func parse(t *testing.T, b []byte, from int64) []jpegtrail.Piece {
	t.Helper()
	pieces, err := jpegtrail.Parse(bytes.NewReader(b), from, input.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	covered(t, pieces, from, int64(len(b)))
	return pieces
}

// covered checks that pieces are in order and leave no byte out.
func covered(t *testing.T, pieces []jpegtrail.Piece, from, to int64) {
	t.Helper()
	for _, p := range pieces {
		if p.Span.Off != from || p.Span.Len <= 0 {
			t.Fatalf("%s at %v, want it at %d", p.Name, p.Span, from)
		}
		for _, f := range p.Fields {
			for _, s := range f.Spans {
				if s.Off < p.Span.Off || s.End() > p.Span.End() || s.Len < 0 {
					t.Fatalf("%s/%s at %v outside %v", p.Name, f.Name, s, p.Span)
				}
			}
		}
		from = p.Span.End()
	}
	if from != to {
		t.Fatalf("pieces end at %d of %d", from, to)
	}
}

func names(pieces []jpegtrail.Piece) (out []string) {
	for _, p := range pieces {
		out = append(out, p.Name)
	}
	return out
}

type entry struct {
	kind  uint16
	name  string
	value []byte
}

// seft builds a Samsung trailer.
func seft(entries ...entry) []byte {
	le := binary.LittleEndian
	var data, dir []byte
	var offs []int
	for _, e := range entries {
		offs = append(offs, len(data))
		data = le.AppendUint16(data, 0)
		data = le.AppendUint16(data, e.kind)
		data = le.AppendUint32(data, uint32(len(e.name)))
		data = append(append(data, e.name...), e.value...)
	}
	offs = append(offs, len(data))
	dir = append(dir, "SEFH"...)
	dir = le.AppendUint32(dir, 107)
	dir = le.AppendUint32(dir, uint32(len(entries)))
	for i, e := range entries {
		dir = le.AppendUint16(dir, 0)
		dir = le.AppendUint16(dir, e.kind)
		dir = le.AppendUint32(dir, uint32(len(data)-offs[i]))
		dir = le.AppendUint32(dir, uint32(offs[i+1]-offs[i]))
	}
	out := append(data, dir...)
	out = le.AppendUint32(out, uint32(len(dir)))
	return append(out, "SEFT"...)
}

// mp4 is the smallest video that looks like one.
func mp4() []byte {
	return []byte("\x00\x00\x00\x10ftypisom\x00\x00\x00\x00\x00\x00\x00\x08moov")
}

// jpg is a picture whose scan holds a restart marker and a stuffed byte.
func jpg() []byte {
	return []byte("\xFF\xD8\xFF\xE0\x00\x04AB\xFF\xDA\x00\x04CD\x12\xFF\x00\x34\xFF\xD0\x56\xFF\xD9")
}

func TestSamsung(t *testing.T) {
	b := append([]byte("picture"), seft(
		entry{0x0A01, "Image_UTC_Data", []byte("1958690873123")},
		entry{0x0A30, "MotionPhoto_Data", mp4()},
		entry{0x0AA1, "MCC_Data", []byte("204")},
		entry{0x0FFF, "Something_New", []byte{1, 2, 3}},
	)...)
	pieces := parse(t, b, 7)
	want := map[string]privacy.Class{"TimeStamp": privacy.Time, "MCCData": privacy.Place, "Something_New": privacy.MakerNote}
	video := false
	for _, p := range pieces {
		if p.Group != 1 {
			t.Errorf("%s is not in the group", p.Name)
		}
		for _, f := range p.Fields {
			if want[f.Name] != f.Class {
				t.Errorf("%s is %s", f.Name, f.Class)
			}
			delete(want, f.Name)
			if f.Name == "TimeStamp" && f.Value.Reveal() != "2032-01-26T00:47:53.123Z" {
				t.Errorf("time stamp %s", f.Value.Reveal())
			}
		}
		if p.Child {
			video = true
			if got := b[p.Span.Off:p.Span.End()]; !bytes.Equal(got, mp4()) || p.Name != "Samsung/MotionPhoto_Data/EmbeddedVideoFile" {
				t.Errorf("child %s is %q", p.Name, got)
			}
		}
	}
	if len(want) > 0 || !video {
		t.Errorf("not found: %v, video %v", want, video)
	}
}

func TestPlainParts(t *testing.T) {
	b := []byte("stale memory")
	b = append(b, jpg()...)
	b = append(b, make([]byte, 100)...)
	b = append(b, mp4()...)
	b = append(b, `{"phone":"x","mode":"portrait"}`...)
	b = append(b, 0, 0, 0)
	pieces := parse(t, b, 0)
	want := []string{"trailer", "JPEG", jpegtrail.Padding, "MP4", "JSON", jpegtrail.Padding}
	if got := names(pieces); len(got) != len(want) {
		t.Fatalf("%q, want %q", got, want)
	}
	for i, p := range pieces {
		if p.Name != want[i] {
			t.Fatalf("%q, want %q", names(pieces), want)
		}
	}
	if got := b[pieces[3].Span.Off:pieces[3].Span.End()]; !bytes.Equal(got, mp4()) {
		t.Errorf("video is %q", got)
	}
	if got := b[pieces[1].Span.Off:pieces[1].Span.End()]; !bytes.Equal(got, jpg()) {
		t.Errorf("picture is %q", got)
	}
}

func TestNothing(t *testing.T) {
	if p := parse(t, []byte("picture"), 7); len(p) != 0 {
		t.Error(p)
	}
	if _, err := jpegtrail.Parse(bytes.NewReader(nil), 1, input.Limits{}); err == nil {
		t.Error("an offset behind the end is accepted")
	}
}
