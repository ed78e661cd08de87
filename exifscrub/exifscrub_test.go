package exifscrub

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestApply(t *testing.T) {
	in := strings.NewReader("keep[GPS]keep[SERIAL]end")
	var out bytes.Buffer
	err := Apply(&out, in, Seq([]Edit{{Off: 4, Len: 5}, {Off: 13, Len: 8, With: []byte("x")}, {Off: 21, Len: 1, Zero: true}}))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "keepkeepx\x00nd"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, bad := range [][]Edit{
		{{Off: 4, Len: 5}, {Off: 6, Len: 1}},
		{{Off: 99, Len: 1}},
		{{Off: 4, Len: -1}},
		{{Off: 20, Len: 1 << 62}},
	} {
		if err := Apply(&out, in, Seq(bad)); err == nil {
			t.Errorf("%+v accepted", bad)
		}
	}
}

func TestPatchKeepsSize(t *testing.T) {
	if err := Patch(nil, 10, Seq([]Edit{{Off: 1, Len: 2, With: []byte("x")}})); err == nil {
		t.Error("an edit that shortens the file was accepted")
	}
}

// TestPatchset compares with painting bytes one by one.
func TestPatchset(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const size = 40
		in := bytes.Repeat([]byte("."), size)
		want := bytes.Clone(in)
		var p Patchset
		type op struct{ off, n int }
		draw := rapid.Custom(func(t *rapid.T) op {
			off := rapid.IntRange(0, size-1).Draw(t, "off")
			return op{off, rapid.IntRange(0, size-off).Draw(t, "n")}
		})
		for _, z := range rapid.SliceOfN(draw, 0, 5).Draw(t, "zeros") {
			p.Zero(int64(z.off), int64(z.n))
			clear(want[z.off : z.off+z.n])
		}
		for i, s := range rapid.SliceOfN(draw, 0, 5).Draw(t, "sets") {
			b := bytes.Repeat([]byte{byte('a' + i)}, s.n)
			p.Set(int64(s.off), b)
			copy(want[s.off:], b)
		}
		var out bytes.Buffer
		if err := Apply(&out, bytes.NewReader(in), Seq(p.Edits())); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(out.Bytes(), want) {
			t.Fatalf("got %q, want %q", out.Bytes(), want)
		}
	})
}

func TestSpanned(t *testing.T) {
	parent := strings.NewReader("..abc..de.f")
	spans := []Span{{Off: 2, Len: 3}, {Off: 7, Len: 2}, {Off: 10, Len: 1}}
	child := &spanned{parent, spans, 6}
	b := make([]byte, 4)
	if n, err := child.ReadAt(b, 2); n != 4 || err != nil || string(b) != "cdef" {
		t.Fatalf("%q %d %v", b, n, err)
	}
	if n, err := child.ReadAt(b, 4); n != 2 || err == nil {
		t.Errorf("read past the end: %d %v", n, err)
	}
	got := rebaseEdits(spans, []Edit{{Off: 2, Len: 3, With: []byte("XYZ")}})
	want := []Edit{{Off: 4, Len: 1, With: []byte("X")}, {Off: 7, Len: 2, With: []byte("YZ")}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
