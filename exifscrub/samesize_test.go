package exifscrub

import (
	"bytes"
	"errors"
	"testing"

	"flightveil/internal/input"

	"pgregory.net/rapid"
)

// TestSameSize compares with Apply: edits that even out do the same in place,
// and only those are taken.
func TestSameSize(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(0, 300_000).Draw(t, "size")
		in := make([]byte, size)
		for i := range in {
			in[i] = byte(i * 2654435761 >> 13)
		}
		var edits []Edit
		shift, pos := 0, 0
		for range rapid.IntRange(0, 6).Draw(t, "edits") {
			off := rapid.IntRange(pos, size).Draw(t, "off")
			n := rapid.IntRange(0, min(size-off, 40)).Draw(t, "n")
			e := Edit{Off: int64(off), Len: int64(n)}
			switch rapid.IntRange(0, 2).Draw(t, "kind") {
			case 0:
				e.Zero = true
			case 1:
				e.With = bytes.Repeat([]byte("x"), rapid.IntRange(0, 40).Draw(t, "with"))
			}
			edits = append(edits, e)
			shift += int(e.NewLen() - e.Len)
			pos = off + n
		}
		if shift < 0 && rapid.Bool().Draw(t, "fill") {
			edits = append(edits, Edit{Off: int64(size), With: make([]byte, -shift)})
			shift = 0
		}
		var want bytes.Buffer
		if err := Apply(&want, input.Bytes(in), Seq(edits)); err != nil {
			t.Fatal(err)
		}
		got := patched(bytes.Clone(in))
		err := Patch(got, int64(size), SameSize(input.Bytes(in), Seq(edits)))
		switch {
		case shift < 0 && !errors.Is(err, ErrResize), shift > 0 && err == nil:
			t.Fatalf("edits that make the file %d longer: %v", shift, err)
		case shift == 0 && (err != nil || !bytes.Equal(got, want.Bytes())):
			t.Fatal("differs from a copy", err)
		}
	})
}

type patched []byte

func (p patched) WriteAt(b []byte, off int64) (int, error) { return copy(p[off:], b), nil }
